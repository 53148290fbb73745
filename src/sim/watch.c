/* SPDX-License-Identifier: Apache-2.0
 *
 * What the oracle sees while a run goes on: which changes of stage were stored, in which order;
 * which hand-overs were ambiguous; and what may not happen even for a moment.
 */
#include "sim/own.h"
#include <stdlib.h>
#include <string.h>

#define HEARTBEAT_MS 1000 /* V13: from the start to the first call */
#define RESUME_MS    5000 /* V13: from a crash to the question to the printer */

/* ---- changes of stage: the hub logs each; those of a turn count once its commit is through ----
 */

void watch_line(struct sim *sim, const char *subject, const char *text)
{
	struct watch *watch = &sim->watch;
	struct move move;
	char word[32];
	size_t len = strcspn(text, ":");
	if (len >= sizeof word || sim_cloud_job(sim, subject) == NULL) {
		return;
	}
	memcpy(word, text, len);
	word[len] = '\0';
	if (!stage_from_word(word, &move.to)) {
		return;
	}
	move.wall_ms = sim->wall_at_zero_ms + sim->now_ms;
	text_copy(move.job, sizeof move.job, subject);
	text_copy(move.words, sizeof move.words, text[len] == '\0' ? "" : text + len + 2);
	if (watch->n_moves == watch->room_moves) {
		watch->room_moves = watch->room_moves == 0 ? 256 : 2 * watch->room_moves;
		watch->moves = mem_resize(watch->moves, watch->room_moves, sizeof *watch->moves);
	}
	watch->moves[watch->n_moves++] = move;
}

/* What a person decided about the job so far. */
static int64_t decisions(struct sim *sim, const char *job)
{
	int64_t n = 0;
	db_one_int(store_db(sim->store), &n,
		"SELECT count(*) FROM audit WHERE subject=? AND who<>''", "t", job);
	return n;
}

static bool is_proven(struct sim *sim, const char *job)
{
	int64_t n = 0;
	db_one_int(store_db(sim->store), &n,
		"SELECT evidence<>'none' AND verdict<>'unknown' FROM attempt WHERE job IN"
		" (SELECT row FROM job WHERE id=?) ORDER BY row DESC LIMIT 1",
		"t", job);
	return n != 0;
}

/* V9: out of held-unknown only by a proof or by a decision with a name. */
static void v9_doubt_ends_by_proof_or_person(
	struct sim *sim, struct sim_job *job, const struct move *move)
{
	int64_t decided = decisions(sim, job->id);
	bool leaves = job->stage == AT_HELD_UNKNOWN && move->to != AT_HELD_UNKNOWN;
	bool found = move->to == AT_ACCEPTED; /* the printer has it after all */
	if (leaves && !found && decided == job->decisions && !is_proven(sim, job->id)) {
		sim_blame(sim, "V9: %s left held-unknown for %s without proof or decision", job->id,
			stage_word(move->to));
	}
	job->decisions = decided;
}

static void store_move(struct sim *sim, const struct move *move)
{
	struct sim_job *job = sim_cloud_job(sim, move->job);
	if (job->stage == AT_HELD_UNKNOWN || move->to == AT_HELD_UNKNOWN) {
		v9_doubt_ends_by_proof_or_person(sim, job, move);
	}
	job->stage = move->to;
}

void watch_stored(struct sim *sim)
{
	struct watch *watch = &sim->watch;
	while (watch->n_stored < watch->n_moves) {
		store_move(sim, &watch->moves[watch->n_stored++]);
	}
}

/* The daemon ended in the middle of a turn: a job's changes count as far as the store has them. */
static void keep_stored(struct sim *sim)
{
	struct watch *watch = &sim->watch;
	size_t kept = watch->n_stored;
	for (size_t i = watch->n_stored; i < watch->n_moves; i++) {
		struct job job;
		bool stored = false;
		bool found = store_job_find(sim->store, watch->moves[i].job, &job);
		for (size_t k = i; found && k < watch->n_moves; k++) {
			const struct move *later = &watch->moves[k];
			stored = stored ||
				 (strcmp(later->job, job.id) == 0 && later->to == job.stage &&
					 later->wall_ms == job.stage_wall_ms);
		}
		if (stored) {
			watch->moves[kept++] = watch->moves[i];
		}
	}
	watch->n_moves = kept;
	watch_stored(sim);
}

/* ---- births: V8, V13, V14 ---- */

static void v13_first_heartbeat(struct sim *sim, void *data)
{
	(void)data;
	if (sim->conf.printers > 0 && !sim->conf.no_cloud && !sim->watch.called) {
		sim_blame(sim, "V13: no call to the order service within a second of the start");
	}
}

static void v13_printer_is_asked(struct sim *sim, void *data)
{
	(void)data;
	for (int32_t at = 0; at < sim->catalog.n_printers; at++) {
		if (sim->watch.owes_question[at]) {
			sim_blame(sim,
				"V13: an attempt at %s was not asked about within 5 s of the "
				"start",
				sim_printer_conf(sim, at)->name);
		}
	}
}

static void owe_question(void *context, const struct job *job)
{
	struct sim *sim = context;
	if (stage_is_at_device(job->stage)) {
		sim->watch.owes_question[machine_at(job->printer)] = true;
	}
}

void watch_birth(struct sim *sim)
{
	struct watch *watch = &sim->watch;
	keep_stored(sim);
	memset(watch->owes_question, 0, sizeof watch->owes_question);
	watch->called = false;
	if (sim->life > 1) {
		v8_files_are_there(sim);
		store_jobs_each(sim->store, owe_question, sim);
	}
	sim_later(sim, HEARTBEAT_MS, true, v13_first_heartbeat, NULL, NULL);
	sim_later(sim, RESUME_MS, true, v13_printer_is_asked, NULL, NULL);
}

