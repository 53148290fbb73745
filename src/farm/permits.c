/* SPDX-License-Identifier: Apache-2.0
 *
 * The right to print: asked of the order service just in time, or given by this floor to its own
 * orders.
 */
#include "farm/own.h"
#include <string.h>

#define REFUSALS_MAX 3

void permit_want(struct farm *farm, struct floor_job *fj, const char *printer)
{
#ifdef PLATEN_WEAKEN_PERMIT /* a planted fault: docs/simulator.md */
	fj->job.local = true;
#endif
	if (fj->job.local) { /* this floor is its own authority; the ceilings were judged at intake
			      */
		fj->in_line = DO_NOTHING;
		store_audit(farm->ports.store, farm_wall_ms(farm), "local", "permit", fj->job.id,
			printer);
		walk_simple(farm, fj->job.row, EV_DONE, NULL);
		return;
	}
	fj->permit_asked = true;
	chore_now(farm, CHORE_START);
}

void permit_ask(struct farm *farm)
{
	struct call *call = &farm->calls[CHORE_START];
	if (!farm->session_open || call->busy) {
		return;
	}
	if (call->key[0] ==
		'\0') { /* a new call; else the unanswered one is made again as it was */
		farm->n_starts = 0;
		size_t most = farm->starts_alone ? 1 : STARTS_MAX;
		size_t at = 0;
		for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
			if (!fj->permit_asked || farm->n_starts == most) {
				continue;
			}
			struct start_ask *ask = &farm->starts[farm->n_starts++];
			*ask = (struct start_ask){
				.epoch = fj->job.epoch, .revision = fj->job.revision};
			memcpy(ask->job, fj->job.id, sizeof ask->job);
			memcpy(ask->printer, fj->job.printer, sizeof ask->printer);
		}
	}
	if (farm->n_starts > 0) {
		farm->ports.cloud_ops->start(farm->ports.cloud, call_begin(farm, CHORE_START),
			farm->starts, farm->n_starts);
	}
}

static void judge_start(struct farm *farm, const struct start_job *said)
{
	struct floor_job *fj = farm_find_id(farm, said->job);
	if (fj == NULL || fj->job.epoch != said->epoch || fj->job.stage != AT_QUEUED) {
		return;
	}
	fj->permit_asked = false;
	struct err err;
	switch (said->verdict) {
	case START_GRANTED:
		store_audit(farm->ports.store, farm_wall_ms(farm), "order service", "permit",
			fj->job.id, fj->job.printer);
		walk_simple(farm, fj->job.row, EV_DONE, NULL);
		break;
	case START_CANCELLED:
		err_set(&err, REMEDY_DROP, "cancelled", "the customer cancelled it");
		walk_simple(farm, fj->job.row, EV_CANCEL, &err);
		break;
	case START_SUPERSEDED:
	case START_REVISED:
		err_set(&err, REMEDY_DROP, "lease-lost", "%s",
			said->verdict == START_REVISED ? "the order was changed: it comes again"
						       : "the order service has it elsewhere");
		walk_simple(farm, fj->job.row, EV_LOST, &err);
		break;
	case START_PAUSED:
		fj->paused = true; /* until an extend says otherwise */
		farm->line_due = farm->line_all = true;
		break;
	}
}

/* A call that the service can't read says nothing of which job it was about: they are asked one by
 * one then, and the one that is refused alone, again and again, waits for a person. */
static void find_refused(struct farm *farm, const struct err *err)
{
	struct floor_job *fj = farm_find_id(farm, farm->starts[0].job);
	bool alone = farm->n_starts == 1;
	farm->starts_alone = !alone;
	bool its = alone && fj != NULL && fj->job.stage == AT_QUEUED;
	if (its && ++fj->permit_refusals >= REFUSALS_MAX) {
		struct err why;
		fj->permit_refusals = 0;
		err_set(&why, REMEDY_ATTEND, "permit-refused",
			"the order service does not clear it: %s", err->text);
		walk_simple(farm, fj->job.row, EV_HOLD, &why);
	}
}

void permit_on_answer(void *context, const struct start_answer *answer, const struct err *err,
	int64_t retry_after_ms)
{
	struct farm *farm = context;
	call_answered(farm, CHORE_START, err, retry_after_ms);
	if (err != NULL) {
		if (err->remedy == REMEDY_REJECT) {
			find_refused(farm, err);
		}
		return;
	}
	for (size_t i = 0; i < answer->n_jobs; i++) {
		judge_start(farm, &answer->jobs[i]);
	}
	/* a job that the answer left out asks again with the next call */
	for (size_t i = 0; i < farm->n_starts; i++) {
		struct floor_job *fj = farm_find_id(farm, farm->starts[i].job);
		if (fj != NULL && fj->permit_asked) {
			fj->permit_asked = false;
			farm->line_due = farm->line_all = true;
		}
	}
	size_t at = 0;
	bool more = false;
	for (struct floor_job *fj; !more && (fj = table_next(&farm->jobs, &at)) != NULL;) {
		more = fj->permit_asked;
	}
	farm->starts_alone = farm->starts_alone && more;
	if (more) {
		chore_now(farm, CHORE_START);
	}
}
