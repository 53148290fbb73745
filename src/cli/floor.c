/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor as a whole: status, printers, what needs somebody, whether all is in order.
 */
#include "cli/http.h"
#include "cli/say.h"
#include "cli/show.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char *const counts[][2] = {
	{"preparing", "preparing"},
	{"ready", "ready"},
	{"printing", "printing"},
	{"waiting", "waiting"},
	{"needs_you", "needing you"},
};

/* Of what period; nothing where no page was needed in it. */
static void show_ratio(const json_t *of, const char *when)
{
	long long pages = int_of(of, "hits") + int_of(of, "misses");
	if (pages > 0) {
		printf(", %s %lld of %lld pages needed no rendering (%lld %%)", when,
			int_of(of, "hits"), pages, int_of(of, "hits") * 100 / pages);
	}
}

static void show_cache(const json_t *cache)
{
	const double mib = 1024.0 * 1024.0;
	printf("pages    %.1f MiB kept", (double)int_of(cache, "bytes") / mib);
	if (int_of(cache, "quota_bytes") > 0) {
		printf(" of %.0f MiB", (double)int_of(cache, "quota_bytes") / mib);
	}
	show_ratio(json_object_get(cache, "last_24h"), "in the last 24 h");
	show_ratio(json_object_get(cache, "all"), "ever");
	putchar('\n');
}

/* What waits in the hot folder, where there is one. */
static void show_hot_folder(const struct args *args, const json_t *hot)
{
	const json_t *whys = json_object_get(hot, "why");
	size_t at;
	json_t *why;
	if (!json_is_object(hot)) {
		return;
	}
	bool fit = json_is_true(json_object_get(hot, "fit"));
	say_line(args, fit ? TONE_PLAIN : TONE_BAD, "hot folder ", text_of(hot, "say"));
	json_array_foreach(whys, at, why)
	{
		char line[1200];
		snprintf(line, sizeof line, "%s: %s", text_of(why, "what"), text_of(why, "say"));
		say_line(args, TONE_WAIT, "  waits  ", line);
	}
}

/* Nothing where nothing is due soon. */
static void show_maintenance(const struct args *args, const json_t *how_many)
{
	char line[120];
	long long due = int_of(how_many, "due"), soon = int_of(how_many, "soon");
	if (due + soon > 0) {
		snprintf(
			line, sizeof line, "%lld due, %lld soon: platenctl maintenance", due, soon);
		say_line(args, due > 0 ? TONE_BAD : TONE_WAIT, "upkeep   ", line);
	}
}

/* What runs out before the day is over, and what somebody should count. */
static void show_paper(const struct args *args, const json_t *lines)
{
	size_t at;
	json_t *line;
	json_array_foreach(lines, at, line)
	{
		const char *text = json_string_value(line);
		say_line(args, TONE_WAIT, "paper    ", text != NULL ? text : "");
	}
}

int ctl_status(const struct args *args)
{
	json_t *status = NULL;
	int failed = http_get(args, "/v1/status", &status);
	if (failed != 0) {
		return failed;
	}
	if (args->json) {
		return print_json(status);
	}
	const json_t *jobs = json_object_get(status, "jobs");
	const json_t *today = json_object_get(status, "today");
	bool needs = int_of(jobs, "needs_you") > 0;
	say_line(args, TONE_PLAIN, "floor    ", text_of(status, "floor"));
	say_line(args, needs ? TONE_BAD : TONE_GOOD, "now      ", text_of(status, "say"));
	say_line(args, TONE_PLAIN, "cloud    ", text_of(json_object_get(status, "cloud"), "say"));
	fputs("jobs     ", stdout);
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		printf("%s%lld %s", i > 0 ? ", " : "", int_of(jobs, counts[i][0]), counts[i][1]);
	}
	printf("\ntoday    jobs done %lld, prints came out %lld, spoiled %lld, may have printed "
	       "%lld\n",
		int_of(today, "jobs"), int_of(today, "came_out"), int_of(today, "spoiled"),
		int_of(today, "may_have_printed"));
	show_cache(json_object_get(status, "cache"));
	show_hot_folder(args, json_object_get(status, "hot_folder"));
	show_maintenance(args, json_object_get(status, "maintenance"));
	show_paper(args, json_object_get(status, "paper"));
	if (int_of(status, "outbox") > 0) {
		printf("reports  %lld on their way\n", int_of(status, "outbox"));
	}
	json_decref(status);
	return EX_OK;
}

/* What is loaded, with its lot, then what lies in other trays. */
static void say_paper(const json_t *printer, char *out, size_t size)
{
	const json_t *loaded = json_object_get(printer, "loaded");
	const char *first = text_of(loaded, "media"), *lot = text_of(loaded, "lot");
	int len = snprintf(out, size, "%s%s%s", first, lot[0] != '\0' ? " · lot " : "", lot);
	size_t at;
	json_t *other;
	json_array_foreach(json_object_get(printer, "papers"), at, other)
	{
		const char *name = json_string_value(other);
		if (name != NULL && strcmp(name, first) != 0 && len >= 0 && (size_t)len < size) {
			len += snprintf(out + len, size - (size_t)len, ", %s", name);
		}
	}
}

