/* SPDX-License-Identifier: Apache-2.0
 *
 * Plugging in and out.
 */
#include "tests/rig/bus.h"
#include "base/buf.h"
#include "base/text.h"
#include "tests/rig/models.h"
#include "tests/rig/sysfs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool bus_open(struct bus *bus, struct err *err)
{
	bus->last_address = ROOT_ADDRESS;
	return uevents_open(&bus->uevents, err) && sysfs_begin(err);
}

void bus_close(struct bus *bus)
{
	for (int i = 1; i <= BUS_DEVICES; i++) {
		device_destroy(bus->devices[i]);
	}
	uevents_close(&bus->uevents);
}

struct device *bus_device(const struct bus *bus, int number, struct err *err)
{
	if (number < 1 || number > BUS_DEVICES || bus->devices[number] == NULL) {
		err_set(err, REMEDY_REJECT, "no-device", "there is no device %d: plug one in",
			number);
		return NULL;
	}
	return bus->devices[number];
}

struct device *bus_at(const struct bus *bus, int address)
{
	for (int i = 1; i <= BUS_DEVICES; i++) {
		struct device *device = bus->devices[i];
		if (device != NULL && device->is_plugged && device->address == address) {
			return device;
		}
	}
	return NULL;
}

static const struct device *at_port(const struct bus *bus, const char *port)
{
	for (int i = 1; i <= BUS_DEVICES; i++) {
		const struct device *device = bus->devices[i];
		if (device != NULL && device->is_plugged && strcmp(device->port, port) == 0) {
			return device;
		}
	}
	return NULL;
}

/* Upwards and around, as the kernel gives them out. */
static int new_address(struct bus *bus)
{
	do {
		bus->last_address = bus->last_address % BUS_ADDRESSES + 1;
	} while (bus->last_address == ROOT_ADDRESS || bus_at(bus, bus->last_address) != NULL);
	return bus->last_address;
}

static void bind_driver(struct device *device)
{
	const uint8_t *at = NULL;
	while (device->driver[0] != '\0' &&
		(at = descriptors_next_interface(&device->descriptors, at)) != NULL) {
		if (at[AT_INTERFACE_NUMBER] < INTERFACES_MAX) {
			device->bound |= UINT32_C(1) << at[AT_INTERFACE_NUMBER];
		}
	}
}

bool bus_plug(struct bus *bus, int number, int64_t now_ms, struct err *err)
{
	struct device *device = bus_device(bus, number, err);
	if (device == NULL) {
		return false;
	}
	if (device->is_plugged) {
		return err_set(
			err, REMEDY_REJECT, "plugged", "device %d is plugged in already", number);
	}
	if (at_port(bus, device->port) != NULL) {
		return err_set(err, REMEDY_REJECT, "port-taken",
			"port %s is taken: choose another one for device %d", device->port, number);
	}
	device_plug(device, new_address(bus), now_ms);
	bind_driver(device);
	if (!sysfs_add(device, err)) {
		return false;
	}
	uevents_came(&bus->uevents, device);
	return true;
}

static void unplug(struct bus *bus, struct device *device)
{
	device_unplug(device);
	bus->on_gone(bus->host, device);
	sysfs_remove(device);
	uevents_left(&bus->uevents, device);
}

bool bus_unplug(struct bus *bus, int number, struct err *err)
{
	struct device *device = bus_device(bus, number, err);
	if (device == NULL) {
		return false;
	}
	if (!device->is_plugged) {
		return err_set(
			err, REMEDY_REJECT, "unplugged", "device %d is not plugged in", number);
	}
	unplug(bus, device);
	return true;
}

bool bus_move(struct bus *bus, int number, const char *port, int64_t now_ms, struct err *err)
{
	struct device *device = bus_device(bus, number, err);
	int64_t at = 0;
	if (device == NULL) {
		return false;
	}
	if (strncmp(port, "1-", 2) != 0 || !text_to_int(port + 2, 1, BUS_PORTS, &at)) {
		return err_set(err, REMEDY_REJECT, "no-port",
			"\"%s\" is no port of this bus: 1-1 to 1-%d", port, BUS_PORTS);
	}
	bool was_plugged = device->is_plugged;
	if (was_plugged) {
		unplug(bus, device);
	}
	text_copy(device->port, sizeof device->port, port);
	return !was_plugged || bus_plug(bus, number, now_ms, err);
}

/* Takes "driver=NAME" out of the words. */
static void take_driver(const char *words, struct buf *rest, char *driver, size_t size)
{
	driver[0] = '\0';
	while (*words != '\0') {
		size_t n = strcspn(words, " ");
		if (strncmp(words, "driver=", 7) == 0) {
			snprintf(driver, size, "%.*s", (int)(n - 7), words + 7);
		} else if (n > 0) {
			buf_text(rest, rest->len > 0 ? " " : "");
			buf_add(rest, words, n);
		}
		words += n + strspn(words + n, " ");
	}
}

static struct device *make(const char *words, struct err *err)
{
	char name[DEVICE_DRIVER_MAX], driver[DEVICE_DRIVER_MAX];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(words, " "), words);
	const struct rig_model *model = models_find(name);
	if (model == NULL) {
		char names[200];
		err_set(err, REMEDY_REJECT, "no-model", "no model \"%s\": there are%s", name,
			models_names(names, sizeof names));
		return NULL;
	}
	struct buf arguments = {0};
	take_driver(words + strlen(name), &arguments, driver, sizeof driver);
	struct device *device = device_create(model, buf_get(&arguments));
	if (device == NULL) {
		err_set(err, REMEDY_REJECT, "no-model", "the model %s does not understand \"%s\"",
			name, buf_get(&arguments));
	} else {
		text_copy(device->driver, sizeof device->driver, driver);
	}
	buf_fini(&arguments);
	return device;
}

bool bus_make(struct bus *bus, int number, const char *words, int64_t now_ms, struct err *err)
{
	if (number < 1 || number > BUS_DEVICES) {
		return err_set(err, REMEDY_REJECT, "no-device", "devices are numbered 1 to %d",
			BUS_DEVICES);
	}
	struct device *device = make(words, err);
	if (device == NULL) {
		return false;
	}
	struct device *before = bus->devices[number];
	if (before != NULL && before->is_plugged) {
		unplug(bus, before);
	}
	device_destroy(before);
	snprintf(device->port, sizeof device->port, "1-%d", number);
	bus->devices[number] = device;
	return bus_plug(bus, number, now_ms, err);
}

void bus_turn(struct bus *bus, int64_t now_ms)
{
	for (int i = 1; i <= BUS_DEVICES; i++) {
		struct device *device = bus->devices[i];
		if (device == NULL) {
			continue;
		}
		device_turn(device, now_ms);
		if (device->is_plugged && device->has_left) {
			unplug(bus, device);
		}
	}
}

bool bus_is_busy(const struct bus *bus)
{
	for (int i = 1; i <= BUS_DEVICES; i++) {
		if (bus->devices[i] != NULL && !list_is_empty(&bus->devices[i]->waiting)) {
			return true;
		}
	}
	return false;
}
