/* SPDX-License-Identifier: Apache-2.0
 *
 * What a figure of a sensor is worth, and when it holds printers back.
 */
#include "rules/reading.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define MINUTE_MS INT64_C(60000)

static const struct sensor_conf room = {.name = "room",
	.measures = MEASURES_TEMPERATURE,
	.low = -10,
	.high = 60,
	.rate_max = 5,
	.stale_after_ms = 3000,
	.has_pause_above = true,
	.pause_above = 32,
	.has_pause_below = true,
	.pause_below = 15};

static void expect(
	const struct reading *reading, int64_t now_ms, enum reading_state wanted, const char *words)
{
	char said[ERR_TEXT_MAX];
	double figure;
	assert_string_equal(reading_state_name(reading_state(reading, &room, now_ms)),
		reading_state_name(wanted));
	reading_words(reading, &room, now_ms, said, sizeof said);
	if (strstr(said, words) == NULL) {
		fail_msg("\"%s\" does not say \"%s\"", said, words);
	}
	bool usable = wanted == READING_FRESH || wanted == READING_SIMULATED;
	assert_int_equal(reading_use(reading, &room, now_ms, &figure), usable);
}

static double used(const struct reading *reading, int64_t now_ms)
{
	double figure = NAN;
	assert_true(reading_use(reading, &room, now_ms, &figure));
	return figure;
}

static void a_figure_is_fresh_until_it_is_stale(void **state)
{
	(void)state;
	struct reading reading = {0};
	struct err err;
	expect(&reading, 500, READING_SILENT, "not heard of yet");
	reading_take(&reading, &room, 22.5, 1000);
	expect(&reading, 4000, READING_FRESH, "");
	assert_true(fabs(used(&reading, 4000) - 22.5) < 1e-9);
	assert_int_equal(reading_expires_ms(&reading, &room, 4000), 4001);
	expect(&reading, 4001, READING_STALE, "nothing for 3 s");
	assert_int_equal(reading_expires_ms(&reading, &room, 4001), 0);
	err_set(&err, REMEDY_RETRY, "sensor-silent", "unit 7 does not answer");
	reading_miss(&reading, &err);
	expect(&reading, 9000, READING_STALE, "nothing for 8 s: unit 7 does not answer");
	reading_take(&reading, &room, 22.6, 10000);
	expect(&reading, 10000, READING_FRESH, "");
}

static void one_lost_answer_makes_nothing_stale(void **state)
{
	(void)state;
	struct reading reading = {0};
	struct err err;
	reading_take(&reading, &room, 22.5, 1000);
	err_set(&err, REMEDY_RETRY, "sensor-silent", "unit 7 does not answer");
	reading_miss(&reading, &err);
	expect(&reading, 2000, READING_FRESH, "unit 7 does not answer");
}

static void what_can_not_be_is_not_believed(void **state)
{
	(void)state;
	static const double wrong[] = {-10.1, 60.1, 1e30, -1e30, NAN, INFINITY};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct reading reading = {0};
		reading_take(&reading, &room, 20, 1000);
		reading_take(&reading, &room, wrong[i], 2000);
		expect(&reading, 2000, READING_IMPLAUSIBLE,
			isfinite(wrong[i]) ? "which can't be" : "no number");
		assert_true(isfinite(reading.said));
		expect(&reading, 6000, READING_STALE, "");
		reading_take(&reading, &room, 20, 7000);
		expect(&reading, 7000, READING_FRESH, "");
	}
	struct reading edge = {0};
	reading_take(&edge, &room, 60, 1000);
	expect(&edge, 1000, READING_FRESH, "");
}

static void a_jump_is_not_believed_until_it_has_lasted(void **state)
{
	(void)state;
	struct reading reading = {0};
	reading_take(&reading, &room, 20, 0);
	reading_take(&reading, &room, 20, 1000);
	reading_take(&reading, &room, 50, 2000);
	expect(&reading, 2000, READING_IMPLAUSIBLE, "went from 20 to 50");
	/* 30 degrees at 5 in a minute: six minutes after the last believed one */
	for (int64_t at = 3000; at < 1000 + 6 * MINUTE_MS; at += 1000) {
		reading_take(&reading, &room, 50, at);
		expect(&reading, at, READING_IMPLAUSIBLE, "went from 20 to 50");
	}
	reading_take(&reading, &room, 50, 1000 + 6 * MINUTE_MS);
	expect(&reading, 1000 + 6 * MINUTE_MS, READING_FRESH, "");
	reading_take(&reading, &room, 50.08, 2000 + 6 * MINUTE_MS);
	expect(&reading, 2000 + 6 * MINUTE_MS, READING_FRESH, "");
}

static void a_lying_one_is_not_used_and_a_simulated_one_says_so(void **state)
{
	(void)state;
	struct reading reading = {0};
	reading_take(&reading, &room, 20, 1000);
	reading.mark = SENSOR_LYING;
	expect(&reading, 1000, READING_LYING, "platenctl sensor room trusted");
	reading.mark = SENSOR_SIMULATED;
	reading.simulated = 33;
	expect(&reading, 1000000, READING_SIMULATED, "a person set");
	assert_true(fabs(used(&reading, 1000000) - 33) < 1e-9);
	reading.mark = SENSOR_TRUSTED;
	expect(&reading, 1000, READING_FRESH, "");
	enum sensor_mark mark;
	for (int i = 0; i < 3; i++) {
		assert_true(sensor_mark_from_name(sensor_mark_name((enum sensor_mark)i), &mark));
		assert_int_equal(mark, i);
	}
	assert_false(sensor_mark_from_name("honest", &mark));
}

