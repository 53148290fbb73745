/* SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing, at most half full.
 */
#include "sim/index.h"
#include "base/mem.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a */
static size_t hash_of(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (; *name != '\0'; name++) {
		hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	}
	return (size_t)(hash ^ hash >> 32);
}

/* The row of that name, or the free one where it belongs. */
static struct index_row *find(const struct index *index, const char *name)
{
	size_t at = hash_of(name) & (index->room - 1);
	while (index->rows[at].name != NULL && strcmp(index->rows[at].name, name) != 0) {
		at = (at + 1) & (index->room - 1);
	}
	return &index->rows[at];
}

static void grow(struct index *index)
{
	struct index old = *index;
	index->room = old.room == 0 ? 64 : 2 * old.room;
	index->rows = mem_new(index->room, sizeof *index->rows);
	for (size_t i = 0; i < old.room; i++) {
		if (old.rows[i].name != NULL) {
			*find(index, old.rows[i].name) = old.rows[i];
		}
	}
	free(old.rows);
}

void index_put(struct index *index, const char *name, size_t number)
{
	if (2 * index->n >= index->room) {
		grow(index);
	}
	struct index_row *row = find(index, name);
	if (row->name == NULL) {
		row->name = mem_text(name);
		index->n++;
	}
	row->number = number;
}

bool index_get(const struct index *index, const char *name, size_t *number)
{
	const struct index_row *row = index->n == 0 ? NULL : find(index, name);
	if (row == NULL || row->name == NULL) {
		return false;
	}
	*number = row->number;
	return true;
}

void index_fini(struct index *index)
{
	for (size_t i = 0; i < index->room; i++) {
		free(index->rows[i].name);
	}
	free(index->rows);
	*index = (struct index){0};
}
