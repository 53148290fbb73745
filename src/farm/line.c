/* SPDX-License-Identifier: Apache-2.0
 *
 * The line before the printers: which waiting job goes where, who is cleared to print, whose turn
 * at a free printer it is. Runs whenever something changed that a waiting job may have waited for,
 * and tells the hub what it decided; it changes no stage itself.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdlib.h>
#include <string.h>

/* The most urgent first: by priority, then due time, then age. */
static int by_urgency(const void *a, const void *b)
{
	const struct job *x = &(*(struct floor_job *const *)a)->job;
	const struct job *y = &(*(struct floor_job *const *)b)->job;
	if (x->priority != y->priority) {
		return y->priority - x->priority;
	}
	int64_t x_due = x->due_wall_ms == 0 ? INT64_MAX : x->due_wall_ms;
	int64_t y_due = y->due_wall_ms == 0 ? INT64_MAX : y->due_wall_ms;
	if (x_due != y_due) {
		return x_due < y_due ? -1 : 1;
	}
	return x->row < y->row ? -1 : x->row > y->row;
}

/* Those that wait, most urgent first; the caller frees. Jobs further on come first within it, so
 * that what is cleared to print is not overtaken by what only wants to be. */
static size_t collect(struct farm *farm, enum work work, struct floor_job **out)
{
	size_t n = 0;
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (fj->in_line == work && fj->due == DO_NOTHING) {
			out[n++] = fj;
		}
	}
	qsort(out, n, sizeof(struct floor_job *), by_urgency);
	return n;
}

static void count_queues(struct farm *farm)
{
	for (size_t i = 0; i < farm->n_printers; i++) {
		farm->printers[i].queue_ms = 0;
	}
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		struct printer *printer = printer_find(farm, fj->job.printer);
		if (printer != NULL && fj->job.stage >= AT_QUEUED && fj->job.stage < AT_PRINTED) {
			printer->queue_ms += work_ms(&fj->job, printer->model);
		}
	}
}

static struct placing pick(struct farm *farm, const struct job *job, bool free_only)
{
	const struct product *product = product_of(farm, job);
	if (product == NULL) {
		struct placing placing = {.kind = PLACE_NEVER};
		err_set(&placing.err, REMEDY_REJECT, "unsupported",
			"%s is not sold on this floor any more", job->sku);
		return placing;
	}
	return place_pick(job, product, farm->catalog, farm->printers, farm->n_printers, free_only);
}

static void bind(struct farm *farm, struct floor_job *fj, const struct printer *printer)
{
	struct printer *before = printer_find(farm, fj->job.printer);
	struct printer *after = printer_find(farm, printer->conf->name);
	if (before == after) {
		return;
	}
	if (before != NULL) {
		before->queue_ms -= work_ms(&fj->job, before->model);
	}
	after->queue_ms += work_ms(&fj->job, after->model);
	memcpy(fj->job.printer, printer->conf->name, sizeof fj->job.printer);
	store_job_save(farm->ports.store, &fj->job);
}

/* True when the job can stay in this line; else the hub has been told. */
static bool stays(struct farm *farm, struct floor_job *fj, const struct placing *placing)
{
	if (placing->kind == PLACE_HERE || placing->kind == PLACE_WAIT) {
		return true;
	}
	fj->in_line = DO_NOTHING;
	walk_simple(farm, fj->job.row, EV_FAILED, &placing->err);
	return false;
}

/* RENDERED: any job that has a place somewhere is queued; without loaded paper it waits there, with
 * the reason. */
static void place_all(struct farm *farm, struct floor_job **line, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct placing placing = pick(farm, &line[i]->job, false);
		if (!stays(farm, line[i], &placing)) {
			continue;
		}
		if (placing.kind == PLACE_HERE) {
			bind(farm, line[i], placing.printer);
		}
		line[i]->in_line = DO_NOTHING;
		walk_simple(farm, line[i]->job.row, EV_DONE, NULL);
	}
}

/* Work at a printer that is cleared to print. */
static int64_t permitted_ms(const struct farm *farm, const struct printer *printer)
{
	int64_t ms = 0;
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		const struct job *job = &fj->job;
		bool counts = fj->permit_asked || (job->permitted && job->stage < AT_PRINTED);
		if (counts && strcmp(job->printer, printer->conf->name) == 0) {
			ms += work_ms(job, printer->model);
		}
	}
	return ms;
}

