/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls to the service as the admin: through the same HTTPS door as everybody else, never by
 * opening the store.
 */
#include "orders/client.h"
#include "base/clock.h"
#include "base/hash.h"
#include "ports/cloud_call.h"
#include "wire/order.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool client_is_set_up(const struct client *client, struct err *err)
{
	const struct setup *setup = client->setup;
	if (setup->admin_url[0] != '\0' && setup->admin_cert[0] != '\0' &&
		setup->admin_key[0] != '\0' && setup->ca[0] != '\0') {
		return true;
	}
	return err_set(err, REMEDY_REJECT, "usage",
		"where is the service? Say --url, --cert, --key and --ca, or --config FILE (or set "
		"PLATEN_ORDERS_CONFIG) with admin_cert, admin_key, ca and listen or admin_url");
}

static bool read_answer(long status, const struct buf *text, json_t **answer, struct err *err)
{
	json_t *json = NULL;
	json_error_t fault;
	*answer = NULL;
	if (text->len > 0) { /* our own service's: may be longer than a floor would read */
		json = json_loadb(text->bytes, text->len, JSON_REJECT_DUPLICATES, &fault);
		if (json == NULL && status < 300) {
			return err_set(err, REMEDY_RETRY, "answer",
				"the answer is not JSON (%s): is this platen-orders?", fault.text);
		}
	}
	if (status >= 200 && status < 300) {
		*answer = json;
		return true;
	}
	struct problem problem;
	problem_from_json(json, (int32_t)status, &problem);
	json_decref(json);
	return err_set(err, problem.retryable ? REMEDY_RETRY : REMEDY_REJECT, problem.code, "%s",
		problem.detail[0] == '\0' ? "the service refused, without a reason"
					  : problem.detail);
}

static bool send(
	const struct client *client, struct cloud_call *call, json_t **answer, struct err *err)
{
	struct buf text = {0};
	char key[ULID_MAX];
	long status = 0;
	ulid_make(clock_wall_ms(), key);
	call->url = client->setup->admin_url;
	call->ca = client->setup->ca;
	call->cert = client->setup->admin_cert;
	call->key = client->setup->admin_key;
	call->idempotency_key = call->content_type == NULL ? NULL : key;
	call->agent = "platen-orders";
	bool fine = cloud_call(call, &status, &text, err);
	if (!fine && call->idempotency_key != NULL && err->remedy == REMEDY_RETRY) {
		/* the same key: if the first was done, this only fetches its answer */
		buf_clear(&text);
		fine = cloud_call(call, &status, &text, err);
	}
	fine = fine && read_answer(status, &text, answer, err);
	buf_fini(&text);
	return fine;
}

bool client_call(const struct client *client, const char *method, const char *path,
	const json_t *body, json_t **answer, struct err *err)
{
	char *text = body == NULL ? NULL : json_write(body);
	struct cloud_call call = {.method = method,
		.path = path,
		.content_type = body == NULL ? NULL : "application/json",
		.body = text};
	bool fine = send(client, &call, answer, err);
	free(text);
	return fine;
}

bool client_upload(const struct client *client, const char *file, const char *media_type,
	json_t **answer, struct err *err)
{
	struct cloud_call call = {.method = "POST",
		.path = "/v1/admin/assets",
		.content_type = media_type,
		.file = file};
	return send(client, &call, answer, err);
}
