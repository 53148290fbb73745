/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that hurt their readers: quarantined with their signature, known when they come again,
 * tried once more when a person says so or another program reads them; and who is not to blame.
 */
#include "tests/walk/story.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define KNOWN                                                                                      \
	"J1: quarantined: page 1: the file is known here to be bad (job J1: inspect, signal 11): " \
	"it is not tried again before the program that reads it changes"

static int64_t count(struct sim *sim, const char *sql)
{
	int64_t n = 0;
	db_one_int(store_db(sim_store(sim)), &n, sql, "");
	return n;
}

static void die(struct sim *sim, enum sim_call call, int32_t times)
{
	sim_fault(sim, &(struct sim_fault){.call = call, .how = SIM_DIES, .times = times});
}

static struct sim *story_of_poison(void)
{
	struct sim *sim = story_of_one();
	die(sim, SIM_INSPECT, 2);
	until(sim, "J1: quarantined: page 1: made-up failure (made-up)");
	sim_run(sim, 10 * SECONDS);
	return sim;
}

/* The same file comes again: in the job's next epoch, which is another job here. */
static void again(struct sim *sim)
{
	sim_cloud_again(sim, "J1", false);
}

static void two_deaths_leave_their_signature(void **state)
{
	(void)state;
	struct job job;
	struct death death;
	struct sim *sim = story_of_poison();
	assert_true(store_job_find(sim_store(sim), "J1", &job));
	assert_int_equal(job.deaths, 2);
	assert_string_equal(job.reason_code, "poison");
	assert_true(store_death_of(sim_store(sim), job.row, &death));
	assert_true(death.died);
	assert_string_equal(death.stage, "fetched");
	assert_string_equal(death.worker, "inspect");
	assert_string_equal(death.cause, "signal 11");
	assert_string_equal(death.format, "image/jpeg");
	assert_true(hash_is_hex(death.sha256) && death.engine[0] != '\0');
	assert_true(spool_has(farm_spool(sim_farm(sim)), SPOOL_POISON, death.sha256, NULL));
	assert_int_equal(count(sim, "SELECT count(*) FROM event WHERE type LIKE '%quarantined%' AND"
				    " json_extract(data,'$.signature.cause')='signal 11' AND"
				    " json_extract(data,'$.signature.worker')='inspect'"),
		1);
	story_end(sim);
}

static void known_file_is_quarantined_at_once_when_it_comes_again(void **state)
{
	(void)state;
	struct sim *sim = story_of_poison();
	again(sim);
	until(sim, KNOWN);
	expect(sim, "J1: leased: 4x6-glossy x 1, order O-J1, epoch 2", "J1: fetched", KNOWN);
	sim_run(sim, 10 * SECONDS);
	assert_string_equal(sim_cloud_state(sim, "J1"), "quarantined");
	assert_int_equal(count(sim, "SELECT count(*) FROM death WHERE cause='signal 11'"), 3);
	story_end(sim);
}

static void refusal_is_known_as_well_but_not_one_that_the_product_decides(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	fault(sim, SIM_INSPECT, SIM_FAILS, REMEDY_REJECT);
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: quarantined: page 1: made-up failure (made-up)");
	sim_run(sim, 10 * SECONDS);
	again(sim);
	until(sim, "J1: quarantined: page 1: the file is known here to be bad (job J1: inspect, "
		   "made-up): it is not tried again before the program that reads it changes");
	fault(sim, SIM_RENDER, SIM_FAILS, REMEDY_REJECT);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: quarantined: page 1: made-up failure (made-up)");
	sim_run(sim, 10 * SECONDS);
	sim_cloud_again(sim, "J2", false);
	until(sim, "J2: reported");
	story_end(sim);
}

