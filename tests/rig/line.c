/* SPDX-License-Identifier: Apache-2.0
 *
 * A line in memory over an emulated device.
 */
#include "tests/rig/line.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/rig/line_pick.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MS     10
#define PIECE_BYTES (64 * 1024)

struct open_line { /* one claimed interface, until it is closed */
	struct usb_line line;
	struct rig_line *rig;
	struct line_pick pick;
};

/* ---- what happens, and when ---- */

void rig_line_do(struct rig_line *rig, const char *words)
{
	if (strcmp(words, "unplug") == 0) {
		rig->plugged = false;
	} else if (strcmp(words, "plug") == 0) {
		rig->plugged = true;
		rig->model->reset(rig->own, rig->now_ms);
	} else if (strcmp(words, "stop") == 0) {
		rig->must_stop = true;
	} else if (strcmp(words, "go") == 0) {
		rig->must_stop = false;
	} else if (!rig->model->command(rig->own, words, rig->now_ms)) {
		fprintf(stderr, "the model %s does not understand \"%s\"\n", rig->model->name,
			words);
		abort();
	}
}

void rig_line_plan(struct rig_line *rig, enum rig_at at, int64_t count, const char *words)
{
	if (rig->n_plans == RIG_PLANS_MAX) {
		fprintf(stderr, "more than %d plans\n", RIG_PLANS_MAX);
		abort();
	}
	struct rig_plan *plan = &rig->plans[rig->n_plans++];
	*plan = (struct rig_plan){.at = at, .count = count};
	text_copy(plan->words, sizeof plan->words, words);
}

static bool is_due(const struct rig_line *rig, const struct rig_plan *plan)
{
	const int64_t now[] = {rig->out_bytes, rig->calls, rig->now_ms};
	return now[plan->at] >= plan->count;
}

static void keep_plans(struct rig_line *rig)
{
	for (int i = 0; i < rig->n_plans;) {
		struct rig_plan plan = rig->plans[i];
		if (!is_due(rig, &plan)) {
			i++;
			continue;
		}
		memmove(&rig->plans[i], &rig->plans[i + 1],
			(size_t)(rig->n_plans - i - 1) * sizeof plan);
		rig->n_plans--;
		rig_line_do(rig, plan.words);
	}
}

/* So many bytes may go before the next thing happens. */
static size_t until_next_plan(const struct rig_line *rig, size_t n_bytes)
{
	for (int i = 0; i < rig->n_plans; i++) {
		const struct rig_plan *plan = &rig->plans[i];
		if (plan->at == RIG_AT_OUT_BYTE &&
			(int64_t)n_bytes > plan->count - rig->out_bytes) {
			n_bytes = (size_t)(plan->count - rig->out_bytes);
		}
	}
	return n_bytes;
}

void rig_line_pass(struct rig_line *rig, int64_t ms)
{
	while (ms > 0) {
		int64_t step_ms = ms < STEP_MS ? ms : STEP_MS;
		rig->now_ms += step_ms;
		ms -= step_ms;
		rig->model->tick(rig->own, rig->now_ms);
		keep_plans(rig);
	}
}

/* ---- the line's functions ---- */

static bool is_absent(const struct rig_line *rig, struct err *err)
{
	return err_set(err, REMEDY_RETRY, "printer-absent",
		"printer %s: it is not plugged in any more", rig->printer);
}

static bool is_protocol(const struct rig_line *rig, const char *what, struct err *err)
{
	return err_set(err, REMEDY_RETRY, "usb", "printer %s: %s", rig->printer, what);
}

/* Of every call: what was planned before it, and whether it can begin at all. */
static bool begin(struct rig_line *rig, struct err *err)
{
	rig->calls++;
	keep_plans(rig);
	if (!rig->plugged) {
		return is_absent(rig, err);
	}
	return !rig->must_stop ||
	       err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop", rig->printer);
}

/* The device took or gave nothing: a little time passes. */
static bool wait_a_little(
	struct rig_line *rig, int64_t since_ms, int64_t patience_ms, struct err *err)
{
	if (rig->now_ms - since_ms >= patience_ms) {
		return err_set(err, REMEDY_RETRY, "printer-stalled",
			"printer %s: it took or gave nothing for %" PRId64 " ms", rig->printer,
			patience_ms);
	}
	rig_line_pass(rig, STEP_MS);
	if (!rig->plugged) {
		return is_absent(rig, err);
	}
	return !rig->must_stop ||
	       err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop", rig->printer);
}

