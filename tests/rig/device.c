/* SPDX-License-Identifier: Apache-2.0
 *
 * Transfers at the endpoints of one emulated device.
 */
#include "tests/rig/device.h"
#include "base/mem.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CREDIT_MS INT64_C(50) /* a slow line makes up for at most that long */

/* ---- its life ---- */

struct device *device_create(const struct rig_model *model, const char *arguments)
{
	struct device *device = mem_new(1, sizeof *device);
	device->model = model;
	device->own = model->create(arguments, &device->descriptors);
	if (device->own == NULL) {
		free(device);
		return NULL;
	}
	device->cut_at_bytes = NEVER_CUT;
	list_init(&device->waiting);
	return device;
}

void device_destroy(struct device *device)
{
	if (device != NULL) {
		device->model->destroy(device->own);
		free(device);
	}
}

static void forget_settings(struct device *device)
{
	device->halted = 0;
	memset(device->alternates, 0, sizeof device->alternates);
}

static void tell_reset(struct device *device, int64_t now_ms)
{
	forget_settings(device);
	if (device->model->reset != NULL) {
		device->model->reset(device->own, now_ms);
	}
}

void device_plug(struct device *device, int address, int64_t now_ms)
{
	device->address = address;
	device->is_plugged = true;
	device->has_left = false;
	device->cut_at_bytes = NEVER_CUT;
	device->configuration = device->descriptors.configuration[AT_CONFIGURATION_VALUE];
	/* a host resets a port before it asks who is there */
	tell_reset(device, now_ms);
}

static void end_transfer(struct transfer *transfer, int status)
{
	list_remove(&transfer->link);
	transfer->status = status;
	transfer->on_end(transfer);
}

static void end_all(struct device *device, int status)
{
	while (!list_is_empty(&device->waiting)) {
		end_transfer(list_entry(device->waiting.next, struct transfer, link), status);
	}
}

void device_unplug(struct device *device)
{
	device->is_plugged = false;
	device->bound = 0;
	end_all(device, -ESHUTDOWN);
}

void device_reset(struct device *device, int64_t now_ms)
{
	end_all(device, -EPROTO);
	tell_reset(device, now_ms);
}

/* ---- endpoints ---- */

static uint32_t bit_of(uint8_t endpoint)
{
	return UINT32_C(1) << ((endpoint & 15) + ((endpoint & 0x80) != 0 ? 16 : 0));
}

void device_clear_halt(struct device *device, uint8_t endpoint)
{
	device->halted &= ~bit_of(endpoint);
}

bool device_is_halted(const struct device *device, uint8_t endpoint)
{
	return (device->halted & bit_of(endpoint)) != 0;
}

void device_cut(struct device *device, int64_t after_bytes)
{
	device->cut_at_bytes = device->out_bytes + after_bytes;
}

void device_slow(struct device *device, int64_t bytes_per_s, int64_t now_ms)
{
	device->slow_bytes_per_s = bytes_per_s;
	device->credit_bytes = 0;
	device->credit_ms = now_ms;
}

/* How many of n bytes the line lets through now. */
static int let_through(struct device *device, int n, int64_t now_ms)
{
	int64_t most = n;
	if (device->slow_bytes_per_s > 0) {
		int64_t passed_ms = now_ms - device->credit_ms;
		passed_ms = passed_ms > CREDIT_MS ? CREDIT_MS : passed_ms;
		device->credit_bytes += passed_ms * device->slow_bytes_per_s / 1000;
		device->credit_ms = now_ms;
		most = device->credit_bytes < most ? device->credit_bytes : most;
	}
	if (device->cut_at_bytes != NEVER_CUT) {
		int64_t left = device->cut_at_bytes - device->out_bytes;
		most = left < most ? left : most;
	}
	return (int)most;
}

static void count_out(struct device *device, int taken)
{
	device->out_bytes += taken;
	if (device->slow_bytes_per_s > 0) {
		device->credit_bytes -= taken;
	}
	if (device->out_bytes == device->cut_at_bytes) {
		device->has_left = true;
	}
}

