/* SPDX-License-Identifier: Apache-2.0
 *
 * One screen on an order: where it stands, the facts, its story, what comes next.
 */
#include "cli/http.h"
#include "cli/say.h"
#include "cli/show.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define LABEL_COLUMNS 9

static void show_facts(const struct args *args, const json_t *answer)
{
	size_t at;
	json_t *fact;
	json_array_foreach(json_object_get(answer, "facts"), at, fact)
	{
		char label[24];
		snprintf(label, sizeof label, "%-*s", LABEL_COLUMNS, text_of(fact, "what"));
		say_line(args, TONE_PLAIN, label, text_of(fact, "say"));
	}
}

static enum tone tone_of_line(const json_t *line)
{
	static const struct {
		const char *by;
		enum tone tone;
	} rows[] = {{"doubt", TONE_BAD}, {"person", TONE_WAIT}, {"printer", TONE_GOOD}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].by, text_of(line, "by")) == 0) {
			return rows[i].tone;
		}
	}
	return TONE_PLAIN;
}

static void show_story(const struct args *args, const json_t *answer)
{
	size_t at;
	json_t *line;
	char when[WHEN_MAX], after[60];
	struct table *table = table_create("WHEN|>AFTER|WHAT", args->colour);
	json_array_foreach(json_object_get(answer, "story"), at, line)
	{
		snprintf(after, sizeof after, "+%s", text_of(line, "after"));
		table_cell(table, TONE_QUIET, when_of(line, "at", when));
		table_cell(table, TONE_QUIET, at == 0 ? "" : after);
		table_cell(table, tone_of_line(line), text_of(line, "say"));
	}
	table_print(table);
	table_destroy(table);
}

static int show_why(const struct args *args, json_t *answer)
{
	char head[300];
	const json_t *job = json_object_get(answer, "job");
	snprintf(head, sizeof head, "%s: %s", text_of(answer, "id"), text_of(job, "say"));
	say_line(args, tone_of_kind(text_of(job, "kind")), "", head);
	show_facts(args, answer);
	putchar('\n');
	show_story(args, answer);
	say_line(args, TONE_PLAIN, "\nnow:  ", text_of(answer, "now"));
	say_line(args, TONE_PLAIN, "next: ", text_of(answer, "next"));
	json_decref(answer);
	return EX_OK;
}

/* What was asked for is an order of several jobs. */
static int show_order(const struct args *args, json_t *answer)
{
	size_t at;
	json_t *job;
	char head[200];
	struct table *table = job_table(args);
	snprintf(head, sizeof head,
		"order %s has these jobs; ask for one of them:", text_of(answer, "order"));
	say_line(args, TONE_PLAIN, "", head);
	putchar('\n');
	json_array_foreach(json_object_get(answer, "jobs"), at, job)
	{
		job_row(table, job);
	}
	table_print(table);
	table_destroy(table);
	json_decref(answer);
	return EX_OK;
}

int ctl_why(const struct args *args)
{
	json_t *answer = NULL;
	int failed = job_get(args, "/why", &answer);
	if (failed != 0) {
		return failed;
	}
	if (args->json) {
		return print_json(answer);
	}
	return json_is_array(json_object_get(answer, "jobs")) ? show_order(args, answer)
							      : show_why(args, answer);
}
