/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing and reading structs by their tables.
 */
#include "wire/fields.h"
#include <string.h>

static json_t *put(const struct field *field, const void *at)
{
	switch (field->kind) {
	case FIELD_TEXT:
		return json_string(at);
	case FIELD_INT32:
		return json_integer(*(const int32_t *)at);
	case FIELD_INT64:
		return json_integer(*(const int64_t *)at);
	case FIELD_BOOL:
		return json_boolean(*(const bool *)at);
	case FIELD_WORD:
		return json_string(field->word(*(const int *)at));
	}
	return NULL;
}

void fields_put(json_t *object, const struct field *table, size_t n, const void *from)
{
	for (size_t i = 0; i < n; i++) {
		json_t *value = put(&table[i], (const char *)from + table[i].at);
		if (value != NULL) {
			json_object_set_new(object, table[i].key, value);
		}
	}
}

static bool need_word(const json_t *object, const struct field *field, int *out, struct err *err)
{
	char word[65];
	if (!json_need_text(object, field->key, word, sizeof word, err)) {
		return false;
	}
	for (int at = 0; at <= (int)field->most; at++) {
		if (strcmp(field->word(at), word) == 0) {
			*out = at;
			return true;
		}
	}
	return err_set(err, REMEDY_REJECT, "field", "\"%s\" has an unknown word", field->key);
}

static bool need_bool(const json_t *object, const char *key, bool *out, struct err *err)
{
	const json_t *value = json_object_get(object, key);
	if (!json_is_boolean(value)) {
		return err_set(err, REMEDY_REJECT, "field", "\"%s\" must be true or false", key);
	}
	*out = json_is_true(value);
	return true;
}

static bool need(const json_t *object, const struct field *field, void *to, struct err *err)
{
	int64_t number = 0;
	switch (field->kind) {
	case FIELD_TEXT:
		return json_need_text(object, field->key, to, (size_t)field->most, err);
	case FIELD_INT32:
		if (!json_need_int(object, field->key, field->least, field->most, &number, err)) {
			return false;
		}
		*(int32_t *)to = (int32_t)number;
		return true;
	case FIELD_INT64:
		return json_need_int(object, field->key, field->least, field->most, to, err);
	case FIELD_BOOL:
		return need_bool(object, field->key, to, err);
	case FIELD_WORD:
		return need_word(object, field, to, err);
	}
	return false;
}

bool fields_need(
	const json_t *object, const struct field *table, size_t n, void *to, struct err *err)
{
	if (!json_is_object(object)) {
		return err_set(err, REMEDY_REJECT, "field", "an object was expected");
	}
	for (size_t i = 0; i < n; i++) {
		if (!need(object, &table[i], (char *)to + table[i].at, err)) {
			return false;
		}
	}
	return true;
}
