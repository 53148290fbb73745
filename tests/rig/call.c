/* SPDX-License-Identifier: Apache-2.0
 *
 * USBDEVFS_CONTROL and USBDEVFS_BULK: the caller sleeps until the device has answered, its time is
 * over, or a signal came.
 */
#include "base/mem.h"
#include "tests/rig/usbfs.h"
#include <errno.h>
#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <stdlib.h>
#include <string.h>

#define FOR_EVER      INT64_MAX
#define BULK_CALL_MAX (16 * 1024 * 1024)

struct call {
	struct link link; /* the file's */
	struct transfer transfer;
	struct open_file *file;
	struct request request;
	uint64_t data; /* in the caller's memory */
	bool is_in;
	int64_t deadline_ms;
	uint8_t bytes[];
};

static void on_end(struct transfer *transfer)
{
	struct call *call = list_entry(transfer, struct call, transfer);
	int result = transfer->status == 0 ? transfer->moved : transfer->status;
	size_t got = result > 0 && call->is_in ? (size_t)result : 0;
	if (!caller_write(call->request.thread, call->data, call->bytes, got)) {
		result = -EFAULT;
	}
	fuse_answer_ioctl(&call->file->usbfs->fuse, call->request.id, result);
	list_remove(&call->link);
	free(call);
}

static struct call *new_call(struct open_file *file, const struct request *request, void *data,
	size_t n, unsigned patience_ms)
{
	struct call *call = mem_new(1, sizeof *call + n);
	call->file = file;
	call->request = *request;
	call->data = (uint64_t)(uintptr_t)data;
	call->deadline_ms = patience_ms == 0 ? FOR_EVER : file->usbfs->now_ms + patience_ms;
	call->transfer.bytes = call->bytes;
	call->transfer.n = (int)n;
	call->transfer.on_end = on_end;
	list_init(&call->transfer.link);
	list_append(&file->calls, &call->link);
	return call;
}

static int begin(struct call *call)
{
	if (!call->is_in && !caller_read(call->request.thread, call->data, call->bytes,
				    (size_t)call->transfer.n)) {
		list_remove(&call->link);
		free(call);
		return -EFAULT;
	}
	device_submit(call->file->device, &call->transfer, call->file->usbfs->now_ms);
	return ANSWERED_LATER;
}

int call_control(struct open_file *file, const struct request *request)
{
	struct usbdevfs_ctrltransfer asked;
	if (!caller_read(request->thread, request->address, &asked, sizeof asked)) {
		return -EFAULT;
	}
	const uint8_t setup[8] = {asked.bRequestType, asked.bRequest, (uint8_t)asked.wValue,
		(uint8_t)(asked.wValue >> 8), (uint8_t)asked.wIndex, (uint8_t)(asked.wIndex >> 8),
		(uint8_t)asked.wLength, (uint8_t)(asked.wLength >> 8)};
	int refused = claims_check_control(file, setup);
	if (refused != 0) {
		return refused;
	}
	struct call *call = new_call(file, request, asked.data, asked.wLength, asked.timeout);
	call->transfer.kind = TRANSFER_CONTROL;
	memcpy(call->transfer.setup, setup, sizeof setup);
	call->is_in = (setup[0] & USB_DIR_IN) != 0;
	return begin(call);
}

int call_bulk(struct open_file *file, const struct request *request)
{
	struct usbdevfs_bulktransfer asked;
	if (!caller_read(request->thread, request->address, &asked, sizeof asked)) {
		return -EFAULT;
	}
	int refused = asked.len > BULK_CALL_MAX || asked.ep > UINT8_MAX
			      ? -EINVAL
			      : claims_check_endpoint(file, (uint8_t)asked.ep);
	if (refused != 0) {
		return refused;
	}
	struct call *call = new_call(file, request, asked.data, asked.len, asked.timeout);
	call->transfer.kind = TRANSFER_BULK;
	call->transfer.endpoint = (uint8_t)asked.ep;
	call->is_in = (asked.ep & USB_DIR_IN) != 0;
	return begin(call);
}

bool call_interrupt(struct open_file *file, uint64_t request)
{
	list_each(at, &file->calls)
	{
		struct call *call = list_entry(at, struct call, link);
		if (call->request.id == request) {
			device_cancel(&call->transfer, -EINTR);
			return true;
		}
	}
	return false;
}

void call_expire(struct open_file *file, int64_t now_ms)
{
	list_each(at, &file->calls)
	{
		struct call *call = list_entry(at, struct call, link);
		if (call->deadline_ms <= now_ms) {
			device_cancel(&call->transfer, -ETIMEDOUT);
		}
	}
}

void call_close(struct open_file *file)
{
	while (!list_is_empty(&file->calls)) {
		device_cancel(&list_entry(file->calls.next, struct call, link)->transfer, -EINTR);
	}
}
