/* SPDX-License-Identifier: Apache-2.0
 *
 * Labels on the floor: without the font what has a label waits with its reason, all else prints;
 * once there is one it goes by itself. What is written makes a raster of its own.
 */
#include "tests/walk/story.h"
#include <string.h>

#define WAITS "the font for its label is not there: install fonts-dejavu-core, then restart platend"

static void without_the_font_labels_wait_and_all_else_prints(void **state)
{
	(void)state;
	struct sim *sim = story_begin_with((struct sim_conf){.labels = true, .no_font = true});
	sim_order(sim, &(struct sim_order){.job = "J1"});
	sim_order(sim, &(struct sim_order){.job = "J2", .sku = "5x7-lustre"});
	until(sim, "J2: reported");
	stands(sim, "J1", AT_INSPECTED);
	struct job job;
	assert_true(store_job_find(farm_store(sim_farm(sim)), "J1", &job));
	assert_string_equal(job.reason, WAITS);
	assert_int_equal(job.reason_kind, REASON_WAIT);
	assert_int_equal(job.tries, 0);
	farm_crew_hears.engine(sim_farm(sim), "sim-render/1", "sim-font/1");
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	came_out(sim, "J2", 1, 0);
	story_end(sim);
}

static void raster_of(struct sim *sim, const char *id, char name[HASH_HEX_MAX])
{
	struct job job;
	struct page page;
	assert_true(store_job_find(farm_store(sim_farm(sim)), id, &job));
	assert_true(store_page_get(farm_store(sim_farm(sim)), job.row, 0, &page));
	assert_true(page.rendered);
	memcpy(name, page.raster_name, HASH_HEX_MAX);
}

static void two_orders_of_one_photo_have_each_their_raster(void **state)
{
	(void)state;
	char first[HASH_HEX_MAX], second[HASH_HEX_MAX];
	struct sim *sim = story_begin_with((struct sim_conf){.labels = true});
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 2});
	until(sim, "J1: reported");
	raster_of(sim, "J1", first);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	until(sim, "J2: reported");
	raster_of(sim, "J2", second);
	assert_string_not_equal(first, second);
	story_end(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_font_labels_wait_and_all_else_prints),
		cmocka_unit_test(two_orders_of_one_photo_have_each_their_raster),
	};
	return cmocka_run_group_tests_name("walk/label", tests, NULL, NULL);
}
