/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded text: copies, ids, UTF-8, escapes, numbers.
 */
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void copies_are_bounded_and_whole_characters(void **state)
{
	(void)state;
	char to[8];
	assert_true(text_copy(to, sizeof to, "1234567"));
	assert_string_equal(to, "1234567");
	assert_false(text_copy(to, sizeof to, "12345678"));
	assert_string_equal(to, "1234567");
	assert_false(text_copy(to, sizeof to, "12345\xe2\x82\xac"));
	assert_string_equal(to, "12345");
	assert_false(text_copy(to, 1, "a"));
	assert_string_equal(to, "");
	assert_true(text_copy(to, 1, ""));
}

static void ids_are_what_the_order_api_allows(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool fine;
	} cases[] = {
		{"a", true},
		{"Z-9_x.y:1", true},
		{"-", true},
		{":", true},
		{"", false},
		{".a", false},
		{"..", false},
		{"a/b", false},
		{"a b", false},
		{"a\n", false},
		{"\xc3\xa4", false},
		{"a%00", false},
		{"a\\b", false},
		{"1234567890123456789012345678901234567890123456789012345678901234", true},
		{"12345678901234567890123456789012345678901234567890123456789012345", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (text_is_id(cases[i].text) != cases[i].fine) {
			fail_msg("\"%s\"", cases[i].text);
		}
	}
}

static void utf8_is_judged_strictly(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		bool fine;
	} cases[] = {
		{"", true},
		{"plain", true},
		{"\xc2\x80", true},
		{"\xe2\x82\xac", true},
		{"\xf0\x9f\x96\xa8", true},
		{"\xf4\x8f\xbf\xbf", true},
		{"\xed\x9f\xbf", true},
		{"\xef\xbf\xbf", true},
		{"\x80", false},
		{"\xc0\x80", false}, /* overlong */
		{"\xc1\xbf", false},
		{"\xe0\x9f\xbf", false},
		{"\xf0\x8f\xbf\xbf", false},
		{"\xed\xa0\x80", false},
		{"\xed\xbf\xbf", false}, /* surrogates */
		{"\xf4\x90\x80\x80", false},
		{"\xf8\x88\x80\x80\x80", false},
		{"\xff", false},
		{"\xe2\x82", false},
		{"\xe2\x82x", false},
		{"a\xc3", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t len = strlen(cases[i].bytes);
		/* on the heap without its NUL, so that ASan sees a read too far */
		char *exact = malloc(len > 0 ? len : 1);
		assert_non_null(exact);
		memcpy(exact, cases[i].bytes, len);
		if (text_is_utf8(exact, len) != cases[i].fine) {
			fail_msg("case %zu", i);
		}
		free(exact);
	}
	assert_true(text_is_utf8("a\0b", 3));
}

static void escapes_make_lines_safe(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
	} cases[] = {
		{"plain \xc3\xa4 \xf0\x9f\x96\xa8", "plain \xc3\xa4 \xf0\x9f\x96\xa8"},
		{"a\nb\rc\td", "a\\x0ab\\x0dc\\x09d"},
		{"\x1b[31m", "\\x1b[31m"},
		{"\x7f", "\\x7f"},
		{"\xc2\x9b"
		 "2J",
			"\\xc2\\x9b2J"}, /* a C1 control */
		{"\xc2\xa0", "\xc2\xa0"},
		{"\xff\xfe", "\\xff\\xfe"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char to[64];
		assert_ptr_equal(text_escape(to, sizeof to, cases[i].from), to);
		assert_string_equal(to, cases[i].to);
	}
}

static void escapes_stay_in_their_bounds(void **state)
{
	(void)state;
	for (size_t size = 1; size < 16; size++) {
		char *to = malloc(size);
		assert_non_null(to);
		text_escape(to, size, "a\n\xe2\x82\xac\x01zz");
		assert_true(strlen(to) < size);
		assert_true(text_is_utf8(to, strlen(to)));
		free(to);
	}
}

