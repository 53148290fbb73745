/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing a document to a printer of the USB class. Its tail is held back until COMMITTED is
 * stored. A document that was cut off would go on with the next one's bytes: the printer is made to
 * forget it before anything else is sent.
 */
#include "drivers/usbprint.h"
#include "drivers/media.h"
#include "base/clock.h"
#include "base/mem.h"
#include "rules/condition.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES (256 * 1024)
#define TAIL_BYTES  (64 * 1024)
#define STALL_MS    5000   /* between two looks at a printer that takes nothing */
#define STUCK_MS    120000 /* of taking nothing while it says that all is well */
#define SAY_MS      10000  /* health, while a document goes */

struct handing {
	struct usbprint *printer;
	const struct document *document;
	struct device_status seen;
	uint8_t *bytes;  /* a piece of the document */
	int64_t at;      /* in the document: what the printer has */
	int64_t well_ms; /* taking nothing, and saying that all is well */
};

static void say(struct handing *handing)
{
	struct device *device = handing->printer->device;
	if (device->saw != NULL) {
		device->saw(device->host, &handing->seen);
	}
	handing->printer->said_ms = clock_boot_ms();
}

/* It takes nothing. One that says why is waited for, however long: somebody loads paper. */
static bool may_wait(struct handing *handing, struct err *err)
{
	struct err stalled = *err;
	if (!usbprint_look(handing->printer, &handing->seen, err)) {
		return false;
	}
	say(handing);
	handing->well_ms += STALL_MS;
	if (handing->seen.n_reasons > 0) {
		handing->well_ms = 0;
	}
	if (handing->well_ms < STUCK_MS) {
		return true;
	}
	*err = stalled;
	return false;
}

static bool give(struct handing *handing, size_t n_bytes, struct err *err)
{
	struct usbprint *printer = handing->printer;
	size_t given = 0;
	while (given < n_bytes) {
		size_t taken = 0;
		bool fine = printer->line->out(printer->line, handing->bytes + given,
			n_bytes - given, STALL_MS, &taken, err);
		given += taken;
		handing->at += (int64_t)taken;
		handing->well_ms = taken > 0 ? 0 : handing->well_ms;
		if (!fine &&
			(strcmp(err->code, "printer-stalled") != 0 || !may_wait(handing, err))) {
			return usbprint_keep(printer, false, err);
		}
	}
	if (clock_boot_ms() - printer->said_ms >= SAY_MS) {
		say(handing);
	}
	return true;
}

static bool read_piece(struct handing *handing, size_t n_bytes, struct err *err)
{
	size_t got = 0;
	while (got < n_bytes) {
		ssize_t n = pread(handing->document->fd, handing->bytes + got, n_bytes - got,
			(off_t)(handing->at + (int64_t)got));
		if (n <= 0 && !(n < 0 && errno == EINTR)) {
			return err_set(err, REMEDY_REDO, "raster-unreadable",
				"printer %s: reading the rendered page: %s",
				handing->printer->device->printer,
				n == 0 ? "it is shorter than it was" : strerror(errno));
		}
		got += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* Up to that place of the document. */
static bool give_until(struct handing *handing, int64_t end, struct err *err)
{
	while (handing->at < end) {
		int64_t left = end - handing->at;
		size_t n = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
		if (!read_piece(handing, n, err) || !give(handing, n, err)) {
			return false;
		}
	}
	return true;
}

static bool told_to_stop(const struct handing *handing, struct err *err)
{
	return err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop before all had gone",
		handing->printer->device->printer);
}

static bool is_unsure(const struct handing *handing, struct err *err)
{
	char why[200];
	text_copy(why, sizeof why, err->text);
	return err_set(err, REMEDY_UNSURE, "unsure",
		"printer %s: the end of the page was under way: %s",
		handing->printer->device->printer, why);
}

static int64_t tail_of(int64_t bytes)
{
	return bytes > TAIL_BYTES ? TAIL_BYTES : (bytes + 1) / 2;
}

static bool hand_over(struct handing *handing, const struct send_hooks *hooks, struct err *err)
{
	struct usbprint *printer = handing->printer;
	int64_t bytes = handing->document->bytes;
	if (!hooks->sending(hooks->host)) {
		return told_to_stop(handing, err);
	}
	printer->unclean = true;
	if (!give_until(handing, bytes - tail_of(bytes), err)) {
		return false;
	}
	if (!hooks->committed(hooks->host)) {
		return told_to_stop(handing, err);
	}
	if (!give_until(handing, bytes, err)) {
		return is_unsure(handing, err);
	}
	printer->unclean = false;
	return true;
}

static bool prints_copies(
	const struct device *device, const struct attempt *attempt, struct err *err)
{
	return attempt->copies == 1 ||
	       err_set(err, REMEDY_ATTEND, "copies-refused",
		       "printer %s: it does not print copies by itself; set copies_per_attempt to "
		       "1 in its model",
		       device->printer);
}

bool usbprint_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err)
{
	struct usbprint *printer = device->own;
	struct handing handing = {.printer = printer, .document = document};
	const struct ready_media *unsaid;
	if (!prints_copies(device, attempt, err) ||
		(printer->unclean && !usbprint_forget(printer, err)) ||
		!usbprint_status(device, &handing.seen, err) ||
		!condition_lets_print(device->printer, &handing.seen, err) ||
		!media_is_loaded(device, &handing.seen, document, &unsaid, err)) {
		return false;
	}
	handing.bytes = mem_new(PIECE_BYTES, 1);
	printer->said_ms = clock_boot_ms();
	bool fine = hand_over(&handing, hooks, err);
	free(handing.bytes);
	if (fine) {
		memcpy(printer->taken, attempt->key, sizeof printer->taken);
		printer->taken_ms = clock_boot_ms();
	}
	return fine;
}
