/* SPDX-License-Identifier: Apache-2.0
 *
 * Granting a job, and the lease object of docs/order-api.md section 7.
 */
#include "base/log.h"
#include "orders/job.h"
#include "wire/signed.h"
#include <string.h>

static json_t *object_of(const char *text)
{
	struct err err;
	json_t *value = json_read(text, strlen(text), &err);
	return value == NULL ? json_object() : value; /* ours: was checked when it was stored */
}

static json_t *asset_to_json(struct service *service, struct db_row *row, bool with_link)
{
	json_t *asset =
		json_pack("{s:s, s:s, s:I, s:s}", "id", db_text(row, 0), "sha256", db_text(row, 2),
			"bytes", (json_int_t)db_int(row, 3), "media_type", db_text(row, 4));
	if (with_link) {
		char url[URL_MAX];
		asset_link(service, db_text(row, 0), url);
		json_object_set_new(asset, "url", json_string(url));
		json_object_set_new(asset, "expires_in_s", json_integer(service->setup.link_s));
	}
	return asset;
}

json_t *pages_to_json(struct service *service, int64_t job_row, bool with_links)
{
	json_t *pages = json_array();
	struct db_row *row = db_query(service->db,
		"SELECT a.id, p.options, a.sha256, a.bytes, a.media_type FROM page p "
		"JOIN asset a ON a.id=p.asset WHERE p.job_row=? ORDER BY p.page",
		"i", job_row);
	while (db_next(row)) {
		json_t *page = json_object();
		json_object_set_new(page, "asset", asset_to_json(service, row, with_links));
		json_object_set_new(page, "options", object_of(db_text(row, 1)));
		json_array_append_new(pages, page);
	}
	read_end(service, row);
	return pages;
}

/* Seconds from now to a stored wall time, as a member when there is one. */
static void set_seconds(json_t *object, const char *name, struct db_row *row, int column)
{
	if (!db_is_null(row, column)) {
		int64_t left_ms = db_int(row, column) - clock_wall_ms();
		json_object_set_new(object, name, json_integer(left_ms / SECOND_MS));
	}
}

static void set_text(json_t *object, const char *name, const char *text)
{
	if (text[0] != '\0') {
		json_object_set_new(object, name, json_string(text));
	}
}

static json_t *order_to_json(struct service *service, const struct job *job)
{
	int64_t total = one_int(service, 1,
		"SELECT count(*) FROM job WHERE order_row=? AND parent=''", "i", job->order_row);
	int64_t elsewhere = one_int(service, 0,
		"SELECT count(*) FROM job WHERE order_row=? AND floor NOT IN ('', ?)", "it",
		job->order_row, job->floor);
	struct db_row *row = db_query(service->db,
		"SELECT id, ref, handover, private, leave_by_wall_ms FROM orders WHERE row=?", "i",
		job->order_row);
	json_t *order = NULL;
	if (db_next(row)) {
		order = json_pack("{s:s, s:s, s:I, s:I, s:b}", "id", db_text(row, 0), "ref",
			db_text(row, 1), "jobs_total", (json_int_t)total, "jobs_elsewhere",
			(json_int_t)elsewhere, "private", (int)db_int(row, 3));
		set_text(order, "handover", db_text(row, 2));
		set_seconds(order, "leave_by_in_s", row, 4);
	}
	read_end(service, row);
	return order;
}

static void sign(struct service *service, json_t *lease)
{
	struct buf form = {0};
	struct err err;
	char value[SIGN_HEX_MAX];
	if (service->signer == NULL) {
		return;
	}
	if (lease_signed_form(lease, &form, &err)) {
		signer_sign(service->signer, form.bytes, form.len, value);
		json_object_set_new(lease, "signature",
			json_pack("{s:s, s:s, s:s}", "key", service->setup.sign_name, "alg",
				"ed25519", "value", value));
	} else {
		log_error("platen-orders", "a lease can't be signed: %s", err.text);
	}
	buf_fini(&form);
}

static json_t *lease_of(struct service *service, const struct job *job)
{
	json_t *lease = json_object();
	struct db_row *row = db_query(service->db,
		"SELECT j.priority, j.due_wall_ms, j.product, j.label, j.parent, o.traceparent "
		"FROM job j JOIN orders o ON o.row=j.order_row WHERE j.row=?",
		"i", job->row);
	if (db_next(row)) {
		json_object_set_new(lease, "job", json_string(job->id));
		json_object_set_new(lease, "epoch", json_integer(job->epoch));
		json_object_set_new(lease, "revision", json_integer(job->revision));
		json_object_set_new(lease, "ttl_s", json_integer(service->setup.ttl_s));
		json_object_set_new(lease, "priority", json_integer(db_int(row, 0)));
		set_seconds(lease, "due_in_s", row, 1);
		json_object_set_new(lease, "product", object_of(db_text(row, 2)));
		set_text(lease, "label", db_text(row, 3));
		set_text(lease, "parent", db_text(row, 4));
		set_text(lease, "traceparent", db_text(row, 5));
	}
	read_end(service, row);
	json_object_set_new(lease, "pages", pages_to_json(service, job->row, true));
	json_object_set_new(lease, "order", order_to_json(service, job));
	sign(service, lease);
	return lease;
}

json_t *job_grant(struct service *service, struct job *job, const char *floor)
{
	bool lapsed = job->state == JOB_LEASED;
	if (lapsed) {
		job_note(service, job, "lapsed", json_pack("{s:s}", "floor", job->floor));
	}
	job->epoch++;
	job->grants++;
	job->state = JOB_LEASED;
	job->deadline_boot_ms = clock_boot_ms() + service->setup.ttl_s * SECOND_MS;
	text_copy(job->floor, sizeof job->floor, floor);
	put(service,
		"UPDATE job SET state='leased', epoch=?, grants=grants+1, floor=?, "
		"deadline_boot_ms=?, refresh=0, wish='', printer='', floor_state='', printed=0, "
		"reason='', detail='' WHERE row=?",
		"itii", job->epoch, floor, job->deadline_boot_ms, job->row);
	put(service,
		"INSERT INTO held_by (job_row, floor, epoch) VALUES (?,?,?) "
		"ON CONFLICT DO UPDATE SET epoch=excluded.epoch",
		"iti", job->row, floor, job->epoch);
	job_note(service, job, "granted", json_pack("{s:s}", "floor", floor));
	return lease_of(service, job);
}
