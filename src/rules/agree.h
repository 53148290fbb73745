/* SPDX-License-Identifier: Apache-2.0
 *
 * Do the printer's counters, the prints that an attempt claims and the ledger agree? Where they
 * don't, one sentence for a person. A disagreement changes no print's fate: that rests on the
 * receipt alone; it says which sheets somebody should look at.
 */
#pragma once
#include "rules/device.h"

struct agree_ask {
	const char *printer;          /* its name */
	bool exclusive;               /* platen is its only user */
	bool counts_impressions;      /* this model's own counts are to be trusted */
	int32_t copies;               /* handed over */
	const struct witness *last;   /* after the attempt before this one; NULL: not known */
	const struct witness *before; /* this attempt */
	const struct receipt *receipt;
};

/* Between the attempt before and this one. False: `err` has a code and the sentence. */
bool agree_between(const struct agree_ask *ask, struct err *err);
/* Within this attempt. */
bool agree_within(const struct agree_ask *ask, struct err *err);
