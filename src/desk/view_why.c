/* SPDX-License-Identifier: Apache-2.0
 *
 * A job's story in sentences: what was reported of it, what was tried, and what people decided, in
 * the order of time.
 */
#include "base/clock.h"
#include "base/log.h"
#include "desk/view.h"
#include "desk/words.h"
#include <stdarg.h>
#include <string.h>

static void add_line(json_t *story, const char *at, const char *format, ...) formats(3, 4);

static void add_line(json_t *story, const char *at, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	json_t *say = json_vsprintf(format, arguments);
	va_end(arguments);
	json_array_append_new(story, json_pack("{ss so}", "at", at, "say", say));
}

static const char *member_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static void tell_events(json_t *story, const json_t *job)
{
	size_t at;
	json_t *event;
	json_array_foreach(json_object_get(job, "events"), at, event)
	{
		const json_t *data = json_object_get(event, "data");
		const char *detail = member_text(data, "detail");
		const char *say = words_event(member_text(event, "type"));
		if (say[0] != '\0') {
			add_line(story, member_text(event, "time"), "%s%s%s", say,
				detail[0] != '\0' ? " " : "", detail);
		}
	}
}

static void tell_attempts(json_t *story, const json_t *job)
{
	size_t at;
	json_t *attempt;
	json_array_foreach(json_object_get(job, "attempts"), at, attempt)
	{
		long long copies = json_integer_value(json_object_get(attempt, "copies"));
		const char *found = member_text(attempt, "words");
		add_line(story, member_text(attempt, "begun"),
			"Page %lld, %lld cop%s: to %s on %s.",
			(long long)json_integer_value(json_object_get(attempt, "page")) + 1, copies,
			copies == 1 ? "y" : "ies", member_text(attempt, "printer"),
			member_text(attempt, "media"));
		if (found[0] != '\0') {
			add_line(story, member_text(attempt, "ended"), "Proof: %s.", found);
		}
	}
}

static void tell_people(struct view *view, json_t *story, const char *id)
{
	struct err err;
	char stamp[CLOCK_STAMP_MAX];
	struct db_row *row = db_query(view_db(view),
		"SELECT at, who, what, reason FROM audit WHERE subject=? ORDER BY row", "t", id);
	while (db_next(row)) {
		json_array_append_new(story,
			json_pack("{ss so}", "at", clock_stamp(db_int(row, 0), stamp), "say",
				words_deed(db_text(row, 1), db_text(row, 2), db_text(row, 3))));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading the audit trail: %s", err.text);
	}
}

/* RFC 3339 in UTC sorts as text; what happened at one moment stays as it was told. */
static json_t *sorted(json_t *story)
{
	json_t *result = json_array();
	size_t n = json_array_size(story);
	for (size_t i = 0; i < n; i++) {
		json_t *line = json_array_get(story, i);
		size_t to = json_array_size(result);
		while (to > 0 && strcmp(member_text(json_array_get(result, to - 1), "at"),
					 member_text(line, "at")) > 0) {
			to--;
		}
		json_array_insert(result, to, line);
	}
	json_decref(story);
	return result;
}

static json_t *next_of(const json_t *job, const json_t *reason)
{
	static const struct {
		const char *kind, *next;
	} rows[] = {
		{"preparing", "It goes on by itself."},
		{"ready", "It prints when its turn comes."},
		{"printing", "It is watched until all prints came out."},
		{"done", "Nothing: it came out."},
		{"ended", "Nothing to do here."},
	};
	if (json_is_object(reason) && member_text(reason, "action")[0] != '\0') {
		return json_string(member_text(reason, "action"));
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].kind, member_text(job, "kind")) == 0) {
			return json_string(rows[i].next);
		}
	}
	return json_string("");
}

json_t *view_why(struct view *view, const char *id, struct err *err)
{
	json_t *job = view_job(view, id, err);
	if (job == NULL) {
		return NULL;
	}
	json_t *story = json_array();
	tell_events(story, job);
	tell_attempts(story, job);
	tell_people(view, story, id);
	const json_t *reason = json_object_get(job, "reason");
	const char *why = member_text(reason, "text");
	json_t *now =
		json_sprintf("%s%s%s", member_text(job, "say"), why[0] != '\0' ? ": " : "", why);
	json_t *answer = json_pack("{ss so so so}", "id", member_text(job, "id"), "now", now,
		"next", next_of(job, reason), "story", sorted(story));
	json_decref(job);
	return answer;
}
