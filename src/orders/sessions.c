/* SPDX-License-Identifier: Apache-2.0
 *
 * What a floor says before it works: GET /v1/meta, POST /v1/token, POST /v1/sessions, PUT
 * /v1/offer. A session compares what both sides know of the jobs and refuses a store that is an old
 * copy.
 */
#include "config.h"
#include "orders/held.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void meta_get(struct call *call)
{
	call->status = 200;
	call->answer = json_pack("{s:s, s:s, s:[], s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i}}", "api",
		"v1", "service", "platen-orders/" PACKAGE_VERSION, "deprecations", "limits",
		"body_bytes", JSON_BYTES_MAX, "events", EVENTS_MAX, "events_bytes",
		EVENTS_BYTES_MAX, "leases", LEASES_MAX, "pages", PAGES_MAX, "wait_s", WAIT_MAX_S,
		"key_days", KEY_DAYS);
}

/* ---- token: EXPIRY-HMAC, bound to the certificate's name ---- */

static void token_hash(
	const struct service *service, const char *client, int64_t until_s, char hex[HASH_HEX_MAX])
{
	char text[TEXT_ID_MAX + 40];
	snprintf(text, sizeof text, "token\n%s\n%lld", client, (long long)until_s);
	hmac_hex_of(service->link_key, strlen(service->link_key), text, strlen(text), hex);
}

bool token_is_good(const struct service *service, const char *client, const char *token)
{
	char number[24], hex[HASH_HEX_MAX];
	int64_t until_s;
	const char *dash = strchr(token, '-');
	if (dash == NULL || dash - token >= (int)sizeof number || strlen(dash + 1) != 64) {
		return false;
	}
	snprintf(number, sizeof number, "%.*s", (int)(dash - token), token);
	int64_t now_s = clock_wall_ms() / SECOND_MS;
	if (!text_to_int(number, 0, INT64_MAX, &until_s) || until_s < now_s ||
		until_s > now_s + TOKEN_S) {
		return false;
	}
	token_hash(service, client, until_s, hex);
	return hash_texts_equal(hex, dash + 1);
}

void token_post(struct call *call)
{
	char hex[HASH_HEX_MAX], token[HASH_HEX_MAX + 24];
	int64_t until_s = clock_wall_ms() / SECOND_MS + TOKEN_S;
	token_hash(call->service, call->client, until_s, hex);
	snprintf(token, sizeof token, "%lld-%s", (long long)until_s, hex);
	call->status = 200;
	call->answer = json_pack(
		"{s:s, s:s, s:i}", "token", token, "token_type", "Bearer", "expires_in_s", TOKEN_S);
}

/* ---- sessions ---- */

static bool session_from_json(const json_t *body, struct session_ask *ask, struct err *err)
{
	*ask = (struct session_ask){.floor = ""};
	if (!json_need_text(body, "floor", ask->floor, sizeof ask->floor, err) ||
		!json_need_text(body, "store_id", ask->store_id, sizeof ask->store_id, err) ||
		!json_need_int(
			body, "store_generation", 0, INT64_MAX, &ask->store_generation, err) ||
		!json_take_text(body, "boot_id", ask->boot_id, sizeof ask->boot_id, err) ||
		!json_take_text(body, "agent", ask->agent, sizeof ask->agent, err)) {
		return false;
	}
	return text_is_id(ask->store_id) ||
	       err_set(err, REMEDY_REJECT, "field", "\"store_id\" must be an id");
}

static bool is_this_floor(struct call *call, const struct session_ask *ask)
{
	return strcmp(ask->floor, call->client) == 0 ||
	       refuse(call, 403, "wrong-floor", "the certificate is that of floor %s",
		       call->client);
}

/* One floor, one platend: another store while the first one's heart still beats is a second one,
 * started by mistake. A floor that begun anew waits until the old heartbeats are over. */
static bool is_alone(struct call *call, const struct session_ask *ask)
{
	int64_t alive_ms = 3 * call->service->setup.heartbeat_s * SECOND_MS;
	int64_t left_ms = one_int(call->service, 0,
		"SELECT seen_wall_ms + ?2 - ?3 FROM floor WHERE id=?1 AND session<>'' AND"
		" store_id<>?4 AND seen_wall_ms<=?3",
		"tiit", call->client, alive_ms, clock_wall_ms(), ask->store_id);
	if (left_ms <= 0) {
		return true;
	}
	refuse(call, 409, "session-conflict",
		"another platend is at work as floor %s, with another store: stop one of the two; "
		"if its store was replaced, this passes by itself",
		call->client);
	call->problem.retry_after_s = left_ms / SECOND_MS + 1;
	return false;
}

static bool generation_goes_on(struct call *call, const struct session_ask *ask)
{
	int64_t seen = one_int(call->service, -1,
		"SELECT generation FROM floor_store WHERE floor=? AND store_id=?", "tt",
		call->client, ask->store_id);
	return ask->store_generation >= seen ||
	       refuse(call, 409, "store-rollback",
		       "store %s said generation %lld before and says %lld now: it is an old copy",
		       ask->store_id, (long long)seen, (long long)ask->store_generation);
}

