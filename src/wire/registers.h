/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of a sensor's registers as a figure, and the frames between the daemon and a sensor
 * worker:
 *
 *   daemon                                   worker
 *   SENSOR_SETUP  {"bus",…,"sensors":[…]}    SENSOR_HELLO {}
 *   SENSOR_LINE_FD {} + descriptor, or err   … is the answer to the worker's SENSOR_LINE {}
 *                                            SENSOR_FIGURES {"figures":[{"sensor","words"} or
 *                                            {"sensor","err"}, …]}, unasked, as they come
 *
 * A worker reads registers and sends them raw: what they mean is not judged there.
 */
#pragma once
#include "rules/sensor.h"
#include "wire/json.h"

#define BUS_SENSORS_MAX 64

struct sensor_ask { /* what a worker needs of a sensor */
	char name[SENSOR_NAME_MAX];
	int32_t unit;
	enum register_kind kind;
	int32_t address, words;
};

struct bus_setup {
	struct sensor_bus_conf conf;
	struct sensor_ask sensors[BUS_SENSORS_MAX];
	int32_t n_sensors;
};

struct sensor_answer {
	char name[SENSOR_NAME_MAX];
	uint16_t words[SENSOR_WORDS_MAX];
	int32_t n_words; /* 0: none came, err says why */
	struct err err;
};

/* The figure of a sensor's words: the number as they carry it × scale + offset. NaN and infinities
 * of a float pass: whoever judges figures refuses them. False when it has other than its number of
 * words. */
bool registers_figure(
	const struct sensor_conf *conf, const uint16_t *words, int32_t n_words, double *figure);

json_t *bus_setup_to_json(const struct bus_setup *setup);
must_use bool bus_setup_from_json(const json_t *json, struct bus_setup *setup, struct err *err);
json_t *sensor_answer_to_json(const struct sensor_answer *answer);
must_use bool sensor_answer_from_json(
	const json_t *json, struct sensor_answer *answer, struct err *err);