static bool line_out(struct usb_line *line, const void *bytes, size_t n_bytes, int64_t patience_ms,
	size_t *taken_bytes, struct err *err)
{
	const struct open_line *open = line->own;
	struct rig_line *rig = open->rig;
	const uint8_t *from = bytes;
	int64_t since_ms = rig->now_ms;
	*taken_bytes = 0;
	bool fine = begin(rig, err);
	while (fine && *taken_bytes < n_bytes) {
		size_t rest = n_bytes - *taken_bytes;
		size_t piece = until_next_plan(rig, rest < PIECE_BYTES ? rest : PIECE_BYTES);
		int took = rig->model->out(
			rig->own, open->pick.out, from + *taken_bytes, (int)piece, rig->now_ms);
		if (took == RIG_STALL) {
			return is_protocol(rig, "it refused the bytes (stall)", err);
		}
		if (took > 0) {
			*taken_bytes += (size_t)took;
			rig->out_bytes += took;
			since_ms = rig->now_ms;
			keep_plans(rig);
			fine = rig->plugged || is_absent(rig, err);
		} else {
			fine = wait_a_little(rig, since_ms, patience_ms, err);
		}
	}
	return fine;
}

static bool line_in(struct usb_line *line, void *bytes, size_t room_bytes, int64_t patience_ms,
	size_t *got_bytes, struct err *err)
{
	const struct open_line *open = line->own;
	struct rig_line *rig = open->rig;
	int64_t since_ms = rig->now_ms;
	*got_bytes = 0;
	if (open->pick.in == 0) {
		return is_protocol(rig, "it has no way back (no bulk IN)", err);
	}
	bool fine = begin(rig, err);
	while (fine) {
		int gave = rig->model->in(rig->own, open->pick.in, bytes,
			room_bytes > INT32_MAX ? INT32_MAX : (int)room_bytes, rig->now_ms);
		if (gave == RIG_STALL) {
			return is_protocol(rig, "it refused to answer (stall)", err);
		}
		if (gave >= 0) {
			*got_bytes = (size_t)gave;
			rig->in_bytes += gave;
			return true;
		}
		fine = wait_a_little(rig, since_ms, patience_ms, err);
	}
	return false;
}

static bool line_control(struct usb_line *line, const struct usb_setup *setup, void *bytes,
	size_t *n_bytes, int64_t patience_ms, struct err *err)
{
	const struct open_line *open = line->own;
	struct rig_line *rig = open->rig;
	const uint8_t packet[8] = {setup->type, setup->request, (uint8_t)setup->value,
		(uint8_t)(setup->value >> 8), (uint8_t)setup->index, (uint8_t)(setup->index >> 8),
		(uint8_t)*n_bytes, (uint8_t)(*n_bytes >> 8)};
	int64_t since_ms = rig->now_ms;
	size_t room_bytes = *n_bytes;
	*n_bytes = 0;
	bool fine = begin(rig, err);
	while (fine) {
		int moved =
			rig->model->control(rig->own, packet, bytes, (int)room_bytes, rig->now_ms);
		if (moved == RIG_STALL) {
			return err_set(err, REMEDY_REJECT, "usb-stall",
				"printer %s: it does not know request %02x/%02x", rig->printer,
				setup->type, setup->request);
		}
		if (moved >= 0) {
			*n_bytes = (size_t)moved;
			return true;
		}
		fine = wait_a_little(rig, since_ms, patience_ms, err);
	}
	return false;
}

static bool line_reset(struct usb_line *line, struct err *err)
{
	const struct open_line *open = line->own;
	struct rig_line *rig = open->rig;
	if (!begin(rig, err)) {
		return false;
	}
	rig->resets++;
	rig->model->reset(rig->own, rig->now_ms);
	return true;
}

static void line_close(struct usb_line *line)
{
	struct open_line *open = line->own;
	open->rig->is_open = false;
	free(open);
}

/* ---- what a worker offers ---- */

