/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk of a job: for each kind of work an ask_ and an on_ function side by side, in the order
 * of rules/path.c. All return to the hub (hub.c); nothing else asks for work.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSPECT_MS (40 * SECOND_MS)
#define RENDER_MS  (4 * MINUTE_MS)
#define DEATHS_MAX 2
#define LINK_TRIES 2

static void tell_done(struct farm *farm, int64_t row)
{
	walk_simple(farm, row, EV_DONE, NULL);
}

static void tell_failed(struct farm *farm, int64_t row, const struct err *err)
{
	walk_simple(farm, row, EV_FAILED, err);
}

/* One page is through the present work. */
static void tell_page_done(struct farm *farm, const struct job *job)
{
	bool more = job->page + 1 < job->n_pages;
	walk_simple(farm, job->row, more ? EV_MORE : EV_DONE, NULL);
}

/* ---- fetch ---- */

static void fetch(struct farm *farm, struct floor_job *fj, const struct page *page)
{
	struct fetch_ask ask = {
		.job_row = fj->job.row, .page = fj->job.page, .bytes = page->asset.bytes};
	memcpy(ask.sha256, page->asset.sha256, sizeof ask.sha256);
	text_copy(ask.url, sizeof ask.url, fj->urls[fj->job.page]);
	farm->ports.cloud_ops->fetch(farm->ports.cloud, &ask);
}

static void sign(struct farm *farm, struct floor_job *fj, const struct page *page)
{
	struct sign_ask ask = {.epoch = fj->job.epoch};
	char key[ULID_MAX];
	farm_key(farm, key);
	memcpy(ask.asset, page->asset.id, sizeof ask.asset);
	memcpy(ask.job, fj->job.id, sizeof ask.job);
	farm->ports.cloud_ops->sign(farm->ports.cloud, key, fj->job.row, fj->job.page, &ask);
}

static void ask_fetch(struct farm *farm, struct floor_job *fj)
{
	struct job *job = &fj->job;
	struct page page;
	if (!making_page(farm, job, job->page, &page)) {
		return;
	}
	if (spool_has(farm->ports.spool, SPOOL_ASSETS, page.asset.sha256, NULL)) {
		tell_page_done(farm, job);
		return;
	}
	struct err err;
	if (!job->local && !farm->conf.has_cloud) {
		err_set(&err, REMEDY_RETRY, "no-cloud",
			"this floor has no order service configured any more");
		tell_failed(farm, job->row, &err);
		return;
	}
	if (job->local) {
		err_set(&err, REMEDY_REJECT, "asset-missing",
			"the file of page %d is no longer in the spool: submit it again",
			(int)job->page + 1);
		tell_failed(farm, job->row, &err);
		return;
	}
	if (!spool_has_room(farm->ports.spool, page.asset.bytes, &err)) {
		tell_failed(farm, job->row, &err);
		return;
	}
	if (fj->urls[job->page] == NULL) {
		sign(farm, fj, &page);
	} else {
		fetch(farm, fj, &page);
	}
}

static void on_sign(void *context, int64_t row, int32_t page, const struct sign_answer *answer,
	const struct err *err)
{
	struct farm *farm = context;
	struct floor_job *fj = farm->open ? farm_find(farm, row) : NULL;
	if (fj == NULL || fj->job.stage != AT_LEASED || fj->job.page != page) {
		return;
	}
	if (err != NULL) {
		tell_failed(farm, row, err);
		return;
	}
	free(fj->urls[page]);
	fj->urls[page] = mem_text(answer->url);
	ask_fetch(farm, fj);
}

static void on_fetch(void *context, int64_t row, int32_t page, const struct err *err)
{
	struct farm *farm = context;
	struct floor_job *fj = farm->open ? farm_find(farm, row) : NULL;
	if (fj == NULL || fj->job.stage != AT_LEASED || fj->job.page != page) {
		return;
	}
	if (err == NULL) {
		fj->link_tries = 0;
		free(fj->urls[page]);
		fj->urls[page] = NULL;
		tell_page_done(farm, &fj->job);
		return;
	}
	if (strcmp(err->code, "asset-expired") == 0 && ++fj->link_tries < LINK_TRIES) {
		free(fj->urls[page]); /* a fresh link, once, before it counts as a failure */
		fj->urls[page] = NULL;
		ask_fetch(farm, fj);
		return;
	}
	struct err judged = *err;
	if (strcmp(err->code, "asset-hash") == 0 && fj->job.tries >= 2) {
		judged.remedy =
			REMEDY_REJECT; /* three times the wrong bytes: they are the cloud's */
	}
	free(fj->urls[page]);
	fj->urls[page] = NULL; /* the next try signs again */
	err_wrap(&judged, "page %d", (int)page + 1);
	tell_failed(farm, row, &judged);
}

