/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scale's report says, and when it is a weight.
 */
#include "wire/hid_scale.h"
#include <math.h>
#include <string.h>

#define EXPONENT_MOST 9 /* of ten: beyond, no scale of this world */
#define GRAMS_MOST    1e6

/* ---- one report ---- */

static uint32_t bits_at(const uint8_t *bytes, int32_t at_bits, int32_t bits)
{
	uint32_t value = 0;
	for (int32_t i = 0; i < bits; i++) {
		int32_t at = at_bits + i;
		value |= (uint32_t)(bytes[at / 8] >> (at % 8) & 1) << i;
	}
	return value;
}

static int64_t field_value(const struct scale_field *field, const uint8_t *bytes)
{
	uint32_t value = bits_at(bytes, field->at_bits, field->bits);
	uint32_t top = field->bits > 0 ? UINT32_C(1) << (field->bits - 1) : 0;
	if (field->is_signed && (value & top) != 0) {
		return (int64_t)value - ((int64_t)top << 1);
	}
	return value;
}

/* Which usage it names, counted from `base`; 0: none of its range. Where the descriptor gives one
 * usage for the whole field (many scales do), the value itself is the number. */
static int32_t usage_value(const struct scale_field *field, const uint8_t *bytes, int32_t base)
{
	int64_t value = field_value(field, bytes);
	if (field->is_list && field->last_usage > field->first_usage) {
		value += field->first_usage - field->least;
		bool inside = value >= field->first_usage && value <= field->last_usage;
		return inside ? (int32_t)value - base : 0;
	}
	return value > 0 && value < 0x10 ? (int32_t)value : 0;
}

static const struct {
	const char *name;
	double grams; /* 0: not used here, with the reason below */
} units[] = {
	{"no unit", 0},
	{"milligram", 0.001},
	{"gram", 1},
	{"kilogram", 1000},
	{"carat", 0.2},
	{"tael", 0}, /* 37.5, 37.8 or 50 g, by country */
	{"grain", 0.06479891},
	{"pennyweight", 1.55517384},
	{"tonne", 1e6},
	{"ton", 0}, /* long or short */
	{"troy ounce", 31.1034768},
	{"ounce", 28.349523125},
	{"pound", 453.59237},
};
#define N_UNITS ((int32_t)(sizeof units / sizeof units[0]))

static double times_ten(double number, int64_t exponent)
{
	for (; exponent > 0; exponent--) {
		number *= 10;
	}
	for (; exponent < 0; exponent++) {
		number /= 10;
	}
	return number;
}

static bool weigh(
	const struct scale_layout *layout, const uint8_t *bytes, double *grams, struct err *err)
{
	int32_t unit = usage_value(&layout->unit, bytes, 0x50);
	int64_t exponent = layout->exponent.there ? field_value(&layout->exponent, bytes) : 0;
	/* an exponent is signed whatever the descriptor says */
	if (layout->exponent.bits == 8 && exponent > 127) {
		exponent -= 256;
	}
	if (layout->tenths && exponent == 0) {
		exponent = -1;
	}
	if (unit <= 0 || unit >= N_UNITS || units[unit].grams <= 0) {
		return err_set(err, REMEDY_REJECT, "scale-report",
			"the scale weighs in %s, which can't be told in grams: set it to grams",
			unit > 0 && unit < N_UNITS ? units[unit].name : "an unknown unit");
	}
	double weight = (double)field_value(&layout->weight, bytes);
	bool can_be = exponent >= -EXPONENT_MOST && exponent <= EXPONENT_MOST;
	*grams = can_be ? times_ten(weight, exponent) * units[unit].grams : 0;
	if (!can_be || fabs(*grams) > GRAMS_MOST) {
		return err_set(err, REMEDY_REJECT, "scale-report",
			"the scale says %g with an exponent of %lld, which can't be: its reports "
			"are not understood",
			weight, (long long)exponent);
	}
	return true;
}

bool scale_report_read(const struct scale_layout *layout, const uint8_t *bytes, size_t len,
	struct scale_report *report, struct err *err)
{
	if (layout->has_id && (len == 0 || bytes[0] != layout->id)) {
		return err_set(err, REMEDY_DROP, "scale-other",
			"another report of the scale, not a weight");
	}
	if ((int64_t)len < layout->bytes) {
		return err_set(err, REMEDY_REJECT, "scale-report",
			"a report of the scale has %zu bytes instead of %d", len,
			(int)layout->bytes);
	}
	bytes += layout->has_id;
	struct scale_report read = {
		.status = (enum scale_status)usage_value(&layout->status, bytes, 0x70)};
	if (read.status < SCALE_FAULT || read.status > SCALE_REZERO) {
		return err_set(err, REMEDY_REJECT, "scale-report",
			"the scale says a state that is not known");
	}
	bool weighs = read.status == SCALE_MOVING || read.status == SCALE_STABLE;
	if (weighs && !weigh(layout, bytes, &read.grams, err)) {
		return false;
	}
	*report = read;
	return true;
}

void scale_layout_quirks(struct scale_layout *layout, uint16_t vendor, uint16_t product)
{
	static const struct {
		uint16_t vendor, product;
	} tenths[] = {{0x7b7c, 0x0207}};
	for (size_t i = 0; i < sizeof tenths / sizeof tenths[0]; i++) {
		layout->tenths |= tenths[i].vendor == vendor && tenths[i].product == product;
	}
}

/* ---- when it is a weight ---- */

static enum scale_verdict needs_help(enum scale_status status, struct err *err)
{
	static const char *const words[] = {
		[SCALE_FAULT] = "reports a fault: switch it off and on, else replace it",
		[SCALE_UNDER_ZERO] = "weighs less than nothing: empty it and set it to zero",
		[SCALE_OVER_LIMIT] = "is loaded beyond its limit: take something off",
		[SCALE_UNCALIBRATED] = "needs calibration: see its manual",
		[SCALE_REZERO] = "must be set to zero: empty it and press its zero key",
	};
	err_set(err, REMEDY_ATTEND, "scale-help", "the scale %s", words[status]);
	return SCALE_HELP;
}

enum scale_verdict scale_judge_report(struct scale_judge *judge, const struct scale_report *report,
	int64_t now_ms, int64_t idle_ms, double *grams, struct err *err)
{
	bool after_silence = !judge->heard || now_ms - judge->heard_ms > idle_ms;
	judge->heard = true;
	judge->heard_ms = now_ms;
	if (after_silence || report->status == SCALE_MOVING) {
		judge->has_last = false; /* the first may be of the last weighing */
		return SCALE_WAIT;
	}
	if (report->status != SCALE_ZERO && report->status != SCALE_STABLE) {
		judge->has_last = false;
		return needs_help(report->status, err);
	}
	bool equal = judge->has_last && fabs(judge->last_grams - report->grams) < 1e-9;
	judge->has_last = true;
	judge->last_grams = report->grams;
	if (!equal) {
		return SCALE_WAIT;
	}
	*grams = report->grams;
	return SCALE_WEIGHS;
}
