/* SPDX-License-Identifier: Apache-2.0
 *
 * What does not add up, and who did what: incidents, and the audit trail with what is needed to
 * check it.
 */
#include "base/log.h"
#include "desk/view.h"
#include "rules/hold.h"
#include "wire/audit.h"
#include <string.h>

/* ---- incidents ---- */

static json_t *incident_json(struct db_row *row)
{
	const char *code = db_text(row, 5);
	struct hold_words words = hold_words_of(REASON_HOLD, code);
	bool is_open = db_is_null(row, 7);
	return json_pack("{sI so ss so ss ss ss so ss sb so ss so}", "incident",
		(json_int_t)db_int(row, 0), "at", view_stamp(db_int(row, 1)), "printer",
		db_text(row, 2), "job",
		db_is_null(row, 3) ? json_null() : view_text(db_text(row, 3)), "attempt",
		db_text(row, 4), "code", code, "title", words.title, "text",
		view_text(db_text(row, 6)), "action", is_open ? words.action : "", "open", is_open,
		"closed", view_stamp(db_int(row, 7)), "who", db_text(row, 8), "note",
		view_text(db_text(row, 9)));
}

#define INCIDENTS                                                                                  \
	"SELECT incident.row, at, incident.printer, job.id, incident.attempt, code, text,"         \
	" incident.closed, who, note FROM incident LEFT JOIN job ON job=job.row WHERE "

static json_t *collect(struct db_row *row)
{
	struct err err;
	json_t *incidents = json_array();
	while (db_next(row)) {
		json_array_append_new(incidents, incident_json(row));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading incidents: %s", err.text);
	}
	return incidents;
}

json_t *view_incidents(struct view *view, bool all, int32_t limit)
{
	static const char sql_open[] =
		INCIDENTS "incident.closed IS NULL ORDER BY incident.row DESC LIMIT ?";
	static const char sql_all[] = INCIDENTS "1 ORDER BY incident.row DESC LIMIT ?";
	return json_pack("{so}", "incidents",
		collect(db_query(view_db(view), all ? sql_all : sql_open, "i", (int64_t)limit)));
}

json_t *view_incidents_of(struct view *view, const char *job_id)
{
	return collect(db_query(view_db(view),
		INCIDENTS "job IN (SELECT row FROM job WHERE id=?) ORDER BY incident.row", "t",
		job_id));
}

json_t *view_incident(struct view *view, int64_t number, struct err *err)
{
	json_t *found = collect(db_query(view_db(view), INCIDENTS "incident.row=?", "i", number));
	json_t *incident = json_incref(json_array_get(found, 0));
	json_decref(found);
	if (incident == NULL) {
		err_set(err, REMEDY_REJECT, "unknown-incident",
			"no incident %lld: see `platenctl incidents`", (long long)number);
	}
	return incident;
}

int64_t view_incidents_open(const struct view *view)
{
	int64_t n = 0;
	db_one_int(view_db(view), &n, "SELECT count(*) FROM incident WHERE closed IS NULL", "");
	return n;
}

/* ---- the trail ---- */

static json_t *rows_json(struct view *view, const struct trail_query *query, bool *more)
{
	struct err err;
	json_t *rows = json_array();
	struct db_row *row = db_query(view_db(view),
		"SELECT row, at, who, what, subject, reason, hash, " AUDIT_TEXT("row", "at", "who",
			"what", "subject", "reason") " FROM audit WHERE row>?1 AND at>=?2 AND (?3 "
						     "IS NULL OR subject=?3)"
						     " ORDER BY row LIMIT ?4",
		"iiti", query->after, query->since_wall_ms, query->subject,
		(int64_t)query->limit + 1);
	while (db_next(row)) {
		*more = json_array_size(rows) == (size_t)query->limit;
		if (*more) {
			break;
		}
		json_array_append_new(rows,
			json_pack("{sI so so so so so so so}", "row", (json_int_t)db_int(row, 0),
				"at", view_stamp(db_int(row, 1)), "who", view_text(db_text(row, 2)),
				"what", view_text(db_text(row, 3)), "subject",
				view_text(db_text(row, 4)), "reason", view_text(db_text(row, 5)),
				"hash", view_text(db_text(row, 6)), "text",
				view_text(db_text(row, 7))));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading the audit trail: %s", err.text);
	}
	return rows;
}

/* Heads that were told to the order service: what the chain must still go through. */
static json_t *told_json(struct view *view)
{
	struct err err;
	json_t *told = json_array();
	struct db_row *row = db_query(view_db(view),
		"SELECT data, time, acked FROM event WHERE type='platen.floor.trail.v1' ORDER BY "
		"row",
		"");
	while (db_next(row)) {
		json_t *head = view_stored(db_text(row, 0));
		if (json_is_object(head)) {
			json_object_set_new(head, "at", json_string(db_text(row, 1)));
			json_object_set_new(head, "acked", json_boolean(db_int(row, 2) != 0));
			json_array_append(told, head);
		}
		json_decref(head);
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading events: %s", err.text);
	}
	return told;
}

/* As it was noted when the last row was written, whatever the table holds now. */
static json_t *noted_json(const struct view *view)
{
	char noted[HASH_HEX_MAX + 24] = "";
	store_meta_get(farm_store(view->farm), "audit_head", noted, sizeof noted);
	char *hash = strchr(noted, ' ');
	if (hash == NULL) {
		return json_null();
	}
	int64_t row = 0;
	*hash = '\0';
	(void)text_to_int(noted, 0, INT64_MAX, &row);
	return json_pack("{sI so}", "row", (json_int_t)row, "hash", view_text(hash + 1));
}

json_t *view_trail(struct view *view, const struct trail_query *query)
{
	bool more = false;
	json_t *rows = rows_json(view, query, &more);
	json_t *answer = json_pack("{ss so sb so}", "start", store_id(farm_store(view->farm)),
		"rows", rows, "more", more, "head", noted_json(view));
	if (query->after == 0) {
		json_object_set_new(answer, "told", told_json(view));
	}
	return answer;
}
