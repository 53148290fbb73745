/* SPDX-License-Identifier: Apache-2.0
 *
 * Which interface of a model's descriptors a language gets: USB 2.0, 9.6 and table 9-5.
 */
#include "tests/rig/line_pick.h"
#include "base/text.h"

enum { DESCRIPTOR_INTERFACE = 4, DESCRIPTOR_ENDPOINT = 5, TRANSFER_BULK = 2 };

static bool fits(const uint8_t *at, const struct usb_wish *wish)
{
	return (wish->interface_class < 0 || at[5] == wish->interface_class) &&
	       (wish->interface_protocol < 0 || at[7] == wish->interface_protocol);
}

static void take_endpoint(const uint8_t *at, struct line_pick *pick)
{
	uint8_t *place = (at[2] & 0x80) != 0 ? &pick->in : &pick->out;
	if ((at[3] & 3) == TRANSFER_BULK && *place == 0) {
		*place = at[2];
	}
}

static bool is_whole(const struct line_pick *pick, const struct usb_wish *wish)
{
	return pick->out != 0 && (pick->in != 0 || !wish->needs_in);
}

static const uint8_t *find_interface(const struct rig_descriptors *descriptors,
	const struct usb_wish *wish, struct line_pick *pick)
{
	const uint8_t *found = NULL;
	const uint8_t *end = descriptors->configuration + descriptors->n_configuration;
	const uint8_t *at = descriptors->configuration;
	for (; end - at >= 2 && at[0] >= 2 && at[0] <= end - at; at += at[0]) {
		if (at[1] == DESCRIPTOR_INTERFACE && at[0] >= 9) {
			if (found != NULL && is_whole(pick, wish)) {
				break;
			}
			*pick = (struct line_pick){.out = 0};
			found = fits(at, wish) ? at : NULL;
		} else if (at[1] == DESCRIPTOR_ENDPOINT && at[0] >= 7 && found != NULL) {
			take_endpoint(at, pick);
		}
	}
	return found != NULL && is_whole(pick, wish) ? found : NULL;
}

static uint16_t two_bytes(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static void take_text(const struct rig_descriptors *descriptors, uint8_t index, char *out)
{
	size_t most = sizeof descriptors->strings / sizeof descriptors->strings[0];
	const char *text = index > 0 && index < most ? descriptors->strings[index] : NULL;
	text_copy(out, USB_TEXT_MAX, text == NULL ? "" : text);
}

bool line_pick(const struct rig_descriptors *descriptors, const struct usb_wish *wish,
	struct line_pick *pick, struct usb_identity *identity)
{
	const uint8_t *device = descriptors->device;
	const uint8_t *found = find_interface(descriptors, wish, pick);
	if (found == NULL) {
		return false;
	}
	*identity = (struct usb_identity){.vendor = two_bytes(device + 8),
		.product = two_bytes(device + 10),
		.release = two_bytes(device + 12),
		.interface = found[2],
		.interface_class = found[5],
		.interface_protocol = found[7],
		.alternate = found[3]};
	take_text(descriptors, device[14], identity->manufacturer);
	take_text(descriptors, device[15], identity->title);
	take_text(descriptors, device[16], identity->serial);
	return true;
}
