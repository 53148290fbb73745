/* SPDX-License-Identifier: Apache-2.0
 *
 * Where things stand in a configuration text. libConfuse keeps no line of an option, loses count
 * after comments, expands ${VAR} and swallows braces after unknown sections; so this map of the
 * text is made first, from a strict part of its language. Used by conf.c alone.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct conf_section {
	char *name;  /* "" for the top level, which is section 0 */
	char *title; /* NULL: none */
	int line;
	size_t start, end; /* its bytes in the text, up to its closing brace */
};

struct conf_item { /* one `key = value`, or the head of a section (key NULL) */
	char *key;
	int line;
	size_t section;    /* that it stands in, or that it opens */
	bool is_list;      /* written with braces */
	bool has_variable; /* ${…} in its value or title */
	size_t n_values;
	size_t start, end; /* its bytes in the text */
};

struct conf_map {
	char *clean; /* the text without comments, every line in its place */
	struct conf_section *sections;
	size_t n_sections;
	struct conf_item *items; /* in file order */
	size_t n_items;
};

/* False on the first thing that can't be understood: *line and err's text say where and what. */
must_use bool conf_scan(const char *text, struct conf_map *map, int *line, struct err *err);
void conf_map_fini(struct conf_map *map);
