/* SPDX-License-Identifier: Apache-2.0
 *
 * A line to a USB device over libusb, on a node that somebody else has opened: nothing is looked
 * for and no path is opened here. One thread.
 */
#pragma once
#include "drivers/driver.h"

struct usb_bus; /* libusb, and what it keeps open */

/* Before the cage is shut. NULL and ATTEND "usb-library". */
struct usb_bus *usb_bus_open(struct err *err);
void usb_bus_close(struct usb_bus *bus); /* after its lines; NULL is none */

struct usb_node {
	int fd;              /* owned by usb_line_open, also when it fails */
	const char *port;    /* "1-2.4" */
	const char *printer; /* for texts */
	bool (*must_stop)(void *host);
	void *host;
};

#define USB_NOT_TAKEN (-1)

/* Reads who the device is, picks the interface and claims it. A driver of the kernel is not sent
 * away: somebody may be printing through it. NULL and err as struct device's `usb`; for "usb-taken"
 * with the interface's number in *taken. `node`'s texts and host must outlive the line. */
struct usb_line *usb_line_open(struct usb_bus *bus, const struct usb_node *node,
	const struct usb_wish *wish, int *taken, struct err *err);
