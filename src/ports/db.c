/* SPDX-License-Identifier: Apache-2.0
 *
 * The doorman of SQLite.
 *
 *  1. db_open: open, exclusive lock, WAL and FULL, quick check, migrations.
 *  2. db_run and db_query find their statement by its text in a small table, bind, step.
 *  3. db_commit at the end of a turn.
 *  4. on_log_grown: every so many pages the log is carried over into the file, within the commit.
 *
 * Ways it fails: the file is locked by another process, damaged, newer than this program, or the
 * disk is full or failing. The texts say which, and what to do. After a fault nothing is synced any
 * more, not even at closing: what the kernel dropped when it said so once would pass for written.
 */
#include "ports/db.h"
#include "base/mem.h"
#include "base/point.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_PAGES 1000 /* of the write-ahead log, SQLite's own measure */

struct db_row {
	sqlite3_stmt *statement;
	const char *sql;
	struct db *db;
	int status;
	bool busy;
};

struct db {
	sqlite3 *file;
	char *path;
	bool broken;         /* a fault was met: no checkpoint at closing */
	struct db_row *rows; /* prepared statements, hashed by their text */
	size_t room, n;
};

static bool db_fault(struct db *db, struct err *err, const char *doing)
{
	static const struct {
		int status;
		const char *code, *what;
	} rows[] = {
		{SQLITE_BUSY, "store-locked",
			"another process holds the store: is it already running?"},
		{SQLITE_LOCKED, "store-locked",
			"another process holds the store: is it already running?"},
		{SQLITE_FULL, "store-full", "the disk is full: free space on it, then start again"},
		{SQLITE_IOERR, "store-disk",
			"the disk fails to read or write it: check the disk, then start again"},
		{SQLITE_READONLY, "store-readonly",
			"it can't be written: make the disk and the folder writable, then start "
			"again"},
		{SQLITE_CANTOPEN, "store-folder",
			"it or its log can't be opened: check that its folder is there, on a sound "
			"disk, and platend's own, then start again"},
		{SQLITE_CORRUPT, "store-damaged",
			"the store is damaged: restore the latest backup"},
		{SQLITE_NOTADB, "store-damaged", "the store is damaged: restore the latest backup"},
	};
	int status = sqlite3_errcode(db->file);
	db->broken = true;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].status == status) {
			return err_set(err, REMEDY_FATAL, rows[i].code, "%s: %s: %s (%s, %d)",
				db->path, doing, rows[i].what, sqlite3_errmsg(db->file),
				sqlite3_extended_errcode(db->file));
		}
	}
	return err_set(err, REMEDY_FATAL, "store", "%s: %s: %s (%d)", db->path, doing,
		sqlite3_errmsg(db->file), sqlite3_extended_errcode(db->file));
}

