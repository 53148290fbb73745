/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the driver for printers of the USB class share. Included by usbprint*.c only.
 */
#pragma once
#include "drivers/usbprint_id.h"

struct usbprint {
	struct device *device;
	struct usb_line *line; /* NULL: not open */
	struct printer_id id;
	char uuid[65];
	bool unclean;                /* a document was begun and not ended */
	char taken[ATTEMPT_KEY_MAX]; /* the last attempt of which it has all… */
	int64_t taken_ms;            /* …since when */
	int64_t said_ms;             /* its health, last */
};

/* ---- usbprint.c ---- */
/* Its health as of now, over the line that is open, or a new one. */
must_use bool usbprint_look(
	struct usbprint *printer, struct device_status *status, struct err *err);
/* The same; the line of one that was unplugged and came back is a dead one, and left for another.
 */
bool usbprint_status(struct device *device, struct device_status *status, struct err *err);
void usbprint_witness_of(const struct usbprint *printer, struct witness *witness);
/* Makes it forget what it was sent and has not printed. */
must_use bool usbprint_forget(struct usbprint *printer, struct err *err);
/* Passes `fine` on; a line to what is gone is closed: the next call opens another. */
bool usbprint_keep(struct usbprint *printer, bool fine, const struct err *err);

/* ---- usbprint_send.c ---- */
bool usbprint_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err);

/* ---- usbprint_confirm.c ---- */
bool usbprint_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err);
