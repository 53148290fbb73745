/* SPDX-License-Identifier: Apache-2.0
 *
 * The frame: "libudev", a magic number, where the properties stand, and hashes of subsystem and
 * type by which listeners filter in the kernel; then the properties, NUL after each. Numbers that a
 * filter looks at are big endian.
 */
#include "tests/rig/uevent.h"
#include "base/fd.h"
#include "tests/rig/sysfs.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UDEV_GROUP    2
#define UDEV_MAGIC    UINT32_C(0xFEEDCAFE)
#define USB_MAJOR     189
#define SEQUENCE_FROM 1000

struct frame {
	char prefix[8];
	uint32_t magic, header_size, properties_at, properties_size;
	uint32_t subsystem_hash, type_hash, tags_high, tags_low;
};

bool uevents_open(struct uevents *uevents, struct err *err)
{
	uevents->sequence = SEQUENCE_FROM;
	uevents->socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	return uevents->socket >= 0 ||
	       err_set(err, REMEDY_FATAL, "uevents", "no socket for uevents: %s", strerror(errno));
}

/* MurmurHash2 (Austin Appleby, public domain) of a text, with seed 0. */
static uint32_t hash_text(const char *text)
{
	const uint32_t factor = UINT32_C(0x5BD1E995);
	uint32_t n = (uint32_t)strlen(text), hash = n, four = 0;
	for (; n >= 4; n -= 4, text += 4) {
		memcpy(&four, text, 4);
		four *= factor;
		four ^= four >> 24;
		hash = (hash * factor) ^ (four * factor);
	}
	four = 0;
	memcpy(&four, text, n);
	if (n > 0) {
		hash = (hash ^ four) * factor;
	}
	hash = (hash ^ hash >> 13) * factor;
	return hash ^ hash >> 15;
}

static formats(3, 4) void property(struct buf *to, char end, const char *format, ...)
{
	char text[300];
	va_list words;
	va_start(words, format);
	vsnprintf(text, sizeof text, format, words);
	va_end(words);
	buf_text(to, text);
	buf_add(to, &end, 1);
}

static void product(struct buf *to, const struct rig_descriptors *descriptors, char end)
{
	const uint8_t *device = descriptors->device;
	property(to, end, "PRODUCT=%x/%x/%x", descriptors_number(device + AT_DEVICE_VENDOR),
		descriptors_number(device + AT_DEVICE_PRODUCT),
		descriptors_number(device + AT_DEVICE_RELEASE));
	property(to, end, "TYPE=%d/%d/%d", device[AT_DEVICE_CLASS], device[AT_DEVICE_SUBCLASS],
		device[AT_DEVICE_PROTOCOL]);
}

void uevent_of_address(
	struct buf *to, const struct rig_descriptors *descriptors, int address, char end)
{
	property(to, end, "MAJOR=%d", USB_MAJOR);
	property(to, end, "MINOR=%d", address - 1);
	/* sysfs leaves out what udevd puts before it */
	property(to, end, "DEVNAME=%sbus/usb/001/%03d", end == '\0' ? "/dev/" : "", address);
	property(to, end, "DEVTYPE=usb_device");
	property(to, end, "DRIVER=usb");
	product(to, descriptors, end);
	property(to, end, "BUSNUM=001");
	property(to, end, "DEVNUM=%03d", address);
}

void uevent_of_interface(
	struct buf *to, const struct rig_descriptors *descriptors, const uint8_t *at, char end)
{
	const uint8_t *device = descriptors->device;
	property(to, end, "DEVTYPE=usb_interface");
	product(to, descriptors, end);
	property(to, end, "INTERFACE=%d/%d/%d", at[AT_INTERFACE_CLASS], at[AT_INTERFACE_SUBCLASS],
		at[AT_INTERFACE_PROTOCOL]);
	property(to, end,
		"MODALIAS=usb:v%04Xp%04Xd%04Xdc%02Xdsc%02Xdp%02Xic%02Xisc%02Xip%02Xin%02X",
		descriptors_number(device + AT_DEVICE_VENDOR),
		descriptors_number(device + AT_DEVICE_PRODUCT),
		descriptors_number(device + AT_DEVICE_RELEASE), device[AT_DEVICE_CLASS],
		device[AT_DEVICE_SUBCLASS], device[AT_DEVICE_PROTOCOL], at[AT_INTERFACE_CLASS],
		at[AT_INTERFACE_SUBCLASS], at[AT_INTERFACE_PROTOCOL], at[AT_INTERFACE_NUMBER]);
}

static void send_frame(
	const struct uevents *uevents, const char *type, const struct buf *properties)
{
	struct frame frame = {.prefix = "libudev",
		.magic = htonl(UDEV_MAGIC),
		.header_size = sizeof frame,
		.properties_at = sizeof frame,
		.properties_size = (uint32_t)properties->len,
		.subsystem_hash = htonl(hash_text("usb")),
		.type_hash = htonl(hash_text(type))};
	struct buf message = {0};
	buf_add(&message, &frame, sizeof frame);
	buf_add(&message, properties->bytes, properties->len);
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_groups = UDEV_GROUP};
	/* nobody listens, or is too slow to: that is theirs, as on a real machine */
	(void)!sendto(uevents->socket, message.bytes, message.len, MSG_DONTWAIT,
		(struct sockaddr *)&to, sizeof to);
	buf_fini(&message);
}

static void begin(struct uevents *uevents, struct buf *to, const char *action)
{
	uevents->sequence++;
	property(to, '\0', "ACTION=%s", action);
	property(to, '\0', "SUBSYSTEM=usb");
	property(to, '\0', "SEQNUM=%" PRIu64, uevents->sequence);
	property(to, '\0', "USEC_INITIALIZED=%" PRIu64, uevents->sequence);
}

static void tell_device(struct uevents *uevents, const char *action, const struct device *device)
{
	struct buf properties = {0};
	begin(uevents, &properties, action);
	property(&properties, '\0', "DEVPATH=%s/%s", SYSFS_DEVPATH, device->port);
	uevent_of_address(&properties, &device->descriptors, device->address, '\0');
	send_frame(uevents, "usb_device", &properties);
	buf_fini(&properties);
}

static void tell_interfaces(
	struct uevents *uevents, const char *action, const struct device *device)
{
	const uint8_t *at = NULL;
	while ((at = descriptors_next_interface(&device->descriptors, at)) != NULL) {
		if (at[AT_INTERFACE_ALTERNATE] != 0) {
			continue;
		}
		struct buf properties = {0};
		begin(uevents, &properties, action);
		property(&properties, '\0', "DEVPATH=%s/%s/%s:%d.%d", SYSFS_DEVPATH, device->port,
			device->port, device->descriptors.configuration[AT_CONFIGURATION_VALUE],
			at[AT_INTERFACE_NUMBER]);
		uevent_of_interface(&properties, &device->descriptors, at, '\0');
		send_frame(uevents, "usb_interface", &properties);
		buf_fini(&properties);
	}
}

void uevents_came(struct uevents *uevents, const struct device *device)
{
	tell_device(uevents, "add", device);
	tell_interfaces(uevents, "add", device);
	tell_device(uevents, "bind", device);
}

void uevents_left(struct uevents *uevents, const struct device *device)
{
	tell_interfaces(uevents, "remove", device);
	tell_device(uevents, "unbind", device);
	tell_device(uevents, "remove", device);
}

void uevents_close(struct uevents *uevents)
{
	fd_close(uevents->socket);
}
