/* SPDX-License-Identifier: Apache-2.0
 *
 * The path of a job, one row a stage, and what every event does to a job on it. farm/walk.c has an
 * ask_ and an on_ function for each work, in this order. What a failure does is in path_fail.c,
 * sorted by remedy; what a device says of an attempt is in path_device.c, sorted by verdict.
 *
 * Patience is for doors that may forget. Inspecting and rendering wait in a queue and have their
 * deadline there; an upload lasts as long as the printer wants (paper out, in the middle of it): a
 * worker that says nothing at all is killed by the crew, which answers here.
 */
#include "rules/path.h"
#include "base/clock.h"
#include "rules/path_own.h"

static const struct step path[STAGE_COUNT] = {
	/* clang-format off */
	/*                   ask         then          redo from     patience       tries    each page  told on entry */
	[AT_LEASED]       = {DO_FETCH,   AT_FETCHED,   AT_LEASED,    30 * MINUTE_MS, 8,      true,  "leased"},
	[AT_FETCHED]      = {DO_INSPECT, AT_INSPECTED, AT_LEASED,    FOREVER,        2,      true,  "asset_ready"},
	[AT_INSPECTED]    = {DO_RENDER,  AT_RENDERED,  AT_LEASED,    FOREVER,        2,      true,  NULL},
	[AT_RENDERED]     = {DO_PLACE,   AT_QUEUED,    AT_INSPECTED, FOREVER,        ENDLESS, false, "rendered"},
	[AT_QUEUED]       = {DO_PERMIT,  AT_PERMITTED, AT_INSPECTED, FOREVER,        ENDLESS, false, "queued"},
	[AT_PERMITTED]    = {DO_PREPARE, AT_PREPARED,  AT_INSPECTED, FOREVER,        ENDLESS, false, NULL},
	[AT_PREPARED]     = {DO_SEND,    AT_OPENED,    AT_INSPECTED, 2 * MINUTE_MS,  ENDLESS, false, NULL},
	[AT_OPENED]       = {DO_GO,      AT_SENDING,   AT_INSPECTED, 1 * MINUTE_MS,  ENDLESS, false, NULL},
	[AT_SENDING]      = {DO_GO,      AT_COMMITTED, AT_INSPECTED, FOREVER,        ENDLESS, false, "started"},
	[AT_COMMITTED]    = {DO_GO,      AT_ACCEPTED,  AT_INSPECTED, FOREVER,        ENDLESS, false, NULL},
	[AT_ACCEPTED]     = {DO_CONFIRM, AT_PRINTED,   AT_INSPECTED, FOREVER,        ENDLESS, false, "accepted"},
	[AT_PRINTED]      = {DO_REPORT,  AT_REPORTED,  AT_PRINTED,   FOREVER,        ENDLESS, false, "printed"},
	[AT_HELD_UNKNOWN] = {.tell = "may_have_printed"},
	[AT_QUARANTINED]  = {.tell = "quarantined"},
	[AT_RELEASED]     = {.tell = "released"},
	[AT_CANCELLED]    = {.tell = "cancelled"},
	/* clang-format on */
};

const struct step *path_at(enum stage stage)
{
	return &path[stage];
}

/* ---- events ---- */

static void on_begin(struct walk *walk)
{
	step_ask(walk);
}

static void on_restart(struct walk *walk)
{
	struct job *job = walk->job;
	if (stage_is_at_device(job->stage)) {
		step_note(
			walk, "restarted at %s: asking the printer first", stage_word(job->stage));
		step_ask_device(walk);
	} else if (job->stage == AT_HELD_UNKNOWN) {
		walk->out.work = DO_CONFIRM;
	} else {
		step_ask(walk);
	}
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
	step_go(walk, step->then);
}

static void on_more(struct walk *walk)
{
	walk->job->page++;
	walk->job->tries = 0;
	step_ask(walk);
}

static void on_failed(struct walk *walk)
{
	if (stage_is_at_device(walk->job->stage)) {
		step_fail_at_device(walk);
	} else if (walk->job->stage == AT_HELD_UNKNOWN) {
		step_late_question_failed(walk);
	} else if (path[walk->job->stage].ask != DO_NOTHING) {
		step_fail(walk);
	}
}

static void on_late(struct walk *walk)
{
	struct err err;
	const struct step *step = &path[walk->job->stage];
	bool handing = stage_is_at_device(walk->job->stage);
	err_set(&err, REMEDY_RETRY, "late", "%s took longer than %lld s",
		handing ? "its next step" : work_name(step->ask),
		(long long)(step->patience_ms / SECOND_MS));
	struct event event = {.kind = EV_FAILED, .err = &err};
	walk->event = &event;
	on_failed(walk);
}

