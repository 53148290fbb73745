/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger in stories: what does not add up calls a person, what people decide is tied to the
 * sheets they decided, and a printer that can't be asked makes sheets unknown, nothing else.
 */
#include "tests/walk/story.h"

static int64_t ask(struct sim *sim, const char *sql)
{
	int64_t n = COUNT_UNKNOWN;
	db_one_int(store_db(sim_store(sim)), &n, sql, "");
	return n;
}

#define expect_rows(sim, n, sql) assert_int_equal(ask(sim, "SELECT count(*) FROM " sql), n)

static void print(struct sim *sim, const char *job)
{
	char line[40];
	sim_order(sim, &(struct sim_order){.job = job});
	snprintf(line, sizeof line, "%s: reported", job);
	until(sim, line);
}

/* As if it had printed `n` more than it says, then or since. */
static void move_last_counter(struct sim *sim, int n)
{
	struct err err;
	said(db_run(store_db(sim_store(sim)), &err,
		     "UPDATE attempt SET"
		     " before=json_set(before,'$.impressions',"
		     "  json_extract(before,'$.impressions')+?1),"
		     " after=json_set(after,'$.impressions',"
		     "  json_extract(after,'$.impressions')+?1)"
		     " WHERE row=(SELECT max(row) FROM attempt)",
		     "i", (int64_t)n),
		&err);
}

/* ---- incidents ---- */

static void counters_that_agree_call_nobody(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	print(sim, "J1");
	print(sim, "J2");
	expect_rows(sim, 0, "incident");
	expect_rows(sim, 2, "sheet WHERE state='delivered' AND counter_after=counter_before+1");
	story_end(sim);
}

static void a_counter_that_moved_between_two_jobs_calls_a_person(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	print(sim, "J1");
	move_last_counter(sim, -3);
	print(sim, "J2");
	expect_rows(sim, 1,
		"incident JOIN job ON job=job.row WHERE incident.printer='P1' AND"
		" code='counter-moved-between' AND id='J2' AND incident.attempt='J2.1.1' AND"
		" incident.closed IS NULL");
	expect_rows(sim, 1, "audit WHERE what='incident' AND subject='J2' AND who='platen'");
	events_are(sim, "printer/P1", "online incident");
	expect_rows(sim, 1,
		"event WHERE type='platen.printer.incident.v1' AND"
		" json_extract(data,'$.job')='J2' AND"
		" json_extract(data,'$.reason')='counter-moved-between'");
	said(farm_incident_close(sim_farm(sim), 1, "anna", "test print of the technician", &err),
		&err);
	sim_run(sim, 1 * SECONDS);
	expect_rows(sim, 1, "incident WHERE closed IS NOT NULL AND who='anna'");
	expect_rows(sim, 1, "audit WHERE what='looked at' AND subject='incident/1'");
	assert_false(farm_incident_close(sim_farm(sim), 1, "bert", "again", &err));
	assert_string_equal(err.code, "unknown-incident");
	story_end(sim);
}

static void a_counter_that_fell_calls_a_person_once(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	print(sim, "J1");
	move_last_counter(sim, 50);
	print(sim, "J2");
	expect_rows(sim, 1, "incident WHERE code='counter-went-back'");
	print(sim, "J3"); /* from here on it counts again */
	expect_rows(sim, 1, "incident");
	story_end(sim);
}

static void an_incident_survives_a_kill_with_the_attempt_or_not_at_all(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	print(sim, "J1");
	move_last_counter(sim, -1);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	for (int i = 0; i < 60; i++) {
		sim_run(sim, 1 * SECONDS);
		sim_restart(sim);
		int64_t ended = ask(sim, "SELECT count(*) FROM attempt WHERE ended IS NOT NULL");
		int64_t seen =
			ended > 1; /* the first one that ends sees it, the others say no more */
		expect_rows(sim, seen, "incident");
		expect_rows(sim, seen, "audit WHERE what='incident'");
		expect_rows(sim, seen, "event WHERE type='platen.printer.incident.v1'");
	}
	stands(sim, "J2", AT_REPORTED);
	story_end(sim);
}

static void a_counter_in_doubt_proves_nothing_until_a_person_has_looked(void **state)
{
	(void)state;
	struct err err;
	struct incident incident = {
		.wall_ms = 1, .printer = "P1", .code = "counter-moved-less", .text = "it is stuck"};
	struct sim *sim = story_begin();
	print(sim, "J1");
	assert_true(store_incident_add(sim_store(sim), &incident));
	print(sim, "J2");
	said(farm_incident_close(sim_farm(sim), incident.row, "anna", "board changed", &err), &err);
	print(sim, "J3");
	expect_rows(sim, 1, "attempt WHERE json_extract(before,'$.foreign') AND key='J2.1.1'");
	expect_rows(sim, 2, "attempt WHERE NOT json_extract(before,'$.foreign')");
	story_end(sim);
}

