/* SPDX-License-Identifier: Apache-2.0
 *
 * The oracle can fail: for each of its rules a lie is planted in one of the three worlds, and it
 * must be that rule which says so. (V12 is a test of its own: clock.c.)
 */
#include "sim/own.h"
#include "tests/walk/story.h"
#include <string.h>

static void lie(struct sim *sim, const char *sql)
{
	struct err err;
	said(db_run(store_db(sim->store), &err, sql, ""), &err);
}

static struct sim *story_of_two_copies(void)
{
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 2});
	until(sim, "J1: reported");
	return sim;
}

static void is_caught_by(struct sim *sim, const char *rule)
{
	char words[512];
	assert_false(sim_judge(sim, true, words, sizeof words));
	if (strstr(words, rule) == NULL) {
		fail_msg("%s should have said it, not: %s", rule, words);
	}
	story_close(sim);
}

static void one_sheet_too_many_is_seen_by_v1(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	sheet_add(sim, &(struct sheet){.job = "J1", .copy = 1, .at = ELSEWHERE});
	is_caught_by(sim, ": V1:");
}

static void a_byte_before_its_mark_is_seen_by_v2(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: opened");
	watch_mark(sim, "J1.1.1", PHASE_SENDING);
	is_caught_by(sim, ": V2:");
}

static void a_mark_that_is_not_committed_is_seen_by_v2(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: sending");
	store_meta_set(sim->store, "a", "write");
	watch_mark(sim, "J1.1.1", PHASE_SENDING);
	is_caught_by(sim, ": V2:");
}

static void a_job_without_an_end_is_seen_by_v3(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	sim_cloud_job(sim, "J1")->state = JOB_STARTED;
	is_caught_by(sim, ": V3:");
}

static void a_lost_event_is_seen_by_v4(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	sim_cloud_subject(sim, "J1")->last--;
	is_caught_by(sim, ": V4:");
}

static void another_event_than_was_made_is_seen_by_v4(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	sim_cloud_subject(sim, "J1")->ids[2][5]++;
	is_caught_by(sim, ": V4:");
}

static void an_event_of_another_change_is_seen_by_v5(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	lie(sim, "UPDATE event SET type='platen.job.queued.v1' WHERE sequence=3 AND subject='J1'");
	is_caught_by(sim, ": V5:");
}

static void a_change_without_its_event_is_seen_by_v5(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	watch_line(sim, "J1", "printed: never told of");
	watch_stored(sim);
	is_caught_by(sim, ": V5:");
}

static void a_hand_over_without_permit_is_seen_by_v6(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: permitted");
	sim_cloud_job(sim, "J1")->granted = 0;
	until(sim, "J1: reported");
	is_caught_by(sim, ": V6:");
}

static void two_attempts_at_a_time_are_seen_by_v6(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 2});
	until(sim, "J1: permitted: came out: completed");
	lie(sim, "UPDATE attempt SET ended=NULL");
	until(sim, "J1: reported");
	is_caught_by(sim, ": V6:");
}

static void an_attempt_that_does_not_count_up_is_seen_by_v7(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: permitted");
	sim_cloud_job(sim, "J1")->last_epoch = 2;
	until(sim, "J1: reported");
	is_caught_by(sim, ": V7:");
}

static void a_number_that_falls_in_the_store_is_seen_by_v7(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	lie(sim, "UPDATE attempt SET number=5 WHERE number=1");
	is_caught_by(sim, ": V7:");
}

static void a_file_that_is_gone_is_seen_by_v8(void **state)
{
	(void)state;
	struct err err;
	struct page page;
	struct job job;
	struct sim *sim = story_of_one();
	until(sim, "J1: accepted");
	assert_true(store_job_find(sim->store, "J1", &job));
	assert_true(store_page_get(sim->store, job.row, 0, &page));
	said(spool_remove(sim->spool, SPOOL_ASSETS, page.asset.sha256, &err), &err);
	sim_restart(sim);
	is_caught_by(sim, ": V8:");
}

static void a_doubt_that_ends_by_itself_is_seen_by_v9(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->no_counter = true;
	until(sim, "J1: accepted");
	sim_printer_forget(sim, "P1");
	until(sim, "J1: held-unknown: may have printed: it knows nothing of the job");
	watch_line(sim, "J1", "permitted: nobody said so");
	watch_stored(sim);
	is_caught_by(sim, ": V9:");
}

