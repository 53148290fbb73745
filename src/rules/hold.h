/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person does about a reason: one next action for each code, in the floor's words. A reason
 * without a row gets the row of its kind, so that nobody is ever left without a next step.
 */
#pragma once
#include "rules/job.h"

/* Orders of this floor's own go back to nobody: they are cancelled instead. */
#define HOLD_GIVE_BACK "platenctl resolve JOB --give-back"
#define HOLD_CANCEL    "platenctl cancel JOB --reason R"

struct hold_words {
	const char *title;  /* a few words: "May have printed" */
	const char *action; /* one next action; commands say JOB and NAME (of a printer) */
};

/* Where a job stands, for a sentence "job J1 is …". */
const char *hold_stage_words(enum stage stage);

struct hold_words hold_words_of(enum reason_kind kind, const char *code);
