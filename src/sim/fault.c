/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes wrong: the faults that were asked for, call by call, and the points of the product
 * (base/point.h), which strike by chance. Not every point strikes in every run: a few active ones
 * lead deeper than many that cut each other short.
 */
#include "sim/own.h"
#include <string.h>

#define ACTIVE_PERCENT 25 /* of the points, in one run */

/* ---- asked for, by call ---- */

void sim_fault(struct sim *sim, const struct sim_fault *fault)
{
	if (sim->n_faults == SIM_FAULTS_MAX) {
		sim_blame(sim, "more faults were asked for than there is room for");
		return;
	}
	sim->faults[sim->n_faults++] = (struct sim_row){.fault = *fault,
		.wait = fault->nth > 1 ? fault->nth - 1 : 0,
		.left = fault->times > 0 ? fault->times : 1};
}

struct sim_met sim_meet(struct sim *sim, enum sim_call call)
{
	struct sim_met met = {.wrong = false};
	for (size_t i = 0; i < sim->n_faults; i++) {
		struct sim_row *row = &sim->faults[i];
		if (row->fault.call != call || row->left == 0 || row->wait-- > 0) {
			continue;
		}
		row->left--;
		row->wait = 0;
		met = (struct sim_met){.wrong = row->fault.how != SIM_LATE,
			.how = row->fault.how,
			.late_ms = row->fault.late_ms};
		const char *code = row->fault.code == NULL ? "made-up" : row->fault.code;
		err_set(&met.err, row->fault.remedy, code, "made-up failure (%s)", code);
		break;
	}
	return met;
}

/* ---- points ---- */

/* The run's seed decides which are active. FNV-1a. */
static bool is_active(const struct sim *sim, const char *place, const char *detail)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ sim->conf.seed;
	for (const char *at = place; *at != '\0'; at++) {
		hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
	}
	for (const char *at = detail; *at != '\0'; at++) {
		hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
	}
	return sim_random(&hash) % 100 < ACTIVE_PERCENT;
}

static bool judge_point(void *context, const char *place, const char *detail)
{
	struct sim *sim = context;
	bool alive = sim->farm != NULL && !sim->dying && sim->now_ms > sim->born_ms;
	if (!alive || !is_active(sim, place, detail) ||
		sim_random(&sim->point_random) % 1000 >= (uint64_t)sim->conf.points_permille) {
		return false;
	}
	log_info("sim", "struck at %s%s%s", place, detail[0] == '\0' ? "" : "/", detail);
	return true;
}

void sim_arm_points(struct sim *sim)
{
	if (sim->conf.points_permille > 0) {
		point_arm(judge_point, sim);
	}
}

void sim_disarm_points(const struct sim *sim)
{
	if (sim->conf.points_permille > 0) {
		point_arm(NULL, NULL);
	}
}
