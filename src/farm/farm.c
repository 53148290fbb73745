/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor as a whole: its jobs in memory, the turn (commit, then ask), wake-ups and chores.
 */
#include "base/mem.h"
#include "farm/own.h"
#include "farm/stock.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 64 /* of commit and ask within one turn; more is asked in the next */

int64_t farm_now(const struct farm *farm)
{
	return farm->ports.clock_ops->now_ms(farm->ports.clock);
}

int64_t farm_wall_ms(const struct farm *farm)
{
	return farm->ports.clock_ops->wall_ms(farm->ports.clock);
}

int64_t farm_floor_ms(const struct farm *farm)
{
	return farm_now(farm) + farm->floor_ahead_ms;
}

uint64_t farm_chance(const struct farm *farm)
{
	return farm->ports.clock_ops->chance(farm->ports.clock);
}

void farm_key(const struct farm *farm, char key[ULID_MAX])
{
	uint64_t low = farm_chance(farm);
	ulid_from(farm_wall_ms(farm), (uint16_t)farm_chance(farm), low, key);
}

void farm_stop(struct farm *farm, const struct err *err)
{
	if (!farm->fatal) {
		farm->fatal = true;
		farm->fatal_err = *err;
	}
}

/* ---- jobs in memory ---- */

struct floor_job *farm_find(const struct farm *farm, int64_t row)
{
	return table_row(&farm->jobs, row);
}

struct floor_job *farm_find_id(const struct farm *farm, const char *id)
{
	return table_id(&farm->jobs, id);
}

struct floor_job *farm_add(struct farm *farm, const struct job *job)
{
	struct floor_job *floor_job = mem_new(1, sizeof *floor_job);
	floor_job->job = *job;
	list_init(&floor_job->due_link);
	table_add(&farm->jobs, floor_job);
	return floor_job;
}

void farm_remove(struct farm *farm, struct floor_job *floor_job)
{
	table_remove(&farm->jobs, floor_job);
	list_remove(&floor_job->due_link);
	for (int32_t i = 0; i < PAGES_MAX; i++) {
		free(floor_job->urls[i]);
	}
	free(floor_job);
}

/* ---- times ---- */

static void wake_by(struct farm *farm, int64_t at_ms)
{
	if (farm->next_wake_ms == 0 || at_ms < farm->next_wake_ms) {
		farm->next_wake_ms = at_ms;
		farm->ports.clock_ops->wake_at(farm->ports.clock, at_ms);
	}
}

void farm_wake_job(struct farm *farm, struct floor_job *floor_job, int64_t at_ms)
{
	floor_job->wake_ms = at_ms;
	if (at_ms != 0) {
		wake_by(farm, at_ms);
	}
}

void chore_at(struct farm *farm, enum chore chore, int64_t at_ms)
{
	if (at_ms < farm->calls[chore].not_before_ms) {
		at_ms = farm->calls[chore].not_before_ms;
	}
	if (farm->chore_ms[chore] == 0 || at_ms < farm->chore_ms[chore]) {
		farm->chore_ms[chore] = at_ms;
		wake_by(farm, at_ms);
	}
}

void chore_now(struct farm *farm, enum chore chore)
{
	chore_at(farm, chore, farm_now(farm));
}

/* Only after a commit, and until one has written: the cloud must hear of nothing that a full disk
 * could still undo. */
static void run_chores(struct farm *farm)
{
	int64_t now_ms = farm_now(farm);
	for (int chore = 0; chore < CHORES && !store_is_dirty(farm->ports.store); chore++) {
		if (farm->chore_ms[chore] != 0 && farm->chore_ms[chore] <= now_ms) {
			farm->chore_ms[chore] = 0;
			lease_chores[chore](farm);
		}
	}
	farm->chores_due = store_is_dirty(farm->ports.store);
}

