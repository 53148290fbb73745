/* SPDX-License-Identifier: Apache-2.0
 *
 * Idempotency keys: a call with a key is done once, and its answer is kept for 30 days in the same
 * transaction as its effects. docs/order-api.md section 3.
 */
#include "orders/service.h"
#include "base/buf.h"
#include <stdlib.h>
#include <string.h>

static bool replay(struct call *call, struct db_row *row)
{
	struct answer_header headers[2] = {{"Idempotent-Replayed", "true"}};
	const char *text = db_text(row, 3);
	char etag[sizeof call->etag];
	text_copy(etag, sizeof etag, db_text(row, 2));
	headers[1] = (struct answer_header){"ETag", etag};
	listen_answer(call->request, (int)db_int(row, 1),
		text[0] == '\0' ? NULL : "application/json", text, strlen(text), headers,
		etag[0] == '\0' ? 1 : 2);
	call->request = NULL;
	return false;
}

bool key_is_new(struct call *call)
{
	struct service *service = call->service;
	if (poll_is_waiting(service, call->client, call->key)) {
		return refuse(call, 409, "in-flight",
			"the first call with key %s is still being answered: repeat it with the "
			"same key a little later",
			call->key);
	}
	struct db_row *row = db_query(service->db,
		"SELECT request, status, etag, answer FROM idempotency WHERE client=? AND key=?",
		"tt", call->client, call->key);
	bool known = db_next(row);
	bool same = known && strcmp(db_text(row, 0), call->request_hash) == 0;
	if (same) {
		replay(call, row);
	}
	if (!read_end(service, row)) {
		return false;
	}
	if (known && !same) {
		return refuse(call, 422, "key-reused",
			"key %s was used for another call: each call needs its own", call->key);
	}
	return !known;
}

void key_keep(struct call *call, const char *text)
{
	put(call->service,
		"INSERT INTO idempotency (client, key, request, status, etag, answer, "
		"added_wall_ms) VALUES (?,?,?,?,?,?,?)",
		"tttitti", call->client, call->key, call->request_hash, (int64_t)call->status,
		call->etag, text, clock_wall_ms());
}

void keys_prune(struct service *service)
{
	put(service, "DELETE FROM idempotency WHERE added_wall_ms < ?", "i",
		clock_wall_ms() - KEY_DAYS * 24 * HOUR_MS);
}
