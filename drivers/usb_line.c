/* SPDX-License-Identifier: Apache-2.0
 *
 * The line itself: opening, claiming, resetting, closing, and what errors mean. libusb waits in
 * slices, between which the host is asked whether to stop.
 */
#include "drivers/usb_own.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- libusb ---- */

struct usb_bus *usb_bus_open(struct err *err)
{
	struct usb_bus *bus = mem_new(1, sizeof *bus);
	/* devices come as descriptors; it must not look for any, nor start a thread that does */
	int code = libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
	if (code == LIBUSB_SUCCESS) {
		code = libusb_init(&bus->context);
	}
	if (code != LIBUSB_SUCCESS) {
		free(bus);
		err_set(err, REMEDY_ATTEND, "usb-library", "libusb can't be used here: %s",
			libusb_error_name(code));
		return NULL;
	}
	return bus;
}

void usb_bus_close(struct usb_bus *bus)
{
	if (bus != NULL) {
		libusb_exit(bus->context);
		free(bus);
	}
}

void usb_events(struct usb_open *open, int64_t wait_ms)
{
	struct timeval most = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
	libusb_handle_events_timeout_completed(open->context, &most, NULL);
}

struct libusb_transfer *usb_transfer_new(void)
{
	struct libusb_transfer *transfer = libusb_alloc_transfer(0);
	if (transfer == NULL) {
		abort();
	}
	return transfer;
}

/* ---- what errors mean ---- */

bool usb_is_absent(struct usb_open *open, struct err *err)
{
	open->gone = true;
	return err_set(err, REMEDY_RETRY, "printer-absent",
		"printer %s: it was unplugged or switched off (USB port %s)", open->node.printer,
		open->node.port);
}

bool usb_is_told_to_stop(struct usb_open *open, struct err *err)
{
	return err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop", open->node.printer);
}

bool usb_is_stalled(const struct usb_open *open, int64_t patience_ms, struct err *err)
{
	return err_set(err, REMEDY_RETRY, "printer-stalled",
		"printer %s: it is plugged in, but took or gave nothing for %lld s: look at it",
		open->node.printer, (long long)(patience_ms + 999) / 1000);
}

bool usb_is_broken(struct usb_open *open, const char *doing, const char *why, struct err *err)
{
	return err_set(err, REMEDY_RETRY, "usb",
		"printer %s: %s over USB: %s; if this comes again, try another cable or port",
		open->node.printer, doing, why);
}

bool usb_code_is_bad(struct usb_open *open, const char *doing, int code, struct err *err)
{
	if (code == LIBUSB_ERROR_NO_DEVICE || code == LIBUSB_ERROR_NOT_FOUND) {
		return usb_is_absent(open, err);
	}
	return usb_is_broken(open, doing, libusb_error_name(code), err);
}

bool usb_status_is_bad(struct usb_open *open, const char *doing, enum libusb_transfer_status status,
	struct err *err)
{
	static const char *const words[] = {
		[LIBUSB_TRANSFER_COMPLETED] = "it ended early",
		[LIBUSB_TRANSFER_ERROR] = "a transfer failed",
		[LIBUSB_TRANSFER_TIMED_OUT] = "a transfer took too long",
		[LIBUSB_TRANSFER_CANCELLED] = "a transfer was cancelled",
		[LIBUSB_TRANSFER_STALL] = "it refused (stall)",
		[LIBUSB_TRANSFER_OVERFLOW] = "it said more than there was room for",
	};
	if (status == LIBUSB_TRANSFER_NO_DEVICE) {
		return usb_is_absent(open, err);
	}
	return usb_is_broken(open, doing, words[status], err);
}

bool usb_may_go(struct usb_open *open, struct err *err)
{
	if (open->gone) {
		return usb_is_absent(open, err);
	}
	return !open->node.must_stop(open->node.host) || usb_is_told_to_stop(open, err);
}

/* ---- opening and closing ---- */

static bool claim(struct usb_open *open, int *taken, struct err *err)
{
	const struct usb_identity *identity = &open->line.identity;
	int code = libusb_claim_interface(open->handle, identity->interface);
	if (code == LIBUSB_ERROR_BUSY) {
		*taken = identity->interface;
		return err_set(err, REMEDY_ATTEND, "usb-taken",
			"printer %s: another program has it: end that", open->node.printer);
	}
	if (code != LIBUSB_SUCCESS) {
		return usb_code_is_bad(open, "claiming it", code, err);
	}
	open->interface = identity->interface;
	if (identity->alternate != 0) {
		code = libusb_set_interface_alt_setting(
			open->handle, open->interface, identity->alternate);
	}
	return code == LIBUSB_SUCCESS || usb_code_is_bad(open, "setting it up", code, err);
}

/* The interfaces are claimed anew by libusb. A device that comes back as another one is gone. */
static bool reset(struct usb_line *line, struct err *err)
{
	struct usb_open *open = line->own;
	if (!usb_may_go(open, err)) {
		return false;
	}
	open->n_held = 0;
	int code = libusb_reset_device(open->handle);
	if (code == LIBUSB_SUCCESS && line->identity.alternate != 0) {
		code = libusb_set_interface_alt_setting(
			open->handle, open->interface, line->identity.alternate);
	}
	return code == LIBUSB_SUCCESS || usb_code_is_bad(open, "resetting it", code, err);
}

static void close_line(struct usb_line *line)
{
	struct usb_open *open = line->own;
	if (open->interface >= 0) {
		libusb_release_interface(open->handle, open->interface);
	}
	if (open->handle != NULL) {
		libusb_close(open->handle);
	}
	close(open->node.fd); /* libusb leaves it open */
	free(open->held);
	free(open);
}

struct usb_line *usb_line_open(struct usb_bus *bus, const struct usb_node *node,
	const struct usb_wish *wish, int *taken, struct err *err)
{
	struct usb_open *open = mem_new(1, sizeof *open);
	*open = (struct usb_open){.context = bus->context, .node = *node, .interface = -1};
	open->line = (struct usb_line){.own = open,
		.out = usb_out,
		.in = usb_in,
		.control = usb_control,
		.reset = reset,
		.close = close_line};
	*taken = USB_NOT_TAKEN;
	int code = libusb_wrap_sys_device(bus->context, (intptr_t)node->fd, &open->handle);
	bool fine = code == LIBUSB_SUCCESS || usb_code_is_bad(open, "opening it", code, err);
	if (!fine || !usb_pick(open, wish, err) || !usb_who(open, err) ||
		!claim(open, taken, err)) {
		close_line(&open->line);
		return NULL;
	}
	return &open->line;
}
