/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor towards the order service: session, offer, leases, the heartbeat, permits. Each kind of
 * call is a chore with its own next time, one call of a kind under way at a time; a call that was
 * not answered is made again with the same key.
 */
#include "base/mem.h"
#include "farm/own.h"
#include "rules/backoff.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WANT_JOBS_MAX 50
#define OFFER_REST_MS 1000 /* changes of the offer are gathered that long */
#define IDLE_POLL_MS  2000 /* how often to look again while nothing is wanted */
#define EMPTY_POLL_MS 100
#define BREAKER_TRIES 10
/* All that is held is named in one heartbeat, of at most 10,000 JSON values: six for each job. */
#define HELD_MAX    1500
#define LEASES_ONCE 10
#define BREAKER_MS  MINUTE_MS
#define BACK_MS     2000 /* once one call was answered, all that nobody heard are made within that */

/* ---- calls ---- */

const char *call_begin(struct farm *farm, enum chore chore)
{
	struct call *call = &farm->calls[chore];
	call->busy = true;
	call->session = farm->session_number;
	if (call->key[0] == '\0') {
		farm_key(farm, call->key);
	}
	return call->key;
}

/* Calls that nobody heard need not wait any longer; one that was answered with a refusal does. */
static void cloud_is_back(struct farm *farm)
{
	if (farm->cloud_fault[0] == '\0') {
		return;
	}
	log_info("cloud", "reached again");
	farm->cloud_fault[0] = '\0';
	farm->line_due = farm->line_all = true;
	for (int chore = 0; chore < CHORES; chore++) {
		struct call *call = &farm->calls[chore];
		if (call->unheard && !call->busy) {
			call->unheard = false;
			chore_at(farm, (enum chore)chore,
				farm_now(farm) + (int64_t)(farm_chance(farm) % BACK_MS));
		}
	}
}

static void cloud_failed(struct farm *farm, enum chore chore, const struct err *err)
{
	if (strcmp(farm->cloud_fault, err->text) != 0) {
		log_warn("cloud", "%s", err->text);
		text_copy(farm->cloud_fault, sizeof farm->cloud_fault, err->text);
		farm->line_due = farm->line_all = true;
	}
	bool forgotten = strcmp(err->code, "session-unknown") == 0 ||
			 strcmp(err->code, "session-needed") == 0;
	/* a call of an earlier session says nothing against the present one */
	if (forgotten && chore != CHORE_SESSION &&
		farm->calls[chore].session == farm->session_number) {
		farm->session_open = false;
		chore_now(farm, CHORE_SESSION);
	}
}

void call_answered(
	struct farm *farm, enum chore chore, const struct err *err, int64_t retry_after_ms)
{
	struct call *call = &farm->calls[chore];
	call->busy = false;
	if (err == NULL) {
		*call = (struct call){0};
		cloud_is_back(farm);
		return;
	}
	call->tries++;
	call->unheard = strcmp(err->code, "no-answer") == 0 || strcmp(err->code, "no-name") == 0;
	cloud_failed(farm, chore, err);
	if (err->remedy != REMEDY_RETRY) {
		call->key[0] = '\0'; /* refused: that key's call is over */
	}
	int64_t wait_ms =
		backoff_ms(call->tries, 500, MINUTE_MS, retry_after_ms, farm_chance(farm));
	if (call->tries >= BREAKER_TRIES || err->remedy == REMEDY_FATAL) {
		wait_ms = wait_ms < BREAKER_MS / 2 ? BREAKER_MS / 2 + wait_ms : wait_ms;
	}
	chore_at(farm, chore, farm_now(farm) + wait_ms);
}

/* The jobs that the cloud believes to be here, as session and heartbeat say them. */
static bool is_held(const struct job *job)
{
	return !job->local && (!stage_is_final(job->stage) || job->stage == AT_REPORTED);
}

