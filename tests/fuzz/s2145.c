/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the transfers of a Sinfonia S2145, to the whole driver: it comes to an end, what it
 * says has words, and nothing is proven by a counter that was not read.
 *
 * A byte before each transfer: how long it is; 255: nothing comes. Then nothing comes any more.
 */
#include "tests/fuzz/fuzz.h"
#include "drivers/list.h"
#include "base/text.h"
#include <string.h>

#define NOTHING 255

struct talker {
	struct usb_line line;
	const uint8_t *at, *end;
	int calls;
};

static bool stalled(struct err *err)
{
	return err_set(err, REMEDY_RETRY, "printer-stalled", "printer P1: nothing for a while");
}

static bool take(struct usb_line *line, const void *bytes, size_t n_bytes, int64_t patience_ms,
	size_t *taken_bytes, struct err *err)
{
	struct talker *talker = line->own;
	(void)bytes;
	(void)patience_ms;
	(void)err;
	fuzz_must(++talker->calls < 10000);
	*taken_bytes = n_bytes;
	return true;
}

static bool give(struct usb_line *line, void *bytes, size_t room_bytes, int64_t patience_ms,
	size_t *got_bytes, struct err *err)
{
	struct talker *talker = line->own;
	(void)patience_ms;
	fuzz_must(++talker->calls < 10000);
	*got_bytes = 0;
	if (talker->at == talker->end) {
		return stalled(err);
	}
	uint8_t length = *talker->at++;
	if (length == NOTHING) {
		return stalled(err);
	}
	size_t n = (size_t)(talker->end - talker->at);
	n = n < length ? n : length;
	n = n < room_bytes ? n : room_bytes;
	memcpy(bytes, talker->at, n);
	talker->at += n;
	*got_bytes = n;
	return true;
}

static bool reset(struct usb_line *line, struct err *err)
{
	struct talker *talker = line->own;
	(void)err;
	fuzz_must(++talker->calls < 10000);
	return true;
}

static void close_line(struct usb_line *line)
{
	(void)line;
}

static struct usb_line *open_line(void *host, const struct usb_wish *wish, struct err *err)
{
	struct talker *talker = host;
	(void)wish;
	(void)err;
	talker->line = (struct usb_line){.own = talker,
		.identity = {.vendor = 0x10CE, .product = 0x000E, .port = "1-1"},
		.out = take,
		.in = give,
		.reset = reset,
		.close = close_line};
	return &talker->line;
}

static bool must_stop(void *host)
{
	(void)host;
	return false;
}

static bool pause_no_time(void *host, int64_t wait_ms)
{
	(void)wait_ms;
	return !must_stop(host);
}

static void judge(bool fine, const struct err *err)
{
	fuzz_must(fine || (err->text[0] != '\0' && err->code[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct talker talker = {.at = bytes, .end = bytes + len};
	struct device device = {.driver = &driver_s2145,
		.printer = "P1",
		.uri = "",
		.uuid = "",
		.exclusive = true,
		.host = &talker,
		.usb = open_line,
		.must_stop = must_stop,
		.pause = pause_no_time};
	struct attempt attempt = {.key = "J1.1.1",
		.phase = PHASE_COMMITTED,
		.copies = 1,
		.device_job = 5,
		.before = {.read = true, .uuid = "BOOTH-7", .life_count = 100}};
	struct device_status status = {.n_ready = 0};
	struct receipt receipt;
	struct err err = {.text = ""};
	int32_t swept = 0;
	fuzz_must(device.driver->open(&device, &err));
	bool seen = device.driver->status(&device, &status, &err);
	judge(seen, &err);
	fuzz_must(!seen || (status.n_ready <= DEVICE_READY_MAX &&
				   text_is_utf8(status.title, strlen(status.title))));
	judge(device.driver->sweep(&device, NULL, 0, &swept, &err), &err);
	bool told = device.driver->confirm(&device, &attempt, &receipt, &err);
	judge(told, &err);
	fuzz_must(!told || receipt.text[0] != '\0');
	fuzz_must(!told || receipt.evidence == EVIDENCE_NONE || receipt.after.read);
	device.driver->close(&device);
	return 0;
}
