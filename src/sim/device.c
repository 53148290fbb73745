/* SPDX-License-Identifier: Apache-2.0
 *
 * The device workers, made up. A hand-over goes step by step, waits for `go` at each of the three
 * marks, and checks there that the store really has what the mark promises.
 */
#include "sim/own.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MS   30
#define UPLOAD_MS 200
#define TAIL_MS   10
#define ASK_MS    20
#define ABSENT_MS 1000

struct question { /* anything asked of a worker but a hand-over */
	enum sim_call call;
	int32_t at;
	struct attempt attempt;
	struct sim_met met;
};

static const char *name_of(const struct sim *sim, int32_t at)
{
	return sim_printer_conf(sim, at)->name;
}

/* ---- the hand-over ---- */

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

static void end(struct sim *sim, int32_t at, const struct err *err)
{
	struct hand *hand = &sim->hands[at];
	char key[ATTEMPT_KEY_MAX];
	memcpy(key, hand->ask.send.attempt.key, sizeof key);
	hand->sending = false;
	hand->number++;
	machine_cut(sim, &sim->machines[at], key);
	farm_crew_hears.sent(sim->farm, name_of(sim, at), key, err);
}

/* True when the point is passed. */
static bool pass(struct sim *sim, int32_t at, enum sim_call call, enum remedy absent)
{
	struct err err;
	struct sim_met met = sim_meet(sim, call);
	if (met.wrong && met.how == SIM_NEVER) {
		return false;
	}
	if (met.wrong) {
		end(sim, at, &met.err);
		return false;
	}
	if (sim->machines[at].open.absent) {
		err_set(&err, absent, "printer-absent", "the connection broke");
		end(sim, at, &err);
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
		end(sim, at, &err);
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
		end(sim, at, NULL);
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
		end(sim, at, &err);
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

static void crew_print(void *self, const struct print_ask *ask)
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

static void crew_go(void *self, const char *printer, const char *key)
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

void device_kill(struct sim *sim, int32_t at)
{
	struct hand *hand = &sim->hands[at];
	if (hand->sending) {
		hand->sending = false;
		hand->number++;
		machine_cut(sim, &sim->machines[at], hand->ask.send.attempt.key);
	}
}

/* ---- questions ---- */

static void answer_witness(
	struct sim *sim, struct machine *machine, const char *key, const struct err *err)
{
	struct witness witness;
	machine_witness(sim, machine, &witness);
	farm_crew_hears.witness(
		sim->farm, name_of(sim, machine->at), key, err == NULL ? &witness : NULL, err);
}

static void answer_confirm(struct sim *sim, struct machine *machine, const struct attempt *attempt,
	const struct err *err)
{
	struct receipt receipt;
	if (err == NULL) {
		machine_confirm(sim, machine, attempt, &receipt);
	}
	farm_crew_hears.receipt(sim->farm, name_of(sim, machine->at), attempt->key,
		err == NULL ? &receipt : NULL, err);
}

static void answer_cancel(
	struct sim *sim, struct machine *machine, const char *key, const struct err *err)
{
	struct err stopped;
	struct machine_job *job = machine_find(machine, key);
	if (sim->hands[machine->at].sending) {
		err_set(&stopped, REMEDY_DROP, "stopped", "told to stop");
		end(sim, machine->at, &stopped);
		return;
	}
	if (err == NULL && job != NULL) {
		machine_cancel(sim, machine, job);
	}
	farm_crew_hears.cancelled(sim->farm, name_of(sim, machine->at), key, err);
}

static void answer_sweep(
	struct sim *sim, struct machine *machine, const char *known, const struct err *err)
{
	int32_t n = 0;
	for (struct machine_job *job = machine->jobs; err == NULL && job != NULL; job = job->next) {
		if (job->state < MACHINE_DONE && strcmp(job->key, known) != 0) {
			machine_cancel(sim, machine, job);
			n++;
		}
	}
	farm_crew_hears.swept(sim->farm, name_of(sim, machine->at), n, err);
}

static void on_answer(struct sim *sim, void *data)
{
	struct question question = *(struct question *)data;
	free(data);
	struct machine *machine = &sim->machines[question.at];
	struct err absent;
	const struct err *err = question.met.wrong ? &question.met.err : NULL;
	if (err == NULL && machine->open.absent) {
		err_set(&absent, REMEDY_RETRY, "printer-absent", "connecting: no answer");
		err = &absent;
	}
	switch (question.call) {
	case SIM_WITNESS:
		answer_witness(sim, machine, question.attempt.key, err);
		break;
	case SIM_CONFIRM:
		answer_confirm(sim, machine, &question.attempt, err);
		break;
	case SIM_CANCEL:
		answer_cancel(sim, machine, question.attempt.key, err);
		break;
	default:
		answer_sweep(sim, machine, question.attempt.key, err);
		break;
	}
}

static void ask(
	struct sim *sim, enum sim_call call, const char *printer, const struct attempt *attempt)
{
	struct sim_met met = sim_meet(sim, call);
	if (met.wrong && met.how == SIM_NEVER) {
		return;
	}
	struct question *question = mem_new(1, sizeof *question);
	*question = (struct question){
		.call = call, .at = machine_at(printer), .attempt = *attempt, .met = met};
	bool absent = sim->machines[question->at].open.absent;
	sim_later(sim, sim_jitter(sim, absent ? ABSENT_MS : ASK_MS) + met.late_ms, true, on_answer,
		free, question);
}

static void ask_key(struct sim *sim, enum sim_call call, const char *printer, const char *key)
{
	struct attempt attempt = {.phase = PHASE_PREPARED};
	text_copy(attempt.key, sizeof attempt.key, key);
	ask(sim, call, printer, &attempt);
}

static void crew_pin(void *self, const char *printer, const char *uuid)
{
	(void)self;
	(void)printer;
	(void)uuid;
}

static void crew_witness(void *self, const char *printer, const char *attempt_key)
{
	ask_key(self, SIM_WITNESS, printer, attempt_key);
}

/* Like the real crew: a worker that is still inside the hand-over in question is killed first. */
static void crew_confirm(void *self, const char *printer, const struct attempt *attempt)
{
	device_kill(self, machine_at(printer));
	ask(self, SIM_CONFIRM, printer, attempt);
}

static void crew_cancel(void *self, const char *printer, const struct attempt *attempt)
{
	ask(self, SIM_CANCEL, printer, attempt);
}

static void crew_sweep(
	void *self, const char *printer, const char (*known)[ATTEMPT_KEY_MAX], size_t n_known)
{
	assert(n_known <= 1);
	ask_key(self, SIM_SWEEP, printer, n_known == 1 ? known[0] : "");
}

const struct crew_ops sim_crew_ops = {
	.render = crew_render,
	.render_cancel = crew_render_cancel,
	.pin = crew_pin,
	.witness = crew_witness,
	.print = crew_print,
	.go = crew_go,
	.confirm = crew_confirm,
	.cancel = crew_cancel,
	.sweep = crew_sweep,
};
