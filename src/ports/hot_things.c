/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies in the hot folder, from look to look, and what of it is in hand. Touched by one thread
 * at a time: that of the ask that runs.
 */
#include "ports/hot_own.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define THINGS_MAX 50000 /* looked at at once */

/* ---- the list ---- */

void hot_things_free(struct hot_things *things)
{
	for (size_t i = 0; i < things->n; i++) {
		free(things->at[i].name);
		free(things->at[i].why);
	}
	free(things->at);
	*things = (struct hot_things){0};
}

int hot_compare(const void *a, const void *b)
{
	const struct hot_thing *one = a, *other = b;
	return one->sku != other->sku ? (one->sku > other->sku) - (one->sku < other->sku)
				      : strcmp(one->name, other->name);
}

struct hot_thing *hot_find(const struct hot_things *things, int32_t sku, const char *name)
{
	struct hot_thing key = {.sku = sku, .name = (char *)name};
	return things->n == 0
		       ? NULL
		       : bsearch(&key, things->at, things->n, sizeof *things->at, hot_compare);
}

const struct hot_thing *hot_next_sidecar(const struct hot_things *things,
	const struct hot_thing *picture, const struct hot_thing *before)
{
	/* all names that begin with the picture's and a point stand together */
	size_t at = before == NULL ? 0 : (size_t)(before - things->at) + 1;
	size_t len = strlen(picture->name);
	char start[DROP_NAME_MAX + 1];
	snprintf(start, sizeof start, "%s.", picture->name);
	struct hot_thing key = {.sku = picture->sku, .name = start};
	for (size_t end = things->n; before == NULL && at < end;) {
		size_t middle = at + (end - at) / 2;
		if (hot_compare(&things->at[middle], &key) < 0) {
			at = middle + 1;
		} else {
			end = middle;
		}
	}
	for (; at < things->n; at++) {
		const struct hot_thing *thing = &things->at[at];
		if (thing->sku != key.sku || strncmp(thing->name, start, len + 1) != 0) {
			break;
		}
		if (strcasecmp(thing->name + len, ".json") == 0) {
			return thing;
		}
	}
	return NULL;
}

void hot_add(struct hot_things *things, int32_t sku, const char *name, mode_t kind,
	const struct drop_print *print)
{
	if (things->n == THINGS_MAX) {
		things->too_many = true;
		return;
	}
	if (things->n == things->room) {
		things->room = things->room == 0 ? 64 : 2 * things->room;
		things->at = mem_resize(things->at, things->room, sizeof *things->at);
	}
	things->at[things->n++] = (struct hot_thing){
		.sku = sku, .name = mem_text(name), .kind = kind & S_IFMT, .print = *print};
}

void hot_set_why(struct hot_thing *thing, const char *why)
{
	if (thing->why == NULL || strcmp(thing->why, why) != 0) {
		free(thing->why);
		thing->why = mem_text(why);
	}
}

void hot_remember(struct hot_things *seen, struct hot_things *before)
{
	if (seen->n > 0) {
		qsort(seen->at, seen->n, sizeof *seen->at, hot_compare);
	}
	for (size_t i = 0; i < seen->n; i++) {
		struct hot_thing *now = &seen->at[i];
		struct hot_thing *then = hot_find(before, now->sku, now->name);
		if (then != NULL) {
			now->watch = then->watch;
			now->in_hand = then->in_hand;
			now->why = then->why;
			then->why = NULL;
		}
	}
}

/* ---- what is in hand ---- */

struct hot_hand {
	struct link link;
	char key[ULID_MAX];
};

static struct hot_hand *hand_of(const struct hot_folder *hot, const char *key)
{
	list_each(link, &hot->hands)
	{
		struct hot_hand *hand = list_entry(link, struct hot_hand, link);
		if (strcmp(hand->key, key) == 0) {
			return hand;
		}
	}
	return NULL;
}

bool hot_key_is_in_hand(const struct hot_folder *hot, const char *key)
{
	return hand_of(hot, key) != NULL;
}

void hot_hands_free(struct hot_folder *hot)
{
	list_each(link, &hot->hands)
	{
		list_remove(link);
		free(list_entry(link, struct hot_hand, link));
	}
}

void hot_take_in_hand(struct hot_folder *hot, const char *key)
{
	struct hot_hand *hand = mem_new(1, sizeof *hand);
	text_copy(hand->key, sizeof hand->key, key);
	list_append(&hot->hands, &hand->link);
}

void hot_let_go(struct hot_folder *hot, const struct drop *drop, const char *why, bool may_pass)
{
	struct hot_hand *hand = drop->key[0] == '\0' ? NULL : hand_of(hot, drop->key);
	if (hand != NULL) {
		list_remove(&hand->link);
		free(hand);
	}
	const char *name = drop->key[0] == '\0' ? drop->name : drop->key;
	int32_t sku = TAKEN;
	for (int32_t i = 0; drop->key[0] == '\0' && i < hot->conf.catalog->n_products; i++) {
		sku = strcmp(hot->conf.catalog->products[i].sku, drop->sku) == 0 ? i : sku;
	}
	struct hot_thing *thing = hot_find(&hot->things, sku, name);
	if (thing != NULL) {
		thing->in_hand = false;
	}
	if (thing != NULL && why != NULL) {
		hot_set_why(thing, why);
		if (may_pass) {
			drop_put_off(&thing->watch, clock_boot_ms());
		} else {
			drop_failed(&thing->watch);
		}
	}
}
