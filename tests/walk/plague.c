/* SPDX-License-Identifier: Apache-2.0
 *
 * A hundred files that kill whoever reads them, among ten thousand orders on eight printers: each
 * is set aside after two deaths, and the good work is done as fast as without them.
 */
#include "tests/walk/story.h"
#include <string.h>

#define JOBS          10000
#define EVERY         100 /* of them is poison */
#define PRINTERS      8
#define HOURS         24 /* more than it can take */
#define LOSS_PERMILLE 30

static bool is_poison(int n)
{
	return n % EVERY == EVERY / 2;
}

static void job_name(int n, char name[16])
{
	snprintf(name, 16, "J%05d", n);
}

static void order(struct sim *sim, int n)
{
	char name[16];
	enum sim_poison poison = n / EVERY % 2 == 0 ? SIM_KILLS_INSPECTION : SIM_KILLS_RENDERING;
	job_name(n, name);
	sim_order(sim, &(struct sim_order){.job = name,
			       .sku = n % 2 == 0 ? "4x6-glossy" : "5x7-lustre",
			       .priority = 1 + n % 100,
			       .poison = is_poison(n) ? poison : SIM_SOUND});
}

static bool stands_at(const struct sim *sim, int n, const char *state)
{
	char name[16];
	job_name(n, name);
	return strcmp(sim_cloud_state(sim, name), state) == 0;
}

/* From job `n` on, the first good one that is not printed yet. */
static int first_unprinted(const struct sim *sim, int n)
{
	while (n < JOBS && (is_poison(n) || stands_at(sim, n, "printed"))) {
		n++;
	}
	return n;
}

/* Virtual time until the last good job is printed, as the order service knows it. */
static int64_t print_all(struct sim *sim, bool poison)
{
	for (int n = 0; n < JOBS; n++) {
		if (poison || !is_poison(n)) {
			order(sim, n);
		}
	}
	for (int next = 0; (next = first_unprinted(sim, next)) < JOBS;) {
		sim_run(sim, 10 * SECONDS);
		assert_true(sim_now(sim) < HOURS * 60 * MINUTES);
	}
	return sim_now(sim);
}

static void judge_poison(struct sim *sim)
{
	for (int n = 0; n < JOBS; n++) {
		char name[16];
		struct job job;
		job_name(n, name);
		if (!is_poison(n)) {
			assert_int_equal(sim_deaths(sim, name), 0);
			continue;
		}
		assert_true(store_job_find(sim_store(sim), name, &job));
		assert_string_equal(stage_word(job.stage), stage_word(AT_QUARANTINED));
		assert_true(stands_at(sim, n, "quarantined"));
		assert_true(sim_deaths(sim, name) <= 2);
	}
}

static struct sim *begin(void)
{
	return story_begin_with((struct sim_conf){.seed = 9,
		.jitter = true,
		.printers = PRINTERS,
		.only_hash = true,
		.copies_per_hour = 2 * JOBS,
		.offline_s = 900});
}

static void a_hundred_poisoned_files_slow_no_good_work_and_are_set_aside(void **state)
{
	(void)state;
	struct sim *sim = begin();
	int64_t plain_ms = print_all(sim, false);
	story_end(sim);
	sim = begin();
	int64_t mixed_ms = print_all(sim, true);
	judge_poison(sim);
	story_end(sim);
	print_message("# %d good jobs: %lld s alone, %lld s among %d poisoned ones\n",
		JOBS - JOBS / EVERY, (long long)(plain_ms / 1000), (long long)(mixed_ms / 1000),
		JOBS / EVERY);
	assert_true(mixed_ms * 1000 <= plain_ms * (1000 + LOSS_PERMILLE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hundred_poisoned_files_slow_no_good_work_and_are_set_aside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
