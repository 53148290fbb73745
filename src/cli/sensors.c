/* SPDX-License-Identifier: Apache-2.0
 *
 * Sensors: what each says, and what a person says of one.
 */
#include "cli/change.h"
#include "cli/http.h"
#include "cli/say.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define USAGE "usage: platenctl sensor NAME [lying | trusted | simulate FIGURE] [--reason R]"

static enum tone tone_of_state(const char *state)
{
	if (strcmp(state, "fresh") == 0) {
		return TONE_GOOD;
	}
	return strcmp(state, "simulated") == 0 || strcmp(state, "silent") == 0 ? TONE_WAIT
									       : TONE_BAD;
}

/* What may be used; in parentheses what it said and nobody uses. */
static void figure_cell(struct table *table, const json_t *sensor)
{
	char cell[64] = "";
	const json_t *figure = json_object_get(sensor, "figure");
	const json_t *said = json_object_get(sensor, "said");
	const char *unit = text_of(sensor, "unit");
	if (json_is_number(figure)) {
		snprintf(cell, sizeof cell, "%.6g %s", json_number_value(figure), unit);
	} else if (json_is_number(said)) {
		snprintf(cell, sizeof cell, "(%.6g %s)", json_number_value(said), unit);
	}
	table_cell(table, TONE_PLAIN, cell);
}

static void age_cell(struct table *table, const json_t *sensor)
{
	char cell[32] = "";
	if (json_is_integer(json_object_get(sensor, "age_ms"))) {
		snprintf(cell, sizeof cell, "%.1f s", (double)int_of(sensor, "age_ms") / 1000);
	}
	table_cell(table, TONE_QUIET, cell);
}

static void source_cell(struct table *table, const json_t *sensor)
{
	char cell[120];
	if (strcmp(text_of(sensor, "source"), "person") == 0) {
		table_cell(table, TONE_WAIT, "a person's word");
		return;
	}
	snprintf(cell, sizeof cell, "%.48s unit %lld, %s %lld", text_of(sensor, "bus"),
		int_of(sensor, "unit_number"), text_of(sensor, "function"),
		int_of(sensor, "register"));
	table_cell(table, TONE_QUIET, cell);
}

static void show_list(const struct args *args, const json_t *list)
{
	struct table *table =
		table_create("SENSOR|MEASURES|>FIGURE|>AGE|STATE|SOURCE|SAYS", args->colour);
	size_t at;
	json_t *sensor;
	json_array_foreach(list, at, sensor)
	{
		const char *state = text_of(sensor, "state");
		table_cell(table, TONE_PLAIN, text_of(sensor, "name"));
		table_cell(table, TONE_PLAIN, text_of(sensor, "measures"));
		figure_cell(table, sensor);
		age_cell(table, sensor);
		table_cell(table, tone_of_state(state), state);
		source_cell(table, sensor);
		table_cell(table,
			json_is_true(json_object_get(sensor, "pauses")) ? TONE_BAD : TONE_PLAIN,
			text_of(sensor, "say"));
	}
	table_print(table);
	table_destroy(table);
}

int ctl_sensors(const struct args *args)
{
	json_t *answer = NULL;
	int failed = http_get(args, "/v1/sensors", &answer);
	if (failed != 0) {
		return failed;
	}
	if (args->json) {
		return print_json(answer);
	}
	const json_t *list = json_object_get(answer, "sensors");
	if (json_array_size(list) == 0) {
		puts("No sensors: docs/sensors.md says how to add one to platen.conf.");
	} else {
		show_list(args, list);
	}
	json_decref(answer);
	return EX_OK;
}

static int show_one(const struct args *args, json_t *sensor)
{
	if (args->json) {
		return print_json(sensor);
	}
	json_t *list = json_pack("[O]", sensor);
	show_list(args, list);
	json_decref(list);
	json_decref(sensor);
	return EX_OK;
}

static int show_named(const struct args *args, const char *name)
{
	json_t *answer = NULL, *sensor;
	int failed = http_get(args, "/v1/sensors", &answer);
	if (failed != 0) {
		return failed;
	}
	size_t at;
	json_array_foreach(json_object_get(answer, "sensors"), at, sensor)
	{
		if (strcmp(text_of(sensor, "name"), name) == 0) {
			json_incref(sensor);
			json_decref(answer);
			return show_one(args, sensor);
		}
	}
	json_decref(answer);
	return complain(EX_NOINPUT, "%s: no such sensor; see platenctl sensors", name);
}

static bool take_figure(const char *text, double *figure)
{
	char *end;
	errno = 0;
	*figure = strtod(text, &end);
	return end != text && *end == '\0' && errno == 0 && isfinite(*figure);
}

int ctl_sensor(const struct args *args)
{
	const char *verb = args->n > 1 ? args->words[1] : "";
	bool simulates = strcmp(verb, "simulate") == 0;
	bool marks = strcmp(verb, "lying") == 0 || strcmp(verb, "trusted") == 0;
	double figure = 0;
	if (args->n == 1) {
		return show_named(args, args->words[0]);
	}
	if ((!simulates && !marks) || args->n != (simulates ? 3 : 2)) {
		return complain(EX_USAGE, USAGE);
	}
	if (simulates && !take_figure(args->words[2], &figure)) {
		return complain(EX_USAGE, "%s: must be a number", args->words[2]);
	}
	json_t *body = change_body(args);
	json_object_set_new(body, "as", json_string(simulates ? "simulated" : verb));
	if (simulates) {
		json_object_set_new(body, "figure", json_real(figure));
	}
	return change(args, "/v1/sensors/", args->words[0], ":mark", body, "sensor", show_one);
}
