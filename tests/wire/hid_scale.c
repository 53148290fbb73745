/* SPDX-License-Identifier: Apache-2.0
 *
 * USB scales: their report descriptors, every unit, exponent and state, and when a report is a
 * weight. The descriptors are laid out as the usage tables want them.
 */
#include "wire/hid_scale.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* status, unit, exponent and weight, as most scales send them */
#define FIELDS_OF_A_SCALE                                                                          \
	0x75, 0x08, 0x95, 0x01,                                             /* size 8, count 1 */  \
		0x15, 0x01, 0x25, 0x08, 0x19, 0x71, 0x29, 0x78, 0x81, 0x00, /* status: a list */   \
		0x15, 0x01, 0x25, 0x0C, 0x19, 0x51, 0x29, 0x5C, 0x81, 0x00, /* unit: a list */     \
		0x15, 0x81, 0x25, 0x7F, 0x09, 0x41, 0x81, 0x02,             /* exponent */         \
		0x15, 0x00, 0x27, 0xFF, 0xFF, 0x00, 0x00, 0x75, 0x10, 0x09, 0x40, 0x81, 0x02

static const uint8_t six_bytes[] = {
	0x05, 0x8D, 0x09, 0x20, 0xA1, 0x01, 0x85, 0x03, FIELDS_OF_A_SCALE, 0xC0};
static const uint8_t five_bytes[] = {0x05, 0x8D, 0x09, 0x20, 0xA1, 0x01, FIELDS_OF_A_SCALE, 0xC0};
/* another report first, then padding before the weight, and single usages instead of lists */
static const uint8_t odd_one[] = {0x05, 0x8D, 0x09, 0x20, 0xA1, 0x01, 0x85, 0x01, 0x75, 0x08, 0x95,
	0x04, 0x09, 0x30, 0x81, 0x02, 0x85, 0x04, 0x95, 0x01, 0x09, 0x70, 0x81, 0x02, 0x09, 0x50,
	0x81, 0x02, 0x81, 0x03, 0x09, 0x41, 0x81, 0x02, 0x75, 0x18, 0x09, 0x40, 0x81, 0x02, 0xC0};

static struct scale_layout layout_of(const uint8_t *bytes, size_t len)
{
	struct scale_layout layout;
	struct err err;
	if (!scale_layout_read(bytes, len, &layout, &err)) {
		fail_msg("%s", err.text);
	}
	return layout;
}

static double grams_of(const struct scale_layout *layout, const uint8_t *bytes, size_t len)
{
	struct scale_report report;
	struct err err;
	if (!scale_report_read(layout, bytes, len, &report, &err)) {
		fail_msg("%s", err.text);
	}
	return report.grams;
}

static void the_descriptor_says_where_the_weight_is(void **state)
{
	(void)state;
	struct scale_layout six = layout_of(six_bytes, sizeof six_bytes);
	assert_true(six.has_id);
	assert_int_equal(six.id, 3);
	assert_int_equal(six.bytes, 6);
	assert_true(
		fabs(grams_of(&six, (const uint8_t[]){3, 4, 2, 0, 0x2C, 0x01}, 6) - 300) < 1e-9);
	struct scale_layout five = layout_of(five_bytes, sizeof five_bytes);
	assert_false(five.has_id);
	assert_int_equal(five.bytes, 5);
	assert_true(fabs(grams_of(&five, (const uint8_t[]){4, 2, 0, 0x2C, 0x01}, 5) - 300) < 1e-9);
	struct scale_layout odd = layout_of(odd_one, sizeof odd_one);
	assert_int_equal(odd.id, 4);
	assert_int_equal(odd.bytes, 8);
	assert_true(
		fabs(grams_of(&odd, (const uint8_t[]){4, 4, 2, 0xAA, 0xFF, 0x10, 0x27, 0x00}, 8) -
			1000) < 1e-9);
}

