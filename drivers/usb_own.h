/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the USB line share. Included by usb_*.c only.
 */
#pragma once
#include "drivers/usb_line.h"
#include <libusb.h>

struct usb_bus {
	libusb_context *context;
};

struct usb_end { /* an endpoint; address 0: there is none */
	uint8_t address;
	size_t packet_bytes;
};

struct usb_open { /* one claimed interface */
	struct usb_line line;
	libusb_context *context;
	libusb_device_handle *handle;
	struct usb_node node;
	struct usb_end out, in;
	int interface; /* claimed; -1 */
	bool gone;     /* unplugged: nothing can be asked any more */
	/* what came in, and did not fit */
	uint8_t *held;
	size_t n_held;
};

/* ---- usb_line.c ---- */
#define USB_EVENTS_MS 100

/* Always false. */
bool usb_is_absent(struct usb_open *open, struct err *err);
bool usb_is_told_to_stop(struct usb_open *open, struct err *err);
bool usb_is_stalled(const struct usb_open *open, int64_t patience_ms, struct err *err);
bool usb_is_broken(struct usb_open *open, const char *doing, const char *why, struct err *err);
/* Of a call of libusb; of a transfer that ended by itself. */
bool usb_code_is_bad(struct usb_open *open, const char *doing, int code, struct err *err);
bool usb_status_is_bad(struct usb_open *open, const char *doing, enum libusb_transfer_status status,
	struct err *err);
/* May a call begin: there, and not told to stop? */
must_use bool usb_may_go(struct usb_open *open, struct err *err);
/* Never NULL, as base/mem.h. */
struct libusb_transfer *usb_transfer_new(void);
/* Lets libusb work for at most so long. */
void usb_events(struct usb_open *open, int64_t wait_ms);

/* ---- usb_out.c ---- */
bool usb_out(struct usb_line *line, const void *bytes, size_t n_bytes, int64_t patience_ms,
	size_t *taken_bytes, struct err *err);

/* ---- usb_ask.c ---- */
bool usb_in(struct usb_line *line, void *bytes, size_t room_bytes, int64_t patience_ms,
	size_t *got_bytes, struct err *err);
bool usb_control(struct usb_line *line, const struct usb_setup *setup, void *bytes, size_t *n_bytes,
	int64_t patience_ms, struct err *err);

/* ---- usb_pick.c ---- */
/* The first interface that fits, with its ends; ATTEND "usb-interface". */
must_use bool usb_pick(struct usb_open *open, const struct usb_wish *wish, struct err *err);
/* Fills in who the device is. */
must_use bool usb_who(struct usb_open *open, struct err *err);
