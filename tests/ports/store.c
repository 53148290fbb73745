/* SPDX-License-Identifier: Apache-2.0
 *
 * The store: what the ledger makes of each verdict, that it survives a reopening, and that what was
 * not committed never was.
 */
#include "ports/store.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WALL INT64_C(1700000000000)

struct desk { /* one store in a folder of its own */
	char folder[64], path[100];
	struct store *store;
};

static void open_store(struct desk *desk)
{
	struct err err;
	desk->store = store_open(desk->path, WALL, &err);
	assert_non_null(desk->store);
}

static void begin(struct desk *desk)
{
	snprintf(desk->folder, sizeof desk->folder, "/tmp/platen-store.XXXXXX");
	assert_non_null(mkdtemp(desk->folder));
	snprintf(desk->path, sizeof desk->path, "%s/platen.db", desk->folder);
	open_store(desk);
}

static void end(struct desk *desk)
{
	char command[100];
	struct err err;
	assert_true(store_commit(desk->store, &err));
	store_close(desk->store);
	snprintf(command, sizeof command, "rm -rf %s", desk->folder);
	assert_int_equal(system(command), 0);
}

static void commit(struct desk *desk)
{
	struct err err;
	assert_true(store_commit(desk->store, &err));
}

static struct job add(struct desk *desk, const char *id, int64_t epoch, int32_t copies)
{
	struct lease_page pages[2] = {{.options_json = "{}"}, {.options_json = "{}"}};
	struct lease lease = {.n_pages = 2, .pages = pages};
	struct job job = {.epoch = epoch,
		.revision = 1,
		.copies = copies,
		.n_pages = 2,
		.prints = 2 * copies,
		.taken_ms = WALL,
		.stage_wall_ms = WALL,
		.stage = AT_PERMITTED};
	text_copy(job.id, sizeof job.id, id);
	text_copy(job.printer, sizeof job.printer, "P1");
	store_job_add(desk->store, &job, &lease);
	commit(desk);
	return job;
}

static int64_t ask(struct desk *desk, const char *sql, int64_t row)
{
	int64_t n = 0;
	db_one_int(store_db(desk->store), &n, sql, "i", row);
	return n;
}

static void open_attempt(struct desk *desk, struct job *job, int32_t copies)
{
	struct attempt *attempt = &job->attempt;
	*attempt = (struct attempt){.copies = copies};
	assert_true(store_prints_next(desk->store, job->row, copies, &attempt->page,
		&attempt->first_copy, &attempt->copies));
	job->attempts++;
	snprintf(attempt->key, sizeof attempt->key, "%s.%d.%d", job->id, (int)job->epoch,
		(int)job->attempts);
	job->attempt_row = store_attempt_open(desk->store, job, WALL);
	store_attempt_prints(desk->store, job->attempt_row, PRINT_SENT);
}

struct row {
	enum verdict verdict;
	int32_t completed;
	int32_t delivered, unknown, spoiled, planned, successors;
	int32_t sheets_unused;
};

static void each_verdict_leaves_the_ledger_as_it_must(void **state)
{
	(void)state;
	/* two pages of three copies, the first page's three handed over */
	static const struct row rows[] = {
		{VERDICT_DONE, 3, 3, 0, 0, 3, 0, 0},
		{VERDICT_NOT_TAKEN, 0, 0, 0, 0, 6, 0, 3},
		{VERDICT_PARTIAL, 1, 1, 0, 0, 5, 0, 2},
		{VERDICT_SPOILED, 0, 0, 0, 3, 6, 3, 0},
		{VERDICT_UNKNOWN, 0, 0, 3, 0, 3, 0, 0},
	};
	struct desk desk;
	begin(&desk);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		char id[8];
		snprintf(id, sizeof id, "J%zu", i);
		struct job job = add(&desk, id, 1, 3);
		open_attempt(&desk, &job, 3);
		assert_int_equal(job.attempt.copies, 3);
		struct receipt receipt = {.verdict = row->verdict,
			.completed = row->completed,
			.evidence = EVIDENCE_COUNTER};
		store_attempt_settle(desk.store, &job, &receipt, false, WALL);
		assert_int_equal(job.delivered, row->delivered);
		assert_int_equal(job.unknown, row->unknown);
		assert_int_equal(job.spoiled, row->spoiled);
		assert_int_equal(
			ask(&desk, "SELECT count(*) FROM print WHERE job=? AND state='planned'",
				job.row),
			row->planned);
		assert_int_equal(ask(&desk,
					 "SELECT count(*) FROM print WHERE job=?"
					 " AND successor_of IS NOT NULL",
					 job.row),
			row->successors);
		assert_int_equal(ask(&desk,
					 "SELECT count(*) FROM sheet JOIN attempt_sheet ON"
					 " sheet=sheet.row WHERE attempt=? AND state='unused'",
					 job.attempt_row),
			row->sheets_unused);
		assert_int_equal(ask(&desk,
					 "SELECT count(*) FROM print WHERE job=? AND"
					 " state='delivered' AND evidence='none'",
					 job.row),
			0);
	}
	end(&desk);
}

