/* SPDX-License-Identifier: Apache-2.0
 *
 * What the code does: every step that path_step can make, over every stage, every event and
 * everything about a job that decides, as a list of deeds in the words of moves.def.
 */
#pragma once
#include "rules/path.h"

/* The words of moves.def that the rules have not. A receipt is called by what it proves. */
enum {
	FAILS_DROPPED = EV_COUNT, /* EV_FAILED before the device because it is no longer ours */
	SAYS_PENDING,
	SAYS_DONE,
	SAYS_NOT_TAKEN,
	SAYS_PARTIAL,
	SAYS_SPOILED,
	SAYS_UNKNOWN,
	SAYS_UNPROVEN, /* claims a print without evidence, or fewer than were sent */
	WORD_COUNT
};
enum { WAIT = WORK_COUNT, STOP, OWN };
enum { SELF = STAGE_COUNT };

#define WORD_MAX 24

struct facts { /* what a row's guard may ask of a job; ints, so that facts compare as bytes */
	int permitted, cancel_asked, asking;
	int more;        /* prints are left to make after those that the event speaks of */
	int nothing_out; /* none delivered, in doubt or made again in doubt */
	int held_from, duplicates;
};

struct deed { /* one thing the code does; two that differ only in what is hidden are one */
	int from, event;
	struct facts before;
	int to, asks;
	char tells[2][WORD_MAX];
	struct facts after;
};

struct deeds { /* sorted: those of one stage, event and facts stand together */
	struct deed *all;
	size_t n, room;
};

void machine_run(struct deeds *deeds);
void deeds_free(struct deeds *deeds);
/* Nothing at all follows. */
bool deed_is_idle(const struct deed *deed);
/* "AT_HELD_UNKNOWN", "EV_DONE" or "SAYS_DONE", "DO_SEND" or "WAIT" */
const char *stage_text(int stage, char text[WORD_MAX]);
const char *event_text(int event);
const char *work_text(int work, char text[WORD_MAX]);
