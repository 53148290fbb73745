/* SPDX-License-Identifier: Apache-2.0
 *
 * Paper: what is left at the printers, unopened rolls in the store room, what became of rolls.
 */
#include "cli/change.h"
#include "cli/http.h"
#include "cli/say.h"
#include "cli/show.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define USAGE                                                                                      \
	"usage: platenctl stock [rolls] | stock add MEDIA N [--lot L] [--sheets S] | stock count " \
	"MEDIA N [--lot L]"

static void cell_number(struct table *table, const json_t *object, const char *key)
{
	char text[24] = "";
	if (json_is_integer(json_object_get(object, key))) {
		snprintf(text, sizeof text, "%lld", int_of(object, key));
	}
	table_cell(table, TONE_PLAIN, text);
}

static enum tone tone_of_stock(const json_t *stock)
{
	const char *state = text_of(stock, "state");
	return strcmp(state, "empty") == 0                       ? TONE_BAD
	       : json_is_true(json_object_get(stock, "recount")) ? TONE_WAIT
	       : strcmp(state, "low") == 0 || json_is_string(member(stock, "forecast", "runs_out"))
		       ? TONE_WAIT
		       : TONE_PLAIN;
}

static void show_printers(const struct args *args, const json_t *printers)
{
	struct table *table = table_create("PRINTER|PAPER|LOT|LEFT|TODAY|BY", args->colour);
	size_t at;
	json_t *printer;
	json_array_foreach(printers, at, printer)
	{
		const json_t *stock = json_object_get(printer, "stock");
		bool has = json_is_object(stock);
		table_cell(table, TONE_PLAIN, text_of(printer, "name"));
		table_cell(table, TONE_PLAIN, text_of(stock, "media"));
		table_cell(table, TONE_PLAIN, text_of(stock, "lot"));
		table_cell(table, has ? tone_of_stock(stock) : TONE_QUIET,
			has ? text_of(stock, "say") : text_of(printer, "fault"));
		const json_t *forecast = json_object_get(stock, "forecast");
		table_cell(table, TONE_PLAIN, text_of(forecast, "say"));
		table_cell(table, TONE_QUIET, text_of(stock, "why"));
	}
	table_print(table);
	table_destroy(table);
}

static void show_room(const struct args *args, const json_t *room)
{
	struct table *table = table_create("STORE ROOM|LOT|>ROLLS|>SHEETS EACH", args->colour);
	size_t at;
	json_t *row;
	json_array_foreach(room, at, row)
	{
		table_cell(table, TONE_PLAIN, text_of(row, "media"));
		table_cell(table, TONE_PLAIN, text_of(row, "lot"));
		cell_number(table, row, "rolls");
		cell_number(table, row, "sheets");
	}
	if (json_array_size(room) > 0) {
		putchar('\n');
		table_print(table);
	}
	table_destroy(table);
}

static void show_rolls(const struct args *args, const json_t *rolls)
{
	static const char *const keys[] = {
		"of", "left", "expected", "used", "spoiled", "set_up", "unexplained"};
	struct table *table =
		table_create("CLOSED|PRINTER|PAPER|LOT|>OF|>LEFT|>EXPECTED|>USED|>OF THEM WASTE|"
			     ">SET-UP|>UNEXPLAINED",
			args->colour);
	size_t at;
	json_t *roll;
	json_array_foreach(rolls, at, roll)
	{
		char when[WHEN_MAX];
		table_cell(table, TONE_PLAIN, when_of(roll, "closed", when));
		table_cell(table, TONE_PLAIN, text_of(roll, "printer"));
		table_cell(table, TONE_PLAIN, text_of(roll, "media"));
		table_cell(table, TONE_PLAIN, text_of(roll, "lot"));
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
			cell_number(table, roll, keys[i]);
		}
	}
	if (json_array_size(rolls) > 0) {
		table_print(table);
	} else {
		puts("No roll has been changed yet.");
	}
	table_destroy(table);
}

static void show_errors(const json_t *errors)
{
	if (json_is_object(errors)) {
		printf("\nforecasts: %lld compared with what came, off by %.0f s in the mean "
		       "(%.0f %% of the time ahead)\n",
			int_of(errors, "n"),
			json_number_value(json_object_get(errors, "mean_off_s")),
			100 * json_number_value(json_object_get(errors, "mean_share")));
	}
}

static int show(const struct args *args, json_t *stock)
{
	if (args->json) {
		return print_json(stock);
	}
	if (args->n == 1) {
		show_rolls(args, json_object_get(stock, "rolls"));
		show_errors(json_object_get(stock, "forecasts"));
	} else {
		show_printers(args, json_object_get(stock, "printers"));
		show_room(args, json_object_get(stock, "room"));
	}
	json_decref(stock);
	return EX_OK;
}

static int change_room(const struct args *args)
{
	int64_t rolls;
	const char *verb = args->words[0];
	char tail[16];
	if (!text_to_int(args->words[2], 0, 10000, &rolls)) {
		return complain(EX_USAGE, "%s: say how many rolls", args->words[2]);
	}
	json_t *body = change_body(args);
	json_object_set_new(body, "rolls", json_integer(rolls));
	if (args->lot != NULL) {
		json_object_set_new(body, "lot", json_string(args->lot));
	}
	if (args->sheets >= 0) {
		json_object_set_new(body, "sheets", json_integer(args->sheets));
	}
	snprintf(tail, sizeof tail, ":%s", verb);
	return change(args, "/v1/stock/", args->words[1], tail, body, "stock", show);
}

int ctl_stock(const struct args *args)
{
	json_t *answer = NULL;
	bool adds = args->n == 3 && strcmp(args->words[0], "add") == 0;
	bool counts = args->n == 3 && strcmp(args->words[0], "count") == 0;
	if (adds || counts) {
		return change_room(args);
	}
	if (args->n > 1 || (args->n == 1 && strcmp(args->words[0], "rolls") != 0)) {
		return complain(EX_USAGE, USAGE);
	}
	int failed = http_get(args, "/v1/stock", &answer);
	return failed != 0 ? failed : show(args, answer);
}
