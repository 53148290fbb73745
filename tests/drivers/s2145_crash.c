/* SPDX-License-Identifier: Apache-2.0
 *
 * The S2145 and a sender that dies, a cable that is pulled, a printer that lies: whatever is said
 * of an attempt afterwards, from what a store has of it and by a fresh worker, is what came out. A
 * worker that dies does nothing more; here it is stopped at that byte, closes nothing at the
 * printer and forgets all.
 */
#include "drivers/s2145_bench.h"
#include "base/clock.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE_BYTES (1844 * 1240 * 3)

/* Nothing was printed that is called not printed, and the other way round; never unknown. */
static void expect_truth(struct bench *bench, int before)
{
	struct receipt receipt;
	bench_settle(bench, &receipt);
	int came_out = bench_sheets(bench) - before;
	bool right = receipt.verdict == VERDICT_DONE ? came_out == bench->stored.copies
		     : receipt.verdict == VERDICT_PARTIAL
			     ? came_out == receipt.completed && came_out > 0
			     : came_out == 0 && (receipt.verdict == VERDICT_NOT_TAKEN ||
							receipt.verdict == VERDICT_SPOILED);
	if (!right) {
		fail_msg("%s: %s, and %d came out: %s", phase_name(bench->stored.phase),
			verdict_name(receipt.verdict), came_out, receipt.text);
	}
	if (bench->stored.phase < PHASE_COMMITTED) {
		assert_int_equal(came_out, 0);
	}
}

static void a_fresh_worker_at_each_step_tells_the_truth(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench, "serial=S1");
	for (int step = 0; step < 4; step++) {
		struct err err;
		int before = bench_sheets(&bench);
		bench_prepare(&bench, "K1.1.1", 1);
		bench.rig->refuse_sending = step == 0;
		bench.rig->refuse_committed = step == 1;
		bool sent = bench_send(&bench, &err);
		assert_int_equal(sent, step > 1);
		bench.rig->refuse_sending = bench.rig->refuse_committed = false;
		if (step == 2) {
			bench.stored.phase = PHASE_COMMITTED; /* died before it could say so */
		}
		bench_fresh(&bench);
		expect_truth(&bench, before);
		bench_print(&bench, "K1.1.2", 1);
	}
	bench_close(&bench);
}

static unsigned chance(unsigned *seed, unsigned most)
{
	*seed = *seed * 1664525 + 1013904223;
	return (unsigned)(((uint64_t)*seed * most) >> 32);
}

/* One attempt that ends by `words` at a byte of the picture; then, after `plug` and a pause, it is
 * asked about by a fresh worker. */
static void break_at(struct bench *bench, int64_t byte, const char *words, const char *mend)
{
	struct err err;
	int before = bench_sheets(bench);
	bench_prepare(bench, "B1.1.1", 1);
	int64_t queries = 4 + 4 + 14; /* state, media, print */
	rig_line_plan(bench->rig, RIG_AT_OUT_BYTE, bench->rig->out_bytes + queries + byte, words);
	if (bench_send(bench, &err)) {
		rig_line_pass(bench->rig, 1); /* the very last byte had gone */
	} else if (err.remedy != REMEDY_DROP && err.remedy != REMEDY_UNSURE) {
		assert_string_equal(err.code, "printer-absent");
	}
	rig_line_do(bench->rig, mend);
	bench->rig->n_plans = 0;
	bench_fresh(bench);
	expect_truth(bench, before);
}

static void twenty_unplugs_at_any_byte_are_told_truly(void **state)
{
	(void)state;
	struct bench bench;
	unsigned seed = (unsigned)clock_boot_ms();
	print_message("# seed %u\n", seed);
	bench_open(&bench, "serial=S1 print_ms=2000");
	for (int i = 0; i < 20; i++) {
		break_at(&bench, chance(&seed, WHOLE_BYTES), "unplug", "plug");
	}
	break_at(&bench, WHOLE_BYTES, "unplug", "plug");
	break_at(&bench, WHOLE_BYTES - 1, "unplug", "plug");
	bench_print(&bench, "B2.1.1", 1);
	bench_close(&bench);
}

