/* SPDX-License-Identifier: Apache-2.0
 *
 * The path of one job of one print; then, at each stage, the work fails or is late. A row is a
 * story: what goes wrong, the lines that then stand in the log, and how it ends.
 */
#include "tests/walk/story.h"

struct row {
	const char *fact;
	struct sim_fault fault;
	const char *lines[8];
	enum stage stage;
	const char *events;
};

#define PLAIN   "leased asset_ready rendered queued started accepted printed"
#define REPORTS "J1: printed: came out: completed", "J1: reported"

static const struct row rows[] = {
	{"fetch_that_fails_is_tried_again", {.call = SIM_FETCH},
		{"[    350] J1: fetch failed (1), again in 326 ms: page 1: made-up failure "
		 "(made-up)",
			"[    926] J1: fetched", REPORTS},
		AT_REPORTED, PLAIN},
	{"fetch_that_fails_eight_times_is_given_back", {.call = SIM_FETCH, .times = 8},
		{"J1: fetched", NULL}, AT_RELEASED, "leased released"},
	{"file_that_may_not_be_fetched_is_given_back", {.call = SIM_FETCH, .remedy = REMEDY_REJECT},
		{"J1: released: page 1: made-up failure (made-up)"}, AT_RELEASED,
		"leased released"},
	{"link_that_has_expired_is_signed_again_at_once",
		{.call = SIM_FETCH, .code = "asset-expired"},
		{"[    150] J1: leased: 4x6-glossy x 1, order O-J1, epoch 1",
			"[    600] J1: fetched", REPORTS},
		AT_REPORTED, PLAIN},
	{"fetch_without_an_end_is_tried_again_after_half_an_hour",
		{.call = SIM_FETCH, .how = SIM_NEVER},
		{"[1800150] J1: fetch failed (1), again in 114 ms: fetch took longer than 1800 s",
			"J1: fetched", REPORTS},
		AT_REPORTED, PLAIN},
	{"inspection_that_fails_is_tried_again", {.call = SIM_INSPECT},
		{"J1: fetched",
			"[    450] J1: inspect failed (1), again in 315 ms: page 1: made-up "
			"failure (made-up)",
			"J1: inspected", REPORTS},
		AT_REPORTED, PLAIN},
	{"photo_that_is_none_is_quarantined", {.call = SIM_INSPECT, .remedy = REMEDY_REJECT},
		{"J1: quarantined: page 1: made-up failure (made-up)"}, AT_QUARANTINED,
		"leased asset_ready quarantined"},
	{"photo_that_kills_two_workers_is_quarantined",
		{.call = SIM_INSPECT, .how = SIM_DIES, .times = 2},
		{"[    450] J1: inspect failed (1), again in 315 ms: page 1: made-up failure "
		 "(made-up)",
			"J1: quarantined: page 1: made-up failure (made-up)"},
		AT_QUARANTINED, "leased asset_ready quarantined"},
	{"inspection_without_an_end_is_tried_again", {.call = SIM_INSPECT, .how = SIM_NEVER},
		{"J1: inspect failed (1), again in 489 ms: page 1: made-up failure "
		 "(made-up)",
			"J1: inspected", REPORTS},
		AT_REPORTED, PLAIN},
	{"rendering_that_fails_is_tried_again", {.call = SIM_RENDER},
		{"J1: inspected",
			"[    950] J1: render failed (1), again in 267 ms: page 1: made-up failure "
			"(made-up)",
			"J1: rendered", REPORTS},
		AT_REPORTED, PLAIN},
	{"rendering_that_is_refused_is_quarantined", {.call = SIM_RENDER, .remedy = REMEDY_REJECT},
		{"J1: quarantined: page 1: made-up failure (made-up)"}, AT_QUARANTINED,
		"leased asset_ready quarantined"},
	{"rendering_without_its_file_goes_back_to_the_fetch",
		{.call = SIM_RENDER, .remedy = REMEDY_REDO},
		{"J1: inspected", "J1: leased: back to leased: page 1: made-up failure (made-up)",
			"J1: fetched", "J1: inspected", "J1: rendered", REPORTS},
		AT_REPORTED,
		"leased asset_ready leased asset_ready rendered queued started "
		"accepted printed"},
	{"rendering_without_an_end_is_tried_again", {.call = SIM_RENDER, .how = SIM_NEVER},
		{"J1: render failed (1), again in 218 ms: page 1: made-up failure (made-up)",
			"J1: rendered", REPORTS},
		AT_REPORTED, PLAIN},
	{"permit_that_fails_is_asked_again", {.call = SIM_START},
		{"J1: queued", "[   1000] cloud: made-up failure (made-up)", "J1: permitted",
			REPORTS},
		AT_REPORTED, PLAIN},
	{"permit_whose_answer_is_lost_is_asked_again", {.call = SIM_START, .how = SIM_ANSWER_LOST},
		{"J1: queued", "[   1000] cloud: made-up failure (made-up)", "J1: permitted",
			REPORTS},
		AT_REPORTED, PLAIN},
	{"permit_that_is_refused_is_asked_again", {.call = SIM_START, .remedy = REMEDY_REJECT},
		{"J1: queued", "J1: permitted", REPORTS}, AT_REPORTED, PLAIN},
	{"permit_that_takes_five_minutes_is_waited_for",
		{.call = SIM_START, .how = SIM_LATE, .late_ms = 5 * MINUTES},
		{"[    950] J1: queued", "[ 301000] J1: permitted", REPORTS}, AT_REPORTED, PLAIN},
	{"witness_that_can_not_be_read_is_read_again", {.call = SIM_WITNESS},
		{"J1: permitted",
			"[   1020] J1: prepare failed (1), again in 205 ms: made-up failure "
			"(made-up)",
			"J1: prepared", REPORTS},
		AT_REPORTED, PLAIN},
	{"printer_that_can_not_be_opened_gets_it_again", {.call = SIM_OPENED},
		{"J1: prepared", "J1: hand-over broke: made-up failure (made-up)",
			"J1: permitted: again (1): nothing was printed", "J1: prepared",
			"J1: opened", REPORTS},
		AT_REPORTED, "leased asset_ready rendered queued retry started accepted printed"},
	{"printer_that_refuses_gets_it_again", {.call = SIM_OPENED, .remedy = REMEDY_REJECT},
		{"J1: hand-over broke: made-up failure (made-up)",
			"J1: permitted: again (1): nothing was printed", "J1: opened", REPORTS},
		AT_REPORTED, "leased asset_ready rendered queued retry started accepted printed"},
	{"hand_over_that_never_opens_is_broken_off", {.call = SIM_OPENED, .how = SIM_NEVER},
		{"[   1020] J1: prepared", "J1: hand-over broke: the worker of P1 ended (silent)",
			"J1: permitted: again (1): nothing was printed", "J1: opened", REPORTS},
		AT_REPORTED, "leased asset_ready rendered queued retry started accepted printed"},
	{"hand_over_that_breaks_before_its_first_byte_begins_anew", {.call = SIM_SENDING},
		{"J1: opened", "J1: hand-over broke: made-up failure (made-up)",
			"J1: permitted: again (1): nothing was printed", "J1: sending", REPORTS},
		AT_REPORTED, "leased asset_ready rendered queued retry started accepted printed"},
	{"hand_over_that_never_begins_is_broken_off", {.call = SIM_SENDING, .how = SIM_NEVER},
		{"[   1050] J1: opened",
			"[  61050] J1: hand-over broke: its next step took longer than 60 s",
			"J1: permitted: again (1): nothing was printed", "J1: sending", REPORTS},
		AT_REPORTED, "leased asset_ready rendered queued retry started accepted printed"},
	{"hand_over_that_breaks_in_the_middle_begins_anew", {.call = SIM_COMMITTED},
		{"J1: sending", "J1: hand-over broke: made-up failure (made-up)",
			"J1: permitted: again (1): nothing was printed", "J1: committed", REPORTS},
		AT_REPORTED,
		"leased asset_ready rendered queued started retry started accepted printed"},
	{"hand_over_that_stands_still_is_broken_off", {.call = SIM_COMMITTED, .how = SIM_NEVER},
		{"[   1080] J1: sending", "J1: hand-over broke: the worker of P1 ended (silent)",
			"J1: permitted: again (1): nothing was printed", "J1: committed", REPORTS},
		AT_REPORTED,
		"leased asset_ready rendered queued started retry started accepted printed"},
	{"tail_whose_answer_is_lost_is_asked_about_and_not_sent_again",
		{.call = SIM_SENT, .remedy = REMEDY_UNSURE},
		{"J1: committed", "J1: hand-over broke: made-up failure (made-up)",
			"J1: accepted: it has everything: printing", REPORTS},
		AT_REPORTED, PLAIN},
	{"tail_that_is_never_answered_is_asked_about_and_not_sent_again",
		{.call = SIM_SENT, .how = SIM_NEVER},
		{"[   1280] J1: committed", "J1: hand-over broke: the worker of P1 ended (silent)",
			REPORTS},
		AT_REPORTED, "leased asset_ready rendered queued started printed"},
	{"question_that_fails_is_asked_again", {.call = SIM_CONFIRM},
		{"J1: accepted", "J1: asking the printer again: made-up failure (made-up)",
			REPORTS},
		AT_REPORTED, PLAIN},
	{"printer_that_is_silent_for_ten_minutes_needs_a_person",
		{.call = SIM_CONFIRM, .times = 1000},
		{"J1: accepted", "J1: asking the printer again: made-up failure (made-up)",
			"J1: held-unknown: may have printed: the printer has not answered for 10 "
			"minutes: it may have printed"},
		AT_HELD_UNKNOWN,
		"leased asset_ready rendered queued started accepted may_have_printed"},
	{"events_whose_answer_is_lost_are_told_once",
		{.call = SIM_EVENTS, .how = SIM_ANSWER_LOST, .times = 4}, {REPORTS}, AT_REPORTED,
		PLAIN},
	{"events_that_fail_for_long_are_told_in_the_end", {.call = SIM_EVENTS, .times = 12},
		{REPORTS}, AT_REPORTED, PLAIN},
	{"leases_whose_answer_is_lost_come_with_the_same_call",
		{.call = SIM_ACQUIRE, .how = SIM_ANSWER_LOST},
		{"[    686] J1: leased: 4x6-glossy x 1, order O-J1, epoch 1", REPORTS}, AT_REPORTED,
		PLAIN},
};

