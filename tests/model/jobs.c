/* SPDX-License-Identifier: Apache-2.0
 *
 * What only counts (tries, minutes) takes its first value and one that is over the limit. Jobs that
 * can't be (a question at no device, a cancel that waits for nothing) are left out; table.c proves
 * that no step leads to one.
 */
#include "jobs.h"
#include "rules/path.h"

#define PRINTS 3

static const struct {
	int n, values[STAGE_COUNT];
} wheels[WHEELS] = {
	/* clang-format off */
	[TRIES]      = {2, {0, 7}},
	[REDOS]      = {2, {0, 7}},
	[SUBMITS]    = {3, {0, REPRINT_TRIES, SUBMIT_TRIES - 1}},
	[REFUSED]    = {2, {false, true}},
	[DOUBT]      = {2, {0, 1}}, /* since when */
	[COPIES]     = {2, {1, 2}},
	[DELIVERED]  = {3, {0, 1, PRINTS}},
	[UNKNOWN]    = {2, {0, 1}},
	[DOUBLED]    = {2, {0, 1}},
	[ASKING]     = {2, {false, true}},
	[CANCEL]     = {2, {false, true}},
	[PERMITTED]  = {2, {false, true}},
	[DUPLICATES] = {3, {DUPLICATES_HOLD, DUPLICATES_RELEASE, DUPLICATES_REPRINT}},
	[HELD_FROM]  = {6, {AT_LEASED, AT_FETCHED, AT_INSPECTED, AT_RENDERED, AT_QUEUED, AT_PERMITTED}},
	[STAGE]      = {STAGE_COUNT, {AT_LEASED, AT_FETCHED, AT_INSPECTED, AT_RENDERED, AT_QUEUED,
				AT_PERMITTED, AT_PREPARED, AT_OPENED, AT_SENDING, AT_COMMITTED,
				AT_ACCEPTED, AT_PRINTED, AT_REPORTED, AT_HELD_UNKNOWN,
				AT_HELD_OPERATOR, AT_QUARANTINED, AT_RELEASED, AT_CANCELLED, AT_LOST}},
	/* clang-format on */
};

static struct job make_job(const int at[WHEELS])
{
	int v[WHEELS];
	for (int i = 0; i < WHEELS; i++) {
		v[i] = wheels[i].values[at[i]];
	}
	struct job job = {.stage = (enum stage)v[STAGE],
		.held_from = (enum stage)v[HELD_FROM],
		.duplicates = (enum duplicates)v[DUPLICATES],
		.permitted = v[PERMITTED],
		.cancel_asked = v[CANCEL],
		.asking = v[ASKING],
		.prints = PRINTS,
		.delivered = v[DELIVERED],
		.unknown = v[UNKNOWN],
		.doubled = v[DOUBLED],
		.attempt.copies = v[COPIES],
		.doubt_since_ms = v[DOUBT],
		.submit_tries = v[SUBMITS],
		.redos = v[REDOS],
		.tries = v[TRIES],
		.n_pages = 1,
		.refused_by = {v[REFUSED] ? 'P' : '\0'}};
	return job;
}

/* Some jobs never are; and what does not matter at a stage need not be tried there. */
static bool is_tried(const struct job *job)
{
	bool at_device = stage_is_at_device(job->stage);
	bool open = at_device || job->stage == AT_HELD_UNKNOWN;
	bool held = job->stage == AT_HELD_OPERATOR;
	bool printed = job->stage == AT_PRINTED;
	bool early = job->stage <= AT_PERMITTED || printed;
	bool cleared = open || printed || job->stage == AT_PERMITTED || job->stage == AT_REPORTED ||
		       (held && job->held_from == AT_PERMITTED);
	bool counts = job->submit_tries > 0 || job->refused_by[0] != '\0';
	return (job->permitted || !cleared) && (!job->asking || at_device) &&
	       (!job->cancel_asked || open || printed) && (open || !counts) &&
	       (at_device || job->doubt_since_ms == 0) &&
	       (early || (job->tries == 0 && job->redos == 0)) &&
	       (job->held_from == AT_LEASED || held) &&
	       (job->delivered < PRINTS || printed || (held && job->permitted));
}

/* The next of all combinations; false when they are through. */
static bool turn(int at[WHEELS])
{
	for (int i = 0; i < WHEELS; i++) {
		if (++at[i] < wheels[i].n) {
			return true;
		}
		at[i] = 0;
	}
	return false;
}

bool jobs_next(struct jobs *jobs, struct job *job)
{
	while (!jobs->through) {
		*job = make_job(jobs->at);
		jobs->through = !turn(jobs->at);
		if (is_tried(job)) {
			return true;
		}
	}
	return false;
}
