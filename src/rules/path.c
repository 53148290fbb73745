/* SPDX-License-Identifier: Apache-2.0
 *
 * The path of a job, one row a stage, and the step function over it. farm/walk.c has an ask_ and an
 * on_ function for each work, in this order. Failures are sorted by their remedy, and what a device
 * says of an attempt by its verdict; both are tables further down.
 *
 * The rule that carries all others: from COMMITTED on a complete print may exist, so the only way
 * on is the device's proof or a person's word. Below COMMITTED none can exist.
 */
#include "rules/path.h"
#include "base/clock.h"
#include "rules/backoff.h"
#include <stdio.h>
#include <string.h>

#define FOREVER 0
#define ENDLESS 0

static const struct step path[STAGE_COUNT] = {
	/* clang-format off */
	/*                   ask         then          redo from     patience       tries    each page  told on entry */
	[AT_LEASED]       = {DO_FETCH,   AT_FETCHED,   AT_LEASED,    30 * MINUTE_MS, 8,      true,  "leased"},
	[AT_FETCHED]      = {DO_INSPECT, AT_INSPECTED, AT_LEASED,    1 * MINUTE_MS,  2,      true,  "asset_ready"},
	[AT_INSPECTED]    = {DO_RENDER,  AT_RENDERED,  AT_LEASED,    5 * MINUTE_MS,  2,      true,  NULL},
	[AT_RENDERED]     = {DO_PLACE,   AT_QUEUED,    AT_INSPECTED, FOREVER,        ENDLESS, false, "rendered"},
	[AT_QUEUED]       = {DO_PERMIT,  AT_PERMITTED, AT_INSPECTED, FOREVER,        ENDLESS, false, "queued"},
	[AT_PERMITTED]    = {DO_PREPARE, AT_PREPARED,  AT_INSPECTED, FOREVER,        ENDLESS, false, NULL},
	[AT_PREPARED]     = {DO_SEND,    AT_OPENED,    AT_INSPECTED, 2 * MINUTE_MS,  ENDLESS, false, NULL},
	[AT_OPENED]       = {DO_GO,      AT_SENDING,   AT_INSPECTED, 1 * MINUTE_MS,  ENDLESS, false, NULL},
	[AT_SENDING]      = {DO_GO,      AT_COMMITTED, AT_INSPECTED, 15 * MINUTE_MS, ENDLESS, false, "started"},
	[AT_COMMITTED]    = {DO_GO,      AT_ACCEPTED,  AT_INSPECTED, 10 * MINUTE_MS, ENDLESS, false, NULL},
	[AT_ACCEPTED]     = {DO_CONFIRM, AT_PRINTED,   AT_INSPECTED, FOREVER,        ENDLESS, false, "accepted"},
	[AT_PRINTED]      = {DO_REPORT,  AT_REPORTED,  AT_PRINTED,   FOREVER,        ENDLESS, false, "printed"},
	[AT_HELD_UNKNOWN] = {.tell = "may_have_printed"},
	[AT_QUARANTINED]  = {.tell = "quarantined"},
	[AT_RELEASED]     = {.tell = "released"},
	[AT_CANCELLED]    = {.tell = "cancelled"},
	/* clang-format on */
};

struct walk { /* what the handlers below share */
	struct job *job;
	const struct event *event;
	int64_t now_ms;
	uint64_t chance;
	struct outcome out;
};

const struct step *path_at(enum stage stage)
{
	return &path[stage];
}

/* ---- small moves ---- */

static void note(struct walk *walk, const char *format, ...) formats(2, 3);

static void note(struct walk *walk, const char *format, ...)
{
	va_list words;
	va_start(words, format);
	vsnprintf(walk->out.note, sizeof walk->out.note, format, words);
	va_end(words);
}

static void tell(struct walk *walk, const char *type)
{
	walk->out.tells[walk->out.tells[0] == NULL ? 0 : 1] = type;
}

static void clear_reason(struct job *job)
{
	job->reason_kind = REASON_NONE;
	job->reason_code[0] = '\0';
	job->reason[0] = '\0';
}

static void give_reason(struct job *job, enum reason_kind kind, const struct err *err)
{
	job->reason_kind = kind;
	snprintf(job->reason_code, sizeof job->reason_code, "%s", err->code);
	snprintf(job->reason, sizeof job->reason, "%s", err->text);
}

