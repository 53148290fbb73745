/* SPDX-License-Identifier: Apache-2.0
 *
 * What may have printed: late proof by the device, the duplicates policies of products, and a
 * printer that goes on by itself.
 */
#include "tests/walk/story.h"

#define SILENT_TEN                                                                                 \
	"J1: held-unknown: may have printed: the printer has not answered for 10 minutes: it may " \
	"have printed"

/* The sheet lies in the tray, the printer's line is cut, and ten minutes have passed. */
static struct sim *in_doubt(const struct sim_order *order, bool no_history)
{
	struct sim *sim = story_begin();
	sim_printer(sim, "P1")->no_history = no_history;
	sim_order(sim, order);
	until(sim, "J1: accepted");
	sim_printer(sim, "P1")->absent = true;
	until(sim, SILENT_TEN);
	return sim;
}

static void printer_that_comes_back_settles_the_doubt_itself(void **state)
{
	(void)state;
	struct sim *sim = in_doubt(&(struct sim_order){.job = "J1"}, false);
	sim_run(sim, 50 * MINUTES);
	stands(sim, "J1", AT_HELD_UNKNOWN);
	sim_printer(sim, "P1")->absent = false;
	until(sim, "J1: reported");
	events_are(sim, "J1",
		"leased asset_ready rendered queued started accepted may_have_printed resolved "
		"printed");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void late_proof_survives_a_restart(void **state)
{
	(void)state;
	struct sim *sim = in_doubt(&(struct sim_order){.job = "J1", .copies = 2}, false);
	sim_restart(sim);
	sim_run(sim, 5 * MINUTES);
	stands(sim, "J1", AT_HELD_UNKNOWN);
	sim_printer(sim, "P1")->absent = false;
	until(sim, "J1: reported");
	came_out(sim, "J1", 2, 0);
	story_end(sim);
}

/* Another job waits for the same printer, whose counter is all there is. */
static struct sim *in_doubt_before_another(void)
{
	struct sim *sim = in_doubt(&(struct sim_order){.job = "J1"}, true);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	sim_run(sim, 30 * SECONDS);
	return sim;
}

static void counter_is_read_before_it_moves_on(void **state)
{
	(void)state;
	struct sim *sim = in_doubt_before_another();
	sim_printer(sim, "P1")->absent = false;
	until(sim, "J2: reported");
	expect(sim, "J1: printed: came out: by its counter", "J2: prepared");
	story_end(sim);
}

static void counter_is_no_late_proof_once_the_printer_printed_something_else(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = in_doubt_before_another();
	fault(sim, SIM_CONFIRM, SIM_FAILS, REMEDY_RETRY);
	sim_printer(sim, "P1")->absent = false;
	until(sim, "J2: reported");
	sim_run(sim, 60 * MINUTES); /* it has moved by one, as by J1's sheet: of J2 */
	stands(sim, "J1", AT_HELD_UNKNOWN);
	said(sim_resolve(sim, "J1", 1, &err), &err);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	came_out(sim, "J2", 1, 0);
	story_end(sim);
}

/* Seed 37836446707667 called a print delivered that never came out: the printer was not at rest
 * when it was asked, and at the next answer its counter, which others had moved, was believed. */
static void counter_stays_void_when_the_printer_was_not_at_rest(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin_with((struct sim_conf){.seed = 1, .copies_per_attempt = 3});
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3});
	until(sim, "J1: accepted");
	sim_printer_restart(sim, "P1"); /* the sheet under way comes out, the others never */
	until(sim,
		"J1: held-unknown: may have printed: it has restarted since and knows nothing of "
		"the job");
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: reported"); /* the counter has moved by two of three */
	sim_printer(sim, "P1")->jammed = true;
	until(sim, "J1: accepted: is at the printer after all: it is not at rest");
	sim_printer(sim, "P1")->jammed = false;
	sim_run(sim, 60 * MINUTES);
	stands(sim, "J1", AT_HELD_UNKNOWN);
	said(sim_resolve(sim, "J1", 1, &err), &err);
	until(sim, "J1: reported");
	came_out(sim, "J1", 3, 0);
	story_end(sim);
}

static void persons_word_ends_the_asking(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = in_doubt(&(struct sim_order){.job = "J1"}, false);
	said(sim_resolve(sim, "J1", 1, &err), &err);
	until(sim, "J1: reported");
	sim_printer(sim, "P1")->absent = false;
	sim_run(sim, 30 * MINUTES);
	stands(sim, "J1", AT_REPORTED);
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void product_that_prefers_reprints_prints_again_at_once(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	struct job job;
	sim_order(sim, &(struct sim_order){.job = "J1", .duplicates = DUPLICATES_REPRINT});
	until(sim, "J1: accepted");
	sim_printer(sim, "P1")->absent = true;
	until(sim, "J1: permitted: may have printed: the printer has not answered for 10 minutes: "
		   "it may have printed");
	sim_printer(sim, "P1")->absent = false;
	until(sim, "J1: reported");
	assert_true(store_job_find(sim_store(sim), "J1", &job));
	assert_int_equal(job.delivered, 1);
	assert_int_equal(job.unknown, 0);
	assert_int_equal(job.doubled, 1);
	events_are(sim, "J1",
		"leased asset_ready rendered queued started accepted may_have_printed resolved "
		"started accepted printed");
	came_out(sim, "J1", 2, 0); /* as its product allows */
	story_end(sim);
}

static void product_that_prefers_release_goes_back_to_a_person_at_the_service(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .duplicates = DUPLICATES_RELEASE});
	until(sim, "J1: accepted");
	sim_printer(sim, "P1")->absent = true;
	until(sim, "J1: released: may have printed on P1: look in its tray, then say how many came "
		   "out (the printer has not answered for 10 minutes: it may have printed)");
	sim_run(sim, 1 * MINUTES);
	assert_string_equal(sim_cloud_state(sim, "J1"), "released");
	events_are(sim, "J1",
		"leased asset_ready rendered queued started accepted may_have_printed released");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printer_that_comes_back_settles_the_doubt_itself),
		cmocka_unit_test(late_proof_survives_a_restart),
		cmocka_unit_test(counter_is_no_late_proof_once_the_printer_printed_something_else),
		cmocka_unit_test(counter_is_read_before_it_moves_on),
		cmocka_unit_test(counter_stays_void_when_the_printer_was_not_at_rest),
		cmocka_unit_test(persons_word_ends_the_asking),
		cmocka_unit_test(product_that_prefers_reprints_prints_again_at_once),
		cmocka_unit_test(product_that_prefers_release_goes_back_to_a_person_at_the_service),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
