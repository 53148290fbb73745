/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do to jobs. Each action says why when it can't be done, goes through the hub, and
 * leaves a row in the audit trail.
 */
#include "farm/own.h"
#include "rules/hold.h"
#include <stdio.h>
#include <string.h>

static bool need(struct farm *farm, const char *id, struct floor_job **fj, struct err *err)
{
	*fj = farm_find_id(farm, id);
	if (*fj != NULL) {
		return true;
	}
	struct job closed;
	if (store_job_find(farm->ports.store, id, &closed)) {
		return err_set(err, REMEDY_REJECT, "over",
			"job %s is over (%s): nothing can be changed any more", id,
			hold_stage_words(closed.stage));
	}
	return err_set(err, REMEDY_REJECT, "unknown-job",
		"no job %s on this floor: see "
		"`platenctl jobs`",
		id);
}

static bool refuse(
	const struct floor_job *fj, const char *what, const char *instead, struct err *err)
{
	return err_set(err, REMEDY_REJECT, "wrong-stage", "job %s is %s: it can't be %s; %s",
		fj->job.id, hold_stage_words(fj->job.stage), what, instead);
}

static bool is_held(const struct floor_job *fj, struct err *err)
{
	if (fj->job.stage == AT_HELD_UNKNOWN) {
		return refuse(fj, "released", "say first what lies in the tray (resolve)", err);
	}
	return fj->job.stage == AT_HELD_OPERATOR || refuse(fj, "released", "it is not held", err);
}

/* The decision, tied to the sheets that it is about. */
static void act(struct farm *farm, struct floor_job *fj, const char *what, const char *code,
	const char *who, const char *reason, struct event *event)
{
	struct err err;
	struct store *store = farm->ports.store;
	int64_t job_row = fj->job.row;
	err_set(&err, REMEDY_DROP, code, "%s by %s%s%s", what, who, reason[0] == '\0' ? "" : ": ",
		reason);
	event->err = &err;
	int64_t row = store_audit(store, farm_wall_ms(farm), who, what, fj->job.id, reason);
	store_decision_begin(store, row, job_row);
	walk_tell(farm, job_row, event);
	store_decision_end(store, row);
}

bool farm_cancel(
	struct farm *farm, const char *id, const char *who, const char *reason, struct err *err)
{
	struct floor_job *fj;
	if (!need(farm, id, &fj, err)) {
		return false;
	}
	if (fj->job.stage == AT_HELD_UNKNOWN) {
		return refuse(fj, "cancelled", "say first what lies in the tray (resolve)", err);
	}
	if (fj->job.stage >= AT_PRINTED && fj->job.stage != AT_HELD_OPERATOR) {
		return refuse(fj, "cancelled", "it has come out or is over", err);
	}
	struct event event = {.kind = EV_CANCEL};
	act(farm, fj, "cancelled", "cancelled", who, reason, &event);
	return true;
}

bool farm_hold(
	struct farm *farm, const char *id, const char *who, const char *reason, struct err *err)
{
	struct floor_job *fj;
	if (!need(farm, id, &fj, err)) {
		return false;
	}
	if (fj->job.stage > AT_PERMITTED) {
		return refuse(
			fj, "held", "it is at the printer or waits for a decision already", err);
	}
	struct event event = {.kind = EV_HOLD};
	act(farm, fj, "held", "asked", who, reason, &event);
	return true;
}

bool farm_release(
	struct farm *farm, const char *id, const char *who, const char *reason, struct err *err)
{
	struct floor_job *fj;
	struct job job;
	if (store_job_find(farm->ports.store, id, &job) && job.stage == AT_QUARANTINED) {
		return poison_release(farm, &job, who, reason, err);
	}
	if (!need(farm, id, &fj, err) || !is_held(fj, err)) {
		return false;
	}
	struct event event = {.kind = EV_RELEASE};
	act(farm, fj, "released", "released", who, reason, &event);
	return true;
}

