/* SPDX-License-Identifier: Apache-2.0
 *
 * The USB side of the printers' benches. Included by crew_device.c, crew_usb.c and
 * crew_question.h only.
 */
#pragma once
#include "ports/usb_find.h"
#include "wire/json.h"

struct crew;
struct device_bench;

struct usb_side {
	bool used; /* the printer hangs on USB */
	struct usb_address address;
	int32_t bus, number; /* where it was seen last; 0: not there */
	bool asked;          /* its worker was told to look, and has not said its health since */
};

/* Of each printer, before its worker starts. */
void usb_side_open(struct device_bench *bench);
/* Looks out for devices, where any printer hangs on USB. */
void usb_watch_open(struct crew *crew);
/* The worker wants its device, or to know who has it. */
void usb_connect(struct device_bench *bench, const json_t *ask);
