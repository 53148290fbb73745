/* SPDX-License-Identifier: Apache-2.0
 *
 * What is dropped into the hot folder: what a name says, and when a thing is ripe to be taken.
 */
#pragma once
#include "base/err.h"
#include <stdint.h>

#define DROP_NAME_MAX    256 /* of a file: 255 bytes and the NUL */
#define DROP_COPIES_MAX  9999
#define DROP_SETTLE_MOST 8

enum drop_kind {
	DROP_NOTHING, /* hidden, temporary, or of a file manager: never looked at */
	DROP_PICTURE,
	DROP_SIDECAR, /* PICTURE.json: what is wanted of the picture */
};

enum drop_kind drop_kind_of(const char *name);
/* "photo_x3.jpg" is 3 copies: _x and a number where the name ends, before its ending. Any other
 * name is 1. False with REJECT where the number is none of 1..9999. */
must_use bool drop_copies_of(const char *name, int32_t *copies, struct err *err);

/* How a file stands there, as far as a folder tells; of a tree the sums over its files, so that
 * whatever is written in it makes another print. */
struct drop_print {
	int64_t files, inode, bytes, modified_ns, changed_ns;
};

/* Adds a file to a tree; sums may turn over, they are only compared. */
void drop_add(struct drop_print *tree, const struct drop_print *file);
bool drop_is_same(const struct drop_print *a, const struct drop_print *b);
/* The same, but that it was renamed since: the time of its last change has moved with that. */
bool drop_is_same_content(const struct drop_print *a, const struct drop_print *b);

struct drop_watch { /* what is remembered of a thing from look to look */
	struct drop_print print;
	int64_t since_ms; /* boot time: as it is now it was first seen then */
	bool known;
	bool failed;   /* it was looked into as it is now, and was not whole */
	int32_t fails; /* how often that was so, or it was put off */
	bool put_off;  /* something that is not its fault stood in the way */
};

struct drop_times {
	int64_t settle_ms;   /* unchanged so long, it is looked into; after each failure twice as
				long, up to DROP_SETTLE_MOST times */
	int64_t patience_ms; /* not whole and unchanged so long, it is refused */
};

enum drop_state {
	DROP_MOVING,   /* it has changed lately */
	DROP_RIPE,     /* it may be looked into */
	DROP_WAITING,  /* not whole: it waits for a change */
	DROP_GIVEN_UP, /* not whole, and nothing came for so long */
};

/* It was looked into, as it is, and was not whole. */
void drop_failed(struct drop_watch *watch);
/* It is not to blame: it is ripe again after a rest, twice as long each time, and never given up
 * for it. */
void drop_put_off(struct drop_watch *watch, int64_t now_ms);
/* One more look at it; brings `watch` up to date. */
enum drop_state drop_look(struct drop_watch *watch, const struct drop_print *print, int64_t now_ms,
	const struct drop_times *times);
