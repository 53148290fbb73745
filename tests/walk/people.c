/* SPDX-License-Identifier: Apache-2.0
 *
 * What people decide, and orders that come from people: ceilings, low resolution, holds, jobs given
 * back, local orders with and without an order service, draining.
 */
#include "tests/walk/story.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void order_over_the_ceiling_waits_for_a_person(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 21});
	until(sim, "J1: held-operator: held: 21 prints in one job is over this floor's limit of "
		   "20: check with the customer, then let it go on or give it back");
	sim_run(sim, 10 * MINUTES);
	came_out(sim, "J1", 0, 0);
	said(farm_release(sim_farm(sim), "J1", "anna", "a big wedding", &err), &err);
	until(sim, "J1: reported");
	expect(sim, "J1: leased: let go on from leased", "J1: fetched", "J1: reported");
	came_out(sim, "J1", 21, 0);
	story_end(sim);
}

static void order_over_the_ceiling_can_be_given_back(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 21});
	sim_run(sim, 1 * SECONDS);
	said(farm_give_back(sim_farm(sim), "J1", "anna", "not here", &err), &err);
	sim_run(sim, 1 * SECONDS);
	expect(sim, "J1: released: given back by anna: not here");
	assert_string_equal(sim_cloud_state(sim, "J1"), "released");
	story_end(sim);
}

static void too_few_pixels_wait_for_a_person(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .ppi = 60});
	until(sim,
		"J1: held-operator: held: only 60 pixels an inch for 4x6 glossy (100 wanted): let "
		"it go on or give it back");
	sim_restart(sim); /* that is not forgotten */
	sim_run(sim, 10 * MINUTES);
	stands(sim, "J1", AT_HELD_OPERATOR);
	said(farm_release(sim_farm(sim), "J1", "anna", "", &err), &err);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static bool count_one(void *context, const char *name, int64_t bytes, int64_t modified_ms)
{
	(void)name;
	(void)bytes;
	(void)modified_ms;
	++*(int *)context;
	return true;
}

static void photo_that_kills_its_readers_is_put_aside(void **state)
{
	(void)state;
	struct err err;
	int poisonous = 0;
	struct sim *sim = story_of_one();
	sim_fault(sim, &(struct sim_fault){.call = SIM_RENDER, .how = SIM_DIES, .times = 2});
	sim_run(sim, 1 * MINUTES);
	stands(sim, "J1", AT_QUARANTINED);
	struct spool *spool = farm_spool(sim_farm(sim));
	said(spool_list(spool, SPOOL_POISON, count_one, &poisonous, &err), &err);
	assert_int_equal(poisonous, 1);
	assert_string_equal(sim_cloud_state(sim, "J1"), "quarantined");
	story_end(sim);
}

static void unknown_product_is_given_back_at_once(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .sku = "mug"});
	sim_run(sim, 1 * SECONDS);
	expect(sim, "J1: leased: mug x 1, order O-J1, epoch 1",
		"J1: released: no product mug is sold on this floor: its name is that of a "
		"file in profiles/products");
	assert_string_equal(sim_cloud_state(sim, "J1"), "released");
	story_end(sim);
}

static void release_call_that_fails_is_made_again_after_a_restart(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	fault(sim, SIM_RELEASE, SIM_FAILS, REMEDY_RETRY);
	fault(sim, SIM_RELEASE, SIM_FAILS, REMEDY_RETRY);
	sim_order(sim, &(struct sim_order){.job = "J1", .sku = "mug"});
	sim_run(sim, 220);
	struct call_row call;
	assert_true(store_call_next(sim_store(sim), &call));
	assert_string_equal(call.ask.job, "J1");
	assert_string_equal(call.ask.reason, "unsupported");
	sim_restart(sim);
	sim_run(sim, 1 * MINUTES);
	assert_false(store_call_next(sim_store(sim), &call));
	assert_string_equal(sim_cloud_state(sim, "J1"), "released");
	story_end(sim);
}

static void held_by_a_person_it_waits_and_then_goes_on_where_it_was(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	until(sim, "J1: inspected");
	said(farm_hold(sim_farm(sim), "J1", "anna", "look at the crop", &err), &err);
	sim_run(sim, 30 * MINUTES);
	expect(sim, "J1: held-operator: held: held by anna: look at the crop");
	came_out(sim, "J1", 0, 0);
	said(farm_release(sim_farm(sim), "J1", "anna", "", &err), &err);
	until(sim, "J1: reported");
	expect(sim, "J1: inspected: let go on from inspected", "J1: rendered");
	story_end(sim);
}

static void held_with_a_witness_under_way_takes_no_printer(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J1: permitted");
	said(farm_hold(sim_farm(sim), "J1", "anna", "", &err), &err);
	until(sim, "J2: reported");
	stands(sim, "J1", AT_HELD_OPERATOR);
	said(farm_release(sim_farm(sim), "J1", "anna", "", &err), &err);
	until(sim, "J1: reported");
	story_end(sim);
}

