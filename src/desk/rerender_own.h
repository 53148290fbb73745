/* SPDX-License-Identifier: Apache-2.0
 *
 * What rerender.c (one page after the other, by two workers) and rerender_then.c (what was then,
 * held against what is here now) share. Nobody else includes it.
 */
#pragma once
#include "desk/desk_own.h"
#include "desk/rerender.h"
#include "ports/hand.h"
#include "wire/task.h"

enum { RENDER, COMPARE };

struct helper { /* a worker of the present one */
	struct rerenders *all;
	struct hand *hand;
};

struct rerenders {
	struct desk *desk;
	struct helper helpers[2];
	struct loop_timer *timer;
	struct link asks;    /* that wait; ask.made: the page */
	struct ask *present; /* under way; NULL where it has left meanwhile */
	bool busy;
	struct render_task task;
	struct raster then, now;
	char name[HASH_HEX_MAX]; /* of then */
	json_t *differs;
	int page_fd; /* of what is made; -1 */
	loop_call *closed;
	void *closed_context;
};

/* Another line of what differs: in one word, then, now, and for people. */
void rerender_differs(struct rerenders *all, const char *what, const char *then, const char *now,
	const char *say);
/* The page that is asked for: its task with the recipe of then, its raster of then. */
must_use bool rerender_find_page(struct rerenders *all, struct ask *ask, struct err *err);
/* Its photo must still be here. */
must_use bool rerender_find_photo(struct rerenders *all, struct err *err);
/* Each puts into the recipe what is here now, and says where that is not what was then: the
 * printer's profile (opened into *fd, -1 on failure), the engine, the font of a label. */
must_use bool rerender_take_profile(struct rerenders *all, int *fd, struct err *err);
void rerender_take_engine(struct rerenders *all, const char *engine);
must_use bool rerender_take_font(struct rerenders *all, const char *font, struct err *err);
/* Says where the product is not that of then; the page is made by that of then. */
void rerender_take_product(struct rerenders *all);