static void what_was_delivered_never_changes_again(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	struct job job = add(&desk, "J1", 1, 1);
	open_attempt(&desk, &job, 1);
	struct receipt done = {
		.verdict = VERDICT_DONE, .completed = 1, .evidence = EVIDENCE_COUNTER};
	store_attempt_settle(desk.store, &job, &done, false, WALL);
	struct receipt unknown = {.verdict = VERDICT_UNKNOWN};
	store_attempt_settle(desk.store, &job, &unknown, false, WALL);
	assert_int_equal(job.delivered, 1);
	assert_int_equal(job.unknown, 0);
	end(&desk);
}

static void a_count_of_the_tray_plans_what_is_missing(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	struct job job = add(&desk, "J1", 1, 3);
	open_attempt(&desk, &job, 3);
	struct receipt unknown = {.verdict = VERDICT_UNKNOWN};
	store_attempt_settle(desk.store, &job, &unknown, false, WALL);
	store_prints_resolve(desk.store, &job, 2, WALL);
	assert_int_equal(job.delivered, 2);
	assert_int_equal(job.spoiled, 0); /* nothing was wasted */
	assert_int_equal(job.unknown, 0);
	assert_int_equal(
		ask(&desk, "SELECT count(*) FROM print WHERE job=? AND state='planned'", job.row),
		4);
	int32_t page, first, copies;
	assert_true(store_prints_next(desk.store, job.row, 9, &page, &first, &copies));
	assert_int_equal(page, 0); /* the missing one of the first page comes first */
	assert_int_equal(copies, 1);
	end(&desk);
}

static void what_came_out_under_any_epoch_counts(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	struct job job = add(&desk, "J1", 1, 1);
	open_attempt(&desk, &job, 1);
	struct receipt done = {
		.verdict = VERDICT_DONE, .completed = 1, .evidence = EVIDENCE_COUNTER};
	store_attempt_settle(desk.store, &job, &done, false, WALL);
	store_job_save(desk.store, &job);
	add(&desk, "J1", 2, 1);
	int32_t delivered, unknown;
	store_job_out(desk.store, "J1", &delivered, &unknown);
	assert_int_equal(delivered, 1);
	assert_int_equal(unknown, 0);
	store_job_out(desk.store, "J2", &delivered, &unknown);
	assert_int_equal(delivered, 0);
	end(&desk);
}

static void the_hourly_ceiling_counts_what_was_taken_and_kept(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	add(&desk, "J1", 1, 5);
	assert_int_equal(store_copies_since(desk.store, WALL), 10);
	assert_int_equal(store_copies_since(desk.store, WALL + 1), 0);
	struct job back = add(&desk, "J2", 1, 50);
	back.stage = AT_RELEASED;
	store_job_save(desk.store, &back);
	struct job held = add(&desk, "J3", 1, 9000);
	held.stage = AT_HELD_OPERATOR;
	text_copy(held.reason_code, sizeof held.reason_code, "ceiling");
	store_job_save(desk.store, &held);
	assert_int_equal(store_copies_since(desk.store, WALL), 10);
	held.stage = AT_LEASED; /* a person let it go on */
	store_job_save(desk.store, &held);
	assert_int_equal(store_copies_since(desk.store, WALL), 18010);
	end(&desk);
}

