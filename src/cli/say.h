/* SPDX-License-Identifier: Apache-2.0
 *
 * Small help for showing JSON: members with a fallback, times as a person reads them.
 */
#pragma once
#include "cli/ctl.h"
#include "cli/table.h"

/* "" (0) when the member is absent or of another type. Borrowed. */
const char *text_of(const json_t *object, const char *key);
long long int_of(const json_t *object, const char *key);
const json_t *member(const json_t *object, const char *key, const char *inner);

#define WHEN_MAX 24
/* "14:03:21" today, "24 Nov 14:03" before; "" for no time. Returns `when`. */
const char *when_of(const json_t *object, const char *key, char when[WHEN_MAX]);

/* A number as a cell; empty where it is 0. */
void table_number(struct table *table, enum tone tone, long long number);
enum tone tone_of_kind(const char *kind);
/* One line, escaped. */
void say_line(const struct args *args, enum tone tone, const char *before, const char *text);

/* Prints the JSON for programs and lets go of it; EX_OK. */
int print_json(json_t *value);
