/* SPDX-License-Identifier: Apache-2.0
 *
 * What the floor can make now, and how much more of it it would like.
 */
#include "base/mem.h"
#include "farm/own.h"
#include "farm/stock.h"
#include <stdlib.h>
#include <string.h>

#define WANT_JOBS_MAX 50
#define OFFER_REST_MS 1000 /* changes of the offer are gathered that long */

static const char *state_word(const struct printer *printer)
{
	struct err err;
	if (printer->paused || printer->parked) {
		return "paused";
	}
	if (!printer->known) {
		return "offline";
	}
	if (!printer_is_ready(printer, &err) && err.remedy != REMEDY_RETRY) {
		return "needs-you";
	}
	return printer->busy_job_row != 0 ? "printing" : "idle";
}

static void offer_printer(
	struct farm *farm, const struct printer *printer, struct offer_printer *out)
{
	struct err err;
	const struct media *media = printer_media(printer, farm->catalog, printer->loaded);
	/* what it waits for by itself is over before a job comes */
	bool ready = printer_is_ready(printer, &err) || err.remedy == REMEDY_RETRY;
	text_copy(out->id, sizeof out->id, printer->conf->name);
	text_copy(out->model, sizeof out->model, printer->model->name);
	text_copy(out->state, sizeof out->state, state_word(printer));
	text_copy(out->media, sizeof out->media, media == NULL ? "" : media->name);
	out->ms_per_print = printer->model->ms_per_print;
	out->queue_s = printer->queue_ms / SECOND_MS;
	int32_t left = stock_told(farm, printer);
	out->knows_sheets = left != COUNT_UNKNOWN;
	out->sheets_left = left;
	for (int32_t i = 0; ready && i < farm->catalog->n_products; i++) {
		const struct product *product = &farm->catalog->products[i];
		for (int32_t m = 0; m < product->n_media && out->n_skus < OFFER_SKUS_MAX; m++) {
			const char *name = product->media[m];
			const struct media *has = printer_media(printer, farm->catalog, name);
			if (has != NULL && strcmp(has->name, name) == 0 &&
				model_makes_on(printer->model, product, name) &&
				!stock_is_empty(farm, printer, name)) {
				text_copy(out->skus[out->n_skus++], NAME_MAX_LEN, product->sku);
				break;
			}
		}
	}
}

static void offer_formats(const struct farm *farm, struct offer *offer)
{
	int n = 0;
	picture_policy_most(farm->conf.formats, &offer->max_bytes, &offer->max_pixels);
	for (int i = 0; i < PICTURE_FORMATS; i++) {
		if (farm->conf.formats[i].taken) {
			offer->formats[n++] = picture_media_type((enum picture_format)i);
		}
	}
}

static int64_t queued_ms(const struct farm *farm)
{
	int64_t ms = 0;
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		const struct job *job = &fj->job;
		const struct model *model = catalog_model(farm->catalog, job->model);
		if (job->stage < AT_PRINTED) {
			ms += model != NULL ? work_ms(job, model) : job->prints * SECOND_MS;
		}
	}
	return ms;
}

int64_t offer_want_s(const struct farm *farm)
{
	int32_t ready = 0;
	struct err err;
	for (size_t i = 0; i < farm->n_printers; i++) {
		ready += printer_is_ready(&farm->printers[i], &err);
	}
	int64_t queued = queued_ms(farm);
	bool room = spool_has_room(farm->ports.spool, 0, &err) && leases_have_room(farm);
	/* what is to be cleared against an outage must be here first */
	int64_t want_s =
		farm->conf.want_s > farm->conf.offline_s ? farm->conf.want_s : farm->conf.offline_s;
	return farm->draining || !room ? 0 : lease_want_s(want_s, ready, queued);
}

int64_t farm_cleared_ms(const struct farm *farm, const struct printer *printer)
{
	int64_t ms = 0;
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		const struct job *job = &fj->job;
		bool cleared = job->permitted && job->stage < AT_PRINTED;
		if (cleared && strcmp(job->printer, printer->conf->name) == 0) {
			ms += work_ms(job, printer->model);
		}
	}
	return ms;
}

void offer_changed(struct farm *farm)
{
	if (farm->session_open) {
		chore_at(farm, CHORE_OFFER, farm_now(farm) + OFFER_REST_MS);
	}
}

void offer_ask(struct farm *farm)
{
	if (!farm->session_open || farm->calls[CHORE_OFFER].busy) {
		return;
	}
	struct offer_printer *printers = mem_new(farm->n_printers, sizeof *printers);
	struct offer offer = {
		.printers = printers, .n_printers = farm->n_printers, .want_jobs = WANT_JOBS_MAX};
	offer_formats(farm, &offer);
	for (size_t i = 0; i < farm->n_printers; i++) {
		offer_printer(farm, &farm->printers[i], &printers[i]);
	}
	offer.want_s = offer_want_s(farm);
	offer.offline_s = farm->conf.offline_s;
	json_t *json = offer_to_json(&offer);
	char *text = json_write(json);
	hash_hex_of(text, strlen(text), farm->offer_sent);
	free(text);
	json_decref(json);
	if (strcmp(farm->offer_sent, farm->offer_hash) != 0) {
		memcpy(offer.etag, farm->etag, sizeof offer.etag);
		farm->calls[CHORE_OFFER].key[0] = '\0';
		farm->ports.cloud_ops->offer(
			farm->ports.cloud, call_begin(farm, CHORE_OFFER), &offer);
	}
	free(printers);
}

void offer_on_answer(void *context, const char *etag, const struct err *err, int64_t retry_after_ms)
{
	struct farm *farm = context;
	if (err != NULL && strcmp(err->code, "offer-unknown") == 0) {
		farm->etag[0] = '\0';
	}
	call_answered(farm, CHORE_OFFER, err, retry_after_ms);
	if (err != NULL) {
		return;
	}
	text_copy(farm->etag, sizeof farm->etag, etag);
	memcpy(farm->offer_hash, farm->offer_sent, sizeof farm->offer_hash);
	chore_now(farm, CHORE_ACQUIRE);
}
