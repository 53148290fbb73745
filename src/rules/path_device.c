/* SPDX-License-Identifier: Apache-2.0
 *
 * An attempt at the device: a hand-over that broke, a question that got no answer, and what each
 * verdict of the device means for the job.
 *
 * The rule that carries all others: from COMMITTED on a complete print may exist, so the only way
 * on is the device's proof or a person's word. Below COMMITTED none can exist.
 */
#include "base/clock.h"
#include "rules/backoff.h"
#include "rules/path_own.h"
#include <stdio.h>
#include <string.h>

/* ---- at the device: a question that could not be answered ---- */

static void settle_as(struct walk *walk, enum verdict verdict, const char *text)
{
	struct receipt *receipt = &walk->out.receipt;
	*receipt = (struct receipt){.verdict = verdict};
	snprintf(receipt->text, sizeof receipt->text, "%s", text);
	walk->out.concluded = true;
	struct event event = {.kind = EV_RECEIPT, .receipt = receipt};
	const struct event *before = walk->event;
	walk->event = &event;
	step_settle(walk);
	walk->event = before;
}

/* The device does not answer. Until the window is over: ask again. Then what is true without it:
 * below SENDING nothing was sent; below COMMITTED nothing complete can exist; else nobody knows. */
static void doubt(struct walk *walk)
{
	struct job *job = walk->job;
	if (job->doubt_since_ms == 0) {
		job->doubt_since_ms = walk->now_ms;
	}
	bool over = walk->now_ms - job->doubt_since_ms >= UNSURE_WINDOW_MS;
	if (job->stage <= AT_OPENED && over) {
		settle_as(walk, VERDICT_NOT_TAKEN, "nothing was sent before the printer went away");
		return;
	}
	if (job->stage == AT_SENDING && over) {
		settle_as(walk, VERDICT_SPOILED,
			"cut off before it was complete; the printer has gone away since");
		return;
	}
	if (over) {
		settle_as(walk, VERDICT_UNKNOWN,
			"the printer has not answered for 10 minutes: it may have printed");
		return;
	}
	job->tries++;
	job->asking = true;
	const struct err *err = walk->event->err;
	if (strcmp(job->reason, err->text) != 0) {
		reason_give(job, REASON_WAIT, err);
		step_note(walk, "asking the printer again: %s", err->text);
	}
	step_wait(walk, backoff_ms(job->tries, 1000, 15 * SECOND_MS, 500, walk->chance));
}

void step_fail_at_device(struct walk *walk)
{
	struct job *job = walk->job;
	const struct err *err = walk->event->err;
	if (err->remedy == REMEDY_FATAL) {
		step_stop_floor(walk);
		return;
	}
	if (job->asking || job->stage == AT_ACCEPTED) {
		doubt(walk);
		return;
	}
	/* the hand-over broke: whatever the cause, the device is asked what it has */
	reason_give(job, REASON_WAIT, err);
	step_note(walk, "hand-over broke: %s", err->text);
	step_ask_device(walk);
}

/* ---- at the device: what it says, by verdict ---- */

static void still_there(struct walk *walk)
{
	struct job *job = walk->job;
	job->doubt_since_ms = 0;
	job->tries = 0;
	if (job->stage == AT_ACCEPTED) {
		job->asking = false;
		reason_clear(job); /* it answers again */
	}
	if (job->stage == AT_COMMITTED) { /* the answer to SEND was lost, but it has everything */
		job->asking = false;
		reason_clear(job);
		step_move(walk, AT_ACCEPTED);
		walk->out.ledger = LEDGER_ACCEPT;
		step_note(walk, "it has everything: %s", walk->event->receipt->text);
	}
	step_wait(walk, job->stage == AT_ACCEPTED ? 500 : 1000);
}

/* The device's last word for now: the ledger settles and the printer is free. */
static void attempt_over(struct walk *walk)
{
	walk->out.ledger = LEDGER_SETTLE;
	walk->out.free_printer = true;
	walk->job->asking = false;
	walk->job->doubt_since_ms = 0;
}

static void all_came_out(struct walk *walk)
{
	struct job *job = walk->job;
	job->submit_tries = 0;
	attempt_over(walk);
	step_note(walk, "came out: %s", walk->event->receipt->text);
	int32_t left = job->prints - job->delivered - job->attempt.copies;
	if (left > 0 && job->cancel_asked) {
		struct err err;
		err_set(&err, REMEDY_DROP, "cancelled", "cancelled after %d of %d prints",
			(int)(job->prints - left), (int)job->prints);
		step_end(walk, AT_CANCELLED, &err);
		return;
	}
	step_go(walk, left > 0 ? AT_PERMITTED : AT_PRINTED);
}

