/* SPDX-License-Identifier: Apache-2.0
 *
 * Folders of devices and interfaces. A file that can't be written is told once, by the first
 * failure of a folder.
 */
#include "tests/rig/sysfs.h"
#include "base/buf.h"
#include "base/fd.h"
#include "tests/rig/bus.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSFS_DRIVERS "/sys/bus/usb/drivers"
#define NAME_MAX_HERE 64

struct folder {
	char path[200];
	int error; /* errno of the first file that failed; 0 */
};

static struct folder make_folder(const char *path)
{
	struct folder folder = {.error = 0};
	snprintf(folder.path, sizeof folder.path, "%s", path);
	for (char *at = strchr(folder.path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(folder.path, 0755);
		*at = '/';
	}
	folder.error = mkdir(folder.path, 0755) != 0 && errno != EEXIST ? errno : 0;
	return folder;
}

static void put(struct folder *folder, const char *name, const void *bytes, size_t n)
{
	char path[sizeof folder->path + NAME_MAX_HERE];
	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if ((fd < 0 || !fd_write(fd, bytes, n)) && folder->error == 0) {
		folder->error = errno;
	}
	fd_close(fd);
}

static formats(3, 4) void say(struct folder *folder, const char *name, const char *format, ...)
{
	char text[300];
	va_list words;
	va_start(words, format);
	int n = vsnprintf(text, sizeof text - 1, format, words);
	va_end(words);
	n = n < (int)sizeof text - 1 ? n : (int)sizeof text - 2;
	text[n++] = '\n';
	put(folder, name, text, (size_t)n);
}

static void point(struct folder *folder, const char *name, const char *target)
{
	char path[sizeof folder->path + NAME_MAX_HERE];
	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	if (symlink(target, path) != 0 && folder->error == 0) {
		folder->error = errno;
	}
}

static bool is_made(const struct folder *folder, struct err *err)
{
	return folder->error == 0 || err_set(err, REMEDY_FATAL, "sysfs", "%s can't be made: %s",
					     folder->path, strerror(folder->error));
}

/* ---- the folder of a device ---- */

static void say_strings(struct folder *folder, const struct rig_descriptors *descriptors)
{
	static const struct {
		const char *name;
		size_t at;
	} strings[] = {{"manufacturer", AT_DEVICE_MANUFACTURER_STRING},
		{"product", AT_DEVICE_PRODUCT_STRING}, {"serial", AT_DEVICE_SERIAL_STRING}};
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		const char *text =
			descriptors_string(descriptors, descriptors->device[strings[i].at]);
		if (text != NULL) {
			say(folder, strings[i].name, "%s", text);
		}
	}
}

static void say_device(struct folder *folder, const struct rig_descriptors *own, int address)
{
	const uint8_t *device = own->device, *set = own->configuration;
	struct buf all = {0};
	buf_add(&all, device, sizeof own->device);
	buf_add(&all, set, own->n_configuration);
	put(folder, "descriptors", all.bytes, all.len);
	buf_fini(&all);
	say(folder, "busnum", "1");
	say(folder, "devnum", "%d", address);
	say(folder, "speed", "480");
	say(folder, "version", " %x.%02x", device[3], device[2]);
	say(folder, "maxchild", "%d", device[AT_DEVICE_CLASS] == 9 ? BUS_PORTS : 0);
	say(folder, "bConfigurationValue", "%d", set[AT_CONFIGURATION_VALUE]);
	say(folder, "bNumConfigurations", "%d", device[17]);
	say(folder, "bNumInterfaces", "%2d", set[AT_CONFIGURATION_INTERFACES]);
	say(folder, "bmAttributes", "%02x", set[AT_CONFIGURATION_ATTRIBUTES]);
	say(folder, "bMaxPower", "%dmA", 2 * set[AT_CONFIGURATION_POWER]);
	say(folder, "idVendor", "%04x", descriptors_number(device + AT_DEVICE_VENDOR));
	say(folder, "idProduct", "%04x", descriptors_number(device + AT_DEVICE_PRODUCT));
	say(folder, "bcdDevice", "%04x", descriptors_number(device + AT_DEVICE_RELEASE));
	say(folder, "bDeviceClass", "%02x", device[AT_DEVICE_CLASS]);
	say(folder, "bDeviceSubClass", "%02x", device[AT_DEVICE_SUBCLASS]);
	say(folder, "bDeviceProtocol", "%02x", device[AT_DEVICE_PROTOCOL]);
	say(folder, "bMaxPacketSize0", "%d", device[AT_DEVICE_PACKET]);
	say_strings(folder, own);
	point(folder, "subsystem", "/sys/bus/usb");
}

/* Links in the bus's folder; the driver's, beside them. */
static void list_on_bus(const struct folder *folder, const char *name)
{
	struct folder bus = {SYSFS_BUS, 0};
	point(&bus, name, folder->path);
}

