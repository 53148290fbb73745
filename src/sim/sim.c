/* SPDX-License-Identifier: Apache-2.0
 *
 * Virtual time, the life and death of the daemon in it, the trace, and the faults that were asked
 * for.
 */
#include "sim/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL_AT_START INT64_C(1577836800000) /* 2020-01-01: files look new to retention */
#define STORE_ID      "00SMFX0000000000000000SEED"

/* splitmix64 */
uint64_t sim_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t sim_chance(struct sim *sim)
{
	return sim_random(&sim->story_random);
}

int64_t sim_now(const struct sim *sim)
{
	return sim->now_ms;
}

struct farm *sim_farm(struct sim *sim)
{
	return sim->farm;
}

struct store *sim_store(struct sim *sim)
{
	return sim->store;
}

struct vfs *sim_disk(struct sim *sim)
{
	return sim->disk;
}

void sim_blame(struct sim *sim, const char *format, ...)
{
	if (sim->wrong[0] != '\0') {
		return;
	}
	va_list words;
	va_start(words, format);
	int n = snprintf(sim->wrong, sizeof sim->wrong, "at %lld ms: ", (long long)sim->now_ms);
	vsnprintf(sim->wrong + n, sizeof sim->wrong - (size_t)n, format, words);
	va_end(words);
}

/* ---- the trace ---- */

static void on_log(void *context, enum log_level level, const char *subject, const char *text)
{
	struct sim *sim = context;
	(void)level;
	char line[2304];
	snprintf(line, sizeof line, "[%7lld] %s: %s", (long long)sim->now_ms, subject, text);
	hash_add(sim->trace, line, strlen(line) + 1);
	watch_line(sim, subject, text);
	if (sim->conf.only_hash) {
		return;
	}
	if (sim->n_lines == sim->room_lines) {
		sim->room_lines = sim->room_lines == 0 ? 256 : 2 * sim->room_lines;
		sim->lines = mem_resize(sim->lines, sim->room_lines, sizeof *sim->lines);
	}
	sim->lines[sim->n_lines++] = mem_text(line);
}

size_t sim_trace(const struct sim *sim, const char *const **lines)
{
	*lines = (const char *const *)sim->lines;
	return sim->n_lines;
}

void sim_trace_hash(struct sim *sim, char hex[HASH_HEX_MAX])
{
	hash_take_hex(sim->trace, hex);
}

/* ---- time ---- */

int64_t sim_jitter(struct sim *sim, int64_t ms)
{
	return !sim->conf.jitter || ms == 0
		       ? ms
		       : ms / 2 + (int64_t)(sim_random(&sim->random) % (uint64_t)(ms + 1));
}

static bool is_sooner(const struct sim_event *a, const struct sim_event *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->number < b->number;
}

static void sift_up(struct sim *sim, size_t at)
{
	struct sim_event event = sim->events[at];
	for (; at > 0 && is_sooner(&event, &sim->events[(at - 1) / 2]); at = (at - 1) / 2) {
		sim->events[at] = sim->events[(at - 1) / 2];
	}
	sim->events[at] = event;
}

static void sift_down(struct sim *sim, size_t at)
{
	struct sim_event event = sim->events[at];
	for (size_t child; (child = 2 * at + 1) < sim->n_events; at = child) {
		bool right = child + 1 < sim->n_events &&
			     is_sooner(&sim->events[child + 1], &sim->events[child]);
		child += right;
		if (!is_sooner(&sim->events[child], &event)) {
			break;
		}
		sim->events[at] = sim->events[child];
	}
	sim->events[at] = event;
}

void sim_later(struct sim *sim, int64_t delay_ms, bool mortal, sim_act *act, void (*drop)(void *),
	void *data)
{
	if (sim->n_events == sim->room_events) {
		sim->room_events = sim->room_events == 0 ? 256 : 2 * sim->room_events;
		sim->events = mem_resize(sim->events, sim->room_events, sizeof *sim->events);
	}
	sim->events[sim->n_events] = (struct sim_event){.at_ms = sim->now_ms + delay_ms,
		.number = sim->events_made++,
		.mortal = mortal,
		.act = act,
		.drop = drop,
		.data = data};
	sift_up(sim, sim->n_events++);
}

