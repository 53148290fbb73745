/* SPDX-License-Identifier: Apache-2.0
 *
 * The wait before a new try.
 */
#include "rules/backoff.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t longest(int32_t tries, int64_t base_ms, int64_t cap_ms)
{
	int64_t most = 0;
	for (uint64_t chance = 0; chance < 130000; chance++) {
		int64_t wait = backoff_ms(tries, base_ms, cap_ms, -1, chance);
		assert_true(wait >= 0);
		most = wait > most ? wait : most;
	}
	return most;
}

static void the_longest_wait_doubles_with_each_failure(void **state)
{
	(void)state;
	assert_int_equal(longest(1, 500, 60000), 500);
	assert_int_equal(longest(2, 500, 60000), 1000);
	assert_int_equal(longest(4, 500, 60000), 4000);
}

static void the_cap_is_never_passed(void **state)
{
	(void)state;
	assert_int_equal(longest(8, 500, 60000), 60000);
	assert_int_equal(longest(2000000000, 500, 60000), 60000);
	assert_int_equal(backoff_ms(3, 500, 60000, -1, UINT64_MAX), UINT64_MAX % 2001);
}

static void chance_spreads_over_the_whole_wait(void **state)
{
	(void)state;
	assert_int_equal(backoff_ms(1, 500, 60000, -1, 0), 0);
	assert_int_equal(backoff_ms(1, 500, 60000, -1, 250), 250);
	assert_int_equal(backoff_ms(1, 500, 60000, -1, 500), 500);
	assert_int_equal(backoff_ms(1, 500, 60000, -1, 501), 0);
}

static void a_wait_that_was_asked_for_is_kept_and_spread(void **state)
{
	(void)state;
	assert_int_equal(backoff_ms(1, 500, 60000, 30000, 0), 30000);
	assert_int_equal(backoff_ms(1, 500, 60000, 30000, 400), 30100);
	assert_int_equal(backoff_ms(1, 500, 60000, 400, 450), 450);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_wait_doubles_with_each_failure),
		cmocka_unit_test(the_cap_is_never_passed),
		cmocka_unit_test(chance_spreads_over_the_whole_wait),
		cmocka_unit_test(a_wait_that_was_asked_for_is_kept_and_spread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