/* ---- inspect and render ---- */

static void ask_worker(
	struct farm *farm, struct floor_job *fj, const struct page *page, struct render_ask *ask)
{
	ask->job_row = fj->job.row;
	ask->page = fj->job.page;
	ask->task.limits = farm->conf.limits;
	memcpy(ask->asset_sha256, page->asset.sha256, sizeof ask->asset_sha256);
	memcpy(ask->task.media_type, page->asset.media_type, sizeof ask->task.media_type);
	farm->ports.crew_ops->render(farm->ports.crew, ask);
}

static void ask_inspect(struct farm *farm, struct floor_job *fj)
{
	struct page page;
	if (!making_page(farm, &fj->job, fj->job.page, &page)) {
		return;
	}
	struct render_ask ask = {.deadline_ms = INSPECT_MS, .task = {.what = RENDER_INSPECT}};
	ask_worker(farm, fj, &page, &ask);
}

static void ask_render(struct farm *farm, struct floor_job *fj)
{
	struct page page;
	struct err err;
	if (!making_page(farm, &fj->job, fj->job.page, &page)) {
		return;
	}
	if (farm->engine[0] == '\0') {
		err_set(&err, REMEDY_RETRY, "render-server", "the render server is starting");
		fj->in_line = DO_RENDER; /* asked again when it is warm */
		walk_reason(farm, fj, &err);
		return;
	}
	struct render_ask ask = {.deadline_ms = RENDER_MS, .task = {.what = RENDER_RENDER}};
	if (!making_recipe(farm, &fj->job, &page, &ask.task.recipe, &err)) {
		tell_failed(farm, fj->job.row, &err);
		return;
	}
	fj->recipe = ask.task.recipe;
	recipe_name(&fj->recipe, ask.raster_name);
	bool same = page.rendered && strcmp(page.raster_name, ask.raster_name) == 0;
	if (same && spool_has(farm->ports.spool, SPOOL_RASTERS, ask.raster_name, NULL)) {
		tell_page_done(farm, &fj->job);
		return;
	}
	ask_worker(farm, fj, &page, &ask);
}

static bool is_waited_for(const struct floor_job *fj, int32_t page, enum render_do what)
{
	enum stage stage = what == RENDER_INSPECT ? AT_FETCHED : AT_INSPECTED;
	return fj != NULL && fj->job.stage == stage && fj->job.page == page;
}

/* For people to look at; whoever needs it fetches it anew. */
static void put_aside(struct farm *farm, const struct job *job, int32_t at)
{
	struct page page;
	struct err err;
	if (making_page(farm, job, at, &page) &&
		!spool_poison(farm->ports.spool, page.asset.sha256, &err)) {
		log_warn(job->id, "%s", err.text);
	}
}

static void on_rendered(void *context, int64_t row, int32_t page_at, enum render_do what,
	const struct render_result *result)
{
	struct farm *farm = context;
	struct floor_job *fj = farm_find(farm, row);
	if (!is_waited_for(fj, page_at, what)) {
		return;
	}
	if (!result->fine) {
		struct err err = result->err;
		if (result->died && ++fj->job.deaths >= DEATHS_MAX) {
			err.remedy = REMEDY_REJECT; /* it kills its readers: poison */
			text_copy(err.code, sizeof err.code, "poison");
			put_aside(farm, &fj->job, page_at);
		}
		err_wrap(&err, "page %d", (int)page_at + 1);
		tell_failed(farm, row, &err);
		return;
	}
	store_page_inspected(farm->ports.store, row, page_at, &result->facts);
	if (what == RENDER_INSPECT) {
		tell_page_done(farm, &fj->job);
		return;
	}
	char name[HASH_HEX_MAX];
	recipe_name(&fj->recipe, name);
	char *manifest = making_manifest(farm, &fj->job, &fj->recipe, result);
	store_page_rendered(farm->ports.store, row, page_at, name, &result->raster, manifest);
	free(manifest);
	bool last = page_at + 1 == fj->job.n_pages;
	tell_page_done(farm, &fj->job);
	if (last) {
		making_judge(farm, row);
	}
}

