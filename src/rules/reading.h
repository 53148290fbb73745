/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of a sensor, and what may be built on it. A figure is only used while it is fresh,
 * can be true, and nobody has said that the sensor lies; whatever uses one says where it came from.
 * A sensor may hold a printer back, never start anything: without a figure the floor prints on as
 * if there were no sensor.
 */
#pragma once
#include "rules/sensor.h"

enum sensor_mark { /* what a person said of it */
	SENSOR_TRUSTED,
	SENSOR_LYING,
	SENSOR_SIMULATED /* a figure of that person stands in its place */
};

enum reading_state {
	READING_SILENT, /* nothing was ever heard of it */
	READING_FRESH,
	READING_STALE,
	READING_IMPLAUSIBLE, /* what it said last can't be true */
	READING_LYING,
	READING_SIMULATED
};

struct reading { /* begins zeroed */
	enum sensor_mark mark;
	double simulated;
	double figure;          /* the last one that could be true */
	int64_t figure_ms;      /* when it came; 0: none has */
	double said;            /* the last one, true or not */
	int64_t said_ms;        /* 0: none */
	bool refused;           /* what was said last can't be true; why says it */
	char why[ERR_TEXT_MAX]; /* why there is no newer figure: a sentence; "" */
};

/* A figure came. It is taken, or refused with its reason. */
void reading_take(
	struct reading *reading, const struct sensor_conf *conf, double figure, int64_t now_ms);
/* None came, for that reason. What is known stays, and grows old. */
void reading_miss(struct reading *reading, const struct err *err);

enum reading_state reading_state(
	const struct reading *reading, const struct sensor_conf *conf, int64_t now_ms);
const char *reading_state_name(enum reading_state state); /* "fresh" "stale" … */
const char *sensor_mark_name(enum sensor_mark mark);      /* "trusted" "lying" "simulated" */
bool sensor_mark_from_name(const char *name, enum sensor_mark *mark);
/* The figure that a decision may use; false when there is none. A simulated one is one, too: the
 * state says what it is. */
bool reading_use(const struct reading *reading, const struct sensor_conf *conf, int64_t now_ms,
	double *figure);
/* In the floor's words: why there is no figure to use, or what it is. */
void reading_words(const struct reading *reading, const struct sensor_conf *conf, int64_t now_ms,
	char *out, size_t size);
/* When the state may change by itself; 0: never. */
int64_t reading_expires_ms(
	const struct reading *reading, const struct sensor_conf *conf, int64_t now_ms);

/* ---- holding printers back ---- */
#define ROOM_CALM_MS 60000 /* so long it must be within its limits again */

struct room_pause { /* begins zeroed */
	bool on;
	int64_t calm_since_ms; /* within the limits, while on; 0: it is not */
};

/* Brings it up to date; true when printers near the sensor must begin no sheet. A figure that can't
 * be used ends the pause. */
bool reading_pauses(const struct reading *reading, const struct sensor_conf *conf, int64_t now_ms,
	struct room_pause *pause);
/* "room says 38.2 °C, more than 35 °C": the sentence for people. */
void reading_pause_words(const struct reading *reading, const struct sensor_conf *conf,
	int64_t now_ms, char *out, size_t size);