static void paper_shows_one_line_of_visible_characters(void **state)
{
	(void)state;
#define BAD "\xEF\xBF\xBD"
	static const struct {
		const char *from, *to;
	} cases[] = {
		{"A-1042", "A-1042"},
		{"J\xC3\xB6rg \xE2\x82\xAC \xF0\x9F\x98\x80",
			"J\xC3\xB6rg \xE2\x82\xAC \xF0\x9F\x98\x80"},
		{"a\nb\tc\r", "a" BAD "b" BAD "c" BAD},
		{"\x1B[31m", BAD "[31m"},
		{"\xC2\x85", BAD}, /* a C1 control */
		{"1\xE2\x80\xAE"
		 "2",
			"1" BAD "2"}, /* right-to-left override */
		{"1\xE2\x81\xA6"
		 "2",
			"1" BAD "2"},                            /* an isolate */
		{"a\xE2\x80\x8B\xEF\xBB\xBFz", "a" BAD BAD "z"}, /* zero width, a mark of order */
		{"\xFF\xC3(", BAD BAD "("},
		{"\xC0\x80\xED\xA0\x80", BAD BAD BAD BAD BAD}, /* overlong, half a surrogate */
		{"\xE2\x82", BAD BAD},                         /* cut off */
		{"\xEF\xBF\xBD\xEF\xBF\xBE", BAD BAD},
		{"%n%s {order} {{}}", "%n%s {order} {{}}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char to[64];
		assert_true(text_for_paper(to, sizeof to, cases[i].from));
		assert_string_equal(to, cases[i].to);
	}
	char to[5];
	assert_false(text_for_paper(to, sizeof to, "ab\n\n"));
	assert_string_equal(to, "ab");
	assert_false(text_for_paper(to, sizeof to, "\xE2\x82\xAC\xE2\x82\xAC"));
	assert_string_equal(to, "\xE2\x82\xAC");
}

static void numbers_are_whole_and_in_range(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool fine;
		int64_t value;
	} cases[] = {
		{"0", true, 0},
		{"-5", true, -5},
		{"+7", true, 7},
		{"100", true, 100},
		{"007", true, 7},
		{"101", false, 0},
		{"-6", false, 0},
		{"", false, 0},
		{"-", false, 0},
		{"+", false, 0},
		{"--1", false, 0},
		{"1 ", false, 0},
		{" 1", false, 0},
		{"1.0", false, 0},
		{"0x10", false, 0},
		{"1e2", false, 0},
		{"99999999999999999999", false, 0},
		{"-99999999999999999999", false, 0},
		{"5-3", false, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t value = 0;
		bool fine = text_to_int(cases[i].text, -5, 100, &value);
		if (fine != cases[i].fine || value != cases[i].value) {
			fail_msg("\"%s\"", cases[i].text);
		}
	}
	int64_t value;
	assert_true(text_to_int("9223372036854775807", INT64_MIN, INT64_MAX, &value));
	assert_true(value == INT64_MAX);
	assert_false(text_to_int("9223372036854775808", INT64_MIN, INT64_MAX, &value));
}

static void a_name_in_braces_is_passed(void **state)
{
	(void)state;
	assert_string_equal(text_past_braces("{order}, {job}", "order"), ", {job}");
	assert_string_equal(text_past_braces("{job}", "job"), "");
	assert_null(text_past_braces("{jobs}", "job"));
	assert_null(text_past_braces("{jo}", "job"));
	assert_null(text_past_braces("{job", "job"));
	assert_null(text_past_braces("job}", "job"));
	assert_null(text_past_braces("", "job"));
}

static void a_word_is_found_whole_among_words(void **state)
{
	(void)state;
	assert_true(text_has_word("usb ipp fake", "usb"));
	assert_true(text_has_word("usb ipp fake", "fake"));
	assert_true(text_has_word(" usb  ipp ", "ipp"));
	assert_false(text_has_word("usb ipp fake", "us"));
	assert_false(text_has_word("usb ipp fake", "usbx"));
	assert_false(text_has_word("usb ipp fake", "usb ipp"));
	assert_false(text_has_word("usb  ipp", ""));
	assert_false(text_has_word("", "usb"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_in_braces_is_passed),
		cmocka_unit_test(copies_are_bounded_and_whole_characters),
		cmocka_unit_test(ids_are_what_the_order_api_allows),
		cmocka_unit_test(utf8_is_judged_strictly),
		cmocka_unit_test(escapes_make_lines_safe),
		cmocka_unit_test(escapes_stay_in_their_bounds),
		cmocka_unit_test(paper_shows_one_line_of_visible_characters),
		cmocka_unit_test(numbers_are_whole_and_in_range),
		cmocka_unit_test(a_word_is_found_whole_among_words),
	};
	return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