static void on_engine(void *context, const char *engine)
{
	struct farm *farm = context;
	text_copy(farm->engine, sizeof farm->engine, engine);
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (fj->in_line == DO_RENDER) {
			fj->in_line = DO_NOTHING;
			farm_due(farm, fj, DO_RENDER);
		}
	}
}

/* ---- place, permit, prepare: in line for a printer (line.c decides, then comes back here) ---- */

static void ask_in_line(struct farm *farm, struct floor_job *fj, enum work work)
{
	fj->in_line = work;
	fj->line_fresh = true;
	farm->line_due = true;
}

static void ask_place(struct farm *farm, struct floor_job *fj)
{
	ask_in_line(farm, fj, DO_PLACE);
}

static void ask_permit(struct farm *farm, struct floor_job *fj)
{
	if (fj->job.permitted) { /* it came back from a redo: the permit stands */
		tell_done(farm, fj->job.row);
		return;
	}
	ask_in_line(farm, fj, DO_PERMIT);
}

static void ask_prepare(struct farm *farm, struct floor_job *fj)
{
	ask_in_line(farm, fj, DO_PREPARE);
}

/* Its turn at this printer has come. */
void walk_prepare(struct farm *farm, struct floor_job *fj, struct printer *printer)
{
	struct job *job = &fj->job;
	fj->in_line = DO_NOTHING;
	if (!store_prints_next(farm->ports.store, job->row, printer->model->copies_per_attempt,
		    &fj->page, &fj->first_copy, &fj->copies)) {
		struct err err;
		err_set(&err, REMEDY_ATTEND, "nothing-planned",
			"the ledger has no print left to make, but the job is not closed: look at "
			"`platenctl job %s`",
			job->id);
		walk_simple(farm, job->row, EV_HOLD, &err);
		return;
	}
	struct page page;
	if (!making_page(farm, job, fj->page, &page)) {
		return;
	}
	if (!page.rendered ||
		!spool_has(farm->ports.spool, SPOOL_RASTERS, page.raster_name, NULL)) {
		struct err err;
		err_set(&err, REMEDY_REDO, "raster-missing", "page %d must be rendered anew",
			(int)fj->page + 1);
		tell_failed(farm, job->row, &err);
		return;
	}
	memcpy(job->printer, printer->conf->name, sizeof job->printer);
	snprintf(fj->attempt_key, sizeof fj->attempt_key, "%s.%lld.%d", job->id,
		(long long)job->epoch, (int)job->attempts + 1);
	printer->busy_job_row = job->row;
	fj->witness_asked = true;
	farm->ports.crew_ops->witness(farm->ports.crew, job->printer, fj->attempt_key);
}

static void on_witness(void *context, const char *name, const char *key,
	const struct witness *witness, const struct err *err)
{
	struct farm *farm = context;
	struct printer *printer = printer_find(farm, name);
	struct floor_job *fj = printer == NULL ? NULL : farm_find(farm, printer->busy_job_row);
	if (fj == NULL || !fj->witness_asked || strcmp(fj->attempt_key, key) != 0) {
		return;
	}
	struct job *job = &fj->job;
	struct err changed;
	const char *pinned = printer_beside(farm, printer)->pinned;
	fj->witness_asked = false;
	if (witness != NULL && strcmp(witness->uuid, pinned) != 0) {
		err_set(&changed, REMEDY_ATTEND, "printer-changed",
			"another printer answers at the address of %s", name);
		err = &changed;
	}
	if (job->stage != AT_PERMITTED || err != NULL) {
		printer->busy_job_row = 0;
		farm->line_due = true;
		if (err != NULL) {
			tell_failed(farm, job->row, err);
		}
		return;
	}
	job->attempts++;
	job->attempt = (struct attempt){.phase = PHASE_PREPARED,
		.page = fj->page,
		.first_copy = fj->first_copy,
		.copies = fj->copies,
		.before = *witness};
	memcpy(job->attempt.key, fj->attempt_key, sizeof job->attempt.key);
	job->attempt_row = store_attempt_open(farm->ports.store, job, farm_wall_ms(farm));
	tell_done(farm, job->row);
}

