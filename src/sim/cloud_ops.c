/* SPDX-License-Identifier: Apache-2.0
 *
 * The door to the made-up order service. A call has two halves: it arrives and is done there, also
 * when the daemon dies meanwhile; its answer arrives, or does not.
 */
#include "sim/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HALF_MS  25
#define FETCH_MS 200
#define POLL_MS  500 /* how often a waiting acquire looks */

struct flight { /* a call under way */
	struct sim *sim;
	enum sim_call call;
	int64_t life; /* of the daemon that asked */
	char key[ULID_MAX];
	struct sim_met met;
	int64_t until_ms; /* acquire: how long it may wait */
	int64_t job_row;
	int32_t page;
	struct held_job *held;
	struct start_ask *starts;
	struct event_row *events;
	size_t n;
	struct acquire_ask acquire;
	struct release_ask release;
	struct sign_ask sign;
	struct fetch_ask fetch;
	bool failed, echo;      /* echo: the call arrives once more; nobody waits for its answer */
	int64_t retry_after_ms; /* -1: not said */
	struct err err;
	struct session_answer session_answer;
	struct closed_answer closed_answer;
	struct acquire_answer *acquire_answer; /* it is large */
	struct extend_answer extend_answer;
	struct start_answer start_answer;
	struct events_answer events_answer;
	struct sign_answer sign_answer;
};

static void land(void *data)
{
	struct flight *flight = data;
	for (size_t i = 0; flight->events != NULL && i < flight->n; i++) {
		free(flight->events[i].data);
	}
	free(flight->held);
	free(flight->starts);
	free(flight->events);
	session_answer_fini(&flight->session_answer);
	closed_answer_fini(&flight->closed_answer);
	if (flight->acquire_answer != NULL) {
		acquire_answer_fini(flight->acquire_answer);
		free(flight->acquire_answer);
	}
	extend_answer_fini(&flight->extend_answer);
	start_answer_fini(&flight->start_answer);
	events_answer_fini(&flight->events_answer);
	free(flight);
}

/* ---- the answer arrives ---- */

static void hear(struct sim *sim, void *data)
{
	const struct cloud_hears *hears = &farm_cloud_hears;
	struct flight *flight = data;
	struct farm *farm = sim->farm;
	if (sim->outage && !flight->failed && flight->call != SIM_FETCH) {
		flight->failed = true;
		err_set(&flight->err, REMEDY_RETRY, "no-answer", "connection reset");
	}
	const struct err *err = flight->failed ? &flight->err : NULL;
	int64_t retry_ms = flight->failed ? flight->retry_after_ms : -1;
	bool fine = err == NULL;
	switch (flight->call) {
	case SIM_SESSION:
		hears->session(farm, fine ? &flight->session_answer : NULL, err, retry_ms);
		break;
	case SIM_CLOSED:
		hears->closed(farm, fine ? &flight->closed_answer : NULL, err, retry_ms);
		break;
	case SIM_OFFER:
		hears->offer(farm, fine ? flight->key : NULL, err, retry_ms);
		break;
	case SIM_ACQUIRE:
		hears->acquire(farm, fine ? flight->acquire_answer : NULL, err, retry_ms);
		break;
	case SIM_EXTEND:
		hears->extend(farm, fine ? &flight->extend_answer : NULL, err, retry_ms);
		break;
	case SIM_RELEASE:
		hears->release(farm, flight->key, flight->release.job, err, retry_ms);
		break;
	case SIM_START:
		hears->start(farm, fine ? &flight->start_answer : NULL, err, retry_ms);
		break;
	case SIM_EVENTS:
		hears->events(farm, fine ? &flight->events_answer : NULL, err, retry_ms);
		break;
	case SIM_SIGN:
		hears->sign(farm, flight->job_row, flight->page, fine ? &flight->sign_answer : NULL,
			err);
		break;
	default:
		hears->fetch(farm, flight->job_row, flight->page, err);
		break;
	}
	land(flight);
}

/* ---- it is done there ---- */

static void do_call(struct sim *sim, struct flight *flight)
{
	switch (flight->call) {
	case SIM_SESSION:
		cloud_session(sim, flight->held, flight->n, &flight->session_answer);
		break;
	case SIM_CLOSED:
		cloud_closed(sim, flight->held, flight->n, &flight->closed_answer);
		break;
	case SIM_EXTEND:
		cloud_extend(sim, flight->held, flight->n, &flight->extend_answer);
		break;
	case SIM_RELEASE:
		cloud_release(sim, &flight->release);
		break;
	case SIM_START:
		cloud_start(sim, flight->starts, flight->n, &flight->start_answer);
		break;
	case SIM_EVENTS:
		cloud_events(sim, flight->events, flight->n, &flight->events_answer);
		break;
	case SIM_OFFER:
		memcpy(sim->offer, flight->key, sizeof sim->offer);
		break;
	case SIM_SIGN:
		snprintf(flight->sign_answer.url, sizeof flight->sign_answer.url, "sim:%.60s",
			flight->sign.asset);
		flight->sign_answer.expires_in_s = 600;
		break;
	default:
		break;
	}
}

