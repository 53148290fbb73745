/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the answers of a dye-sub: who it is, how it is, what became of an attempt. The first
 * byte picks the model, since they are asked different things.
 */
#include "tests/fuzz/fuzz.h"
#include "base/text.h"
#include "drivers/list.h"
#include <string.h>

struct printer { /* it has these answers, and then is silent */
	const uint8_t *bytes;
	size_t left;
	bool has_begun;
	struct usb_line line;
};

static bool is_silent(struct err *err)
{
	return err_set(err, REMEDY_RETRY, "printer-stalled", "printer P1: it is silent");
}

static bool take_all(struct usb_line *line, const void *bytes, size_t n_bytes, int64_t patience_ms,
	size_t *taken_bytes, struct err *err)
{
	(void)line;
	(void)bytes;
	(void)patience_ms;
	(void)err;
	*taken_bytes = n_bytes;
	return true;
}

static bool give(struct usb_line *line, void *bytes, size_t room_bytes, int64_t patience_ms,
	size_t *got_bytes, struct err *err)
{
	struct printer *printer = line->own;
	(void)patience_ms;
	*got_bytes = 0;
	if (!printer->has_begun) { /* nothing was left over */
		printer->has_begun = true;
		return is_silent(err);
	}
	size_t n = room_bytes < printer->left ? room_bytes : printer->left;
	if (n == 0) {
		return is_silent(err);
	}
	memcpy(bytes, printer->bytes, n);
	printer->bytes += n;
	printer->left -= n;
	*got_bytes = n;
	return true;
}

static bool reset(struct usb_line *line, struct err *err)
{
	(void)line;
	(void)err;
	return true;
}

static void close_line(struct usb_line *line)
{
	(void)line;
}

static struct usb_line *open_line(void *host, const struct usb_wish *wish, struct err *err)
{
	struct printer *printer = host;
	(void)wish;
	(void)err;
	return &printer->line;
}

static bool pause_ms(void *host, int64_t wait_ms)
{
	(void)host;
	(void)wait_ms;
	return true;
}

static void check_status(const struct device_status *status)
{
	fuzz_must(status->n_ready >= 0 && status->n_ready <= DEVICE_READY_MAX);
	fuzz_must(status->n_reasons >= 0 && status->n_reasons <= DEVICE_REASONS_MAX);
	fuzz_must(status->n_supplies >= 0 && status->n_supplies <= DEVICE_SUPPLIES_MAX);
	fuzz_must(status->life_count >= 0);
	fuzz_must(strpbrk(status->firmware, "\n\r\x1b") == NULL);
	fuzz_must(text_is_utf8(status->message, strlen(status->message)));
	for (int32_t i = 0; i < status->n_ready; i++) {
		fuzz_must(status->ready[i].sheets_left >= 0);
		fuzz_must(status->ready[i].height_most_hmm >= status->ready[i].height_hmm);
	}
}

static void ask(struct device *device)
{
	struct device_status status;
	struct err err = {.text = ""};
	struct receipt receipt = {.text = ""};
	struct attempt attempt = {.key = "J1.1.1",
		.phase = PHASE_COMMITTED,
		.copies = 2,
		.before = {.read = true, .life_count = 1000, .media_left = 200}};
	if (device->driver->status(device, &status, &err)) {
		check_status(&status);
	} else {
		fuzz_must(err.text[0] != '\0' && err.code[0] != '\0');
	}
	if (device->driver->confirm(device, &attempt, &receipt, &err)) {
		fuzz_must(receipt.text[0] != '\0');
		fuzz_must(receipt.completed >= 0 && receipt.completed <= attempt.copies);
		fuzz_must(receipt.verdict != VERDICT_DONE || receipt.completed == attempt.copies);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint16_t ids[][2] = {
		{0x1452, 0x8b01}, {0x1343, 0x0005}, {0x1343, 0x0003}, {0x1452, 0x9001}, {1, 1}};
	if (len == 0) {
		return 0;
	}
	const uint16_t *id = ids[bytes[0] % 5];
	struct printer printer = {.bytes = bytes + 1,
		.left = len - 1,
		.line = {.identity = {.vendor = id[0], .product = id[1]},
			.out = take_all,
			.in = give,
			.reset = reset,
			.close = close_line}};
	struct device device = {.driver = &driver_dyesub,
		.printer = "P1",
		.uuid = "",
		.exclusive = true,
		.host = &printer,
		.usb = open_line,
		.pause = pause_ms};
	struct err err;
	printer.line.own = &printer;
	if (device.driver->open(&device, &err)) {
		ask(&device);
		device.driver->close(&device);
	}
	return 0;
}
