/* SPDX-License-Identifier: Apache-2.0
 *
 * One lease: what the cloud wants printed. Every member is judged here; the error says which page
 * and which member. What the floor can make of it is judged later, by the rules.
 */
#include "base/mem.h"
#include "wire/member.h"
#include "wire/order.h"
#include "wire/signed.h"
#include <stdlib.h>
#include <string.h>

#define COUNT_MOST    INT64_C(1000000000000000) /* epochs, revisions: exact in any JSON reader */
#define TTL_MOST      INT64_C(604800)
#define SPAN_MOST     INT64_C(315360000) /* ten years of seconds */
#define ASSET_MOST    INT64_C(10737418240)
#define SIDE_MOST_HMM 500000
#define COPIES_MOST   9999
#define JOBS_MOST     100000

static const char *const duplicates_words[] = {"hold", "release", "reprint"};
static const char *const handover_words[] = {"ship", "pickup", "counter"};

#define WORDS(words) words, sizeof(words) / sizeof((words)[0])

static bool is_media_type(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+";
	size_t type = strspn(text, allowed);
	size_t subtype = text[type] == '/' ? strspn(text + type + 1, allowed) : 0;
	return type > 0 && subtype > 0 && text[type + 1 + subtype] == '\0';
}

static bool read_link(const json_t *json, struct asset *asset, struct err *err)
{
	if (!json_take_text(json, "url", asset->url, sizeof asset->url, err) ||
		!json_take_int(json, "expires_in_s", 0, SPAN_MOST, &asset->expires_in_s, err)) {
		return false;
	}
	/* the link itself is a secret: the error does not quote it */
	return asset->url[0] == '\0' || member_is_link(asset->url) ||
	       err_set(err, REMEDY_REJECT, "field", "\"url\" must be an https link");
}

static bool read_asset(const json_t *json, struct asset *asset, struct err *err)
{
	if (!member_need_id(json, "id", asset->id, err) ||
		!json_need_text(json, "sha256", asset->sha256, sizeof asset->sha256, err) ||
		!json_need_int(json, "bytes", 1, ASSET_MOST, &asset->bytes, err) ||
		!json_need_text(
			json, "media_type", asset->media_type, sizeof asset->media_type, err)) {
		return false;
	}
	if (!hash_is_hex(asset->sha256)) {
		return err_set(err, REMEDY_REJECT, "field",
			"\"sha256\" must be 64 lower-case hexadecimal digits");
	}
	if (!is_media_type(asset->media_type)) {
		return err_set(err, REMEDY_REJECT, "field",
			"\"media_type\" must be a media type such as image/jpeg");
	}
	return read_link(json, asset, err);
}

static bool write_options(struct lease_page *page, struct err *err)
{
	json_t *options = page_options_to_json(&page->options);
	char *text = json_write(options);
	bool fine = text_copy(page->options_json, sizeof page->options_json, text);
	free(text);
	json_decref(options);
	return fine || err_set(err, REMEDY_REJECT, "field", "\"options\" are too long");
}

static bool read_page(const json_t *json, struct lease_page *page, struct err *err)
{
	json_t *asset, *options;
	if (!json_is_object(json)) {
		return err_set(err, REMEDY_REJECT, "field", "must be an object");
	}
	if (!json_need_object(json, "asset", &asset, err)) {
		return false;
	}
	if (!read_asset(asset, &page->asset, err)) {
		return err_wrap(err, "asset");
	}
	return json_take_object(json, "options", &options, err) &&
	       page_options_from_json(options, &page->options, err) && write_options(page, err);
}

static bool read_pages(const json_t *json, struct lease *lease, struct err *err)
{
	json_t *pages;
	if (!json_need_array(json, "pages", PAGES_MAX, &pages, err)) {
		return false;
	}
	if (json_array_size(pages) == 0) {
		return err_set(err, REMEDY_REJECT, "field", "\"pages\" is empty, must be 1 to %d",
			PAGES_MAX);
	}
	lease->n_pages = (int32_t)json_array_size(pages);
	lease->pages = mem_new((size_t)lease->n_pages, sizeof *lease->pages);
	for (int32_t i = 0; i < lease->n_pages; i++) {
		if (!read_page(json_array_get(pages, (size_t)i), &lease->pages[i], err)) {
			return err_wrap(err, "pages[%d]", i);
		}
	}
	return true;
}

