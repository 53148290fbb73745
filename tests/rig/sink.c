/* SPDX-License-Identifier: Apache-2.0
 *
 * "sink": a device for tests of the rig itself, and of whatever moves bytes. Interface 0 swallows
 * bulk OUT 0x01, as much as it is told to, and gives it back at bulk IN 0x82 while `echo` is on;
 * interface 1 is a one-way printer class interface (OUT 0x03) with a device id. Vendor request 1
 * keeps up to 64 bytes and gives them back.
 */
#include "base/mem.h"
#include "tests/rig/models.h"
#include "tests/rig/words.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ECHO_MAX   (256 * 1024)
#define NOTE_MAX   64
#define NO_LIMIT   (-1)
#define FNV_FROM   UINT32_C(2166136261)
#define FNV_FACTOR UINT32_C(16777619)
#define KEYS       "serial product"

enum { /* requests: type and request */
	KEEP_NOTE = 0x4001,
	GIVE_NOTE = 0xC001,
	DEVICE_ID = 0xA100,
	PORT_STATUS = 0xA101,
	SOFT_RESET = 0x2102,
};

struct sink {
	char serial[64], device_id[200];
	bool echoes, stalls_next;
	int64_t may_take_bytes; /* NO_LIMIT: everything */
	int64_t taken_bytes, resets, soft_resets;
	uint32_t hash; /* FNV-1a of what was taken */
	uint8_t echo[ECHO_MAX];
	int n_echo;
	uint8_t note[NOTE_MAX];
	int n_note;
};

static const uint8_t configuration[] = {
	9, 2, 48, 0, 2, 1, 0, 0xC0, 1, /* two interfaces, self-powered */
	9, 4, 0, 0, 2, 0xFF, 0, 0, 0,  /* 0: vendor */
	7, 5, 0x01, 2, 0x00, 0x02, 0,  /* bulk OUT, 512 */
	7, 5, 0x82, 2, 0x00, 0x02, 0,  /* bulk IN, 512 */
	9, 4, 1, 0, 1, 7, 1, 1, 0,     /* 1: printer, one way */
	7, 5, 0x03, 2, 0x00, 0x02, 0,  /* bulk OUT, 512 */
};

static const uint8_t device_descriptor[18] = {
	18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x09, 0x12, 0x01, 0x00, 0x00, 0x01, 1, 2, 3, 1};

static void *create(const char *arguments, struct rig_descriptors *descriptors)
{
	if (!words_are_known(arguments, KEYS)) {
		return NULL;
	}
	struct sink *sink = mem_new(1, sizeof *sink);
	sink->may_take_bytes = NO_LIMIT;
	sink->hash = FNV_FROM;
	words_get(arguments, "serial", "SINK0001", sink->serial, sizeof sink->serial);
	int n = snprintf(sink->device_id + 2, sizeof sink->device_id - 2,
		"MFG:Platen;MDL:Sink;CMD:RAW;CLS:PRINTER;SN:%s;", sink->serial);
	sink->device_id[1] = (char)(n + 2); /* big endian, counting itself */
	memcpy(descriptors->device, device_descriptor, sizeof device_descriptor);
	descriptors->device[10] = (uint8_t)words_number(arguments, "product", 1);
	descriptors->configuration = configuration;
	descriptors->n_configuration = sizeof configuration;
	descriptors->strings[1] = "Platen";
	descriptors->strings[2] = "Rig sink \xC2\xB5"; /* not all of ASCII */
	descriptors->strings[3] = sink->serial;
	return sink;
}

static void keep_echo(struct sink *sink, const uint8_t *bytes, int n)
{
	int room = ECHO_MAX - sink->n_echo;
	n = n < room ? n : room;
	memcpy(sink->echo + sink->n_echo, bytes, (size_t)n);
	sink->n_echo += n;
}

static int out(void *own, uint8_t endpoint, const uint8_t *bytes, int n, int64_t now_ms)
{
	struct sink *sink = own;
	(void)endpoint;
	(void)now_ms;
	if (sink->stalls_next) {
		sink->stalls_next = false;
		return RIG_STALL;
	}
	if (sink->may_take_bytes != NO_LIMIT) {
		n = n < sink->may_take_bytes ? n : (int)sink->may_take_bytes;
		sink->may_take_bytes -= n;
	}
	for (int i = 0; i < n; i++) {
		sink->hash = (sink->hash ^ bytes[i]) * FNV_FACTOR;
	}
	sink->taken_bytes += n;
	if (sink->echoes) {
		keep_echo(sink, bytes, n);
	}
	return n == 0 ? RIG_NAK : n;
}

static int in(void *own, uint8_t endpoint, uint8_t *bytes, int room, int64_t now_ms)
{
	struct sink *sink = own;
	(void)endpoint;
	(void)now_ms;
	int n = sink->n_echo < room ? sink->n_echo : room;
	memcpy(bytes, sink->echo, (size_t)n);
	memmove(sink->echo, sink->echo + n, (size_t)(sink->n_echo - n));
	sink->n_echo -= n;
	return n == 0 ? RIG_NAK : n;
}

static int give(uint8_t *bytes, int n, const void *from, int n_from)
{
	n = n < n_from ? n : n_from;
	memcpy(bytes, from, (size_t)n);
	return n;
}

static int control(void *own, const uint8_t setup[8], uint8_t *bytes, int n, int64_t now_ms)
{
	static const uint8_t all_is_well = 0x18; /* selected, no error, paper */
	struct sink *sink = own;
	(void)now_ms;
	switch (setup[0] << 8 | setup[1]) {
	case KEEP_NOTE:
		sink->n_note = give(sink->note, NOTE_MAX, bytes, n);
		return sink->n_note;
	case GIVE_NOTE:
		return give(bytes, n, sink->note, sink->n_note);
	case DEVICE_ID:
		return give(bytes, n, sink->device_id, sink->device_id[1]);
	case PORT_STATUS:
		return give(bytes, n, &all_is_well, 1);
	case SOFT_RESET:
		sink->soft_resets++;
		return 0;
	default:
		return RIG_STALL;
	}
}

static void reset(void *own, int64_t now_ms)
{
	struct sink *sink = own;
	(void)now_ms;
	sink->resets++;
	sink->n_echo = 0;
}

static bool command(void *own, const char *words, int64_t now_ms)
{
	struct sink *sink = own;
	(void)now_ms;
	if (strncmp(words, "take ", 5) == 0) {
		sink->may_take_bytes = strtoll(words + 5, NULL, 10);
	} else if (strcmp(words, "take-all") == 0) {
		sink->may_take_bytes = NO_LIMIT;
	} else if (strcmp(words, "stall") == 0) {
		sink->stalls_next = true;
	} else if (strcmp(words, "echo") == 0 || strcmp(words, "no-echo") == 0) {
		sink->echoes = words[0] == 'e';
	} else {
		return false;
	}
	return true;
}

static int report(void *own, char *text, size_t size)
{
	const struct sink *sink = own;
	return snprintf(text, size,
		"bytes=%" PRId64 "\nhash=%08" PRIx32 "\nresets=%" PRId64 "\nsoft-resets=%" PRId64
		"\n",
		sink->taken_bytes, sink->hash, sink->resets, sink->soft_resets);
}

const struct rig_model rig_sink = {
	.name = "sink",
	.create = create,
	.destroy = free,
	.out = out,
	.in = in,
	.control = control,
	.reset = reset,
	.command = command,
	.report = report,
};
