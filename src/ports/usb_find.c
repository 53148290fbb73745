/* SPDX-License-Identifier: Apache-2.0
 *
 * Which device is a printer's.
 *
 *  1. The folder of devices is listed; of each, its ids, serial, bus and number are read.
 *  2. Those of the wanted kind are held against the serial or the port of the address.
 *  3. The node of the one that is left is opened, for the worker.
 *
 * Ways it fails: none is left (not plugged in), more than one is left (equal serials, or none), the
 * node may not be opened (rights, or a service without it).
 */
#include "ports/usb_find.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICES_MAX       256
#define PATH_LEN_MAX      512
#define ENTRY_BYTES_MAX   65536
#define DESCRIPTOR_BYTES  18
#define DESCRIPTOR_VENDOR 8

const struct usb_roots usb_machine = {"/sys/bus/usb/devices", "/dev/bus/usb", "/proc"};

struct devices { /* of one kind */
	struct usb_found list[DEVICES_MAX];
	int n;
};

/* ---- what the kernel says of a device ---- */

static bool read_entry(
	const struct usb_roots *roots, const char *port, const char *entry, struct buf *bytes)
{
	char path[PATH_LEN_MAX];
	struct err err;
	bytes->len = 0;
	return snprintf(path, sizeof path, "%s/%s/%s", roots->devices, port, entry) <
		       (int)sizeof path &&
	       file_read(path, ENTRY_BYTES_MAX, bytes, &err);
}

/* The entry's line without its end; "" when there is none, or no text. */
static void read_line(
	const struct usb_roots *roots, const char *port, const char *entry, char *out, size_t size)
{
	struct buf bytes = {0};
	out[0] = '\0';
	if (read_entry(roots, port, entry, &bytes)) {
		size_t len = bytes.len;
		while (len > 0 && bytes.bytes[len - 1] == '\n') {
			len--;
		}
		if (len < size && text_is_utf8(bytes.bytes, len)) {
			memcpy(out, bytes.bytes, len);
			out[len] = '\0';
		}
	}
	buf_fini(&bytes);
}

static bool read_id(
	const struct usb_roots *roots, const char *port, const char *entry, uint16_t *id)
{
	char line[16];
	read_line(roots, port, entry, line, sizeof line);
	if (strlen(line) != 4 || strspn(line, "0123456789abcdefABCDEF") != 4) {
		return false;
	}
	*id = (uint16_t)strtoul(line, NULL, 16);
	return true;
}

static bool read_number(
	const struct usb_roots *roots, const char *port, const char *entry, int32_t *number)
{
	char line[16];
	int64_t value;
	read_line(roots, port, entry, line, sizeof line);
	if (!text_to_int(line, 1, 999, &value)) {
		return false;
	}
	*number = (int32_t)value;
	return true;
}

/* The ids as the device itself sends them (USB 2.0, table 9-8). */
static bool read_descriptor(
	const struct usb_roots *roots, const char *port, struct usb_found *found)
{
	struct buf bytes = {0};
	bool fine = read_entry(roots, port, "descriptors", &bytes) && bytes.len >= DESCRIPTOR_BYTES;
	if (fine) {
		const uint8_t *at = (const uint8_t *)bytes.bytes + DESCRIPTOR_VENDOR;
		found->vendor = (uint16_t)(at[0] | at[1] << 8);
		found->product = (uint16_t)(at[2] | at[3] << 8);
	}
	buf_fini(&bytes);
	return fine;
}

static bool read_device(const struct usb_roots *roots, const char *port, struct usb_found *found)
{
	*found = (struct usb_found){.bus = 0};
	text_copy(found->port, sizeof found->port, port);
	bool known = (read_id(roots, port, "idVendor", &found->vendor) &&
			     read_id(roots, port, "idProduct", &found->product)) ||
		     read_descriptor(roots, port, found);
	read_line(roots, port, "serial", found->serial, sizeof found->serial);
	return known && read_number(roots, port, "busnum", &found->bus) &&
	       read_number(roots, port, "devnum", &found->number);
}

/* ---- which of them ---- */

typedef bool fits_call(const struct usb_address *address, const struct usb_found *found);

static bool is_of_kind(const struct usb_address *address, const struct usb_found *found)
{
	return found->vendor == address->vendor && found->product == address->product;
}

static bool says_serial(const struct usb_address *address, const struct usb_found *found)
{
	return usb_serial_is(found->serial, address->serial);
}

static bool says_none(const struct usb_address *address, const struct usb_found *found)
{
	(void)address;
	return found->serial[0] == '\0';
}

/* A machine without USB has no such folder: nothing is plugged in there. */
static void list_kind(
	const struct usb_roots *roots, const struct usb_address *address, struct devices *devices)
{
	struct names names;
	struct err err;
	devices->n = 0;
	if (!folder_names(roots->devices, "", &names, &err)) {
		return;
	}
	for (size_t i = 0; i < names.n && devices->n < DEVICES_MAX; i++) {
		struct usb_found *found = &devices->list[devices->n];
		if (usb_port_is(names.name[i]) && read_device(roots, names.name[i], found) &&
			is_of_kind(address, found)) {
			devices->n++;
		}
	}
	names_fini(&names);
}

