/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/admin/orders: an order comes in. All of it is checked before anything is written.
 */
#include "orders/order.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool one_of(const char *text, const char *const *words, const char *key, struct err *err)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], text) == 0) {
			return true;
		}
	}
	return text[0] == '\0' ||
	       err_set(err, REMEDY_REJECT, "field", "\"%s\" can't be \"%s\"", key, text);
}

bool product_is_fine(json_t *product, struct job_ask *ask, struct err *err)
{
	static const char *const policies[] = {"hold", "release", "reprint", NULL};
	char finish[17] = "", policy[17] = "";
	int32_t length = 0;
	ask->product = product;
	return json_need_text(product, "sku", ask->sku, sizeof ask->sku, err) &&
	       (ask->sku[0] != '\0' ||
		       err_set(err, REMEDY_REJECT, "field", "\"sku\" must not be empty")) &&
	       json_need_int(product, "copies", 1, COPIES_MOST, &ask->copies, err) &&
	       json_take_int32(product, "width_hmm", 100, 1000000, &length, err) &&
	       json_take_int32(product, "height_hmm", 100, 1000000, &length, err) &&
	       json_take_int32(product, "border_hmm", 0, 1000000, &length, err) &&
	       json_take_int32(product, "version", 0, INT32_MAX, &length, err) &&
	       json_take_text(product, "finish", finish, sizeof finish, err) &&
	       json_take_text(product, "duplicates_policy", policy, sizeof policy, err) &&
	       one_of(policy, policies, "duplicates_policy", err);
}

static bool crop_is_fine(json_t *options, struct err *err)
{
	json_t *crop = NULL;
	double x = 0, y = 0, width = 1, height = 1;
	if (!json_take_object(options, "crop", &crop, err) || crop == NULL) {
		return json_object_get(options, "crop") == NULL || crop == NULL;
	}
	if (!json_take_real(crop, "x", 0, 1, &x, err) ||
		!json_take_real(crop, "y", 0, 1, &y, err) ||
		!json_take_real(crop, "width", 0, 1, &width, err) ||
		!json_take_real(crop, "height", 0, 1, &height, err)) {
		return false;
	}
	bool fits = width > 0 && height > 0 && x + width <= 1.000001 && y + height <= 1.000001;
	return fits || err_set(err, REMEDY_REJECT, "field",
			       "\"crop\" must lie within the picture: x + width and y + height at "
			       "most 1");
}

static bool options_are_fine(json_t *options, struct err *err)
{
	static const char *const fits[] = {"fill", "fit", "none", NULL};
	static const char *const intents[] = {
		"perceptual", "relative", "saturation", "absolute", NULL};
	char fit[17] = "", intent[17] = "";
	int32_t turn = 0;
	if (options == NULL) {
		return true;
	}
	if (!crop_is_fine(options, err) || !json_take_text(options, "fit", fit, sizeof fit, err) ||
		!json_take_text(options, "intent", intent, sizeof intent, err) ||
		!json_take_int32(options, "rotate_degrees", 0, 270, &turn, err)) {
		return false;
	}
	if (turn % 90 != 0) {
		return err_set(err, REMEDY_REJECT, "field",
			"\"rotate_degrees\" must be 0, 90, 180 or 270");
	}
	return one_of(fit, fits, "fit", err) && one_of(intent, intents, "intent", err);
}

bool pages_are_fine(json_t *pages, struct err *err)
{
	if (json_array_size(pages) == 0) {
		return err_set(err, REMEDY_REJECT, "field", "\"pages\" must have at least one");
	}
	for (size_t i = 0; i < json_array_size(pages); i++) {
		json_t *page = json_array_get(pages, i);
		json_t *options = NULL;
		char asset[TEXT_ID_MAX];
		if (!json_is_object(page) ||
			!json_need_text(page, "asset", asset, sizeof asset, err) ||
			!json_take_object(page, "options", &options, err) ||
			!options_are_fine(options, err)) {
			if (!json_is_object(page)) {
				err_set(err, REMEDY_REJECT, "field", "must be an object");
			}
			return err_wrap(err, "pages[%zu]", i);
		}
	}
	return true;
}

static bool job_is_fine(json_t *json, int32_t priority, struct job_ask *ask, struct err *err)
{
	json_t *product = NULL;
	*ask = (struct job_ask){.priority = priority};
	ask->has_due = json_is_integer(json_object_get(json, "due_in_s"));
	if (!json_is_object(json)) {
		return err_set(err, REMEDY_REJECT, "field", "must be an object");
	}
	return json_need_object(json, "product", &product, err) &&
	       product_is_fine(product, ask, err) &&
	       json_need_array(json, "pages", PAGES_MAX, &ask->pages, err) &&
	       pages_are_fine(ask->pages, err) &&
	       json_take_text(json, "label", ask->label, sizeof ask->label, err) &&
	       json_take_int32(json, "priority", 0, 100, &ask->priority, err) &&
	       json_take_int(json, "due_in_s", -31536000, 31536000, &ask->due_in_s, err);
}

