/* SPDX-License-Identifier: Apache-2.0
 *
 * That what the dye-sub driver says of a print is what the printer did, whatever happened on the
 * way: jams, ends of paper, dead workers, pulled cables.
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

/* ---- evidence ---- */

/* In the first seconds the counters are late: that is not "nothing came out". */
static void late_counters_are_waited_for(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL "print_ms=2000 lag_ms=4900");
	page_4x6(&bench);
	assert_true(bench_send(&bench, 2, &attempt, &err));
	while (bench_count(&bench, " done ") < 2) {
		assert_true(bench.device.driver->confirm(&bench.device, &attempt, &receipt, &err));
		assert_int_equal(receipt.verdict, VERDICT_PENDING);
		rig_line_pass(bench.rig, 100);
	}
	bench_confirm(&bench, &attempt, 30, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_DONE);
	assert_int_equal(receipt.after.life_count - attempt.before.life_count, 2);
	assert_int_equal(attempt.before.media_left - receipt.after.media_left, 2);
	bench_stop(&bench);
}

static void a_lost_start_is_proven_as_not_taken(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	rig_line_do(bench.rig, "forget-start");
	assert_true(bench_send(&bench, 1, &attempt, &err));
	int64_t since_ms = bench.rig->now_ms;
	bench_confirm(&bench, &attempt, 30, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_NOT_TAKEN);
	assert_int_equal(receipt.evidence, EVIDENCE_COUNTER);
	assert_true(bench.rig->now_ms - since_ms >= 5000); /* read twice, a lag apart */
	bench_print_and_prove(&bench, 1);
	assert_int_equal(bench_count(&bench, "sheet "), 1);
	bench_stop(&bench);
}

static void counters_prove_nothing_where_others_print(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	assert_true(bench_send(&bench, 1, &attempt, &err));
	bench.device.exclusive = false;
	bench_confirm(&bench, &attempt, 30, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_UNKNOWN);
	assert_false(bench.device.driver->cancel(&bench.device, &attempt, &err));
	expect_err(&err, REMEDY_ATTEND, "printer-shared");
	bench.device.exclusive = true;
	strcpy(attempt.before.uuid, "somebody");
	bench_confirm(&bench, &attempt, 30, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_UNKNOWN);
	bench_stop(&bench);
}

static void two_prints_on_a_sheet_are_proven_however_they_are_counted(void **state)
{
	(void)state;
	static const char *const printers[] = {
		RX1 "media=310 counts=prints", RX1 "media=310 counts=sheets"};
	for (int i = 0; i < 2; i++) {
		struct bench bench;
		struct attempt attempt;
		struct receipt receipt;
		struct err err = {.text = ""};
		bench_start(&bench, printers[i]);
		page_4x6(&bench);
		assert_true(bench_send(&bench, 2, &attempt, &err));
		assert_string_equal(attempt.device_job_uuid, "double");
		bench_fresh_worker(&bench);
		bench_confirm(&bench, &attempt, 60, &receipt);
		assert_int_equal(receipt.verdict, VERDICT_DONE);
		assert_int_equal(receipt.completed, 2);
		assert_int_equal(bench_count(&bench, " done code 12 "), 1);
		/* a count of sheets is not held against a count of prints */
		assert_int_equal(receipt.after.life_count == COUNT_UNKNOWN, i == 1);
		bench_stop(&bench);
	}
}

static void halves_are_rewound_and_use_one_sheet_for_two(void **state)
{
	(void)state;
	struct bench bench;
	bench_start(&bench, "media=310 left=100");
	page_4x6(&bench);
	bench_print_and_prove(&bench, 1);
	bench_print_and_prove(&bench, 1);
	assert_int_equal(bench_count(&bench, " done code 402 "), 2);
	assert_int_equal(bench_number(&bench, "left"), 99);
	bench_stop(&bench);
	bench_start(&bench, "media=310 left=100 firmware=1.52A"); /* this one can't */
	page_4x6(&bench);
	bench_print_and_prove(&bench, 1);
	assert_int_equal(bench_count(&bench, " done code 2 "), 1);
	bench_stop(&bench);
}

