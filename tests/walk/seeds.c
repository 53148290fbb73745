/* SPDX-License-Identifier: Apache-2.0
 *
 * The campaign's first seeds, the same in every build: what broke once is seen at once. Fresh ones
 * are run by campaign.c. PLATEN_SEED=N runs that one alone, PLATEN_SHOW=1 shows its trace,
 * PLATEN_SEEDS=N runs N from there.
 */
#include "tests/walk/seed.h"
#include "tests/walk/story.h"
#include <stdlib.h>
#include <string.h>

/* sanitizers make it four times as long */
#if defined(__SANITIZE_ADDRESS__)
#define SEEDS 40
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEEDS 40
#endif
#endif
#ifndef SEEDS
#define SEEDS 100
#endif

static void nothing_comes_out_twice_and_all_comes_to_an_end(void **state)
{
	(void)state;
	const char *only = getenv("PLATEN_SEED");
	const char *many = getenv("PLATEN_SEEDS");
	uint64_t first = only != NULL ? strtoull(only, NULL, 10) : 1;
	uint64_t n = many != NULL ? strtoull(many, NULL, 10) : only != NULL ? 1 : SEEDS;
	int bad = 0;
	for (uint64_t seed = first; seed < first + n; seed++) {
		struct seed_report report;
		seed_run(seed, &report);
		if (!report.fine) {
			print_error("seed %llu: %s\n", (unsigned long long)seed, report.words);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

static void same_seed_gives_the_same_run_line_by_line(void **state)
{
	(void)state;
	struct seed_report one;
	struct seed_report two;
	struct seed_report other;
	if (getenv("PLATEN_SEED") != NULL) {
		skip(); /* one trace is wanted */
	}
	seed_run(42, &one);
	seed_run(42, &two);
	seed_run(43, &other);
	assert_string_equal(one.hash, two.hash);
	assert_string_not_equal(one.hash, other.hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_seed_gives_the_same_run_line_by_line),
		cmocka_unit_test(nothing_comes_out_twice_and_all_comes_to_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
