/* SPDX-License-Identifier: Apache-2.0
 *
 * Which interface of a device a language speaks to, and who the device is. Descriptors are the
 * device's word: libusb has walked their lengths, and each text is bounded here.
 */
#include "drivers/usb_own.h"
#include "base/text.h"
#include <string.h>

#define STRING_MS       1000
#define STRING_MAX      255
#define LANGUAGE_NONE   0
#define SURROGATE_FIRST 0xD800
#define SURROGATE_LAST  0xDFFF

/* ---- the interface ---- */

static bool is_bulk(const struct libusb_endpoint_descriptor *end)
{
	return (end->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) == LIBUSB_TRANSFER_TYPE_BULK;
}

static void take_ends(struct usb_open *open, const struct libusb_interface_descriptor *setting)
{
	open->out = open->in = (struct usb_end){.address = 0};
	for (int i = 0; i < setting->bNumEndpoints; i++) {
		const struct libusb_endpoint_descriptor *end = &setting->endpoint[i];
		bool is_in = (end->bEndpointAddress & LIBUSB_ENDPOINT_IN) != 0;
		struct usb_end *to = is_in ? &open->in : &open->out;
		size_t packet_bytes = end->wMaxPacketSize & 0x7FF;
		if (is_bulk(end) && to->address == 0 && packet_bytes > 0) {
			*to = (struct usb_end){end->bEndpointAddress, packet_bytes};
		}
	}
}

static bool fits(struct usb_open *open, const struct usb_wish *wish,
	const struct libusb_interface_descriptor *setting)
{
	if ((wish->interface_class >= 0 && setting->bInterfaceClass != wish->interface_class) ||
		(wish->interface_protocol >= 0 &&
			setting->bInterfaceProtocol != wish->interface_protocol)) {
		return false;
	}
	take_ends(open, setting);
	return open->out.address != 0 && (!wish->needs_in || open->in.address != 0);
}

static bool pick_from(struct usb_open *open, const struct usb_wish *wish,
	const struct libusb_config_descriptor *configuration)
{
	struct usb_identity *identity = &open->line.identity;
	for (int i = 0; i < configuration->bNumInterfaces; i++) {
		const struct libusb_interface *interface = &configuration->interface[i];
		for (int k = 0; k < interface->num_altsetting; k++) {
			const struct libusb_interface_descriptor *setting =
				&interface->altsetting[k];
			if (fits(open, wish, setting)) {
				identity->interface = setting->bInterfaceNumber;
				identity->interface_class = setting->bInterfaceClass;
				identity->interface_protocol = setting->bInterfaceProtocol;
				identity->alternate = setting->bAlternateSetting;
				return true;
			}
		}
	}
	return false;
}

/* Its place among the configurations: some requests want that. */
static uint8_t index_of(libusb_device *device, uint8_t value, uint8_t most)
{
	for (uint8_t i = 0; i < most; i++) {
		struct libusb_config_descriptor *configuration;
		if (libusb_get_config_descriptor(device, i, &configuration) == LIBUSB_SUCCESS) {
			bool same = configuration->bConfigurationValue == value;
			libusb_free_config_descriptor(configuration);
			if (same) {
				return i;
			}
		}
	}
	return 0;
}

bool usb_pick(struct usb_open *open, const struct usb_wish *wish, struct err *err)
{
	libusb_device *device = libusb_get_device(open->handle);
	struct libusb_device_descriptor about;
	struct libusb_config_descriptor *configuration;
	int code = libusb_get_device_descriptor(device, &about);
	if (code == LIBUSB_SUCCESS) {
		code = libusb_get_active_config_descriptor(device, &configuration);
	}
	if (code == LIBUSB_ERROR_NO_DEVICE) {
		return usb_is_absent(open, err);
	}
	if (code != LIBUSB_SUCCESS) {
		return usb_is_broken(open, "reading what it is", libusb_error_name(code), err);
	}
	bool found = pick_from(open, wish, configuration);
	open->line.identity.configuration =
		index_of(device, configuration->bConfigurationValue, about.bNumConfigurations);
	libusb_free_config_descriptor(configuration);
	return found ||
	       err_set(err, REMEDY_ATTEND, "usb-interface",
		       "printer %s: the device at USB port %s has no interface of the kind "
		       "that its model speaks to: is the model right?",
		       open->node.printer, open->node.port);
}

