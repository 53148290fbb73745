/* SPDX-License-Identifier: Apache-2.0
 *
 * "scale": a HID weighing device (usage page 0x8D) with the manners of real ones. It says its
 * weight ten times a second, says that it moves while it settles, says first, when nobody has read
 * for a while, what it said last, and switches itself off when nothing was put on or taken away.
 *
 * Arguments: serial, vendor, product, unit (g kg oz lb), id=0 (no report id in front), tenths=1
 * (sends tenths and says exponent 0, as one Elane does), limit_g, off_after_ms.
 * Commands: "put GRAMS", "zero", "unit U", "status N" (says that until "status 0").
 */
#include "base/mem.h"
#include "base/text.h"
#include "tests/rig/models.h"
#include "tests/rig/words.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS            "serial vendor product unit id tenths limit_g off_after_ms"
#define REPORT_EVERY_MS 100
#define SETTLES_MS      600
#define FORGETS_MS      1000 /* nobody has read for so long: the next report is an old one */
#define OFF_AFTER_MS    180000
#define LIMIT_G         10000
#define REPORT_ID       3
#define REPORT_MAX      6
#define G_UG            INT64_C(1000000)

enum { /* HID point of sale usages, 0x70 + n */
	FAULT = 1,
	STABLE_AT_ZERO,
	IN_MOTION,
	STABLE,
	UNDER_ZERO,
	OVER_LIMIT,
};

static const struct unit {
	const char *name;
	uint8_t code;    /* 0x50 + n */
	int8_t exponent; /* of what is sent */
	int64_t step_ug; /* one in what is sent */
} units[] = {
	{"g", 2, 0, G_UG},
	{"kg", 3, -3, G_UG},
	{"oz", 11, -1, 2834952},
	{"lb", 12, -2, 4535924},
};

struct scale {
	char serial[64];
	uint8_t configuration[34];
	uint8_t hid_report[80];
	size_t n_hid_report;
	bool has_id, sends_tenths;
	const struct unit *unit;
	int64_t limit_ug, off_after_ms;
	int64_t load_ug, before_ug, zero_ug; /* on it, before that, and what counts as nothing */
	int64_t changed_ms;                  /* when something was put on or taken away */
	int64_t next_ms, given_ms;           /* reports */
	int forced_status;                   /* 0: the true one */
	uint8_t last[REPORT_MAX];            /* report, said again after a silence; none: all 0 */
	int64_t n_given;
};

static const uint8_t hid_head[] = {0x05, 0x8D, 0x09, 0x20, 0xA1, 0x01};
static const uint8_t hid_id[] = {0x85, REPORT_ID};
static const uint8_t hid_rest[] = {0x05, 0x8D, 0x09, 0x21, 0xA1, 0x02, /* scale, its data */
	0x09, 0x70, 0x15, 0x01, 0x25, 0x08, 0x75, 0x08, 0x95, 0x01, 0x81, 0x02, /* status */
	0x09, 0x50, 0x15, 0x00, 0x25, 0x0C, 0x81, 0x02,                         /* unit */
	0x09, 0x41, 0x15, 0x80, 0x25, 0x7F, 0x81, 0x02, /* exponent, signed */
	0x09, 0x40, 0x15, 0x00, 0x27, 0xFF, 0xFF, 0x00, 0x00, 0x75, 0x10, 0x81, 0x02, /* weight */
	0xC0, 0xC0};

static const uint8_t configuration[] = {
	9, 2, 34, 0, 1, 1, 0, 0x80, 50,        /* one interface, from the bus */
	9, 4, 0, 0, 1, 3, 0, 0, 0,             /* HID */
	9, 0x21, 0x11, 0x01, 0, 1, 0x22, 0, 0, /* one report descriptor; its length is put in */
	7, 5, 0x81, 3, 8, 0, 8,                /* interrupt IN */
};
#define AT_HID_REPORT_LENGTH 25

static const uint8_t device_descriptor[18] = {
	18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x22, 0x09, 0x03, 0x80, 0x00, 0x01, 1, 2, 3, 1};

