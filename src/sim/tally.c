/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures of a run: how long, how much paper, how many crashes, and how every ambiguous hand-over
 * was settled.
 */
#include "sim/own.h"
#include <string.h>

/* What the store says became of the attempt; false: it is open still. */
static bool fate_of(struct sim *sim, const char *key, struct receipt *receipt, int32_t *copies)
{
	struct err err;
	struct db_row *row = db_query(store_db(sim->store),
		"SELECT verdict, evidence, completed, copies FROM attempt WHERE key=?"
		" AND verdict IS NOT NULL",
		"t", key);
	bool found = db_next(row) && verdict_from_name(db_text(row, 0), &receipt->verdict) &&
		     evidence_from_name(db_text(row, 1), &receipt->evidence);
	if (found) {
		receipt->completed = (int32_t)db_int(row, 2);
		*copies = (int32_t)db_int(row, 3);
	}
	return db_end(row, &err) && found;
}

static void count_doubt(struct sim *sim, const struct doubt *doubt, struct sim_settled *settled)
{
	struct receipt receipt;
	int32_t copies;
	char id[TEXT_ID_MAX];
	attempt_job(doubt->key, id);
	const struct sim_job *job = sim_cloud_job(sim, id);
	bool known = fate_of(sim, doubt->key, &receipt, &copies);
	if (known && receipt.verdict == VERDICT_UNKNOWN && job != NULL &&
		job->duplicates != DUPLICATES_HOLD) {
		settled->by_policy++;
		return;
	}
	settled->n++;
	if (!known || receipt.verdict == VERDICT_UNKNOWN || receipt.evidence == EVIDENCE_OPERATOR) {
		settled->by_person++;
		return;
	}
	settled->by_counter += receipt.evidence == EVIDENCE_COUNTER;
	settled->by_impressions += receipt.evidence == EVIDENCE_IMPRESSIONS;
	settled->by_its_word += receipt.evidence == EVIDENCE_NONE;
	settled->wrongly +=
		!oracle_is_true(sim, doubt->key, receipt.verdict, copies, receipt.completed);
}

void sim_tally(struct sim *sim, struct sim_tally *tally)
{
	*tally = (struct sim_tally){.virtual_ms = sim->now_ms, .crashes = sim->life - 1};
	for (size_t i = 0; i < sim->n_sheets; i++) {
		tally->sheets += !sim->sheets[i].spoiled;
		tally->spoiled += sim->sheets[i].spoiled;
		tally->elsewhere += sim->sheets[i].at == ELSEWHERE;
	}
	for (size_t i = 0; i < sim->watch.n_doubts; i++) {
		const struct doubt *doubt = &sim->watch.doubts[i];
		count_doubt(sim, doubt, &tally->settled[doubt->witness]);
	}
}
