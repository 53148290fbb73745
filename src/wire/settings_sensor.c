/* SPDX-License-Identifier: Apache-2.0
 *
 * The sections sensor_bus and sensor of platen.conf: taken, and judged against each other and the
 * printers.
 */
#include "config.h"
#include "wire/settings_own.h"
#include "base/mem.h"
#include "wire/registers.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct at { /* one section that is being read */
	const struct conf *conf;
	struct conf_faults *faults;
	const char *section;
	size_t index;
};

static void take_text(const struct at *at, const char *key, char *out, size_t size)
{
	text_copy(out, size, conf_text(at->conf, at->section, at->index, key));
}

static void take_name(const struct at *at, char name[SENSOR_NAME_MAX])
{
	if (!text_copy(name, SENSOR_NAME_MAX, conf_title(at->conf, at->section, at->index))) {
		conf_fault(at->conf, at->faults, at->section, at->index, NULL,
			"the name must have at most %d bytes", SENSOR_NAME_MAX - 1);
	}
}

/* "-0.1", "1e-3": decimal, whole, and nothing that is no number. */
static double take_number(const struct at *at, const char *key)
{
	const char *text = conf_text(at->conf, at->section, at->index, key);
	char *end = NULL;
	double number = strtod(text, &end);
	bool plain = strspn(text, "0123456789+-.eE") == strlen(text);
	if (text[0] == '\0') {
		return 0; /* that it is missing was told */
	}
	if (!plain || *end != '\0' || !isfinite(number)) {
		conf_fault(at->conf, at->faults, at->section, at->index, key,
			"must be a number, as 0.1 or -40");
		return 0;
	}
	return number;
}

static int64_t take_int(const struct at *at, const char *key)
{
	return conf_int(at->conf, at->section, at->index, key);
}

static bool has(const struct at *at, const char *key)
{
	return conf_has(at->conf, at->section, at->index, key);
}

/* ---- buses ---- */

static void check_bus(const struct at *at, const struct sensor_bus_conf *bus,
	const struct sensor_bus_conf *others)
{
	struct sensor_line line;
	struct err err;
	static const char tcp[] = "modbus-tcp://";
	size_t skip = sizeof tcp - 1;
	if (!sensor_line_read(bus->uri, &line, &err)) {
		conf_fault(at->conf, at->faults, at->section, at->index, "uri", "%s", err.text);
	} else if (!line.is_serial &&
		   !settings_is_authority(bus->uri + skip, strlen(bus->uri + skip))) {
		conf_fault(at->conf, at->faults, at->section, at->index, "uri",
			"must be modbus-tcp://HOST or modbus-tcp://HOST:PORT, without a path");
	}
	for (size_t i = 0; i < at->index; i++) {
		if (strcmp(others[i].uri, bus->uri) == 0) {
			conf_fault(at->conf, at->faults, at->section, at->index, "uri",
				"is the same as that of bus %s: one bus may have many sensors",
				others[i].name);
		}
	}
#ifndef HAVE_MODBUS
	conf_fault(at->conf, at->faults, at->section, at->index, "uri",
		"this platend was built without libmodbus: build it with, or leave the sensors "
		"out");
#endif
}

static void take_buses(const struct conf *conf, struct catalog *catalog, struct conf_faults *faults)
{
	size_t n = conf_count(conf, "sensor_bus");
	catalog->buses = mem_new(n, sizeof *catalog->buses);
	catalog->n_buses = (int32_t)n;
	for (size_t i = 0; i < n; i++) {
		struct sensor_bus_conf *bus = &catalog->buses[i];
		struct at at = {conf, faults, "sensor_bus", i};
		take_name(&at, bus->name);
		take_text(&at, "uri", bus->uri, sizeof bus->uri);
		bus->poll_ms = (int32_t)take_int(&at, "poll");
		bus->answer_ms = (int32_t)take_int(&at, "answer_within");
		check_bus(&at, bus, catalog->buses);
	}
}

/* ---- sensors ---- */

static const struct sensor_bus_conf *find_bus(const struct catalog *catalog, const char *name)
{
	for (int32_t i = 0; i < catalog->n_buses; i++) {
		if (strcmp(catalog->buses[i].name, name) == 0) {
			return &catalog->buses[i];
		}
	}
	return NULL;
}

static void take_place(const struct at *at, struct sensor_conf *sensor)
{
	take_name(at, sensor->name);
	take_text(at, "bus", sensor->bus, sizeof sensor->bus);
	sensor->unit = (int32_t)take_int(at, "unit");
	sensor->kind = (enum register_kind)take_int(at, "function");
	sensor->address = (int32_t)take_int(at, "register");
	sensor->type = (enum register_type)take_int(at, "type");
	sensor->order = (enum register_order)take_int(at, "order");
	sensor->scale = take_number(at, "scale");
	sensor->offset = take_number(at, "offset");
	sensor->measures = (enum measure)take_int(at, "measures");
}

