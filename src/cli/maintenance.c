/* SPDX-License-Identifier: Apache-2.0
 *
 * Maintenance of printers: what is due, and who has done it.
 */
#include "cli/change.h"
#include "cli/http.h"
#include "cli/say.h"
#include "cli/show.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define BASE_BYTES 300

/* As a printer's kinds are coloured. */
static enum tone tone_of_due(const char *state)
{
	return strcmp(state, "due") == 0    ? TONE_BAD
	       : strcmp(state, "soon") == 0 ? TONE_WAIT
					    : TONE_GOOD;
}

static void show_row(struct table *table, const json_t *routine)
{
	const json_t *last = json_object_get(routine, "last");
	bool done = json_is_object(last);
	char when[WHEN_MAX], was[200];
	snprintf(was, sizeof was, "%s%s%s", when_of(routine, "since", when), done ? " by " : "",
		done ? text_of(last, "who") : " (met; never done since)");
	table_cell(table, TONE_PLAIN, text_of(routine, "name"));
	table_cell(table, TONE_PLAIN, text_of(routine, "printer"));
	table_cell(table, TONE_PLAIN, text_of(routine, "what"));
	table_cell(table, tone_of_due(text_of(routine, "state")), text_of(routine, "say"));
	table_cell(table, TONE_QUIET, was);
	table_cell(table, TONE_QUIET, text_of(routine, "guide"));
}

static void show_rows(const struct args *args, const json_t *list)
{
	struct table *table = table_create("ROUTINE|PRINTER|WHAT|DUE|DONE LAST|HOW", args->colour);
	size_t at;
	json_t *routine;
	json_array_foreach(list, at, routine)
	{
		show_row(table, routine);
	}
	table_print(table);
	table_destroy(table);
}

static int show_one(const struct args *args, json_t *routine)
{
	if (args->json) {
		return print_json(routine);
	}
	json_t *list = json_pack("[O]", routine);
	show_rows(args, list);
	json_decref(list);
	json_decref(routine);
	return EX_OK;
}

static int sign_off(const struct args *args)
{
	char base[BASE_BYTES];
	if (args->n != 3 || strcmp(args->words[0], "done") != 0) {
		return complain(EX_USAGE, "usage: platenctl maintenance done ROUTINE PRINTER --by "
					  "WHO [--note N]");
	}
	if (args->by == NULL || args->by[0] == '\0') {
		return complain(EX_USAGE, "say with --by who has done it: it is kept for good");
	}
	if (!path_make(base, sizeof base, "/v1/maintenance/", args->words[1], "/")) {
		return complain(EX_NOINPUT, "%s: there is none of that name", args->words[1]);
	}
	json_t *body = change_body(args);
	json_object_set_new(body, "by", json_string(args->by));
	if (args->note != NULL) {
		json_object_set_new(body, "note", json_string(args->note));
	}
	return change(args, base, args->words[2], ":done", body, "routine", show_one);
}

int ctl_maintenance(const struct args *args)
{
	if (args->n > 0) {
		return sign_off(args);
	}
	json_t *answer = NULL;
	int failed = http_get(args, "/v1/maintenance", &answer);
	if (failed != 0) {
		return failed;
	}
	if (args->json) {
		return print_json(answer);
	}
	const json_t *list = json_object_get(answer, "maintenance");
	show_rows(args, list);
	if (json_array_size(list) == 0) {
		puts("No maintenance is set up: see `maintenance` in platen.conf(5).");
	}
	json_decref(answer);
	return EX_OK;
}
