/* SPDX-License-Identifier: Apache-2.0
 *
 * Changing routes: each reads its body and calls the farm, which says why when it can't be done.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "desk/desk_own.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REASON_MAX 200

static bool take_reason(const json_t *body, bool needed, char reason[REASON_MAX], struct err *err)
{
	reason[0] = '\0';
	if (!json_take_text(body, "reason", reason, REASON_MAX, err)) {
		return false;
	}
	if (needed && reason[0] == '\0') {
		return err_set(
			err, REMEDY_REJECT, "field", "reason: say why; it is kept with the job");
	}
	return true;
}

bool change_hold(struct ask *ask, const json_t *body, struct err *err)
{
	char reason[REASON_MAX];
	return take_reason(body, true, reason, err) &&
	       farm_hold(ask->desk->farm, ask->captures[0], ask->who, reason, err);
}

bool change_release(struct ask *ask, const json_t *body, struct err *err)
{
	char reason[REASON_MAX];
	int64_t good = -1;
	if (!take_reason(body, false, reason, err) ||
		!json_take_int(body, "good", 0, INT32_MAX, &good, err)) {
		return false;
	}
	struct farm *farm = ask->desk->farm;
	const char *id = ask->captures[0];
	return good >= 0 ? farm_release_counted(farm, id, (int32_t)good, ask->who, reason, err)
			 : farm_release(farm, id, ask->who, reason, err);
}

bool change_cancel(struct ask *ask, const json_t *body, struct err *err)
{
	char reason[REASON_MAX];
	return take_reason(body, true, reason, err) &&
	       farm_cancel(ask->desk->farm, ask->captures[0], ask->who, reason, err);
}

bool change_resolve(struct ask *ask, const json_t *body, struct err *err)
{
	char reason[REASON_MAX];
	bool not_printed = false, give_back = false;
	int64_t printed = -1;
	if (!take_reason(body, false, reason, err) ||
		!json_take_int(body, "printed", 0, INT32_MAX, &printed, err) ||
		!json_take_bool(body, "not_printed", &not_printed, err) ||
		!json_take_bool(body, "give_back", &give_back, err)) {
		return false;
	}
	if ((printed >= 0) + not_printed + give_back != 1) {
		return err_set(err, REMEDY_REJECT, "field",
			"say exactly one of printed, not_printed, give_back");
	}
	const char *id = ask->captures[0];
	if (give_back) {
		return farm_give_back(ask->desk->farm, id, ask->who, reason, err);
	}
	return farm_resolve(
		ask->desk->farm, id, not_printed ? 0 : (int32_t)printed, ask->who, reason, err);
}

bool change_incident(struct ask *ask, const json_t *body, struct err *err)
{
	char reason[REASON_MAX];
	int64_t number;
	if (!text_to_int(ask->captures[0], 1, INT64_MAX, &number)) {
		return err_set(err, REMEDY_REJECT, "unknown-incident",
			"%.20s is no incident's number", ask->captures[0]);
	}
	return take_reason(body, true, reason, err) &&
	       farm_incident_close(ask->desk->farm, number, ask->who, reason, err);
}

bool change_maintained(struct ask *ask, const json_t *body, struct err *err)
{
	char by[65] = "", note[129] = "";
	if (!json_need_text(body, "by", by, sizeof by, err) ||
		!json_take_text(body, "note", note, sizeof note, err)) {
		return false;
	}
	if (by[0] == '\0') {
		return err_set(err, REMEDY_REJECT, "field", "by: say who has done it");
	}
	return farm_maintenance_done(
		ask->desk->farm, ask->captures[0], ask->captures[1], by, note, ask->who, err);
}

bool change_pause(struct ask *ask, const json_t *body, struct err *err)
{
	(void)body;
	return farm_printer_pause(ask->desk->farm, ask->captures[0], ask->who, err);
}

bool change_resume(struct ask *ask, const json_t *body, struct err *err)
{
	char reason[REASON_MAX];
	return take_reason(body, false, reason, err) &&
	       farm_printer_resume(ask->desk->farm, ask->captures[0], ask->who, reason, err);
}

bool change_accept_key(struct ask *ask, const json_t *body, struct err *err)
{
	char reason[REASON_MAX], key[HASH_PIN_MAX];
	return take_reason(body, false, reason, err) &&
	       json_need_text(body, "tls_key", key, sizeof key, err) &&
	       farm_printer_accept_key(
		       ask->desk->farm, ask->captures[0], key, ask->who, reason, err);
}

bool change_accept(struct ask *ask, const json_t *body, struct err *err)
{
	char reason[REASON_MAX];
	return take_reason(body, true, reason, err) &&
	       farm_accept_store(ask->desk->farm, ask->who, reason, err);
}

bool change_counted(struct ask *ask, const json_t *body, struct err *err)
{
	char reason[REASON_MAX];
	int64_t prints;
	return take_reason(body, false, reason, err) &&
	       json_need_int(body, "prints", 0, INT32_MAX, &prints, err) &&
	       farm_printer_counted(
		       ask->desk->farm, ask->captures[0], (int32_t)prints, ask->who, reason, err);
}

bool change_test(struct ask *ask, const json_t *body, struct err *err)
{
	(void)body;
	return farm_printer_test(ask->desk->farm, ask->captures[0], ask->who, ask->made, err);
}

/* ---- local orders ---- */

