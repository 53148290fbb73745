/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes wrong by chance: the daemon, its disk, its workers, the order service, the printers and
 * the people.
 */
#include "tests/walk/seed.h"
#include "base/log.h"
#include "tests/walk/story.h"
#include <string.h>

uint32_t dice(struct sim *sim, uint32_t sides)
{
	return (uint32_t)(sim_chance(sim) % sides);
}

static const char *any_printer(struct sim *sim)
{
	return dice(sim, 2) == 0 ? "P1" : "P2";
}

const char *seed_job(uint32_t at)
{
	static const char *const names[SEED_JOBS] = {
		"J0", "J1", "J2", "J3", "J4", "J5", "J6", "J7", "J8", "J9"};
	return names[at];
}

/* ---- printers: what they are ---- */

static void equip_ipp(struct sim *sim, struct sim_machine *machine)
{
	machine->kind = dice(sim, 2) == 0 ? SIM_DIRECT : SIM_HOLDS;
	machine->starts_early = dice(sim, 2) == 0;
	machine->no_counter = dice(sim, 4) == 0;
	machine->no_impressions = dice(sim, 4) == 0;
	machine->no_history = dice(sim, 4) == 0;
	machine->keeps = dice(sim, 3) == 0 ? 1 + (int32_t)dice(sim, 4) : 0;
	machine->skips_copy = dice(sim, 10) == 0;
	/* completed before it is: such a model's impressions are not to be trusted */
	machine->done_early = machine->no_impressions && dice(sim, 3) == 0;
	/* what its counter can't tell must be seen in its list of jobs (docs/simulator.md) */
	bool remembers = !machine->no_history && machine->keeps == 0;
	machine->shared = remembers && dice(sim, 4) == 0;
	machine->counter_stuck =
		remembers && !machine->no_impressions && !machine->skips_copy && dice(sim, 8) == 0;
}

static void equip_dye(struct sim *sim, struct sim_machine *machine)
{
	machine->kind = SIM_DYE;
	machine->no_counter = dice(sim, 12) == 0;
	machine->lag_ms = dice(sim, 2) == 0 ? dice(sim, 4500) : 0;
	machine->cools_after = dice(sim, 2) == 0 ? 1 + (int32_t)dice(sim, 4) : 0;
	machine->cool_ms = 10000 + dice(sim, 60000);
	machine->skips_copy = dice(sim, 10) == 0;
}

void mishap_equip(struct sim *sim)
{
	static const char *const names[] = {"P1", "P2"};
	for (int i = 0; i < 2; i++) {
		struct sim_machine *machine = sim_printer(sim, names[i]);
		machine->aborts_on_jam = dice(sim, 2) == 0;
		if (dice(sim, 3) == 0) {
			equip_dye(sim, machine);
		} else {
			equip_ipp(sim, machine);
		}
	}
}

/* ---- printers: what they do ---- */

static void fall_silent(struct sim *sim, const char *name)
{
	struct sim_machine *machine = sim_printer(sim, name);
	machine->absent = !machine->absent;
}

static void jam(struct sim *sim, const char *name)
{
	sim_printer(sim, name)->jam_after = (int32_t)dice(sim, 3);
}

static void be_cleared(struct sim *sim, const char *name)
{
	sim_printer(sim, name)->jammed = false;
}

static void change_paper(struct sim *sim, const char *name)
{
	const char *media = dice(sim, 2) == 0 ? "" : "4x6-glossy";
	text_copy(sim_printer(sim, name)->media, NAME_MAX_LEN, media);
}

static void refuse(struct sim *sim, const char *name)
{
	struct sim_machine *machine = sim_printer(sim, name);
	machine->refuse_times = (int32_t)dice(sim, 4);
	machine->refuses = dice(sim, 2) == 0 ? REMEDY_REJECT : REMEDY_ATTEND;
}

static void stall(struct sim *sim, const char *name)
{
	sim_printer(sim, name)->stall_ms = 60000;
}

static void be_mute(struct sim *sim, const char *name)
{
	sim_printer(sim, name)->mute_times = 1 + (int32_t)dice(sim, 5);
}

static void be_shared(struct sim *sim, const char *name)
{
	if (sim_printer(sim, name)->shared) {
		sim_printer_foreign(sim, name, 1 + (int32_t)dice(sim, 3));
	}
}

static void forget(struct sim *sim, const char *name)
{
	const struct sim_machine *machine = sim_printer(sim, name);
	if (machine->no_history || machine->keeps > 0) {
		sim_printer_forget(sim, name);
	}
}

/* More seldom than the rest: who does that in the seconds that matter? */
static void be_switched(struct sim *sim, const char *name)
{
	const struct sim_machine *machine = sim_printer(sim, name);
	if (dice(sim, 8) == 0 && !machine->shared && !machine->counter_stuck) {
		sim_printer_restart(sim, name);
	}
}

static void break_printer(struct sim *sim)
{
	static const struct {
		const char *words;
		void (*happen)(struct sim *sim, const char *name);
	} ways[] = {
		{"goes or comes", fall_silent},
		{"goes or comes", fall_silent},
		{"will jam", jam},
		{"will jam", jam},
		{"is cleared of a jam", be_cleared},
		{"gets other paper or none", change_paper},
		{"gets other paper or none", change_paper},
		{"will refuse", refuse},
		{"will refuse", refuse},
		{"will stand still in the next upload", stall},
		{"does not say its status", be_mute},
		{"is used by somebody else", be_shared},
		{"forgets its jobs", forget},
		{"is perhaps switched off and on", be_switched},
	};
	const char *name = any_printer(sim);
	uint32_t way = dice(sim, sizeof ways / sizeof ways[0]);
	log_info(name, "by chance: %s", ways[way].words);
	ways[way].happen(sim, name);
	sim_printer_go_on(sim, name);
}

