/* SPDX-License-Identifier: Apache-2.0
 *
 * The S2145's promises at a machine that is well, or has what such machines have: what arrives is
 * the page, what is refused is refused before its first byte, what came out is what is said.
 */
#include "drivers/s2145_bench.h"
#include "rules/condition.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void expect_err(const struct err *err, enum remedy remedy, const char *code)
{
	if (err->remedy != remedy || strcmp(err->code, code) != 0) {
		fail_msg("expected %s/%s, got %s/%s: %s", remedy_name(remedy), code,
			remedy_name(err->remedy), err->code, err->text);
	}
}

static void look(struct bench *bench, struct device_status *status)
{
	struct err err = {.text = ""};
	if (!bench->device.driver->status(&bench->device, status, &err)) {
		fail_msg("%s", err.text);
	}
}

static void status_says_who_it_is_and_what_is_loaded(void **state)
{
	(void)state;
	struct bench bench;
	struct device_status status;
	bench_open(&bench, "serial=S1 media=6x8 life=1234 ribbon=99");
	look(&bench, &status);
	assert_int_equal(status.state, DEVICE_IDLE);
	assert_true(status.accepting && status.says_ready && status.takes[FORMAT_PWG]);
	assert_false(status.takes[FORMAT_JPEG] || status.can_hold);
	assert_string_equal(status.uuid, "S1");
	assert_string_equal(status.title, "Sinfonia CHC-S2145");
	assert_string_equal(status.firmware, "01.05, tone curve as built");
	assert_int_equal(status.life_count, 1234);
	assert_int_equal(status.n_reasons, 0);
	assert_int_equal(status.n_ready, 6); /* three sizes, each glossy and matte */
	assert_int_equal(status.ready[0].width_hmm, 15613);
	assert_int_equal(status.ready[0].height_hmm, 20608);
	assert_string_equal(status.ready[1].type, "photographic-matte");
	assert_int_equal(status.ready[2].width_hmm, 10499);
	assert_string_equal(status.ready[2].size_name, "custom_s2145-1844x1240_104.99x156.13mm");
	assert_int_equal(status.ready[0].sheets_left, 99);
	bench_close(&bench);
}

static void what_arrives_is_the_page_byte_for_byte(void **state)
{
	static const struct {
		const struct bench_size *size;
		bool lies, cuts;
		const char *type, *says;
	} pages[] = {
		{&bench_4x6, true, false, "photographic-glossy",
			"1844x1240 media 0 coat 2 method 0"},
		{&bench_4x6, true, true, "photographic-glossy",
			"1844x1240 media 0 coat 2 method 4"},
		{&bench_5x7, false, false, "photographic-matte",
			"1548x2140 media 3 coat 4 method 0"},
		{&bench_6x8, false, false, "", "1844x2434 media 6 coat 1 method 0"},
		{&bench_pair, false, true, "", "1844x2492 media 6 coat 1 method 2"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		struct bench bench;
		char arguments[40];
		char sha256[HASH_HEX_MAX];
		char line[160];
		snprintf(arguments, sizeof arguments, "serial=S1 media=%s", pages[i].size->media);
		bench_open(&bench, arguments);
		bench_page(&bench, pages[i].size, 77);
		strcpy(bench.document.media_type, pages[i].type);
		bench.document.cuts = pages[i].cuts;
		bench_print(&bench, "J1.1.1", 1);
		bench_expect_hash(&bench, pages[i].lies, sha256);
		snprintf(line, sizeof line, "%s sha256 %s\n", pages[i].says, sha256);
		assert_true(bench_report_says(&bench, line));
		bench_close(&bench);
	}
}

static void copies_are_proven_by_its_counter(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench, "serial=S1 life=41");
	bench_print(&bench, "J1.1.1", 1);
	bench_print(&bench, "J1.1.2", 3);
	assert_int_equal(bench_report_number(&bench, "life"), 45);
	bench_close(&bench);
}

static void a_slow_printer_gets_its_page_too(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench, "serial=S1 slow=4000 print_ms=1000");
	bench_print(&bench, "J1.1.1", 1);
	bench_close(&bench);
}

