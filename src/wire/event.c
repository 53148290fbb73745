/* SPDX-License-Identifier: Apache-2.0
 *
 * Events as CloudEvents 1.0: what the floor's outbox sends, and one read back.
 */
#include "base/mem.h"
#include "wire/member.h"
#include "wire/order.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA_BYTES_MOST (16 * 1024)
#define COUNT_MOST      INT64_C(1000000000000000)
#define ULID_LETTERS    "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

static json_t *data_of(const struct event_row *event)
{
	struct err ignored;
	json_t *data =
		event->data == NULL ? NULL : json_read(event->data, strlen(event->data), &ignored);
	if (!json_is_object(data)) {
		json_decref(data);
		data = json_object(); /* the contract: all members of data may be absent */
	}
	return data;
}

static json_t *event_to_json(const struct event_row *event, const char *source)
{
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:o}", "specversion", "1.0",
		"id", event->id, "source", source, "type", event->type, "subject", event->subject,
		"sequence", (json_int_t)event->sequence, "datacontenttype", "application/json",
		"data", data_of(event));
	if (event->epoch > 0) {
		json_object_set_new(json, "epoch", json_integer(event->epoch));
	}
	if (event->attempt > 0) {
		json_object_set_new(json, "attempt", json_integer(event->attempt));
	}
	if (event->time[0] != '\0') {
		json_object_set_new(json, "time", json_string(event->time));
	}
	if (event->traceparent[0] != '\0') {
		json_object_set_new(json, "traceparent", json_string(event->traceparent));
	}
	return json;
}

json_t *event_batch_to_json(
	const struct event_row *events, size_t n, const char *floor, const char *store_id)
{
	char source[192];
	snprintf(source, sizeof source, "/floors/%s/stores/%s", floor, store_id);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(list, event_to_json(&events[i], source));
	}
	return list;
}

static bool read_head(const json_t *json, struct event_row *event, struct err *err)
{
	char version[8];
	if (!json_need_text(json, "specversion", version, sizeof version, err) ||
		!json_need_text(json, "id", event->id, sizeof event->id, err) ||
		!member_need_name(json, "type", event->type, sizeof event->type, err) ||
		!member_need_name(json, "subject", event->subject, sizeof event->subject, err)) {
		return false;
	}
	if (strcmp(version, "1.0") != 0) {
		return err_set(err, REMEDY_REJECT, "field", "\"specversion\" must be 1.0");
	}
	if (strspn(event->id, ULID_LETTERS) != ULID_MAX - 1) {
		return err_set(err, REMEDY_REJECT, "field", "\"id\" must be a ULID");
	}
	return true;
}

static bool read_numbers(const json_t *json, struct event_row *event, struct err *err)
{
	/* printer/NAME and order/ID have no epoch */
	bool of_job = strchr(event->subject, '/') == NULL;
	if (of_job && !text_is_id(event->subject)) {
		return err_set(err, REMEDY_REJECT, "field", "\"subject\" is not a job's id");
	}
	return json_need_int(json, "sequence", 1, COUNT_MOST, &event->sequence, err) &&
	       (of_job ? json_need_int(json, "epoch", 1, COUNT_MOST, &event->epoch, err)
		       : json_take_int(json, "epoch", 0, COUNT_MOST, &event->epoch, err)) &&
	       json_take_int(json, "attempt", 0, COUNT_MOST, &event->attempt, err) &&
	       json_take_text(json, "time", event->time, sizeof event->time, err);
}

static bool read_data(const json_t *json, struct event_row *event, struct err *err)
{
	json_t *data;
	if (!json_take_object(json, "data", &data, err)) {
		return false;
	}
	char *text = data == NULL ? mem_text("{}") : json_write(data);
	if (text == NULL || strlen(text) > DATA_BYTES_MOST) {
		free(text);
		return err_set(err, REMEDY_REJECT, "field", "\"data\" is over %d bytes long",
			DATA_BYTES_MOST);
	}
	event->data = text;
	return true;
}

bool event_from_json(const json_t *json, struct event_row *event, struct err *err)
{
	struct event_row read = {0};
	if (!json_is_object(json)) {
		return err_set(err, REMEDY_REJECT, "field", "an event must be an object");
	}
	if (!read_head(json, &read, err) || !read_numbers(json, &read, err) ||
		!read_data(json, &read, err)) {
		return false;
	}
	member_take_trace(json, "traceparent", read.traceparent, sizeof read.traceparent);
	*event = read;
	return true;
}