static void twenty_kills_at_any_byte_are_told_truly(void **state)
{
	(void)state;
	struct bench bench;
	unsigned seed = (unsigned)clock_boot_ms() + 1;
	print_message("# seed %u\n", seed);
	bench_open(&bench, "serial=S1 print_ms=2000 forgets");
	for (int i = 0; i < 20; i++) {
		/* every other one in the questions before the picture, or in the print command */
		int64_t byte = i % 5 == 0 ? (int64_t)chance(&seed, 22) - 22
					  : (int64_t)chance(&seed, WHOLE_BYTES);
		break_at(&bench, byte, "stop", "go");
	}
	break_at(&bench, WHOLE_BYTES, "stop", "go");
	bench_print(&bench, "B2.1.1", 1);
	bench_close(&bench);
}

static void an_unplug_while_it_prints_is_told_truly(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench, "serial=S1");
	for (int i = 0; i < 5; i++) {
		struct err err;
		int before = bench_sheets(&bench);
		bench_prepare(&bench, "U1.1.1", 2);
		assert_true(bench_send(&bench, &err));
		rig_line_pass(bench.rig, 4000 * i);
		rig_line_do(bench.rig, "unplug");
		struct receipt receipt;
		assert_false(
			bench.device.driver->confirm(&bench.device, &bench.stored, &receipt, &err));
		assert_string_equal(err.code, "printer-absent");
		rig_line_pass(bench.rig, 3000);
		rig_line_do(bench.rig, "plug");
		expect_truth(&bench, before);
	}
	bench_close(&bench);
}

static void a_worker_that_was_told_to_stop_goes_on_by_itself(void **state)
{
	(void)state;
	struct bench bench;
	struct err err;
	bench_open(&bench, "serial=S1");
	bench_prepare(&bench, "S1.1.1", 1);
	rig_line_plan(bench.rig, RIG_AT_OUT_BYTE, bench.rig->out_bytes + 3000000, "stop");
	assert_false(bench_send(&bench, &err));
	assert_int_equal(err.remedy, REMEDY_DROP);
	rig_line_do(bench.rig, "go");
	int64_t resets = bench.rig->resets;
	expect_truth(&bench, 0);
	assert_int_equal(bench.rig->resets, resets + 1); /* without waiting for silence */
	bench_print(&bench, "S2.1.1", 1);
	bench_close(&bench);
}

/* Ids follow from the lifetime counter, which has not moved yet: the bank shows which is taken. */
static void a_fresh_worker_takes_another_number(void **state)
{
	(void)state;
	struct bench bench;
	struct receipt receipt;
	struct err err;
	bench_open(&bench, "serial=S1 life=10");
	bench_prepare(&bench, "N1.1.1", 1);
	assert_true(bench_send(&bench, &err));
	struct attempt first = bench.stored;
	bench_fresh(&bench);
	bench_prepare(&bench, "N2.1.1", 1);
	if (!bench_send(&bench, &err)) {
		fail_msg("%s", err.text);
	}
	assert_int_not_equal(bench.stored.device_job, first.device_job);
	bench_settle(&bench, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_DONE);
	bench.stored = first;
	bench_settle(&bench, &receipt);
	assert_int_equal(receipt.verdict, VERDICT_UNKNOWN); /* two came out, one was asked for */
	assert_int_equal(bench_sheets(&bench), 2);
	bench_close(&bench);
}

/* ---- orphans ---- */