static void the_last_quarter_waits_for_the_mark(void **state)
{
	(void)state;
	struct bench bench;
	struct err err;
	bench_open(&bench, "serial=S1");
	bench_prepare(&bench, "J1.1.1", 1);
	assert_true(bench_send(&bench, &err));
	int64_t whole = INT64_C(1844) * 1240 * 3;
	assert_int_equal(bench.rig->at_opened, bench.rig->at_sending);
	assert_int_equal(bench.rig->out_bytes - bench.rig->at_committed, whole / 4);
	assert_true(bench.rig->at_committed - bench.rig->at_sending > whole * 3 / 4);
	bench_close(&bench);
}

/* ---- refused before the first byte ---- */

static void refuse(struct bench *bench, enum remedy remedy, const char *code, const char *says)
{
	struct err err;
	bench_prepare(bench, "J9.1.1", 1);
	assert_false(bench_send(bench, &err));
	expect_err(&err, remedy, code);
	assert_int_equal(bench->stored.phase, PHASE_PREPARED);
	assert_int_equal(bench->rig->at_opened, -1);
	if (strstr(err.text, says) == NULL) {
		fail_msg("does not say \"%s\": %s", says, err.text);
	}
}

static void what_does_not_fit_is_refused_before_its_first_byte(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench, "serial=S1 media=4x6");
	bench_page(&bench, &bench_5x7, 1);
	refuse(&bench, REMEDY_ATTEND, "media-not-loaded", "needed is custom_s2145-5x7");
	bench_page(&bench, &bench_4x6, 1);
	strcpy(bench.document.media_type, "photographic-lustre");
	refuse(&bench, REMEDY_ATTEND, "media-not-loaded", "photographic-lustre");
	bench_page(&bench, &bench_4x6, 1);
	bench.document.format = FORMAT_JPEG;
	refuse(&bench, REMEDY_REJECT, "format-refused", "image/jpeg");
	static const struct bench_size odd = {"4x6", 1200, 1800, 10499, 15613};
	bench_page(&bench, &odd, 1);
	refuse(&bench, REMEDY_ATTEND, "page-size", "1844x1240");
	bench_page(&bench, &bench_6x8, 1); /* which this roll does not give, cut or whole */
	bench.document.media_width_hmm = bench_4x6.width_hmm;
	bench.document.media_height_hmm = bench_4x6.height_hmm;
	bench.document.cuts = true;
	refuse(&bench, REMEDY_ATTEND, "page-size", "to be cut");
	bench_page(&bench, &bench_4x6, 1);
	bench.document.bytes /= 2;
	refuse(&bench, REMEDY_REDO, "raster-unreadable", "ends too early");
	bench_page(&bench, &bench_4x6, 1);
	bench_print(&bench, "J1.1.1", 1);
	assert_int_equal(bench_sheets(&bench), 1);
	bench_close(&bench);
}

/* ---- what such machines have ---- */

static void troubles_before_a_print_are_named_and_end_by_themselves(void **state)
{
	static const struct {
		const char *words, *keyword, *cure;
		enum remedy remedy;
	} troubles[] = {
		{"cover open", "cover-open", "cover close", REMEDY_ATTEND},
		{"jam", "media-jam", "fix", REMEDY_ATTEND},
		{"wrong-ribbon", "marker-print-ribbon-needed", "fix", REMEDY_ATTEND},
		{"fault 06 03", "marker-print-ribbon-empty", "fix", REMEDY_ATTEND},
		{"fault 06 06", "media-empty", "fix", REMEDY_ATTEND},
		{"fault 02 04", "motor-failure", "fix", REMEDY_ATTEND},
		{"panel on", "paused", "panel off", REMEDY_ATTEND},
		{"thermal 5000", "marker-over-temperature", NULL, REMEDY_RETRY},
	};
	(void)state;
	struct bench bench;
	bench_open(&bench, "serial=S1");
	for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
		struct device_status status;
		rig_line_do(bench.rig, troubles[i].words);
		look(&bench, &status);
		assert_true(device_has_reason(&status, troubles[i].keyword));
		assert_true(status.message[0] != '\0');
		refuse(&bench, troubles[i].remedy, troubles[i].keyword, "P1");
		if (troubles[i].cure != NULL) {
			rig_line_do(bench.rig, troubles[i].cure);
		}
		rig_line_pass(bench.rig, 6000);
		bench_print(&bench, "J1.1.1", 1);
	}
	bench_close(&bench);
}

