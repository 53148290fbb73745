/* SPDX-License-Identifier: Apache-2.0
 *
 * A printer of the USB class as a model (USB Printing Devices 1.1).
 */
#include "tests/rig/class_printer.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/rig/paper.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GET_DEVICE_ID = 0, GET_PORT_STATUS = 1, SOFT_RESET = 2 };
enum { STATUS_NOT_ERROR = 0x08, STATUS_SELECTED = 0x10, STATUS_PAPER_EMPTY = 0x20 };

#define AT_PROTOCOL 16 /* bytes into the configuration */
#define AT_ENDS     13
#define AT_TOTAL    2
#define BURST_MS    1000 /* what a slow one may have saved up */

struct printer {
	char serial[65];
	int64_t sheets, rate, credit, credit_ms;
	bool turned, first, mute;
	bool error, offline, silent, stall;
	int resets;
	int64_t bytes;
	struct paper paper;
	uint8_t configuration[32];
};

static const uint8_t configuration[32] = {9, 2, 32, 0, 1, 1, 0, 0xC0, 0, /* one interface */
	9, 4, 0, 0, 2, 7, 1, 2, 0,                                       /* printer, two-way */
	7, 5, 0x01, 2, 0x00, 0x02, 0,                                    /* bulk OUT, 512 bytes */
	7, 5, 0x82, 2, 0x00, 0x02, 0};                                   /* bulk IN */

/* ---- its life ---- */

static bool take_argument(struct printer *printer, const char *word)
{
	const struct {
		const char *key;
		int64_t *number;
	} numbers[] = {{"sheets=", &printer->sheets}, {"rate=", &printer->rate}};
	const struct {
		const char *key;
		bool *flag;
	} flags[] = {
		{"turned", &printer->turned}, {"first", &printer->first}, {"mute", &printer->mute}};
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(numbers[i].key);
		if (strncmp(word, numbers[i].key, len) == 0) {
			return text_to_int(word + len, 0, 1000000000, numbers[i].number);
		}
	}
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(word, flags[i].key) == 0) {
			*flags[i].flag = true;
			return true;
		}
	}
	if (strcmp(word, "protocol=1") == 0) { /* one-way: without the way back */
		printer->configuration[AT_PROTOCOL] = 1;
		printer->configuration[AT_ENDS] = 1;
		printer->configuration[AT_TOTAL] = 25;
		return true;
	}
	if (strncmp(word, "serial=", 7) == 0) {
		return text_copy(printer->serial, sizeof printer->serial, word + 7);
	}
	return strcmp(word, "protocol=2") == 0;
}

static bool take_arguments(struct printer *printer, const char *arguments)
{
	char words[256];
	char *rest = words;
	bool fine = text_copy(words, sizeof words, arguments);
	for (char *word; fine && (word = strsep(&rest, " ")) != NULL;) {
		fine = word[0] == '\0' || take_argument(printer, word);
	}
	return fine;
}

static void describe(const struct printer *printer, struct rig_descriptors *descriptors)
{
	static const uint8_t device[18] = {18, 1, 0x00, 0x02, 0, 0, 0, 64, CLASS_VENDOR & 0xFF,
		CLASS_VENDOR >> 8, CLASS_PRODUCT & 0xFF, CLASS_PRODUCT >> 8, 0x23, 0x01, 1, 2, 0,
		1};
	*descriptors = (struct rig_descriptors){.configuration = printer->configuration,
		.n_configuration = printer->configuration[AT_TOTAL],
		.strings = {NULL, "Platen", "Class Printer"}};
	memcpy(descriptors->device, device, sizeof device);
	if (printer->serial[0] != '\0') {
		descriptors->device[16] = 3;
		descriptors->strings[3] = printer->serial;
	}
}

static void *create(const char *arguments, struct rig_descriptors *descriptors)
{
	struct printer *printer = mem_new(1, sizeof *printer);
	*printer = (struct printer){.sheets = 1000};
	memcpy(printer->configuration, configuration, sizeof configuration);
	paper_init(&printer->paper);
	if (!take_arguments(printer, arguments)) {
		free(printer);
		return NULL;
	}
	describe(printer, descriptors);
	return printer;
}

static void forget(struct printer *printer)
{
	printer->resets++;
	printer->stall = false;
	paper_cut(&printer->paper);
}

static void reset(void *own, int64_t now_ms)
{
	(void)now_ms;
	forget(own);
}

