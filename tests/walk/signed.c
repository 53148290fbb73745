/* SPDX-License-Identifier: Apache-2.0
 *
 * Orders that nobody signed, or not with a key that is known: refused before anything of them is
 * fetched, or taken with a word to a person, as the floor is set up.
 */
#include "tests/walk/story.h"

static struct sim *floor_that(enum signatures signatures)
{
	return story_begin_with((struct sim_conf){.seed = 1, .signatures = signatures});
}

static int64_t count(struct sim *sim, const char *sql)
{
	int64_t n = -1;
	assert_true(db_one_int(store_db(sim_store(sim)), &n, sql, ""));
	return n;
}

static const char incidents[] = "SELECT count(*) FROM incident WHERE code='signature'";

static void signed_order_is_printed_and_says_by_which_key(void **state)
{
	(void)state;
	struct sim *sim = floor_that(SIGNATURES_BLOCK);
	sim_order(sim, &(struct sim_order){.job = "J1", .trust = TRUST_SIGNED});
	until(sim, "J1: reported");
	assert_int_equal(count(sim, "SELECT count(*) FROM job WHERE signed_by='shop-1'"), 1);
	assert_int_equal(count(sim, incidents), 0);
	story_end(sim);
}

static void what_is_not_signed_goes_back_before_it_is_fetched(void **state)
{
	static const struct {
		enum trust trust;
		const char *line;
	} rows[] = {
		{TRUST_NONE, "J1: released: nobody signed it: ask the shop why"},
		{TRUST_BAD, "J1: released: made-up forgery: ask the shop why"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim *sim = floor_that(SIGNATURES_BLOCK);
		sim_order(sim, &(struct sim_order){.job = "J1", .trust = rows[i].trust});
		until(sim, rows[i].line);
		sim_run(sim, 1 * MINUTES);
		never(sim, "J1: fetched");
		assert_string_equal(sim_cloud_state(sim, "J1"), "released");
		events_are(sim, "J1", "leased released");
		assert_int_equal(count(sim, incidents), 1);
		came_out(sim, "J1", 0, 0);
		story_end(sim);
	}
}

static void floor_that_only_warns_prints_it_and_tells_a_person(void **state)
{
	(void)state;
	struct sim *sim = floor_that(SIGNATURES_WARN);
	sim_order(sim, &(struct sim_order){.job = "J1", .trust = TRUST_BAD});
	until(sim, "J1: reported");
	assert_int_equal(count(sim, incidents), 1);
	assert_int_equal(count(sim, "SELECT count(*) FROM job WHERE signed_by<>''"), 0);
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void floor_without_keys_does_not_look(void **state)
{
	(void)state;
	struct sim *sim = floor_that(SIGNATURES_OFF);
	sim_order(sim, &(struct sim_order){.job = "J1", .trust = TRUST_NONE});
	until(sim, "J1: reported");
	assert_int_equal(count(sim, incidents), 0);
	story_end(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_order_is_printed_and_says_by_which_key),
		cmocka_unit_test(what_is_not_signed_goes_back_before_it_is_fetched),
		cmocka_unit_test(floor_that_only_warns_prints_it_and_tells_a_person),
		cmocka_unit_test(floor_without_keys_does_not_look),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