static void not_taken(struct walk *walk)
{
	struct job *job = walk->job;
	const struct receipt *receipt = walk->event->receipt;
	struct err err;
	err_set(&err, REMEDY_RETRY, receipt->verdict == VERDICT_SPOILED ? "spoiled" : "not-taken",
		"%s", receipt->text);
	attempt_over(walk);
	if (job->cancel_asked || job->test) { /* a test print says what it says by one try */
		step_end(walk, AT_CANCELLED, &err);
		return;
	}
	bool spent = ++job->submit_tries >= SUBMIT_TRIES;
	bool elsewhere = spent && job->refused_by[0] == '\0';
	if (spent && !elsewhere) {
		job->submit_tries = 0;
		job->stage = AT_PERMITTED; /* a release goes on from there */
		step_hold(walk, &err);
		return;
	}
	step_move(walk, AT_PERMITTED);
	step_tell(walk, "retry");
	reason_give(job, REASON_WAIT, &err);
	step_wait(walk, backoff_ms(job->submit_tries, 1000, MINUTE_MS, 200, walk->chance));
	step_note(walk, "again (%d): %s", (int)job->submit_tries, receipt->text);
	if (elsewhere) { /* the others may take it: place.c leaves this one out */
		memcpy(job->refused_by, job->printer, sizeof job->refused_by);
		job->submit_tries = 0;
	}
}

static void partly(struct walk *walk)
{
	struct job *job = walk->job;
	const struct receipt *receipt = walk->event->receipt;
	struct err err;
	err_set(&err, REMEDY_ATTEND, "interrupted",
		"stopped after %d of %d: %s. Look at the printer, then let it go on with the rest",
		(int)receipt->completed, (int)job->attempt.copies, receipt->text);
	attempt_over(walk);
	if (job->cancel_asked) {
		step_end(walk, AT_CANCELLED, &err);
		return;
	}
	job->stage = AT_PERMITTED;
	step_hold(walk, &err);
	step_tell(walk, "interrupted");
}

static void nobody_knows(struct walk *walk)
{
	attempt_over(walk);
	step_doubt(walk);
}

static bool is_proof(const struct receipt *receipt, int32_t least)
{
	return receipt->evidence != EVIDENCE_NONE && receipt->completed >= least;
}

/* A counter says how many sheets came out, not whose: it proves nothing once somebody else printed
 * there. */
static bool is_void(const struct walk *walk)
{
	const struct receipt *receipt = walk->event->receipt;
	return receipt->evidence == EVIDENCE_COUNTER &&
	       (walk->job->attempt.before.foreign || receipt->after.foreign || walk->event->shared);
}

/* What the words of a driver are worth at this stage. Nothing counts as printed without evidence,
 * and what may have come out whole is no waste. */
static enum verdict weigh_words(const struct walk *walk)
{
	const struct job *job = walk->job;
	const struct receipt *receipt = walk->event->receipt;
	bool whole_may_exist = job->stage >= AT_COMMITTED;
	switch (receipt->verdict) {
	case VERDICT_DONE:
		return is_proof(receipt, job->attempt.copies) && !is_void(walk) ? VERDICT_DONE
										: VERDICT_UNKNOWN;
	case VERDICT_PARTIAL:
		if (!is_proof(receipt, 1) || is_void(walk)) {
			return VERDICT_UNKNOWN;
		}
		return receipt->completed < job->attempt.copies ? VERDICT_PARTIAL : VERDICT_DONE;
	case VERDICT_NOT_TAKEN: /* a counter that stood still while others printed is broken */
		return receipt->evidence == EVIDENCE_COUNTER && walk->event->shared
			       ? VERDICT_UNKNOWN
			       : VERDICT_NOT_TAKEN;
	case VERDICT_SPOILED:
		return whole_may_exist ? VERDICT_UNKNOWN : VERDICT_SPOILED;
	default:
		return receipt->verdict;
	}
}

/* Below SENDING no byte has left: an answer that leaves it open is about something else (another
 * printer, say, that stands there now). */
static enum verdict weigh(const struct walk *walk)
{
	enum verdict verdict = weigh_words(walk);
	return verdict == VERDICT_UNKNOWN && walk->job->stage <= AT_OPENED ? VERDICT_NOT_TAKEN
									   : verdict;
}

static void settle(struct walk *walk, enum verdict verdict)
{
	static void (*const by_verdict[])(struct walk *) = {
		[VERDICT_PENDING] = still_there,
		[VERDICT_DONE] = all_came_out,
		[VERDICT_NOT_TAKEN] = not_taken,
		[VERDICT_PARTIAL] = partly,
		[VERDICT_SPOILED] = not_taken,
		[VERDICT_UNKNOWN] = nobody_knows,
	};
	if (walk->job->stage != AT_HELD_UNKNOWN || step_late_proof(walk, verdict)) {
		by_verdict[verdict](walk);
	}
}

void step_settle(struct walk *walk)
{
	const struct receipt *said = walk->event->receipt;
	enum verdict worth = weigh(walk);
#ifdef PLATEN_WEAKEN_RESEND /* a planted fault: docs/simulator.md */
	worth = walk->job->asking ? VERDICT_NOT_TAKEN : worth;
#endif
	if (worth == said->verdict) {
		settle(walk, worth);
		return;
	}
	walk->out.receipt = *said;
	walk->out.receipt.verdict = worth;
	walk->out.concluded = true;
	struct event event = {.kind = EV_RECEIPT, .receipt = &walk->out.receipt};
	const struct event *before = walk->event;
	walk->event = &event;
	settle(walk, worth);
	walk->event = before;
}