static void tick(void *own, int64_t now_ms)
{
	struct printer *printer = own;
	int64_t passed_ms = now_ms - printer->credit_ms;
	printer->credit += (passed_ms < BURST_MS ? passed_ms : BURST_MS) * printer->rate / 1000;
	printer->credit_ms = now_ms;
}

/* ---- what it takes and says ---- */

static int out(void *own, uint8_t endpoint, const uint8_t *bytes, int n, int64_t now_ms)
{
	struct printer *printer = own;
	(void)endpoint;
	tick(printer, now_ms);
	if (printer->stall) {
		printer->stall = false;
		return RIG_STALL;
	}
	int taken = 0;
	while (taken < n && printer->sheets > 0 && !printer->error && !printer->offline &&
		!printer->silent && (printer->rate == 0 || printer->credit > 0)) {
		printer->sheets -= paper_take(&printer->paper, bytes[taken++]);
		printer->credit -= printer->rate > 0;
	}
	printer->bytes += taken;
	return taken > 0 ? taken : RIG_NAK;
}

static int in(void *own, uint8_t endpoint, uint8_t *bytes, int room, int64_t now_ms)
{
	(void)own;
	(void)endpoint;
	(void)bytes;
	(void)room;
	(void)now_ms;
	return RIG_NAK; /* it has nothing to say */
}

static int give_id(const struct printer *printer, uint8_t *bytes, int n)
{
	char id[200];
	int length = snprintf(id + 2, sizeof id - 2,
			     "MFG:Platen;MDL:Class Printer;CLS:PRINTER;CMD:PWGRaster;%s%s",
			     printer->serial[0] != '\0' ? "SN:" : "", printer->serial) +
		     2;
	id[printer->turned] = (char)(length >> 8);
	id[!printer->turned] = (char)length;
	length = length < n ? length : n;
	memcpy(bytes, id, (size_t)length);
	return length;
}

static int give_status(const struct printer *printer, uint8_t *bytes, int n)
{
	if (printer->mute || n < 1) {
		return RIG_STALL;
	}
	bytes[0] = (uint8_t)((printer->error ? 0 : STATUS_NOT_ERROR) |
			     (printer->offline ? 0 : STATUS_SELECTED) |
			     (printer->sheets > 0 ? 0 : STATUS_PAPER_EMPTY));
	return 1;
}

static int control(void *own, const uint8_t setup[8], uint8_t *bytes, int n, int64_t now_ms)
{
	struct printer *printer = own;
	(void)now_ms;
	if (setup[0] == 0xA1 && setup[1] == GET_DEVICE_ID) {
		return give_id(printer, bytes, n);
	}
	if (setup[0] == 0xA1 && setup[1] == GET_PORT_STATUS) {
		return give_status(printer, bytes, n);
	}
	if (setup[0] == (printer->first ? 0x23 : 0x21) && setup[1] == SOFT_RESET) {
		forget(printer);
		return 0;
	}
	return RIG_STALL;
}

/* ---- what a test sees and does ---- */

static bool command(void *own, const char *words, int64_t now_ms)
{
	struct printer *printer = own;
	(void)now_ms;
	const struct {
		const char *words;
		bool *flag, value;
	} switches[] = {
		{"error on", &printer->error, true},
		{"error off", &printer->error, false},
		{"offline on", &printer->offline, true},
		{"offline off", &printer->offline, false},
		{"silent on", &printer->silent, true},
		{"silent off", &printer->silent, false},
		{"stall", &printer->stall, true},
	};
	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
		if (strcmp(words, switches[i].words) == 0) {
			*switches[i].flag = switches[i].value;
			return true;
		}
	}
	return strncmp(words, "paper ", 6) == 0 &&
	       text_to_int(words + 6, 0, 1000000, &printer->sheets);
}

static int report(void *own, char *text, size_t size)
{
	const struct printer *printer = own;
	size_t len = (size_t)snprintf(text, size,
		"sheets=%d\nspoiled=%d\nresets=%d\nbytes=%" PRId64 "\n", printer->paper.n_sheets,
		printer->paper.spoiled, printer->resets, printer->bytes);
	for (int i = 0; i < printer->paper.n_sheets && i < PAPER_SHEETS_MAX; i++) {
		len += (size_t)snprintf(len < size ? text + len : NULL, len < size ? size - len : 0,
			"sheet=%016" PRIx64 "\n", printer->paper.sheets[i]);
	}
	return (int)len;
}

const struct rig_model class_printer = {.name = "printer-class",
	.create = create,
	.destroy = free,
	.out = out,
	.in = in,
	.control = control,
	.reset = reset,
	.tick = tick,
	.command = command,
	.report = report};
