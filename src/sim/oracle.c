/* SPDX-License-Identifier: Apache-2.0
 *
 * The oracle: what must hold after any run, whatever went wrong in it. It compares three worlds
 * that know nothing of each other: the paper that came out, the store, and the order service.
 */
#include "sim/own.h"
#include <stdio.h>
#include <string.h>

static int32_t count(struct sim *sim, const char *job, const char *state)
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
	return sim_sheets(sim, job, -1, -1) - count(sim, job, "delivered");
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

/* V1: no sheet twice, unless a person wanted it. */
static void judge_sheets(struct sim *sim)
{
	for (size_t i = 0; i < sim->n_sheets; i++) {
		const struct sheet *sheet = &sim->sheets[i];
		const struct sim_job *job = sim_cloud_job(sim, sheet->job);
		int32_t may = 1 + (job == NULL ? 0 : job->authorised);
		int32_t n = sim_sheets(sim, sheet->job, sheet->page, sheet->copy);
		if (n > may) {
			sim_blame(sim, "%s page %d copy %d came out %d times", sheet->job,
				(int)sheet->page, (int)sheet->copy, (int)n);
		}
	}
}

/* The ledger says what the paper says. */
static void judge_ledger(struct sim *sim, const struct job *job, bool told_wrong)
{
	int32_t out = sim_sheets(sim, job->id, -1, -1);
	int32_t delivered = count(sim, job->id, "delivered");
	int32_t doubtful = count(sim, job->id, "unknown");
	bool at_rest = !stage_is_at_device(job->stage);
	if (at_rest && !told_wrong && (out < delivered || out > delivered + doubtful)) {
		sim_blame(sim,
			"%s: %d sheets came out, the ledger has %d delivered and %d in doubt",
			job->id, (int)out, (int)delivered, (int)doubtful);
	}
	int64_t open = 0;
	db_one_int(store_db(sim->store), &open,
		"SELECT count(*) FROM print WHERE job=? AND state IN ('planned','sent','accepted')",
		"i", job->row);
	if ((job->stage == AT_PRINTED || job->stage == AT_REPORTED) && open > 0) {
		sim_blame(sim, "%s is %s with %d prints not made", job->id, stage_word(job->stage),
			(int)open);
	}
}

/* Nobody waits without a reason; a stage that asks for quick work may be under way. */
static void judge_stage(struct sim *sim, const struct job *job, bool ended)
{
	bool open = !stage_is_final(job->stage);
	if (ended && open) {
		sim_blame(sim, "%s still stands at %s (%s)", job->id, stage_word(job->stage),
			job->reason);
	}
	bool waits = job->stage == AT_RENDERED || job->stage == AT_QUEUED ||
		     job->stage == AT_PERMITTED || job->stage == AT_HELD_OPERATOR ||
		     job->stage == AT_HELD_UNKNOWN;
	if (waits && job->reason_kind == REASON_NONE) {
		sim_blame(sim, "%s stands at %s and no reason is shown", job->id,
			stage_word(job->stage));
	}
	bool asked_about = stage_is_at_device(job->stage) || job->stage == AT_HELD_UNKNOWN;
	if (asked_about != (job->attempt_row != 0)) {
		sim_blame(sim, "%s is %s, attempt %lld", job->id, stage_word(job->stage),
			(long long)job->attempt_row);
	}
}

static void judge_each(void *context, const struct job *job)
{
	judge_stage(((void **)context)[0], job, ((void **)context)[1] != NULL);
}

/* V3, V4: each job has come to an end that the order service knows of, with all its events. */
static void judge_job(struct sim *sim, const struct sim_job *at, bool ended)
{
	struct job job;
	if (!store_job_find(sim->store, at->id, &job)) {
		if (ended && at->state != JOB_CANCELLED && at->state != JOB_ELSEWHERE) {
			sim_blame(sim, "%s never came to the floor", at->id);
		}
		return;
	}
	judge_ledger(sim, &job, at->authorised > 0);
	const struct sim_subject *subject = sim_cloud_subject(sim, at->id);
	int64_t made = store_events_count(sim->store, at->id, false);
	if (subject->last > made || (ended && subject->last < made)) {
		sim_blame(sim, "%s: %lld events were made, the order service has %lld", at->id,
			(long long)made, (long long)subject->last);
	}
	bool agree = at->state == JOB_PRINTED ? job.stage >= AT_PRINTED : true;
	agree = agree && !(ended && (at->state == JOB_LEASED || at->state == JOB_STARTED) &&
				 job.epoch == at->epoch && job.stage != AT_LOST);
	if (!agree) {
		sim_blame(sim, "%s is %s here and not so there", at->id, stage_word(job.stage));
	}
}

bool sim_judge(struct sim *sim, bool ended, char *words, size_t size)
{
	void *context[] = {sim, ended ? sim : NULL};
	judge_sheets(sim);
	store_jobs_each(sim->store, judge_each, context);
	for (size_t i = 0; i < sim->n_jobs; i++) {
		judge_job(sim, &sim->jobs[i], ended);
	}
	text_copy(words, size, sim->wrong);
	return sim->wrong[0] == '\0';
}
