/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor's sensors, for the desk.
 */
#pragma once
#include "farm/farm.h"
#include "rules/reading.h"

struct sensor_look { /* a sensor as it is now */
	const struct sensor_conf *conf;
	enum reading_state state;
	bool has_figure; /* that may be used */
	double figure;
	bool has_said; /* it was heard of, whatever it said */
	double said;
	int64_t age_ms;           /* of what it said */
	bool pauses;              /* printers near it begin no sheet because of it */
	char words[ERR_TEXT_MAX]; /* what is wrong, or what it holds back; "" */
};

size_t farm_sensors(const struct farm *farm);
/* at: below farm_sensors. */
void farm_sensor(const struct farm *farm, size_t at, struct sensor_look *look);
/* A person says what it is worth, or (SENSOR_SIMULATED) which figure stands in its place. */
must_use bool farm_sensor_mark(struct farm *farm, const char *name, enum sensor_mark mark,
	double figure, const char *who, const char *reason, struct err *err);