bool pages_store(struct call *call, int64_t job_row, json_t *pages)
{
	for (size_t i = 0; i < json_array_size(pages); i++) {
		json_t *page = json_array_get(pages, i);
		const char *asset = json_string_value(json_object_get(page, "asset"));
		json_t *options = json_object_get(page, "options");
		if (one_int(call->service, 0, "SELECT 1 FROM asset WHERE id=?", "t", asset) == 0) {
			return refuse(call, 404, "unknown-asset", "there is no asset %s", asset);
		}
		char *text = json_is_object(options) ? json_write(options) : strdup("{}");
		put(call->service,
			"INSERT INTO page (job_row, page, asset, options) VALUES (?,?,?,?)", "iitt",
			job_row, (int64_t)(i + 1), asset, text);
		free(text);
	}
	put(call->service,
		"UPDATE job SET bytes=(SELECT sum(a.bytes) FROM page p JOIN asset a "
		"ON a.id=p.asset WHERE p.job_row=job.row) WHERE row=?",
		"i", job_row);
	return true;
}

bool job_add(struct call *call, int64_t order_row, const char *only_floor,
	const struct job_ask *ask, char id[TEXT_ID_MAX])
{
	char ulid[ULID_MAX], due[24];
	int64_t now_ms = clock_wall_ms();
	ulid_make(now_ms, ulid);
	snprintf(id, TEXT_ID_MAX, "j-%s", ulid);
	snprintf(due, sizeof due, "%lld", (long long)(now_ms + ask->due_in_s * SECOND_MS));
	char *product = json_write(ask->product);
	put(call->service,
		"INSERT INTO job (id, order_row, priority, due_wall_ms, sku, copies, product, "
		"label, parent, only_floor) VALUES (?,?,?,CAST(? AS INTEGER),?,?,?,?,?,?)",
		"tiittitttt", id, order_row, (int64_t)ask->priority, ask->has_due ? due : NULL,
		ask->sku, ask->copies, product, ask->label, ask->parent, only_floor);
	free(product);
	return pages_store(call, db_last_row(call->service->db), ask->pages);
}

/* ---- the order itself ---- */

struct order_ask {
	char ref[65], floor[TEXT_ID_MAX], handover[17];
	int32_t priority;
	int64_t leave_by_in_s;
	bool has_leave_by, is_private;
	json_t *jobs;
};

static bool order_is_fine(json_t *body, struct order_ask *ask, struct err *err)
{
	static const char *const ways[] = {"ship", "pickup", "counter", NULL};
	*ask = (struct order_ask){.priority = 50};
	ask->has_leave_by = json_is_integer(json_object_get(body, "leave_by_in_s"));
	if (!json_take_text(body, "ref", ask->ref, sizeof ask->ref, err) ||
		!json_take_text(body, "floor", ask->floor, sizeof ask->floor, err) ||
		!json_take_text(body, "handover", ask->handover, sizeof ask->handover, err) ||
		!one_of(ask->handover, ways, "handover", err) ||
		!json_take_int32(body, "priority", 0, 100, &ask->priority, err) ||
		!json_take_int(
			body, "leave_by_in_s", -31536000, 31536000, &ask->leave_by_in_s, err) ||
		!json_take_bool(body, "private", &ask->is_private, err) ||
		!json_need_array(body, "jobs", ORDER_JOBS_MAX, &ask->jobs, err)) {
		return false;
	}
	if (ask->floor[0] != '\0' && !text_is_id(ask->floor)) {
		return err_set(err, REMEDY_REJECT, "field", "\"floor\" must be an id");
	}
	return json_array_size(ask->jobs) > 0 ||
	       err_set(err, REMEDY_REJECT, "field", "\"jobs\" must have at least one");
}

static int64_t order_add(struct call *call, struct order_ask *ask, char id[TEXT_ID_MAX])
{
	char ulid[ULID_MAX], leave_by[24];
	int64_t now_ms = clock_wall_ms();
	ulid_make(now_ms, ulid);
	snprintf(id, TEXT_ID_MAX, "o-%s", ulid);
	if (ask->ref[0] == '\0') {
		text_copy(ask->ref, sizeof ask->ref, id);
	}
	snprintf(leave_by, sizeof leave_by, "%lld",
		(long long)(now_ms + ask->leave_by_in_s * SECOND_MS));
	put(call->service,
		"INSERT INTO orders (id, ref, floor, handover, private, leave_by_wall_ms, "
		"traceparent, added_wall_ms) VALUES (?,?,?,?,?,CAST(? AS INTEGER),?,?)",
		"ttttitti", id, ask->ref, ask->floor, ask->handover, (int64_t)ask->is_private,
		ask->has_leave_by ? leave_by : NULL, call->traceparent, now_ms);
	return db_last_row(call->service->db);
}

void orders_post(struct call *call)
{
	struct order_ask order;
	struct err err;
	char order_id[TEXT_ID_MAX], id[TEXT_ID_MAX];
	if (!order_is_fine(call->body, &order, &err)) {
		refuse_bad(call, &err);
		return;
	}
	int64_t order_row = order_add(call, &order, order_id);
	json_t *ids = json_array();
	for (size_t i = 0; i < json_array_size(order.jobs); i++) {
		struct job_ask ask;
		if (!job_is_fine(json_array_get(order.jobs, i), order.priority, &ask, &err)) {
			err_wrap(&err, "jobs[%zu]", i);
			refuse_bad(call, &err);
			break;
		}
		if (!job_add(call, order_row, order.floor, &ask, id)) {
			break;
		}
		json_array_append_new(ids, json_string(id));
	}
	call->wakes = true;
	call->status = 201;
	call->answer = json_pack(
		"{s:{s:s, s:s}, s:o}", "order", "id", order_id, "ref", order.ref, "jobs", ids);
}
