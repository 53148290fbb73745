/* SPDX-License-Identifier: Apache-2.0
 *
 * The dye-sub language at an emulated printer: what it sends, and that what it says of a print is
 * what the printer did, whatever happened on the way.
 */
#include "drivers/dyesub_bench.h"
#include "drivers/dnp_table.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GLOSSY "photographic-glossy"
#define MATTE  "photographic-matte"
#define RX1    "vid=1343 pid=0005 title=DS-RX1 firmware=2.06 "
#define DS40   "vid=1343 pid=0003 title=DS40 firmware=1.60 "
#define SMALL  RX1 "media=300 "

static void page_4x6(struct bench *bench)
{
	bench_page(bench, 1200, 1800, 300, 10160, 15240, GLOSSY);
}

static void expect_err(const struct err *err, enum remedy remedy, const char *code)
{
	if (err->remedy != remedy || strcmp(err->code, code) != 0) {
		fail_msg("expected %s %s, got %s %s: %s", remedy_name(remedy), code,
			remedy_name(err->remedy), err->code, err->text);
	}
}

/* ---- planes ---- */

static void planes_are_the_page_pixel_by_pixel(void **state)
{
	(void)state;
	static const struct {
		const char *printer;
		int32_t width_px, height_px, y_dpi, width_hmm, height_hmm;
		int copies;
		const char *words;
		struct plain plain;
	} cases[] = {
		/* turned; with and without its bleed */
		{SMALL, 1200, 1800, 300, 10160, 15240, 1, "code 2 coat 0",
			{1920, 1240, true, -1, false}},
		{SMALL, 1240, 1844, 300, 10499, 15612, 1, "code 2 coat 0",
			{1920, 1240, true, -1, false}},
		/* of odd sizes: the middle is a matter of rounding */
		{SMALL, 1201, 1801, 300, 10160, 15240, 1, "code 2 coat 0",
			{1920, 1240, true, -1, false}},
		/* upright */
		{RX1 "media=210", 1500, 2100, 300, 12700, 17780, 1, "code 3 coat 0",
			{1920, 2138, false, -1, false}},
		{RX1 "media=210", 1501, 2101, 300, 12700, 17780, 1, "code 3 coat 0",
			{1920, 2138, false, -1, false}},
		/* two on a sheet */
		{RX1 "media=310", 1200, 1800, 300, 10160, 15240, 2, "code 12 coat 0",
			{1920, 1240, true, 18, false}},
		{RX1 "media=210", 1050, 1500, 300, 8890, 12700, 2, "code 22 coat 0",
			{1920, 1088, true, 0, false}},
		/* fine rows */
		{RX1 "media=310", 1800, 4800, 600, 15240, 20320, 1, "code 4 coat 0",
			{1920, 4872, false, -1, true}},
		/* 8 in */
		{"vid=1452 pid=9001 title=DS820 firmware=1.06 media=500", 2400, 3000, 300, 20320,
			25400, 1, "code 6 coat 0", {2560, 3036, false, -1, false}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bench bench;
		char line[160];
		char hashes[80];
		bench_start(&bench, cases[i].printer);
		bench_page(&bench, cases[i].width_px, cases[i].height_px, cases[i].y_dpi,
			cases[i].width_hmm, cases[i].height_hmm, GLOSSY);
		bench_print_and_prove(&bench, cases[i].copies);
		plain_hashes(&bench, &cases[i].plain, hashes);
		snprintf(
			line, sizeof line, "sheet 1 done %s cutter 0 %s\n", cases[i].words, hashes);
		if (bench_count(&bench, line) != 1 || bench_count(&bench, "sheet ") != 1) {
			char *report = rig_line_report(bench.rig);
			fail_msg("case %zu: wanted %sgot %s", i, line, report);
		}
		bench_stop(&bench);
	}
}

static void a_damaged_page_is_made_anew(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	bench.document.bytes -= 100;
	assert_false(bench_send(&bench, 1, &attempt, &err));
	assert_int_equal(err.remedy, REMEDY_REDO);
	assert_int_equal(bench.rig->at_sending, -1);
	bench_stop(&bench);
}

/* ---- what it says of itself ---- */

static void status_says_who_and_what_is_loaded(void **state)
{
	(void)state;
	struct bench bench;
	struct device_status status;
	struct err err = {.text = ""};
	bench_start(&bench, "media=311 left=77 life=4321 serial=DS6X1 firmware=1.52");
	assert_true(bench.device.driver->status(&bench.device, &status, &err));
	assert_int_equal(status.state, DEVICE_IDLE);
	assert_string_equal(status.uuid, "DS6X1");
	assert_string_equal(status.title, "DNP DS620");
	assert_string_equal(status.firmware, "DS620 1.52");
	assert_int_equal(status.life_count, 4321);
	assert_true(status.accepting && status.says_ready && status.takes[FORMAT_PWG]);
	assert_false(status.takes[FORMAT_JPEG]);
	assert_int_equal(status.n_ready, 4);
	assert_int_equal(status.ready[0].width_hmm, 15240);
	assert_int_equal(status.ready[0].sheets_left, 77);
	assert_int_equal(status.ready[1].sheets_left, 154); /* halves, since it rewinds */
	assert_int_equal(status.n_supplies, 1);
	assert_int_equal(status.supplies[0].left_percent, 77 * 100 / 400);
	assert_int_equal(status.n_reasons, 0);
	bench_stop(&bench);
}

/* Each counts its paper in a way of its own. */
static void what_is_left_is_counted_as_each_model_counts(void **state)
{
	(void)state;
	static const char *const printers[] = {DS40 "media=300 left=55",
		"vid=1343 pid=0005 title=DS-RX1 firmware=1.10 media=300 left=55", SMALL "left=55",
		"vid=1452 pid=9001 title=DS820 firmware=1.06 media=500 left=55",
		"media=400 left=55"};
	for (size_t i = 0; i < sizeof printers / sizeof printers[0]; i++) {
		struct bench bench;
		struct device_status status;
		struct err err = {.text = ""};
		bench_start(&bench, printers[i]);
		if (!bench.device.driver->status(&bench.device, &status, &err)) {
			fail_msg("%s: %s", printers[i], err.text);
		}
		assert_int_equal(status.ready[0].sheets_left, 55);
		bench_stop(&bench);
	}
}

static void every_code_reaches_the_floor(void **state)
{
	(void)state;
	static const struct {
		int code;
		enum device_state state;
		const char *reason;
	} cases[] = {{1000, DEVICE_STOPPED, "cover-open"}, {1100, DEVICE_STOPPED, "media-empty"},
		{1200, DEVICE_STOPPED, "marker-print-ribbon-empty"},
		{1300, DEVICE_STOPPED, "media-jam"},
		{2300, DEVICE_STOPPED, "separation-cutter-failure"}, {900, DEVICE_IDLE, "standby"},
		{4711, DEVICE_STOPPED, "other"}};
	struct bench bench;
	struct device_status status;
	struct attempt attempt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char words[32];
		snprintf(words, sizeof words, "now %d", cases[i].code);
		rig_line_do(bench.rig, words);
		assert_true(bench.device.driver->status(&bench.device, &status, &err));
		assert_int_equal(status.state, cases[i].state);
		assert_string_equal(status.reasons[0], cases[i].reason);
		snprintf(words, sizeof words, "(%04d)", cases[i].code);
		assert_non_null(strstr(status.message, words));
		if (cases[i].state == DEVICE_STOPPED) {
			assert_false(bench_send(&bench, 1, &attempt, &err));
			assert_int_equal(err.remedy, REMEDY_ATTEND);
			assert_int_equal(bench.rig->at_sending, -1);
		}
	}
	rig_line_do(bench.rig, "clear");
	rig_line_do(bench.rig, "cool 5000");
	assert_false(bench_send(&bench, 1, &attempt, &err));
	expect_err(&err, REMEDY_RETRY, "marker-over-temperature");
	rig_line_pass(bench.rig, 6000);
	bench_print_and_prove(&bench, 1);
	bench_stop(&bench);
}