static void begin_print(struct bench *bench, int copies, int64_t pass_ms)
{
	struct err err;
	bench_prepare(bench, "J1.1.1", copies);
	if (!bench_send(bench, &err)) {
		fail_msg("%s", err.text);
	}
	rig_line_pass(bench->rig, pass_ms);
}

static void a_jam_in_mid_sheet_is_waited_for(void **state)
{
	(void)state;
	struct bench bench;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_open(&bench, "serial=S1");
	begin_print(&bench, 2, 12000);
	rig_line_do(bench.rig, "jam");
	rig_line_pass(bench.rig, 60000);
	assert_true(bench.device.driver->confirm(&bench.device, &bench.stored, &receipt, &err));
	assert_int_equal(receipt.verdict, VERDICT_PENDING);
	assert_non_null(strstr(receipt.text, "1 of 2"));
	assert_non_null(strstr(receipt.text, "paper jam"));
	rig_line_do(bench.rig, "fix");
	bench_settle(&bench, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_DONE);
	assert_int_equal(bench_sheets(&bench), 2);
	assert_int_equal(bench_report_number(&bench, "spoiled"), 1);
	bench_close(&bench);
}

static void a_ribbon_that_ends_in_mid_job_is_replaced(void **state)
{
	(void)state;
	struct bench bench;
	struct receipt receipt;
	struct device_status status;
	bench_open(&bench, "serial=S1 ribbon=1");
	begin_print(&bench, 3, 20000);
	look(&bench, &status);
	assert_true(device_has_reason(&status, "marker-print-ribbon-empty"));
	assert_int_equal(status.state, DEVICE_STOPPED);
	rig_line_do(bench.rig, "ribbon 100");
	rig_line_do(bench.rig, "fix");
	bench_settle(&bench, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_DONE);
	assert_int_equal(bench_sheets(&bench), 3);
	bench_close(&bench);
}

static void a_cancelled_job_tells_what_came_out(void **state)
{
	static const int64_t after_ms[] = {0, 4000, 12000};
	(void)state;
	for (size_t i = 0; i < sizeof after_ms / sizeof after_ms[0]; i++) {
		struct bench bench;
		struct receipt receipt;
		struct err err = {.text = ""};
		bench_open(&bench, i == 2 ? "serial=S1 forgets" : "serial=S1");
		begin_print(&bench, 5, after_ms[i]);
		assert_true(bench.device.driver->cancel(&bench.device, &bench.stored, &err));
		bench_settle(&bench, &receipt);
		int sheets = bench_sheets(&bench);
		assert_in_range(sheets, 0, 2);
		assert_int_equal(receipt.completed, sheets);
		assert_int_equal(
			receipt.verdict, sheets == 0 ? VERDICT_NOT_TAKEN : VERDICT_PARTIAL);
		/* a second time does no harm */
		assert_true(bench.device.driver->cancel(&bench.device, &bench.stored, &err));
		bench_print(&bench, "J2.1.1", 1);
		bench_close(&bench);
	}
}

static void a_power_cut_in_mid_print_is_told_truly(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		struct bench bench;
		struct receipt receipt;
		bench_open(&bench, "serial=S1");
		begin_print(&bench, 2, 3500 * i);
		rig_line_do(bench.rig, "power-cycle");
		rig_line_pass(bench.rig, 500);
		bench_fresh(&bench);
		bench_settle(&bench, &receipt);
		int sheets = bench_sheets(&bench);
		assert_int_equal(receipt.completed, sheets);
		assert_int_equal(receipt.verdict, sheets == 0   ? VERDICT_NOT_TAKEN
						  : sheets == 1 ? VERDICT_PARTIAL
								: VERDICT_DONE);
		bench_close(&bench);
	}
}

