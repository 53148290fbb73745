/* SPDX-License-Identifier: Apache-2.0
 *
 * What of all that lies in the hot folder is offered to be taken, beside the loop: each thing in
 * turn, from behind the last that was found. Is it ripe, may it be read, is somebody writing in it?
 * And if it is not offered, why?
 */
#include "ports/hot_own.h"
#include "base/fd.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPENS_MAX 256 /* files that are opened in one look */
#define NO_CARD                                                                                    \
	"it is a folder without a card's print order (MISC/AUTPRINT.MRK): drop the pictures "      \
	"themselves, or the whole card"

void hot_tell_why(struct hot_look *look, int32_t sku, const char *name, const char *why)
{
	struct hot_sight *sight = look->sight;
	sight->n_waiting++;
	if (sight->n_whys < HOT_WHYS_MAX) {
		struct drop_why *to = &sight->whys[sight->n_whys++];
		const char *folder = sku == TAKEN ? "" : look->hot->conf.catalog->products[sku].sku;
		snprintf(
			to->name, sizeof to->name, "%s%s%s", folder, sku == TAKEN ? "" : "/", name);
		text_copy(to->text, sizeof to->text, why);
	}
}

static void go_on_behind(struct hot_folder *hot, const struct hot_thing *thing)
{
	hot->last_sku = thing->sku;
	text_copy(hot->last_name, sizeof hot->last_name, thing->name);
}

/* Whether it may be opened in this look; else its turn will come. Where so many can't be offered,
 * those behind them are not kept waiting by them. */
static bool may_open(struct hot_look *look, const struct hot_thing *thing)
{
	if (look->want <= (int32_t)look->sight->n_found || look->opens == OPENS_MAX) {
		look->sight->n_waiting++;
		return false;
	}
	if (++look->opens == OPENS_MAX) {
		go_on_behind(look->hot, thing);
		look->had_enough = true;
	}
	return true;
}

static void found(
	struct hot_look *look, struct hot_thing *thing, const struct drop *drop, bool given_up)
{
	struct hot_folder *hot = look->hot;
	struct drop_found *to = &look->sight->found[look->sight->n_found++];
	to->drop = *drop;
	to->given_up = given_up;
	to->fails = thing->watch.fails;
	text_copy(
		to->why, sizeof to->why, thing->why != NULL ? thing->why : "nothing came into it");
	thing->in_hand = true;
	if (!look->had_enough) {
		go_on_behind(hot, thing);
	}
}

static struct drop drop_of(const struct hot_look *look, const struct hot_thing *thing)
{
	struct drop drop = {.is_card = S_ISDIR(thing->kind), .print = thing->print};
	if (thing->sku == TAKEN) {
		text_copy(drop.key, sizeof drop.key, thing->name);
	} else {
		text_copy(drop.sku, sizeof drop.sku,
			look->hot->conf.catalog->products[thing->sku].sku);
		text_copy(drop.name, sizeof drop.name, thing->name);
	}
	return drop;
}

/* The picture's sidecar, or NULL. False: it has one that can't be used, and so it is held, for
 * without it another thing would be printed than what is wanted. */
static bool find_sidecar(
	struct hot_look *look, struct hot_thing *picture, const struct hot_thing **sidecar)
{
	size_t n = 0;
	bool fit = true;
	for (const struct hot_thing *at = NULL;
		(at = hot_next_sidecar(&look->seen, picture, at)) != NULL; n++) {
		fit = fit && S_ISREG(at->kind);
		*sidecar = at;
	}
	if (n > 1 || !fit) {
		hot_tell_why(look, picture->sku, picture->name,
			n > 1 ? "it has two sidecars, .json and .JSON: remove one of them"
			      : "its sidecar is a link, a folder or a device: put the file itself "
				"there");
	}
	return n <= 1 && fit;
}

static bool has_picture(const struct hot_look *look, const struct hot_thing *sidecar)
{
	char name[DROP_NAME_MAX];
	text_copy(name, sizeof name, sidecar->name);
	name[strlen(name) - strlen(".json")] = '\0';
	return hot_find(&look->seen, sidecar->sku, name) != NULL;
}

/* A picture and its sidecar are one thing: where the one changes, both are looked into anew. */
static enum drop_state state_of(
	struct hot_look *look, struct hot_thing *thing, const struct hot_thing *sidecar)
{
	struct drop_print print = thing->print;
	if (sidecar != NULL && print.bytes > 0) { /* an empty picture stays an empty one */
		drop_add(&print, &sidecar->print);
	}
	return drop_look(&thing->watch, &print, look->now_ms, &look->hot->conf.times);
}

/* Whether it can be opened for reading, and nobody writes in it; false says why. */
static bool is_free(struct hot_look *look, struct hot_thing *thing)
{
	struct err err;
	int folder =
		hot_open_folder(look->hot, look->hot->conf.catalog->products[thing->sku].sku, &err);
	int fd = folder < 0 ? -1 : hot_open_file(folder, thing->name, &err);
	bool written = fd >= 0 && hot_is_being_written(fd);
	if (written) {
		err_set(&err, REMEDY_RETRY, "being-written",
			"another program still has it open for writing");
	}
	fd_close(fd);
	fd_close(folder);
	if (fd < 0 || written) {
		hot_set_why(thing, err.text);
	}
	return fd >= 0 && !written;
}