static void another_engine_tries_it_again(void **state)
{
	(void)state;
	struct sim *sim = story_of_poison();
	farm_crew_hears.engine(sim_farm(sim), "another engine", "sim-font/1");
	again(sim);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void person_lets_it_be_tried_once_more_and_only_once(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_poison();
	assert_false(farm_release(sim_farm(sim), "J1", "anna", "", &err));
	assert_string_equal(err.code, "field");
	said(farm_release(sim_farm(sim), "J1", "anna", "looks fine here", &err), &err);
	assert_int_equal(
		count(sim, "SELECT count(*) FROM audit WHERE who='anna' AND subject='J1' AND"
			   " what='allowed once more' AND reason='looks fine here'"),
		1);
	die(sim, SIM_INSPECT, 2); /* it is as bad as before */
	again(sim);
	until(sim, "J1: leased: 4x6-glossy x 1, order O-J1, epoch 2");
	sim_run(sim, 1 * MINUTES);
	never(sim, KNOWN);
	assert_int_equal(count(sim, "SELECT count(*) FROM death"), 4);
	again(sim);
	until(sim, KNOWN);
	story_end(sim);
}

static void allowed_job_that_is_restarted_is_still_allowed(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_of_poison();
	said(farm_release(sim_farm(sim), "J1", "anna", "once", &err), &err);
	sim_fault(sim,
		&(struct sim_fault){.call = SIM_INSPECT, .how = SIM_LATE, .late_ms = 20 * SECONDS});
	again(sim);
	until(sim, "J1: leased: 4x6-glossy x 1, order O-J1, epoch 2");
	sim_run(sim, 5 * SECONDS);
	sim_restart(sim);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void local_order_is_made_anew_from_the_file_that_was_put_aside(void **state)
{
	(void)state;
	static const char text[] = "a photo from the counter";
	struct err err;
	char id[TEXT_ID_MAX];
	char hex[HASH_HEX_MAX];
	struct sim *sim = story_begin_with((struct sim_conf){.seed = 7, .no_cloud = true});
	sim_run(sim, 1 * SECONDS);
	hash_hex_of(text, strlen(text), hex);
	int64_t have;
	int fd = spool_incoming(farm_spool(sim_farm(sim)), hex, sizeof text - 1, &have, &err);
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	spool_keep_asset(farm_spool(sim_farm(sim)), hex, fd, NULL, NULL, 0);
	struct local_page page = {.bytes = sizeof text - 1, .options = {.rotate_degrees = -1}};
	struct local_order order = {.copies = 1, .n_pages = 1, .pages = &page};
	memcpy(page.sha256, hex, sizeof hex);
	strcpy(page.media_type, "image/jpeg");
	strcpy(order.sku, "4x6-glossy");
	die(sim, SIM_INSPECT, 2);
	said(farm_submit(sim_farm(sim), &order, "anna", id, &err), &err);
	sim_run(sim, 1 * MINUTES);
	stands(sim, id, AT_QUARANTINED);
	assert_true(spool_has(farm_spool(sim_farm(sim)), SPOOL_POISON, hex, NULL));
	said(farm_release(sim_farm(sim), id, "anna", "once more", &err), &err);
	sim_run(sim, 1 * MINUTES);
	assert_int_equal(count(sim, "SELECT count(*) FROM job WHERE stage='reported'"), 1);
	assert_int_equal(count(sim, "SELECT count(*) FROM audit WHERE what LIKE 'ordered again as "
				    "L-%' AND reason='once more'"),
		1);
	story_close(sim);
}

static void render_server_that_ends_says_nothing_against_the_photos_in_it(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	sim_fault(sim, &(struct sim_fault){.call = SIM_INSPECT,
			       .times = 6,
			       .remedy = REMEDY_RETRY,
			       .code = "render-server"});
	sim_fault(sim, &(struct sim_fault){.call = SIM_RENDER,
			       .times = 6,
			       .remedy = REMEDY_RETRY,
			       .code = "render-server"});
	until(sim, "J1: reported");
	assert_int_equal(count(sim, "SELECT count(*) FROM death"), 0);
	story_end(sim);
}

static void one_death_is_an_accident(void **state)
{
	(void)state;
	struct sim *sim = story_of_one();
	die(sim, SIM_INSPECT, 1);
	until(sim, "J1: reported");
	again(sim);
	sim_run(sim, 1 * MINUTES);
	stands(sim, "J1", AT_HELD_OPERATOR); /* for it came out before, not for its file */
	story_close(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_deaths_leave_their_signature),
		cmocka_unit_test(known_file_is_quarantined_at_once_when_it_comes_again),
		cmocka_unit_test(refusal_is_known_as_well_but_not_one_that_the_product_decides),
		cmocka_unit_test(another_engine_tries_it_again),
		cmocka_unit_test(person_lets_it_be_tried_once_more_and_only_once),
		cmocka_unit_test(allowed_job_that_is_restarted_is_still_allowed),
		cmocka_unit_test(local_order_is_made_anew_from_the_file_that_was_put_aside),
		cmocka_unit_test(render_server_that_ends_says_nothing_against_the_photos_in_it),
		cmocka_unit_test(one_death_is_an_accident),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
