/* SPDX-License-Identifier: Apache-2.0
 *
 * Which USB device is a printer's, as the kernel's folders say it, and its node, opened; whoever
 * has an interface of it. No library: the daemon links none for USB.
 */
#pragma once
#include "wire/usb_address.h"

struct usb_roots { /* where the kernel's folders are; a test has its own */
	const char *devices, *nodes, *processes;
};
/* /sys/bus/usb/devices, /dev/bus/usb, /proc */
extern const struct usb_roots usb_machine;

struct usb_found {
	char port[USB_PORT_MAX];
	char serial[USB_SERIAL_MAX]; /* "" where the kernel knows none */
	uint16_t vendor, product;
	int32_t bus, number; /* of this plugging-in */
};

/* The one device that the address names. RETRY "printer-absent": not plugged in. ATTEND
 * "usb-serial": serials are equal; "usb-other": another kind of device is at its port. A device
 * whose serial the kernel does not know is found where it is the only one that can be meant: the
 * worker asks it. */
must_use bool usb_find(const struct usb_roots *roots, const struct usb_address *address,
	const char *printer, struct usb_found *found, struct err *err);
/* A descriptor that is the caller's; -1 and RETRY "printer-absent" or ATTEND "usb-permission". */
int usb_node_open(const struct usb_roots *roots, const struct usb_found *found,
	const char *printer, struct err *err);
/* Always false, with ATTEND "usb-taken": who has that interface of it, and what frees it.
 * `own_worker` is no culprit. */
bool usb_taken(const struct usb_roots *roots, const struct usb_found *found, int32_t interface,
	int own_worker, const char *printer, struct err *err);
