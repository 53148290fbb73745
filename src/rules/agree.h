/* SPDX-License-Identifier: Apache-2.0
 *
 * Do the printer's counters, the prints that an attempt claims and the ledger agree? Where they
 * don't, one sentence for a person. A disagreement changes no print's fate: that rests on the
 * receipt alone; it says which sheets somebody should look at.
 */
#pragma once
#include "rules/device.h"

struct agree_past { /* the attempt at that printer before this one */
	char key[ATTEMPT_KEY_MAX];
	int32_t copies;
	struct witness before;
	struct receipt receipt;
};

struct agree_ask {
	const char *printer;           /* its name */
	bool exclusive;                /* platen is its only user */
	bool counts_impressions;       /* this model's own counts are to be trusted */
	int32_t counter_lag_ms;        /* a counter shows a print at most so late */
	int32_t copies;                /* handed over */
	const struct agree_past *past; /* NULL: none, or it was not read */
	const struct witness *before;
	const struct receipt *receipt;
};

/* Between the attempt before and this one. False: `err` has a code and the sentence. */
bool agree_between(const struct agree_ask *ask, struct err *err);
/* Within this attempt. A counter that may be late is judged by the next one. */
bool agree_within(const struct agree_ask *ask, struct err *err);
