/* SPDX-License-Identifier: Apache-2.0
 *
 * The hot folder's part of the floor: from a thing that lies there to local orders, each picture
 * ordered once. As in walk.c each work has its ask_ and its on_:
 *
 *  1. look: what is ripe; as long as the floor takes anything.
 *  2. words: its sidecar, or a card's print order, becomes a ticket.
 *  3. read: every picture of it is copied into the spool; it still lies where it was dropped.
 *  4. inspect: a locked-down process says that it is whole. If not, it is left until it changes.
 *  5. take: it goes into the working folder under a key, with its ticket.
 *  6. order: local orders whose ids are made of that key, so that after a kill the same thing makes
 *     the same orders, and those that stand are not made again.
 *  7. finish, after the commit: to done.
 *
 * What was taken before a kill comes back at step 1, with its key and ticket, and goes on at 3; if
 * its orders stand, at 7. One thing of a few is in hand at a time, the rest waits in its folder.
 */
#include "base/mem.h"
#include "farm/hot_own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REST_MS       SECOND_MS /* after something that is not the thing's fault */
#define LOOK_MOST_MS  (2 * SECOND_MS)
#define LOOK_LEAST_MS 25
#define LOOK_SHARE    5 /* a look that takes long comes seldom */
#define SILENT_MS     (30 * SECOND_MS)
#define MEMORY_TRIES  3
#define N_OF(list)    (sizeof(list) / sizeof(list)[0])
#define OPEN_MAX      200 /* local orders under way; more are not taken */

/* ---- items ---- */

struct hot_item *hot_item_find(struct farm *farm, int64_t id)
{
	for (size_t i = 0; farm->open && i < HOT_FOUND_MAX; i++) {
		if (farm->hot->items[i].id == id && id != 0) {
			return &farm->hot->items[i];
		}
	}
	return NULL;
}

struct hot_item *hot_item_heard(struct farm *farm, int64_t id)
{
	struct hot_item *item = hot_item_find(farm, id);
	if (item != NULL) {
		farm->hot->heard_ms = farm_now(farm);
	}
	return item;
}

static int32_t n_free(const struct hot_floor *hot)
{
	int32_t n = 0;
	for (size_t i = 0; i < HOT_FOUND_MAX; i++) {
		n += hot->items[i].id == 0;
	}
	return n;
}

void hot_item_end(struct farm *farm, struct hot_item *item)
{
	ticket_fini(&item->ticket);
	buf_fini(&item->missing);
	free(item->pages);
	free(item->is_ours);
	*item = (struct hot_item){0};
	chore_now(farm, CHORE_HOT_FOLDER);
}

static bool others_have(
	const struct hot_floor *hot, const struct hot_item *item, const char *sha256)
{
	for (size_t i = 0; i < HOT_FOUND_MAX; i++) {
		const struct hot_item *other = &hot->items[i];
		for (int32_t k = 0; other != item && k < other->ticket.n_pages; k++) {
			if (other->pages != NULL && strcmp(other->pages[k].sha256, sha256) == 0) {
				return true;
			}
		}
	}
	return false;
}

void hot_drop_copy(struct farm *farm, const struct hot_item *item, int32_t n)
{
	struct err err;
	const char *sha256 = item->pages[n].sha256;
	if (item->is_ours[n] && sha256[0] != '\0' && !others_have(farm->hot, item, sha256) &&
		!store_needs_asset(farm->ports.store, sha256) &&
		!spool_remove(farm->ports.spool, SPOOL_ASSETS, sha256, &err)) {
		log_warn("hot-folder", "%s", err.text);
	}
}

/* What was copied of a thing that is not ordered: a half picture has no other use. */
static void drop_copies(struct farm *farm, const struct hot_item *item)
{
	for (int32_t i = 0; item->pages != NULL && i < item->ticket.n_pages; i++) {
		hot_drop_copy(farm, item, i);
	}
}

/* Out of hand. `why`: it can't be used as it lies there; NULL: it is not to blame. */
void hot_item_leave(struct farm *farm, struct hot_item *item, const char *why)
{
	drop_copies(farm, item);
	farm->ports.hot_ops->leave(farm->ports.hot, &item->drop, why, false);
	hot_item_end(farm, item);
}

/* Out of hand for a while, with its reason on the screen: it is not to blame. */
static void put_off(struct farm *farm, struct hot_item *item, const char *why)
{
	drop_copies(farm, item);
	farm->ports.hot_ops->leave(farm->ports.hot, &item->drop, why, true);
	hot_item_end(farm, item);
}

const char *hot_shown(const struct hot_item *item, char text[2 * DROP_NAME_MAX])
{
	return text_escape(text, (size_t)2 * DROP_NAME_MAX, item->drop.name);
}

