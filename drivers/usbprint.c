/* SPDX-License-Identifier: Apache-2.0
 *
 * Printers of the USB class (7/1/1, 7/1/2): a document goes to them as bytes, and that is nearly
 * all. They say whether there is paper and whether something is wrong, but not what became of a
 * document: nothing is proven here, and a person counts what lies in the tray.
 */
#include "drivers/usbprint.h"
#include "drivers/list.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLASS_PRINTER 7
#define ONE_WAY       1
#define TWO_WAY       2
#define ID_MAX        1024
#define ASK_MS        5000

enum { GET_DEVICE_ID = 0, GET_PORT_STATUS = 1, SOFT_RESET = 2 };
enum { FROM_INTERFACE = 0xA1, TO_INTERFACE = 0x21, TO_OTHER = 0x23 };

static bool usbprint_open(struct device *device, struct err *err)
{
	(void)err;
	struct usbprint *printer = mem_new(1, sizeof *printer);
	printer->device = device;
	device->own = printer;
	return true;
}

static void lose(struct usbprint *printer)
{
	if (printer->line != NULL) {
		printer->line->close(printer->line);
		printer->line = NULL;
	}
}

static void usbprint_close(struct device *device)
{
	struct usbprint *printer = device->own;
	lose(printer);
	free(printer);
	device->own = NULL;
}

/* ---- reaching it ---- */

bool usbprint_keep(struct usbprint *printer, bool fine, const struct err *err)
{
	if (!fine && strcmp(err->code, "printer-absent") == 0) {
		lose(printer);
	}
	return fine;
}

static bool is_unknown_request(const struct err *err)
{
	return strcmp(err->code, "usb-stall") == 0;
}

static bool read_id(struct usbprint *printer, struct err *err)
{
	const struct usb_identity *identity = &printer->line->identity;
	const struct usb_setup setup = {FROM_INTERFACE, GET_DEVICE_ID, identity->configuration,
		(uint16_t)(identity->interface << 8 | identity->alternate)};
	uint8_t bytes[ID_MAX];
	size_t n = sizeof bytes;
	if (!printer->line->control(printer->line, &setup, bytes, &n, ASK_MS, err)) {
		n = 0;
		if (!is_unknown_request(err)) {
			return false;
		}
	}
	printer_id_read(bytes, n, &printer->id);
	return true;
}

/* Its serial as USB says it, or else as its device id does. */
static bool is_who_it_was(struct usbprint *printer, struct err *err)
{
	const struct usb_identity *identity = &printer->line->identity;
	char uuid[65];
	usb_uuid(identity, uuid, sizeof uuid);
	if (identity->serial[0] == '\0' && printer->id.serial[0] != '\0') {
		memcpy(uuid, printer->id.serial, sizeof uuid);
	}
	const char *pinned = printer->device->uuid;
	pinned = pinned != NULL && pinned[0] != '\0' ? pinned : printer->uuid;
	if (pinned[0] != '\0' && strcmp(pinned, uuid) != 0) {
		return err_set(err, REMEDY_ATTEND, "printer-changed",
			"printer %s: another printer is plugged in (serial %s, expected %s); "
			"nothing was sent. If it was exchanged on purpose, enter the new serial",
			printer->device->printer, uuid, pinned);
	}
	memcpy(printer->uuid, uuid, sizeof uuid);
	return true;
}

static bool reach(struct usbprint *printer, struct err *err)
{
	static const struct usb_wish wishes[] = {
		{CLASS_PRINTER, TWO_WAY, true}, {CLASS_PRINTER, ONE_WAY, false}};
	struct device *device = printer->device;
	if (printer->line != NULL) {
		return true;
	}
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
		printer->line = device->usb(device->host, &wishes[i], err);
		if (printer->line != NULL || strcmp(err->code, "usb-interface") != 0) {
			break;
		}
	}
	if (printer->line == NULL) {
		return false;
	}
	if (!read_id(printer, err) || !is_who_it_was(printer, err)) {
		lose(printer);
		return false;
	}
	return true;
}

/* ---- how it is ---- */

