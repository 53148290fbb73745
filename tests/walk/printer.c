/* SPDX-License-Identifier: Apache-2.0
 *
 * What printers do: other paper, absence, jams, forgetting; and what becomes of a print of which
 * nobody knows.
 */
#include "tests/walk/story.h"

static void load(struct sim *sim, const char *printer, const char *media)
{
	text_copy(sim_printer(sim, printer)->media, NAME_MAX_LEN, media);
	sim_printer_go_on(sim, printer);
}

static void wrong_paper_waits_and_goes_by_itself_once_loaded(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	load(sim, "P1", "5x7-lustre");
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: waits: needs 4x6 glossy; P1 has 5x7 lustre: load 4x6 glossy");
	sim_run(sim, 20 * MINUTES);
	stands(sim, "J1", AT_QUEUED);
	load(sim, "P2", "4x6-glossy");
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void empty_tray_waits_and_goes_by_itself_once_filled(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	load(sim, "P1", "");
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: waits: P1 is out of paper: load some");
	load(sim, "P1", "4x6-glossy");
	until(sim, "J1: reported");
	expect(sim, "P1: P1 is out of paper: load some", "P1: can print again", "J1: permitted");
	story_end(sim);
}

static void absent_printer_is_waited_for(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_printer(sim, "P1")->absent = true;
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: waits: P1 does not answer (connecting: no answer): check that it is on, "
		   "connected, and at the address in platen.conf");
	sim_run(sim, 5 * MINUTES);
	sim_printer(sim, "P1")->absent = false;
	until(sim, "J1: reported");
	expect(sim, "P1: can print again", "J1: permitted");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void jam_before_the_hand_over_sends_the_job_to_the_other_printer(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	load(sim, "P2", "4x6-glossy");
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: permitted");
	sim_printer(sim, "P1")->jammed = true;
	until(sim, "J1: reported");
	expect(sim, "J1: hand-over broke: it has a paper jam",
		"J1: permitted: again (1): nothing was printed", "P1: P1 has a paper jam: clear it",
		"J1: accepted");
	struct job job;
	assert_true(store_job_find(sim_store(sim), "J1", &job));
	assert_string_equal(job.printer, "P2");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void jam_in_the_job_waits_for_hands_and_prints_the_sheet_again(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_printer(sim, "P1")->jam_after = 1;
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3});
	until(sim, "P1: P1 has a paper jam: clear it");
	sim_run(sim, 10 * MINUTES);
	stands(sim, "J1", AT_ACCEPTED);
	sim_printer(sim, "P1")->jammed = false;
	sim_printer_go_on(sim, "P1");
	until(sim, "J1: reported");
	expect(sim, "P1: P1 has a paper jam: clear it", "P1: can print again", "J1: reported");
	came_out(sim, "J1", 3, 1);
	story_end(sim);
}

static void jam_that_ends_the_job_is_held_and_the_rest_goes_to_the_other(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin_with((struct sim_conf){.seed = 7, .copies_per_attempt = 3});
	sim_printer(sim, "P1")->jam_after = 1;
	sim_printer(sim, "P1")->aborts_on_jam = true;
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3});
	until(sim, "J1: held-operator: held: stopped after 1 of 3: ended early. Look at the "
		   "printer, then let it go on with the rest");
	load(sim, "P2", "4x6-glossy");
	sim_run(sim, 5 * SECONDS);
	said(farm_release(sim_farm(sim), "J1", "anna", "", &err), &err);
	until(sim, "J1: reported");
	expect(sim, "J1: permitted: let go on from permitted", "J1: printed: came out: completed");
	came_out(sim, "J1", 3, 1);
	events_are(sim, "J1",
		"leased asset_ready rendered queued started accepted interrupted resolved "
		"started accepted printed");
	story_end(sim);
}

/* ---- may have printed ---- */

