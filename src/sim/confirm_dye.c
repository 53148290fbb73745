/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of an attempt, as an honest driver of a dye-sub finds it out: drivers/fake_confirm.c
 * in the same order and with the same conclusions. It has its life counter and the state of its
 * buffers, and no list of jobs.
 */
#include "sim/own.h"

static void say(const struct inquiry *inquiry, enum verdict verdict, enum evidence evidence,
	int64_t completed, const char *text)
{
	conclude(inquiry->receipt, verdict, evidence, completed, text);
}

static bool settle(const struct inquiry *inquiry, int64_t moved)
{
	int32_t copies = inquiry->attempt->copies;
	if (inquiry->receipt->after.jobs_active > 0) {
		say(inquiry, VERDICT_PENDING, EVIDENCE_NONE, 0, "it is not at rest");
		return true;
	}
	if (moved == copies) {
		say(inquiry, VERDICT_DONE, EVIDENCE_COUNTER, moved, "by its counter");
		return true;
	}
	if (moved < 0 || moved > copies) {
		say(inquiry, VERDICT_UNKNOWN, EVIDENCE_NONE, 0, "its counter moved too far");
		return true;
	}
	return false;
}

static bool settle_committed(struct inquiry *inquiry)
{
	const struct witness *before = &inquiry->attempt->before;
	const struct witness *after = &inquiry->receipt->after;
	int64_t moved = after->life_count - before->life_count;
	if (!before->read || before->life_count < 0 || after->life_count < 0 ||
		before->jobs_active > 0) {
		say(inquiry, VERDICT_UNKNOWN, EVIDENCE_NONE, 0, "it knows nothing of the job");
		return true;
	}
	if (settle(inquiry, moved)) {
		return true;
	}
	if (!inquiry->again) { /* it may lag */
		*inquiry->first = moved;
		return false;
	}
	if (moved != *inquiry->first) {
		say(inquiry, VERDICT_PENDING, EVIDENCE_NONE, 0, "its counter still moves");
		return true;
	}
	say(inquiry, moved == 0 ? VERDICT_NOT_TAKEN : VERDICT_PARTIAL, EVIDENCE_COUNTER, moved,
		"by its counter");
	return true;
}

bool confirm_dye(struct inquiry *inquiry)
{
	machine_witness(inquiry->sim, inquiry->machine, &inquiry->receipt->after);
	if (inquiry->attempt->phase < PHASE_COMMITTED) {
		struct machine_job *planes = machine_find(inquiry->machine, inquiry->attempt->key);
		if (planes != NULL && planes->state < MACHINE_QUEUED) {
			machine_cancel(inquiry->sim, inquiry->machine, planes);
		}
		say(inquiry, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0, "nothing was printed");
		return true;
	}
	return settle_committed(inquiry);
}
