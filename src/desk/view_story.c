/* SPDX-License-Identifier: Apache-2.0
 *
 * A job's story in sentences: what was reported of it, what was tried at which printer, what people
 * decided and what did not add up, in the order of time.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "desk/view.h"
#include "desk/words.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* `by`: whose line it is, for colours: "" platen's, "printer", "person", "doubt". */
static void add_line(json_t *story, const char *at, const char *by, const char *format, ...)
	formats(4, 5);

static void add_line(json_t *story, const char *at, const char *by, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	json_t *say = json_vsprintf(format, arguments);
	va_end(arguments);
	json_array_append_new(story, json_pack("{ss ss so}", "at", at, "by", by, "say", say));
}

static const char *member_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static long long member_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* ---- what was reported ---- */

/* By what is told of it: what comes before a printer has it, what comes with or after that, and
 * what the line of the attempt tells better. */
enum told { TOLD_FIRST, TOLD_LATER, TOLD_NOT };

static enum told told_of(const char *type)
{
	static const struct {
		const char *type;
		enum told told;
	} rows[] = {
		{"platen.job.leased.v1", TOLD_FIRST},
		{"platen.job.asset_ready.v1", TOLD_FIRST},
		{"platen.job.rendered.v1", TOLD_FIRST},
		{"platen.job.queued.v1", TOLD_FIRST},
		{"platen.job.may_have_printed.v1", TOLD_NOT},
		{"platen.job.interrupted.v1", TOLD_NOT},
		{"platen.job.retry.v1", TOLD_NOT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].type, type) == 0) {
			return rows[i].told;
		}
	}
	return TOLD_LATER;
}

/* A person's decision stands in the trail, with more in it. */
static bool is_a_persons(const char *type, const json_t *data)
{
	const char *choice = member_text(data, "choice");
	bool counted = strcmp(member_text(data, "evidence"), "operator") == 0;
	return strcmp(type, "platen.job.resolved.v1") == 0 &&
	       (counted || strcmp(choice, "go_on") == 0 || strcmp(choice, "give_back") == 0);
}

/* How a bad file ended its reader. */
static void tell_signature(json_t *story, const char *at, const json_t *signature)
{
	if (signature != NULL) {
		add_line(story, at, "", "Its signature: %s while %s, %s; file %s (%s); read by %s.",
			member_text(signature, "cause"), member_text(signature, "stage"),
			member_text(signature, "worker"), member_text(signature, "asset"),
			member_text(signature, "format"), member_text(signature, "engine"));
	}
}

static void tell_events(json_t *story, const json_t *job, enum told which)
{
	size_t at;
	json_t *event;
	json_array_foreach(json_object_get(job, "events"), at, event)
	{
		const json_t *data = json_object_get(event, "data");
		const char *type = member_text(event, "type");
		const char *detail = member_text(data, "detail");
		const char *say = words_event(type);
		if (say[0] != '\0' && told_of(type) == which && !is_a_persons(type, data)) {
			add_line(story, member_text(event, "time"), "", "%s%s%s", say,
				detail[0] != '\0' ? " " : "", detail);
			tell_signature(story, member_text(event, "time"),
				json_object_get(data, "signature"));
		}
	}
}

/* ---- what was tried ---- */

/* "; its counter stood at 4", "" where it was not read. */
static const char *counter_words(const json_t *witness, char words[80])
{
	long long life = member_int(witness, "life_count");
	long long pages = member_int(witness, "impressions");
	words[0] = '\0';
	if (json_is_true(json_object_get(witness, "read")) && (life >= 0 || pages >= 0)) {
		snprintf(words, 80, "; its counter stood at %lld", life >= 0 ? life : pages);
	}
	return words;
}

static void tell_sent(json_t *story, const json_t *attempt)
{
	char counter[80];
	long long copies = member_int(attempt, "copies");
	add_line(story, member_text(attempt, "begun"), "",
		"Try %lld: page %lld, %lld print%s, to %s on %s%s.", member_int(attempt, "number"),
		member_int(attempt, "page") + 1, copies, copies == 1 ? "" : "s",
		member_text(attempt, "printer"), member_text(attempt, "media"),
		counter_words(json_object_get(attempt, "before"), counter));
}

