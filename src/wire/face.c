/* SPDX-License-Identifier: Apache-2.0
 *
 * A printer's face as JSON.
 */
#include "wire/face.h"
#include "wire/fields.h"

static const struct field fields[] = {
	FIELD_AT_BOOL(face, known),
	FIELD_AT_TEXT(face, title),
	FIELD_AT_TEXT(face, firmware),
	FIELD_AT_TEXT(face, tables),
	FIELD_AT_BOOL(face, paused),
	FIELD_AT_BOOL(face, stranger),
	FIELD_AT_BOOL(face, knows_media),
};

json_t *face_to_json(const struct face *face)
{
	json_t *object = json_object(), *takes = json_array(), *media = json_array();
	fields_put(object, FIELDS(fields), face);
	for (int at = 0; at < FORMAT_COUNT; at++) {
		json_array_append_new(takes, json_boolean(face->takes[at]));
	}
	for (int32_t i = 0; i < face->n_media; i++) {
		json_array_append_new(media, json_string(face->media[i]));
	}
	json_object_set_new(object, "takes", takes);
	json_object_set_new(object, "media", media);
	return object;
}

bool face_from_json(const json_t *json, struct face *face, struct err *err)
{
	struct face read = {.config_changed_s = COUNT_UNKNOWN, .up_time_s = COUNT_UNKNOWN};
	json_t *takes, *media;
	if (!fields_need(json, FIELDS(fields), &read, err) ||
		!json_need_array(json, "takes", FORMAT_COUNT, &takes, err) ||
		!json_need_array(json, "media", DEVICE_MEDIA_MAX, &media, err)) {
		return err_wrap(err, "what a printer was like");
	}
	for (size_t i = 0; i < json_array_size(takes); i++) {
		read.takes[i] = json_is_true(json_array_get(takes, i));
	}
	for (size_t i = 0; i < json_array_size(media); i++) {
		const char *name = json_string_value(json_array_get(media, i));
		text_copy(read.media[i], sizeof read.media[i], name == NULL ? "" : name);
	}
	read.n_media = (int32_t)json_array_size(media);
	*face = read;
	return true;
}
