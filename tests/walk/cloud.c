/* SPDX-License-Identifier: Apache-2.0
 *
 * What the order service may do to a job: take it away at each stage, cancel it, ask it back, hold
 * its permit, offer it again under another epoch, vanish for an hour, come back from a backup.
 */
#include "tests/walk/story.h"
#include <string.h>

#define PLAIN "leased asset_ready rendered queued started accepted printed"

/* ---- the lease is lost, at each stage ---- */

struct row {
	const char *fact;
	const char *at;
	struct sim_fault slow; /* keeps it at that stage until the heartbeat */
	enum stage stage;
	const char *line;
	int32_t sheets;
};

#define LOST    "J1: lost: the order service has it elsewhere"
#define GOES_ON "J1: lease lost, but cleared to print: goes on (the order service has it elsewhere)"

static const struct row rows[] = {
	{"lease_lost_while_fetching_ends_quietly",
		"J1: leased: 4x6-glossy x 1, order O-J1, epoch 1",
		{.call = SIM_FETCH, .how = SIM_LATE, .late_ms = 60 * SECONDS}, AT_LOST, LOST, 0},
	{"lease_lost_while_inspecting_ends_quietly", "J1: fetched",
		{.call = SIM_INSPECT, .how = SIM_LATE, .late_ms = 50 * SECONDS}, AT_LOST, LOST, 0},
	{"lease_lost_while_rendering_ends_quietly", "J1: inspected",
		{.call = SIM_RENDER, .how = SIM_LATE, .late_ms = 60 * SECONDS}, AT_LOST, LOST, 0},
	{"lease_lost_in_line_for_a_permit_ends_quietly", "J1: queued",
		{.call = SIM_START, .how = SIM_FAILS, .times = 20}, AT_LOST, LOST, 0},
	{"lease_lost_with_a_permit_goes_on", "J1: permitted",
		{.call = SIM_WITNESS, .how = SIM_LATE, .late_ms = 60 * SECONDS}, AT_REPORTED,
		GOES_ON, 1},
	{"lease_lost_at_prepared_goes_on", "J1: prepared", {.call = SIM_OPENED, .how = SIM_NEVER},
		AT_REPORTED, GOES_ON, 1},
	{"lease_lost_at_opened_goes_on", "J1: opened", {.call = SIM_SENDING, .how = SIM_NEVER},
		AT_REPORTED, GOES_ON, 1},
	{"lease_lost_while_sending_goes_on", "J1: sending",
		{.call = SIM_COMMITTED, .how = SIM_NEVER}, AT_REPORTED, GOES_ON, 1},
	{"lease_lost_at_committed_goes_on", "J1: committed", {.call = SIM_SENT, .how = SIM_NEVER},
		AT_REPORTED, GOES_ON, 1},
	{"lease_lost_while_it_prints_goes_on", "J1: accepted",
		{.call = SIM_CONFIRM, .how = SIM_LATE, .late_ms = 60 * SECONDS}, AT_REPORTED,
		GOES_ON, 1},
};

static void lose(void **state)
{
	const struct row *row = *state;
	struct sim *sim = story_of_one();
	sim_fault(sim, &row->slow);
	until(sim, row->at);
	sim_cloud_take(sim, "J1");
	sim_run(sim, 30 * MINUTES);
	expect(sim, row->at, row->line);
	stands(sim, "J1", row->stage);
	came_out(sim, "J1", row->sheets, 0);
	assert_string_equal(sim_cloud_state(sim, "J1"), "elsewhere"); /* late evidence only */
	story_end(sim);
}

/* ---- cancel, revoke, pause ---- */

static void cancelled_in_line_ends_at_the_next_heartbeat(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->media[0] = '\0';
	until(sim, "J1: queued");
	sim_cloud_cancel(sim, "J1");
	until(sim, "J1: cancelled: the customer cancelled it");
	sim_run(sim, 1 * SECONDS);
	events_are(sim, "J1", "leased asset_ready rendered queued cancelled");
	came_out(sim, "J1", 0, 0);
	story_end(sim);
}

