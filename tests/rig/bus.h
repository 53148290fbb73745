/* SPDX-License-Identifier: Apache-2.0
 *
 * One bus with a root hub and its ports: what is plugged in where. Devices keep their number, their
 * memory and their serial when they are unplugged; each plugging-in has a new address, as on a real
 * bus. sysfs and the uevents follow.
 */
#pragma once
#include "base/err.h"
#include "tests/rig/device.h"
#include "tests/rig/uevent.h"

#define BUS_DEVICES   15 /* numbered from 1; device N is at port 1-N unless told otherwise */
#define BUS_PORTS     15
#define BUS_ADDRESSES 127
#define ROOT_ADDRESS  1

struct bus {
	struct device *devices[BUS_DEVICES + 1];
	int last_address;
	struct uevents uevents;
	/* A device was unplugged and its transfers have ended: who has it open must know. */
	void (*on_gone)(void *host, const struct device *device);
	void *host;
};

must_use bool bus_open(struct bus *bus, struct err *err);
void bus_close(struct bus *bus);
/* A new device N: "MODEL ARGUMENTS", of which "driver=NAME" is the bus's own: that kernel driver
 * has its interfaces. Whatever was N before is unplugged and forgotten. */
must_use bool bus_make(
	struct bus *bus, int number, const char *words, int64_t now_ms, struct err *err);
must_use bool bus_plug(struct bus *bus, int number, int64_t now_ms, struct err *err);
must_use bool bus_unplug(struct bus *bus, int number, struct err *err);
/* To another port, by way of the air when it is plugged in. */
must_use bool bus_move(
	struct bus *bus, int number, const char *port, int64_t now_ms, struct err *err);
/* NULL, and a sentence, when there is none of that number. */
struct device *bus_device(const struct bus *bus, int number, struct err *err);
struct device *bus_at(const struct bus *bus, int address); /* plugged in; else NULL */
/* Time has passed: devices go on, and those that have left are unplugged. */
void bus_turn(struct bus *bus, int64_t now_ms);
bool bus_is_busy(const struct bus *bus); /* something waits for a device */