static void *copy_of(const void *items, size_t n, size_t size)
{
	void *copy = mem_new(n, size);
	if (n > 0) {
		memcpy(copy, items, n * size);
	}
	return copy;
}

static struct event_row *copy_events(const struct event_row *events, size_t n)
{
	struct event_row *copy = copy_of(events, n, sizeof *events);
	for (size_t i = 0; i < n; i++) {
		copy[i].data = mem_text(events[i].data);
	}
	return copy;
}

static void arrive(struct sim *sim, void *data);

/* A proxy that repeats what it got: the same call comes in again, later than newer ones. */
static void arrive_again(struct sim *sim, const struct flight *flight)
{
	bool remembered = flight->call == SIM_ACQUIRE || flight->call == SIM_SESSION;
	if (remembered) {
		return; /* by its key: answered as before, and nothing is done */
	}
	struct flight *echo = mem_new(1, sizeof *echo);
	*echo = (struct flight){.sim = sim,
		.call = flight->call,
		.life = flight->life,
		.echo = true,
		.n = flight->n,
		.release = flight->release,
		.sign = flight->sign};
	memcpy(echo->key, flight->key, sizeof echo->key);
	if (flight->held != NULL) {
		echo->held = copy_of(flight->held, flight->n, sizeof *flight->held);
	}
	if (flight->starts != NULL) {
		echo->starts = copy_of(flight->starts, flight->n, sizeof *flight->starts);
	}
	if (flight->events != NULL) {
		echo->events = copy_events(flight->events, flight->n);
	}
	sim_later(sim, flight->met.late_ms, false, arrive, land, echo);
}

static void fail(struct flight *flight, const struct err *err)
{
	flight->failed = true;
	flight->err = *err;
}

static void arrive(struct sim *sim, void *data)
{
	struct flight *flight = data;
	struct err err;
	bool gone = flight->life != sim->life;
	if (sim->outage) {
		err_set(&err, REMEDY_RETRY, "no-answer", "connecting: no answer");
		fail(flight, &err);
	} else if (flight->met.wrong && flight->met.how == SIM_FAILS) {
		fail(flight, &flight->met.err);
		flight->retry_after_ms = flight->met.late_ms > 0 ? flight->met.late_ms : -1;
	} else if (!sim->session && flight->call != SIM_SESSION) {
		err_set(&err, REMEDY_RETRY, "session-unknown", "open a session first");
		fail(flight, &err);
	} else if (flight->call == SIM_ACQUIRE &&
		   strcmp(flight->acquire.offer_etag, sim->offer) != 0) {
		err_set(&err, REMEDY_RETRY, "offer-unknown", "another offer stands here");
		fail(flight, &err);
	} else if (flight->call == SIM_ACQUIRE) {
		if (!cloud_acquire(sim, flight->key, &flight->acquire, flight->acquire_answer) &&
			!gone && sim->now_ms < flight->until_ms) {
			sim_later(sim, POLL_MS, true, arrive, land, flight);
			return;
		}
	} else {
		do_call(sim, flight);
	}
	bool lost = flight->met.how == SIM_ANSWER_LOST || flight->met.how == SIM_DIES;
	if (flight->met.wrong && lost) {
		fail(flight, &flight->met.err);
	}
	if (flight->met.wrong && flight->met.how == SIM_TWICE) {
		arrive_again(sim, flight);
	}
	if (gone || flight->echo || (flight->met.wrong && flight->met.how == SIM_NEVER)) {
		land(flight);
		return;
	}
	int64_t late_ms = flight->met.wrong ? 0 : flight->met.late_ms;
	sim_later(sim, sim_jitter(sim, HALF_MS) + late_ms, true, hear, land, flight);
}

/* ---- the door ---- */

static struct flight *take_off(struct sim *sim, enum sim_call call, const char *key)
{
	struct flight *flight = mem_new(1, sizeof *flight);
	flight->sim = sim;
	flight->call = call;
	flight->retry_after_ms = -1;
	watch_called(flight->sim);
	flight->life = sim->life;
	flight->met = sim_meet(sim, call);
	text_copy(flight->key, sizeof flight->key, key);
	return flight;
}

static void send(struct flight *flight)
{
	struct sim *sim = flight->sim;
	sim_later(sim, sim_jitter(sim, HALF_MS), false, arrive, land, flight);
}

static void ask_session(void *self, const char *key, const struct session_ask *ask)
{
	struct flight *flight = take_off(self, SIM_SESSION, key);
	flight->n = ask->n_jobs;
	flight->held = copy_of(ask->jobs, ask->n_jobs, sizeof *ask->jobs);
	send(flight);
}

static void ask_closed(void *self, const char *key, const struct held_job *jobs, size_t n)
{
	struct flight *flight = take_off(self, SIM_CLOSED, key);
	flight->n = n;
	flight->held = copy_of(jobs, n, sizeof *jobs);
	send(flight);
}