static void another_printer_gets_no_byte(void **state)
{
	(void)state;
	struct bench bench;
	struct device_status status;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL "serial=AAA usb_serial=no");
	assert_true(bench.device.driver->status(&bench.device, &status, &err));
	assert_string_equal(status.uuid, "AAA"); /* asked for: its USB part says none */
	bench.device.uuid = "BBB";
	bench_fresh_worker(&bench);
	assert_false(bench.device.driver->status(&bench.device, &status, &err));
	expect_err(&err, REMEDY_ATTEND, "printer-changed");
	assert_non_null(strstr(err.text, "serial AAA, expected BBB"));
	bench_stop(&bench);
}

static void a_printer_in_its_updater_or_of_another_kind_is_named(void **state)
{
	(void)state;
	static const char *const printers[] = {
		SMALL "firmware=RW0.01", "vid=04a9 pid=1234 title=Other", NULL};
	for (int i = 0; printers[i] != NULL; i++) {
		struct bench bench;
		struct device_status status;
		struct err err = {.text = ""};
		bench_start(&bench, printers[i]);
		assert_false(bench.device.driver->status(&bench.device, &status, &err));
		expect_err(&err, REMEDY_ATTEND, "printer-unfit");
		bench_stop(&bench);
	}
}

static void rubbish_is_an_error_and_not_believed(void **state)
{
	(void)state;
	static const char *const words[] = {
		"rubbish length", "rubbish long", "rubbish text", "mute"};
	for (size_t i = 0; i < 4; i++) {
		struct bench bench;
		struct device_status status;
		struct err err = {.text = ""};
		bench_start(&bench, SMALL);
		rig_line_do(bench.rig, words[i]);
		int64_t since_ms = bench.rig->now_ms;
		assert_false(bench.device.driver->status(&bench.device, &status, &err));
		assert_int_equal(err.remedy, REMEDY_RETRY);
		assert_true(bench.rig->now_ms - since_ms <= 15000);
		rig_line_do(bench.rig, "rubbish none");
		rig_line_do(bench.rig, "unmute");
		assert_true(bench.device.driver->status(&bench.device, &status, &err));
		assert_string_equal(status.title, "DNP DS-RX1");
		bench_stop(&bench);
	}
}

