/* SPDX-License-Identifier: Apache-2.0
 *
 * A device worker's way to its printer's USB device: the daemon finds and opens it, the line is
 * made here.
 */
#pragma once
#include "drivers/usb_line.h"
#include "wire/json.h"
#include "wire/usb_address.h"

/* Asks the daemon with a CONNECT: a descriptor and the device's port; -1 and err. `body` is taken.
 */
typedef int usb_ask_call(void *host, json_t *body, char port[USB_PORT_MAX], struct err *err);

struct device_usb {
	struct usb_bus *bus; /* NULL: not opened, or not possible: `unfit` says why */
	struct err unfit;
	struct usb_address address;
	char port[USB_PORT_MAX]; /* of the line that is open */
	char met[65];            /* who was met first, where nobody is pinned; "" */
	usb_ask_call *ask;
};

/* Before the cage is shut, for a printer at usb:. */
void device_usb_open(struct device_usb *usb, const char *uri, usb_ask_call *ask);
void device_usb_close(struct device_usb *usb);
/* As struct device's `usb`, for that device. */
struct usb_line *device_usb_line(struct device_usb *usb, const struct device *device,
	const struct usb_wish *wish, struct err *err);