static struct sim *story_of_doubt(int64_t after_ms)
{
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->no_counter = true;
	until(sim, "J1: accepted");
	sim_run(sim, after_ms);
	sim_printer_forget(sim, "P1");
	until(sim, "J1: held-unknown: may have printed: it knows nothing of the job");
	sim_run(sim, 30 * MINUTES);
	stands(sim, "J1", AT_HELD_UNKNOWN);
	return sim;
}

static void doubt_resolved_as_printed_prints_nothing_more(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_doubt(1 * SECONDS);
	came_out(sim, "J1", 1, 0);
	assert_int_equal(sim_tray(sim, "J1"), 1);
	said(sim_resolve(sim, "J1", 1, &err), &err);
	until(sim, "J1: reported");
	expect(sim, "J1: printed: a person says 1 came out", "J1: reported");
	came_out(sim, "J1", 1, 0);
	events_are(sim, "J1",
		"leased asset_ready rendered queued started accepted may_have_printed resolved "
		"printed");
	story_end(sim);
}

static void doubt_resolved_as_not_printed_prints_it(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_printer(sim, "P1")->no_counter = true;
	sim_printer(sim, "P1")->jam_after = 0;
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "P1: P1 has a paper jam: clear it");
	sim_printer_forget(sim, "P1");
	sim_printer(sim, "P1")->jammed = false;
	until(sim, "J1: held-unknown: may have printed: it knows nothing of the job");
	came_out(sim, "J1", 0, 1);
	said(sim_resolve(sim, "J1", 0, &err), &err);
	until(sim, "J1: reported");
	expect(sim, "J1: permitted: a person says 0 came out", "J1: printed: came out: completed");
	came_out(sim, "J1", 1, 1);
	story_end(sim);
}

