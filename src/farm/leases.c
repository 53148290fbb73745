/* SPDX-License-Identifier: Apache-2.0
 *
 * The jobs that the order service and this floor agree on: the session compares them, acquire
 * brings new ones, extend keeps those that are here and says what is wished of each.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdlib.h>
#include <string.h>

#define IDLE_POLL_MS  2000 /* how often to look again while nothing is wanted */
#define EMPTY_POLL_MS 100
/* All that is held is named in one heartbeat, of at most 10,000 JSON values: six for each job. */
#define HELD_MAX    1500
#define LEASES_ONCE 10

/* The jobs that the cloud believes to be here, as session and heartbeat say them. */
static bool is_held(const struct job *job)
{
	return !job->local && (!stage_is_final(job->stage) || job->stage == AT_REPORTED);
}

bool leases_have_room(const struct farm *farm)
{
	size_t n = 0;
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		n += is_held(&fj->job);
	}
	return n + LEASES_ONCE <= HELD_MAX;
}

static void put_held(struct farm *farm, const struct job *job, struct held_job *one)
{
	memcpy(one->job, job->id, sizeof one->job);
	one->epoch = job->epoch;
	text_copy(one->state, sizeof one->state, stage_word(job->stage));
	for (char *c = one->state; *c != '\0'; c++) {
		*c = *c == '-' ? '_' : *c;
	}
	one->seq = store_events_last(farm->ports.store, job->id);
	one->printed = job->delivered;
}

/* No more is leased than can be named; should a store hold more, what is cleared to print comes
 * first, and the leases of the rest lapse. */
static struct held_job *held_jobs(struct farm *farm, size_t *n)
{
	size_t most = farm->jobs.n < HELD_MAX ? farm->jobs.n : HELD_MAX;
	struct held_job *held = mem_new(most, sizeof *held);
	*n = 0;
	for (int permitted = 1; permitted >= 0; permitted--) {
		size_t at = 0;
		for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
			bool fits = is_held(&fj->job) && fj->job.permitted == (permitted != 0);
			if (fits && *n < most) {
				put_held(farm, &fj->job, &held[(*n)++]);
			}
		}
	}
	return held;
}

/* ---- session ---- */

void leases_ask_session(struct farm *farm)
{
	struct err old;
	if (!farm->conf.has_cloud || farm->calls[CHORE_SESSION].busy) {
		return;
	}
	if (store_is_old(farm->ports.store, &old)) { /* what it would say is not the truth */
		text_copy(farm->cloud_fault, sizeof farm->cloud_fault, old.text);
		return;
	}
	struct session_ask ask = {.store_generation = store_generation(farm->ports.store)};
	size_t n;
	struct held_job *held = held_jobs(farm, &n);
	text_copy(ask.floor, sizeof ask.floor, farm->conf.floor);
	text_copy(ask.store_id, sizeof ask.store_id, store_id(farm->ports.store));
	text_copy(ask.boot_id, sizeof ask.boot_id, farm->boot_id);
	text_copy(ask.agent, sizeof ask.agent, farm->conf.agent);
	ask.jobs = held;
	ask.n_jobs = n;
	farm->calls[CHORE_SESSION].key[0] = '\0'; /* the body differs each time */
	farm->ports.cloud_ops->session(farm->ports.cloud, call_begin(farm, CHORE_SESSION), &ask);
	free(held);
}

static void lose(struct farm *farm, struct floor_job *fj)
{
	struct err err;
	if (fj->gone) {
		return; /* it is said at every heartbeat */
	}
	fj->gone = true;
	err_set(&err, REMEDY_DROP, "lease-lost", "the order service has it elsewhere");
	walk_simple(farm, fj->job.row, EV_LOST, &err);
}

static void judge_session_job(struct farm *farm, const struct session_job *said)
{
	struct floor_job *fj = farm_find_id(farm, said->job);
	if (fj == NULL) {
		return;
	}
	switch (said->verdict) {
	case SESSION_KEEP:
		break;
	case SESSION_RESEND:
		store_events_unack(farm->ports.store, said->job, said->resend_from);
		break;
	case SESSION_DROP:
	case SESSION_UNKNOWN:
		lose(farm, fj);
		break;
	}
}

void leases_on_session(void *context, const struct session_answer *answer, const struct err *err,
	int64_t retry_after_ms)
{
	struct farm *farm = context;
	call_answered(farm, CHORE_SESSION, err, retry_after_ms);
	farm->session_heard = true;
	farm->line_due = farm->line_all = true;
	if (err != NULL) {
		if (strcmp(err->code, "store-rollback") == 0) {
			rollback_told(farm, true);
		}
		return;
	}
	rollback_told(farm, false);
	farm->session_open = true;
	farm->session_number++;
	farm->heartbeat_ms = answer->heartbeat_s * SECOND_MS;
	farm->poll_wait_s = answer->poll_wait_s;
	farm->batch_most = answer->batch_events < EVENTS_MAX ? answer->batch_events : EVENTS_MAX;
	farm->batch_events = farm->batch_most;
	farm->etag[0] = farm->offer_hash[0] = '\0';
	for (size_t i = 0; i < answer->n_jobs; i++) {
		judge_session_job(farm, &answer->jobs[i]);
	}
	reconcile_begin(farm, answer);
	log_info("cloud", "session open, jobs=%zu heartbeat_ms=%lld", answer->n_jobs,
		(long long)farm->heartbeat_ms);
	farm->extended = true; /* the session's answer extended every job it kept */
	farm->line_due = farm->line_all = true;
	make_on_session(farm);
	chore_now(farm, CHORE_OFFER);
	chore_now(farm, CHORE_EVENTS);
	chore_now(farm, CHORE_RELEASE);
	chore_now(farm, CHORE_START); /* what was asked while there was no session */
	chore_at(farm, CHORE_EXTEND, farm_now(farm) + farm->heartbeat_ms);
}