static int count(const struct devices *devices, const struct usb_address *address, fits_call *fits,
	const struct usb_found **last)
{
	int n = 0;
	for (int i = 0; i < devices->n; i++) {
		if (fits(address, &devices->list[i])) {
			*last = &devices->list[i];
			n++;
		}
	}
	return n;
}

/* "1-2, 1-3" */
static void say_ports(const struct devices *devices, const struct usb_address *address,
	fits_call *fits, char *out, size_t size)
{
	size_t len = 0;
	out[0] = '\0';
	for (int i = 0; i < devices->n && len < size; i++) {
		if (fits(address, &devices->list[i])) {
			len += (size_t)snprintf(out + len, size - len, "%s%s", len == 0 ? "" : ", ",
				devices->list[i].port);
		}
	}
}

static bool is_absent(const struct devices *devices, const struct usb_address *address,
	const char *printer, struct err *err)
{
	char others[48] = "";
	if (devices->n > 0) {
		snprintf(others, sizeof others, "; there is one with serial %.16s",
			devices->list[0].serial);
	}
	return err_set(err, REMEDY_RETRY, "printer-absent",
		"printer %s: no USB device %04x:%04x with serial %.64s is there: switch it on and "
		"look at its cable%s",
		printer, address->vendor, address->product, address->serial, others);
}

static bool are_alike(const struct devices *devices, const struct usb_address *address,
	fits_call *fits, int n, const char *printer, struct err *err)
{
	char ports[64];
	bool silent = fits == says_none;
	say_ports(devices, address, fits, ports, sizeof ports);
	return err_set(err, REMEDY_ATTEND, "usb-serial",
		"printer %s: %d devices %04x:%04x say %s (ports %s): %sbind each by its port: "
		"uri = \"usb://%04x:%04x/?port=PORT\"",
		printer, n, address->vendor, address->product,
		silent ? "no serial" : "the same serial", ports,
		silent ? "switch their serials on, or " : "", address->vendor, address->product);
}

static bool find_by_serial(const struct devices *devices, const struct usb_address *address,
	const char *printer, struct usb_found *found, struct err *err)
{
	fits_call *const asked[] = {says_serial, says_none};
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		const struct usb_found *last = NULL;
		int n = count(devices, address, asked[i], &last);
		if (n > 1) {
			return are_alike(devices, address, asked[i], n, printer, err);
		}
		if (n == 1) {
			*found = *last;
			return true;
		}
	}
	return is_absent(devices, address, printer, err);
}

static bool find_by_port(const struct usb_roots *roots, const struct usb_address *address,
	const char *printer, struct usb_found *found, struct err *err)
{
	if (!read_device(roots, address->port, found)) {
		return err_set(err, REMEDY_RETRY, "printer-absent",
			"printer %s: nothing is at USB port %s: switch it on and look at its cable",
			printer, address->port);
	}
	return is_of_kind(address, found) ||
	       err_set(err, REMEDY_ATTEND, "usb-other",
		       "printer %s: at USB port %s is another device (%04x:%04x, not %04x:%04x): "
		       "plug the printer in there, or correct its uri",
		       printer, address->port, found->vendor, found->product, address->vendor,
		       address->product);
}

bool usb_find(const struct usb_roots *roots, const struct usb_address *address, const char *printer,
	struct usb_found *found, struct err *err)
{
	if (address->port[0] != '\0') {
		return find_by_port(roots, address, printer, found, err);
	}
	struct devices *devices = mem_new(1, sizeof *devices);
	list_kind(roots, address, devices);
	bool fine = find_by_serial(devices, address, printer, found, err);
	free(devices);
	return fine;
}

/* ---- its node ---- */

/* A node that is gone was unplugged just now; a folder of nodes that is not there at all is kept
 * from us. */
static bool node_is_refused(const struct usb_roots *roots, const char *path, const char *printer,
	int number, struct err *err)
{
	bool gone = number == ENODEV || (number == ENOENT && access(roots->nodes, F_OK) == 0);
	if (gone) {
		return err_set(err, REMEDY_RETRY, "printer-absent",
			"printer %s: it was unplugged or switched off just now", printer);
	}
	return err_set(err, REMEDY_ATTEND, "usb-permission",
		"printer %s: opening %s: %s: let platend use USB as docs/operating.md says (USB "
		"printers)",
		printer, path, strerror(number));
}

int usb_node_open(const struct usb_roots *roots, const struct usb_found *found, const char *printer,
	struct err *err)
{
	char path[PATH_LEN_MAX];
	snprintf(path, sizeof path, "%s/%03d/%03d", roots->nodes, (int)found->bus,
		(int)found->number);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		node_is_refused(roots, path, printer, errno, err);
	}
	return fd;
}
