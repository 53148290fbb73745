/* SPDX-License-Identifier: Apache-2.0
 *
 * Paper: a roll from the store room to its end, the forecast before it and the offer after it;
 * others' prints; a scale that says something else; a restart.
 */
#include "farm/stock.h"
#include "tests/walk/story.h"
#include <string.h>

static void load(struct sim *sim, const char *lot, int32_t sheets, int32_t left)
{
	struct err err;
	struct farm_load load = {.media = "4x6-glossy", .lot = lot, .sheets = sheets, .left = left};
	said(farm_printer_load(sim_farm(sim), "P1", &load, "anna", &err), &err);
}

static void add_rolls(struct sim *sim, int32_t rolls, const char *lot, int32_t sheets)
{
	struct err err;
	struct farm_rolls in = {
		.media = "4x6-glossy", .lot = lot, .rolls = rolls, .sheets = sheets};
	said(farm_room_add(sim_farm(sim), &in, "anna", &err), &err);
}

static struct farm_stock at_p1(struct sim *sim)
{
	struct farm_stock stock;
	farm_stock_of(sim_farm(sim), "P1", &stock);
	return stock;
}

static int64_t ask(struct sim *sim, const char *sql)
{
	int64_t n = -1;
	db_one_int(store_db(sim_store(sim)), &n, sql, "");
	return n;
}

static bool was_told(struct sim *sim, const char *subject, const char *word)
{
	char words[4096];
	sim_cloud_events(sim, subject, words, sizeof words);
	return strstr(words, word) != NULL;
}

static void set_paper(struct sim *sim, const char *media)
{
	text_copy(sim_printer(sim, "P1")->media, NAME_MAX_LEN, media);
	sim_printer_go_on(sim, "P1");
}

/* Prints until that many are left. */
static void until_left(struct sim *sim, int32_t left)
{
	int64_t end_ms = sim_now(sim) + 30 * MINUTES;
	while (at_p1(sim).figure.left > left) {
		assert_true(sim_now(sim) < end_ms);
		sim_run(sim, 100);
	}
}

static void roll_runs_out_as_forecast_and_the_next_one_goes_on(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	add_rolls(sim, 2, "A1", 12);
	load(sim, "A1", COUNT_UNKNOWN, COUNT_UNKNOWN);
	sim_run(sim, 5 * SECONDS);
	assert_int_equal(at_p1(sim).figure.left, 12); /* as the store room says of that lot */
	assert_int_equal(store_room_rolls(sim_store(sim), "4x6-glossy", NULL), 1);
	assert_int_equal(sim_offered_sheets(sim, "P1"), 12);
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 5});
	until(sim, "J1: reported");
	assert_int_equal(at_p1(sim).figure.left, 7);
	assert_false(at_p1(sim).forecast.runs_out);

	sim_order(sim, &(struct sim_order){.job = "J2", .copies = 10});
	until(sim, "J2: permitted");
	struct farm_stock stock = at_p1(sim);
	assert_true(stock.forecast.runs_out);
	assert_int_equal(stock.forecast.short_by, 3);
	int64_t said_ms = stock.forecast.at_ms;
	until_left(sim, 1);
	sim_run(sim, 3 * SECONDS); /* the last sheet is under way */
	assert_int_equal(at_p1(sim).use.pending, 1);
	set_paper(sim, "");
	until_left(sim, 0);
	int64_t off_ms = farm_floor_ms(sim_farm(sim)) - said_ms;
	assert_in_range(off_ms + 60000, 0, 120000); /* hand-overs and proofs take their time */
	sim_run(sim, 5 * SECONDS);
	assert_string_equal(at_p1(sim).word, "empty");
	assert_int_equal(sim_offered(sim, "P1"), 0); /* withdrawn, and told, within five seconds */
	assert_int_equal(sim_offered_sheets(sim, "P1"), 0);
	assert_true(was_told(sim, "printer/P1", "stock_low"));
	assert_int_equal(ask(sim, "SELECT count(*) FROM forecast WHERE off_ms NOT NULL"), 1);

	set_paper(sim, "4x6-glossy");
	load(sim, "A1", COUNT_UNKNOWN, 0);
	until(sim, "J2: reported");
	came_out(sim, "J1", 5, 0);
	came_out(sim, "J2", 10, 0);
	assert_int_equal(store_room_rolls(sim_store(sim), "4x6-glossy", NULL), 0);
	assert_int_equal(at_p1(sim).figure.left + 3, 12);
	assert_int_equal(
		ask(sim, "SELECT count(*) FROM sheet JOIN roll ON sheet.row>first_sheet AND"
			 " sheet.row<=last_sheet AND sheet.printer=roll.printer AND sheet.state="
			 "'delivered'"),
		12);
	assert_int_equal(ask(sim, "SELECT left FROM roll WHERE closed NOT NULL"), 0);
	assert_int_equal(ask(sim, "SELECT empty_left FROM roll WHERE closed NOT NULL"), 0);
	assert_true(was_told(sim, "floor/sim-floor", "stock"));
	assert_int_equal(sim_offered(sim, "P1"), 1);

	story_end(sim);
}

static void others_prints_are_taken_off_and_attributed(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_printer(sim, "P1")->shared = true;
	load(sim, "A1", 100, COUNT_UNKNOWN);
	sim_run(sim, 5 * SECONDS);
	sim_printer_foreign(sim, "P1", 4);
	sim_run(sim, 2 * MINUTES);
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: reported");
	sim_run(sim, 5 * SECONDS);
	assert_int_equal(at_p1(sim).figure.left, 95);
	assert_non_null(strstr(at_p1(sim).figure.why, "(4 sheets more than platen printed)"));
	story_close(sim); /* of others' prints on its own printer the oracle knows nothing */
}

