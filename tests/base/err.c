/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors: filling, wrapping, names.
 */
#include "base/err.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void setting_fills_and_returns_false(void **state)
{
	(void)state;
	struct err err;
	memset(&err, 'x', sizeof err);
	assert_false(err_set(&err, REMEDY_REJECT, "asset-hash", "asset %d: wrong hash", 2));
	assert_int_equal(err.remedy, REMEDY_REJECT);
	assert_string_equal(err.code, "asset-hash");
	assert_string_equal(err.text, "asset 2: wrong hash");
	assert_false(err_set(NULL, REMEDY_RETRY, "x", "nobody listens"));
	assert_false(err_wrap(NULL, "nobody listens"));
}

static void wrapping_puts_words_before_and_keeps_the_rest(void **state)
{
	(void)state;
	struct err err;
	err_set(&err, REMEDY_RETRY, "reset", "connection reset");
	assert_false(err_wrap(&err, "fetch asset %d", 2));
	assert_false(err_wrap(&err, "job 71"));
	assert_string_equal(err.text, "job 71: fetch asset 2: connection reset");
	assert_string_equal(err.code, "reset");
	assert_int_equal(err.remedy, REMEDY_RETRY);
}

static void too_long_texts_are_cut_at_the_end(void **state)
{
	(void)state;
	char words[2 * ERR_TEXT_MAX];
	memset(words, 'a', sizeof words - 1);
	words[sizeof words - 1] = '\0';
	struct err err;
	err_set(&err, REMEDY_RETRY, words, "%s", words);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	assert_int_equal(strlen(err.code), ERR_CODE_MAX - 1);
	err_wrap(&err, "job 71");
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	assert_memory_equal(err.text, "job 71: aaa", 11);
	err_wrap(&err, "%s", words);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	assert_memory_equal(err.text, "aaaa", 4);
}

static void a_cut_never_splits_a_character(void **state)
{
	(void)state;
	struct err err;
	char words[ERR_TEXT_MAX];
	memset(words, 'a', sizeof words);
	memcpy(words + sizeof words - 4, "\xe2\x82\xac", 4); /* fits exactly */
	err_set(&err, REMEDY_RETRY, "x", "%s", words);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	err_wrap(&err, "bc"); /* pushes the sign over the edge */
	size_t len = strlen(err.text);
	assert_true(err.text[len - 1] == 'a');
}

static void every_remedy_has_a_name_that_leads_back(void **state)
{
	(void)state;
	for (int i = REMEDY_RETRY; i <= REMEDY_FATAL; i++) {
		enum remedy remedy = REMEDY_FATAL;
		assert_true(remedy_from_name(remedy_name((enum remedy)i), &remedy));
		assert_int_equal(remedy, i);
	}
	enum remedy remedy = REMEDY_DROP;
	assert_false(remedy_from_name("Retry", &remedy));
	assert_false(remedy_from_name("", &remedy));
	assert_int_equal(remedy, REMEDY_DROP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_fills_and_returns_false),
		cmocka_unit_test(wrapping_puts_words_before_and_keeps_the_rest),
		cmocka_unit_test(too_long_texts_are_cut_at_the_end),
		cmocka_unit_test(a_cut_never_splits_a_character),
		cmocka_unit_test(every_remedy_has_a_name_that_leads_back),
	};
	return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
