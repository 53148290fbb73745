/* SPDX-License-Identifier: Apache-2.0
 *
 * The printers as physical things: they outlive the daemon, print what they have, count every sheet
 * that comes out, and remember or forget their jobs.
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

struct machine_job *machine_add(struct machine *machine, const struct attempt *attempt)
{
	struct machine_job *job = mem_new(1, sizeof *job);
	*job = (struct machine_job){.id = ++machine->last_id,
		.page = attempt->page,
		.first_copy = attempt->first_copy,
		.copies = attempt->copies,
		.state = MACHINE_OPEN};
	memcpy(job->key, attempt->key, sizeof job->key);
	struct machine_job **at = &machine->jobs;
	while (*at != NULL) {
		at = &(*at)->next;
	}
	*at = job;
	return job;
}

static bool is_over(const struct machine_job *job)
{
	return job->state == MACHINE_DONE || job->state == MACHINE_ENDED;
}

int32_t machine_active(const struct machine *machine)
{
	int32_t n = machine->lost != NULL;
	for (const struct machine_job *job = machine->jobs; job != NULL; job = job->next) {
		n += !is_over(job);
	}
	return n;
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

void sim_printer_forget(struct sim *sim, const char *name)
{
	struct machine *machine = &sim->machines[machine_at(name)];
	struct machine_job *kept = machine->printing;
	struct machine_job **at = &machine->jobs;
	while (*at != NULL) {
		struct machine_job *job = *at;
		*at = job->next;
		if (job != kept) {
			free(job);
		}
	}
	if (kept != NULL) {
		kept->stopping = true;
		kept->next = NULL;
		machine->lost = kept;
	}
	machine->since_ms = sim->now_ms;
}

/* ---- paper ---- */

/* "JOB.EPOCH.ATTEMPT" → JOB and EPOCH; ids may hold dots themselves. */
int64_t attempt_job(const char *key, char id[TEXT_ID_MAX])
{
	const char *dot = strrchr(key, '.');
	while (dot > key && dot[-1] != '.') {
		dot--;
	}
	int len = dot > key ? (int)(dot - 1 - key) : 0;
	snprintf(id, TEXT_ID_MAX, "%.*s", len, key);
	return strtoll(dot, NULL, 10);
}

static void come_out(struct sim *sim, const struct machine_job *job, bool spoiled)
{
	if (sim->n_sheets == sim->room_sheets) {
		sim->room_sheets = sim->room_sheets == 0 ? 64 : 2 * sim->room_sheets;
		sim->sheets = mem_resize(sim->sheets, sim->room_sheets, sizeof *sim->sheets);
	}
	struct sheet *sheet = &sim->sheets[sim->n_sheets++];
	*sheet = (struct sheet){
		.page = job->page, .copy = job->first_copy + job->done, .spoiled = spoiled};
	attempt_job(job->key, sheet->job);
	index_get(&sim->sheets_by_job, sheet->job, &sheet->before);
	index_put(&sim->sheets_by_job, sheet->job, sim->n_sheets);
}

/* The job's sheets, the last first: begin with NULL. */
static const struct sheet *next_sheet(
	const struct sim *sim, const char *job, const struct sheet *sheet)
{
	size_t at = 0;
	if (sheet != NULL) {
		at = sheet->before;
	} else {
		index_get(&sim->sheets_by_job, job, &at);
	}
	return at == 0 ? NULL : &sim->sheets[at - 1];
}

int32_t sim_sheets(const struct sim *sim, const char *job, int32_t page, int32_t copy)
{
	int32_t n = 0;
	const struct sheet *sheet = NULL;
	while ((sheet = next_sheet(sim, job, sheet)) != NULL) {
		n += !sheet->spoiled && (page < 0 || sheet->page == page) &&
		     (copy < 0 || sheet->copy == copy);
	}
	return n;
}

int32_t sim_spoiled(const struct sim *sim, const char *job)
{
	int32_t n = 0;
	const struct sheet *sheet = NULL;
	while ((sheet = next_sheet(sim, job, sheet)) != NULL) {
		n += sheet->spoiled;
	}
	return n;
}

static void jam(struct sim *sim, struct machine *machine, struct machine_job *job)
{
	machine->open.jammed = true;
	machine->open.jam_after = -1;
	come_out(sim, job, true);
	if (machine->open.aborts_on_jam || job->stopping) {
		job->state = MACHINE_ENDED;
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
		machine->open.jam_after -= machine->open.jam_after > 0;
		come_out(sim, job, false);
		machine->life++;
		job->done++;
		if (job->done == job->copies) {
			job->state = MACHINE_DONE;
		} else if (job->stopping) {
			job->state = MACHINE_ENDED;
		}
	}
	if (machine->lost == job) {
		machine->lost = NULL;
		free(job);
	}
	machine_kick(sim, machine);
}

void machine_kick(struct sim *sim, struct machine *machine)
{
	if (machine->printing != NULL || machine->open.jammed || machine->open.media[0] == '\0') {
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
	}
	job->state = MACHINE_ENDED;
}

void machine_cut(struct sim *sim, struct machine *machine, const char *key)
{
	struct machine_job *job = machine_find(machine, key);
	if (job == NULL || job->state != MACHINE_RECEIVING) {
		return; /* an empty one stays and blocks, as printers do */
	}
	if (machine->open.starts_early && !machine->open.jammed) {
		come_out(sim, job, true);
		job->half = true;
	}
	job->state = MACHINE_ENDED;
}