/* Paper was used and nothing counted: half a sheet may be out. Only a person can tell. */
static void a_sheet_of_two_that_was_lost_is_asked_of_a_person(void **state)
{
	(void)state;
	static const struct {
		const char *printer;
		int copies;
	} cases[] = {{RX1 "media=310", 2}, {"media=310", 1}};
	for (size_t i = 0; i < 2; i++) {
		struct bench bench;
		struct attempt attempt;
		struct receipt receipt;
		struct err err = {.text = ""};
		bench_start(&bench, cases[i].printer);
		page_4x6(&bench);
		assert_true(bench_send(&bench, cases[i].copies, &attempt, &err));
		rig_line_do(bench.rig, "jam");
		rig_line_pass(bench.rig, 9000);
		rig_line_do(bench.rig, "power-cycle");
		bench_fresh_worker(&bench);
		bench_confirm(&bench, &attempt, 60, &receipt);
		assert_int_equal(receipt.verdict, VERDICT_UNKNOWN);
		assert_non_null(strstr(receipt.text, "look in the tray"));
		bench_stop(&bench);
	}
}

static void what_is_refused_after_start_is_not_sent_again(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	assert_true(bench_send(&bench, 1, &attempt, &err));
	rig_line_do(bench.rig, "now 1600");
	bench_confirm(&bench, &attempt, 60, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_UNKNOWN);
	assert_non_null(strstr(receipt.text, "(1600)"));
	bench_stop(&bench);
}

/* ---- what happens to the printer ---- */

static void a_jam_in_mid_sheet_is_finished_by_the_printer(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	assert_true(bench_send(&bench, 3, &attempt, &err));
	int64_t sent_bytes = bench.rig->out_bytes;
	rig_line_pass(bench.rig, 9000);
	rig_line_do(bench.rig, "jam");
	rig_line_pass(bench.rig, 9000);
	bench_fresh_worker(&bench);
	for (int i = 0; i < 20; i++) { /* nobody comes for minutes */
		assert_true(bench.device.driver->confirm(&bench.device, &attempt, &receipt, &err));
		assert_int_equal(receipt.verdict, VERDICT_PENDING);
		assert_non_null(strstr(receipt.text, "1 of 3 printed; it has a paper jam (1300)"));
		rig_line_pass(bench.rig, 10000);
	}
	rig_line_do(bench.rig, "clear");
	bench_confirm(&bench, &attempt, 90, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_DONE);
	assert_int_equal(bench_count(&bench, " done "), 3);
	assert_int_equal(bench_count(&bench, " spoiled "), 1);
	assert_true(bench.rig->out_bytes - sent_bytes < 100000); /* questions; no plane again */
	bench_stop(&bench);
}

static void an_end_of_paper_in_a_job_goes_on_after_loading(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL "left=22");
	page_4x6(&bench);
	assert_true(bench_send(&bench, 25, &attempt, &err));
	rig_line_pass(bench.rig, 200000);
	assert_true(bench.device.driver->confirm(&bench.device, &attempt, &receipt, &err));
	assert_int_equal(receipt.verdict, VERDICT_PENDING);
	assert_non_null(strstr(receipt.text, "22 of 25 printed; it is out of paper"));
	rig_line_do(bench.rig, "media 300 700");
	bench_confirm(&bench, &attempt, 90, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_DONE);
	assert_int_equal(bench_count(&bench, " done "), 25);
	bench_stop(&bench);
}

