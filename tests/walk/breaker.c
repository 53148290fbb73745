/* SPDX-License-Identifier: Apache-2.0
 *
 * Printers that fail too often are stopped, their line moves, a test print opens them again; and a
 * job that one printer refuses goes to another before it goes to a person.
 */
#include "tests/walk/story.h"

#define STOPPED                                                                                    \
	"P1: stopped after 3 failures in 5 runs (nothing was printed): look at it, then print a "  \
	"test sheet"

static void load(struct sim *sim, const char *printer, const char *media)
{
	text_copy(sim_printer(sim, printer)->media, NAME_MAX_LEN, media);
	sim_printer_go_on(sim, printer);
}

static struct job job_of(struct sim *sim, const char *id)
{
	struct job job;
	assert_true(store_job_find(sim_store(sim), id, &job));
	return job;
}

static struct sim *story_of_a_stopped_printer(void)
{
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->refuse_times = 3;
	until(sim, STOPPED);
	return sim;
}

static void test_print(struct sim *sim, char id[TEXT_ID_MAX])
{
	struct err err;
	said(farm_printer_test(sim_farm(sim), "P1", "anna", id, &err), &err);
}

/* ---- the line moves ---- */

static void line_of_a_stopped_printer_moves_to_the_other(void **state)
{
	(void)state;
	static const char *const ids[] = {"J1", "J2", "J3", "J4"};
	struct sim *sim = story_begin();
	for (int i = 0; i < 4; i++) {
		sim_order(sim, &(struct sim_order){.job = ids[i]});
	}
	sim_printer(sim, "P1")->refuse_times = 100;
	until(sim, "J4: permitted"); /* all at P1 */
	load(sim, "P2", "4x6-glossy");
	until(sim, STOPPED);
	for (int i = 0; i < 4; i++) {
		char line[32];
		snprintf(line, sizeof line, "%s: reported", ids[i]);
		until(sim, line);
		came_out(sim, ids[i], 1, 0);
		assert_string_equal(job_of(sim, ids[i]).printer, "P2");
	}
	events_are(sim, "printer/P1", "online parked");
	story_end(sim);
}

static void failures_are_counted_across_a_restart(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->refuse_times = 3;
	until(sim, "J1: permitted: again (2): nothing was printed");
	sim_restart(sim);
	until(sim, STOPPED);
	story_end(sim);
}

/* ---- the test print ---- */

static void test_print_that_comes_out_opens_the_printer_again(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	struct sim *sim = story_of_a_stopped_printer();
	sim_run(sim, 10 * MINUTES);
	stands(sim, "J1", AT_PERMITTED);
	test_print(sim, id);
	until(sim, "P1: the test print came out (completed): prints again");
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	came_out(sim, id, 1, 0);
	stands(sim, id, AT_REPORTED);
	events_are(sim, "printer/P1", "online parked recovered");
	story_end(sim);
}

static void test_print_that_fails_is_tried_once_and_the_printer_stays_stopped(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	struct sim *sim = story_of_a_stopped_printer();
	sim_printer(sim, "P1")->refuse_times = 1;
	test_print(sim, id);
	until(sim, "P1: stopped after failures, and the test print failed (nothing was printed): "
		   "look at it, then print another test sheet");
	stands(sim, id, AT_CANCELLED);
	sim_run(sim, 10 * MINUTES);
	stands(sim, "J1", AT_PERMITTED);
	test_print(sim, id); /* and another one */
	until(sim, "J1: reported");
	story_end(sim);
}

static void test_print_is_drawn_again_after_a_crash_and_opens_the_printer(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	struct sim *sim = story_of_a_stopped_printer();
	test_print(sim, id);
	sim_run(sim, 1);
	sim_restart(sim);
	until(sim, "P1: the test print came out (completed): prints again");
	until(sim, "J1: reported");
	came_out(sim, id, 1, 0);
	story_end(sim);
}

static void test_print_goes_nowhere_else_and_nothing_else_goes_with_it(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	struct sim *sim = story_of_a_stopped_printer();
	sim_fault(sim,
		&(struct sim_fault){.call = SIM_WITNESS, .how = SIM_LATE, .late_ms = 20 * SECONDS});
	test_print(sim, id);
	sim_run(sim, 10 * SECONDS);
	stands(sim, "J1", AT_PERMITTED); /* the test is before it, though younger */
	load(sim, "P2", "4x6-glossy");
	until(sim, "J1: reported");
	assert_string_equal(job_of(sim, "J1").printer, "P2");
	until(sim, "P1: the test print came out (completed): prints again");
	assert_string_equal(job_of(sim, id).printer, "P1");
	story_end(sim);
}

