/* SPDX-License-Identifier: Apache-2.0
 *
 * One row a print; here is what becomes of it.
 */
#include "rules/ledger.h"
#include <string.h>

static const char *const names[] = {
	"planned", "sent", "accepted", "delivered", "spoiled", "unknown"};

const char *print_state_name(enum print_state state)
{
	return names[state];
}

bool print_state_from_name(const char *name, enum print_state *state)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i], name) == 0) {
			*state = (enum print_state)i;
			return true;
		}
	}
	return false;
}

struct print_fate ledger_settle(const struct receipt *receipt, int32_t at)
{
	static const struct print_fate rest[] = {
		[VERDICT_PENDING] = {PRINT_ACCEPTED, false},
		[VERDICT_DONE] = {PRINT_DELIVERED, false},
		[VERDICT_NOT_TAKEN] = {PRINT_PLANNED, false},
		[VERDICT_PARTIAL] = {PRINT_PLANNED, false},
		[VERDICT_SPOILED] = {PRINT_SPOILED, true},
		[VERDICT_UNKNOWN] = {PRINT_UNKNOWN, false},
	};
	if (receipt->verdict == VERDICT_PARTIAL && at < receipt->completed) {
		return (struct print_fate){PRINT_DELIVERED, false};
	}
	return rest[receipt->verdict];
}

struct print_fate ledger_recount(int32_t claimed, int32_t good, int32_t at)
{
	if (at < good) {
		return (struct print_fate){PRINT_DELIVERED, false};
	}
	return at < claimed ? (struct print_fate){PRINT_SPOILED, true}
			    : (struct print_fate){PRINT_PLANNED, false};
}