static void a_printer_that_was_switched_off_says_how_many_came_out(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	assert_true(bench_send(&bench, 3, &attempt, &err));
	rig_line_do(bench.rig, "halt 1200 2");
	rig_line_pass(bench.rig, 30000);
	rig_line_do(bench.rig, "power-cycle");
	bench_fresh_worker(&bench);
	bench_confirm(&bench, &attempt, 60, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_PARTIAL);
	assert_int_equal(receipt.completed, 2);
	assert_int_equal(bench_count(&bench, " done "), 2);
	bench_stop(&bench);
}

static void a_cancel_stops_after_the_sheet_under_way(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	assert_true(bench_send(&bench, 9, &attempt, &err));
	rig_line_pass(bench.rig, 12000);
	assert_true(bench.device.driver->cancel(&bench.device, &attempt, &err));
	bench_confirm(&bench, &attempt, 60, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_PARTIAL);
	assert_int_equal(receipt.completed, bench_count(&bench, " done "));
	assert_int_equal(receipt.completed, 2);
	bench_stop(&bench);
}

static void planes_that_nobody_waits_for_are_swept(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct witness witness;
	struct err err = {.text = ""};
	const char known[1][ATTEMPT_KEY_MAX] = {"J1.1.1"};
	int32_t swept = -1;
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	bench.rig->refuse_committed = true;
	assert_false(bench_send(&bench, 1, &attempt, &err));
	bench_fresh_worker(&bench);
	assert_true(bench.device.driver->witness(&bench.device, &witness, &err));
	assert_int_equal(witness.jobs_active, 1);
	assert_true(bench.device.driver->sweep(&bench.device, known, 1, &swept, &err));
	assert_int_equal(swept, 0);
	assert_true(bench.device.driver->sweep(&bench.device, NULL, 0, &swept, &err));
	assert_int_equal(swept, 1);
	assert_true(bench.device.driver->witness(&bench.device, &witness, &err));
	assert_int_equal(witness.jobs_active, 0);
	bench.rig->refuse_committed = false;
	assert_true(bench_send(&bench, 1, &attempt, &err));
	assert_true(bench.device.driver->sweep(&bench.device, NULL, 0, &swept, &err));
	assert_int_equal(swept, 0); /* what prints is left alone */
	bench_stop(&bench);
}

/* ---- 200 sheets ---- */

/* Copy by copy, as strips need it on a DS40: each next one lies in its buffer before the sheet
 * under way has ended. */
static void of_200_sheets_none_waits_for_the_host(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench_start(&bench, DS40 "media=300 left=390");
	page_4x6(&bench);
	bench.document.cuts = true;
	if (!bench_send(&bench, 200, &attempt, &err)) {
		fail_msg("%s", err.text);
	}
	bench_confirm(&bench, &attempt, 60, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_DONE);
	assert_int_equal(receipt.completed, 200);
	assert_int_equal(bench_count(&bench, " done code 2 coat 0 cutter 120 "), 200);
	assert_int_equal(bench_number(&bench, "gap"), 0);
	assert_int_equal(bench_number(&bench, "early"), 0);
	bench_stop(&bench);
}

static void another_coat_waits_for_both_buffers(void **state)
{
	(void)state;
	struct bench bench;
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	bench_print_and_prove(&bench, 1);
	text_copy(bench.document.media_type, sizeof bench.document.media_type, MATTE);
	bench_print_and_prove(&bench, 2);
	assert_int_equal(bench_count(&bench, " done code 2 coat 0 "), 1);
	assert_int_equal(bench_count(&bench, " done code 2 coat 1 "), 2);
	assert_int_equal(bench_number(&bench, "early"), 0);
	bench_stop(&bench);
}

/* ---- deaths and unplugged cables ---- */