static size_t count_held(const struct farm *farm)
{
	size_t n = 0;
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		n += is_held(&fj->job);
	}
	return n;
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
	struct held_job *held = mem_new(HELD_MAX, sizeof *held);
	*n = 0;
	for (int permitted = 1; permitted >= 0; permitted--) {
		size_t at = 0;
		for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
			bool fits = is_held(&fj->job) && fj->job.permitted == (permitted != 0);
			if (fits && *n < HELD_MAX) {
				put_held(farm, &fj->job, &held[(*n)++]);
			}
		}
	}
	return held;
}

/* ---- session ---- */

static void ask_session(struct farm *farm)
{
	if (!farm->conf.has_cloud || farm->calls[CHORE_SESSION].busy) {
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

/* What an old copy of the store would print may have been printed: it is remembered, so that a
 * restart does not forget it. */
static void note_rollback(struct farm *farm, bool rolled_back)
{
	if (rolled_back == farm->rolled_back) {
		return;
	}
	farm->rolled_back = rolled_back;
	farm->session_open = farm->session_open && !rolled_back;
	store_meta_set(farm->ports.store, "rolled_back", rolled_back ? "yes" : "no");
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
			note_rollback(farm, true);
		}
		return;
	}
	note_rollback(farm, false);
	farm->session_open = true;
	farm->session_number++;
	farm->heartbeat_ms = answer->heartbeat_s * SECOND_MS;
	farm->poll_wait_s = answer->poll_wait_s;
	farm->batch_events = answer->batch_events < EVENTS_MAX ? answer->batch_events : EVENTS_MAX;
	farm->etag[0] = farm->offer_hash[0] = '\0';
	for (size_t i = 0; i < answer->n_jobs; i++) {
		judge_session_job(farm, &answer->jobs[i]);
	}
	log_info("cloud", "session open, jobs=%zu heartbeat_ms=%lld", answer->n_jobs,
		(long long)farm->heartbeat_ms);
	farm->extended = true; /* the session's answer extended every job it kept */
	farm->line_due = farm->line_all = true;
	chore_now(farm, CHORE_OFFER);
	chore_now(farm, CHORE_EVENTS);
	chore_now(farm, CHORE_RELEASE);
	chore_now(farm, CHORE_START); /* what was asked while there was no session */
	chore_at(farm, CHORE_EXTEND, farm_now(farm) + farm->heartbeat_ms);
}

/* ---- offer ---- */

static const char *state_word(const struct printer *printer)
{
	struct err err;
	if (printer->paused || printer->parked) {
		return "paused";
	}
	if (!printer->known) {
		return "offline";
	}
	if (!printer_is_ready(printer, &err)) {
		return "needs-you";
	}
	return printer->busy_job_row != 0 ? "printing" : "idle";
}

static void offer_printer(
	struct farm *farm, const struct printer *printer, struct offer_printer *out)
{
	struct err err;
	const struct media *media = printer_media(printer, farm->catalog, printer->loaded);
	bool ready = printer_is_ready(printer, &err);
	text_copy(out->id, sizeof out->id, printer->conf->name);
	text_copy(out->model, sizeof out->model, printer->model->name);
	text_copy(out->state, sizeof out->state, state_word(printer));
	text_copy(out->media, sizeof out->media, media == NULL ? "" : media->name);
	out->ms_per_print = printer->model->ms_per_print;
	out->queue_s = printer->queue_ms / SECOND_MS;
	for (int32_t i = 0; ready && i < farm->catalog->n_products; i++) {
		const struct product *product = &farm->catalog->products[i];
		for (int32_t m = 0; m < product->n_media && out->n_skus < CATALOG_LIST_MAX; m++) {
			const char *name = product->media[m];
			const struct media *has = printer_media(printer, farm->catalog, name);
			if (has != NULL && strcmp(has->name, name) == 0 &&
				model_on(printer->model, name) != NULL) {
				text_copy(out->skus[out->n_skus++], NAME_MAX_LEN, product->sku);
				break;
			}
		}
	}
}

