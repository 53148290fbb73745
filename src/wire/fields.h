/* SPDX-License-Identifier: Apache-2.0
 *
 * A struct as JSON, said by a table: one row a field, with its bounds. The same row writes and
 * reads, so that the two can't drift apart.
 */
#pragma once
#include "wire/json.h"
#include <stdbool.h>
#include <stddef.h>

enum field_kind { FIELD_TEXT, FIELD_INT32, FIELD_INT64, FIELD_BOOL, FIELD_WORD };

struct field {
	const char *key;
	enum field_kind kind;
	size_t at;                   /* offset in the struct */
	int64_t least, most;         /* numbers; texts: most = size of the array */
	const char *(*word)(int at); /* FIELD_WORD: an enum's names, 0..most */
};

#define FIELD_AT_TEXT(type, name)                                                                  \
	{                                                                                          \
#name, FIELD_TEXT, offsetof(struct type, name), 0,                                 \
			sizeof(((struct type *)0)->name), NULL                                     \
	}
#define FIELD_AT_INT32(type, name, least, most)                                                    \
	{                                                                                          \
#name, FIELD_INT32, offsetof(struct type, name), least, most, NULL                 \
	}
#define FIELD_AT_INT64(type, name, least, most)                                                    \
	{                                                                                          \
#name, FIELD_INT64, offsetof(struct type, name), least, most, NULL                 \
	}
#define FIELD_AT_BOOL(type, name)                                                                  \
	{                                                                                          \
#name, FIELD_BOOL, offsetof(struct type, name), 0, 1, NULL                         \
	}
#define FIELD_AT_WORD(type, name, last, word)                                                      \
	{                                                                                          \
#name, FIELD_WORD, offsetof(struct type, name), 0, last, word                      \
	}
#define FIELDS(table) table, sizeof table / sizeof table[0]

/* Adds every field to `object`. Text that is not UTF-8 is left out, and so refused by the reader.
 */
void fields_put(json_t *object, const struct field *table, size_t n, const void *from);
/* Every field must be there, of its kind and within its bounds. */
must_use bool fields_need(
	const json_t *object, const struct field *table, size_t n, void *to, struct err *err);