static bool look_at_asset(struct ask *ask, struct local_page *page, struct err *err)
{
	struct spool *spool = farm_spool(ask->desk->farm);
	if (!hash_is_hex(page->sha256) ||
		!spool_has(spool, SPOOL_ASSETS, page->sha256, &page->bytes)) {
		return err_set(err, REMEDY_REJECT, "unknown-asset",
			"asset %.64s is not here: PUT it to /v1/assets first", page->sha256);
	}
	int fd = spool_read(spool, SPOOL_ASSETS, page->sha256, err);
	if (fd < 0) {
		return false;
	}
	unsigned char bytes[PICTURE_HEAD_BYTES];
	ssize_t len = pread(fd, bytes, sizeof bytes, 0);
	close(fd);
	/* by the first bytes; the worker that decodes it judges the rest */
	struct picture_kind kind = picture_kind_of(bytes, len > 0 ? (size_t)len : 0);
	if (!kind.printed) {
		return err_set(err, REMEDY_REJECT, "asset-type",
			"the file is %s: " PICTURE_NAMES " are printed, convert it to one of them",
			kind.what == NULL ? "no picture we know" : kind.what);
	}
	return text_copy(
		page->media_type, sizeof page->media_type, picture_media_type(kind.format));
}

static bool take_page(struct ask *ask, const json_t *json, struct local_page *page, struct err *err)
{
	json_t *options = NULL;
	return json_need_text(json, "asset", page->sha256, sizeof page->sha256, err) &&
	       json_take_object(json, "options", &options, err) &&
	       page_options_from_json(options, &page->options, err) &&
	       look_at_asset(ask, page, err);
}

static bool take_pages(
	struct ask *ask, const json_t *body, struct local_page *pages, int32_t *n, struct err *err)
{
	json_t *list = NULL, *json;
	size_t at;
	if (!json_need_array(body, "pages", PAGES_MAX, &list, err)) {
		return false;
	}
	json_array_foreach(list, at, json)
	{
		if (!take_page(ask, json, &pages[at], err)) {
			return err_wrap(err, "page %zu", at + 1);
		}
	}
	*n = (int32_t)json_array_size(list);
	return true;
}

/* How much two names begin and end alike. */
static size_t likeness(const char *a, const char *b)
{
	size_t begin = 0, end = 0, len_a = strlen(a), len_b = strlen(b);
	while (a[begin] != '\0' && a[begin] == b[begin]) {
		begin++;
	}
	while (end < len_a && end < len_b && a[len_a - 1 - end] == b[len_b - 1 - end]) {
		end++;
	}
	return begin + end;
}

/* What may be ordered here, the likest first, for whoever named something else. */
static bool is_sold(const struct ask *ask, const char *sku, struct err *err)
{
	enum { NAMES = 6 };
	const struct catalog *catalog = farm_catalog(ask->desk->farm);
	const char *names[NAMES + 1] = {NULL};
	int n = 0;
	if (catalog_product(catalog, sku) != NULL) {
		return true;
	}
	for (int32_t i = 0; i < catalog->n_products; i++) {
		int at = n;
		const char *name = catalog->products[i].sku;
		for (; at > 0 && likeness(names[at - 1], sku) < likeness(name, sku); at--) {
			names[at] = names[at - 1];
		}
		names[at] = name;
		n = n < NAMES ? n + 1 : NAMES;
	}
	struct buf list = {0};
	for (int i = 0; i < n; i++) {
		buf_print(&list, "%s%.48s", i == 0 ? "" : ", ", names[i]);
	}
	err_set(err, REMEDY_REJECT, "unsupported",
		"no product %.48s is sold on this floor; it sells %.180s%s", sku, buf_get(&list),
		catalog->n_products > NAMES ? " … (profiles/products)" : "");
	buf_fini(&list);
	return false;
}

bool change_order(struct ask *ask, const json_t *body, struct err *err)
{
	struct local_order order = {.copies = 1};
	struct local_page *pages = mem_new(PAGES_MAX, sizeof *pages);
	bool fine = json_need_text(body, "product", order.sku, sizeof order.sku, err) &&
		    json_need_int(body, "copies", 1, 9999, &(int64_t){0}, err) &&
		    json_take_int32(body, "copies", 1, 9999, &order.copies, err) &&
		    json_take_text(body, "ref", order.ref, sizeof order.ref, err) &&
		    json_take_text(body, "label", order.label, sizeof order.label, err) &&
		    take_pages(ask, body, pages, &order.n_pages, err);
	order.pages = pages;
	fine = fine && is_sold(ask, order.sku, err) &&
	       farm_submit(ask->desk->farm, &order, ask->who, ask->made, err);
	free(pages);
	return fine;
}
