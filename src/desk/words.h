/* SPDX-License-Identifier: Apache-2.0
 *
 * All texts of the screens, in the floor's words: what platenctl shows of a job or printer, and
 * what the page's headings say. What to do about a reason stands in rules/hold.c.
 */
#pragma once
#include "rules/job.h"
#include "rules/ledger.h"
#include "wire/json.h"

enum job_kind {
	KIND_PREPARING,
	KIND_READY,
	KIND_PRINTING,
	KIND_WAITING,
	KIND_NEEDS_YOU,
	KIND_DONE,
	KIND_ENDED,
	KIND_COUNT
};

/* The machine's word: "needs_you". */
const char *kind_name(enum job_kind kind);
bool kind_from_name(const char *name, enum job_kind *kind);
enum job_kind kind_of(enum stage stage, enum reason_kind reason, const char *reason_code);

/* "waiting for paper", "came out". */
const char *words_job(enum stage stage, enum reason_kind reason, const char *reason_code);
const char *words_print(enum print_state state);
const char *words_supply(const struct supply *supply);
/* Of a printer's machine state ("needs_you"). */
const char *words_printer(const char *state);
/* A sentence for one event of a job ("platen.job.printed.v1"); "" for a type without one. */
const char *words_event(const char *type);
/* A sentence for a row of the audit trail ("cancelled" by somebody, for a reason); new JSON, NULL
 * for what platen did, which its events tell. */
json_t *words_deed(const char *who, const char *what, const char *reason);
/* The next action of a reason with its job and printer ("": not known) put in; new JSON. */
json_t *words_action(const char *action, const char *job, const char *printer, bool is_local);
#define DURATION_WORDS_MAX 40
/* "0.4 s", "1 min 05 s", "3 d 4 h". Returns `words`. */
const char *words_duration(int64_t ms, char words[DURATION_WORDS_MAX]);
/* Every text of the page by key; new JSON. */
json_t *words_page(void);