static void descriptors_of_other_things_are_refused(void **state)
{
	(void)state;
	struct scale_layout layout;
	struct err err;
	static const uint8_t keyboard[] = {0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25,
		0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02};
	assert_false(scale_layout_read(keyboard, sizeof keyboard, &layout, &err));
	assert_string_equal(err.code, "scale-descriptor");
	assert_false(scale_layout_read((const uint8_t[]){0}, 0, &layout, &err));
	/* cut at every byte: refused, or (once all fields are there) whole */
	size_t fine = 0;
	for (size_t len = 0; len < sizeof six_bytes; len++) {
		fine += scale_layout_read(six_bytes, len, &layout, &err);
	}
	assert_int_equal(fine, 1);
	/* a report that would be longer than any */
	static const uint8_t huge[] = {
		0x05, 0x8D, 0x75, 0x20, 0x96, 0xFF, 0xFF, 0x09, 0x40, 0x81, 0x02};
	assert_false(scale_layout_read(huge, sizeof huge, &layout, &err));
	assert_non_null(strstr(err.text, "too long"));
	assert_false(scale_layout_read((const uint8_t[]){0xB4}, 1, &layout, &err)); /* pop */
}

static void every_unit_is_told_in_grams_or_refused(void **state)
{
	(void)state;
	static const double grams[] = {0, 0.001, 1, 1000, 0.2, 0, 0.06479891, 1.55517384, 1e6, 0,
		31.1034768, 28.349523125, 453.59237};
	struct scale_layout layout = layout_of(six_bytes, sizeof six_bytes);
	for (uint8_t unit = 0; unit < 16; unit++) {
		struct scale_report report;
		struct err err;
		bool known = unit < 13 && grams[unit] > 0;
		const uint8_t bytes[] = {3, 4, unit, 0xFF, 10, 0}; /* 10 × 0.1 */
		bool read = scale_report_read(&layout, bytes, sizeof bytes, &report, &err);
		assert_int_equal(read, known);
		if (known) {
			assert_true(fabs(report.grams - grams[unit]) < 1e-9 * grams[unit]);
		} else {
			assert_non_null(strstr(err.text, "set it to grams"));
		}
	}
}

static void exponents_are_signed_and_bounded(void **state)
{
	(void)state;
	struct scale_layout layout = layout_of(six_bytes, sizeof six_bytes);
	for (int exponent = -128; exponent < 128; exponent++) {
		struct scale_report report;
		struct err err;
		const uint8_t bytes[] = {3, 4, 1, (uint8_t)exponent, 5, 0}; /* milligrams */
		bool read = scale_report_read(&layout, bytes, sizeof bytes, &report, &err);
		/* 5 mg × 10^8 = 500 kg is a weight, 5 t is none */
		assert_int_equal(read, exponent >= -9 && exponent <= 8);
		if (read) {
			double wanted = 0.005 * pow(10, exponent);
			assert_true(fabs(report.grams - wanted) < 1e-9 * wanted);
		}
	}
}

static void a_quirk_reads_tenths(void **state)
{
	(void)state;
	struct scale_layout layout = layout_of(six_bytes, sizeof six_bytes);
	const uint8_t bytes[] = {3, 4, 2, 0, 0xE8, 0x03};
	scale_layout_quirks(&layout, 0x0922, 0x8003);
	assert_true(fabs(grams_of(&layout, bytes, sizeof bytes) - 1000) < 1e-9);
	scale_layout_quirks(&layout, 0x7b7c, 0x0207);
	assert_true(fabs(grams_of(&layout, bytes, sizeof bytes) - 100) < 1e-9);
}

static void short_and_other_reports_are_told_apart(void **state)
{
	(void)state;
	struct scale_layout layout = layout_of(six_bytes, sizeof six_bytes);
	struct scale_report report;
	struct err err;
	const uint8_t bytes[] = {3, 4, 2, 0, 1, 0};
	for (size_t len = 1; len < sizeof bytes; len++) {
		assert_false(scale_report_read(&layout, bytes, len, &report, &err));
		assert_string_equal(err.code, "scale-report");
	}
	assert_false(
		scale_report_read(&layout, (const uint8_t[]){9, 4, 2, 0, 1, 0}, 6, &report, &err));
	assert_string_equal(err.code, "scale-other");
	for (uint8_t status = 9; status != 1; status++) { /* 9 … 255, 0 */
		const uint8_t odd[] = {3, status, 2, 0, 1, 0};
		assert_false(scale_report_read(&layout, odd, sizeof odd, &report, &err));
	}
}