static int64_t stored_sequence(
	struct service *service, const char *floor, const char *store_id, const char *job)
{
	return one_int(service, 0,
		"SELECT max(sequence) FROM event WHERE floor=? AND store_id=? AND subject=?", "ttt",
		floor, store_id, job);
}

int64_t held_resend_from(struct call *call, const char *store_id, const struct held_job *held)
{
	int64_t stored = stored_sequence(call->service, call->client, store_id, held->job);
	if (stored > held->seq) {
		refuse(call, 409, "store-rollback",
			"of job %s %lld events are here, the store knows %lld: it is an old copy",
			held->job, (long long)stored, (long long)held->seq);
	}
	return stored < held->seq ? stored + 1 : 0;
}

/* Whether the floor's word for the stage says that it may be printing: then no clock may free it.
 */
static bool may_print(const char *state)
{
	static const char *const before[] = {
		"leased", "fetched", "inspected", "rendered", "queued"};
	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		if (strcmp(before[i], state) == 0) {
			return false;
		}
	}
	return true;
}

static json_t *compare(
	struct call *call, const struct session_ask *ask, const struct held_job *held)
{
	struct service *service = call->service;
	struct job job;
	int64_t resend_from = held_resend_from(call, ask->store_id, held);
	bool known = job_load(service, held->job, &job);
	if (known && job_is_ahead(&job, call->client, held->epoch)) {
		job_adopt(service, &job, call->client, held->epoch,
			may_print(held->state) ? JOB_PERMITTED : JOB_LEASED);
	}
	bool is_ours = known && job_is_with(&job, call->client, held->epoch);
	bool is_done = known && job.state == JOB_PRINTED && job.epoch == held->epoch &&
		       strcmp(job.floor, call->client) == 0;
	const char *verdict = !known ? "unknown" : is_ours || is_done ? "keep" : "drop";
	if (is_ours) {
		held_note(service, &job, held);
	}
	json_t *answer = json_pack("{s:s}", "job", held->job);
	if ((is_ours || is_done) && resend_from > 0) {
		verdict = "resend";
		json_object_set_new(answer, "resend_from", json_integer(resend_from));
	}
	json_object_set_new(answer, "verdict", json_string(verdict));
	return answer;
}

static json_t *compare_all(struct call *call, const struct session_ask *ask)
{
	json_t *answers = json_array();
	json_t *items = NULL;
	struct err err;
	if (!json_take_array(call->body, "jobs", HELD_MAX, &items, &err)) {
		refuse_bad(call, &err);
	}
	for (size_t i = 0; i < json_array_size(items) && call->problem.status == 0; i++) {
		struct held_job held;
		if (!held_from_json(json_array_get(items, i), &held, &err)) {
			err_wrap(&err, "jobs[%zu]", i);
			refuse_bad(call, &err);
			break;
		}
		json_array_append_new(answers, compare(call, ask, &held));
	}
	return answers;
}

/* What this floor should have and did not name. */
static json_t *missed_of(struct call *call, const struct session_ask *ask, const json_t *jobs)
{
	json_t *missed = json_array();
	json_t *named = json_object();
	size_t at;
	json_t *job;
	json_array_foreach(jobs, at, job)
	{
		json_object_set_new(
			named, json_string_value(json_object_get(job, "job")), json_true());
	}
	struct db_row *row = db_query(call->service->db,
		"SELECT id, epoch, state, (SELECT coalesce(max(sequence),0) FROM event e WHERE"
		" e.floor=?1 AND e.store_id=?2 AND e.subject=job.id) FROM job WHERE floor=?1 AND"
		" state IN ('leased','permitted','held') ORDER BY row",
		"tt", call->client, ask->store_id);
	while (json_array_size(missed) < MISSED_MAX && db_next(row)) {
		if (json_object_get(named, db_text(row, 0)) == NULL) {
			json_array_append_new(missed,
				json_pack("{s:s, s:I, s:s, s:I}", "job", db_text(row, 0), "epoch",
					(json_int_t)db_int(row, 1), "state", db_text(row, 2), "seq",
					(json_int_t)db_int(row, 3)));
		}
	}
	read_end(call->service, row);
	json_decref(named);
	return missed;
}

static void session_store(struct call *call, const struct session_ask *ask, const char *session)
{
	struct service *service = call->service;
	put(service,
		"INSERT INTO floor (id, store_id, generation, session, agent, boot_id, "
		"seen_wall_ms) VALUES (?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
		"store_id=excluded.store_id, generation=excluded.generation, "
		"session=excluded.session, agent=excluded.agent, boot_id=excluded.boot_id, "
		"seen_wall_ms=excluded.seen_wall_ms, offer='', etag=''",
		"ttittti", call->client, ask->store_id, ask->store_generation, session, ask->agent,
		ask->boot_id, clock_wall_ms());
	put(service,
		"INSERT INTO floor_store (floor, store_id, generation) VALUES (?,?,?) "
		"ON CONFLICT DO UPDATE SET generation=excluded.generation",
		"tti", call->client, ask->store_id, ask->store_generation);
}

