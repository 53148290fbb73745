/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded JSON: what is read, what is refused, and fields.
 */
#include "wire/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool reads(const char *text, size_t len)
{
	/* without a NUL behind it, so that ASan sees a read too far */
	char *exact = malloc(len > 0 ? len : 1);
	assert_non_null(exact);
	memcpy(exact, text, len);
	struct err err = {.code = ""};
	json_t *value = json_read(exact, len, &err);
	free(exact);
	if (value == NULL) {
		assert_string_equal(err.code, "json");
		assert_int_equal(err.remedy, REMEDY_REJECT);
		assert_true(strlen(err.text) > 0);
	}
	json_decref(value);
	return value != NULL;
}

static void well_formed_values_are_read(void **state)
{
	(void)state;
	static const char *const texts[] = {"{}", "[]", "null", "0", "-1.5e3", "\"\"", "true",
		" {\"a\": [1, {\"b\": null}]} \n", "\"\\u20ac \\ud83d\\udda8\"", "\"\xe2\x82\xac\"",
		"{\"a\\\"]\": \"[[[[\\\\\"}"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (!reads(texts[i], strlen(texts[i]))) {
			fail_msg("%s", texts[i]);
		}
	}
}

static void malformed_values_are_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {"", " ", "{", "}", "{]", "[1,]", "{\"a\":}", "{\"a\"}",
		"{a:1}", "{'a':1}", "[1 2]", "01", "1.", ".5", "+1", "0x1", "nul", "True", "NaN",
		"Infinity", "\"", "\"\\x41\"", "\"\\u12\"", "\"\\ud800\"", "\"\\u0000\"", "\"\n\"",
		"\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "{} {}", "[] x", "// c\n1",
		"{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":1}}", "1e999", "\xef\xbb\xbf{}",
		"99999999999999999999999"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (reads(texts[i], strlen(texts[i]))) {
			fail_msg("%s", texts[i]);
		}
	}
	assert_false(reads("1\0", 2));
	assert_false(reads("\"a\0b\"", 5));
}

static void the_error_names_line_and_column(void **state)
{
	(void)state;
	struct err err;
	static const char text[] = "{\n \"a\": 1,\n oops }";
	assert_null(json_read(text, sizeof text - 1, &err));
	assert_non_null(strstr(err.text, "line 3"));
}

static char *repeat(const char *head, const char *piece, size_t n, const char *tail, size_t *len)
{
	size_t size = strlen(head) + n * strlen(piece) + strlen(tail) + 1;
	char *text = malloc(size);
	assert_non_null(text);
	strcpy(text, head);
	char *at = text + strlen(head);
	for (size_t i = 0; i < n; i++, at += strlen(piece)) {
		memcpy(at, piece, strlen(piece));
	}
	strcpy(at, tail);
	*len = strlen(text);
	return text;
}

static bool reads_repeated(const char *head, const char *piece, size_t n, const char *tail)
{
	size_t len;
	char *text = repeat(head, piece, n, tail, &len);
	bool fine = reads(text, len);
	free(text);
	return fine;
}

static void depth_has_a_bound(void **state)
{
	(void)state;
	char closing[100];
	memset(closing, ']', sizeof closing);
	closing[JSON_DEPTH_MAX] = '\0';
	assert_true(reads_repeated("", "[", JSON_DEPTH_MAX, closing));
	closing[JSON_DEPTH_MAX] = ']';
	closing[JSON_DEPTH_MAX + 1] = '\0';
	assert_false(reads_repeated("", "[", JSON_DEPTH_MAX + 1, closing));
	assert_false(reads_repeated("", "{\"a\":", 100000, ""));
	assert_true(reads_repeated("\"", "[", 1000, "\"")); /* brackets in a text count nothing */
}

static void the_number_of_values_has_a_bound(void **state)
{
	(void)state;
	assert_true(reads_repeated("[0", ",0", 9000, "]"));
	assert_false(reads_repeated("[0", ",0", JSON_NODES_MAX, "]"));
	assert_false(reads_repeated("[[]", ",{}", JSON_NODES_MAX / 2, "]"));
}

static void the_length_has_a_bound(void **state)
{
	(void)state;
	assert_true(reads_repeated("\"", "a", JSON_BYTES_MAX - 2, "\""));
	assert_false(reads_repeated("\"", "a", JSON_BYTES_MAX - 1, "\""));
}

static void writing_is_canonical(void **state)
{
	(void)state;
	struct err err;
	static const char one[] = "{\"b\": [1, 2.5], \"a\" : {\"z\":null,\"y\":\"\xe2\x82\xac\"}}";
	static const char two[] = "{\"a\":{\"y\":\"\\u20ac\",\"z\":null},\"b\":[1,2.5]}";
	json_t *first = json_read(one, sizeof one - 1, &err);
	json_t *second = json_read(two, sizeof two - 1, &err);
	char *a = json_write(first);
	char *b = json_write(second);
	assert_string_equal(a, b);
	assert_string_equal(a, "{\"a\":{\"y\":\"\xe2\x82\xac\",\"z\":null},\"b\":[1,2.5]}");
	free(a);
	free(b);
	json_decref(first);
	json_decref(second);
}