static void weight_that_says_something_else_asks_for_a_count_which_settles_it(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	struct stock_weight weight = {
		.gross_g = 1000, .tare_g = 500, .core_g = 100, .grammage_g_m2 = 240};
	load(sim, "A1", 200, COUNT_UNKNOWN);
	for (int minute = 0; minute < 12; minute++) {
		/* 107 sheets of 4x6 */
		farm_printer_weighed(sim_farm(sim), "P1", STOCK_FRESH, &weight);
		sim_run(sim, 1 * MINUTES);
	}
	assert_true(at_p1(sim).figure.recount);
	assert_int_equal(ask(sim, "SELECT count(*) FROM incident WHERE code='stock-recount' AND"
				  " closed IS NULL"),
		1);
	assert_true(was_told(sim, "printer/P1", "incident"));
	said(farm_printer_count(sim_farm(sim), "P1", 108, "ben", &err), &err);
	sim_run(sim, 5 * SECONDS);
	struct farm_stock stock = at_p1(sim);
	assert_false(stock.figure.recount);
	assert_int_equal(stock.figure.left, 108);
	assert_int_equal(ask(sim, "SELECT count(*) FROM incident WHERE closed IS NULL"), 0);
	assert_int_equal(sim_offered_sheets(sim, "P1"), 108);

	said(farm_printer_trust(sim_farm(sim), "P1", "weight", false, "ben", "it sticks", &err),
		&err);
	assert_non_null(strstr(at_p1(sim).figure.why, "the weight (marked as lying)"));
	assert_false(farm_printer_trust(sim_farm(sim), "P1", "ledger", true, "ben", "", &err));
	assert_false(farm_printer_trust(sim_farm(sim), "P1", "weight", false, "ben", "", &err));
	story_end(sim);
}

static void figure_and_roll_outlive_a_restart(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	load(sim, "A1", 50, COUNT_UNKNOWN);
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3});
	until(sim, "J1: reported");
	struct farm_stock before = at_p1(sim);
	assert_int_equal(before.figure.left, 47);
	sim_restart(sim);
	sim_run(sim, 5 * SECONDS);
	struct farm_stock after = at_p1(sim);
	assert_int_equal(after.figure.left, 47);
	assert_int_equal(after.figure.plus_minus, before.figure.plus_minus);
	assert_int_equal(after.roll.row, before.roll.row);
	assert_string_equal(after.roll.lot, "A1");
	story_end(sim);
}

static void roll_loaded_by_mistake_goes_back_and_leaves_no_row(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	add_rolls(sim, 1, "A1", 400);
	add_rolls(sim, 1, "B2", 300);
	load(sim, "A1", COUNT_UNKNOWN, COUNT_UNKNOWN);
	assert_int_equal(store_room_rolls(sim_store(sim), "4x6-glossy", "A1"), 0);
	load(sim, "B2", COUNT_UNKNOWN, COUNT_UNKNOWN);
	assert_int_equal(store_room_rolls(sim_store(sim), "4x6-glossy", "A1"), 1);
	assert_int_equal(store_room_rolls(sim_store(sim), "4x6-glossy", "B2"), 0);
	assert_int_equal(ask(sim, "SELECT count(*) FROM roll"), 1);
	sim_run(sim, 5 * SECONDS);
	assert_int_equal(at_p1(sim).figure.left, 300);
	story_end(sim);
}

static void paper_that_was_filled_without_a_word_asks_for_a_count(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	load(sim, "A1", 30, COUNT_UNKNOWN);
	sim_run(sim, 5 * SECONDS);
	set_paper(sim, "");
	sim_run(sim, 5 * SECONDS);
	assert_string_equal(at_p1(sim).word, "empty");
	set_paper(sim, "4x6-glossy");
	sim_run(sim, 5 * SECONDS);
	assert_string_equal(at_p1(sim).word, "fine"); /* the cover was open, perhaps */
	assert_false(at_p1(sim).figure.recount);
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: reported");
	assert_true(at_p1(sim).figure.recount);
	story_end(sim);
}

static void nobody_said_which_roll_is_no_figure(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: reported");
	assert_false(at_p1(sim).has_roll);
	assert_false(at_p1(sim).has_figure);
	assert_int_equal(sim_offered_sheets(sim, "P1"), -1);
	events_are(sim, "printer/P1", "online");
	/* a count alone is enough: what the printer says is loaded is taken for the roll */
	said(farm_printer_count(sim_farm(sim), "P1", 88, "anna", &err), &err);
	assert_int_equal(at_p1(sim).figure.left, 88);
	assert_false(farm_printer_count(sim_farm(sim), "P9", 88, "anna", &err));
	assert_false(farm_printer_count(sim_farm(sim), "P1", -1, "anna", &err));
	story_end(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roll_runs_out_as_forecast_and_the_next_one_goes_on),
		cmocka_unit_test(others_prints_are_taken_off_and_attributed),
		cmocka_unit_test(weight_that_says_something_else_asks_for_a_count_which_settles_it),
		cmocka_unit_test(figure_and_roll_outlive_a_restart),
		cmocka_unit_test(roll_loaded_by_mistake_goes_back_and_leaves_no_row),
		cmocka_unit_test(paper_that_was_filled_without_a_word_asks_for_a_count),
		cmocka_unit_test(nobody_said_which_roll_is_no_figure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