static const struct unit *unit_of(const char *name)
{
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (strcmp(units[i].name, name) == 0) {
			return &units[i];
		}
	}
	return NULL;
}

static void put_number(uint8_t *at, int64_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static void add(struct scale *scale, const uint8_t *bytes, size_t n)
{
	memcpy(scale->hid_report + scale->n_hid_report, bytes, n);
	scale->n_hid_report += n;
}

static void describe(
	struct scale *scale, const char *arguments, struct rig_descriptors *descriptors)
{
	add(scale, hid_head, sizeof hid_head);
	add(scale, hid_id, scale->has_id ? sizeof hid_id : 0);
	add(scale, hid_rest, sizeof hid_rest);
	memcpy(scale->configuration, configuration, sizeof configuration);
	scale->configuration[AT_HID_REPORT_LENGTH] = (uint8_t)scale->n_hid_report;
	memcpy(descriptors->device, device_descriptor, sizeof device_descriptor);
	put_number(descriptors->device + 8, words_number(arguments, "vendor", 0x0922));
	put_number(descriptors->device + 10, words_number(arguments, "product", 0x8003));
	descriptors->configuration = scale->configuration;
	descriptors->n_configuration = sizeof scale->configuration;
	descriptors->strings[1] = "Platen";
	descriptors->strings[2] = "Rig scale";
	descriptors->strings[3] = scale->serial;
}

static void *create(const char *arguments, struct rig_descriptors *descriptors)
{
	char name[8];
	const struct unit *unit = unit_of(words_get(arguments, "unit", "g", name, sizeof name));
	if (unit == NULL || !words_are_known(arguments, KEYS)) {
		return NULL;
	}
	struct scale *scale = mem_new(1, sizeof *scale);
	words_get(arguments, "serial", "SCALE0001", scale->serial, sizeof scale->serial);
	scale->unit = unit;
	scale->has_id = words_number(arguments, "id", 1) != 0;
	scale->sends_tenths = words_number(arguments, "tenths", 0) != 0;
	scale->limit_ug = words_number(arguments, "limit_g", LIMIT_G) * G_UG;
	scale->off_after_ms = words_number(arguments, "off_after_ms", OFF_AFTER_MS);
	describe(scale, arguments, descriptors);
	return scale;
}

/* ---- what it says ---- */

static bool is_settled(const struct scale *scale, int64_t now_ms)
{
	return now_ms - scale->changed_ms >= SETTLES_MS;
}

/* On its way from what lay there to what lies there now. */
static int64_t seen_ug(const struct scale *scale, int64_t now_ms)
{
	if (is_settled(scale, now_ms)) {
		return scale->load_ug - scale->zero_ug;
	}
	return scale->before_ug - scale->zero_ug +
	       (scale->load_ug - scale->before_ug) * (now_ms - scale->changed_ms) / SETTLES_MS;
}

static uint8_t status_of(const struct scale *scale, int64_t weight_ug, int64_t now_ms)
{
	if (scale->forced_status != 0) {
		return (uint8_t)scale->forced_status;
	}
	if (scale->load_ug > scale->limit_ug) {
		return OVER_LIMIT;
	}
	if (!is_settled(scale, now_ms)) {
		return IN_MOTION;
	}
	return weight_ug < 0 ? UNDER_ZERO : weight_ug == 0 ? STABLE_AT_ZERO : STABLE;
}

static void say(const struct scale *scale, int64_t now_ms, uint8_t report[REPORT_MAX])
{
	int64_t weight_ug = seen_ug(scale, now_ms);
	int64_t step_ug = scale->unit->step_ug / (scale->sends_tenths ? 10 : 1);
	int64_t sent = (llabs(weight_ug) + step_ug / 2) / step_ug;
	report[0] = REPORT_ID;
	report[1] = status_of(scale, weight_ug, now_ms);
	report[2] = scale->unit->code;
	report[3] = (uint8_t)(scale->sends_tenths ? 0 : scale->unit->exponent);
	put_number(report + 4, sent > UINT16_MAX ? UINT16_MAX : sent);
}

static int give(const struct scale *scale, const uint8_t *report, uint8_t *bytes, int room)
{
	int skipped = scale->has_id ? 0 : 1;
	int n = REPORT_MAX - skipped < room ? REPORT_MAX - skipped : room;
	memcpy(bytes, report + skipped, (size_t)n);
	return n;
}

static int in(void *own, uint8_t endpoint, uint8_t *bytes, int room, int64_t now_ms)
{
	struct scale *scale = own;
	(void)endpoint;
	if (now_ms < scale->next_ms) {
		return RIG_NAK;
	}
	bool was_silent = scale->n_given > 0 && now_ms - scale->given_ms > FORGETS_MS;
	if (!was_silent) {
		say(scale, now_ms, scale->last);
	}
	scale->given_ms = now_ms;
	scale->next_ms = now_ms + REPORT_EVERY_MS;
	scale->n_given++;
	return give(scale, scale->last, bytes, room);
}

static int control(void *own, const uint8_t setup[8], uint8_t *bytes, int n, int64_t now_ms)
{
	struct scale *scale = own;
	uint8_t report[REPORT_MAX];
	switch (setup[0] << 8 | setup[1]) {
	case 0x8106: /* GET_DESCRIPTOR of the interface */
		if (setup[3] != 0x22) {
			return RIG_STALL;
		}
		n = n < (int)scale->n_hid_report ? n : (int)scale->n_hid_report;
		memcpy(bytes, scale->hid_report, (size_t)n);
		return n;
	case 0xA101: /* GET_REPORT */
		say(scale, now_ms, report);
		return give(scale, report, bytes, n);
	case 0x210A: /* SET_IDLE */
		return 0;
	default:
		return RIG_STALL;
	}
}

/* ---- what happens to it ---- */

static void reset(void *own, int64_t now_ms)
{
	struct scale *scale = own;
	scale->changed_ms = now_ms - SETTLES_MS; /* on again; nothing has moved */
	scale->next_ms = now_ms + REPORT_EVERY_MS;
}

static bool present(void *own, int64_t now_ms)
{
	const struct scale *scale = own;
	return now_ms - scale->changed_ms < scale->off_after_ms;
}

static void tick(void *own, int64_t now_ms)
{
	(void)own;
	(void)now_ms;
}

static bool set_status(struct scale *scale, const char *words)
{
	int64_t status;
	if (!text_to_int(words, 0, 8, &status)) {
		return false;
	}
	scale->forced_status = (int)status;
	return true;
}

static bool set_unit(struct scale *scale, const char *words)
{
	const struct unit *unit = unit_of(words);
	if (unit != NULL) {
		scale->unit = unit;
	}
	return unit != NULL;
}

static bool command(void *own, const char *words, int64_t now_ms)
{
	struct scale *scale = own;
	int64_t grams;
	if (strncmp(words, "unit ", 5) == 0) {
		return set_unit(scale, words + 5);
	}
	if (strncmp(words, "status ", 7) == 0) {
		return set_status(scale, words + 7);
	}
	if (strcmp(words, "zero") == 0) {
		scale->zero_ug = scale->load_ug;
		return true;
	}
	if (strncmp(words, "put ", 4) != 0 || !text_to_int(words + 4, 0, 1000000, &grams)) {
		return false;
	}
	scale->before_ug = scale->load_ug;
	scale->load_ug = grams * G_UG;
	scale->changed_ms = now_ms;
	return true;
}

static int report(void *own, char *text, size_t size)
{
	const struct scale *scale = own;
	return snprintf(text, size, "load-g=%" PRId64 "\nreports=%" PRId64 "\n",
		scale->load_ug / G_UG, scale->n_given);
}

const struct rig_model rig_scale = {
	.name = "scale",
	.create = create,
	.destroy = free,
	.in = in,
	.control = control,
	.reset = reset,
	.tick = tick,
	.command = command,
	.report = report,
	.present = present,
};