static void words_at_the_wrong_time_are_refused_with_a_reason(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_one();
	until(sim, "J1: accepted");
	assert_false(farm_release(sim_farm(sim), "J1", "anna", "", &err));
	assert_string_equal(err.text, "job J1 is printing: it can't be released; it is not held");
	assert_false(farm_hold(sim_farm(sim), "J1", "anna", "", &err));
	assert_false(farm_give_back(sim_farm(sim), "J1", "anna", "", &err));
	assert_false(farm_resolve(sim_farm(sim), "J1", 1, "anna", "", &err));
	until(sim, "J1: reported");
	assert_false(farm_cancel(sim_farm(sim), "J1", "anna", "", &err));
	assert_string_equal(err.text, "job J1 is over (printed): nothing can be changed any more");
	assert_false(farm_cancel(sim_farm(sim), "J9", "anna", "", &err));
	assert_string_equal(err.code, "unknown-job");
	story_end(sim);
}

static void urgent_job_overtakes_those_that_wait(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3});
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J1: accepted");
	sim_order(sim, &(struct sim_order){.job = "J3", .priority = 90});
	until(sim, "J2: reported");
	until(sim, "J1: reported");
	expect(sim, "J3: printed: came out: completed", "J2: reported");
	story_end(sim);
}

/* ---- local orders ---- */

static void kept(void *context, int64_t id, const char *name, const struct err *err)
{
	(void)id;
	(void)name;
	*(bool *)context = err == NULL;
}

static void bring(struct sim *sim, const char *text, char sha256[HASH_HEX_MAX])
{
	struct err err;
	int64_t have;
	hash_hex_of(text, strlen(text), sha256);
	struct spool *spool = farm_spool(sim_farm(sim));
	int fd = spool_incoming(spool, sha256, (int64_t)strlen(text), &have, &err);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	bool is_kept = false;
	spool_keep_asset(spool, sha256, fd, kept, &is_kept, 0);
	sim_run(sim, 0);
	assert_true(is_kept);
}

static void submit(struct sim *sim, char id[TEXT_ID_MAX])
{
	struct err err;
	struct local_page page = {
		.bytes = 16, .media_type = "image/jpeg", .options = {.rotate_degrees = -1}};
	bring(sim, "a photo of yours", page.sha256);
	struct local_order order = {
		.sku = "4x6-glossy", .ref = "counter 7", .copies = 2, .n_pages = 1, .pages = &page};
	said(farm_submit(sim_farm(sim), &order, "anna", id, &err), &err);
}

static void local_order_walks_the_same_path_without_a_service(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	char line[160];
	struct sim *sim = story_begin_with((struct sim_conf){.seed = 7, .no_cloud = true});
	sim_run(sim, 1 * SECONDS);
	submit(sim, id);
	static const char *const steps[] = {"leased: 4x6-glossy x 2, order counter 7, epoch 1",
		"fetched", "inspected", "rendered", "queued", "permitted", "prepared", "opened",
		"sending", "committed", "accepted", "permitted: came out: completed",
		"printed: came out: completed", "reported"};
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		snprintf(line, sizeof line, "%s: %s", id, steps[i]);
		until(sim, line);
	}
	came_out(sim, id, 2, 0);
	story_end(sim);
}

static void local_order_needs_no_service_in_an_outage(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	char line[160];
	struct sim *sim = story_begin();
	sim_cloud_outage(sim, true);
	sim_run(sim, 1 * MINUTES);
	submit(sim, id);
	sim_run(sim, 0);
	sim_restart(sim);
	snprintf(line, sizeof line, "%s: reported", id);
	until(sim, line);
	came_out(sim, id, 2, 0);
	story_end(sim);
}

/* ---- draining ---- */

static void drained_floor_finishes_what_is_at_the_printer_and_begins_nothing(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1"});
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J1: accepted");
	assert_false(farm_is_idle(sim_farm(sim)));
	farm_drain(sim_farm(sim));
	until(sim, "J1: reported");
	sim_run(sim, 10 * MINUTES);
	assert_true(farm_is_idle(sim_farm(sim)));
	came_out(sim, "J2", 0, 0);
	sim_restart(sim);
	until(sim, "J2: reported");
	story_end(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_over_the_ceiling_waits_for_a_person),
		cmocka_unit_test(order_over_the_ceiling_can_be_given_back),
		cmocka_unit_test(too_few_pixels_wait_for_a_person),
		cmocka_unit_test(photo_that_kills_its_readers_is_put_aside),
		cmocka_unit_test(unknown_product_is_given_back_at_once),
		cmocka_unit_test(release_call_that_fails_is_made_again_after_a_restart),
		cmocka_unit_test(held_by_a_person_it_waits_and_then_goes_on_where_it_was),
		cmocka_unit_test(held_with_a_witness_under_way_takes_no_printer),
		cmocka_unit_test(words_at_the_wrong_time_are_refused_with_a_reason),
		cmocka_unit_test(urgent_job_overtakes_those_that_wait),
		cmocka_unit_test(local_order_walks_the_same_path_without_a_service),
		cmocka_unit_test(local_order_needs_no_service_in_an_outage),
		cmocka_unit_test(drained_floor_finishes_what_is_at_the_printer_and_begins_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
