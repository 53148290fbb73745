/* SPDX-License-Identifier: Apache-2.0
 *
 * What the printers say: their health, their counters, and what they remember of a job. It need
 * not be the truth.
 */
#include "sim/own.h"
#include <string.h>

bool machine_is_dye(const struct machine *machine)
{
	return machine->open.kind == SIM_DYE;
}

/* A counter that lags does not show the last sheets yet. */
static int64_t shown_life(const struct sim *sim, const struct machine *machine)
{
	int64_t shown = machine->life;
	for (size_t i = sim->n_sheets; i > 0; i--) {
		const struct sheet *sheet = &sim->sheets[i - 1];
		if (sheet->at_ms + machine->open.lag_ms <= sim->now_ms) {
			break;
		}
		shown -= sheet->counted && sheet->at == machine->at;
	}
	return machine->open.no_counter ? COUNT_UNKNOWN : shown;
}

bool machine_says_over(const struct machine *machine, const struct machine_job *job)
{
	return job->state == MACHINE_DONE || job->state == MACHINE_ENDED ||
	       (machine->open.done_early && job->state == MACHINE_QUEUED);
}

/* A dye-sub's buffers; of the others, what stands in their list. */
int32_t machine_active(const struct machine *machine)
{
	int32_t n = machine_is_dye(machine) && machine->lost != NULL;
	for (const struct machine_job *job = machine->jobs; job != NULL; job = job->next) {
		n += !machine_says_over(machine, job);
	}
	return n;
}

static bool is_of(const struct machine_job *job, const struct attempt *attempt)
{
	return attempt->device_job_uuid[0] != '\0'
		       ? strcmp(job->uuid, attempt->device_job_uuid) == 0
		       : strcmp(job->key, attempt->key) == 0;
}

struct machine_job *machine_record(struct machine *machine, const struct attempt *attempt)
{
	for (struct machine_job *job = machine->jobs; job != NULL; job = job->next) {
		bool told = !(machine->open.no_history && machine_says_over(machine, job));
		if (told && is_of(job, attempt)) {
			return job;
		}
	}
	return NULL;
}

static void say_media(
	const struct sim *sim, const struct machine *machine, struct device_status *out)
{
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

/* Whether it prints, or will as soon as it can: out of paper, or cooling down. */
static bool is_at_work(const struct machine *machine)
{
	bool works = machine->printing != NULL;
	for (const struct machine_job *job = machine->jobs; job != NULL; job = job->next) {
		works = works || job->state == MACHINE_QUEUED;
	}
	return works;
}

static enum device_state state_of(const struct machine *machine)
{
	return machine->open.jammed  ? DEVICE_STOPPED
	       : is_at_work(machine) ? DEVICE_PROCESSING
				     : DEVICE_IDLE;
}

bool machine_is_idle(const struct machine *machine)
{
	return state_of(machine) == DEVICE_IDLE;
}

void machine_status(const struct sim *sim, const struct machine *machine, struct device_status *out)
{
	*out = (struct device_status){.state = state_of(machine),
		.accepting = true,
		.title = "Made-up printer",
		.says_ready = true,
		.takes = {[FORMAT_PWG] = true},
		.can_hold = machine->open.kind == SIM_HOLDS,
		.up_time_s = (sim->now_ms - machine->since_ms) / 1000,
		.life_count = shown_life(sim, machine)};
	memcpy(out->uuid, machine->uuid, sizeof out->uuid);
	if (machine->open.jammed) {
		text_copy(
			out->reasons[out->n_reasons++], sizeof out->reasons[0], "media-jam-error");
	}
	if (machine->open.says != NULL) {
		text_copy(
			out->reasons[out->n_reasons++], sizeof out->reasons[0], machine->open.says);
	}
	say_media(sim, machine, out);
}

void machine_witness(const struct sim *sim, const struct machine *machine, struct witness *out)
{
	bool dye = machine_is_dye(machine);
	int64_t life = shown_life(sim, machine);
	*out = (struct witness){.read = true,
		.up_time_s = (sim->now_ms - machine->since_ms) / 1000,
		.impressions = dye ? COUNT_UNKNOWN : life,
		.life_count = dye ? life : COUNT_UNKNOWN,
		.media_left = COUNT_UNKNOWN,
		.jobs_active = machine_active(machine)};
	if (out->jobs_active == 0 && state_of(machine) == DEVICE_PROCESSING) {
		out->jobs_active = 1; /* of a job that its list does not show any more */
	}
	memcpy(out->uuid, machine->uuid, sizeof out->uuid);
	for (const struct machine_job *job = machine->jobs; job != NULL && !dye; job = job->next) {
		bool seen = job->key[0] == '\0' && !machine_says_over(machine, job);
		out->foreign = out->foreign || seen;
	}
}
