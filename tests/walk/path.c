/* SPDX-License-Identifier: Apache-2.0
 *
 * The path of one job, and at each stage of it the four stories: the work fails, it is late, the
 * lease is lost there, the daemon is killed there.
 */
#include "tests/walk/story.h"

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
	events_are(sim, "J1", "leased asset_ready rendered queued started accepted printed");
	came_out(sim, "J1", 1, 0);
	story_end(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_print_walks_the_whole_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
