/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of the order API: what is asked, and beside it how its answer is told.
 */
#include "base/log.h"
#include "ports/cloud_own.h"
#include <string.h>

#define JSON_TYPE   "application/json"
#define EVENTS_TYPE "application/cloudevents-batch+json"

static const struct err *garbled(const struct call *call, struct err *err)
{
	call_garbled(call, err);
	return err;
}

static void log_left_out(const struct call *call, const struct left_out *left_out)
{
	if (left_out->n > 0) {
		log_warn("cloud", "left out of the answer to %s: n=%zu first=%s", call->kind->path,
			left_out->n, left_out->err.text);
	}
}

/* ---- session ---- */
static void on_session(
	struct call *call, const json_t *json, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	struct session_answer answer;
	struct err fault;
	if (err == NULL && !session_answer_from_json(json, &answer, &fault)) {
		err = garbled(call, &fault);
	}
	if (err != NULL) {
		cloud->hears->session(cloud->farm, NULL, err, retry_after_ms);
		return;
	}
	log_left_out(call, &answer.left_out);
	text_copy(cloud->session, sizeof cloud->session, answer.session);
	cloud->hears->session(cloud->farm, &answer, NULL, -1);
	session_answer_fini(&answer);
}

static void ask_session(void *self, const char *key, const struct session_ask *ask)
{
	static const struct call_kind kind = {"POST", "/v1/sessions", JSON_TYPE, on_session};
	struct cloud *cloud = self;
	text_copy(cloud->store_id, sizeof cloud->store_id, ask->store_id);
	cloud->session[0] = '\0'; /* this call has none, and the earlier one is over */
	call_send(call_create(cloud, &kind, key), session_ask_to_json(ask));
}

/* ---- closed ---- */
static void on_closed(
	struct call *call, const json_t *json, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	struct closed_answer answer;
	struct err fault;
	if (err == NULL && !closed_answer_from_json(json, &answer, &fault)) {
		err = garbled(call, &fault);
	}
	if (err != NULL) {
		cloud->hears->closed(cloud->farm, NULL, err, retry_after_ms);
		return;
	}
	log_left_out(call, &answer.left_out);
	cloud->hears->closed(cloud->farm, &answer, NULL, -1);
	closed_answer_fini(&answer);
}

static void ask_closed(void *self, const char *key, const struct held_job *jobs, size_t n)
{
	static const struct call_kind kind = {"POST", "/v1/jobs:closed", JSON_TYPE, on_closed};
	call_send(call_create(self, &kind, key), extend_ask_to_json(jobs, n));
}

/* ---- offer ---- */
static void on_offer(
	struct call *call, const json_t *json, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	struct err fault;
	(void)json;
	if (err == NULL && call->etag[0] == '\0') {
		err_set(&fault, REMEDY_RETRY, "garbled", "no ETag");
		err = garbled(call, &fault);
	}
	cloud->hears->offer(cloud->farm, err == NULL ? call->etag : NULL, err, retry_after_ms);
}

static void ask_offer(void *self, const char *key, const struct offer *offer)
{
	static const struct call_kind kind = {"PUT", "/v1/offer", JSON_TYPE, on_offer};
	struct call *call = call_create(self, &kind, key);
	text_copy(call->if_match, sizeof call->if_match, offer->etag);
	call_send(call, offer_to_json(offer));
}

/* ---- acquire ---- */

static void judge_signature(struct cloud *cloud, struct lease *lease)
{
	struct err err;
	if (cloud->ring == NULL || lease->signed_form == NULL) {
		return;
	}
	if (!key_ring_refresh(cloud->ring, &err)) { /* the keys that are known stand */
		log_error("cloud", "%s", err.text);
	}
	bool fits = key_ring_verify(cloud->ring, lease->signed_by, lease->signed_form,
		strlen(lease->signed_form), lease->signature, &lease->trust_fault);
	lease->trust = fits ? TRUST_SIGNED : TRUST_BAD;
}

static void on_acquire(
	struct call *call, const json_t *json, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	struct acquire_answer answer = {0};
	struct err fault;
	if (err == NULL && json != NULL && !acquire_answer_from_json(json, &answer, &fault)) {
		err = garbled(call, &fault);
	}
	if (err != NULL) {
		cloud->hears->acquire(cloud->farm, NULL, err, retry_after_ms);
		return;
	}
	for (size_t i = 0; i < answer.n_leases; i++) {
		judge_signature(cloud, &answer.leases[i]);
	}
	cloud->hears->acquire(cloud->farm, &answer, NULL, -1);
	acquire_answer_fini(&answer);
}

static void ask_acquire(void *self, const char *key, const struct acquire_ask *ask)
{
	static const struct call_kind kind = {"POST", "/v1/leases:acquire", JSON_TYPE, on_acquire};
	struct cloud *cloud = self;
	struct call *call = call_create(cloud, &kind, key);
	call->multi = &cloud->poll; /* a poll that hangs must not stand before anything else */
	call->wait_s = ask->wait_s;
	call_send(call, acquire_ask_to_json(ask));
}

