/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks and stamps.
 */
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static void boot_time_goes_on_and_wall_time_is_of_this_century(void **state)
{
	(void)state;
	int64_t before = clock_boot_ms();
	struct timespec wait = {.tv_nsec = 5 * 1000 * 1000};
	nanosleep(&wait, NULL);
	int64_t after = clock_boot_ms();
	assert_true(after - before >= 5);
	assert_true(after - before < 10 * SECOND_MS);
	assert_true(clock_wall_ms() > INT64_C(1600000000) * 1000);
}

static void the_boot_id_stays(void **state)
{
	(void)state;
	char one[CLOCK_BOOT_ID_MAX];
	char two[CLOCK_BOOT_ID_MAX];
	clock_boot_id(one);
	clock_boot_id(two);
	assert_string_equal(one, two);
	assert_true(strlen(one) > 0);
	assert_null(strchr(one, '\n'));
}

static void stamps_are_rfc_3339_in_utc(void **state)
{
	(void)state;
	static const struct {
		int64_t wall_ms;
		const char *stamp;
	} cases[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{INT64_C(951782399999), "2000-02-28T23:59:59.999Z"},
		{INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
		{INT64_C(1469922850259), "2016-07-30T23:54:10.259Z"},
		{INT64_C(4102444800007), "2100-01-01T00:00:00.007Z"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char stamp[CLOCK_STAMP_MAX];
		assert_ptr_equal(clock_stamp(cases[i].wall_ms, stamp), stamp);
		assert_string_equal(stamp, cases[i].stamp);
		assert_int_equal(clock_stamp_ms(stamp), cases[i].wall_ms);
	}
	assert_int_equal(clock_stamp_ms(""), 0);
	assert_int_equal(clock_stamp_ms("2000-02-28T23:59:59"), 0);
	assert_int_equal(clock_stamp_ms("2000-02-28T23:59:59.1234Z"), 0);
	assert_int_equal(clock_stamp_ms("2000-02-28T23:59:59.123+01:00"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boot_time_goes_on_and_wall_time_is_of_this_century),
		cmocka_unit_test(the_boot_id_stays),
		cmocka_unit_test(stamps_are_rfc_3339_in_utc),
	};
	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