static void a_reopened_store_knows_what_was_committed_and_nothing_else(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	char id[ULID_MAX];
	text_copy(id, sizeof id, store_id(desk.store));
	int64_t generation = store_generation(desk.store);
	struct job job = add(&desk, "J1", 1, 2);
	open_attempt(&desk, &job, 2);
	job.stage = AT_SENDING;
	job.attempt.phase = PHASE_SENDING;
	job.attempt.device_job = 12;
	store_attempt_save(desk.store, job.attempt_row, &job.attempt);
	store_job_save(desk.store, &job);
	commit(&desk);
	job.stage = AT_COMMITTED;
	store_job_save(desk.store, &job); /* and the power fails */
	store_rollback(desk.store);
	store_close(desk.store);
	open_store(&desk);
	struct job found;
	assert_true(store_job_find(desk.store, "J1", &found));
	assert_int_equal(found.stage, AT_SENDING);
	assert_int_equal(found.attempt.phase, PHASE_SENDING);
	assert_int_equal(found.attempt.device_job, 12);
	assert_string_equal(found.attempt.key, "J1.1.1");
	assert_string_equal(store_id(desk.store), id);
	assert_int_equal(store_generation(desk.store), generation + 1);
	assert_int_equal(
		ask(&desk, "SELECT count(*) FROM pragma_foreign_key_check WHERE ?=0", 0), 0);
	end(&desk);
}

static void events_of_a_subject_are_numbered_without_a_gap(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	struct job job = add(&desk, "J1", 1, 1);
	char none[] = "{}";
	for (int i = 1; i <= 3; i++) {
		struct event_row event = {.epoch = 1, .data = none};
		text_copy(event.subject, sizeof event.subject, "J1");
		snprintf(event.id, sizeof event.id, "E%d", i);
		store_event_add(desk.store, job.row, &event);
		assert_int_equal(store_events_last(desk.store, "J1"), i);
	}
	assert_int_equal(store_events_last(desk.store, "J2"), 0);
	store_event_acked(desk.store, "E1");
	store_event_refused(desk.store, "E2", "why");
	assert_true(store_event_is_refused(desk.store, "J1", 2));
	struct event_row pending[4];
	assert_int_equal(store_events_pending(desk.store, pending, 4), 1);
	assert_string_equal(pending[0].id, "E3");
	free(pending[0].data);
	store_events_unack(desk.store, "J1", 1);
	assert_int_equal(store_events_count(desk.store, "J1", true), 3); /* also what was refused */
	assert_false(store_event_is_refused(desk.store, "J1", 2));
	end(&desk);
}

static void a_second_opener_is_refused(void **state)
{
	(void)state;
	struct desk desk;
	struct err err;
	begin(&desk);
	assert_null(store_open(desk.path, WALL, &err));
	assert_string_equal(err.code, "store-locked");
	end(&desk);
}

/* ---- the high-water mark ---- */

static void tell(struct desk *desk, const char *id)
{
	char data[] = "{}";
	struct event_row event = {.subject = "J", .data = data};
	snprintf(event.id, sizeof event.id, "%s", id);
	store_event_add(desk->store, 0, &event);
	commit(desk);
}

static void start(struct desk *desk)
{
	char mark[120];
	open_store(desk);
	snprintf(mark, sizeof mark, "%s/high-water", desk->folder);
	store_mark_open(desk->store, mark);
}

/* In the store's folder. */
static void run(const struct desk *desk, const char *script)
{
	char command[300];
	snprintf(command, sizeof command, "cd %s && %s", desk->folder, script);
	assert_int_equal(system(command), 0);
}