static void printer_row(struct table *table, const json_t *printer)
{
	const json_t *job = json_object_get(printer, "job");
	const char *message = text_of(printer, "fault");
	char paper[120], progress[120] = "";
	say_paper(printer, paper, sizeof paper);
	if (json_is_object(job)) {
		snprintf(progress, sizeof progress, "%s %lld/%lld", text_of(job, "id"),
			int_of(job, "delivered"), int_of(job, "prints"));
	}
	table_cell(table, TONE_PLAIN, text_of(printer, "name"));
	table_cell(table, tone_of_kind(text_of(printer, "state")), text_of(printer, "say"));
	table_cell(table, TONE_PLAIN, paper);
	table_cell(table, TONE_PLAIN, progress);
	table_number(table, TONE_PLAIN, int_of(printer, "queue"));
	table_number(table, TONE_PLAIN, int_of(json_object_get(printer, "today"), "came_out"));
	table_cell(table, TONE_QUIET, message[0] != '\0' ? message : text_of(printer, "message"));
}

static struct table *printer_table(const struct args *args)
{
	return table_create("PRINTER|STATE|PAPER|JOB|>LINE|>TODAY|SAYS", args->colour);
}

static void show_printers(const struct args *args, const json_t *list)
{
	struct table *table = printer_table(args);
	size_t at;
	json_t *printer;
	json_array_foreach(list, at, printer)
	{
		printer_row(table, printer);
	}
	table_print(table);
	table_destroy(table);
}

int ctl_printers(const struct args *args)
{
	json_t *answer = NULL;
	if (args->n > 0) {
		return strcmp(args->words[0], "discover") == 0
			       ? ctl_discover(args)
			       : complain(EX_USAGE, "usage: platenctl printers [discover]; for one "
						    "printer: platenctl printer NAME");
	}
	int failed = http_get(args, "/v1/printers", &answer);
	if (failed != 0) {
		return failed;
	}
	if (args->json) {
		return print_json(answer);
	}
	show_printers(args, json_object_get(answer, "printers"));
	json_decref(answer);
	return EX_OK;
}

int printer_show_one(const struct args *args, const char *name)
{
	json_t *answer = NULL, *printer;
	int failed = http_get(args, "/v1/printers", &answer);
	if (failed != 0) {
		return failed;
	}
	size_t at;
	json_array_foreach(json_object_get(answer, "printers"), at, printer)
	{
		if (strcmp(text_of(printer, "name"), name) == 0) {
			json_incref(printer);
			json_decref(answer);
			return printer_show(args, printer);
		}
	}
	json_decref(answer);
	return complain(EX_NOINPUT, "%s: no such printer; see platenctl printers", name);
}

static void show_supplies(const struct args *args, const json_t *supplies)
{
	size_t at;
	json_t *supply;
	json_array_foreach(supplies, at, supply)
	{
		char line[200], left[16] = "";
		const json_t *percent = json_object_get(supply, "left_percent");
		const char *name = text_of(supply, "name");
		if (json_is_integer(percent)) {
			snprintf(left, sizeof left, " %lld %%", int_of(supply, "left_percent"));
		}
		snprintf(line, sizeof line, "%s:%s %s",
			name[0] != '\0' ? name : text_of(supply, "type"), left,
			text_of(supply, "say"));
		say_line(args,
			json_is_true(json_object_get(supply, "low")) ? TONE_WAIT : TONE_QUIET, "  ",
			line);
	}
}

/* Trays, alerts, what has changed, and what is to be done. */
static void show_health(const struct args *args, const json_t *printer)
{
	static const struct {
		const char *list, *name, *more;
		enum tone tone;
	} rows[] = {
		{"trays", "name", "say", TONE_QUIET},
		{"alerts", "say", "where", TONE_WAIT},
		{"notices", "at", "say", TONE_WAIT},
		{"maintenance", "what", "say", TONE_QUIET},
	};
	size_t at;
	json_t *item;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_array_foreach(json_object_get(printer, rows[i].list), at, item)
		{
			char line[400];
			const char *more = text_of(item, rows[i].more);
			const char *words = text_of(item, "text");
			snprintf(line, sizeof line, "%s%s%s%s%s", text_of(item, rows[i].name),
				more[0] != '\0' ? ": " : "", more, words[0] != '\0' ? ": " : "",
				words);
			say_line(args, rows[i].tone, "  ", line);
		}
	}
}