static struct sim_event take_next(struct sim *sim)
{
	struct sim_event next = sim->events[0];
	sim->events[0] = sim->events[--sim->n_events];
	if (sim->n_events > 0) {
		sift_down(sim, 0);
	}
	return next;
}

static void drop_events(struct sim *sim, bool only_mortal)
{
	size_t kept = 0;
	for (size_t i = 0; i < sim->n_events; i++) {
		struct sim_event event = sim->events[i];
		if (only_mortal && !event.mortal) {
			sim->events[kept++] = event;
		} else if (event.drop != NULL) {
			event.drop(event.data);
		}
	}
	sim->n_events = kept;
	for (size_t i = kept / 2; i-- > 0;) {
		sift_down(sim, i);
	}
}

static int64_t clock_now(void *self)
{
	struct sim *sim = self;
	return sim->now_ms + 1; /* 0 means "no time" to the farm */
}

static int64_t clock_wall(void *self)
{
	struct sim *sim = self;
	return WALL_AT_START + sim->now_ms;
}

static uint64_t clock_chance(void *self)
{
	struct sim *sim = self;
	return sim_random(&sim->random);
}

static void on_wake(struct sim *sim, void *data)
{
	(void)data;
	if (sim->wake_ms == sim->now_ms) {
		sim->wake_ms = -1;
		farm_wake(sim->farm);
	}
}

static void clock_wake_at(void *self, int64_t at_ms)
{
	struct sim *sim = self;
	int64_t at = at_ms - 1 > sim->now_ms ? at_ms - 1 : sim->now_ms;
	sim->wake_ms = at;
	sim_later(sim, at - sim->now_ms, true, on_wake, NULL, NULL);
}

static const struct clock_ops clock_ops = {
	.now_ms = clock_now,
	.wall_ms = clock_wall,
	.wake_at = clock_wake_at,
	.chance = clock_chance,
};

/* The turn that follows whatever happened. */
static void settle(struct sim *sim)
{
	struct err err;
	do {
		if (!farm_turn(sim->farm, &err)) {
			log_error("sim", "the daemon ends: %s", err.text);
			sim_restart(sim);
			return;
		}
		watch_stored(sim);
	} while (spool_deliver(sim->spool) > 0);
}

void sim_run(struct sim *sim, int64_t ms)
{
	int64_t until = sim->now_ms + ms;
	settle(sim);
	while (sim->n_events > 0 && sim->events[0].at_ms <= until) {
		struct sim_event event = take_next(sim);
		sim->now_ms = event.at_ms;
		event.act(sim, event.data);
		settle(sim);
	}
	sim->now_ms = until;
}

/* ---- faults ---- */

void sim_fault(struct sim *sim, const struct sim_fault *fault)
{
	if (sim->n_faults == SIM_FAULTS_MAX) {
		sim_blame(sim, "more faults were asked for than there is room for");
		return;
	}
	sim->faults[sim->n_faults++] = (struct sim_row){.fault = *fault,
		.wait = fault->nth > 1 ? fault->nth - 1 : 0,
		.left = fault->times > 0 ? fault->times : 1};
}

struct sim_met sim_meet(struct sim *sim, enum sim_call call)
{
	struct sim_met met = {.wrong = false};
	for (size_t i = 0; i < sim->n_faults; i++) {
		struct sim_row *row = &sim->faults[i];
		if (row->fault.call != call || row->left == 0 || row->wait-- > 0) {
			continue;
		}
		row->left--;
		row->wait = 0;
		met = (struct sim_met){.wrong = row->fault.how != SIM_LATE,
			.how = row->fault.how,
			.late_ms = row->fault.late_ms};
		const char *code = row->fault.code == NULL ? "made-up" : row->fault.code;
		err_set(&met.err, row->fault.remedy, code, "made-up failure (%s)", code);
		break;
	}
	return met;
}

