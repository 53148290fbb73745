/* SPDX-License-Identifier: Apache-2.0
 *
 * The order service is away for three days. What it had cleared before is printed to the last
 * sheet, also over a restart of the floor; and within ten minutes of its return it knows
 * everything, in order.
 */
#include "tests/walk/story.h"
#include <stdlib.h>
#include <string.h>

#define HOURS    (60 * MINUTES)
#define DAYS     (24 * HOURS)
#define JOBS     400
#define COPIES   12
#define PRINT_MS 120000

static const char *name_of(int i)
{
	static char name[16];
	snprintf(name, sizeof name, "J%03d", i);
	return name;
}

static struct sim *floor_for_three_days(void)
{
	struct sim *sim = story_begin_with((struct sim_conf){.seed = 72,
		.only_hash = true,
		.copies_per_attempt = 4,
		.ms_per_print = PRINT_MS,
		.copies_per_hour = 100000,
		.offline_s = 3 * DAYS / SECONDS});
	sim_printer(sim, "P1")->keeps = sim_printer(sim, "P2")->keeps = 20;
	for (int i = 0; i < JOBS; i++) {
		sim_order(sim, &(struct sim_order){.job = name_of(i),
				       .copies = COPIES,
				       .sku = i % 2 == 0 ? "4x6-glossy" : "5x7-lustre"});
	}
	return sim;
}

static int32_t count(struct sim *sim, bool (*counts)(const struct job *job))
{
	int32_t n = 0;
	for (int i = 0; i < JOBS; i++) {
		struct job job;
		n += store_job_find(sim_store(sim), name_of(i), &job) && counts(&job);
	}
	return n;
}

static bool is_cleared(const struct job *job)
{
	return job->permitted;
}

static bool is_printed(const struct job *job)
{
	return job->permitted && job->stage >= AT_PRINTED && job->stage <= AT_REPORTED;
}

static bool is_reported(const struct job *job)
{
	return job->permitted && job->stage == AT_REPORTED;
}

static void three_days_without_the_service_stop_nothing_that_was_cleared(void **state)
{
	(void)state;
	char words[512];
	struct sim *sim = floor_for_three_days();
	sim_run(sim, 2 * HOURS);
	int32_t cleared = count(sim, is_cleared);
	sim_cloud_outage(sim, true);
	sim_run(sim, 1 * DAYS);
	sim_restart(sim);
	sim_run(sim, 2 * DAYS);
	assert_true(count(sim, is_printed) >= cleared - 4); /* the last ones are in the printers */
	sim_run(sim, 1 * HOURS);
	int32_t reported = count(sim, is_reported);
	assert_int_equal(count(sim, is_cleared), cleared);
	assert_int_equal(count(sim, is_printed), cleared);
	assert_true(cleared * COPIES >= 2 * (3 * DAYS - 1 * HOURS) / PRINT_MS); /* two printers */
	assert_true(cleared - reported > cleared * 9 / 10);
	sim_cloud_outage(sim, false);
	sim_run(sim, 10 * MINUTES);
	assert_true(count(sim, is_reported) >= cleared);
	int64_t untold = -1;
	db_one_int(
		store_db(sim_store(sim)), &untold, "SELECT count(*) FROM event WHERE acked=0", "");
	assert_int_equal(untold, 0);
	assert_true(sim_judge(sim, false, words, sizeof words)); /* V4: in order, none twice */
	story_close(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_days_without_the_service_stop_nothing_that_was_cleared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
