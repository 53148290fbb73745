/* SPDX-License-Identifier: Apache-2.0
 *
 * Two hash indexes over the same jobs. Both have the same room and are at most half full.
 */
#include "farm/table.h"
#include "base/mem.h"
#include "farm/own.h"
#include <stdlib.h>
#include <string.h>

static size_t hash_row(int64_t row)
{
	return (size_t)((uint64_t)row * UINT64_C(0x9E3779B97F4A7C15) >> 17);
}

static size_t hash_id(const char *id)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
	for (; *id != '\0'; id++) {
		hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
	}
	return (size_t)(hash ^ hash >> 29);
}

static void put(struct floor_job **slots, size_t room, size_t hash, struct floor_job *floor_job)
{
	size_t at = hash & (room - 1);
	while (slots[at] != NULL) {
		at = (at + 1) & (room - 1);
	}
	slots[at] = floor_job;
}

static void grow(struct table *table)
{
	struct table bigger = {.room = table->room == 0 ? 64 : table->room * 2, .n = table->n};
	bigger.by_row = mem_new(bigger.room, sizeof(struct floor_job *));
	bigger.by_id = mem_new(bigger.room, sizeof(struct floor_job *));
	for (size_t i = 0; i < table->room; i++) {
		struct floor_job *floor_job = table->by_row[i];
		if (floor_job != NULL) {
			put(bigger.by_row, bigger.room, hash_row(floor_job->job.row), floor_job);
			put(bigger.by_id, bigger.room, hash_id(floor_job->job.id), floor_job);
		}
	}
	table_fini(table);
	*table = bigger;
}

void table_fini(struct table *table)
{
	free(table->by_row);
	free(table->by_id);
	*table = (struct table){0};
}

void table_add(struct table *table, struct floor_job *floor_job)
{
	if ((table->n + 1) * 2 > table->room) {
		grow(table);
	}
	put(table->by_row, table->room, hash_row(floor_job->job.row), floor_job);
	put(table->by_id, table->room, hash_id(floor_job->job.id), floor_job);
	table->n++;
}

/* Empties a slot and puts what probed past it back into reach. */
static void vacate(struct floor_job **slots, size_t room, size_t at, bool ids)
{
	slots[at] = NULL;
	for (size_t i = (at + 1) & (room - 1); slots[i] != NULL; i = (i + 1) & (room - 1)) {
		struct floor_job *moved = slots[i];
		slots[i] = NULL;
		put(slots, room, ids ? hash_id(moved->job.id) : hash_row(moved->job.row), moved);
	}
}

void table_remove(struct table *table, struct floor_job *floor_job)
{
	for (int ids = 0; ids < 2; ids++) {
		struct floor_job **slots = ids ? table->by_id : table->by_row;
		size_t hash = ids ? hash_id(floor_job->job.id) : hash_row(floor_job->job.row);
		size_t at = hash & (table->room - 1);
		while (slots[at] != floor_job) {
			at = (at + 1) & (table->room - 1);
		}
		vacate(slots, table->room, at, ids != 0);
	}
	table->n--;
}

struct floor_job *table_row(const struct table *table, int64_t row)
{
	if (table->room == 0) {
		return NULL;
	}
	size_t at = hash_row(row) & (table->room - 1);
	for (; table->by_row[at] != NULL; at = (at + 1) & (table->room - 1)) {
		if (table->by_row[at]->job.row == row) {
			return table->by_row[at];
		}
	}
	return NULL;
}

struct floor_job *table_id(const struct table *table, const char *id)
{
	struct floor_job *found = NULL;
	if (table->room == 0) {
		return NULL;
	}
	size_t at = hash_id(id) & (table->room - 1);
	for (; table->by_id[at] != NULL; at = (at + 1) & (table->room - 1)) {
		struct floor_job *here = table->by_id[at];
		if (strcmp(here->job.id, id) == 0 &&
			(found == NULL || here->job.epoch > found->job.epoch)) {
			found = here;
		}
	}
	return found;
}

struct floor_job *table_id_if(
	const struct table *table, const char *id, bool (*fits)(const struct floor_job *floor_job))
{
	size_t at = table->room == 0 ? 0 : hash_id(id) & (table->room - 1);
	for (; table->room > 0 && table->by_id[at] != NULL; at = (at + 1) & (table->room - 1)) {
		struct floor_job *here = table->by_id[at];
		if (strcmp(here->job.id, id) == 0 && fits(here)) {
			return here;
		}
	}
	return NULL;
}

struct floor_job *table_next(const struct table *table, size_t *at)
{
	while (*at < table->room) {
		struct floor_job *floor_job = table->by_row[(*at)++];
		if (floor_job != NULL) {
			return floor_job;
		}
	}
	return NULL;
}
