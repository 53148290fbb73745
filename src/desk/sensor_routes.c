/* SPDX-License-Identifier: Apache-2.0
 *
 * The routes of sensors.
 */
#include "desk/desk_own.h"
#include "farm/sensors.h"

#define FIGURE_MOST 1e12

json_t *read_sensors(struct ask *ask, struct err *err)
{
	(void)err;
	return view_sensors(&ask->desk->view);
}

json_t *read_changed_sensor(struct ask *ask, struct err *err)
{
	json_t *sensor = view_sensor(&ask->desk->view, ask->captures[0], err);
	return sensor != NULL ? json_pack("{so}", "sensor", sensor) : NULL;
}

bool change_sensor(struct ask *ask, const json_t *body, struct err *err)
{
	char word[16], reason[200] = "";
	enum sensor_mark mark;
	double figure = 0;
	if (!json_need_text(body, "as", word, sizeof word, err) ||
		!json_take_text(body, "reason", reason, sizeof reason, err) ||
		!json_take_real(body, "figure", -FIGURE_MOST, FIGURE_MOST, &figure, err)) {
		return false;
	}
	if (!sensor_mark_from_name(word, &mark)) {
		return err_set(err, REMEDY_REJECT, "field",
			"as: must be one of trusted, lying, simulated");
	}
	if (mark == SENSOR_SIMULATED && json_object_get(body, "figure") == NULL) {
		return err_set(err, REMEDY_REJECT, "field",
			"figure: say which one stands in the sensor's place");
	}
	return farm_sensor_mark(
		ask->desk->farm, ask->captures[0], mark, figure, ask->who, reason, err);
}
