/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate of the service: every call comes in through on_request and leaves through call_finish.
 *
 *  1. find the route; who calls (certificate), with which token, session and key
 *  2. a known key is answered from the store
 *  3. the handler, in one transaction
 *  4. commit, keep the answer under its key, answer; a refusal rolls back
 */
#include "base/log.h"
#include "base/mem.h"
#include "orders/routes.h"
#include "orders/service.h"
#include <stdlib.h>
#include <string.h>

#define DROP_BYTES_MAX (INT64_C(16) * 1024 * 1024)

void call_init(struct call *call, struct service *service, struct request *request)
{
	*call = (struct call){.service = service, .request = request};
	text_copy(call->client, sizeof call->client, request_client(request));
}

static void say(const struct call *call, int status)
{
	const char *who = call->client[0] == '\0' ? "nobody" : call->client;
	log_debug(who, "asked method=%s path=%s status=%d%s%s", request_method(call->request),
		request_path(call->request), status,
		call->problem.status == 0 ? "" : " code=", call->problem.code);
}

static void answer(struct call *call, const char *text)
{
	struct answer_header headers[1] = {{"ETag", call->etag}};
	say(call, call->status);
	listen_answer(call->request, call->status, text[0] == '\0' ? NULL : "application/json",
		text, strlen(text), headers, call->etag[0] == '\0' ? 0 : 1);
}

/* The answer and all effects become durable together, or not at all. */
static bool settle(struct call *call, const char *text)
{
	struct service *service = call->service;
	if (call->route->needs & NEED_KEY) {
		key_keep(call, text);
	}
	struct err err;
	if (!service->broken && !db_commit(service->db, &err)) {
		service->broken = true;
		service->fault = err;
	}
	return !service->broken;
}

static void give_up(struct call *call)
{
	struct service *service = call->service;
	db_rollback(service->db);
	if (service->broken) {
		log_error(
			"store", "fails code=%s text=%s", service->fault.code, service->fault.text);
		call->problem = (struct problem){.status = 0};
		refuse(call, 503, "store", "the order service can't reach its store just now");
	}
	service->broken = false;
	if (call->renews) {
		link_key_load(service);
	}
	say(call, call->problem.status);
	problem_answer(call->request, &call->problem);
}

void call_finish(struct call *call)
{
	struct service *service = call->service;
	bool wakes = false;
	if (call->request == NULL || call->parked) { /* replayed, or it waits */
		db_rollback(service->db);
	} else if (call->problem.status == 0 && !service->broken) {
		char *text = call->answer == NULL ? mem_text("") : json_write(call->answer);
		if (settle(call, text)) {
			answer(call, text);
			wakes = call->wakes;
		} else {
			give_up(call);
		}
		free(text);
	} else {
		give_up(call);
	}
	service->broken = false;
	json_decref(call->answer);
	json_decref(call->body);
	if (wakes) {
		loop_timer_start(service->wake, 0);
	}
}

/* ---- what a call must bring ---- */

static bool is_who(struct call *call)
{
	enum who who = call->route->who;
	bool admin = strcmp(call->client, ADMIN_NAME) == 0;
	if (call->client[0] == '\0') {
		return refuse(call, 401, "certificate-needed",
			"this call needs a client certificate of this service's CA");
	}
	if (who != WHO_ANY && admin != (who == WHO_ADMIN)) {
		return refuse(call, 403, "wrong-certificate",
			"a certificate named \"%s\" can't make %s calls", call->client,
			admin ? "a floor's" : "the admin's");
	}
	return text_is_id(call->client) || refuse(call, 401, "certificate-refused",
						   "the certificate's common name is no floor id");
}

static bool has_token(struct call *call)
{
	const char *given = request_header(call->request, "Authorization");
	bool needed = call->service->setup.require_token && call->route->who == WHO_FLOOR &&
		      call->route->handle != token_post;
	if (given == NULL) {
		return !needed || refuse(call, 401, "token-needed",
					  "this service wants a bearer token: POST /v1/token");
	}
	return (strncmp(given, "Bearer ", 7) == 0 &&
		       token_is_good(call->service, call->client, given + 7)) ||
	       refuse(call, 401, "token-refused",
		       "the token is over, or not of this certificate: POST /v1/token");
}

static bool has_key(struct call *call)
{
	const char *key = request_header(call->request, "Idempotency-Key");
	if (key == NULL || !text_is_id(key)) {
		return refuse(call, 400, "key-missing",
			"the header Idempotency-Key must be there: 1 to 64 of A-Z a-z 0-9 . _ : -");
	}
	text_copy(call->key, sizeof call->key, key);
	struct hash *hash = hash_create();
	const char *query = request_query(call->request, "wait");
	size_t len;
	const char *body = request_body(call->request, &len);
	const char *parts[] = {request_method(call->request), request_path(call->request),
		query == NULL ? "" : query};
	for (size_t i = 0; i < 3; i++) {
		hash_add(hash, parts[i], strlen(parts[i]) + 1);
	}
	hash_add(hash, body, len);
	hash_take_hex(hash, call->request_hash);
	hash_destroy(hash);
	return key_is_new(call);
}

