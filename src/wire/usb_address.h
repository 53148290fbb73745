/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a USB printer is, as the configuration says it: what it is, and which one of those.
 *
 *   usb://VVVV:PPPP/SERIAL         the one that says this serial (%XX for what may not stand there)
 *   usb://VVVV:PPPP/?port=1-2.4    the one that hangs there, as the kernel names bus and hubs
 */
#pragma once
#include "base/err.h"
#include <stdint.h>

#define USB_SERIAL_MAX 65
#define USB_PORT_MAX   32

struct usb_address { /* either serial or port is "" */
	uint16_t vendor, product;
	char serial[USB_SERIAL_MAX];
	char port[USB_PORT_MAX];
};

bool usb_address_is(const char *uri); /* by its scheme alone */
/* REJECT "usb-address": a half sentence on what it must be, for whoever names the printer. */
must_use bool usb_address_from(const char *uri, struct usb_address *address, struct err *err);
/* "1-2.4": a bus, and the ports on the way through hubs. */
bool usb_port_is(const char *text);
/* Serials are the same; blanks at the ends count for nothing, since some devices fill up with
 * them. */
bool usb_serial_is(const char *serial, const char *other);
