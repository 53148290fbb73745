/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds of values: numbers with units are read exactly, in whole numbers, and rounded once.
 */
#include "base/conf_value.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name; /* "": a bare number */
	int64_t factor;
};

static const struct unit times[] = {{"ms", 1}, {"s", 1000}, {"min", 60 * 1000},
	{"h", 60 * 60 * 1000}, {"d", 24 * 60 * 60 * 1000}, {NULL, 0}};
static const struct unit sizes[] = {{"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20},
	{"GiB", 1 << 30}, {"TiB", INT64_C(1) << 40}, {NULL, 0}};
static const struct unit lengths[] = {{"mm", 100}, {"cm", 1000}, {"in", 2540}, {NULL, 0}};

struct measure {
	const struct unit *units;
	const char *example; /* of what to write */
};

static const struct measure *measure_of(enum conf_kind kind)
{
	static const struct measure measures[] = {
		[CONF_MS] = {times, "a duration with its unit (ms, s, min, h, d), as \"10 s\""},
		[CONF_BYTES] = {sizes,
			"a size in bytes or with a unit (KiB, MiB, GiB), as \"2 GiB\""},
		[CONF_HMM] = {lengths, "a length with its unit (mm, cm, in), as \"101.6 mm\""},
	};
	return &measures[kind];
}

/* "12.5 unit" as 12.5 × factor, rounded to the nearest. At most nine digits after the point and
 * fifteen in all, so that nothing overflows. */
static bool read_measure(const struct unit *units, const char *text, int64_t *number)
{
	int64_t mantissa = 0;
	int64_t scale = 1;
	size_t digits = 0;
	bool fraction = false;
	for (; (*text >= '0' && *text <= '9') || (*text == '.' && !fraction); text++) {
		if (*text == '.') {
			fraction = true;
			continue;
		}
		if (++digits > 15) {
			return false;
		}
		mantissa = mantissa * 10 + (*text - '0');
		scale *= fraction ? 10 : 1;
	}
	if (digits == 0 || text[-1] == '.') {
		return false;
	}
	text += *text == ' ';
	for (; units->name != NULL; units++) {
		if (strcmp(units->name, text) == 0) {
			__int128 product = (__int128)mantissa * units->factor;
			__int128 value = (product + scale / 2) / scale;
			*number = (int64_t)value;
			return value <= INT64_MAX;
		}
	}
	/* nothing at all needs no unit */
	*number = 0;
	return mantissa == 0 && *text == '\0';
}

/* A range in the unit that says it shortest: "1 s to 5 min", "20 mm to 1000 mm". */
static void print_measure(const struct unit *units, int64_t value, char *out, size_t size)
{
	const struct unit *best = units[0].name[0] == '\0' ? &units[1] : &units[0];
	for (const struct unit *unit = best; unit->name != NULL; unit++) {
		if (value != 0 && value % unit->factor == 0) {
			best = unit;
		}
	}
	if (value % best->factor == 0) {
		snprintf(out, size, "%lld %s", (long long)(value / best->factor), best->name);
	} else {
		snprintf(out, size, "%.2f %s", (double)value / (double)best->factor, best->name);
	}
}

static bool has_bounds(const struct conf_rule *rule)
{
	return rule->least != 0 || rule->most != 0;
}

static bool in_bounds(const struct conf_rule *rule, int64_t number)
{
	return !has_bounds(rule) || (number >= rule->least && number <= rule->most);
}

static bool measure_read(
	const struct conf_rule *rule, const char *text, int64_t *number, char must[ERR_TEXT_MAX])
{
	const struct measure *measure = measure_of(rule->kind);
	if (!read_measure(measure->units, text, number)) {
		snprintf(must, ERR_TEXT_MAX, "must be %s", measure->example);
		return false;
	}
	if (!in_bounds(rule, *number)) {
		char least[40];
		char most[40];
		print_measure(measure->units, rule->least, least, sizeof least);
		print_measure(measure->units, rule->most, most, sizeof most);
		snprintf(must, ERR_TEXT_MAX, "must be %s to %s", least, most);
		return false;
	}
	return true;
}

static bool int_read(
	const struct conf_rule *rule, const char *text, int64_t *number, char must[ERR_TEXT_MAX])
{
	int64_t least = has_bounds(rule) ? rule->least : INT64_MIN;
	int64_t most = has_bounds(rule) ? rule->most : INT64_MAX;
	if (text_to_int(text, least, most, number)) {
		return true;
	}
	if (has_bounds(rule)) {
		snprintf(must, ERR_TEXT_MAX, "must be a whole number, %lld to %lld",
			(long long)least, (long long)most);
	} else {
		snprintf(must, ERR_TEXT_MAX, "must be a whole number");
	}
	return false;
}

static bool bool_read(
	const struct conf_rule *rule, const char *text, int64_t *number, char must[ERR_TEXT_MAX])
{
	(void)rule;
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i], text) == 0) {
			*number = i % 2;
			return true;
		}
	}
	snprintf(must, ERR_TEXT_MAX, "must be yes or no");
	return false;
}

static bool choice_read(
	const struct conf_rule *rule, const char *text, int64_t *number, char must[ERR_TEXT_MAX])
{
	size_t len = strlen(text);
	int64_t index = 0;
	for (const char *at = rule->choices; *at != '\0'; index++) {
		size_t word = strcspn(at, " ");
		if (word == len && memcmp(at, text, len) == 0) {
			*number = index;
			return true;
		}
		at += word;
		at += *at == ' ';
	}
	snprintf(must, ERR_TEXT_MAX, "must be one of: %s", rule->choices);
	return false;
}

static bool text_read(
	const struct conf_rule *rule, const char *text, int64_t *number, char must[ERR_TEXT_MAX])
{
	*number = 0;
	if (in_bounds(rule, (int64_t)strlen(text))) {
		return true;
	}
	snprintf(must, ERR_TEXT_MAX, "must be %lld to %lld bytes long", (long long)rule->least,
		(long long)rule->most);
	return false;
}

/* The bounds of a list are of its count; its items are any texts but empty ones. */
static bool item_read(
	const struct conf_rule *rule, const char *text, int64_t *number, char must[ERR_TEXT_MAX])
{
	(void)rule;
	*number = 0;
	if (text[0] != '\0') {
		return true;
	}
	snprintf(must, ERR_TEXT_MAX, "must hold no empty item");
	return false;
}

bool conf_value_read(
	const struct conf_rule *rule, const char *text, int64_t *number, char must[ERR_TEXT_MAX])
{
	typedef bool read_value(const struct conf_rule *, const char *, int64_t *, char *);
	static read_value *const readers[] = {
		[CONF_TEXT] = text_read,
		[CONF_INT] = int_read,
		[CONF_BOOL] = bool_read,
		[CONF_LIST] = item_read,
		[CONF_CHOICE] = choice_read,
		[CONF_MS] = measure_read,
		[CONF_BYTES] = measure_read,
		[CONF_HMM] = measure_read,
	};
	return readers[rule->kind](rule, text, number, must);
}

bool conf_value_count(const struct conf_rule *rule, size_t n, char must[ERR_TEXT_MAX])
{
	if (in_bounds(rule, (int64_t)n)) {
		return true;
	}
	snprintf(must, ERR_TEXT_MAX, "must have %lld to %lld items, has %zu",
		(long long)rule->least, (long long)rule->most, n);
	return false;
}
