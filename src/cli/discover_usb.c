/* SPDX-License-Identifier: Apache-2.0
 *
 * Printers at the USB, by the kernel's folder of devices: those with an interface of the printer
 * class, and photo printers of makers whose devices have none of it.
 */
#include "cli/discover.h"
#include "base/text.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLASS_PRINTER     7
#define PROTOCOL_IPP      4
#define PATH_BYTES        512
#define DEVICES_LOOKED_AT 1024

/* Makers of photo printers, by the number that the USB knows them by. */
static const struct {
	unsigned vendor;
	const char *name;
} makers[] = {
	{0x1343, "DNP or Citizen dye-sub"},
	{0x10ce, "Sinfonia or Shinko dye-sub"},
	{0x06d3, "Mitsubishi dye-sub"},
	{0x040a, "Kodak"},
	{0x04cb, "Fujifilm"},
	{0x0d16, "HiTi dye-sub"},
};

/* The first line of a small file of the kernel's; "" when there is none. */
static void read_word(
	const char *folder, const char *device, const char *file, char *out, size_t size)
{
	char path[PATH_BYTES];
	snprintf(path, sizeof path, "%s/%.64s/%s", folder, device, file);
	FILE *in = fopen(path, "re");
	out[0] = '\0';
	if (in != NULL) {
		if (fgets(out, (int)size, in) == NULL) {
			out[0] = '\0';
		}
		fclose(in);
	}
	out[strcspn(out, "\r\n")] = '\0';
}

static unsigned read_hex(const char *folder, const char *device, const char *file)
{
	char word[16];
	read_word(folder, device, file, word, sizeof word);
	return (unsigned)strtoul(word, NULL, 16);
}

static const char *maker_of(unsigned vendor)
{
	for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
		if (makers[i].vendor == vendor) {
			return makers[i].name;
		}
	}
	return NULL;
}

/* Interfaces of "1-2" are the entries "1-2:CONFIGURATION.NUMBER". */
static bool has_printer_class(const char *folder, const char *device, bool *ipp_over_usb)
{
	bool has = false;
	size_t len = strlen(device);
	DIR *all = opendir(folder);
	const struct dirent *entry;
	*ipp_over_usb = false;
	while (all != NULL && (entry = readdir(all)) != NULL) {
		if (strncmp(entry->d_name, device, len) != 0 || entry->d_name[len] != ':' ||
			read_hex(folder, entry->d_name, "bInterfaceClass") != CLASS_PRINTER) {
			continue;
		}
		has = true;
		*ipp_over_usb |=
			read_hex(folder, entry->d_name, "bInterfaceProtocol") == PROTOCOL_IPP;
	}
	if (all != NULL) {
		closedir(all);
	}
	return has;
}

static void describe(const char *folder, const char *device, unsigned vendor, struct found *found)
{
	char maker[65];
	char product[65];
	read_word(folder, device, "manufacturer", maker, sizeof maker);
	read_word(folder, device, "product", product, sizeof product);
	read_word(folder, device, "serial", found->serial, sizeof found->serial);
	snprintf(found->title, sizeof found->title, "%.62s%s%.62s", maker,
		maker[0] == '\0' || product[0] == '\0' ? "" : " ", product);
	if (found->title[0] == '\0') {
		const char *known = maker_of(vendor);
		text_copy(found->title, sizeof found->title,
			known == NULL ? "printer without a name" : known);
	}
	snprintf(found->usb_id, sizeof found->usb_id, "%04x:%04x", vendor,
		read_hex(folder, device, "idProduct") & 0xffff);
	text_copy(found->usb_port, sizeof found->usb_port, device);
}

static void look_at(const char *folder, const char *device, struct finds *finds)
{
	unsigned vendor = read_hex(folder, device, "idVendor") & 0xffff;
	struct found found = {.via = "usb"};
	if (vendor == 0 || (!has_printer_class(folder, device, &found.ipp_over_usb) &&
				   maker_of(vendor) == NULL)) {
		return;
	}
	describe(folder, device, vendor, &found);
	struct found *next = finds_next(finds);
	if (next != NULL) {
		*next = found;
	}
}

bool discover_usb(const char *folder, struct finds *finds)
{
	DIR *all = opendir(folder);
	const struct dirent *entry;
	if (all == NULL) {
		return false;
	}
	for (int n = 0; n < DEVICES_LOOKED_AT && (entry = readdir(all)) != NULL; n++) {
		bool is_device = entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
				 strchr(entry->d_name, ':') == NULL;
		if (is_device) {
			look_at(folder, entry->d_name, finds);
		}
	}
	closedir(all);
	return true;
}
