/* SPDX-License-Identifier: Apache-2.0
 *
 * The printers as physical things: they outlive the daemon, print what they have, count every sheet
 * that comes out, and remember or forget their jobs. What they say of themselves is in
 * machine_say.c.
 */
#include "sim/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int32_t machine_at(const char *name)
{
	return (int32_t)strtol(name + 1, NULL, 10) - 1;
}

struct sim_machine *sim_printer(struct sim *sim, const char *name)
{
	return &sim->machines[machine_at(name)].open;
}

void sim_printer_go_on(struct sim *sim, const char *name)
{
	machine_kick(sim, &sim->machines[machine_at(name)]);
}

/* ---- its jobs ---- */

struct machine_job *machine_find(struct machine *machine, const char *key)
{
	for (struct machine_job *job = machine->jobs; job != NULL; job = job->next) {
		if (strcmp(job->key, key) == 0) {
			return job;
		}
	}
	return NULL;
}

static struct machine_job *add(struct machine *machine, const struct machine_job *job)
{
	struct machine_job **at = &machine->jobs;
	while (*at != NULL) {
		at = &(*at)->next;
	}
	*at = mem_new(1, sizeof **at);
	**at = *job;
	(*at)->next = NULL;
	(*at)->id = ++machine->last_id;
	snprintf((*at)->uuid, sizeof(*at)->uuid, "%.32s-%d-%d", machine->uuid, (int)machine->starts,
		(int)(*at)->id);
	return *at;
}

struct machine_job *machine_add(struct machine *machine, const struct attempt *attempt)
{
	struct machine_job job = {.page = attempt->page,
		.first_copy = attempt->first_copy,
		.copies = attempt->copies,
		.state = MACHINE_OPEN};
	memcpy(job.key, attempt->key, sizeof job.key);
	return add(machine, &job);
}

void sim_printer_foreign(struct sim *sim, const char *name, int32_t copies)
{
	struct machine *machine = &sim->machines[machine_at(name)];
	add(machine, &(struct machine_job){.copies = copies, .state = MACHINE_QUEUED});
	machine_kick(sim, machine);
}

static bool is_over(const struct machine_job *job)
{
	return job->state == MACHINE_DONE || job->state == MACHINE_ENDED;
}

void machine_free(struct machine *machine)
{
	while (machine->jobs != NULL) {
		struct machine_job *job = machine->jobs;
		machine->jobs = job->next;
		free(job);
	}
	free(machine->lost);
}

static void lose_jobs(struct machine *machine)
{
	struct machine_job *kept = machine->printing;
	while (machine->jobs != NULL) {
		struct machine_job *job = machine->jobs;
		machine->jobs = job->next;
		if (job != kept) {
			free(job);
		}
	}
	if (kept != NULL) {
		kept->stopping = true;
		kept->next = NULL;
		machine->lost = kept;
	}
}

void sim_printer_forget(struct sim *sim, const char *name)
{
	(void)sim;
	lose_jobs(&sim->machines[machine_at(name)]);
}

void sim_printer_restart(struct sim *sim, const char *name)
{
	struct machine *machine = &sim->machines[machine_at(name)];
	lose_jobs(machine);
	machine->since_ms = sim->now_ms;
	machine->starts++;
	machine->last_id = 0;
	machine->run = 0;
}

static void end(
	struct sim *sim, struct machine *machine, struct machine_job *job, enum machine_state state)
{
	job->state = state;
	job->ended_ms = sim->now_ms;
	int32_t keeps = machine->open.no_history ? 1 : machine->open.keeps;
	int32_t over = 0;
	for (const struct machine_job *at = machine->jobs; at != NULL; at = at->next) {
		over += is_over(at);
	}
	for (struct machine_job **at = &machine->jobs; keeps > 0 && over > keeps && *at != NULL;) {
		struct machine_job *old = *at;
		if (old == job || !is_over(old)) {
			at = &old->next;
			continue;
		}
		*at = old->next;
		free(old);
		over--;
	}
}

/* ---- paper ---- */

static void come_out(
	struct sim *sim, struct machine *machine, const struct machine_job *job, bool spoiled)
{
	struct sheet sheet = {.page = job->page,
		.copy = job->first_copy + job->done,
		.at = machine->at,
		.spoiled = spoiled,
		.counted = !spoiled && !machine->open.counter_stuck};
	memcpy(sheet.key, job->key, sizeof sheet.key);
	attempt_job(job->key, sheet.job);
	machine->life += sheet.counted;
	sheet_add(sim, &sheet);
}

static void jam(struct sim *sim, struct machine *machine, struct machine_job *job)
{
	machine->open.jammed = true;
	machine->open.jam_after = -1;
	come_out(sim, machine, job, true);
	if (machine->open.aborts_on_jam || job->stopping) {
		end(sim, machine, job, MACHINE_ENDED);
	}
}

static void come_out_whole(struct sim *sim, struct machine *machine, struct machine_job *job)
{
	machine->open.jam_after -= machine->open.jam_after > 0;
	come_out(sim, machine, job, false);
	job->done++;
	bool skips = machine->open.skips_copy && job->copies > 1;
	if (job->done == job->copies - skips) {
		end(sim, machine, job, MACHINE_DONE);
	} else if (job->stopping) {
		end(sim, machine, job, MACHINE_ENDED);
	}
	if (machine->open.cools_after > 0 && ++machine->run >= machine->open.cools_after) {
		machine->run = 0;
		machine->rests_ms = sim->now_ms + machine->open.cool_ms;
	}
}

static void on_sheet(struct sim *sim, void *data)
{
	struct machine *machine = data;
	struct machine_job *job = machine->printing;
	machine->printing = NULL;
	if (machine->open.jam_after == 0) {
		jam(sim, machine, job);
	} else {
		come_out_whole(sim, machine, job);
	}
	if (machine->lost == job) {
		machine->lost = NULL;
		free(job);
	}
	machine_kick(sim, machine);
}

static void on_rested(struct sim *sim, void *data)
{
	machine_kick(sim, data);
}

void machine_kick(struct sim *sim, struct machine *machine)
{
	if (machine->printing != NULL || machine->open.jammed || machine->open.media[0] == '\0') {
		return;
	}
	if (sim->now_ms < machine->rests_ms) {
		sim_later(sim, machine->rests_ms - sim->now_ms, false, on_rested, NULL, machine);
		return;
	}
	for (struct machine_job *job = machine->jobs; job != NULL; job = job->next) {
		if (job->state == MACHINE_QUEUED) {
			machine->printing = job;
			sim_later(sim, sim_jitter(sim, sim->model.ms_per_print), false, on_sheet,
				NULL, machine);
			return;
		}
	}
}

void machine_cancel(struct sim *sim, struct machine *machine, struct machine_job *job)
{
	if (is_over(job)) {
		return;
	}
	if (machine->printing == job) {
		job->stopping = true; /* the sheet under way comes out */
		return;
	}
	if (job->state == MACHINE_RECEIVING) {
		machine_cut(sim, machine, job->key);
		return;
	}
	end(sim, machine, job, MACHINE_ENDED);
}

void machine_cut(struct sim *sim, struct machine *machine, const char *key)
{
	struct machine_job *job = machine_find(machine, key);
	if (job == NULL || job->state != MACHINE_RECEIVING) {
		return; /* an empty one stays and blocks, as printers do */
	}
	if (machine->open.starts_early && machine->open.kind == SIM_DIRECT &&
		!machine->open.jammed) {
		come_out(sim, machine, job, true);
		job->half = true;
	}
	end(sim, machine, job, MACHINE_ENDED);
}