static void cancelled_when_the_permit_is_asked_gets_none(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: rendered");
	sim_cloud_cancel(sim, "J1");
	sim_run(sim, 1 * MINUTES);
	expect(sim, "J1: queued", "J1: cancelled: the customer cancelled it");
	came_out(sim, "J1", 0, 0);
	story_end(sim);
}

static void cancelled_while_sending_stops_before_the_commit(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	until(sim, "J1: sending");
	said(farm_cancel(sim_farm(sim), "J1", "anna", "wrong photo", &err), &err);
	sim_run(sim, 1 * MINUTES);
	expect(sim, "J1: sending", "J1: stopping the hand-over: cancelled by anna: wrong photo",
		"J1: hand-over broke: told to stop", "J1: cancelled: nothing was printed");
	never(sim, "J1: committed");
	events_are(sim, "J1", "leased asset_ready rendered queued started cancelled");
	came_out(sim, "J1", 0, 0);
	story_end(sim);
}

static void cancelled_after_the_commit_is_too_late_for_that_sheet(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3});
	until(sim, "J1: accepted");
	said(farm_cancel(sim_farm(sim), "J1", "anna", "", &err), &err);
	sim_run(sim, 1 * MINUTES);
	expect(sim, "J1: cancel came too late: stops after the sheets that are under way",
		"J1: cancelled: cancelled after 1 of 3 prints");
	events_are(sim, "J1",
		"leased asset_ready rendered queued started accepted cancel_too_late cancelled");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void cancelled_while_the_printer_is_asked_ends_with_its_answer(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: prepared");
	sim_printer(sim, "P1")->absent = true;
	until(sim, "J1: asking the printer again: connecting: no answer");
	said(farm_cancel(sim_farm(sim), "J1", "anna", "", &err), &err);
	sim_run(sim, 1 * MINUTES);
	sim_printer(sim, "P1")->absent = false;
	until(sim, "J1: cancelled: nothing was printed");
	expect(sim, "J1: stops once the printer answers: cancelled by anna");
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: reported"); /* the printer is free */
	story_end(sim);
}

static void three_cancels_do_not_stop_the_printer(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	static const char *const ids[] = {"A", "B", "C"};
	for (int i = 0; i < 3; i++) {
		char line[32];
		sim_order(sim, &(struct sim_order){.job = ids[i]});
		snprintf(line, sizeof line, "%s: sending", ids[i]);
		until(sim, line);
		said(farm_cancel(sim_farm(sim), ids[i], "anna", "", &err), &err);
		sim_run(sim, 10 * SECONDS);
		came_out(sim, ids[i], 0, 0);
	}
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: reported");
	story_end(sim);
}

static void revoked_in_line_is_given_back(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->media[0] = '\0';
	until(sim, "J1: queued");
	sim_cloud_revoke(sim, "J1");
	until(sim, "J1: released: the order service asked for it back");
	sim_run(sim, 1 * SECONDS);
	assert_string_equal(sim_cloud_state(sim, "J1"), "released");
	story_end(sim);
}

static void revoked_with_a_print_out_stays_here_and_is_finished(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 2});
	until(sim, "J1: permitted: came out: completed");
	sim_printer(sim, "P1")->media[0] = '\0';
	sim_cloud_revoke(sim, "J1");
	until(sim, "J1: stays here, it may have printed: the order service asked for it back");
	sim_run(sim, 2 * MINUTES);
	text_copy(sim_printer(sim, "P1")->media, NAME_MAX_LEN, "4x6-glossy");
	until(sim, "J1: reported");
	came_out(sim, "J1", 2, 0);
	never(sim, "J1: released: the order service asked for it back");
	story_end(sim);
}