static bool read_product(const json_t *lease_json, struct lease *lease, struct err *err)
{
	json_t *json;
	int duplicates = 0;
	if (!json_need_object(lease_json, "product", &json, err)) {
		return false;
	}
	lease->asserted_border_hmm = -1;
	int64_t copies = 0;
	bool fine = member_need_name(json, "sku", lease->sku, sizeof lease->sku, err) &&
		    json_need_int(json, "copies", 1, COPIES_MOST, &copies, err) &&
		    json_take_int32(
			    json, "width_hmm", 1, SIDE_MOST_HMM, &lease->asserted_width_hmm, err) &&
		    json_take_int32(json, "height_hmm", 1, SIDE_MOST_HMM,
			    &lease->asserted_height_hmm, err) &&
		    json_take_int32(json, "border_hmm", 0, SIDE_MOST_HMM,
			    &lease->asserted_border_hmm, err) &&
		    json_take_text(json, "finish", lease->asserted_finish,
			    sizeof lease->asserted_finish, err) &&
		    member_take_word(json, "duplicates_policy", WORDS(duplicates_words),
			    &duplicates, &lease->has_duplicates, err);
	lease->copies = (int32_t)copies;
	lease->duplicates = (enum duplicates)duplicates;
	return fine || err_wrap(err, "product");
}

static bool read_order(const json_t *lease_json, struct lease *lease, struct err *err)
{
	json_t *json;
	int handover = 0;
	bool given = false;
	if (!json_need_object(lease_json, "order", &json, err)) {
		return false;
	}
	int64_t leave_by = -1;
	bool has_leave_by = json_is_integer(json_object_get(json, "leave_by_in_s"));
	bool fine =
		member_need_id(json, "id", lease->order_id, err) &&
		json_take_text(json, "ref", lease->order_ref, sizeof lease->order_ref, err) &&
		json_take_int32(json, "jobs_total", 0, JOBS_MOST, &lease->jobs_total, err) &&
		json_take_int32(
			json, "jobs_elsewhere", 0, JOBS_MOST, &lease->jobs_elsewhere, err) &&
		json_take_int(json, "leave_by_in_s", -SPAN_MOST, SPAN_MOST, &leave_by, err) &&
		member_take_word(json, "handover", WORDS(handover_words), &handover, &given, err) &&
		json_take_bool(json, "private", &lease->is_private, err);
	if (!fine) {
		return err_wrap(err, "order");
	}
	lease->leave_by_in_s = has_leave_by && leave_by < 0 ? 0 : leave_by; /* late is late */
	if (given) {
		text_copy(lease->handover, sizeof lease->handover, handover_words[handover]);
	}
	return true;
}

static bool read_job(const json_t *json, struct lease *lease, struct err *err)
{
	int64_t due = -1;
	bool has_due = json_is_integer(json_object_get(json, "due_in_s"));
	lease->priority = 50;
	if (!member_need_id(json, "job", lease->job, err) ||
		!json_need_int(json, "epoch", 1, COUNT_MOST, &lease->epoch, err) ||
		!json_need_int(json, "revision", 1, COUNT_MOST, &lease->revision, err) ||
		!json_need_int(json, "ttl_s", 1, TTL_MOST, &lease->ttl_s, err) ||
		!json_take_int32(json, "priority", 0, 100, &lease->priority, err) ||
		!json_take_int(json, "due_in_s", -SPAN_MOST, SPAN_MOST, &due, err) ||
		!json_take_text(json, "label", lease->label, sizeof lease->label, err) ||
		!member_take_id(json, "parent", lease->parent, err)) {
		return false;
	}
	lease->due_in_s = has_due && due < 0 ? 0 : due;
	member_take_trace(json, "traceparent", lease->traceparent, sizeof lease->traceparent);
	return true;
}

static bool read_signature(const json_t *lease_json, struct lease *lease, struct err *err)
{
	json_t *json;
	char algorithm[17] = "";
	struct buf form = {0};
	if (!json_take_object(lease_json, "signature", &json, err)) {
		return false;
	}
	if (json == NULL) {
		return true;
	}
	bool fine = member_need_id(json, "key", lease->signed_by, err) &&
		    json_need_text(json, "alg", algorithm, sizeof algorithm, err) &&
		    json_need_text(json, "value", lease->signature, sizeof lease->signature, err);
	if (fine && strcmp(algorithm, "ed25519") != 0) {
		fine = err_set(err, REMEDY_REJECT, "field", "\"alg\" must be ed25519");
	}
	if (!fine || !lease_signed_form(lease_json, &form, err)) {
		buf_fini(&form);
		return err_wrap(err, "signature");
	}
	lease->signed_form = form.bytes; /* the buffer's memory goes with it */
	return true;
}