static void wake_jobs(struct farm *farm, int64_t now_ms)
{
	int64_t *rows = mem_new(farm->jobs.n, sizeof *rows);
	size_t n = 0;
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (fj->wake_ms != 0 && fj->wake_ms <= now_ms) {
			rows[n++] = fj->job.row;
		}
	}
	for (size_t i = 0; i < n; i++) {
		struct floor_job *fj = farm_find(farm, rows[i]);
		if (fj != NULL && fj->wake_ms != 0 && fj->wake_ms <= now_ms) {
			fj->wake_ms = 0;
			walk_simple(farm, rows[i], fj->wake_is_late ? EV_LATE : EV_WAKE, NULL);
		}
	}
	free(rows);
}

void farm_wake(struct farm *farm)
{
	if (!farm->open) {
		return;
	}
	int64_t now_ms = farm_now(farm);
	farm->next_wake_ms = 0;
	farm->chores_due = true;
	wake_jobs(farm, now_ms);
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (fj->wake_ms != 0) {
			wake_by(farm, fj->wake_ms);
		}
	}
	for (int chore = 0; chore < CHORES; chore++) {
		if (farm->chore_ms[chore] > now_ms) {
			wake_by(farm, farm->chore_ms[chore]);
		}
	}
}

/* ---- the turn ---- */

void farm_due(struct farm *farm, struct floor_job *floor_job, enum work work)
{
	floor_job->due = work;
	list_remove(&floor_job->due_link);
	if (work != DO_NOTHING) {
		list_append(&farm->due, &floor_job->due_link);
	}
}

static bool strikes_stages(const struct farm *farm, const char *place)
{
	bool strikes = false;
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		if ((farm->stages_reached >> stage & 1) != 0) {
			strikes = point_strikes(place, stage_word((enum stage)stage)) || strikes;
		}
	}
	return strikes;
}

/* Between a commit and what it allows, and just before it: where a crash hurts most. */
static bool commit(struct farm *farm, struct err *err)
{
	if (strikes_stages(farm, "storing")) {
		return err_set(err, REMEDY_FATAL, "struck", "struck before a commit");
	}
	if (!store_commit(farm->ports.store, err)) {
		return false;
	}
	bool strikes = strikes_stages(farm, "stored");
	farm->stages_reached = 0;
	return !strikes || err_set(err, REMEDY_FATAL, "struck", "struck after a commit");
}

static void ask_what_is_due(struct farm *farm)
{
	struct link now; /* what becomes due while asking waits for its own commit */
	printers_tell_keys(farm);
	list_init(&now);
	while (!list_is_empty(&farm->due)) {
		struct link *link = farm->due.next;
		list_remove(link);
		list_append(&now, link);
	}
	while (!list_is_empty(&now)) {
		struct floor_job *fj = list_entry(now.next, struct floor_job, due_link);
		enum work work = fj->due;
		list_remove(&fj->due_link);
		fj->due = DO_NOTHING;
		if (!farm->fatal) { /* else the process ends, and asks when it is back */
			walk_ask(farm, fj, work);
			farm_point(farm, "asked", work_name(work));
		}
	}
	if (farm->hot_due) {
		hot_after_commit(farm);
	}
	if (farm->line_due) {
		farm->line_due = false;
		line_up(farm);
	}
}

