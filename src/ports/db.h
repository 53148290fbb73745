/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite as platen uses it: the doorman. WAL, synchronous=FULL, foreign keys, one connection that
 * no other process may share. Statements are prepared once and kept by their text.
 *
 * A database that can't be written any more leaves memory wrong: those errors are FATAL, and the
 * process ends to rebuild itself from what is on disk.
 */
#pragma once
#include "base/err.h"
#include <stdint.h>

struct db;
struct db_row; /* a running statement */

/* Opens or makes the file, takes the exclusive lock (a second opener fails at once with code
 * "store-locked"), checks its integrity quickly, and runs migrations[user_version..n) in one
 * transaction each. A file of a later version fails with code "store-newer". */
struct db *db_open(const char *path, const char *const *migrations, int n, struct err *err);
void db_close(struct db *db);

/* Begins a transaction unless one is open (BEGIN IMMEDIATE). */
must_use bool db_begin(struct db *db, struct err *err);
bool db_is_open(const struct db *db); /* a transaction is */
must_use bool db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);

/* `kinds` says how the arguments bind, in order: i int64_t, t const char * (NULL: null),
 * d double. Example: db_run(db, err, "UPDATE job SET stage=? WHERE row=?", "ti", stage, row) */
must_use bool db_run(struct db *db, struct err *err, const char *sql, const char *kinds, ...);
must_use bool db_run_args(
	struct db *db, struct err *err, const char *sql, const char *kinds, va_list arguments);
int64_t db_last_row(const struct db *db);
int64_t db_changes(const struct db *db);

/* A query: begin, then db_next until false, then db_end (which may be called early). A failing step
 * ends the rows; db_end then returns false. Rows of one SQL text can't be nested in themselves. */
struct db_row *db_query(struct db *db, const char *sql, const char *kinds, ...);
struct db_row *db_query_args(struct db *db, const char *sql, const char *kinds, va_list arguments);
bool db_next(struct db_row *row);
must_use bool db_end(struct db_row *row, struct err *err);
int64_t db_int(struct db_row *row, int column);
double db_real(struct db_row *row, int column);
/* "" for null; borrowed until the next step. */
const char *db_text(struct db_row *row, int column);
bool db_is_null(struct db_row *row, int column);

/* One value of one row: false (and *value untouched) when there is no row or it is null. */
bool db_one_int(struct db *db, int64_t *value, const char *sql, const char *kinds, ...);

/* A consistent copy while running. */
must_use bool db_backup(struct db *db, const char *path, struct err *err);
