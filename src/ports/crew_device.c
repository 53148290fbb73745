/* SPDX-License-Identifier: Apache-2.0
 *
 * The printers' benches: one device worker each, which sees its printer and nothing else.
 *
 *  1. The worker starts, gets DEVICE_SETUP, says DEVICE_HELLO, and from then on its status unasked.
 *  2. A question of the farm is sent at once when the worker is ready, else as soon as it is.
 *  3. When the worker wants to speak to its printer it asks for a socket: we connect to the host
 * and port of the configuration (crew_dial.c), and to nothing else, and pass the descriptor; for
 * one on USB, we find and open its device (crew_usb.c).
 *
 * Ways it fails: the worker dies, or says nothing for too long and is killed: what was asked of it
 * is answered with RETRY, and it comes back after a growing wait. Whether anything printed
 * meanwhile is not judged here: the farm asks (confirm).
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ports/crew_question.h"
#include "ports/usb_watch.h"
#include <stdlib.h>
#include <string.h>

#define SILENCE_MS 60000 /* without any frame; it says its health also while it hands over */

/* ---- connecting for the worker ---- */

static void on_dialled(void *context, int fd, const struct err *err)
{
	struct device_bench *bench = context;
	bench->dial = NULL;
	if (fd >= 0) {
		hand_send(bench->hand, FRAME_CONNECTED, NULL, &fd, 1);
		return;
	}
	json_t *body = json_object();
	json_object_set_new(body, "err", err_to_json(err));
	hand_send(bench->hand, FRAME_CONNECTED, body, NULL, 0);
}

static void stop_dial(struct device_bench *bench)
{
	if (bench->dial != NULL) {
		dial_stop(bench->dial);
		bench->dial = NULL;
	}
}

static void dial(struct device_bench *bench)
{
	stop_dial(bench);
	bench->dial = dial_start(bench->crew->loop, bench->conf->uri, on_dialled, bench);
}

static void connect_it(struct device_bench *bench, const json_t *ask)
{
	if (bench->usb.used) {
		usb_connect(bench, ask);
	} else {
		dial(bench);
	}
}

/* ---- frames from the worker ---- */

static void on_answer(struct device_bench *bench, enum question question, const json_t *json)
{
	struct pending *pending = &bench->pending[question];
	char key[ATTEMPT_KEY_MAX] = "";
	struct err err;
	if (question != ASK_SWEEP && !json_need_text(json, "key", key, sizeof key, &err)) {
		log_warn(bench->conf->name, "worker answered badly: %s", err.text);
		return;
	}
	if (!pending->sent || strcmp(pending->key, key) != 0) {
		return; /* an answer to what nobody asks any more */
	}
	const json_t *fault = json_object_get(json, "err");
	struct err unread;
	if (fault != NULL && !err_from_json(fault, &err, &unread)) {
		err = unread;
	}
	question_tell(bench, question, json, fault == NULL ? NULL : &err);
}

static void on_status(struct device_bench *bench, const json_t *json)
{
	struct crew *crew = bench->crew;
	struct device_status status;
	struct err err;
	struct err unread;
	const json_t *fault = json_object_get(json, "err");
	if (fault != NULL) {
		if (!err_from_json(fault, &err, &unread)) {
			err = unread;
		}
		if (strcmp(err.code, "printer-auth") == 0) {
			trust_renew(bench);
		}
	} else if (device_status_from_json(json_object_get(json, "status"), &status, &err)) {
		crew->hears->status(crew->farm, bench->conf->name, &status, NULL);
		return;
	}
	crew->hears->status(crew->farm, bench->conf->name, NULL, &err);
}

static void on_step(struct device_bench *bench, const json_t *json)
{
	struct device_step_message step;
	struct err err;
	if (!device_step_from_json(json, &step, &err)) {
		log_warn(bench->conf->name, "worker said a bad step, killed: %s", err.text);
		hand_kill(bench->hand);
		return;
	}
	const struct pending *send = &bench->pending[ASK_SEND];
	if (send->sent && strcmp(send->key, step.key) == 0) {
		bench->crew->hears->step(bench->crew->farm, bench->conf->name, &step);
	}
}

static void on_frame(void *context, uint16_t type, const json_t *json)
{
	struct device_bench *bench = context;
	if (bench->crew->closing) {
		return;
	}
	bench->heard_ms = clock_boot_ms();
	switch (type) {
	case FRAME_DEVICE_HELLO:
		bench->ready = true;
		bench->usb.asked = false;
		questions_send(bench);
		break;
	case FRAME_STATUS:
		bench->usb.asked = false;
		on_status(bench, json);
		break;
	case FRAME_WITNESS:
		on_answer(bench, ASK_WITNESS, json);
		break;
	case FRAME_STEP:
		on_step(bench, json);
		break;
	case FRAME_SENT:
		on_answer(bench, ASK_SEND, json);
		break;
	case FRAME_RECEIPT:
		on_answer(bench, ASK_CONFIRM, json);
		break;
	case FRAME_CANCELLED:
		on_answer(bench, ASK_CANCEL, json);
		break;
	case FRAME_SWEPT:
		on_answer(bench, ASK_SWEEP, json);
		break;
	case FRAME_CONNECT:
		connect_it(bench, json);
		break;
	case FRAME_KEY:
		trust_met(bench, json);
		break;
	default:
		log_warn(bench->conf->name, "worker sent an unknown frame %u", type);
	}
}

