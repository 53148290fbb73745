/* SPDX-License-Identifier: Apache-2.0
 *
 * A format is dropped while the floor works: what would still have to be decoded goes back or waits
 * for a person, everything else goes on, and once it is taken again all is as before.
 */
#include "tests/walk/story.h"
#include <string.h>
#include <unistd.h>

#define HEIC "image/heic"
#define OFF                                                                                        \
	"heic pictures are switched off on this floor: send another format, or take it again in "  \
	"platen.conf and reload"

static void take_heic(struct sim *sim, bool taken)
{
	struct farm_conf conf = *farm_conf_of(sim_farm(sim));
	conf.formats[PICTURE_HEIC].taken = taken;
	farm_set_formats(sim_farm(sim), conf.formats);
}

struct row {
	const char *fact;
	const char *at; /* where it stands when its format is dropped */
	struct sim_fault slow;
};

static const struct row rows[] = {
	{"dropped_while_fetching_goes_back", "J1: leased: 4x6-glossy x 1, order O-J1, epoch 1",
		{.call = SIM_FETCH, .how = SIM_LATE, .late_ms = 60 * SECONDS}},
	{"dropped_while_it_is_looked_at_goes_back", "J1: fetched",
		{.call = SIM_INSPECT, .how = SIM_LATE, .late_ms = 60 * SECONDS}},
	{"dropped_while_it_is_rendered_goes_back", "J1: inspected",
		{.call = SIM_RENDER, .how = SIM_LATE, .late_ms = 60 * SECONDS}},
};

static void dropped_early_goes_back(void **state)
{
	const struct row *row = *state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .media_type = HEIC});
	sim_fault(sim, &row->slow);
	until(sim, row->at);
	sim_order(sim, &(struct sim_order){.job = "J2"});
	take_heic(sim, false);
	sim_run(sim, 5 * SECONDS);
	expect(sim, row->at, "J1: released: " OFF);
	stands(sim, "J1", AT_RELEASED);
	until(sim, "J2: reported");
	came_out(sim, "J1", 0, 0);
	came_out(sim, "J2", 1, 0);
	story_end(sim);
}

static void rendered_already_is_printed(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .media_type = HEIC});
	until(sim, "J1: rendered");
	take_heic(sim, false);
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void leased_all_the_same_is_given_back_unread(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	take_heic(sim, false);
	sim_order(sim, &(struct sim_order){.job = "J1", .media_type = HEIC});
	until(sim, "J1: released: page 1: " OFF);
	never(sim, "J1: fetched");
	came_out(sim, "J1", 0, 0);
	story_end(sim);
}

static void one_page_in_it_is_enough(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .media_type = HEIC, .n_pages = 3});
	until(sim, "J1: inspected");
	take_heic(sim, false);
	sim_run(sim, 5 * SECONDS);
	stands(sim, "J1", AT_RELEASED);
	story_end(sim);
}

static void taken_again_prints(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	take_heic(sim, false);
	sim_run(sim, 5 * SECONDS);
	take_heic(sim, true);
	sim_order(sim, &(struct sim_order){.job = "J1", .media_type = HEIC});
	until(sim, "J1: reported");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

static void what_no_printer_can_make_any_more_is_given_back_and_no_bad_file(void **state)
{
	(void)state;
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: fetched");
	sim_forget_media(sim, "4x6-glossy");
	sim_run(sim, 5 * SECONDS);
	stands(sim, "J1", AT_RELEASED);
	expect(sim, "J1: inspected",
		"J1: released: no printer of this floor takes the paper of 4x6-glossy");
	story_end(sim);
}

/* ---- local orders ---- */

static void kept(void *context, int64_t id, const char *name, const struct err *err)
{
	bool *is_kept = context;
	(void)id;
	(void)name;
	*is_kept = err == NULL;
}

static bool submit(struct sim *sim, char id[TEXT_ID_MAX], struct err *err)
{
	static const char photo[] = "a photo of yours";
	struct local_page page = {
		.bytes = 16, .media_type = HEIC, .options = {.rotate_degrees = -1}};
	bool is_kept = false;
	int64_t have;
	hash_hex_of(photo, 16, page.sha256);
	struct spool *spool = farm_spool(sim_farm(sim));
	int fd = spool_incoming(spool, page.sha256, 16, &have, err);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, photo, 16), 16);
	spool_keep_asset(spool, page.sha256, fd, kept, &is_kept, 0);
	sim_run(sim, 0);
	assert_true(is_kept);
	struct local_order order = {.sku = "4x6-glossy", .copies = 1, .n_pages = 1, .pages = &page};
	return farm_submit(sim_farm(sim), &order, "anna", id, err);
}

static void submitted_one_waits_for_a_person_and_goes_on(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX], line[256];
	struct err err;
	struct sim *sim = story_begin_with((struct sim_conf){.seed = 7, .no_cloud = true});
	sim_run(sim, 1 * SECONDS);
	sim_fault(sim,
		&(struct sim_fault){.call = SIM_RENDER, .how = SIM_LATE, .late_ms = 60 * SECONDS});
	said(submit(sim, id, &err), &err);
	snprintf(line, sizeof line, "%s: inspected", id);
	until(sim, line);
	take_heic(sim, false);
	sim_run(sim, 5 * SECONDS);
	stands(sim, id, AT_HELD_OPERATOR);
	said(farm_release(sim_farm(sim), id, "anna", "", &err), &err); /* not yet */
	sim_run(sim, 5 * SECONDS);
	stands(sim, id, AT_HELD_OPERATOR);
	take_heic(sim, true);
	said(farm_release(sim_farm(sim), id, "anna", "", &err), &err);
	snprintf(line, sizeof line, "%s: reported", id);
	until(sim, line);
	came_out(sim, id, 1, 0);
	story_end(sim);
}

static void submit_says_that_it_is_switched_off(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	struct err err;
	struct sim *sim = story_begin_with((struct sim_conf){.seed = 7, .no_cloud = true});
	sim_run(sim, 1 * SECONDS);
	take_heic(sim, false);
	assert_false(submit(sim, id, &err));
	assert_string_equal(err.code, "format-disabled");
	story_end(sim);
}

#define ROWS (sizeof rows / sizeof rows[0])

int main(void)
{
	const struct CMUnitTest plain[] = {
		cmocka_unit_test(rendered_already_is_printed),
		cmocka_unit_test(leased_all_the_same_is_given_back_unread),
		cmocka_unit_test(one_page_in_it_is_enough),
		cmocka_unit_test(what_no_printer_can_make_any_more_is_given_back_and_no_bad_file),
		cmocka_unit_test(taken_again_prints),
		cmocka_unit_test(submitted_one_waits_for_a_person_and_goes_on),
		cmocka_unit_test(submit_says_that_it_is_switched_off),
	};
	struct CMUnitTest tests[ROWS + sizeof plain / sizeof plain[0]];
	for (size_t i = 0; i < ROWS; i++) {
		tests[i] = (struct CMUnitTest){.name = rows[i].fact,
			.test_func = dropped_early_goes_back,
			.initial_state = (void *)(uintptr_t)&rows[i]};
	}
	memcpy(tests + ROWS, plain, sizeof plain);
	return cmocka_run_group_tests_name("walk/formats", tests, NULL, NULL);
}
