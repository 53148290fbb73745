/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of an attempt at a printer of the USB class: it does not say. What was cut off before
 * COMMITTED is made to be forgotten, and is spoiled at most; of all else a person counts the tray.
 */
#include "drivers/usbprint.h"
#include "drivers/receipt.h"
#include "base/clock.h"
#include <string.h>

/* It has all of it. While it says that something is wrong, or can't have printed it yet, nobody
 * need look. */
static void settle_taken(const struct usbprint *printer, const struct attempt *attempt,
	const struct device_status *status, struct receipt *receipt)
{
	int64_t since_ms = clock_boot_ms() - printer->taken_ms;
	bool fresh = strcmp(printer->taken, attempt->key) == 0 &&
		     since_ms < printer->device->model.ms_per_print;
	if (status->n_reasons > 0) {
		receipt_conclude(receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
			"the printer has all of it, and says %s", status->reasons[0]);
	} else if (fresh) {
		receipt_conclude(
			receipt, VERDICT_PENDING, EVIDENCE_NONE, 0, "the printer has all of it");
	} else {
		receipt_conclude(receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"the printer has taken all of it, and printers of its kind say no more: "
			"look in the tray");
	}
}

bool usbprint_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err)
{
	struct usbprint *printer = device->own;
	struct device_status status;
	struct receipt result = {.completed = 0};
	const char *then = attempt->before.uuid;
	if (!usbprint_status(device, &status, err)) {
		return false;
	}
	usbprint_witness_of(printer, &result.after);
	bool cut_off = attempt->phase == PHASE_SENDING;
	if (then[0] != '\0' && strcmp(then, printer->uuid) != 0) {
		receipt_conclude(&result, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"it was sent to another printer (%s) than is plugged in now", then);
	} else if (attempt->phase < PHASE_SENDING) {
		receipt_conclude(&result, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0, "nothing was sent");
	} else if (cut_off && !usbprint_forget(printer, err)) {
		return false;
	} else if (cut_off) {
		receipt_conclude(&result, VERDICT_SPOILED, EVIDENCE_NONE, 0,
			"cut off before its last part, and the printer was reset: an incomplete "
			"sheet may have come out");
	} else if (attempt->phase == PHASE_COMMITTED) {
		receipt_conclude(&result, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"its end was under way, and nobody knows whether the printer has all of "
			"it: look in the tray");
	} else {
		settle_taken(printer, attempt, &status, &result);
	}
	*receipt = result;
	return true;
}
