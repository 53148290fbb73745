/* SPDX-License-Identifier: Apache-2.0
 *
 * The line to the printer's USB device. Whether it is the right one is judged by what the device
 * itself says, since the daemon only knows what the kernel has read, or nothing.
 */
#include "worker/device_usb.h"
#include "base/fd.h"
#include <string.h>

void device_usb_open(struct device_usb *usb, const char *uri, usb_ask_call *ask)
{
	*usb = (struct device_usb){.ask = ask};
	if (usb_address_from(uri, &usb->address, &usb->unfit)) {
		usb->bus = usb_bus_open(&usb->unfit);
	}
}

void device_usb_close(struct device_usb *usb)
{
	usb_bus_close(usb->bus);
	usb->bus = NULL;
}

static bool is_right(struct device_usb *usb, const struct device *device,
	const struct usb_identity *identity, struct err *err)
{
	const char *wanted = usb->address.serial;
	const char *pinned = device->uuid[0] != '\0' ? device->uuid : usb->met;
	if (wanted[0] != '\0' && identity->serial[0] == '\0') {
		return err_set(err, REMEDY_ATTEND, "usb-serial",
			"printer %s: the device at USB port %s says no serial: switch that on at "
			"the printer, or bind it by its port: uri = \"usb://%04x:%04x/?port=%s\"",
			device->printer, identity->port, identity->vendor, identity->product,
			identity->port);
	}
	if ((wanted[0] == '\0' || usb_serial_is(identity->serial, wanted)) &&
		usb_is_pinned(identity, pinned)) {
		usb_uuid(identity, usb->met, sizeof usb->met);
		return true;
	}
	return err_set(err, REMEDY_ATTEND, "usb-serial",
		"printer %s: another one is plugged in at USB port %s (serial %.64s, expected "
		"%.64s); nothing was sent. If it was exchanged on purpose, enter the new serial",
		device->printer, identity->port, identity->serial,
		wanted[0] == '\0' ? pinned : wanted);
}

/* Who has it, only the daemon can see. */
static void ask_who(
	struct device_usb *usb, const struct device *device, int interface, struct err *err)
{
	char port[USB_PORT_MAX];
	struct err who;
	int fd = usb->ask(device->host, json_pack("{s:i}", "taken", interface), port, &who);
	fd_close(fd);
	if (fd < 0) {
		*err = who;
	}
}

struct usb_line *device_usb_line(struct device_usb *usb, const struct device *device,
	const struct usb_wish *wish, struct err *err)
{
	if (usb->bus == NULL) {
		*err = usb->unfit;
		return NULL;
	}
	struct usb_node node = {.port = usb->port,
		.printer = device->printer,
		.must_stop = device->must_stop,
		.host = device->host};
	node.fd = usb->ask(device->host, json_object(), usb->port, err);
	if (node.fd < 0) {
		return NULL;
	}
	int taken;
	struct usb_line *line = usb_line_open(usb->bus, &node, wish, &taken, err);
	if (line == NULL && taken != USB_NOT_TAKEN) {
		ask_who(usb, device, taken, err);
	}
	if (line != NULL && !is_right(usb, device, &line->identity, err)) {
		line->close(line);
		return NULL;
	}
	return line;
}
