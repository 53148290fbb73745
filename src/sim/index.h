/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers by name, for worlds of ten thousand jobs. What was put stays.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct index_row {
	char *name;
	size_t number;
};

struct index { /* zeroed: empty */
	struct index_row *rows;
	size_t n, room;
};

/* Replaces the number of a name that is there already. */
void index_put(struct index *index, const char *name, size_t number);
bool index_get(const struct index *index, const char *name, size_t *number);
void index_fini(struct index *index);