static void on_wake(struct walk *walk)
{
	struct job *job = walk->job;
	if (job->asking || job->stage == AT_HELD_UNKNOWN) {
		walk->out.work = DO_CONFIRM;
		return;
	}
	step_ask(walk);
}

static void on_receipt(struct walk *walk)
{
	const struct job *job = walk->job;
	if (stage_is_at_device(job->stage) || job->stage == AT_HELD_UNKNOWN) {
		step_settle(walk);
	}
}

static void on_lost(struct walk *walk)
{
	struct job *job = walk->job;
	bool early = stage_is_before_permit(job->stage) || job->stage == AT_HELD_OPERATOR;
	if (early && !job->permitted) { /* rendered anew, a permitted job stands low again */
		step_end(walk, AT_LOST, walk->event->err);
		return;
	}
	step_note(walk, "lease lost, but cleared to print: goes on (%s)", walk->event->err->text);
}

static void on_cancel(struct walk *walk)
{
	struct job *job = walk->job;
	if (job->stage <= AT_PERMITTED || job->stage == AT_HELD_OPERATOR) {
		step_end(walk, AT_CANCELLED, walk->event->err);
		return;
	}
	bool undecided = stage_is_at_device(job->stage) || job->stage == AT_HELD_UNKNOWN;
	if (!undecided || job->cancel_asked) {
		return; /* it has come out or is over */
	}
	job->cancel_asked = true;
	if (job->stage == AT_HELD_UNKNOWN) {
		step_note(walk, "is to be cancelled: ends once somebody has looked in the tray");
		return;
	}
	if (job->stage >= AT_COMMITTED) {
		step_tell(walk, "cancel_too_late");
		step_note(walk, "cancel came too late: stops after the sheets that are under way");
		return;
	}
	if (job->asking) { /* that question cancels what is left, and its answer ends it */
		step_note(walk, "stops once the printer answers: %s", walk->event->err->text);
		return;
	}
	walk->out.work = DO_CANCEL;
	step_note(walk, "stopping the hand-over: %s", walk->event->err->text);
}

/* The service wants it back, to give it to another floor: only while it is certain that nothing of
 * it came out here. */
static void on_revoke(struct walk *walk)
{
	struct job *job = walk->job;
	bool nothing_out = job->delivered == 0 && job->unknown == 0 && job->doubled == 0;
	if ((job->stage <= AT_PERMITTED || job->stage == AT_HELD_OPERATOR) && nothing_out) {
		step_end(walk, AT_RELEASED, walk->event->err);
	} else if (job->stage != AT_PRINTED) {
		step_tell(walk, "cancel_too_late");
		step_note(walk, "stays here, it may have printed: %s", walk->event->err->text);
	}
}

static void on_hold(struct walk *walk)
{
	if (walk->job->stage <= AT_PERMITTED) {
		step_hold(walk, walk->event->err);
	}
}

static void on_release(struct walk *walk)
{
	struct job *job = walk->job;
	if (job->stage != AT_HELD_OPERATOR) {
		return;
	}
	enum stage to = job->delivered >= job->prints ? AT_PRINTED : job->held_from;
	job->redos = 0;
	step_note(walk, "let go on from %s", stage_word(to));
	step_tell(walk, "resolved");
	step_go(walk, to);
}

static void on_give_back(struct walk *walk)
{
	struct job *job = walk->job;
	if (stage_is_at_device(job->stage) || job->stage == AT_PRINTED) {
		return;
	}
	if (job->stage == AT_HELD_UNKNOWN) {
		step_tell(walk, "resolved");
	}
	step_end(walk, AT_RELEASED, walk->event->err);
}

static void on_resolve(struct walk *walk)
{
	struct job *job = walk->job;
	if (job->stage != AT_HELD_UNKNOWN) {
		return;
	}
	const struct receipt *receipt = walk->event->receipt;
	walk->out.ledger = LEDGER_RESOLVE;
	step_tell(walk, "resolved");
	step_note(walk, "a person says %d came out", (int)receipt->completed);
	int32_t left = job->prints - job->delivered - receipt->completed;
	job->submit_tries = 0;
	if (left > 0 && job->cancel_asked) {
		struct err err;
		err_set(&err, REMEDY_DROP, "cancelled", "cancelled after %d of %d prints",
			(int)(job->prints - left), (int)job->prints);
		step_end(walk, AT_CANCELLED, &err);
		return;
	}
	step_go(walk, left > 0 ? AT_PERMITTED : AT_PRINTED);
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
		[EV_REVOKE] = on_revoke,
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
	walk.out.moved = job->stage != before;
	/* an attempt is kept as long as there is something to ask about it */
	bool keeps = stage_is_at_device(job->stage) || job->stage == AT_HELD_UNKNOWN;
	walk.out.close_attempt = job->attempt_row != 0 && !keeps;
	return walk.out;
}
