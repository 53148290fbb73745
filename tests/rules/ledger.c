/* SPDX-License-Identifier: Apache-2.0
 *
 * What a receipt makes of each print of its attempt.
 */
#include "rules/ledger.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(
	enum verdict verdict, int32_t completed, int32_t at, enum print_state state, bool successor)
{
	struct receipt receipt = {.verdict = verdict, .completed = completed};
	struct print_fate fate = ledger_settle(&receipt, at);
	assert_string_equal(print_state_name(fate.state), print_state_name(state));
	assert_int_equal(fate.successor, successor);
}

static void done_delivers_all(void **state)
{
	(void)state;
	expect(VERDICT_DONE, 3, 0, PRINT_DELIVERED, false);
	expect(VERDICT_DONE, 3, 2, PRINT_DELIVERED, false);
}

static void not_taken_plans_all_again_without_waste(void **state)
{
	(void)state;
	expect(VERDICT_NOT_TAKEN, 0, 0, PRINT_PLANNED, false);
	expect(VERDICT_NOT_TAKEN, 0, 2, PRINT_PLANNED, false);
}

static void spoiled_is_waste_and_gets_a_successor(void **state)
{
	(void)state;
	expect(VERDICT_SPOILED, 0, 0, PRINT_SPOILED, true);
}

static void the_first_of_a_partial_attempt_are_delivered_and_the_rest_planned(void **state)
{
	(void)state;
	expect(VERDICT_PARTIAL, 2, 0, PRINT_DELIVERED, false);
	expect(VERDICT_PARTIAL, 2, 1, PRINT_DELIVERED, false);
	expect(VERDICT_PARTIAL, 2, 2, PRINT_PLANNED, false);
	expect(VERDICT_PARTIAL, 0, 0, PRINT_PLANNED, false);
}

static void unknown_is_neither_delivered_nor_planned(void **state)
{
	(void)state;
	expect(VERDICT_UNKNOWN, 0, 0, PRINT_UNKNOWN, false);
	expect(VERDICT_UNKNOWN, 1, 0, PRINT_UNKNOWN, false);
}

static void pending_changes_nothing(void **state)
{
	(void)state;
	expect(VERDICT_PENDING, 1, 0, PRINT_ACCEPTED, false);
}

static void a_persons_count_spoils_what_is_not_good_and_keeps_what_is(void **state)
{
	(void)state;
	/* the printer claims 2 of 3 */
	static const struct {
		int32_t good, at;
		enum print_state state;
		bool successor;
	} rows[] = {
		{2, 0, PRINT_DELIVERED, false},
		{2, 1, PRINT_DELIVERED, false},
		{2, 2, PRINT_PLANNED, false},
		{1, 0, PRINT_DELIVERED, false},
		{1, 1, PRINT_SPOILED, true},
		{1, 2, PRINT_PLANNED, false},
		{0, 0, PRINT_SPOILED, true},
		{3, 2, PRINT_DELIVERED, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct print_fate fate = ledger_recount(2, rows[i].good, rows[i].at);
		assert_int_equal(fate.state, rows[i].state);
		assert_int_equal(fate.successor, rows[i].successor);
	}
}

static void states_and_names_match_both_ways(void **state)
{
	(void)state;
	for (int i = PRINT_PLANNED; i <= PRINT_UNKNOWN; i++) {
		enum print_state found;
		assert_true(print_state_from_name(print_state_name((enum print_state)i), &found));
		assert_int_equal(found, i);
	}
	enum print_state untouched = PRINT_SENT;
	assert_false(print_state_from_name("printed", &untouched));
	assert_int_equal(untouched, PRINT_SENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(done_delivers_all),
		cmocka_unit_test(not_taken_plans_all_again_without_waste),
		cmocka_unit_test(spoiled_is_waste_and_gets_a_successor),
		cmocka_unit_test(the_first_of_a_partial_attempt_are_delivered_and_the_rest_planned),
		cmocka_unit_test(unknown_is_neither_delivered_nor_planned),
		cmocka_unit_test(pending_changes_nothing),
		cmocka_unit_test(a_persons_count_spoils_what_is_not_good_and_keeps_what_is),
		cmocka_unit_test(states_and_names_match_both_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
