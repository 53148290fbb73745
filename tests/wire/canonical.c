/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 8785 by its own examples, and what of a lease a signature covers.
 */
#include "wire/canonical.h"
#include "wire/json.h"
#include "wire/signed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void is_written(const char *text, const char *wanted)
{
	struct err err;
	struct buf out = {0};
	json_t *json = json_read(text, strlen(text), &err);
	assert_non_null(json);
	assert_true(json_canonical(json, &out, &err));
	assert_string_equal(buf_get(&out), wanted);
	json_decref(json);
	buf_fini(&out);
}

static void the_example_of_the_standard_is_written_as_it_says(void **state)
{
	(void)state;
	is_written("{\"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, "
		   "0.000000000000000000000000001], \"string\": \"\\u20ac$\\u000F\\u000aA'"
		   "\\u0042\\u0022\\u005c\\\\\\\"\\/\", \"literals\": [null, true, false]}",
		"{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,"
		"1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

static void members_are_sorted_by_utf_16_units(void **state)
{
	(void)state;
	is_written("{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\", \"\\ufb33\": "
		   "\"Hebrew Letter Dalet With Dagesh\", \"1\": \"One\", \"\\ud83d\\ude00\": "
		   "\"Emoji: Grinning Face\", \"\\u0080\": \"Control\", \"\\u00f6\": "
		   "\"Latin Small Letter O With Diaeresis\"}",
		"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"ö\":\"Latin "
		"Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning "
		"Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

static void numbers_are_written_as_ecmascript_writes_them(void **state)
{
	(void)state;
	static const struct {
		const char *text, *wanted;
	} rows[] = {{"0.0", "0"}, {"-0.0", "0"}, {"5e-324", "5e-324"},
		{"1.7976931348623157e308", "1.7976931348623157e+308"},
		{"9007199254740992", "9007199254740992"},
		{"295147905179352830000.0", "295147905179352830000"},
		{"999999999999999900000.0", "999999999999999900000"}, {"1e21", "1e+21"},
		{"9.999999999999997e22", "9.999999999999997e+22"}, {"0.000001", "0.000001"},
		{"1e-7", "1e-7"}, {"333333333.3333332", "333333333.3333332"},
		{"-0.0000033333333333333333", "-0.0000033333333333333333"}, {"0.1", "0.1"},
		{"1424953923781206.2", "1424953923781206.2"}, {"100.0", "100"}, {"-7", "-7"},
		{"123e-20", "1.23e-18"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		is_written(rows[i].text, rows[i].wanted);
	}
}

static void a_number_that_readers_take_differently_is_refused(void **state)
{
	(void)state;
	struct err err;
	struct buf out = {0};
	json_t *json = json_pack("[I]", (json_int_t)9007199254740993);
	assert_false(json_canonical(json, &out, &err));
	assert_non_null(strstr(err.text, "9007199254740993 is over 2^53"));
	json_decref(json);
	buf_fini(&out);
}

/* ---- of a lease ---- */

static const char lease_text[] =
	"{\"job\": \"j1\", \"epoch\": 3, \"revision\": 2, \"ttl_s\": 120, \"priority\": 9,"
	" \"due_in_s\": 60, \"label\": null, \"product\": {\"sku\": \"4x6\", \"copies\": 2},"
	" \"pages\": [{\"asset\": {\"id\": \"a\", \"sha256\": \"00\", \"bytes\": 5,"
	" \"media_type\": \"image/jpeg\", \"url\": \"https://x\", \"expires_in_s\": 9},"
	" \"options\": {\"crop\": {\"x\": 0.25, \"y\": 0.0, \"width\": 0.5, \"height\": 1}}}],"
	" \"order\": {\"id\": \"o\", \"ref\": \"R\", \"jobs_total\": 1, \"private\": true,"
	" \"handover\": \"ship\"}, \"later\": 1}";
static const char signed_text[] =
	"{\"job\":\"j1\",\"order\":{\"id\":\"o\",\"private\":true,\"ref\":\"R\"},\"pages\":[{"
	"\"asset\":{\"bytes\":5,\"id\":\"a\",\"media_type\":\"image/jpeg\",\"sha256\":\"00\"},"
	"\"options\":{\"crop\":{\"height\":1,\"width\":0.5,\"x\":0.25,\"y\":0}}}],"
	"\"product\":{\"copies\":2,\"sku\":\"4x6\"},\"revision\":2}";

static void what_is_printed_is_signed_and_what_a_grant_adds_is_not(void **state)
{
	(void)state;
	struct err err;
	struct buf out = {0};
	json_t *lease = json_read(lease_text, strlen(lease_text), &err);
	assert_non_null(lease);
	assert_true(lease_signed_form(lease, &out, &err));
	assert_string_equal(buf_get(&out), signed_text);
	json_decref(lease);
	buf_fini(&out);
}

static void each_member_that_decides_changes_the_signed_form(void **state)
{
	(void)state;
	struct err err;
	static const struct {
		const char *path[3];
		const char *member;
	} rows[] = {{{NULL}, "job"}, {{NULL}, "revision"}, {{NULL}, "label"},
		{{"product", NULL}, "copies"}, {{"product", NULL}, "finish"},
		{{"order", NULL}, "private"}, {{"order", NULL}, "id"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out = {0};
		json_t *lease = json_read(lease_text, strlen(lease_text), &err);
		json_t *at = lease;
		for (int p = 0; rows[i].path[p] != NULL; p++) {
			at = json_object_get(at, rows[i].path[p]);
		}
		json_object_set_new(at, rows[i].member, json_string("other"));
		assert_true(lease_signed_form(lease, &out, &err));
		assert_string_not_equal(buf_get(&out), signed_text);
		json_decref(lease);
		buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_standard_is_written_as_it_says),
		cmocka_unit_test(members_are_sorted_by_utf_16_units),
		cmocka_unit_test(numbers_are_written_as_ecmascript_writes_them),
		cmocka_unit_test(a_number_that_readers_take_differently_is_refused),
		cmocka_unit_test(what_is_printed_is_signed_and_what_a_grant_adds_is_not),
		cmocka_unit_test(each_member_that_decides_changes_the_signed_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
