/* SPDX-License-Identifier: Apache-2.0
 *
 * Maintenance of printers: what has to be done regularly, and when it is due: after days, prints or
 * faults, whichever comes first. Counted from when it was done last; the first time from when the
 * floor met the routine.
 */
#pragma once
#include "base/err.h"
#include "rules/catalog.h"

#define ROUTINE_GUIDE_MAX 193

struct routine { /* one `maintenance NAME { … }` of platen.conf */
	char name[NAME_MAX_LEN];
	char printer[NAME_MAX_LEN]; /* of this one, or of all printers of that model: */
	char model[NAME_MAX_LEN];
	char what[65];                                  /* "Nozzle check" */
	char guide[ROUTINE_GUIDE_MAX];                  /* how it is done; "" */
	int32_t every_days, every_prints, every_faults; /* 0: not by that */
	bool blocks;     /* nothing is printed there while it is due */
	bool test_print; /* a test sheet is printed when it was done */
};

struct upkeep {           /* of one routine at one printer, since it was done last */
	int64_t since_ms; /* floor time */
	int64_t prints, faults;
};

enum due { DUE_NOT, DUE_SOON, DUE_NOW }; /* soon: at nine tenths, or within a day */

#define UPKEEP_WORDS_MAX 97
/* Whether it is due, and how near: "due in 3 days", "due for 2 days", "due: 2100 prints since
 * it was done, every 2000". */
enum due upkeep_due(const struct routine *routine, const struct upkeep *upkeep, int64_t now_ms,
	char words[UPKEEP_WORDS_MAX]);
bool routine_is_of(const struct routine *routine, const struct printer_conf *printer);
/* "ok", "soon", "due". */
const char *due_name(enum due due);
/* ATTEND "maintenance-due": "P1 prints nothing until this was done: Nozzle check (due for 2 days).
 * …". */
bool upkeep_forbids(
	const struct routine *routine, const char *printer, const char *words, struct err *err);
