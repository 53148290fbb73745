/* SPDX-License-Identifier: Apache-2.0
 *
 * Counters, receipt and copies: what agrees, and what a person must look at.
 */
#include "rules/agree.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NONE COUNT_UNKNOWN

static struct witness seen(int64_t life, int64_t pages)
{
	struct witness witness = {.read = true,
		.uuid = "U1",
		.life_count = life,
		.impressions = pages,
		.media_left = NONE,
		.up_time_s = NONE};
	return witness;
}

struct row {
	enum verdict verdict;
	int32_t copies, completed;
	int64_t life_from, life_to, pages_from, pages_to;
	const char *code; /* "": agrees */
};

static void judge(const struct row *row, bool exclusive, const char *code)
{
	struct witness before = seen(row->life_from, row->pages_from);
	struct receipt receipt = {.verdict = row->verdict,
		.completed = row->completed,
		.after = seen(row->life_to, row->pages_to)};
	struct agree_ask ask = {.printer = "P1",
		.exclusive = exclusive,
		.counts_impressions = true,
		.copies = row->copies,
		.before = &before,
		.receipt = &receipt};
	struct err err = {.code = ""};
	bool agrees = agree_within(&ask, &err);
	assert_int_equal(agrees, code[0] == '\0');
	assert_string_equal(err.code, code);
	if (!agrees) {
		assert_non_null(strstr(err.text, "P1"));
	}
}

static void each_movement_agrees_or_is_named(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{VERDICT_DONE, 2, 2, 10, 12, NONE, NONE, ""},
		{VERDICT_DONE, 2, 2, NONE, NONE, 10, 12, ""},
		{VERDICT_DONE, 2, 2, 10, 12, 100, 102, ""},
		{VERDICT_DONE, 2, 2, 10, 13, NONE, NONE, "counter-moved-more"},
		{VERDICT_DONE, 2, 2, NONE, NONE, 10, 14, "counter-moved-more"},
		{VERDICT_DONE, 2, 2, 10, 11, NONE, NONE, "counter-moved-less"},
		{VERDICT_DONE, 2, 2, NONE, NONE, 10, 10, "counter-moved-less"},
		{VERDICT_DONE, 2, 2, 10, 12, 100, 101, "counters-differ"},
		{VERDICT_DONE, 2, 2, 10, 8, NONE, NONE, "counter-went-back"},
		{VERDICT_DONE, 2, 2, 10, 12, 100, 0, "counter-went-back"},
		{VERDICT_NOT_TAKEN, 2, 0, 10, 10, NONE, NONE, ""},
		{VERDICT_NOT_TAKEN, 2, 0, 10, 11, NONE, NONE, "counter-moved-more"},
		/* the sheet that jammed may be counted or not */
		{VERDICT_PARTIAL, 3, 1, 10, 11, NONE, NONE, ""},
		{VERDICT_PARTIAL, 3, 1, 10, 12, NONE, NONE, ""},
		{VERDICT_PARTIAL, 3, 1, 10, 13, NONE, NONE, "counter-moved-more"},
		{VERDICT_PARTIAL, 3, 2, 10, 11, NONE, NONE, "counter-moved-less"},
		{VERDICT_SPOILED, 1, 0, 10, 10, NONE, NONE, ""},
		{VERDICT_SPOILED, 1, 0, 10, 11, NONE, NONE, ""},
		{VERDICT_SPOILED, 1, 0, 10, 12, NONE, NONE, "counter-moved-more"},
		{VERDICT_UNKNOWN, 2, 0, 10, 11, NONE, NONE, ""},
		{VERDICT_UNKNOWN, 2, 0, 10, 13, NONE, NONE, "counter-moved-more"},
		{VERDICT_DONE, 2, 2, NONE, NONE, NONE, NONE, ""},
		/* one that stands at 0 may be one that never counts */
		{VERDICT_DONE, 2, 2, NONE, NONE, 0, 0, ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		judge(&rows[i], true, rows[i].code);
	}
}

static void others_prints_accuse_nobody(void **state)
{
	(void)state;
	struct row more = {VERDICT_DONE, 2, 2, 10, 15, NONE, NONE, ""};
	judge(&more, false, "");
	struct row back = {VERDICT_DONE, 2, 2, 10, 5, NONE, NONE, ""};
	judge(&back, false, "counter-went-back");
	struct witness before = seen(10, NONE);
	struct receipt receipt = {.verdict = VERDICT_DONE, .completed = 2, .after = seen(15, NONE)};
	receipt.after.foreign = true;
	struct agree_ask ask = {.printer = "P1",
		.exclusive = true,
		.copies = 2,
		.before = &before,
		.receipt = &receipt};
	struct err err;
	assert_true(agree_within(&ask, &err));
}

static void what_was_not_read_accuses_nobody(void **state)
{
	(void)state;
	struct witness before = seen(10, NONE);
	struct receipt receipt = {.verdict = VERDICT_UNKNOWN};
	struct agree_ask ask = {.printer = "P1",
		.exclusive = true,
		.copies = 1,
		.before = &before,
		.receipt = &receipt};
	struct err err;
	assert_true(agree_within(&ask, &err));
	assert_true(agree_between(&ask, &err));
	receipt.after = seen(12, NONE);
	before.read = false;
	assert_true(agree_within(&ask, &err));
}

