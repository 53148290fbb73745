/* SPDX-License-Identifier: Apache-2.0
 *
 * Levels of supplies.
 */
#include "rules/supply.h"
#include "base/text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LOW_PERCENT 10

enum said { SAID_SOME = -3 };

static bool starts_with(const char *text, const char *begin)
{
	return strncmp(text, begin, strlen(begin)) == 0;
}

void supply_judge(struct supply *supply, int32_t level, int32_t low, int32_t high)
{
	supply->is_waste = supply->is_waste || starts_with(supply->type, "waste");
	if (level < 0 || level > 100) {
		supply->left_percent = level == SAID_SOME ? LEFT_SOME : LEFT_UNKNOWN;
		supply->is_low = false;
		return;
	}
	bool has_high = high > 0 && high < 100;
	supply->left_percent = supply->is_waste ? 100 - level : level;
	if (supply->is_waste) {
		supply->is_low = level >= (has_high ? high : 100 - LOW_PERCENT);
	} else {
		supply->is_low = level <= (low >= 0 ? low : LOW_PERCENT);
	}
}

/* The value of KEY in "A=1;KEY=value;B=2;"; false when it is not there or too long. */
static bool value_of(const char *text, const char *key, char *out, size_t size)
{
	size_t len = strlen(key);
	for (const char *at = text; at != NULL && *at != '\0';) {
		size_t whole = strcspn(at, ";");
		if (whole > len && at[len] == '=' && strncmp(at, key, len) == 0) {
			size_t n = whole - len - 1;
			if (n >= size) {
				return false;
			}
			memcpy(out, at + len + 1, n);
			out[n] = '\0';
			return true;
		}
		at = at[whole] == ';' ? at + whole + 1 : NULL;
	}
	return false;
}

static int32_t number_of(const char *text, const char *key, int32_t otherwise)
{
	char value[12], *end;
	if (!value_of(text, key, value, sizeof value)) {
		return otherwise;
	}
	long number = strtol(value, &end, 10);
	bool fine = *end == '\0' && end != value && number >= INT32_MIN && number <= INT32_MAX;
	return fine ? (int32_t)number : otherwise;
}

/* 5100.13 writes the MIB's wasteInk where marker-types says waste-ink. */
static void as_keyword(const char *type, char *out, size_t size)
{
	size_t n = 0;
	for (; *type != '\0' && n + 2 < size; type++) {
		unsigned char c = (unsigned char)*type;
		if (isupper(c) && n > 0) {
			out[n++] = '-';
		}
		out[n++] = (char)tolower(c);
	}
	out[n] = '\0';
}

bool supply_from_text(const char *text, struct supply *supply)
{
	char type[33], class[33];
	if (!value_of(text, "type", type, sizeof type) || type[0] == '\0') {
		return false;
	}
	as_keyword(type, supply->type, sizeof supply->type);
	supply->is_waste = value_of(text, "class", class, sizeof class) &&
			   strcmp(class, "receptacleThatIsFilled") == 0;
	int32_t level = number_of(text, "level", -2);
	int64_t most = number_of(text, "maxcapacity", -2);
	if (level >= 0 && most > 0) {
		level = level >= most ? 100 : (int32_t)(level * INT64_C(100) / most);
	} else if (level > 0) {
		level = SAID_SOME; /* an amount of nobody knows what */
	}
	supply_judge(supply, level, -1, -1);
	return true;
}