/* Asks the stage's own work and sets its patience. */
static void ask(struct walk *walk)
{
	const struct step *step = &path[walk->job->stage];
	walk->out.work = step->ask;
	if (step->patience_ms != FOREVER) {
		walk->out.wake_ms = walk->now_ms + step->patience_ms;
		walk->out.wake_is_late = true;
	}
}

/* Moves without asking anything. */
static void move(struct walk *walk, enum stage stage)
{
	struct job *job = walk->job;
	walk->out.moved = job->stage != stage;
	job->stage = stage;
	job->page = 0;
	job->tries = 0;
	if (walk->out.moved && path[stage].tell != NULL) {
		tell(walk, path[stage].tell);
	}
}

static void go_to(struct walk *walk, enum stage stage)
{
	clear_reason(walk->job);
	move(walk, stage);
	ask(walk);
}

static void wait_ms(struct walk *walk, int64_t delay_ms)
{
	walk->out.wake_ms = walk->now_ms + delay_ms;
	walk->out.wake_is_late = false;
}

static void hold(struct walk *walk, const struct err *err)
{
	struct job *job = walk->job;
	job->held_from = job->stage;
	move(walk, AT_HELD_OPERATOR);
	give_reason(job, REASON_HOLD, err);
	note(walk, "held: %s", err->text);
}

static void end(struct walk *walk, enum stage stage, const struct err *err)
{
	move(walk, stage);
	give_reason(walk->job, REASON_END, err);
	walk->out.give_back = stage == AT_RELEASED || stage == AT_QUARANTINED;
	note(walk, "%s", err->text);
}

/* The attempt is over and the job wants to print (the rest) again: back to the printer's line. */
static void print_again(struct walk *walk)
{
	struct job *job = walk->job;
	walk->out.close_attempt = true;
	job->asking = false;
	job->doubt_since_ms = 0;
	go_to(walk, AT_PERMITTED);
}

/* Asks the device about the attempt instead of going on. */
static void ask_device(struct walk *walk)
{
	walk->job->asking = true;
	walk->out.work = DO_CONFIRM;
	walk->out.wake_ms = 0;
}

/* ---- failures, by remedy ---- */

static void spend_try(struct walk *walk)
{
	struct job *job = walk->job;
	const struct step *step = &path[job->stage];
	const struct err *err = walk->event->err;
	job->tries++;
	if (step->tries != ENDLESS && job->tries >= step->tries) {
		if (step->ask == DO_FETCH) {
			end(walk, AT_RELEASED, err);
		} else {
			end(walk, AT_QUARANTINED, err);
		}
		return;
	}
	int64_t cap_ms = step->ask == DO_FETCH ? 5 * MINUTE_MS : MINUTE_MS;
	int64_t delay_ms = backoff_ms(job->tries, 500, cap_ms, -1, walk->chance);
	give_reason(job, REASON_WAIT, err);
	wait_ms(walk, delay_ms);
	note(walk, "%s failed (%d), again in %lld ms: %s", work_name(step->ask), (int)job->tries,
		(long long)delay_ms, err->text);
}

static void redo(struct walk *walk)
{
	struct job *job = walk->job;
	enum stage from = path[job->stage].redo_from;
	job->tries++;
	int32_t tries = job->tries;
	if (tries > 5) {
		hold(walk, walk->event->err);
		return;
	}
	note(walk, "back to %s: %s", stage_word(from), walk->event->err->text);
	go_to(walk, from);
	job->tries = tries; /* going back does not make a fault's tries anew */
}

static void reject(struct walk *walk)
{
	struct job *job = walk->job;
	enum work work = path[job->stage].ask;
	if (job->permitted) {
		hold(walk, walk->event->err);
		return;
	}
	end(walk, work == DO_INSPECT || work == DO_RENDER ? AT_QUARANTINED : AT_RELEASED,
		walk->event->err);
}

static void drop(struct walk *walk)
{
	if (walk->job->permitted) {
		hold(walk, walk->event->err);
		return;
	}
	end(walk, AT_LOST, walk->event->err);
}

static void stop_floor(struct walk *walk)
{
	walk->out.fatal = true;
	note(walk, "%s", walk->event->err->text);
}

