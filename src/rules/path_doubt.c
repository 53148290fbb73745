/* SPDX-License-Identifier: Apache-2.0
 *
 * What may have printed: nobody can tell yet. There are three ways out, and none of them guesses:
 * the device's late proof, a person who has looked in the tray, and the product's duplicates
 * policy, which somebody chose beforehand.
 */
#include "base/clock.h"
#include "rules/backoff.h"
#include "rules/path_own.h"

/* The device may come back in a minute, or tomorrow with its job list intact. */
static void ask_later(struct walk *walk)
{
	struct job *job = walk->job;
	job->tries++;
	step_wait(walk, backoff_ms(job->tries, LATE_PROOF_MS, LATE_PROOF_MAX_MS, LATE_PROOF_MS / 2,
				walk->chance));
}

static void hold_for_proof(struct walk *walk, const struct err *err)
{
	step_move(walk, AT_HELD_UNKNOWN);
	reason_give(walk->job, REASON_HOLD, err);
	ask_later(walk);
}

static void give_back(struct walk *walk, const struct err *err)
{
	step_tell(walk, "may_have_printed");
	step_end(walk, AT_RELEASED, err);
}

/* For prints that cost less than a person's walk: the packing step looks for a double one. */
static void print_again(struct walk *walk, const struct err *err)
{
	struct job *job = walk->job;
	job->submit_tries++;
	walk->out.ledger = LEDGER_REPRINT;
	step_tell(walk, "may_have_printed");
	step_tell(walk, "resolved");
	step_move(walk, AT_PERMITTED);
	reason_give(job, REASON_WAIT, err);
	step_wait(walk, backoff_ms(job->submit_tries, 1000, MINUTE_MS, 200, walk->chance));
}

void step_doubt(struct walk *walk)
{
	static void (*const by_policy[])(struct walk *, const struct err *) = {
		[DUPLICATES_HOLD] = hold_for_proof,
		[DUPLICATES_RELEASE] = give_back,
		[DUPLICATES_REPRINT] = print_again,
	};
	const struct job *job = walk->job;
	struct err err;
	err_set(&err, REMEDY_UNSURE, "may-have-printed",
		"may have printed on %s: look in its tray, then say how many came out (%s)",
		job->printer, walk->event->receipt->text);
	step_note(walk, "may have printed: %s", walk->event->receipt->text);
	enum duplicates policy = job->duplicates;
	if (policy == DUPLICATES_REPRINT &&
		(job->cancel_asked || job->submit_tries >= REPRINT_TRIES)) {
		policy = DUPLICATES_HOLD; /* printing it yet again helps nobody */
	}
	by_policy[policy](walk, &err);
}

/* It answers, and still has the attempt: it goes on there, nothing is sent again. */
static void goes_on(struct walk *walk)
{
	struct job *job = walk->job;
	reason_clear(job);
	step_move(walk, AT_ACCEPTED);
	job->asking = false;
	job->doubt_since_ms = 0;
	walk->out.ledger = LEDGER_ACCEPT;
	step_note(walk, "is at the printer after all: %s", walk->event->receipt->text);
	step_wait(walk, 500);
}

bool step_late_proof(struct walk *walk, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PENDING:
		goes_on(walk);
		return false;
	case VERDICT_UNKNOWN:
		ask_later(walk);
		return false;
	default:
		step_tell(walk, "resolved");
		return true;
	}
}

void step_late_question_failed(struct walk *walk)
{
	if (walk->event->err->remedy == REMEDY_FATAL) {
		step_stop_floor(walk);
		return;
	}
	ask_later(walk);
}