static void ask_offer(void *self, const char *key, const struct offer *offer)
{
	struct sim *sim = self;
	for (size_t i = 0; i < offer->n_printers && i < SIM_PRINTERS_MAX; i++) {
		sim->offered[i] = offer->printers[i].n_skus;
		sim->offered_sheets[i] =
			offer->printers[i].knows_sheets ? offer->printers[i].sheets_left : -1;
	}
	send(take_off(self, SIM_OFFER, key));
}

static void ask_acquire(void *self, const char *key, const struct acquire_ask *ask)
{
	struct flight *flight = take_off(self, SIM_ACQUIRE, key);
	flight->acquire = *ask;
	flight->acquire_answer = mem_new(1, sizeof *flight->acquire_answer);
	flight->until_ms = flight->sim->now_ms + ask->wait_s * 1000;
	send(flight);
}

static void ask_extend(void *self, const char *key, const struct held_job *jobs, size_t n)
{
	struct flight *flight = take_off(self, SIM_EXTEND, key);
	flight->n = n;
	flight->held = copy_of(jobs, n, sizeof *jobs);
	send(flight);
}

static void ask_release(void *self, const char *key, const struct release_ask *ask)
{
	struct flight *flight = take_off(self, SIM_RELEASE, key);
	flight->release = *ask;
	send(flight);
}

static void ask_start(void *self, const char *key, const struct start_ask *jobs, size_t n)
{
	struct flight *flight = take_off(self, SIM_START, key);
	flight->n = n;
	flight->starts = copy_of(jobs, n, sizeof *jobs);
	send(flight);
}

static void ask_events(void *self, const char *key, const struct event_row *events, size_t n)
{
	struct flight *flight = take_off(self, SIM_EVENTS, key);
	flight->n = n;
	flight->events = copy_events(events, n);
	send(flight);
}

static void ask_sign(
	void *self, const char *key, int64_t job_row, int32_t page, const struct sign_ask *ask)
{
	struct flight *flight = take_off(self, SIM_SIGN, key);
	flight->job_row = job_row;
	flight->page = page;
	flight->sign = *ask;
	send(flight);
}

/* ---- files: streamed by the daemon, so all of it dies with it ---- */

static void on_kept(void *context, int64_t id, const char *name, const struct err *err)
{
	struct flight *flight = context;
	struct sim *sim = flight->sim;
	(void)id;
	(void)name;
	if (sim->dying) {
		land(flight);
		return;
	}
	if (err != NULL) {
		fail(flight, err);
	}
	sim_later(sim, 0, true, hear, land, flight);
}

static bool receive(struct flight *flight, int *fd, struct err *err)
{
	char text[128];
	const struct sim_job *job = sim_asset_job(flight->sim, flight->fetch.sha256, text);
	int64_t have;
	if (flight->sim->outage) {
		return err_set(err, REMEDY_RETRY, "asset-network", "fetching: no answer");
	}
	if (flight->met.wrong) {
		*err = flight->met.err;
		return false;
	}
	if (job == NULL) {
		return err_set(err, REMEDY_REJECT, "asset-gone", "no such file");
	}
	if (job->bad_bytes) {
		return err_set(err, REMEDY_RETRY, "asset-hash", "the file has another hash");
	}
	*fd = spool_incoming(
		flight->sim->spool, flight->fetch.sha256, flight->fetch.bytes, &have, err);
	if (*fd < 0) {
		return false;
	}
	size_t len = strlen(text);
	if (have < (int64_t)len && write(*fd, text + have, len - (size_t)have) < 0) {
		close(*fd);
		return err_set(err, REMEDY_RETRY, "disk-full", "writing to the spool");
	}
	return true;
}

static void on_fetched(struct sim *sim, void *data)
{
	struct flight *flight = data;
	struct err err;
	int fd = -1;
	if (!receive(flight, &fd, &err)) {
		fail(flight, &err);
		hear(sim, flight);
		return;
	}
	spool_keep_asset(sim->spool, flight->fetch.sha256, fd, on_kept, flight, 0);
}

static void ask_fetch(void *self, const struct fetch_ask *ask)
{
	struct sim *sim = self;
	struct flight *flight = take_off(sim, SIM_FETCH, "");
	flight->job_row = ask->job_row;
	flight->page = ask->page;
	flight->fetch = *ask;
	if (flight->met.wrong && flight->met.how == SIM_NEVER) {
		land(flight);
		return;
	}
	sim_later(sim, sim_jitter(sim, FETCH_MS) + flight->met.late_ms, true, on_fetched, land,
		flight);
}

/* What was asked is answered in its time; the farm drops that answer. */
static void fetch_cancel(void *self, int64_t job_row)
{
	(void)self;
	(void)job_row;
}

const struct cloud_ops sim_cloud_ops = {
	.session = ask_session,
	.closed = ask_closed,
	.offer = ask_offer,
	.acquire = ask_acquire,
	.extend = ask_extend,
	.release = ask_release,
	.start = ask_start,
	.events = ask_events,
	.sign = ask_sign,
	.fetch = ask_fetch,
	.fetch_cancel = fetch_cancel,
};