/* ---- decisions ---- */

static void a_count_of_good_prints_spoils_the_rest_and_plans_them_anew(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin_with((struct sim_conf){.seed = 7, .copies_per_attempt = 3});
	sim_printer(sim, "P1")->jam_after = 2;
	sim_printer(sim, "P1")->aborts_on_jam = true;
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3});
	until(sim, "J1: held-operator: held: stopped after 2 of 3: ended early. Look at the "
		   "printer, then let it go on with the rest");
	expect_rows(sim, 2, "print WHERE state='delivered'");
	assert_false(farm_release_counted(sim_farm(sim), "J1", 4, "anna", "", &err));
	assert_string_equal(err.code, "field");
	sim_printer(sim, "P1")->jammed = false;
	sim_printer_go_on(sim, "P1");
	sim_authorise(sim, "J1"); /* one that came out, and is no good, is made again */
	said(farm_release_counted(sim_farm(sim), "J1", 1, "anna", "one is creased", &err), &err);
	expect_rows(sim, 1, "print WHERE state='delivered'");
	expect_rows(sim, 1, "print WHERE state='spoiled'");
	expect_rows(sim, 1, "print WHERE state='planned' AND successor_of IS NOT NULL");
	expect_rows(sim, 1, "sheet WHERE state='delivered' AND evidence<>'none'");
	expect_rows(sim, 1, "sheet WHERE state='spoiled' AND evidence='none'");
	expect_rows(sim, 1, "sheet WHERE state='unused'");
	expect_rows(sim, 1,
		"decision JOIN audit ON audit=audit.row WHERE was='delivered' AND state='spoiled'"
		" AND who='anna' AND reason='one is creased' AND what LIKE 'counted 1 good of 2%'");
	until(sim, "J1: reported");
	expect_rows(sim, 3, "print WHERE state='delivered'");
	came_out(sim, "J1", 4, 1);
	story_end(sim);
}

static void only_a_job_that_stopped_part_way_can_be_counted(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 21});
	until(sim, "J1: held-operator: held: 21 prints in one job is over this floor's limit of "
		   "20: check with the customer, then let it go on or give it back");
	assert_false(farm_release_counted(sim_farm(sim), "J1", 1, "anna", "", &err));
	assert_string_equal(err.code, "wrong-stage");
	stands(sim, "J1", AT_HELD_OPERATOR);
	story_close(sim);
}

static void what_platen_does_itself_stands_in_the_trail(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	print(sim, "J1");
	expect_rows(sim, 1, "audit WHERE who='platen' AND what='start'");
	expect_rows(sim, 1,
		"audit WHERE who='order service' AND what='permit' AND subject='J1'"
		" AND reason='P1'");
	sim_fault(sim, &(struct sim_fault){.call = SIM_RENDER, .how = SIM_DIES, .times = 2});
	sim_order(sim, &(struct sim_order){.job = "J2"});
	sim_run(sim, 1 * MINUTES);
	stands(sim, "J2", AT_QUARANTINED);
	expect_rows(sim, 1, "audit WHERE who='platen' AND what='quarantined' AND subject='J2'");
	sim_order(sim, &(struct sim_order){.job = "J3", .sku = "5x7-lustre"});
	sim_run(sim, 1 * SECONDS);
	sim_cloud_cancel(sim, "J3");
	sim_run(sim, 2 * MINUTES);
	expect_rows(sim, 1, "audit WHERE who='platen' AND what='cancelled' AND subject='J3'");
	sim_restart(sim);
	expect_rows(sim, 2, "audit WHERE what='start'");
	story_close(sim);
}

static void a_doubt_that_no_person_settled_stands_in_the_trail(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: accepted");
	sim_printer(sim, "P1")->absent = true;
	sim_run(sim, 15 * MINUTES);
	stands(sim, "J1", AT_HELD_UNKNOWN);
	expect_rows(sim, 1, "sheet WHERE state='unknown'");
	sim_printer(sim, "P1")->absent = false;
	until(sim, "J1: reported");
	expect_rows(sim, 1, "sheet WHERE state='delivered' AND evidence<>'none'");
	expect_rows(sim, 1, "audit WHERE who='platen' AND what='late proof' AND subject='J1'");
	story_end(sim);
}