static void fail(struct walk *walk)
{
	static void (*const by_remedy[])(struct walk *) = {
		[REMEDY_RETRY] = spend_try,
		[REMEDY_REDO] = redo,
		[REMEDY_REJECT] = reject,
		[REMEDY_ATTEND] = spend_try,
		[REMEDY_UNSURE] = spend_try,
		[REMEDY_DROP] = drop,
		[REMEDY_FATAL] = stop_floor,
	};
	by_remedy[walk->event->err->remedy](walk);
}

/* ---- at the device: a question that could not be answered ---- */

static void settle(struct walk *walk);

static void settle_as(struct walk *walk, enum verdict verdict, const char *text)
{
	struct receipt *receipt = &walk->out.receipt;
	*receipt = (struct receipt){.verdict = verdict};
	snprintf(receipt->text, sizeof receipt->text, "%s", text);
	walk->out.concluded = true;
	struct event event = {.kind = EV_RECEIPT, .receipt = receipt};
	const struct event *before = walk->event;
	walk->event = &event;
	settle(walk);
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
	if (err != NULL && strcmp(job->reason, err->text) != 0) {
		give_reason(job, REASON_WAIT, err);
		note(walk, "asking the printer again: %s", err->text);
	}
	wait_ms(walk, backoff_ms(job->tries, 1000, 15 * SECOND_MS, 500, walk->chance));
}

static void fail_at_device(struct walk *walk)
{
	struct job *job = walk->job;
	const struct err *err = walk->event->err;
	if (err->remedy == REMEDY_FATAL) {
		stop_floor(walk);
		return;
	}
	if (job->asking || job->stage == AT_ACCEPTED) {
		doubt(walk);
		return;
	}
	/* the hand-over broke: whatever the cause, the device is asked what it has */
	give_reason(job, REASON_WAIT, err);
	note(walk, "hand-over broke: %s", err->text);
	ask_device(walk);
}

/* ---- at the device: what it says, by verdict ---- */

static void still_there(struct walk *walk)
{
	struct job *job = walk->job;
	job->doubt_since_ms = 0;
	job->tries = 0;
	if (job->stage == AT_ACCEPTED) {
		job->asking = false;
		clear_reason(job); /* it answers again */
	}
	if (job->stage == AT_COMMITTED) { /* the answer to SEND was lost, but it has everything */
		job->asking = false;
		clear_reason(job);
		move(walk, AT_ACCEPTED);
		walk->out.ledger = LEDGER_ACCEPT;
		note(walk, "it has everything: %s", walk->event->receipt->text);
	}
	wait_ms(walk, job->stage == AT_ACCEPTED ? 500 : 1000);
}

static void all_came_out(struct walk *walk)
{
	struct job *job = walk->job;
	job->submit_tries = 0;
	walk->out.ledger = LEDGER_SETTLE;
	note(walk, "came out: %s", walk->event->receipt->text);
	int32_t left = job->prints - job->delivered - job->attempt.copies;
	if (left > 0 && job->cancel_asked) {
		struct err err;
		err_set(&err, REMEDY_DROP, "cancelled", "cancelled after %d of %d prints",
			(int)(job->prints - left), (int)job->prints);
		walk->out.close_attempt = true;
		job->asking = false;
		end(walk, AT_CANCELLED, &err);
		return;
	}
	if (left > 0) {
		print_again(walk);
		return;
	}
	walk->out.close_attempt = true;
	job->asking = false;
	job->doubt_since_ms = 0;
	go_to(walk, AT_PRINTED);
}

static void not_taken(struct walk *walk)
{
	struct job *job = walk->job;
	const struct receipt *receipt = walk->event->receipt;
	struct err err;
	err_set(&err, REMEDY_RETRY, receipt->verdict == VERDICT_SPOILED ? "spoiled" : "not-taken",
		"%s", receipt->text);
	walk->out.ledger = LEDGER_SETTLE;
	walk->out.close_attempt = true;
	job->asking = false;
	job->doubt_since_ms = 0;
	if (job->cancel_asked) {
		end(walk, AT_CANCELLED, &err);
		return;
	}
	if (++job->submit_tries >= SUBMIT_TRIES) {
		job->submit_tries = 0;
		job->stage = AT_PERMITTED; /* a release goes on from there */
		hold(walk, &err);
		walk->out.moved = true;
		return;
	}
	move(walk, AT_PERMITTED);
	tell(walk, "retry");
	give_reason(job, REASON_WAIT, &err);
	wait_ms(walk, backoff_ms(job->submit_tries, 1000, MINUTE_MS, 200, walk->chance));
	note(walk, "again (%d): %s", (int)job->submit_tries, receipt->text);
}