static void offer_picture(struct hot_look *look, struct hot_thing *thing,
	const struct hot_thing *sidecar, bool given_up)
{
	struct drop drop = drop_of(look, thing);
	if (sidecar != NULL) {
		text_copy(drop.sidecar_name, sizeof drop.sidecar_name, sidecar->name);
		drop.sidecar = sidecar->print;
	}
	if (!text_is_utf8(thing->name, strlen(thing->name))) {
		hot_set_why(thing, "its name is no UTF-8: rename it, and drop it again");
		given_up = true;
	}
	if (!may_open(look, thing)) {
		return;
	}
	if (given_up || is_free(look, thing)) {
		found(look, thing, &drop, given_up);
	} else {
		hot_tell_why(look, thing->sku, thing->name, thing->why);
	}
}

static bool has_print_order(struct hot_look *look, const struct hot_thing *thing)
{
	struct err err;
	char path[DROP_NAME_MAX + 32];
	snprintf(path, sizeof path, "%s/MISC/AUTPRINT.MRK", thing->name);
	int folder =
		hot_open_folder(look->hot, look->hot->conf.catalog->products[thing->sku].sku, &err);
	int fd = folder < 0 ? -1 : hot_open_path(folder, path, &err);
	fd_close(fd);
	fd_close(folder);
	return fd >= 0;
}

static void offer_card(struct hot_look *look, struct hot_thing *thing, bool given_up)
{
	if (!may_open(look, thing)) {
		return;
	}
	if (!text_is_utf8(thing->name, strlen(thing->name)) || !has_print_order(look, thing)) {
		hot_tell_why(look, thing->sku, thing->name, NO_CARD);
		return;
	}
	struct drop drop = drop_of(look, thing);
	found(look, thing, &drop, given_up);
}

/* What an earlier life had taken. */
static void offer_taken(struct hot_look *look, struct hot_thing *thing, bool given_up)
{
	struct err err = {.text = ""};
	if (look->want <= (int32_t)look->sight->n_found) {
		look->sight->n_waiting++;
		return;
	}
	struct drop drop = drop_of(look, thing);
	char *ticket = hot_take_up(look->hot, &drop, &err);
	if (ticket != NULL) {
		found(look, thing, &drop, given_up);
		look->sight->found[look->sight->n_found - 1].ticket = ticket;
		hot_take_in_hand(look->hot, thing->name);
	} else if (err.text[0] != '\0') {
		hot_tell_why(look, TAKEN, HOT_TAKING, err.text);
	}
}

/* It goes with its picture, and waits for it: however late that comes, it is not to be printed
 * without it. */
static void look_at_sidecar(struct hot_look *look, const struct hot_thing *thing)
{
	if (!has_picture(look, thing)) {
		hot_tell_why(look, thing->sku, thing->name,
			"it is a sidecar, and a picture of its name is not there");
	}
}

static void look_at(struct hot_look *look, struct hot_thing *thing)
{
	bool taken = thing->sku == TAKEN;
	if (thing->in_hand || (taken && hot_key_is_in_hand(look->hot, thing->name))) {
		return;
	}
	if (!S_ISREG(thing->kind) && !S_ISDIR(thing->kind)) {
		hot_tell_why(look, thing->sku, thing->name,
			"it is a link or a device: put the file itself there");
		return;
	}
	if (!taken && S_ISREG(thing->kind) && drop_kind_of(thing->name) == DROP_SIDECAR) {
		look_at_sidecar(look, thing);
		return;
	}
	const struct hot_thing *sidecar = NULL;
	if (!taken && S_ISREG(thing->kind) && !find_sidecar(look, thing, &sidecar)) {
		return;
	}
	enum drop_state state = state_of(look, thing, sidecar);
	if (state == DROP_MOVING && thing->watch.put_off && thing->why != NULL) {
		hot_tell_why(look, thing->sku, thing->name, thing->why);
	} else if (state == DROP_MOVING) {
		look->sight->n_waiting++;
	} else if (state == DROP_WAITING) {
		hot_tell_why(look, thing->sku, thing->name,
			thing->why != NULL     ? thing->why
			: S_ISDIR(thing->kind) ? NO_CARD
					       : "it is empty so far");
	} else if (taken) {
		offer_taken(look, thing, state == DROP_GIVEN_UP);
	} else if (S_ISDIR(thing->kind)) {
		offer_card(look, thing, state == DROP_GIVEN_UP);
	} else {
		offer_picture(look, thing, sidecar, state == DROP_GIVEN_UP);
	}
}

/* From behind the last that was found, so that each comes to its turn. */
void hot_offer(struct hot_look *look)
{
	struct hot_thing last = {.sku = look->hot->last_sku, .name = look->hot->last_name};
	struct hot_things *seen = &look->seen;
	size_t first = 0;
	while (first < seen->n && hot_compare(&seen->at[first], &last) <= 0) {
		first++;
	}
	for (size_t i = 0; i < seen->n; i++) {
		look_at(look, &seen->at[(first + i) % seen->n]);
	}
}