/* ---- acquire ---- */

void leases_ask_acquire(struct farm *farm)
{
	if (!farm->session_open || farm->comparing || farm->calls[CHORE_ACQUIRE].busy ||
		farm->etag[0] == '\0' || farm->draining) {
		return;
	}
	if (offer_want_s(farm) == 0) {
		offer_changed(farm);
		chore_at(farm, CHORE_ACQUIRE, farm_now(farm) + IDLE_POLL_MS);
		return;
	}
	if (farm->calls[CHORE_ACQUIRE].key[0] == '\0') { /* else: the same call once more */
		int64_t file_bytes, pixels;
		picture_policy_most(farm->conf.formats, &file_bytes, &pixels);
		farm->acquire = (struct acquire_ask){.max_jobs = LEASES_ONCE,
			.max_bytes = LEASES_ONCE * file_bytes,
			.wait_s = (int32_t)farm->poll_wait_s};
		memcpy(farm->acquire.offer_etag, farm->etag, sizeof farm->etag);
	}
	farm->ports.cloud_ops->acquire(
		farm->ports.cloud, call_begin(farm, CHORE_ACQUIRE), &farm->acquire);
}

void leases_on_acquire(void *context, const struct acquire_answer *answer, const struct err *err,
	int64_t retry_after_ms)
{
	struct farm *farm = context;
	bool stale = err != NULL && strcmp(err->code, "offer-unknown") == 0;
	if (stale) {
		farm->etag[0] = farm->offer_hash[0] = '\0';
		chore_now(farm, CHORE_OFFER);
	}
	call_answered(farm, CHORE_ACQUIRE, err, retry_after_ms);
	if (stale) { /* made again as it was, it would name the old offer for ever */
		farm->calls[CHORE_ACQUIRE].key[0] = '\0';
	}
	if (err != NULL) {
		return;
	}
	for (size_t i = 0; i < answer->n_faults; i++) {
		const struct lease_fault *fault = &answer->faults[i];
		log_warn(
			"cloud", "a lease can't be read (job %s): %s", fault->job, fault->err.text);
		struct err why = fault->err;
		err_wrap(&why, "the order service sent a job that can't be read (%s)",
			fault->job[0] != '\0' ? fault->job : "without a name");
		incident_raise(farm, "", NULL, "lease-unreadable", why.text);
		if (fault->job[0] != '\0') {
			outbox_refuse(farm, fault->job, fault->epoch, &fault->err);
		}
	}
	for (size_t i = 0; i < answer->n_leases; i++) {
		intake_lease(farm, &answer->leases[i]);
	}
	/* a service that answers "nothing" at once is not asked at full speed */
	chore_at(farm, CHORE_ACQUIRE, farm_now(farm) + (answer->n_leases > 0 ? 0 : EMPTY_POLL_MS));
}

/* ---- extend: the heartbeat ---- */

void leases_ask_extend(struct farm *farm)
{
	if (!farm->session_open || farm->calls[CHORE_EXTEND].busy) {
		return;
	}
	size_t n;
	struct held_job *held = held_jobs(farm, &n);
	farm->calls[CHORE_EXTEND].key[0] = '\0';
	farm->ports.cloud_ops->extend(farm->ports.cloud, call_begin(farm, CHORE_EXTEND), held, n);
	free(held);
}

static void act(struct farm *farm, struct floor_job *fj, enum extend_action action)
{
	struct err err;
	bool paused = action == EXTEND_HOLD;
	if (paused != fj->paused) {
		fj->paused = paused;
		farm->line_due = farm->line_all = true;
	}
	switch (action) {
	case EXTEND_CANCEL:
		err_set(&err, REMEDY_DROP, "cancelled", "the customer cancelled it");
		walk_simple(farm, fj->job.row, EV_CANCEL, &err);
		break;
	case EXTEND_REVOKE:
		err_set(&err, REMEDY_DROP, "revoked", "the order service asked for it back");
		if (!fj->revoke_told) { /* it is said at every heartbeat until that was heard */
			fj->revoke_told = true;
			walk_simple(farm, fj->job.row, EV_REVOKE, &err);
		}
		break;
	case EXTEND_GONE:
		lose(farm, fj);
		break;
	case EXTEND_REFRESH_LINKS:
		for (int32_t i = 0; i < PAGES_MAX; i++) {
			free(fj->urls[i]);
			fj->urls[i] = NULL;
		}
		break;
	case EXTEND_NONE:
	case EXTEND_HOLD:
		break;
	}
}

void leases_on_extend(void *context, const struct extend_answer *answer, const struct err *err,
	int64_t retry_after_ms)
{
	struct farm *farm = context;
	call_answered(farm, CHORE_EXTEND, err, retry_after_ms);
	if (err != NULL) {
		return;
	}
	farm->extended = true;
	for (size_t i = 0; i < answer->n_jobs; i++) {
		const struct extend_job *said = &answer->jobs[i];
		struct floor_job *fj = farm_find_id(farm, said->job);
		if (fj != NULL && fj->job.epoch == said->epoch) {
			act(farm, fj, said->action);
		}
	}
	/* a fleet that was cut off together does not beat together */
	int64_t fifth = farm->heartbeat_ms / 5;
	int64_t jitter = (int64_t)(farm_chance(farm) % (uint64_t)(2 * fifth + 1)) - fifth;
	chore_at(farm, CHORE_EXTEND, farm_now(farm) + farm->heartbeat_ms + jitter);
}
