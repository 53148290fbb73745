/* SPDX-License-Identifier: Apache-2.0
 *
 * Incidents: what does not add up, until a person says what it was.
 */
#include "base/text.h"
#include "cli/change.h"
#include "cli/http.h"
#include "cli/say.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void show_incident(const struct args *args, const json_t *incident)
{
	char head[300], when[WHEN_MAX], done[500];
	bool is_open = json_is_true(json_object_get(incident, "open"));
	const char *job = text_of(incident, "job");
	snprintf(head, sizeof head, "%lld  %s: %s%s%s", int_of(incident, "incident"),
		text_of(incident, "printer")[0] != '\0' ? text_of(incident, "printer") : "floor",
		text_of(incident, "title"), job[0] != '\0' ? ", job " : "", job);
	say_line(args, is_open ? TONE_BAD : TONE_QUIET, "", head);
	say_line(args, TONE_PLAIN, "  what   ", text_of(incident, "text"));
	if (is_open) {
		say_line(args, TONE_PLAIN, "  do     ", text_of(incident, "action"));
	} else {
		snprintf(done, sizeof done, "%s: %s", text_of(incident, "who"),
			text_of(incident, "note"));
		say_line(args, TONE_PLAIN, "  found  ", done);
	}
	say_line(args, TONE_QUIET, "  since  ", when_of(incident, "at", when));
}

static int show_one(const struct args *args, json_t *incident)
{
	if (args->json) {
		return print_json(incident);
	}
	show_incident(args, incident);
	json_decref(incident);
	return EX_OK;
}

static int acknowledge(const struct args *args)
{
	int64_t number;
	if (args->n != 2 || strcmp(args->words[0], "ack") != 0 ||
		!text_to_int(args->words[1], 1, INT64_MAX, &number)) {
		return complain(EX_USAGE, "usage: platenctl incidents ack NUMBER --note N");
	}
	if (args->note == NULL || args->note[0] == '\0') {
		return complain(EX_USAGE, "say with --note what you found: it is kept for good");
	}
	json_t *body = change_body(args);
	json_object_set_new(body, "reason", json_string(args->note));
	return change(args, "/v1/incidents/", args->words[1], ":close", body, "incident", show_one);
}

int ctl_incidents(const struct args *args)
{
	if (args->n > 0) {
		return acknowledge(args);
	}
	char path[80];
	json_t *answer = NULL, *incident;
	snprintf(path, sizeof path, "/v1/incidents?all=%d&limit=%lld", args->all,
		args->limit > 0 ? (long long)args->limit : 100LL);
	int failed = http_get(args, path, &answer);
	if (failed != 0) {
		return failed;
	}
	if (args->json) {
		return print_json(answer);
	}
	size_t at;
	const json_t *incidents = json_object_get(answer, "incidents");
	json_array_foreach(incidents, at, incident)
	{
		show_incident(args, incident);
	}
	if (json_array_size(incidents) == 0) {
		puts(args->all ? "There was none." : "None is open. --all shows the others.");
	}
	json_decref(answer);
	return EX_OK;
}
