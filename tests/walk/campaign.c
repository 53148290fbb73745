/* SPDX-License-Identifier: Apache-2.0
 *
 * Ten orders, and whatever can go wrong by chance, seed after seed; then everything is repaired and
 * people say what they see. The oracle must hold, and every order must have come to its end. A seed
 * that fails is printed: PLATEN_SEED=N runs it alone, PLATEN_SHOW=1 shows its trace,
 * PLATEN_SEEDS=N runs N from there.
 */
#include "tests/walk/story.h"
#include <stdlib.h>
#include <string.h>

/* sanitizers make it four times as long */
#if defined(__SANITIZE_ADDRESS__)
#define SEEDS 100
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEEDS 100
#endif
#endif
#ifndef SEEDS
#define SEEDS 300
#endif

#define JOBS   10
#define ROUNDS 30

static uint32_t dice(struct sim *sim, uint32_t n)
{
	return (uint32_t)(sim_chance(sim) % n);
}

static const char *any_printer(struct sim *sim)
{
	return dice(sim, 2) == 0 ? "P1" : "P2";
}

static const char *job_name(uint32_t i)
{
	static const char *const names[JOBS] = {
		"J0", "J1", "J2", "J3", "J4", "J5", "J6", "J7", "J8", "J9"};
	return names[i];
}

/* ---- what goes wrong ---- */

static void break_call(struct sim *sim)
{
	static const enum sim_how hows[] = {SIM_FAILS, SIM_ANSWER_LOST, SIM_LATE, SIM_DIES};
	static const enum sim_call endless[] = {SIM_FETCH, SIM_INSPECT, SIM_RENDER, SIM_OPENED,
		SIM_SENDING, SIM_COMMITTED, SIM_SENT};
	static const enum remedy remedies[] = {
		REMEDY_RETRY, REMEDY_RETRY, REMEDY_ATTEND, REMEDY_REJECT, REMEDY_FATAL};
	struct sim_fault broken = {.call = (enum sim_call)dice(sim, SIM_CALLS),
		.how = hows[dice(sim, 4)],
		.nth = 1 + (int32_t)dice(sim, 3),
		.times = 1 + (int32_t)dice(sim, 3),
		.remedy = remedies[dice(sim, 5)],
		.late_ms = dice(sim, 90000)};
	bool hand_over = broken.call >= SIM_OPENED && broken.call <= SIM_SENT;
	if (dice(sim, 4) == 0) {
		broken.call = endless[dice(sim, 7)];
		broken.how = SIM_NEVER;
	} else if (hand_over) {
		broken.how = SIM_FAILS;
		broken.remedy = broken.call == SIM_SENT ? REMEDY_UNSURE : broken.remedy;
	}
	if (broken.call < SIM_SIGN && broken.remedy == REMEDY_FATAL) {
		broken.remedy = REMEDY_RETRY;
	}
	if (broken.call > SIM_SENT || broken.call == SIM_WITNESS) {
		broken.remedy = REMEDY_RETRY; /* as drivers say it */
	}
	sim_fault(sim, &broken);
}

static void break_printer(struct sim *sim)
{
	const char *name = any_printer(sim);
	struct sim_machine *machine = sim_printer(sim, name);
	switch (dice(sim, 5)) {
	case 0:
		machine->absent = !machine->absent;
		break;
	case 1:
		machine->jam_after = (int32_t)dice(sim, 3);
		break;
	case 2:
		sim_printer_forget(sim, name);
		break;
	case 3:
		text_copy(machine->media, NAME_MAX_LEN, dice(sim, 2) == 0 ? "" : "4x6-glossy");
		break;
	default:
		machine->refuse_times = (int32_t)dice(sim, 4);
		machine->refuses = dice(sim, 2) == 0 ? REMEDY_REJECT : REMEDY_ATTEND;
		break;
	}
	sim_printer_go_on(sim, name);
}

static void meddle(struct sim *sim)
{
	struct err ignored;
	struct farm *farm = sim_farm(sim);
	const char *job = job_name(dice(sim, JOBS));
	bool ordered = strcmp(sim_cloud_state(sim, job), "unknown") != 0;
	bool waits = strcmp(sim_cloud_state(sim, job), "leased") == 0;
	bool fine = true;
	switch (dice(sim, 9)) {
	case 0:
		fine = farm_hold(farm, job, "ben", "", &ignored);
		break;
	case 1:
		fine = farm_cancel(farm, job, "ben", "", &ignored);
		break;
	case 2:
		fine = farm_give_back(farm, job, "ben", "", &ignored);
		break;
	case 3:
		fine = farm_printer_pause(farm, any_printer(sim), "ben", &ignored);
		break;
	case 4:
		sim_cloud_outage(sim, dice(sim, 2) == 0);
		break;
	case 5:
		if (ordered) {
			sim_cloud_cancel(sim, job);
		}
		break;
	case 6:
		if (ordered) {
			sim_cloud_pause(sim, job, dice(sim, 2) == 0);
		}
		break;
	case 7:
		if (waits) {
			sim_cloud_take(sim, job);
		}
		break;
	default:
		if (ordered) { /* as a service gone mad would, even while it prints */
			sim_cloud_again(sim, job, dice(sim, 2) == 0);
		}
		break;
	}
	(void)fine; /* people are refused things, too */
}

static void go_wrong(struct sim *sim)
{
	switch (dice(sim, 6)) {
	case 0:
	case 1:
		sim_restart(sim);
		break;
	case 2:
		break_call(sim);
		break;
	case 3:
	case 4:
		break_printer(sim);
		break;
	default:
		meddle(sim);
		break;
	}
}

