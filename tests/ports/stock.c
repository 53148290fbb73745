/* SPDX-License-Identifier: Apache-2.0
 *
 * What the store keeps of paper: rolls, what was used of them, the store room, forecasts.
 */
#include "ports/store_stock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WALL INT64_C(1700000000000)

struct desk {
	char folder[64], path[100];
	struct store *store;
};

static void begin(struct desk *desk)
{
	struct err err;
	snprintf(desk->folder, sizeof desk->folder, "/tmp/platen-stock.XXXXXX");
	assert_non_null(mkdtemp(desk->folder));
	snprintf(desk->path, sizeof desk->path, "%s/platen.db", desk->folder);
	desk->store = store_open(desk->path, WALL, &err);
	assert_non_null(desk->store);
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

static int64_t ask(struct desk *desk, const char *sql)
{
	int64_t n = -1;
	db_one_int(store_db(desk->store), &n, sql, "");
	return n;
}

static struct roll open_roll(struct desk *desk, const char *lot)
{
	struct roll roll = {.nominal = 400, .opened_wall_ms = WALL, .life = 1000, .empty_left = -1};
	text_copy(roll.printer, sizeof roll.printer, "P1");
	text_copy(roll.media, sizeof roll.media, "4x6-glossy");
	text_copy(roll.lot, sizeof roll.lot, lot);
	text_copy(roll.who, sizeof roll.who, "anna");
	store_roll_open(desk->store, &roll);
	return roll;
}

/* Sheets that came of an attempt at the printer, its life counter standing at `life` before. */
static void sheets(struct desk *desk, const char *printer, int copies, int64_t life,
	const struct receipt *receipt)
{
	static int number;
	struct lease_page page = {.options_json = "{}"};
	struct lease lease = {.n_pages = 1, .pages = &page};
	struct job job = {.epoch = 1,
		.copies = copies,
		.n_pages = 1,
		.prints = copies,
		.stage = AT_PERMITTED,
		.attempt = {.copies = copies,
			.before = {.read = true, .life_count = life, .impressions = -1}}};
	snprintf(job.id, sizeof job.id, "J%d", ++number);
	text_copy(job.printer, sizeof job.printer, printer);
	store_job_add(desk->store, &job, &lease);
	snprintf(job.attempt.key, sizeof job.attempt.key, "%s.1.1", job.id);
	job.attempt_row = store_attempt_open(desk->store, &job, WALL);
	store_attempt_prints(desk->store, job.attempt_row, PRINT_SENT);
	if (receipt != NULL) {
		store_attempt_settle(desk->store, &job, receipt, false, WALL + 60000);
	}
}

static const struct receipt done = {
	.verdict = VERDICT_DONE, .evidence = EVIDENCE_COUNTER, .completed = 5};

static void use_is_counted_by_printer_and_since_the_roll_was_opened(void **state)
{
	(void)state;
	struct desk desk;
	struct roll_use use;
	begin(&desk);
	sheets(&desk, "P1", 5, 900, &done);
	struct roll roll = open_roll(&desk, "A1");
	sheets(&desk, "P1", 5, 1002, &done);
	sheets(&desk, "P2", 5, 10, &done);
	struct receipt spoiled = {.verdict = VERDICT_SPOILED};
	struct receipt unknown = {.verdict = VERDICT_UNKNOWN};
	struct receipt refused = {.verdict = VERDICT_NOT_TAKEN};
	sheets(&desk, "P1", 1, 1007, &spoiled);
	sheets(&desk, "P1", 2, 1007, &unknown);
	sheets(&desk, "P1", 4, 1007, &refused);
	sheets(&desk, "P1", 3, 1007, NULL);
	store_roll_use(desk.store, &roll, WALL + 60000, &use);
	assert_int_equal(use.delivered, 5);
	assert_int_equal(use.spoiled, 1);
	assert_int_equal(use.unknown, 2);
	assert_int_equal(use.pending, 3);
	assert_int_equal(use.late, 6);
	store_roll_use(desk.store, &roll, WALL + 60001, &use);
	assert_int_equal(use.late, 0);
	end(&desk);
}

static void closed_roll_says_what_was_expected_and_what_was_used(void **state)
{
	(void)state;
	struct desk desk;
	struct roll found;
	begin(&desk);
	struct roll roll = open_roll(&desk, "A1");
	sheets(&desk, "P1", 5, 1003, &done); /* three blank ones were fed before */
	assert_true(store_roll_get(desk.store, "P1", &found));
	assert_string_equal(found.lot, "A1");
	assert_int_equal(found.empty_left, -1);
	text_copy(found.state, sizeof found.state, "stock1 …");
	found.told = 395;
	text_copy(found.told_word, sizeof found.told_word, "fine");
	store_roll_save(desk.store, &found);
	struct roll_end last = {.left = 20, .left_said = true, .life = 1400};
	store_roll_close(desk.store, &found, &last, WALL + 90000);
	assert_false(store_roll_get(desk.store, "P1", &found));
	assert_int_equal(ask(&desk, "SELECT last_sheet-first_sheet FROM roll"), 5);
	assert_int_equal(ask(&desk, "SELECT set_up FROM roll"), 3);
	assert_int_equal(ask(&desk, "SELECT left FROM roll"), 20);
	assert_int_equal(ask(&desk, "SELECT life_end-life FROM roll"), 400);
	roll = open_roll(&desk, "A2");
	assert_true(store_roll_get(desk.store, "P1", &found));
	assert_int_equal(found.row, roll.row);
	store_roll_drop(desk.store, roll.row);
	assert_false(store_roll_get(desk.store, "P1", &found));
	end(&desk);
}

static void store_room_knows_rolls_by_lot_and_sheets_by_the_last_word(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	struct room_move move = {.media = "4x6-glossy",
		.lot = "A1",
		.rolls = 4,
		.sheets = 400,
		.what = "add",
		.printer = "",
		.who = "anna"};
	store_room_move(desk.store, &move, WALL);
	text_copy(move.lot, sizeof move.lot, "B2");
	move.sheets = 300;
	store_room_move(desk.store, &move, WALL);
	move.rolls = -1;
	move.sheets = 0;
	move.what = "open";
	move.printer = "P1";
	store_room_move(desk.store, &move, WALL);
	assert_int_equal(store_room_rolls(desk.store, "4x6-glossy", NULL), 7);
	assert_int_equal(store_room_rolls(desk.store, "4x6-glossy", "B2"), 3);
	assert_int_equal(store_room_rolls(desk.store, "5x7-lustre", NULL), 0);
	assert_int_equal(store_room_sheets(desk.store, "4x6-glossy", "A1"), 400);
	assert_int_equal(store_room_sheets(desk.store, "4x6-glossy", "B2"), 300);
	assert_int_equal(store_room_sheets(desk.store, "4x6-glossy", "C3"), 300);
	assert_int_equal(store_room_sheets(desk.store, "5x7-lustre", "A1"), 0);
	end(&desk);
}

static void forecasts_are_compared_with_what_came_or_mean_nothing(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	struct roll roll = open_roll(&desk, "A1");
	store_forecast_add(desk.store, roll.row, 1000, 50000);
	store_forecast_void(desk.store, roll.row);
	assert_int_equal(ask(&desk, "SELECT count(*) FROM forecast"), 0);
	store_forecast_add(desk.store, roll.row, 2000, 60000);
	store_forecast_end(desk.store, roll.row, 57000);
	store_forecast_void(desk.store, roll.row);
	assert_int_equal(ask(&desk, "SELECT off_ms FROM forecast"), -3000);
	end(&desk);
}

static void marks_of_sources_are_kept(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk);
	assert_false(store_source_is_marked(desk.store, "P1", "weight"));
	store_source_mark(desk.store, "P1", "weight", "anna", "it sticks", WALL);
	store_source_mark(desk.store, "P1", "weight", "ben", "still", WALL);
	assert_true(store_source_is_marked(desk.store, "P1", "weight"));
	assert_false(store_source_is_marked(desk.store, "P2", "weight"));
	store_source_unmark(desk.store, "P1", "weight");
	assert_false(store_source_is_marked(desk.store, "P1", "weight"));
	end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(use_is_counted_by_printer_and_since_the_roll_was_opened),
		cmocka_unit_test(closed_roll_says_what_was_expected_and_what_was_used),
		cmocka_unit_test(store_room_knows_rolls_by_lot_and_sheets_by_the_last_word),
		cmocka_unit_test(forecasts_are_compared_with_what_came_or_mean_nothing),
		cmocka_unit_test(marks_of_sources_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
