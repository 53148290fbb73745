/* SPDX-License-Identifier: Apache-2.0
 *
 * The scale's manners, in a time of the test's own.
 */
#include "base/mem.h"
#include "tests/rig/models.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#define ENDPOINT 0x81
#define FROM_MS  1000000

struct table { /* with a scale on it */
	void *scale;
	struct rig_descriptors descriptors;
	int64_t now_ms;
	uint8_t report[8];
	int n_report;
};

static struct table put_scale(const char *arguments)
{
	struct table table = {.now_ms = FROM_MS};
	table.scale = rig_scale.create(arguments, &table.descriptors);
	assert_non_null(table.scale);
	rig_scale.reset(table.scale, table.now_ms);
	return table;
}

static void do_it(struct table *table, const char *words)
{
	assert_true(rig_scale.command(table->scale, words, table->now_ms));
}

/* The next report, after so long. */
static void read_after(struct table *table, int64_t ms)
{
	table->now_ms += ms;
	table->n_report = rig_scale.in(
		table->scale, ENDPOINT, table->report, sizeof table->report, table->now_ms);
	assert_true(table->n_report > 0);
}

static void says(const struct table *table, int status, int unit, int exponent, int weight)
{
	const uint8_t *at = table->report + (table->n_report == 6 ? 1 : 0);
	assert_int_equal(at[0], status);
	assert_int_equal(at[1], unit);
	assert_int_equal((int8_t)at[2], exponent);
	assert_int_equal(at[3] | at[4] << 8, weight);
}

static void it_moves_until_it_has_settled(void **state)
{
	struct table table = put_scale("");
	(void)state;
	read_after(&table, 100);
	says(&table, 2, 2, 0, 0);
	do_it(&table, "put 1200");
	read_after(&table, 300);
	says(&table, 3, 2, 0, 600);
	read_after(&table, 300);
	says(&table, 4, 2, 0, 1200);
	rig_scale.destroy(table.scale);
}

static void it_says_nothing_between_reports(void **state)
{
	struct table table = put_scale("");
	uint8_t bytes[8];
	(void)state;
	read_after(&table, 100);
	assert_int_equal(
		rig_scale.in(table.scale, ENDPOINT, bytes, sizeof bytes, table.now_ms + 99),
		RIG_NAK);
	rig_scale.destroy(table.scale);
}

static void after_a_silence_the_first_report_is_an_old_one(void **state)
{
	struct table table = put_scale("");
	(void)state;
	do_it(&table, "put 500");
	read_after(&table, 600);
	says(&table, 4, 2, 0, 500);
	do_it(&table, "put 900");
	read_after(&table, 5000);
	says(&table, 4, 2, 0, 500);
	read_after(&table, 100);
	says(&table, 4, 2, 0, 900);
	rig_scale.destroy(table.scale);
}

static void units_have_their_exponents(void **state)
{
	struct table table = put_scale("unit=kg");
	(void)state;
	do_it(&table, "put 2268");
	read_after(&table, 600);
	says(&table, 4, 3, -3, 2268);
	do_it(&table, "unit oz");
	read_after(&table, 100);
	says(&table, 4, 11, -1, 800);
	do_it(&table, "unit lb");
	read_after(&table, 100);
	says(&table, 4, 12, -2, 500);
	rig_scale.destroy(table.scale);
}

static void one_maker_sends_tenths_and_no_report_id(void **state)
{
	struct table table = put_scale("id=0 tenths=1 vendor=0x7b7c product=0x0207");
	(void)state;
	assert_int_equal(table.descriptors.device[8] | table.descriptors.device[9] << 8, 0x7B7C);
	do_it(&table, "put 321");
	read_after(&table, 600);
	assert_int_equal(table.n_report, 5);
	says(&table, 4, 2, 0, 3210);
	rig_scale.destroy(table.scale);
}

static void too_much_and_too_little_are_states(void **state)
{
	struct table table = put_scale("limit_g=2000");
	(void)state;
	do_it(&table, "put 2001");
	read_after(&table, 600);
	assert_int_equal(table.report[1], 6);
	do_it(&table, "put 300");
	do_it(&table, "zero");
	read_after(&table, 600);
	says(&table, 2, 2, 0, 0);
	do_it(&table, "put 100");
	read_after(&table, 600);
	says(&table, 5, 2, 0, 200);
	do_it(&table, "status 7");
	read_after(&table, 100);
	assert_int_equal(table.report[1], 7);
	rig_scale.destroy(table.scale);
}

static void left_alone_it_switches_off(void **state)
{
	struct table table = put_scale("off_after_ms=60000");
	(void)state;
	assert_true(rig_scale.present(table.scale, FROM_MS + 59000));
	assert_false(rig_scale.present(table.scale, FROM_MS + 60000));
	rig_scale.reset(table.scale, FROM_MS + 70000);
	assert_true(rig_scale.present(table.scale, FROM_MS + 70000));
	rig_scale.destroy(table.scale);
}

static void its_report_descriptor_is_a_scale_s(void **state)
{
	static const uint8_t ask[8] = {0x81, 6, 0, 0x22, 0, 0, 255, 0};
	struct table table = put_scale("id=0");
	uint8_t bytes[255];
	int n = rig_scale.control(table.scale, ask, bytes, sizeof bytes, FROM_MS);
	(void)state;
	assert_int_equal(n, table.descriptors.configuration[25]);
	assert_memory_equal(bytes, "\x05\x8D\x09\x20\xA1\x01", 6);
	for (int i = 0; i + 1 < n; i++) {
		assert_int_not_equal(bytes[i], 0x85); /* no report id */
	}
	rig_scale.destroy(table.scale);
}

static void words_it_does_not_know_are_refused(void **state)
{
	struct rig_descriptors descriptors;
	struct table table = put_scale("");
	(void)state;
	assert_null(rig_scale.create("colour=red", &descriptors));
	assert_null(rig_scale.create("unit=stone", &descriptors));
	assert_false(rig_scale.command(table.scale, "jam", FROM_MS));
	rig_scale.destroy(table.scale);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_moves_until_it_has_settled),
		cmocka_unit_test(it_says_nothing_between_reports),
		cmocka_unit_test(after_a_silence_the_first_report_is_an_old_one),
		cmocka_unit_test(units_have_their_exponents),
		cmocka_unit_test(one_maker_sends_tenths_and_no_report_id),
		cmocka_unit_test(too_much_and_too_little_are_states),
		cmocka_unit_test(left_alone_it_switches_off),
		cmocka_unit_test(its_report_descriptor_is_a_scale_s),
		cmocka_unit_test(words_it_does_not_know_are_refused),
	};
	return cmocka_run_group_tests_name("weigh", tests, NULL, NULL);
}
