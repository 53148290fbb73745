/* SPDX-License-Identifier: Apache-2.0
 *
 * Another floor of the same order service: it takes what lapsed or was released for elsewhere, and
 * prints it a little later. So whatever the service gives away too early comes out twice.
 */
#include "sim/own.h"
#include <stdlib.h>
#include <string.h>

#define LOOK_MS  60000
#define PATIENCE 120000 /* what waits so long may go elsewhere */
#define PRINT_MS 90000

struct order_taken {
	char job[TEXT_ID_MAX];
	int64_t epoch;
};

static void print_all(struct sim *sim, const struct sim_job *job)
{
	struct sheet sheet = {.at = ELSEWHERE};
	text_copy(sheet.job, sizeof sheet.job, job->id);
	for (sheet.page = 0; sheet.page < job->n_pages; sheet.page++) {
		for (sheet.copy = 0; sheet.copy < job->copies; sheet.copy++) {
			sheet_add(sim, &sheet);
		}
	}
}

static void on_print(struct sim *sim, void *data)
{
	struct order_taken taken = *(struct order_taken *)data;
	free(data);
	struct sim_job *job = sim_cloud_job(sim, taken.job);
	if (job->epoch == taken.epoch && job->state == JOB_ELSEWHERE && !job->cancel) {
		job->authorised += job->again;
		print_all(sim, job);
	}
}

void elsewhere_take(struct sim *sim, struct sim_job *job)
{
	job->epoch++;
	job->state = JOB_ELSEWHERE;
	if (!sim->conf.second_floor) {
		return;
	}
	struct order_taken *taken = mem_new(1, sizeof *taken);
	memcpy(taken->job, job->id, sizeof taken->job);
	taken->epoch = job->epoch;
	sim_later(sim, sim_jitter(sim, PRINT_MS), false, on_print, free, taken);
}

static void on_look(struct sim *sim, void *data)
{
	(void)data;
	for (size_t i = 0; i < sim->n_jobs; i++) {
		struct sim_job *job = &sim->jobs[i];
		cloud_lapse(sim, job);
		bool waits = job->state == JOB_WAITING && sim->now_ms - job->heard_ms > PATIENCE;
		if (waits && (job->not_here || sim_random(&sim->random) % 4 == 0)) {
			elsewhere_take(sim, job);
		}
	}
	sim_later(sim, LOOK_MS, false, on_look, NULL, NULL);
}

void elsewhere_open(struct sim *sim)
{
	sim_later(sim, LOOK_MS, false, on_look, NULL, NULL);
}
