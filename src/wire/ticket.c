/* SPDX-License-Identifier: Apache-2.0
 *
 * Sidecars and tickets of the hot folder.
 */
#include "wire/ticket.h"
#include "base/mem.h"
#include "base/text.h"
#include "wire/fields.h"
#include <stdlib.h>
#include <string.h>

/* A misspelt wish would otherwise be printed as if nobody had had it. */
static bool only_these(json_t *object, const char *words, struct err *err)
{
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
	{
		if (!text_has_word(words, key)) {
			return err_set(err, REMEDY_REJECT, "field",
				"its sidecar says \"%.40s\", which is not known here; known there "
				"are: %s",
				key, words);
		}
	}
	return true;
}

static bool options_are_known(json_t *options, struct err *err)
{
	json_t *crop = json_object_get(options, "crop");
	return only_these(options, "crop fit intent rotate_degrees", err) &&
	       (!json_is_object(crop) || only_these(crop, "x y width height", err));
}

static bool take_wishes(json_t *json, struct ticket *ticket, struct err *err)
{
	struct ticket_page *page = &ticket->pages[0];
	json_t *options = NULL;
	if (!json_is_object(json)) {
		return err_set(err, REMEDY_REJECT, "field", "its sidecar must be an object");
	}
	if (!only_these(json, "copies order options", err)) {
		return false;
	}
	if (!json_take_int32(json, "copies", 1, DROP_COPIES_MAX, &page->copies, err) ||
		!json_take_text(json, "order", ticket->ref, sizeof ticket->ref, err) ||
		!json_take_object(json, "options", &options, err) ||
		!page_options_from_json(options, &page->options, err)) {
		return err_wrap(err, "its sidecar");
	}
	return options == NULL || options_are_known(options, err);
}

bool sidecar_read(const char *text, size_t len, struct ticket *ticket, struct err *err)
{
	json_t *json = json_read(text, len, err);
	if (json == NULL) {
		err->remedy = REMEDY_RETRY;
		return err_wrap(err, "its sidecar");
	}
	bool fine = take_wishes(json, ticket, err);
	json_decref(json);
	return fine;
}

/* ---- tickets ---- */

static const struct field heads[] = {
	FIELD_AT_TEXT(ticket, sku),
	FIELD_AT_TEXT(ticket, name),
	FIELD_AT_TEXT(ticket, ref),
	FIELD_AT_BOOL(ticket, is_card),
	FIELD_AT_TEXT(ticket, sidecar_name),
};
static const struct field prints[] = {
	FIELD_AT_INT64(drop_print, files, INT64_MIN, INT64_MAX),
	FIELD_AT_INT64(drop_print, inode, INT64_MIN, INT64_MAX),
	FIELD_AT_INT64(drop_print, bytes, INT64_MIN, INT64_MAX),
	FIELD_AT_INT64(drop_print, modified_ns, INT64_MIN, INT64_MAX),
	FIELD_AT_INT64(drop_print, changed_ns, INT64_MIN, INT64_MAX),
};
static const struct field pages[] = {
	FIELD_AT_TEXT(ticket_page, path),
	FIELD_AT_INT32(ticket_page, copies, 1, DROP_COPIES_MAX),
};

json_t *ticket_to_json(const struct ticket *ticket)
{
	json_t *json = json_object(), *list = json_array(), *print = json_object();
	fields_put(json, FIELDS(heads), ticket);
	fields_put(print, FIELDS(prints), &ticket->sidecar);
	json_object_set_new(json, "sidecar", print);
	for (int32_t i = 0; i < ticket->n_pages; i++) {
		json_t *page = json_object();
		fields_put(page, FIELDS(pages), &ticket->pages[i]);
		json_t *options = page_options_to_json(&ticket->pages[i].options);
		if (json_object_size(options) > 0) {
			json_object_set(page, "options", options);
		}
		json_decref(options);
		json_array_append_new(list, page);
	}
	json_object_set_new(json, "pages", list);
	return json;
}

static bool take_page(const json_t *json, struct ticket_page *page, struct err *err)
{
	json_t *options = NULL;
	return fields_need(json, FIELDS(pages), page, err) &&
	       json_take_object(json, "options", &options, err) &&
	       page_options_from_json(options, &page->options, err);
}

static bool is_plain(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

bool ticket_from_json(const json_t *json, struct ticket *ticket, struct err *err)
{
	json_t *list = NULL, *print = NULL;
	*ticket = (struct ticket){0};
	if (!fields_need(json, FIELDS(heads), ticket, err) ||
		!json_need_object(json, "sidecar", &print, err) ||
		!fields_need(print, FIELDS(prints), &ticket->sidecar, err) ||
		!json_need_array(json, "pages", TICKET_PAGES_MAX, &list, err)) {
		return false;
	}
	size_t n = json_array_size(list);
	if (n == 0 || !is_plain(ticket->sku) || !is_plain(ticket->name) ||
		(ticket->sidecar_name[0] != '\0' && !is_plain(ticket->sidecar_name))) {
		return err_set(err, REMEDY_REJECT, "field", "a ticket of nothing");
	}
	ticket->pages = mem_new(n, sizeof *ticket->pages);
	for (; (size_t)ticket->n_pages < n; ticket->n_pages++) {
		if (!take_page(json_array_get(list, (size_t)ticket->n_pages),
			    &ticket->pages[ticket->n_pages], err)) {
			ticket_fini(ticket);
			return false;
		}
	}
	return true;
}

void ticket_fini(struct ticket *ticket)
{
	free(ticket->pages);
	*ticket = (struct ticket){0};
}
