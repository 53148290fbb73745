/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands and answers on the line. The language has no marks by which one end could find the
 * beginning of a frame again: a command that comes while the printer waits for the rest of a plane
 * is taken for the plane's. So whoever died or was stopped in the middle leaves a printer that is
 * silent, or an answer that nobody has fetched. Entering clears both: what waits to be read is
 * read, a printer that then does not answer STATUS is reset, and whatever breaks on the way
 * closes the line.
 */
#include "drivers/dnp.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_MS     INT64_C(5000)
#define PLANE_MS      INT64_C(15000) /* without taking a byte */
#define LEFTOVER_MS   100
#define LEFTOVERS_MAX 64
#define EMPTY_MAX     4

void dnp_drop(struct dnp *dnp)
{
	if (dnp->line != NULL) {
		dnp->line->close(dnp->line);
		dnp->line = NULL;
	}
}

bool dnp_stopped(const struct dnp *dnp, struct err *err)
{
	return err_set(
		err, REMEDY_DROP, "stopped", "printer %s: told to stop", dnp->device->printer);
}

/* The line is of no use any more; err says why. What is plugged in anew begins anew by itself. */
static bool broke(struct dnp *dnp, const struct err *err)
{
	dnp->cut_off = strcmp(err->code, "printer-absent") != 0;
	dnp_drop(dnp);
	return false;
}

static bool send_bytes(
	struct dnp *dnp, const void *bytes, size_t n_bytes, int64_t patience_ms, struct err *err)
{
	size_t taken = 0;
	return dnp->line->out(dnp->line, bytes, n_bytes, patience_ms, &taken, err) ||
	       broke(dnp, err);
}

bool dnp_tell(struct dnp *dnp, const char *group, const char *name, const void *payload,
	size_t n_bytes, struct err *err)
{
	uint8_t frame[DNP_FRAME_BYTES];
	dnp_frame_make(frame, group, name, payload == NULL ? DNP_NO_PAYLOAD : (int64_t)n_bytes);
	return send_bytes(dnp, frame, sizeof frame, ANSWER_MS, err) &&
	       (payload == NULL || send_bytes(dnp, payload, n_bytes, PLANE_MS, err));
}

/* Exactly so many bytes, in as many transfers as it likes. */
static bool read_bytes(struct dnp *dnp, uint8_t *bytes, size_t n_bytes, struct err *err)
{
	size_t n = 0;
	int empty = 0;
	while (n < n_bytes) {
		size_t got = 0;
		if (!dnp->line->in(dnp->line, bytes + n, n_bytes - n, ANSWER_MS, &got, err)) {
			return broke(dnp, err);
		}
		n += got;
		empty = got == 0 ? empty + 1 : 0;
		if (empty > EMPTY_MAX) {
			err_set(err, REMEDY_RETRY, "printer-answer",
				"printer %s: it answers with nothing", dnp->device->printer);
			return broke(dnp, err);
		}
	}
	return true;
}

bool dnp_ask(struct dnp *dnp, const char *group, const char *name, char text[DNP_REPLY_MAX + 1],
	struct err *err)
{
	uint8_t digits[DNP_LENGTH_BYTES];
	uint8_t bytes[DNP_REPLY_MAX];
	size_t n_bytes;
	if (!dnp_tell(dnp, group, name, NULL, 0, err) ||
		!read_bytes(dnp, digits, sizeof digits, err)) {
		return false;
	}
	if (!dnp_frame_length(digits, &n_bytes)) {
		err_set(err, REMEDY_RETRY, "printer-answer",
			"printer %s: its answer to %s %s has no length that can be",
			dnp->device->printer, group, name);
		return broke(dnp, err);
	}
	if (!read_bytes(dnp, bytes, n_bytes, err)) {
		return false;
	}
	dnp_reply_text(bytes, n_bytes, text, DNP_REPLY_MAX + 1);
	return true;
}

/* ---- the beginning ---- */

/* Answers to questions of somebody who is not there any more. */
static bool read_leftovers(struct dnp *dnp, struct err *err)
{
	uint8_t bytes[DNP_REPLY_MAX];
	for (int i = 0; i < LEFTOVERS_MAX; i++) {
		size_t got;
		if (!dnp->line->in(dnp->line, bytes, sizeof bytes, LEFTOVER_MS, &got, err)) {
			return strcmp(err->code, "printer-stalled") == 0 || broke(dnp, err);
		}
	}
	err_set(err, REMEDY_RETRY, "printer-answer",
		"printer %s: it talks without end and was not asked", dnp->device->printer);
	return broke(dnp, err);
}

static bool start_anew(struct dnp *dnp, struct err *err)
{
	dnp->cut_off = false;
	if (!dnp->line->reset(dnp->line, err)) {
		dnp_drop(dnp); /* it may have helped all the same: the next need shows */
		return false;
	}
	return read_leftovers(dnp, err);
}

static bool open_line(struct dnp *dnp, struct err *err)
{
	static const struct usb_wish wish = {
		.interface_class = -1, .interface_protocol = -1, .needs_in = true};
	struct device *device = dnp->device;
	if (device->usb == NULL) {
		return err_set(err, REMEDY_ATTEND, "driver",
			"printer %s: this platen was built without USB; install one that has it",
			device->printer);
	}
	dnp->line = device->usb(device->host, &wish, err);
	return dnp->line != NULL;
}

/* Whether it listens: a printer that waits for the rest of a plane swallows the question. */
static bool listens(struct dnp *dnp, struct err *err)
{
	int code;
	if (dnp->cut_off && !start_anew(dnp, err)) {
		return false;
	}
	if (dnp_status_code(dnp, &code, err)) {
		return true;
	}
	bool may_help = strcmp(err->code, "printer-stalled") == 0 ||
			strcmp(err->code, "printer-answer") == 0;
	dnp_drop(dnp);
	return may_help && open_line(dnp, err) && start_anew(dnp, err) &&
	       dnp_status_code(dnp, &code, err);
}

bool dnp_enter(struct dnp *dnp, struct err *err)
{
	if (dnp->line != NULL) {
		return true;
	}
	bool fine = open_line(dnp, err) && read_leftovers(dnp, err) && listens(dnp, err) &&
		    dnp_identify(dnp, err);
	if (!fine) {
		dnp_drop(dnp);
	}
	return fine;
}
