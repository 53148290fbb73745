/* SPDX-License-Identifier: Apache-2.0
 *
 * A printer's trays as it says them: where paper comes from and where prints go. A level is a
 * number or a word; neither word is ever read as "empty" or "full".
 */
#pragma once
#include "rules/supply.h"

#define DEVICE_TRAYS_MAX 16
#define LEFT_UNBOUND     (-3) /* without a limit, says the printer */

struct tray {
	char name[65];
	char type[49];    /* "sheet-feed-auto-removable-tray", "continuous-roll"; "" not said */
	char unit[17];    /* of level and capacity: "sheets" where it says none */
	bool is_output;   /* prints fall into it */
	int32_t index;    /* its row among the printer's input or output trays; 0: not said */
	int32_t level;    /* of paper in it, or of room in an output tray; or LEFT_… */
	int32_t capacity; /* the same of a full, or of an empty output tray */
	bool is_empty; /* no paper left, or of an output tray no room: as a number, never a guess */
	bool has_fault; /* it says that it is the cause of what stops the printer */
	bool is_away;   /* switched off, or missing */
};

/* One value of printer-input-tray or printer-output-tray (PWG 5100.13):
 * "type=sheetFeedAutoRemovableTray;maxcapacity=250;level=100;status=0;name=main;". False when it
 * says none of type, name, level and remaining. */
bool tray_from_text(const char *text, bool is_output, struct tray *tray);
/* "about 100 of 250 sheets left", "some left", "room for 20 sheets", "how much is not known". */
#define TRAY_WORDS_MAX 81
void tray_words(const struct tray *tray, char out[TRAY_WORDS_MAX]);