static void cancelled_while_in_doubt_ends_with_the_persons_word(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_printer(sim, "P1")->no_counter = true;
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 2});
	until(sim, "J1: accepted");
	sim_run(sim, 1 * SECONDS);
	sim_printer_forget(sim, "P1");
	until(sim, "J1: held-unknown: may have printed: it knows nothing of the job");
	sim_cloud_cancel(sim, "J1");
	until(sim, "J1: is to be cancelled: ends once somebody has looked in the tray");
	sim_run(sim, 10 * SECONDS);
	said(sim_resolve(sim, "J1", 1, &err), &err);
	until(sim, "J1: cancelled: cancelled after 1 of 2 prints");
	sim_run(sim, 5 * MINUTES);
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void counter_proves_what_the_printer_forgot(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: accepted");
	sim_run(sim, 1 * SECONDS);
	sim_printer_forget(sim, "P1");
	until(sim, "J1: reported");
	expect(sim, "J1: printed: came out: by its counter");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void printer_that_goes_away_for_good_while_sending_is_not_asked_for_ever(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	load(sim, "P2", "4x6-glossy");
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: sending");
	sim_printer(sim, "P1")->absent = true;
	until(sim, "J1: reported");
	expect(sim, "J1: hand-over broke: the connection broke",
		"J1: asking the printer again: connecting: no answer",
		"J1: permitted: again (1): cut off before it was complete; the printer has gone "
		"away since",
		"J1: accepted");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void printer_that_was_removed_leaves_its_job_to_a_person(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .sku = "5x7-lustre"});
	until(sim, "J1: accepted");
	sim_printer_remove(sim);
	sim_restart(sim);
	until(sim, "J1: held-unknown: may have printed: the printer has not answered for 10 "
		   "minutes: it may have printed");
	expect(sim, "J1: restarted at accepted: asking the printer first",
		"J1: asking the printer again: P2, which has it, is not set up on this floor any "
		"more");
	said(sim_resolve(sim, "J1", 1, &err), &err);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void orphan_at_the_printer_is_swept(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	load(sim, "P2", "4x6-glossy");
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: opened");
	sim_printer(sim, "P1")->absent = true; /* an empty job of ours stays there */
	until(sim, "J1: reported");
	sim_printer(sim, "P1")->absent = false;
	sim_run(sim, 10 * SECONDS);
	expect(sim, "J1: permitted: again (1): nothing was sent before the printer went away",
		"J1: reported", "P1: cancelled 1 left-over jobs of ours");
	story_end(sim);
}

/* ---- the circuit breaker, the raster that is gone ---- */

static void three_failures_stop_the_printer_until_it_is_resumed_with_a_reason(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->refuse_times = 3;
	until(sim, "P1: stopped after 3 failures in 5 runs (nothing was printed): look at it, then "
		   "print a test sheet");
	sim_run(sim, 20 * MINUTES);
	expect(sim, "J1: waits: P1 stopped after 3 failures in 5 runs (nothing was printed): look "
		    "at it, then print a test sheet");
	sim_restart(sim); /* that is not forgotten */
	sim_run(sim, 20 * MINUTES);
	stands(sim, "J1", AT_PERMITTED);
	assert_false(farm_printer_resume(sim_farm(sim), "P1", "anna", "", &err));
	assert_string_equal(err.code, "field");
	said(farm_printer_resume(sim_farm(sim), "P1", "anna", "new ribbon", &err), &err);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void paused_printer_takes_nothing_until_it_is_resumed(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	said(farm_printer_pause(sim_farm(sim), "P1", "anna", &err), &err);
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: waits: P1 is paused here: resume it when it may print");
	sim_run(sim, 10 * MINUTES);
	came_out(sim, "J1", 0, 0);
	said(farm_printer_resume(sim_farm(sim), "P1", "anna", "", &err), &err);
	until(sim, "J1: reported");
	story_end(sim);
}

static void raster_that_is_gone_is_made_anew(void **state)
{
	(void)state;
	struct err err;
	struct page page;
	struct job job;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 2});
	until(sim, "J1: accepted");
	assert_true(store_job_find(sim_store(sim), "J1", &job));
	assert_true(store_page_get(sim_store(sim), job.row, 0, &page));
	said(spool_remove(farm_spool(sim_farm(sim)), SPOOL_RASTERS, page.raster_name, &err), &err);
	until(sim, "J1: reported");
	expect(sim, "J1: permitted: came out: completed",
		"J1: inspected: back to inspected: page 1 must be rendered anew", "J1: rendered",
		"J1: permitted", "J1: printed: came out: completed");
	came_out(sim, "J1", 2, 0);
	story_end(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_paper_waits_and_goes_by_itself_once_loaded),
		cmocka_unit_test(empty_tray_waits_and_goes_by_itself_once_filled),
		cmocka_unit_test(absent_printer_is_waited_for),
		cmocka_unit_test(jam_before_the_hand_over_sends_the_job_to_the_other_printer),
		cmocka_unit_test(jam_in_the_job_waits_for_hands_and_prints_the_sheet_again),
		cmocka_unit_test(jam_that_ends_the_job_is_held_and_the_rest_goes_to_the_other),
		cmocka_unit_test(doubt_resolved_as_printed_prints_nothing_more),
		cmocka_unit_test(doubt_resolved_as_not_printed_prints_it),
		cmocka_unit_test(cancelled_while_in_doubt_ends_with_the_persons_word),
		cmocka_unit_test(counter_proves_what_the_printer_forgot),
		cmocka_unit_test(
			printer_that_goes_away_for_good_while_sending_is_not_asked_for_ever),
		cmocka_unit_test(printer_that_was_removed_leaves_its_job_to_a_person),
		cmocka_unit_test(orphan_at_the_printer_is_swept),
		cmocka_unit_test(three_failures_stop_the_printer_until_it_is_resumed_with_a_reason),
		cmocka_unit_test(paused_printer_takes_nothing_until_it_is_resumed),
		cmocka_unit_test(raster_that_is_gone_is_made_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