static bool pauses(struct reading *reading, double figure, int64_t at_ms, struct room_pause *pause)
{
	reading_take(reading, &room, figure, at_ms);
	return reading_pauses(reading, &room, at_ms, pause);
}

static void a_room_holds_back_until_it_was_calm_for_a_minute(void **state)
{
	(void)state;
	struct reading reading = {0};
	struct room_pause pause = {0};
	char words[ERR_TEXT_MAX];
	assert_false(pauses(&reading, 31, 1000, &pause));
	assert_false(pauses(&reading, 32, 13000, &pause));
	assert_true(pauses(&reading, 32.1, 15000, &pause));
	reading_pause_words(&reading, &room, 15000, words, sizeof words);
	assert_string_equal(words, "room says 32.1 °C, more than 32 °C");
	assert_true(pauses(&reading, 32, 17000, &pause));
	assert_true(pauses(&reading, 32, 17000 + MINUTE_MS - 1, &pause));
	reading_pause_words(&reading, &room, 17000 + MINUTE_MS - 1, words, sizeof words);
	assert_non_null(strstr(words, "for a minute yet"));
	assert_false(pauses(&reading, 32, 17000 + MINUTE_MS, &pause));
	/* out again: the minute begins anew */
	assert_true(pauses(&reading, 33, 100000, &pause));
	assert_true(pauses(&reading, 31, 130000, &pause));
	assert_true(pauses(&reading, 33, 160000, &pause));
	assert_true(pauses(&reading, 31, 190000, &pause));
	assert_true(pauses(&reading, 31, 190000 + MINUTE_MS - 1, &pause));
	assert_false(pauses(&reading, 31, 190000 + MINUTE_MS, &pause));
}

static void without_a_figure_to_use_nothing_is_held_back(void **state)
{
	(void)state;
	struct reading reading = {0};
	struct room_pause pause = {0};
	assert_false(reading_pauses(&reading, &room, 1, &pause));
	assert_true(pauses(&reading, 33, 1000, &pause));
	assert_true(reading_pauses(&reading, &room, 4000, &pause));
	assert_false(reading_pauses(&reading, &room, 4001, &pause)); /* stale */
	assert_true(pauses(&reading, 33, 5000, &pause));
	assert_false(pauses(&reading, 90, 6000, &pause)); /* forged, and can't be */
	assert_true(pauses(&reading, 33, 7000, &pause));
	reading.mark = SENSOR_LYING;
	assert_false(reading_pauses(&reading, &room, 7000, &pause));
	reading.mark = SENSOR_SIMULATED;
	reading.simulated = 14;
	assert_true(reading_pauses(&reading, &room, 7000, &pause));
	char words[ERR_TEXT_MAX];
	reading_pause_words(&reading, &room, 7000, words, sizeof words);
	assert_string_equal(words, "room says 14 °C (simulated), less than 15 °C");
}

static void addresses_of_buses_are_read_strictly(void **state)
{
	(void)state;
	struct sensor_line line;
	struct err err;
	assert_true(sensor_line_read("modbus-tcp://10.0.0.1:502", &line, &err));
	assert_false(line.is_serial);
	assert_true(sensor_line_read("modbus-rtu:/dev/ttyUSB0", &line, &err));
	assert_true(
		line.is_serial && line.baud == 19200 && line.parity == 'E' && line.stop_bits == 1);
	assert_string_equal(line.device, "/dev/ttyUSB0");
	assert_true(
		sensor_line_read("modbus-rtu:/dev/ttyS1?baud=9600&parity=N&stop=2", &line, &err));
	assert_true(line.baud == 9600 && line.parity == 'N' && line.stop_bits == 2);
	static const char *const wrong[] = {"", "modbus-rtu:", "modbus-rtu:/", "modbus-rtu:ttyUSB0",
		"modbus-rtu:/dev/x?", "modbus-rtu:/dev/x?baud=9601", "modbus-rtu:/dev/x?parity=X",
		"modbus-rtu:/dev/x?parity=EE", "modbus-rtu:/dev/x?stop=3",
		"modbus-rtu:/dev/x?speed=9600", "modbus-rtu:/dev/x?baud=9600&",
		"modbus-tcp:/10.0.0.1", "http://10.0.0.1"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (sensor_line_read(wrong[i], &line, &err)) {
			fail_msg("\"%s\" was taken", wrong[i]);
		}
	}
}

static void a_sensor_is_near_to_those_it_names_or_to_all(void **state)
{
	(void)state;
	struct sensor_conf sensor = room;
	assert_true(sensor_is_near(&sensor, "P1"));
	sensor.n_near = 1;
	strcpy(sensor.near[0], "P2");
	assert_false(sensor_is_near(&sensor, "P1"));
	assert_true(sensor_is_near(&sensor, "P2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_figure_is_fresh_until_it_is_stale),
		cmocka_unit_test(one_lost_answer_makes_nothing_stale),
		cmocka_unit_test(what_can_not_be_is_not_believed),
		cmocka_unit_test(a_jump_is_not_believed_until_it_has_lasted),
		cmocka_unit_test(a_lying_one_is_not_used_and_a_simulated_one_says_so),
		cmocka_unit_test(a_room_holds_back_until_it_was_calm_for_a_minute),
		cmocka_unit_test(without_a_figure_to_use_nothing_is_held_back),
		cmocka_unit_test(addresses_of_buses_are_read_strictly),
		cmocka_unit_test(a_sensor_is_near_to_those_it_names_or_to_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
