/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of usb_line.c where platen was built without USB: says so.
 */
#include "drivers/usb_line.h"
#include "base/fd.h"
#include <stddef.h>

static bool is_missing(struct err *err)
{
	return err_set(err, REMEDY_ATTEND, "usb-library",
		"platen was built without USB (configure --without-usb)");
}

struct usb_bus *usb_bus_open(struct err *err)
{
	is_missing(err);
	return NULL;
}

void usb_bus_close(struct usb_bus *bus)
{
	(void)bus;
}

struct usb_line *usb_line_open(struct usb_bus *bus, const struct usb_node *node,
	const struct usb_wish *wish, int *taken, struct err *err)
{
	(void)bus;
	(void)wish;
	*taken = USB_NOT_TAKEN;
	fd_close(node->fd);
	is_missing(err);
	return NULL;
}
