/* SPDX-License-Identifier: Apache-2.0
 *
 * What is taken, held, given back or ignored.
 */
#include "rules/lease.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct product products[] = {
	{.sku = "4x6-glossy",
		.width_hmm = 10160,
		.height_hmm = 15240,
		.finish = "glossy",
		.copies_max = 20,
		.media = {"4x6"},
		.n_media = 1},
	{.sku = "canvas", .copies_max = 20, .media = {"canvas"}, .n_media = 1},
};
static struct model models[] = {
	{.name = "dyesub", .media = {{.media = "4x6"}}, .n_media = 1},
};
static struct printer_conf printers[] = {{.name = "P1", .model = "dyesub"}};
static const struct catalog catalog = {.products = products,
	.models = models,
	.printers = printers,
	.n_products = 2,
	.n_models = 1,
	.n_printers = 1};
static const struct ceilings ceilings = {.copies_per_job = 30, .copies_per_hour = 100};

static const struct lease_view plain = {.job = "J1",
	.sku = "4x6-glossy",
	.epoch = 2,
	.copies = 3,
	.n_pages = 2,
	.border_hmm = -1,
	.finish = ""};

static struct err err;

static enum lease_verdict judge(
	const struct lease_view *lease, const struct job *here, int32_t lately)
{
	err = (struct err){0};
	return lease_judge(lease, here, &catalog, &ceilings, lately, &err);
}

static void a_plain_lease_is_taken(void **state)
{
	(void)state;
	assert_int_equal(judge(&plain, NULL, 0), LEASE_TAKE);
}

static void assertions_that_hold_are_no_hindrance(void **state)
{
	(void)state;
	struct lease_view lease = plain;
	lease.width_hmm = 15200; /* inches, rounded, and turned */
	lease.height_hmm = 10200;
	lease.border_hmm = 0;
	lease.finish = "glossy";
	assert_int_equal(judge(&lease, NULL, 0), LEASE_TAKE);
}

static void an_assertion_that_fails_gives_it_back(void **state)
{
	(void)state;
	struct lease_view lease = plain;
	lease.finish = "matte";
	assert_int_equal(judge(&lease, NULL, 0), LEASE_REFUSE);
	assert_string_equal(err.code, "unsupported");
	assert_string_equal(err.text, "the order says 4x6-glossy is matte, here it is glossy");
	lease = plain;
	lease.width_hmm = 10160;
	lease.height_hmm = 17780;
	assert_int_equal(judge(&lease, NULL, 0), LEASE_REFUSE);
	lease = plain;
	lease.border_hmm = 300;
	assert_int_equal(judge(&lease, NULL, 0), LEASE_REFUSE);
}

static void one_side_that_fits_is_not_enough(void **state)
{
	(void)state;
	struct lease_view lease = plain;
	lease.width_hmm = 15240; /* turned, but too high */
	lease.height_hmm = 15240;
	assert_int_equal(judge(&lease, NULL, 0), LEASE_REFUSE);
	lease.width_hmm = 10160;
	lease.height_hmm = 10160;
	assert_int_equal(judge(&lease, NULL, 0), LEASE_REFUSE);
}

static void a_printer_of_no_known_model_makes_nothing(void **state)
{
	(void)state;
	struct printer_conf strange[] = {{.name = "P9", .model = "unheard-of"}};
	struct catalog alone = catalog;
	alone.printers = strange;
	assert_false(catalog_can_make(&alone, &products[0]));
	assert_true(catalog_can_make(&catalog, &products[0]));
}

static void what_is_not_sold_or_not_makeable_is_given_back(void **state)
{
	(void)state;
	struct lease_view lease = plain;
	lease.sku = "mug";
	assert_int_equal(judge(&lease, NULL, 0), LEASE_REFUSE);
	lease.sku = "canvas";
	assert_int_equal(judge(&lease, NULL, 0), LEASE_REFUSE);
	assert_string_equal(err.text, "no printer of this floor takes the paper of canvas");
}