static void what_nobody_knows_of_is_swept(void **state)
{
	static const char known[1][ATTEMPT_KEY_MAX] = {"O1.1.1"};
	(void)state;
	struct bench bench;
	struct err err = {.text = ""};
	int32_t swept = 9;
	bench_open(&bench, "serial=S1");
	bench_prepare(&bench, "O1.1.1", 5);
	assert_true(bench_send(&bench, &err));
	bench_fresh(&bench);
	assert_true(bench.device.driver->sweep(&bench.device, known, 1, &swept, &err));
	assert_int_equal(swept, 0);
	assert_true(bench.device.driver->sweep(&bench.device, NULL, 0, &swept, &err));
	assert_int_equal(swept, 1);
	rig_line_pass(bench.rig, 20000);
	assert_int_equal(bench_report_number(&bench, "banks_used"), 0);
	/* one whose sender died in its picture is gone by the time it is looked for */
	bench_prepare(&bench, "O2.1.1", 1);
	rig_line_plan(bench.rig, RIG_AT_OUT_BYTE, bench.rig->out_bytes + 100000, "stop");
	assert_false(bench_send(&bench, &err));
	rig_line_do(bench.rig, "go");
	bench_fresh(&bench);
	assert_true(bench.device.driver->sweep(&bench.device, NULL, 0, &swept, &err));
	assert_int_equal(bench_report_number(&bench, "banks_used"), 0);
	bench_print(&bench, "O3.1.1", 1);
	bench_close(&bench);
}

/* ---- it lies ---- */

static void stale_and_late_answers_are_not_believed(void **state)
{
	(void)state;
	struct bench bench;
	struct device_status status;
	struct err err = {.text = ""};
	bench_open(&bench, "serial=S1 life=500");
	for (int i = 0; i < 3; i++) {
		rig_line_do(bench.rig, "stale"); /* to a worker before this one */
	}
	bench_print(&bench, "L1.1.1", 1);
	rig_line_do(bench.rig, "late 15200"); /* just after it was given up */
	assert_true(bench.device.driver->status(&bench.device, &status, &err));
	assert_int_equal(status.life_count, 501);
	assert_int_equal(status.n_ready, 4);
	rig_line_do(bench.rig, "mute 1");
	bench_print(&bench, "L2.1.1", 1);
	rig_line_do(bench.rig, "mute 99");
	assert_false(bench.device.driver->status(&bench.device, &status, &err));
	assert_string_equal(err.code, "printer-silent");
	rig_line_do(bench.rig, "mute 0");
	bench_print(&bench, "L3.1.1", 1);
	bench_close(&bench);
}

static void answers_that_are_none_are_refused_within_bounds(void **state)
{
	static const char *const forged[] = {
		"forge 01",                         /* cut off: the rest never comes */
		"forge 01000000000000",             /* so, too */
		"forge 0100000000000000ffff",       /* promises 64 KiB */
		"forge 01000000000000000300112233", /* of another question */
		"forge 0100000000000000020011",     /* one byte too few */
		"forge 0100000000000000000099",     /* one too many */
		"forge 03000000000000000000",       /* neither yes nor no */
		"forge 00000000000000000000",
		"forge 0100000000000000f501", /* promises 501, and none come */
	};
	(void)state;
	struct bench bench;
	bench_open(&bench, "serial=S1");
	bench_print(&bench, "F0.1.1", 1);
	for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
		struct err err = {.text = ""};
		struct device_status status;
		rig_line_do(bench.rig, forged[i]);
		if (!bench.device.driver->status(&bench.device, &status, &err)) {
			assert_int_equal(err.remedy, REMEDY_RETRY);
			assert_true(strcmp(err.code, "printer-answer") == 0 ||
				    strcmp(err.code, "printer-silent") == 0);
			assert_non_null(strstr(err.text, "P1"));
		}
		bench_print(&bench, "F1.1.1", 1);
	}
	bench_close(&bench);
}