static bool run_plain(struct db *db, const char *sql, struct err *err, const char *doing)
{
	return sqlite3_exec(db->file, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       db_fault(db, err, doing);
}

/* As run_plain, for what is run again and again. */
static bool run_kept(struct db *db, const char *sql, struct err *err, const char *doing)
{
	return db_run(db, err, sql, "") || db_fault(db, err, doing);
}

static bool set_up(struct db *db, struct err *err)
{
	/* exclusive before WAL: the -shm file is then not used, and no second connection can exist
	 * (SQLite up to 3.51.2 can lose pages when two connections checkpoint at once).
	 * The checkpoint: after a sync that failed, the last commits may stand in the kernel's
	 * memory only, where they are read as if they were on the disk. It writes them anew. */
	return run_plain(db,
		"PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
		"PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
		"BEGIN IMMEDIATE; COMMIT; PRAGMA wal_checkpoint(TRUNCATE);",
		err, "opening the store");
}

/* The names of the file and its log must last, too. SQLite syncs the folder after it has made its
 * log, but keeps a failure to itself; so it is done here, before anything stands in the log. */
static bool sync_folder(struct db *db, struct err *err)
{
	if (strncmp(db->path, "file:", 5) == 0) {
		return true; /* a test's disk, which has no folders */
	}
	char *folder = mem_text(db->path);
	int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool fine = fd >= 0 && fsync(fd) == 0;
	if (!fine) {
		db->broken = true;
		err_set(err, REMEDY_FATAL, "store-folder",
			"%s: syncing its folder: %s: check the disk, then start again", db->path,
			strerror(errno));
	}
	if (fd >= 0) {
		close(fd);
	}
	free(folder);
	return fine;
}

static bool is_sound(struct db *db, struct err *err)
{
	struct db_row *row = db_query(db, "PRAGMA quick_check(1)", "");
	bool fine = db_next(row) && strcmp(db_text(row, 0), "ok") == 0;
	char words[160] = "";
	if (!fine && row->status == SQLITE_ROW) {
		strncat(words, db_text(row, 0), sizeof words - 1);
	}
	if (!db_end(row, err)) {
		return false;
	}
	/* SQLite tells a page that can't be read from one that is wrong by its words only */
	return fine || err_set(err, REMEDY_FATAL, "store-damaged",
			       "%s: the store is damaged or can't be read (%s): check the disk; if "
			       "that is sound, restore the latest backup",
			       db->path, words);
}

static bool commit_version(struct db *db, struct err *err)
{
	(void)point_strikes("migrating", "");
	return db_commit(db, err);
}

static bool migrate(struct db *db, const char *const *migrations, int n, struct err *err)
{
	int64_t version = 0;
	db_one_int(db, &version, "PRAGMA user_version", "");
	if (version > n) {
		return err_set(err, REMEDY_FATAL, "store-newer",
			"%s: the store is of version %lld, this program knows %d: install the "
			"newer release again",
			db->path, (long long)version, n);
	}
	for (int i = (int)version; i < n; i++) {
		char mark[64];
		sqlite3_snprintf(sizeof mark, mark, "PRAGMA user_version=%d", i + 1);
		if (!db_begin(db, err) ||
			!run_plain(db, migrations[i], err, "migrating the store") ||
			!run_plain(db, mark, err, "migrating the store") ||
			!commit_version(db, err)) {
			db_rollback(db);
			return false;
		}
	}
	return true;
}

/* As SQLite's own automatic checkpoint, but that one says nothing when a sync fails. */
static int on_log_grown(void *context, sqlite3 *file, const char *name, int pages)
{
	(void)context;
	return pages < LOG_PAGES ? SQLITE_OK
				 : sqlite3_wal_checkpoint_v2(
					   file, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

struct db *db_open(const char *path, const char *const *migrations, int n, struct err *err)
{
	struct db *db = mem_new(1, sizeof *db);
	db->path = mem_text(path);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_URI; /* a test's disk is named by one: "file:NAME?vfs=DISK" */
	if (sqlite3_open_v2(path, &db->file, flags, NULL) != SQLITE_OK) {
		db_fault(db, err, "opening the store");
		db_close(db);
		return NULL;
	}
	sqlite3_extended_result_codes(db->file, 0);
	sqlite3_wal_hook(db->file, on_log_grown, NULL);
	if (!set_up(db, err) || !sync_folder(db, err) || !is_sound(db, err) ||
		!migrate(db, migrations, n, err)) {
		db_close(db);
		return NULL;
	}
	return db;
}

void db_close(struct db *db)
{
	if (db == NULL) {
		return;
	}
	for (size_t i = 0; i < db->room; i++) {
		sqlite3_finalize(db->rows[i].statement);
	}
	free(db->rows);
	if (db->broken) {
		sqlite3_db_config(db->file, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	}
	sqlite3_close(db->file);
	free(db->path);
	free(db);
}

bool db_is_open(const struct db *db)
{
	return sqlite3_get_autocommit(db->file) == 0;
}

bool db_begin(struct db *db, struct err *err)
{
	return db_is_open(db) || run_kept(db, "BEGIN IMMEDIATE", err, "beginning a turn");
}

bool db_commit(struct db *db, struct err *err)
{
	return !db_is_open(db) || run_kept(db, "COMMIT", err, "committing a turn");
}

void db_rollback(struct db *db)
{
	if (db_is_open(db)) {
		sqlite3_exec(db->file, "ROLLBACK", NULL, NULL, NULL);
	}
}

/* SQL texts are literals, so their address alone tells them apart; equal texts at two addresses are
 * merely prepared twice. */
static struct db_row *find_slot(struct db_row *rows, size_t room, const char *sql)
{
	size_t at = ((uintptr_t)sql >> 3) * 2654435761u % room;
	while (rows[at].sql != NULL && rows[at].sql != sql) {
		at = (at + 1) % room;
	}
	return &rows[at];
}

static void grow(struct db *db)
{
	size_t room = db->room == 0 ? 128 : db->room * 2;
	struct db_row *rows = mem_new(room, sizeof *rows);
	for (size_t i = 0; i < db->room; i++) {
		assert(!db->rows[i].busy && "a query was left running across a growing table");
		if (db->rows[i].sql != NULL) {
			*find_slot(rows, room, db->rows[i].sql) = db->rows[i];
		}
	}
	free(db->rows);
	db->rows = rows;
	db->room = room;
}

static struct db_row *row_of(struct db *db, const char *sql)
{
	if (db->room == 0) {
		grow(db);
	}
	struct db_row *row = find_slot(db->rows, db->room, sql);
	if (row->sql != NULL) {
		return row;
	}
	bool all_idle = true;
	for (size_t i = 0; i < db->room; i++) {
		all_idle = all_idle && !db->rows[i].busy;
	}
	if (db->n * 2 >= db->room && all_idle) {
		grow(db);
		row = find_slot(db->rows, db->room, sql);
	}
	assert(db->n + 1 < db->room);
	*row = (struct db_row){.sql = sql, .db = db};
	db->n++;
	return row;
}

static void bind(struct db_row *row, const char *kinds, va_list arguments)
{
	for (int i = 1; *kinds != '\0'; kinds++, i++) {
		switch (*kinds) {
		case 'i':
			sqlite3_bind_int64(row->statement, i, va_arg(arguments, int64_t));
			break;
		case 'd':
			sqlite3_bind_double(row->statement, i, va_arg(arguments, double));
			break;
		case 't':
			sqlite3_bind_text(row->statement, i, va_arg(arguments, const char *), -1,
				SQLITE_TRANSIENT);
			break;
		default:
			assert(!"an unknown kind of argument");
		}
	}
}

static struct db_row *start(struct db *db, const char *sql, const char *kinds, va_list arguments)
{
	struct db_row *row = row_of(db, sql);
	assert(!row->busy && "a query was nested in itself");
	row->busy = true;
	row->status = SQLITE_OK;
	if (row->statement == NULL) {
		row->status = sqlite3_prepare_v3(
			db->file, sql, -1, SQLITE_PREPARE_PERSISTENT, &row->statement, NULL);
	}
	if (row->status == SQLITE_OK) {
		bind(row, kinds, arguments);
	}
	return row;
}

struct db_row *db_query(struct db *db, const char *sql, const char *kinds, ...)
{
	va_list arguments;
	va_start(arguments, kinds);
	struct db_row *row = start(db, sql, kinds, arguments);
	va_end(arguments);
	return row;
}

struct db_row *db_query_args(struct db *db, const char *sql, const char *kinds, va_list arguments)
{
	return start(db, sql, kinds, arguments);
}

bool db_next(struct db_row *row)
{
	if (row->status != SQLITE_OK && row->status != SQLITE_ROW) {
		return false;
	}
	row->status = sqlite3_step(row->statement);
	return row->status == SQLITE_ROW;
}

bool db_end(struct db_row *row, struct err *err)
{
	bool fine =
		row->status == SQLITE_OK || row->status == SQLITE_ROW || row->status == SQLITE_DONE;
	if (!fine) {
		db_fault(row->db, err, "using the store");
	}
	if (row->statement != NULL) {
		sqlite3_reset(row->statement);
		sqlite3_clear_bindings(row->statement);
	}
	row->busy = false;
	return fine;
}

bool db_run_args(
	struct db *db, struct err *err, const char *sql, const char *kinds, va_list arguments)
{
	struct db_row *row = start(db, sql, kinds, arguments);
	while (db_next(row)) {
		/* a RETURNING clause is stepped to its end */
	}
	return db_end(row, err);
}

bool db_run(struct db *db, struct err *err, const char *sql, const char *kinds, ...)
{
	va_list arguments;
	va_start(arguments, kinds);
	bool fine = db_run_args(db, err, sql, kinds, arguments);
	va_end(arguments);
	return fine;
}

int64_t db_last_row(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->file);
}

int64_t db_changes(const struct db *db)
{
	return sqlite3_changes(db->file);
}

int64_t db_int(struct db_row *row, int column)
{
	return sqlite3_column_int64(row->statement, column);
}

double db_real(struct db_row *row, int column)
{
	return sqlite3_column_double(row->statement, column);
}

const char *db_text(struct db_row *row, int column)
{
	const unsigned char *text = sqlite3_column_text(row->statement, column);
	return text == NULL ? "" : (const char *)text;
}

bool db_is_null(struct db_row *row, int column)
{
	return sqlite3_column_type(row->statement, column) == SQLITE_NULL;
}

bool db_one_int(struct db *db, int64_t *value, const char *sql, const char *kinds, ...)
{
	va_list arguments;
	va_start(arguments, kinds);
	struct db_row *row = start(db, sql, kinds, arguments);
	va_end(arguments);
	bool found = db_next(row) && !db_is_null(row, 0);
	if (found) {
		*value = db_int(row, 0);
	}
	struct err ignored;
	return db_end(row, &ignored) && found;
}

bool db_backup(struct db *db, const char *path, struct err *err)
{
	sqlite3 *copy = NULL;
	int status = sqlite3_open(path, &copy);
	if (status == SQLITE_OK) {
		sqlite3_backup *backup = sqlite3_backup_init(copy, "main", db->file, "main");
		sqlite3_backup_step(backup, -1);
		status = sqlite3_backup_finish(backup);
	}
	bool fine = status == SQLITE_OK ||
		    err_set(err, REMEDY_RETRY, "backup", "copying the store to %s: %s", path,
			    copy == NULL ? "out of memory" : sqlite3_errmsg(copy));
	sqlite3_close(copy);
	return fine;
}
