/* SPDX-License-Identifier: Apache-2.0
 *
 * Trays, alerts and abilities as JSON.
 */
#include "wire/health.h"
#include "wire/fields.h"

static const char *severity_word(int at)
{
	return alert_severity_name((enum alert_severity)at);
}

static const struct field tray_fields[] = {
	FIELD_AT_TEXT(tray, name),
	FIELD_AT_TEXT(tray, type),
	FIELD_AT_TEXT(tray, unit),
	FIELD_AT_BOOL(tray, is_output),
	FIELD_AT_INT32(tray, index, 0, INT32_MAX),
	FIELD_AT_INT32(tray, level, LEFT_UNBOUND, INT32_MAX),
	FIELD_AT_INT32(tray, capacity, LEFT_UNBOUND, INT32_MAX),
	FIELD_AT_BOOL(tray, is_empty),
	FIELD_AT_BOOL(tray, has_fault),
	FIELD_AT_BOOL(tray, is_away),
};

static const struct field alert_fields[] = {
	FIELD_AT_WORD(alert, severity, ALERT_CRITICAL, severity_word),
	FIELD_AT_TEXT(alert, keyword),
	FIELD_AT_TEXT(alert, group),
	FIELD_AT_INT32(alert, index, 0, INT32_MAX),
	FIELD_AT_TEXT(alert, where),
	FIELD_AT_TEXT(alert, text),
};

static json_t *put_one(const struct field *table, size_t n, const void *from)
{
	json_t *object = json_object();
	fields_put(object, table, n, from);
	return object;
}

void health_to_json(const struct device_status *status, json_t *object)
{
	json_t *trays = json_array(), *alerts = json_array(), *media = json_array();
	for (int32_t i = 0; i < status->n_trays; i++) {
		json_array_append_new(trays, put_one(FIELDS(tray_fields), &status->trays[i]));
	}
	for (int32_t i = 0; i < status->n_alerts; i++) {
		json_array_append_new(alerts, put_one(FIELDS(alert_fields), &status->alerts[i]));
	}
	json_object_set_new(object, "trays", trays);
	json_object_set_new(object, "alerts", alerts);
	for (int32_t i = 0; i < status->n_media; i++) {
		json_array_append_new(media, json_string(status->media[i]));
	}
	json_object_set_new(object, "media", media);
}

static bool media_from_json(const json_t *object, struct device_status *status, struct err *err)
{
	json_t *list;
	if (!json_need_array(object, "media", DEVICE_MEDIA_MAX, &list, err)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		if (name == NULL || !text_copy(status->media[i], sizeof status->media[i], name)) {
			return err_set(err, REMEDY_REJECT, "field",
				"\"media\" must be names of up to 64 bytes");
		}
	}
	status->n_media = (int32_t)json_array_size(list);
	return true;
}

bool health_from_json(const json_t *object, struct device_status *status, struct err *err)
{
	json_t *trays, *alerts;
	if (!json_need_array(object, "trays", DEVICE_TRAYS_MAX, &trays, err) ||
		!json_need_array(object, "alerts", DEVICE_ALERTS_MAX, &alerts, err) ||
		!media_from_json(object, status, err)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(trays); i++) {
		if (!fields_need(json_array_get(trays, i), FIELDS(tray_fields), &status->trays[i],
			    err)) {
			return err_wrap(err, "tray %zu", i);
		}
	}
	for (size_t i = 0; i < json_array_size(alerts); i++) {
		if (!fields_need(json_array_get(alerts, i), FIELDS(alert_fields),
			    &status->alerts[i], err)) {
			return err_wrap(err, "alert %zu", i);
		}
	}
	status->n_trays = (int32_t)json_array_size(trays);
	status->n_alerts = (int32_t)json_array_size(alerts);
	return true;
}