static struct usb_line *open_line(void *host, const struct usb_wish *wish, struct err *err)
{
	struct rig_line *rig = host;
	if (!begin(rig, err)) {
		return NULL;
	}
	if (rig->is_open) {
		err_set(err, REMEDY_ATTEND, "usb-taken",
			"printer %s: the line is open already: close it first", rig->printer);
		return NULL;
	}
	struct open_line *open = mem_new(1, sizeof *open);
	open->rig = rig;
	open->line = (struct usb_line){.own = open,
		.out = line_out,
		.in = line_in,
		.control = line_control,
		.reset = line_reset,
		.close = line_close};
	if (!line_pick(&rig->descriptors, wish, &open->pick, &open->line.identity)) {
		err_set(err, REMEDY_ATTEND, "usb-interface",
			"printer %s: it has no interface of the kind that its model speaks to",
			rig->printer);
		free(open);
		return NULL;
	}
	struct usb_identity *identity = &open->line.identity;
	memcpy(identity->port, rig->port, sizeof rig->port);
	if (!usb_is_pinned(identity, rig->pinned)) {
		err_set(err, REMEDY_ATTEND, "usb-serial",
			"printer %s: another one is plugged in (serial %s, expected %s)",
			rig->printer, identity->serial, rig->pinned);
		free(open);
		return NULL;
	}
	rig->is_open = true;
	rig->opens++;
	return &open->line;
}

static int connect_nowhere(void *host, struct err *err)
{
	const struct rig_line *rig = host;
	err_set(err, REMEDY_RETRY, "printer-absent", "printer %s: it hangs on USB", rig->printer);
	return -1;
}

static bool met_no_key(void *host, const char *tls_key, struct err *err)
{
	const struct rig_line *rig = host;
	return err_set(err, REMEDY_ATTEND, "printer-key-changed", "printer %s: a key %s on USB",
		rig->printer, tls_key);
}

static bool must_stop(void *host)
{
	const struct rig_line *rig = host;
	return rig->must_stop;
}

static bool pause_ms(void *host, int64_t wait_ms)
{
	struct rig_line *rig = host;
	for (int64_t left_ms = wait_ms; left_ms > 0 && !rig->must_stop; left_ms -= STEP_MS) {
		rig_line_pass(rig, left_ms < STEP_MS ? left_ms : STEP_MS);
	}
	return !rig->must_stop;
}

static void saw(void *host, const struct device_status *status)
{
	struct rig_line *rig = host;
	rig->saw = *status;
	rig->saw_any = true;
}

void rig_line_serve(struct rig_line *rig, struct device *device)
{
	rig->printer = device->printer;
	text_copy(rig->pinned, sizeof rig->pinned, device->uuid == NULL ? "" : device->uuid);
	device->host = rig;
	device->connect = connect_nowhere;
	device->usb = open_line;
	device->met_key = met_no_key;
	device->must_stop = must_stop;
	device->pause = pause_ms;
	device->saw = saw;
}

static bool on_opened(void *host, int32_t job_id, const char *job_uuid)
{
	struct rig_line *rig = host;
	rig->at_opened = rig->out_bytes;
	(void)job_id;
	(void)job_uuid;
	return !rig->must_stop;
}

static bool on_sending(void *host)
{
	struct rig_line *rig = host;
	rig->at_sending = rig->out_bytes;
	return !rig->must_stop && !rig->refuse_sending;
}

static bool on_committed(void *host)
{
	struct rig_line *rig = host;
	rig->at_committed = rig->out_bytes;
	return !rig->must_stop && !rig->refuse_committed;
}

struct send_hooks rig_line_hooks(struct rig_line *rig)
{
	rig->at_opened = rig->at_sending = rig->at_committed = -1;
	return (struct send_hooks){
		.host = rig, .opened = on_opened, .sending = on_sending, .committed = on_committed};
}

/* ---- its life ---- */

struct rig_line *rig_line_create(const struct rig_model *model, const char *arguments)
{
	struct rig_line *rig = mem_new(1, sizeof *rig);
	*rig = (struct rig_line){.model = model,
		.printer = "rig",
		.port = "1-2",
		.plugged = true,
		.now_ms = 1000000,
		.at_opened = -1,
		.at_sending = -1,
		.at_committed = -1};
	rig->own = model->create(arguments, &rig->descriptors);
	if (rig->own == NULL) {
		free(rig);
		return NULL;
	}
	model->tick(rig->own, rig->now_ms);
	return rig;
}

void rig_line_destroy(struct rig_line *rig)
{
	if (rig->is_open) {
		fprintf(stderr, "the driver has not closed its line\n");
		abort();
	}
	rig->model->destroy(rig->own);
	free(rig);
}

char *rig_line_report(const struct rig_line *rig)
{
	int length = rig->model->report(rig->own, NULL, 0);
	char *text = mem_new((size_t)length + 1, 1);
	rig->model->report(rig->own, text, (size_t)length + 1);
	return text;
}
