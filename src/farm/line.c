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

/* Ten thousand may wait: what sorting looks at is kept together. */
struct waiting {
	struct floor_job *fj;
	int64_t due_ms, row;
	int32_t priority;
	bool fresh; /* not looked at since it came into this line */
};

struct waiters {
	struct waiting *jobs;
	size_t n;
};

#define MEMO_MAX 8

struct line { /* one line-up */
	struct farm *farm;
	bool all; /* something changed for everybody: else only the front and the fresh count */
	struct waiters preparing, permitting, placing;
	int64_t *ahead_ms; /* cleared to print, by printer */
	struct {
		const struct job *job; /* whose it is: another of its kind has the same */
		struct placing placing;
	} memo[MEMO_MAX];
	size_t n_memo;
};

/* The most urgent first: by priority, then due time, then age. */
static int by_urgency(const void *a, const void *b)
{
	const struct waiting *x = a;
	const struct waiting *y = b;
	if (x->priority != y->priority) {
		return y->priority - x->priority;
	}
	if (x->due_ms != y->due_ms) {
		return x->due_ms < y->due_ms ? -1 : 1;
	}
	return x->row < y->row ? -1 : x->row > y->row;
}

static void add_waiting(struct line *line, struct floor_job *fj)
{
	struct waiters *to = fj->in_line == DO_PREPARE  ? &line->preparing
			     : fj->in_line == DO_PERMIT ? &line->permitting
			     : fj->in_line == DO_PLACE  ? &line->placing
							: NULL;
	if (to != NULL && fj->due == DO_NOTHING) {
		const struct job *job = &fj->job;
		to->jobs[to->n++] = (struct waiting){.fj = fj,
			.due_ms = job->due_ms == 0 ? INT64_MAX : job->due_ms,
			.row = job->row,
			.priority = job->priority,
			.fresh = fj->line_fresh};
		fj->line_fresh = false;
	}
}

/* What is bound to its printer, and what of that is cleared to print. */
static void add_work(struct line *line, const struct floor_job *fj)
{
	const struct job *job = &fj->job;
	bool bound = job->stage >= AT_QUEUED && job->stage < AT_PRINTED;
	bool cleared = fj->permit_asked || (job->permitted && job->stage < AT_PRINTED);
	struct printer *printer = bound || cleared ? printer_find(line->farm, job->printer) : NULL;
	if (printer == NULL) {
		return;
	}
	int64_t ms = work_ms(job, printer->model);
	printer->queue_ms += bound ? ms : 0;
	line->ahead_ms[printer - line->farm->printers] += cleared ? ms : 0;
}

static void make_room(struct waiters *waiters, size_t n)
{
	waiters->jobs = mem_new(n, sizeof *waiters->jobs);
}

