/* SPDX-License-Identifier: Apache-2.0
 *
 * Register words as figures, the frames of sensor workers, and the sensors of platen.conf: what is
 * wrong with them is told with its line and key.
 */
#include "config.h"
#include "wire/registers.h"
#include "base/buf.h"
#include "wire/settings.h"
#include "wire/task.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- figures ---- */

static void words_become_figures_in_every_type_and_order(void **state)
{
	(void)state;
	static const struct {
		enum register_type type;
		enum register_order order;
		uint16_t words[2];
		double figure;
	} rows[] = {
		{REGISTER_INT16, ORDER_BIG, {0x00E1, 0}, 225},
		{REGISTER_INT16, ORDER_SWAPPED, {0x00E1, 0}, 225},
		{REGISTER_INT16, ORDER_LITTLE, {0xE100, 0}, 225},
		{REGISTER_INT16, ORDER_BIG, {0xFFFF, 0}, -1},
		{REGISTER_INT16, ORDER_BIG, {0x8000, 0}, -32768},
		{REGISTER_UINT16, ORDER_BIG, {0xFFFF, 0}, 65535},
		{REGISTER_INT32, ORDER_BIG, {0x0001, 0xE240}, 123456},
		{REGISTER_INT32, ORDER_SWAPPED, {0xE240, 0x0001}, 123456},
		{REGISTER_INT32, ORDER_LITTLE, {0x40E2, 0x0100}, 123456},
		{REGISTER_INT32, ORDER_BIG, {0xFFFF, 0xFFFE}, -2},
		{REGISTER_UINT32, ORDER_BIG, {0xFFFF, 0xFFFE}, 4294967294.0},
		{REGISTER_UINT32, ORDER_SWAPPED, {0x0000, 0x8000}, 2147483648.0},
		/* 22.5 is 0x41B40000 */
		{REGISTER_FLOAT32, ORDER_BIG, {0x41B4, 0x0000}, 22.5},
		{REGISTER_FLOAT32, ORDER_SWAPPED, {0x0000, 0x41B4}, 22.5},
		{REGISTER_FLOAT32, ORDER_LITTLE, {0x0000, 0xB441}, 22.5},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sensor_conf conf = {
			.type = rows[i].type, .order = rows[i].order, .scale = 0.5, .offset = -7};
		double figure = 0;
		assert_true(
			registers_figure(&conf, rows[i].words, register_words(conf.type), &figure));
		if (fabs(figure - (rows[i].figure * 0.5 - 7)) > 1e-9) {
			fail_msg("row %zu: %f", i, figure);
		}
		assert_false(registers_figure(
			&conf, rows[i].words, 3 - register_words(conf.type), &figure));
	}
}

static void a_float_that_is_no_number_stays_none(void **state)
{
	(void)state;
	struct sensor_conf conf = {.type = REGISTER_FLOAT32, .scale = 1};
	double figure = 0;
	assert_true(registers_figure(&conf, (const uint16_t[]){0x7FC0, 0}, 2, &figure));
	assert_false(isfinite(figure));
	assert_true(registers_figure(&conf, (const uint16_t[]){0xFF80, 0}, 2, &figure));
	assert_false(isfinite(figure));
}

/* ---- frames ---- */