/* ---- send, and its three steps ---- */

static void ask_send(struct farm *farm, struct floor_job *fj)
{
	struct job *job = &fj->job;
	struct page page;
	const struct media *media = catalog_media(farm->catalog, job->media);
	const struct model *model = catalog_model(farm->catalog, job->model);
	if (!making_page(farm, job, job->attempt.page, &page) || media == NULL || model == NULL) {
		struct err err;
		err_set(&err, REMEDY_REDO, "catalog-changed", "%s is no longer set up here",
			job->media);
		tell_failed(farm, job->row, &err);
		return;
	}
	struct print_ask ask = {.send = {.attempt = job->attempt,
					.bytes = page.raster.bytes,
					.format = page.raster.format,
					.width_px = page.raster.width_px,
					.height_px = page.raster.height_px,
					.x_dpi = page.raster.x_dpi,
					.y_dpi = page.raster.y_dpi,
					.media_width_hmm = media->width_hmm,
					.media_height_hmm = media->height_hmm,
					.margin_hmm = model_on(model, job->media)->margin_hmm}};
	memcpy(ask.printer, job->printer, sizeof ask.printer);
	memcpy(ask.raster_name, page.raster_name, sizeof ask.raster_name);
	memcpy(ask.send.media_size, media->size_name, sizeof ask.send.media_size);
	memcpy(ask.send.media_type, media->type, sizeof ask.send.media_type);
	farm->ports.crew_ops->print(farm->ports.crew, &ask);
}

static struct floor_job *at_printer(struct farm *farm, const char *name, const char *key)
{
	struct printer *printer = printer_find(farm, name);
	struct floor_job *fj = printer == NULL ? NULL : farm_find(farm, printer->busy_job_row);
	bool fits = fj != NULL && fj->job.attempt_row != 0 && strcmp(fj->job.attempt.key, key) == 0;
	return fits ? fj : NULL;
}

static void on_step(void *context, const char *name, const struct device_step_message *step)
{
	/* the stage at which each step is due, and the one it leads to */
	static const enum stage due[] = {
		[STEP_OPENED] = AT_PREPARED,
		[STEP_SENDING] = AT_OPENED,
		[STEP_COMMITTED] = AT_SENDING,
	};
	struct farm *farm = context;
	struct floor_job *fj = at_printer(farm, name, step->key);
	if (fj == NULL || fj->job.asking) {
		return; /* no GO: the hand-over stops there */
	}
	if (step->step == STEP_SENDING && fj->job.stage == AT_PREPARED) {
		tell_done(farm, fj->job.row); /* a device without identities skips OPENED */
	}
	if (fj->job.stage != due[step->step]) {
		log_warn(fj->job.id, "%s said a step out of order at %s", name,
			stage_word(fj->job.stage));
		return;
	}
	if (step->step == STEP_OPENED) {
		fj->job.attempt.device_job = step->job_id;
		memcpy(fj->job.attempt.device_job_uuid, step->job_uuid, sizeof step->job_uuid);
	}
	if (fj->job.cancel_asked) {
		return; /* below COMMITTED a cancelled hand-over goes no further */
	}
	tell_done(farm, fj->job.row);
}

static void ask_go(struct farm *farm, struct floor_job *fj)
{
	farm->ports.crew_ops->go(farm->ports.crew, fj->job.printer, fj->job.attempt.key);
}

static void on_sent(void *context, const char *name, const char *key, const struct err *err)
{
	struct farm *farm = context;
	struct floor_job *fj = at_printer(farm, name, key);
	if (fj == NULL || fj->job.asking) {
		return; /* the question that is under way tells more */
	}
	struct err early;
	if (err == NULL && fj->job.stage != AT_COMMITTED) {
		err_set(&early, REMEDY_UNSURE, "driver",
			"the driver ended its hand-over at %s without saying its steps",
			stage_word(fj->job.stage));
		err = &early;
	}
	if (err == NULL) {
		tell_done(farm, fj->job.row);
	} else if (fj->job.stage != AT_ACCEPTED) {
		/* a worker of ours that died, or paper that a person must load, says nothing
		 * against the printer: the circuit breaker does not count it */
		fj->blameless = err->remedy == REMEDY_ATTEND || err->remedy == REMEDY_DROP ||
				strcmp(err->code, "device-worker") == 0;
		tell_failed(farm, fj->job.row, err);
	}
}