static void store_lower_than_its_mark_is_an_old_copy_until_it_is_renewed(void **state)
{
	struct desk desk;
	struct err err;
	(void)state;
	begin(&desk);
	store_close(desk.store);
	start(&desk);
	tell(&desk, "E1");
	store_close(desk.store);
	run(&desk, "cp platen.db kept.db");
	start(&desk);
	assert_false(store_is_old(desk.store, &err));
	tell(&desk, "E2");
	store_close(desk.store);
	run(&desk, "cp kept.db platen.db");
	for (int i = 0; i < 4; i++) { /* it stays one, whatever is told meanwhile */
		char id[8];
		start(&desk);
		assert_true(store_is_old(desk.store, &err));
		assert_string_equal(err.code, "store-rollback");
		snprintf(id, sizeof id, "F%d", i);
		tell(&desk, id);
		store_close(desk.store);
	}
	start(&desk);
	store_renew(desk.store, "01J00000000000000000000002");
	commit(&desk);
	store_close(desk.store);
	start(&desk);
	assert_false(store_is_old(desk.store, &err));
	assert_string_equal(store_id(desk.store), "01J00000000000000000000002");
	end(&desk);
}

static void copy_of_the_present_run_is_known_by_its_events(void **state)
{
	struct desk desk;
	struct err err;
	char kept[120];
	(void)state;
	begin(&desk);
	store_close(desk.store);
	start(&desk);
	tell(&desk, "E1");
	snprintf(kept, sizeof kept, "%s/kept.db", desk.folder);
	assert_true(db_backup(store_db(desk.store), kept, &err));
	tell(&desk, "E2");
	store_close(desk.store);
	run(&desk, "rm -f platen.db*; cp kept.db platen.db");
	start(&desk); /* its generation is higher than ever */
	assert_true(store_is_old(desk.store, &err));
	end(&desk);
}

static void mark_that_is_lower_damaged_or_gone_says_nothing(void **state)
{
	static const char *const damages[] = {"cp kept high-water", "rm high-water",
		"echo torn > high-water", ": > high-water", "sed -i s/events/EVENTS/ high-water"};
	struct desk desk;
	struct err err;
	(void)state;
	begin(&desk);
	store_close(desk.store);
	start(&desk);
	tell(&desk, "E1");
	store_close(desk.store);
	run(&desk, "cp high-water kept");
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		char id[8];
		start(&desk);
		assert_false(store_is_old(desk.store, &err));
		snprintf(id, sizeof id, "G%zu", i);
		tell(&desk, id);
		store_close(desk.store);
		run(&desk, damages[i]);
	}
	start(&desk);
	assert_false(store_is_old(desk.store, &err));
	end(&desk);
}

static void new_store_is_welcome_and_another_floors_is_not(void **state)
{
	struct desk desk;
	struct err err;
	(void)state;
	begin(&desk);
	store_close(desk.store);
	start(&desk);
	tell(&desk, "E1");
	store_close(desk.store);
	run(&desk, "mv platen.db other.db");
	start(&desk); /* begun anew */
	assert_false(store_is_old(desk.store, &err));
	tell(&desk, "E2");
	store_close(desk.store);
	run(&desk, "mv other.db platen.db");
	start(&desk);
	assert_true(store_is_old(desk.store, &err));
	end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verdict_leaves_the_ledger_as_it_must),
		cmocka_unit_test(what_was_delivered_never_changes_again),
		cmocka_unit_test(a_count_of_the_tray_plans_what_is_missing),
		cmocka_unit_test(what_came_out_under_any_epoch_counts),
		cmocka_unit_test(the_hourly_ceiling_counts_what_was_taken_and_kept),
		cmocka_unit_test(a_reopened_store_knows_what_was_committed_and_nothing_else),
		cmocka_unit_test(events_of_a_subject_are_numbered_without_a_gap),
		cmocka_unit_test(a_second_opener_is_refused),
		cmocka_unit_test(store_lower_than_its_mark_is_an_old_copy_until_it_is_renewed),
		cmocka_unit_test(copy_of_the_present_run_is_known_by_its_events),
		cmocka_unit_test(mark_that_is_lower_damaged_or_gone_says_nothing),
		cmocka_unit_test(new_store_is_welcome_and_another_floors_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
