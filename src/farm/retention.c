/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of jobs and files. A job that is over and fully reported leaves memory; its rows stay.
 * Files go when no open job needs them and they are old enough; rasters also, those that were used
 * longest ago first, when all of them are more than their quota. With it, every hour, the head of
 * the audit trail goes upstream.
 *
 * A folder may hold a hundred thousand files, so one turn does a small piece of it:
 *
 *  1. the rows of rasters, by their last use, until none is too old and the quota is kept;
 *  2. the files of assets; 3. the files of rasters that no row knows (a crash left them).
 *
 * Above the quota the first is done by itself, without waiting for its time.
 */
#include "farm/own.h"

#define RUN_EVERY_MS   (10 * MINUTE_MS)
#define TRAIL_EVERY_MS (60 * MINUTE_MS)
#define STEP_EVERY_MS  20
#define STEP_ROWS      16 /* a removal may have to wait for the disk */
#define STEP_FILES     16
#define TRIM_EVERY_MS  (10 * SECOND_MS) /* when open jobs need more than the quota */
#define STRAY_MS       (60 * MINUTE_MS) /* a file that was just kept has its row in a moment */

void retention_close(struct farm *farm, struct floor_job *fj)
{
	if (store_events_count(farm->ports.store, fj->job.id, true) > 0) {
		return; /* comes again when the last one is acknowledged */
	}
	struct printer *printer = printer_find(farm, fj->job.printer);
	if (printer != NULL && printer->busy_job_row == fj->job.row) {
		printer_release(farm, printer); /* ended while its witness was being read */
	}
	store_job_close(farm->ports.store, fj->job.row, farm_wall_ms(farm));
	farm->line_due = true;
	farm_remove(farm, fj);
}

static bool is_above_quota(const struct farm *farm)
{
	return farm->conf.rasters_bytes > 0 && farm->cache.bytes > farm->conf.rasters_bytes;
}

/* ---- rasters, by their rows ---- */

/* False: it stays, as all after it will. */
static bool judge_row(struct farm *farm, const struct raster_row *row)
{
	struct sweep *sweep = &farm->sweep;
	bool old = row->used_ms < sweep->before_ms;
	bool over = is_above_quota(farm);
	if (!old && !over) {
		return false;
	}
	if (!store_needs_raster(farm->ports.store, row->name) && cache_drop(farm, row->name)) {
		struct cache_counts counts = {.evicted = 1, .freed_bytes = row->bytes};
		sweep->removed++;
		if (!old) {
			store_cache_count(farm->ports.store, farm_wall_ms(farm), &counts);
		}
	}
	return true;
}

static bool step_rows(struct farm *farm)
{
	struct sweep *sweep = &farm->sweep;
	for (int i = 0; i < STEP_ROWS; i++) {
		if (!store_raster_next(farm->ports.store, &sweep->row) ||
			!judge_row(farm, &sweep->row)) {
			return false;
		}
	}
	return true;
}

/* ---- files ---- */

static bool judge_file(void *context, const char *name, int64_t bytes, int64_t modified_ms)
{
	struct farm *farm = context;
	struct sweep *sweep = &farm->sweep;
	struct store *store = farm->ports.store;
	struct err err;
	(void)bytes;
	bool asset = sweep->phase == SWEEP_ASSETS;
	int64_t before_ms = asset ? sweep->before_ms : farm_wall_ms(farm) - STRAY_MS;
	if (modified_ms >= before_ms ||
		(asset ? store_needs_asset(store, name)
		       : store_knows_raster(store, name) || store_needs_raster(store, name))) {
		return true;
	}
	if (!spool_remove(farm->ports.spool, asset ? SPOOL_ASSETS : SPOOL_RASTERS, name, &err)) {
		log_warn("retention", "%s", err.text);
		return true;
	}
	sweep->removed++;
	return true;
}

static bool step_files(struct farm *farm)
{
	struct sweep *sweep = &farm->sweep;
	struct err err;
	if (sweep->listing == NULL) {
		sweep->listing = spool_listing_open(farm->ports.spool,
			sweep->phase == SWEEP_ASSETS ? SPOOL_ASSETS : SPOOL_RASTERS, &err);
	}
	if (sweep->listing == NULL) {
		log_warn("retention", "%s", err.text);
		return false;
	}
	if (spool_listing_next(sweep->listing, STEP_FILES, judge_file, farm)) {
		return true;
	}
	spool_listing_close(sweep->listing);
	sweep->listing = NULL;
	return false;
}

/* ---- piece by piece ---- */

static void tell_removed(struct farm *farm)
{
	struct sweep *sweep = &farm->sweep;
	const char *folder =
		spool_folder_name(sweep->phase == SWEEP_ASSETS ? SPOOL_ASSETS : SPOOL_RASTERS);
	if (sweep->removed > 0) {
		log_info("retention", "removed %d files from %s", (int)sweep->removed, folder);
		store_audit(farm->ports.store, farm_wall_ms(farm), "retention", "remove", folder,
			"no job needs them any more");
	}
	sweep->removed = 0;
}

static void begin(struct farm *farm)
{
	struct sweep *sweep = &farm->sweep;
	struct err err;
	bool whole = farm_now(farm) >= sweep->due_ms;
	/* when the disk runs short, only what open jobs need is kept */
	bool short_of_room = whole && !spool_has_room(farm->ports.spool, 0, &err);
	int64_t keep_ms = short_of_room ? 0 : farm->conf.keep_ms;
	sweep->phase = SWEEP_ROWS;
	sweep->whole = whole;
	sweep->row = (struct raster_row){0};
	sweep->before_ms = farm_wall_ms(farm) - keep_ms;
	if (!whole) {
		return;
	}
	sweep->due_ms = farm_now(farm) + RUN_EVERY_MS;
	if (farm_now(farm) >= farm->trail_due_ms) {
		outbox_trail(farm);
		farm->trail_due_ms = farm_now(farm) + TRAIL_EVERY_MS;
	}
	farm->line_due = farm->line_all = true; /* a net: nobody waits for ever for a lost call */
}

void retention_run(struct farm *farm)
{
	struct sweep *sweep = &farm->sweep;
	if (sweep->phase == SWEEP_NONE) {
		begin(farm);
	}
	bool more = sweep->phase == SWEEP_ROWS ? step_rows(farm) : step_files(farm);
	if (!more) {
		tell_removed(farm);
		bool last = sweep->phase == SWEEP_STRAYS || !sweep->whole;
		sweep->phase = last ? SWEEP_NONE : (enum sweep_phase)(sweep->phase + 1);
		sweep->trim_ms = farm_now(farm) + (is_above_quota(farm) ? TRIM_EVERY_MS : 0);
	}
	chore_at(farm, CHORE_RETENTION,
		sweep->phase == SWEEP_NONE ? sweep->due_ms : farm_now(farm) + STEP_EVERY_MS);
}

void retention_trim(struct farm *farm)
{
	if (is_above_quota(farm) && farm->sweep.phase == SWEEP_NONE) {
		int64_t now_ms = farm_now(farm);
		chore_at(farm, CHORE_RETENTION,
			farm->sweep.trim_ms > now_ms ? farm->sweep.trim_ms : now_ms);
	}
}

void retention_open(struct farm *farm)
{
	farm->sweep.due_ms = farm_now(farm) + MINUTE_MS;
	chore_at(farm, CHORE_RETENTION, farm->sweep.due_ms);
}

void retention_fini(struct farm *farm)
{
	spool_listing_close(farm->sweep.listing);
	farm->sweep.listing = NULL;
}