/* ---- confirm, cancel ---- */

static void ask_confirm(struct farm *farm, struct floor_job *fj)
{
	if (printer_find(farm, fj->job.printer) == NULL) {
		struct err err;
		err_set(&err, REMEDY_RETRY, "printer-gone",
			"%s, which has it, is not set up on this floor any more", fj->job.printer);
		tell_failed(farm, fj->job.row, &err);
		return;
	}
	fj->job.attempt.phase = stage_phase(fj->job.stage);
	farm->ports.crew_ops->confirm(farm->ports.crew, fj->job.printer, &fj->job.attempt);
}

static void on_receipt(void *context, const char *name, const char *key,
	const struct receipt *receipt, const struct err *err)
{
	struct farm *farm = context;
	struct floor_job *fj = at_printer(farm, name, key);
	if (fj == NULL) {
		return;
	}
	if (err != NULL) {
		tell_failed(farm, fj->job.row, err);
		return;
	}
	fj->progress = receipt->completed;
	struct event event = {.kind = EV_RECEIPT, .receipt = receipt};
	walk_tell(farm, fj->job.row, &event);
}

static void ask_cancel(struct farm *farm, struct floor_job *fj)
{
	farm->ports.crew_ops->cancel(farm->ports.crew, fj->job.printer, &fj->job.attempt);
}

static void on_cancelled(void *context, const char *name, const char *key, const struct err *err)
{
	struct farm *farm = context;
	struct floor_job *fj = at_printer(farm, name, key);
	if (fj == NULL || fj->job.asking) {
		return;
	}
	/* asked or not: what the printer has now is found out by asking */
	struct err stopped;
	err_set(&stopped, REMEDY_UNSURE, "cancelled", "%s",
		err == NULL ? "the printer was told to stop" : err->text);
	tell_failed(farm, fj->job.row, &stopped);
}

/* ---- report ---- */

static void ask_report(struct farm *farm, struct floor_job *fj)
{
	if (store_events_count(farm->ports.store, fj->job.id, true) == 0) {
		tell_done(farm, fj->job.row);
	} else {
		chore_now(farm, CHORE_EVENTS);
	}
}

/* It only waits for its events to be acknowledged. */
static bool only_reports(const struct floor_job *fj)
{
	return fj->job.stage == AT_PRINTED || stage_is_final(fj->job.stage);
}

/* An event of the job was acknowledged. */
void walk_reported(struct farm *farm, const char *job_id)
{
	if (store_events_count(farm->ports.store, job_id, true) > 0) {
		return;
	}
	/* an older epoch of the job may wait for the same */
	for (struct floor_job *fj; (fj = table_id_if(&farm->jobs, job_id, only_reports)) != NULL;) {
		if (fj->job.stage == AT_PRINTED) {
			tell_done(farm, fj->job.row);
		} else {
			retention_close(farm, fj);
		}
	}
}

/* ---- tables ---- */

void walk_ask(struct farm *farm, struct floor_job *fj, enum work work)
{
	static void (*const asks[WORK_COUNT])(struct farm *, struct floor_job *) = {
		[DO_FETCH] = ask_fetch,
		[DO_INSPECT] = ask_inspect,
		[DO_RENDER] = ask_render,
		[DO_PLACE] = ask_place,
		[DO_PERMIT] = ask_permit,
		[DO_PREPARE] = ask_prepare,
		[DO_SEND] = ask_send,
		[DO_GO] = ask_go,
		[DO_CONFIRM] = ask_confirm,
		[DO_CANCEL] = ask_cancel,
		[DO_REPORT] = ask_report,
	};
	asks[work](farm, fj);
}

const struct crew_hears farm_crew_hears = {
	.engine = on_engine,
	.rendered = on_rendered,
	.status = printers_on_status,
	.witness = on_witness,
	.step = on_step,
	.sent = on_sent,
	.receipt = on_receipt,
	.cancelled = on_cancelled,
	.swept = printers_on_swept,
};

const struct cloud_hears farm_cloud_hears = {
	.session = leases_on_session,
	.offer = offer_on_answer,
	.acquire = leases_on_acquire,
	.extend = leases_on_extend,
	.release = outbox_on_release,
	.start = permit_on_answer,
	.events = outbox_on_events,
	.sign = on_sign,
	.fetch = on_fetch,
};
