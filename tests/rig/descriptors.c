/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking a configuration descriptor. It is a model's, so it is believed but for its lengths.
 */
#include "tests/rig/descriptors.h"
#include <linux/usb/ch9.h>

static const uint8_t *next_of(const struct rig_descriptors *descriptors, const uint8_t *at)
{
	const uint8_t *end = descriptors->configuration + descriptors->n_configuration;
	at = at == NULL ? descriptors->configuration : at + at[AT_LENGTH];
	return at + 2 <= end && at[AT_LENGTH] >= 2 && at + at[AT_LENGTH] <= end ? at : NULL;
}

unsigned descriptors_number(const uint8_t *bytes)
{
	return (unsigned)bytes[0] | (unsigned)bytes[1] << 8;
}

const uint8_t *descriptors_next_interface(
	const struct rig_descriptors *descriptors, const uint8_t *after)
{
	const uint8_t *at = next_of(descriptors, after);
	while (at != NULL && at[AT_TYPE] != USB_DT_INTERFACE) {
		at = next_of(descriptors, at);
	}
	return at;
}

const uint8_t *descriptors_interface(
	const struct rig_descriptors *descriptors, int number, int alternate)
{
	const uint8_t *at = descriptors_next_interface(descriptors, NULL);
	while (at != NULL && (at[AT_INTERFACE_NUMBER] != number ||
				     (alternate >= 0 && at[AT_INTERFACE_ALTERNATE] != alternate))) {
		at = descriptors_next_interface(descriptors, at);
	}
	return at;
}

const uint8_t *descriptors_endpoint(
	const struct rig_descriptors *descriptors, uint8_t address, int *interface)
{
	for (const uint8_t *at = next_of(descriptors, NULL); at != NULL;
		at = next_of(descriptors, at)) {
		if (at[AT_TYPE] == USB_DT_INTERFACE) {
			*interface = at[AT_INTERFACE_NUMBER];
		}
		if (at[AT_TYPE] == USB_DT_ENDPOINT && at[AT_ENDPOINT_ADDRESS] == address) {
			return at;
		}
	}
	return NULL;
}

const char *descriptors_string(const struct rig_descriptors *descriptors, unsigned index)
{
	size_t n = sizeof descriptors->strings / sizeof descriptors->strings[0];
	return index == 0 || index >= n ? NULL : descriptors->strings[index];
}
