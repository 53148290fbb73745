/* SPDX-License-Identifier: Apache-2.0
 *
 * One call of the order API.
 *
 *  1. call_send: body and headers, with the key that was stored before.
 *  2. on_done: no answer, an answer, or a refusal; docs/order-api.md section 4 says what each
 * means.
 *  3. 401: one new token, then the same call with the same key.
 *
 * Ways it fails: by the table below. An answer that cannot be read is RETRY, code "garbled": the
 * call may have been done, and the same key gives the same answer again.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ports/cloud_own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_AFTER_MOST_S 3600
#define ANSWER_MS          30000

struct rule {
	int32_t least, most;
	const char *code; /* of the problem; NULL: any */
	enum remedy remedy;
};

static const struct rule rules[] = {
	{300, 399, NULL, REMEDY_RETRY}, /* nothing is followed: a portal or proxy is in between */
	{401, 401, NULL, REMEDY_RETRY},
	{403, 403, "floor-disabled", REMEDY_FATAL},
	{403, 403, "wrong-certificate", REMEDY_FATAL},
	{403, 403, "wrong-floor", REMEDY_FATAL},
	{403, 403, NULL, REMEDY_RETRY},
	{404, 404, "unknown-job", REMEDY_DROP},
	{404, 404, "unknown-asset", REMEDY_DROP},
	{404, 404, "unknown-order", REMEDY_DROP},
	{404, 404, "no-such-call", REMEDY_REJECT},
	{404, 404, NULL, REMEDY_RETRY}, /* no service of ours speaks so: a wrong address */
	{408, 408, NULL, REMEDY_RETRY},
	{409, 409, "stale-epoch", REMEDY_DROP},
	{409, 409, "store-rollback", REMEDY_FATAL},
	{409, 409, NULL, REMEDY_RETRY},
	{410, 410, NULL, REMEDY_DROP},
	{412, 412, NULL, REMEDY_RETRY}, /* session or offer: the code says which is to be renewed */
	{425, 425, NULL, REMEDY_RETRY},
	{428, 429, NULL, REMEDY_RETRY},
	{400, 499, NULL, REMEDY_REJECT}, /* our own mistake: 400, 405, 413, 415, 422 … */
	{500, 599, NULL, REMEDY_RETRY},
};

static enum remedy remedy_of(const struct problem *problem)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (problem->status >= rules[i].least && problem->status <= rules[i].most &&
			(rules[i].code == NULL || strcmp(rules[i].code, problem->code) == 0)) {
			return rules[i].remedy;
		}
	}
	return REMEDY_RETRY;
}

static void on_done(struct transfer *transfer, CURLcode code);

/* ---- asking ---- */
struct call *call_create(struct cloud *cloud, const struct call_kind *kind, const char *key)
{
	struct call *call = mem_new(1, sizeof *call);
	call->cloud = cloud;
	call->multi = &cloud->api;
	call->kind = kind;
	call->transfer.done = on_done;
	text_copy(call->key, sizeof call->key, key);
	list_init(&call->link);
	list_append(&cloud->calls, &call->link);
	return call;
}

static void call_destroy(struct call *call)
{
	list_remove(&call->link);
	transfer_fini(&call->transfer, call->multi);
	curl_slist_free_all(call->headers);
	buf_fini(&call->answer);
	free(call->body);
	free(call);
}

static void add_header(struct call *call, const char *name, const char *value)
{
	struct buf line = {0};
	if (value[0] != '\0') {
		buf_print(&line, "%s: %s", name, value);
		call->headers = curl_slist_append(call->headers, buf_get(&line));
	} else { /* taken out of what libcurl sends by itself */
		buf_print(&line, "%s:", name);
		call->headers = curl_slist_append(call->headers, buf_get(&line));
	}
	buf_fini(&line);
}

static void add_trace(struct call *call)
{
	uint8_t bytes[24];
	char trace[56] = "00-";
	random_bytes(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++) {
		snprintf(trace + strlen(trace), 4, i == 15 ? "%02x-" : "%02x", bytes[i]);
	}
	strncat(trace, "-01", sizeof trace - strlen(trace) - 1);
	add_header(call, "traceparent", trace);
}

