/* SPDX-License-Identifier: Apache-2.0
 *
 * The render workers, made up: facts and rasters that could be true, after a delay. The raster's
 * file is real, in the real spool.
 */
#include "sim/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WARM_MS    100
#define INSPECT_MS 100
#define RENDER_MS  500

struct bench { /* one rendering or inspection under way */
	struct sim *sim;
	struct render_ask ask;
	struct sim_met met;
	struct render_result result;
};

static void fill_facts(struct bench *bench)
{
	bench->result.facts = (struct facts){.format = "jpeg",
		.width_px = 2400,
		.height_px = 3600,
		.orientation = 1,
		.channels = 3,
		.bits = 8,
		.pictures = 1,
		.source = SOURCE_ASSUMED_SRGB};
}

static void tell(struct sim *sim, void *data)
{
	struct bench *bench = data;
	farm_crew_hears.rendered(sim->farm, bench->ask.job_row, bench->ask.page,
		bench->ask.task.what, bench->ask.raster_name, &bench->result);
	if (bench->met.wrong && bench->met.how == SIM_TWICE) {
		bench->met.wrong = false;
		sim_later(sim, bench->met.late_ms, true, tell, free, bench);
		return;
	}
	free(bench);
}

static void on_kept(void *context, int64_t id, const char *name, const struct err *err)
{
	struct bench *bench = context;
	(void)id;
	(void)name;
	if (bench->sim->dying) {
		free(bench);
		return;
	}
	if (err != NULL) {
		bench->result.fine = false;
		bench->result.err = *err;
	}
	sim_later(bench->sim, 0, true, tell, free, bench);
}

/* The order whose file it is decides the resolution. */
static int32_t ppi_of(const struct sim *sim, const char *sha256)
{
	char text[128];
	const struct sim_job *job = sim_asset_job(sim, sha256, text);
	return job == NULL ? 300 : job->ppi;
}

static bool make_raster(struct bench *bench, int *fd, struct err *err)
{
	struct sim *sim = bench->sim;
	const struct recipe *recipe = &bench->ask.task.recipe;
	struct raster *raster = &bench->result.raster;
	char text[160];
	int len = snprintf(text, sizeof text, "raster %.64s", bench->ask.raster_name);
	*raster = (struct raster){.bytes = len,
		.width_px = recipe->width_px,
		.height_px = recipe->height_px,
		.x_dpi = recipe->x_dpi,
		.y_dpi = recipe->y_dpi,
		.format = recipe->format,
		.effective_ppi = ppi_of(sim, bench->ask.asset_sha256)};
	hash_hex_of(text, (size_t)len, raster->sha256);
	watch_raster(sim, recipe, bench->ask.raster_name, raster->sha256);
	memcpy(raster->pixels_sha256, raster->sha256, sizeof raster->pixels_sha256);
	memcpy(raster->source_profile_sha256, recipe->profile_sha256,
		sizeof raster->source_profile_sha256);
	*fd = spool_new_raster(sim->spool, bench->ask.raster_name, err);
	if (*fd >= 0 && write(*fd, text, (size_t)len) != len) {
		close(*fd);
		return err_set(err, REMEDY_RETRY, "disk-full", "writing a raster");
	}
	return *fd >= 0;
}

/* The file kills the process that reads it. */
static bool is_killed(struct bench *bench)
{
	char text[128];
	const struct sim_job *owner = sim_asset_job(bench->sim, bench->ask.asset_sha256, text);
	bool inspects = bench->ask.task.what == RENDER_INSPECT;
	if (owner == NULL ||
		owner->poison != (inspects ? SIM_KILLS_INSPECTION : SIM_KILLS_RENDERING)) {
		return false;
	}
	sim_cloud_job(bench->sim, owner->id)->deaths++;
	bench->result.died = true;
	text_copy(bench->result.cause, sizeof bench->result.cause, "signal 11");
	err_set(&bench->result.err, REMEDY_RETRY, "render-died",
		"the process that read it was killed by signal 11");
	return true;
}

static void work(struct sim *sim, void *data)
{
	struct bench *bench = data;
	struct render_result *result = &bench->result;
	int fd = -1;
	int asset = spool_read(sim->spool, SPOOL_ASSETS, bench->ask.asset_sha256, &result->err);
	if (asset >= 0) {
		close(asset);
	}
	if (bench->met.wrong && bench->met.how != SIM_TWICE) {
		result->died = bench->met.how == SIM_DIES;
		if (result->died) {
			text_copy(result->cause, sizeof result->cause, "signal 11");
		}
		result->err = bench->met.err;
	} else if (asset >= 0 && !is_killed(bench)) {
		fill_facts(bench);
		result->fine = true;
		if (bench->ask.task.what == RENDER_RENDER) {
			result->fine = make_raster(bench, &fd, &result->err);
			if (result->fine) {
				spool_keep_raster(
					sim->spool, bench->ask.raster_name, fd, on_kept, bench, 0);
				return;
			}
		}
	}
	tell(sim, bench);
}

void crew_render(void *self, const struct render_ask *ask)
{
	struct sim *sim = self;
	bool inspect = ask->task.what == RENDER_INSPECT;
	struct sim_met met = sim_meet(sim, inspect ? SIM_INSPECT : SIM_RENDER);
	if (met.wrong && met.how == SIM_NEVER) { /* the crew's deadline ends it */
		met.late_ms = ask->deadline_ms;
	}
	struct bench *bench = mem_new(1, sizeof *bench);
	bench->sim = sim;
	bench->ask = *ask;
	bench->met = met;
	int64_t late_ms = met.wrong && met.how == SIM_TWICE ? 0 : met.late_ms;
	sim_later(sim, sim_jitter(sim, inspect ? INSPECT_MS : RENDER_MS) + late_ms, true, work,
		free, bench);
}

/* What was asked is answered in its time; the farm drops that answer. */
void crew_render_cancel(void *self, int64_t job_row)
{
	(void)self;
	(void)job_row;
}

static void on_warm(struct sim *sim, void *data)
{
	(void)data;
	farm_crew_hears.engine(sim->farm, "sim-render/1", sim->conf.no_font ? "" : "sim-font/1");
}

static void on_poll(struct sim *sim, void *data)
{
	struct machine *machine = data;
	struct device_status status;
	struct err err;
	const struct printer_conf *conf = sim_printer_conf(sim, machine->at);
	bool mute = machine->open.mute_times > 0;
	machine->open.mute_times -= mute;
	if (worker_wait_ms(sim, machine->at) > 0) {
		/* nobody looks until there is a worker again */
	} else if (machine->open.absent || mute) {
		err_set(&err, REMEDY_RETRY, mute ? "printer-silent" : "printer-absent",
			"connecting: no answer");
		farm_crew_hears.status(sim->farm, conf->name, NULL, &err);
	} else {
		machine_status(sim, machine, &status);
		farm_crew_hears.status(sim->farm, conf->name, &status, NULL);
	}
	sim_later(sim, conf->poll_ms, true, on_poll, NULL, machine);
}

void crew_start(struct sim *sim)
{
	sim_later(sim, WARM_MS, true, on_warm, NULL, NULL);
	for (int32_t i = 0; i < sim->conf.printers; i++) {
		sim_later(sim, 50 + 10 * i, true, on_poll, NULL, &sim->machines[i]);
	}
}