bool farm_turn(struct farm *farm, struct err *err)
{
	bool wrote = false;
	for (int round = 0; farm->open && round < ROUNDS_MAX; round++) {
		bool dirty = store_is_dirty(farm->ports.store);
		if (!dirty && list_is_empty(&farm->due) && !farm->line_due && !farm->chores_due &&
			!farm->hot_due && !farm->keys_due) {
			break;
		}
#ifdef PLATEN_WEAKEN_STORE /* a planted fault: docs/simulator.md */
		ask_what_is_due(farm);
#endif
		if (dirty && !commit(farm, err)) {
			return false; /* memory is wrong now: the process ends and rebuilds */
		}
		wrote = wrote || dirty;
		if (farm->chores_due) {
			run_chores(farm);
		} else {
			ask_what_is_due(farm);
		}
	}
	if (farm->open &&
		(store_is_dirty(farm->ports.store) || farm->line_due || farm->hot_due ||
			farm->keys_due || farm->chores_due || !list_is_empty(&farm->due))) {
		wake_by(farm, farm_now(farm)); /* never sleep over an open transaction or a due */
	}
	struct err unfit;
	if (farm->open && !spool_is_fit(farm->ports.spool, &unfit)) {
		farm_stop(farm, &unfit); /* whoever's file it was that the disk did not take */
	}
	if (farm->fatal && farm->open) {
		*err = farm->fatal_err;
		return false;
	}
	for (size_t i = 0; wrote && i < farm->n_on_commit; i++) {
		farm->on_commit[i].call(farm->on_commit[i].context);
	}
	return true;
}

void farm_on_commit(struct farm *farm, void (*call)(void *context), void *context)
{
	assert(farm->n_on_commit < 2);
	farm->on_commit[farm->n_on_commit].call = call;
	farm->on_commit[farm->n_on_commit++].context = context;
}

/* ---- life ---- */

struct farm *farm_create(const struct catalog *catalog, const struct farm_conf *conf)
{
	struct farm *farm = mem_new(1, sizeof *farm);
	farm->catalog = catalog;
	farm->conf = *conf;
	farm->heartbeat_ms = 30 * SECOND_MS;
	farm->poll_wait_s = 25;
	farm->batch_events = farm->batch_most = EVENTS_MAX;
	list_init(&farm->due);
	cache_create(farm);
	return farm;
}

static void load_job(void *context, const struct job *job)
{
	struct farm *farm = context;
	struct floor_job *fj = farm_add(farm, job);
	struct printer *printer = printer_find(farm, fj->job.printer);
	if (job->test && printer != NULL && !stage_is_final(job->stage)) {
		printer_beside(farm, printer)->test_row = job->row;
	}
	if (!stage_is_at_device(fj->job.stage)) {
		return;
	}
	fj->blameless = true; /* it was we who broke off */
	if (printer != NULL) {
		printer->busy_job_row = fj->job.row;
	}
}

/* Within a boot it goes on; after one it is the wall clock, but never back. */
static void set_floor_time(struct farm *farm, bool same_boot)
{
	char ahead[24] = "";
	struct store *store = farm->ports.store;
	if (same_boot && store_meta_get(store, "floor_ahead_ms", ahead, sizeof ahead)) {
		farm->floor_ahead_ms = strtoll(ahead, NULL, 10);
		return;
	}
	int64_t wall_ms = farm_wall_ms(farm);
	int64_t last_ms = store_last_taken(store);
	farm->floor_ahead_ms = (wall_ms > last_ms ? wall_ms : last_ms) - farm_now(farm);
	snprintf(ahead, sizeof ahead, "%lld", (long long)farm->floor_ahead_ms);
	store_meta_set(store, "floor_ahead_ms", ahead);
}

/* After a boot the cloud must have answered once before anything new is cleared to print. */
static void note_boot(struct farm *farm)
{
	char before[CLOCK_BOOT_ID_MAX] = "";
	farm->ports.clock_ops->boot_id(farm->ports.clock, farm->boot_id);
	store_meta_get(farm->ports.store, "boot_id", before, sizeof before);
	farm->extended = strcmp(before, farm->boot_id) == 0;
	set_floor_time(farm, farm->extended);
	store_meta_set(farm->ports.store, "boot_id", farm->boot_id);
	rollback_open(farm);
}

static void note_start(struct farm *farm)
{
	char words[64];
	struct store *store = farm->ports.store;
	snprintf(words, sizeof words, "generation %lld of the store",
		(long long)store_generation(store));
	store_audit(store, farm_wall_ms(farm), "platen", "start", farm->conf.agent, words);
}

