/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of docs/order-api.md section 4, line by line: what the service may answer to each call,
 * and that the job is printed once and reported all the same, with an incident where a person must
 * know. That a status becomes these remedies and codes is tests/ports/cloud_orders.c's.
 */
#include "tests/walk/story.h"
#include <string.h>

#define PLAIN "leased asset_ready rendered queued started accepted printed"

static int64_t count(struct sim *sim, const char *sql)
{
	int64_t n = 0;
	db_one_int(store_db(sim_store(sim)), &n, sql, "");
	return n;
}

/* ---- every call, every kind of refusal ---- */

static const struct line {
	const char *code; /* of the problem */
	enum remedy remedy;
	enum sim_how how;
	const char *incident; /* NULL: nobody need know */
} lines[] = {
	{"busy", REMEDY_RETRY, SIM_FAILS, NULL},     /* 429, 503 */
	{"internal", REMEDY_RETRY, SIM_FAILS, NULL}, /* 5xx */
	{"no-answer", REMEDY_RETRY, SIM_FAILS, NULL},
	{"no-answer", REMEDY_RETRY, SIM_ANSWER_LOST, NULL},
	{"in-flight", REMEDY_RETRY, SIM_FAILS, NULL},                 /* 409 */
	{"token-refused", REMEDY_RETRY, SIM_FAILS, NULL},             /* 401 */
	{"session-unknown", REMEDY_RETRY, SIM_FAILS, NULL},           /* 412 */
	{"session-needed", REMEDY_RETRY, SIM_FAILS, NULL},            /* 428 */
	{"offer-unknown", REMEDY_RETRY, SIM_FAILS, NULL},             /* 412 */
	{"too-large", REMEDY_REJECT, SIM_FAILS, NULL},                /* 413 */
	{"key-reused", REMEDY_REJECT, SIM_FAILS, "call-refused"},     /* 422 */
	{"media-type", REMEDY_REJECT, SIM_FAILS, "call-refused"},     /* 415 */
	{"floor-disabled", REMEDY_FATAL, SIM_FAILS, "floor-refused"}, /* 403 */
	{"wrong-floor", REMEDY_FATAL, SIM_FAILS, "floor-refused"},    /* 403 */
};

static const enum sim_call calls[] = {
	SIM_SESSION, SIM_OFFER, SIM_ACQUIRE, SIM_EXTEND, SIM_START, SIM_EVENTS};

static void tell(const struct line *line, enum sim_call call)
{
	struct sim *sim = story_begin();
	sim_fault(sim, &(struct sim_fault){.call = call,
			       .times = 2,
			       .how = line->how,
			       .remedy = line->remedy,
			       .code = line->code});
	sim_order(sim, &(struct sim_order){.job = "J1"});
	sim_run(sim, 10 * MINUTES);
	stands(sim, "J1", AT_REPORTED);
	came_out(sim, "J1", 1, 0);
	events_are(sim, "J1", PLAIN);
	int64_t incidents = count(sim, "SELECT count(*) FROM incident WHERE code IN "
				       "('call-refused','floor-refused')");
	if (incidents != (line->incident != NULL)) {
		fail_msg("%s: %lld incidents", line->code, (long long)incidents);
	}
	story_end(sim);
}

static void every_answer_to_every_call_ends_in_one_print_and_all_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		for (size_t c = 0; c < sizeof calls / sizeof calls[0]; c++) {
			tell(&lines[i], calls[c]);
		}
	}
}

static void permit_that_is_refused_thrice_asks_a_person_and_holds_no_other_up(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_fault(sim,
		&(struct sim_fault){
			.call = SIM_START, .times = 3, .remedy = REMEDY_REJECT, .code = "field"});
	sim_order(sim, &(struct sim_order){.job = "J1"});
	sim_run(sim, 5 * MINUTES);
	stands(sim, "J1", AT_HELD_OPERATOR);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: reported");
	said(farm_release(sim_farm(sim), "J1", "anna", "asked support", &err), &err);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

/* ---- reports that the service can't read ---- */

static void one_unreadable_report_is_put_aside_and_the_others_go_on(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_run(sim, 1 * SECONDS); /* the printers are told of */
	sim_fault(sim,
		&(struct sim_fault){.call = SIM_EVENTS, .remedy = REMEDY_REJECT, .code = "field"});
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	assert_int_equal(count(sim, "SELECT count(*) FROM event WHERE refused='field'"), 1);
	assert_int_equal(
		count(sim, "SELECT count(*) FROM incident WHERE code='report-refused'"), 1);
	assert_true(count(sim, "SELECT count(*) FROM event WHERE refused='follows-refused'") >= 1);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: reported");
	events_are(sim, "J2", PLAIN);
	story_close(sim);
}

static void service_that_reads_no_report_at_all_costs_three_and_no_more(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_fault(sim,
		&(struct sim_fault){
			.call = SIM_EVENTS, .times = 40, .remedy = REMEDY_REJECT, .code = "field"});
	for (int i = 0; i < 5; i++) {
		char id[8];
		snprintf(id, sizeof id, "J%d", i);
		sim_order(sim, &(struct sim_order){.job = id});
	}
	sim_run(sim, 15 * MINUTES);
	assert_int_equal(count(sim, "SELECT count(*) FROM event WHERE refused='field'"), 3);
	sim_run(sim, 30 * MINUTES);
	assert_int_equal(count(sim, "SELECT count(*) FROM job WHERE stage='reported'"), 5);
	story_close(sim);
}

static void reports_put_aside_are_sent_when_a_session_asks_for_them(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_run(sim, 1 * SECONDS);
	sim_fault(sim,
		&(struct sim_fault){.call = SIM_EVENTS, .remedy = REMEDY_REJECT, .code = "field"});
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: reported");
	sim_cloud_forget(sim, "J1", 0); /* the service was repaired */
	sim_run(sim, 2 * MINUTES);
	events_are(sim, "J1", PLAIN);
	story_end(sim);
}

/* ---- files that are nowhere ---- */

static void file_that_is_gone_gives_the_job_back_and_is_not_waited_for(void **state)
{
	static const char *const codes[] = {"asset-gone", "unknown-asset"};
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sim *sim = story_begin();
		fault(sim, SIM_FETCH, SIM_FAILS, REMEDY_RETRY); /* so that it signs again */
		sim_fault(sim, &(struct sim_fault){
				       .call = SIM_SIGN, .remedy = REMEDY_DROP, .code = codes[i]});
		sim_order(sim, &(struct sim_order){.job = "J1"});
		sim_run(sim, 1 * MINUTES);
		stands(sim, "J1", AT_RELEASED);
		assert_string_equal(sim_cloud_state(sim, "J1"), "released");
		story_end(sim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_to_every_call_ends_in_one_print_and_all_reports),
		cmocka_unit_test(permit_that_is_refused_thrice_asks_a_person_and_holds_no_other_up),
		cmocka_unit_test(one_unreadable_report_is_put_aside_and_the_others_go_on),
		cmocka_unit_test(service_that_reads_no_report_at_all_costs_three_and_no_more),
		cmocka_unit_test(reports_put_aside_are_sent_when_a_session_asks_for_them),
		cmocka_unit_test(file_that_is_gone_gives_the_job_back_and_is_not_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
