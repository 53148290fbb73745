/* SPDX-License-Identifier: Apache-2.0
 *
 * Schema, opening, the turn's transaction, meta values and printers. Jobs and pages are in
 * store_job.c, the ledger in store_ledger.c, events and calls in store_outbox.c, the audit trail in
 * store_audit.c, incidents in store_incident.c.
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

/* The counter that a stored witness has: prints of a dye-sub's life, else impressions. */
#define COUNTER_OF(witness)                                                                        \
	"iif(json_extract(" witness ",'$.read'), coalesce(nullif(json_extract(" witness            \
	",'$.life_count'),-1), nullif(json_extract(" witness ",'$.impressions'),-1)), NULL)"

static const char *const migrations[] = {
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"

	"CREATE TABLE job(row INTEGER PRIMARY KEY, id TEXT NOT NULL, epoch INTEGER NOT NULL,"
	" revision INTEGER NOT NULL, order_id TEXT NOT NULL, order_ref TEXT NOT NULL,"
	" label TEXT NOT NULL, traceparent TEXT NOT NULL, local INTEGER NOT NULL,"
	" private INTEGER NOT NULL, priority INTEGER NOT NULL, due INTEGER NOT NULL,"
	" sku TEXT NOT NULL, duplicates INTEGER NOT NULL, copies INTEGER NOT NULL,"
	" pages INTEGER NOT NULL, prints INTEGER NOT NULL, taken INTEGER NOT NULL,"
	" stage TEXT NOT NULL, held_from TEXT NOT NULL, stage_at INTEGER NOT NULL,"
	" page INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,"
	" deaths INTEGER NOT NULL DEFAULT 0, permitted INTEGER NOT NULL DEFAULT 0,"
	" cancel_asked INTEGER NOT NULL DEFAULT 0, model TEXT NOT NULL DEFAULT '',"
	" media TEXT NOT NULL DEFAULT '', printer TEXT NOT NULL DEFAULT '',"
	" attempts INTEGER NOT NULL DEFAULT 0, submit_tries INTEGER NOT NULL DEFAULT 0,"
	" attempt INTEGER REFERENCES attempt(row), delivered INTEGER NOT NULL DEFAULT 0,"
	" unknown INTEGER NOT NULL DEFAULT 0, spoiled INTEGER NOT NULL DEFAULT 0,"
	" reason_kind INTEGER NOT NULL DEFAULT 0, reason_code TEXT NOT NULL DEFAULT '',"
	" reason TEXT NOT NULL DEFAULT '', closed INTEGER, UNIQUE(id, epoch));"
	"CREATE INDEX job_open ON job(row) WHERE closed IS NULL;"
	"CREATE INDEX job_taken ON job(taken);"
	"CREATE INDEX job_order ON job(order_ref);"

	"CREATE TABLE page(job INTEGER NOT NULL REFERENCES job(row), page INTEGER NOT NULL,"
	" asset_id TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,"
	" media_type TEXT NOT NULL, options TEXT NOT NULL, facts TEXT, raster TEXT,"
	" raster_facts TEXT, manifest TEXT, PRIMARY KEY(job, page)) WITHOUT ROWID;"
	"CREATE INDEX page_asset ON page(sha256);"
	"CREATE INDEX page_raster ON page(raster);"

	/* the ledger: what is wanted (print), what was tried (attempt), what went through a printer
	 * (sheet), and which print was on which sheet */
	"CREATE TABLE print(row INTEGER PRIMARY KEY, job INTEGER NOT NULL REFERENCES job(row),"
	" page INTEGER NOT NULL, copy INTEGER NOT NULL, state TEXT NOT NULL,"
	" successor_of INTEGER REFERENCES print(row), evidence TEXT NOT NULL DEFAULT 'none',"
	" at INTEGER NOT NULL);"
	"CREATE INDEX print_job ON print(job, page, copy);"

	"CREATE TABLE attempt(row INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
	" job INTEGER NOT NULL REFERENCES job(row), number INTEGER NOT NULL,"
	" page INTEGER NOT NULL, first_copy INTEGER NOT NULL, copies INTEGER NOT NULL,"
	" printer TEXT NOT NULL, media TEXT NOT NULL, phase TEXT NOT NULL,"
	" device_job INTEGER NOT NULL DEFAULT 0, device_job_uuid TEXT NOT NULL DEFAULT '',"
	" before TEXT NOT NULL, after TEXT, verdict TEXT, completed INTEGER, evidence TEXT,"
	" words TEXT, begun INTEGER NOT NULL, ended INTEGER);"
	"CREATE INDEX attempt_job ON attempt(job);"

	"CREATE TABLE sheet(row INTEGER PRIMARY KEY, printer TEXT NOT NULL, media TEXT NOT NULL,"
	" lot TEXT NOT NULL DEFAULT '', state TEXT NOT NULL, at INTEGER NOT NULL);"
	/* the key's columns first: else quick_check of SQLite 3.40 takes sheet for NULL */
	"CREATE TABLE attempt_sheet(attempt INTEGER NOT NULL REFERENCES attempt(row),"
	" position INTEGER NOT NULL, sheet INTEGER NOT NULL REFERENCES sheet(row),"
	" PRIMARY KEY(attempt, position)) WITHOUT ROWID;"
	"CREATE TABLE sheet_print(sheet INTEGER NOT NULL REFERENCES sheet(row),"
	" print INTEGER NOT NULL REFERENCES print(row), PRIMARY KEY(sheet, print)) WITHOUT ROWID;"

	"CREATE TABLE event(row INTEGER PRIMARY KEY, subject TEXT NOT NULL,"
	" sequence INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, job INTEGER REFERENCES job(row),"
	" type TEXT NOT NULL, epoch INTEGER NOT NULL, attempt INTEGER NOT NULL,"
	" time TEXT NOT NULL, traceparent TEXT NOT NULL, data TEXT NOT NULL,"
	" acked INTEGER NOT NULL DEFAULT 0, refused TEXT, UNIQUE(subject, sequence));"
	"CREATE INDEX event_pending ON event(row) WHERE acked = 0 AND refused IS NULL;"

	"CREATE TABLE call(row INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, job TEXT NOT NULL,"
	" epoch INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,"
	" retry INTEGER NOT NULL, later_s INTEGER NOT NULL);"

	"CREATE TABLE printer(name TEXT PRIMARY KEY, uuid TEXT NOT NULL, media TEXT NOT NULL,"
	" lot TEXT NOT NULL, paused INTEGER NOT NULL, parked INTEGER NOT NULL,"
	" fault TEXT NOT NULL) WITHOUT ROWID;"

	"CREATE TABLE audit(row INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL,"
	" what TEXT NOT NULL, subject TEXT NOT NULL, reason TEXT NOT NULL);",

	/* 2: a sheet's row says why it is believed and what the device's counter said around it;
	 * persons' decisions stand beside the sheets they decided; incidents; the chained trail
	 * (store_audit.c takes over the rows from before) */
	"ALTER TABLE sheet ADD COLUMN evidence TEXT NOT NULL DEFAULT 'none';"
	"ALTER TABLE sheet ADD COLUMN counter_before INTEGER;"
	"ALTER TABLE sheet ADD COLUMN counter_after INTEGER;"
	"CREATE INDEX attempt_sheet_sheet ON attempt_sheet(sheet);"
	"CREATE INDEX sheet_print_print ON sheet_print(print);"
	"CREATE INDEX attempt_printer ON attempt(printer, row);"
	"UPDATE sheet SET"
	" evidence=coalesce((SELECT evidence FROM print JOIN sheet_print ON print=print.row"
	"  WHERE sheet=sheet.row AND sheet.state='delivered'),'none'),"
	" counter_before=(SELECT " COUNTER_OF(
		"before") " FROM attempt JOIN attempt_sheet"
			  "  ON attempt=attempt.row WHERE sheet=sheet.row),"
			  " counter_after=(SELECT " COUNTER_OF(
				  "after") " FROM attempt JOIN attempt_sheet"
					   "  ON attempt=attempt.row WHERE sheet=sheet.row);"

					   "CREATE TABLE incident(row INTEGER PRIMARY KEY, at "
					   "INTEGER NOT NULL,"
					   " printer TEXT NOT NULL, job INTEGER REFERENCES "
					   "job(row), attempt TEXT NOT NULL,"
					   " code TEXT NOT NULL, text TEXT NOT NULL, closed "
					   "INTEGER,"
					   " who TEXT NOT NULL DEFAULT '', note TEXT NOT NULL "
					   "DEFAULT '');"
					   "CREATE INDEX incident_open ON incident(row) WHERE "
					   "closed IS NULL;"
					   "CREATE INDEX incident_job ON incident(job);"

					   "ALTER TABLE audit RENAME TO audit_before;"
					   "CREATE TABLE audit(row INTEGER PRIMARY KEY, at INTEGER "
					   "NOT NULL, who TEXT NOT NULL,"
					   " what TEXT NOT NULL, subject TEXT NOT NULL, reason "
					   "TEXT NOT NULL, hash TEXT NOT NULL)"
					   " STRICT;"
					   "CREATE INDEX audit_subject ON audit(subject);"
					   "CREATE TRIGGER audit_appends BEFORE INSERT ON audit"
					   " WHEN NEW.row<>(SELECT coalesce(max(row),0)+1 FROM "
					   "audit)"
					   " BEGIN SELECT RAISE(ABORT,'the audit trail only grows "
					   "at its end'); END;"
					   "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit"
					   " BEGIN SELECT RAISE(ABORT,'a row of the audit trail "
					   "never changes'); END;"
					   "CREATE TRIGGER audit_keeps BEFORE DELETE ON audit"
					   " BEGIN SELECT RAISE(ABORT,'a row of the audit trail is "
					   "never removed'); END;"

					   "CREATE TABLE decision(row INTEGER PRIMARY KEY,"
					   " audit INTEGER NOT NULL REFERENCES audit(row),"
					   " sheet INTEGER NOT NULL REFERENCES sheet(row),"
					   " was TEXT NOT NULL, state TEXT NOT NULL);"
					   "CREATE INDEX decision_sheet ON decision(sheet);"
					   "CREATE INDEX decision_audit ON decision(audit);",
	/* 3: printed again while in doubt, and sent back to earlier stages, by job */
	"ALTER TABLE job ADD COLUMN doubled INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE job ADD COLUMN redos INTEGER NOT NULL DEFAULT 0;"
	/* the prints that replace others */
	"CREATE INDEX print_successor ON print(successor_of) WHERE successor_of NOT NULL;",
	/* 4: the circuit breaker outlives a restart; test prints; a job that one printer refused */
	"ALTER TABLE printer ADD COLUMN outcomes TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE job ADD COLUMN test INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE job ADD COLUMN refused_by TEXT NOT NULL DEFAULT '';",
};

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
	int n = (int)(sizeof migrations / sizeof migrations[0]);
	store->db = db_open(path, migrations, n, err);
	if (store->db == NULL || !set_identity(store, wall_ms, err)) {
		store_close(store);
		return NULL;
	}
	return store;
}

void store_close(struct store *store)
{
	if (store != NULL) {
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
	return db_commit(store->db, err);
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
		"SELECT name, uuid, media, lot, paused, parked, fault, outcomes FROM printer"
		" WHERE name=?",
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
	}
	return store_read_end(store, row) && found;
}

void store_printer_save(struct store *store, const struct printer_row *row)
{
	store_put(store,
		"INSERT INTO printer(name, uuid, media, lot, paused, parked, fault, outcomes)"
		" VALUES(?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
		" uuid=excluded.uuid, media=excluded.media, lot=excluded.lot,"
		" paused=excluded.paused, parked=excluded.parked, fault=excluded.fault,"
		" outcomes=excluded.outcomes",
		"ttttiitt", row->name, row->uuid, row->media, row->lot, (int64_t)row->paused,
		(int64_t)row->parked, row->fault, row->outcomes);
}