void hot_ask_refuse(struct farm *farm, struct hot_item *item, const struct err *why)
{
	drop_copies(farm, item);
	text_copy(item->why, sizeof item->why, why->text);
	item->step = HOT_IS_ENDING;
	farm->ports.hot_ops->refuse(farm->ports.hot, item->id, &item->drop, why->text);
}

static void on_refused(void *context, int64_t id, const struct err *err)
{
	struct farm *farm = context;
	struct hot_item *item = hot_item_heard(farm, id);
	if (item == NULL) {
		return;
	}
	if (err == NULL) { /* else it is still there, and says why */
		char name[2 * DROP_NAME_MAX];
		log_warn("hot-folder", "%s/%s is refused: %s", item->drop.sku,
			hot_shown(item, name), item->why);
		store_audit(
			farm->ports.store, farm_wall_ms(farm), HOT_WHO, "refuse", name, item->why);
	}
	hot_item_end(farm, item);
}

static bool is_one_of(const char *code, const char *const *codes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(code, codes[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* A failure that may pass, sorted by whose it is: the thing's, until it changes; nobody's who
 * dropped it; or all the folder's. */
void hot_item_trouble(struct farm *farm, struct hot_item *item, const struct err *err)
{
	static const char *const of_the_thing[] = {"asset-truncated", "asset-damaged", "asset-type",
		"asset-holes", "json", "dpof", "hot-folder"};
	static const char *const passing[] = {
		"hot-place", "changed", "being-written", "render-memory"};
	if (is_one_of(err->code, of_the_thing, N_OF(of_the_thing))) {
		if (item->last_try && item->page < item->ticket.n_pages) {
			hot_pass_page(farm, item, err);
		} else {
			hot_item_leave(farm, item, err->text);
		}
		return;
	}
	if (is_one_of(err->code, passing, N_OF(passing))) {
		put_off(farm, item, err->text);
		return;
	}
	farm->hot->rest_until_ms = farm_now(farm) + REST_MS;
	farm->hot->rest = *err;
	hot_item_leave(farm, item, NULL);
}

void hot_item_fail(struct farm *farm, struct hot_item *item, const struct err *err)
{
	/* a photo that was too large for its worker so often will not become smaller */
	bool too_large = strcmp(err->code, "render-memory") == 0 && item->fails + 1 >= MEMORY_TRIES;
	if ((err->remedy == REMEDY_REJECT || too_large) && item->ordered > 0) {
		hot_pass_page(farm, item, err);
	} else if (err->remedy == REMEDY_REJECT || too_large) {
		hot_ask_refuse(farm, item, err);
	} else {
		hot_item_trouble(farm, item, err);
	}
}

/* ---- look ---- */

static void begin_taken(struct farm *farm, struct hot_item *item, const struct drop_found *found)
{
	struct err err;
	json_t *json = json_read(found->ticket, strlen(found->ticket), &err);
	bool fine = json != NULL && ticket_from_json(json, &item->ticket, &err);
	json_decref(json);
	if (!fine) {
		hot_item_leave(farm, item, err.text);
		return;
	}
	for (int32_t n = 0; n < item->ticket.n_pages; n++) {
		item->ordered += hot_is_ordered(farm, item, n);
	}
	if (item->ordered == item->ticket.n_pages) {
		hot_ask_finish(farm, item);
	} else if (found->given_up && item->ordered == 0) {
		err_set(&err, REMEDY_REJECT, "given-up", "%s", found->why);
		hot_ask_refuse(farm, item, &err);
	} else { /* a card of which a part is ordered is never refused: it would be dropped again */
		item->last_try = found->given_up;
		hot_begin_reading(farm, item);
	}
}

static void begin(struct farm *farm, struct hot_item *item, const struct drop_found *found)
{
	struct err err;
	item->id = ++farm->hot->last_id;
	item->drop = found->drop;
	item->fails = found->fails;
	if (found->ticket != NULL) {
		begin_taken(farm, item, found);
	} else if (found->given_up) {
		err_set(&err, REMEDY_REJECT, "given-up", "%s", found->why);
		hot_ask_refuse(farm, item, &err);
	} else if (item->drop.is_card || item->drop.sidecar_name[0] != '\0') {
		farm->ports.hot_ops->words(farm->ports.hot, item->id, &item->drop);
	} else if (hot_ticket_of_picture(item, &err)) {
		hot_begin_reading(farm, item);
	} else {
		hot_ask_refuse(farm, item, &err);
	}
}

static int32_t orders_under_way(const struct farm *farm)
{
	int32_t n = 0;
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		n += fj->job.local && fj->job.stage < AT_PRINTED; /* none that waits for a person */
	}
	return n;
}

/* Whether anything is taken now; err says why not. */
static bool may_take(struct farm *farm, struct err *err)
{
	if (farm->draining) {
		return err_set(err, REMEDY_RETRY, "draining",
			"this floor is finishing to stop: the rest is taken when it is back");
	}
	if (rollback_forbids(farm, err) || !spool_has_room(farm->ports.spool, 0, err)) {
		return false;
	}
	if (farm_now(farm) < farm->hot->rest_until_ms) {
		*err = farm->hot->rest;
		return false;
	}
	return orders_under_way(farm) < OPEN_MAX ||
	       err_set(err, REMEDY_RETRY, "enough",
		       "%d orders are under way: the rest is taken as these come out", OPEN_MAX);
}

void hot_chore(struct farm *farm)
{
	struct hot_floor *hot = farm->hot;
	struct err err = {.text = ""};
	if (hot == NULL || hot->looking) {
		return;
	}
	int32_t want = may_take(farm, &err) ? n_free(hot) : 0;
	text_copy(hot->state.hold, sizeof hot->state.hold, err.text);
	hot->looking = true;
	hot->heard_ms = farm_now(farm);
	farm->ports.hot_ops->look(farm->ports.hot, want);
}

static void note_sight(struct hot_floor *hot, const struct hot_sight *sight)
{
	struct farm_hot *state = &hot->state;
	if (sight->fit != state->fit || !state->looked) {
		if (!sight->fit) {
			log_warn("hot-folder", "it can't be used: %s", sight->fault.text);
		} else {
			log_info("hot-folder", "open: %s", state->folder);
		}
	}
	state->looked = true;
	state->fit = sight->fit;
	text_copy(state->fault, sizeof state->fault, sight->fit ? "" : sight->fault.text);
	state->n_waiting = sight->fit ? sight->n_waiting : state->n_waiting;
	state->n_whys = sight->n_whys;
	memcpy(state->whys, sight->whys, sizeof state->whys);
}

static void on_looked(void *context, const struct hot_sight *sight)
{
	struct farm *farm = context;
	if (!farm->open) {
		return;
	}
	struct hot_floor *hot = farm->hot;
	hot->looking = false;
	note_sight(hot, sight);
	int64_t wait_ms = farm->conf.hot_settle_ms / 2;
	wait_ms = wait_ms > LOOK_MOST_MS ? LOOK_MOST_MS : wait_ms;
	wait_ms = wait_ms < LOOK_LEAST_MS ? LOOK_LEAST_MS : wait_ms;
	wait_ms = wait_ms < sight->took_ms * LOOK_SHARE ? sight->took_ms * LOOK_SHARE : wait_ms;
	chore_at(farm, CHORE_HOT_FOLDER, farm_now(farm) + wait_ms);
	size_t next = 0;
	for (size_t i = 0; i < sight->n_found; i++) {
		while (next < HOT_FOUND_MAX && hot->items[next].id != 0) {
			next++;
		}
		if (next == HOT_FOUND_MAX) { /* never: no more was asked for than there is room */
			farm->ports.hot_ops->leave(
				farm->ports.hot, &sight->found[i].drop, NULL, false);
		} else {
			begin(farm, &hot->items[next], &sight->found[i]);
		}
	}
}

const struct hot_hears farm_hot_hears = {
	.looked = on_looked,
	.words = hot_on_words,
	.read = hot_on_read,
	.taken = hot_on_taken,
	.finished = hot_on_finished,
	.refused = on_refused,
};

/* ---- life, and for the desk ---- */

void hot_open(struct farm *farm)
{
	if (farm->ports.hot_ops == NULL) {
		return;
	}
	farm->hot = mem_new(1, sizeof *farm->hot);
	farm->hot->state.given = true;
	farm->hot->state.folder = farm->conf.hot_folder;
	chore_now(farm, CHORE_HOT_FOLDER);
}

void hot_free(struct farm *farm)
{
	for (size_t i = 0; farm->hot != NULL && i < HOT_FOUND_MAX; i++) {
		ticket_fini(&farm->hot->items[i].ticket);
		buf_fini(&farm->hot->items[i].missing);
		free(farm->hot->items[i].pages);
		free(farm->hot->items[i].is_ours);
	}
	free(farm->hot);
	farm->hot = NULL;
}

/* A mount that hangs answers nothing, not even that it is away. */
static void say_silence(const struct farm *farm, struct farm_hot *state)
{
	int64_t silent_ms = farm_now(farm) - farm->hot->heard_ms;
	if (farm->hot->looking && silent_ms >= SILENT_MS) {
		state->looked = true;
		state->fit = false;
		snprintf(state->fault, sizeof state->fault,
			"it has not answered for %lld s: see whether its disk or network hangs",
			(long long)(silent_ms / SECOND_MS));
	}
}

void farm_hot_folder(const struct farm *farm, struct farm_hot *state)
{
	*state = (struct farm_hot){0};
	if (farm->hot != NULL) {
		*state = farm->hot->state;
		state->n_in_hand = HOT_FOUND_MAX - n_free(farm->hot);
		say_silence(farm, state);
	}
}