static void partly(struct walk *walk)
{
	struct job *job = walk->job;
	const struct receipt *receipt = walk->event->receipt;
	struct err err;
	err_set(&err, REMEDY_ATTEND, "interrupted",
		"stopped after %d of %d: %s. Look at the printer, then let it go on with the rest",
		(int)receipt->completed, (int)job->attempt.copies, receipt->text);
	walk->out.ledger = LEDGER_SETTLE;
	walk->out.close_attempt = true;
	job->asking = false;
	job->doubt_since_ms = 0;
	if (job->cancel_asked) {
		end(walk, AT_CANCELLED, &err);
		return;
	}
	job->stage = AT_PERMITTED;
	hold(walk, &err);
	walk->out.moved = true;
	tell(walk, "interrupted");
}

static void nobody_knows(struct walk *walk)
{
	struct job *job = walk->job;
	struct err err;
	err_set(&err, REMEDY_UNSURE, "may-have-printed",
		"may have printed on %s: look in its tray, then say how many came out (%s)",
		job->printer, walk->event->receipt->text);
	walk->out.ledger = LEDGER_SETTLE;
	walk->out.close_attempt = true;
	job->asking = false;
	job->doubt_since_ms = 0;
	move(walk, AT_HELD_UNKNOWN);
	give_reason(job, REASON_HOLD, &err);
	note(walk, "may have printed: %s", walk->event->receipt->text);
}

static void settle(struct walk *walk)
{
	static void (*const by_verdict[])(struct walk *) = {
		[VERDICT_PENDING] = still_there,
		[VERDICT_DONE] = all_came_out,
		[VERDICT_NOT_TAKEN] = not_taken,
		[VERDICT_PARTIAL] = partly,
		[VERDICT_SPOILED] = not_taken,
		[VERDICT_UNKNOWN] = nobody_knows,
	};
	by_verdict[walk->event->receipt->verdict](walk);
}

/* ---- events ---- */

static void on_begin(struct walk *walk)
{
	ask(walk);
}

static void on_restart(struct walk *walk)
{
	struct job *job = walk->job;
	if (stage_is_at_device(job->stage)) {
		note(walk, "restarted at %s: asking the printer first", stage_word(job->stage));
		ask_device(walk);
		return;
	}
	ask(walk);
}

static void on_done(struct walk *walk)
{
	struct job *job = walk->job;
	const struct step *step = &path[job->stage];
	if (step->ask == DO_NOTHING || step->ask == DO_CONFIRM) {
		return;
	}
	switch (step->then) {
	case AT_PERMITTED:
		job->permitted = true;
		break;
	case AT_PREPARED:
		job->asking = false;
		break;
	case AT_SENDING:
		walk->out.ledger = LEDGER_SEND;
		break;
	case AT_ACCEPTED:
		walk->out.ledger = LEDGER_ACCEPT;
		break;
	default:
		break;
	}
	go_to(walk, step->then);
}

static void on_more(struct walk *walk)
{
	walk->job->page++;
	walk->job->tries = 0;
	ask(walk);
}

static void on_failed(struct walk *walk)
{
	if (stage_is_at_device(walk->job->stage)) {
		fail_at_device(walk);
	} else if (path[walk->job->stage].ask != DO_NOTHING) {
		fail(walk);
	}
}

static void on_late(struct walk *walk)
{
	struct err err;
	const struct step *step = &path[walk->job->stage];
	err_set(&err, REMEDY_RETRY, "late", "%s took longer than %lld s", work_name(step->ask),
		(long long)(step->patience_ms / SECOND_MS));
	struct event event = {.kind = EV_FAILED, .err = &err};
	walk->event = &event;
	on_failed(walk);
}

static void on_wake(struct walk *walk)
{
	struct job *job = walk->job;
	if (job->asking) {
		walk->out.work = DO_CONFIRM;
		return;
	}
	ask(walk);
}

