/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings: each line holds from its time on, and what is not one is refused by its line.
 */
#include "wire/recording.h"
#include "base/buf.h"
#include "wire/task.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "{\"platen_recording\":1,\"printer\":\"P1\",\"begun\":\"2026-11-29T10:00:00.000Z\"}\n"
#define GONE                                                                                       \
	"{\"at_ms\":2000,\"err\":{\"remedy\":\"retry\",\"code\":\"printer-absent\","               \
	"\"text\":\"printer P1: nothing answers\"}}\n"

/* A line of a status, as the recorder writes it. */
static void add_status(struct buf *text, int64_t at_ms, const char *reason, int64_t up_time_s)
{
	struct device_status status = {.state = DEVICE_IDLE, .up_time_s = up_time_s};
	if (reason[0] != '\0') {
		status.n_reasons = 1;
		strcpy(status.reasons[0], reason);
	}
	json_t *json = json_pack(
		"{sI so}", "at_ms", (json_int_t)at_ms, "status", device_status_to_json(&status));
	char *line = json_write(json);
	buf_text(text, line);
	buf_text(text, "\n");
	free(line);
	json_decref(json);
}

static void each_line_holds_from_its_time_on(void **state)
{
	(void)state;
	struct buf text = {0};
	struct recording recording;
	struct err err = {.text = ""};
	buf_text(&text, HEAD);
	add_status(&text, 0, "", 10);
	add_status(&text, 1000, "media-empty", 11);
	buf_text(&text, GONE "{\"at_ms\":3000,\"end\":true}\nrubbish after the end\n");
	if (!recording_read(buf_get(&text), text.len, &recording, &err)) {
		fail_msg("%s", err.text);
	}
	assert_string_equal(recording.printer, "P1");
	assert_int_equal(recording_at(&recording, 999)->status.n_reasons, 0);
	assert_string_equal(recording_at(&recording, 1000)->status.reasons[0], "media-empty");
	assert_false(recording_at(&recording, 2999)->has_status);
	assert_string_equal(recording_at(&recording, 2500)->err.code, "printer-absent");
	assert_null(recording_at(&recording, 3000));
	recording_fini(&recording);
	buf_fini(&text);
}

/* A recorder that was killed leaves a line that is not whole; what came before counts. */
static void one_that_was_cut_off_plays_what_is_whole(void **state)
{
	(void)state;
	struct buf text = {0};
	struct recording recording;
	struct err err = {.text = ""};
	buf_text(&text, HEAD);
	add_status(&text, 0, "", 10);
	buf_text(&text, "{\"at_ms\":1000,\"sta");
	assert_true(recording_read(buf_get(&text), text.len, &recording, &err));
	assert_int_equal(recording.n, 1);
	assert_non_null(recording_at(&recording, 100000));
	recording_fini(&recording);
	buf_fini(&text);
}

static void what_is_none_is_refused_by_its_line(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"", "it says nothing"},
		{HEAD, "it says nothing"},
		{"no json\n", "line 1"},
		{"{\"platen_recording\":2,\"printer\":\"P1\"}\n", "line 1"},
		{HEAD "{\"at_ms\":5,\"end\":false}\n", "line 2"},
		{HEAD GONE "{\"at_ms\":1999,\"end\":true}\n", "line 3"},
		{HEAD "{\"at_ms\":0,\"status\":{\"state\":\"idle\"}}\n", "line 2"},
		{HEAD "{\"at_ms\":-1,\"end\":true}\n", "line 2"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct recording recording;
		struct err err = {.text = ""};
		assert_false(recording_read(rows[i][0], strlen(rows[i][0]), &recording, &err));
		assert_int_equal(err.remedy, REMEDY_REJECT);
		if (strstr(err.text, rows[i][1]) == NULL) {
			fail_msg("%zu: %s", i, err.text);
		}
		recording_fini(&recording);
	}
}

static void a_clock_alone_is_no_news(void **state)
{
	(void)state;
	static const char *const lines[] = {"", "", "media-low"};
	json_t *said[3];
	for (int i = 0; i < 3; i++) {
		struct buf text = {0};
		struct err err;
		add_status(&text, 1000 * i, lines[i], 10 + i);
		said[i] = json_read(buf_get(&text), text.len - 1, &err);
		buf_fini(&text);
	}
	assert_true(recording_is_same(said[0], said[1]));
	assert_false(recording_is_same(said[1], said[2]));
	for (int i = 0; i < 3; i++) {
		json_decref(said[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_holds_from_its_time_on),
		cmocka_unit_test(one_that_was_cut_off_plays_what_is_whole),
		cmocka_unit_test(what_is_none_is_refused_by_its_line),
		cmocka_unit_test(a_clock_alone_is_no_news),
	};
	return cmocka_run_group_tests_name("wire/recording", tests, NULL, NULL);
}
