/* SPDX-License-Identifier: Apache-2.0
 *
 * Trays.
 */
#include "rules/tray.h"
#include "base/text.h"
#include "rules/mib_text.h"
#include <stdio.h>
#include <string.h>

/* Levels of the Printer MIB that are words, and bits of PrtSubUnitStatusTC (RFC 3805). */
enum { SAID_UNBOUND = -1, SAID_UNKNOWN = -2, SAID_SOME = -3 };
enum { STATUS_CRITICAL = 16, STATUS_OFFLINE = 32, STATUS_MOST = 127 };

static int32_t amount(int32_t said)
{
	return said >= 0              ? said
	       : said == SAID_SOME    ? LEFT_SOME
	       : said == SAID_UNBOUND ? LEFT_UNBOUND
				      : LEFT_UNKNOWN;
}

bool tray_from_text(const char *text, bool is_output, struct tray *tray)
{
	struct tray read = {.is_output = is_output, .index = mib_number(text, "index", 0)};
	char type[sizeof read.type], unit[sizeof read.unit];
	const char *level = is_output ? "remaining" : "level";
	bool has_type = mib_value(text, "type", type, sizeof type);
	bool has_name = mib_value(text, "name", read.name, sizeof read.name);
	bool has_level = mib_value(text, level, (char[12]){""}, 12);
	if (!has_type && !has_name && !has_level) {
		return false;
	}
	if (has_type) {
		mib_keyword(type, read.type, sizeof read.type);
	}
	if (mib_value(text, "unit", unit, sizeof unit) && unit[0] != '\0') {
		mib_keyword(unit, read.unit, sizeof read.unit);
	} else {
		text_copy(read.unit, sizeof read.unit, "sheets");
	}
	int32_t status = mib_number(text, "status", 0);
	status = status >= 0 && status <= STATUS_MOST ? status : 0;
	read.level = amount(mib_number(text, level, SAID_UNKNOWN));
	read.capacity = amount(mib_number(text, "maxcapacity", SAID_UNKNOWN));
	read.index = read.index > 0 ? read.index : 0;
	/* Trays that never count say "0 of unknown" (facts of many printers): no proof of empty */
	read.is_empty = read.level == 0 && read.capacity > 0;
	read.has_fault = (status & STATUS_CRITICAL) != 0;
	read.is_away = (status & STATUS_OFFLINE) != 0;
	*tray = read;
	return true;
}

void tray_words(const struct tray *tray, char out[TRAY_WORDS_MAX])
{
	const char *unit = strcmp(tray->unit, "percent") == 0 ? "%" : tray->unit;
	const char *what = tray->is_output ? "room for " : "";
	const char *left = tray->is_output ? "" : " left";
	if (tray->is_empty) {
		snprintf(out, TRAY_WORDS_MAX, "%s", tray->is_output ? "full" : "empty");
	} else if (tray->level > 0 && tray->capacity >= tray->level) {
		snprintf(out, TRAY_WORDS_MAX, "%s%d of %d %s%s", what, (int)tray->level,
			(int)tray->capacity, unit, left);
	} else if (tray->level > 0) {
		snprintf(out, TRAY_WORDS_MAX, "%s%d %s%s", what, (int)tray->level, unit, left);
	} else if (tray->level == LEFT_SOME) {
		snprintf(out, TRAY_WORDS_MAX, "%s",
			tray->is_output ? "some room left" : "some left");
	} else if (tray->level == LEFT_UNBOUND) {
		snprintf(out, TRAY_WORDS_MAX, "never %s", tray->is_output ? "full" : "empty");
	} else {
		snprintf(out, TRAY_WORDS_MAX, "how much is not known");
	}
}
