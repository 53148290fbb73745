/* SPDX-License-Identifier: Apache-2.0
 *
 * The jobs in memory, found by store row and by id. Open addressing over pointers.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct floor_job;

struct table {
	struct floor_job **by_row, **by_id;
	size_t room, n;
};

void table_fini(struct table *table); /* not the jobs */
void table_add(struct table *table, struct floor_job *floor_job);
void table_remove(struct table *table, struct floor_job *floor_job);
struct floor_job *table_row(const struct table *table, int64_t row);
/* The newest epoch of that id. */
struct floor_job *table_id(const struct table *table, const char *id);
/* Some epoch of that id that fits. */
struct floor_job *table_id_if(
	const struct table *table, const char *id, bool (*fits)(const struct floor_job *floor_job));
/* Walks all, in no order; start with *at = 0; NULL at the end. Nothing may be added or removed
 * meanwhile. */
struct floor_job *table_next(const struct table *table, size_t *at);