static bool waits_for_cloud(const struct farm *farm, struct err *err)
{
	return err_set(err, REMEDY_RETRY, "cloud-absent",
		"waiting for the order service to clear it: %s",
		farm->cloud_fault[0] == '\0' ? "connecting" : farm->cloud_fault);
}

static bool may_ask_permit(struct farm *farm, const struct floor_job *fj, struct err *err)
{
	if (farm->draining) {
		return err_set(err, REMEDY_RETRY, "draining", "this floor is finishing to stop");
	}
	if (fj->paused) {
		return err_set(err, REMEDY_RETRY, "paused-upstream", "paused by the shop");
	}
	if (fj->job.local) {
		return true;
	}
	if (!farm->session_open || !farm->extended) {
		return waits_for_cloud(farm, err);
	}
	return true;
}

static void permit_all(struct farm *farm, struct floor_job **line, size_t n)
{
	int64_t *ahead_ms = mem_new(farm->n_printers, sizeof *ahead_ms);
	for (size_t p = 0; p < farm->n_printers; p++) {
		ahead_ms[p] = permitted_ms(farm, &farm->printers[p]);
	}
	int64_t most_s = farm->conf.permit_ahead_s > farm->conf.offline_s
				 ? farm->conf.permit_ahead_s
				 : farm->conf.offline_s;
	for (size_t i = 0; i < n; i++) {
		struct floor_job *fj = line[i];
		struct err err;
		if (fj->permit_asked) {
			if (farm->cloud_fault[0] != '\0') {
				waits_for_cloud(farm, &err);
				walk_reason(farm, fj, &err);
			}
			continue;
		}
		struct placing placing = pick(farm, &fj->job, false);
		if (!stays(farm, fj, &placing)) {
			continue;
		}
		if (placing.kind == PLACE_WAIT) {
			walk_reason(farm, fj, &placing.err);
			continue;
		}
		bind(farm, fj, placing.printer);
		if (!may_ask_permit(farm, fj, &err)) {
			walk_reason(farm, fj, &err);
			continue;
		}
		size_t p = (size_t)(placing.printer - farm->printers);
		if (ahead_ms[p] >= most_s * SECOND_MS) {
			err_set(&err, REMEDY_RETRY, "in-line", "in line at %s",
				placing.printer->conf->name);
			walk_reason(farm, fj, &err);
			continue;
		}
		ahead_ms[p] += work_ms(&fj->job, placing.printer->model);
		leases_permit(farm, fj, placing.printer->conf->name);
	}
	free(ahead_ms);
}

/* Whether this store is the one that knows what was printed last; else nothing is begun. */
static bool may_start(const struct farm *farm, struct err *err)
{
	if (farm->rolled_back) {
		return err_set(err, REMEDY_ATTEND, "store-rollback",
			"the order service says that this floor's store is an old copy: it may "
			"have been printed already. Look, give it back, and begin with a new "
			"store");
	}
	if (farm->conf.has_cloud && !farm->session_heard) {
		return err_set(err, REMEDY_RETRY, "cloud-absent",
			"asking the order service whether this store is up to date");
	}
	return true;
}

static void start_all(struct farm *farm, struct floor_job **line, size_t n)
{
	for (size_t i = 0; i < n && !farm->draining; i++) {
		struct floor_job *fj = line[i];
		if (fj->witness_asked) {
			continue;
		}
		struct placing placing = pick(farm, &fj->job, true);
		if (!stays(farm, fj, &placing)) {
			continue;
		}
		if (placing.kind == PLACE_WAIT) {
			walk_reason(farm, fj, &placing.err);
			continue;
		}
		struct err err;
		if (!may_start(farm, &err)) {
			walk_reason(farm, fj, &err);
			continue;
		}
		struct printer *printer = printer_find(farm, placing.printer->conf->name);
		if (!printer_beside(farm, printer)->swept) {
			continue; /* our own left-overs are cleared first; that comes back here */
		}
		bind(farm, fj, printer);
		walk_prepare(farm, fj, printer);
	}
}

void line_up(struct farm *farm)
{
	struct floor_job **line = mem_new(farm->jobs.n, sizeof(struct floor_job *));
	count_queues(farm);
	start_all(farm, line, collect(farm, DO_PREPARE, line));
	permit_all(farm, line, collect(farm, DO_PERMIT, line));
	place_all(farm, line, collect(farm, DO_PLACE, line));
	free(line);
}
