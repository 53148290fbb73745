/* SPDX-License-Identifier: Apache-2.0
 *
 * The bounded reader and the checked takers. jansson parses; depth and size are judged before it
 * runs, because its own limits are far higher than any honest message needs.
 */
#include "wire/json.h"
#include <string.h>

/* Depth and number of values, from the punctuation outside strings. */
static bool shape_is_fine(const char *text, size_t len, struct err *err)
{
	size_t depth = 0;
	size_t nodes = 1;
	bool quoted = false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (quoted) {
			i += c == '\\';
			quoted = c != '"';
			continue;
		}
		quoted = c == '"';
		nodes += c == ',' || c == '[' || c == '{';
		depth += c == '[' || c == '{';
		depth -= (c == ']' || c == '}') && depth > 0;
		if (depth > JSON_DEPTH_MAX || nodes > JSON_NODES_MAX) {
			return err_set(err, REMEDY_REJECT, "json",
				"JSON is nested over %d deep or has over %d values", JSON_DEPTH_MAX,
				JSON_NODES_MAX);
		}
	}
	return true;
}

json_t *json_read(const char *text, size_t len, struct err *err)
{
	if (len > JSON_BYTES_MAX) {
		err_set(err, REMEDY_REJECT, "json", "JSON of %zu bytes is over the limit of %d",
			len, JSON_BYTES_MAX);
		return NULL;
	}
	/* jansson takes a zero byte after a value for the end */
	if (len > 0 && memchr(text, '\0', len) != NULL) {
		err_set(err, REMEDY_REJECT, "json", "not JSON: it holds a zero byte");
		return NULL;
	}
	if (!shape_is_fine(text, len, err)) {
		return NULL;
	}
	json_error_t fault;
	json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);
	if (value == NULL) {
		err_set(err, REMEDY_REJECT, "json", "not JSON at line %d, column %d: %s",
			fault.line, fault.column, fault.text);
	}
	return value;
}

char *json_write(const json_t *value)
{
	return json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
}

static bool missing(const char *key, struct err *err)
{
	return err_set(err, REMEDY_REJECT, "field", "\"%s\" is missing", key);
}

static bool wrong(const char *key, const char *must, struct err *err)
{
	return err_set(err, REMEDY_REJECT, "field", "\"%s\" must be %s", key, must);
}

/* The member, or NULL when it is absent or null. */
static json_t *member(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	return json_is_null(value) ? NULL : value;
}

bool json_take_text(const json_t *object, const char *key, char *out, size_t size, struct err *err)
{
	json_t *value = member(object, key);
	if (value == NULL) {
		return true;
	}
	if (!json_is_string(value)) {
		return wrong(key, "a text", err);
	}
	if (json_string_length(value) >= size) {
		return err_set(err, REMEDY_REJECT, "field", "\"%s\" is over %zu bytes long", key,
			size - 1);
	}
	memcpy(out, json_string_value(value), json_string_length(value) + 1);
	return true;
}

bool json_need_text(const json_t *object, const char *key, char *out, size_t size, struct err *err)
{
	return member(object, key) == NULL ? missing(key, err)
					   : json_take_text(object, key, out, size, err);
}

bool json_take_int(const json_t *object, const char *key, int64_t least, int64_t most, int64_t *out,
	struct err *err)
{
	json_t *value = member(object, key);
	if (value == NULL) {
		return true;
	}
	if (!json_is_integer(value)) {
		return wrong(key, "a whole number", err);
	}
	int64_t number = json_integer_value(value);
	if (number < least || number > most) {
		return err_set(err, REMEDY_REJECT, "field", "\"%s\" is %lld, must be %lld to %lld",
			key, (long long)number, (long long)least, (long long)most);
	}
	*out = number;
	return true;
}

bool json_need_int(const json_t *object, const char *key, int64_t least, int64_t most, int64_t *out,
	struct err *err)
{
	return member(object, key) == NULL ? missing(key, err)
					   : json_take_int(object, key, least, most, out, err);
}

bool json_take_int32(const json_t *object, const char *key, int32_t least, int32_t most,
	int32_t *out, struct err *err)
{
	int64_t number = *out;
	if (!json_take_int(object, key, least, most, &number, err)) {
		return false;
	}
	*out = (int32_t)number;
	return true;
}

bool json_take_real(const json_t *object, const char *key, double least, double most, double *out,
	struct err *err)
{
	json_t *value = member(object, key);
	if (value == NULL) {
		return true;
	}
	if (!json_is_number(value)) {
		return wrong(key, "a number", err);
	}
	double number = json_number_value(value);
	if (!(number >= least && number <= most)) {
		return err_set(err, REMEDY_REJECT, "field", "\"%s\" is %g, must be %g to %g", key,
			number, least, most);
	}
	*out = number;
	return true;
}

bool json_take_bool(const json_t *object, const char *key, bool *out, struct err *err)
{
	json_t *value = member(object, key);
	if (value == NULL) {
		return true;
	}
	if (!json_is_boolean(value)) {
		return wrong(key, "true or false", err);
	}
	*out = json_is_true(value);
	return true;
}

bool json_take_array(
	const json_t *object, const char *key, size_t most, json_t **out, struct err *err)
{
	json_t *value = member(object, key);
	if (value != NULL && !json_is_array(value)) {
		return wrong(key, "a list", err);
	}
	if (value != NULL && json_array_size(value) > most) {
		return err_set(err, REMEDY_REJECT, "field", "\"%s\" has %zu items, at most %zu",
			key, json_array_size(value), most);
	}
	*out = value;
	return true;
}

bool json_need_array(
	const json_t *object, const char *key, size_t most, json_t **out, struct err *err)
{
	return member(object, key) == NULL ? missing(key, err)
					   : json_take_array(object, key, most, out, err);
}

bool json_take_object(const json_t *object, const char *key, json_t **out, struct err *err)
{
	json_t *value = member(object, key);
	if (value != NULL && !json_is_object(value)) {
		return wrong(key, "an object", err);
	}
	*out = value;
	return true;
}

bool json_need_object(const json_t *object, const char *key, json_t **out, struct err *err)
{
	return member(object, key) == NULL ? missing(key, err)
					   : json_take_object(object, key, out, err);
}
