/* SPDX-License-Identifier: Apache-2.0
 *
 * Sensors in the store: what a person said of each, and the room that each attempt was made in.
 */
#pragma once
#include "ports/store.h"
#include "rules/reading.h"

struct sensor_row {
	char name[SENSOR_NAME_MAX];
	enum sensor_mark mark;
	double simulated;
};

struct room_note { /* one sensor, when an attempt was opened */
	const struct sensor_conf *sensor;
	enum reading_state state;
	bool has_figure; /* else the state says why there is none */
	double figure;
	int64_t age_ms;
};

/* False when nobody has said anything of it. */
bool store_sensor_get(struct store *store, const char *name, struct sensor_row *row);
void store_sensor_save(struct store *store, const struct sensor_row *row);
void store_room_add(struct store *store, int64_t attempt_row, const struct room_note *note);
