/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensors of the floor in memory: what they say, when that grows old, what people say of them,
 * and which printers they hold back. Printing never waits for a figure: only one that is fresh,
 * plausible and out of its limits stops new sheets, and what a person paused it never lets go on.
 */
#include "farm/sensors.h"
#include "base/mem.h"
#include "farm/own.h"
#include "ports/store_sensor.h"
#include "wire/registers.h"
#include <stdio.h>
#include <string.h>

#define TELL_MS (10 * SECOND_MS) /* a sensor that comes and goes fills no log */

struct floor_sensor {
	const struct sensor_conf *conf;
	struct reading reading;
	struct room_pause pause;
	char pause_words[ERR_TEXT_MAX]; /* as it began: a reason that changed with every figure
					   would be written with each */
	enum reading_state told;
	int64_t told_ms; /* 0: never */
};

static struct floor_sensor *find(const struct farm *farm, const char *name)
{
	for (size_t i = 0; i < farm->n_sensors; i++) {
		if (strcmp(farm->sensors[i].conf->name, name) == 0) {
			return &farm->sensors[i];
		}
	}
	return NULL;
}

/* ---- what follows from a figure ---- */

static void tell(struct floor_sensor *sensor, int64_t now_ms)
{
	const struct sensor_conf *conf = sensor->conf;
	enum reading_state state = reading_state(&sensor->reading, conf, now_ms);
	char words[ERR_TEXT_MAX];
	double figure;
	if (state == sensor->told || (sensor->told_ms != 0 && now_ms - sensor->told_ms < TELL_MS)) {
		return;
	}
	sensor->told = state;
	sensor->told_ms = now_ms;
	reading_words(&sensor->reading, conf, now_ms, words, sizeof words);
	if (state == READING_FRESH && reading_use(&sensor->reading, conf, now_ms, &figure)) {
		const char *unit = measure_unit(conf->measures);
		log_info(conf->name, "%s %.6g%s%s", measure_name(conf->measures), figure,
			unit[0] != '\0' ? " " : "", unit);
	} else if (state == READING_STALE || state == READING_IMPLAUSIBLE) {
		log_warn(conf->name, "%s: %s", reading_state_name(state), words);
	} else {
		log_info(conf->name, "%s", words);
	}
}

/* The first sensor that holds the printer back says why; "" where none does. */
static const char *room_of(const struct farm *farm, const struct printer *printer)
{
	for (size_t i = 0; i < farm->n_sensors; i++) {
		const struct floor_sensor *sensor = &farm->sensors[i];
		if (sensor->pause.on && sensor_is_near(sensor->conf, printer->conf->name)) {
			return sensor->pause_words;
		}
	}
	return "";
}

static void update_printers(struct farm *farm)
{
	for (size_t i = 0; i < farm->n_printers; i++) {
		struct printer *printer = &farm->printers[i];
		const char *room = room_of(farm, printer);
		if (strcmp(printer->room, room) != 0) {
			struct standing before = printer_standing(printer);
			text_copy(printer->room, sizeof printer->room, room);
			printer_tell_change(farm, printer, &before);
			farm->line_due = farm->line_all = true;
		}
	}
}

static void look_at(struct farm *farm, struct floor_sensor *sensor, int64_t now_ms)
{
	bool before = sensor->pause.on;
	int64_t at_ms = reading_expires_ms(&sensor->reading, sensor->conf, now_ms);
	if (at_ms != 0) {
		chore_at(farm, CHORE_SENSORS, at_ms);
	}
	tell(sensor, now_ms);
	if (reading_pauses(&sensor->reading, sensor->conf, now_ms, &sensor->pause) == before) {
		return;
	}
	if (sensor->pause.on) {
		reading_pause_words(&sensor->reading, sensor->conf, now_ms, sensor->pause_words,
			sizeof sensor->pause_words);
	}
	update_printers(farm);
}

void sensors_chore(struct farm *farm)
{
	int64_t now_ms = farm_now(farm);
	for (size_t i = 0; i < farm->n_sensors; i++) {
		look_at(farm, &farm->sensors[i], now_ms);
	}
}

void sensors_on_measured(void *context, const char *name, const uint16_t *words, int32_t n_words,
	const struct err *err)
{
	struct farm *farm = context;
	struct floor_sensor *sensor = farm->open ? find(farm, name) : NULL;
	double figure;
	if (sensor == NULL) {
		return;
	}
	int64_t now_ms = farm_now(farm);
	if (err != NULL) {
		reading_miss(&sensor->reading, err);
	} else if (registers_figure(sensor->conf, words, n_words, &figure)) {
		reading_take(&sensor->reading, sensor->conf, figure, now_ms);
	}
	look_at(farm, sensor, now_ms);
}