/* ---- running ----
 * Each says whether the transfer is over, and with which status. */

static bool run_control(
	struct device *device, struct transfer *transfer, int64_t now_ms, int *status)
{
	int got = device_standard(device, transfer->setup, transfer->bytes, transfer->n);
	if (got == NO_STANDARD_REQUEST) {
		got = device->model->control == NULL
			      ? RIG_STALL
			      : device->model->control(device->own, transfer->setup,
					transfer->bytes, transfer->n, now_ms);
	}
	if (got == RIG_NAK) {
		return false;
	}
	*status = got < 0 ? -EPIPE : 0;
	transfer->moved = got < 0 ? 0 : (transfer->setup[0] & 0x80) != 0 ? got : transfer->n;
	return true;
}

static bool run_out(struct device *device, struct transfer *transfer, int64_t now_ms, int *status)
{
	*status = 0;
	while (transfer->moved < transfer->n) {
		int most = let_through(device, transfer->n - transfer->moved, now_ms);
		if (most == 0) { /* slow; or cut off, when it has left */
			return false;
		}
		int taken = device->model->out == NULL
				    ? RIG_STALL
				    : device->model->out(device->own, transfer->endpoint,
					      transfer->bytes + transfer->moved, most, now_ms);
		if (taken == RIG_STALL) {
			*status = -EPIPE;
			return true;
		}
		if (taken <= 0) {
			return false;
		}
		transfer->moved += taken;
		count_out(device, taken);
	}
	return true;
}

static bool run_in(struct device *device, struct transfer *transfer, int64_t now_ms, int *status)
{
	int given = device->model->in == NULL ? RIG_NAK
					      : device->model->in(device->own, transfer->endpoint,
							transfer->bytes, transfer->n, now_ms);
	if (given == RIG_NAK) {
		return false;
	}
	*status = given < 0 ? -EPIPE : 0;
	transfer->moved = given < 0 ? 0 : given;
	return true;
}

static bool run(struct device *device, struct transfer *transfer, int64_t now_ms)
{
	int status = -EPIPE;
	bool is_over = true;
	if (transfer->kind == TRANSFER_CONTROL) {
		is_over = run_control(device, transfer, now_ms, &status);
	} else if (!device_is_halted(device, transfer->endpoint)) {
		is_over = (transfer->endpoint & 0x80) != 0
				  ? run_in(device, transfer, now_ms, &status)
				  : run_out(device, transfer, now_ms, &status);
		if (is_over && status == -EPIPE) {
			device->halted |= bit_of(transfer->endpoint);
		}
	}
	if (is_over) {
		end_transfer(transfer, status);
	}
	return is_over;
}

/* Ends at most one: what is told of an end may cancel others. */
static bool run_first(struct device *device, int64_t now_ms)
{
	uint32_t busy = 0;
	list_each(at, &device->waiting)
	{
		struct transfer *transfer = list_entry(at, struct transfer, link);
		uint32_t bit = bit_of(transfer->endpoint);
		bool is_behind = (busy & bit) != 0;
		busy |= bit;
		if (!is_behind && run(device, transfer, now_ms)) {
			return true;
		}
		if (device->has_left) {
			return false;
		}
	}
	return false;
}

static void run_all(struct device *device, int64_t now_ms)
{
	while (!device->has_left && run_first(device, now_ms)) {
	}
}

void device_submit(struct device *device, struct transfer *transfer, int64_t now_ms)
{
	transfer->moved = 0;
	transfer->status = -EINPROGRESS;
	list_append(&device->waiting, &transfer->link);
	run_all(device, now_ms);
}

void device_cancel(struct transfer *transfer, int status)
{
	end_transfer(transfer, status);
}

void device_turn(struct device *device, int64_t now_ms)
{
	if (device->model->tick != NULL) {
		device->model->tick(device->own, now_ms);
	}
	if (!device->is_plugged) {
		return; /* a printer prints on without its cable */
	}
	run_all(device, now_ms);
	if (device->model->present != NULL && !device->model->present(device->own, now_ms)) {
		device->has_left = true;
	}
}
