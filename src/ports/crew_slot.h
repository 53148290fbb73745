/* SPDX-License-Identifier: Apache-2.0
 *
 * One task of the render bench, between crew_render.c and crew_check.c.
 */
#pragma once
#include "ports/crew_own.h"

struct slot {             /* one task, from the ask to the answer */
	struct link link; /* on waiting, working or checking */
	struct render_bench *bench;
	struct render_ask ask;
	int64_t begun_ms; /* boot time; on working */
	int64_t until_ms; /* boot time: cancelled then, and again as grace for the cancel */
	bool cancelled;
	int output_fd; /* our own of the raster; -1 */
	struct render_result result;
	struct hash *hash; /* while checking */
	struct loop_timer *timer;
};

/* Tells the farm what slot->result says, and frees the slot. */
void slot_answer(struct slot *slot);
void slot_fail(struct slot *slot, const struct err *err);
/* Of a rendering that is said to be fine: answers when it was checked and kept, or was not. */
void slot_check(struct slot *slot);