static void revoked_while_nobody_knows_stays_with_the_person(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	until(sim, "J1: accepted");
	sim_printer(sim, "P1")->absent = true;
	until(sim, "J1: held-unknown: may have printed: the printer has not answered for 10 "
		   "minutes: it may have printed");
	sim_cloud_revoke(sim, "J1");
	sim_run(sim, 2 * MINUTES);
	stands(sim, "J1", AT_HELD_UNKNOWN);
	said(farm_give_back(sim_farm(sim), "J1", "anna", "", &err), &err);
	sim_run(sim, 1 * SECONDS);
	events_are(sim, "J1",
		"leased asset_ready rendered queued started accepted may_have_printed "
		"cancel_too_late resolved released");
	story_close(sim);
}

static void cancelled_while_the_printer_is_asked_does_not_hang(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	fault(sim, SIM_COMMITTED, SIM_FAILS, REMEDY_RETRY);
	sim_fault(sim, &(struct sim_fault){.call = SIM_CONFIRM, .times = 3});
	until(sim, "J1: hand-over broke: made-up failure (made-up)");
	sim_run(sim, 200);
	said(farm_cancel(sim_farm(sim), "J1", "anna", "", &err), &err);
	sim_run(sim, 5 * MINUTES);
	came_out(sim, "J1", 0, 0);
	events_are(sim, "J1", "leased asset_ready rendered queued started cancelled");
	story_end(sim);
}

static void permit_that_was_asked_before_the_session_ended_is_asked_again(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_fault(sim, &(struct sim_fault){.call = SIM_START, .code = "session-unknown"});
	until(sim, "J1: rendered");
	sim_fault(sim, &(struct sim_fault){.call = SIM_SESSION, .times = 4});
	sim_run(sim, 5 * MINUTES);
	stands(sim, "J1", AT_REPORTED);
	story_end(sim);
}

static void old_copy_of_a_store_prints_nothing(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->media[0] = '\0';
	until(sim, "J1: queued");
	text_copy(sim_printer(sim, "P1")->media, NAME_MAX_LEN, "4x6-glossy");
	until(sim, "J1: permitted");
	sim_fault(sim, &(struct sim_fault){.call = SIM_SESSION,
			       .times = 3,
			       .remedy = REMEDY_FATAL,
			       .code = "store-rollback"});
	sim_restart(sim);
	until(sim,
		"J1: waits: the order service says that this floor's store is an old copy. It "
		"may have been printed already: compare the trays, then: platenctl accept-store");
	stands(sim, "J1", AT_PERMITTED);
	came_out(sim, "J1", 0, 0);
	until(sim, "J1: reported"); /* the service was repaired */
	story_end(sim);
}

