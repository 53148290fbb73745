/* SPDX-License-Identifier: Apache-2.0
 *
 * One job in full: its pages, its prints, the sheets that went through a printer for it.
 */
#include "cli/http.h"
#include "cli/say.h"
#include "cli/show.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define PATH_BYTES 400

static void show_pages(const struct args *args, const json_t *job)
{
	size_t at;
	json_t *page;
	char pixels[40], size[24], raster[80];
	struct table *table = table_create(">PAGE|FILE|>BYTES|PIXELS|MADE|PPI|NOTE", args->colour);
	json_array_foreach(json_object_get(job, "page_list"), at, page)
	{
		const json_t *facts = json_object_get(page, "facts");
		const json_t *made = json_object_get(page, "raster");
		snprintf(size, sizeof size, "%zu", at + 1);
		table_cell(table, TONE_PLAIN, size);
		table_cell(
			table, TONE_PLAIN, text_of(json_object_get(page, "asset"), "media_type"));
		table_number(table, TONE_PLAIN, json_integer_value(member(page, "asset", "bytes")));
		snprintf(pixels, sizeof pixels, "%lld × %lld", int_of(facts, "width_px"),
			int_of(facts, "height_px"));
		table_cell(table, TONE_PLAIN, json_is_object(facts) ? pixels : "");
		snprintf(raster, sizeof raster, "%lld × %lld", int_of(made, "width_px"),
			int_of(made, "height_px"));
		table_cell(table, TONE_PLAIN, json_is_object(made) ? raster : "");
		table_number(table, TONE_PLAIN, int_of(made, "effective_ppi"));
		table_cell(table, TONE_QUIET, text_of(made, "note"));
	}
	table_print(table);
	table_destroy(table);
}

static void show_ledger(const struct args *args, const json_t *job)
{
	size_t at;
	json_t *print;
	char when[WHEN_MAX];
	struct table *table = table_create(">PAGE|>COPY|PRINT|PROOF|WHEN|", args->colour);
	json_array_foreach(json_object_get(job, "ledger"), at, print)
	{
		table_number(table, TONE_PLAIN, int_of(print, "page") + 1);
		table_number(table, TONE_PLAIN, int_of(print, "copy") + 1);
		table_cell(table, tone_of_kind(text_of(print, "state")), text_of(print, "say"));
		table_cell(table, TONE_PLAIN, text_of(print, "evidence"));
		table_cell(table, TONE_QUIET, when_of(print, "at", when));
		table_cell(table, TONE_QUIET,
			json_is_true(json_object_get(print, "again")) ? "made again" : "");
	}
	table_print(table);
	table_destroy(table);
}

/* "1002 → 1004"; "" where the counter was not read. */
static const char *counter_span(const json_t *sheet, char words[60])
{
	const json_t *before = json_object_get(sheet, "counter_before");
	const json_t *after = json_object_get(sheet, "counter_after");
	words[0] = '\0';
	if (json_is_integer(before) && json_is_integer(after)) {
		snprintf(words, 60, "%lld → %lld", (long long)json_integer_value(before),
			(long long)json_integer_value(after));
	}
	return words;
}

static const char *decided_by(const json_t *sheet, char words[160])
{
	const json_t *decisions = json_object_get(sheet, "decisions");
	const json_t *last = json_array_get(decisions, json_array_size(decisions) - 1);
	words[0] = '\0';
	if (last != NULL) {
		snprintf(words, 160, "%s: %s", text_of(last, "who"), text_of(last, "what"));
	}
	return words;
}

/* "22.5 °C, 48 % (simulated)": figures that were used, or why there was none. */
static const char *room_of(const json_t *sheet, char words[200])
{
	size_t at;
	json_t *row;
	int len = 0;
	words[0] = '\0';
	json_array_foreach(json_object_get(sheet, "room"), at, row)
	{
		const char *state = text_of(row, "state");
		const json_t *figure = json_object_get(row, "figure");
		char cell[80];
		if (!json_is_number(figure)) {
			snprintf(cell, sizeof cell, "%.20s %.20s", text_of(row, "measures"), state);
		} else {
			snprintf(cell, sizeof cell, "%.6g %.8s%s", json_number_value(figure),
				text_of(row, "unit"),
				strcmp(state, "simulated") == 0 ? " (simulated)" : "");
		}
		if (len >= 0 && len < 200) {
			len += snprintf(
				words + len, 200 - (size_t)len, "%s%s", at > 0 ? ", " : "", cell);
		}
	}
	return words;
}

