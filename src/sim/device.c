/* SPDX-License-Identifier: Apache-2.0
 *
 * The device workers, made up: what is asked of them besides a hand-over (handover.c).
 */
#include "sim/own.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ASK_MS    20
#define ABSENT_MS 1000

#define BACK_MS 1000 /* until a worker that died is replaced */

struct question { /* anything asked of a worker but a hand-over */
	enum sim_call call;
	int32_t at, worker;
	struct attempt attempt;
	struct sim_met met;
	bool again; /* the counter is read a second time */
	int64_t first;
	bool failed; /* what was found, and is told now or later: */
	struct err err;
	struct witness witness;
	struct receipt receipt;
	int32_t swept;
};

static const char *name_of(const struct sim *sim, int32_t at)
{
	return sim_printer_conf(sim, at)->name;
}

/* ---- the worker's life ---- */

int64_t worker_wait_ms(const struct sim *sim, int32_t at)
{
	int64_t left_ms = sim->hands[at].back_ms - sim->now_ms;
	return left_ms > 0 ? left_ms : 0;
}

static void be_replaced(struct sim *sim, int32_t at)
{
	sim->hands[at].worker++;
	sim->hands[at].back_ms = sim->now_ms + BACK_MS;
}

void worker_die(struct sim *sim, int32_t at, const char *how)
{
	struct err err;
	be_replaced(sim, at);
	err_set(&err, REMEDY_RETRY, "device-worker", "the worker of %s ended (%s)",
		name_of(sim, at), how);
	farm_crew_hears.status(sim->farm, name_of(sim, at), NULL, &err);
	if (sim->hands[at].sending) {
		handover_end(sim, at, &err);
	}
}

/* ---- the printer is asked ---- */

static bool read_receipt(struct sim *sim, struct question *question)
{
	struct machine *machine = &sim->machines[question->at];
	question->receipt = (struct receipt){.completed = 0};
	struct inquiry inquiry = {.sim = sim,
		.machine = machine,
		.attempt = &question->attempt,
		.receipt = &question->receipt,
		.again = question->again,
		.first = &question->first};
	return machine_is_dye(machine) ? confirm_dye(&inquiry) : confirm_ipp(&inquiry);
}

static void stop(struct sim *sim, struct machine *machine, const struct attempt *attempt)
{
	struct err stopped;
	if (sim->hands[machine->at].sending) {
		err_set(&stopped, REMEDY_DROP, "stopped", "told to stop");
		handover_end(sim, machine->at, &stopped);
	}
	struct machine_job *job = machine_find(machine, attempt->key);
	if (job != NULL) {
		machine_cancel(sim, machine, job);
	}
}

static int32_t sweep(struct sim *sim, struct machine *machine, const char *known)
{
	int32_t n = 0;
	for (struct machine_job *job = machine->jobs, *next; job != NULL; job = next) {
		next = job->next; /* one that ended may be forgotten at once */
		bool ours = job->key[0] != '\0' && !machine_says_over(machine, job);
		if (ours && strcmp(job->key, known) != 0) {
			machine_cancel(sim, machine, job);
			n++;
		}
	}
	return n;
}

/* False: the counter is to be read once more. */
static bool look(struct sim *sim, struct question *question)
{
	struct machine *machine = &sim->machines[question->at];
	switch (question->call) {
	case SIM_WITNESS:
		machine_witness(sim, machine, &question->witness);
		return true;
	case SIM_CONFIRM:
		return read_receipt(sim, question);
	case SIM_CANCEL:
		stop(sim, machine, &question->attempt);
		return true;
	default:
		question->swept = sweep(sim, machine, question->attempt.key);
		return true;
	}
}

static bool can_look(struct sim *sim, struct question *question)
{
	struct err *err = &question->err;
	const struct sim_met *met = &question->met;
	if (met->wrong && met->how == SIM_DIES && !question->again) {
		worker_die(sim, question->at, "killed by signal 9");
	}
	if (question->worker != sim->hands[question->at].worker) {
		return err_set(err, REMEDY_RETRY, "device-worker", "the worker of %s ended",
			name_of(sim, question->at));
	}
	if (met->wrong && met->how != SIM_TWICE && !question->again) {
		*err = met->err;
		return false;
	}
	return !sim->machines[question->at].open.absent ||
	       err_set(err, REMEDY_RETRY, "printer-absent", "connecting: no answer");
}

/* ---- and the farm is told ---- */

static void on_tell(struct sim *sim, void *data)
{
	struct question *question = data;
	const char *name = name_of(sim, question->at);
	const char *key = question->attempt.key;
	const struct err *err = question->failed ? &question->err : NULL;
	switch (question->call) {
	case SIM_WITNESS:
		farm_crew_hears.witness(
			sim->farm, name, key, err == NULL ? &question->witness : NULL, err);
		break;
	case SIM_CONFIRM:
		farm_crew_hears.receipt(
			sim->farm, name, key, err == NULL ? &question->receipt : NULL, err);
		break;
	case SIM_CANCEL:
		farm_crew_hears.cancelled(sim->farm, name, key, err);
		break;
	default:
		farm_crew_hears.swept(sim->farm, name, question->swept, err);
		break;
	}
	if (question->met.wrong && question->met.how == SIM_TWICE) {
		question->met.wrong = false;
		sim_later(sim, question->met.late_ms, true, on_tell, free, question);
		return;
	}
	free(question);
}

static void on_look(struct sim *sim, void *data)
{
	struct question *question = data;
	question->failed = !can_look(sim, question);
	if (!question->failed && !look(sim, question)) {
		question->again = true;
		sim_later(sim, sim->model.counter_lag_ms, true, on_look, free, question);
		return;
	}
	bool late = !question->met.wrong && question->met.late_ms > 0;
	sim_later(sim, late ? question->met.late_ms : 0, true, on_tell, free, question);
}

static void ask(
	struct sim *sim, enum sim_call call, const char *printer, const struct attempt *attempt)
{
	struct sim_met met = sim_meet(sim, call);
	if (met.wrong && met.how == SIM_NEVER) {
		return;
	}
	struct question *question = mem_new(1, sizeof *question);
	int32_t at = machine_at(printer);
	*question = (struct question){.call = call,
		.at = at,
		.worker = sim->hands[at].worker,
		.attempt = *attempt,
		.met = met};
	int64_t usual_ms = sim->machines[at].open.absent ? ABSENT_MS : ASK_MS;
	sim_later(sim, sim_jitter(sim, usual_ms) + worker_wait_ms(sim, at), true, on_look, free,
		question);
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

/* Nothing is encrypted here. */
static void crew_key(void *self, const char *printer, const char *tls_key)
{
	(void)self;
	(void)printer;
	(void)tls_key;
}

static void crew_witness(void *self, const char *printer, const char *attempt_key)
{
	ask_key(self, SIM_WITNESS, printer, attempt_key);
}

/* Like the real crew: a worker that is still inside the hand-over in question is killed first. */
static void crew_confirm(void *self, const char *printer, const struct attempt *attempt)
{
	struct sim *sim = self;
	int32_t at = machine_at(printer);
	if (sim->hands[at].sending) {
		handover_kill(sim, at);
		be_replaced(sim, at);
	}
	watch_asked(sim, at);
	ask(sim, SIM_CONFIRM, printer, attempt);
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
	.key = crew_key,
	.witness = crew_witness,
	.print = handover_print,
	.go = handover_go,
	.confirm = crew_confirm,
	.cancel = crew_cancel,
	.sweep = crew_sweep,
};
