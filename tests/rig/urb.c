/* SPDX-License-Identifier: Apache-2.0
 *
 * URBs: submitted, waiting at the device, completed, reaped. The struct and its buffer lie in the
 * caller's memory; OUT bytes are taken when it is submitted, IN bytes and the result are put there
 * when it is reaped, by whichever thread reaps it.
 */
#include "tests/rig/usbfs.h"
#include "base/mem.h"
#include <errno.h>
#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <stdlib.h>
#include <string.h>

#define SETUP_BYTES    8
#define ALL_URBS_BYTES (16 * 1024 * 1024) /* usbfs_memory_mb, of all devices and programs */
#define URB_BYTES      512                /* of the kernel's own for each, about */
#define ONE_URB_MAX    (INT32_C(1) << 30)

struct urb {
	struct link link; /* the file's: submitted or completed */
	struct transfer transfer;
	struct open_file *file;
	uint64_t address; /* of the caller's struct */
	uint64_t data;    /* where IN bytes go */
	int64_t charged_bytes;
	bool is_in, short_is_bad;
	bool is_chained; /* bulk: a failure ends the continuations behind it */
	bool is_continuation;
	uint8_t bytes[]; /* what the caller's buffer holds */
};

struct reaper { /* a thread that waits for any URB */
	struct link link;
	struct request request;
};

static uint32_t bit_of(uint8_t endpoint)
{
	return UINT32_C(1) << ((endpoint & 15) + ((endpoint & USB_DIR_IN) != 0 ? 16 : 0));
}

static void destroy(struct urb *urb)
{
	urb->file->usbfs->urb_bytes -= urb->charged_bytes;
	list_remove(&urb->link);
	free(urb);
}

/* ---- reaping ---- */

static bool hand_over(const struct urb *urb, const struct request *to)
{
	struct usbdevfs_urb told;
	const struct transfer *transfer = &urb->transfer;
	size_t got = urb->is_in ? (size_t)transfer->moved : 0;
	if (!caller_read(to->thread, urb->address, &told, sizeof told)) {
		return false;
	}
	told.status = transfer->status;
	told.actual_length = transfer->moved;
	told.error_count = 0;
	return caller_write(to->thread, urb->data, transfer->bytes, got) &&
	       caller_write(to->thread, urb->address, &told, sizeof told) &&
	       caller_write(to->thread, to->address, &urb->address, sizeof urb->address);
}

int urb_reap(struct open_file *file, const struct request *request)
{
	if (list_is_empty(&file->completed)) {
		return file->is_gone ? -ENODEV : -EAGAIN;
	}
	struct urb *urb = list_entry(file->completed.next, struct urb, link);
	int result = hand_over(urb, request) ? 0 : -EFAULT;
	destroy(urb);
	return result;
}

int urb_reap_later(struct open_file *file, const struct request *request)
{
	int result = urb_reap(file, request);
	if (result != -EAGAIN) {
		return result;
	}
	struct reaper *reaper = mem_new(1, sizeof *reaper);
	reaper->request = *request;
	list_append(&file->reapers, &reaper->link);
	return ANSWERED_LATER;
}

static void answer_reaper(struct open_file *file, struct reaper *reaper, int result)
{
	fuse_answer_ioctl(&file->usbfs->fuse, reaper->request.id, result);
	list_remove(&reaper->link);
	free(reaper);
}

static void answer_reapers(struct open_file *file)
{
	list_each(at, &file->reapers)
	{
		struct reaper *reaper = list_entry(at, struct reaper, link);
		int result = urb_reap(file, &reaper->request);
		if (result == -EAGAIN) {
			return;
		}
		answer_reaper(file, reaper, result);
	}
}

bool urb_interrupt(struct open_file *file, uint64_t request)
{
	list_each(at, &file->reapers)
	{
		struct reaper *reaper = list_entry(at, struct reaper, link);
		if (reaper->request.id == request) {
			answer_reaper(file, reaper, -EINTR);
			return true;
		}
	}
	return false;
}

/* ---- completion ---- */

/* The URBs that libusb cut one transfer into: when one fails, those behind it never run. */
static void break_chain(struct open_file *file, uint8_t endpoint)
{
	file->broken_chain |= bit_of(endpoint);
	list_each(at, &file->submitted)
	{
		struct urb *urb = list_entry(at, struct urb, link);
		if (!urb->is_chained || urb->transfer.endpoint != endpoint) {
			continue;
		}
		if (!urb->is_continuation) {
			return; /* the next transfer begins */
		}
		device_cancel(&urb->transfer, -ECONNRESET);
	}
}

static void on_end(struct transfer *transfer)
{
	struct urb *urb = list_entry(transfer, struct urb, transfer);
	struct open_file *file = urb->file;
	bool is_short = urb->is_in && transfer->moved < transfer->n;
	if (transfer->status == 0 && is_short && urb->short_is_bad) {
		transfer->status = -EREMOTEIO;
	}
	list_remove(&urb->link);
	list_append(&file->completed, &urb->link);
	bool was_cancelled = transfer->status == -ENOENT || transfer->status == -ECONNRESET;
	if (transfer->status < 0 && urb->is_chained && !was_cancelled) {
		break_chain(file, transfer->endpoint);
	}
	answer_reapers(file);
	usbfs_wake(file);
}