static void tell(void **state)
{
	const struct row *row = *state;
	bool given_up = row->stage == AT_RELEASED && row->lines[1] == NULL && row->fault.times == 8;
	struct sim *sim = story_of_one();
	sim_fault(sim, &row->fault);
	sim_run(sim, 45 * MINUTES);
	if (given_up) {
		never(sim, row->lines[0]);
	} else {
		story_lines(sim, row->lines);
	}
	stands(sim, "J1", row->stage);
	events_are(sim, "J1", row->events);
	bool out = row->stage == AT_REPORTED || row->stage == AT_HELD_UNKNOWN;
	came_out(sim, "J1", out, 0);
	story_end(sim);
}

static void one_print_walks_the_whole_path(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: reported");
	expect(sim, "[     50] P1: can print again",
		"[     50] cloud: session open, jobs=0 heartbeat_ms=30000",
		"[    150] J1: leased: 4x6-glossy x 1, order O-J1, epoch 1",
		"[    350] J1: fetched", "[    450] J1: inspected", "[    950] J1: rendered",
		"[    950] J1: queued", "[   1000] J1: permitted", "[   1020] J1: prepared",
		"[   1050] J1: opened", "[   1080] J1: sending", "[   1280] J1: committed",
		"[   1320] J1: accepted", "[   9660] J1: printed: came out: completed",
		"[   9710] J1: reported");
	events_are(sim, "J1", PLAIN);
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void two_pages_of_three_copies_all_come_out(void **state)
{
	int32_t at_once = *(const int32_t *)*state;
	struct sim *sim =
		story_begin_with((struct sim_conf){.seed = 7, .copies_per_attempt = at_once});
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3, .n_pages = 2});
	until(sim, "J1: reported");
	expect(sim, "J1: leased: 4x6-glossy x 6, order O-J1, epoch 1", "J1: fetched",
		"J1: inspected", "J1: rendered", "J1: accepted",
		"J1: permitted: came out: completed", "J1: accepted",
		"J1: printed: came out: completed", "J1: reported");
	for (int32_t page = 0; page < 2; page++) {
		for (int32_t copy = 0; copy < 3; copy++) {
			assert_int_equal(sim_sheets(sim, "J1", page, copy), 1);
		}
	}
	story_end(sim);
}

static void wrong_bytes_three_times_are_given_back(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .bad_bytes = true});
	until(sim, "J1: released: page 1: the file has another hash");
	sim_run(sim, 1 * SECONDS);
	assert_string_equal(sim_cloud_state(sim, "J1"), "released");
	events_are(sim, "J1", "leased released");
	story_end(sim);
}

int main(void)
{
	static int32_t one = 1, three = 3;
	enum { N = sizeof rows / sizeof rows[0] };
	struct CMUnitTest tests[N + 4] = {
		cmocka_unit_test(one_print_walks_the_whole_path),
		cmocka_unit_test(wrong_bytes_three_times_are_given_back),
		{"two_pages_of_three_copies_all_come_out", two_pages_of_three_copies_all_come_out,
			NULL, NULL, &one},
		{"two_pages_of_three_copies_come_out_three_at_once",
			two_pages_of_three_copies_all_come_out, NULL, NULL, &three},
	};
	for (int i = 0; i < N; i++) {
		tests[4 + i] = (struct CMUnitTest){
			rows[i].fact, tell, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
