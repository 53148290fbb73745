/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions to a device worker, at most one of each kind at a time: asked through the door,
 * sent at once when the worker is ready, else as soon as it is; answered exactly once.
 */
#include "ports/crew_question.h"
#include "base/log.h"
#include <string.h>
#include <unistd.h>

void question_tell(struct device_bench *bench, enum question question, const json_t *json,
	const struct err *err)
{
	const struct crew_hears *hears = bench->crew->hears;
	void *farm = bench->crew->farm;
	const char *name = bench->conf->name;
	char key[ATTEMPT_KEY_MAX];
	memcpy(key, bench->pending[question].key, sizeof key);
	bench->pending[question].asked = false;
	bench->pending[question].sent = false;
	bench->pending[question].failed = false;
	if (bench->crew->closing) {
		return;
	}
	struct err fault;
	struct witness witness = {0};
	struct receipt receipt = {0};
	int32_t swept = 0;
	switch (question) {
	case ASK_WITNESS:
		if (err == NULL &&
			!witness_from_json(json_object_get(json, "witness"), &witness, &fault)) {
			err = &fault;
		}
		hears->witness(farm, name, key, err == NULL ? &witness : NULL, err);
		break;
	case ASK_SEND:
		hears->sent(farm, name, key, err);
		break;
	case ASK_CONFIRM:
		if (err == NULL &&
			!receipt_from_json(json_object_get(json, "receipt"), &receipt, &fault)) {
			err = &fault;
		}
		hears->receipt(farm, name, key, err == NULL ? &receipt : NULL, err);
		break;
	case ASK_CANCEL:
		hears->cancelled(farm, name, key, err);
		break;
	case ASK_SWEEP:
		if (err == NULL && !json_take_int32(json, "swept", 0, INT32_MAX, &swept, &fault)) {
			err = &fault;
		}
		hears->swept(farm, name, swept, err);
		break;
	case QUESTIONS:
		break;
	}
}

void question_drop(struct pending *pending)
{
	json_decref(pending->body);
	pending->body = NULL;
	if (pending->fd >= 0) {
		close(pending->fd);
		pending->fd = -1;
	}
}

void questions_send(void *context)
{
	static const enum frame_type types[QUESTIONS] = {
		[ASK_WITNESS] = FRAME_WITNESS_ASK,
		[ASK_SEND] = FRAME_SEND,
		[ASK_CONFIRM] = FRAME_CONFIRM,
		[ASK_CANCEL] = FRAME_CANCEL,
		[ASK_SWEEP] = FRAME_SWEEP,
	};
	struct device_bench *bench = context;
	for (int q = 0; q < QUESTIONS; q++) {
		struct pending *pending = &bench->pending[q];
		if (pending->asked && pending->failed) {
			struct err err = pending->err;
			question_drop(pending);
			question_tell(bench, (enum question)q, NULL, &err);
		} else if (pending->asked && !pending->sent && bench->ready) {
			pending->sent = true;
			hand_send(bench->hand, types[q], pending->body, &pending->fd,
				pending->fd >= 0 ? 1 : 0);
			pending->body = NULL;
			pending->fd = -1;
		}
	}
}

struct device_bench *device_bench_of(struct crew *crew, const char *printer)
{
	for (int32_t i = 0; i < crew->n_devices; i++) {
		if (strcmp(crew->devices[i].conf->name, printer) == 0) {
			return &crew->devices[i];
		}
	}
	return NULL;
}

/* ---- the door ---- */

static struct pending *ask(struct crew *crew, const char *printer, enum question question,
	const char *key, json_t *body)
{
	struct device_bench *bench = device_bench_of(crew, printer);
	if (bench == NULL) {
		json_decref(body);
		return NULL;
	}
	struct pending *pending = &bench->pending[question];
	question_drop(pending);
	*pending = (struct pending){.asked = true, .body = body, .fd = -1};
	text_copy(pending->key, sizeof pending->key, key);
	loop_timer_start(bench->soon, 0);
	return pending;
}

void device_witness(void *self, const char *printer, const char *attempt_key)
{
	ask(self, printer, ASK_WITNESS, attempt_key, json_pack("{s:s}", "key", attempt_key));
}

void device_print(void *self, const struct print_ask *print)
{
	struct crew *crew = self;
	struct pending *pending = ask(crew, print->printer, ASK_SEND, print->send.attempt.key,
		device_send_to_json(&print->send));
	if (pending != NULL) {
		pending->fd =
			spool_read(crew->spool, SPOOL_RASTERS, print->raster_name, &pending->err);
		pending->failed = pending->fd < 0;
	}
}

void device_go(void *self, const char *printer, const char *attempt_key)
{
	struct device_bench *bench = device_bench_of(self, printer);
	if (bench != NULL && bench->hand != NULL && bench->pending[ASK_SEND].sent) {
		hand_send(bench->hand, FRAME_GO, json_pack("{s:s}", "key", attempt_key), NULL, 0);
	}
}

/* A hand-over that no worker has seen yet is not wanted any more: none may begin it now. */
static void withdraw(struct device_bench *bench)
{
	struct pending *send = bench == NULL ? NULL : &bench->pending[ASK_SEND];
	if (send != NULL && send->asked && !send->sent && !send->failed) {
		err_set(&send->err, REMEDY_RETRY, "device-worker",
			"the worker of %s was not ready in time", bench->conf->name);
		send->failed = true;
		loop_timer_start(bench->soon, 0);
	}
}

void device_confirm(void *self, const char *printer, const struct attempt *attempt)
{
	struct device_bench *bench = device_bench_of(self, printer);
	const struct pending *send = bench == NULL ? NULL : &bench->pending[ASK_SEND];
	if (send != NULL && bench->hand != NULL && send->sent &&
		strcmp(send->key, attempt->key) == 0) {
		/* it is still inside the hand-over that this question is about: end that first */
		log_warn(printer, "hand-over of %s is late, worker killed", attempt->key);
		hand_kill(bench->hand);
	}
	withdraw(bench);
	ask(self, printer, ASK_CONFIRM, attempt->key, attempt_to_json(attempt));
}

void device_cancel(void *self, const char *printer, const struct attempt *attempt)
{
	withdraw(device_bench_of(self, printer));
	ask(self, printer, ASK_CANCEL, attempt->key, attempt_to_json(attempt));
}

void device_sweep(
	void *self, const char *printer, const char (*known)[ATTEMPT_KEY_MAX], size_t n_known)
{
	json_t *keys = json_array();
	for (size_t i = 0; i < n_known; i++) {
		json_array_append_new(keys, json_string(known[i]));
	}
	ask(self, printer, ASK_SWEEP, "", json_pack("{s:o}", "known", keys));
}
