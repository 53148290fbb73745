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
#include "farm/own.h"
#include "wire/dpof.h"
#include "wire/ticket.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHO           "hot folder"
#define INSPECT_MS    (40 * SECOND_MS)
#define REST_MS       SECOND_MS /* after something that is not the thing's fault */
#define LOOK_MOST_MS  (2 * SECOND_MS)
#define LOOK_LEAST_MS 200
#define LOOK_SHARE    5   /* a look that takes long comes seldom */
#define OPEN_MAX      200 /* local orders under way; more are not taken */
#define ORDERS_A_TURN 50

enum hot_step { HOT_IS_READ, HOT_IS_TAKEN, HOT_IS_STORED, HOT_IS_ENDING };

struct hot_item {   /* one thing in hand */
	int64_t id; /* 0: free */
	enum hot_step step;
	struct drop drop;
	struct ticket ticket;
	struct local_page *pages; /* of the ticket's pages, as far as they were read */
	int32_t page;             /* the next to be read, then the next to be ordered */
	int32_t ordered;
};

struct hot_floor {
	struct hot_item items[HOT_FOUND_MAX];
	int64_t last_id;
	bool looking;
	int64_t rest_until_ms;
	struct err rest; /* why it rests */
	struct farm_hot state;
};

static void read_next(struct farm *farm, struct hot_item *item);
static void order(struct farm *farm, struct hot_item *item);

/* ---- items ---- */

static struct hot_item *find(struct farm *farm, int64_t id)
{
	for (size_t i = 0; farm->open && i < HOT_FOUND_MAX; i++) {
		if (farm->hot->items[i].id == id && id != 0) {
			return &farm->hot->items[i];
		}
	}
	return NULL;
}

static int32_t n_free(const struct hot_floor *hot)
{
	int32_t n = 0;
	for (size_t i = 0; i < HOT_FOUND_MAX; i++) {
		n += hot->items[i].id == 0;
	}
	return n;
}

