/* SPDX-License-Identifier: Apache-2.0
 *
 * What sysfs says of the bus: folders and links in a tmpfs (space.c), as the kernel would show
 * them.
 */
#pragma once
#include "base/err.h"
#include "tests/rig/device.h"

#define SYSFS_BUS     "/sys/bus/usb/devices"
#define SYSFS_HUB     "/sys/devices/platform/usbrig/usb1"
#define SYSFS_DEVPATH (SYSFS_HUB + sizeof "/sys" - 1) /* as uevents say it */

must_use bool sysfs_begin(struct err *err); /* the bus and its root hub */
must_use bool sysfs_add(const struct device *device, struct err *err);
void sysfs_remove(const struct device *device);
/* Which driver has that interface: the link that says so; NULL for none. */
void sysfs_set_driver(const struct device *device, int interface, const char *driver);