/* ---- the worker's life ---- */

static void on_ended(void *context, const char *how)
{
	struct device_bench *bench = context;
	struct crew *crew = bench->crew;
	bench->hand = NULL;
	bench->ready = false;
	stop_dial(bench);
	if (!crew->closing) {
		struct err err;
		err_set(&err, REMEDY_RETRY, "device-worker", "the worker of %s ended (%s)",
			bench->conf->name, how);
		int64_t wait_ms = restart_wait_ms(&bench->restart);
		log_warn(bench->conf->name, "worker ended (%s), again in %lld ms", how,
			(long long)wait_ms);
		loop_timer_start(bench->restart.timer, wait_ms);
		crew->hears->status(crew->farm, bench->conf->name, NULL, &err);
		for (int q = 0; q < QUESTIONS; q++) {
			if (bench->pending[q].sent) { /* what was not sent waits for the next one */
				question_tell(bench, (enum question)q, NULL, &err);
			}
		}
	}
	crew_hand_ended(crew);
}

static bool start(struct device_bench *bench, struct err *err)
{
	static const struct hand_hears hears = {.frame = on_frame, .ended = on_ended};
	const char *argv[] = {bench->crew->conf.program, "device", NULL};
	bench->hand = hand_start(bench->crew->loop, argv, &hears, bench, err);
	if (bench->hand == NULL) {
		return false;
	}
	bench->crew->hands++;
	bench->restart.born_ms = bench->heard_ms = clock_boot_ms();
	struct device_setup setup = {.conf = *bench->conf, .model = *bench->model};
	memcpy(setup.conf.uuid, bench->uuid, sizeof setup.conf.uuid);
	trust_password(bench, setup.password);
	hand_send(bench->hand, FRAME_DEVICE_SETUP, device_setup_to_json(&setup), NULL, 0);
	explicit_bzero(setup.password, sizeof setup.password);
	return true;
}

static void on_restart(void *context)
{
	struct device_bench *bench = context;
	struct err err;
	if (!bench->crew->closing && bench->hand == NULL && !start(bench, &err)) {
		log_error(bench->conf->name, "%s", err.text);
		loop_timer_start(bench->restart.timer, restart_wait_ms(&bench->restart));
	}
}

static int64_t silence_ms(const struct crew *crew)
{
	return crew->conf.silence_ms > 0 ? crew->conf.silence_ms : SILENCE_MS;
}

static void on_watch(void *context)
{
	struct device_bench *bench = context;
	int64_t patience_ms = silence_ms(bench->crew) + 3 * bench->conf->poll_ms;
	if (bench->hand != NULL && clock_boot_ms() - bench->heard_ms > patience_ms) {
		log_warn(bench->conf->name, "worker is silent, killed");
		hand_kill(bench->hand);
	}
	loop_timer_start(bench->watch, silence_ms(bench->crew) / 4);
}

bool device_benches_open(struct crew *crew, struct err *err)
{
	const struct catalog *catalog = crew->catalog;
	crew->devices = mem_new((size_t)catalog->n_printers, sizeof *crew->devices);
	for (int32_t i = 0; i < catalog->n_printers; i++) {
		struct device_bench *bench = &crew->devices[i];
		bench->crew = crew;
		bench->conf = &catalog->printers[i];
		bench->model = catalog_model(catalog, bench->conf->model);
		memcpy(bench->uuid, bench->conf->uuid, sizeof bench->uuid);
		for (int q = 0; q < QUESTIONS; q++) {
			bench->pending[q].fd = -1;
		}
		usb_side_open(bench);
		bench->soon = loop_timer_create(crew->loop, questions_send, bench);
		bench->watch = loop_timer_create(crew->loop, on_watch, bench);
		bench->restart.timer = loop_timer_create(crew->loop, on_restart, bench);
		crew->n_devices++;
		loop_timer_start(bench->watch, silence_ms(bench->crew) / 4);
		/* not at once: the farm first says which uuid is pinned */
		loop_timer_start(bench->restart.timer, 0);
	}
	usb_watch_open(crew);
	(void)err;
	return true;
}

void device_pin(void *self, const char *printer, const char *uuid)
{
	struct device_bench *bench = device_bench_of(self, printer);
	if (bench != NULL && bench->conf->uuid[0] == '\0') {
		text_copy(bench->uuid, sizeof bench->uuid, uuid);
	}
}

void device_benches_close(struct crew *crew)
{
	usb_watch_stop(crew->usb);
	crew->usb = NULL;
	for (int32_t i = 0; i < crew->n_devices; i++) {
		struct device_bench *bench = &crew->devices[i];
		loop_timer_stop(bench->soon);
		loop_timer_stop(bench->watch);
		loop_timer_stop(bench->restart.timer);
		stop_dial(bench);
		if (bench->hand != NULL) {
			hand_kill(bench->hand);
		}
	}
}

void device_benches_free(struct crew *crew)
{
	for (int32_t i = 0; i < crew->n_devices; i++) {
		struct device_bench *bench = &crew->devices[i];
		for (int q = 0; q < QUESTIONS; q++) {
			question_drop(&bench->pending[q]);
		}
		loop_timer_destroy(bench->soon);
		loop_timer_destroy(bench->watch);
		loop_timer_destroy(bench->restart.timer);
	}
	free(crew->devices);
}
