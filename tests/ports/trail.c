/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail as the store keeps it, and a store of schema 1 that becomes one of today: what it
 * held stands in the new columns, its trail is chained, and a kill between leaves it able to.
 */
#include "base/point.h"
#include "ports/store.h"
#include "wire/audit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WALL INT64_C(1800000000000)

struct desk { /* one store in a folder of its own */
	char folder[64], path[100];
	struct store *store;
};

static void begin(struct desk *desk)
{
	snprintf(desk->folder, sizeof desk->folder, "/tmp/platen-trail.XXXXXX");
	assert_non_null(mkdtemp(desk->folder));
	snprintf(desk->path, sizeof desk->path, "%s/platen.db", desk->folder);
	desk->store = NULL;
}

static void open_store(struct desk *desk)
{
	struct err err;
	desk->store = store_open(desk->path, WALL, &err);
	if (desk->store == NULL) {
		fail_msg("%s", err.text);
	}
}

static void close_store(struct desk *desk)
{
	struct err err;
	assert_true(store_commit(desk->store, &err));
	store_close(desk->store);
	desk->store = NULL;
}

static void end(struct desk *desk)
{
	char command[100];
	close_store(desk);
	snprintf(command, sizeof command, "rm -rf %s", desk->folder);
	assert_int_equal(system(command), 0);
}

/* A person with the sqlite3 program. */
static int by_hand(const struct desk *desk, const char *input)
{
	char command[700];
	snprintf(command, sizeof command, "sqlite3 -bail %s >/dev/null 2>&1 %s", desk->path, input);
	return WEXITSTATUS(system(command));
}

static void make_first(struct desk *desk)
{
	char input[400];
	begin(desk);
	snprintf(input, sizeof input, "<%s/tests/ports/store_v1.sql", getenv("PLATEN_SRC"));
	assert_int_equal(by_hand(desk, input), 0);
}

static int64_t ask(const struct desk *desk, const char *sql)
{
	int64_t n = COUNT_UNKNOWN;
	db_one_int(store_db(desk->store), &n, sql, "");
	return n;
}

/* Every row's hash covers the row before; returns how many there are. */
static int64_t check_chain(const struct desk *desk)
{
	struct err err;
	int64_t n = 0;
	char hash[HASH_HEX_MAX];
	assert_true(text_copy(hash, sizeof hash, store_id(desk->store)));
	struct db_row *row = db_query(store_db(desk->store),
		"SELECT " AUDIT_TEXT("row", "at", "who", "what", "subject",
			"reason") ", hash, row FROM audit ORDER BY row",
		"");
	while (db_next(row)) {
		audit_link(hash, db_text(row, 0), hash);
		assert_string_equal(db_text(row, 1), hash);
		assert_int_equal(db_int(row, 2), ++n);
	}
	assert_true(db_end(row, &err));
	return n;
}

/* ---- the trail ---- */

static void rows_are_linked_and_the_head_is_known(void **state)
{
	(void)state;
	struct desk desk;
	struct audit_head head;
	begin(&desk);
	open_store(&desk);
	assert_int_equal(store_audit(desk.store, WALL, "anna", "held", "J1", "a|b\nc'd"), 1);
	assert_int_equal(store_audit(desk.store, WALL, "", "", "", ""), 2);
	assert_int_equal(check_chain(&desk), 2);
	close_store(&desk);
	open_store(&desk);
	assert_string_equal(store_audit_fault(desk.store), "");
	assert_int_equal(store_audit(desk.store, WALL, "bert", "load", "P1", "x"), 3);
	assert_int_equal(check_chain(&desk), 3);
	store_audit_head(desk.store, &head);
	assert_int_equal(head.row, 3);
	end(&desk);
}

static void two_columns_never_pass_for_two_others(void **state)
{
	(void)state;
	char one[HASH_HEX_MAX], other[HASH_HEX_MAX];
	struct desk desk;
	for (int i = 0; i < 2; i++) {
		begin(&desk);
		open_store(&desk);
		store_meta_set(desk.store, "store_id", "S");
		store_audit(desk.store, WALL, i == 0 ? "a|" : "a", i == 0 ? "b" : "|b", "", "");
		struct audit_head head;
		store_audit_head(desk.store, &head);
		memcpy(i == 0 ? one : other, head.hash, sizeof one);
		end(&desk);
	}
	assert_string_not_equal(one, other);
}

static void what_was_not_committed_leaves_no_link(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	open_store(&desk);
	struct err err;
	store_audit(desk.store, WALL, "anna", "held", "J1", "");
	assert_true(store_commit(desk.store, &err));
	store_audit(desk.store, WALL, "anna", "released", "J1", "");
	store_rollback(desk.store);
	assert_int_equal(store_audit(desk.store, WALL, "bert", "cancelled", "J1", ""), 2);
	assert_int_equal(check_chain(&desk), 2);
	end(&desk);
}

static void the_store_refuses_to_change_a_row(void **state)
{
	(void)state;
	static const char *const edits[] = {
		"UPDATE audit SET reason='x'",
		"UPDATE audit SET hash='x' WHERE row=1",
		"DELETE FROM audit WHERE row=2",
		"INSERT OR REPLACE INTO audit VALUES(1,1,'a','b','c','d','e')",
		"INSERT INTO audit VALUES(9,1,'a','b','c','d','e')",
		"UPDATE audit SET row=7 WHERE row=3",
	};
	struct desk desk;
	struct err err;
	begin(&desk);
	open_store(&desk);
	for (int i = 0; i < 3; i++) {
		store_audit(desk.store, WALL, "anna", "held", "J1", "");
	}
	assert_true(store_commit(desk.store, &err));
	for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
		assert_false(db_run(store_db(desk.store), &err, edits[i], ""));
		assert_non_null(strstr(err.text, "audit trail"));
	}
	assert_int_equal(check_chain(&desk), 3);
	end(&desk);
}

