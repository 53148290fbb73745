/* SPDX-License-Identifier: Apache-2.0
 *
 * Supplies as JSON.
 */
#include "wire/supply.h"
#include "wire/fields.h"

static const struct field fields[] = {
	FIELD_AT_TEXT(supply, name),
	FIELD_AT_TEXT(supply, type),
	FIELD_AT_BOOL(supply, is_waste),
	FIELD_AT_INT32(supply, left_percent, LEFT_SOME, 100),
	FIELD_AT_BOOL(supply, is_low),
};

json_t *supplies_to_json(const struct device_status *status)
{
	json_t *list = json_array();
	for (int32_t i = 0; i < status->n_supplies; i++) {
		json_t *supply = json_object();
		fields_put(supply, FIELDS(fields), &status->supplies[i]);
		json_array_append_new(list, supply);
	}
	return list;
}

bool supplies_from_json(const json_t *json, struct device_status *status, struct err *err)
{
	json_t *list;
	if (!json_need_array(json, "supplies", DEVICE_SUPPLIES_MAX, &list, err)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!fields_need(
			    json_array_get(list, i), FIELDS(fields), &status->supplies[i], err)) {
			return err_wrap(err, "supply %zu", i);
		}
	}
	status->n_supplies = (int32_t)json_array_size(list);
	return true;
}
