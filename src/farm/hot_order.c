/* SPDX-License-Identifier: Apache-2.0
 *
 * A thing of the hot folder that was read: taken under a key, ordered under ids that are made of
 * it, and, once the orders stand, finished.
 */
#include "farm/hot_own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDERS_A_TURN 50

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

bool hot_is_ordered(struct farm *farm, const struct hot_item *item, int32_t n)
{
	struct job job;
	char key[ULID_MAX], id[TEXT_ID_MAX];
	key_of(item, n, key);
	snprintf(id, sizeof id, "L-%s", key);
	return store_job_find(farm->ports.store, id, &job);
}

void hot_ask_finish(struct farm *farm, struct hot_item *item)
{
	item->step = HOT_IS_ENDING;
	farm->ports.hot_ops->finish(farm->ports.hot, item->id, &item->drop,
		item->missing.len == 0 ? NULL : buf_get(&item->missing));
}

void hot_on_finished(void *context, int64_t id, bool changed, const struct err *err)
{
	struct farm *farm = context;
	struct hot_item *item = hot_item_heard(farm, id);
	if (item == NULL) {
		return;
	}
	farm_point(farm, "hot-finished", "");
	if (err != NULL) {
		hot_item_trouble(farm, item, err); /* comes back, and its orders stand */
		return;
	}
	if (changed) {
		char name[2 * DROP_NAME_MAX], job[TEXT_ID_MAX];
		snprintf(job, sizeof job, "L-%s", item->drop.key);
		log_warn(job, "%s was written to after it had been taken", hot_shown(item, name));
		store_audit(farm->ports.store, farm_wall_ms(farm), HOT_WHO,
			"changed after it was taken", job, name);
	}
	hot_item_end(farm, item);
}

static const char *label_of(const struct hot_item *item, int32_t n)
{
	const char *path = item->ticket.pages[n].path;
	const char *slash = strrchr(path, '/');
	return path[0] == '\0' ? item->ticket.name : slash != NULL ? slash + 1 : path;
}

void hot_miss_page(struct farm *farm, struct hot_item *item, int32_t n, const char *why)
{
	char shown[2 * DROP_NAME_MAX];
	const char *page = text_escape(shown, sizeof shown, label_of(item, n));
	if (item->missing.len == 0) {
		buf_text(&item->missing, "These pictures of the card could not be printed, all "
					 "others were ordered. Drop them again by themselves:\n\n");
	}
	buf_print(&item->missing, "%s: %s\n", page, why);
	log_warn("hot-folder", "%s of %s: %s", page, item->ticket.ref, why);
	store_audit(farm->ports.store, farm_wall_ms(farm), HOT_WHO, "refuse",
		item->ticket.pages[n].path, why);
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
	return intake_local(farm, &wish, key, order_id, HOT_WHO, id, err);
}

void hot_order(struct farm *farm, struct hot_item *item)
{
	struct err err;
	int32_t now = 0;
	while (item->page < item->ticket.n_pages && now < ORDERS_A_TURN) {
		int32_t n = item->page++;
		if (hot_is_ordered(farm, item, n)) {
			item->ordered++;
		} else if (item->pages[n].sha256[0] == '\0') {
			continue; /* passed over when it was read */
		} else if (order_one(farm, item, n, &err)) {
			item->ordered++;
			now++;
		} else if (item->ordered == 0 || err.remedy != REMEDY_REJECT) {
			hot_item_fail(farm, item, &err); /* comes back, and goes on behind these */
			return;
		} else {
			hot_miss_page(farm, item, n, err.text);
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
			hot_order(farm, item);
		} else {
			hot_ask_finish(farm, item);
		}
	}
}

/* ---- take ---- */

void hot_ask_take(struct farm *farm, struct hot_item *item)
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

void hot_on_taken(void *context, int64_t id, bool changed, const struct err *err)
{
	struct farm *farm = context;
	struct hot_item *item = hot_item_heard(farm, id);
	if (item == NULL) {
		return;
	}
	farm_point(farm, "hot-taken", "");
	if (farm->fatal) {
		return;
	}
	if (err != NULL) {
		item->drop.key[0] = '\0'; /* it still lies where it lay */
		hot_item_trouble(farm, item, err);
	} else if (changed) {
		hot_item_leave(farm, item, NULL); /* comes back with its key, and is read again */
	} else {
		hot_order(farm, item);
	}
}
