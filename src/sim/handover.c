/* SPDX-License-Identifier: Apache-2.0
 *
 * One hand-over to a made-up printer, step by step. It waits for `go` at each of the three marks,
 * and checks there that the store really has what the mark promises.
 */
#include "sim/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MS    30
#define UPLOAD_MS  200
#define TAIL_MS    10
#define SILENCE_MS 75000 /* until the crew kills a worker */

static const char *name_of(const struct sim *sim, int32_t at)
{
	return sim_printer_conf(sim, at)->name;
}

struct mark { /* an event of one hand-over */
	int32_t at;
	int64_t number;
};

static void next(struct sim *sim, int32_t at, int64_t delay_ms, sim_act *act)
{
	struct mark *mark = mem_new(1, sizeof *mark);
	*mark = (struct mark){.at = at, .number = sim->hands[at].number};
	sim_later(sim, sim_jitter(sim, delay_ms), true, act, free, mark);
}

/* Takes the event; NULL when the hand-over it belongs to is over. */
static struct hand *take(struct sim *sim, void *data, int32_t *at)
{
	struct mark mark = *(struct mark *)data;
	free(data);
	*at = mark.at;
	struct hand *hand = &sim->hands[mark.at];
	return hand->sending && hand->number == mark.number ? hand : NULL;
}

void handover_end(struct sim *sim, int32_t at, const struct err *err)
{
	struct hand *hand = &sim->hands[at];
	char key[ATTEMPT_KEY_MAX];
	memcpy(key, hand->ask.send.attempt.key, sizeof key);
	hand->sending = false;
	hand->number++;
	machine_cut(sim, &sim->machines[at], key);
	farm_crew_hears.sent(sim->farm, name_of(sim, at), key, err);
}

static void on_silent(struct sim *sim, void *data)
{
	int32_t at;
	struct err err;
	if (take(sim, data, &at) != NULL) {
		err_set(&err, REMEDY_RETRY, "device-worker", "the worker of %s ended (silent)",
			name_of(sim, at));
		handover_end(sim, at, &err);
	}
}

/* True when the point is passed. */
static bool pass(struct sim *sim, int32_t at, enum sim_call call, enum remedy absent)
{
	struct err err;
	struct sim_met met = sim_meet(sim, call);
	if (met.wrong && met.how == SIM_NEVER) { /* the crew kills a worker that is silent */
		next(sim, at, SILENCE_MS, on_silent);
		return false;
	}
	if (met.wrong) {
		handover_end(sim, at, &met.err);
		return false;
	}
	if (sim->machines[at].open.absent) {
		err_set(&err, absent, "printer-absent", "the connection broke");
		handover_end(sim, at, &err);
		return false;
	}
	return true;
}

static void say(struct sim *sim, int32_t at, enum device_step step)
{
	struct hand *hand = &sim->hands[at];
	struct device_step_message message = {.step = step};
	memcpy(message.key, hand->ask.send.attempt.key, sizeof message.key);
	if (step == STEP_OPENED) {
		message.job_id = machine_add(&sim->machines[at], &hand->ask.send.attempt)->id;
		snprintf(message.job_uuid, sizeof message.job_uuid, "sim-%d-%d", (int)at,
			(int)message.job_id);
	}
	hand->step = (int)step;
	hand->waits_go = true;
	farm_crew_hears.step(sim->farm, name_of(sim, at), &message);
}

static bool can_take(struct sim *sim, int32_t at, const struct device_send *send, struct err *err)
{
	struct machine *machine = &sim->machines[at];
	struct device_status status;
	machine_status(sim, machine, &status);
	if (machine->open.refuse_times > 0) {
		machine->open.refuse_times--;
		return err_set(err, machine->open.refuses, "refused", "it refuses the document");
	}
	if (machine->open.jammed) {
		return err_set(err, REMEDY_ATTEND, "media-jam", "it has a paper jam");
	}
	if (status.n_ready == 0 || strcmp(status.ready[0].size_name, send->media_size) != 0) {
		return err_set(err, REMEDY_ATTEND, "media-missing", "other paper is loaded");
	}
	return true;
}

static void on_open(struct sim *sim, void *data)
{
	int32_t at;
	struct err err;
	struct hand *hand = take(sim, data, &at);
	if (hand == NULL || !pass(sim, at, SIM_OPENED, REMEDY_RETRY)) {
		return;
	}
	if (!can_take(sim, at, &hand->ask.send, &err)) {
		handover_end(sim, at, &err);
		return;
	}
	say(sim, at, STEP_OPENED);
}

