/* SPDX-License-Identifier: Apache-2.0
 *
 * Sensors: what each says, how old that is, whether it may be used, and where it comes from; and
 * the room that an attempt was made in.
 */
#include "base/log.h"
#include "desk/view.h"
#include "farm/sensors.h"
#include <string.h>

static json_t *real_or_null(bool there, double value)
{
	return there ? json_real(value) : json_null();
}

static json_t *near_json(const struct sensor_conf *conf)
{
	json_t *near = json_array();
	for (int32_t i = 0; i < conf->n_near; i++) {
		json_array_append_new(near, json_string(conf->near[i]));
	}
	return near;
}

/* Who uses the figure can tell a measured one from one that somebody set. */
static const char *source_of(const struct sensor_look *look)
{
	if (look->state == READING_SIMULATED) {
		return "person";
	}
	return look->has_figure ? "sensor" : "none";
}

static json_t *sensor_json(const struct sensor_look *look)
{
	const struct sensor_conf *conf = look->conf;
	json_t *json = json_pack("{ss ss si ss si ss ss ss ss}", "name", conf->name, "bus",
		conf->bus, "unit_number", (int)conf->unit, "function",
		register_kind_name(conf->kind), "register", (int)conf->address, "measures",
		measure_name(conf->measures), "unit", measure_unit(conf->measures), "state",
		reading_state_name(look->state), "source", source_of(look));
	json_object_set_new(json, "figure", real_or_null(look->has_figure, look->figure));
	json_object_set_new(json, "said", real_or_null(look->has_said, look->said));
	json_object_set_new(
		json, "age_ms", look->has_said ? json_integer(look->age_ms) : json_null());
	json_object_set_new(json, "say", view_text(look->words));
	json_object_set_new(json, "pauses", json_boolean(look->pauses));
	json_object_set_new(json, "with_sheets", json_boolean(conf->with_sheets));
	json_object_set_new(json, "near", near_json(conf));
	return json;
}

json_t *view_sensors(struct view *view)
{
	json_t *list = json_array();
	for (size_t i = 0; i < farm_sensors(view->farm); i++) {
		struct sensor_look look;
		farm_sensor(view->farm, i, &look);
		json_array_append_new(list, sensor_json(&look));
	}
	return json_pack("{so}", "sensors", list);
}

json_t *view_sensor(struct view *view, const char *name, struct err *err)
{
	for (size_t i = 0; i < farm_sensors(view->farm); i++) {
		struct sensor_look look;
		farm_sensor(view->farm, i, &look);
		if (strcmp(look.conf->name, name) == 0) {
			return sensor_json(&look);
		}
	}
	err_set(err, REMEDY_REJECT, "unknown-sensor",
		"no sensor %.48s on this floor: see `platenctl sensors`", name);
	return NULL;
}

json_t *view_room_of(struct view *view, int64_t attempt_row)
{
	struct err err;
	json_t *room = json_array();
	struct db_row *row = db_query(view_db(view),
		"SELECT sensor, measures, unit, state, figure, age_ms FROM attempt_room"
		" WHERE attempt=? ORDER BY sensor",
		"i", attempt_row);
	while (db_next(row)) {
		json_t *figure = real_or_null(!db_is_null(row, 4), db_real(row, 4));
		json_t *age = db_is_null(row, 5) ? json_null() : json_integer(db_int(row, 5));
		json_array_append_new(
			room, json_pack("{ss ss ss ss so so}", "sensor", db_text(row, 0),
				      "measures", db_text(row, 1), "unit", db_text(row, 2), "state",
				      db_text(row, 3), "figure", figure, "age_ms", age));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading rooms: %s", err.text);
	}
	return room;
}
