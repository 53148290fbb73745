/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs: the list, and the events.
 */
#include "cli/http.h"
#include "cli/say.h"
#include "cli/show.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PATH_BYTES 400

void job_row(struct table *table, const json_t *job)
{
	char when[WHEN_MAX], product[120], prints[40];
	snprintf(product, sizeof product, "%lld × %s", int_of(job, "copies"),
		text_of(job, "product"));
	snprintf(prints, sizeof prints, "%lld/%lld", int_of(job, "delivered"),
		int_of(job, "prints"));
	table_cell(table, TONE_PLAIN, text_of(job, "id"));
	const char *ref = text_of(json_object_get(job, "order"), "ref");
	table_cell(table, TONE_PLAIN, ref[0] != '\0' ? ref : text_of(job, "label"));
	table_cell(table, TONE_PLAIN, product);
	table_cell(table, tone_of_kind(text_of(job, "kind")), text_of(job, "say"));
	table_cell(table, TONE_PLAIN, prints);
	table_cell(table, TONE_PLAIN, text_of(job, "printer"));
	table_cell(table, TONE_QUIET, when_of(job, "since", when));
	table_cell(table, TONE_QUIET, text_of(json_object_get(job, "reason"), "text"));
}

struct table *job_table(const struct args *args)
{
	return table_create("JOB|ORDER|WHAT|STATE|>OUT|PRINTER|SINCE|WHY", args->colour);
}

static bool add_query(char *path, const char *name, const char *value)
{
	char pair[PATH_BYTES];
	if (value == NULL) {
		return true;
	}
	char before[40];
	snprintf(before, sizeof before, "%c%s=", strchr(path, '?') != NULL ? '&' : '?', name);
	if (!path_make(pair, sizeof pair, before, value, "") ||
		strlen(path) + strlen(pair) >= PATH_BYTES) {
		return false;
	}
	strcat(path, pair);
	return true;
}

int ctl_jobs(const struct args *args)
{
	char path[PATH_BYTES] = "/v1/jobs", limit[24];
	snprintf(limit, sizeof limit, "%lld", (long long)args->limit);
	if (!add_query(path, "limit", args->limit > 0 ? limit : NULL) ||
		!add_query(path, "kind", args->kind) || !add_query(path, "stage", args->stage) ||
		!add_query(path, "order", args->order)) {
		return complain(EX_USAGE, "that is too long");
	}
	json_t *answer = NULL, *job;
	int failed = http_get(args, path, &answer);
	if (failed != 0) {
		return failed;
	}
	if (args->json) {
		return print_json(answer);
	}
	struct table *table = job_table(args);
	size_t at;
	json_array_foreach(json_object_get(answer, "jobs"), at, job)
	{
		job_row(table, job);
	}
	table_print(table);
	table_destroy(table);
	if (json_is_true(json_object_get(answer, "more"))) {
		puts("… and more: --limit N shows them");
	}
	json_decref(answer);
	return EX_OK;
}

int job_show_line(const struct args *args, json_t *job)
{
	char line[500];
	if (args->json) {
		return print_json(job);
	}
	const char *why = text_of(json_object_get(job, "reason"), "text");
	snprintf(line, sizeof line, "%s: %s%s%s", text_of(job, "id"), text_of(job, "say"),
		why[0] != '\0' ? ": " : "", why);
	say_line(args, tone_of_kind(text_of(job, "kind")), "", line);
	json_decref(job);
	return EX_OK;
}

/* ---- events ---- */

struct follow {
	const struct args *args;
	long long after; /* -1: nothing shown yet */
	int failed;
};

static void show_event(const struct args *args, const json_t *event)
{
	char when[WHEN_MAX], line[300];
	if (args->json) {
		json_dumpf(event, stdout, JSON_COMPACT | JSON_SORT_KEYS);
		putchar('\n');
		return;
	}
	snprintf(line, sizeof line, "%-12s %-24s %3lld  %s%s", when_of(event, "time", when),
		text_of(event, "subject"), int_of(event, "sequence"), text_of(event, "type"),
		json_is_true(json_object_get(event, "acked")) ? "" : "  (on its way)");
	say_line(args, TONE_PLAIN, "", line);
}

static int get_events(const struct args *args, long long after, json_t **answer)
{
	char path[PATH_BYTES] = "/v1/events", number[24];
	snprintf(number, sizeof number, "%lld", after);
	add_query(path, "after", after >= 0 ? number : NULL);
	snprintf(number, sizeof number, "%lld", (long long)args->limit);
	add_query(path, "limit", args->limit > 0 ? number : NULL);
	return http_get(args, path, answer);
}

static bool show_new_events(struct follow *follow)
{
	json_t *answer = NULL, *event;
	follow->failed = get_events(follow->args, follow->after, &answer);
	if (follow->failed != 0) {
		return false;
	}
	size_t at;
	json_array_foreach(json_object_get(answer, "events"), at, event)
	{
		show_event(follow->args, event);
	}
	fflush(stdout);
	follow->after = int_of(answer, "last");
	json_decref(answer);
	return true;
}

static bool on_stream(void *context, const char *event, const char *data)
{
	struct follow *follow = context;
	if (strcmp(event, "status") != 0) {
		return true;
	}
	json_t *status = json_loads(data, 0, NULL);
	bool is_new = int_of(status, "last_event") > follow->after;
	json_decref(status);
	return !is_new || show_new_events(follow);
}

int ctl_events(const struct args *args)
{
	struct follow follow = {.args = args, .after = args->after};
	if (args->json && !args->follow) {
		json_t *answer = NULL;
		int failed = get_events(args, args->after, &answer);
		return failed != 0 ? failed : print_json(answer);
	}
	if (!show_new_events(&follow)) {
		return follow.failed;
	}
	while (args->follow && follow.failed == 0) {
		follow.failed = http_stream(args, "/v1/stream", on_stream, &follow);
		if (follow.failed == 0) {
			sleep(1); /* the daemon was restarted: go on where we were */
		}
	}
	return follow.failed;
}