static void a_setup_and_answers_come_back_as_they_went(void **state)
{
	(void)state;
	struct err err;
	struct bus_setup setup = {.conf = {"hall", "modbus-tcp://h", 1000, 500}, .n_sensors = 2};
	setup.sensors[0] = (struct sensor_ask){"a", 1, REGISTER_HOLDING, 0, 1};
	setup.sensors[1] = (struct sensor_ask){"b", 247, REGISTER_INPUT, 65534, 2};
	struct bus_setup read = {.n_sensors = 0};
	json_t *json = bus_setup_to_json(&setup);
	assert_true(bus_setup_from_json(json, &read, &err));
	json_decref(json);
	assert_int_equal(read.n_sensors, 2);
	assert_int_equal(read.conf.answer_ms, 500);
	assert_int_equal(read.sensors[1].address, 65534);
	assert_int_equal(read.sensors[1].kind, REGISTER_INPUT);
	assert_string_equal(read.sensors[1].name, "b");

	struct sensor_answer answer = {.name = "a", .words = {7, 65535}, .n_words = 2};
	struct sensor_answer heard = {.n_words = 0};
	json = sensor_answer_to_json(&answer);
	assert_true(sensor_answer_from_json(json, &heard, &err));
	json_decref(json);
	assert_int_equal(heard.words[1], 65535);
	answer.n_words = 0;
	err_set(&answer.err, REMEDY_RETRY, "sensor-silent", "nobody there");
	json = sensor_answer_to_json(&answer);
	assert_true(sensor_answer_from_json(json, &heard, &err));
	json_decref(json);
	assert_int_equal(heard.n_words, 0);
	assert_string_equal(heard.err.text, "nobody there");
}

static void answers_beyond_their_bounds_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {"{}", "{\"sensor\":\"a\"}",
		"{\"sensor\":\"a\",\"words\":[]}", "{\"sensor\":\"a\",\"words\":[1,2,3]}",
		"{\"sensor\":\"a\",\"words\":[65536]}", "{\"sensor\":\"a\",\"words\":[-1]}",
		"{\"sensor\":\"a\",\"words\":[1.5]}", "{\"sensor\":\"a\",\"words\":\"1\"}",
		"{\"sensor\":\"a\",\"err\":{}}", "{\"words\":[1]}"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct sensor_answer answer;
		struct err err;
		json_t *json = json_read(wrong[i], strlen(wrong[i]), &err);
		assert_non_null(json);
		if (sensor_answer_from_json(json, &answer, &err)) {
			fail_msg("taken: %s", wrong[i]);
		}
		json_decref(json);
	}
}

/* ---- platen.conf ---- */

#define BUS    "sensor_bus b { uri = \"modbus-tcp://10.0.0.1\" }\n"
#define NEEDED "bus = b register = 1 measures = temperature low = 0 high = 50"

static void read_conf(const char *text, struct settings *settings, struct conf_faults *faults)
{
	char path[] = "/tmp/platen-sensor-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	FILE *file = fdopen(fd, "w");
	assert_non_null(file);
	fprintf(file, "floor = F1\nprofiles_folder = \"%s/profiles\"\n%s", getenv("PLATEN_SRC"),
		text);
	assert_int_equal(fclose(file), 0);
	bool fine = settings_read(path, settings, faults);
	unlink(path);
	assert_int_equal(fine, faults->n == 0);
}

static void expect_fault(const char *text, const char *words)
{
	struct settings settings;
	struct conf_faults faults = {0};
	read_conf(text, &settings, &faults);
	if (faults.n == 0) {
		settings_fini(&settings);
		fail_msg("taken: %s", text);
	}
	for (size_t i = 0; i < faults.n; i++) {
		if (strstr(faults.text[i], words) != NULL) {
			return;
		}
	}
	fail_msg("%s: not \"%s\" but: %s", text, words, faults.text[0]);
}

