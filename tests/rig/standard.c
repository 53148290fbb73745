/* SPDX-License-Identifier: Apache-2.0
 *
 * The requests that every USB device answers alike (USB 2.0, chapter 9).
 */
#include "base/text.h"
#include "tests/rig/device.h"
#include <linux/usb/ch9.h>
#include <string.h>

#define ENGLISH_US       0x0409
#define STRING_UNITS_MAX 126

static int give(uint8_t *bytes, int n, const void *from, size_t len)
{
	int most = len < (size_t)n ? (int)len : n;
	memcpy(bytes, from, (size_t)most);
	return most;
}

static size_t add_unit(uint8_t *to, size_t at, uint32_t unit)
{
	to[at] = (uint8_t)unit;
	to[at + 1] = (uint8_t)(unit >> 8);
	return at + 2;
}

static int give_string(const struct device *device, unsigned index, uint8_t *bytes, int n)
{
	uint8_t all[2 + 2 * STRING_UNITS_MAX] = {0, USB_DT_STRING};
	size_t len = 2;
	if (index == 0) {
		len = add_unit(all, len, ENGLISH_US);
	} else {
		const char *at = descriptors_string(&device->descriptors, index);
		if (at == NULL) {
			return RIG_STALL;
		}
		while (*at != '\0' && len < sizeof all) {
			uint32_t character = text_next(&at);
			len = add_unit(all, len, character > 0xFFFF ? TEXT_BAD : character);
		}
	}
	all[0] = (uint8_t)len;
	return give(bytes, n, all, len);
}

static int give_descriptor(struct device *device, const uint8_t *setup, uint8_t *bytes, int n)
{
	const struct rig_descriptors *own = &device->descriptors;
	if ((setup[0] & USB_RECIP_MASK) != USB_RECIP_DEVICE) {
		return NO_STANDARD_REQUEST; /* a class's own, such as HID's report */
	}
	switch (setup[3]) {
	case USB_DT_DEVICE:
		return give(bytes, n, own->device, sizeof own->device);
	case USB_DT_CONFIG:
		return setup[2] == 0 ? give(bytes, n, own->configuration, own->n_configuration)
				     : RIG_STALL;
	case USB_DT_STRING:
		return give_string(device, setup[2], bytes, n);
	default:
		return NO_STANDARD_REQUEST;
	}
}

static int get_status(struct device *device, const uint8_t *setup, uint8_t *bytes, int n)
{
	bool is_endpoint = (setup[0] & USB_RECIP_MASK) == USB_RECIP_ENDPOINT;
	const uint8_t status[2] = {is_endpoint && device_is_halted(device, setup[4]), 0};
	return give(bytes, n, status, sizeof status);
}

static int clear_feature(struct device *device, const uint8_t *setup, uint8_t *bytes, int n)
{
	(void)bytes;
	(void)n;
	if ((setup[0] & USB_RECIP_MASK) == USB_RECIP_ENDPOINT && setup[2] == USB_ENDPOINT_HALT) {
		device_clear_halt(device, setup[4]);
	}
	return 0;
}

static int get_configuration(struct device *device, const uint8_t *setup, uint8_t *bytes, int n)
{
	(void)setup;
	const uint8_t value = (uint8_t)device->configuration;
	return give(bytes, n, &value, 1);
}

static int set_configuration(struct device *device, const uint8_t *setup, uint8_t *bytes, int n)
{
	(void)bytes;
	(void)n;
	if (setup[2] != 0 &&
		setup[2] != device->descriptors.configuration[AT_CONFIGURATION_VALUE]) {
		return RIG_STALL;
	}
	device->configuration = setup[2];
	return 0;
}

static int get_interface(struct device *device, const uint8_t *setup, uint8_t *bytes, int n)
{
	return setup[4] < INTERFACES_MAX ? give(bytes, n, &device->alternates[setup[4]], 1)
					 : RIG_STALL;
}

static int set_interface(struct device *device, const uint8_t *setup, uint8_t *bytes, int n)
{
	(void)bytes;
	(void)n;
	if (setup[4] >= INTERFACES_MAX ||
		descriptors_interface(&device->descriptors, setup[4], setup[2]) == NULL) {
		return RIG_STALL;
	}
	device->alternates[setup[4]] = setup[2];
	return 0;
}

static const struct {
	uint8_t request;
	int (*answer)(struct device *device, const uint8_t *setup, uint8_t *bytes, int n);
} answers[] = {
	{USB_REQ_GET_STATUS, get_status},
	{USB_REQ_CLEAR_FEATURE, clear_feature},
	{USB_REQ_GET_DESCRIPTOR, give_descriptor},
	{USB_REQ_GET_CONFIGURATION, get_configuration},
	{USB_REQ_SET_CONFIGURATION, set_configuration},
	{USB_REQ_GET_INTERFACE, get_interface},
	{USB_REQ_SET_INTERFACE, set_interface},
};

int device_standard(struct device *device, const uint8_t setup[8], uint8_t *bytes, int n)
{
	if ((setup[0] & USB_TYPE_MASK) != USB_TYPE_STANDARD) {
		return NO_STANDARD_REQUEST;
	}
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		if (answers[i].request == setup[1]) {
			return answers[i].answer(device, setup, bytes, n);
		}
	}
	return RIG_STALL;
}
