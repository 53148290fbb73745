/* SPDX-License-Identifier: Apache-2.0
 *
 * What happened to an order and why, for whoever is asked on the phone: where it stands and what
 * comes next, the facts (view_facts.c), and its story (view_story.c).
 */
#include "base/clock.h"
#include "desk/view.h"
#include "desk/words.h"
#include <string.h>

static const char *member_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static void add_after(json_t *story)
{
	size_t at;
	json_t *line;
	const char *first = member_text(json_array_get(story, 0), "at");
	json_array_foreach(story, at, line)
	{
		char words[DURATION_WORDS_MAX];
		int64_t ms = clock_stamp_ms(member_text(line, "at")) - clock_stamp_ms(first);
		json_object_set_new(line, "after", json_string(words_duration(ms, words)));
	}
}

/* ---- all of it ---- */

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

static json_t *why_job(struct view *view, const char *id, struct err *err)
{
	json_t *job = view_job(view, id, err);
	if (job == NULL) {
		return NULL;
	}
	json_t *incidents = view_incidents_of(view, id);
	json_t *story = view_story(view, job, incidents);
	add_after(story);
	const json_t *reason = json_object_get(job, "reason");
	const char *why = member_text(reason, "text");
	bool needs_you = strcmp(member_text(job, "kind"), "needs_you") == 0;
	json_t *now = needs_you && why[0] != '\0' ? json_string(why)
						  : json_sprintf("%s%s%s", member_text(job, "say"),
							    why[0] != '\0' ? ": " : "", why);
	return json_pack("{ss so so so so so so}", "id", id, "now", now, "next",
		next_of(job, reason), "facts", view_facts(view, job), "story", story, "incidents",
		incidents, "job", job);
}

/* The jobs of an order by what people call it: its one job, or a list to choose from. */
json_t *view_why(struct view *view, const char *id, struct err *err)
{
	struct err ignored;
	json_t *brief = view_job_brief(view, id, err);
	json_decref(brief);
	if (brief != NULL) {
		return why_job(view, id, err);
	}
	struct job_query query = {.order = id, .limit = 100};
	json_t *found = view_jobs(view, &query, &ignored);
	json_t *jobs = json_object_get(found, "jobs");
	json_t *answer = NULL;
	if (json_array_size(jobs) == 1) {
		answer = why_job(view, member_text(json_array_get(jobs, 0), "id"), err);
	} else if (json_array_size(jobs) > 1) {
		answer = json_pack("{ss sO}", "order", id, "jobs", jobs);
	}
	json_decref(found);
	return answer; /* NULL: the error of the id stands */
}