/* A printer that does not know the question is believed to be well. */
static bool read_port(struct usbprint *printer, struct device_status *status, struct err *err)
{
	const struct usb_setup setup = {
		FROM_INTERFACE, GET_PORT_STATUS, 0, printer->line->identity.interface};
	uint8_t bits;
	size_t n = sizeof bits;
	bool fine = printer->line->control(printer->line, &setup, &bits, &n, ASK_MS, err);
	if (fine && n == sizeof bits) {
		port_status_read(bits, status);
		return true;
	}
	status->state = DEVICE_IDLE;
	return usbprint_keep(printer, fine || is_unknown_request(err), err);
}

static void describe(const struct usbprint *printer, struct device_status *status)
{
	const struct usb_identity *identity = &printer->line->identity;
	const struct model *model = &printer->device->model;
	*status = (struct device_status){
		.accepting = true, .up_time_s = COUNT_UNKNOWN, .life_count = COUNT_UNKNOWN};
	memcpy(status->uuid, printer->uuid, sizeof status->uuid);
	text_copy(status->title, sizeof status->title,
		printer->id.title[0] != '\0' ? printer->id.title : identity->title);
	snprintf(status->firmware, sizeof status->firmware, "%x.%02x", identity->release >> 8,
		identity->release & 0xFFU);
	for (int32_t i = 0; i < model->n_formats; i++) {
		status->takes[model->formats[i]] = true;
	}
}

bool usbprint_look(struct usbprint *printer, struct device_status *status, struct err *err)
{
	if (!reach(printer, err)) {
		return false;
	}
	describe(printer, status);
	return read_port(printer, status, err);
}

bool usbprint_status(struct device *device, struct device_status *status, struct err *err)
{
	struct usbprint *printer = device->own;
	bool was_open = printer->line != NULL;
	return usbprint_look(printer, status, err) ||
	       (was_open && printer->line == NULL && usbprint_look(printer, status, err));
}

void usbprint_witness_of(const struct usbprint *printer, struct witness *witness)
{
	*witness = (struct witness){.read = true,
		.up_time_s = COUNT_UNKNOWN,
		.impressions = COUNT_UNKNOWN,
		.life_count = COUNT_UNKNOWN,
		.media_left = COUNT_UNKNOWN,
		.jobs_active = COUNT_UNKNOWN};
	memcpy(witness->uuid, printer->uuid, sizeof witness->uuid);
}

static bool usbprint_witness(struct device *device, struct witness *witness, struct err *err)
{
	struct device_status status;
	if (!usbprint_status(device, &status, err)) {
		return false;
	}
	usbprint_witness_of(device->own, witness);
	return true;
}

/* ---- making it forget ---- */

/* Devices of the class' first version want it with another type; one that knows neither is reset at
 * its port. */
bool usbprint_forget(struct usbprint *printer, struct err *err)
{
	static const uint8_t types[] = {TO_INTERFACE, TO_OTHER};
	if (!reach(printer, err)) {
		return false;
	}
	bool fine = false;
	for (size_t i = 0; !fine && i < sizeof types; i++) {
		const struct usb_setup setup = {
			types[i], SOFT_RESET, 0, printer->line->identity.interface};
		size_t none = 0;
		fine = printer->line->control(printer->line, &setup, NULL, &none, ASK_MS, err);
		if (!fine && !is_unknown_request(err)) {
			return usbprint_keep(printer, false, err);
		}
	}
	fine = fine || printer->line->reset(printer->line, err);
	printer->unclean = printer->unclean && !fine;
	return usbprint_keep(printer, fine, err);
}

/* ---- what people ask for ---- */

static bool usbprint_cancel(struct device *device, const struct attempt *attempt, struct err *err)
{
	(void)attempt;
	return usbprint_forget(device->own, err);
}

/* It lists no jobs, and a reset might cut off a print that is just coming out. */
static bool usbprint_sweep(struct device *device, const char (*known)[ATTEMPT_KEY_MAX],
	size_t n_known, int32_t *swept, struct err *err)
{
	struct device_status status;
	(void)known;
	(void)n_known;
	*swept = 0;
	return usbprint_status(device, &status, err);
}

const struct driver driver_usb = {
	.name = "usb",
	.open = usbprint_open,
	.status = usbprint_status,
	.witness = usbprint_witness,
	.send = usbprint_send,
	.confirm = usbprint_confirm,
	.cancel = usbprint_cancel,
	.sweep = usbprint_sweep,
	.close = usbprint_close,
};
