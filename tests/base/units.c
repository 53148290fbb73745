/* SPDX-License-Identifier: Apache-2.0
 *
 * Lengths and pixels.
 */
#include "base/units.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void print_sizes_come_out_to_the_pixel(void **state)
{
	(void)state;
	static const struct {
		int32_t hmm, dpi, px;
	} cases[] = {
		{10160, 300, 1200},
		{15240, 300, 1800},
		{12700, 300, 1500},
		{17780, 300, 2100},
		{20320, 300, 2400},
		{25400, 300, 3000},
		{25400, 600, 6000},
		{21000, 300, 2480},
		{29700, 300, 3508},
		{300, 300, 35},
		{100, 300, 12},
		{0, 300, 0},
		{100000, 2400, 94488},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(units_px(cases[i].hmm, cases[i].dpi), cases[i].px);
	}
}

static void pixels_lead_back_to_themselves(void **state)
{
	(void)state;
	static const int32_t resolutions[] = {150, 300, 334, 600, 1200};
	for (size_t i = 0; i < 5; i++) {
		for (int32_t px = 0; px < 20000; px += 7) {
			int32_t hmm = units_hmm(px, resolutions[i]);
			assert_int_equal(units_px(hmm, resolutions[i]), px);
		}
	}
}

static void an_inch_is_an_inch(void **state)
{
	(void)state;
	assert_int_equal(units_hmm(300, 300), HMM_PER_INCH);
	assert_int_equal(units_hmm(1, 300), 8);
	assert_int_equal(units_px(4, 300), 0);
	assert_int_equal(units_px(5, 300), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_sizes_come_out_to_the_pixel),
		cmocka_unit_test(pixels_lead_back_to_themselves),
		cmocka_unit_test(an_inch_is_an_inch),
	};
	return cmocka_run_group_tests_name("base/units", tests, NULL, NULL);
}
