/* SPDX-License-Identifier: Apache-2.0
 *
 * The doorman of SQLite: migrations, the lock, damage, transactions. A failing disk is played by
 * this program's own fdatasync, which SQLite finds first.
 */
#include "ports/db.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/platen-db-XXXXXX";
static char path[64];

static const char *const migrations[] = {
	"CREATE TABLE job (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, stage TEXT, weight "
	"REAL)",
	"CREATE TABLE page (job INTEGER NOT NULL REFERENCES job(row), number INTEGER);"
	"INSERT INTO job (id, stage) VALUES ('made-by-2', 'leased')",
	"ALTER TABLE job ADD COLUMN due INTEGER",
};

static struct {
	bool store_fails; /* the syncs of t.db itself, not of its log */
	bool all_fail;
	int failed, after; /* syncs that failed; syncs asked for after the first of them */
} disk;

int fdatasync(int fd)
{
	struct stat synced, store;
	bool is_store =
		stat(path, &store) == 0 && fstat(fd, &synced) == 0 && synced.st_ino == store.st_ino;
	disk.after += disk.failed > 0;
	if (disk.all_fail || (disk.store_fails && is_store)) {
		disk.failed++;
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

static int make_folder(void **context)
{
	(void)context;
	if (mkdtemp(folder) == NULL) {
		return -1;
	}
	snprintf(path, sizeof path, "%s/t.db", folder);
	return 0;
}

static int remove_folder(void **context)
{
	(void)context;
	return rmdir(folder);
}

static void remove_files(void)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-journal", ".copy"};
	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		char name[80];
		snprintf(name, sizeof name, "%s%s", path, tails[i]);
		unlink(name);
	}
}

static struct db *open_or_fail(int n)
{
	struct err err;
	struct db *db = db_open(path, migrations, n, &err);
	if (db == NULL) {
		fail_msg("%s", err.text);
	}
	return db;
}

static void refused(int n, const char *code, const char *word)
{
	struct err err = {.code = ""};
	assert_null(db_open(path, migrations, n, &err));
	assert_string_equal(err.code, code);
	assert_int_equal(err.remedy, REMEDY_FATAL);
	assert_non_null(strstr(err.text, path));
	if (strstr(err.text, word) == NULL) {
		fail_msg("%s", err.text);
	}
}

static int64_t one(struct db *db, const char *sql)
{
	int64_t value = -1;
	db_one_int(db, &value, sql, "");
	return value;
}

static void add_job(struct db *db, const char *id)
{
	struct err err;
	assert_true(db_begin(db, &err));
	assert_true(
		db_run(db, &err, "INSERT INTO job (id, stage) VALUES (?, ?)", "tt", id, "leased"));
}

#define COUNT_JOBS "SELECT count(*) FROM job"

static void migrations_run_once_and_in_order(void **state)
{
	(void)state;
	struct db *db = open_or_fail(1);
	assert_int_equal(one(db, "PRAGMA user_version"), 1);
	assert_int_equal(one(db, COUNT_JOBS), 0);
	db_close(db);
	db = open_or_fail(3);
	assert_int_equal(one(db, "PRAGMA user_version"), 3);
	assert_int_equal(one(db, "SELECT count(*) FROM job WHERE due IS NULL"), 1);
	db_close(db);
	db = open_or_fail(3);
	assert_int_equal(one(db, COUNT_JOBS), 1);
	db_close(db);
	remove_files();
}

static void a_failing_migration_leaves_the_version_before(void **state)
{
	(void)state;
	static const char *const broken[] = {
		"CREATE TABLE job (row INTEGER PRIMARY KEY)",
		"INSERT INTO job VALUES (7); CREATE TABLE nonsense (",
	};
	struct err err;
	assert_null(db_open(path, broken, 2, &err));
	assert_non_null(strstr(err.text, "migrating the store"));
	struct db *db = db_open(path, broken, 1, &err);
	assert_non_null(db);
	assert_int_equal(one(db, "PRAGMA user_version"), 1);
	assert_int_equal(one(db, COUNT_JOBS), 0);
	db_close(db);
	remove_files();
}

