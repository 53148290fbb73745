/* SPDX-License-Identifier: Apache-2.0
 *
 * A printer of the USB class: takes PWG raster, page by page, as long as it has paper.
 *
 * Arguments: serial=TEXT (else none), protocol=1|2, sheets=N, rate=BYTES (a second; else at once),
 * turned (its device id's length is little endian), first (the class' first version: it knows only
 * the older type of soft reset), mute (it does not know the question for its port's status).
 *
 * Commands: "paper N", "error on|off", "offline on|off", "silent on|off" (takes nothing and says
 * that all is well), "stall" (the next bytes).
 */
#pragma once
#include "tests/rig/model.h"

#define CLASS_VENDOR  0x1209
#define CLASS_PRODUCT 0x0C1A

extern const struct rig_model class_printer;
