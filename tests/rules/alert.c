/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/alert.h"
#include "rules/condition.h"
#include "rules/device.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void an_alert_is_read_as_its_standard_and_as_printers_write_it(void **state)
{
	(void)state;
	static const struct {
		const char *text, *keyword, *group;
		enum alert_severity severity;
		int32_t index;
	} cases[] = {
		{"code=jam;index=22;severity=critical;group=mediaPath;groupindex=4;location=6",
			"media-path-jam", "media-path", ALERT_CRITICAL, 4},
		{"code=coverOpen;severity=critical;training=untrained;group=cover;groupindex=1;",
			"cover-open", "cover", ALERT_CRITICAL, 1},
		{"code=inputMediaSupplyLow;severity=warningBinaryChangeEvent;group=input;"
		 "groupindex=2",
			"input-media-supply-low", "input", ALERT_WARNING, 2},
		{"code=subunitMissing;severity=critical;group=input;groupindex=1", "input-missing",
			"input", ALERT_CRITICAL, 1},
		{"code=subunitEmpty;severity=warning;group=markerSupplies;groupindex=3",
			"marker-supply-empty", "marker-supplies", ALERT_WARNING, 3},
		{"severity=other;group=other;code=jam", "media-jam", "other", ALERT_OTHER, 0},
		{"other", "other", "", ALERT_OTHER, 0},
		{"coverOpen;severity=critical", "cover-open", "", ALERT_CRITICAL, 0},
		{"code=doorOpen;groupindex=-7;severity=loud", "door-open", "", ALERT_OTHER, 0},
		{"code=jam;groupindex=99999999999999999", "media-jam", "", ALERT_OTHER, 0},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct alert alert;
		assert_true(alert_from_text(cases[i].text, &alert));
		assert_string_equal(alert.keyword, cases[i].keyword);
		assert_string_equal(alert.group, cases[i].group);
		assert_int_equal(alert.severity, cases[i].severity);
		assert_int_equal(alert.index, cases[i].index);
		assert_string_equal(alert.where, "");
	}
}

static void what_is_no_alert_changes_nothing(void **state)
{
	(void)state;
	static const char *const cases[] = {"", ";", "=", "code=", "code=;severity=critical",
		"severity=critical", "a-code-that-is-far-too-long-to-be-one-of-the-printer-mib",
		"code=aCodeThatIsFarTooLongToBeOneOfThePrinterMibAndMore"};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct alert alert = {.index = 7};
		assert_false(alert_from_text(cases[i], &alert));
		assert_int_equal(alert.index, 7);
	}
}

static struct device_status printer(void)
{
	struct device_status status = {.state = DEVICE_IDLE, .accepting = true, .n_trays = 3};
	assert_true(tray_from_text("type=other;level=9;name=Rear", true, &status.trays[0]));
	assert_true(tray_from_text("type=other;level=9;name=Cassette 1", false, &status.trays[1]));
	assert_true(tray_from_text("type=other;level=9;name=Cassette 2", false, &status.trays[2]));
	status.n_supplies = 2;
	strcpy(status.supplies[0].name, "Cyan");
	strcpy(status.supplies[1].name, "Waste box");
	return status;
}

static const char *place_of(struct device_status *status, const char *text)
{
	struct alert *alert = &status->alerts[status->n_alerts++];
	assert_true(alert_from_text(text, alert));
	alert_find(alert, status);
	return alert->where;
}

static void an_alert_is_found_at_its_tray_or_supply(void **state)
{
	(void)state;
	struct device_status status = printer();
	assert_string_equal(place_of(&status, "code=jam;group=input;groupindex=2"), "Cassette 2");
	assert_string_equal(place_of(&status, "code=jam;group=output;groupindex=1"), "Rear");
	assert_string_equal(
		place_of(&status, "code=subunitLow;group=markerSupplies;groupindex=1"), "Cyan");
	assert_string_equal(
		place_of(&status, "code=markerWasteFull;group=markerSupplies;groupindex=2"),
		"Waste box");
	assert_string_equal(place_of(&status, "code=jam;group=input;groupindex=3"), "");
	assert_string_equal(place_of(&status, "code=jam;group=markerSupplies;groupindex=3"), "");
	assert_string_equal(place_of(&status, "code=jam;group=mediaPath;groupindex=1"), "");
	assert_string_equal(place_of(&status, "code=jam"), "");
}

static void a_tray_that_says_its_row_is_found_by_it(void **state)
{
	(void)state;
	struct device_status status = printer();
	status.trays[1].index = 7;
	status.trays[2].index = 1;
	assert_string_equal(place_of(&status, "code=jam;group=input;groupindex=1"), "Cassette 2");
	assert_string_equal(place_of(&status, "code=jam;group=input;groupindex=7"), "Cassette 1");
}

static void the_place_stands_in_the_reason_why_nothing_is_printed(void **state)
{
	(void)state;
	struct device_status status = printer();
	struct err err;
	place_of(&status, "code=inputMediaSupplyEmpty;group=input;groupindex=2;severity=critical");
	status.n_reasons = 1;
	strcpy(status.reasons[0], "media-empty-error");
	assert_false(condition_lets_print("P1", &status, &err));
	assert_string_equal(err.text, "P1 is out of paper (Cassette 2): load some");
	assert_string_equal(err.code, "media-empty");
	strcpy(status.reasons[0], "cover-open");
	assert_false(condition_lets_print("P1", &status, &err));
	assert_string_equal(err.text, "P1 has its cover open: close it");
}

static void an_alert_alone_stops_no_line(void **state)
{
	(void)state;
	struct device_status status = printer();
	struct err err;
	place_of(&status, "code=jam;group=input;groupindex=1;severity=critical");
	assert_true(condition_lets_print("P1", &status, &err));
}

/* Every text of up to five of these pieces, put together in any order. */
static void rubbish_is_bounded_text(void **state)
{
	(void)state;
	static const char *const pieces[] = {"code=", ";", "=", "jam", "group", "groupindex=-2",
		"\xc3\xa9\xc3\xa9", "severity=critical",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	enum { N = COUNT(pieces) };
	for (int at = 0; at < N * N * N * N * N; at++) {
		char text[256] = "";
		for (int rest = at, n = 0; n < 5; n++, rest /= N) {
			strcat(text, pieces[rest % N]);
		}
		struct alert alert;
		struct tray tray;
		if (alert_from_text(text, &alert)) {
			assert_true(alert.keyword[0] != '\0' && alert.index >= 0);
			assert_non_null(memchr(alert.keyword, '\0', sizeof alert.keyword));
			assert_true(text_is_utf8(alert.keyword, strlen(alert.keyword)));
			assert_true(text_is_utf8(alert.group, strlen(alert.group)));
		}
		if (tray_from_text(text, at % 2 == 0, &tray)) {
			assert_true(text_is_utf8(tray.type, strlen(tray.type)));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_is_read_as_its_standard_and_as_printers_write_it),
		cmocka_unit_test(what_is_no_alert_changes_nothing),
		cmocka_unit_test(an_alert_is_found_at_its_tray_or_supply),
		cmocka_unit_test(a_tray_that_says_its_row_is_found_by_it),
		cmocka_unit_test(the_place_stands_in_the_reason_why_nothing_is_printed),
		cmocka_unit_test(an_alert_alone_stops_no_line),
		cmocka_unit_test(rubbish_is_bounded_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
