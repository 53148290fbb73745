/* SPDX-License-Identifier: Apache-2.0
 *
 * Somebody sets the wall clock while the floor works: to 1970, an hour back, an hour ahead, beyond
 * 2038, to 2100. What is leased, held, placed first, printed and reported is the same, line by
 * line. Only the clearing away of old files may differ, which decides nothing about a job.
 */
#include "tests/walk/story.h"
#include <stdlib.h>
#include <string.h>

#define SEEDS     5
#define JOBS      24
#define START_MS  INT64_C(1798761600000) /* 2027-01-01 */
#define DAY_MIN   180
#define SET_AT    47 /* minutes: in the midst of work, within the hour of the ceiling */
#define RESTARTED 71 /* the floor is started anew with the wrong clock */
#define NIGHT_MIN 600

static const int64_t walls[] = {
	0,                                        /* 1970 */
	START_MS + 46 * MINUTES - 3600 * SECONDS, /* about an hour back */
	START_MS + 48 * MINUTES + 3600 * SECONDS, /* about an hour ahead */
	INT64_C(2147483648000) + 1000,            /* beyond 2038 */
	INT64_C(4102444800000),                   /* 2100 */
};

/* Many copies now and then, so that the hour's ceiling is reached; due times that a clock could
 * confuse; one priority, so that the due time decides. */
static void order(struct sim *sim, char names[JOBS][8], int n)
{
	snprintf(names[n], sizeof names[n], "J%d", n);
	sim_order(sim, &(struct sim_order){.job = names[n],
			       .sku = sim_chance(sim) % 2 == 0 ? "4x6-glossy" : "5x7-lustre",
			       .copies = n % 3 == 0 ? 50 : 1 + (int32_t)(sim_chance(sim) % 5),
			       .due_in_s = sim_chance(sim) % 4 == 0
						   ? 0
						   : 60 + (int32_t)(sim_chance(sim) % 7200)});
}

static bool look(struct sim *sim, char names[JOBS][8], int n)
{
	struct err err;
	bool over = n == JOBS;
	for (int i = 0; i < n; i++) {
		struct job job;
		bool here = store_job_find(sim_store(sim), names[i], &job);
		if (here && job.stage == AT_HELD_OPERATOR) {
			said(farm_release(sim_farm(sim), names[i], "anna", "", &err), &err);
		}
		over = over && here && job.stage == AT_REPORTED;
	}
	return over;
}

/* wall_ms: -1 leaves the clock as it is. */
static struct sim *play(uint64_t seed, int64_t wall_ms)
{
	char names[JOBS][8];
	int n = 0;
	bool over = false;
	struct sim *sim = story_begin_with((struct sim_conf){.seed = seed,
		.jitter = true,
		.copies_per_attempt = 2,
		.wall_ms_at_start = START_MS});
	for (int minute = 0; minute < NIGHT_MIN && !(over && minute > DAY_MIN); minute++) {
		if (n < JOBS && minute % 7 < 2) {
			order(sim, names, n++);
		}
		if (minute == SET_AT && wall_ms >= 0) {
			sim_set_wall(sim, wall_ms);
		}
		if (minute == RESTARTED) {
			sim_restart(sim);
		}
		sim_cloud_outage(sim, minute > 90 && minute < 110);
		sim_run(sim, 1 * MINUTES);
		if (minute % 30 == 29) {
			over = look(sim, names, n);
		}
	}
	assert_true(over);
	return sim;
}

static bool decides(const char *line)
{
	return strstr(line, "] retention: ") == NULL;
}

struct decisions {
	char **lines;
	size_t n;
};

/* Ends the story. */
static struct decisions decisions_of(struct sim *sim)
{
	const char *const *lines;
	size_t n = sim_trace(sim, &lines);
	struct decisions decisions = {.lines = calloc(n + 1, sizeof *decisions.lines)};
	for (size_t i = 0; i < n; i++) {
		if (decides(lines[i])) {
			decisions.lines[decisions.n++] = strdup(lines[i]);
		}
	}
	story_end(sim);
	return decisions;
}

static void forget(struct decisions *decisions)
{
	for (size_t i = 0; i < decisions->n; i++) {
		free(decisions->lines[i]);
	}
	free(decisions->lines);
}

static void compare(const struct decisions *a, const struct decisions *b, int64_t wall_ms)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		if (strcmp(a->lines[i], b->lines[i]) != 0) {
			fail_msg("the wall clock at %lld changes \"%s\" into \"%s\"",
				(long long)wall_ms, a->lines[i], b->lines[i]);
		}
	}
	assert_int_equal(a->n, b->n);
}

static bool any_is(const struct decisions *decisions, const char *words)
{
	size_t i = 0;
	while (i < decisions->n && strstr(decisions->lines[i], words) == NULL) {
		i++;
	}
	return i < decisions->n;
}

static void five_other_clocks_change_no_decision(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct decisions plain = decisions_of(play(seed, -1));
		assert_true(any_is(&plain, "held-operator")); /* the ceiling was reached */
		for (size_t i = 0; i < sizeof walls / sizeof walls[0]; i++) {
			struct decisions other = decisions_of(play(seed, walls[i]));
			compare(&plain, &other, walls[i]);
			forget(&other);
		}
		forget(&plain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_other_clocks_change_no_decision),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