static void end_item(struct farm *farm, struct hot_item *item)
{
	ticket_fini(&item->ticket);
	free(item->pages);
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

/* What was copied of a thing that is not ordered: a half picture has no other use. */
static void drop_copies(struct farm *farm, const struct hot_item *item)
{
	struct err err;
	for (int32_t i = 0; item->pages != NULL && i < item->ticket.n_pages; i++) {
		const char *sha256 = item->pages[i].sha256;
		if (sha256[0] != '\0' && !others_have(farm->hot, item, sha256) &&
			!store_needs_asset(farm->ports.store, sha256) &&
			!spool_remove(farm->ports.spool, SPOOL_ASSETS, sha256, &err)) {
			log_warn("hot-folder", "%s", err.text);
		}
	}
}

/* Out of hand. `why`: it can't be used as it lies there; NULL: it is not to blame. */
static void leave(struct farm *farm, struct hot_item *item, const char *why)
{
	drop_copies(farm, item);
	farm->ports.hot_ops->leave(farm->ports.hot, &item->drop, why);
	end_item(farm, item);
}

static const char *shown(const struct hot_item *item, char text[2 * DROP_NAME_MAX])
{
	return text_escape(text, (size_t)2 * DROP_NAME_MAX, item->drop.name);
}

static void ask_refuse(struct farm *farm, struct hot_item *item, const struct err *why)
{
	char name[2 * DROP_NAME_MAX];
	log_warn(
		"hot-folder", "%s/%s is refused: %s", item->drop.sku, shown(item, name), why->text);
	store_audit(farm->ports.store, farm_wall_ms(farm), WHO, "refuse", name, why->text);
	drop_copies(farm, item);
	item->step = HOT_IS_ENDING;
	farm->ports.hot_ops->refuse(farm->ports.hot, item->id, &item->drop, why->text);
}

static void on_refused(void *context, int64_t id, const struct err *err)
{
	struct farm *farm = context;
	struct hot_item *item = find(farm, id);
	if (item == NULL) {
		return;
	}
	if (err != NULL) {
		log_warn("hot-folder", "%s", err->text);
	}
	end_item(farm, item);
}

/* A failure that may pass, sorted by whose it is. */
static void trouble(struct farm *farm, struct hot_item *item, const struct err *err)
{
	static const char *const of_the_thing[] = {"asset-truncated", "asset-damaged", "asset-type",
		"asset-holes", "json", "dpof", "hot-folder"};
	for (size_t i = 0; i < sizeof of_the_thing / sizeof of_the_thing[0]; i++) {
		if (strcmp(err->code, of_the_thing[i]) == 0) {
			leave(farm, item, err->text);
			return;
		}
	}
	farm->hot->rest_until_ms = farm_now(farm) + REST_MS;
	farm->hot->rest = *err;
	leave(farm, item, NULL);
}

static void fail(struct farm *farm, struct hot_item *item, const struct err *err)
{
	if (err->remedy == REMEDY_REJECT) {
		ask_refuse(farm, item, err);
	} else {
		trouble(farm, item, err);
	}
}

/* ---- tickets ---- */

static void make_pages(struct hot_item *item, int32_t n)
{
	struct ticket *ticket = &item->ticket;
	*ticket = (struct ticket){.is_card = item->drop.is_card,
		.sidecar = item->drop.sidecar,
		.pages = mem_new((size_t)n, sizeof *ticket->pages),
		.n_pages = n};
	memcpy(ticket->sku, item->drop.sku, sizeof ticket->sku);
	memcpy(ticket->name, item->drop.name, sizeof ticket->name);
	memcpy(ticket->sidecar_name, item->drop.sidecar_name, sizeof ticket->sidecar_name);
	for (int32_t i = 0; i < n; i++) {
		ticket->pages[i].copies = 1;
		ticket->pages[i].options.rotate_degrees = -1;
	}
}

/* One picture: what its name says. */
static bool ticket_of_picture(struct hot_item *item, struct err *err)
{
	make_pages(item, 1);
	return drop_copies_of(item->drop.name, &item->ticket.pages[0].copies, err);
}

static bool ticket_of_card(struct hot_item *item, const char *text, size_t len, struct err *err)
{
	struct dpof dpof;
	if (!dpof_read(text, len, &dpof, err)) {
		return false;
	}
	make_pages(item, (int32_t)dpof.n);
	text_copy(item->ticket.ref, sizeof item->ticket.ref, item->drop.name);
	for (size_t i = 0; i < dpof.n; i++) {
		struct ticket_page *page = &item->ticket.pages[i];
		text_copy(page->path, sizeof page->path, dpof.prints[i].path);
		page->copies = dpof.prints[i].copies;
	}
	dpof_fini(&dpof);
	return true;
}

/* Where all has been said, its pictures are read. */
static void begin_reading(struct farm *farm, struct hot_item *item)
{
	item->pages = mem_new((size_t)item->ticket.n_pages, sizeof *item->pages);
	item->page = 0;
	read_next(farm, item);
}

static void on_words(void *context, int64_t id, const char *text, size_t len, const struct err *err)
{
	struct farm *farm = context;
	struct hot_item *item = find(farm, id);
	struct err why;
	if (item == NULL) {
		return;
	}
	if (err != NULL) {
		fail(farm, item, err);
		return;
	}
	bool fine = item->drop.is_card ? ticket_of_card(item, text, len, &why)
				       : ticket_of_picture(item, &why) &&
						 sidecar_read(text, len, &item->ticket, &why);
	if (!fine) {
		fail(farm, item, &why);
		return;
	}
	begin_reading(farm, item);
}

/* ---- the orders of a thing ---- */

/* The key of its n-th order: the thing's own, then others that are made of it. */
static void key_of(const struct hot_item *item, int32_t n, char key[ULID_MAX])
{
	char text[ULID_MAX + 16], hex[HASH_HEX_MAX];
	memcpy(key, item->drop.key, ULID_MAX);
	if (n == 0) {
		return;
	}
	snprintf(text, sizeof text, "%s %d", item->drop.key, (int)n);
	hash_hex_of(text, strlen(text), hex);
	hex[20] = '\0';
	uint16_t high = (uint16_t)strtoull(hex + 16, NULL, 16);
	hex[16] = '\0';
	ulid_from(0, high, strtoull(hex, NULL, 16), key);
	memcpy(key, item->drop.key, 10); /* its time */
}

static bool is_ordered(struct farm *farm, const struct hot_item *item, int32_t n)
{
	struct job job;
	char key[ULID_MAX], id[TEXT_ID_MAX];
	key_of(item, n, key);
	snprintf(id, sizeof id, "L-%s", key);
	return store_job_find(farm->ports.store, id, &job);
}

static void ask_finish(struct farm *farm, struct hot_item *item)
{
	item->step = HOT_IS_ENDING;
	farm->ports.hot_ops->finish(farm->ports.hot, item->id, &item->drop);
}

static void on_finished(void *context, int64_t id, bool changed, const struct err *err)
{
	struct farm *farm = context;
	struct hot_item *item = find(farm, id);
	if (item == NULL) {
		return;
	}
	farm_point(farm, "hot-finished", "");
	if (err != NULL) {
		trouble(farm, item, err); /* comes back, and its orders stand */
		return;
	}
	if (changed) {
		char name[2 * DROP_NAME_MAX], job[TEXT_ID_MAX];
		snprintf(job, sizeof job, "L-%s", item->drop.key);
		log_warn(job, "%s was written to after it had been taken", shown(item, name));
		store_audit(farm->ports.store, farm_wall_ms(farm), WHO,
			"changed after it was taken", job, name);
	}
	end_item(farm, item);
}

static const char *label_of(const struct hot_item *item, int32_t n)
{
	const char *path = item->ticket.pages[n].path;
	const char *slash = strrchr(path, '/');
	return path[0] == '\0' ? item->ticket.name : slash != NULL ? slash + 1 : path;
}

static bool order_one(struct farm *farm, struct hot_item *item, int32_t n, struct err *err)
{
	char key[ULID_MAX], id[TEXT_ID_MAX], order_id[TEXT_ID_MAX];
	struct local_order wish = {
		.copies = item->ticket.pages[n].copies, .n_pages = 1, .pages = &item->pages[n]};
	memcpy(wish.sku, item->ticket.sku, sizeof wish.sku);
	memcpy(wish.ref, item->ticket.ref, sizeof wish.ref);
	text_copy(wish.label, sizeof wish.label, label_of(item, n));
	key_of(item, n, key);
	snprintf(order_id, sizeof order_id, "L-%s", item->drop.key);
	if (!spool_has(farm->ports.spool, SPOOL_ASSETS, wish.pages[0].sha256, NULL)) {
		return err_set(err, REMEDY_REDO, "asset-missing",
			"its copy is no longer in the spool: it is copied again");
	}
	return intake_local(farm, &wish, key, order_id, WHO, id, err);
}

static void order(struct farm *farm, struct hot_item *item)
{
	struct err err;
	int32_t now = 0;
	while (item->page < item->ticket.n_pages && now < ORDERS_A_TURN) {
		int32_t n = item->page++;
		if (is_ordered(farm, item, n)) {
			item->ordered++;
		} else if (order_one(farm, item, n, &err)) {
			item->ordered++;
			now++;
		} else if (item->ordered == 0) {
			fail(farm, item, &err);
			return;
		} else { /* a part of the card can't be had any more: the rest is */
			log_warn("hot-folder", "%s of %s: %s", label_of(item, n), item->ticket.ref,
				err.text);
			store_audit(farm->ports.store, farm_wall_ms(farm), WHO, "refuse",
				item->ticket.pages[n].path, err.text);
		}
	}
	item->step = HOT_IS_STORED; /* after the commit it goes on */
	farm->hot_due = true;
}

void hot_after_commit(struct farm *farm)
{
	farm->hot_due = false;
	for (size_t i = 0; farm->hot != NULL && i < HOT_FOUND_MAX; i++) {
		struct hot_item *item = &farm->hot->items[i];
		if (item->id == 0 || item->step != HOT_IS_STORED || farm->fatal) {
			continue;
		}
		if (item->page < item->ticket.n_pages) {
			order(farm, item);
		} else {
			ask_finish(farm, item);
		}
	}
}

/* ---- take ---- */

static void ask_take(struct farm *farm, struct hot_item *item)
{
	json_t *json = ticket_to_json(&item->ticket);
	char *text = json_write(json);
	farm_key(farm, item->drop.key);
	item->step = HOT_IS_TAKEN;
	item->page = 0;
	farm->ports.hot_ops->take(farm->ports.hot, item->id, &item->drop, text);
	free(text);
	json_decref(json);
}

static void on_taken(void *context, int64_t id, bool changed, const struct err *err)
{
	struct farm *farm = context;
	struct hot_item *item = find(farm, id);
	if (item == NULL) {
		return;
	}
	farm_point(farm, "hot-taken", "");
	if (farm->fatal) {
		return;
	}
	if (err != NULL) {
		item->drop.key[0] = '\0'; /* it still lies where it lay */
		trouble(farm, item, err);
	} else if (changed) {
		leave(farm, item, NULL); /* comes back with its key, and is read again */
	} else {
		order(farm, item);
	}
}

/* ---- read and inspect ---- */

static void read_next(struct farm *farm, struct hot_item *item)
{
	struct err err;
	int64_t most_bytes, pixels;
	picture_policy_most(farm->conf.formats, &most_bytes, &pixels);
	if (item->page == item->ticket.n_pages) {
		if (item->drop.key[0] == '\0') {
			ask_take(farm, item);
		} else {
			item->page = 0;
			order(farm, item);
		}
		return;
	}
	if (!item->drop.is_card && item->drop.key[0] == '\0' &&
		item->drop.print.bytes > most_bytes) {
		err_set(&err, REMEDY_REJECT, "asset-limits",
			"it has %lld bytes; at most %lld are taken here (limits in platen.conf)",
			(long long)item->drop.print.bytes, (long long)most_bytes);
		ask_refuse(farm, item, &err);
		return;
	}
	farm->ports.hot_ops->read(farm->ports.hot, item->id, &item->drop,
		item->ticket.pages[item->page].path, most_bytes);
}

static bool judge_kind(
	struct farm *farm, const struct hot_file *file, struct local_page *page, struct err *err)
{
	struct death death;
	struct picture_kind kind = picture_kind_of(file->head, file->head_len);
	if (!kind.printed) {
		return err_set(err, kind.what == NULL ? REMEDY_RETRY : REMEDY_REJECT, "asset-type",
			"it is %s: " PICTURE_NAMES " are printed, convert it to one of them",
			kind.what == NULL ? "no picture we know" : kind.what);
	}
	text_copy(page->media_type, sizeof page->media_type, picture_media_type(kind.format));
	if (!formats_take(farm, page->media_type, err)) {
		return false;
	}
	return !store_death_known(farm->ports.store, file->sha256, farm->engine, &death) ||
	       err_set(err, REMEDY_REJECT, "poison",
		       "the file is known here to be bad (job %s: %s, %s): export the picture anew",
		       death.job, death.worker, death.cause);
}

static void ask_inspect(struct farm *farm, struct hot_item *item)
{
	const struct local_page *page = &item->pages[item->page];
	struct render_ask ask = {.job_row = -item->id, /* no job has such a row */
		.page = item->page,
		.deadline_ms = INSPECT_MS,
		.task = {
			.what = RENDER_INSPECT, .limits = *formats_limits(farm, page->media_type)}};
	memcpy(ask.asset_sha256, page->sha256, sizeof ask.asset_sha256);
	memcpy(ask.task.media_type, page->media_type, sizeof ask.task.media_type);
	farm->ports.crew_ops->render(farm->ports.crew, &ask);
}

static void on_read(void *context, int64_t id, const struct hot_file *file, const struct err *err)
{
	struct farm *farm = context;
	struct hot_item *item = find(farm, id);
	struct err why;
	if (item == NULL) {
		return;
	}
	farm_point(farm, "hot-read", "");
	if (farm->fatal) {
		return;
	}
	if (err != NULL) {
		if (item->drop.is_card) {
			why = *err;
			err_wrap(&why, "%.100s", item->ticket.pages[item->page].path);
			err = &why;
		}
		fail(farm, item, err);
		return;
	}
	struct local_page *page = &item->pages[item->page];
	*page = (struct local_page){
		.bytes = file->bytes, .options = item->ticket.pages[item->page].options};
	memcpy(page->sha256, file->sha256, sizeof page->sha256);
	if (!item->drop.is_card) {
		item->drop.print = file->print;
	}
	if (!judge_kind(farm, file, page, &why)) {
		fail(farm, item, &why);
		return;
	}
	ask_inspect(farm, item);
}

void hot_on_inspected(struct farm *farm, int64_t id, const struct render_result *result)
{
	struct hot_item *item = farm->hot == NULL ? NULL : find(farm, id);
	if (item == NULL) {
		return;
	}
	/* of a file that kills its reader the job's own walk judges, and keeps its signature */
	if (result->fine || result->died) {
		item->page++;
		read_next(farm, item);
		return;
	}
	struct err err = result->err;
	if (item->drop.is_card) {
		err_wrap(&err, "%.100s", item->ticket.pages[item->page].path);
	}
	bool may_be_half =
		strcmp(err.code, "asset-truncated") == 0 || strcmp(err.code, "asset-damaged") == 0;
	if (may_be_half) {
		trouble(farm, item, &err);
	} else {
		fail(farm, item, &err);
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
		leave(farm, item, err.text);
		return;
	}
	int32_t ordered = 0;
	while (ordered < item->ticket.n_pages && is_ordered(farm, item, ordered)) {
		ordered++;
	}
	if (ordered == item->ticket.n_pages) {
		ask_finish(farm, item);
	} else if (found->given_up && ordered == 0) {
		err_set(&err, REMEDY_REJECT, "given-up", "%s", found->why);
		ask_refuse(farm, item, &err);
	} else {
		begin_reading(farm, item);
	}
}

static void begin(struct farm *farm, struct hot_item *item, const struct drop_found *found)
{
	struct err err;
	item->id = ++farm->hot->last_id;
	item->drop = found->drop;
	if (found->ticket != NULL) {
		begin_taken(farm, item, found);
	} else if (found->given_up) {
		err_set(&err, REMEDY_REJECT, "given-up", "%s", found->why);
		ask_refuse(farm, item, &err);
	} else if (item->drop.is_card || item->drop.sidecar_name[0] != '\0') {
		farm->ports.hot_ops->words(farm->ports.hot, item->id, &item->drop);
	} else if (ticket_of_picture(item, &err)) {
		begin_reading(farm, item);
	} else {
		ask_refuse(farm, item, &err);
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
			farm->ports.hot_ops->leave(farm->ports.hot, &sight->found[i].drop, NULL);
		} else {
			begin(farm, &hot->items[next], &sight->found[i]);
		}
	}
}

const struct hot_hears farm_hot_hears = {
	.looked = on_looked,
	.words = on_words,
	.read = on_read,
	.taken = on_taken,
	.finished = on_finished,
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
		free(farm->hot->items[i].pages);
	}
	free(farm->hot);
	farm->hot = NULL;
}

void farm_hot_folder(const struct farm *farm, struct farm_hot *state)
{
	*state = (struct farm_hot){0};
	if (farm->hot != NULL) {
		*state = farm->hot->state;
		state->n_in_hand = HOT_FOUND_MAX - n_free(farm->hot);
	}
}
