/* SPDX-License-Identifier: Apache-2.0
 *
 * The signed members of a lease, in canonical form. Members that this release does not know are
 * covered, too, where they stand within product, asset, options or order.
 */
#include "wire/signed.h"
#include "wire/canonical.h"
#include <stddef.h>
#include <string.h>

/* Members that a service makes anew at each grant; the lists end with NULL. */
static const char *const of_asset[] = {"url", "expires_in_s", NULL};
static const char *const of_order[] = {
	"jobs_total", "jobs_elsewhere", "leave_by_in_s", "handover", NULL};
static const char *const of_others[] = {NULL};

static bool is_listed(const char *const *names, const char *name)
{
	while (*names != NULL && strcmp(*names, name) != 0) {
		names++;
	}
	return *names != NULL;
}

/* A copy without the listed members and, at every depth, without those that are null: absent and
 * null mean the same. */
static json_t *copy(const json_t *value, const char *const *without)
{
	const char *key;
	json_t *member;
	if (!json_is_object(value)) {
		return json_deep_copy(value);
	}
	json_t *object = json_object();
	json_object_foreach((json_t *)value, key, member)
	{
		if (!json_is_null(member) && !is_listed(without, key)) {
			json_object_set_new(object, key, copy(member, of_others));
		}
	}
	return object;
}

static json_t *copy_page(const json_t *page)
{
	json_t *out = json_object();
	const json_t *asset = json_object_get(page, "asset");
	const json_t *options = json_object_get(page, "options");
	json_object_set_new(out, "asset", copy(asset, of_asset));
	if (json_is_object(options)) {
		json_object_set_new(out, "options", copy(options, of_others));
	}
	return out;
}

static json_t *copy_pages(const json_t *pages)
{
	json_t *out = json_array();
	for (size_t i = 0; i < json_array_size(pages); i++) {
		json_array_append_new(out, copy_page(json_array_get(pages, i)));
	}
	return out;
}

bool lease_signed_form(const json_t *lease, struct buf *out, struct err *err)
{
	static const char *const plain[] = {"job", "revision", "product", "label", "parent"};
	json_t *form = json_object();
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		const json_t *member = json_object_get(lease, plain[i]);
		if (member != NULL && !json_is_null(member)) {
			json_object_set_new(form, plain[i], copy(member, of_others));
		}
	}
	json_object_set_new(form, "pages", copy_pages(json_object_get(lease, "pages")));
	json_object_set_new(form, "order", copy(json_object_get(lease, "order"), of_order));
	bool fine = json_canonical(form, out, err);
	json_decref(form);
	return fine;
}