static void more_than_a_ceiling_asks_a_person(void **state)
{
	(void)state;
	struct lease_view lease = plain;
	lease.copies = 20;
	lease.n_pages = 1;
	assert_int_equal(judge(&lease, NULL, 80), LEASE_TAKE);
	assert_int_equal(judge(&lease, NULL, 81), LEASE_HOLD);
	assert_string_equal(err.code, "ceiling");
	lease.copies = 21;
	assert_int_equal(judge(&lease, NULL, 0), LEASE_HOLD);
	lease.copies = 16;
	lease.n_pages = 2;
	assert_int_equal(judge(&lease, NULL, 0), LEASE_HOLD);
	lease.copies = INT32_MAX; /* no overflow on the way */
	lease.n_pages = 32;
	assert_int_equal(judge(&lease, NULL, 0), LEASE_HOLD);
}

static void an_epoch_that_is_not_above_is_ignored(void **state)
{
	(void)state;
	struct job here = {.epoch = 2, .stage = AT_RELEASED};
	assert_int_equal(judge(&plain, &here, 0), LEASE_IGNORE);
	here.epoch = 3;
	assert_int_equal(judge(&plain, &here, 0), LEASE_IGNORE);
	here.epoch = 1;
	assert_int_equal(judge(&plain, &here, 0), LEASE_TAKE);
}

static void what_may_be_inside_a_printer_is_not_begun_again(void **state)
{
	(void)state;
	struct job here = {.epoch = 1, .stage = AT_INSPECTED, .permitted = true};
	assert_int_equal(judge(&plain, &here, 0), LEASE_REFUSE);
	assert_string_equal(err.code, "in-print");
	here.stage = AT_HELD_UNKNOWN;
	assert_int_equal(judge(&plain, &here, 0), LEASE_REFUSE);
	here.stage = AT_CANCELLED;
	assert_int_equal(judge(&plain, &here, 0), LEASE_TAKE);
}

static void what_came_out_before_asks_a_person(void **state)
{
	(void)state;
	struct job here = {.epoch = 1, .stage = AT_REPORTED, .permitted = true};
	assert_int_equal(judge(&plain, &here, 0), LEASE_HOLD);
	here = (struct job){.epoch = 1, .stage = AT_CANCELLED, .delivered = 1, .prints = 6};
	assert_int_equal(judge(&plain, &here, 0), LEASE_HOLD);
	here = (struct job){.epoch = 1, .stage = AT_RELEASED, .unknown = 1, .prints = 6};
	assert_int_equal(judge(&plain, &here, 0), LEASE_HOLD);
}

static void work_is_wanted_for_printers_that_can_print_less_what_is_here(void **state)
{
	(void)state;
	assert_int_equal(lease_want_s(600, 2, 0), 1200);
	assert_int_equal(lease_want_s(600, 2, 1000000), 200);
	assert_int_equal(lease_want_s(600, 2, 1300000), 0);
	assert_int_equal(lease_want_s(600, 0, 0), 0);
}

static void what_no_printer_can_write_on_the_back_is_refused(void **state)
{
	(void)state;
	products[0].back_print_needed = true;
	assert_int_equal(judge(&plain, NULL, 0), LEASE_REFUSE);
	assert_string_equal(err.text, "no printer of this floor takes the paper of 4x6-glossy and "
				      "prints on its back");
	models[0].back.lines = 1;
	assert_int_equal(judge(&plain, NULL, 0), LEASE_TAKE);
	models[0].back.lines = 0;
	products[0].back_print_needed = false;
	assert_int_equal(judge(&plain, NULL, 0), LEASE_TAKE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_lease_is_taken),
		cmocka_unit_test(assertions_that_hold_are_no_hindrance),
		cmocka_unit_test(an_assertion_that_fails_gives_it_back),
		cmocka_unit_test(one_side_that_fits_is_not_enough),
		cmocka_unit_test(a_printer_of_no_known_model_makes_nothing),
		cmocka_unit_test(what_is_not_sold_or_not_makeable_is_given_back),
		cmocka_unit_test(more_than_a_ceiling_asks_a_person),
		cmocka_unit_test(an_epoch_that_is_not_above_is_ignored),
		cmocka_unit_test(what_may_be_inside_a_printer_is_not_begun_again),
		cmocka_unit_test(what_came_out_before_asks_a_person),
		cmocka_unit_test(work_is_wanted_for_printers_that_can_print_less_what_is_here),
		cmocka_unit_test(what_no_printer_can_write_on_the_back_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