static json_t *object(const char *text)
{
	struct err err;
	json_t *value = json_read(text, strlen(text), &err);
	assert_non_null(value);
	return value;
}

static void fields_of_the_right_kind_are_taken(void **state)
{
	(void)state;
	json_t *json = object("{\"t\":\"abc\",\"i\":-7,\"r\":0.5,\"b\":true,\"a\":[1],\"o\":{}}");
	struct err err;
	char text[4];
	int64_t number = 0;
	int32_t small = 0;
	double real = 0;
	bool flag = false;
	json_t *list = NULL;
	json_t *inner = NULL;
	assert_true(json_need_text(json, "t", text, sizeof text, &err));
	assert_string_equal(text, "abc");
	assert_true(json_need_int(json, "i", -7, 0, &number, &err));
	assert_int_equal(number, -7);
	assert_true(json_take_int32(json, "i", -10, 10, &small, &err));
	assert_int_equal(small, -7);
	assert_true(json_take_real(json, "r", 0, 1, &real, &err));
	assert_true(real == 0.5);
	assert_true(json_take_real(json, "i", -10, 0, &real, &err));
	assert_true(real == -7);
	assert_true(json_take_bool(json, "b", &flag, &err));
	assert_true(flag);
	assert_true(json_need_array(json, "a", 1, &list, &err));
	assert_int_equal(json_array_size(list), 1);
	assert_true(json_need_object(json, "o", &inner, &err));
	assert_non_null(inner);
	json_decref(json);
}

static void absent_and_null_leave_the_output_alone(void **state)
{
	(void)state;
	json_t *json = object("{\"n\":null}");
	static const char *const keys[] = {"n", "absent"};
	struct err err;
	for (size_t i = 0; i < 2; i++) {
		char text[8] = "kept";
		int64_t number = 5;
		int32_t small = 6;
		double real = 7;
		bool flag = true;
		json_t *inner = json;
		json_t *list = json;
		assert_true(json_take_text(json, keys[i], text, sizeof text, &err));
		assert_true(json_take_int(json, keys[i], 0, 1, &number, &err));
		assert_true(json_take_int32(json, keys[i], 0, 1, &small, &err));
		assert_true(json_take_real(json, keys[i], 0, 1, &real, &err));
		assert_true(json_take_bool(json, keys[i], &flag, &err));
		assert_string_equal(text, "kept");
		assert_true(number == 5 && real == 7 && flag);
		assert_true(json_take_object(json, keys[i], &inner, &err));
		assert_null(inner);
		assert_true(json_take_array(json, keys[i], 9, &list, &err));
		assert_null(list);
		assert_false(json_need_text(json, keys[i], text, sizeof text, &err));
		assert_string_equal(err.code, "field");
		assert_non_null(strstr(err.text, keys[i]));
		assert_false(json_need_int(json, keys[i], 0, 1, &number, &err));
		assert_false(json_need_array(json, keys[i], 1, &list, &err));
		assert_false(json_need_object(json, keys[i], &inner, &err));
	}
	json_decref(json);
}

static void wrong_kinds_and_ranges_are_refused_and_named(void **state)
{
	(void)state;
	json_t *json = object("{\"text\":\"abcd\",\"int\":11,\"real\":1.5,\"bool\":false,"
			      "\"list\":[1,2],\"object\":{},\"big\":4294967296}");
	static const char *const keys[] = {"text", "int", "real", "bool", "list", "object", "big"};
	struct err err;
	char text[4] = "";
	int64_t number = 1;
	int32_t small = 1;
	double real = 1;
	bool flag = true;
	json_t *inner = NULL;
	for (size_t i = 0; i < 7; i++) {
		err = (struct err){.code = ""};
		/* each refuses what is not of its kind; and its own kind out of bounds */
		assert_false(json_take_text(json, keys[i], text, sizeof text, &err));
		assert_non_null(strstr(err.text, keys[i]));
		assert_string_equal(err.code, "field");
		assert_false(json_take_int(json, keys[i], 0, 10, &number, &err));
		assert_false(json_take_int32(json, keys[i], 0, 10, &small, &err));
		assert_false(json_take_real(json, keys[i], 0, 1, &real, &err));
		assert_true(json_take_bool(json, keys[i], &flag, &err) == (i == 3));
		assert_false(json_take_array(json, keys[i], 1, &inner, &err));
		assert_true(json_take_object(json, keys[i], &inner, &err) == (i == 5));
		flag = true;
	}
	assert_string_equal(text, "");
	assert_true(number == 1 && small == 1 && real == 1);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed_values_are_read),
		cmocka_unit_test(malformed_values_are_refused),
		cmocka_unit_test(the_error_names_line_and_column),
		cmocka_unit_test(depth_has_a_bound),
		cmocka_unit_test(the_number_of_values_has_a_bound),
		cmocka_unit_test(the_length_has_a_bound),
		cmocka_unit_test(writing_is_canonical),
		cmocka_unit_test(fields_of_the_right_kind_are_taken),
		cmocka_unit_test(absent_and_null_leave_the_output_alone),
		cmocka_unit_test(wrong_kinds_and_ranges_are_refused_and_named),
	};
	return cmocka_run_group_tests_name("wire/json", tests, NULL, NULL);
}
