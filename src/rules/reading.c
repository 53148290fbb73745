/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging what sensors say.
 */
#include "rules/reading.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_MS 60000.0

static bool refuse(struct reading *reading)
{
	reading->refused = true;
	return false;
}

static bool is_in_band(struct reading *reading, const struct sensor_conf *conf, double figure)
{
	const char *unit = measure_unit(conf->measures);
	if (!isfinite(figure)) {
		snprintf(reading->why, sizeof reading->why,
			"%s sends what is no number: check its type and order in platen.conf",
			conf->name);
		return refuse(reading);
	}
	if (figure < conf->low || figure > conf->high) {
		snprintf(reading->why, sizeof reading->why,
			"%s says %.6g %s, which can't be (%.6g to %.6g): check the sensor, or its "
			"register, type and scale in platen.conf",
			conf->name, figure, unit, conf->low, conf->high);
		return refuse(reading);
	}
	return true;
}

/* Measured from the last figure that was taken: what is allowed grows with the time, so that a new
 * level that lasts is believed in the end, and a sensor can't lock itself out. */
static bool is_slow_enough(
	struct reading *reading, const struct sensor_conf *conf, double figure, int64_t now_ms)
{
	if (conf->rate_max <= 0 || reading->figure_ms == 0) {
		return true;
	}
	double minutes = (double)(now_ms - reading->figure_ms) / MINUTE_MS;
	double change = fabs(figure - reading->figure);
	if (change <= conf->rate_max * minutes) {
		return true;
	}
	snprintf(reading->why, sizeof reading->why,
		"%s went from %.6g to %.6g %s in %.0f s, faster than %.6g in a minute: look at the "
		"sensor; if it stays there, it is believed after a while",
		conf->name, reading->figure, figure, measure_unit(conf->measures), minutes * 60,
		conf->rate_max);
	return refuse(reading);
}

void reading_take(
	struct reading *reading, const struct sensor_conf *conf, double figure, int64_t now_ms)
{
	reading->said = isfinite(figure) ? figure : 0;
	reading->said_ms = now_ms;
	if (is_in_band(reading, conf, figure) && is_slow_enough(reading, conf, figure, now_ms)) {
		reading->figure = figure;
		reading->figure_ms = now_ms;
		reading->refused = false;
		reading->why[0] = '\0';
	}
}

void reading_miss(struct reading *reading, const struct err *err)
{
	memcpy(reading->why, err->text, sizeof reading->why);
}

static bool is_old(int64_t since_ms, const struct sensor_conf *conf, int64_t now_ms)
{
	return now_ms - since_ms > conf->stale_after_ms;
}

enum reading_state reading_state(
	const struct reading *reading, const struct sensor_conf *conf, int64_t now_ms)
{
	if (reading->mark == SENSOR_SIMULATED) {
		return READING_SIMULATED;
	}
	if (reading->mark == SENSOR_LYING) {
		return READING_LYING;
	}
	if (reading->said_ms == 0) {
		return READING_SILENT;
	}
	if (is_old(reading->said_ms, conf, now_ms)) {
		return READING_STALE;
	}
	return reading->refused ? READING_IMPLAUSIBLE : READING_FRESH;
}

const char *reading_state_name(enum reading_state state)
{
	static const char *const names[] = {
		"silent", "fresh", "stale", "implausible", "lying", "simulated"};
	return names[state];
}

static const char *const mark_names[] = {"trusted", "lying", "simulated"};

const char *sensor_mark_name(enum sensor_mark mark)
{
	return mark_names[mark];
}

bool sensor_mark_from_name(const char *name, enum sensor_mark *mark)
{
	for (int i = 0; i < 3; i++) {
		if (strcmp(mark_names[i], name) == 0) {
			*mark = (enum sensor_mark)i;
			return true;
		}
	}
	return false;
}

bool reading_use(const struct reading *reading, const struct sensor_conf *conf, int64_t now_ms,
	double *figure)
{
	enum reading_state state = reading_state(reading, conf, now_ms);
	if (state != READING_FRESH && state != READING_SIMULATED) {
		return false;
	}
	*figure = state == READING_SIMULATED ? reading->simulated : reading->figure;
	return true;
}

void reading_words(const struct reading *reading, const struct sensor_conf *conf, int64_t now_ms,
	char *out, size_t size)
{
	enum reading_state state = reading_state(reading, conf, now_ms);
	const char *why = reading->why;
	long long seconds = (long long)(now_ms - reading->said_ms) / 1000;
	switch (state) {
	case READING_FRESH:
		/* the last question may have failed without making it stale */
		snprintf(out, size, "%s", why);
		break;
	case READING_SILENT:
		snprintf(out, size, "%s", why[0] == '\0' ? "not heard of yet" : why);
		break;
	case READING_STALE:
		snprintf(out, size, "nothing for %lld s: %s", seconds,
			why[0] == '\0' ? "its worker does not answer" : why);
		break;
	case READING_IMPLAUSIBLE:
		snprintf(out, size, "%s", why);
		break;
	case READING_LYING:
		snprintf(out, size,
			"marked as lying: its figures are not used (platenctl sensor %s "
			"trusted takes that back)",
			conf->name);
		break;
	case READING_SIMULATED:
		snprintf(out, size,
			"a figure that a person set, not a measured one (platenctl "
			"sensor %s trusted takes that back)",
			conf->name);
		break;
	}
}

int64_t reading_expires_ms(
	const struct reading *reading, const struct sensor_conf *conf, int64_t now_ms)
{
	enum reading_state state = reading_state(reading, conf, now_ms);
	bool may = state == READING_FRESH || state == READING_IMPLAUSIBLE;
	return may ? reading->said_ms + conf->stale_after_ms + 1 : 0;
}

/* ---- holding printers back ---- */

static bool is_outside(const struct sensor_conf *conf, double figure)
{
	return (conf->has_pause_below && figure < conf->pause_below) ||
	       (conf->has_pause_above && figure > conf->pause_above);
}

bool reading_pauses(const struct reading *reading, const struct sensor_conf *conf, int64_t now_ms,
	struct room_pause *pause)
{
	double figure;
	if (!reading_use(reading, conf, now_ms, &figure)) {
		*pause = (struct room_pause){.on = false};
	} else if (is_outside(conf, figure)) {
		*pause = (struct room_pause){.on = true};
	} else if (pause->on && pause->calm_since_ms == 0) {
		pause->calm_since_ms = now_ms;
	} else if (pause->on && now_ms - pause->calm_since_ms >= ROOM_CALM_MS) {
		*pause = (struct room_pause){.on = false};
	}
	return pause->on;
}

void reading_pause_words(const struct reading *reading, const struct sensor_conf *conf,
	int64_t now_ms, char *out, size_t size)
{
	double figure = 0;
	bool known = reading_use(reading, conf, now_ms, &figure);
	const char *unit = measure_unit(conf->measures);
	const char *simulated = reading->mark == SENSOR_SIMULATED ? " (simulated)" : "";
	if (known && is_outside(conf, figure)) {
		bool above = conf->has_pause_above && figure > conf->pause_above;
		snprintf(out, size, "%s says %.4g %s%s, %s than %.4g %s", conf->name, figure, unit,
			simulated, above ? "more" : "less",
			above ? conf->pause_above : conf->pause_below, unit);
	} else {
		snprintf(out, size,
			"%s was outside its limits and has not been within them for a "
			"minute yet",
			conf->name);
	}
}