static void ribbon_that_does_not_fit_the_prints_is_named(void **state)
{
	(void)state;
	static const struct {
		int64_t from, to;
		int32_t copies;
		bool agrees;
	} rows[] = {
		{100, 98, 2, true},
		{100, 99, 2, true},   /* two on one piece */
		{100, 97, 2, false},  /* used up by a print that nobody counted */
		{100, 100, 2, false}, /* printed without ribbon: blank */
		{100, 99, 1, true},
		{3, 400, 2, true}, /* it was loaded meanwhile */
		{NONE, 98, 2, true},
		{100, NONE, 2, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct witness before = seen(10, NONE);
		struct receipt receipt = {.verdict = VERDICT_DONE,
			.completed = rows[i].copies,
			.evidence = EVIDENCE_COUNTER,
			.after = seen(10 + rows[i].copies, NONE)};
		before.media_left = rows[i].from;
		receipt.after.media_left = rows[i].to;
		struct agree_ask ask = {.printer = "P1",
			.exclusive = true,
			.copies = rows[i].copies,
			.before = &before,
			.receipt = &receipt};
		struct err err = {.code = ""};
		assert_int_equal(agree_within(&ask, &err), rows[i].agrees);
		assert_string_equal(err.code, rows[i].agrees ? "" : "ribbon-differs");
	}
}

static void counts_that_a_model_gets_wrong_are_left_out(void **state)
{
	(void)state;
	struct witness before = seen(NONE, 10);
	struct receipt receipt = {.verdict = VERDICT_DONE, .completed = 2, .after = seen(NONE, 17)};
	struct agree_ask ask = {.printer = "P1",
		.exclusive = true,
		.counts_impressions = false,
		.copies = 2,
		.before = &before,
		.receipt = &receipt};
	struct err err;
	assert_true(agree_within(&ask, &err));
}

static void between(struct witness after, struct witness before, bool exclusive, const char *code)
{
	struct receipt receipt = {.verdict = VERDICT_UNKNOWN};
	struct agree_past past = {.copies = 1,
		.key = "J1.1.1",
		.before = after,
		.receipt = {.verdict = VERDICT_DONE, .completed = 1, .after = after}};
	struct agree_ask ask = {.printer = "P1",
		.exclusive = exclusive,
		.counts_impressions = true,
		.copies = 1,
		.past = &past,
		.before = &before,
		.receipt = &receipt};
	struct err err = {.code = ""};
	assert_int_equal(agree_between(&ask, &err), code[0] == '\0');
	assert_string_equal(err.code, code);
}

static void a_counter_that_moved_between_two_attempts_is_named(void **state)
{
	(void)state;
	between(seen(10, 20), seen(10, 20), true, "");
	between(seen(10, NONE), seen(11, NONE), true, "counter-moved-between");
	between(seen(NONE, 20), seen(NONE, 22), true, "counter-moved-between");
	between(seen(10, NONE), seen(11, NONE), false, "");
	between(seen(10, NONE), seen(9, NONE), false, "counter-went-back");
	struct witness last = seen(10, NONE);
	last.jobs_active = 1; /* it was still at something: what followed was that */
	between(last, seen(11, NONE), true, "");
}

static void another_machine_is_named_before_its_counters_are(void **state)
{
	(void)state;
	struct witness other = seen(3, NONE);
	strcpy(other.uuid, "U2");
	between(seen(10, NONE), other, true, "machine-exchanged");
	strcpy(other.uuid, "u1"); /* a uuid has no case */
	other.life_count = 10;
	between(seen(10, NONE), other, true, "");
}

static void a_late_counter_is_judged_by_the_next_attempt(void **state)
{
	(void)state;
	/* two prints, proven by the job's own count; the life counter stood at 10, then at `then`,
	 * and `waited_s` later at `now` */
	static const struct {
		int64_t then, now, waited_s;
		const char *within, *between;
	} rows[] = {
		{12, 12, 60, "", ""},
		{10, 12, 60, "", ""},
		{11, 12, 60, "", ""},
		{10, 11, 60, "", "counter-moved-less"},
		{10, 11, 3, "", ""}, /* may still come */
		{10, 13, 60, "", "counter-moved-between"},
		{12, 13, 60, "", "counter-moved-between"},
		{13, 13, 60, "counter-moved-more", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct agree_past past = {.copies = 2,
			.key = "J1.1.1",
			.before = seen(10, NONE),
			.receipt = {.verdict = VERDICT_DONE,
				.completed = 2,
				.evidence = EVIDENCE_IMPRESSIONS,
				.after = seen(rows[i].then, NONE)}};
		past.receipt.after.up_time_s = 100;
		struct witness now = seen(rows[i].now, NONE);
		now.up_time_s = 100 + rows[i].waited_s;
		struct agree_ask ask = {.printer = "P1",
			.exclusive = true,
			.counter_lag_ms = 5000,
			.copies = 2,
			.before = &past.before,
			.receipt = &past.receipt};
		struct err err = {.code = ""};
		(void)agree_within(&ask, &err);
		assert_string_equal(err.code, rows[i].within);
		struct receipt receipt = {.verdict = VERDICT_UNKNOWN};
		ask.past = &past;
		ask.before = &now;
		ask.receipt = &receipt;
		struct err later = {.code = ""};
		(void)agree_between(&ask, &later);
		assert_string_equal(later.code, rows[i].between);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_movement_agrees_or_is_named),
		cmocka_unit_test(others_prints_accuse_nobody),
		cmocka_unit_test(what_was_not_read_accuses_nobody),
		cmocka_unit_test(ribbon_that_does_not_fit_the_prints_is_named),
		cmocka_unit_test(counts_that_a_model_gets_wrong_are_left_out),
		cmocka_unit_test(a_counter_that_moved_between_two_attempts_is_named),
		cmocka_unit_test(a_late_counter_is_judged_by_the_next_attempt),
		cmocka_unit_test(another_machine_is_named_before_its_counters_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
