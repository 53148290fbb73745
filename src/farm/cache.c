/* SPDX-License-Identifier: Apache-2.0
 *
 * The derivative cache: a raster is named by its recipe, so whoever needs that page next, another
 * job, a reprint or the next page of the same one, takes the one that is here. What two jobs want
 * at the same time is made once: the second waits for the first. What the file says is checked by
 * the printer's worker, against the hash in the store, before any of it is printed.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct making { /* a raster that the crew was asked for */
	struct link link;
	char name[HASH_HEX_MAX];
	bool waited_for;
};

static struct link *bucket_of(struct farm *farm, const char *name)
{
	char digits[3] = {name[0], name[1], '\0'};
	return &farm->cache.making[strtoul(digits, NULL, 16) % CACHE_BUCKETS];
}

static struct making *find_making(struct farm *farm, const char *name)
{
	struct link *bucket = bucket_of(farm, name);
	list_each(at, bucket)
	{
		struct making *making = list_entry(at, struct making, link);
		if (strcmp(making->name, name) == 0) {
			return making;
		}
	}
	return NULL;
}

void cache_create(struct farm *farm)
{
	for (size_t i = 0; i < CACHE_BUCKETS; i++) {
		list_init(&farm->cache.making[i]);
	}
}

void cache_open(struct farm *farm)
{
	farm->cache.bytes = store_rasters_bytes(farm->ports.store);
}

void cache_destroy(struct farm *farm)
{
	for (size_t i = 0; i < CACHE_BUCKETS; i++) {
		struct link *bucket = &farm->cache.making[i];
		while (!list_is_empty(bucket)) {
			struct making *making = list_entry(bucket->next, struct making, link);
			list_remove(&making->link);
			free(making);
		}
	}
}

bool cache_drop(struct farm *farm, const char *name)
{
	struct err err;
	farm->cache.bytes -= store_raster_drop(farm->ports.store, name);
	if (!spool_remove(farm->ports.spool, SPOOL_RASTERS, name, &err)) {
		log_warn("cache", "%s", err.text);
		return false;
	}
	return true;
}

bool cache_get(struct farm *farm, const char *name, struct render_result *result)
{
	int64_t bytes = -1;
	struct store *store = farm->ports.store;
	if (!store_raster_get(store, name, &result->facts, &result->raster)) {
		return false;
	}
	if (!spool_has(farm->ports.spool, SPOOL_RASTERS, name, &bytes) ||
		bytes != result->raster.bytes) {
		cache_drop(farm, name);
		return false;
	}
	result->fine = true;
	int64_t wall_ms = farm_wall_ms(farm);
	store_raster_hit(store, name, wall_ms);
	store_cache_count(store, wall_ms, &(struct cache_counts){.hits = 1, .saved_bytes = bytes});
	return true;
}

bool cache_waits(struct farm *farm, const char *name)
{
	struct making *making = find_making(farm, name);
	if (making != NULL) {
		making->waited_for = true;
	}
	return making != NULL;
}

void cache_begin(struct farm *farm, const char *name)
{
	struct making *making = mem_new(1, sizeof *making);
	memcpy(making->name, name, sizeof making->name);
	list_append(bucket_of(farm, name), &making->link);
}

static void wake_waiting(struct farm *farm, const char *name)
{
	size_t at = 0;
	char wanted[HASH_HEX_MAX];
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (fj->in_line != DO_RENDER || fj->job.stage != AT_INSPECTED) {
			continue;
		}
		recipe_name(&fj->recipe, wanted);
		if (strcmp(wanted, name) == 0) {
			fj->in_line = DO_NOTHING;
			farm_due(farm, fj, DO_RENDER);
		}
	}
}

void cache_ended(struct farm *farm, const char *name, const struct render_result *result)
{
	struct making *making = find_making(farm, name);
	if (making == NULL) {
		return; /* told twice */
	}
	bool waited_for = making->waited_for;
	list_remove(&making->link);
	free(making);
	if (result->fine) {
		int64_t wall_ms = farm_wall_ms(farm);
		farm->cache.bytes += store_raster_add(
			farm->ports.store, name, &result->facts, &result->raster, wall_ms);
		store_cache_count(farm->ports.store, wall_ms, &(struct cache_counts){.misses = 1});
		retention_trim(farm);
	}
	if (waited_for) {
		wake_waiting(farm, name);
	}
}

void cache_used(struct farm *farm, const char *name)
{
	store_raster_used(farm->ports.store, name, farm_wall_ms(farm));
}

/* Somebody should hear of a disk that rots. */
void cache_changed(struct farm *farm, const struct job *job, const struct err *err)
{
	struct page page;
	if (making_page(farm, job, job->attempt.page, &page)) {
		cache_drop(farm, page.raster_name);
		store_audit(farm->ports.store, farm_wall_ms(farm), "platen", "raster changed",
			job->id, err->text);
	}
}
