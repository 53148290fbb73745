/* SPDX-License-Identifier: Apache-2.0
 *
 * The life and death of the daemon in virtual time, and the trace.
 */
#include "sim/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL_AT_START  INT64_C(1577836800000) /* 2020-01-01: files look new to retention */
#define STORE_ID       "00SMFX0000000000000000SEED"
#define START_AGAIN_MS 1000

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

/* Two runs of one seed have two folders and two disks, and one trace. */
static void hide(const char *name, char *line)
{
	size_t len = strlen(name);
	for (char *at = line; (at = strstr(at, name)) != NULL;) {
		memmove(at, at + len, strlen(at + len) + 1);
	}
}

static void on_log(void *context, enum log_level level, const char *subject, const char *text)
{
	struct sim *sim = context;
	(void)level;
	char line[2304];
	snprintf(line, sizeof line, "[%7lld] %s: %s", (long long)sim->now_ms, subject, text);
	hide(sim->conf.folder, line);
	hide(sim->store_uri, line);
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
	struct store *store = store_open(sim->store_uri, sim->wall_at_zero_ms, &err);
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

static bool open_files(struct sim *sim, struct err *err)
{
	sim->store = store_open(sim->store_uri, sim->wall_at_zero_ms + sim->now_ms, err);
	sim->spool = sim->store == NULL ? NULL : spool_open(NULL, sim->spool_path, 0, 0, err);
	return sim->spool != NULL;
}

/* Everything is closed in its order; where it was killed, that reaches no disk. */
static void end(struct sim *sim)
{
	sim->dying = true;
	for (int32_t i = 0; i < sim->conf.printers; i++) {
		handover_kill(sim, i);
	}
	sim_drop_events(sim, true);
	farm_destroy(sim->farm);
	spool_close(sim->spool, NULL, NULL);
	store_close(sim->store);
	sim->farm = NULL;
	sim->spool = NULL;
	sim->store = NULL;
	sim->dying = false;
	vfs_kill(sim->disk);
}

static void die(struct sim *sim)
{
	vfs_kill(sim->disk);
	end(sim);
}

static void cut_power(struct sim *sim, enum vfs_cut cut)
{
	log_info("sim", "the power was cut");
	vfs_power_cut(sim->disk, cut, sim_random(&sim->point_random));
	sim->booted_ms = sim->now_ms;
}

static void on_start(struct sim *sim, void *data);

/* A daemon starts; where it can't, its supervisor tries again. */
static void begin(struct sim *sim)
{
	struct err err;
	sim->life++;
	sim->born_ms = sim->now_ms;
	sim->wake_ms = -1;
	if (vfs_is_off(sim->disk)) {
		cut_power(sim, (enum vfs_cut)(sim_random(&sim->point_random) % VFS_CUTS));
	}
	vfs_revive(sim->disk);
	if (!open_files(sim, &err)) {
		log_error("sim", "the daemon does not start: %s", err.text);
		end(sim);
		sim_later(sim, START_AGAIN_MS, false, on_start, NULL, NULL);
		return;
	}
	sim->farm = farm_create(&sim->catalog, &sim->farm_conf);
	struct ports ports = {.clock_ops = &sim_clock_ops,
		.clock = sim,
		.cloud_ops = &sim_cloud_ops,
		.cloud = sim,
		.crew_ops = &sim_crew_ops,
		.crew = sim,
		.store = sim->store,
		.spool = sim->spool};
	if (sim->conf.checks_store) {
		sim_check_store(sim);
	}
	watch_birth(sim);
	farm_open(sim->farm, &ports);
	crew_start(sim);
}

static void on_start(struct sim *sim, void *data)
{
	(void)data;
	if (sim->farm == NULL) {
		begin(sim);
	}
}

/* The turn that follows whatever happened. A daemon that ends is started again: at once, unless it
 * had only just been. */
static void settle(struct sim *sim)
{
	struct err err;
	while (sim->farm != NULL) {
		if (!farm_turn(sim->farm, &err)) {
			bool young = sim->now_ms == sim->born_ms;
			log_error("sim", "the daemon ends: %s", err.text);
			end(sim);
			log_info("sim", "killed and started again");
			sim_later(sim, young ? START_AGAIN_MS : 0, false, on_start, NULL, NULL);
			return;
		}
		watch_stored(sim);
		if (spool_deliver(sim->spool) == 0) {
			return;
		}
	}
}

void sim_run(struct sim *sim, int64_t ms)
{
	int64_t until = sim->now_ms + ms;
	settle(sim);
	while (sim->n_events > 0 && sim->events[0].at_ms <= until) {
		struct sim_event event = sim_take_next(sim);
		sim->now_ms = event.at_ms;
		event.act(sim, event.data);
		settle(sim);
	}
	sim->now_ms = until;
}

void sim_restart(struct sim *sim)
{
	die(sim);
	log_info("sim", "killed and started again");
	begin(sim);
	settle(sim);
}

void sim_power_cut(struct sim *sim, enum vfs_cut cut)
{
	die(sim);
	cut_power(sim, cut);
	begin(sim);
	sim_check_store(sim);
	settle(sim);
}

/* Counts the rows of a pragma that lists what is wrong, but for one that says "ok". */
static int32_t complaints(struct sim *sim, const char *pragma)
{
	struct err err;
	int32_t n = 0;
	struct db_row *row = db_query(store_db(sim->store), pragma, "");
	while (db_next(row)) {
		n += strcmp(db_text(row, 0), "ok") != 0;
	}
	return db_end(row, &err) ? n : n + 1;
}

void sim_check_store(struct sim *sim)
{
	if (sim->store != NULL && (complaints(sim, "PRAGMA integrity_check") > 0 ||
					  complaints(sim, "PRAGMA foreign_key_check") > 0)) {
		sim_blame(sim, "V14: the store is damaged");
	}
}

struct sim *sim_create(const struct sim_conf *conf)
{
	struct sim *sim = mem_new(1, sizeof *sim);
	sim->conf = *conf;
	sim->conf.printers = conf->printers > 0 ? conf->printers : 2;
	sim->random = conf->seed;
	sim->story_random = ~conf->seed;
	sim->point_random = conf->seed ^ UINT64_C(0x9e3779b97f4a7c15);
	sim->wall_at_zero_ms = conf->wall_ms_at_start != 0 ? conf->wall_ms_at_start : WALL_AT_START;
	sim->trace = hash_create();
	sim->disk = vfs_create();
	vfs_uri(sim->disk, "store", sim->store_uri, sizeof sim->store_uri);
	snprintf(sim->spool_path, sizeof sim->spool_path, "%s/spool", conf->folder);
	log_set_sink(on_log, sim, LOG_LEVEL_INFO);
	sim_floor(sim);
	name_store(sim);
	if (conf->second_floor) {
		elsewhere_open(sim);
	}
	sim_arm_points(sim);
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
	sim_disarm_points(sim);
	sim_drop_events(sim, false);
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