static int64_t queued_ms(const struct farm *farm, int32_t *jobs)
{
	int64_t ms = 0;
	size_t at = 0;
	*jobs = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		const struct job *job = &fj->job;
		const struct model *model = catalog_model(farm->catalog, job->model);
		if (job->stage < AT_PRINTED) {
			ms += model != NULL ? work_ms(job, model) : job->prints * SECOND_MS;
			(*jobs)++;
		}
	}
	return ms;
}

static int64_t want_s(const struct farm *farm, int32_t *jobs)
{
	int32_t ready = 0;
	struct err err;
	for (size_t i = 0; i < farm->n_printers; i++) {
		ready += printer_is_ready(&farm->printers[i], &err);
	}
	int64_t queued = queued_ms(farm, jobs);
	bool room = spool_has_room(farm->ports.spool, 0, &err) &&
		    count_held(farm) + LEASES_ONCE <= HELD_MAX;
	return farm->draining || !room ? 0 : lease_want_s(farm->conf.want_s, ready, queued);
}

void leases_offer_changed(struct farm *farm)
{
	if (farm->session_open) {
		chore_at(farm, CHORE_OFFER, farm_now(farm) + OFFER_REST_MS);
	}
}

static void ask_offer(struct farm *farm)
{
	if (!farm->session_open || farm->calls[CHORE_OFFER].busy) {
		return;
	}
	struct offer_printer *printers = mem_new(farm->n_printers, sizeof *printers);
	struct offer offer = {.printers = printers,
		.n_printers = farm->n_printers,
		.max_pixels = farm->conf.limits.pixels,
		.max_bytes = farm->conf.limits.file_bytes,
		.want_jobs = WANT_JOBS_MAX,
		.formats = {"image/jpeg", "image/png"}};
	int32_t jobs;
	for (size_t i = 0; i < farm->n_printers; i++) {
		offer_printer(farm, &farm->printers[i], &printers[i]);
	}
	offer.want_s = want_s(farm, &jobs);
	json_t *json = offer_to_json(&offer);
	char *text = json_write(json);
	hash_hex_of(text, strlen(text), farm->offer_sent);
	free(text);
	json_decref(json);
	if (strcmp(farm->offer_sent, farm->offer_hash) != 0) {
		memcpy(offer.etag, farm->etag, sizeof offer.etag);
		farm->calls[CHORE_OFFER].key[0] = '\0';
		farm->ports.cloud_ops->offer(
			farm->ports.cloud, call_begin(farm, CHORE_OFFER), &offer);
	}
	free(printers);
}

void leases_on_offer(void *context, const char *etag, const struct err *err, int64_t retry_after_ms)
{
	struct farm *farm = context;
	if (err != NULL && strcmp(err->code, "offer-unknown") == 0) {
		farm->etag[0] = '\0';
	}
	call_answered(farm, CHORE_OFFER, err, retry_after_ms);
	if (err != NULL) {
		return;
	}
	text_copy(farm->etag, sizeof farm->etag, etag);
	memcpy(farm->offer_hash, farm->offer_sent, sizeof farm->offer_hash);
	chore_now(farm, CHORE_ACQUIRE);
}

/* ---- acquire ---- */

