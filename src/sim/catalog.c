/* SPDX-License-Identifier: Apache-2.0
 *
 * What the made-up floor sells and has: two products on two papers, one model, two printers.
 */
#include "sim/own.h"
#include <stdio.h>
#include <string.h>

#define PROFILE_HASH "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

static const struct media media[SIM_PRODUCTS] = {
	{.name = "4x6-glossy",
		.title = "4x6 glossy",
		.width_hmm = 10160,
		.height_hmm = 15240,
		.size_name = "na_index-4x6_4x6in",
		.type = "photographic-glossy",
		.finish = "glossy"},
	{.name = "5x7-lustre",
		.title = "5x7 lustre",
		.width_hmm = 12700,
		.height_hmm = 17780,
		.size_name = "na_5x7_5x7in",
		.type = "photographic-satin",
		.finish = "lustre"},
};

static void make_product(struct product *product, const struct media *on)
{
	*product = (struct product){.version = 1,
		.width_hmm = on->width_hmm,
		.height_hmm = on->height_hmm,
		.fit = FIT_FILL,
		.black_point = true,
		.warn_ppi = 200,
		.hold_ppi = 100,
		.copies_max = 20,
		.duplicates = DUPLICATES_REPRINT, /* the order's wish is stricter */
		.may_crop = true,
		.n_media = 1};
	memcpy(product->sku, on->name, sizeof product->sku);
	memcpy(product->title, on->title, sizeof product->title);
	memcpy(product->finish, on->finish, sizeof product->finish);
	memcpy(product->media[0], on->name, sizeof product->media[0]);
}

static void make_model(struct sim *sim)
{
	sim->model = (struct model){.name = "sim-printer",
		.title = "Made-up printer",
		.driver = "sim",
		.x_dpi = 300,
		.y_dpi = 300,
		.formats = {FORMAT_PWG},
		.n_formats = 1,
		.copies_per_attempt =
			sim->conf.copies_per_attempt > 0 ? sim->conf.copies_per_attempt : 1,
		.ms_per_print = sim->conf.ms_per_print > 0 ? sim->conf.ms_per_print : 8000,
		.counts_impressions = true,
		.has_counters = true,
		.counter_lag_ms = sim->conf.counter_lag_ms,
		.n_media = SIM_PRODUCTS};
	for (int32_t i = 0; i < SIM_PRODUCTS; i++) {
		struct model_media *on = &sim->model.media[i];
		*on = (struct model_media){.profile = "made-up", .profile_sha256 = PROFILE_HASH};
		memcpy(on->media, media[i].name, sizeof on->media);
	}
}

void sim_raise_version(struct sim *sim, const char *sku)
{
	for (int32_t i = 0; i < SIM_PRODUCTS; i++) {
		sim->products[i].version += strcmp(sim->products[i].sku, sku) == 0;
	}
}

void sim_forget_media(struct sim *sim, const char *name)
{
	struct model *model = &sim->model;
	for (int32_t i = 0; i < model->n_media; i++) {
		if (strcmp(model->media[i].media, name) == 0) {
			model->media[i] = model->media[--model->n_media];
			return;
		}
	}
}

static void make_printer(struct sim *sim, int32_t i)
{
	sim->printers[i] = (struct printer_conf){
		.model = "sim-printer", .uri = "sim:", .exclusive = true, .poll_ms = 2000};
	snprintf(sim->printers[i].name, sizeof sim->printers[i].name, "P%d", (int)i + 1);
	struct machine *machine = &sim->machines[i];
	machine->at = i;
	machine->life = 1000 * (i + 1);
	machine->open.jam_after = -1;
	snprintf(machine->uuid, sizeof machine->uuid, "sim-%d", (int)i + 1);
	memcpy(machine->open.media, media[i % SIM_PRODUCTS].name, sizeof machine->open.media);
}

void sim_floor(struct sim *sim)
{
	memcpy(sim->media, media, sizeof media);
	for (int32_t i = 0; i < SIM_PRODUCTS; i++) {
		make_product(&sim->products[i], &media[i]);
	}
	if (sim->conf.labels) {
		sim->products[0].border_hmm = 500;
		sim->products[0].label =
			(struct product_label){LABEL_BORDER, "{order} {page}/{pages}", 200};
	}
	make_model(sim);
	for (int32_t i = 0; i < sim->conf.printers; i++) {
		make_printer(sim, i);
	}
	sim->catalog = (struct catalog){.products = sim->products,
		.media = sim->media,
		.models = &sim->model,
		.printers = sim->printers,
		.n_products = SIM_PRODUCTS,
		.n_media = SIM_PRODUCTS,
		.n_models = 1,
		.n_printers = sim->conf.printers,
		.routines = sim->conf.routines,
		.n_routines = sim->conf.n_routines};
	sim->farm_conf = (struct farm_conf){.floor = "sim-floor",
		.signatures = sim->conf.signatures,
		.agent = "platen-sim/1",
		.has_cloud = !sim->conf.no_cloud,
		.ceilings = {.copies_per_job = 50,
			.copies_per_hour =
				sim->conf.copies_per_hour > 0 ? sim->conf.copies_per_hour : 500},
		.want_s = 600,
		.permit_ahead_s = 900,
		.offline_s = sim->conf.offline_s > 0 ? sim->conf.offline_s : 7200,
		.keep_ms = 86400000,
		.rasters_bytes = sim->conf.rasters_bytes};
	for (int i = 0; i < PICTURE_FORMATS; i++) {
		sim->farm_conf.formats[i] = (struct picture_policy){.taken = true,
			.limits = {.file_bytes = 50000000,
				.pixels = 100000000,
				.side_px = 30000,
				.cpu_seconds = 60,
				.memory_bytes = 1000000000}};
	}
}

const struct printer_conf *sim_printer_conf(const struct sim *sim, int32_t at)
{
	return &sim->printers[at];
}

void sim_printer_remove(struct sim *sim)
{
	sim->catalog.n_printers--;
}