/* ---- who it is ---- */

/* A string descriptor's bytes; 0: it has none such. */
static size_t ask_string(
	struct usb_open *open, uint8_t index, uint16_t language, uint8_t *bytes, struct err *err)
{
	const struct usb_setup setup = {LIBUSB_ENDPOINT_IN, LIBUSB_REQUEST_GET_DESCRIPTOR,
		(uint16_t)(LIBUSB_DT_STRING << 8 | index), language};
	size_t n = STRING_MAX;
	if (!usb_control(&open->line, &setup, bytes, &n, STRING_MS, err)) {
		return 0;
	}
	if (n > bytes[0]) {
		n = bytes[0];
	}
	return n >= 4 && bytes[1] == LIBUSB_DT_STRING ? n & ~(size_t)1 : 0;
}

static size_t put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xC0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	to[0] = (char)(0xE0 | c >> 12);
	to[1] = (char)(0x80 | (c >> 6 & 0x3F));
	to[2] = (char)(0x80 | (c & 0x3F));
	return 3;
}

/* UTF-16LE to UTF-8; what can't be seen, and the few characters of two units, become "?". */
static void read_text(const uint8_t *bytes, size_t n, char out[USB_TEXT_MAX])
{
	size_t len = 0;
	for (size_t i = 2; i + 1 < n && len + 3 < USB_TEXT_MAX; i += 2) {
		uint32_t c = (uint32_t)bytes[i] | (uint32_t)bytes[i + 1] << 8;
		if (c == 0) {
			break;
		}
		bool odd = c < ' ' || c == 0x7F || (c >= SURROGATE_FIRST && c <= SURROGATE_LAST);
		len += put_utf8(out + len, odd ? '?' : c);
	}
	while (len > 0 && out[len - 1] == ' ') {
		len--;
	}
	out[len] = '\0';
}

/* Fails only where the line does: a device that refuses has no such text. */
static bool take_text(struct usb_open *open, uint8_t index, uint16_t language,
	char out[USB_TEXT_MAX], struct err *err)
{
	uint8_t bytes[STRING_MAX];
	struct err fault = {.remedy = REMEDY_REJECT};
	size_t n = index == 0 ? 0 : ask_string(open, index, language, bytes, &fault);
	read_text(bytes, n, out);
	bool lost = index != 0 && (open->gone || fault.remedy == REMEDY_DROP);
	if (lost) {
		*err = fault;
	}
	return !lost;
}

bool usb_who(struct usb_open *open, struct err *err)
{
	struct usb_identity *identity = &open->line.identity;
	struct libusb_device_descriptor about;
	uint8_t bytes[STRING_MAX];
	struct err unheard;
	libusb_get_device_descriptor(libusb_get_device(open->handle), &about);
	identity->vendor = about.idVendor;
	identity->product = about.idProduct;
	identity->release = about.bcdDevice;
	text_copy(identity->port, sizeof identity->port, open->node.port);
	/* string 0 lists the languages that the others are in; the first will do */
	bool speaks = ask_string(open, 0, LANGUAGE_NONE, bytes, &unheard) > 0;
	uint16_t language = speaks ? (uint16_t)(bytes[2] | bytes[3] << 8) : 0x0409;
	return take_text(open, about.iManufacturer, language, identity->manufacturer, err) &&
	       take_text(open, about.iProduct, language, identity->title, err) &&
	       take_text(open, about.iSerialNumber, language, identity->serial, err);
}