/* ---- its two banks ---- */

static void both_banks_are_kept_full(void **state)
{
	enum { JOBS = 12 };
	(void)state;
	struct bench bench;
	struct attempt jobs[JOBS];
	struct err err;
	bench_open(&bench, "serial=S1");
	for (int i = 0; i < JOBS + 2; i++) {
		if (i > 1) { /* it still shows the last job of a bank that is free */
			struct receipt receipt;
			bench.stored = jobs[i - 2];
			bench_settle(&bench, &receipt);
			assert_int_equal(receipt.verdict, VERDICT_DONE);
		}
		if (i < JOBS) {
			char key[20];
			snprintf(key, sizeof key, "J%d.1.1", i);
			bench_prepare(&bench, key, 1);
			if (!bench_send(&bench, &err)) {
				fail_msg("%s: %s", key, err.text);
			}
			jobs[i] = bench.stored;
		}
	}
	assert_int_equal(bench_sheets(&bench), JOBS);
	assert_int_equal(bench_report_number(&bench, "waited_ms"), 0);
	bench_close(&bench);
}

static void a_full_printer_is_waited_for_and_health_is_told(void **state)
{
	(void)state;
	struct bench bench;
	struct err err;
	bench_open(&bench, "serial=S1");
	rig_line_do(bench.rig, "full 3");
	bench_print(&bench, "J1.1.1", 1);
	assert_true(bench.rig->saw_any);
	begin_print(&bench, 9, 0);
	begin_print(&bench, 9, 0);
	rig_line_do(bench.rig, "panel on"); /* nothing moves in there */
	rig_line_do(bench.rig, "state 00");
	bench_prepare(&bench, "J3.1.1", 1);
	assert_false(bench_send(&bench, &err));
	expect_err(&err, REMEDY_RETRY, "printer-busy");
	assert_int_equal(bench.rig->at_opened, -1);
	bench_close(&bench);
}

static void others_on_it_make_its_counter_no_proof(void **state)
{
	(void)state;
	struct bench bench;
	struct receipt receipt;
	bench_open(&bench, "serial=S1 life=50");
	bench.device.exclusive = false;
	begin_print(&bench, 1, 20000);
	bench_settle(&bench, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_UNKNOWN);
	assert_int_equal(receipt.evidence, EVIDENCE_NONE);
	bench.device.exclusive = true;
	bench.stored.before.life_count--; /* one more came out than was asked for */
	bench_settle(&bench, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_UNKNOWN);
	assert_non_null(strstr(receipt.text, "duplicates"));
	bench.stored.before.life_count += 5; /* another counter than was read */
	bench_settle(&bench, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_UNKNOWN);
	strcpy(bench.stored.before.uuid, "S2");
	bench_settle(&bench, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_UNKNOWN);
	assert_non_null(strstr(receipt.text, "another printer"));
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_says_who_it_is_and_what_is_loaded),
		cmocka_unit_test(what_arrives_is_the_page_byte_for_byte),
		cmocka_unit_test(copies_are_proven_by_its_counter),
		cmocka_unit_test(a_slow_printer_gets_its_page_too),
		cmocka_unit_test(the_last_quarter_waits_for_the_mark),
		cmocka_unit_test(what_does_not_fit_is_refused_before_its_first_byte),
		cmocka_unit_test(troubles_before_a_print_are_named_and_end_by_themselves),
		cmocka_unit_test(a_jam_in_mid_sheet_is_waited_for),
		cmocka_unit_test(a_ribbon_that_ends_in_mid_job_is_replaced),
		cmocka_unit_test(a_cancelled_job_tells_what_came_out),
		cmocka_unit_test(a_power_cut_in_mid_print_is_told_truly),
		cmocka_unit_test(both_banks_are_kept_full),
		cmocka_unit_test(a_full_printer_is_waited_for_and_health_is_told),
		cmocka_unit_test(others_on_it_make_its_counter_no_proof),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
