/* SPDX-License-Identifier: Apache-2.0
 *
 * The admin's GETs: orders, one order, one job, events, floors.
 */
#include "orders/view.h"
#include <stdlib.h>
#include <string.h>

static json_t *value_of(const char *text)
{
	struct err err;
	json_t *value = json_read(text, strlen(text), &err);
	return value == NULL ? json_object() : value;
}

static void set_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, json_string(text));
}

static void set_int(json_t *object, const char *name, int64_t value)
{
	json_object_set_new(object, name, json_integer(value));
}

/* Seconds from now, null when there is no such time. */
static void set_left(json_t *object, const char *name, struct db_row *row, int column)
{
	json_object_set_new(object, name,
		db_is_null(row, column)
			? json_null()
			: json_integer((db_int(row, column) - clock_wall_ms()) / SECOND_MS));
}

#define JOB_TEXTS 9

static json_t *job_row_to_json(struct db_row *row)
{
	static const char *const texts[JOB_TEXTS] = {"job", "state", "floor", "printer", "label",
		"parent", "wish", "floor_state", "reason"};
	json_t *job = json_object();
	for (int i = 0; i < JOB_TEXTS; i++) {
		set_text(job, texts[i], db_text(row, i));
	}
	set_text(job, "detail", db_text(row, 9));
	set_int(job, "epoch", db_int(row, 10));
	set_int(job, "revision", db_int(row, 11));
	set_int(job, "priority", db_int(row, 12));
	set_int(job, "printed", db_int(row, 13));
	json_object_set_new(job, "paused", json_boolean(db_int(row, 14)));
	json_object_set_new(job, "duplicate_risk", json_boolean(db_int(row, 15)));
	json_object_set_new(job, "product", value_of(db_text(row, 16)));
	set_left(job, "due_in_s", row, 17);
	int64_t left_ms = db_int(row, 18) - clock_boot_ms();
	bool leased = strcmp(db_text(row, 1), "leased") == 0;
	json_object_set_new(job, "lease_s",
		leased ? json_integer(left_ms > 0 ? left_ms / SECOND_MS : 0) : json_null());
	set_int(job, "acked", db_int(row, 19));
	return job;
}

json_t *job_to_json(struct service *service, int64_t at)
{
	struct db_row *row = db_query(service->db,
		"SELECT id, state, floor, printer, label, parent, wish, floor_state, reason, "
		"detail,"
		" epoch, revision, priority, printed, paused, duplicate_risk, product, due_wall_ms,"
		" deadline_boot_ms, coalesce((SELECT max(sequence) FROM event e WHERE "
		" e.subject=job.id AND e.floor=job.floor AND e.floor<>''), 0) FROM job WHERE row=?",
		"i", at);
	json_t *job = db_next(row) ? job_row_to_json(row) : NULL;
	if (read_end(service, row) && job != NULL) {
		json_object_set_new(job, "pages", pages_to_json(service, at, false));
	}
	return job;
}

/* columns: body, fate, code, received, row, floor */
static json_t *events_to_json(struct service *service, struct db_row *row)
{
	json_t *events = json_array();
	while (db_next(row)) {
		char stamp[CLOCK_STAMP_MAX];
		json_t *event = value_of(db_text(row, 0));
		set_text(event, "fate", db_text(row, 1));
		if (db_text(row, 2)[0] != '\0') {
			set_text(event, "code", db_text(row, 2));
		}
		set_text(event, "received", clock_stamp(db_int(row, 3), stamp));
		set_int(event, "row", db_int(row, 4));
		json_array_append_new(events, event);
	}
	read_end(service, row);
	return events;
}

static json_t *events_of_job(struct service *service, int64_t at)
{
	return events_to_json(
		service, db_query(service->db,
				 "SELECT body, fate, code, received_wall_ms, row FROM event "
				 "WHERE job_row=? ORDER BY row",
				 "i", at));
}

void job_get(struct call *call)
{
	struct job job;
	if (!job_load(call->service, call->id, &job)) {
		refuse(call, 404, "unknown-job", "there is no job %s", call->id);
		return;
	}
	call->status = 200;
	call->answer = json_pack("{s:o, s:o}", "job", job_to_json(call->service, job.row), "events",
		events_of_job(call->service, job.row));
}

static bool take_number(
	struct call *call, const char *name, int64_t least, int64_t most, int64_t *value)
{
	const char *text = request_query(call->request, name);
	return text == NULL || text_to_int(text, least, most, value) ||
	       refuse(call, 400, "field", "%s must be %lld to %lld", name, (long long)least,
		       (long long)most);
}

void events_get(struct call *call)
{
	const char *subject = request_query(call->request, "subject");
	int64_t after = 0, limit = 100;
	if (!take_number(call, "after", 0, INT64_MAX, &after) ||
		!take_number(call, "limit", 1, 1000, &limit)) {
		return;
	}
	struct db_row *row = db_query(call->service->db,
		"SELECT body, fate, code, received_wall_ms, row FROM event "
		"WHERE (?1 IS NULL OR subject=?1) AND row>?2 ORDER BY row LIMIT ?3",
		"tii", subject, after, limit);
	call->status = 200;
	call->answer = json_pack("{s:o}", "events", events_to_json(call->service, row));
}

/* ---- orders ---- */

