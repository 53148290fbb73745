/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine that proves nothing leaves every hand-over in doubt. Its prints come out in runs, and a
 * person counts a run once: where there are as many as were given, all of them came out, and the
 * doubt of all ends at once. Where there are not, nobody can tell by the number which are missing.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool farm_printer_said(
	const struct farm *farm, const char *name, struct device_status *status, struct err *err)
{
	struct printer *printer;
	if (!printer_need(farm, name, &printer, err)) {
		return false;
	}
	if (printer->known) {
		*status = printer->status;
		return true;
	}
	*err = printer_beside(farm, printer)->said;
	if (err->code[0] == '\0') {
		err_set(err, REMEDY_RETRY, "not-asked", "printer %s: it was not asked yet", name);
	}
	return false;
}

static bool is_of_run(const struct farm *farm, const struct floor_job *fj, const char *printer)
{
	const struct job *job = &fj->job;
	return job->stage == AT_HELD_UNKNOWN && strcmp(job->printer, printer) == 0 &&
	       farm_find_id(farm, job->id) == fj;
}

void farm_printer_run(const struct farm *farm, const struct printer *printer, struct farm_run *run)
{
	*run = (struct farm_run){0};
	if (!model_is_counted_by_hand(printer->model)) {
		return;
	}
	size_t at = 0;
	for (const struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (!is_of_run(farm, fj, printer->conf->name)) {
			continue;
		}
		run->jobs++;
		run->prints += fj->job.unknown;
		if (run->since_wall_ms == 0 || fj->job.stage_wall_ms < run->since_wall_ms) {
			run->since_wall_ms = fj->job.stage_wall_ms;
		}
	}
}

/* What it still has in hand may lie at its exit already, or not yet. */
static bool is_at_rest(const struct farm *farm, const struct printer *printer, struct err *err)
{
	const struct floor_job *fj = farm_find(farm, printer->busy_job_row);
	return fj == NULL || !stage_is_at_device(fj->job.stage) ||
	       err_set(err, REMEDY_REJECT, "wrong-stage",
		       "%s still has job %s in hand: wait until the machine has done it (platenctl "
		       "printer %s pause keeps the next one back), then count",
		       printer->conf->name, fj->job.id, printer->conf->name);
}

static bool judge_count(
	const struct printer *printer, const struct farm_run *run, int32_t prints, struct err *err)
{
	const char *name = printer->conf->name;
	if (!model_is_counted_by_hand(printer->model)) {
		return err_set(err, REMEDY_REJECT, "wrong-stage",
			"%s proves its prints itself: what is in doubt is said job by job "
			"(platenctl resolve JOB)",
			name);
	}
	if (run->jobs == 0) {
		return err_set(err, REMEDY_REJECT, "wrong-stage",
			"nothing of %s waits to be counted", name);
	}
	return prints == run->prints ||
	       err_set(err, REMEDY_REJECT, "wrong-count",
		       "%d prints of %d jobs were given to %s since the last count, and %d came "
		       "out: nothing was changed. Find out which are missing, then say it job by "
		       "job: platenctl jobs --stage held-unknown, platenctl resolve JOB --printed "
		       "K",
		       (int)run->prints, (int)run->jobs, name, (int)prints);
}

/* Ids, since a job that is over leaves the table while it is walked. */
static size_t jobs_of_run(const struct farm *farm, const char *printer, char (**ids)[TEXT_ID_MAX])
{
	size_t at = 0;
	size_t n = 0;
	*ids = mem_new(farm->jobs.n + 1, sizeof **ids);
	for (const struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (is_of_run(farm, fj, printer)) {
			memcpy((*ids)[n++], fj->job.id, sizeof **ids);
		}
	}
	return n;
}

bool farm_printer_counted(struct farm *farm, const char *name, int32_t prints, const char *who,
	const char *reason, struct err *err)
{
	struct printer *printer;
	struct farm_run run;
	if (!printer_need(farm, name, &printer, err)) {
		return false;
	}
	farm_printer_run(farm, printer, &run);
	if (!judge_count(printer, &run, prints, err) || !is_at_rest(farm, printer, err)) {
		return false;
	}
	char why[ERR_TEXT_MAX];
	char(*ids)[TEXT_ID_MAX];
	snprintf(why, sizeof why, "%d of %d of a run of %d jobs%s%.180s", (int)prints,
		(int)run.prints, (int)run.jobs, reason[0] == '\0' ? "" : ": ", reason);
	printer_changed(farm, printer, who, "count", why);
	bool fine = true;
	size_t n = jobs_of_run(farm, name, &ids);
	for (size_t i = 0; fine && i < n; i++) {
		const struct floor_job *fj = farm_find_id(farm, ids[i]);
		fine = fj == NULL || farm_resolve(farm, ids[i], fj->job.unknown, who, why, err);
	}
	free(ids);
	return fine;
}
