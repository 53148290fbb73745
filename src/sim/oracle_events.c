/* SPDX-License-Identifier: Apache-2.0
 *
 * The oracle's rules about events: the order service has exactly those that were made, in their
 * order (V4), and one was made for each change of stage that names one, and for no other (V5).
 */
#include "sim/own.h"
#include <string.h>

static bool has_the_same_ids(struct sim *sim, const struct sim_subject *subject)
{
	struct err err;
	bool same = true;
	int64_t at = 0;
	struct db_row *row = db_query(store_db(sim->store),
		"SELECT id, sequence FROM event WHERE subject=? ORDER BY row", "t", subject->name);
	for (; at < subject->last && db_next(row); at++) {
		same = same && strcmp(db_text(row, 0), subject->ids[at]) == 0 &&
		       db_int(row, 1) == at + 1;
	}
	return db_end(row, &err) && same && at == subject->last;
}

void v4_events_are_counted_through(struct sim *sim, const struct sim_job *at, bool ended)
{
	const struct sim_subject *subject = sim_cloud_subject(sim, at->id);
	int64_t made = store_events_count(sim->store, at->id, false);
	if (subject->last > made || (ended && subject->last < made)) {
		sim_blame(sim, "V4: %s: %lld events were made, the order service has %lld", at->id,
			(long long)made, (long long)subject->last);
	} else if (!has_the_same_ids(sim, subject)) {
		sim_blame(
			sim, "V4: the order service has other events of %s than were made", at->id);
	}
}

/* As docs/order-api.md lists them; stages without a row are told of by no event. */
static const char *const told[STAGE_COUNT] = {
	[AT_LEASED] = "leased",
	[AT_FETCHED] = "asset_ready",
	[AT_RENDERED] = "rendered",
	[AT_QUEUED] = "queued",
	[AT_SENDING] = "started",
	[AT_ACCEPTED] = "accepted",
	[AT_PRINTED] = "printed",
	[AT_HELD_UNKNOWN] = "may_have_printed",
	[AT_QUARANTINED] = "quarantined",
	[AT_RELEASED] = "released",
	[AT_CANCELLED] = "cancelled",
};

static bool tells_a_stage(const char *word)
{
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		if (told[stage] != NULL && strcmp(told[stage], word) == 0) {
			return true;
		}
	}
	return false;
}

struct cursor { /* in the stored changes of one job */
	const char *job;
	size_t at;
	bool doubt_told; /* of the change at `at` */
};

/* A doubt that the product's policy settles at once never stands at held-unknown. */
static bool tells_doubt(const struct move *move)
{
	return move->to != AT_HELD_UNKNOWN && strncmp(move->words, "may have printed", 16) == 0;
}

/* The next event that a stored change must tell of; NULL: none. */
static const char *next_told(const struct sim *sim, struct cursor *cursor)
{
	for (; cursor->at < sim->watch.n_stored; cursor->at++) {
		const struct move *move = &sim->watch.moves[cursor->at];
		if (strcmp(move->job, cursor->job) != 0) {
			continue;
		}
		if (tells_doubt(move) && !cursor->doubt_told) {
			cursor->doubt_told = true;
			return told[AT_HELD_UNKNOWN];
		}
		cursor->doubt_told = false;
		if (told[move->to] != NULL) {
			cursor->at++;
			return told[move->to];
		}
	}
	return NULL;
}

void v5_each_change_has_its_event(struct sim *sim, const struct sim_job *job)
{
	struct err err;
	struct cursor cursor = {.job = job->id};
	struct db_row *row = db_query(store_db(sim->store),
		"SELECT type FROM event WHERE subject=? ORDER BY sequence", "t", job->id);
	while (db_next(row)) {
		char word[65];
		event_word(db_text(row, 0), word);
		if (!tells_a_stage(word)) {
			continue; /* what happened within a stage */
		}
		const char *next = next_told(sim, &cursor);
		if (next == NULL || strcmp(next, word) != 0) {
			sim_blame(sim, "V5: %s: event %s where %s was due", job->id, word,
				next == NULL ? "none" : next);
			break;
		}
	}
	if (!db_end(row, &err)) {
		sim_blame(sim, "V14: the store can't be read: %s", err.text);
	}
	const char *untold = sim->wrong[0] == '\0' ? next_told(sim, &cursor) : NULL;
	if (untold != NULL) {
		sim_blame(sim, "V5: %s: no event %s was made", job->id, untold);
	}
}