static void refusals_have_their_words(void **state)
{
	static const struct {
		const char *words;
		enum remedy remedy;
		const char *code;
	} refusals[] = {
		{"refuse 01 1", REMEDY_ATTEND, "printer-unfit"},
		{"refuse 02 1", REMEDY_RETRY, "printer-starting"},
		{"refuse 03 1", REMEDY_RETRY, "printer-answer"},
		{"refuse 04 1", REMEDY_ATTEND, "printer-maintenance"},
		{"refuse 05 1", REMEDY_RETRY, "printer-busy"},
		{"refuse 77 1", REMEDY_RETRY, "printer-refused"},
	};
	(void)state;
	struct bench bench;
	bench_open(&bench, "serial=S1");
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		struct err err;
		struct err unused = {.text = ""};
		int before = bench_sheets(&bench);
		bench_prepare(&bench, "R1.1.1", 1);
		/* of the questions that are left, the third is the print */
		rig_line_plan(bench.rig, RIG_AT_OUT_BYTE, bench.rig->out_bytes + 8 + 1,
			refusals[i].words);
		assert_false(bench_send(&bench, &err));
		assert_int_equal(bench.stored.phase, PHASE_SENDING);
		if (err.remedy != refusals[i].remedy || strcmp(err.code, refusals[i].code) != 0) {
			fail_msg("%s: %s: %s", refusals[i].words, err.code, err.text);
		}
		expect_truth(&bench, before);
		(void)unused;
	}
	bench_print(&bench, "R2.1.1", 1);
	bench_close(&bench);
}

static void another_machine_gets_no_picture(void **state)
{
	(void)state;
	struct bench bench;
	struct device_status status;
	struct err err = {.text = ""};
	bench_open(&bench, "unique=BOOTH-7");
	assert_true(bench.device.driver->status(&bench.device, &status, &err));
	assert_string_equal(status.uuid, "BOOTH-7"); /* USB says no serial */
	bench_fresh(&bench);
	bench.device.driver->close(&bench.device);
	bench.device.uuid = "BOOTH-8";
	assert_true(bench.device.driver->open(&bench.device, &err));
	assert_false(bench.device.driver->status(&bench.device, &status, &err));
	assert_string_equal(err.code, "printer-changed");
	assert_int_equal(err.remedy, REMEDY_ATTEND);
	bench.rig->descriptors.device[10] = 0x0F; /* another product */
	assert_false(bench.device.driver->status(&bench.device, &status, &err));
	assert_string_equal(err.code, "printer-unfit");
	int64_t bytes = bench.rig->out_bytes;
	assert_false(bench.device.driver->status(&bench.device, &status, &err));
	assert_int_equal(bench.rig->out_bytes, bytes); /* not even a question */
	bench_close(&bench);
	bench_open(&bench, "");
	assert_true(bench.device.driver->status(&bench.device, &status, &err));
	assert_string_equal(status.uuid, "usb-10ce-000e-at-1-2");
	bench_close(&bench);
}

static void a_program_without_usb_says_so(void **state)
{
	(void)state;
	struct bench bench;
	struct device_status status;
	struct err err = {.text = ""};
	bench_open(&bench, "serial=S1");
	bench.device.usb = NULL;
	assert_false(bench.device.driver->status(&bench.device, &status, &err));
	assert_string_equal(err.code, "driver");
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fresh_worker_at_each_step_tells_the_truth),
		cmocka_unit_test(twenty_unplugs_at_any_byte_are_told_truly),
		cmocka_unit_test(twenty_kills_at_any_byte_are_told_truly),
		cmocka_unit_test(an_unplug_while_it_prints_is_told_truly),
		cmocka_unit_test(a_worker_that_was_told_to_stop_goes_on_by_itself),
		cmocka_unit_test(a_fresh_worker_takes_another_number),
		cmocka_unit_test(what_nobody_knows_of_is_swept),
		cmocka_unit_test(stale_and_late_answers_are_not_believed),
		cmocka_unit_test(answers_that_are_none_are_refused_within_bounds),
		cmocka_unit_test(refusals_have_their_words),
		cmocka_unit_test(another_machine_gets_no_picture),
		cmocka_unit_test(a_program_without_usb_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