/* ---- refused before the first byte ---- */

static void wrong_paper_is_refused_before_the_first_byte(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct err err = {.text = ""};
	bench_start(&bench, RX1 "media=210 lot=X1");
	page_4x6(&bench);
	assert_false(bench_send(&bench, 1, &attempt, &err));
	expect_err(&err, REMEDY_ATTEND, "media-not-loaded");
	assert_int_equal(bench.rig->at_sending, -1);
	assert_int_equal(bench.phase, PHASE_PREPARED);
	rig_line_do(bench.rig, "media 300 700");
	rig_line_do(bench.rig, "lot");
	assert_false(bench_send(&bench, 1, &attempt, &err));
	expect_err(&err, REMEDY_ATTEND, "media-not-loaded");
	assert_non_null(strstr(err.text, "ribbon"));
	assert_int_equal(bench.rig->at_sending, -1);
	rig_line_do(bench.rig, "lot AB12");
	bench_print_and_prove(&bench, 1);
	bench_stop(&bench);
}

/* The paper is changed while the planes go: the printer refuses, and nothing was committed. */
static void what_the_printer_refuses_is_rejected_before_commit(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	rig_line_plan(bench.rig, RIG_AT_OUT_BYTE, 600, "media 210 100");
	assert_false(bench_send(&bench, 1, &attempt, &err));
	expect_err(&err, REMEDY_REJECT, "document-refused");
	assert_int_equal(bench.rig->at_committed, -1);
	bench_confirm(&bench, &attempt, 30, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_NOT_TAKEN);
	rig_line_do(bench.rig, "media 300 100");
	bench_print_and_prove(&bench, 1);
	assert_int_equal(bench_count(&bench, " done "), 1);
	bench_stop(&bench);
}

static void a_cancelled_hand_over_prints_nothing(void **state)
{
	(void)state;
	for (int at = 0; at < 2; at++) {
		struct bench bench;
		struct attempt attempt;
		struct receipt receipt;
		struct err err = {.text = ""};
		bench_start(&bench, SMALL);
		page_4x6(&bench);
		bench.rig->refuse_sending = at == 0;
		bench.rig->refuse_committed = at == 1;
		assert_false(bench_send(&bench, 1, &attempt, &err));
		expect_err(&err, REMEDY_DROP, "stopped");
		bench.rig->refuse_sending = bench.rig->refuse_committed = false;
		bench_confirm(&bench, &attempt, 30, &receipt);
		assert_int_equal(receipt.verdict, VERDICT_NOT_TAKEN);
		rig_line_pass(bench.rig, 60000);
		assert_int_equal(bench_count(&bench, "sheet "), 0);
		bench_print_and_prove(&bench, 1);
		bench_stop(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(planes_are_the_page_pixel_by_pixel),
		cmocka_unit_test(a_damaged_page_is_made_anew),
		cmocka_unit_test(status_says_who_and_what_is_loaded),
		cmocka_unit_test(what_is_left_is_counted_as_each_model_counts),
		cmocka_unit_test(every_code_reaches_the_floor),
		cmocka_unit_test(another_printer_gets_no_byte),
		cmocka_unit_test(a_printer_in_its_updater_or_of_another_kind_is_named),
		cmocka_unit_test(rubbish_is_an_error_and_not_believed),
		cmocka_unit_test(wrong_paper_is_refused_before_the_first_byte),
		cmocka_unit_test(what_the_printer_refuses_is_rejected_before_commit),
		cmocka_unit_test(a_cancelled_hand_over_prints_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
