/* SPDX-License-Identifier: Apache-2.0
 *
 * The oracle: what must hold after any run, whatever went wrong in it. It compares three worlds
 * that know nothing of each other: the paper that came out, the store, and the order service. Its
 * rules and what each means stand in docs/simulator.md; those that are broken in a moment (V2, V6,
 * V7, V9, V13, V14) are watched for in watch.c.
 */
#include "sim/own.h"
#include <stdio.h>
#include <string.h>

int32_t oracle_count(struct sim *sim, const char *job, const char *state)
{
	int64_t n = 0;
	db_one_int(store_db(sim->store), &n,
		"SELECT count(*) FROM print JOIN job ON job.row=print.job WHERE job.id=?"
		" AND print.state=?",
		"tt", job, state);
	return (int32_t)n;
}

int32_t sim_tray(struct sim *sim, const char *job)
{
	return sim_sheets(sim, job, -1, -1) - oracle_count(sim, job, "delivered");
}

void sim_authorise(struct sim *sim, const char *job)
{
	struct sim_job *at = sim_cloud_job(sim, job);
	if (at != NULL) {
		at->authorised++;
	}
}

bool sim_resolve(struct sim *sim, const char *job, int32_t printed, struct err *err)
{
	if (printed < sim_tray(sim, job)) {
		sim_authorise(sim, job);
	}
	return farm_resolve(sim->farm, job, printed, "anna", "looked in the tray", err);
}

/* Nobody waits without a reason; a stage that asks for quick work may be under way. */
static void judge_reason(void *context, const struct job *job)
{
	struct sim *sim = context;
	bool waits = job->stage == AT_RENDERED || job->stage == AT_QUEUED ||
		     job->stage == AT_PERMITTED || job->stage == AT_HELD_OPERATOR ||
		     job->stage == AT_HELD_UNKNOWN;
	if (waits && job->reason_kind == REASON_NONE) {
		sim_blame(sim, "V3: %s stands at %s and no reason is shown", job->id,
			stage_word(job->stage));
	}
	bool asked_about = stage_is_at_device(job->stage) || job->stage == AT_HELD_UNKNOWN;
	if (asked_about != (job->attempt_row != 0)) {
		sim_blame(sim, "V3: %s is %s, attempt %lld", job->id, stage_word(job->stage),
			(long long)job->attempt_row);
	}
}

static void judge_end(void *context, const struct job *job)
{
	if (!stage_is_final(job->stage)) {
		sim_blame(context, "V3: %s still stands at %s (%s)", job->id,
			stage_word(job->stage), job->reason);
	}
}

bool sim_judge(struct sim *sim, bool ended, char *words, size_t size)
{
	store_jobs_each(sim->store, judge_reason, sim);
	if (ended) {
		store_jobs_each(sim->store, judge_end, sim);
	}
	v1_no_sheet_twice(sim);
	for (size_t i = 0; i < sim->n_jobs; i++) {
		v3_every_job_has_one_end(sim, &sim->jobs[i], ended);
		v4_events_are_counted_through(sim, &sim->jobs[i], ended);
		v5_each_change_has_its_event(sim, &sim->jobs[i]);
		v10_the_ledger_is_true(sim, &sim->jobs[i]);
	}
	v7_rows_grow(sim);
	v8_files_are_there(sim);
	v10_claims_have_evidence(sim);
	text_copy(words, size, sim->wrong);
	return sim->wrong[0] == '\0';
}