static void show_stock(const struct args *args, const json_t *stock)
{
	const char *forecast = text_of(json_object_get(stock, "forecast"), "say");
	if (!json_is_object(stock)) {
		return;
	}
	bool recount = json_is_true(json_object_get(stock, "recount"));
	say_line(args, recount ? TONE_WAIT : TONE_PLAIN, "  paper   ", text_of(stock, "say"));
	say_line(args, TONE_QUIET, "          ", text_of(stock, "why"));
	if (forecast[0] != '\0') {
		bool lasts = json_is_null(member(stock, "forecast", "runs_out"));
		say_line(args, lasts ? TONE_QUIET : TONE_WAIT, "          ", forecast);
	}
}

int printer_show(const struct args *args, json_t *printer)
{
	if (args->json) {
		return print_json(printer);
	}
	json_t *list = json_pack("[O]", printer);
	show_printers(args, list);
	json_decref(list);
	const json_t *conditions = json_object_get(printer, "conditions");
	size_t at;
	json_t *condition;
	json_array_foreach(conditions, at, condition)
	{
		char line[200];
		const char *action = text_of(condition, "action");
		snprintf(line, sizeof line, "%s%s%s (%s)", text_of(condition, "say"),
			action[0] != '\0' ? ": " : "", action, text_of(condition, "keyword"));
		say_line(args, tone_of_kind(text_of(condition, "effect")), "  ", line);
	}
	show_supplies(args, json_object_get(printer, "supplies"));
	show_stock(args, json_object_get(printer, "stock"));
	show_health(args, printer);
	const json_t *run = json_object_get(printer, "to_count");
	if (json_is_object(run)) {
		char line[200];
		snprintf(line, sizeof line,
			"%lld prints of %lld jobs wait to be counted at its exit: platenctl "
			"printer %s printed K",
			int_of(run, "prints"), int_of(run, "jobs"), text_of(printer, "name"));
		say_line(args, TONE_WAIT, "  ", line);
	}
	static const char *const keys[][2] = {
		{"tls_key", "  key     "}, {"tls_offered", "  another "}};
	for (size_t i = 0; i < 2; i++) {
		const char *key = text_of(printer, keys[i][0]);
		if (key[0] != '\0') {
			say_line(args, i == 0 ? TONE_QUIET : TONE_BAD, keys[i][1], key);
		}
	}
	json_decref(printer);
	return EX_OK;
}

static void show_hold(const struct args *args, const json_t *hold)
{
	const json_t *job = json_object_get(hold, "job");
	const char *subject = json_is_object(job) ? text_of(job, "id") : text_of(hold, "printer");
	char head[300], when[WHEN_MAX];
	bool is_named = strncmp(text_of(hold, "title"), subject, strlen(subject)) == 0;
	snprintf(head, sizeof head, "%s%s%s", is_named ? "" : subject, is_named ? "" : ": ",
		text_of(hold, "title"));
	say_line(args, tone_of_kind(text_of(hold, "kind")), "", head);
	if (json_is_object(job)) {
		snprintf(head, sizeof head, "%lld × %s%s%s%s%s", int_of(job, "copies"),
			text_of(job, "title"), text_of(job, "label")[0] != '\0' ? " · " : "",
			text_of(job, "label"),
			text_of(json_object_get(job, "order"), "ref")[0] != '\0' ? " · order " : "",
			text_of(json_object_get(job, "order"), "ref"));
		say_line(args, TONE_PLAIN, "  what   ", head);
	}
	say_line(args, TONE_PLAIN, "  why    ", text_of(hold, "text"));
	say_line(args, TONE_PLAIN, "  do     ", text_of(hold, "action"));
	if (when_of(hold, "since", when)[0] != '\0') {
		say_line(args, TONE_QUIET, "  since  ", when);
	}
}

int ctl_holds(const struct args *args)
{
	json_t *answer = NULL, *hold;
	int failed = http_get(args, "/v1/holds", &answer);
	if (failed != 0) {
		return failed;
	}
	if (args->json) {
		return print_json(answer);
	}
	const json_t *holds = json_object_get(answer, "holds");
	size_t at;
	json_array_foreach(holds, at, hold)
	{
		show_hold(args, hold);
	}
	if (json_array_size(holds) == 0) {
		puts("Nothing needs you.");
	}
	json_decref(answer);
	return EX_OK;
}

int ctl_doctor(const struct args *args)
{
	json_t *answer = NULL, *check;
	int failed = http_get(args, "/v1/doctor", &answer);
	if (failed != 0) {
		return failed;
	}
	size_t at;
	int status = EX_OK;
	struct table *table = table_create("CHECK|STATE|FOUND|DO", args->colour);
	json_array_foreach(json_object_get(answer, "checks"), at, check)
	{
		const char *state = text_of(check, "state");
		table_cell(table, TONE_PLAIN, text_of(check, "name"));
		table_cell(table, tone_of_kind(state), state);
		table_cell(table, TONE_PLAIN, text_of(check, "say"));
		table_cell(table, TONE_PLAIN, text_of(check, "do"));
		status = strcmp(state, "bad") == 0 ? EX_UNAVAILABLE : status;
	}
	if (args->json) {
		print_json(answer);
	} else {
		table_print(table);
		json_decref(answer);
	}
	table_destroy(table);
	return status;
}
