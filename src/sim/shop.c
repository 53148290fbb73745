/* SPDX-License-Identifier: Apache-2.0
 *
 * What a story does to the order service, and asks of it: the shop behind it.
 */
#include "sim/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const states[] = {"waiting", "leased", "started", "printed", "held", "released",
	"quarantined", "cancelled", "elsewhere"};

struct sim_job *sim_cloud_job(const struct sim *sim, const char *id)
{
	size_t at;
	return index_get(&sim->jobs_by_id, id, &at) ? &sim->jobs[at] : NULL;
}

int32_t sim_deaths(const struct sim *sim, const char *job)
{
	return sim_cloud_job(sim, job)->deaths;
}

static void index_assets(struct sim *sim, const struct sim_job *job)
{
	for (int32_t page = 0; page < job->n_pages; page++) {
		char text[128];
		char hex[HASH_HEX_MAX];
		sim_asset(job, page, text);
		hash_hex_of(text, strlen(text), hex);
		index_put(&sim->jobs_by_asset, hex,
			(size_t)(job - sim->jobs) * PAGES_MAX + (size_t)page);
	}
}

const struct sim_job *sim_asset_job(const struct sim *sim, const char *sha256, char text[128])
{
	size_t at;
	if (!index_get(&sim->jobs_by_asset, sha256, &at)) {
		return NULL;
	}
	const struct sim_job *job = &sim->jobs[at / PAGES_MAX];
	sim_asset(job, (int32_t)(at % PAGES_MAX), text);
	return job;
}

void sim_order(struct sim *sim, const struct sim_order *order)
{
	if (sim->n_jobs == sim->room_jobs) {
		sim->room_jobs = sim->room_jobs == 0 ? 64 : 2 * sim->room_jobs;
		sim->jobs = mem_resize(sim->jobs, sim->room_jobs, sizeof *sim->jobs);
	}
	struct sim_job *job = &sim->jobs[sim->n_jobs];
	*job = (struct sim_job){.copies = order->copies > 0 ? order->copies : 1,
		.n_pages = order->n_pages > 0 ? order->n_pages : 1,
		.priority = order->priority > 0 ? order->priority : 50,
		.ppi = order->ppi > 0 ? order->ppi : 300,
		.duplicates = order->duplicates,
		.due_in_s = order->due_in_s,
		.trust = order->trust,
		.bad_bytes = order->bad_bytes,
		.heard_ms = sim->now_ms,
		.poison = order->poison,
		.state = JOB_WAITING};
	text_copy(job->id, sizeof job->id, order->job);
	text_copy(job->sku, sizeof job->sku, order->sku != NULL ? order->sku : "4x6-glossy");
	text_copy(job->media_type, sizeof job->media_type,
		order->media_type != NULL ? order->media_type : "image/jpeg");
	index_put(&sim->jobs_by_id, job->id, sim->n_jobs++);
	index_assets(sim, job);
}

static struct sim_job *need(struct sim *sim, const char *id)
{
	struct sim_job *job = sim_cloud_job(sim, id);
	if (job == NULL) {
		fprintf(stderr, "simulator: no job %s was ordered\n", id);
		abort();
	}
	return job;
}

void sim_cloud_cancel(struct sim *sim, const char *job)
{
	struct sim_job *at = need(sim, job);
	at->cancel = true;
	if (at->state == JOB_WAITING) {
		at->state = JOB_CANCELLED;
	}
}

void sim_cloud_revoke(struct sim *sim, const char *job)
{
	need(sim, job)->revoke = true;
}

void sim_cloud_pause(struct sim *sim, const char *job, bool paused)
{
	need(sim, job)->paused = paused;
}

void sim_cloud_take(struct sim *sim, const char *job)
{
	elsewhere_take(sim, need(sim, job));
}

void sim_cloud_again(struct sim *sim, const char *job, bool old)
{
	sim->n_settled = 0;
	struct sim_job *at = need(sim, job);
	if (old) {
		at->send_epoch = at->epoch;
	} else { /* whoever prints it now was told to */
		at->authorised += at->state == JOB_ELSEWHERE;
		at->state = JOB_WAITING;
		at->again = true;
	}
}

void sim_cloud_outage(struct sim *sim, bool outage)
{
	sim->outage = outage;
}

void sim_cloud_permit(struct sim *sim, const char *job)
{
	sim_cloud_job(sim, job)->state = JOB_STARTED;
}

void sim_cloud_forget(struct sim *sim, const char *job, int32_t n)
{
	struct sim_subject *subject = sim_cloud_subject(sim, job);
	struct sim_job *at = sim_cloud_job(sim, job);
	subject->last = subject->last > n ? subject->last - n : 0;
	bool was_here = at->epoch > 0;
	if (was_here && (at->state == JOB_PRINTED || at->state == JOB_CANCELLED)) {
		at->state = JOB_STARTED;
	} else if (was_here && (at->state == JOB_RELEASED || at->state == JOB_QUARANTINED)) {
		at->state = at->granted == at->epoch ? JOB_STARTED : JOB_LEASED;
	}
	sim->session = false;
}

const char *sim_cloud_state(const struct sim *sim, const char *job)
{
	const struct sim_job *at = sim_cloud_job(sim, job);
	return at == NULL ? "unknown" : states[at->state];
}

void sim_cloud_events(const struct sim *sim, const char *name, char *words, size_t size)
{
	size_t len = 0;
	size_t which;
	words[0] = '\0';
	if (!index_get(&sim->subjects_by_name, name, &which)) {
		return;
	}
	const struct sim_subject *subject = &sim->subjects[which];
	for (int64_t at = 0; at < subject->last; at++) {
		len += (size_t)snprintf(
			words + len, size - len, "%s%s", at == 0 ? "" : " ", subject->words[at]);
		len = len < size ? len : size - 1;
	}
}

int32_t sim_offered(const struct sim *sim, const char *printer)
{
	return sim->offered[machine_at(printer)];
}

int32_t sim_offered_sheets(const struct sim *sim, const char *printer)
{
	return sim->offered_sheets[machine_at(printer)];
}