/* ---- and is repaired ---- */

static void repair(struct sim *sim)
{
	static const char *const names[] = {"P1", "P2"};
	static const char *const media[] = {"4x6-glossy", "5x7-lustre"};
	struct err err;
	sim_cloud_outage(sim, false);
	for (int i = 0; i < 2; i++) {
		struct sim_machine *machine = sim_printer(sim, names[i]);
		machine->absent = machine->jammed = false;
		machine->jam_after = -1;
		machine->refuse_times = 0;
		text_copy(machine->media, NAME_MAX_LEN, media[i]);
		sim_printer_go_on(sim, names[i]);
		said(farm_printer_resume(sim_farm(sim), names[i], "anna", "looked", &err), &err);
	}
	for (uint32_t i = 0; i < JOBS; i++) {
		if (strcmp(sim_cloud_state(sim, job_name(i)), "unknown") != 0) {
			sim_cloud_pause(sim, job_name(i), false);
		}
	}
}

static void decide(struct sim *sim, const struct job *job)
{
	struct err err;
	if (job->stage == AT_HELD_UNKNOWN) {
		int32_t found = sim_tray(sim, job->id);
		found = found > job->unknown ? job->unknown : found;
		said(sim_resolve(sim, job->id, found, &err), &err);
	}
	if (job->stage == AT_HELD_OPERATOR) {
		if (strcmp(job->reason_code, "printed-before") == 0) {
			sim_authorise(sim, job->id);
		}
		said(farm_release(sim_farm(sim), job->id, "anna", "", &err), &err);
	}
}

static bool all_is_over(struct sim *sim)
{
	struct farm_state farm;
	bool over = true;
	for (uint32_t i = 0; i < JOBS; i++) {
		struct job job;
		const char *state = sim_cloud_state(sim, job_name(i));
		bool here = store_job_find(sim_store(sim), job_name(i), &job);
		if (here) {
			decide(sim, &job);
		}
		/* a lease that never arrived here lapses, and is offered again */
		over = over && strcmp(state, "waiting") != 0 && strcmp(state, "leased") != 0 &&
		       (!here || stage_is_final(job.stage));
	}
	farm_state(sim_farm(sim), &farm);
	return over && farm.jobs_open == 0;
}

/* ---- a seed ---- */

static void order(struct sim *sim, uint32_t i)
{
	sim_order(sim, &(struct sim_order){.job = job_name(i),
			       .sku = dice(sim, 2) == 0 ? "4x6-glossy" : "5x7-lustre",
			       .copies = 1 + (int32_t)dice(sim, 3),
			       .n_pages = 1 + (int32_t)dice(sim, 2),
			       .priority = 1 + (int32_t)dice(sim, 100)});
}

static void equip(struct sim *sim, const char *name)
{
	struct sim_machine *machine = sim_printer(sim, name);
	machine->starts_early = dice(sim, 2) == 0;
	machine->aborts_on_jam = dice(sim, 2) == 0;
	machine->no_counter = dice(sim, 4) == 0;
	machine->no_impressions = dice(sim, 4) == 0;
	machine->no_history = dice(sim, 4) == 0;
}

/* False says what is wrong. */
static bool run(uint64_t seed, char hex[HASH_HEX_MAX], char words[512])
{
	struct sim *sim = story_begin_with((struct sim_conf){
		.seed = seed, .jitter = true, .copies_per_attempt = 1 + (int32_t)(seed % 3)});
	equip(sim, "P1");
	equip(sim, "P2");
	uint32_t ordered = 0;
	for (int round = 0; round < ROUNDS; round++) {
		if (ordered < JOBS && dice(sim, 3) > 0) {
			order(sim, ordered++);
		}
		sim_run(sim, dice(sim, 20) == 0  ? 15 * MINUTES
			     : dice(sim, 2) == 0 ? dice(sim, 3000)
						 : dice(sim, 30000));
		go_wrong(sim);
	}
	while (ordered < JOBS) {
		order(sim, ordered++);
	}
	bool over = false;
	for (int minute = 0; minute < 240 && !over; minute++) {
		repair(sim);
		sim_run(sim, 1 * MINUTES);
		over = all_is_over(sim);
	}
	bool fine = sim_judge(sim, true, words, 512);
	if (fine && !over) {
		snprintf(words, 512, "not all is over after four hours");
	}
	sim_trace_hash(sim, hex);
	story_close(sim);
	return fine && over;
}

static void nothing_comes_out_twice_and_all_comes_to_an_end(void **state)
{
	(void)state;
	char hex[HASH_HEX_MAX];
	char words[512];
	const char *only = getenv("PLATEN_SEED");
	const char *many = getenv("PLATEN_SEEDS");
	uint64_t first = only != NULL ? strtoull(only, NULL, 10) : 1;
	uint64_t n = many != NULL ? strtoull(many, NULL, 10) : only != NULL ? 1 : SEEDS;
	int bad = 0;
	for (uint64_t seed = first; seed < first + n; seed++) {
		if (!run(seed, hex, words)) {
			print_error("seed %llu: %s\n", (unsigned long long)seed, words);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

static void same_seed_gives_the_same_run_line_by_line(void **state)
{
	(void)state;
	char one[HASH_HEX_MAX];
	char two[HASH_HEX_MAX];
	char other[HASH_HEX_MAX];
	char words[512];
	assert_true(run(42, one, words));
	assert_true(run(42, two, words));
	assert_true(run(43, other, words));
	assert_string_equal(one, two);
	assert_string_not_equal(one, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_seed_gives_the_same_run_line_by_line),
		cmocka_unit_test(nothing_comes_out_twice_and_all_comes_to_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
