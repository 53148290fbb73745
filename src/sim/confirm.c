/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of an attempt, as an honest IPP driver finds it out: drivers/ipp_confirm.c in the
 * same order and with the same conclusions. It knows only what the printer says, never what came
 * out.
 */
#include "sim/own.h"
#include <string.h>

void conclude(struct receipt *receipt, enum verdict verdict, enum evidence evidence,
	int64_t completed, const char *text)
{
	receipt->verdict = verdict;
	receipt->evidence = evidence;
	receipt->completed = (int32_t)completed;
	text_copy(receipt->text, sizeof receipt->text, text);
}

static void say(const struct inquiry *inquiry, enum verdict verdict, enum evidence evidence,
	int64_t completed, const char *text)
{
	conclude(inquiry->receipt, verdict, evidence, completed, text);
}

/* Below COMMITTED an incomplete sheet may count; a job that was cut off in its tail counts none. */
static int64_t impressions_of(const struct inquiry *inquiry, const struct machine_job *job)
{
	int32_t half = inquiry->attempt->phase < PHASE_COMMITTED && job->half;
	return inquiry->machine->open.no_impressions ? COUNT_UNKNOWN : job->done + half;
}

static void settle_uncommitted(const struct inquiry *inquiry, struct machine_job *job)
{
	bool sent = inquiry->attempt->phase >= PHASE_SENDING;
	if (job != NULL && !machine_says_over(inquiry->machine, job)) {
		machine_cancel(inquiry->sim, inquiry->machine, job);
	}
	/* looked at again: it may be forgotten at once */
	job = machine_record(inquiry->machine, inquiry->attempt);
	if (job != NULL && !machine_says_over(inquiry->machine, job)) {
		say(inquiry, VERDICT_PENDING, EVIDENCE_NONE, 0, "was cancelled, not ended yet");
	} else if ((job == NULL && sent) ||
		   (job != NULL && impressions_of(inquiry, job) != 0 && sent)) {
		say(inquiry, VERDICT_SPOILED, EVIDENCE_NONE, 0, "cut off before its tail");
	} else {
		say(inquiry, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0, "nothing was printed");
	}
}

/* ---- by its counter ---- */

static bool foreign_since(const struct inquiry *inquiry)
{
	const struct machine *machine = inquiry->machine;
	int64_t since_s = inquiry->attempt->before.up_time_s;
	for (const struct machine_job *job = machine->jobs; job != NULL; job = job->next) {
		bool over = machine_says_over(machine, job);
		bool older = over && (job->ended_ms - machine->since_ms) / 1000 < since_s;
		if (job->key[0] == '\0' && !older && !(over && machine->open.no_history)) {
			return true;
		}
	}
	return false;
}

static bool counter_proves(const struct inquiry *inquiry, int64_t *moved)
{
	const struct witness *before = &inquiry->attempt->before;
	struct witness *after = &inquiry->receipt->after;
	machine_witness(inquiry->sim, inquiry->machine, after);
	after->foreign = after->foreign || foreign_since(inquiry);
	*moved = after->impressions - before->impressions;
	return before->read && !before->foreign && before->jobs_active == 0 && !after->foreign &&
	       before->impressions > 0 && after->impressions >= 0 && *moved >= 0 &&
	       (after->jobs_active == 0 || !machine_is_idle(inquiry->machine)) &&
	       after->up_time_s >= before->up_time_s;
}

static bool settle_by_counter(struct inquiry *inquiry)
{
	int64_t moved;
	int32_t copies = inquiry->attempt->copies;
	bool proves = counter_proves(inquiry, &moved);
	bool idle = machine_is_idle(inquiry->machine);
	if (proves && idle && moved < copies && !inquiry->again) { /* it may lag */
		*inquiry->first = moved;
		return false;
	}
	if (inquiry->again) {
		proves = proves && moved == *inquiry->first;
	}
	if (!proves || moved > copies) {
		say(inquiry, VERDICT_UNKNOWN, EVIDENCE_NONE, 0, "it knows nothing of the job");
		return true;
	}
	if (!idle) {
		say(inquiry, VERDICT_PENDING, EVIDENCE_NONE, 0, "it is not at rest");
		return true;
	}
	enum verdict verdict = moved == copies ? VERDICT_DONE
			       : moved == 0    ? VERDICT_NOT_TAKEN
					       : VERDICT_PARTIAL;
	say(inquiry, verdict, EVIDENCE_COUNTER, moved, "by its counter");
	return true;
}

/* ---- from COMMITTED on ---- */

static bool settle_completed(struct inquiry *inquiry, const struct machine_job *job)
{
	int64_t done = impressions_of(inquiry, job);
	if (done == inquiry->attempt->copies) {
		say(inquiry, VERDICT_DONE, EVIDENCE_IMPRESSIONS, done, "completed");
		return true;
	}
	return settle_by_counter(inquiry);
}

static bool settle_ended(struct inquiry *inquiry, const struct machine_job *job)
{
	int64_t done = impressions_of(inquiry, job);
	int32_t copies = inquiry->attempt->copies;
	if (done == COUNT_UNKNOWN) {
		return settle_by_counter(inquiry);
	}
	enum verdict verdict = done == 0       ? VERDICT_NOT_TAKEN
			       : done < copies ? VERDICT_PARTIAL
					       : VERDICT_DONE;
	say(inquiry, verdict, EVIDENCE_IMPRESSIONS, done, "ended early");
	return true;
}

static bool settle_committed(struct inquiry *inquiry, struct machine_job *job)
{
	struct machine *machine = inquiry->machine;
	if (job == NULL) {
		const struct witness *before = &inquiry->attempt->before;
		if (before->read && inquiry->receipt->after.up_time_s < before->up_time_s) {
			say(inquiry, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
				"it has restarted since and knows nothing of the job");
			return true;
		}
		return settle_by_counter(inquiry);
	}
	if (machine_says_over(machine, job)) {
		return job->state == MACHINE_ENDED ? settle_ended(inquiry, job)
						   : settle_completed(inquiry, job);
	}
	if (job->state < MACHINE_QUEUED) { /* without its tail or its release */
		machine_cancel(inquiry->sim, machine, job);
		say(inquiry, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0, "its tail never came");
		return true;
	}
	say(inquiry, VERDICT_PENDING, EVIDENCE_NONE, job->done, "printing");
	return true;
}

bool confirm_ipp(struct inquiry *inquiry)
{
	struct machine_job *job = machine_record(inquiry->machine, inquiry->attempt);
	machine_witness(inquiry->sim, inquiry->machine, &inquiry->receipt->after);
	if (inquiry->attempt->phase < PHASE_COMMITTED) {
		settle_uncommitted(inquiry, job);
		return true;
	}
	return settle_committed(inquiry, job);
}