static void a_claim_without_evidence_is_seen_by_v10(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	lie(sim, "UPDATE print SET evidence='none'");
	is_caught_by(sim, ": V10:");
}

static void a_claim_that_is_not_true_is_seen_by_v10(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	lie(sim, "UPDATE attempt SET verdict='not-taken' WHERE number=1");
	is_caught_by(sim, ": V10:");
}

static void a_print_that_never_came_out_is_seen_by_v10(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	sim->sheets[0].spoiled = true;
	is_caught_by(sim, ": V10:");
}

static void another_raster_of_the_same_recipe_is_seen_by_v11(void **state)
{
	(void)state;
	char name[HASH_HEX_MAX];
	char sha256[HASH_HEX_MAX];
	struct recipe recipe = {.sku = "4x6-glossy"};
	struct sim *sim = story_of_two_copies();
	recipe_name(&recipe, name);
	hash_hex_of("one", 3, sha256);
	watch_raster(sim, &recipe, name, sha256);
	hash_hex_of("two", 3, sha256);
	watch_raster(sim, &recipe, name, sha256);
	is_caught_by(sim, ": V11:");
}

static void a_start_without_a_call_is_seen_by_v13(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_run(sim, 500);
	sim->watch.called = false;
	sim_run(sim, 600);
	is_caught_by(sim, ": V13:");
}

static void an_attempt_that_nobody_asks_about_is_seen_by_v13(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: accepted");
	sim_restart(sim);
	sim_run(sim, 1 * SECONDS);
	sim->watch.owes_question[0] = true;
	sim->hands[0].back_ms = sim->now_ms + 1 * MINUTES; /* its worker does not come back */
	sim_printer(sim, "P1")->absent = true;
	for (int i = 0; i < 5; i++) {
		sim_run(sim, 1 * SECONDS);
		sim->watch.owes_question[0] = true;
	}
	is_caught_by(sim, ": V13:");
}

static void a_damaged_store_is_seen_by_v14(void **state)
{
	(void)state;
	struct sim *sim = story_of_two_copies();
	lie(sim, "PRAGMA foreign_keys=OFF");
	lie(sim, "UPDATE print SET job=77");
	sim_check_store(sim);
	is_caught_by(sim, ": V14:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_sheet_too_many_is_seen_by_v1),
		cmocka_unit_test(a_byte_before_its_mark_is_seen_by_v2),
		cmocka_unit_test(a_mark_that_is_not_committed_is_seen_by_v2),
		cmocka_unit_test(a_job_without_an_end_is_seen_by_v3),
		cmocka_unit_test(a_lost_event_is_seen_by_v4),
		cmocka_unit_test(another_event_than_was_made_is_seen_by_v4),
		cmocka_unit_test(an_event_of_another_change_is_seen_by_v5),
		cmocka_unit_test(a_change_without_its_event_is_seen_by_v5),
		cmocka_unit_test(a_hand_over_without_permit_is_seen_by_v6),
		cmocka_unit_test(two_attempts_at_a_time_are_seen_by_v6),
		cmocka_unit_test(an_attempt_that_does_not_count_up_is_seen_by_v7),
		cmocka_unit_test(a_number_that_falls_in_the_store_is_seen_by_v7),
		cmocka_unit_test(a_file_that_is_gone_is_seen_by_v8),
		cmocka_unit_test(a_doubt_that_ends_by_itself_is_seen_by_v9),
		cmocka_unit_test(a_claim_without_evidence_is_seen_by_v10),
		cmocka_unit_test(a_claim_that_is_not_true_is_seen_by_v10),
		cmocka_unit_test(a_print_that_never_came_out_is_seen_by_v10),
		cmocka_unit_test(another_raster_of_the_same_recipe_is_seen_by_v11),
		cmocka_unit_test(a_start_without_a_call_is_seen_by_v13),
		cmocka_unit_test(an_attempt_that_nobody_asks_about_is_seen_by_v13),
		cmocka_unit_test(a_damaged_store_is_seen_by_v14),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