#define ORDER_COLUMNS                                                                              \
	"o.row, o.id, o.ref, o.added_wall_ms, o.floor, o.handover, o.private, o.leave_by_wall_ms," \
	" count(j.row), sum(j.state='printed'), sum(j.state='cancelled'), sum(j.state='error')"    \
	" FROM orders o JOIN job j ON j.order_row=o.row "

static const char *order_state(int64_t total, int64_t printed, int64_t cancelled, int64_t failed)
{
	if (failed > 0) {
		return "error";
	}
	if (printed + cancelled < total) {
		return "open";
	}
	return printed == total ? "printed" : cancelled == total ? "cancelled" : "closed";
}

static json_t *order_row_to_json(struct db_row *row, bool whole)
{
	char stamp[CLOCK_STAMP_MAX];
	int64_t total = db_int(row, 8), printed = db_int(row, 9), cancelled = db_int(row, 10);
	json_t *order = json_object();
	set_text(order, "id", db_text(row, 1));
	set_text(order, "ref", db_text(row, 2));
	set_text(order, "state", order_state(total, printed, cancelled, db_int(row, 11)));
	set_int(order, "jobs_total", total);
	set_int(order, "jobs_printed", printed);
	set_int(order, "jobs_open", total - printed - cancelled);
	set_text(order, "created", clock_stamp(db_int(row, 3), stamp));
	if (whole) {
		set_text(order, "floor", db_text(row, 4));
		set_text(order, "handover", db_text(row, 5));
		json_object_set_new(order, "private", json_boolean(db_int(row, 6)));
		set_left(order, "leave_by_in_s", row, 7);
	}
	return order;
}

void orders_get(struct call *call)
{
	struct service *service = call->service;
	const char *ref = request_query(call->request, "ref");
	const char *after = request_query(call->request, "after");
	int64_t limit = 100;
	if (!take_number(call, "limit", 1, 500, &limit)) {
		return;
	}
	struct db_row *row = db_query(service->db,
		"SELECT " ORDER_COLUMNS "WHERE (?1 IS NULL OR o.ref=?1) AND (?2 IS NULL OR o.row < "
		"(SELECT row FROM orders WHERE id=?2)) GROUP BY o.row ORDER BY o.row DESC LIMIT ?3",
		"tti", ref, after, limit + 1);
	json_t *orders = json_array();
	bool more = false;
	while (!more && db_next(row)) {
		more = (int64_t)json_array_size(orders) == limit;
		if (!more) {
			json_array_append_new(orders, order_row_to_json(row, false));
		}
	}
	read_end(service, row);
	call->status = 200;
	call->answer = json_pack("{s:o}", "orders", orders);
	if (more) {
		json_t *last = json_array_get(orders, json_array_size(orders) - 1);
		json_object_set(call->answer, "next", json_object_get(last, "id"));
	}
}

static json_t *jobs_of_order(struct service *service, int64_t order_row)
{
	json_t *jobs = json_array();
	struct db_row *row = db_query(
		service->db, "SELECT row FROM job WHERE order_row=? ORDER BY row", "i", order_row);
	while (db_next(row)) {
		json_array_append_new(jobs, job_to_json(service, db_int(row, 0)));
	}
	read_end(service, row);
	return jobs;
}

void order_get(struct call *call)
{
	struct service *service = call->service;
	struct db_row *row = db_query(service->db,
		"SELECT " ORDER_COLUMNS "WHERE o.row=coalesce((SELECT row FROM orders WHERE id=?1),"
		" (SELECT max(row) FROM orders WHERE ref=?1)) GROUP BY o.row",
		"t", call->id);
	int64_t at = 0;
	json_t *order = NULL;
	if (db_next(row)) {
		at = db_int(row, 0);
		order = order_row_to_json(row, true);
	}
	if (!read_end(service, row) || order == NULL) {
		json_decref(order);
		refuse(call, 404, "unknown-order", "there is no order %s", call->id);
		return;
	}
	call->status = 200;
	json_t *events = events_to_json(
		service, db_query(service->db,
				 "SELECT body, fate, code, received_wall_ms, row FROM event "
				 "WHERE order_row=? ORDER BY row",
				 "i", at));
	call->answer = json_pack("{s:o, s:o, s:o}", "order", order, "jobs",
		jobs_of_order(service, at), "events", events);
}

/* ---- floors ---- */

void floors_get(struct call *call)
{
	static const char *const texts[] = {"floor", "store_id", "session", "agent"};
	json_t *floors = json_array();
	struct db_row *row = db_query(call->service->db,
		"SELECT id, store_id, session, agent, generation, disabled, seen_wall_ms, offer "
		"FROM floor ORDER BY id",
		"");
	while (db_next(row)) {
		char stamp[CLOCK_STAMP_MAX];
		json_t *floor = json_object();
		for (int i = 0; i < 4; i++) {
			set_text(floor, texts[i], db_text(row, i));
		}
		set_int(floor, "store_generation", db_int(row, 4));
		json_object_set_new(floor, "disabled", json_boolean(db_int(row, 5)));
		set_text(floor, "seen", clock_stamp(db_int(row, 6), stamp));
		json_object_set_new(floor, "offer",
			db_text(row, 7)[0] == '\0' ? json_null() : value_of(db_text(row, 7)));
		json_array_append_new(floors, floor);
	}
	read_end(call->service, row);
	call->status = 200;
	call->answer = json_pack("{s:o}", "floors", floors);
}