static void a_policy_that_prints_again_stands_in_the_trail(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .duplicates = DUPLICATES_REPRINT});
	until(sim, "J1: accepted");
	sim_printer(sim, "P1")->no_counter = true;
	sim_run(sim, 1 * SECONDS);
	sim_printer_forget(sim, "P1");
	until(sim, "J1: reported");
	expect_rows(sim, 1,
		"audit WHERE who='platen' AND what='print again in doubt' AND subject='J1'");
	expect_rows(sim, 1, "sheet WHERE state='unknown'");
	expect_rows(sim, 1, "print WHERE successor_of IS NOT NULL AND state='delivered'");
	story_end(sim);
}

static void the_head_of_the_trail_goes_upstream_every_hour_in_which_it_moved(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	print(sim, "J1");
	sim_run(sim, 15 * MINUTES);
	expect_rows(sim, 1,
		"event JOIN audit ON audit.row=json_extract(data,'$.row') AND"
		" hash=json_extract(data,'$.hash') WHERE type='platen.floor.trail.v1' AND acked");
	sim_run(sim, 180 * MINUTES); /* nothing happens, nothing is told */
	expect_rows(sim, 1, "event WHERE type='platen.floor.trail.v1'");
	print(sim, "J2");
	sim_run(sim, 75 * MINUTES);
	expect_rows(sim, 2, "event WHERE type='platen.floor.trail.v1' AND acked");
	story_end(sim);
}

/* ---- a printer that can't be asked ---- */

static struct sim *story_of_silence(void)
{
	struct sim *sim = story_of_one();
	sim_fault(sim, &(struct sim_fault){.call = SIM_CONFIRM,
			       .how = SIM_FAILS,
			       .times = 10000,
			       .remedy = REMEDY_RETRY});
	until(sim, "J1: accepted");
	return sim;
}

static void a_status_that_can_not_be_read_is_unknown_and_nothing_else(void **state)
{
	(void)state;
	struct sim *sim = story_of_silence();
	for (int i = 0; i < 9; i++) { /* within the window nothing is said of it */
		sim_run(sim, 1 * MINUTES);
		expect_rows(sim, 1, "sheet WHERE state='accepted'");
	}
	sim_run(sim, 3 * MINUTES);
	stands(sim, "J1", AT_HELD_UNKNOWN);
	expect_rows(sim, 1,
		"sheet WHERE state='unknown' AND evidence='none' AND"
		" counter_before IS NOT NULL AND counter_after IS NULL");
	expect_rows(sim, 1, "print WHERE state='unknown'");
	expect_rows(sim, 0, "incident");
	story_close(sim);
}

static void a_resolved_sheet_names_who_decided_it(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_silence();
	sim_run(sim, 12 * MINUTES);
	stands(sim, "J1", AT_HELD_UNKNOWN);
	said(sim_resolve(sim, "J1", 1, &err), &err);
	expect_rows(sim, 1,
		"decision JOIN audit ON audit=audit.row JOIN sheet ON sheet=sheet.row WHERE"
		" was='unknown' AND decision.state='delivered' AND who='anna' AND"
		" sheet.evidence='operator'");
	until(sim, "J1: reported");
	story_end(sim);
}

static void what_is_given_back_in_doubt_stays_in_doubt_and_names_who(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_silence();
	sim_run(sim, 12 * MINUTES);
	said(farm_give_back(sim_farm(sim), "J1", "bert", "closing time", &err), &err);
	expect_rows(sim, 1,
		"decision JOIN audit ON audit=audit.row WHERE was='unknown' AND state='unknown' AND"
		" who='bert' AND reason='closing time'");
	story_close(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_that_agree_call_nobody),
		cmocka_unit_test(a_counter_that_moved_between_two_jobs_calls_a_person),
		cmocka_unit_test(a_counter_that_fell_calls_a_person_once),
		cmocka_unit_test(an_incident_survives_a_kill_with_the_attempt_or_not_at_all),
		cmocka_unit_test(a_counter_in_doubt_proves_nothing_until_a_person_has_looked),
		cmocka_unit_test(a_count_of_good_prints_spoils_the_rest_and_plans_them_anew),
		cmocka_unit_test(only_a_job_that_stopped_part_way_can_be_counted),
		cmocka_unit_test(what_platen_does_itself_stands_in_the_trail),
		cmocka_unit_test(a_doubt_that_no_person_settled_stands_in_the_trail),
		cmocka_unit_test(a_policy_that_prints_again_stands_in_the_trail),
		cmocka_unit_test(the_head_of_the_trail_goes_upstream_every_hour_in_which_it_moved),
		cmocka_unit_test(a_status_that_can_not_be_read_is_unknown_and_nothing_else),
		cmocka_unit_test(a_resolved_sheet_names_who_decided_it),
		cmocka_unit_test(what_is_given_back_in_doubt_stays_in_doubt_and_names_who),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