/* ---- extend ---- */
static void on_extend(
	struct call *call, const json_t *json, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	struct extend_answer answer;
	struct err fault;
	if (err == NULL && !extend_answer_from_json(json, &answer, &fault)) {
		err = garbled(call, &fault);
	}
	if (err != NULL) {
		cloud->hears->extend(cloud->farm, NULL, err, retry_after_ms);
		return;
	}
	log_left_out(call, &answer.left_out);
	cloud->hears->extend(cloud->farm, &answer, NULL, -1);
	extend_answer_fini(&answer);
}

static void ask_extend(void *self, const char *key, const struct held_job *jobs, size_t n)
{
	static const struct call_kind kind = {"POST", "/v1/leases:extend", JSON_TYPE, on_extend};
	call_send(call_create(self, &kind, key), extend_ask_to_json(jobs, n));
}

/* ---- release ---- */
static void on_release(
	struct call *call, const json_t *json, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	enum release_verdict verdict;
	struct err fault;
	if (err == NULL && !release_verdict_from_json(json, call->job, &verdict, &fault)) {
		err = garbled(call, &fault);
	} else if (err == NULL && verdict == RELEASE_STALE) {
		err_set(&fault, REMEDY_DROP, "stale",
			"job %s was not this floor's any more: nothing to give back", call->job);
		err = &fault;
	}
	cloud->hears->release(cloud->farm, call->key, call->job, err, retry_after_ms);
}

static void ask_release(void *self, const char *key, const struct release_ask *ask)
{
	static const struct call_kind kind = {"POST", "/v1/leases:release", JSON_TYPE, on_release};
	struct call *call = call_create(self, &kind, key);
	text_copy(call->job, sizeof call->job, ask->job);
	call_send(call, release_ask_to_json(ask, 1));
}

/* ---- start ---- */
static void on_start(
	struct call *call, const json_t *json, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	struct start_answer answer;
	struct err fault;
	if (err == NULL && !start_answer_from_json(json, &answer, &fault)) {
		err = garbled(call, &fault);
	}
	if (err != NULL) {
		cloud->hears->start(cloud->farm, NULL, err, retry_after_ms);
		return;
	}
	log_left_out(call, &answer.left_out);
	cloud->hears->start(cloud->farm, &answer, NULL, -1);
	start_answer_fini(&answer);
}

static void ask_start(void *self, const char *key, const struct start_ask *jobs, size_t n)
{
	static const struct call_kind kind = {"POST", "/v1/jobs:start", JSON_TYPE, on_start};
	call_send(call_create(self, &kind, key), start_ask_to_json(jobs, n));
}

/* ---- events ---- */
static void on_events(
	struct call *call, const json_t *json, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	struct events_answer answer;
	struct err fault;
	if (err == NULL && !events_answer_from_json(json, &answer, &fault)) {
		err = garbled(call, &fault);
	}
	if (err != NULL) {
		cloud->hears->events(cloud->farm, NULL, err, retry_after_ms);
		return;
	}
	log_left_out(call, &answer.left_out);
	cloud->hears->events(cloud->farm, &answer, NULL, -1);
	events_answer_fini(&answer);
}

static void ask_events(void *self, const char *key, const struct event_row *events, size_t n)
{
	static const struct call_kind kind = {"POST", "/v1/events", EVENTS_TYPE, on_events};
	struct cloud *cloud = self;
	call_send(call_create(cloud, &kind, key),
		event_batch_to_json(events, n, cloud->conf.floor, cloud->store_id));
}

/* ---- sign ---- */
static void on_sign(
	struct call *call, const json_t *json, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	struct sign_answer answer;
	struct err fault;
	(void)retry_after_ms;
	if (err == NULL && !sign_answer_from_json(json, &answer, &fault)) {
		err = garbled(call, &fault);
	}
	cloud->hears->sign(
		cloud->farm, call->job_row, call->page, err == NULL ? &answer : NULL, err);
}

static void ask_sign(
	void *self, const char *key, int64_t job_row, int32_t page, const struct sign_ask *ask)
{
	static const struct call_kind kind = {"POST", "/v1/assets:sign", JSON_TYPE, on_sign};
	struct call *call = call_create(self, &kind, key);
	call->job_row = job_row;
	call->page = page;
	call_send(call, sign_ask_to_json(ask));
}

const struct cloud_ops cloud_https = {
	.session = ask_session,
	.closed = ask_closed,
	.offer = ask_offer,
	.acquire = ask_acquire,
	.extend = ask_extend,
	.release = ask_release,
	.start = ask_start,
	.events = ask_events,
	.sign = ask_sign,
	.fetch = cloud_fetch,
	.fetch_cancel = cloud_fetch_cancel,
};