/* Whatever was cut off: what is said is what came out, and a person is not asked. */
static void expect_truth(struct bench *bench, struct attempt *attempt, const char *what)
{
	struct receipt receipt;
	bench_confirm(bench, attempt, 120, &receipt);
	rig_line_pass(bench->rig, 60000); /* what the printer would still do */
	int done = bench_count(bench, " done ");
	bool fine = (receipt.verdict == VERDICT_NOT_TAKEN && done == 0) ||
		    (receipt.verdict == VERDICT_DONE && done == attempt->copies) ||
		    (receipt.verdict == VERDICT_PARTIAL && done == receipt.completed && done > 0 &&
			    done < attempt->copies);
	if (!fine) {
		fail_msg("%s (%s): %s %d, and %d came out: %s", what, phase_name(attempt->phase),
			verdict_name(receipt.verdict), receipt.completed, done, receipt.text);
	}
	if (receipt.verdict == VERDICT_NOT_TAKEN) {
		bench_print_and_prove(bench, attempt->copies);
		assert_int_equal(bench_count(bench, " done "), attempt->copies);
	}
}

static int64_t bytes_of_a_hand_over(void)
{
	struct bench bench;
	struct attempt attempt;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	assert_true(bench_send(&bench, 1, &attempt, &err));
	int64_t bytes = bench.bytes;
	bench_stop(&bench);
	return bytes;
}

static void die_at(const char *printer, bool strips, int copies, int64_t at_byte)
{
	struct bench bench;
	struct attempt attempt;
	struct err err = {.text = ""};
	char what[60];
	snprintf(what, sizeof what, "dead at byte %" PRId64, at_byte);
	bench_start(&bench, printer);
	page_4x6(&bench);
	bench.document.cuts = strips;
	bench.dies_in_send = at_byte;
	bool fine = bench_send(&bench, copies, &attempt, &err);
	assert_true(fine || bench.is_dead);
	bench_fresh_worker(&bench);
	expect_truth(&bench, &attempt, what);
	bench_stop(&bench);
}

/* At each command's beginning, in each, and at 20 places in the planes. */
static void a_worker_killed_at_any_byte_is_told_truly(void **state)
{
	(void)state;
	int64_t all = bytes_of_a_hand_over();
	for (int64_t at = 0; at < 600; at += 31) {
		die_at(SMALL, false, 1, at);
	}
	for (int64_t back = 0; back <= 80; back += 8) {
		die_at(SMALL, false, 1, all - back);
	}
	srand(5);
	for (int i = 0; i < 8; i++) {
		die_at(SMALL, false, 1, rand() % all);
	}
}

static void a_worker_killed_between_copies_is_told_truly(void **state)
{
	(void)state;
	int64_t all = bytes_of_a_hand_over();
	static const int parts[] = {90, 110, 150, 199, 201, 205, 250, 299};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		die_at(DS40 "media=300", true, 3, all * parts[i] / 100);
	}
}

/* It takes the next worker's question for pixels: that one notices, at once. */
static void a_printer_left_in_mid_plane_answers_the_next_worker(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct device_status status;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	bench.dies_in_send = 3000000;
	assert_false(bench_send(&bench, 1, &attempt, &err));
	bench_fresh_worker(&bench);
	assert_true(bench.device.driver->status(&bench.device, &status, &err));
	assert_int_equal(bench.rig->resets, 1);
	assert_int_equal(status.state, DEVICE_IDLE);
	bench_stop(&bench);
}

static void a_reset_that_fails_is_not_asked_for_for_ever(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct device_status status;
	struct err err = {.text = ""};
	bench_start(&bench, SMALL);
	page_4x6(&bench);
	bench.dies_in_send = 3000000;
	assert_false(bench_send(&bench, 1, &attempt, &err));
	bench_fresh_worker(&bench);
	bench.reset_fails = true;
	assert_false(bench.device.driver->status(&bench.device, &status, &err));
	expect_err(&err, REMEDY_RETRY, "printer-absent");
	assert_true(bench.device.driver->status(&bench.device, &status, &err));
	bench_stop(&bench);
}

