/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of one print (one copy of one page) in the ledger, and what an attempt's fate does to
 * it. A state that is an end never changes again; a print that must be made again gets a successor.
 */
#pragma once
#include "rules/device.h"

enum print_state {
	PRINT_PLANNED,
	PRINT_SENT,      /* bytes have left for a device */
	PRINT_ACCEPTED,  /* the device has it */
	PRINT_DELIVERED, /* proven, or a person says so: an end */
	PRINT_SPOILED,   /* waste: an end; a successor is planned where it is still wanted */
	PRINT_UNKNOWN,   /* may have come out: until proof or a person's word */
};

enum ledger_change {
	LEDGER_NONE,
	LEDGER_SEND,    /* the attempt's prints are on their way */
	LEDGER_ACCEPT,  /* the device has them */
	LEDGER_SETTLE,  /* by a receipt */
	LEDGER_REPRINT, /* the same, but what is in doubt is planned anew: a possible duplicate */
	LEDGER_RESOLVE, /* by a person, for prints that are unknown */
};

struct print_fate {
	enum print_state state;
	bool successor; /* plan this print anew */
};

const char *print_state_name(enum print_state state);
bool print_state_from_name(const char *name, enum print_state *state);

/* What a receipt makes of the attempt's print number `at` (0..copies-1, in the order in which they
 * were handed over). Prints come out in order, so the first `completed` are the delivered ones. */
struct print_fate ledger_settle(const struct receipt *receipt, int32_t at);
/* A person has looked at an attempt that stopped part-way: `good` of its prints are fit, where the
 * printer claimed `claimed`. The one case in which a delivered print changes: it is waste. */
struct print_fate ledger_recount(int32_t claimed, int32_t good, int32_t at);