static void on_receipt(struct walk *walk)
{
	if (stage_is_at_device(walk->job->stage)) {
		settle(walk);
	}
}

static void on_lost(struct walk *walk)
{
	struct job *job = walk->job;
	bool early = stage_is_before_permit(job->stage) || job->stage == AT_HELD_OPERATOR;
	if (early && !job->permitted) { /* rendered anew, a permitted job stands low again */
		end(walk, AT_LOST, walk->event->err);
		return;
	}
	note(walk, "lease lost, but cleared to print: goes on (%s)", walk->event->err->text);
}

static void on_cancel(struct walk *walk)
{
	struct job *job = walk->job;
	if (job->stage <= AT_PERMITTED || job->stage == AT_HELD_OPERATOR) {
		end(walk, AT_CANCELLED, walk->event->err);
		return;
	}
	bool undecided = stage_is_at_device(job->stage) || job->stage == AT_HELD_UNKNOWN;
	if (!undecided || job->cancel_asked) {
		return; /* it has come out or is over */
	}
	job->cancel_asked = true;
	if (job->stage == AT_HELD_UNKNOWN) {
		note(walk, "cancelled: ends once somebody has looked in the tray");
		return;
	}
	if (job->stage >= AT_COMMITTED) {
		tell(walk, "cancel_too_late");
		note(walk, "cancel came too late: stops after the sheets that are under way");
		return;
	}
	walk->out.work = DO_CANCEL;
	note(walk, "stopping the hand-over: %s", walk->event->err->text);
}

static void on_hold(struct walk *walk)
{
	if (walk->job->stage <= AT_PERMITTED) {
		hold(walk, walk->event->err);
	}
}

static void on_release(struct walk *walk)
{
	struct job *job = walk->job;
	if (job->stage != AT_HELD_OPERATOR) {
		return;
	}
	enum stage to = job->held_from;
	note(walk, "let go on from %s", stage_word(to));
	clear_reason(job);
	move(walk, to);
	tell(walk, "resolved");
	ask(walk);
}

static void on_give_back(struct walk *walk)
{
	struct job *job = walk->job;
	if (stage_is_at_device(job->stage) || job->stage == AT_PRINTED ||
		stage_is_final(job->stage)) {
		return;
	}
	end(walk, AT_RELEASED, walk->event->err);
}

static void on_resolve(struct walk *walk)
{
	struct job *job = walk->job;
	if (job->stage != AT_HELD_UNKNOWN) {
		return;
	}
	const struct receipt *receipt = walk->event->receipt;
	walk->out.ledger = LEDGER_RESOLVE;
	tell(walk, "resolved");
	note(walk, "a person says %d came out", (int)receipt->completed);
	int32_t left = job->prints - job->delivered - receipt->completed;
	job->submit_tries = 0;
	if (left > 0 && job->cancel_asked) {
		struct err err;
		err_set(&err, REMEDY_DROP, "cancelled", "cancelled after %d of %d prints",
			(int)(job->prints - left), (int)job->prints);
		end(walk, AT_CANCELLED, &err);
		return;
	}
	go_to(walk, left > 0 ? AT_PERMITTED : AT_PRINTED);
}

struct outcome path_step(
	struct job *job, const struct event *event, int64_t now_ms, uint64_t chance)
{
	static void (*const handlers[])(struct walk *) = {
		[EV_BEGIN] = on_begin,
		[EV_RESTART] = on_restart,
		[EV_DONE] = on_done,
		[EV_MORE] = on_more,
		[EV_FAILED] = on_failed,
		[EV_LATE] = on_late,
		[EV_WAKE] = on_wake,
		[EV_RECEIPT] = on_receipt,
		[EV_LOST] = on_lost,
		[EV_CANCEL] = on_cancel,
		[EV_HOLD] = on_hold,
		[EV_RELEASE] = on_release,
		[EV_GIVE_BACK] = on_give_back,
		[EV_RESOLVE] = on_resolve,
	};
	struct walk walk = {.job = job, .event = event, .now_ms = now_ms, .chance = chance};
	if (stage_is_final(job->stage)) {
		return walk.out; /* whatever comes late for a closed job is dropped */
	}
	enum stage before = job->stage;
	handlers[event->kind](&walk);
	walk.out.moved = walk.out.moved || job->stage != before;
	return walk.out;
}
