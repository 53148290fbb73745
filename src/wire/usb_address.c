/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a printer's address on USB.
 */
#include "wire/usb_address.h"
#include "base/text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char scheme[] = "usb://";
static const char port_key[] = "?port=";

bool usb_address_is(const char *uri)
{
	return strncmp(uri, "usb:", 4) == 0;
}

/* Four hexadecimal digits. */
static bool take_id(const char *at, uint16_t *id)
{
	char digits[5] = "";
	memcpy(digits, at, strnlen(at, 4));
	if (strspn(digits, "0123456789abcdefABCDEF") != 4) {
		return false;
	}
	*id = (uint16_t)strtoul(digits, NULL, 16);
	return true;
}

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));
	return at == NULL ? -1 : (int)(at - digits);
}

/* Percent escapes are undone; what can't be seen is no part of a serial. */
static bool take_serial(const char *at, char serial[USB_SERIAL_MAX])
{
	size_t n = 0;
	while (*at != '\0') {
		int c = (unsigned char)*at++;
		if (c == '%') {
			int high = digit_of(at[0]);
			int low = high < 0 ? -1 : digit_of(at[1]);
			c = low < 0 ? 0 : high << 4 | low;
			at += low < 0 ? 0 : 2;
		} else if (strchr("/?#\"<>\\", c) != NULL) {
			return false;
		}
		if (c < ' ' || c == 0x7F || n == USB_SERIAL_MAX - 1) {
			return false;
		}
		serial[n++] = (char)c;
	}
	serial[n] = '\0';
	return n > 0 && text_is_utf8(serial, n);
}

bool usb_port_is(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || text[digits] != '-' || strlen(text) >= USB_PORT_MAX) {
		return false;
	}
	do {
		text += digits + 1;
		digits = strspn(text, "0123456789");
	} while (digits > 0 && text[digits] == '.');
	return digits > 0 && text[digits] == '\0';
}

static bool take_which(const char *at, struct usb_address *address)
{
	size_t skip = sizeof port_key - 1;
	if (strncmp(at, port_key, skip) != 0) {
		return take_serial(at, address->serial);
	}
	return usb_port_is(at + skip) && text_copy(address->port, sizeof address->port, at + skip);
}

bool usb_address_from(const char *uri, struct usb_address *address, struct err *err)
{
	struct usb_address read = {.vendor = 0};
	const char *at = uri + sizeof scheme - 1;
	bool fine = strncmp(uri, scheme, sizeof scheme - 1) == 0 && take_id(at, &read.vendor) &&
		    at[4] == ':' && take_id(at + 5, &read.product) && at[9] == '/' &&
		    take_which(at + 10, &read);
	if (!fine) {
		return err_set(err, REMEDY_REJECT, "usb-address",
			"must be \"usb://VVVV:PPPP/SERIAL\" or \"usb://VVVV:PPPP/?port=1-2.4\": "
			"`lsusb` shows VVVV:PPPP, `ls /sys/bus/usb/devices` the ports");
	}
	*address = read;
	return true;
}

bool usb_serial_is(const char *serial, const char *other)
{
	while (*serial == ' ') {
		serial++;
	}
	while (*other == ' ') {
		other++;
	}
	size_t n = strlen(serial);
	size_t m = strlen(other);
	while (n > 0 && serial[n - 1] == ' ') {
		n--;
	}
	while (m > 0 && other[m - 1] == ' ') {
		m--;
	}
	return n == m && memcmp(serial, other, n) == 0;
}