static void add_headers(struct call *call)
{
	struct cloud *cloud = call->cloud;
	add_header(call, "Content-Type", call->kind->media_type);
	add_header(call, "Accept", "application/json, application/problem+json");
	add_header(call, "Idempotency-Key", call->key);
	add_trace(call);
	add_header(call, "Expect", "");
	if (cloud->session[0] != '\0') {
		add_header(call, "Platen-Session", cloud->session);
	}
	if (call->if_match[0] != '\0') {
		add_header(call, "If-Match", call->if_match);
	}
	if (cloud->token[0] != '\0' && call != cloud->token_call) {
		char bearer[sizeof cloud->token + 8];
		snprintf(bearer, sizeof bearer, "Bearer %s", cloud->token);
		add_header(call, "Authorization", bearer);
		explicit_bzero(bearer, sizeof bearer);
	}
}

static size_t on_bytes(char *bytes, size_t size, size_t n, void *context)
{
	struct call *call = context;
	if (call->answer.len + size * n > ANSWER_BYTES_MAX) {
		call->too_big = true;
		return 0; /* ends the transfer */
	}
	buf_add(&call->answer, bytes, size * n);
	return size * n;
}

static void set_options(struct call *call)
{
	const struct cloud_conf *conf = &call->cloud->conf;
	CURL *easy = call->transfer.easy;
	int32_t answer_ms = conf->answer_ms > 0 ? conf->answer_ms : ANSWER_MS;
	curl_easy_setopt(easy, CURLOPT_CAINFO, conf->ca);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* the private CA and no other */
	curl_easy_setopt(easy, CURLOPT_SSLCERT, conf->cert);
	curl_easy_setopt(easy, CURLOPT_SSLKEY, conf->key);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, conf->agent);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->kind->method);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(call->body));
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)answer_ms + 1000L * call->wait_s);
}

/* libcurl refuses only for want of memory, which ends the process here as anywhere. */
static void start(struct call *call)
{
	struct err err;
	char url[CLOUD_PATH_MAX + 64];
	const char *path = call->kind->path;
	snprintf(url, sizeof url, "%s%s", call->cloud->conf.url, path);
	if (call->wait_s > 0) {
		snprintf(
			url + strlen(url), sizeof url - strlen(url), "?wait=%d", (int)call->wait_s);
	}
	if (!transfer_init(&call->transfer, url, &err)) {
		log_error("cloud", "%s", err.text); /* out of memory inside libcurl */
		abort();
	}
	add_headers(call);
	set_options(call);
	if (!multi_add(call->multi, &call->transfer, &err)) {
		log_error("cloud", "%s", err.text);
		abort();
	}
}

void call_send(struct call *call, json_t *body)
{
	call->body = json_write(body);
	json_decref(body);
	if (call->cloud->closing) {
		cloud_wake(call->cloud);
	} else {
		start(call);
	}
}

/* ---- tokens ---- */
static void send_again(struct call *call)
{
	transfer_fini(&call->transfer, call->multi);
	curl_slist_free_all(call->headers);
	call->headers = NULL;
	buf_clear(&call->answer);
	call->too_big = false;
	list_remove(&call->link);
	list_append(&call->cloud->calls, &call->link);
	start(call);
}

static void on_token(
	struct call *call, const json_t *answer, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	struct token token;
	struct err fault;
	cloud->token_call = NULL;
	if (err != NULL) {
		fault = *err;
		fault.remedy = REMEDY_RETRY; /* nothing is dropped for want of a credential */
		err_wrap(&fault, "renewing the token");
	} else if (!token_from_json(answer, &token, &fault)) {
		call_garbled(call, &fault);
		err = &fault;
	} else {
		text_copy(cloud->token, sizeof cloud->token, token.text);
		explicit_bzero(&token, sizeof token);
	}
	list_each(at, &cloud->renewing)
	{
		struct call *waiting = list_entry(at, struct call, link);
		if (err == NULL) {
			send_again(waiting);
		} else {
			call_end(waiting, NULL, &fault, retry_after_ms);
		}
	}
}

