/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a batch of CloudEvents: required members, bounds, and that they are of the floor and store
 * of this session.
 */
#include "orders/event.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool subject_is_fine(const char *subject)
{
	static const char *const kinds[] = {"printer/", "order/", "floor/"};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strncmp(subject, kinds[i], strlen(kinds[i])) == 0) {
			return text_is_id(subject + strlen(kinds[i]));
		}
	}
	return text_is_id(subject);
}

static bool data_is_fine(const json_t *json, struct incoming *event, struct err *err)
{
	json_t *data = NULL;
	if (!json_take_object(json, "data", &data, err)) {
		return false;
	}
	event->data = data;
	char *text = data == NULL ? NULL : json_write(data);
	size_t len = text == NULL ? 0 : strlen(text);
	free(text);
	return len <= EVENT_DATA_MAX ||
	       err_set(err, REMEDY_REJECT, "field", "\"data\" is over %d bytes", EVENT_DATA_MAX);
}

static bool texts_are_fine(const json_t *json, struct incoming *event, struct err *err)
{
	char version[8] = "";
	if (!json_need_text(json, "specversion", version, sizeof version, err) ||
		!json_need_text(json, "id", event->id, sizeof event->id, err) ||
		!json_need_text(json, "type", event->type, sizeof event->type, err) ||
		!json_need_text(json, "subject", event->subject, sizeof event->subject, err)) {
		return false;
	}
	if (strcmp(version, "1.0") != 0 || !text_is_id(event->id) || !text_is_id(event->type)) {
		return err_set(err, REMEDY_REJECT, "field",
			"\"specversion\" must be 1.0, \"id\" and \"type\" must be ids");
	}
	return subject_is_fine(event->subject) ||
	       err_set(err, REMEDY_REJECT, "field",
		       "\"subject\" must be a job's id, printer/NAME, order/ID or floor/ID");
}

static bool numbers_are_fine(const json_t *json, struct incoming *event, struct err *err)
{
	int64_t attempt = 0;
	bool is_job = strchr(event->subject, '/') == NULL;
	return json_need_int(json, "sequence", 1, INT64_MAX, &event->sequence, err) &&
	       (is_job ? json_need_int(json, "epoch", 1, INT64_MAX, &event->epoch, err)
		       : json_take_int(json, "epoch", 0, INT64_MAX, &event->epoch, err)) &&
	       json_take_int(json, "attempt", 0, INT64_MAX, &attempt, err);
}

static bool source_is_ours(
	const struct call *call, const char *ours, const json_t *json, struct err *err)
{
	char source[200] = "", wanted[200];
	snprintf(wanted, sizeof wanted, "/floors/%s/stores/%s", call->client, ours);
	if (!json_need_text(json, "source", source, sizeof source, err)) {
		return false;
	}
	return strcmp(source, wanted) == 0 ||
	       err_set(err, REMEDY_REJECT, "source", "\"source\" must be %s", wanted);
}

static bool read_one(
	const struct call *call, const char *store_id, struct incoming *event, struct err *err)
{
	text_copy(event->store_id, sizeof event->store_id, store_id);
	if (!json_is_object(event->json)) {
		return err_set(err, REMEDY_REJECT, "field", "must be an object");
	}
	return texts_are_fine(event->json, event, err) &&
	       numbers_are_fine(event->json, event, err) &&
	       source_is_ours(call, store_id, event->json, err) &&
	       data_is_fine(event->json, event, err);
}

struct incoming *events_read(struct call *call, size_t *n)
{
	char store_id[TEXT_ID_MAX] = "";
	*n = json_array_size(call->body);
	if (*n > EVENTS_MAX) {
		refuse(call, 413, "too-large", "a batch of %zu events is over %d: halve it", *n,
			EVENTS_MAX);
		return NULL;
	}
	one_text(call->service, store_id, sizeof store_id, "SELECT store_id FROM floor WHERE id=?",
		"t", call->client);
	struct incoming *events = mem_new(*n, sizeof *events);
	for (size_t i = 0; i < *n; i++) {
		struct err err;
		events[i].json = json_array_get(call->body, i);
		if (!read_one(call, store_id, &events[i], &err)) {
			err_wrap(&err, "event %zu of the batch", i);
			refuse_bad(call, &err);
			free(events);
			return NULL;
		}
	}
	return events;
}
