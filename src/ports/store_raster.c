/* SPDX-License-Identifier: Apache-2.0
 *
 * The derivative cache: what is known of each raster in the spool, under the name that its recipe
 * gives it, and how often one that was there saved a rendering. A row is written in the transaction
 * of the page that it was made for; a file without a row is not used, a row without a file is
 * dropped when that is seen.
 */
#include "ports/store_own.h"
#include <stdlib.h>

#define USED_STEP_MS INT64_C(3600000) /* finer than that the order of use is not kept */
#define HOUR         INT64_C(3600000)

static int64_t bytes_of(struct store *store, const char *name)
{
	int64_t bytes = 0;
	db_one_int(store->db, &bytes, "SELECT bytes FROM raster WHERE name=?", "t", name);
	return bytes;
}

int64_t store_raster_add(struct store *store, const char *name, const struct facts *facts,
	const struct raster *raster, int64_t wall_ms)
{
	int64_t before = bytes_of(store, name);
	json_t *of_picture = facts_to_json(facts);
	json_t *of_raster = raster_to_json(raster);
	char *picture_text = json_write(of_picture);
	char *raster_text = json_write(of_raster);
	store_put(store,
		"INSERT INTO raster(name, bytes, facts, raster, made, used)"
		" VALUES(?1,?2,?3,?4,?5,?5) ON CONFLICT(name) DO UPDATE SET bytes=?2, facts=?3,"
		" raster=?4, made=?5, used=?5",
		"titti", name, raster->bytes, picture_text, raster_text, wall_ms);
	free(picture_text);
	free(raster_text);
	json_decref(of_picture);
	json_decref(of_raster);
	return raster->bytes - before;
}

bool store_raster_get(
	struct store *store, const char *name, struct facts *facts, struct raster *raster)
{
	struct err ignored;
	bool fine = false;
	struct db_row *row =
		db_query(store->db, "SELECT facts, raster FROM raster WHERE name=?", "t", name);
	if (db_next(row)) {
		json_t *of_picture = json_loads(db_text(row, 0), 0, NULL);
		json_t *of_raster = json_loads(db_text(row, 1), 0, NULL);
		fine = of_picture != NULL && of_raster != NULL &&
		       facts_from_json(of_picture, facts, &ignored) &&
		       raster_from_json(of_raster, raster, &ignored);
		json_decref(of_picture);
		json_decref(of_raster);
	}
	return store_read_end(store, row) && fine;
}

bool store_knows_raster(struct store *store, const char *name)
{
	int64_t bytes = 0;
	return db_one_int(store->db, &bytes, "SELECT bytes FROM raster WHERE name=?", "t", name);
}

void store_raster_hit(struct store *store, const char *name, int64_t wall_ms)
{
	store_put(store, "UPDATE raster SET used=?, hits=hits+1 WHERE name=?", "it", wall_ms, name);
}

void store_raster_used(struct store *store, const char *name, int64_t wall_ms)
{
	store_put(store, "UPDATE raster SET used=?1 WHERE name=?2 AND used<?3", "iti", wall_ms,
		name, wall_ms - USED_STEP_MS);
}

int64_t store_raster_drop(struct store *store, const char *name)
{
	int64_t bytes = bytes_of(store, name);
	store_put(store, "DELETE FROM raster WHERE name=?", "t", name);
	return bytes;
}

int64_t store_rasters_bytes(struct store *store)
{
	int64_t bytes = 0;
	db_one_int(store->db, &bytes, "SELECT coalesce(sum(bytes),0) FROM raster", "");
	return bytes;
}

bool store_raster_next(struct store *store, struct raster_row *row)
{
	struct db_row *found = db_query(store->db,
		"SELECT used, name, bytes FROM raster WHERE (used,name)>(?,?)"
		" ORDER BY used, name LIMIT 1",
		"it", row->used_ms, row->name);
	bool more = db_next(found);
	if (more) {
		row->used_ms = db_int(found, 0);
		text_copy(row->name, sizeof row->name, db_text(found, 1));
		row->bytes = db_int(found, 2);
	}
	return store_read_end(store, found) && more;
}

/* ---- counted, by the hour ---- */

void store_cache_count(struct store *store, int64_t wall_ms, const struct cache_counts *more)
{
	store_put(store,
		"INSERT INTO cache(hour, hits, misses, saved, evicted, freed) VALUES(?,?,?,?,?,?)"
		" ON CONFLICT(hour) DO UPDATE SET hits=hits+excluded.hits,"
		" misses=misses+excluded.misses, saved=saved+excluded.saved,"
		" evicted=evicted+excluded.evicted, freed=freed+excluded.freed",
		"iiiiii", wall_ms / HOUR, more->hits, more->misses, more->saved_bytes,
		more->evicted, more->freed_bytes);
}

void store_cache_sum(struct store *store, int64_t since_ms, struct cache_counts *sum)
{
	*sum = (struct cache_counts){0};
	struct db_row *row = db_query(store->db,
		"SELECT sum(hits), sum(misses), sum(saved), sum(evicted), sum(freed) FROM cache"
		" WHERE hour>=?",
		"i", since_ms / HOUR);
	if (db_next(row)) {
		*sum = (struct cache_counts){.hits = db_int(row, 0),
			.misses = db_int(row, 1),
			.saved_bytes = db_int(row, 2),
			.evicted = db_int(row, 3),
			.freed_bytes = db_int(row, 4)};
	}
	store_read_end(store, row);
}
