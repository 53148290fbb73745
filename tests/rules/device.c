/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of devices, and their reasons.
 */
#include "rules/device.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define LEADS_BACK(first, last, type, name, from_name)                                             \
	for (int i = (first); i <= (last); i++) {                                                  \
		enum type value = (enum type)((i + 1) % ((last) + 1));                             \
		assert_true(from_name(name((enum type)i), &value));                                \
		assert_int_equal(value, i);                                                        \
		enum type kept = (enum type)i;                                                     \
		assert_false(from_name("", &kept));                                                \
		assert_false(from_name("nonsense", &kept));                                        \
		assert_int_equal(kept, i);                                                         \
	}

static void every_name_leads_back_to_its_value(void **state)
{
	(void)state;
	LEADS_BACK(DEVICE_UNKNOWN, DEVICE_STOPPED, device_state, device_state_name,
		device_state_from_name)
	LEADS_BACK(PHASE_PREPARED, PHASE_ACCEPTED, phase, phase_name, phase_from_name)
	LEADS_BACK(VERDICT_PENDING, VERDICT_UNKNOWN, verdict, verdict_name, verdict_from_name)
	LEADS_BACK(EVIDENCE_NONE, EVIDENCE_COUNTER, evidence, evidence_name, evidence_from_name)
}

static void names_are_the_published_ones(void **state)
{
	(void)state;
	assert_string_equal(evidence_name(EVIDENCE_COUNTER), "counter");
	assert_string_equal(evidence_name(EVIDENCE_IMPRESSIONS), "impressions");
	assert_string_equal(evidence_name(EVIDENCE_OPERATOR), "operator");
	assert_string_equal(evidence_name(EVIDENCE_NONE), "none");
	assert_string_equal(phase_name(PHASE_COMMITTED), "committed");
	assert_string_equal(verdict_name(VERDICT_NOT_TAKEN), "not-taken");
}

static void phases_include_the_earlier_ones(void **state)
{
	(void)state;
	assert_true(PHASE_PREPARED < PHASE_OPENED);
	assert_true(PHASE_OPENED < PHASE_SENDING);
	assert_true(PHASE_SENDING < PHASE_COMMITTED);
	assert_true(PHASE_COMMITTED < PHASE_ACCEPTED);
}

static void reasons_count_with_each_suffix_and_no_other(void **state)
{
	(void)state;
	static const struct {
		const char *reason;
		bool jam;
	} cases[] = {
		{"media-jam", true},
		{"media-jam-error", true},
		{"media-jam-warning", true},
		{"media-jam-report", true},
		{"media-jammed", false},
		{"media-ja", false},
		{"media-jam-", false},
		{"media-jam-errors", false},
		{"Media-Jam", false},
		{"", false},
		{"other-media-jam", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct device_status status = {.n_reasons = 2};
		strcpy(status.reasons[0], "toner-low-warning");
		strcpy(status.reasons[1], cases[i].reason);
		if (device_has_reason(&status, "media-jam") != cases[i].jam) {
			fail_msg("%s", cases[i].reason);
		}
		status.n_reasons = 1;
		assert_false(device_has_reason(&status, "media-jam"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_leads_back_to_its_value),
		cmocka_unit_test(names_are_the_published_ones),
		cmocka_unit_test(phases_include_the_earlier_ones),
		cmocka_unit_test(reasons_count_with_each_suffix_and_no_other),
	};
	return cmocka_run_group_tests_name("rules/device", tests, NULL, NULL);
}
