/* SPDX-License-Identifier: Apache-2.0
 *
 * What the session itself can't compare, since the floor lists only what is open: jobs that the
 * service believes to be here, though they are over or were never stored; and jobs that ended here,
 * of which a service that came back from a backup may know nothing.
 *
 *  1. The session's answer names what it missed: reports are sent again, what was given back is
 *     given back again, a lease that was never stored goes back at once. What was cleared to print
 *     and is not known here is for a person to look for.
 *  2. Then what was closed lately is named, page by page; no leases are asked for meanwhile. A
 *     service that does not know that call is not asked again in this session.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdlib.h>
#include <string.h>

#define LATELY_MS (72 * HOUR_MS) /* longer than an outage that is prepared for */
#define PAGE_MAX  500
#define TRIES_MAX 3

/* Reports from there on once more, and the release that was confirmed to a service that forgot. */
static void tell_again(struct farm *farm, const struct job *here, int64_t from, bool release)
{
	if (from > 0) {
		log_info(here->id, "the order service asks for its reports from %lld on again",
			(long long)from);
		store_events_unack(farm->ports.store, here->id, from);
		chore_now(farm, CHORE_EVENTS);
	}
	if (release && !store_call_has(farm->ports.store, here->id, here->epoch)) {
		outbox_release(farm, here);
	}
}

static bool was_given_back(const struct job *job)
{
	return job->stage == AT_RELEASED || job->stage == AT_QUARANTINED;
}

/* Nothing of it is known here under that epoch. */
static void miss(struct farm *farm, const struct missed_job *missed)
{
	struct err err;
	if (missed->permitted) {
		err_set(&err, REMEDY_ATTEND, "unknown-permit",
			"the order service says that this floor was cleared to print job %s "
			"(epoch %lld), but the store does not know it: look whether it came out, "
			"then free it at the service",
			missed->job, (long long)missed->epoch);
		incident_raise(farm, "", NULL, err.code, err.text);
		return;
	}
	/* an answer with leases that was not heard comes again with the same call */
	bool may_come = farm->calls[CHORE_ACQUIRE].key[0] != '\0';
	if (!may_come && !store_call_has(farm->ports.store, missed->job, missed->epoch)) {
		log_warn(missed->job, "the order service believes it here: given back, epoch %lld",
			(long long)missed->epoch);
		outbox_disown(farm, missed->job, missed->epoch);
	}
}

static void judge_missed(struct farm *farm, const struct missed_job *missed)
{
	struct job here;
	if (farm_find_id(farm, missed->job) != NULL) {
		return; /* it is open: there was no room to list it */
	}
	bool known = store_job_find(farm->ports.store, missed->job, &here) &&
		     here.epoch >= missed->epoch && here.stage != AT_LOST;
	if (!known) {
		miss(farm, missed);
		return;
	}
	int64_t last = store_events_last(farm->ports.store, missed->job);
	tell_again(farm, &here, last > missed->seq ? missed->seq + 1 : 0,
		here.epoch == missed->epoch && was_given_back(&here));
}

/* ---- what ended here ---- */

static void end_comparing(struct farm *farm)
{
	farm->comparing = false;
	chore_now(farm, CHORE_ACQUIRE);
}

void reconcile_begin(struct farm *farm, const struct session_answer *answer)
{
	for (size_t i = 0; i < answer->n_missed; i++) {
		judge_missed(farm, &answer->missed[i]);
	}
	farm->comparing = true;
	farm->closed_at = (struct closed_place){.wall_ms = farm_wall_ms(farm) - LATELY_MS};
	chore_now(farm, CHORE_CLOSED);
}

void reconcile_ask_closed(struct farm *farm)
{
	if (!farm->session_open || !farm->comparing || farm->calls[CHORE_CLOSED].busy) {
		return;
	}
	struct closed_place at = farm->closed_at;
	struct held_job *jobs = mem_new(PAGE_MAX, sizeof *jobs);
	size_t n = store_jobs_closed(farm->ports.store, &at, jobs, PAGE_MAX);
	if (n == 0) {
		end_comparing(farm);
	} else {
		farm->calls[CHORE_CLOSED].key[0] = '\0'; /* the page may have grown */
		farm->closed_next = at;
		farm->ports.cloud_ops->closed(
			farm->ports.cloud, call_begin(farm, CHORE_CLOSED), jobs, n);
	}
	free(jobs);
}

static void judge_closed(struct farm *farm, const struct closed_job *said)
{
	struct job here;
	if (said->verdict != CLOSED_KEEP && farm_find_id(farm, said->job) == NULL &&
		store_job_find(farm->ports.store, said->job, &here)) {
		tell_again(farm, &here, said->resend_from,
			said->verdict == CLOSED_RELEASE && was_given_back(&here));
	}
}

void reconcile_on_closed(void *context, const struct closed_answer *answer, const struct err *err,
	int64_t retry_after_ms)
{
	struct farm *farm = context;
	bool older = err != NULL && strcmp(err->code, "no-such-call") == 0; /* than that call */
	call_answered(farm, CHORE_CLOSED, older ? NULL : err, retry_after_ms);
	if (err != NULL) { /* what can't be compared must not stop the work */
		if (err->remedy != REMEDY_RETRY || farm->calls[CHORE_CLOSED].tries >= TRIES_MAX) {
			end_comparing(farm);
		}
		return;
	}
	for (size_t i = 0; i < answer->n_jobs; i++) {
		judge_closed(farm, &answer->jobs[i]);
	}
	farm->closed_at = farm->closed_next;
	chore_now(farm, CHORE_CLOSED);
}
