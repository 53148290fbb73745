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

static void act(struct farm *farm, struct floor_job *fj, const char *what, const char *code,
	const char *who, const char *reason, struct event *event)
{
	struct err err;
	err_set(&err, REMEDY_DROP, code, "%s by %s%s%s", what, who, reason[0] == '\0' ? "" : ": ",
		reason);
	event->err = &err;
	store_audit(farm->ports.store, farm_wall_ms(farm), who, what, fj->job.id, reason);
	walk_tell(farm, fj->job.row, event);
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
	if (!need(farm, id, &fj, err)) {
		return false;
	}
	if (fj->job.stage == AT_HELD_UNKNOWN) {
		return refuse(fj, "released", "say first what lies in the tray (resolve)", err);
	}
	if (fj->job.stage != AT_HELD_OPERATOR) {
		return refuse(fj, "released", "it is not held", err);
	}
	struct event event = {.kind = EV_RELEASE};
	act(farm, fj, "released", "released", who, reason, &event);
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
