/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/tray.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void trays_of_real_printers_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is_output;
		const char *name, *type;
		int32_t level, capacity;
		bool is_empty, has_fault;
		const char *words;
	} cases[] = {
		{"type=sheetFeedAutoRemovableTray;mediafeed=0;mediaxfeed=0;maxcapacity=250;level="
		 "100;"
		 "status=0;name=main;",
			false, "main", "sheet-feed-auto-removable-tray", 100, 250, false, false,
			"100 of 250 sheets left"},
		{"type=sheetFeedAutoNonRemovableTray;dimunit=micrometers;mediafeed=297000;"
		 "mediaxfeed=210000;maxcapacity=-2;level=-2;unit=percent;status=0;name=Tray 1;",
			false, "Tray 1", "sheet-feed-auto-non-removable-tray", LEFT_UNKNOWN,
			LEFT_UNKNOWN, false, false, "how much is not known"},
		{"type=other;mediafeed=116929;mediafeed=116929;maxcapacity=-2;level=-3;status=19;"
		 "name=Auto;",
			false, "Auto", "other", LEFT_SOME, LEFT_UNKNOWN, false, true, "some left"},
		{"type=continuousRoll;maxcapacity=100;level=37;unit=percent;name=Roll", false,
			"Roll", "continuous-roll", 37, 100, false, false, "37 of 100 % left"},
		{"type=sheetFeedManual;maxcapacity=100;level=0;status=0;name=MP Tray;", false,
			"MP Tray", "sheet-feed-manual", 0, 100, true, false, "empty"},
		{"type=other;maxcapacity=-2;level=0;name=Never counts", false, "Never counts",
			"other", 0, LEFT_UNKNOWN, false, false, "how much is not known"},
		{"type=unRemovableBin;maxcapacity=100;remaining=60;status=0;name=face-down;"
		 "stackingorder=lastToFirst;pagedelivery=faceDown;",
			true, "face-down", "un-removable-bin", 60, 100, false, false,
			"room for 60 of 100 sheets"},
		{"type=removableBin;maxcapacity=100;remaining=0;name=Bin", true, "Bin",
			"removable-bin", 0, 100, true, false, "full"},
		{"type=removableBin;maxcapacity=-1;remaining=-1;name=Bin", true, "Bin",
			"removable-bin", LEFT_UNBOUND, LEFT_UNBOUND, false, false, "never full"},
		{"level=99999999999;name=Odd", false, "Odd", "", LEFT_UNKNOWN, LEFT_UNKNOWN, false,
			false, "how much is not known"},
		{"name=Odd;level=-77;maxcapacity=-400;status=-1;index=-3", false, "Odd", "",
			LEFT_UNKNOWN, LEFT_UNKNOWN, false, false, "how much is not known"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tray tray;
		char words[TRAY_WORDS_MAX];
		assert_true(tray_from_text(cases[i].text, cases[i].is_output, &tray));
		assert_string_equal(tray.name, cases[i].name);
		assert_string_equal(tray.type, cases[i].type);
		assert_int_equal(tray.level, cases[i].level);
		assert_int_equal(tray.capacity, cases[i].capacity);
		assert_int_equal(tray.is_empty, cases[i].is_empty);
		assert_int_equal(tray.has_fault, cases[i].has_fault);
		assert_int_equal(tray.index, 0);
		tray_words(&tray, words);
		assert_string_equal(words, cases[i].words);
	}
}

static void what_is_no_tray_changes_nothing(void **state)
{
	(void)state;
	static const char *const cases[] = {"", ";", "status=0;", "type", "maxcapacity=5",
		"name=A name that is far too long for a tray, sixty-four bytes are what there is"};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tray tray = {.index = 9};
		assert_false(tray_from_text(cases[i], false, &tray));
		assert_int_equal(tray.index, 9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trays_of_real_printers_are_read),
		cmocka_unit_test(what_is_no_tray_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
