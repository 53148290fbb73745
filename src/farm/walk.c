/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk of a job: for each kind of work an ask_ and an on_ function side by side, in the order
 * of rules/path.c. All return to the hub (hub.c); nothing else asks for work. Here from the line
 * before the printers to the report; fetching, inspecting and rendering are in walk_make.c.
 */
#include "base/units.h"
#include "farm/own.h"
#include <stdio.h>
#include <string.h>

static void tell_done(struct farm *farm, int64_t row)
{
	walk_simple(farm, row, EV_DONE, NULL);
}

static void tell_failed(struct farm *farm, int64_t row, const struct err *err)
{
	walk_simple(farm, row, EV_FAILED, err);
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

/* Whether the page is there as this printer takes it; it may have been rendered for others of its
 * model. */
static bool raster_serves(struct farm *farm, const struct job *job, const struct printer *printer,
	int32_t at, const struct page *page, struct err *err)
{
	if (!page->rendered ||
		!spool_has(farm->ports.spool, SPOOL_RASTERS, page->raster_name, NULL)) {
		return err_set(err, REMEDY_REDO, "raster-missing", "page %d must be rendered anew",
			(int)at + 1);
	}
	if (!making_agrees(farm, job, at, page)) {
		return err_set(err, REMEDY_REDO, "recipe-changed",
			"its product, paper or profile was changed since page %d was rendered",
			(int)at + 1);
	}
	return printer->status.takes[page->raster.format] ||
	       err_set(err, REMEDY_REDO, "format-refused",
		       "%s takes no %s: page %d must be rendered anew", printer->conf->name,
		       format_media_type(page->raster.format), (int)at + 1);
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
	struct err err;
	if (!raster_serves(farm, job, printer, fj->page, &page, &err)) {
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

/* Whether what the printer says now can be compared with what it will say afterwards. */
static bool witness_serves(struct farm *farm, const struct printer *printer,
	const struct witness *witness, struct err *err)
{
	const char *name = printer->conf->name;
	if (strcmp(witness->uuid, printer_beside(farm, printer)->pinned) != 0) {
		return err_set(err, REMEDY_ATTEND, "printer-changed",
			"another printer answers at the address of %s", name);
	}
	if (!witness->read) {
		return err_set(err, REMEDY_RETRY, "no-witness",
			"%s does not say what it has printed so far: nothing is sent to it", name);
	}
	if (printer->conf->exclusive && witness->jobs_active > 0) {
		return err_set(err, REMEDY_RETRY, "not-at-rest",
			"%s still prints something else: it must be at rest first", name);
	}
	return true;
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
	struct err unfit;
	fj->witness_asked = false;
	if (err == NULL && !witness_serves(farm, printer, witness, &unfit)) {
		err = &unfit;
	}
	if (job->stage != AT_PERMITTED || err != NULL) {
		printer_release(farm, printer);
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
	job->attempt.before.foreign |= incident_doubts_counter(farm, name);
	memcpy(job->attempt.key, fj->attempt_key, sizeof job->attempt.key);
	job->attempt_row = store_attempt_open(farm->ports.store, job, farm_wall_ms(farm));
	tell_done(farm, job->row);
}

/* ---- send, and its three steps ---- */

/* A sheet of a roll is as long as the page that was rendered for it. */
static int32_t sheet_height(const struct media *media, const struct raster *raster)
{
	return media->height_most_hmm == 0 ? media->height_hmm
					   : units_hmm(raster->height_px, raster->y_dpi);
}

static void ask_send(struct farm *farm, struct floor_job *fj)
{
	struct job *job = &fj->job;
	struct page page;
	const struct media *media = catalog_media(farm->catalog, job->media);
	const struct model *model = catalog_model(farm->catalog, job->model);
	const struct model_media *on = model == NULL ? NULL : model_on(model, job->media);
	if (!making_page(farm, job, job->attempt.page, &page) || media == NULL || on == NULL) {
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
					.media_height_hmm = sheet_height(media, &page.raster),
					.margin_hmm = on->margin_hmm,
					.cuts = on->cuts}};
	memcpy(ask.printer, job->printer, sizeof ask.printer);
	memcpy(ask.raster_name, page.raster_name, sizeof ask.raster_name);
	memcpy(ask.send.sha256, page.raster.sha256, sizeof ask.send.sha256);
	memcpy(ask.send.media_size, media->size_name, sizeof ask.send.media_size);
	memcpy(ask.send.media_type, media->type, sizeof ask.send.media_type);
	cache_used(farm, page.raster_name);
	marking_back(farm, job, model, &ask.send);
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
	bool skips = step->step == STEP_SENDING && fj != NULL && fj->job.stage == AT_PREPARED;
	if (fj == NULL || fj->job.asking || (skips && fj->job.cancel_asked)) {
		return; /* no GO: the hand-over stops there */
	}
	if (skips) {
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
				err->remedy == REMEDY_REDO ||
				strcmp(err->code, "device-worker") == 0;
		if (strcmp(err->code, "raster-changed") == 0) {
			cache_changed(farm, &fj->job, err);
		}
		tell_failed(farm, fj->job.row, err);
	}
}

/* ---- confirm, cancel ---- */

/* A job in doubt is asked about while its printer has nothing else in hand; nobody begins a sheet
 * there meanwhile. False: not now. */
static bool take_to_ask(struct farm *farm, struct floor_job *fj)
{
	struct printer *printer = printer_find(farm, fj->job.printer);
	if (printer == NULL || !printer->known || printer->busy_job_row != 0) {
		farm_wake_job(farm, fj, farm_now(farm) + LATE_PROOF_MS / 2);
		return false;
	}
	printer->busy_job_row = fj->job.row;
	return true;
}

static void leave_in_doubt(struct farm *farm, int64_t row, const char *name)
{
	struct floor_job *fj = farm_find(farm, row);
	struct printer *printer = printer_find(farm, name);
	if (fj != NULL && fj->job.stage == AT_HELD_UNKNOWN && printer->busy_job_row == row) {
		printer_release(farm, printer);
	}
}

static void ask_confirm(struct farm *farm, struct floor_job *fj)
{
	struct job *job = &fj->job;
	bool in_doubt = job->stage == AT_HELD_UNKNOWN;
	if (in_doubt && !take_to_ask(farm, fj)) {
		return;
	}
	if (printer_find(farm, job->printer) == NULL) {
		struct err err;
		err_set(&err, REMEDY_RETRY, "printer-gone",
			"%s, which has it, is not set up on this floor any more", job->printer);
		tell_failed(farm, job->row, &err);
		return;
	}
	if (!in_doubt) {
		job->attempt.phase = stage_phase(job->stage);
	}
	farm->ports.crew_ops->confirm(farm->ports.crew, job->printer, &job->attempt);
}

static void on_receipt(void *context, const char *name, const char *key,
	const struct receipt *receipt, const struct err *err)
{
	struct farm *farm = context;
	struct floor_job *fj = at_printer(farm, name, key);
	if (fj == NULL) {
		return;
	}
	int64_t row = fj->job.row;
	bool in_doubt = fj->job.stage == AT_HELD_UNKNOWN;
	fj->blameless = fj->blameless || in_doubt; /* its failure was counted before */
	if (err != NULL) {
		tell_failed(farm, row, err);
	} else {
		fj->progress = receipt->completed;
		struct event event = {.kind = EV_RECEIPT,
			.receipt = receipt,
			.shared =
				store_attempt_was_followed(farm->ports.store, fj->job.attempt_row)};
		walk_tell(farm, row, &event);
	}
	leave_in_doubt(farm, row, name);
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
		[DO_FETCH] = make_ask_fetch,
		[DO_INSPECT] = make_ask_inspect,
		[DO_RENDER] = make_ask_render,
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
	.engine = make_on_engine,
	.rendered = make_on_rendered,
	.status = printers_on_status,
	.key = printers_on_key,
	.witness = on_witness,
	.step = on_step,
	.sent = on_sent,
	.receipt = on_receipt,
	.cancelled = on_cancelled,
	.swept = printers_on_swept,
};

const struct cloud_hears farm_cloud_hears = {
	.session = leases_on_session,
	.closed = reconcile_on_closed,
	.offer = offer_on_answer,
	.acquire = leases_on_acquire,
	.extend = leases_on_extend,
	.release = outbox_on_release,
	.start = permit_on_answer,
	.events = outbox_on_events,
	.sign = make_on_sign,
	.fetch = make_on_fetch,
};
