/* SPDX-License-Identifier: Apache-2.0
 *
 * The points of the floor: their list is made of the stages, works and calls themselves, and a job
 * meets those of every stage on its way, on both sides of the commit.
 */
#include "base/point.h"
#include "tests/walk/story.h"
#include <string.h>

static enum point_detail detail_of(const char *place)
{
	const struct point_place *at = point_places;
	while (at->name != NULL && strcmp(at->name, place) != 0) {
		at++;
	}
	assert_non_null(at->name);
	return at->detail;
}

static bool is_listed(const char *place, const char *detail)
{
	const char *listed;
	enum point_detail kind = detail_of(place);
	for (size_t n = 0; (listed = farm_point_detail(kind, n)) != NULL; n++) {
		if (strcmp(listed, detail) == 0) {
			return true;
		}
	}
	return false;
}

static void every_stage_has_a_point_on_both_sides_of_its_commit(void **state)
{
	(void)state;
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		assert_true(is_listed("storing", stage_word((enum stage)stage)));
		assert_true(is_listed("stored", stage_word((enum stage)stage)));
	}
}

static void every_work_has_a_point_after_its_ask(void **state)
{
	(void)state;
	for (int work = DO_NOTHING + 1; work < WORK_COUNT; work++) {
		assert_true(is_listed("asked", work_name((enum work)work)));
	}
}

#define HEARD_MAX 200

struct heard { /* the points that were passed, in order, each once */
	char points[HEARD_MAX][40];
	size_t n;
};

static size_t where(const struct heard *heard, const char *point)
{
	size_t at = 0;
	while (at < heard->n && strcmp(heard->points[at], point) != 0) {
		at++;
	}
	return at;
}

static bool hear(void *context, const char *place, const char *detail)
{
	struct heard *heard = context;
	char point[40];
	snprintf(point, sizeof point, "%s/%s", place, detail);
	assert_true(is_listed(place, detail));
	if (where(heard, point) == heard->n && heard->n < HEARD_MAX) {
		memcpy(heard->points[heard->n++], point, sizeof point);
	}
	return false;
}

static void a_job_meets_the_points_of_every_stage_on_its_way(void **state)
{
	(void)state;
	struct heard heard = {.n = 0};
	point_arm(hear, &heard);
	struct sim *sim = story_of_one();
	until(sim, "J1: reported");
	point_arm(NULL, NULL);
	for (int stage = AT_LEASED; stage <= AT_REPORTED; stage++) {
		char storing[40];
		char stored[40];
		snprintf(storing, sizeof storing, "storing/%s", stage_word((enum stage)stage));
		snprintf(stored, sizeof stored, "stored/%s", stage_word((enum stage)stage));
		assert_true(where(&heard, storing) < where(&heard, stored));
		assert_true(where(&heard, stored) < heard.n);
	}
	assert_true(where(&heard, "stored/leased") < where(&heard, "asked/fetch"));
	assert_true(where(&heard, "answered/start") < where(&heard, "storing/permitted"));
	assert_true(where(&heard, "written/rasters") < where(&heard, "storing/rendered"));
	story_end(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stage_has_a_point_on_both_sides_of_its_commit),
		cmocka_unit_test(every_work_has_a_point_after_its_ask),
		cmocka_unit_test(a_job_meets_the_points_of_every_stage_on_its_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
