/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 8785, section 3.2.
 */
#include "wire/canonical.h"
#include "base/mem.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_MOST INT64_C(9007199254740992) /* 2^53: beyond, doubles skip whole numbers */
#define DIGITS_MAX 17

/* ---- numbers: ECMA-262, Number::toString ---- */

struct decimal {
	char digits[DIGITS_MAX + 1]; /* without trailing zeros */
	int n;
	int point; /* the value is 0.DIGITS × 10^point */
};

/* The fewest digits that read back as the same double. */
static void shortest(double value, struct decimal *decimal)
{
	char text[32];
	for (int n = 1; n <= DIGITS_MAX; n++) {
		snprintf(text, sizeof text, "%.*e", n - 1, value);
		if (strtod(text, NULL) == value) {
			break;
		}
	}
	const char *exponent = strchr(text, 'e');
	decimal->n = 0;
	for (const char *c = text; c < exponent; c++) {
		if (*c != '.') {
			decimal->digits[decimal->n++] = *c;
		}
	}
	while (decimal->n > 1 && decimal->digits[decimal->n - 1] == '0') {
		decimal->n--;
	}
	decimal->digits[decimal->n] = '\0';
	decimal->point = (int)strtol(exponent + 1, NULL, 10) + 1;
}

static void put_real(double value, struct buf *out)
{
	struct decimal decimal;
	if (value == 0) {
		buf_text(out, "0"); /* also the negative one */
		return;
	}
	if (value < 0) {
		buf_text(out, "-");
		value = -value;
	}
	shortest(value, &decimal);
	const char *digits = decimal.digits;
	int n = decimal.n;
	int point = decimal.point;
	if (n <= point && point <= 21) {
		buf_print(out, "%s%.*s", digits, point - n, "000000000000000000000");
	} else if (point > 0 && point <= 21) {
		buf_print(out, "%.*s.%s", point, digits, digits + point);
	} else if (point > -6 && point <= 0) {
		buf_print(out, "0.%.*s%s", -point, "000000", digits);
	} else {
		buf_print(out, "%c%s%se%+d", digits[0], n > 1 ? "." : "", digits + 1, point - 1);
	}
}

/* ---- strings ---- */

static void put_string(const char *text, size_t len, struct buf *out)
{
	static const char plain[] = "\b\t\n\f\r\"\\";
	static const char letter[] = "btnfr\"\\";
	buf_text(out, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		const char *at = c == '\0' ? NULL : strchr(plain, c);
		if (at != NULL) {
			buf_print(out, "\\%c", letter[at - plain]);
		} else if (c < 0x20) {
			buf_print(out, "\\u%04x", c);
		} else {
			buf_add(out, &text[i], 1);
		}
	}
	buf_text(out, "\"");
}

/* ---- members, by UTF-16 code units: characters beyond U+FFFF sort as their surrogates do ---- */

static uint32_t take_character(const unsigned char **at)
{
	static const unsigned char masks[] = {0x7f, 0x1f, 0x0f, 0x07};
	const unsigned char *c = *at;
	int more = *c < 0x80 ? 0 : *c < 0xe0 ? 1 : *c < 0xf0 ? 2 : 3;
	uint32_t character = *c & masks[more];
	for (int i = 1; i <= more; i++) {
		character = character << 6 | (c[i] & 0x3f);
	}
	*at += more + 1;
	return character;
}

static uint32_t first_unit(uint32_t character)
{
	return character < 0x10000 ? character : 0xd800 + ((character - 0x10000) >> 10);
}

static int by_units(const void *a, const void *b)
{
	const unsigned char *x = *(const unsigned char *const *)a;
	const unsigned char *y = *(const unsigned char *const *)b;
	while (*x != '\0' && *y != '\0') {
		uint32_t one = take_character(&x);
		uint32_t two = take_character(&y);
		if (first_unit(one) != first_unit(two)) {
			return first_unit(one) < first_unit(two) ? -1 : 1;
		}
		if (one != two) {
			return one < two ? -1 : 1;
		}
	}
	return (*x != '\0') - (*y != '\0');
}

static bool put_object(const json_t *value, struct buf *out, struct err *err)
{
	size_t n = 0;
	const char **keys = mem_new(json_object_size(value), sizeof *keys);
	const char *key;
	json_t *member;
	json_object_foreach((json_t *)value, key, member)
	{
		keys[n++] = key;
	}
	qsort(keys, n, sizeof *keys, by_units);
	bool fine = true;
	buf_text(out, "{");
	for (size_t i = 0; fine && i < n; i++) {
		buf_text(out, i == 0 ? "" : ",");
		put_string(keys[i], strlen(keys[i]), out);
		buf_text(out, ":");
		fine = json_canonical(json_object_get(value, keys[i]), out, err);
	}
	buf_text(out, "}");
	free(keys);
	return fine;
}

static bool put_array(const json_t *value, struct buf *out, struct err *err)
{
	bool fine = true;
	buf_text(out, "[");
	for (size_t i = 0; fine && i < json_array_size(value); i++) {
		buf_text(out, i == 0 ? "" : ",");
		fine = json_canonical(json_array_get(value, i), out, err);
	}
	buf_text(out, "]");
	return fine;
}

static bool put_integer(json_int_t value, struct buf *out, struct err *err)
{
	if (value > EXACT_MOST || value < -EXACT_MOST) {
		return err_set(err, REMEDY_REJECT, "json",
			"%lld is over 2^53: JSON readers do not agree on such a number",
			(long long)value);
	}
	buf_print(out, "%lld", (long long)value);
	return true;
}

bool json_canonical(const json_t *value, struct buf *out, struct err *err)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return put_object(value, out, err);
	case JSON_ARRAY:
		return put_array(value, out, err);
	case JSON_STRING:
		put_string(json_string_value(value), json_string_length(value), out);
		return true;
	case JSON_INTEGER:
		return put_integer(json_integer_value(value), out, err);
	case JSON_REAL:
		put_real(json_real_value(value), out);
		return true;
	case JSON_TRUE:
		buf_text(out, "true");
		return true;
	case JSON_FALSE:
		buf_text(out, "false");
		return true;
	case JSON_NULL:
		break;
	}
	buf_text(out, "null");
	return true;
}
