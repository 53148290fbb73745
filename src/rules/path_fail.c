/* SPDX-License-Identifier: Apache-2.0
 *
 * Failures on the path before the device, sorted by their remedy.
 */
#include "base/clock.h"
#include "rules/backoff.h"
#include "rules/path_own.h"
#include <string.h>

#define REDO_TRIES 5               /* of one job, over all stages, until a person lets it go on */
#define ROOM_MS    (5 * SECOND_MS) /* between two looks whether the disk has room again */

/* A full disk is this machine's trouble and says nothing about the job: it costs no try. */
static void wait_for_room(struct walk *walk)
{
	const struct err *err = walk->event->err;
	int64_t delay_ms = ROOM_MS + (int64_t)(walk->chance % ROOM_MS);
	reason_give(walk->job, REASON_WAIT, err);
	step_wait(walk, delay_ms);
	step_note(walk, "%s waits for room, again in %lld ms: %s",
		work_name(path_at(walk->job->stage)->ask), (long long)delay_ms, err->text);
}

static void spend_try(struct walk *walk)
{
	struct job *job = walk->job;
	const struct step *step = path_at(job->stage);
	const struct err *err = walk->event->err;
	if (strcmp(err->code, "disk-full") == 0) {
		wait_for_room(walk);
		return;
	}
	/* a render server that ended took all its tasks along: that says nothing against this one
	 */
	bool blameless = strcmp(err->code, "render-server") == 0;
	job->tries += blameless && job->tries + 1 >= step->tries ? 0 : 1;
	if (step->tries != ENDLESS && job->tries >= step->tries) {
		if (step->ask == DO_FETCH) {
			step_end(walk, AT_RELEASED, err);
		} else {
			step_end(walk, AT_QUARANTINED, err);
		}
		return;
	}
	int64_t cap_ms = step->ask == DO_FETCH ? 5 * MINUTE_MS : MINUTE_MS;
	/* a host that is left alone for a while need not be asked for each photo soon */
	int32_t tries = strcmp(err->code, "asset-host") == 0 ? step->tries + 2 : job->tries;
	int64_t delay_ms = backoff_ms(tries, 500, cap_ms, -1, walk->chance);
	reason_give(job, REASON_WAIT, err);
	step_wait(walk, delay_ms);
	step_note(walk, "%s failed (%d), again in %lld ms: %s", work_name(step->ask),
		(int)job->tries, (long long)delay_ms, err->text);
}

static void redo(struct walk *walk)
{
	struct job *job = walk->job;
	enum stage from = path_at(job->stage)->redo_from;
	if (++job->redos > REDO_TRIES) {
		step_hold(walk, walk->event->err);
		return;
	}
	step_note(walk, "back to %s: %s", stage_word(from), walk->event->err->text);
	step_go(walk, from);
}

static void reject(struct walk *walk)
{
	struct job *job = walk->job;
	enum work work = path_at(job->stage)->ask;
	if (job->permitted) {
		step_hold(walk, walk->event->err);
		return;
	}
	step_end(walk, work == DO_INSPECT || work == DO_RENDER ? AT_QUARANTINED : AT_RELEASED,
		walk->event->err);
}

static void drop(struct walk *walk)
{
	if (walk->job->permitted) {
		step_hold(walk, walk->event->err);
		return;
	}
	step_end(walk, AT_LOST, walk->event->err);
}

void step_stop_floor(struct walk *walk)
{
	walk->out.fatal = true;
	step_note(walk, "%s", walk->event->err->text);
}

void step_fail(struct walk *walk)
{
	static void (*const by_remedy[])(struct walk *) = {
		[REMEDY_RETRY] = spend_try,
		[REMEDY_REDO] = redo,
		[REMEDY_REJECT] = reject,
		[REMEDY_ATTEND] = spend_try,
		[REMEDY_UNSURE] = spend_try,
		[REMEDY_DROP] = drop,
		[REMEDY_FATAL] = step_stop_floor,
	};
	by_remedy[walk->event->err->remedy](walk);
}