static void old_copy_that_a_person_accepts_asks_about_each_job(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	assert_false(farm_accept_store(sim_farm(sim), "anna", "why not", &err));
	until(sim, "J1: permitted");
	sim_fault(sim, &(struct sim_fault){.call = SIM_SESSION,
			       .times = 2,
			       .remedy = REMEDY_FATAL,
			       .code = "store-rollback"});
	sim_restart(sim);
	until(sim,
		"J1: waits: the order service says that this floor's store is an old copy. It "
		"may have been printed already: compare the trays, then: platenctl accept-store");
	said(farm_accept_store(sim_farm(sim), "anna", "compared all trays", &err), &err);
	until(sim,
		"J1: held-operator: held: it stood in an old copy of the store and may have been "
		"printed since: look for it, then let it go on or give it back");
	sim_run(sim, 5 * MINUTES);
	came_out(sim, "J1", 0, 0);
	said(farm_release(sim_farm(sim), "J1", "anna", "not there", &err), &err);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void paused_upstream_waits_and_goes_on_by_itself(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_cloud_pause(sim, "J1", true);
	until(sim, "J1: waits: paused by the shop");
	sim_run(sim, 10 * MINUTES);
	stands(sim, "J1", AT_QUEUED);
	sim_cloud_pause(sim, "J1", false);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

/* ---- epochs ---- */

static void lease_of_an_old_epoch_is_ignored(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: reported");
	sim_cloud_again(sim, "J1", true);
	until(sim, "J1: lease ignored: epoch 1 is not above 1");
	sim_run(sim, 5 * MINUTES);
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void newer_epoch_supersedes_what_was_not_cleared_to_print(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_printer(sim, "P1")->media[0] = '\0';
	until(sim, "J1: queued");
	sim_run(sim, 5 * SECONDS);
	sim_cloud_again(sim, "J1", false);
	until(sim, "J1: leased: 4x6-glossy x 1, order O-J1, epoch 2");
	expect(sim, "J1: queued", "J1: lost: leased again under a newer epoch",
		"J1: leased: 4x6-glossy x 1, order O-J1, epoch 2");
	text_copy(sim_printer(sim, "P1")->media, NAME_MAX_LEN, "4x6-glossy");
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	sim_run(sim, 1 * SECONDS);
	struct farm_state farm;
	farm_state(sim_farm(sim), &farm);
	assert_int_equal(farm.jobs_open, 0);
	story_end(sim);
}

static void newer_epoch_of_what_is_being_printed_is_given_back(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: accepted");
	sim_cloud_again(sim, "J1", false);
	until(sim, "J1: reported");
	never(sim, "J1: leased: 4x6-glossy x 1, order O-J1, epoch 2");
	came_out(sim, "J1", 1, 0);
	assert_string_equal(sim_cloud_state(sim, "J1"), "released");
	story_end(sim);
}

static void what_came_out_two_epochs_ago_asks_a_person_again(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	until(sim, "J1: reported");
	sim_cloud_again(sim, "J1", false);
	until(sim, "J1: held-operator: held: 1 of 1 prints of this job came out here before: print "
		   "it again, or give it back");
	said(farm_give_back(sim_farm(sim), "J1", "anna", "", &err), &err);
	sim_run(sim, 1 * MINUTES);
	sim_cloud_again(sim, "J1", false);
	sim_run(sim, 10 * MINUTES);
	stands(sim, "J1", AT_HELD_OPERATOR);
	came_out(sim, "J1", 1, 0);
	story_close(sim);
}

static void what_came_out_before_asks_a_person(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	until(sim, "J1: reported");
	sim_cloud_again(sim, "J1", false);
	until(sim, "J1: held-operator: held: 1 of 1 prints of this job came out here before: print "
		   "it again, or give it back");
	sim_run(sim, 10 * MINUTES);
	came_out(sim, "J1", 1, 0);
	said(farm_release(sim_farm(sim), "J1", "anna", "wanted twice", &err), &err);
	sim_authorise(sim, "J1");
	sim_run(sim, 1 * MINUTES);
	came_out(sim, "J1", 2, 0);
	story_end(sim);
}

/* The newest epoch is not the whole past of a job. */
static void what_came_out_two_epochs_ago_asks_a_person(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	until(sim, "J1: reported");
	sim_cloud_again(sim, "J1", false);
	until(sim, "J1: leased: 4x6-glossy x 1, order O-J1, epoch 2");
	said(farm_give_back(sim_farm(sim), "J1", "anna", "it is here", &err), &err);
	sim_run(sim, 5 * SECONDS);
	sim_cloud_again(sim, "J1", false);
	until(sim, "J1: leased: 4x6-glossy x 1, order O-J1, epoch 3");
	sim_run(sim, 10 * MINUTES);
	stands(sim, "J1", AT_HELD_OPERATOR);
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

/* ---- outages ---- */

static void outage_stops_no_cleared_job_and_events_come_in_order_after_it(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 2});
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: permitted");
	sim_cloud_outage(sim, true);
	sim_run(sim, 60 * MINUTES);
	came_out(sim, "J1", 2, 0);
	came_out(sim, "J2", 1, 0);
	stands(sim, "J2", AT_PRINTED);
	sim_restart(sim); /* and a night's power cut */
	sim_run(sim, 10 * MINUTES);
	sim_cloud_outage(sim, false);
	sim_run(sim, 5 * MINUTES);
	expect(sim, "J1: printed: came out: completed", "J2: printed: came out: completed",
		"J1: reported");
	events_are(sim, "J1",
		"leased asset_ready rendered queued started accepted started accepted printed");
	events_are(sim, "J2", PLAIN);
	story_end(sim);
}

static void hours_of_work_are_cleared_ahead_and_print_through_an_outage_and_a_reboot(void **state)
{
	(void)state;
	struct sim *sim = story_begin_with((struct sim_conf){.seed = 7, .copies_per_attempt = 20});
	char ids[20][8];
	for (int i = 0; i < 20; i++) { /* more than is leased ahead otherwise */
		snprintf(ids[i], sizeof ids[i], "J%d", i);
		sim_order(sim, &(struct sim_order){.job = ids[i], .copies = 20});
		sim_run(sim, 3 * SECONDS);
	}
	struct job job;
	for (int i = 0; i < 20; i++) {
		assert_true(store_job_find(sim_store(sim), ids[i], &job));
		assert_true(job.permitted);
	}
	sim_cloud_outage(sim, true);
	sim_run(sim, 1 * MINUTES);
	sim_power_cut(sim, VFS_LOSE_ALL);
	sim_run(sim, 120 * MINUTES);
	for (int i = 0; i < 20; i++) {
		came_out(sim, ids[i], 20, 0);
		stands(sim, ids[i], AT_PRINTED);
	}
	sim_cloud_outage(sim, false);
	sim_run(sim, 5 * MINUTES);
	for (int i = 0; i < 20; i++) {
		events_are(sim, ids[i], PLAIN);
	}
	story_end(sim);
}

static void second_controller_gets_nothing_new_and_says_why(void **state)
{
	(void)state;
	struct farm_state said_of;
	struct sim *sim = story_of_one();
	sim_fault(sim, &(struct sim_fault){.call = SIM_SESSION,
			       .times = 10,
			       .remedy = REMEDY_RETRY,
			       .code = "session-conflict"});
	sim_run(sim, 4 * SECONDS);
	farm_state(sim_farm(sim), &said_of);
	assert_false(said_of.cloud_reached);
	assert_non_null(strstr(said_of.cloud_fault, "session-conflict"));
	assert_string_equal(sim_cloud_state(sim, "J1"), "waiting");
	until(sim, "J1: reported"); /* once the first one is stopped */
	story_end(sim);
}

static void without_the_service_nothing_new_is_cleared(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: inspected");
	sim_cloud_outage(sim, true);
	sim_run(sim, 30 * MINUTES);
	stands(sim, "J1", AT_QUEUED);
	came_out(sim, "J1", 0, 0);
	sim_cloud_outage(sim, false);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void service_from_a_backup_gets_its_events_again(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: accepted");
	sim_run(sim, 1 * SECONDS);
	sim_cloud_forget(sim, "J1", 3);
	sim_run(sim, 2 * MINUTES);
	stands(sim, "J1", AT_REPORTED);
	events_are(sim, "J1", PLAIN);
	story_end(sim);
}

/* ---- both sides compare what they have ---- */

static void closed_job_is_told_again_to_a_service_from_a_backup(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: reported");
	sim_run(sim, 10 * MINUTES);
	sim_cloud_forget(sim, "J1", 2);
	assert_string_equal(sim_cloud_state(sim, "J1"), "started");
	sim_run(sim, 2 * MINUTES);
	expect(sim, "J1: reported", "J1: the order service asks for its reports from 6 on again");
	events_are(sim, "J1", PLAIN);
	assert_string_equal(sim_cloud_state(sim, "J1"), "printed");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void job_given_back_is_given_back_again_to_a_service_from_a_backup(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .bad_bytes = true});
	sim_run(sim, 30 * MINUTES);
	stands(sim, "J1", AT_RELEASED);
	sim_cloud_forget(sim, "J1", 1);
	assert_string_equal(sim_cloud_state(sim, "J1"), "leased");
	sim_run(sim, 1 * MINUTES);
	assert_string_equal(sim_cloud_state(sim, "J1"), "released");
	events_are(sim, "J1", "leased released");
	story_end(sim);
}

static void lease_that_was_never_stored_goes_back_at_once(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_fault(sim, &(struct sim_fault){.call = SIM_ACQUIRE, .how = SIM_NEVER});
	sim_order(sim, &(struct sim_order){.job = "J1"});
	sim_run(sim, 5 * SECONDS);
	assert_string_equal(sim_cloud_state(sim, "J1"), "leased");
	sim_restart(sim);
	until(sim, "J1: leased: 4x6-glossy x 1, order O-J1, epoch 2");
	assert_true(sim_now(sim) < 20 * SECONDS); /* the lease would last two minutes */
	expect(sim, "J1: the order service believes it here: given back, epoch 1",
		"J1: leased: 4x6-glossy x 1, order O-J1, epoch 2");
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void leases_that_went_elsewhere_hold_up_no_other_that_goes_back(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_fault(sim, &(struct sim_fault){.call = SIM_ACQUIRE, .how = SIM_NEVER});
	for (int i = 1; i <= 8; i++) {
		char job[8];
		snprintf(job, sizeof job, "J%d", i);
		sim_order(sim, &(struct sim_order){.job = job});
	}
	sim_run(sim, 5 * SECONDS);
	sim_fault(sim, &(struct sim_fault){.call = SIM_RELEASE,
			       .times = 7,
			       .remedy = REMEDY_DROP,
			       .code = "stale-epoch"});
	sim_restart(sim);
	until(sim, "J8: leased: 4x6-glossy x 1, order O-J8, epoch 2");
	assert_true(sim_now(sim) < 8 * SECONDS);
	story_close(sim);
}

/* The call is repeated as it was, until the service says that its offer is an old one. */
static void poll_that_names_an_old_offer_is_made_anew(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_run(sim, 5 * SECONDS);
	sim_fault(sim, &(struct sim_fault){.call = SIM_ACQUIRE, .times = 6, .code = "no-answer"});
	sim_run(sim, 1 * MINUTES);
	said(farm_printer_pause(sim_farm(sim), "P1", "anna", &err), &err);
	sim_run(sim, 5 * MINUTES);
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: leased: 4x6-glossy x 1, order O-J1, epoch 1");
	story_close(sim);
}

static void permit_that_the_store_does_not_know_is_for_a_person_to_look_for(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_fault(sim, &(struct sim_fault){.call = SIM_ACQUIRE, .how = SIM_NEVER});
	sim_order(sim, &(struct sim_order){.job = "J1"});
	sim_run(sim, 5 * SECONDS);
	sim_cloud_permit(sim, "J1");
	sim_restart(sim);
	until(sim, "farm: incident 1: the order service says that this floor was cleared to print "
		   "job J1 (epoch 1), but the store does not know it: look whether it came out, "
		   "then free it at the service");
	sim_run(sim, 10 * MINUTES);
	assert_string_equal(sim_cloud_state(sim, "J1"), "started");
	came_out(sim, "J1", 0, 0);
	story_close(sim);
}

static void service_that_does_not_compare_closed_jobs_still_gives_work(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: reported");
	sim_fault(sim, &(struct sim_fault){.call = SIM_CLOSED,
			       .times = 100,
			       .remedy = REMEDY_REJECT,
			       .code = "no-such-call"});
	sim_restart(sim);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: reported");
	never(sim, "cloud: reached again");
	story_end(sim);
}

static void comparing_that_goes_wrong_again_and_again_stops_no_work(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	until(sim, "J1: reported");
	sim_fault(sim, &(struct sim_fault){.call = SIM_CLOSED, .times = 100});
	sim_restart(sim);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: reported");
	story_end(sim);
}

static void session_that_drops_a_job_ends_it_unless_it_may_print(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_printer(sim, "P2")->media[0] = '\0';
	sim_order(sim, &(struct sim_order){.job = "J1"});
	sim_order(sim, &(struct sim_order){.job = "J2", .sku = "5x7-lustre"});
	until(sim, "J1: accepted");
	sim_cloud_take(sim, "J1");
	sim_cloud_take(sim, "J2");
	sim_restart(sim);
	until(sim, "J2: lost: the order service has it elsewhere");
	sim_run(sim, 1 * MINUTES);
	stands(sim, "J1", AT_REPORTED);
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

int main(void)
{
	enum { N = sizeof rows / sizeof rows[0], M = 32 };
	struct CMUnitTest tests[M + N] = {
		cmocka_unit_test(cancelled_in_line_ends_at_the_next_heartbeat),
		cmocka_unit_test(cancelled_when_the_permit_is_asked_gets_none),
		cmocka_unit_test(cancelled_while_sending_stops_before_the_commit),
		cmocka_unit_test(cancelled_after_the_commit_is_too_late_for_that_sheet),
		cmocka_unit_test(cancelled_while_the_printer_is_asked_ends_with_its_answer),
		cmocka_unit_test(three_cancels_do_not_stop_the_printer),
		cmocka_unit_test(revoked_in_line_is_given_back),
		cmocka_unit_test(revoked_with_a_print_out_stays_here_and_is_finished),
		cmocka_unit_test(revoked_while_nobody_knows_stays_with_the_person),
		cmocka_unit_test(cancelled_while_the_printer_is_asked_does_not_hang),
		cmocka_unit_test(permit_that_was_asked_before_the_session_ended_is_asked_again),
		cmocka_unit_test(old_copy_of_a_store_prints_nothing),
		cmocka_unit_test(old_copy_that_a_person_accepts_asks_about_each_job),
		cmocka_unit_test(what_came_out_two_epochs_ago_asks_a_person_again),
		cmocka_unit_test(paused_upstream_waits_and_goes_on_by_itself),
		cmocka_unit_test(lease_of_an_old_epoch_is_ignored),
		cmocka_unit_test(newer_epoch_supersedes_what_was_not_cleared_to_print),
		cmocka_unit_test(newer_epoch_of_what_is_being_printed_is_given_back),
		cmocka_unit_test(what_came_out_before_asks_a_person),
		cmocka_unit_test(what_came_out_two_epochs_ago_asks_a_person),
		cmocka_unit_test(outage_stops_no_cleared_job_and_events_come_in_order_after_it),
		cmocka_unit_test(
			hours_of_work_are_cleared_ahead_and_print_through_an_outage_and_a_reboot),
		cmocka_unit_test(second_controller_gets_nothing_new_and_says_why),
		cmocka_unit_test(without_the_service_nothing_new_is_cleared),
		cmocka_unit_test(service_from_a_backup_gets_its_events_again),
		cmocka_unit_test(session_that_drops_a_job_ends_it_unless_it_may_print),
		cmocka_unit_test(closed_job_is_told_again_to_a_service_from_a_backup),
		cmocka_unit_test(job_given_back_is_given_back_again_to_a_service_from_a_backup),
		cmocka_unit_test(lease_that_was_never_stored_goes_back_at_once),
		cmocka_unit_test(leases_that_went_elsewhere_hold_up_no_other_that_goes_back),
		cmocka_unit_test(poll_that_names_an_old_offer_is_made_anew),
		cmocka_unit_test(permit_that_the_store_does_not_know_is_for_a_person_to_look_for),
		cmocka_unit_test(service_that_does_not_compare_closed_jobs_still_gives_work),
		cmocka_unit_test(comparing_that_goes_wrong_again_and_again_stops_no_work),
	};
	for (int i = 0; i < N; i++) {
		tests[M + i] = (struct CMUnitTest){
			rows[i].fact, lose, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