static void take_limits(const struct at *at, struct sensor_conf *sensor)
{
	sensor->low = take_number(at, "low");
	sensor->high = take_number(at, "high");
	sensor->rate_max = take_number(at, "rate_max");
	sensor->stale_after_ms = take_int(at, "stale_after");
	sensor->with_sheets = take_int(at, "with_sheets") != 0;
	sensor->has_pause_below = has(at, "pause_below");
	sensor->has_pause_above = has(at, "pause_above");
	sensor->pause_below = take_number(at, "pause_below");
	sensor->pause_above = take_number(at, "pause_above");
}

static void take_near(
	const struct at *at, const struct catalog *catalog, struct sensor_conf *sensor)
{
	size_t n = conf_list_count(at->conf, at->section, at->index, "near");
	for (size_t i = 0; i < n && i < SENSOR_NEAR_MAX; i++) {
		const char *printer = conf_list_at(at->conf, at->section, at->index, "near", i);
		text_copy(sensor->near[sensor->n_near++], SENSOR_NAME_MAX, printer);
		if (catalog_printer(catalog, printer) == NULL) {
			conf_fault(at->conf, at->faults, at->section, at->index, "near",
				"there is no printer %s in this file", printer);
		}
	}
}

static void check_place(
	const struct at *at, const struct catalog *catalog, struct sensor_conf *sensor)
{
	const struct sensor_bus_conf *bus = find_bus(catalog, sensor->bus);
	struct sensor_line line;
	struct err err;
	if (bus == NULL) {
		conf_fault(at->conf, at->faults, at->section, at->index, "bus",
			"there is no sensor_bus %s in this file", sensor->bus);
		return;
	}
	if (sensor_line_read(bus->uri, &line, &err) && line.is_serial &&
		(sensor->unit < 1 || sensor->unit > 247)) {
		conf_fault(at->conf, at->faults, at->section, at->index, "unit",
			"must be 1 to 247 on a serial bus");
	}
	if (sensor->address + register_words(sensor->type) > 65536) {
		conf_fault(at->conf, at->faults, at->section, at->index, "register",
			"65535 is the last one: a value of two registers can't begin there");
	}
	if (!has(at, "stale_after")) {
		sensor->stale_after_ms = 3 * (int64_t)bus->poll_ms;
	} else if (sensor->stale_after_ms < 2 * (int64_t)bus->poll_ms) {
		conf_fault(at->conf, at->faults, at->section, at->index, "stale_after",
			"must be at least two polls of its bus, %d ms: one lost answer is no news",
			2 * (int)bus->poll_ms);
	}
}

static void check_pause(
	const struct at *at, const struct sensor_conf *sensor, const char *key, double limit)
{
	if (has(at, key) && (limit < sensor->low || limit > sensor->high)) {
		conf_fault(at->conf, at->faults, at->section, at->index, key,
			"must lie between low and high: a figure beyond those is never believed, "
			"so it would never pause anything");
	}
}

static void check_limits(const struct at *at, const struct sensor_conf *sensor)
{
	if (sensor->low >= sensor->high) {
		conf_fault(at->conf, at->faults, at->section, at->index, "high",
			"must be more than low");
		return;
	}
	if (sensor->scale >= 0 && sensor->scale <= 0) {
		conf_fault(at->conf, at->faults, at->section, at->index, "scale",
			"must not be 0: every figure would be the same");
	}
	if (sensor->rate_max < 0) {
		conf_fault(at->conf, at->faults, at->section, at->index, "rate_max",
			"must not be negative; 0 lets every change pass");
	}
	check_pause(at, sensor, "pause_below", sensor->pause_below);
	check_pause(at, sensor, "pause_above", sensor->pause_above);
	if (sensor->has_pause_below && sensor->has_pause_above &&
		sensor->pause_below >= sensor->pause_above) {
		conf_fault(at->conf, at->faults, at->section, at->index, "pause_above",
			"must be more than pause_below");
	}
}

/* A worker of a bus takes so many. */
static void check_crowd(const struct at *at, const struct catalog *catalog)
{
	const char *bus = catalog->sensors[at->index].bus;
	int32_t n = 0;
	for (size_t i = 0; i <= at->index; i++) {
		n += strcmp(catalog->sensors[i].bus, bus) == 0;
	}
	if (n == BUS_SENSORS_MAX + 1) {
		conf_fault(at->conf, at->faults, at->section, at->index, "bus",
			"has more than %d sensors", BUS_SENSORS_MAX);
	}
}

void settings_sensors(
	const struct conf *conf, struct settings *settings, struct conf_faults *faults)
{
	struct catalog *catalog = &settings->catalog;
	take_buses(conf, catalog, faults);
	size_t n = conf_count(conf, "sensor");
	catalog->sensors = mem_new(n, sizeof *catalog->sensors);
	catalog->n_sensors = (int32_t)n;
	for (size_t i = 0; i < n; i++) {
		struct sensor_conf *sensor = &catalog->sensors[i];
		struct at at = {conf, faults, "sensor", i};
		take_place(&at, sensor);
		take_limits(&at, sensor);
		take_near(&at, catalog, sensor);
		check_place(&at, catalog, sensor);
		check_limits(&at, sensor);
		check_crowd(&at, catalog);
	}
}
