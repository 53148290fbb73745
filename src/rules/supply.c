/* SPDX-License-Identifier: Apache-2.0
 *
 * Levels of supplies.
 */
#include "rules/supply.h"
#include "base/text.h"
#include "rules/mib_text.h"
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

bool supply_from_text(const char *text, struct supply *supply)
{
	char type[33], class[33];
	if (!mib_value(text, "type", type, sizeof type) || type[0] == '\0') {
		return false;
	}
	/* 5100.13 writes the MIB's wasteInk where marker-types says waste-ink */
	mib_keyword(type, supply->type, sizeof supply->type);
	supply->is_waste = mib_value(text, "class", class, sizeof class) &&
			   strcmp(class, "receptacleThatIsFilled") == 0;
	int32_t level = mib_number(text, "level", -2);
	int64_t most = mib_number(text, "maxcapacity", -2);
	if (level >= 0 && most > 0) {
		level = level >= most ? 100 : (int32_t)(level * INT64_C(100) / most);
	} else if (level > 0) {
		level = SAID_SOME; /* an amount of nobody knows what */
	}
	supply_judge(supply, level, -1, -1);
	return true;
}
