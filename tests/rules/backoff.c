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

/* ---- a fleet that was cut off together ---- */

#define FLOORS 1000

static uint64_t next(uint64_t *state)
{
	*state += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = *state;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* When that floor is heard again by a service that was away so long, after its return. */
static int64_t comes_back_ms(int64_t away_ms, int64_t retry_after_ms, uint64_t *state)
{
	int64_t now_ms = 0;
	for (int32_t tries = 1; now_ms < away_ms; tries++) {
		now_ms += call_wait_ms(tries, false, retry_after_ms, next(state));
	}
	return now_ms - away_ms;
}

static void fleet_comes_back_over_half_a_minute_and_more(void **state)
{
	static const int64_t away_ms[] = {60000, 600000, 6 * 3600000};
	static const int64_t retry_after_ms[] = {-1, 5000};
	uint64_t random = 1;
	(void)state;
	for (int i = 0; i < 6; i++) {
		int in_second[121] = {0};
		int most = 0;
		int late = 0;
		for (int floor = 0; floor < FLOORS; floor++) {
			int64_t ms = comes_back_ms(away_ms[i / 2], retry_after_ms[i % 2], &random);
			assert_true(ms >= 0 && ms <= 75000);
			int n = ++in_second[ms / 1000];
			most = n > most ? n : most;
			late += ms >= 15000;
		}
		assert_true(most < FLOORS / 10); /* no second sees a tenth of them */
		assert_true(late > FLOORS / 4);
		int last = 120;
		while (in_second[last] == 0) {
			last--;
		}
		assert_true(last >= 30);
	}
}

static void breaker_waits_half_a_minute_and_no_two_floors_alike(void **state)
{
	uint64_t random = 2;
	(void)state;
	for (int i = 0; i < 10000; i++) {
		int64_t ms = call_wait_ms(BREAKER_TRIES, false, -1, next(&random));
		assert_true(ms >= 30000 && ms <= 60000);
		ms = call_wait_ms(1, true, -1, next(&random));
		assert_true(ms >= 30000 && ms <= 30500);
		ms = call_wait_ms(20, false, 300000, next(&random));
		assert_true(ms >= 300000 && ms <= 315000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_wait_doubles_with_each_failure),
		cmocka_unit_test(the_cap_is_never_passed),
		cmocka_unit_test(chance_spreads_over_the_whole_wait),
		cmocka_unit_test(a_wait_that_was_asked_for_is_kept_and_spread),
		cmocka_unit_test(fleet_comes_back_over_half_a_minute_and_more),
		cmocka_unit_test(breaker_waits_half_a_minute_and_no_two_floors_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
