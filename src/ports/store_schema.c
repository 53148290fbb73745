/* SPDX-License-Identifier: Apache-2.0
 *
 * The store's schema: each text takes a store one version on. What was released is never changed:
 * a change is one more text at the end.
 */
#include "ports/store_own.h"

const char *const store_migrations[] = {
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
	 * people's decisions stand beside the sheets they decided; incidents; the chained trail
	 * (store_audit.c takes over the rows from before) */
	"ALTER TABLE sheet ADD COLUMN evidence TEXT NOT NULL DEFAULT 'none';"
	"ALTER TABLE sheet ADD COLUMN counter_before INTEGER;"
	"ALTER TABLE sheet ADD COLUMN counter_after INTEGER;"
	"CREATE INDEX attempt_sheet_sheet ON attempt_sheet(sheet);"
	"CREATE INDEX sheet_print_print ON sheet_print(print);"
	"CREATE INDEX attempt_printer ON attempt(printer, row);"
	"UPDATE sheet SET evidence=coalesce((SELECT evidence FROM print JOIN sheet_print ON"
	" print=print.row WHERE sheet=sheet.row AND sheet.state='delivered'),'none');"
	/* prints of a dye-sub's life, else impressions */
	"UPDATE sheet SET counter_before=(SELECT coalesce("
	" nullif(json_extract(before,'$.life_count'),-1),"
	" nullif(json_extract(before,'$.impressions'),-1))"
	" FROM attempt JOIN attempt_sheet ON attempt=attempt.row"
	" WHERE sheet=sheet.row AND json_extract(before,'$.read')),"
	" counter_after=(SELECT coalesce("
	" nullif(json_extract(after,'$.life_count'),-1),"
	" nullif(json_extract(after,'$.impressions'),-1))"
	" FROM attempt JOIN attempt_sheet ON attempt=attempt.row"
	" WHERE sheet=sheet.row AND json_extract(after,'$.read'));"

	"CREATE TABLE incident(row INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
	" printer TEXT NOT NULL, job INTEGER REFERENCES job(row), attempt TEXT NOT NULL,"
	" code TEXT NOT NULL, text TEXT NOT NULL, closed INTEGER,"
	" who TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '');"
	"CREATE INDEX incident_open ON incident(row) WHERE closed IS NULL;"
	"CREATE INDEX incident_job ON incident(job);"

	"ALTER TABLE audit RENAME TO audit_before;"
	"CREATE TABLE audit(row INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL,"
	" what TEXT NOT NULL, subject TEXT NOT NULL, reason TEXT NOT NULL,"
	" hash TEXT NOT NULL) STRICT;"
	"CREATE INDEX audit_subject ON audit(subject);"
	"CREATE TRIGGER audit_appends BEFORE INSERT ON audit"
	" WHEN NEW.row<>(SELECT coalesce(max(row),0)+1 FROM audit)"
	" BEGIN SELECT RAISE(ABORT,'the audit trail only grows at its end'); END;"
	"CREATE TRIGGER audit_stays BEFORE UPDATE ON audit"
	" BEGIN SELECT RAISE(ABORT,'a row of the audit trail never changes'); END;"
	"CREATE TRIGGER audit_keeps BEFORE DELETE ON audit"
	" BEGIN SELECT RAISE(ABORT,'a row of the audit trail is never removed'); END;"

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
	/* 5: what was closed lately is named to the order service */
	"CREATE INDEX job_closed ON job(closed) WHERE closed NOT NULL;",

	/* 6: the key that a job was signed with */
	"ALTER TABLE job ADD COLUMN signed_by TEXT NOT NULL DEFAULT '';",

	/* 7: files that hurt their readers; who was let try once more (job: null until it comes) */
	"CREATE TABLE death(row INTEGER PRIMARY KEY, job INTEGER NOT NULL REFERENCES job(row),"
	" sha256 TEXT NOT NULL, format TEXT NOT NULL, stage TEXT NOT NULL, worker TEXT NOT NULL,"
	" cause TEXT NOT NULL, died INTEGER NOT NULL, engine TEXT NOT NULL, at INTEGER NOT NULL);"
	"CREATE INDEX death_file ON death(sha256);"
	"CREATE INDEX death_job ON death(job);"
	"CREATE TABLE pardon(sha256 TEXT PRIMARY KEY, job INTEGER) WITHOUT ROWID;",

	/* 8: rasters are known by their own names, for whichever job needs them next */
	"CREATE TABLE raster(name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, facts TEXT NOT NULL,"
	" raster TEXT NOT NULL, made INTEGER NOT NULL, used INTEGER NOT NULL,"
	" hits INTEGER NOT NULL DEFAULT 0);"
	"CREATE INDEX raster_used ON raster(used, name, bytes);"
	"CREATE TABLE cache(hour INTEGER PRIMARY KEY, hits INTEGER NOT NULL,"
	" misses INTEGER NOT NULL, saved INTEGER NOT NULL, evicted INTEGER NOT NULL,"
	" freed INTEGER NOT NULL);"
	"INSERT INTO raster(name, bytes, facts, raster, made, used)"
	" SELECT page.raster, json_extract(raster_facts,'$.bytes'), facts, raster_facts,"
	" max(stage_at), stage_at FROM page JOIN job ON page.job=job.row"
	" WHERE page.raster NOT NULL AND facts NOT NULL AND raster_facts NOT NULL"
	" GROUP BY page.raster;",

	/* 9: the keys of printers that encrypt */
	("ALTER TABLE printer ADD COLUMN tls_key TEXT NOT NULL DEFAULT '';"
	 "ALTER TABLE printer ADD COLUMN tls_offered TEXT NOT NULL DEFAULT '';"),

	/* 10: maintenance that was done, and where the ledger and the events stood then; the first
	 * row of a routine is the day that the floor met it */
	("CREATE TABLE maintenance(row INTEGER PRIMARY KEY, routine TEXT NOT NULL,"
	 " printer TEXT NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL,"
	 " life INTEGER, attempt INTEGER NOT NULL, event INTEGER NOT NULL) STRICT;"
	 "CREATE INDEX maintenance_of ON maintenance(printer, routine, row);"),

	/* 11: paper: rolls at printers, rolls in the store room, forecasts, sources not believed */
	("CREATE TABLE roll(row INTEGER PRIMARY KEY, printer TEXT NOT NULL, media TEXT NOT NULL,"
	 " lot TEXT NOT NULL, nominal INTEGER NOT NULL, opened INTEGER NOT NULL,"
	 " who TEXT NOT NULL, first_sheet INTEGER NOT NULL, life INTEGER,"
	 " from_room INTEGER NOT NULL, empty INTEGER NOT NULL DEFAULT 0,"
	 " empty_used INTEGER NOT NULL DEFAULT 0, empty_left INTEGER, state TEXT NOT NULL DEFAULT "
	 "'',"
	 " told INTEGER NOT NULL DEFAULT 0, told_word TEXT NOT NULL DEFAULT '',"
	 " told_recount INTEGER NOT NULL DEFAULT 0, closed INTEGER, last_sheet INTEGER,"
	 " set_up INTEGER, left INTEGER,"
	 " left_said INTEGER, life_end INTEGER);"
	 "CREATE UNIQUE INDEX roll_open ON roll(printer) WHERE closed IS NULL;"
	 "CREATE INDEX sheet_printer ON sheet(printer, row);"
	 "CREATE TABLE room(row INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL,"
	 " what TEXT NOT NULL, media TEXT NOT NULL, lot TEXT NOT NULL, rolls INTEGER NOT NULL,"
	 " sheets INTEGER NOT NULL, printer TEXT NOT NULL);"
	 "CREATE INDEX room_media ON room(media, lot);"
	 "CREATE TABLE forecast(row INTEGER PRIMARY KEY,"
	 " roll INTEGER NOT NULL REFERENCES roll(row), at INTEGER NOT NULL,"
	 " runs_out INTEGER NOT NULL, off_ms INTEGER);"
	 "CREATE INDEX forecast_roll ON forecast(roll);"
	 "CREATE TABLE lying(printer TEXT NOT NULL, source TEXT NOT NULL, at INTEGER NOT NULL,"
	 " who TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(printer, source)) WITHOUT ROWID;"),

	/* 12: sensors: what a person said of each; what the room was like at each attempt */
	("CREATE TABLE sensor(name TEXT PRIMARY KEY, mark TEXT NOT NULL, simulated REAL NOT NULL)"
	 " WITHOUT ROWID;"
	 "CREATE TABLE attempt_room(attempt INTEGER NOT NULL REFERENCES attempt(row),"
	 " sensor TEXT NOT NULL, measures TEXT NOT NULL, unit TEXT NOT NULL, state TEXT NOT NULL,"
	 " figure REAL, age_ms INTEGER, PRIMARY KEY(attempt, sensor)) WITHOUT ROWID;"),
};

const int store_n_migrations = (int)(sizeof store_migrations / sizeof store_migrations[0]);
