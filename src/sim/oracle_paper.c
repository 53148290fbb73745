/* SPDX-License-Identifier: Apache-2.0
 *
 * The oracle's rules about paper: nothing twice (V1), and every claim true and with evidence (V10).
 */
#include "sim/own.h"
#include <string.h>

/* Over all floors. */
static int32_t everywhere(const struct sim *sim, const struct sheet *like)
{
	int32_t n = 0;
	const struct sheet *sheet = NULL;
	while ((sheet = sheet_next(sim, like->job, sheet)) != NULL) {
		n += !sheet->spoiled && sheet->page == like->page && sheet->copy == like->copy;
	}
	return n;
}

void v1_no_sheet_twice(struct sim *sim)
{
	for (size_t i = 0; i < sim->n_sheets; i++) {
		const struct sheet *sheet = &sim->sheets[i];
		const struct sim_job *job = sim_cloud_job(sim, sheet->job);
		int32_t n = job == NULL ? 0 : everywhere(sim, sheet);
		if (job != NULL && n > 1 + job->authorised) {
			sim_blame(sim, "V1: %s page %d copy %d came out %d times", sheet->job,
				(int)sheet->page, (int)sheet->copy, (int)n);
		}
	}
}

static int32_t sheets_of(const struct sim *sim, const char *key)
{
	int32_t n = 0;
	char job[TEXT_ID_MAX];
	const struct sheet *sheet = NULL;
	attempt_job(key, job);
	while ((sheet = sheet_next(sim, job, sheet)) != NULL) {
		n += !sheet->spoiled && strcmp(sheet->key, key) == 0;
	}
	return n;
}

bool oracle_is_true(const struct sim *sim, const char *key, enum verdict verdict, int32_t copies,
	int32_t completed)
{
	int32_t out = sheets_of(sim, key);
	switch (verdict) {
	case VERDICT_DONE:
		return out == copies;
	case VERDICT_PARTIAL:
		return out == completed;
	case VERDICT_NOT_TAKEN:
	case VERDICT_SPOILED:
		return out == 0;
	default:
		return true; /* nothing is claimed */
	}
}

/* What each attempt is said to have printed, it has. */
static void judge_attempts(struct sim *sim, const char *job)
{
	struct err err;
	struct db_row *row = db_query(store_db(sim->store),
		"SELECT key, verdict, copies, completed FROM attempt WHERE ended IS NOT NULL"
		" AND job IN (SELECT row FROM job WHERE id=?)",
		"t", job);
	while (db_next(row)) {
		enum verdict verdict = VERDICT_UNKNOWN;
		if (!verdict_from_name(db_text(row, 1), &verdict) ||
			!oracle_is_true(sim, db_text(row, 0), verdict, (int32_t)db_int(row, 2),
				(int32_t)db_int(row, 3))) {
			sim_blame(sim, "V10: %s is said to be %s, but %d sheets came out",
				db_text(row, 0), db_text(row, 1),
				(int)sheets_of(sim, db_text(row, 0)));
		}
	}
	if (!db_end(row, &err)) {
		sim_blame(sim, "V14: the store can't be read: %s", err.text);
	}
}

/* A person's word may be wrong; where one was, only the attempts are judged. */
void v10_the_ledger_is_true(struct sim *sim, const struct sim_job *at)
{
	struct job job;
	if (!store_job_find(sim->store, at->id, &job)) {
		return;
	}
	judge_attempts(sim, at->id);
	int32_t out = sim_sheets(sim, at->id, -1, -1);
	int32_t delivered = oracle_count(sim, at->id, "delivered");
	int32_t doubtful = oracle_count(sim, at->id, "unknown");
	bool at_rest = !stage_is_at_device(job.stage) && at->authorised == 0;
	if (at_rest && (out < delivered || out > delivered + doubtful)) {
		sim_blame(sim,
			"V10: %s: %d sheets came out, the ledger has %d delivered and %d in doubt",
			at->id, (int)out, (int)delivered, (int)doubtful);
	}
}

void v10_claims_have_evidence(struct sim *sim)
{
	int64_t n = 0;
	db_one_int(store_db(sim->store), &n,
		"SELECT count(*) FROM print WHERE state='delivered' AND (evidence='none' OR"
		" (evidence<>'operator' AND row NOT IN (SELECT print FROM sheet_print"
		" JOIN attempt_sheet USING(sheet) JOIN attempt ON attempt.row=attempt"
		" WHERE after IS NOT NULL)))",
		"");
	if (n > 0) {
		sim_blame(sim, "V10: %d prints are called delivered without evidence", (int)n);
	}
}
