/* SPDX-License-Identifier: Apache-2.0
 *
 * Which interface of a model's descriptors a language gets, and what they say of the device.
 */
#pragma once
#include "drivers/usb.h"
#include "tests/rig/model.h"

struct line_pick { /* endpoint addresses; 0: none */
	uint8_t out, in;
};

/* The first interface that fits the wish; false when there is none. */
bool line_pick(const struct rig_descriptors *descriptors, const struct usb_wish *wish,
	struct line_pick *pick, struct usb_identity *identity);
