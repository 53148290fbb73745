/* SPDX-License-Identifier: Apache-2.0
 *
 * Register words as figures, and the bodies of a sensor worker's frames.
 */
#include "wire/registers.h"
#include "wire/fields.h"
#include "wire/task.h"
#include <string.h>

/* ---- figures ---- */

static uint16_t swap_bytes(uint16_t word)
{
	return (uint16_t)(word << 8 | word >> 8);
}

/* The two words as one number, whatever order they came in. */
static uint32_t join(enum register_order order, const uint16_t *words)
{
	uint16_t high = words[0];
	uint16_t low = words[1];
	if (order == ORDER_SWAPPED) {
		high = words[1];
		low = words[0];
	} else if (order == ORDER_LITTLE) {
		high = swap_bytes(words[1]);
		low = swap_bytes(words[0]);
	}
	return (uint32_t)high << 16 | low;
}

static double number_of(enum register_type type, uint32_t bits)
{
	float real;
	switch (type) {
	case REGISTER_INT16:
		return (int16_t)bits;
	case REGISTER_UINT16:
		return (uint16_t)bits;
	case REGISTER_INT32:
		return (int32_t)bits;
	case REGISTER_UINT32:
		return bits;
	case REGISTER_FLOAT32:
		memcpy(&real, &bits, sizeof real); /* IEEE 754, as the hosts that platen runs on */
		return (double)real;
	}
	return 0;
}

bool registers_figure(
	const struct sensor_conf *conf, const uint16_t *words, int32_t n_words, double *figure)
{
	if (n_words != register_words(conf->type)) {
		return false;
	}
	uint32_t bits = n_words == 2                  ? join(conf->order, words)
			: conf->order == ORDER_LITTLE ? swap_bytes(words[0])
						      : words[0];
	*figure = number_of(conf->type, bits) * conf->scale + conf->offset;
	return true;
}

/* ---- frames ---- */

static const char *kind_word(int at)
{
	return register_kind_name((enum register_kind)at);
}

static const struct field bus_fields[] = {
	FIELD_AT_TEXT(sensor_bus_conf, name),
	FIELD_AT_TEXT(sensor_bus_conf, uri),
	FIELD_AT_INT32(sensor_bus_conf, poll_ms, 100, 3600000),
	FIELD_AT_INT32(sensor_bus_conf, answer_ms, 10, 60000),
};

static const struct field ask_fields[] = {
	FIELD_AT_TEXT(sensor_ask, name),
	FIELD_AT_INT32(sensor_ask, unit, 0, 255),
	FIELD_AT_WORD(sensor_ask, kind, REGISTER_INPUT, kind_word),
	FIELD_AT_INT32(sensor_ask, address, 0, 65535),
	FIELD_AT_INT32(sensor_ask, words, 1, SENSOR_WORDS_MAX),
};

json_t *bus_setup_to_json(const struct bus_setup *setup)
{
	json_t *json = json_object();
	json_t *sensors = json_array();
	fields_put(json, FIELDS(bus_fields), &setup->conf);
	for (int32_t i = 0; i < setup->n_sensors; i++) {
		json_t *sensor = json_object();
		fields_put(sensor, FIELDS(ask_fields), &setup->sensors[i]);
		json_array_append_new(sensors, sensor);
	}
	json_object_set_new(json, "sensors", sensors);
	return json;
}

bool bus_setup_from_json(const json_t *json, struct bus_setup *setup, struct err *err)
{
	struct bus_setup read = {.n_sensors = 0};
	json_t *sensors;
	if (!fields_need(json, FIELDS(bus_fields), &read.conf, err) ||
		!json_need_array(json, "sensors", BUS_SENSORS_MAX, &sensors, err)) {
		return false;
	}
	read.n_sensors = (int32_t)json_array_size(sensors);
	for (int32_t i = 0; i < read.n_sensors; i++) {
		if (!fields_need(json_array_get(sensors, (size_t)i), FIELDS(ask_fields),
			    &read.sensors[i], err)) {
			return false;
		}
	}
	*setup = read;
	return true;
}

json_t *sensor_answer_to_json(const struct sensor_answer *answer)
{
	json_t *json = json_pack("{ss}", "sensor", answer->name);
	if (answer->n_words == 0) {
		json_object_set_new(json, "err", err_to_json(&answer->err));
		return json;
	}
	json_t *words = json_array();
	for (int32_t i = 0; i < answer->n_words; i++) {
		json_array_append_new(words, json_integer(answer->words[i]));
	}
	json_object_set_new(json, "words", words);
	return json;
}

bool sensor_answer_from_json(const json_t *json, struct sensor_answer *answer, struct err *err)
{
	struct sensor_answer read = {.n_words = 0};
	json_t *words = NULL;
	const json_t *fault = json_object_get(json, "err");
	if (!json_need_text(json, "sensor", read.name, sizeof read.name, err)) {
		return false;
	}
	if (fault != NULL) {
		if (!err_from_json(fault, &read.err, err)) {
			return false;
		}
		*answer = read;
		return true;
	}
	if (!json_need_array(json, "words", SENSOR_WORDS_MAX, &words, err)) {
		return false;
	}
	read.n_words = (int32_t)json_array_size(words);
	for (int32_t i = 0; i < read.n_words; i++) {
		const json_t *word = json_array_get(words, (size_t)i);
		json_int_t number = json_integer_value(word);
		if (!json_is_integer(word) || number < 0 || number > UINT16_MAX) {
			return err_set(err, REMEDY_REJECT, "field",
				"\"words\" must be numbers of 16 bits");
		}
		read.words[i] = (uint16_t)number;
	}
	if (read.n_words == 0) {
		return err_set(err, REMEDY_REJECT, "field", "\"words\" must not be empty");
	}
	*answer = read;
	return true;
}