static void collect(struct line *line)
{
	struct farm *farm = line->farm;
	make_room(&line->preparing, farm->jobs.n);
	make_room(&line->permitting, farm->jobs.n);
	make_room(&line->placing, farm->jobs.n);
	line->ahead_ms = mem_new(farm->n_printers, sizeof *line->ahead_ms);
	for (size_t i = 0; i < farm->n_printers; i++) {
		farm->printers[i].queue_ms = 0;
	}
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		add_waiting(line, fj);
		add_work(line, fj);
	}
	struct waiters *each[] = {&line->preparing, &line->permitting, &line->placing};
	for (int i = 0; i < 3; i++) {
		qsort(each[i]->jobs, each[i]->n, sizeof *each[i]->jobs, by_urgency);
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

static bool are_alike(const struct job *a, const struct job *b)
{
	return strcmp(a->printer, b->printer) == 0 && strcmp(a->sku, b->sku) == 0 &&
	       strcmp(a->media, b->media) == 0 && strcmp(a->model, b->model) == 0 &&
	       strcmp(a->refused_by, b->refused_by) == 0 && a->test == b->test;
}

/* As pick, but jobs alike are picked for once. What depends on the length of the lines is not
 * remembered. */
static const struct placing *pick_once(
	struct line *line, const struct job *job, bool free_only, struct placing *room)
{
	for (size_t i = 0; i < line->n_memo; i++) {
		if (are_alike(line->memo[i].job, job)) {
			return &line->memo[i].placing;
		}
	}
	*room = pick(line->farm, job, free_only);
	bool stands =
		room->kind == PLACE_WAIT ||
		(room->kind == PLACE_HERE && strcmp(room->printer->conf->name, job->printer) == 0);
	if (stands && line->n_memo < MEMO_MAX) {
		line->memo[line->n_memo].job = job;
		line->memo[line->n_memo++].placing = *room;
	}
	return room;
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
static void place_all(struct line *line)
{
	struct farm *farm = line->farm;
	for (size_t i = 0; i < line->placing.n; i++) {
		struct floor_job *fj = line->placing.jobs[i].fj;
		struct placing placing = pick(farm, &fj->job, false);
		if (!stays(farm, fj, &placing)) {
			continue;
		}
		if (placing.kind == PLACE_HERE) {
			bind(farm, fj, placing.printer);
		}
		fj->in_line = DO_NOTHING;
		walk_simple(farm, fj->job.row, EV_DONE, NULL);
	}
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

/* Printers at which more could be cleared to print. */
static size_t count_open(const struct line *line, int64_t most_ms)
{
	size_t n = 0;
	for (size_t p = 0; p < line->farm->n_printers; p++) {
		n += line->ahead_ms[p] < most_ms &&
		     printer_is_open(line->farm, &line->farm->printers[p]);
	}
	return n;
}

/* Asks for the permit of one job, or says why it waits; true when a permit was asked. */
static bool permit(struct line *line, struct floor_job *fj, int64_t most_ms)
{
	struct farm *farm = line->farm;
	struct placing room;
	struct err err;
	if (fj->permit_asked) {
		if (farm->cloud_fault[0] != '\0') {
			waits_for_cloud(farm, &err);
			walk_reason(farm, fj, &err);
		}
		return false;
	}
	const struct placing *placing = pick_once(line, &fj->job, false, &room);
	if (!stays(farm, fj, placing)) {
		return false;
	}
	if (placing->kind == PLACE_WAIT) {
		walk_reason(farm, fj, &placing->err);
		return false;
	}
	const struct printer *printer = placing->printer;
	bind(farm, fj, printer);
	if (!may_ask_permit(farm, fj, &err)) {
		walk_reason(farm, fj, &err);
		return false;
	}
	int64_t *ahead_ms = &line->ahead_ms[printer - farm->printers];
	if (*ahead_ms >= most_ms && !fj->job.test) {
		err_set(&err, REMEDY_RETRY, "in-line", "in line at %s", printer->conf->name);
		walk_reason(farm, fj, &err);
		return false;
	}
	*ahead_ms += work_ms(&fj->job, printer->model);
	permit_want(farm, fj, printer->conf->name);
	return true;
}

static void permit_all(struct line *line)
{
	const struct farm_conf *conf = &line->farm->conf;
	int64_t most_s =
		conf->permit_ahead_s > conf->offline_s ? conf->permit_ahead_s : conf->offline_s;
	int64_t most_ms = most_s * SECOND_MS;
	size_t open = count_open(line, most_ms);
	line->n_memo = 0;
	for (size_t i = 0; i < line->permitting.n; i++) {
		const struct waiting *waiting = &line->permitting.jobs[i];
		bool looked_at = line->all || open > 0 || waiting->fresh;
		if (looked_at && permit(line, waiting->fj, most_ms)) {
			open = count_open(line, most_ms);
		}
	}
}

/* Whether this store is the one that knows what was printed last; else nothing is begun. */
static bool may_start(const struct farm *farm, struct err *err)
{
	if (rollback_forbids(farm, err)) {
		return false;
	}
	if (farm->conf.has_cloud && !farm->session_heard) {
		return err_set(err, REMEDY_RETRY, "cloud-absent",
			"asking the order service whether this store is up to date");
	}
	return true;
}

/* Printers that could begin a sheet now. */
static size_t count_free(struct farm *farm)
{
	size_t n = 0;
	for (size_t p = 0; p < farm->n_printers; p++) {
		const struct printer *printer = &farm->printers[p];
		n += printer->busy_job_row == 0 && printer_beside(farm, printer)->swept &&
		     printer_is_open(farm, printer);
	}
	return n;
}

/* Begins one job, or says why it waits; true when a printer was taken. */
static bool begin(struct line *line, struct floor_job *fj)
{
	struct farm *farm = line->farm;
	struct placing room;
	struct err err;
	if (fj->witness_asked) {
		return false;
	}
	const struct placing *placing = pick_once(line, &fj->job, true, &room);
	if (!stays(farm, fj, placing)) {
		return false;
	}
	if (placing->kind == PLACE_WAIT) {
		walk_reason(farm, fj, &placing->err);
		return false;
	}
	if (!may_start(farm, &err)) {
		walk_reason(farm, fj, &err);
		return false;
	}
	struct printer *printer = printer_find(farm, placing->printer->conf->name);
	if (!printer_beside(farm, printer)->swept) {
		return false; /* our own left-overs are cleared first; that comes back here */
	}
	bind(farm, fj, printer);
	walk_prepare(farm, fj, printer);
	return true;
}

static void start_all(struct line *line)
{
	size_t free_printers = count_free(line->farm);
	for (size_t i = 0; i < line->preparing.n && !line->farm->draining; i++) {
		const struct waiting *waiting = &line->preparing.jobs[i];
		bool looked_at = line->all || free_printers > 0 || waiting->fresh;
		if (looked_at && begin(line, waiting->fj)) {
			free_printers = count_free(line->farm);
			line->n_memo = 0; /* that one is taken now */
		}
	}
}

void line_up(struct farm *farm)
{
	struct line line = {.farm = farm, .all = farm->line_all};
	farm->line_all = false;
	collect(&line);
	start_all(&line);
	permit_all(&line);
	place_all(&line);
	free(line.preparing.jobs);
	free(line.permitting.jobs);
	free(line.placing.jobs);
	free(line.ahead_ms);
}