static void ask_acquire(struct farm *farm)
{
	if (!farm->session_open || farm->calls[CHORE_ACQUIRE].busy || farm->etag[0] == '\0' ||
		farm->draining) {
		return;
	}
	int32_t jobs;
	if (want_s(farm, &jobs) == 0) {
		leases_offer_changed(farm);
		chore_at(farm, CHORE_ACQUIRE, farm_now(farm) + IDLE_POLL_MS);
		return;
	}
	if (farm->calls[CHORE_ACQUIRE].key[0] == '\0') { /* else: the same call once more */
		farm->acquire = (struct acquire_ask){.max_jobs = LEASES_ONCE,
			.max_bytes = LEASES_ONCE * farm->conf.limits.file_bytes,
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
	if (err != NULL) {
		return;
	}
	for (size_t i = 0; i < answer->n_faults; i++) {
		const struct lease_fault *fault = &answer->faults[i];
		log_warn(
			"cloud", "a lease can't be read (job %s): %s", fault->job, fault->err.text);
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

static void ask_extend(struct farm *farm)
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

/* ---- permits ---- */

void leases_permit(struct farm *farm, struct floor_job *fj, const char *printer)
{
	if (fj->job.local) { /* this floor is its own authority; the ceilings were judged at intake
			      */
		fj->in_line = DO_NOTHING;
		store_audit(farm->ports.store, farm_wall_ms(farm), "local", "permit", fj->job.id,
			printer);
		walk_simple(farm, fj->job.row, EV_DONE, NULL);
		return;
	}
	fj->permit_asked = true;
	chore_now(farm, CHORE_START);
}

static void ask_start(struct farm *farm)
{
	struct call *call = &farm->calls[CHORE_START];
	if (!farm->session_open || call->busy) {
		return;
	}
	if (call->key[0] ==
		'\0') { /* a new call; else the unanswered one is made again as it was */
		farm->n_starts = 0;
		size_t at = 0;
		for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
			if (!fj->permit_asked || farm->n_starts == STARTS_MAX) {
				continue;
			}
			struct start_ask *ask = &farm->starts[farm->n_starts++];
			*ask = (struct start_ask){
				.epoch = fj->job.epoch, .revision = fj->job.revision};
			memcpy(ask->job, fj->job.id, sizeof ask->job);
			memcpy(ask->printer, fj->job.printer, sizeof ask->printer);
		}
	}
	if (farm->n_starts > 0) {
		farm->ports.cloud_ops->start(farm->ports.cloud, call_begin(farm, CHORE_START),
			farm->starts, farm->n_starts);
	}
}

static void judge_start(struct farm *farm, const struct start_job *said)
{
	struct floor_job *fj = farm_find_id(farm, said->job);
	if (fj == NULL || fj->job.epoch != said->epoch || fj->job.stage != AT_QUEUED) {
		return;
	}
	fj->permit_asked = false;
	struct err err;
	switch (said->verdict) {
	case START_GRANTED:
		walk_simple(farm, fj->job.row, EV_DONE, NULL);
		break;
	case START_CANCELLED:
		err_set(&err, REMEDY_DROP, "cancelled", "the customer cancelled it");
		walk_simple(farm, fj->job.row, EV_CANCEL, &err);
		break;
	case START_SUPERSEDED:
	case START_REVISED:
		err_set(&err, REMEDY_DROP, "lease-lost", "%s",
			said->verdict == START_REVISED ? "the order was changed: it comes again"
						       : "the order service has it elsewhere");
		walk_simple(farm, fj->job.row, EV_LOST, &err);
		break;
	case START_PAUSED:
		fj->paused = true; /* until an extend says otherwise */
		farm->line_due = farm->line_all = true;
		break;
	}
}

void leases_on_start(void *context, const struct start_answer *answer, const struct err *err,
	int64_t retry_after_ms)
{
	struct farm *farm = context;
	call_answered(farm, CHORE_START, err, retry_after_ms);
	if (err != NULL) {
		return;
	}
	for (size_t i = 0; i < answer->n_jobs; i++) {
		judge_start(farm, &answer->jobs[i]);
	}
	/* a job that the answer left out asks again with the next call */
	for (size_t i = 0; i < farm->n_starts; i++) {
		struct floor_job *fj = farm_find_id(farm, farm->starts[i].job);
		if (fj != NULL && fj->permit_asked) {
			fj->permit_asked = false;
			farm->line_due = farm->line_all = true;
		}
	}
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (fj->permit_asked) {
			chore_now(farm, CHORE_START);
			break;
		}
	}
}

void (*const lease_chores[CHORES])(struct farm *farm) = {
	[CHORE_SESSION] = ask_session,
	[CHORE_OFFER] = ask_offer,
	[CHORE_ACQUIRE] = ask_acquire,
	[CHORE_EXTEND] = ask_extend,
	[CHORE_START] = ask_start,
	[CHORE_EVENTS] = outbox_send_events,
	[CHORE_RELEASE] = outbox_send_release,
	[CHORE_RETENTION] = retention_run,
};