/* ---- when it is a weight ---- */

#define IDLE_MS 5000

static enum scale_verdict judge(struct scale_judge *judge, enum scale_status status, double weight,
	int64_t now_ms, double *grams)
{
	const struct scale_report report = {status, weight};
	struct err err = {.text = ""};
	enum scale_verdict verdict =
		scale_judge_report(judge, &report, now_ms, IDLE_MS, grams, &err);
	assert_int_equal(verdict == SCALE_HELP, err.text[0] != '\0');
	return verdict;
}

static void two_equal_stable_reports_are_a_weight_and_the_first_is_dropped(void **state)
{
	(void)state;
	struct scale_judge scale = {0};
	double grams = -1;
	assert_int_equal(judge(&scale, SCALE_STABLE, 500, 0, &grams), SCALE_WAIT);
	assert_int_equal(judge(&scale, SCALE_STABLE, 300, 100, &grams), SCALE_WAIT);
	assert_int_equal(judge(&scale, SCALE_STABLE, 300, 200, &grams), SCALE_WEIGHS);
	assert_true(fabs(grams - 300) < 1e-9);
	assert_int_equal(judge(&scale, SCALE_MOVING, 299, 300, &grams), SCALE_WAIT);
	assert_int_equal(judge(&scale, SCALE_STABLE, 300, 400, &grams), SCALE_WAIT);
	assert_int_equal(judge(&scale, SCALE_STABLE, 301, 500, &grams), SCALE_WAIT);
	assert_int_equal(judge(&scale, SCALE_STABLE, 301, 600, &grams), SCALE_WEIGHS);
	/* it slept: what it says first may be the last weighing's */
	assert_int_equal(judge(&scale, SCALE_STABLE, 301, 600 + IDLE_MS + 1, &grams), SCALE_WAIT);
	assert_int_equal(judge(&scale, SCALE_ZERO, 0, 6000, &grams), SCALE_WAIT);
	assert_int_equal(judge(&scale, SCALE_ZERO, 0, 6100, &grams), SCALE_WEIGHS);
	assert_true(fabs(grams) < 1e-9);
}

static void a_scale_in_trouble_never_weighs(void **state)
{
	(void)state;
	static const enum scale_status troubles[] = {
		SCALE_FAULT, SCALE_UNDER_ZERO, SCALE_OVER_LIMIT, SCALE_UNCALIBRATED, SCALE_REZERO};
	for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
		struct scale_judge scale = {0};
		double grams = -1;
		assert_int_equal(judge(&scale, SCALE_STABLE, 5, 0, &grams), SCALE_WAIT);
		assert_int_equal(judge(&scale, SCALE_STABLE, 5, 100, &grams), SCALE_WAIT);
		assert_int_equal(judge(&scale, troubles[i], 0, 200, &grams), SCALE_HELP);
		assert_int_equal(judge(&scale, troubles[i], 0, 300, &grams), SCALE_HELP);
		assert_int_equal(judge(&scale, SCALE_STABLE, 5, 400, &grams), SCALE_WAIT);
		assert_true(grams < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_descriptor_says_where_the_weight_is),
		cmocka_unit_test(descriptors_of_other_things_are_refused),
		cmocka_unit_test(every_unit_is_told_in_grams_or_refused),
		cmocka_unit_test(exponents_are_signed_and_bounded),
		cmocka_unit_test(a_quirk_reads_tenths),
		cmocka_unit_test(short_and_other_reports_are_told_apart),
		cmocka_unit_test(two_equal_stable_reports_are_a_weight_and_the_first_is_dropped),
		cmocka_unit_test(a_scale_in_trouble_never_weighs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