bool lease_from_json(const json_t *json, struct lease *lease, struct err *err)
{
	struct lease read = {0};
	if (!json_is_object(json)) {
		return err_set(err, REMEDY_REJECT, "field", "a lease must be an object");
	}
	if (!read_job(json, &read, err) || !read_product(json, &read, err) ||
		!read_pages(json, &read, err) || !read_order(json, &read, err) ||
		!read_signature(json, &read, err)) {
		lease_fini(&read);
		return false;
	}
	*lease = read;
	return true;
}

void lease_fini(struct lease *lease)
{
	free(lease->pages);
	free(lease->signed_form);
	lease->pages = NULL;
	lease->signed_form = NULL;
	lease->n_pages = 0;
}

/* ---- writing ---- */
static void put_text(json_t *object, const char *key, const char *text)
{
	if (text[0] != '\0') {
		json_object_set_new(object, key, json_string(text));
	}
}

static void put_int(json_t *object, const char *key, int64_t value, int64_t absent)
{
	if (value != absent) {
		json_object_set_new(object, key, json_integer(value));
	}
}

static json_t *page_to_json(const struct lease_page *page)
{
	const struct asset *asset = &page->asset;
	json_t *json = json_pack("{s:{s:s, s:s, s:I, s:s}, s:o}", "asset", "id", asset->id,
		"sha256", asset->sha256, "bytes", (json_int_t)asset->bytes, "media_type",
		asset->media_type, "options", page_options_to_json(&page->options));
	json_t *inner = json_object_get(json, "asset");
	put_text(inner, "url", asset->url);
	put_int(inner, "expires_in_s", asset->expires_in_s, asset->url[0] == '\0' ? 0 : -1);
	return json;
}

static json_t *product_to_json(const struct lease *lease)
{
	json_t *json = json_pack("{s:s, s:i}", "sku", lease->sku, "copies", (int)lease->copies);
	put_int(json, "width_hmm", lease->asserted_width_hmm, 0);
	put_int(json, "height_hmm", lease->asserted_height_hmm, 0);
	put_int(json, "border_hmm", lease->asserted_border_hmm, -1);
	put_text(json, "finish", lease->asserted_finish);
	if (lease->has_duplicates) {
		put_text(json, "duplicates_policy", duplicates_words[lease->duplicates]);
	}
	return json;
}

static json_t *order_to_json(const struct lease *lease)
{
	json_t *json = json_pack("{s:s, s:i, s:i, s:b}", "id", lease->order_id, "jobs_total",
		(int)lease->jobs_total, "jobs_elsewhere", (int)lease->jobs_elsewhere, "private",
		(int)lease->is_private);
	put_text(json, "ref", lease->order_ref);
	put_int(json, "leave_by_in_s", lease->leave_by_in_s, -1);
	put_text(json, "handover", lease->handover);
	return json;
}

json_t *lease_to_json(const struct lease *lease)
{
	json_t *pages = json_array();
	for (int32_t i = 0; i < lease->n_pages; i++) {
		json_array_append_new(pages, page_to_json(&lease->pages[i]));
	}
	json_t *json = json_pack("{s:s, s:I, s:I, s:I, s:i, s:o, s:o, s:o}", "job", lease->job,
		"epoch", (json_int_t)lease->epoch, "revision", (json_int_t)lease->revision, "ttl_s",
		(json_int_t)lease->ttl_s, "priority", (int)lease->priority, "product",
		product_to_json(lease), "pages", pages, "order", order_to_json(lease));
	put_int(json, "due_in_s", lease->due_in_s, -1);
	put_text(json, "label", lease->label);
	put_text(json, "parent", lease->parent);
	put_text(json, "traceparent", lease->traceparent);
	if (lease->signed_by[0] != '\0') {
		json_object_set_new(json, "signature",
			json_pack("{s:s, s:s, s:s}", "key", lease->signed_by, "alg", "ed25519",
				"value", lease->signature));
	}
	return json;
}
