/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device worker and the daemon tell each other survives the channel unchanged, and whatever
 * is out of its bounds is refused by name, with the output untouched.
 */
#include "wire/task.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const struct witness some_witness = {.read = true,
	.uuid = "urn:uuid:1",
	.up_time_s = 77,
	.impressions = 12,
	.life_count = COUNT_UNKNOWN,
	.media_left = 3,
	.jobs_active = 1,
	.foreign = true};

static struct attempt some_attempt(void)
{
	struct attempt attempt = {.key = "J1.2.3",
		.phase = PHASE_COMMITTED,
		.page = 4,
		.first_copy = 5,
		.copies = 2,
		.device_job = 9,
		.device_job_uuid = "urn:uuid:job"};
	attempt.before = some_witness;
	return attempt;
}

static struct device_status some_status(void)
{
	struct device_status status = {.state = DEVICE_STOPPED,
		.accepting = true,
		.uuid = "u",
		.title = "Fotó 1",
		.firmware = "2",
		.message = "cover",
		.n_reasons = 1,
		.n_ready = 1,
		.says_ready = true,
		.can_hold = true,
		.up_time_s = 5,
		.life_count = 6};
	strcpy(status.reasons[0], "cover-open");
	status.ready[0] = (struct ready_media){
		"roll_max_24x118in", "photographic", "main", 60960, 2000, 0, 299720, COUNT_UNKNOWN};
	status.supplies[status.n_supplies++] =
		(struct supply){"Cyan", "ink", false, LEFT_SOME, true};
	status.takes[FORMAT_JPEG] = true;
	status.asked_media = true;
	strcpy(status.media[status.n_media++], "na_5x7_5x7in");
	strcpy(status.tables, "tone 3");
	status.config_changed_s = 77;
	status.trays[status.n_trays++] = (struct tray){
		"Main", "other", "sheets", true, 2, 5, LEFT_UNBOUND, false, true, true};
	status.alerts[status.n_alerts++] = (struct alert){
		ALERT_CRITICAL, "media-path-jam", "media-path", 4, "Cassette 2", "Papierstau ü"};
	return status;
}

static struct device_setup some_setup(void)
{
	struct device_setup setup = {.conf = {.name = "P1",
					     .model = "m",
					     .uri = "ipps://localhost/",
					     .tls_key = "sha256//x",
					     .user = "lab",
					     .exclusive = true,
					     .poll_ms = 1000},
		.password = "wörd \"1\"",
		.model = {.name = "m",
			.title = "M",
			.driver = "ipp",
			.x_dpi = 300,
			.y_dpi = 300,
			.formats = {FORMAT_JPEG, FORMAT_PWG},
			.n_formats = 2,
			.copies_per_attempt = 1,
			.ms_per_print = 8000,
			.counter_lag_ms = 5000,
			.counts_impressions = true,
			.n_media = 1}};
	strcpy(setup.model.media[0].media, "4x6-glossy");
	return setup;
}

static struct device_send some_send(void)
{
	struct device_send send = {.bytes = 10,
		.format = FORMAT_JPEG,
		.width_px = 1200,
		.height_px = 1800,
		.x_dpi = 300,
		.y_dpi = 300,
		.media_size = "s",
		.media_type = "t",
		.media_width_hmm = 10160,
		.media_height_hmm = 15240,
		.back_print = {"A-1042 1/2", "J\xC3\xB6rg"},
		.n_back_print = 2};
	hash_hex_of("", 0, send.sha256);
	send.attempt = some_attempt();
	return send;
}

static struct receipt some_receipt(void)
{
	struct receipt receipt = {VERDICT_PARTIAL, EVIDENCE_COUNTER, 1, some_witness, "1 of 2"};
	return receipt;
}

/* One kind of body: written, read back, compared; then broken in every way at every member. */
#define KIND(type, value_of, reader, writer)                                                       \
	static bool reads_##type(const json_t *json, struct err *err)                              \
	{                                                                                          \
		struct type out;                                                                   \
		memset(&out, 0x5A, sizeof out);                                                    \
		struct type before = out;                                                          \
		bool fine = reader(json, &out, err);                                               \
		assert_true(fine || memcmp(&out, &before, sizeof out) == 0);                       \
		return fine;                                                                       \
	}                                                                                          \
	static json_t *writes_##type(void)                                                         \
	{                                                                                          \
		struct type value = value_of();                                                    \
		return writer(&value);                                                             \
	}                                                                                          \
	static json_t *again_##type(const json_t *json)                                            \
	{                                                                                          \
		struct type value;                                                                 \
		struct err err;                                                                    \
		assert_true(reader(json, &value, &err));                                           \
		return writer(&value);                                                             \
	}

