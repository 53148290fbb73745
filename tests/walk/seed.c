/* SPDX-License-Identifier: Apache-2.0
 *
 * One seed, from its orders to the judgement.
 */
#include "tests/walk/seed.h"
#include "base/hash.h"
#include "tests/walk/story.h"
#include <string.h>

#define ROUNDS        30
#define HOURS_AT_MOST 8
#define LOOKS_AFTER   (30 * MINUTES) /* a person goes to the tray when no proof came so long */

uint64_t seed_fresh(void)
{
	uint64_t seed;
	random_bytes(&seed, sizeof seed);
	return seed >> 16; /* easy to type */
}

/* ---- and is repaired ---- */

static void repair(struct sim *sim)
{
	static const char *const names[] = {"P1", "P2"};
	static const char *const media[] = {"4x6-glossy", "5x7-lustre"};
	struct err err;
	sim_cloud_outage(sim, false);
	vfs_break(sim_disk(sim), NULL);
	for (int i = 0; i < 2; i++) {
		struct sim_machine *machine = sim_printer(sim, names[i]);
		machine->absent = machine->jammed = false;
		machine->jam_after = -1;
		machine->refuse_times = 0;
		text_copy(machine->media, NAME_MAX_LEN, media[i]);
		sim_printer_go_on(sim, names[i]);
		if (sim_farm(sim) != NULL) {
			said(farm_printer_resume(sim_farm(sim), names[i], "anna", "repaired", &err),
				&err);
		}
	}
	for (uint32_t i = 0; i < SEED_JOBS; i++) {
		if (strcmp(sim_cloud_state(sim, seed_job(i)), "unknown") != 0) {
			sim_cloud_pause(sim, seed_job(i), false);
		}
	}
}

static void count_tray(struct sim *sim, const struct job *job)
{
	struct err err;
	if (farm_wall_ms(sim_farm(sim)) - job->stage_wall_ms < LOOKS_AFTER) {
		return;
	}
	int32_t found = sim_tray(sim, job->id);
	found = found > job->unknown ? job->unknown : found;
	said(sim_resolve(sim, job->id, found, &err), &err);
}

static void decide(struct sim *sim, const struct job *job)
{
	struct err err;
	if (job->stage == AT_HELD_UNKNOWN) {
		count_tray(sim, job);
	}
	if (job->stage == AT_HELD_OPERATOR) {
		if (strcmp(job->reason_code, "printed-before") == 0) {
			sim_authorise(sim, job->id);
		}
		said(farm_release(sim_farm(sim), job->id, "anna", "", &err), &err);
	}
}

static bool is_over(struct sim *sim, const char *name)
{
	struct job job;
	const char *state = sim_cloud_state(sim, name);
	bool here = store_job_find(sim_store(sim), name, &job);
	if (here) {
		decide(sim, &job);
	}
	/* a lease that never arrived here lapses, and is offered again; what the service has
	 * forgotten it is told again */
	return strcmp(state, "waiting") != 0 && strcmp(state, "leased") != 0 &&
	       strcmp(state, "started") != 0 && (!here || stage_is_final(job.stage));
}

static bool all_is_over(struct sim *sim)
{
	struct farm_state farm;
	bool over = true;
	if (sim_farm(sim) == NULL) {
		return false;
	}
	for (uint32_t i = 0; i < SEED_JOBS; i++) {
		over = is_over(sim, seed_job(i)) && over;
	}
	farm_state(sim_farm(sim), &farm);
	return over && farm.jobs_open == 0;
}

/* ---- a seed ---- */

static void order(struct sim *sim, uint32_t i)
{
	static const enum duplicates wishes[] = {DUPLICATES_HOLD, DUPLICATES_HOLD, DUPLICATES_HOLD,
		DUPLICATES_HOLD, DUPLICATES_REPRINT, DUPLICATES_RELEASE};
	sim_order(sim, &(struct sim_order){.job = seed_job(i),
			       .sku = dice(sim, 2) == 0 ? "4x6-glossy" : "5x7-lustre",
			       .copies = 1 + (int32_t)dice(sim, 3),
			       .n_pages = 1 + (int32_t)dice(sim, 2),
			       .duplicates = wishes[dice(sim, 6)],
			       .priority = 1 + (int32_t)dice(sim, 100)});
}

static void live(struct sim *sim)
{
	uint32_t ordered = 0;
	for (int round = 0; round < ROUNDS; round++) {
		if (ordered < SEED_JOBS && dice(sim, 3) > 0) {
			order(sim, ordered++);
		}
		sim_run(sim, dice(sim, 20) == 0  ? 15 * MINUTES
			     : dice(sim, 2) == 0 ? dice(sim, 3000)
						 : dice(sim, 30000));
		mishap(sim);
	}
	while (ordered < SEED_JOBS) {
		order(sim, ordered++);
	}
}

void seed_run(uint64_t seed, struct seed_report *report)
{
	struct sim *sim = story_begin_with((struct sim_conf){.seed = seed,
		.jitter = true,
		.second_floor = true,
		.checks_store = true,
		.counter_lag_ms = 5000,
		.points_permille = seed % 2 == 0 ? 1 : 0,
		.copies_per_attempt = 1 + (int32_t)(seed % 3)});
	*report = (struct seed_report){.seed = seed};
	mishap_equip(sim);
	live(sim);
	bool over = false;
	for (int minute = 0; minute < HOURS_AT_MOST * 60 && !over; minute++) {
		repair(sim);
		sim_run(sim, 1 * MINUTES);
		over = all_is_over(sim);
	}
	report->fine = sim_judge(sim, over, report->words, sizeof report->words) && over;
	if (!over && report->words[0] == '\0') {
		snprintf(report->words, sizeof report->words, "V3: not all is over after %d hours",
			HOURS_AT_MOST);
	}
	sim_tally(sim, &report->tally);
	sim_trace_hash(sim, report->hash);
	story_close(sim);
}