/* ---- submission ---- */

static int check(struct open_file *file, const struct usbdevfs_urb *asked)
{
	bool is_known = asked->type == USBDEVFS_URB_TYPE_CONTROL ||
			asked->type == USBDEVFS_URB_TYPE_BULK ||
			asked->type == USBDEVFS_URB_TYPE_INTERRUPT;
	if (!is_known || asked->buffer_length < 0 || asked->buffer_length > ONE_URB_MAX) {
		return -EINVAL;
	}
	if (asked->type == USBDEVFS_URB_TYPE_CONTROL) {
		return asked->buffer_length < SETUP_BYTES ? -EINVAL : 0;
	}
	return claims_check_endpoint(file, asked->endpoint);
}

/* The setup stands before the data in the buffer. */
static int fill_control(struct urb *urb, const struct usbdevfs_urb *asked)
{
	struct transfer *transfer = &urb->transfer;
	memcpy(transfer->setup, urb->bytes, SETUP_BYTES);
	transfer->kind = TRANSFER_CONTROL;
	transfer->bytes = urb->bytes + SETUP_BYTES;
	transfer->n = (int)descriptors_number(transfer->setup + 6);
	urb->is_in = (transfer->setup[0] & USB_DIR_IN) != 0;
	urb->data += SETUP_BYTES;
	return transfer->n > asked->buffer_length - SETUP_BYTES
		       ? -EINVAL
		       : claims_check_control(urb->file, transfer->setup);
}

static int fill_data(struct urb *urb, const struct usbdevfs_urb *asked)
{
	struct transfer *transfer = &urb->transfer;
	transfer->kind = asked->type == USBDEVFS_URB_TYPE_BULK ? TRANSFER_BULK : TRANSFER_INTERRUPT;
	transfer->endpoint = asked->endpoint;
	transfer->bytes = urb->bytes;
	transfer->n = asked->buffer_length;
	urb->short_is_bad = (asked->flags & USBDEVFS_URB_SHORT_NOT_OK) != 0;
	urb->is_chained = transfer->kind == TRANSFER_BULK;
	urb->is_continuation =
		urb->is_chained && (asked->flags & USBDEVFS_URB_BULK_CONTINUATION) != 0;
	if (urb->is_chained && !urb->is_continuation) {
		urb->file->broken_chain &= ~bit_of(asked->endpoint);
	}
	return (urb->file->broken_chain & bit_of(asked->endpoint)) != 0 ? -EREMOTEIO : 0;
}

static int fill(struct urb *urb, const struct usbdevfs_urb *asked, pid_t thread)
{
	bool is_control = asked->type == USBDEVFS_URB_TYPE_CONTROL;
	urb->is_in = (asked->endpoint & USB_DIR_IN) != 0;
	urb->data = (uint64_t)(uintptr_t)asked->buffer;
	if ((is_control || !urb->is_in) &&
		!caller_read(thread, urb->data, urb->bytes, (size_t)asked->buffer_length)) {
		return -EFAULT;
	}
	return is_control ? fill_control(urb, asked) : fill_data(urb, asked);
}

int urb_submit(struct open_file *file, const struct request *request)
{
	struct usbdevfs_urb asked;
	if (!caller_read(request->thread, request->address, &asked, sizeof asked)) {
		return -EFAULT;
	}
	int result = check(file, &asked);
	int64_t charged_bytes = (int64_t)asked.buffer_length + URB_BYTES;
	if (result == 0 && file->usbfs->urb_bytes + charged_bytes > ALL_URBS_BYTES) {
		result = -ENOMEM;
	}
	if (result != 0) {
		return result;
	}
	struct urb *urb = mem_new(1, sizeof *urb + (size_t)asked.buffer_length);
	urb->file = file;
	urb->address = request->address;
	urb->transfer.on_end = on_end;
	urb->charged_bytes = charged_bytes;
	file->usbfs->urb_bytes += charged_bytes;
	list_append(&file->submitted, &urb->link);
	result = fill(urb, &asked, request->thread);
	if (result != 0) {
		destroy(urb);
		return result;
	}
	device_submit(file->device, &urb->transfer, file->usbfs->now_ms);
	return 0;
}

int urb_discard(struct open_file *file, const struct request *request)
{
	list_each(at, &file->submitted)
	{
		struct urb *urb = list_entry(at, struct urb, link);
		if (urb->address == request->address) {
			device_cancel(&urb->transfer, -ENOENT);
			return 0;
		}
	}
	return -EINVAL;
}

/* ---- ends ---- */

void urb_on_gone(struct open_file *file)
{
	answer_reapers(file);
}

void urb_close(struct open_file *file)
{
	while (!list_is_empty(&file->submitted)) {
		device_cancel(
			&list_entry(file->submitted.next, struct urb, link)->transfer, -ENOENT);
	}
	while (!list_is_empty(&file->reapers)) {
		answer_reaper(file, list_entry(file->reapers.next, struct reaper, link), -EINTR);
	}
	while (!list_is_empty(&file->completed)) {
		destroy(list_entry(file->completed.next, struct urb, link));
	}
}
