/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device's configuration descriptor says: its interfaces, and whose an endpoint is.
 */
#pragma once
#include "tests/rig/model.h"

#define INTERFACES_MAX 32

/* Where the bytes of a descriptor stand (USB 2.0, 9.6). */
enum {
	AT_LENGTH = 0,
	AT_TYPE = 1,
	AT_CONFIGURATION_INTERFACES = 4,
	AT_CONFIGURATION_VALUE = 5,
	AT_CONFIGURATION_ATTRIBUTES = 7,
	AT_CONFIGURATION_POWER = 8,
	AT_INTERFACE_NUMBER = 2,
	AT_INTERFACE_ALTERNATE = 3,
	AT_INTERFACE_ENDPOINTS = 4,
	AT_INTERFACE_CLASS = 5,
	AT_INTERFACE_SUBCLASS = 6,
	AT_INTERFACE_PROTOCOL = 7,
	AT_ENDPOINT_ADDRESS = 2,
	AT_ENDPOINT_ATTRIBUTES = 3,
	AT_DEVICE_CLASS = 4,
	AT_DEVICE_SUBCLASS = 5,
	AT_DEVICE_PROTOCOL = 6,
	AT_DEVICE_PACKET = 7,
	AT_DEVICE_VENDOR = 8,
	AT_DEVICE_PRODUCT = 10,
	AT_DEVICE_RELEASE = 12,
	AT_DEVICE_MANUFACTURER_STRING = 14,
	AT_DEVICE_PRODUCT_STRING = 15,
	AT_DEVICE_SERIAL_STRING = 16,
};

unsigned descriptors_number(const uint8_t *bytes); /* two bytes, little endian */
/* The interface descriptor after that one, of each alternate setting; the first after NULL. NULL
 * when there is none more. */
const uint8_t *descriptors_next_interface(
	const struct rig_descriptors *descriptors, const uint8_t *after);
/* Of that interface and alternate setting; any setting with -1. NULL: it has none such. */
const uint8_t *descriptors_interface(
	const struct rig_descriptors *descriptors, int number, int alternate);
/* The endpoint of that address, in whatever setting, and its interface; NULL when there is none. */
const uint8_t *descriptors_endpoint(
	const struct rig_descriptors *descriptors, uint8_t address, int *interface);
/* NULL when the device has no such string; index as the descriptors say it. */
const char *descriptors_string(const struct rig_descriptors *descriptors, unsigned index);
