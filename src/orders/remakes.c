/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/remakes: prints made again. Each is a new job with a parent, for one page and so many
 * copies, leased to the floor that asks; so the ledger of the first job stays as it was.
 */
#include "orders/held.h"
#include "orders/order.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct remake {
	char job[TEXT_ID_MAX], cause[ERR_CODE_MAX], payer[17], by[65];
	int64_t page, copies;
};

static bool remake_from_json(const json_t *json, struct remake *remake, struct err *err)
{
	*remake = (struct remake){.page = 1};
	if (!json_is_object(json)) {
		return err_set(err, REMEDY_REJECT, "field", "must be an object");
	}
	if (!json_need_text(json, "job", remake->job, sizeof remake->job, err) ||
		!json_need_int(json, "page", 1, PAGES_MAX, &remake->page, err) ||
		!json_need_int(json, "copies", 1, COPIES_MOST, &remake->copies, err) ||
		!json_need_text(json, "cause", remake->cause, sizeof remake->cause, err) ||
		!json_need_text(json, "payer", remake->payer, sizeof remake->payer, err) ||
		!json_need_text(json, "by", remake->by, sizeof remake->by, err)) {
		return false;
	}
	return strcmp(remake->payer, "lab") == 0 || strcmp(remake->payer, "customer") == 0 ||
	       err_set(err, REMEDY_REJECT, "field", "\"payer\" must be lab or customer");
}

/* The parent's product with other copies. */
static json_t *product_of(struct service *service, const struct job *parent, int64_t copies)
{
	struct err err;
	json_t *product = NULL;
	struct db_row *row =
		db_query(service->db, "SELECT product FROM job WHERE row=?", "i", parent->row);
	if (db_next(row)) {
		product = json_read(db_text(row, 0), strlen(db_text(row, 0)), &err);
	}
	read_end(service, row);
	json_object_set_new(product, "copies", json_integer(copies));
	return product;
}

static json_t *page_of(struct service *service, const struct job *parent, int64_t page)
{
	struct err err;
	json_t *pages = json_array();
	struct db_row *row =
		db_query(service->db, "SELECT asset, options FROM page WHERE job_row=? AND page=?",
			"ii", parent->row, page);
	if (db_next(row)) {
		json_t *options = json_read(db_text(row, 1), strlen(db_text(row, 1)), &err);
		json_array_append_new(pages,
			json_pack("{s:s, s:o}", "asset", db_text(row, 0), "options", options));
	}
	read_end(service, row);
	return pages;
}

static json_t *make(
	struct call *call, const struct remake *remake, const struct job *parent, json_t *pages)
{
	struct service *service = call->service;
	struct job job;
	char id[TEXT_ID_MAX];
	json_t *lease = NULL;
	struct job_ask ask = {.copies = remake->copies, .pages = pages, .priority = 80};
	ask.product = product_of(service, parent, remake->copies);
	text_copy(ask.sku, sizeof ask.sku, parent->sku);
	text_copy(ask.parent, sizeof ask.parent, parent->id);
	if (job_add(call, parent->order_row, call->client, &ask, id) &&
		job_load(service, id, &job)) {
		put(service, "UPDATE job SET label=(SELECT label FROM job WHERE row=?) WHERE row=?",
			"ii", parent->row, job.row);
		job_note(service, &job, "remake",
			json_pack("{s:s, s:s, s:s, s:s, s:I}", "parent", parent->id, "cause",
				remake->cause, "payer", remake->payer, "by", remake->by, "page",
				(json_int_t)remake->page));
		lease = job_grant(service, &job, call->client);
	}
	json_decref(ask.product);
	return lease;
}

static json_t *remake_one(struct call *call, const struct remake *remake)
{
	struct job parent;
	json_t *lease = NULL, *pages = NULL;
	const char *code = NULL;
	if (!job_load(call->service, remake->job, &parent) ||
		!job_was_with(call->service, &parent, call->client)) {
		code = "unknown-job";
	} else {
		pages = page_of(call->service, &parent, remake->page);
		code = json_array_size(pages) == 0      ? "unknown-page"
		       : remake->copies > parent.copies ? "copies"
							: NULL;
	}
	if (code == NULL) {
		lease = make(call, remake, &parent, pages);
	}
	json_decref(pages);
	json_t *answer = json_pack("{s:s, s:I, s:s}", "job", remake->job, "page",
		(json_int_t)remake->page, "verdict", code == NULL ? "granted" : "refused");
	if (code != NULL) {
		json_object_set_new(answer, "code", json_string(code));
	} else if (lease != NULL) {
		json_object_set_new(answer, "lease", lease);
	}
	return answer;
}

void remakes_post(struct call *call)
{
	json_t *items = items_of(call, "remakes", REMAKES_MAX);
	json_t *answers = json_array();
	for (size_t i = 0; i < json_array_size(items); i++) {
		struct remake remake;
		struct err err;
		if (!remake_from_json(json_array_get(items, i), &remake, &err)) {
			err_wrap(&err, "remakes[%zu]", i);
			refuse_bad(call, &err);
			break;
		}
		json_array_append_new(answers, remake_one(call, &remake));
	}
	call->status = 200;
	call->answer = json_pack("{s:o}", "remakes", answers);
}
