/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor's points (base/point.h): where a test may end it, and the names of them all, made of
 * the same lists that the floor walks by, so that a new stage, work or call has its points at once.
 */
#include "farm/own.h"

void farm_point(struct farm *farm, const char *place, const char *detail)
{
	struct err err;
	if (point_strikes(place, detail)) {
		err_set(&err, REMEDY_FATAL, "struck", "struck at %s/%s", place, detail);
		farm_stop(farm, &err);
	}
}

static const char *nth_stage(size_t n)
{
	return n < STAGE_COUNT ? stage_word((enum stage)n) : NULL;
}

static const char *nth_work(size_t n)
{
	return n + 1 < WORK_COUNT ? work_name((enum work)(n + 1)) : NULL; /* not DO_NOTHING */
}

static const char *nth_call(size_t n)
{
	for (int chore = 0; chore < CHORES; chore++) {
		const char *name = call_name((enum chore)chore);
		if (name != NULL && n-- == 0) {
			return name;
		}
	}
	return NULL;
}

static const char *nth_folder(size_t n)
{
	static const enum spool_folder kept_in[] = {SPOOL_ASSETS, SPOOL_RASTERS};
	return n < sizeof kept_in / sizeof kept_in[0] ? spool_folder_name(kept_in[n]) : NULL;
}

static const char *alone(size_t n)
{
	return n == 0 ? "" : NULL;
}

const char *farm_point_detail(enum point_detail detail, size_t n)
{
	static const char *(*const lists[])(size_t n) = {
		[POINT_ALONE] = alone,
		[POINT_STAGE] = nth_stage,
		[POINT_WORK] = nth_work,
		[POINT_CALL] = nth_call,
		[POINT_FOLDER] = nth_folder,
	};
	return lists[detail](n);
}
