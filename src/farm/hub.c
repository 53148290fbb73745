/* SPDX-License-Identifier: Apache-2.0
 *
 * The hub: every event of a job comes here. Step by the rules, save, log, ask. Nothing else changes
 * a stage, and every line of the log about a job is written here, so the log is the path.
 */
#include "farm/own.h"
#include "farm/stock.h"
#include <string.h>

static void apply_ledger(struct farm *farm, struct job *job, const struct outcome *out,
	const struct receipt *receipt)
{
	int64_t wall_ms = farm_wall_ms(farm);
	struct store *store = farm->ports.store;
	switch (out->ledger) {
	case LEDGER_NONE:
		break;
	case LEDGER_SEND:
		store_attempt_prints(store, job->attempt_row, PRINT_SENT);
		break;
	case LEDGER_ACCEPT:
		store_attempt_prints(store, job->attempt_row, PRINT_ACCEPTED);
		store_job_recount(store, job); /* they may have been in doubt */
		break;
	case LEDGER_SETTLE:
		store_attempt_settle(store, job, receipt, false, wall_ms);
		break;
	case LEDGER_REPRINT:
		store_attempt_settle(store, job, receipt, true, wall_ms);
		break;
	case LEDGER_RESOLVE:
		store_prints_resolve(store, job, receipt->completed, wall_ms);
		break;
	}
}

/* A printer that can prove no print leaves each one unknown: that is no failure of it, or it would
 * stop after every third. */
static bool proves_nothing(const struct farm *farm, const char *name, const struct receipt *receipt)
{
	const struct printer *printer = printer_find(farm, name);
	if (printer == NULL || receipt->verdict != VERDICT_UNKNOWN) {
		return false;
	}
	return model_is_counted_by_hand(printer->model) ||
	       (!printer->model->counts_impressions && !printer->model->has_counters);
}

static void leave_printer(struct farm *farm, struct floor_job *fj, const struct receipt *receipt)
{
	bool blameless = receipt == NULL || fj->blameless || fj->job.cancel_asked ||
			 proves_nothing(farm, fj->job.printer, receipt);
	enum attempt_end end = receipt != NULL && receipt->verdict == VERDICT_DONE ? ATTEMPT_FINE
			       : blameless ? ATTEMPT_BLAMELESS
					   : ATTEMPT_FAILED;
	struct printer *printer = printer_free(farm, fj->job.printer, fj->job.row);
	if (printer != NULL) {
		breaker_count(farm, printer, end, receipt == NULL ? "" : receipt->text);
		maintenance_count(farm, printer, receipt == NULL ? 0 : receipt->completed, 0);
	}
	fj->progress = 0;
	fj->blameless = false;
}

static void save_phase(struct farm *farm, struct job *job)
{
	if (job->attempt_row != 0 && stage_is_at_device(job->stage)) {
		job->attempt.phase = stage_phase(job->stage);
		store_attempt_save(farm->ports.store, job->attempt_row, &job->attempt);
	}
}

static void log_step(const struct job *job, const struct outcome *out)
{
	const char *colon = out->note[0] == '\0' ? "" : ": ";
	if (out->moved) {
		log_info(job->id, "%s%s%s", stage_word(job->stage), colon, out->note);
	} else if (out->note[0] != '\0') {
		log_info(job->id, "%s", out->note);
	}
}

/* Into the audit trail: a doubt that no person settled. */
static void note_settled(
	struct farm *farm, const struct job *job, const struct outcome *out, enum stage before)
{
	bool by_policy = out->ledger == LEDGER_REPRINT;
	bool by_proof = out->ledger == LEDGER_SETTLE && before == AT_HELD_UNKNOWN;
	if (by_policy || by_proof) {
		store_audit(farm->ports.store, farm_wall_ms(farm), "platen",
			by_policy ? "print again in doubt" : "late proof", job->id, out->note);
	}
}