/* An answer that nobody fetched waits for the next worker, who asks something else. */
static void a_worker_killed_before_its_answer_is_told_truly(void **state)
{
	(void)state;
	for (int at = 0; at < 30; at += 3) {
		struct bench bench;
		struct device_status status;
		struct err err = {.text = ""};
		bench_start(&bench, SMALL "left=123 life=777");
		bench.dies_at_answer = at;
		bench.device.driver->status(&bench.device, &status, &err);
		bench_fresh_worker(&bench);
		if (!bench.device.driver->status(&bench.device, &status, &err)) {
			fail_msg("answer %d: %s", at, err.text);
		}
		assert_int_equal(status.life_count, 777);
		assert_int_equal(status.ready[0].sheets_left, 123);
		bench_stop(&bench);
	}
}

static void a_cable_pulled_at_any_byte_is_told_truly(void **state)
{
	(void)state;
	int64_t all = bytes_of_a_hand_over();
	srand(11);
	for (int i = 0; i < 20; i++) {
		struct bench bench;
		struct attempt attempt;
		struct err err = {.text = ""};
		char what[60];
		int64_t at = i < 4 ? all - 40 * i : rand() % all;
		snprintf(what, sizeof what, "pulled at byte %" PRId64, at);
		bench_start(&bench, SMALL);
		page_4x6(&bench);
		struct witness witness; /* opens the line, whose bytes don't count */
		assert_true(bench.device.driver->witness(&bench.device, &witness, &err));
		rig_line_plan(bench.rig, RIG_AT_OUT_BYTE, bench.rig->out_bytes + at, "unplug");
		bool fine = bench_send(&bench, 1, &attempt, &err);
		if (!fine && attempt.before.read) {
			assert_int_equal(err.remedy,
				attempt.phase >= PHASE_COMMITTED ? REMEDY_UNSURE : REMEDY_RETRY);
			struct receipt receipt;
			assert_false(bench.device.driver->confirm(
				&bench.device, &attempt, &receipt, &err));
			expect_err(&err, REMEDY_RETRY, "printer-absent");
		}
		rig_line_do(bench.rig, "plug");
		if (attempt.before.read) {
			expect_truth(&bench, &attempt, what);
		}
		assert_int_equal(bench.rig->resets, 0); /* plugging in is one */
		bench_stop(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late_counters_are_waited_for),
		cmocka_unit_test(a_lost_start_is_proven_as_not_taken),
		cmocka_unit_test(counters_prove_nothing_where_others_print),
		cmocka_unit_test(two_prints_on_a_sheet_are_proven_however_they_are_counted),
		cmocka_unit_test(halves_are_rewound_and_use_one_sheet_for_two),
		cmocka_unit_test(a_sheet_of_two_that_was_lost_is_asked_of_a_person),
		cmocka_unit_test(what_is_refused_after_start_is_not_sent_again),
		cmocka_unit_test(a_jam_in_mid_sheet_is_finished_by_the_printer),
		cmocka_unit_test(an_end_of_paper_in_a_job_goes_on_after_loading),
		cmocka_unit_test(a_printer_that_was_switched_off_says_how_many_came_out),
		cmocka_unit_test(a_cancel_stops_after_the_sheet_under_way),
		cmocka_unit_test(planes_that_nobody_waits_for_are_swept),
		cmocka_unit_test(of_200_sheets_none_waits_for_the_host),
		cmocka_unit_test(another_coat_waits_for_both_buffers),
		cmocka_unit_test(a_worker_killed_at_any_byte_is_told_truly),
		cmocka_unit_test(a_worker_killed_between_copies_is_told_truly),
		cmocka_unit_test(a_printer_left_in_mid_plane_answers_the_next_worker),
		cmocka_unit_test(a_reset_that_fails_is_not_asked_for_for_ever),
		cmocka_unit_test(a_worker_killed_before_its_answer_is_told_truly),
		cmocka_unit_test(a_cable_pulled_at_any_byte_is_told_truly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