bool sysfs_begin(struct err *err)
{
	static const uint8_t set[] = {
		9, 2, 25, 0, 1, 1, 0, 0xE0, 0, 9, 4, 0, 0, 1, 9, 0, 0, 0, 7, 5, 0x81, 3, 4, 0, 12};
	static const struct rig_descriptors hub = {
		.device = {18, 1, 0, 2, 9, 0, 1, 64, 0x6B, 0x1D, 2, 0, 1, 6, 0, 0, 0, 1},
		.configuration = set,
		.n_configuration = sizeof set};
	struct folder devices = make_folder(SYSFS_BUS), drivers = make_folder(SYSFS_DRIVERS);
	struct folder folder = make_folder(SYSFS_HUB);
	say_device(&folder, &hub, ROOT_ADDRESS);
	say(&folder, "devpath", "0");
	struct buf properties = {0};
	uevent_of_address(&properties, &hub, ROOT_ADDRESS, '\n');
	put(&folder, "uevent", buf_get(&properties), properties.len);
	buf_fini(&properties);
	list_on_bus(&folder, "usb1");
	return is_made(&devices, err) && is_made(&drivers, err) && is_made(&folder, err);
}

/* ---- the folder of an interface ---- */

static void interface_name(const struct device *device, int number, char *name, size_t size)
{
	snprintf(name, size, "%s:%d.%d", device->port,
		device->descriptors.configuration[AT_CONFIGURATION_VALUE], number);
}

static struct folder interface_folder(const struct device *device, int number)
{
	char name[NAME_MAX_HERE];
	struct folder folder = {.error = 0};
	interface_name(device, number, name, sizeof name);
	snprintf(folder.path, sizeof folder.path, "%s/%s/%s", SYSFS_HUB, device->port, name);
	return folder;
}

static void say_interface(struct folder *folder, const struct device *device, const uint8_t *at)
{
	say(folder, "bInterfaceNumber", "%02x", at[AT_INTERFACE_NUMBER]);
	say(folder, "bAlternateSetting", "%2d", at[AT_INTERFACE_ALTERNATE]);
	say(folder, "bNumEndpoints", "%02x", at[AT_INTERFACE_ENDPOINTS]);
	say(folder, "bInterfaceClass", "%02x", at[AT_INTERFACE_CLASS]);
	say(folder, "bInterfaceSubClass", "%02x", at[AT_INTERFACE_SUBCLASS]);
	say(folder, "bInterfaceProtocol", "%02x", at[AT_INTERFACE_PROTOCOL]);
	struct buf properties = {0};
	uevent_of_interface(&properties, &device->descriptors, at, '\n');
	put(folder, "uevent", buf_get(&properties), properties.len);
	buf_fini(&properties);
	point(folder, "subsystem", "/sys/bus/usb");
}

static bool add_interface(const struct device *device, const uint8_t *at, struct err *err)
{
	int number = at[AT_INTERFACE_NUMBER];
	char name[NAME_MAX_HERE];
	struct folder folder = make_folder(interface_folder(device, number).path);
	say_interface(&folder, device, at);
	interface_name(device, number, name, sizeof name);
	list_on_bus(&folder, name);
	if ((device->bound & UINT32_C(1) << number) != 0) {
		sysfs_set_driver(device, number, device->driver);
	}
	return is_made(&folder, err);
}

void sysfs_set_driver(const struct device *device, int interface, const char *driver)
{
	struct folder folder = interface_folder(device, interface);
	char link[sizeof folder.path + NAME_MAX_HERE], target[NAME_MAX_HERE];
	snprintf(link, sizeof link, "%s/driver", folder.path);
	unlink(link);
	if (driver != NULL) {
		snprintf(target, sizeof target, SYSFS_DRIVERS "/%s", driver);
		mkdir(target, 0755);
		point(&folder, "driver", target);
	}
}

/* ---- in and out ---- */

bool sysfs_add(const struct device *device, struct err *err)
{
	char path[120];
	snprintf(path, sizeof path, SYSFS_HUB "/%s", device->port);
	struct folder folder = make_folder(path);
	say_device(&folder, &device->descriptors, device->address);
	say(&folder, "devpath", "%s", device->port + 2);
	struct buf properties = {0};
	uevent_of_address(&properties, &device->descriptors, device->address, '\n');
	put(&folder, "uevent", buf_get(&properties), properties.len);
	buf_fini(&properties);
	bool fine = is_made(&folder, err);
	const uint8_t *at = NULL;
	while (fine && (at = descriptors_next_interface(&device->descriptors, at)) != NULL) {
		/* the settings beside the first are not shown until one is chosen */
		fine = at[AT_INTERFACE_ALTERNATE] != 0 || add_interface(device, at, err);
	}
	/* last, for it is what a scan of the bus finds */
	list_on_bus(&folder, device->port);
	return fine;
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *where)
{
	(void)stat;
	(void)type;
	(void)where;
	remove(path);
	return 0;
}

void sysfs_remove(const struct device *device)
{
	char path[120], name[NAME_MAX_HERE];
	const uint8_t *at = NULL;
	snprintf(path, sizeof path, SYSFS_BUS "/%s", device->port);
	unlink(path);
	while ((at = descriptors_next_interface(&device->descriptors, at)) != NULL) {
		interface_name(device, at[AT_INTERFACE_NUMBER], name, sizeof name);
		snprintf(path, sizeof path, SYSFS_BUS "/%s", name);
		unlink(path);
	}
	snprintf(path, sizeof path, SYSFS_HUB "/%s", device->port);
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
