/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables for people: columns as wide as their widest cell. Whatever comes from outside is escaped,
 * so that no text can move the cursor or change colours.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum tone { TONE_PLAIN, TONE_GOOD, TONE_WAIT, TONE_BAD, TONE_QUIET };

struct table;

/* Headings separated by '|'; one that begins with '>' stands right. */
struct table *table_create(const char *headings, bool colour);
void table_cell(struct table *table, enum tone tone, const char *text);
void table_print(struct table *table);
void table_destroy(struct table *table);

/* `text` in that tone, on stdout. */
void tone_print(bool colour, enum tone tone, const char *text);
