/* SPDX-License-Identifier: Apache-2.0
 *
 * Nobody is left without a next step.
 */
#include "rules/hold.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_known_reason_has_its_own_words(void **state)
{
	(void)state;
	struct hold_words words = hold_words_of(REASON_HOLD, "may-have-printed");
	assert_string_equal(words.title, "May have printed: look in the tray");
	assert_non_null(strstr(words.action, "--not-printed"));
	words = hold_words_of(REASON_WAIT, "media-missing");
	assert_string_equal(words.title, "Waiting for paper");
}

static void an_unknown_reason_has_the_words_of_its_kind(void **state)
{
	(void)state;
	assert_string_equal(hold_words_of(REASON_HOLD, "new-thing").title, "Needs you");
	assert_string_equal(hold_words_of(REASON_WAIT, "new-thing").title, "Waiting");
	assert_string_equal(hold_words_of(REASON_END, "new-thing").title, "Over");
}

static void without_a_reason_nothing_is_said(void **state)
{
	(void)state;
	assert_string_equal(hold_words_of(REASON_NONE, "may-have-printed").title, "");
	assert_string_equal(hold_words_of(REASON_NONE, "").action, "");
}

/* Every code that the path itself holds a job with. */
static void every_hold_of_the_path_has_its_own_words(void **state)
{
	(void)state;
	static const char *const codes[] = {"may-have-printed", "interrupted", "not-taken",
		"spoiled", "ceiling", "printed-before", "asked", "low-resolution"};
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		struct hold_words words = hold_words_of(REASON_HOLD, codes[i]);
		assert_string_not_equal(words.title, "Needs you");
		assert_true(words.action[0] != '\0');
	}
}

static void every_stage_has_words_for_people(void **state)
{
	(void)state;
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		const char *words = hold_stage_words((enum stage)stage);
		bool early = stage < AT_QUEUED;
		assert_int_equal(strcmp(words, "being prepared") == 0, early);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_reason_has_its_own_words),
		cmocka_unit_test(an_unknown_reason_has_the_words_of_its_kind),
		cmocka_unit_test(without_a_reason_nothing_is_said),
		cmocka_unit_test(every_hold_of_the_path_has_its_own_words),
		cmocka_unit_test(every_stage_has_words_for_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