static void sensors_are_taken_with_their_defaults(void **state)
{
	(void)state;
#ifndef HAVE_MODBUS
	skip();
#endif
	struct settings settings;
	struct conf_faults faults = {0};
	read_conf("sensor_bus b { uri = \"modbus-tcp://10.0.0.1:1502\" poll = \"2 s\" }\n"
		  "sensor plain { " NEEDED " }\n"
		  "sensor full { bus = b unit = 9 function = input register = 30 type = float32 "
		  "order = swapped scale = -0.5 offset = 1e2 measures = humidity low = 0 high = "
		  "100 rate_max = 2.5 stale_after = \"1 min\" with_sheets = yes pause_below = 20 "
		  "pause_above = 70 near = { } }\n",
		&settings, &faults);
	if (faults.n > 0) {
		fail_msg("%s", faults.text[0]);
	}
	const struct sensor_conf *plain = &settings.catalog.sensors[0];
	const struct sensor_conf *full = &settings.catalog.sensors[1];
	assert_int_equal(settings.catalog.buses[0].answer_ms, 500);
	assert_int_equal(plain->unit, 1);
	assert_int_equal(plain->kind, REGISTER_HOLDING);
	assert_int_equal(plain->type, REGISTER_INT16);
	assert_true(fabs(plain->scale - 1) < 1e-9 && fabs(plain->offset) < 1e-9);
	assert_int_equal(plain->stale_after_ms, 6000);
	assert_false(plain->with_sheets || plain->has_pause_above || plain->has_pause_below);
	assert_int_equal(full->kind, REGISTER_INPUT);
	assert_int_equal(full->type, REGISTER_FLOAT32);
	assert_int_equal(full->order, ORDER_SWAPPED);
	assert_true(fabs(full->scale + 0.5) < 1e-9 && fabs(full->offset - 100) < 1e-9);
	assert_int_equal(full->stale_after_ms, 60000);
	assert_true(full->has_pause_below && fabs(full->pause_above - 70) < 1e-9);
	settings_fini(&settings);
}

static void what_is_wrong_is_said(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"sensor_bus b { uri = \"tcp://x\" }", "b, uri: must be \"modbus-tcp://HOST"},
		{"sensor_bus b { uri = \"modbus-tcp://x/y\" }", "without a path"},
		{"sensor_bus b { uri = \"modbus-rtu:/dev/x?baud=7\" }", "baud 1200"},
		{BUS "sensor_bus c { uri = \"modbus-tcp://10.0.0.1\" }", "same as that of bus b"},
		{"sensor s { " NEEDED " }", "s, bus: there is no sensor_bus b"},
		{BUS "sensor s { bus = b measures = temperature low = 0 high = 9 }", "register"},
		{BUS "sensor s { bus = b register = 1 measures = taste low = 0 high = 9 }",
			"must be one of: temperature"},
		{BUS "sensor s { " NEEDED " scale = abc }", "scale: must be a number"},
		{BUS "sensor s { " NEEDED " scale = nan }", "scale: must be a number"},
		{BUS "sensor s { " NEEDED " scale = 1e999 }", "scale: must be a number"},
		{BUS "sensor s { " NEEDED " scale = 0 }", "scale: must not be 0"},
		{BUS "sensor s { " NEEDED " rate_max = -1 }", "rate_max: must not be negative"},
		{BUS "sensor s { " NEEDED " stale_after = \"1500 ms\" }", "at least two polls"},
		{BUS "sensor s { " NEEDED " pause_above = 51 }", "between low and high"},
		{BUS "sensor s { " NEEDED " pause_above = 5 pause_below = 6 }",
			"more than pause_below"},
		{BUS "sensor s { " NEEDED " near = { P9 } }", "no printer P9"},
		{BUS "sensor s { bus = b register = 65535 type = int32 measures = energy low = 0 "
		     "high = 9 }",
			"65535 is the last one"},
		{BUS "sensor s { bus = b register = 1 measures = energy low = 9 high = 9 }",
			"high: must be more than low"},
		{"sensor_bus b { uri = \"modbus-rtu:/dev/x\" }\nsensor s { " NEEDED " unit = 0 }",
			"1 to 247"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect_fault(rows[i][0], rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_figures_in_every_type_and_order),
		cmocka_unit_test(a_float_that_is_no_number_stays_none),
		cmocka_unit_test(a_setup_and_answers_come_back_as_they_went),
		cmocka_unit_test(answers_beyond_their_bounds_are_refused),
		cmocka_unit_test(sensors_are_taken_with_their_defaults),
		cmocka_unit_test(what_is_wrong_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
