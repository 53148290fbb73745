/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening, the turn's transaction, meta values and printers. Jobs and pages are in
 * store_job.c, the ledger in store_ledger.c, events and calls in store_outbox.c, the audit trail in
 * store_audit.c, incidents in store_incident.c, the schema in store_schema.c.
 *
 * Ways it fails: those of db.h at opening; a failed write or commit ends the process.
 */
#include "ports/store_own.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/point.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One transaction: who it is, how often it was opened, and the trail up to its end. */
static bool set_identity(struct store *store, int64_t wall_ms, struct err *err)
{
	if (!store_meta_get(store, "store_id", store->id, sizeof store->id)) {
		ulid_make(wall_ms, store->id);
		store_meta_set(store, "store_id", store->id);
	}
	char number[24] = "0";
	store_meta_get(store, "generation", number, sizeof number);
	store->generation = strtoll(number, NULL, 10) + 1;
	snprintf(number, sizeof number, "%lld", (long long)store->generation);
	store_meta_set(store, "generation", number);
	audit_open(store);
	(void)point_strikes("opening", "");
	return store_commit(store, err);
}

struct store *store_open(const char *path, int64_t wall_ms, struct err *err)
{
	struct store *store = mem_new(1, sizeof *store);
	store->db = db_open(path, store_migrations, store_n_migrations, err);
	if (store->db == NULL || !set_identity(store, wall_ms, err)) {
		store_close(store);
		return NULL;
	}
	return store;
}

void store_close(struct store *store)
{
	if (store != NULL) {
		store_mark_close(store);
		db_close(store->db);
		free(store);
	}
}

struct db *store_db(struct store *store)
{
	return store->db;
}

const char *store_id(const struct store *store)
{
	return store->id;
}

int64_t store_generation(const struct store *store)
{
	return store->generation;
}

bool store_is_dirty(const struct store *store)
{
	return store->broken || db_is_open(store->db);
}

void store_put(struct store *store, const char *sql, const char *kinds, ...)
{
	if (store->broken) {
		return;
	}
	va_list arguments;
	va_start(arguments, kinds);
	bool fine = db_begin(store->db, &store->fault) &&
		    db_run_args(store->db, &store->fault, sql, kinds, arguments);
	va_end(arguments);
	if (!fine) {
		store->broken = true;
		err_wrap(&store->fault, "writing to the store");
	}
}

bool store_commit(struct store *store, struct err *err)
{
	if (store->broken) {
		*err = store->fault;
		return false;
	}
	if (!db_commit(store->db, err)) {
		return false;
	}
	store_mark_keep(store);
	return true;
}

void store_rollback(struct store *store)
{
	db_rollback(store->db);
	store->broken = false;
	audit_find_head(store);
}

void store_meta_set(struct store *store, const char *key, const char *value)
{
	store_put(store,
		"INSERT INTO meta VALUES(?,?) ON CONFLICT DO UPDATE SET value=excluded.value", "tt",
		key, value);
}

bool store_meta_get(struct store *store, const char *key, char *value, size_t size)
{
	struct db_row *row = db_query(store->db, "SELECT value FROM meta WHERE key=?", "t", key);
	bool found = db_next(row);
	if (found) {
		text_copy(value, size, db_text(row, 0));
	}
	return store_read_end(store, row) && found;
}

bool store_read_end(struct store *store, struct db_row *row)
{
	struct err err;
	if (db_end(row, &err)) {
		return true;
	}
	if (!store->broken) {
		store->broken = true;
		store->fault = err;
		err_wrap(&store->fault, "reading the store");
	}
	return false;
}

bool store_printer_get(struct store *store, const char *name, struct printer_row *out)
{
	struct db_row *row = db_query(store->db,
		"SELECT name, uuid, media, lot, paused, parked, fault, outcomes, tls_key,"
		" tls_offered FROM printer WHERE name=?",
		"t", name);
	bool found = db_next(row);
	if (found) {
		text_copy(out->name, sizeof out->name, db_text(row, 0));
		text_copy(out->uuid, sizeof out->uuid, db_text(row, 1));
		text_copy(out->media, sizeof out->media, db_text(row, 2));
		text_copy(out->lot, sizeof out->lot, db_text(row, 3));
		out->paused = db_int(row, 4) != 0;
		out->parked = db_int(row, 5) != 0;
		text_copy(out->fault, sizeof out->fault, db_text(row, 6));
		text_copy(out->outcomes, sizeof out->outcomes, db_text(row, 7));
		text_copy(out->tls_key, sizeof out->tls_key, db_text(row, 8));
		text_copy(out->tls_offered, sizeof out->tls_offered, db_text(row, 9));
	}
	return store_read_end(store, row) && found;
}

void store_printer_save(struct store *store, const struct printer_row *row)
{
	store_put(store,
		"INSERT INTO printer(name, uuid, media, lot, paused, parked, fault, outcomes,"
		" tls_key, tls_offered) VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
		" uuid=excluded.uuid, media=excluded.media, lot=excluded.lot,"
		" paused=excluded.paused, parked=excluded.parked, fault=excluded.fault,"
		" outcomes=excluded.outcomes, tls_key=excluded.tls_key,"
		" tls_offered=excluded.tls_offered",
		"ttttiitttt", row->name, row->uuid, row->media, row->lot, (int64_t)row->paused,
		(int64_t)row->parked, row->fault, row->outcomes, row->tls_key, row->tls_offered);
}
