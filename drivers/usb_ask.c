/* SPDX-License-Identifier: Apache-2.0
 *
 * One transfer at a time: bulk IN and control requests. What has come when one is cancelled is not
 * lost: it is given, or kept for the next call.
 */
#include "drivers/usb_own.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

struct flight { /* one transfer under way */
	struct libusb_transfer *transfer;
	bool over;
};

static void on_over(struct libusb_transfer *transfer)
{
	struct flight *flight = transfer->user_data;
	flight->over = true;
}

/* No memory for it in the kernel, which all printers share: waits, as others finish. */
static bool submit(struct usb_open *open, struct flight *flight, const char *doing,
	int64_t patience_ms, struct err *err)
{
	int64_t since_ms = clock_boot_ms();
	int code;
	while ((code = libusb_submit_transfer(flight->transfer)) == LIBUSB_ERROR_NO_MEM) {
		if (!usb_may_go(open, err)) {
			return false;
		}
		if (clock_boot_ms() - since_ms >= patience_ms) {
			return usb_is_broken(
				open, doing, "the kernel has no memory left for USB", err);
		}
		usb_events(open, USB_EVENTS_MS);
	}
	return code == LIBUSB_SUCCESS || usb_code_is_bad(open, doing, code, err);
}

/* A cancelled transfer still comes back: its memory is the kernel's until then. */
static void cancel(struct usb_open *open, struct flight *flight)
{
	if (!flight->over) {
		libusb_cancel_transfer(flight->transfer);
	}
	while (!flight->over) {
		usb_events(open, USB_EVENTS_MS);
	}
}

/* Until it is over; when that takes too long, or it is time to stop, it is cancelled. True when it
 * ended well, or in time with at least something. */
static bool fly(struct usb_open *open, struct flight *flight, const char *doing,
	int64_t patience_ms, struct err *err)
{
	if (!submit(open, flight, doing, patience_ms, err)) {
		return false;
	}
	int64_t since_ms = clock_boot_ms();
	bool waits = true;
	while (waits && !flight->over) {
		int64_t left_ms = since_ms + patience_ms - clock_boot_ms();
		usb_events(open, left_ms < 0               ? 0
				 : left_ms < USB_EVENTS_MS ? left_ms
							   : USB_EVENTS_MS);
		if (left_ms <= 0) {
			usb_is_stalled(open, patience_ms, err);
			waits = false;
		} else if (!flight->over && open->node.must_stop(open->node.host)) {
			usb_is_told_to_stop(open, err);
			waits = false;
		}
	}
	cancel(open, flight);
	if (flight->transfer->status == LIBUSB_TRANSFER_COMPLETED) {
		return true;
	}
	return flight->transfer->status == LIBUSB_TRANSFER_CANCELLED
		       ? false
		       : usb_status_is_bad(open, doing, flight->transfer->status, err);
}

/* ---- bulk IN ---- */

static size_t give_held(struct usb_open *open, uint8_t *bytes, size_t room_bytes)
{
	size_t n = open->n_held < room_bytes ? open->n_held : room_bytes;
	memcpy(bytes, open->held, n);
	open->n_held -= n;
	memmove(open->held, open->held + n, open->n_held);
	return n;
}

static size_t whole_packets(size_t room_bytes, size_t packet_bytes)
{
	size_t packets = (room_bytes + packet_bytes - 1) / packet_bytes;
	return (packets == 0 ? 1 : packets) * packet_bytes;
}

bool usb_in(struct usb_line *line, void *bytes, size_t room_bytes, int64_t patience_ms,
	size_t *got_bytes, struct err *err)
{
	struct usb_open *open = line->own;
	*got_bytes = 0;
	if (open->n_held > 0) {
		*got_bytes = give_held(open, bytes, room_bytes);
		return true;
	}
	if (open->in.address == 0) {
		return usb_is_broken(open, "reading", "it has no way back (no bulk IN)", err);
	}
	if (!usb_may_go(open, err)) {
		return false;
	}
	/* a device sends whole packets: one that did not fit would be lost */
	size_t most = whole_packets(room_bytes, open->in.packet_bytes);
	open->held = mem_resize(open->held, most, 1);
	struct flight flight = {.transfer = usb_transfer_new()};
	libusb_fill_bulk_transfer(flight.transfer, open->handle, open->in.address, open->held,
		(int)most, on_over, &flight, 0);
	bool fine = fly(open, &flight, "reading", patience_ms, err);
	if (!fine && !open->gone && flight.transfer->status == LIBUSB_TRANSFER_STALL) {
		libusb_clear_halt(open->handle, open->in.address);
	}
	open->n_held = flight.over ? (size_t)flight.transfer->actual_length : 0;
	libusb_free_transfer(flight.transfer);
	if (!fine && (open->n_held == 0 || err->remedy == REMEDY_DROP)) {
		return false;
	}
	*got_bytes = give_held(open, bytes, room_bytes);
	return true;
}

/* ---- control ---- */

bool usb_control(struct usb_line *line, const struct usb_setup *setup, void *bytes, size_t *n_bytes,
	int64_t patience_ms, struct err *err)
{
	struct usb_open *open = line->own;
	bool is_in = (setup->type & LIBUSB_ENDPOINT_IN) != 0;
	size_t n = *n_bytes < UINT16_MAX ? *n_bytes : UINT16_MAX;
	*n_bytes = 0;
	if (!usb_may_go(open, err)) {
		return false;
	}
	uint8_t *packet = mem_new(LIBUSB_CONTROL_SETUP_SIZE + n, 1);
	uint8_t *data = packet + LIBUSB_CONTROL_SETUP_SIZE;
	libusb_fill_control_setup(
		packet, setup->type, setup->request, setup->value, setup->index, (uint16_t)n);
	if (!is_in && n > 0) {
		memcpy(data, bytes, n);
	}
	struct flight flight = {.transfer = usb_transfer_new()};
	libusb_fill_control_transfer(flight.transfer, open->handle, packet, on_over, &flight, 0);
	bool fine = fly(open, &flight, "asking", patience_ms, err);
	if (!fine && flight.over && flight.transfer->status == LIBUSB_TRANSFER_STALL) {
		err_set(err, REMEDY_REJECT, "usb-stall",
			"printer %s: it does not know the request %02x %02x", open->node.printer,
			setup->type, setup->request);
	}
	if (fine) {
		*n_bytes = (size_t)flight.transfer->actual_length;
		if (is_in) {
			memcpy(bytes, data, *n_bytes);
		}
	}
	libusb_free_transfer(flight.transfer);
	free(packet);
	return fine;
}