static void on_sending(struct sim *sim, void *data)
{
	int32_t at;
	struct hand *hand = take(sim, data, &at);
	if (hand != NULL && pass(sim, at, SIM_SENDING, REMEDY_RETRY)) {
		say(sim, at, STEP_SENDING);
	}
}

static void on_uploaded(struct sim *sim, void *data)
{
	int32_t at;
	struct hand *hand = take(sim, data, &at);
	if (hand != NULL && pass(sim, at, SIM_COMMITTED, REMEDY_RETRY)) {
		say(sim, at, STEP_COMMITTED);
	}
}

static void on_sent(struct sim *sim, void *data)
{
	int32_t at;
	struct hand *hand = take(sim, data, &at);
	if (hand != NULL && pass(sim, at, SIM_SENT, REMEDY_UNSURE)) {
		handover_end(sim, at, NULL);
	}
}

/* The tail arrives: from here it prints, whatever becomes of us. */
static void on_tail(struct sim *sim, void *data)
{
	int32_t at;
	struct err err;
	struct hand *hand = take(sim, data, &at);
	if (hand == NULL) {
		return;
	}
	struct machine *machine = &sim->machines[at];
	struct machine_job *job = machine_find(machine, hand->ask.send.attempt.key);
	if (job == NULL || job->state != MACHINE_RECEIVING || machine->open.absent) {
		err_set(&err, REMEDY_UNSURE, "printer-absent", "the connection broke at the tail");
		handover_end(sim, at, &err);
		return;
	}
	job->state = MACHINE_QUEUED;
	machine_kick(sim, machine);
	next(sim, at, STEP_MS, on_sent);
}

/* Nothing is handed over that the order service has not cleared to print. */
static void check_permit(struct sim *sim, const char *key)
{
	char id[TEXT_ID_MAX];
	int64_t epoch = attempt_job(key, id);
	const struct sim_job *job = sim_cloud_job(sim, id);
	if (job != NULL && job->granted != epoch) {
		sim_blame(sim, "%s was handed over without a permit", key);
	}
}

void handover_print(void *self, const struct print_ask *ask)
{
	struct sim *sim = self;
	int32_t at = machine_at(ask->printer);
	struct hand *hand = &sim->hands[at];
	if (hand->sending) {
		sim_blame(sim, "%s was handed %s while %s was under way", ask->printer,
			ask->send.attempt.key, hand->ask.send.attempt.key);
		return;
	}
	check_permit(sim, ask->send.attempt.key);
	hand->sending = true;
	hand->waits_go = false;
	hand->number++;
	hand->ask = *ask;
	next(sim, at, STEP_MS, on_open);
}

/* What the store says of the attempt, as on the disk. */
static enum phase stored_phase(struct sim *sim, const char *key)
{
	enum phase phase = PHASE_PREPARED;
	struct err ignored;
	if (store_is_dirty(sim->store)) {
		sim_blame(sim, "go was said for %s before the store had committed", key);
	}
	struct db_row *row =
		db_query(store_db(sim->store), "SELECT phase FROM attempt WHERE key=?", "t", key);
	if (!db_next(row) || !phase_from_name(db_text(row, 0), &phase)) {
		sim_blame(sim, "go was said for %s, which is not in the store", key);
	}
	if (!db_end(row, &ignored)) {
		sim_blame(sim, "the store can't be read");
	}
	return phase;
}

void handover_go(void *self, const char *printer, const char *key)
{
	static const struct {
		enum phase phase;
		int64_t delay_ms;
		sim_act *act;
	} after[] = {
		[STEP_OPENED] = {PHASE_OPENED, STEP_MS, on_sending},
		[STEP_SENDING] = {PHASE_SENDING, UPLOAD_MS, on_uploaded},
		[STEP_COMMITTED] = {PHASE_COMMITTED, TAIL_MS, on_tail},
	};
	struct sim *sim = self;
	int32_t at = machine_at(printer);
	struct hand *hand = &sim->hands[at];
	if (!hand->sending || !hand->waits_go || strcmp(hand->ask.send.attempt.key, key) != 0) {
		return;
	}
	if (stored_phase(sim, key) < after[hand->step].phase) {
		sim_blame(sim, "go was said for %s before the store had its mark", key);
	}
	hand->waits_go = false;
	struct machine_job *job = machine_find(&sim->machines[at], key);
	if (hand->step == STEP_SENDING && job != NULL) {
		job->state = MACHINE_RECEIVING;
	}
	next(sim, at, after[hand->step].delay_ms, after[hand->step].act);
}

void handover_kill(struct sim *sim, int32_t at)
{
	struct hand *hand = &sim->hands[at];
	if (hand->sending) {
		hand->sending = false;
		hand->number++;
		machine_cut(sim, &sim->machines[at], hand->ask.send.attempt.key);
	}
}
