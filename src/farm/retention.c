/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of jobs and files: a job that is over and fully reported leaves memory; files that no
 * open job needs are removed once they are old enough. Rows stay. With it, every hour, the head of
 * the audit trail goes upstream.
 */
#include "farm/own.h"

#define RUN_EVERY_MS   (10 * MINUTE_MS)
#define TRAIL_EVERY_MS (60 * MINUTE_MS)

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

struct sweep {
	struct farm *farm;
	enum spool_folder folder;
	int64_t before_ms;
	int32_t removed;
};

static bool look(void *context, const char *name, int64_t bytes, int64_t modified_ms)
{
	struct sweep *sweep = context;
	struct store *store = sweep->farm->ports.store;
	(void)bytes;
	bool needed = sweep->folder == SPOOL_ASSETS ? store_needs_asset(store, name)
						    : store_needs_raster(store, name);
	struct err err;
	if (needed || modified_ms >= sweep->before_ms) {
		return true;
	}
	if (!spool_remove(sweep->farm->ports.spool, sweep->folder, name, &err)) {
		log_warn("retention", "%s", err.text);
		return true;
	}
	sweep->removed++;
	return true;
}

void retention_run(struct farm *farm)
{
	static const enum spool_folder folders[] = {SPOOL_ASSETS, SPOOL_RASTERS};
	struct err err;
	/* when the disk runs short, only what open jobs need is kept */
	bool short_of_room = !spool_has_room(farm->ports.spool, 0, &err);
	int64_t keep_ms = short_of_room ? 0 : farm->conf.keep_ms;
	for (int i = 0; i < 2; i++) {
		struct sweep sweep = {.farm = farm,
			.folder = folders[i],
			.before_ms = farm_wall_ms(farm) - keep_ms};
		if (!spool_list(farm->ports.spool, folders[i], look, &sweep, &err)) {
			log_warn("retention", "%s", err.text);
		} else if (sweep.removed > 0) {
			log_info("retention", "removed %d files from %s", (int)sweep.removed,
				spool_folder_name(folders[i]));
			store_audit(farm->ports.store, farm_wall_ms(farm), "retention", "remove",
				spool_folder_name(folders[i]), "no job needs them any more");
		}
	}
	if (farm_now(farm) >= farm->trail_due_ms) {
		outbox_trail(farm);
		farm->trail_due_ms = farm_now(farm) + TRAIL_EVERY_MS;
	}
	farm->line_due = farm->line_all = true; /* a net: nobody waits for ever for a lost call */
	chore_at(farm, CHORE_RETENTION, farm_now(farm) + RUN_EVERY_MS);
}
