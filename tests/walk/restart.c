/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon is killed and started again, at each stage of one print. Nothing comes out twice,
 * nothing is forgotten, and from `prepared` on the printer is asked first.
 */
#include "tests/walk/story.h"

struct row {
	const char *fact;
	const char *at; /* the line after which it is killed, and how long after */
	int64_t after_ms;
	bool starts_early;
	const char *lines[8];
	const char *events;
	int32_t spoiled;
};

#define KILLED "sim: killed and started again"
#define PLAIN  "leased asset_ready rendered queued started accepted printed"

static const struct row rows[] = {
	{"killed_while_fetching_it_fetches_again",
		"J1: leased: 4x6-glossy x 1, order O-J1, epoch 1", 0, false,
		{KILLED, "J1: waits: its files are fetched as soon as the order service answers",
			"J1: fetched", "J1: inspected", "J1: reported"},
		PLAIN, 0},
	{"killed_while_inspecting_it_inspects_again", "J1: fetched", 50, false,
		{KILLED, "J1: inspected", "J1: rendered", "J1: reported"}, PLAIN, 0},
	{"killed_while_rendering_it_renders_again", "J1: inspected", 100, false,
		{KILLED, "J1: waits: the render server is starting", "J1: rendered",
			"J1: reported"},
		PLAIN, 0},
	{"killed_in_line_it_waits_for_the_printer_to_answer", "J1: queued", 0, false,
		{KILLED,
			"J1: waits: P1 does not answer (not asked yet): check that it is on, "
			"connected, and at the address in platen.conf",
			"P1: can print again",
			"J1: waits: waiting for the order service to clear it: connecting",
			"J1: permitted", "J1: reported"},
		PLAIN, 0},
	{"killed_while_its_permit_is_under_way_it_asks_again", "J1: queued", 30, false,
		{KILLED, "J1: permitted", "J1: prepared", "J1: reported"}, PLAIN, 0},
	{"killed_with_a_permit_it_needs_no_other", "J1: permitted", 5, false,
		{KILLED, "J1: prepared", "J1: opened", "J1: reported"}, PLAIN, 0},
	{"killed_at_prepared_it_asks_the_printer_first", "J1: prepared", 0, false,
		{KILLED, "J1: restarted at prepared: asking the printer first",
			"J1: permitted: again (1): nothing was printed", "J1: prepared",
			"J1: reported"},
		"leased asset_ready rendered queued retry started accepted printed", 0},
	{"killed_at_opened_it_asks_the_printer_first", "J1: opened", 0, false,
		{KILLED, "J1: restarted at opened: asking the printer first",
			"J1: permitted: again (1): nothing was printed", "J1: opened",
			"J1: reported"},
		"leased asset_ready rendered queued retry started accepted printed", 0},
	{"killed_while_sending_it_asks_the_printer_first_and_prints_once", "J1: sending", 100,
		false,
		{KILLED, "J1: restarted at sending: asking the printer first",
			"J1: permitted: again (1): nothing was printed", "J1: sending",
			"J1: reported"},
		"leased asset_ready rendered queued started retry started accepted printed", 0},
	{"killed_while_sending_to_one_that_starts_early_it_counts_the_waste", "J1: sending", 100,
		true,
		{KILLED, "J1: restarted at sending: asking the printer first",
			"J1: permitted: again (1): cut off before its tail", "J1: sending",
			"J1: reported"},
		"leased asset_ready rendered queued started retry started accepted printed", 1},
	{"killed_before_the_tail_it_prints_once", "J1: committed", 0, false,
		{KILLED, "J1: restarted at committed: asking the printer first",
			"J1: permitted: again (1): ended early", "J1: committed", "J1: reported"},
		"leased asset_ready rendered queued started retry started accepted printed", 0},
	{"killed_after_the_tail_it_prints_once", "J1: committed", 15, false,
		{KILLED, "J1: restarted at committed: asking the printer first",
			"J1: accepted: it has everything: printing",
			"J1: printed: came out: completed", "J1: reported"},
		PLAIN, 0},
	{"killed_while_it_prints_it_waits_for_the_end", "J1: accepted", 3000, false,
		{KILLED, "J1: restarted at accepted: asking the printer first",
			"J1: printed: came out: completed", "J1: reported"},
		PLAIN, 0},
	{"killed_before_its_report_it_reports", "J1: printed: came out: completed", 0, false,
		{KILLED, "J1: reported"}, PLAIN, 0},
	{"killed_while_its_report_is_under_way_it_reports_once", "J1: printed: came out: completed",
		30, false, {KILLED, "J1: reported"}, PLAIN, 0},
};

static void tell(void **state)
{
	const struct row *row = *state;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->starts_early = row->starts_early;
	until(sim, row->at);
	sim_run(sim, row->after_ms);
	sim_restart(sim);
	sim_run(sim, 5 * MINUTES);
	story_lines(sim, row->lines);
	stands(sim, "J1", AT_REPORTED);
	events_are(sim, "J1", row->events);
	came_out(sim, "J1", 1, row->spoiled);
	story_end(sim);
}

/* The print is done while nobody runs; the proof stands at the printer. */
static void print_done_meanwhile_is_found_and_not_made_again(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: committed");
	sim_run(sim, 15);
	sim_printer(sim, "P1")->absent = true; /* nothing is heard of it until it is done */
	sim_restart(sim);
	sim_run(sim, 20 * SECONDS);
	came_out(sim, "J1", 1, 0);
	sim_printer(sim, "P1")->absent = false;
	until(sim, "J1: reported");
	expect(sim, "J1: restarted at committed: asking the printer first",
		"J1: asking the printer again: connecting: no answer",
		"J1: printed: came out: completed");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void five_kills_in_a_row_change_nothing(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: sending");
	for (int i = 0; i < 5; i++) {
		sim_restart(sim);
		sim_run(sim, 7);
	}
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void machine_that_is_unfit_stops_and_comes_back(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	fault(sim, SIM_INSPECT, SIM_FAILS, REMEDY_FATAL);
	until(sim, "J1: reported");
	expect(sim, "sim: the daemon ends: page 1: made-up failure (made-up)", KILLED,
		"J1: inspected");
	story_end(sim);
}

int main(void)
{
	enum { N = sizeof rows / sizeof rows[0] };
	struct CMUnitTest tests[N + 3] = {
		cmocka_unit_test(print_done_meanwhile_is_found_and_not_made_again),
		cmocka_unit_test(five_kills_in_a_row_change_nothing),
		cmocka_unit_test(machine_that_is_unfit_stops_and_comes_back),
	};
	for (int i = 0; i < N; i++) {
		tests[3 + i] = (struct CMUnitTest){
			rows[i].fact, tell, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