static void test_print_needs_a_printer_that_could_print(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	struct err err;
	struct sim *sim = story_of_a_stopped_printer();
	sim_printer(sim, "P1")->absent = true;
	sim_run(sim, 1 * MINUTES);
	assert_false(farm_printer_test(sim_farm(sim), "P1", "anna", id, &err));
	assert_string_equal(err.code, "printer-absent");
	sim_printer(sim, "P1")->absent = false;
	sim_run(sim, 1 * MINUTES);
	test_print(sim, id);
	assert_false(farm_printer_test(sim_farm(sim), "P1", "anna", id, &err));
	assert_string_equal(err.code, "testing");
	assert_false(farm_printer_test(sim_farm(sim), "P9", "anna", id, &err));
	assert_string_equal(err.code, "unknown-printer");
	story_end(sim);
}

/* ---- a job that a printer refuses ---- */

static void job_refused_five_times_goes_to_another_printer(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->refuses = REMEDY_ATTEND; /* says nothing against the printer */
	sim_printer(sim, "P1")->refuse_times = 100;
	until(sim, "J1: permitted: again (4): nothing was printed");
	load(sim, "P2", "4x6-glossy");
	until(sim, "J1: reported");
	expect(sim, "J1: permitted: again (5): nothing was printed", "J1: reported");
	assert_string_equal(job_of(sim, "J1").printer, "P2");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void job_that_no_printer_takes_is_held_and_a_release_tries_all_again(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->refuses = REMEDY_ATTEND;
	sim_printer(sim, "P1")->refuse_times = 5;
	until(sim, "J1: held-operator: held: P1 does not take it, and no other printer can make it "
		   "now: look at its display, then let it go on");
	said(farm_release(sim_farm(sim), "J1", "anna", "reset it", &err), &err);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

/* ---- what it says of itself ---- */

static void a_broken_printer_stays_stopped_until_a_test_print_came_out(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	struct err err;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->says = "fan-failure-error";
	until(sim, "P1: has a broken fan: have it repaired, then print a test sheet");
	assert_false(farm_printer_test(sim_farm(sim), "P1", "anna", id, &err));
	assert_string_equal(err.text, "P1 has a broken fan: have it repaired");
	sim_printer(sim, "P1")->says = NULL;
	sim_run(sim, 30 * MINUTES);
	stands(sim, "J1", AT_QUEUED);
	sim_restart(sim);
	sim_run(sim, 30 * MINUTES);
	stands(sim, "J1", AT_QUEUED);
	test_print(sim, id);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void a_printer_that_warms_up_is_waited_for_and_nobody_is_called(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->says = "marker-warming-up";
	until(sim, "J1: waits: P1 warms its print head up; it goes on by itself");
	sim_run(sim, 5 * MINUTES);
	sim_printer(sim, "P1")->says = NULL;
	until(sim, "J1: reported");
	events_are(sim, "printer/P1", "online");
	story_end(sim);
}

static void hands_are_called_for_and_the_line_goes_on_by_itself(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->says = "separation-cutter-jam-warning";
	until(sim, "J1: waits: P1 has a jam in its cutter: clear it");
	sim_run(sim, 5 * MINUTES);
	sim_printer(sim, "P1")->says = "marker-over-temperature";
	sim_run(sim, MINUTES);
	sim_printer(sim, "P1")->says = NULL;
	until(sim, "J1: reported");
	events_are(sim, "printer/P1", "jam recovered");
	story_end(sim);
}

static void what_is_told_and_what_can_wait_stops_nothing(void **state)
{
	(void)state;
	static const char *const says[] = {"media-low", "standby", "com.example.flux-error"};
	for (size_t i = 0; i < sizeof says / sizeof says[0]; i++) {
		struct sim *sim = story_of_one();
		sim_printer(sim, "P1")->says = says[i];
		until(sim, "J1: reported");
		story_end(sim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_of_a_stopped_printer_moves_to_the_other),
		cmocka_unit_test(failures_are_counted_across_a_restart),
		cmocka_unit_test(test_print_that_comes_out_opens_the_printer_again),
		cmocka_unit_test(test_print_that_fails_is_tried_once_and_the_printer_stays_stopped),
		cmocka_unit_test(test_print_is_drawn_again_after_a_crash_and_opens_the_printer),
		cmocka_unit_test(test_print_goes_nowhere_else_and_nothing_else_goes_with_it),
		cmocka_unit_test(test_print_needs_a_printer_that_could_print),
		cmocka_unit_test(job_refused_five_times_goes_to_another_printer),
		cmocka_unit_test(job_that_no_printer_takes_is_held_and_a_release_tries_all_again),
		cmocka_unit_test(a_broken_printer_stays_stopped_until_a_test_print_came_out),
		cmocka_unit_test(a_printer_that_warms_up_is_waited_for_and_nobody_is_called),
		cmocka_unit_test(hands_are_called_for_and_the_line_goes_on_by_itself),
		cmocka_unit_test(what_is_told_and_what_can_wait_stops_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
