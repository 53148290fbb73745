/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of platen-orders, as migrations: never edit one that was released, add the next.
 *
 * Times: *_wall_ms is the wall clock (display, due times); *_boot_ms the boot clock, made anew when
 * the service starts (schema_open), so that a lease's life never rests on a clock that jumps.
 */
#include "orders/schema.h"
#include "base/clock.h"
#include <stddef.h>

static const char *const migrations[] = {
	"CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE floor (id TEXT PRIMARY KEY, disabled INTEGER NOT NULL DEFAULT 0,"
	" store_id TEXT NOT NULL DEFAULT '', generation INTEGER NOT NULL DEFAULT 0,"
	" session TEXT NOT NULL DEFAULT '', agent TEXT NOT NULL DEFAULT '',"
	" boot_id TEXT NOT NULL DEFAULT '', seen_wall_ms INTEGER NOT NULL DEFAULT 0,"
	" offer TEXT NOT NULL DEFAULT '', etag TEXT NOT NULL DEFAULT '') WITHOUT ROWID;"
	"CREATE TABLE floor_store (floor TEXT NOT NULL, store_id TEXT NOT NULL,"
	" generation INTEGER NOT NULL, PRIMARY KEY (floor, store_id)) WITHOUT ROWID;"
	"CREATE TABLE asset (id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,"
	" media_type TEXT NOT NULL, added_wall_ms INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE orders (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ref TEXT NOT NULL,"
	" floor TEXT NOT NULL, handover TEXT NOT NULL, private INTEGER NOT NULL,"
	" leave_by_wall_ms INTEGER, traceparent TEXT NOT NULL, added_wall_ms INTEGER NOT NULL);"
	"CREATE INDEX orders_ref ON orders (ref);"
	"CREATE TABLE job (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
	" order_row INTEGER NOT NULL REFERENCES orders, state TEXT NOT NULL DEFAULT 'waiting',"
	" epoch INTEGER NOT NULL DEFAULT 0, revision INTEGER NOT NULL DEFAULT 1,"
	" floor TEXT NOT NULL DEFAULT '', deadline_boot_ms INTEGER NOT NULL DEFAULT 0,"
	" priority INTEGER NOT NULL, due_wall_ms INTEGER, sku TEXT NOT NULL, copies INTEGER NOT "
	"NULL,"
	" product TEXT NOT NULL, label TEXT NOT NULL DEFAULT '', parent TEXT NOT NULL DEFAULT '',"
	" only_floor TEXT NOT NULL DEFAULT '', later_boot_ms INTEGER NOT NULL DEFAULT 0,"
	" later_floor TEXT NOT NULL DEFAULT '', wish TEXT NOT NULL DEFAULT '',"
	" paused INTEGER NOT NULL DEFAULT 0, refresh INTEGER NOT NULL DEFAULT 0,"
	" duplicate_risk INTEGER NOT NULL DEFAULT 0, printer TEXT NOT NULL DEFAULT '',"
	" printed INTEGER NOT NULL DEFAULT 0, floor_state TEXT NOT NULL DEFAULT '',"
	" reason TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',"
	" grants INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,"
	" notes INTEGER NOT NULL DEFAULT 0);"
	"CREATE INDEX job_order ON job (order_row);"
	"CREATE INDEX job_line ON job"
	" (state, priority DESC, due_wall_ms IS NULL, due_wall_ms);"
	"CREATE INDEX job_floor ON job (floor, state);"
	"CREATE TABLE page (job_row INTEGER NOT NULL REFERENCES job, page INTEGER NOT NULL,"
	" asset TEXT NOT NULL REFERENCES asset, options TEXT NOT NULL,"
	" PRIMARY KEY (job_row, page)) WITHOUT ROWID;"
	"CREATE TABLE not_at (job_row INTEGER NOT NULL REFERENCES job, floor TEXT NOT NULL,"
	" PRIMARY KEY (job_row, floor)) WITHOUT ROWID;"
	"CREATE TABLE held_by (job_row INTEGER NOT NULL REFERENCES job, floor TEXT NOT NULL,"
	" epoch INTEGER NOT NULL, PRIMARY KEY (job_row, floor)) WITHOUT ROWID;"
	"CREATE TABLE event (row INTEGER PRIMARY KEY, floor TEXT NOT NULL, store_id TEXT NOT NULL,"
	" subject TEXT NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,"
	" fate TEXT NOT NULL, code TEXT NOT NULL, received_wall_ms INTEGER NOT NULL,"
	" job_row INTEGER REFERENCES job, order_row INTEGER REFERENCES orders);"
	"CREATE UNIQUE INDEX event_sequence ON event (floor, store_id, subject, sequence);"
	"CREATE UNIQUE INDEX event_id ON event (floor, store_id, id);"
	"CREATE INDEX event_job ON event (job_row);"
	"CREATE INDEX event_order ON event (order_row);"
	"CREATE INDEX event_subject ON event (subject);"
	"CREATE TABLE idempotency (client TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL,"
	" status INTEGER NOT NULL, etag TEXT NOT NULL, answer TEXT NOT NULL,"
	" added_wall_ms INTEGER NOT NULL, PRIMARY KEY (client, key)) WITHOUT ROWID;"
	"CREATE INDEX idempotency_age ON idempotency (added_wall_ms);",
};

struct db *schema_open(const char *path, int64_t ttl_ms, struct err *err)
{
	struct db *db = db_open(path, migrations, sizeof migrations / sizeof *migrations, err);
	int64_t now_ms = clock_boot_ms();
	if (db != NULL && !(db_begin(db, err) &&
				  db_run(db, err,
					  "UPDATE job SET deadline_boot_ms=?, later_boot_ms=0 "
					  "WHERE state IN ('leased','waiting')",
					  "i", now_ms + ttl_ms) &&
				  db_commit(db, err))) {
		db_close(db);
		return NULL;
	}
	return db;
}