void watch_called(struct sim *sim)
{
	sim->watch.called = true;
}

void watch_asked(struct sim *sim, int32_t at)
{
	sim->watch.owes_question[at] = false;
}

/* ---- hand-overs: V2, V6, V7 ---- */

/* V6: what the order service has not cleared, or what is under way already, is not begun. */
static void v6_one_attempt_at_a_time(
	struct sim *sim, const struct print_ask *ask, const struct sim_job *job, int64_t epoch)
{
	const struct attempt *attempt = &ask->send.attempt;
	int64_t n = 0;
	if (job->granted != epoch) {
		sim_blame(sim, "V6: %s was handed over without a permit", attempt->key);
	}
	db_one_int(store_db(sim->store), &n,
		"SELECT count(*) FROM attempt WHERE ended IS NULL AND page=? AND job IN"
		" (SELECT row FROM job WHERE id=?)",
		"it", (int64_t)attempt->page, job->id);
	if (n > 1) {
		sim_blame(
			sim, "V6: %s was handed over while another attempt is open", attempt->key);
	}
}

static void v7_numbers_grow(struct sim *sim, struct sim_job *job, const char *key, int64_t epoch)
{
	int64_t number = strtoll(strrchr(key, '.') + 1, NULL, 10);
	bool grows =
		epoch > job->last_epoch || (epoch == job->last_epoch && number > job->last_attempt);
	if (!grows) {
		sim_blame(sim, "V7: %s after epoch %lld, attempt %lld", key,
			(long long)job->last_epoch, (long long)job->last_attempt);
	}
	job->last_epoch = epoch;
	job->last_attempt = number;
}

/* Enough of a hash to tell two apart. */
static size_t hash_end(const char *sha256)
{
	return (size_t)strtoull(sha256 + HASH_HEX_MAX - 1 - 12, NULL, 16);
}

/* V11: what is printed is what was rendered under that name. */
static void v11_prints_what_was_made(struct sim *sim, const struct print_ask *ask)
{
	size_t made;
	bool known = index_get(&sim->watch.rasters, ask->raster_name, &made);
	if (known && made != hash_end(ask->send.sha256)) {
		sim_blame(sim, "V11: %s prints another page than was rendered as %.12s",
			ask->send.attempt.key, ask->raster_name);
	}
}

void watch_print(struct sim *sim, const struct print_ask *ask)
{
	v11_prints_what_was_made(sim, ask);
	char id[TEXT_ID_MAX];
	int64_t epoch = attempt_job(ask->send.attempt.key, id);
	struct sim_job *job = sim_cloud_job(sim, id);
	if (job == NULL) {
		return; /* a local order */
	}
	v6_one_attempt_at_a_time(sim, ask, job, epoch);
	v7_numbers_grow(sim, job, ask->send.attempt.key, epoch);
}

/* V2: nothing goes on before the store has the mark that it needs, committed. */
void watch_mark(struct sim *sim, const char *key, enum phase least)
{
	enum phase phase = PHASE_PREPARED;
	struct err err;
	if (store_is_dirty(sim->store)) {
		sim_blame(sim, "V2: go was said for %s before the store had committed", key);
	}
	struct db_row *row =
		db_query(store_db(sim->store), "SELECT phase FROM attempt WHERE key=?", "t", key);
	if (!db_next(row) || !phase_from_name(db_text(row, 0), &phase) || phase < least) {
		sim_blame(sim, "V2: go was said for %s before the store had its mark", key);
	}
	if (!db_end(row, &err)) {
		sim_blame(sim, "V14: the store can't be read: %s", err.text);
	}
}

/* ---- rasters ---- */

/* V11: a recipe names one raster, whenever it is made; and it is named by that recipe. */
void watch_raster(
	struct sim *sim, const struct recipe *recipe, const char *name, const char *sha256)
{
	char right[HASH_HEX_MAX];
	size_t before;
	size_t hash = hash_end(sha256);
	recipe_name(recipe, right);
	bool made = index_get(&sim->watch.rasters, name, &before);
	if (strcmp(name, right) != 0 || (made && before != hash)) {
		sim_blame(sim, "V11: the raster %.12s is another one than before", name);
	}
	index_put(&sim->watch.rasters, name, hash);
}

/* ---- ambiguous hand-overs ---- */

static enum sim_witness witness_of(const struct machine *machine)
{
	const struct sim_machine *open = &machine->open;
	if (!open->no_counter && !open->counter_stuck) {
		return SIM_COUNTS;
	}
	/* one that calls a job completed and counts fewer copies contradicts itself */
	bool tells = !machine_is_dye(machine) && !open->no_impressions && !open->no_history &&
		     !open->done_early && !open->skips_copy;
	return tells ? SIM_IPP_ONLY : SIM_NO_WITNESS;
}

void doubt_add(struct sim *sim, const char *key, const struct machine *machine)
{
	struct watch *watch = &sim->watch;
	if (watch->n_doubts == watch->room_doubts) {
		watch->room_doubts = watch->room_doubts == 0 ? 16 : 2 * watch->room_doubts;
		watch->doubts =
			mem_resize(watch->doubts, watch->room_doubts, sizeof *watch->doubts);
	}
	struct doubt *doubt = &watch->doubts[watch->n_doubts++];
	*doubt = (struct doubt){.witness = witness_of(machine)};
	text_copy(doubt->key, sizeof doubt->key, key);
}

void watch_free(struct watch *watch)
{
	free(watch->moves);
	free(watch->doubts);
	index_fini(&watch->rasters);
}
