/* SPDX-License-Identifier: Apache-2.0
 *
 * Events as CloudEvents: written as the contract says, read back the same, bad ones refused by
 * name.
 */
#include "wire/order.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ULID "01ARZ3NDEKTSV4RRFFQ69G5FAV"

static struct event_row sample(char *data)
{
	return (struct event_row){.row = 5,
		.subject = "j-1",
		.sequence = 7,
		.id = ULID,
		.type = "platen.job.printed.v1",
		.epoch = 1,
		.attempt = 2,
		.time = "2026-01-31T10:00:00.000Z",
		.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		.data = data};
}

static void batch_is_a_list_of_cloud_events(void **state)
{
	(void)state;
	char data[] = "{\"copies\":2,\"evidence\":\"impressions\"}";
	struct event_row events[2] = {sample(data), {.subject = "printer/P1",
							    .sequence = 1,
							    .id = ULID,
							    .type = "platen.printer.jam.v1"}};
	json_t *json = event_batch_to_json(events, 2, "lab-1", "S1");
	char *text = json_write(json);
	assert_string_equal(text,
		"[{\"attempt\":2,\"data\":{\"copies\":2,\"evidence\":\"impressions\"},"
		"\"datacontenttype\":\"application/json\",\"epoch\":1,\"id\":\"" ULID "\","
		"\"sequence\":7,\"source\":\"/floors/lab-1/stores/S1\",\"specversion\":\"1.0\","
		"\"subject\":\"j-1\",\"time\":\"2026-01-31T10:00:00.000Z\",\"traceparent\":"
		"\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\",\"type\":"
		"\"platen.job.printed.v1\"},{\"data\":{},\"datacontenttype\":\"application/json\","
		"\"id\":\"" ULID "\",\"sequence\":1,\"source\":\"/floors/lab-1/stores/S1\","
		"\"specversion\":\"1.0\",\"subject\":\"printer/P1\",\"type\":"
		"\"platen.printer.jam.v1\"}]");
	free(text);
	json_decref(json);
}

static void event_is_read_back_the_same(void **state)
{
	(void)state;
	struct err err;
	char data[] = "{ \"b\": 1, \"a\": 2 }";
	struct event_row row = sample(data), read;
	json_t *json = event_batch_to_json(&row, 1, "lab-1", "S1");
	assert_true(event_from_json(json_array_get(json, 0), &read, &err));
	assert_string_equal(read.subject, "j-1");
	assert_int_equal(read.sequence, 7);
	assert_int_equal(read.epoch, 1);
	assert_int_equal(read.attempt, 2);
	assert_string_equal(read.id, ULID);
	assert_string_equal(read.type, row.type);
	assert_string_equal(read.time, row.time);
	assert_string_equal(read.traceparent, row.traceparent);
	assert_string_equal(read.data, "{\"a\":2,\"b\":1}");
	free(read.data);
	json_decref(json);
}

static void data_that_is_no_object_is_sent_as_an_empty_one(void **state)
{
	(void)state;
	char bad[][16] = {"", "[1]", "{\"a\":", "7"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct event_row row = sample(bad[i]);
		json_t *json = event_batch_to_json(&row, 1, "f", "s");
		json_t *data = json_object_get(json_array_get(json, 0), "data");
		assert_true(json_is_object(data));
		assert_int_equal(json_object_size(data), 0);
		json_decref(json);
	}
}

static void bad_event_is_refused_by_name(void **state)
{
	(void)state;
	static const struct {
		const char *key, *value;
	} rows[] = {
		{"specversion", NULL},
		{"specversion", "\"0.3\""},
		{"specversion", "1"},
		{"id", NULL},
		{"id", "\"x\""},
		{"id", "\"01ARZ3NDEKTSV4RRFFQ69G5FAU\""},
		{"id", "\"01ARZ3NDEKTSV4RRFFQ69G5FAVV\""},
		{"type", NULL},
		{"type", "\"\""},
		{"type", "7"},
		{"type", "\"a\\nb\""},
		{"subject", NULL},
		{"subject", "\"\""},
		{"subject", "\".hidden\""},
		{"subject", "\"a b\""},
		{"sequence", NULL},
		{"sequence", "0"},
		{"sequence", "\"1\""},
		{"sequence", "1.5"},
		{"epoch", NULL},
		{"epoch", "0"},
		{"epoch", "-1"},
		{"attempt", "-1"},
		{"attempt", "\"2\""},
		{"time", "7"},
		{"time", "\"0123456789012345678901234567890123456789\""},
		{"data", "[]"},
		{"data", "\"x\""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char data[] = "{}", named[32];
		struct event_row row = sample(data), read;
		struct err err = {0};
		json_t *json = event_batch_to_json(&row, 1, "f", "s");
		json_t *event = json_array_get(json, 0);
		if (rows[i].value == NULL) {
			json_object_del(event, rows[i].key);
		} else {
			json_object_set_new(event, rows[i].key,
				json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
		}
		snprintf(named, sizeof named, "\"%s\"", rows[i].key);
		if (event_from_json(event, &read, &err) || strstr(err.text, named) == NULL) {
			fail_msg("%s = %s: %s", rows[i].key, rows[i].value, err.text);
		}
		json_decref(json);
	}
}

static void data_over_16_kib_is_refused(void **state)
{
	(void)state;
	char data[] = "{}";
	struct event_row row = sample(data), read;
	struct err err;
	json_t *json = event_batch_to_json(&row, 1, "f", "s");
	char *big = calloc(1, 17000);
	memset(big, 'x', 16999);
	json_object_set_new(
		json_object_get(json_array_get(json, 0), "data"), "a", json_string(big));
	assert_false(event_from_json(json_array_get(json, 0), &read, &err));
	assert_non_null(strstr(err.text, "\"data\""));
	free(big);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batch_is_a_list_of_cloud_events),
		cmocka_unit_test(event_is_read_back_the_same),
		cmocka_unit_test(data_that_is_no_object_is_sent_as_an_empty_one),
		cmocka_unit_test(bad_event_is_refused_by_name),
		cmocka_unit_test(data_over_16_kib_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