static void tell_found(json_t *story, const json_t *attempt)
{
	static const struct {
		const char *verdict, *say, *by;
	} rows[] = {
		{"done", "Came out", "printer"},
		{"partial", "Stopped part-way", "doubt"},
		{"not-taken", "The printer took nothing of it", "printer"},
		{"spoiled", "Cut off, and what may have come out is waste", "doubt"},
		{"unknown", "Nobody knows what came out of it", "doubt"},
	};
	char counter[80];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].verdict, member_text(attempt, "verdict")) == 0) {
			add_line(story, member_text(attempt, "ended"), rows[i].by, "%s: %s%s.",
				rows[i].say, member_text(attempt, "words"),
				counter_words(json_object_get(attempt, "after"), counter));
		}
	}
}

static void tell_attempts(json_t *story, const json_t *job)
{
	size_t at;
	json_t *attempt;
	json_array_foreach(json_object_get(job, "attempts"), at, attempt)
	{
		tell_sent(story, attempt);
		tell_found(story, attempt);
	}
}

/* ---- what people decided ---- */

/* What a decision did to the sheets it was about: " (1 good, 1 waste and printed again)". */
static void effect_words(struct view *view, int64_t audit_row, struct buf *words)
{
	static const struct {
		const char *was, *state, *say;
	} rows[] = {
		{"unknown", "delivered", "came out"},
		{"unknown", "unused", "printed again"},
		{"unknown", "unknown", "still in doubt"},
		{"delivered", "delivered", "good"},
		{"delivered", "spoiled", "waste and printed again"},
		{"unused", "delivered", "more came out"},
	};
	struct err err;
	struct db_row *row = db_query(view_db(view),
		"SELECT was, state, count(*) FROM decision WHERE audit=? GROUP BY 1,2 ORDER BY 1,2",
		"i", audit_row);
	while (db_next(row)) {
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			if (strcmp(rows[i].was, db_text(row, 0)) == 0 &&
				strcmp(rows[i].state, db_text(row, 1)) == 0) {
				buf_print(words, "%s%lld %s", words->len == 0 ? " (" : ", ",
					(long long)db_int(row, 2), rows[i].say);
			}
		}
	}
	if (words->len > 0) {
		buf_text(words, ")");
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading decisions: %s", err.text);
	}
}

static void tell_trail(struct view *view, json_t *story, const char *id)
{
	struct err err;
	char stamp[CLOCK_STAMP_MAX];
	struct db_row *row = db_query(view_db(view),
		"SELECT row, at, who, what, reason FROM audit WHERE subject=? ORDER BY row", "t",
		id);
	while (db_next(row)) {
		struct buf effect = {0};
		effect_words(view, db_int(row, 0), &effect);
		json_t *deed = words_deed(db_text(row, 2), db_text(row, 3), db_text(row, 4));
		if (deed != NULL) {
			bool own = strcmp(db_text(row, 2), "platen") == 0 ||
				   strcmp(db_text(row, 3), "permit") == 0;
			const char *by = own ? "" : "person";
			add_line(story, clock_stamp(db_int(row, 1), stamp), by, "%s%s",
				json_string_value(deed), buf_get(&effect));
		}
		json_decref(deed);
		buf_fini(&effect);
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading the audit trail: %s", err.text);
	}
}

static void tell_incidents(json_t *story, const json_t *incidents)
{
	size_t at;
	json_t *incident;
	json_array_foreach(incidents, at, incident)
	{
		long long number = member_int(incident, "incident");
		add_line(story, member_text(incident, "at"), "doubt",
			"Does not add up (incident %lld): %s.", number,
			member_text(incident, "text"));
		if (!json_is_true(json_object_get(incident, "open"))) {
			add_line(story, member_text(incident, "closed"), "person",
				"%s has looked at incident %lld: %s.", member_text(incident, "who"),
				number, member_text(incident, "note"));
		}
	}
}

/* ---- in order ---- */

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

json_t *view_story(struct view *view, const json_t *job, const json_t *incidents)
{
	json_t *story = json_array();
	tell_events(story, job, TOLD_FIRST);
	tell_trail(view, story, member_text(job, "id"));
	tell_attempts(story, job);
	tell_incidents(story, incidents);
	tell_events(story, job, TOLD_LATER);
	return sorted(story);
}