static void a_newer_file_is_refused_and_left_alone(void **state)
{
	(void)state;
	db_close(open_or_fail(3));
	refused(2, "store-newer", "version 3");
	struct db *db = open_or_fail(3);
	assert_int_equal(one(db, COUNT_JOBS), 1);
	db_close(db);
	remove_files();
}

static void a_second_opener_is_refused(void **state)
{
	(void)state;
	struct db *db = open_or_fail(1);
	fflush(stdout);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct err err = {.code = ""};
		struct db *other = db_open(path, migrations, 1, &err);
		_exit(other == NULL && strcmp(err.code, "store-locked") == 0 ? 0 : 1);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	refused(1, "store-locked", "already running"); /* in the same process, too */
	add_job(db, "still-writable");
	struct err err;
	assert_true(db_commit(db, &err));
	db_close(db);
	db_close(open_or_fail(1));
	remove_files();
}

static void damage(off_t at, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, at), len);
	close(fd);
}

static void a_damaged_file_is_refused(void **state)
{
	(void)state;
	struct db *db = open_or_fail(1);
	struct err err;
	for (int i = 0; i < 2000; i++) {
		char id[32];
		snprintf(id, sizeof id, "job-%d", i);
		add_job(db, id);
	}
	assert_true(db_commit(db, &err));
	db_close(db);
	char junk[4096];
	memset(junk, 0xa5, sizeof junk);
	damage(3 * 4096, junk, sizeof junk);
	refused(1, "store-damaged", "backup");
	damage(0, junk, sizeof junk);
	refused(1, "store-damaged", "backup");
	remove_files();
}

static void what_can_not_be_opened_is_told(void **state)
{
	(void)state;
	struct err err;
	char nowhere[128];
	snprintf(nowhere, sizeof nowhere, "%s/none/t.db", folder);
	assert_null(db_open(nowhere, migrations, 1, &err));
	assert_string_equal(err.code, "store-folder");
	assert_non_null(strstr(err.text, nowhere));
	assert_null(db_open(folder, migrations, 1, &err));
	db_close(NULL);
}

static void a_turn_is_all_or_nothing(void **state)
{
	(void)state;
	struct err err;
	struct db *db = open_or_fail(1);
	assert_false(db_is_open(db));
	assert_true(db_commit(db, &err)); /* nothing to commit is fine */
	add_job(db, "a");
	assert_true(db_is_open(db));
	add_job(db, "b"); /* begins no second one */
	assert_true(db_commit(db, &err));
	assert_false(db_is_open(db));
	add_job(db, "c");
	db_rollback(db);
	db_rollback(db);
	assert_false(db_is_open(db));
	assert_int_equal(one(db, COUNT_JOBS), 2);
	add_job(db, "d");
	db_close(db); /* as a crash: what was not committed is gone */
	db = open_or_fail(1);
	assert_int_equal(one(db, COUNT_JOBS), 2);
	db_close(db);
	remove_files();
}

static void committed_rows_survive_a_kill(void **state)
{
	(void)state;
	db_close(open_or_fail(1));
	fflush(stdout);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct err err;
		struct db *db = db_open(path, migrations, 1, &err);
		bool fine = db != NULL && db_begin(db, &err) &&
			    db_run(db, &err, "INSERT INTO job (id) VALUES ('kept')", "") &&
			    db_commit(db, &err) && db_begin(db, &err) &&
			    db_run(db, &err, "INSERT INTO job (id) VALUES ('lost')", "");
		_exit(fine ? 0 : 1); /* no close, no checkpoint */
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	struct db *db = open_or_fail(1);
	assert_int_equal(one(db, COUNT_JOBS), 1);
	assert_int_equal(one(db, "SELECT count(*) FROM job WHERE id='kept'"), 1);
	db_close(db);
	remove_files();
}

