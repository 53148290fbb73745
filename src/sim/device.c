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
		handover_end(sim, machine->at, &stopped);
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
	handover_kill(self, machine_at(printer));
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
	.print = handover_print,
	.go = handover_go,
	.confirm = crew_confirm,
	.cancel = crew_cancel,
	.sweep = crew_sweep,
};