static bool has_session(struct call *call)
{
	const char *session = request_header(call->request, "Platen-Session");
	if (session == NULL) {
		return refuse(call, 428, "session-needed",
			"the header Platen-Session must be there: POST /v1/sessions gives it");
	}
	char ours[TEXT_ID_MAX] = "";
	one_text(call->service, ours, sizeof ours, "SELECT session FROM floor WHERE id=?", "t",
		call->client);
	return (ours[0] != '\0' && strcmp(ours, session) == 0) ||
	       refuse(call, 412, "session-unknown",
		       "this session is over: open another one, then repeat this call");
}

static bool is_enabled(struct call *call)
{
	return one_int(call->service, 0, "SELECT disabled FROM floor WHERE id=?", "t",
		       call->client) == 0 ||
	       refuse(call, 403, "floor-disabled",
		       "floor %s was disabled by a person at the order service", call->client);
}

static bool is_media_type(struct call *call, const char *wanted)
{
	const char *type = request_header(call->request, "Content-Type");
	size_t len = strlen(wanted);
	bool fits = type != NULL && strncasecmp(type, wanted, len) == 0 &&
		    (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
	return fits || refuse(call, 415, "media-type", "the body must be %s", wanted);
}

static bool has_body(struct call *call, bool batch)
{
	size_t len;
	const char *text = request_body(call->request, &len);
	struct err err;
	if (!is_media_type(
		    call, batch ? "application/cloudevents-batch+json" : "application/json")) {
		return false;
	}
	if (batch && len > EVENTS_BYTES_MAX) {
		return refuse(call, 413, "too-large", "a batch of %zu bytes is over %d: halve it",
			len, EVENTS_BYTES_MAX);
	}
	call->body = json_read(text, len, &err);
	if (call->body == NULL) {
		return refuse_bad(call, &err);
	}
	bool fits = batch ? json_is_array(call->body) : json_is_object(call->body);
	return fits || refuse(call, 400, "field", "the body must be %s",
			       batch ? "a list of events" : "an object");
}

static bool may_pass(struct call *call)
{
	unsigned needs = call->route->needs;
	const char *trace = request_header(call->request, "traceparent");
	if (trace != NULL && text_is_id(trace)) {
		text_copy(call->traceparent, sizeof call->traceparent, trace);
	}
	return is_who(call) && has_token(call) && (!(needs & NEED_KEY) || has_key(call)) &&
	       (!(needs & NEED_SESSION) || has_session(call)) &&
	       (!(needs & NEED_ENABLED) || is_enabled(call)) &&
	       (!(needs & (NEED_BODY | NEED_BATCH)) || has_body(call, (needs & NEED_BATCH) != 0));
}

static bool is_oversized(struct request *request)
{
	return request_body_bytes(request) > JSON_BYTES_MAX &&
	       strcmp(request_path(request), UPLOAD_PATH) != 0;
}

/* A body that is not wanted is read all the same, up to a bound: many a client listens only after
 * it has sent everything. */
void piece_drop(void *context, struct request *request, const void *bytes, size_t len)
{
	(void)context;
	(void)request;
	(void)bytes;
	(void)len;
}

static void on_request(void *context, struct request *request)
{
	struct service *service = context;
	const char *path = request_path(request);
	if (strncmp(path, ASSET_PATH, strlen(ASSET_PATH)) == 0) {
		asset_serve(service, request);
		return;
	}
	struct call call;
	struct err err;
	call_init(&call, service, request);
	if (!db_begin(service->db, &err)) {
		service->broken = true;
		service->fault = err;
	} else if (is_oversized(request)) {
		refuse(&call, 413, "too-large", "the body is over 1 MiB");
	} else if (route_find(&call) && may_pass(&call)) {
		call.route->handle(&call);
	}
	call_finish(&call);
}

static void on_head(void *context, struct request *request)
{
	if (strcmp(request_path(request), UPLOAD_PATH) == 0) {
		upload_head(context, request);
	} else if (is_oversized(request)) {
		request_take_body(request, DROP_BYTES_MAX, piece_drop);
	}
}

static void on_gone(void *context, struct request *request)
{
	if (upload_is(request)) {
		upload_gone(request);
	} else {
		poll_gone(context, request);
	}
}

const struct listen_hears gate_hears = {on_request, on_gone, on_head};