static void the_store_is_durable_and_checks_its_references(void **state)
{
	(void)state;
	struct err err;
	struct db *db = open_or_fail(3);
	assert_int_equal(one(db, "PRAGMA synchronous"), 2); /* FULL */
	assert_int_equal(one(db, "PRAGMA foreign_keys"), 1);
	struct db_row *row = db_query(db, "PRAGMA journal_mode", "");
	assert_true(db_next(row));
	assert_string_equal(db_text(row, 0), "wal");
	assert_true(db_end(row, &err));
	assert_false(db_run(
		db, &err, "INSERT INTO page (job, number) VALUES (?, 1)", "i", INT64_C(4711)));
	assert_int_equal(err.remedy, REMEDY_FATAL);
	db_close(db);
	remove_files();
}

static void values_come_back_as_they_were_bound(void **state)
{
	(void)state;
	struct err err;
	struct db *db = open_or_fail(1);
	static const char insert[] = "INSERT INTO job (row, id, stage, weight) VALUES (?, ?, ?, ?)";
	assert_true(db_run(db, &err, insert, "ittd", INT64_MAX, "a'); DROP TABLE job; --",
		(const char *)NULL, 0.125));
	assert_int_equal(db_changes(db), 1);
	assert_true(db_last_row(db) == INT64_MAX);
	assert_true(db_run(db, &err, insert, "ittd", INT64_C(-2), "\xe2\x82\xac", "", -1e300));
	struct db_row *row =
		db_query(db, "SELECT row, id, stage, weight FROM job ORDER BY row DESC", "");
	assert_true(db_next(row));
	assert_true(db_int(row, 0) == INT64_MAX);
	assert_string_equal(db_text(row, 1), "a'); DROP TABLE job; --");
	assert_true(db_is_null(row, 2));
	assert_string_equal(db_text(row, 2), "");
	assert_true(db_real(row, 3) == 0.125);
	assert_true(db_next(row));
	assert_int_equal(db_int(row, 0), -2);
	assert_false(db_is_null(row, 2));
	assert_true(db_real(row, 3) == -1e300);
	assert_false(db_next(row));
	assert_true(db_end(row, &err));
	db_close(db);
	remove_files();
}

static void queries_may_end_early_and_fail_loudly(void **state)
{
	(void)state;
	struct err err;
	struct db *db = open_or_fail(1);
	add_job(db, "a");
	add_job(db, "b");
	static const char list[] = "SELECT id FROM job ORDER BY id";
	for (int i = 0; i < 3; i++) {
		struct db_row *row = db_query(db, list, "");
		assert_true(db_next(row));
		assert_string_equal(db_text(row, 0), "a");
		assert_true(db_end(row, &err));
	}
	struct db_row *row = db_query(db, "SELECT nothing FROM nowhere", "");
	assert_false(db_next(row));
	assert_false(db_end(row, &err));
	assert_non_null(strstr(err.text, "nothing")); /* what SQLite itself says */
	assert_false(db_run(db, &err, "INSERT INTO job (id) VALUES ('a')", "")); /* UNIQUE */
	int64_t value = 42;
	assert_false(db_one_int(db, &value, "SELECT row FROM job WHERE id='none'", ""));
	assert_false(db_one_int(db, &value, "SELECT NULL", ""));
	assert_int_equal(value, 42);
	assert_true(db_commit(db, &err));
	db_close(db);
	remove_files();
}

static void many_statements_are_kept_apart(void **state)
{
	(void)state;
	struct err err;
	struct db *db = open_or_fail(1);
	char(*texts)[40] =
		calloc(600, sizeof *texts); /* the table of statements grows on the way */
	assert_non_null(texts);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 600; i++) {
			snprintf(texts[i], sizeof texts[i], "SELECT %d", i);
			int64_t value = -1;
			assert_true(db_one_int(db, &value, texts[i], ""));
			assert_int_equal(value, i);
		}
	}
	assert_true(db_commit(db, &err));
	db_close(db);
	free(texts);
	remove_files();
}