/* ---- life ---- */

static void unfit(const struct err *err)
{
	fprintf(stderr, "simulator: %s\n", err->text);
	abort();
}

/* The store's id is chance elsewhere; here a run must repeat itself. */
static void name_store(struct sim *sim)
{
	struct err err;
	struct store *store = store_open(sim->store_uri, WALL_AT_START, &err);
	if (store == NULL) {
		unfit(&err);
	}
	store_meta_set(store, "store_id", STORE_ID);
	store_meta_set(store, "audit_head", "0 " STORE_ID); /* the trail begins with it */
	if (!store_commit(store, &err)) {
		unfit(&err);
	}
	store_close(store);
}

/* A daemon starts. */
static void begin(struct sim *sim)
{
	struct err err;
	sim->life++;
	sim->wake_ms = -1;
	vfs_revive(sim->disk);
	sim->store = store_open(sim->store_uri, clock_wall(sim), &err);
	sim->spool = sim->store == NULL ? NULL : spool_open(NULL, sim->spool_path, 0, 0, &err);
	if (sim->spool == NULL) {
		unfit(&err);
	}
	sim->farm = farm_create(&sim->catalog, &sim->farm_conf);
	struct ports ports = {.clock_ops = &clock_ops,
		.clock = sim,
		.cloud_ops = &sim_cloud_ops,
		.cloud = sim,
		.crew_ops = &sim_crew_ops,
		.crew = sim,
		.store = sim->store,
		.spool = sim->spool};
	watch_birth(sim);
	farm_open(sim->farm, &ports);
	crew_start(sim);
}

static void die(struct sim *sim)
{
	sim->dying = true;
	vfs_kill(sim->disk);
	for (int32_t i = 0; i < sim->conf.printers; i++) {
		handover_kill(sim, i);
	}
	drop_events(sim, true);
	farm_destroy(sim->farm);
	spool_close(sim->spool, NULL, NULL);
	store_close(sim->store);
	sim->farm = NULL;
	sim->dying = false;
}

void sim_restart(struct sim *sim)
{
	die(sim);
	log_info("sim", "killed and started again");
	begin(sim);
	settle(sim);
}

struct sim *sim_create(const struct sim_conf *conf)
{
	struct sim *sim = mem_new(1, sizeof *sim);
	sim->conf = *conf;
	sim->conf.printers = conf->printers > 0 ? conf->printers : 2;
	sim->random = conf->seed;
	sim->story_random = ~conf->seed;
	sim->trace = hash_create();
	sim->disk = vfs_create();
	vfs_uri(sim->disk, "store", sim->store_uri, sizeof sim->store_uri);
	snprintf(sim->spool_path, sizeof sim->spool_path, "%s/spool", conf->folder);
	log_set_sink(on_log, sim, LOG_LEVEL_INFO);
	sim_floor(sim);
	name_store(sim);
	begin(sim);
	settle(sim);
	return sim;
}

void sim_destroy(struct sim *sim)
{
	if (sim == NULL) {
		return;
	}
	die(sim);
	drop_events(sim, false);
	for (int32_t i = 0; i < sim->conf.printers; i++) {
		machine_free(&sim->machines[i]);
	}
	for (size_t i = 0; i < sim->n_subjects; i++) {
		free(sim->subjects[i].ids);
		free(sim->subjects[i].words);
	}
	for (size_t i = 0; i < sim->n_lines; i++) {
		free(sim->lines[i]);
	}
	struct index *const indexes[] = {
		&sim->jobs_by_id, &sim->jobs_by_asset, &sim->subjects_by_name, &sim->sheets_by_job};
	for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
		index_fini(indexes[i]);
	}
	free(sim->lines);
	free(sim->events);
	free(sim->sheets);
	watch_free(&sim->watch);
	free(sim->subjects);
	free(sim->jobs);
	hash_destroy(sim->trace);
	vfs_destroy(sim->disk);
	log_set_sink(NULL, NULL, LOG_LEVEL_INFO);
	free(sim);
}
