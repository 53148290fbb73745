/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose an interface is: one open file's, the kernel driver's, or nobody's. As drivers/usb/core of
 * the kernel decides it, requests to an unclaimed interface claim it; vendor requests and the
 * printer class's GET_DEVICE_ID need no claim.
 */
#include "tests/rig/sysfs.h"
#include "tests/rig/usbfs.h"
#include <errno.h>
#include <linux/usb/ch9.h>
#include <string.h>

#define CLASS_IN_INTERFACE 0xA1
#define GET_DEVICE_ID      0

static uint32_t bit_of(unsigned interface)
{
	return UINT32_C(1) << interface;
}

static const struct open_file *owner(const struct open_file *file, unsigned interface)
{
	list_each(at, &file->usbfs->files)
	{
		const struct open_file *other = list_entry(at, struct open_file, link);
		if (other->device == file->device && !other->is_gone &&
			(other->claimed & bit_of(interface)) != 0) {
			return other;
		}
	}
	return NULL;
}

const char *claims_driver(const struct open_file *file, unsigned interface)
{
	if (owner(file, interface) != NULL) {
		return "usbfs";
	}
	return (file->device->bound & bit_of(interface)) != 0 ? file->device->driver : NULL;
}

int claims_take(struct open_file *file, unsigned interface)
{
	if (interface >= INTERFACES_MAX) {
		return -EINVAL;
	}
	if ((file->claimed & bit_of(interface)) != 0) {
		return 0;
	}
	if (descriptors_interface(&file->device->descriptors, (int)interface, -1) == NULL) {
		return -ENOENT;
	}
	if (claims_driver(file, interface) != NULL) {
		return -EBUSY;
	}
	file->claimed |= bit_of(interface);
	sysfs_set_driver(file->device, (int)interface, "usbfs");
	return 0;
}

int claims_release(struct open_file *file, unsigned interface)
{
	if (interface >= INTERFACES_MAX || (file->claimed & bit_of(interface)) == 0) {
		return -EINVAL;
	}
	file->claimed &= ~bit_of(interface);
	sysfs_set_driver(file->device, (int)interface, NULL);
	return 0;
}

void claims_release_all(struct open_file *file)
{
	for (unsigned i = 0; i < INTERFACES_MAX && !file->is_gone; i++) {
		claims_release(file, i);
	}
}

int claims_disconnect(struct open_file *file, unsigned interface)
{
	if ((file->device->bound & bit_of(interface)) == 0) {
		return -ENODATA;
	}
	file->device->bound &= ~bit_of(interface);
	sysfs_set_driver(file->device, (int)interface, NULL);
	return 0;
}

int claims_connect(struct open_file *file, unsigned interface)
{
	if (claims_driver(file, interface) != NULL) {
		return -EBUSY;
	}
	if (file->device->driver[0] == '\0') {
		return 0; /* no driver took it */
	}
	file->device->bound |= bit_of(interface);
	sysfs_set_driver(file->device, (int)interface, file->device->driver);
	return 1;
}

int claims_check_endpoint(struct open_file *file, uint8_t endpoint)
{
	int interface = 0;
	if ((endpoint & ~(USB_DIR_IN | 15)) != 0) {
		return -EINVAL;
	}
	if (descriptors_endpoint(&file->device->descriptors, endpoint, &interface) == NULL) {
		return -ENOENT;
	}
	return claims_take(file, (unsigned)interface);
}

static bool asks_device_id(const struct open_file *file, const uint8_t *setup)
{
	const uint8_t *interface =
		descriptors_interface(&file->device->descriptors, setup[5], setup[4]);
	return setup[0] == CLASS_IN_INTERFACE && setup[1] == GET_DEVICE_ID && interface != NULL &&
	       interface[AT_INTERFACE_CLASS] == USB_CLASS_PRINTER;
}

int claims_check_control(struct open_file *file, const uint8_t setup[8])
{
	uint8_t index = setup[4];
	if ((setup[0] & USB_TYPE_MASK) == USB_TYPE_VENDOR || asks_device_id(file, setup)) {
		return 0;
	}
	switch (setup[0] & USB_RECIP_MASK) {
	case USB_RECIP_INTERFACE:
		return claims_take(file, index);
	case USB_RECIP_ENDPOINT:
		return (index & ~USB_DIR_IN) == 0 ? 0 : claims_check_endpoint(file, index);
	default:
		return 0;
	}
}