/* What the person counted goes into the ledger under the same row of the trail as the release. */
static void release_counted(struct farm *farm, struct floor_job *fj, const struct partial *partial,
	int32_t good, const char *who, const char *reason)
{
	struct err err;
	struct store *store = farm->ports.store;
	int64_t now_ms = farm_wall_ms(farm);
	int64_t job_row = fj->job.row;
	char what[64];
	struct receipt receipt = {
		.verdict = VERDICT_PARTIAL, .evidence = EVIDENCE_OPERATOR, .completed = good};
	snprintf(receipt.text, sizeof receipt.text, "%.60s counted %d good ones in the tray", who,
		(int)good);
	snprintf(what, sizeof what, "counted %d good of %d and released", (int)good,
		(int)partial->claimed);
	int64_t row = store_audit(store, now_ms, who, what, fj->job.id, reason);
	store_decision_begin(store, row, job_row);
	store_partial_recount(store, &fj->job, partial, good, now_ms);
	err_set(&err, REMEDY_DROP, "released", "%s by %s", what, who);
	struct event event = {.kind = EV_RELEASE, .err = &err, .receipt = &receipt};
	walk_tell(farm, job_row, &event);
	store_decision_end(store, row);
}

bool farm_release_counted(struct farm *farm, const char *id, int32_t good, const char *who,
	const char *reason, struct err *err)
{
	struct floor_job *fj;
	struct partial partial;
	if (!need(farm, id, &fj, err) || !is_held(fj, err)) {
		return false;
	}
	if (strcmp(fj->job.reason_code, "interrupted") != 0 ||
		!store_partial_get(farm->ports.store, fj->job.row, &partial)) {
		return refuse(
			fj, "counted", "it did not stop part-way: release it without a count", err);
	}
	if (good < 0 || good > partial.copies) {
		return err_set(err, REMEDY_REJECT, "field",
			"%d prints of job %s were sent last: say how many good ones came out, 0 to "
			"%d",
			(int)partial.copies, id, (int)partial.copies);
	}
	release_counted(farm, fj, &partial, good, who, reason);
	return true;
}

bool farm_give_back(
	struct farm *farm, const char *id, const char *who, const char *reason, struct err *err)
{
	struct floor_job *fj;
	if (!need(farm, id, &fj, err)) {
		return false;
	}
	bool may = fj->job.stage <= AT_PERMITTED || fj->job.stage == AT_HELD_OPERATOR ||
		   fj->job.stage == AT_HELD_UNKNOWN;
	if (!may) {
		return refuse(fj, "given back", "it is at the printer or has come out", err);
	}
	struct event event = {.kind = EV_GIVE_BACK};
	act(farm, fj, "given back", "declined", who, reason, &event);
	return true;
}

/* A printer that goes on by itself with what it has prints it after all: nobody can say that it did
 * not come out before it is at rest. */
static bool still_works(const struct farm *farm, const char *name, struct err *err)
{
	const struct printer *printer = printer_find(farm, name);
	bool works = printer != NULL && printer->model->self_resumes && printer->known &&
		     printer->status.state != DEVICE_IDLE;
	if (works) {
		err_set(err, REMEDY_REJECT, "printer-busy",
			"%s goes on by itself with what it has: clear it, wait until it is at "
			"rest, then say what came out",
			name);
	}
	return works;
}

bool farm_resolve(struct farm *farm, const char *id, int32_t printed, const char *who,
	const char *reason, struct err *err)
{
	struct floor_job *fj;
	if (!need(farm, id, &fj, err)) {
		return false;
	}
	if (fj->job.stage != AT_HELD_UNKNOWN) {
		return refuse(fj, "resolved", "nothing about it is in doubt", err);
	}
	if (printed < 0 || printed > fj->job.unknown) {
		return err_set(err, REMEDY_REJECT, "field",
			"%d prints of job %s are in doubt: say how many of them came out, 0 to %d",
			(int)fj->job.unknown, id, (int)fj->job.unknown);
	}
	if (printed < fj->job.unknown && still_works(farm, fj->job.printer, err)) {
		return false;
	}
	struct receipt receipt = {
		.verdict = VERDICT_DONE, .evidence = EVIDENCE_OPERATOR, .completed = printed};
	snprintf(receipt.text, sizeof receipt.text, "%.60s counted %d in the tray", who,
		(int)printed);
	struct event event = {.kind = EV_RESOLVE, .receipt = &receipt};
	if (printed < fj->job.unknown) {
		printer_clear(farm,
			fj->job.printer); /* what is to be printed anew must not come out late */
	}
	act(farm, fj, "resolved", "resolved", who, reason, &event);
	return true;
}
