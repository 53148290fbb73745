/* SPDX-License-Identifier: Apache-2.0
 *
 * One claimed interface of one USB device, as device languages see it: bytes out, bytes in, control
 * requests. All calls block and watch for the end of the attempt (driver.h, must_stop). Languages
 * know only this header; libusb is behind it in a worker (usb_line.c), an emulator in tests.
 *
 * Failures of every call: RETRY "printer-absent" (unplugged, or never there), RETRY
 * "printer-stalled" (it took or gave nothing for `patience_ms`), RETRY "usb" (a protocol error:
 * the line has cleared the endpoint, a reset may cure more), DROP (told to stop). The texts are
 * whole sentences that name the printer. After "printer-absent" the line is only good for closing.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

#define USB_TEXT_MAX 127 /* of a string descriptor, in UTF-8, with its end */

struct usb_identity { /* as its descriptors say; "" where they say nothing */
	uint16_t vendor, product, release;
	char manufacturer[USB_TEXT_MAX], title[USB_TEXT_MAX], serial[USB_TEXT_MAX];
	char port[32]; /* "1-2.4": the bus and the way through hubs, as the kernel names it */
	uint8_t interface, interface_class, interface_protocol;
	uint8_t alternate;     /* setting of the interface */
	uint8_t configuration; /* its index, from 0 */
};

struct usb_setup { /* a control request; multi-byte values in the order of this machine */
	uint8_t type, request;
	uint16_t value, index;
};

struct usb_line {
	void *own;
	struct usb_identity identity;
	/* Sends all of it. *taken is what the device has swallowed, true or not: honest also when
	 * the call fails, for bytes that are sent twice spoil a page. It fails as stalled when no
	 * byte more was taken for patience_ms, never because the whole takes long. */
	bool (*out)(struct usb_line *line, const void *bytes, size_t n_bytes, int64_t patience_ms,
		size_t *taken_bytes, struct err *err);
	/* One transfer: up to room_bytes, fewer when the device ends it earlier. *got_bytes may be
	 * 0 (an empty packet). */
	bool (*in)(struct usb_line *line, void *bytes, size_t room_bytes, int64_t patience_ms,
		size_t *got_bytes, struct err *err);
	/* Data of a control request goes the way that bit 7 of its type says; *n_bytes is the room
	 * or the length, and what was moved. A stall (the device knows no such request) fails with
	 * REJECT "usb-stall". */
	bool (*control)(struct usb_line *line, const struct usb_setup *setup, void *bytes,
		size_t *n_bytes, int64_t patience_ms, struct err *err);
	/* Port reset: the device forgets what it was told. */
	bool (*reset)(struct usb_line *line, struct err *err);
	void (*close)(struct usb_line *line); /* frees it, too */
};

/* What a device is called where a printer-uuid is wanted (status, witness): its serial; where it
 * has none, what it is and the port it hangs at. */
void usb_uuid(const struct usb_identity *identity, char *uuid, size_t size);
/* Whether that can be the pinned one ("": any can). A language that asks its device for a serial
 * which USB does not say compares that by itself. */
bool usb_is_pinned(const struct usb_identity *identity, const char *pinned);

/* What a language looks for at a device: the first interface that fits. A device without one is
 * ATTEND "usb-interface". */
struct usb_wish {
	int interface_class;    /* 7 printer, 3 HID; -1: any */
	int interface_protocol; /* -1: any */
	bool needs_in;          /* a bulk IN beside the bulk OUT */
};
