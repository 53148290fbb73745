/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded JSON: everything foreign is read through json_read, and fields are taken by functions
 * that check type and range and name the field in their error. Unknown members are ignored.
 */
#pragma once
#include "base/err.h"
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_BYTES_MAX (1024 * 1024)
#define JSON_DEPTH_MAX 32
#define JSON_NODES_MAX 10000

/* NULL on anything but one well-formed value: UTF-8, no NUL, no duplicate key, within the bounds.
 * The error is REJECT with code "json" and names line and column. */
json_t *json_read(const char *text, size_t len, struct err *err);
/* Compact text with sorted keys (canonical: the same value gives the same bytes); caller frees. */
char *json_write(const json_t *value);

/* json_need_*: the member must be there. json_take_*: absent or null leaves *out as it is.
 * Both fail with REJECT, code "field", on a wrong type, a text that does not fit, a number out of
 * least..most. */
must_use bool json_need_text(
	const json_t *object, const char *key, char *out, size_t size, struct err *err);
must_use bool json_take_text(
	const json_t *object, const char *key, char *out, size_t size, struct err *err);
must_use bool json_need_int(const json_t *object, const char *key, int64_t least, int64_t most,
	int64_t *out, struct err *err);
must_use bool json_take_int(const json_t *object, const char *key, int64_t least, int64_t most,
	int64_t *out, struct err *err);
must_use bool json_take_int32(const json_t *object, const char *key, int32_t least, int32_t most,
	int32_t *out, struct err *err);
must_use bool json_take_real(const json_t *object, const char *key, double least, double most,
	double *out, struct err *err);
must_use bool json_take_bool(const json_t *object, const char *key, bool *out, struct err *err);
/* Borrowed; at most `most` items. */
must_use bool json_need_array(
	const json_t *object, const char *key, size_t most, json_t **out, struct err *err);
must_use bool json_need_object(
	const json_t *object, const char *key, json_t **out, struct err *err);
/* *out is NULL when absent or null. */
must_use bool json_take_object(
	const json_t *object, const char *key, json_t **out, struct err *err);
must_use bool json_take_array(
	const json_t *object, const char *key, size_t most, json_t **out, struct err *err);