void session_post(struct call *call)
{
	const struct setup *setup = &call->service->setup;
	struct session_ask ask;
	struct err err;
	if (!session_from_json(call->body, &ask, &err)) {
		refuse_bad(call, &err);
		return;
	}
	if (!is_this_floor(call, &ask) || !is_alone(call, &ask) ||
		!generation_goes_on(call, &ask)) {
		return;
	}
	char ulid[ULID_MAX], session[TEXT_ID_MAX];
	ulid_make(clock_wall_ms(), ulid);
	snprintf(session, sizeof session, "s-%s", ulid);
	json_t *jobs = compare_all(call, &ask);
	json_t *missed = missed_of(call, &ask, jobs);
	if (call->problem.status == 0) {
		session_store(call, &ask, session);
		polls_end(call->service, call->client);
	}
	call->status = 200;
	call->answer = json_pack("{s:s, s:I, s:I, s:i, s:i, s:o, s:o}", "session", session, "ttl_s",
		(json_int_t)setup->ttl_s, "heartbeat_s", (json_int_t)setup->heartbeat_s,
		"poll_wait_s", WAIT_MAX_S, "batch_events", (int)setup->batch_events, "jobs", jobs,
		"missed", missed);
}

/* ---- offer ---- */

static bool is_texts(const json_t *list, size_t size)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		if (!json_is_string(item) || json_string_length(item) >= size) {
			return false;
		}
	}
	return true;
}

static bool printer_is_fine(const json_t *json, struct err *err)
{
	struct offer_printer printer = {.ms_per_print = 0};
	json_t *skus = NULL;
	return (json_is_object(json) ||
		       err_set(err, REMEDY_REJECT, "field", "must be an object")) &&
	       json_need_text(json, "id", printer.id, sizeof printer.id, err) &&
	       json_take_text(json, "model", printer.model, sizeof printer.model, err) &&
	       json_take_text(json, "state", printer.state, sizeof printer.state, err) &&
	       json_take_text(json, "media", printer.media, sizeof printer.media, err) &&
	       json_take_int32(json, "ms_per_print", 0, 86400000, &printer.ms_per_print, err) &&
	       json_take_int(json, "queue_s", 0, INT64_MAX, &printer.queue_s, err) &&
	       json_need_array(json, "skus", 256, &skus, err) &&
	       (is_texts(skus, NAME_MAX_LEN) ||
		       err_set(err, REMEDY_REJECT, "field",
			       "\"skus\" must be names of up to %d bytes", NAME_MAX_LEN - 1));
}

static bool offer_is_fine(const json_t *body, struct err *err)
{
	json_t *printers = NULL, *formats = NULL;
	int64_t number = 0;
	if (!json_need_array(body, "printers", 256, &printers, err) ||
		!json_take_int(body, "max_pixels", 0, INT64_MAX, &number, err) ||
		!json_take_int(body, "max_bytes", 0, INT64_MAX, &number, err) ||
		!json_need_int(body, "want_jobs", 0, 1000000, &number, err) ||
		!json_need_int(body, "want_s", 0, 1000000000, &number, err) ||
		!json_take_array(body, "formats", 16, &formats, err)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(printers); i++) {
		if (!printer_is_fine(json_array_get(printers, i), err)) {
			return err_wrap(err, "printers[%zu]", i);
		}
	}
	return is_texts(formats, 64) ||
	       err_set(err, REMEDY_REJECT, "field", "\"formats\" must be media types");
}

static bool matches(struct call *call)
{
	const char *wanted = request_header(call->request, "If-Match");
	char ours[HASH_HEX_MAX + 2] = "";
	if (wanted == NULL) {
		return true;
	}
	one_text(call->service, ours, sizeof ours, "SELECT etag FROM floor WHERE id=?", "t",
		call->client);
	return (ours[0] != '\0' && (strcmp(wanted, ours) == 0 || strcmp(wanted, "*") == 0)) ||
	       refuse(call, 412, "offer-unknown",
		       "another offer is here, or none: PUT it again without If-Match");
}

void offer_put(struct call *call)
{
	struct err err;
	if (!offer_is_fine(call->body, &err)) {
		refuse_bad(call, &err);
		return;
	}
	if (!matches(call)) {
		return;
	}
	char *text = json_write(call->body);
	char hex[HASH_HEX_MAX], before[HASH_HEX_MAX + 2] = "";
	hash_hex_of(text, strlen(text), hex);
	snprintf(call->etag, sizeof call->etag, "\"%.32s\"", hex);
	one_text(call->service, before, sizeof before, "SELECT etag FROM floor WHERE id=?", "t",
		call->client);
	put(call->service, "UPDATE floor SET offer=?, etag=? WHERE id=?", "ttt", text, call->etag,
		call->client);
	if (strcmp(before, call->etag) != 0) {
		polls_end(call->service, call->client); /* it polled for another offer */
	}
	free(text);
	call->status = 200;
	call->answer = json_pack("{s:s}", "etag", call->etag);
}