static void renew_token(struct call *call)
{
	static const struct call_kind kind = {"POST", "/v1/token", "application/json", on_token};
	struct cloud *cloud = call->cloud;
	call->renewed = true;
	list_remove(&call->link);
	list_append(&cloud->renewing, &call->link);
	if (cloud->token_call == NULL) {
		char key[ULID_MAX];
		ulid_make(clock_wall_ms(), key);
		cloud->token_call = call_create(cloud, &kind, key);
		cloud->token_call->renewed = true;
		call_send(cloud->token_call, json_object());
	}
}

/* A certificate that is refused is no matter of tokens. */
static bool token_may_help(const struct call *call, const struct problem *problem)
{
	return problem->status == 401 && !call->renewed &&
	       strncmp(problem->code, "certificate-", 12) != 0;
}

/* ---- answered ---- */
void call_end(
	struct call *call, const json_t *answer, const struct err *err, int64_t retry_after_ms)
{
	struct cloud *cloud = call->cloud;
	list_remove(&call->link);
	call->kind->hear(call, answer, err, retry_after_ms);
	call_destroy(call);
	cloud_ended(cloud);
}

void call_garbled(const struct call *call, struct err *err)
{
	err->remedy = REMEDY_RETRY;
	text_copy(err->code, sizeof err->code, "garbled");
	err_wrap(err, "the cloud's answer to %s", call->kind->path);
}

static int64_t retry_after_of(const struct call *call, const struct problem *problem)
{
	curl_off_t header_s = 0;
	curl_easy_getinfo(call->transfer.easy, CURLINFO_RETRY_AFTER, &header_s);
	int64_t seconds = header_s > 0 ? (int64_t)header_s : problem->retry_after_s;
	if (seconds < 0) {
		return -1;
	}
	return (seconds > RETRY_AFTER_MOST_S ? RETRY_AFTER_MOST_S : seconds) * 1000;
}

static void refused(struct call *call, int32_t status)
{
	struct err err, ignored;
	struct problem problem;
	json_t *json = json_read(buf_get(&call->answer), call->answer.len, &ignored);
	problem_from_json(json, status, &problem);
	json_decref(json);
	if (token_may_help(call, &problem)) {
		renew_token(call);
		return;
	}
	enum remedy remedy = remedy_of(&problem);
	if (problem.code[0] == '\0') {
		snprintf(problem.code, sizeof problem.code, "http-%d", (int)status);
	}
	err_set(&err, remedy, problem.code, "the cloud answers %s with %d %s%s%s", call->kind->path,
		(int)status, problem.code, problem.detail[0] != '\0' ? ": " : "", problem.detail);
	call_end(call, NULL, &err, remedy == REMEDY_RETRY ? retry_after_of(call, &problem) : -1);
}

static void answered(struct call *call, int32_t status)
{
	struct err err;
	struct curl_header *etag;
	if (curl_easy_header(call->transfer.easy, "ETag", 0, CURLH_HEADER, -1, &etag) ==
		CURLHE_OK) {
		text_copy(call->etag, sizeof call->etag, etag->value);
	}
	json_t *json =
		status == 204 ? NULL : json_read(buf_get(&call->answer), call->answer.len, &err);
	if (status != 204 && json == NULL) {
		call_garbled(call, &err);
		call_end(call, NULL, &err, -1);
		return;
	}
	call_end(call, json, NULL, -1);
	json_decref(json);
}

static void on_done(struct transfer *transfer, CURLcode code)
{
	struct call *call = (struct call *)transfer;
	struct err err;
	long status = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	call->cloud->reachable = code == CURLE_OK;
	if (call->too_big) {
		err_set(&err, REMEDY_RETRY, "garbled", "is over the limit of %d bytes",
			ANSWER_BYTES_MAX);
		call_garbled(call, &err);
	} else if (code != CURLE_OK) {
		transfer_fault(transfer, code, "the cloud gives no answer", &err);
	} else if (status >= 200 && status < 300) {
		answered(call, (int32_t)status);
		return;
	} else {
		refused(call, (int32_t)status);
		return;
	}
	call_end(call, NULL, &err, -1);
}