static void a_backup_is_a_whole_store(void **state)
{
	(void)state;
	struct err err;
	struct db *db = open_or_fail(1);
	add_job(db, "a");
	assert_true(db_commit(db, &err));
	char copy[80];
	snprintf(copy, sizeof copy, "%s.copy", path);
	assert_true(db_backup(db, copy, &err));
	add_job(db, "later");
	assert_true(db_commit(db, &err));
	db_close(db);
	db = db_open(copy, migrations, 1, &err);
	assert_non_null(db);
	assert_int_equal(one(db, COUNT_JOBS), 1);
	db_close(db);
	db = open_or_fail(1);
	assert_false(db_backup(db, folder, &err));
	assert_string_equal(err.code, "backup");
	db_close(db);
	remove_files();
	char tail[96];
	snprintf(tail, sizeof tail, "%s-wal", copy);
	unlink(tail);
}

static void a_failed_sync_of_the_log_fails_the_turn_and_nothing_is_synced_again(void **context)
{
	(void)context;
	struct err err;
	struct db *db = open_or_fail(1);
	add_job(db, "kept");
	assert_true(db_begin(db, &err));
	assert_true(db_run(db, &err, "INSERT INTO job (id) VALUES ('not synced')", ""));
	disk.all_fail = true;
	assert_false(db_commit(db, &err));
	assert_string_equal(err.code, "store-disk");
	assert_non_null(strstr(err.text, path));
	disk.all_fail = false; /* the kernel says it once: a second sync would pass */
	db_close(db);
	assert_int_equal(disk.failed, 1);
	assert_int_equal(disk.after, 0);
	memset(&disk, 0, sizeof disk);
	db = open_or_fail(1);
	int64_t n = 0;
	assert_true(db_one_int(db, &n, "SELECT count(*) FROM job WHERE id='kept'", ""));
	assert_int_equal(n, 1);
	db_close(db);
	remove_files();
}

static void a_failed_sync_of_the_file_behind_the_log_fails_the_turn(void **context)
{
	(void)context;
	struct err err;
	char id[1200];
	struct db *db = open_or_fail(1);
	bool fine = true;
	disk.store_fails = true;
	for (int i = 0; i < 5000 && fine; i++) { /* until the log is carried over */
		snprintf(id, sizeof id, "%01100d", i);
		fine = db_begin(db, &err) &&
		       db_run(db, &err, "INSERT INTO job (id) VALUES (?)", "t", id) &&
		       db_commit(db, &err);
	}
	assert_false(fine);
	assert_string_equal(err.code, "store-disk");
	disk.store_fails = false;
	db_close(db);
	assert_int_equal(disk.failed, 1);
	assert_int_equal(disk.after, 0);
	memset(&disk, 0, sizeof disk);
	remove_files();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(migrations_run_once_and_in_order),
		cmocka_unit_test(a_failing_migration_leaves_the_version_before),
		cmocka_unit_test(a_newer_file_is_refused_and_left_alone),
		cmocka_unit_test(a_second_opener_is_refused),
		cmocka_unit_test(a_damaged_file_is_refused),
		cmocka_unit_test(what_can_not_be_opened_is_told),
		cmocka_unit_test(a_turn_is_all_or_nothing),
		cmocka_unit_test(committed_rows_survive_a_kill),
		cmocka_unit_test(the_store_is_durable_and_checks_its_references),
		cmocka_unit_test(values_come_back_as_they_were_bound),
		cmocka_unit_test(queries_may_end_early_and_fail_loudly),
		cmocka_unit_test(many_statements_are_kept_apart),
		cmocka_unit_test(a_backup_is_a_whole_store),
		cmocka_unit_test(
			a_failed_sync_of_the_log_fails_the_turn_and_nothing_is_synced_again),
		cmocka_unit_test(a_failed_sync_of_the_file_behind_the_log_fails_the_turn),
	};
	return cmocka_run_group_tests_name("ports/db", tests, make_folder, remove_folder);
}
