/* SPDX-License-Identifier: Apache-2.0
 *
 * How much is left of an ink, a ribbon, a waste box, from the levels that printers give. A level is
 * a share, or a word: there is some, or nobody knows. Neither word is ever read as "empty", nor a
 * waste box's as if it were ink.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define DEVICE_SUPPLIES_MAX 16
#define LEFT_UNKNOWN        (-1)
#define LEFT_SOME           (-2) /* there is some, nobody knows how much */

struct supply {
	char name[65];
	char type[33];        /* IPP marker-types: "ink-ribbon", "waste-ink" */
	bool is_waste;        /* it fills up: what is left is room */
	int32_t left_percent; /* until it must be replaced or emptied, 0..100; or LEFT_… */
	bool is_low;          /* as the printer's own limit says; without one, at 10 % */
};

/* Fills is_waste, left_percent and is_low of a supply that has its type. `level` as marker-levels
 * (PWG 5100.9, RFC 3805): 0..100, of a waste box how full it is; −1 and −2 unknown, −3 some.
 * `low` and `high` are marker-low-levels and marker-high-levels; negative: not given. */
void supply_judge(struct supply *supply, int32_t level, int32_t low, int32_t high);
/* One value of printer-supply (PWG 5100.13):
 * "type=ink;maxcapacity=100;level=63;class=supplyThatIsConsumed;". Fills type and all that
 * supply_judge does. False when it has no type. */
bool supply_from_text(const char *text, struct supply *supply);
