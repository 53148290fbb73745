/* SPDX-License-Identifier: Apache-2.0
 *
 * Markings: which templates are taken, and what hostile orders make of them.
 */
#include "rules/marking.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BAD  "\xEF\xBF\xBD"
#define DOTS "\xE2\x80\xA6"

static struct marking_facts plain(void)
{
	return (struct marking_facts){.order = "A-1042",
		.job = "j-01J",
		.label = "Anna M.",
		.sku = "4x6",
		.product = "Print 4 × 6 in",
		.floor = "lab-7",
		.date = "2026-11-29",
		.page = 2,
		.pages = 3,
		.copies = 12};
}

static void assert_fills(const char *template, const struct marking_facts *facts, const char *want)
{
	char text[MARKING_TEXT_MAX];
	struct err err;
	assert_true(marking_check(template, &err));
	marking_fill(template, facts, text);
	assert_string_equal(text, want);
}

static void every_placeholder_is_filled(void **state)
{
	(void)state;
	struct marking_facts facts = plain();
	assert_fills("{order} {job} {page}/{pages} x{copies}", &facts, "A-1042 j-01J 2/3 x12");
	assert_fills("{date}·{label}·{sku}·{floor}", &facts, "2026-11-29·Anna M.·4x6·lab-7");
	assert_fills("{product}{product}", &facts, "Print 4 × 6 inPrint 4 × 6 in");
	assert_fills("no placeholder: 100 %n $(x)", &facts, "no placeholder: 100 %n $(x)");
	assert_fills("", &facts, "");
}

static void faulty_templates_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *template, *said;
	} faulty[] = {
		{"{orders}", "{orders}: known are"},
		{"{}", "{}: known are"},
		{"{ order }", "{ order }: known are"},
		{"{Order}", "known are"},
		{"{order", "{order}: known are"},
		{"{copy}/{copies}", "none can have a number of its own"},
		{"{{order}}", "{}: known are"},
		{"order}", "stands alone"},
		{"{a_very_long_placeholder_that_nobody_knows}", "{a_very_long_pla"},
		{"a\nb", "one line"},
		{"a\x1B[1m", "one line"},
		{"1\xE2\x80\xAE"
		 "2",
			"can be seen"},
		{"\xFF", "can be seen"},
	};
	for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++) {
		struct err err = {0};
		assert_false(marking_check(faulty[i].template, &err));
		if (strstr(err.text, faulty[i].said) == NULL) {
			fail_msg("%s: %s", faulty[i].template, err.text);
		}
	}
	char longest[MARKING_TEMPLATE_MAX + 1];
	struct err err;
	memset(longest, 'x', sizeof longest);
	longest[MARKING_TEMPLATE_MAX] = '\0';
	assert_false(marking_check(longest, &err));
	longest[MARKING_TEMPLATE_MAX - 1] = '\0';
	assert_true(marking_check(longest, &err));
}

static void what_an_order_says_is_text_and_nothing_else(void **state)
{
	(void)state;
	static const struct {
		const char *order, *want;
	} hostile[] = {
		{"{job}{order}", "{job}{order}"}, /* never looked through again */
		{"{{}}%n%s%99999d", "{{}}%n%s%99999d"},
		{"a\nb\r\tc", "a" BAD "b" BAD BAD "c"},
		{"\x1B]0;x\x07", BAD "]0;x" BAD},
		{"1\xE2\x80\xAE"
		 "2\xE2\x80\xAC",
			"1" BAD "2" BAD},
		{"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
		{"\xD7\xA9\xD7\x9C", "\xD7\xA9\xD7\x9C"},
		{"\xFF\xFE<b>", BAD BAD "<b>"},
		{"", ""},
	};
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		struct marking_facts facts = plain();
		facts.order = hostile[i].order;
		assert_fills("{order}", &facts, hostile[i].want);
	}
}

static void long_texts_end_in_an_ellipsis(void **state)
{
	(void)state;
	static char endless[10241];
	memset(endless, 'x', sizeof endless - 1);
	struct marking_facts facts = plain();
	char text[MARKING_TEXT_MAX];
	facts.order = endless;
	marking_fill("{order} {job}", &facts, text);
	assert_int_equal(strlen(text), MARKING_TEXT_MAX - 1);
	assert_string_equal(text + MARKING_TEXT_MAX - 4, DOTS);
	/* by whole characters, whatever the length before */
	for (size_t lead = 0; lead < 5; lead++) {
		for (size_t i = 0; i + 3 < sizeof endless; i += 3) {
			memcpy(endless + i, "\xE2\x82\xAC", 3);
		}
		endless[sizeof endless - 1 - (sizeof endless - 1) % 3] = '\0';
		facts.label = &"xxxxx"[lead];
		marking_fill("{label}{order}", &facts, text);
		assert_true(text_is_utf8(text, strlen(text)));
		assert_string_equal(text + strlen(text) - 3, DOTS);
		assert_true(strlen(text) >= MARKING_TEXT_MAX - 4);
	}
	marking_fill("{product}{product}{product}{product}{product}{product}{product}{product}"
		     "{product}{product}{product}{product}{product}",
		&facts, text);
	assert_string_equal(text + strlen(text) - 3, DOTS);
}

static void backs_have_their_own_characters_and_columns(void **state)
{
	(void)state;
	static const struct {
		struct model_back back;
		const char *order, *want;
	} cases[] = {
		{{1, 80, false}, "Jörg – “A” 4 × 6…", "J?rg - \"A\" 4 x 6..."},
		{{1, 80, true}, "Jörg – “A” 4 × 6 €", "Jörg - \"A\" 4 × 6 ?"},
		{{1, 80, true},
			"a\n\xFF"
			"b😀",
			"a??b?"},
		{{1, 8, false}, "12345678", "12345678"},
		{{1, 8, false}, "123456789", "12345..."},
		{{1, 8, true}, "ÄÖÜÄÖÜÄÖÜ", "ÄÖÜÄÖ..."},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct marking_facts facts = plain();
		char line[BACK_LINE_MAX];
		facts.order = cases[i].order;
		marking_fill_back("{order}", &facts, &cases[i].back, line);
		assert_string_equal(line, cases[i].want);
	}
}

static void the_longest_back_stays_in_its_bounds(void **state)
{
	(void)state;
	struct marking_facts facts = plain();
	const struct model_back widest = {BACK_LINES_MAX, BACK_COLUMNS_MAX, true};
	char line[BACK_LINE_MAX];
	char order[400];
	for (size_t i = 0; i + 2 < sizeof order; i += 2) {
		memcpy(order + i, "\xC3\xA9", 3);
	}
	facts.order = order;
	marking_fill_back("{order}{order}", &facts, &widest, line);
	assert_true(strlen(line) < sizeof line);
	for (size_t i = 0; i + 3 < sizeof order; i += 3) {
		memcpy(order + i, DOTS, 4);
	}
	marking_fill_back("{order}{order}", &facts, &widest, line);
	assert_int_equal(strlen(line), BACK_COLUMNS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_placeholder_is_filled),
		cmocka_unit_test(faulty_templates_are_named),
		cmocka_unit_test(what_an_order_says_is_text_and_nothing_else),
		cmocka_unit_test(long_texts_end_in_an_ellipsis),
		cmocka_unit_test(backs_have_their_own_characters_and_columns),
		cmocka_unit_test(the_longest_back_stays_in_its_bounds),
	};
	return cmocka_run_group_tests_name("rules/marking", tests, NULL, NULL);
}