void sensors_note(struct farm *farm, const struct job *job)
{
	int64_t now_ms = farm_now(farm);
	for (size_t i = 0; i < farm->n_sensors; i++) {
		const struct floor_sensor *sensor = &farm->sensors[i];
		const struct sensor_conf *conf = sensor->conf;
		if (!conf->with_sheets || !sensor_is_near(conf, job->printer)) {
			continue;
		}
		struct room_note note = {
			.sensor = conf, .state = reading_state(&sensor->reading, conf, now_ms)};
		note.has_figure = reading_use(&sensor->reading, conf, now_ms, &note.figure);
		note.age_ms = note.state == READING_FRESH ? now_ms - sensor->reading.figure_ms : 0;
		store_room_add(farm->ports.store, job->attempt_row, &note);
	}
}

/* ---- life ---- */

void sensors_open(struct farm *farm)
{
	farm->n_sensors = (size_t)farm->catalog->n_sensors;
	farm->sensors = mem_new(farm->n_sensors, sizeof *farm->sensors);
	for (size_t i = 0; i < farm->n_sensors; i++) {
		struct floor_sensor *sensor = &farm->sensors[i];
		struct sensor_row row;
		sensor->conf = &farm->catalog->sensors[i];
		if (store_sensor_get(farm->ports.store, sensor->conf->name, &row)) {
			sensor->reading.mark = row.mark;
			sensor->reading.simulated = row.simulated;
		}
	}
	sensors_chore(farm); /* a simulated one may hold printers back at once */
}

/* ---- for the desk ---- */

size_t farm_sensors(const struct farm *farm)
{
	return farm->n_sensors;
}

void farm_sensor(const struct farm *farm, size_t at, struct sensor_look *look)
{
	const struct floor_sensor *sensor = &farm->sensors[at];
	const struct reading *reading = &sensor->reading;
	int64_t now_ms = farm_now(farm);
	*look = (struct sensor_look){.conf = sensor->conf,
		.state = reading_state(reading, sensor->conf, now_ms),
		.has_said = reading->said_ms != 0,
		.said = reading->said,
		.age_ms = reading->said_ms == 0 ? 0 : now_ms - reading->said_ms,
		.pauses = sensor->pause.on};
	look->has_figure = reading_use(reading, sensor->conf, now_ms, &look->figure);
	reading_words(reading, sensor->conf, now_ms, look->words, sizeof look->words);
	if (sensor->pause.on && look->words[0] == '\0') {
		snprintf(look->words, sizeof look->words, "printers near it begin no sheet: %.250s",
			sensor->pause_words);
	}
}

bool farm_sensor_mark(struct farm *farm, const char *name, enum sensor_mark mark, double figure,
	const char *who, const char *reason, struct err *err)
{
	struct floor_sensor *sensor = find(farm, name);
	char detail[ERR_TEXT_MAX];
	if (sensor == NULL) {
		return err_set(err, REMEDY_REJECT, "unknown-sensor",
			"no sensor %.48s on this floor: see `platenctl sensors`", name);
	}
	bool simulates = mark == SENSOR_SIMULATED;
	if (simulates && !(figure >= sensor->conf->low && figure <= sensor->conf->high)) {
		return err_set(err, REMEDY_REJECT, "field",
			"%.6g is outside of what %s can say (%.6g to %.6g)", figure, name,
			sensor->conf->low, sensor->conf->high);
	}
	struct sensor_row row = {.mark = mark, .simulated = simulates ? figure : 0};
	text_copy(row.name, sizeof row.name, name);
	sensor->reading.mark = mark;
	sensor->reading.simulated = row.simulated;
	store_sensor_save(farm->ports.store, &row);
	char value[32] = "";
	if (simulates) {
		snprintf(value, sizeof value, "%.6g", figure);
	}
	snprintf(detail, sizeof detail, "%s%s%s", value,
		value[0] != '\0' && reason[0] != '\0' ? ": " : "", reason);
	store_audit(
		farm->ports.store, farm_wall_ms(farm), who, sensor_mark_name(mark), name, detail);
	log_info(name, "%s %s by=%s", sensor_mark_name(mark), detail, who);
	sensor->told_ms = 0;
	look_at(farm, sensor, farm_now(farm));
	return true;
}
