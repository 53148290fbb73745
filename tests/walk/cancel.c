/* SPDX-License-Identifier: Apache-2.0
 *
 * A cancel at every stage: nothing is begun after it, what is under way comes out, and the order
 * service hears how many of how many prints there are.
 */
#include "tests/walk/story.h"

struct row {
	const char *name;
	const char *at;    /* the line after which a person cancels */
	int32_t out, half; /* sheets that come out, and spoiled ones */
	const char *says;  /* the last line about it */
};

#define CANCELLED "cancelled by anna: wrong photo"

static const struct row rows[] = {
	{"cancelled_when_leased", "J1: leased: 4x6-glossy x 3, order O-J1, epoch 1", 0, 0,
		CANCELLED},
	{"cancelled_when_fetched", "J1: fetched", 0, 0, CANCELLED},
	{"cancelled_when_inspected", "J1: inspected", 0, 0, CANCELLED},
	{"cancelled_when_rendered", "J1: rendered", 0, 0, CANCELLED},
	{"cancelled_when_queued", "J1: queued", 0, 0, CANCELLED},
	{"cancelled_when_permitted", "J1: permitted", 0, 0, CANCELLED},
	{"cancelled_when_prepared", "J1: prepared", 0, 0, "nothing was printed"},
	{"cancelled_when_opened", "J1: opened", 0, 0, "nothing was printed"},
	{"cancelled_when_sending", "J1: sending", 0, 0, "nothing was printed"},
	{"cancelled_when_committed", "J1: committed", 1, 0, "cancelled after 1 of 3 prints"},
	{"cancelled_when_accepted", "J1: accepted", 1, 0, "cancelled after 1 of 3 prints"},
	{"cancelled_between_two_copies", "J1: permitted: came out: completed", 1, 0, CANCELLED},
};

#define TOLD(member)                                                                               \
	"SELECT json_extract(data,'" member "') FROM event"                                        \
	" WHERE type='platen.job.cancelled.v1' AND acked=1"

static void told_cancelled(struct sim *sim, int32_t printed)
{
	int64_t n = 0;
	int64_t of = 0;
	struct db *db = store_db(sim_store(sim));
	assert_true(db_one_int(db, &n, TOLD("$.printed"), ""));
	assert_true(db_one_int(db, &of, TOLD("$.of"), ""));
	assert_int_equal(n, printed);
	assert_int_equal(of, 3);
}

static void cancel(void **state)
{
	const struct row *row = *state;
	struct err err;
	char last[128];
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3});
	until(sim, row->at);
	said(farm_cancel(sim_farm(sim), "J1", "anna", "wrong photo", &err), &err);
	snprintf(last, sizeof last, "J1: cancelled: %s", row->says);
	until(sim, last);
	sim_run(sim, 5 * MINUTES);
	assert_string_equal(sim_cloud_state(sim, "J1"), "cancelled");
	told_cancelled(sim, row->out);
	came_out(sim, "J1", row->out, row->half);
	story_end(sim);
}

static void cancelled_when_held_after_a_jam(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin_with((struct sim_conf){.seed = 1, .copies_per_attempt = 3});
	sim_printer(sim, "P1")->aborts_on_jam = true;
	sim_printer(sim, "P1")->jam_after = 2;
	sim_order(sim, &(struct sim_order){.job = "J1", .copies = 3});
	until(sim, "J1: held-operator: held: stopped after 2 of 3: ended early. Look at the "
		   "printer, then let it go on with the rest");
	said(farm_cancel(sim_farm(sim), "J1", "anna", "wrong photo", &err), &err);
	sim_run(sim, 5 * MINUTES);
	assert_string_equal(sim_cloud_state(sim, "J1"), "cancelled");
	told_cancelled(sim, 2);
	came_out(sim, "J1", 2, 1);
	story_end(sim);
}

/* The worker of a dye-sub is about to say its first step, which is SENDING. */
static void cancelled_before_the_first_byte_of_a_dye_sub_sends_none(void **state)
{
	(void)state;
	struct err err;
	struct sim *sim = story_begin();
	sim_printer(sim, "P1")->kind = SIM_DYE;
	sim_order(sim, &(struct sim_order){.job = "J1"});
	until(sim, "J1: prepared");
	sim_run(sim, 20);
	said(farm_cancel(sim_farm(sim), "J1", "anna", "wrong photo", &err), &err);
	until(sim, "J1: cancelled: nothing was printed");
	never(sim, "J1: opened");
	came_out(sim, "J1", 0, 0);
	story_end(sim);
}

int main(void)
{
	enum { ROWS = sizeof rows / sizeof rows[0] };
	struct CMUnitTest tests[ROWS + 2] = {
		[ROWS] = cmocka_unit_test(cancelled_when_held_after_a_jam),
		[ROWS + 1] =
			cmocka_unit_test(cancelled_before_the_first_byte_of_a_dye_sub_sends_none)};
	for (size_t i = 0; i < ROWS; i++) {
		tests[i] = (struct CMUnitTest){.name = rows[i].name,
			.test_func = cancel,
			.initial_state = (void *)&rows[i]};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
