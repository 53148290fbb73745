/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/maintenance.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
#define HOUR_MS     INT64_C(3600000)
#define DAY_MS      (24 * HOUR_MS)

static void it_is_due_by_what_comes_first(void **state)
{
	(void)state;
	static const struct {
		int32_t days, per_prints, per_faults;
		int64_t passed_ms, prints, faults;
		enum due due;
		const char *words;
	} cases[] = {
		{7, 0, 0, 0, 0, 0, DUE_NOT, "due in 7 days"},
		{7, 0, 0, 5 * DAY_MS, 9999, 9999, DUE_NOT, "due in 2 days"},
		{7, 0, 0, 6 * DAY_MS, 0, 0, DUE_SOON, "due in 1 day"},
		{7, 0, 0, 7 * DAY_MS - HOUR_MS, 0, 0, DUE_SOON, "due in 1 day"},
		{7, 0, 0, 7 * DAY_MS, 0, 0, DUE_NOW, "due since today"},
		{7, 0, 0, 9 * DAY_MS + HOUR_MS, 0, 0, DUE_NOW, "due for 2 days"},
		{100, 0, 0, 90 * DAY_MS, 0, 0, DUE_SOON, "due in 10 days"},
		{1, 0, 0, HOUR_MS, 0, 0, DUE_NOT, "due in 1 day"},
		{1, 0, 0, 22 * HOUR_MS, 0, 0, DUE_SOON, "due in 1 day"},
		{0, 2000, 0, 900 * DAY_MS, 1799, 0, DUE_NOT, "due in 201 prints"},
		{0, 2000, 0, 0, 1800, 0, DUE_SOON, "due in 200 prints"},
		{0, 2000, 0, 0, 2000, 0, DUE_NOW, "due: 2000 prints since it was done, every 2000"},
		{0, 0, 1, 0, 0, 1, DUE_NOW, "due: 1 fault since it was done, every 1"},
		{0, 0, 10, 0, 0, 9, DUE_SOON, "due in 1 fault"},
		{7, 2000, 10, DAY_MS, 1990, 2, DUE_SOON, "due in 10 prints"},
		{7, 2000, 10, 8 * DAY_MS, 10, 2, DUE_NOW, "due for 1 day"},
		{7, 2000, 10, DAY_MS, 10, 30, DUE_NOW,
			"due: 30 faults since it was done, every 10"},
		/* the clock was set back: nothing is due by that */
		{7, 0, 0, -400 * DAY_MS, 0, 0, DUE_NOT, "due in 7 days"},
		{3650, 10000000, 10000, 100000 * DAY_MS, INT32_MAX, 9999, DUE_NOW,
			"due: 2147483647 prints since it was done, every 10000000"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct routine routine = {.every_days = cases[i].days,
			.every_prints = cases[i].per_prints,
			.every_faults = cases[i].per_faults};
		struct upkeep upkeep = {1000 * DAY_MS, cases[i].prints, cases[i].faults};
		char words[UPKEEP_WORDS_MAX];
		int64_t now_ms = upkeep.since_ms + cases[i].passed_ms;
		assert_int_equal(upkeep_due(&routine, &upkeep, now_ms, words), cases[i].due);
		assert_string_equal(words, cases[i].words);
	}
}

/* Never less due as time goes on, and never later than each of its intervals says. */
static void it_grows_due_and_never_less(void **state)
{
	(void)state;
	struct routine routine = {.every_days = 9, .every_prints = 70};
	enum due before = DUE_NOT;
	for (int64_t hour = 0; hour < 24 * 12; hour++) {
		struct upkeep upkeep = {.since_ms = 0, .prints = hour / 4};
		char words[UPKEEP_WORDS_MAX];
		enum due due = upkeep_due(&routine, &upkeep, hour * HOUR_MS, words);
		assert_true(due >= before);
		assert_int_equal(due == DUE_NOW, hour >= 24 * 9 || hour / 4 >= 70);
		before = due;
	}
	assert_int_equal(before, DUE_NOW);
}

static void a_routine_is_of_a_printer_or_of_all_of_a_model(void **state)
{
	(void)state;
	struct printer_conf p1 = {.name = "P1", .model = "m"}, p2 = {.name = "P2", .model = "m"};
	struct routine of_printer = {.printer = "P1"}, of_model = {.model = "m"},
		       of_other = {.model = "P1"};
	assert_true(routine_is_of(&of_printer, &p1));
	assert_false(routine_is_of(&of_printer, &p2));
	assert_true(routine_is_of(&of_model, &p1) && routine_is_of(&of_model, &p2));
	assert_false(routine_is_of(&of_other, &p1));
}

static void what_blocks_says_what_to_do(void **state)
{
	(void)state;
	struct routine routine = {.name = "nozzles", .what = "Nozzle check"};
	struct err err;
	assert_false(upkeep_forbids(&routine, "P1", "due for 2 days", &err));
	assert_int_equal(err.remedy, REMEDY_ATTEND);
	assert_string_equal(err.code, "maintenance-due");
	assert_string_equal(err.text,
		"P1 prints nothing until this was done: Nozzle check (due for 2 days). Do it, "
		"then: platenctl maintenance done nozzles P1 --by WHO");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_due_by_what_comes_first),
		cmocka_unit_test(it_grows_due_and_never_less),
		cmocka_unit_test(a_routine_is_of_a_printer_or_of_all_of_a_model),
		cmocka_unit_test(what_blocks_says_what_to_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
