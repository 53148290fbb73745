/* SPDX-License-Identifier: Apache-2.0
 *
 * Uevents as udevd passes them on: netlink messages in libudev's own frame, which need no udevd.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "tests/rig/device.h"

struct uevents {
	int socket;
	uint64_t sequence;
};

must_use bool uevents_open(struct uevents *uevents, struct err *err);
void uevents_close(struct uevents *uevents);
/* Of the device and each of its interfaces. */
void uevents_came(struct uevents *uevents, const struct device *device);
void uevents_left(struct uevents *uevents, const struct device *device);
/* The properties that uevents and sysfs have in common; each ends with NUL or '\n'. */
void uevent_of_address(
	struct buf *to, const struct rig_descriptors *descriptors, int address, char end);
void uevent_of_interface(
	struct buf *to, const struct rig_descriptors *descriptors, const uint8_t *at, char end);