/* ---- what it says ---- */

void machine_status(const struct sim *sim, const struct machine *machine, struct device_status *out)
{
	*out = (struct device_status){.state = machine->open.jammed        ? DEVICE_STOPPED
					       : machine->printing != NULL ? DEVICE_PROCESSING
									   : DEVICE_IDLE,
		.accepting = true,
		.title = "Made-up printer",
		.says_ready = true,
		.takes = {[FORMAT_PWG] = true},
		.up_time_s = (sim->now_ms - machine->since_ms) / 1000,
		.life_count = machine->open.no_counter ? COUNT_UNKNOWN : machine->life};
	memcpy(out->uuid, machine->uuid, sizeof out->uuid);
	if (machine->open.jammed) {
		text_copy(
			out->reasons[out->n_reasons++], sizeof out->reasons[0], "media-jam-error");
	}
	for (int32_t i = 0; i < SIM_PRODUCTS; i++) {
		const struct media *media = &sim->media[i];
		if (strcmp(media->name, machine->open.media) == 0) {
			struct ready_media *ready = &out->ready[out->n_ready++];
			*ready = (struct ready_media){.width_hmm = media->width_hmm,
				.height_hmm = media->height_hmm,
				.sheets_left = COUNT_UNKNOWN};
			memcpy(ready->size_name, media->size_name, sizeof ready->size_name);
			memcpy(ready->type, media->type, sizeof ready->type);
		}
	}
	if (out->n_ready == 0) {
		text_copy(out->reasons[out->n_reasons++], sizeof out->reasons[0], "media-empty");
	}
}

void machine_witness(const struct sim *sim, const struct machine *machine, struct witness *out)
{
	bool counts = !machine->open.no_counter;
	*out = (struct witness){.read = true,
		.up_time_s = (sim->now_ms - machine->since_ms) / 1000,
		.impressions = counts ? machine->life : COUNT_UNKNOWN,
		.life_count = counts ? machine->life : COUNT_UNKNOWN,
		.media_left = COUNT_UNKNOWN,
		.jobs_active = machine_active(machine)};
	memcpy(out->uuid, machine->uuid, sizeof out->uuid);
}

/* ---- what became of an attempt ---- */

static void conclude(struct receipt *receipt, enum verdict verdict, enum evidence evidence,
	int32_t completed, const char *text)
{
	receipt->verdict = verdict;
	receipt->evidence = evidence;
	receipt->completed = completed;
	text_copy(receipt->text, sizeof receipt->text, text);
}

static void confirm_below(struct sim *sim, struct machine *machine, struct machine_job *job,
	const struct attempt *attempt, struct receipt *receipt)
{
	bool half = false;
	if (job != NULL) {
		machine_cancel(sim, machine, job);
		half = job->half;
	}
	if (half || (job == NULL && attempt->phase >= PHASE_SENDING)) {
		conclude(receipt, VERDICT_SPOILED, EVIDENCE_NONE, 0, "cut off before its tail");
	} else {
		conclude(receipt, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0, "nothing was printed");
	}
}

static enum verdict verdict_of(int64_t done, int32_t copies)
{
	return done == 0       ? VERDICT_NOT_TAKEN
	       : done < copies ? VERDICT_PARTIAL
	       : done > copies ? VERDICT_UNKNOWN
			       : VERDICT_DONE;
}

static void confirm_by_counter(
	const struct machine *machine, const struct attempt *attempt, struct receipt *receipt)
{
	const struct witness *before = &attempt->before;
	if (machine->open.no_counter || before->life_count < 0 || before->jobs_active != 0) {
		conclude(receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0, "it knows nothing of the job");
		return;
	}
	if (machine_active(machine) > 0) {
		conclude(receipt, VERDICT_PENDING, EVIDENCE_NONE, 0, "it is not at rest");
		return;
	}
	int64_t moved = machine->life - before->life_count;
	conclude(receipt, verdict_of(moved, attempt->copies), EVIDENCE_COUNTER,
		moved > attempt->copies ? 0 : (int32_t)moved, "by its counter");
}

static void confirm_from(struct sim *sim, struct machine *machine, struct machine_job *job,
	const struct attempt *attempt, struct receipt *receipt)
{
	bool known = job != NULL && !(machine->open.no_history && is_over(job));
	if (known && job->state < MACHINE_QUEUED) {
		machine_cancel(sim, machine, job);
		conclude(receipt, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0, "its tail never came");
	} else if (known && !is_over(job)) {
		conclude(receipt, VERDICT_PENDING, EVIDENCE_NONE, job->done, "printing");
	} else if (known && !machine->open.no_impressions) {
		conclude(receipt, verdict_of(job->done, attempt->copies), EVIDENCE_IMPRESSIONS,
			job->done, job->state == MACHINE_DONE ? "completed" : "ended early");
	} else {
		confirm_by_counter(machine, attempt, receipt);
	}
}

void machine_confirm(struct sim *sim, struct machine *machine, const struct attempt *attempt,
	struct receipt *receipt)
{
	struct machine_job *job = machine_find(machine, attempt->key);
	*receipt = (struct receipt){.completed = 0};
	if (attempt->phase < PHASE_COMMITTED) {
		confirm_below(sim, machine, job, attempt, receipt);
	} else {
		confirm_from(sim, machine, job, attempt, receipt);
	}
	machine_witness(sim, machine, &receipt->after);
}