/* Into the audit trail, whoever wanted it: it ended otherwise than printed. */
static void note_end(struct farm *farm, const struct job *job)
{
	if (job->stage != AT_REPORTED) {
		store_audit(farm->ports.store, farm_wall_ms(farm), "platen", stage_word(job->stage),
			job->id, job->reason);
	}
}

/* The job is over: what was under way for it is no longer wanted. */
static void call_off(struct farm *farm, const struct job *job, enum stage before)
{
	if (before == AT_LEASED && farm->conf.has_cloud) {
		farm->ports.cloud_ops->fetch_cancel(farm->ports.cloud, job->row);
	} else if (before == AT_FETCHED || before == AT_INSPECTED) {
		farm->ports.crew_ops->render_cancel(farm->ports.crew, job->row);
	}
}

void walk_tell(struct farm *farm, int64_t row, const struct event *event)
{
	struct floor_job *fj = farm->open ? farm_find(farm, row) : NULL;
	if (fj == NULL) {
		log_debug("farm", "an answer for job row %lld, which is over, dropped",
			(long long)row);
		return;
	}
	struct job *job = &fj->job;
	enum stage before = job->stage;
	struct outcome out = path_step(job, event, farm_now(farm), farm_chance(farm));
	const struct receipt *receipt = out.concluded ? &out.receipt : event->receipt;
	if (out.moved) {
		job->stage_wall_ms = farm_wall_ms(farm);
		farm->stages_reached |= UINT32_C(1) << job->stage;
	}
	apply_ledger(farm, job, &out, receipt);
	if (out.ledger != LEDGER_NONE) {
		stock_moved(farm, job->printer);
	}
	note_settled(farm, job, &out, before);
	for (int i = 0; i < 2 && out.tells[i] != NULL; i++) {
		outbox_job(farm, job, out.tells[i], receipt);
	}
	if (out.free_printer && stage_is_at_device(before)) {
		incident_look(farm, job, receipt); /* later, others have moved its counters */
	}
	if (out.free_printer || out.close_attempt) {
		leave_printer(farm, fj, receipt);
	}
	if (out.close_attempt) {
		job->attempt_row = 0;
	}
	save_phase(farm, job);
	store_job_save(farm->ports.store, job);
	log_step(job, &out);
	if (out.moved || out.work != DO_NOTHING) {
		fj->in_line = DO_NOTHING;
		fj->permit_asked = false;
	}
	bool at_device = stage_is_at_device(before) && stage_is_at_device(job->stage);
	if (out.moved && before >= AT_QUEUED && before < AT_PRINTED && !at_device) {
		farm->line_due = true; /* what it had of the line is free for the next */
	}
	/* an event that changed nothing (lost, though cleared to print; a cancel that is too late)
	 * leaves what was asked and waited for as it is */
	if (out.moved || out.work != DO_NOTHING || out.wake_ms != 0) {
		fj->wake_is_late = out.wake_is_late;
		farm_wake_job(farm, fj, out.wake_ms);
		farm_due(farm, fj, out.work);
	}
	if (out.give_back) {
		outbox_release(farm, job);
	}
	if (out.fatal) {
		farm_stop(farm, event->err);
	}
	if (job->test && out.moved) {
		test_print_told(farm, job, receipt);
	}
	if (stage_is_final(job->stage)) {
		note_end(farm, job);
		call_off(farm, job, before);
		retention_close(farm, fj);
	}
}

void walk_simple(struct farm *farm, int64_t row, enum event_kind kind, const struct err *err)
{
	struct event event = {.kind = kind, .err = err};
	walk_tell(farm, row, &event);
}

void walk_reason(struct farm *farm, struct floor_job *fj, const struct err *err)
{
	struct job *job = &fj->job;
	if (job->reason_kind == REASON_WAIT && strcmp(job->reason, err->text) == 0) {
		return;
	}
	job->reason_kind = REASON_WAIT;
	memcpy(job->reason_code, err->code, sizeof job->reason_code);
	text_copy(job->reason, sizeof job->reason, err->text);
	store_job_save(farm->ports.store, job);
	log_info(job->id, "waits: %s", err->text);
}
