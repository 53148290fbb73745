/* SPDX-License-Identifier: Apache-2.0
 *
 * A host that fails again and again.
 */
#include "rules/breaker.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct breaker failed(int32_t times)
{
	struct breaker breaker = {0};
	for (int32_t i = 0; i < times; i++) {
		assert_true(breaker_begin(&breaker, 1000));
		breaker_end(&breaker, false, 1000);
	}
	return breaker;
}

static void ten_failures_in_a_row_let_a_host_rest(void **state)
{
	(void)state;
	struct breaker breaker = failed(9);
	assert_true(breaker_begin(&breaker, 1000));
	breaker = failed(10);
	assert_false(breaker_begin(&breaker, 1000));
	assert_false(breaker_begin(&breaker, 1000 + BREAKER_REST_MS - 1));
}

static void one_success_forgets_the_failures(void **state)
{
	(void)state;
	struct breaker breaker = failed(9);
	breaker_end(&breaker, true, 1000);
	for (int i = 0; i < 9; i++) {
		breaker_end(&breaker, false, 1000);
	}
	assert_true(breaker_begin(&breaker, 1000));
}

static void after_the_rest_one_tries_for_all(void **state)
{
	(void)state;
	struct breaker breaker = failed(10);
	int64_t now_ms = 1000 + BREAKER_REST_MS;
	assert_true(breaker_begin(&breaker, now_ms));
	assert_false(breaker_begin(&breaker, now_ms));
	breaker_end(&breaker, false, now_ms + 5000);
	assert_false(breaker_begin(&breaker, now_ms + BREAKER_REST_MS));
	now_ms += 5000 + BREAKER_REST_MS;
	assert_true(breaker_begin(&breaker, now_ms));
	breaker_end(&breaker, true, now_ms);
	assert_true(breaker_begin(&breaker, now_ms));
	assert_true(breaker_begin(&breaker, now_ms));
}

static void one_that_never_answers_does_not_close_it_for_ever(void **state)
{
	(void)state;
	struct breaker breaker = failed(10);
	assert_true(breaker_begin(&breaker, 1000 + BREAKER_REST_MS));
	assert_true(breaker_begin(&breaker, 1000 + 2 * BREAKER_REST_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_failures_in_a_row_let_a_host_rest),
		cmocka_unit_test(one_success_forgets_the_failures),
		cmocka_unit_test(after_the_rest_one_tries_for_all),
		cmocka_unit_test(one_that_never_answers_does_not_close_it_for_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
