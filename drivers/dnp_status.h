/* SPDX-License-Identifier: Apache-2.0
 *
 * What the codes of a dye-sub's STATUS mean: one table, pure.
 */
#pragma once
#include <stdbool.h>

enum dnp_kind {
	DNP_REST,    /* idle: takes a job */
	DNP_PRINTS,  /* at work */
	DNP_WAITS,   /* goes on by itself: it cools down */
	DNP_HANDS,   /* waits for a person, then goes on by itself */
	DNP_REFUSED, /* it has dropped the job's data */
	DNP_BROKEN,  /* to be repaired */
};

struct dnp_condition {
	int first, last; /* the codes */
	enum dnp_kind kind;
	const char *reason; /* keyword of printer-state-reasons; "" = none */
	const char *says;   /* after "it": "cools its print head" */
};

/* Never NULL: a code that nobody knows is DNP_BROKEN, as "other". */
const struct dnp_condition *dnp_condition_of(int code);
