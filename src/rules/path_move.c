/* SPDX-License-Identifier: Apache-2.0
 *
 * The moves that the handlers of the path are made of: to a stage, into a wait, into a hold, to an
 * end.
 */
#include "base/clock.h"
#include "rules/path_own.h"
#include <stdio.h>

void step_note(struct walk *walk, const char *format, ...)
{
	va_list words;
	va_start(words, format);
	vsnprintf(walk->out.note, sizeof walk->out.note, format, words);
	va_end(words);
}

void step_tell(struct walk *walk, const char *type)
{
	walk->out.tells[walk->out.tells[0] == NULL ? 0 : 1] = type;
}

void reason_clear(struct job *job)
{
	job->reason_kind = REASON_NONE;
	job->reason_code[0] = '\0';
	job->reason[0] = '\0';
}

void reason_give(struct job *job, enum reason_kind kind, const struct err *err)
{
	job->reason_kind = kind;
	snprintf(job->reason_code, sizeof job->reason_code, "%s", err->code);
	snprintf(job->reason, sizeof job->reason, "%s", err->text);
}

void step_ask(struct walk *walk)
{
	const struct step *step = path_at(walk->job->stage);
	walk->out.work = step->ask;
	if (step->patience_ms != FOREVER) {
		walk->out.wake_ms = walk->now_ms + step->patience_ms;
		walk->out.wake_is_late = true;
	}
}

void step_move(struct walk *walk, enum stage stage)
{
	struct job *job = walk->job;
	bool moves = job->stage != stage;
	job->stage = stage;
	job->page = 0;
	job->tries = 0;
	if (moves && path_at(stage)->tell != NULL) {
		step_tell(walk, path_at(stage)->tell);
	}
}

void step_go(struct walk *walk, enum stage stage)
{
	reason_clear(walk->job);
	step_move(walk, stage);
	step_ask(walk);
}

void step_wait(struct walk *walk, int64_t delay_ms)
{
	walk->out.wake_ms = walk->now_ms + delay_ms;
	walk->out.wake_is_late = false;
}

void step_hold(struct walk *walk, const struct err *err)
{
	struct job *job = walk->job;
	job->held_from = job->stage;
	job->refused_by[0] = '\0'; /* a person looks now: every printer may be tried again */
	step_move(walk, AT_HELD_OPERATOR);
	reason_give(job, REASON_HOLD, err);
	step_note(walk, "held: %s", err->text);
}

void step_end(struct walk *walk, enum stage stage, const struct err *err)
{
	step_move(walk, stage);
	reason_give(walk->job, REASON_END, err);
	walk->out.give_back = stage == AT_RELEASED || stage == AT_QUARANTINED;
	step_note(walk, "%s", err->text);
}

void step_ask_device(struct walk *walk)
{
	walk->job->asking = true;
	walk->out.work = DO_CONFIRM;
	walk->out.wake_ms = 0;
}