static void show_sheets(const struct args *args, const json_t *job)
{
	size_t at;
	json_t *sheet;
	char when[WHEN_MAX], counter[60], decided[160], room[200];
	const json_t *sheets = json_object_get(job, "sheets");
	if (json_array_size(sheets) == 0) {
		return;
	}
	/* only floors with sensors have a room to show */
	bool rooms = room_of(json_array_get(sheets, json_array_size(sheets) - 1), room)[0] != '\0';
	putchar('\n');
	struct table *table = table_create(
		rooms ? ">SHEET|>TRY|>PAGE|>COPY|PRINTER|PAPER|ROLL|COUNTER|STATE|PROOF|WHEN|"
			"DECIDED|ROOM"
		      : ">SHEET|>TRY|>PAGE|>COPY|PRINTER|PAPER|ROLL|COUNTER|STATE|PROOF|WHEN|"
			"DECIDED",
		args->colour);
	json_array_foreach(sheets, at, sheet)
	{
		table_number(table, TONE_PLAIN, int_of(sheet, "sheet"));
		table_number(table, TONE_PLAIN, int_of(sheet, "attempt"));
		table_number(table, TONE_PLAIN, int_of(sheet, "page") + 1);
		table_number(table, TONE_PLAIN, int_of(sheet, "copy") + 1);
		table_cell(table, TONE_PLAIN, text_of(sheet, "printer"));
		table_cell(table, TONE_PLAIN, text_of(sheet, "media"));
		table_cell(table, TONE_PLAIN, text_of(sheet, "lot"));
		table_cell(table, TONE_PLAIN, counter_span(sheet, counter));
		table_cell(table, tone_of_kind(text_of(sheet, "state")), text_of(sheet, "state"));
		table_cell(table, TONE_PLAIN, text_of(sheet, "evidence"));
		table_cell(table, TONE_QUIET, when_of(sheet, "at", when));
		table_cell(table, TONE_PLAIN, decided_by(sheet, decided));
		if (rooms) {
			table_cell(table, TONE_QUIET, room_of(sheet, room));
		}
	}
	table_print(table);
	table_destroy(table);
}

static void show_found(const struct args *args, const json_t *job)
{
	size_t at;
	json_t *attempt;
	char line[400];
	json_array_foreach(json_object_get(job, "attempts"), at, attempt)
	{
		snprintf(line, sizeof line, "try %lld: %s", int_of(attempt, "number"),
			text_of(attempt, "words"));
		if (text_of(attempt, "words")[0] != '\0') {
			say_line(args, TONE_QUIET, "", line);
		}
	}
}

int job_get(const struct args *args, const char *tail, json_t **answer)
{
	char path[PATH_BYTES];
	if (!path_make(path, sizeof path, "/v1/jobs/", args->words[0], tail)) {
		return complain(EX_NOINPUT, "%s: no such job", args->words[0]);
	}
	return http_get(args, path, answer);
}

int ctl_job(const struct args *args)
{
	json_t *job = NULL;
	int failed = job_get(args, "", &job);
	if (failed != 0) {
		return failed;
	}
	if (args->json) {
		return print_json(job);
	}
	struct table *table = job_table(args);
	job_row(table, job);
	table_print(table);
	table_destroy(table);
	const char *action = text_of(json_object_get(job, "reason"), "action");
	if (action[0] != '\0') {
		say_line(args, TONE_WAIT, "do: ", action);
	}
	putchar('\n');
	show_pages(args, job);
	putchar('\n');
	show_ledger(args, job);
	show_sheets(args, job);
	show_found(args, job);
	json_decref(job);
	return EX_OK;
}
