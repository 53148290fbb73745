/* SPDX-License-Identifier: Apache-2.0
 *
 * Maintenance: what is due and blocks keeps its printer from taking anything until somebody has
 * signed it off; counts and sign-offs outlive a restart.
 */
#include "tests/walk/story.h"
#include <string.h>

#define HOURS (60 * MINUTES)
#define OVERDUE                                                                                    \
	"P1 prints nothing until this was done: Clean the head (due: 2 prints since it was done, " \
	"every 2). Do it, then: platenctl maintenance done heads P1 --by WHO"

static struct sim *story_with(struct routine *routine)
{
	struct sim_conf conf = {.seed = 7, .routines = routine, .n_routines = 1};
	return story_begin_with(conf);
}

static struct routine heads(void)
{
	return (struct routine){.name = "heads",
		.what = "Clean the head",
		.printer = "P1",
		.every_prints = 2,
		.blocks = true};
}

static const struct farm_upkeep *upkeep(struct sim *sim)
{
	size_t n;
	const struct farm_upkeep *upkeeps = farm_upkeeps(sim_farm(sim), &n);
	assert_int_equal(n, 1);
	return upkeeps;
}

static void sign_off(struct sim *sim)
{
	struct err err;
	said(farm_maintenance_done(sim_farm(sim), "heads", "P1", "anna", "spotless", "root", &err),
		&err);
}

static void what_is_due_blocks_until_it_is_signed_off(void **state)
{
	(void)state;
	struct routine routine = heads();
	struct sim *sim = story_with(&routine);
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 2});
	until(sim, "J1: reported");
	sim_run(sim, 10 * SECONDS);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: waits: " OVERDUE);
	sim_run(sim, 20 * MINUTES);
	stands(sim, "J2", AT_QUEUED);
	sim_restart(sim);
	sim_run(sim, 5 * MINUTES);
	stands(sim, "J2", AT_QUEUED);
	assert_int_equal(upkeep(sim)->last.prints, 2);
	sign_off(sim);
	until(sim, "J2: reported");
	came_out(sim, "J2", 1, 0);
	assert_string_equal(upkeep(sim)->last.who, "anna");
	sim_restart(sim);
	sim_run(sim, 10 * SECONDS);
	assert_string_equal(upkeep(sim)->last.who, "anna");
	assert_string_equal(upkeep(sim)->last.note, "spotless");
	assert_int_equal(upkeep(sim)->last.prints, 1);
	assert_int_equal(upkeep(sim)->due, DUE_NOT);
	story_end(sim);
}

static void a_printer_that_waits_for_it_prints_a_test_sheet(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	struct err err;
	struct routine routine = heads();
	struct sim *sim = story_with(&routine);
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 2});
	until(sim, "P1: " OVERDUE);
	said(farm_printer_test(sim_farm(sim), "P1", "anna", id, &err), &err);
	sim_run(sim, 5 * MINUTES);
	stands(sim, id, AT_REPORTED);
	story_end(sim);
}

static void what_does_not_block_is_only_shown(void **state)
{
	(void)state;
	struct routine routine = heads();
	routine.blocks = false;
	struct sim *sim = story_with(&routine);
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3});
	until(sim, "J1: reported");
	sim_run(sim, 10 * SECONDS);
	assert_int_equal(upkeep(sim)->due, DUE_NOW);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: reported");
	story_end(sim);
}

static void days_pass_also_while_the_floor_is_down_and_by_no_clock_that_is_set(void **state)
{
	(void)state;
	struct routine routine = heads();
	routine.every_prints = 0;
	routine.every_days = 1;
	struct sim *sim = story_with(&routine);
	sim_run(sim, 20 * HOURS);
	sim_set_wall(sim, INT64_C(4102444800000)); /* 2100 */
	sim_run(sim, 1 * HOURS);
	assert_int_equal(upkeep(sim)->due, DUE_NOT);
	sim_run(sim, 4 * HOURS);
	assert_int_equal(upkeep(sim)->due, DUE_NOW);
	sign_off(sim);
	assert_int_equal(upkeep(sim)->due, DUE_NOT);
	story_end(sim);
}

static void what_nobody_knows_is_refused(void **state)
{
	(void)state;
	struct err err;
	struct routine routine = heads();
	struct sim *sim = story_with(&routine);
	assert_false(farm_maintenance_done(sim_farm(sim), "heads", "P2", "anna", "", "root", &err));
	assert_string_equal(err.code, "unknown-routine");
	assert_false(farm_maintenance_done(sim_farm(sim), "heads", "P9", "anna", "", "root", &err));
	assert_string_equal(err.code, "unknown-printer");
	story_end(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_due_blocks_until_it_is_signed_off),
		cmocka_unit_test(a_printer_that_waits_for_it_prints_a_test_sheet),
		cmocka_unit_test(what_does_not_block_is_only_shown),
		cmocka_unit_test(
			days_pass_also_while_the_floor_is_down_and_by_no_clock_that_is_set),
		cmocka_unit_test(what_nobody_knows_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
