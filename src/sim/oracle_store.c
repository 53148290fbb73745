/* SPDX-License-Identifier: Apache-2.0
 *
 * The oracle's rules about the store and the disk: every job comes to exactly one end that both
 * sides know (V3), numbers only grow (V7), and what a stage says to be on the disk is there (V8).
 */
#include "sim/own.h"
#include <string.h>
#include <unistd.h>

static int64_t count_open_prints(struct sim *sim, int64_t job_row)
{
	int64_t open = 0;
	db_one_int(store_db(sim->store), &open,
		"SELECT count(*) FROM print WHERE job=? AND state IN ('planned','sent','accepted')",
		"i", job_row);
	return open;
}

/* The order service's state and the floor's stage say the same. */
static bool agrees(const struct sim_job *at, const struct job *job, bool ended)
{
	if (at->state == JOB_PRINTED && job->epoch == at->epoch) {
		return job->stage >= AT_PRINTED;
	}
	bool open_there = at->state == JOB_LEASED || at->state == JOB_STARTED;
	return !(ended && open_there && job->epoch == at->epoch && job->stage != AT_LOST);
}

void v3_every_job_has_one_end(struct sim *sim, const struct sim_job *at, bool ended)
{
	struct job job;
	if (!store_job_find(sim->store, at->id, &job)) {
		if (ended && at->state != JOB_CANCELLED && at->state != JOB_ELSEWHERE) {
			sim_blame(sim, "V3: %s never came to the floor", at->id);
		}
		return;
	}
	int64_t open = count_open_prints(sim, job.row);
	if ((job.stage == AT_PRINTED || job.stage == AT_REPORTED) && open > 0) {
		sim_blame(sim, "V3: %s is %s with %d prints not made", job.id,
			stage_word(job.stage), (int)open);
	}
	if (!agrees(at, &job, ended)) {
		sim_blame(sim, "V3: %s is %s here and not so there", at->id, stage_word(job.stage));
	}
}

void v7_rows_grow(struct sim *sim)
{
	int64_t n = 0;
	db_one_int(store_db(sim->store), &n,
		"SELECT count(*) FROM job a JOIN job b ON a.id=b.id AND a.row<b.row"
		" AND a.epoch>=b.epoch",
		"");
	if (n > 0) {
		sim_blame(sim, "V7: an epoch fell");
	}
	db_one_int(store_db(sim->store), &n,
		"SELECT count(*) FROM attempt a JOIN attempt b ON a.job=b.job AND a.row<b.row"
		" AND a.number>=b.number",
		"");
	if (n > 0) {
		sim_blame(sim, "V7: the number of an attempt fell");
	}
}

/* ---- V8 ---- */

static bool has_hash(
	struct sim *sim, enum spool_folder folder, const char *name, const char *sha256)
{
	struct err err;
	char bytes[512];
	char hex[HASH_HEX_MAX];
	int fd = spool_read(sim->spool, folder, name, &err);
	if (fd < 0) {
		return false;
	}
	ssize_t n = read(fd, bytes, sizeof bytes); /* files are short here */
	close(fd);
	hash_hex_of(bytes, n > 0 ? (size_t)n : 0, hex);
	return strcmp(hex, sha256) == 0;
}

static void judge_files(void *context, const struct job *job)
{
	struct sim *sim = context;
	if (job->test || job->stage < AT_FETCHED || job->stage > AT_ACCEPTED) {
		return; /* a test print is drawn here, and drawn again */
	}
	for (int32_t i = 0; i < job->n_pages; i++) {
		struct page page;
		if (!store_page_get(sim->store, job->row, i, &page)) {
			sim_blame(sim, "V8: %s has no page %d", job->id, (int)i);
			return;
		}
		const char *sha256 = page.asset.sha256;
		/* what was about to be quarantined lies apart already, and is fetched again */
		if (!has_hash(sim, SPOOL_ASSETS, sha256, sha256) &&
			!has_hash(sim, SPOOL_POISON, sha256, sha256)) {
			sim_blame(sim, "V8: %s is %s, and the file of page %d is not there",
				job->id, stage_word(job->stage), (int)i);
		}
		bool made = job->stage >= AT_RENDERED && job->stage < AT_PERMITTED && page.rendered;
		if (made && !has_hash(sim, SPOOL_RASTERS, page.raster_name, page.raster.sha256)) {
			sim_blame(sim, "V8: %s is %s, and the raster of page %d is not there",
				job->id, stage_word(job->stage), (int)i);
		}
	}
}

void v8_files_are_there(struct sim *sim)
{
	store_jobs_each(sim->store, judge_files, sim);
}
