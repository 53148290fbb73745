/* SPDX-License-Identifier: Apache-2.0
 *
 * One hand-over to a made-up printer, step by step. It waits for `go` at each of the three marks,
 * and checks there that the store really has what the mark promises.
 */
#include "sim/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP_MS     30
#define UPLOAD_MS   200
#define TAIL_MS     10
#define SILENCE_MS  75000 /* until the crew kills a worker */
#define DYE_BUFFERS 2

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

/* What was under way is cut off: the tail went, and nobody was told of an answer. */
static void cut_off(struct sim *sim, int32_t at, bool told)
{
	struct hand *hand = &sim->hands[at];
	if (hand->gone_on && !told) {
		doubt_add(sim, hand->ask.send.attempt.key, &sim->machines[at]);
	}
	hand->sending = false;
	hand->gone_on = false;
	hand->number++;
	machine_cut(sim, &sim->machines[at], hand->ask.send.attempt.key);
}

void handover_end(struct sim *sim, int32_t at, const struct err *err)
{
	char key[ATTEMPT_KEY_MAX];
	memcpy(key, sim->hands[at].ask.send.attempt.key, sizeof key);
	cut_off(sim, at, err == NULL);
	farm_crew_hears.sent(sim->farm, name_of(sim, at), key, err);
}

static void on_silent(struct sim *sim, void *data)
{
	int32_t at;
	if (take(sim, data, &at) != NULL) {
		worker_die(sim, at, "silent");
	}
}

/* True when the point is passed. */
static bool pass(struct sim *sim, int32_t at, enum sim_call call, enum remedy absent)
{
	struct err err;
	struct sim_met met = sim_meet(sim, call);
	struct machine *machine = &sim->machines[at];
	bool opened = call != SIM_OPENED;
	if (met.wrong && met.how == SIM_NEVER) { /* the crew kills a worker that is silent */
		next(sim, at, SILENCE_MS, on_silent);
		return false;
	}
	if (met.wrong && met.how == SIM_DIES) {
		worker_die(sim, at, "killed by signal 9");
		return false;
	}
	if (met.wrong) {
		handover_end(sim, at, &met.err);
		return false;
	}
	if (machine->open.absent ||
		(opened && machine_find(machine, sim->hands[at].ask.send.attempt.key) == NULL)) {
		err_set(&err, absent, "printer-absent", "the connection broke");
		handover_end(sim, at, &err);
		return false;
	}
	return true;
}

static void say(struct sim *sim, int32_t at, enum device_step step)
{
	struct hand *hand = &sim->hands[at];
	struct machine *machine = &sim->machines[at];
	struct device_step_message message = {.step = step};
	memcpy(message.key, hand->ask.send.attempt.key, sizeof message.key);
	if (step == STEP_OPENED) {
		const struct machine_job *job = machine_add(machine, &hand->ask.send.attempt);
		message.job_id = job->id;
		text_copy(message.job_uuid, sizeof message.job_uuid, job->uuid);
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
	if (machine_is_dye(machine) && machine_active(machine) >= DYE_BUFFERS) {
		return err_set(err, REMEDY_RETRY, "printer-busy", "both buffers are full");
	}
	return true;
}

/* As the real worker does: what is on the disk must be what was rendered. */
static bool page_is_whole(struct sim *sim, const struct print_ask *ask, struct err *err)
{
	char hex[HASH_HEX_MAX] = "";
	int fd = spool_read(sim->spool, SPOOL_RASTERS, ask->raster_name, err);
	if (fd < 0) {
		return false;
	}
	bool fine = hash_hex_of_file(fd, hex, err);
	close(fd);
	return fine && (strcmp(hex, ask->send.sha256) == 0 ||
			       err_set(err, REMEDY_REDO, "raster-changed",
				       "the rendered page is not the one that was made"));
}

static void on_open(struct sim *sim, void *data)
{
	int32_t at;
	struct err err;
	struct hand *hand = take(sim, data, &at);
	if (hand == NULL || !pass(sim, at, SIM_OPENED, REMEDY_RETRY)) {
		return;
	}
	if (!page_is_whole(sim, &hand->ask, &err) || !can_take(sim, at, &hand->ask.send, &err)) {
		handover_end(sim, at, &err);
		return;
	}
	if (machine_is_dye(&sim->machines[at])) { /* it gives no identity */
		machine_add(&sim->machines[at], &hand->ask.send.attempt);
		say(sim, at, STEP_SENDING);
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

static void print_it(struct sim *sim, int32_t at, struct machine_job *job)
{
	job->state = MACHINE_QUEUED;
	machine_kick(sim, &sim->machines[at]);
	next(sim, at, STEP_MS, on_sent);
}

/* Its job there, while it can be reached and waits as it should. */
static struct machine_job *job_there(struct sim *sim, int32_t at, enum machine_state state)
{
	struct err err;
	struct machine *machine = &sim->machines[at];
	struct machine_job *job = machine_find(machine, sim->hands[at].ask.send.attempt.key);
	if (job == NULL || job->state != state || machine->open.absent) {
		err_set(&err, REMEDY_UNSURE, "printer-absent", "the connection broke at the tail");
		handover_end(sim, at, &err);
		return NULL;
	}
	return job;
}

/* Release-Job. */
static void on_release(struct sim *sim, void *data)
{
	int32_t at;
	struct hand *hand = take(sim, data, &at);
	if (hand == NULL || !pass(sim, at, SIM_RELEASING, REMEDY_UNSURE)) {
		return;
	}
	struct machine_job *job = job_there(sim, at, MACHINE_HELD);
	if (job != NULL) {
		print_it(sim, at, job);
	}
}

/* The tail arrives: from here it prints, whatever becomes of us, unless it is to be held. */
static void on_tail(struct sim *sim, void *data)
{
	int32_t at;
	struct hand *hand = take(sim, data, &at);
	struct machine_job *job = hand == NULL ? NULL : job_there(sim, at, MACHINE_RECEIVING);
	if (job == NULL) {
		return;
	}
	if (sim->machines[at].open.kind == SIM_HOLDS) {
		job->state = MACHINE_HELD;
		next(sim, at, STEP_MS, on_release);
		return;
	}
	print_it(sim, at, job);
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
	watch_print(sim, ask);
	hand->sending = true;
	hand->waits_go = hand->gone_on = false;
	hand->number++;
	hand->ask = *ask;
	next(sim, at, STEP_MS + worker_wait_ms(sim, at), on_open);
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
	watch_mark(sim, key, after[hand->step].phase);
	hand->waits_go = false;
	int64_t delay_ms = after[hand->step].delay_ms;
	struct machine *machine = &sim->machines[at];
	struct machine_job *job = machine_find(machine, key);
	if (hand->step == STEP_SENDING && job != NULL) {
		job->state = MACHINE_RECEIVING;
		delay_ms += machine->open.stall_ms;
		machine->open.stall_ms = 0;
	}
	hand->gone_on = hand->step == STEP_COMMITTED;
	next(sim, at, delay_ms, after[hand->step].act);
}

void handover_kill(struct sim *sim, int32_t at)
{
	if (sim->hands[at].sending) {
		cut_off(sim, at, false);
	}
}