void farm_open(struct farm *farm, const struct ports *ports)
{
	farm->ports = *ports;
	farm->open = true;
	printers_open(farm);
	stock_start(farm);
	sensors_open(farm);
	cache_open(farm);
	note_boot(farm);
	note_start(farm);
	maintenance_open(farm);
	if (store_audit_fault(ports->store)[0] != '\0') {
		incident_raise(farm, "", NULL, "trail-edited", store_audit_fault(ports->store));
	}
	store_jobs_each(ports->store, load_job, farm);
	size_t at = 0;
	int64_t *rows = mem_new(farm->jobs.n, sizeof *rows);
	size_t n = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		rows[n++] = fj->job.row;
	}
	for (size_t i = 0; i < n; i++) {
		struct floor_job *fj = farm_find(farm, rows[i]);
		if (stage_is_final(fj->job.stage)) {
			retention_close(farm, fj);
		} else {
			walk_simple(farm, rows[i], EV_RESTART, NULL);
		}
	}
	free(rows);
	if (farm->conf.has_cloud) {
		chore_now(farm, CHORE_SESSION);
	}
	chore_now(farm, CHORE_EVENTS);
	retention_open(farm);
	hot_open(farm);
	log_info("farm", "open, jobs=%zu store=%s generation=%lld", n, store_id(ports->store),
		(long long)store_generation(ports->store));
}

void farm_close(struct farm *farm)
{
	farm->open = false;
}

void farm_destroy(struct farm *farm)
{
	if (farm == NULL) {
		return;
	}
	for (size_t at = 0; farm->jobs.n > 0; at = 0) {
		farm_remove(farm, table_next(&farm->jobs, &at));
	}
	table_fini(&farm->jobs);
	cache_destroy(farm);
	retention_fini(farm);
	hot_free(farm);
	maintenance_fini(farm);
	stock_free(farm);
	free(farm->printers);
	free(farm->beside);
	free(farm->sensors);
	free(farm);
}

void farm_drain(struct farm *farm)
{
	if (!farm->draining) {
		store_audit(farm->ports.store, farm_wall_ms(farm), "platen", "stop",
			farm->conf.agent, "finishing what is at the printers first");
	}
	farm->draining = true;
	log_info("farm", "finishing what is at the printers, then stopping");
}

bool farm_is_idle(const struct farm *farm)
{
	for (size_t i = 0; i < farm->n_printers; i++) {
		if (farm->printers[i].busy_job_row != 0) {
			return false;
		}
	}
	return !store_is_dirty(farm->ports.store);
}

/* ---- for the desk ---- */

int32_t farm_progress(const struct farm *farm, int64_t job_row)
{
	struct floor_job *fj = farm_find(farm, job_row);
	return fj == NULL ? 0 : fj->progress;
}

const struct printer *farm_printers(const struct farm *farm, size_t *n)
{
	*n = farm->n_printers;
	return farm->printers;
}

const struct catalog *farm_catalog(const struct farm *farm)
{
	return farm->catalog;
}

const struct farm_conf *farm_conf_of(const struct farm *farm)
{
	return &farm->conf;
}

struct store *farm_store(const struct farm *farm)
{
	return farm->ports.store;
}

struct spool *farm_spool(const struct farm *farm)
{
	return farm->ports.spool;
}

void farm_state(const struct farm *farm, struct farm_state *state)
{
	*state = (struct farm_state){
		.draining = farm->draining,
		.cloud_reached = farm->session_open && farm->cloud_fault[0] == '\0',
		.jobs_open = (int32_t)farm->jobs.n,
		.rasters_bytes = farm->cache.bytes,
	};
	memcpy(state->cloud_fault, farm->cloud_fault, sizeof state->cloud_fault);
	memcpy(state->engine, farm->engine, sizeof state->engine);
	memcpy(state->font, farm->font, sizeof state->font);
	struct err err;
	if (rollback_forbids(farm, &err)) {
		memcpy(state->store_fault, err.text, sizeof state->store_fault);
	}
}