static void a_trail_whose_end_was_cut_off_is_said_at_opening(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	open_store(&desk);
	for (int i = 0; i < 3; i++) {
		store_audit(desk.store, WALL, "anna", "held", "J1", "");
	}
	close_store(&desk);
	assert_int_not_equal(by_hand(&desk, "'DELETE FROM audit WHERE row=3'"), 0);
	assert_int_equal(
		by_hand(&desk, "'DROP TRIGGER audit_keeps; DELETE FROM audit WHERE row=3'"), 0);
	open_store(&desk);
	assert_non_null(strstr(store_audit_fault(desk.store), "ends at row 2"));
	assert_non_null(strstr(store_audit_fault(desk.store), "row 3"));
	end(&desk);
}

/* ---- from schema 1 ---- */

static void expect_all_of_the_first(const struct desk *desk)
{
	static const struct {
		const char *sql;
		int64_t n;
	} facts[] = {
		{"SELECT count(*) FROM job", 3},
		{"SELECT count(*) FROM print", 7},
		{"SELECT count(*) FROM sheet WHERE lot='L41'", 7},
		{"SELECT count(*) FROM sheet WHERE state='delivered' AND evidence='counter' AND"
		 " counter_before=100 AND counter_after=102",
			2},
		{"SELECT count(*) FROM sheet WHERE state='unknown' AND evidence='none' AND"
		 " counter_before=40 AND counter_after IS NULL",
			3},
		{"SELECT count(*) FROM sheet WHERE state='delivered' AND evidence='impressions' AND"
		 " counter_before=40 AND counter_after=41",
			1},
		{"SELECT count(*) FROM sheet WHERE state='unused' AND evidence='none'", 1},
		{"SELECT count(*) FROM audit WHERE who='bört' AND what='load' AND row=4", 1},
		{"SELECT count(*) FROM audit WHERE instr(reason, char(10))>0 AND row=5", 1},
		{"SELECT count(*) FROM sqlite_schema WHERE name='audit_before'", 0},
		{"SELECT count(*) FROM pragma_foreign_key_check", 0},
	};
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		int64_t n = ask(desk, facts[i].sql);
		if (n != facts[i].n) {
			fail_msg("%lld, not %lld: %s", (long long)n, (long long)facts[i].n,
				facts[i].sql);
		}
	}
	assert_int_equal(check_chain(desk), 5);
	assert_string_equal(store_audit_fault(desk->store), "");
}

static void a_store_of_schema_1_becomes_one_of_today(void **state)
{
	(void)state;
	struct desk desk;
	make_first(&desk);
	open_store(&desk);
	assert_int_equal(store_generation(desk.store), 8);
	expect_all_of_the_first(&desk);
	struct job job;
	assert_true(store_job_find(desk.store, "J2", &job));
	int64_t audit = store_audit(desk.store, WALL, "anna", "resolved", "J2", "");
	store_decision_begin(desk.store, audit, job.row);
	store_prints_resolve(desk.store, &job, 1, WALL);
	store_decision_end(desk.store, audit);
	assert_int_equal(ask(&desk, "SELECT count(*) FROM decision WHERE was='unknown' AND"
				    " state='delivered'"),
		1);
	assert_int_equal(ask(&desk, "SELECT count(*) FROM decision WHERE was='unknown' AND"
				    " state='unused'"),
		2);
	assert_int_equal(check_chain(&desk), 6);
	end(&desk);
}

struct killer {
	int passes_left;
};

static bool kill_at(void *context, const char *place, const char *detail)
{
	struct killer *killer = context;
	(void)place;
	(void)detail;
	if (--killer->passes_left == 0) {
		_exit(9);
	}
	return false;
}

/* Opens in a process of its own that dies at its n-th point; false: it met none. */
static bool dies_at(const struct desk *desk, int n)
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		struct killer killer = {n};
		struct err err;
		point_arm(kill_at, &killer);
		_exit(store_open(desk->path, WALL, &err) == NULL);
	}
	assert_true(waitpid(child, &status, 0) == child && WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9);
	return WEXITSTATUS(status) == 9;
}

static void a_kill_at_any_point_of_the_migration_loses_nothing(void **state)
{
	(void)state;
	int n = 0;
	for (bool died = true; died;) {
		struct desk desk;
		make_first(&desk);
		died = dies_at(&desk, ++n);
		open_store(&desk);
		expect_all_of_the_first(&desk);
		end(&desk);
	}
	assert_true(n > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_linked_and_the_head_is_known),
		cmocka_unit_test(two_columns_never_pass_for_two_others),
		cmocka_unit_test(what_was_not_committed_leaves_no_link),
		cmocka_unit_test(the_store_refuses_to_change_a_row),
		cmocka_unit_test(a_trail_whose_end_was_cut_off_is_said_at_opening),
		cmocka_unit_test(a_store_of_schema_1_becomes_one_of_today),
		cmocka_unit_test(a_kill_at_any_point_of_the_migration_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
