/* SPDX-License-Identifier: Apache-2.0
 *
 * A thing of the hot folder until all of it is in the spool and seen to be whole: its ticket from
 * its name, its sidecar or its print order, then picture by picture read and inspected.
 */
#include "base/mem.h"
#include "farm/hot_own.h"
#include "wire/dpof.h"
#include <stdlib.h>
#include <string.h>

static void read_next(struct farm *farm, struct hot_item *item);

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
bool hot_ticket_of_picture(struct hot_item *item, struct err *err)
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
void hot_begin_reading(struct farm *farm, struct hot_item *item)
{
	item->pages = mem_new((size_t)item->ticket.n_pages, sizeof *item->pages);
	item->is_ours = mem_new((size_t)item->ticket.n_pages, sizeof *item->is_ours);
	item->page = 0;
	read_next(farm, item);
}

void hot_on_words(void *context, int64_t id, const char *text, size_t len, const struct err *err)
{
	struct farm *farm = context;
	struct hot_item *item = hot_item_heard(farm, id);
	struct err why;
	if (item == NULL) {
		return;
	}
	if (err != NULL) {
		hot_item_fail(farm, item, err);
		return;
	}
	bool fine = item->drop.is_card ? ticket_of_card(item, text, len, &why)
				       : hot_ticket_of_picture(item, &why) &&
						 sidecar_read(text, len, &item->ticket, &why);
	if (!fine) {
		hot_item_fail(farm, item, &why);
		return;
	}
	hot_begin_reading(farm, item);
}

/* ---- read and inspect ---- */

static void read_next(struct farm *farm, struct hot_item *item)
{
	struct err err;
	int64_t most_bytes, pixels;
	picture_policy_most(farm->conf.formats, &most_bytes, &pixels);
	while (item->drop.key[0] != '\0' && item->page < item->ticket.n_pages &&
		hot_is_ordered(farm, item, item->page)) {
		item->page++; /* before a kill */
	}
	if (item->page == item->ticket.n_pages) {
		if (item->drop.key[0] == '\0') {
			hot_ask_take(farm, item);
		} else {
			item->page = 0;
			hot_order(farm, item);
		}
		return;
	}
	if (!item->drop.is_card && item->drop.key[0] == '\0' &&
		item->drop.print.bytes > most_bytes) {
		err_set(&err, REMEDY_REJECT, "asset-limits",
			"it has %lld bytes; at most %lld are taken here (limits in platen.conf)",
			(long long)item->drop.print.bytes, (long long)most_bytes);
		hot_ask_refuse(farm, item, &err);
		return;
	}
	farm->ports.hot_ops->read(farm->ports.hot, item->id, &item->drop,
		item->ticket.pages[item->page].path, most_bytes);
}

void hot_pass_page(struct farm *farm, struct hot_item *item, const struct err *why)
{
	int32_t n = item->page++;
	hot_miss_page(farm, item, n, why->text);
	hot_drop_copy(farm, item, n);
	item->pages[n] = (struct local_page){0}; /* by that hot_order knows it */
	read_next(farm, item);
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

void hot_on_read(void *context, int64_t id, const struct hot_file *file, const struct err *err)
{
	struct farm *farm = context;
	struct hot_item *item = hot_item_heard(farm, id);
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
		hot_item_fail(farm, item, err);
		return;
	}
	struct local_page *page = &item->pages[item->page];
	*page = (struct local_page){
		.bytes = file->bytes, .options = item->ticket.pages[item->page].options};
	memcpy(page->sha256, file->sha256, sizeof page->sha256);
	item->is_ours[item->page] = !file->was_there;
	if (!item->drop.is_card) {
		item->drop.print = file->print;
	}
	if (!judge_kind(farm, file, page, &why)) {
		hot_item_fail(farm, item, &why);
		return;
	}
	ask_inspect(farm, item);
}

void hot_on_inspected(struct farm *farm, int64_t id, const struct render_result *result)
{
	struct hot_item *item = farm->hot == NULL ? NULL : hot_item_find(farm, id);
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
		hot_item_trouble(farm, item, &err);
	} else {
		hot_item_fail(farm, item, &err);
	}
}
