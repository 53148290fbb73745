/* SPDX-License-Identifier: Apache-2.0
 *
 * Who a USB device is.
 */
#include "drivers/usb.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

#define NAMELESS "usb-"

void usb_uuid(const struct usb_identity *identity, char *uuid, size_t size)
{
	if (identity->serial[0] != '\0') {
		text_copy(uuid, size, identity->serial);
	} else {
		snprintf(uuid, size, NAMELESS "%04x-%04x-at-%s", identity->vendor,
			identity->product, identity->port);
	}
}

bool usb_is_pinned(const struct usb_identity *identity, const char *pinned)
{
	char uuid[65];
	usb_uuid(identity, uuid, sizeof uuid);
	bool asked_itself =
		identity->serial[0] == '\0' && strncmp(pinned, NAMELESS, strlen(NAMELESS)) != 0;
	return pinned[0] == '\0' || asked_itself || strcmp(pinned, uuid) == 0;
}
