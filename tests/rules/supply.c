/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/supply.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void levels_are_shares_or_words_and_never_empty_by_mistake(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		int32_t level, low, high, left;
		bool is_waste, is_low;
	} cases[] = {
		{"ink", 63, -1, -1, 63, false, false},
		{"ink", 0, -1, -1, 0, false, true},
		{"ink", 10, -1, -1, 10, false, true},
		{"ink", 11, -1, -1, 11, false, false},
		{"ink", 15, 20, 100, 15, false, true},
		{"ink", 5, 0, 100, 5, false, false},
		{"ink", -1, -1, -1, LEFT_UNKNOWN, false, false},
		{"ink", -2, 10, 100, LEFT_UNKNOWN, false, false},
		{"ink-ribbon", -3, 10, 100, LEFT_SOME, false, false},
		{"ink", 101, -1, -1, LEFT_UNKNOWN, false, false},
		{"ink", -400, -1, -1, LEFT_UNKNOWN, false, false},
		{"waste-ink", 0, 10, 100, 100, true, false},
		{"waste-ink", 100, -1, -1, 0, true, true},
		{"waste-toner", 80, 0, 80, 20, true, true},
		{"waste-toner", 79, 0, 80, 21, true, false},
		{"waste-ink", -3, -1, 90, LEFT_SOME, true, false},
		{"", 40, -1, -1, 40, false, false},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct supply supply = {.name = ""};
		strcpy(supply.type, cases[i].type);
		supply_judge(&supply, cases[i].level, cases[i].low, cases[i].high);
		assert_int_equal(supply.left_percent, cases[i].left);
		assert_int_equal(supply.is_waste, cases[i].is_waste);
		assert_int_equal(supply.is_low, cases[i].is_low);
	}
}

static void printer_supply_is_read_as_its_standard_writes_it(void **state)
{
	(void)state;
	static const struct {
		const char *text, *type;
		int32_t left;
		bool is_waste, is_low;
	} cases[] = {
		{"type=ink;maxcapacity=100;level=63;class=supplyThatIsConsumed;colorantname=cyan;",
			"ink", 63, false, false},
		{"index=1;class=receptacleThatIsFilled;type=wasteInk;unit=percent;maxcapacity=100;"
		 "level=95;",
			"waste-ink", 5, true, true},
		{"type=inkRibbon;maxcapacity=700;level=350", "ink-ribbon", 50, false, false},
		{"type=ink;maxcapacity=-2;level=35", "ink", LEFT_SOME, false, false},
		{"type=ink;maxcapacity=-2;level=0", "ink", 0, false, true},
		{"type=ink;maxcapacity=100;level=-3;", "ink", LEFT_SOME, false, false},
		{"type=ink;maxcapacity=100;level=-2;", "ink", LEFT_UNKNOWN, false, false},
		{"type=ink;maxcapacity=100;level=900;", "ink", 100, false, false},
		{"type=ink;maxcapacity=100;level=12x;", "ink", LEFT_UNKNOWN, false, false},
		{"type=ink;maxcapacity=100;level=99999999999;", "ink", LEFT_UNKNOWN, false, false},
		{"type=ink", "ink", LEFT_UNKNOWN, false, false},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct supply supply = {.name = ""};
		assert_true(supply_from_text(cases[i].text, &supply));
		assert_string_equal(supply.type, cases[i].type);
		assert_int_equal(supply.left_percent, cases[i].left);
		assert_int_equal(supply.is_waste, cases[i].is_waste);
		assert_int_equal(supply.is_low, cases[i].is_low);
	}
}

static void a_supply_without_a_type_is_none(void **state)
{
	(void)state;
	static const char *const texts[] = {"", ";", ";;;", "type", "type=", "xtype=ink", "level=3",
		"type=0123456789012345678901234567890123;level=3", "=;=;="};
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct supply supply = {.name = ""};
		assert_false(supply_from_text(texts[i], &supply));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_are_shares_or_words_and_never_empty_by_mistake),
		cmocka_unit_test(printer_supply_is_read_as_its_standard_writes_it),
		cmocka_unit_test(a_supply_without_a_type_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