/* ---- calls: to the service and to workers ---- */

/* As ports/cloud_request.c hears it of a status. */
static void fault_of_service(struct sim *sim, struct sim_fault *fault)
{
	static const struct {
		const char *code;
		enum remedy remedy;
	} rows[] = {{"no-answer", REMEDY_RETRY}, {"token-refused", REMEDY_RETRY},
		{"in-flight", REMEDY_RETRY}, {"too-many", REMEDY_RETRY}, {"internal", REMEDY_RETRY},
		{"unreadable", REMEDY_REJECT}, {"stale-epoch", REMEDY_DROP},
		{"session-unknown", REMEDY_RETRY}};
	static const enum sim_how hows[] = {
		SIM_FAILS, SIM_FAILS, SIM_ANSWER_LOST, SIM_LATE, SIM_DIES, SIM_TWICE};
	size_t row = dice(sim, sizeof rows / sizeof rows[0]);
	fault->how = hows[dice(sim, 6)];
	fault->code = rows[row].code;
	fault->remedy = rows[row].remedy;
}

static void fault_of_worker(struct sim *sim, struct sim_fault *fault)
{
	static const enum sim_how hows[] = {
		SIM_FAILS, SIM_LATE, SIM_DIES, SIM_DIES, SIM_TWICE, SIM_NEVER};
	static const enum remedy remedies[] = {
		REMEDY_RETRY, REMEDY_RETRY, REMEDY_ATTEND, REMEDY_REJECT, REMEDY_REDO};
	bool handing = fault->call >= SIM_OPENED && fault->call <= SIM_SENT;
	bool making = fault->call >= SIM_SIGN && fault->call <= SIM_RENDER;
	fault->how = hows[dice(sim, handing || making ? 6 : 5)];
	fault->remedy = making || handing ? remedies[dice(sim, 5)] : REMEDY_RETRY;
	if (fault->call == SIM_RELEASING || fault->call == SIM_SENT) {
		fault->remedy = REMEDY_UNSURE; /* as drivers say it once the tail has gone */
	}
	if (handing && (fault->how == SIM_LATE || fault->how == SIM_TWICE)) {
		fault->how = SIM_DIES;
	}
}

static void break_call(struct sim *sim)
{
	struct sim_fault fault = {.call = (enum sim_call)dice(sim, SIM_CALLS),
		.nth = 1 + (int32_t)dice(sim, 3),
		.times = 1 + (int32_t)dice(sim, 3),
		.late_ms = dice(sim, 90000)};
	if (fault.call < SIM_SIGN) {
		fault_of_service(sim, &fault);
	} else {
		fault_of_worker(sim, &fault);
	}
	log_info("sim", "by chance: call %d will go wrong", (int)fault.call);
	sim_fault(sim, &fault);
}

/* The worker that hands over dies, at any of its steps. */
static void kill_worker(struct sim *sim)
{
	sim_fault(sim, &(struct sim_fault){.call = SIM_OPENED + (enum sim_call)dice(sim, 5),
			       .how = SIM_DIES,
			       .remedy = REMEDY_UNSURE});
}

/* ---- the daemon and its disk ---- */

static void cut_power(struct sim *sim)
{
	sim_power_cut(sim, (enum vfs_cut)dice(sim, VFS_CUTS));
}

static void break_disk(struct sim *sim)
{
	vfs_break(sim_disk(sim), &(struct vfs_fault){.calls = VFS_CHANGES,
					 .nth = 1 + dice(sim, 40),
					 .how = (enum vfs_how)dice(sim, VFS_HOWS)});
}

/* ---- people, and the shop ---- */

static void person(struct sim *sim)
{
	struct err ignored;
	struct farm *farm = sim_farm(sim);
	const char *job = seed_job(dice(sim, SEED_JOBS));
	bool fine = true; /* people are refused things, too */
	switch (farm == NULL ? 4 : dice(sim, 4)) {
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
	default:
		break;
	}
	(void)fine;
}

static void shop(struct sim *sim)
{
	const char *job = seed_job(dice(sim, SEED_JOBS));
	const char *state = sim_cloud_state(sim, job);
	if (strcmp(state, "unknown") == 0) {
		return;
	}
	uint32_t what = dice(sim, 6);
	log_info("shop", "by chance: does %d to %s", (int)what, job);
	switch (what) {
	case 0:
		sim_cloud_cancel(sim, job);
		break;
	case 1:
		sim_cloud_pause(sim, job, dice(sim, 2) == 0);
		break;
	case 2:
		sim_cloud_revoke(sim, job);
		break;
	case 3:
		if (strcmp(state, "leased") == 0) {
			sim_cloud_take(sim, job);
		}
		break;
	case 4: /* a backup that lacks what came last */
		if (strcmp(state, "elsewhere") != 0 && strcmp(state, "waiting") != 0) {
			sim_cloud_forget(sim, job, 1 + (int32_t)dice(sim, 3));
		}
		break;
	default: /* as a service gone mad would, even while it prints */
		sim_cloud_again(sim, job, dice(sim, 2) == 0);
		break;
	}
}

static void part(struct sim *sim)
{
	sim_cloud_outage(sim, true);
	sim_run(sim,
		dice(sim, 4) == 0 ? (1 + dice(sim, 4)) * 60 * MINUTES : dice(sim, 10 * MINUTES));
	sim_cloud_outage(sim, false);
}

void mishap(struct sim *sim)
{
	static void (*const ways[])(struct sim *) = {sim_restart, sim_restart, kill_worker,
		kill_worker, cut_power, break_disk, break_call, break_call, break_printer,
		break_printer, break_printer, person, shop, part};
	ways[dice(sim, sizeof ways / sizeof ways[0])](sim);
}
