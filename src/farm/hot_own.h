/* SPDX-License-Identifier: Apache-2.0
 *
 * What the three files of the hot folder share: hot_folder.c (things come into hand and leave it),
 * hot_make.c (until all of a thing is read and seen to be whole) and hot_order.c (taken, ordered,
 * finished). Nobody else includes it.
 */
#pragma once
#include "base/buf.h"
#include "farm/own.h"
#include "wire/ticket.h"

#define HOT_WHO "hot folder" /* in the trail */

enum hot_step { HOT_IS_READ, HOT_IS_TAKEN, HOT_IS_STORED, HOT_IS_ENDING };

struct hot_item {   /* one thing in hand */
	int64_t id; /* 0: free */
	enum hot_step step;
	struct drop drop;
	struct ticket ticket;
	struct local_page *pages; /* of the ticket's pages, as far as they were read */
	bool last_try;          /* nothing came for so long: what can't be had now is passed over */
	bool *is_ours;          /* of each: the copy in the spool came with it */
	int32_t page;           /* the next to be read, then the next to be ordered */
	int32_t ordered;        /* more than 0: a part of it is, and it is not refused any more */
	int32_t fails;          /* how often it was looked into in vain before */
	char why[ERR_TEXT_MAX]; /* it is being refused for */
	struct buf missing;     /* what of a card is not ordered, a line for each, and why */
};

struct hot_floor {
	struct hot_item items[HOT_FOUND_MAX];
	int64_t last_id;
	bool looking;
	int64_t heard_ms; /* asked to look, or something of it answered */
	int64_t rest_until_ms;
	struct err rest; /* why it rests */
	struct farm_hot state;
};

/* hot_folder.c */
struct hot_item *hot_item_find(struct farm *farm, int64_t id);
/* The same, for what the folder answered. */
struct hot_item *hot_item_heard(struct farm *farm, int64_t id);
void hot_item_end(struct farm *farm, struct hot_item *item);
/* Out of hand. `why`: it can't be used as it lies there; NULL: it is not to blame. */
void hot_item_leave(struct farm *farm, struct hot_item *item, const char *why);
/* A failure that may pass, sorted by whose it is. */
void hot_item_trouble(struct farm *farm, struct hot_item *item, const struct err *err);
/* The same, or for ever, as its remedy says. */
void hot_item_fail(struct farm *farm, struct hot_item *item, const struct err *err);
void hot_ask_refuse(struct farm *farm, struct hot_item *item, const struct err *why);
/* What was copied for that page, unless others need it. */
void hot_drop_copy(struct farm *farm, const struct hot_item *item, int32_t n);
const char *hot_shown(const struct hot_item *item, char text[2 * DROP_NAME_MAX]);

/* hot_make.c */
/* Of one picture without a sidecar: what its name says. */
must_use bool hot_ticket_of_picture(struct hot_item *item, struct err *err);
void hot_begin_reading(struct farm *farm, struct hot_item *item);
/* That page could not be had: the pages behind it. */
void hot_pass_page(struct farm *farm, struct hot_item *item, const struct err *why);
void hot_on_words(void *farm, int64_t id, const char *text, size_t len, const struct err *err);
void hot_on_read(void *farm, int64_t id, const struct hot_file *file, const struct err *err);

/* hot_order.c */
void hot_ask_take(struct farm *farm, struct hot_item *item);
void hot_on_taken(void *farm, int64_t id, bool changed, const struct err *err);
/* Its orders, from item->page on, as many as a turn may have. */
void hot_order(struct farm *farm, struct hot_item *item);
bool hot_is_ordered(struct farm *farm, const struct hot_item *item, int32_t n);
/* That page of a card of which others are ordered can't be had: told, and the rest goes on. */
void hot_miss_page(struct farm *farm, struct hot_item *item, int32_t n, const char *why);
void hot_ask_finish(struct farm *farm, struct hot_item *item);
void hot_on_finished(void *farm, int64_t id, bool changed, const struct err *err);