static struct device_step_message some_step(void)
{
	struct device_step_message step = {"J1.2.3", STEP_SENDING, 7, "urn:uuid:job"};
	return step;
}

KIND(device_setup, some_setup, device_setup_from_json, device_setup_to_json)
KIND(device_status, some_status, device_status_from_json, device_status_to_json)
KIND(attempt, some_attempt, attempt_from_json, attempt_to_json)
KIND(receipt, some_receipt, receipt_from_json, receipt_to_json)
KIND(device_send, some_send, device_send_from_json, device_send_to_json)
KIND(device_step_message, some_step, device_step_from_json, device_step_to_json)

static const struct kind {
	const char *name;
	json_t *(*write)(void);
	json_t *(*again)(const json_t *json);
	bool (*reads)(const json_t *json, struct err *err);
} kinds[] = {
	{"setup", writes_device_setup, again_device_setup, reads_device_setup},
	{"status", writes_device_status, again_device_status, reads_device_status},
	{"attempt", writes_attempt, again_attempt, reads_attempt},
	{"receipt", writes_receipt, again_receipt, reads_receipt},
	{"send", writes_device_send, again_device_send, reads_device_send},
	{"step", writes_device_step_message, again_device_step_message, reads_device_step_message},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static void every_body_survives_the_channel(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		json_t *json = kinds[i].write();
		char *text = json_write(json);
		struct err err;
		json_t *read = json_read(text, strlen(text), &err);
		assert_non_null(read);
		json_t *again = kinds[i].again(read);
		assert_true(json_equal(json, again));
		json_decref(json);
		json_decref(read);
		json_decref(again);
		free(text);
	}
}

static json_t *too_much(const json_t *value, int way)
{
	static char long_text[400];
	memset(long_text, 'x', sizeof long_text - 1);
	json_t *list;
	switch (way) {
	case 0:
		return json_is_string(value) ? json_string(long_text) : json_string("?");
	case 1:
		return json_real(0.5);
	case 2:
		return json_is_integer(value) ? json_integer(INT64_MAX) : json_integer(1);
	case 3:
		return json_is_integer(value) ? json_integer(-2) : json_null();
	default:
		list = json_array();
		for (int i = 0; i < 40; i++) {
			json_array_append_new(list, json_null());
		}
		return list;
	}
}

/* Breaks every member below `at` in turn, and asks the reader of the whole about each. */
static int break_below(const struct kind *kind, json_t *whole, json_t *at)
{
	int broken = 0;
	const char *key;
	json_t *value;
	void *next;
	json_object_foreach_safe(at, next, key, value)
	{
		json_t *kept = json_incref(value);
		for (int way = 0; way < 5; way++) {
			struct err err = {0};
			json_object_set_new(at, key, too_much(kept, way));
			assert_false(kind->reads(whole, &err));
			assert_string_equal(err.code, "field");
			broken++;
		}
		json_object_set_new(at, key, json_deep_copy(kept));
		struct err err;
		assert_true(kind->reads(whole, &err));
		broken += break_below(kind, whole, json_object_get(at, key));
		json_decref(kept);
	}
	return broken;
}

static void every_member_out_of_bounds_is_refused(void **state)
{
	(void)state;
	int broken = 0;
	for (size_t i = 0; i < KINDS; i++) {
		json_t *json = kinds[i].write();
		broken += break_below(&kinds[i], json, json);
		json_decref(json);
	}
	assert_true(broken > 300);
}

static void lines_for_the_back_are_bounded_and_visible(void **state)
{
	(void)state;
	static const char *const bad[] = {"[\"a\\nb\"]", "[7]", "[null]", "[\"a\\u202Eb\"]",
		"[\"1\",\"2\",\"3\",\"4\",\"5\"]", "\"a\"", "{}"};
	struct device_send send = some_send();
	json_t *json = device_send_to_json(&send);
	struct err err;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		json_object_set_new(json, "back_print", json_loads(bad[i], JSON_DECODE_ANY, NULL));
		assert_false(device_send_from_json(json, &send, &err));
	}
	char longest[BACK_LINE_MAX + 1];
	memset(longest, 'x', BACK_LINE_MAX);
	longest[BACK_LINE_MAX] = '\0';
	json_object_set_new(json, "back_print", json_pack("[s]", longest));
	assert_false(device_send_from_json(json, &send, &err));
	json_object_set_new(json, "back_print", json_pack("[s]", longest + 1));
	assert_true(device_send_from_json(json, &send, &err));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_body_survives_the_channel),
		cmocka_unit_test(every_member_out_of_bounds_is_refused),
		cmocka_unit_test(lines_for_the_back_are_bounded_and_visible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
