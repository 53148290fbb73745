/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a HID report descriptor as far as a scale needs it: items of HID 1.11, 6.2.2. Global state
 * lasts, local state goes with each main item; every input item moves on in its report by its
 * fields. The descriptor is foreign: every size is checked, and what is too big is refused.
 */
#include "wire/hid_scale.h"
#include <string.h>

#define PAGE_SCALE     0x8D
#define REPORTS_MAX    8
#define STACK_MAX      4
#define USAGES_MAX     16
#define USAGE_WEIGHT   0x40
#define USAGE_EXPONENT 0x41
#define USAGE_UNIT     0x50 /* units are 0x51 to 0x5C */
#define USAGE_STATUS   0x70 /* 0x71 to 0x78 */

enum item { /* type and tag, without the size: 6.2.2.4, .7, .8 */
	ITEM_INPUT = 0x80,
	ITEM_COLLECTION = 0xA0,
	ITEM_END_COLLECTION = 0xC0,
	ITEM_OUTPUT = 0x90,
	ITEM_FEATURE = 0xB0,
	ITEM_USAGE_PAGE = 0x04,
	ITEM_LOGICAL_MIN = 0x14,
	ITEM_REPORT_SIZE = 0x74,
	ITEM_REPORT_ID = 0x84,
	ITEM_REPORT_COUNT = 0x94,
	ITEM_PUSH = 0xA4,
	ITEM_POP = 0xB4,
	ITEM_USAGE = 0x08,
	ITEM_USAGE_MIN = 0x18,
	ITEM_USAGE_MAX = 0x28,
};
#define ITEM_LONG 0xFE

struct global {
	uint32_t page;
	int32_t least; /* logical minimum */
	uint32_t size_bits, count;
	uint8_t id;
};

struct local {
	uint32_t usages[USAGES_MAX]; /* page in the upper half where it was given */
	uint32_t n_usages;
	uint32_t first, last;
	bool has_range;
};

struct reading_of {
	struct global global, stack[STACK_MAX];
	int32_t depth;
	struct local local;
	bool has_ids;
	struct scale_layout reports[REPORTS_MAX];
	int32_t used_bits[REPORTS_MAX];
	int32_t n_reports;
};

static bool refuse(struct err *err, const char *why)
{
	return err_set(err, REMEDY_REJECT, "scale-descriptor",
		"this is no scale that platen can read: %s", why);
}

static int report_of(struct reading_of *at, struct err *err)
{
	for (int i = 0; i < at->n_reports; i++) {
		if (at->reports[i].id == at->global.id) {
			return i;
		}
	}
	if (at->n_reports == REPORTS_MAX) {
		refuse(err, "its descriptor has too many reports");
		return -1;
	}
	at->reports[at->n_reports].id = at->global.id;
	return at->n_reports++;
}

/* The usage of the n-th field of the input item, without its page; -1: not of a scale. */
static int32_t usage_at(const struct reading_of *at, uint32_t n)
{
	const struct local *local = &at->local;
	uint32_t usage;
	if (local->has_range) {
		usage = local->first + n;
		usage = usage > local->last ? local->last : usage;
	} else if (local->n_usages > 0) {
		usage = local->usages[n < local->n_usages ? n : local->n_usages - 1];
	} else {
		return -1;
	}
	uint32_t page = usage >> 16 != 0 ? usage >> 16 : at->global.page;
	return page == PAGE_SCALE ? (int32_t)(usage & 0xFFFF) : -1;
}

static struct scale_field *slot_of(struct scale_layout *report, int32_t usage)
{
	if (usage == USAGE_WEIGHT) {
		return &report->weight;
	}
	if (usage == USAGE_EXPONENT) {
		return &report->exponent;
	}
	if (usage >= USAGE_UNIT && usage < USAGE_UNIT + 0x10) {
		return &report->unit;
	}
	return usage >= USAGE_STATUS && usage < USAGE_STATUS + 0x10 ? &report->status : NULL;
}

/* Its usages follow on each other, as a range would say it. */
static bool is_run(const struct local *local)
{
	for (uint32_t i = 1; i < local->n_usages; i++) {
		if (local->usages[i] != local->usages[0] + i) {
			return false;
		}
	}
	return true;
}

static void take_field(struct reading_of *at, int report, uint32_t n, uint32_t flags)
{
	int32_t usage = usage_at(at, n);
	struct scale_field *slot = slot_of(&at->reports[report], usage);
	const bool is_constant = (flags & 1) != 0;
	if (slot == NULL || slot->there || is_constant) {
		return;
	}
	const bool is_list = (flags & 2) == 0;
	int32_t last = usage;
	if (is_list && at->local.has_range) {
		last = (int32_t)(at->local.last & 0xFFFF);
	} else if (is_list) {
		last = usage + (int32_t)at->local.n_usages - 1;
	}
	if (is_list && !at->local.has_range && !is_run(&at->local)) {
		return; /* which value means what is not kept */
	}
	*slot = (struct scale_field){.there = true,
		.at_bits = at->used_bits[report],
		.bits = (int32_t)at->global.size_bits,
		.is_signed = at->global.least < 0,
		.is_list = is_list,
		.least = at->global.least,
		.first_usage = usage,
		.last_usage = last};
}

static bool take_input(struct reading_of *at, uint32_t flags, struct err *err)
{
	int report = report_of(at, err);
	if (report < 0) {
		return false;
	}
	const struct global *global = &at->global;
	if (global->size_bits > 32 || global->count > 8 * SCALE_REPORT_MAX ||
		(int32_t)(global->size_bits * global->count) + at->used_bits[report] >
			8 * SCALE_REPORT_MAX) {
		return refuse(err, "a report of its descriptor is too long");
	}
	for (uint32_t n = 0; n < global->count; n++) {
		take_field(at, report, n, flags);
		at->used_bits[report] += (int32_t)global->size_bits;
	}
	return true;
}

static bool take_main(struct reading_of *at, int item, uint32_t value, struct err *err)
{
	bool fine = item != ITEM_INPUT || take_input(at, value, err);
	at->local = (struct local){.n_usages = 0};
	return fine;
}

static bool take_stack(struct reading_of *at, bool push, struct err *err)
{
	if (push ? at->depth == STACK_MAX : at->depth == 0) {
		return refuse(err, "its descriptor pushes or pops too much");
	}
	if (push) {
		at->stack[at->depth++] = at->global;
	} else {
		at->global = at->stack[--at->depth];
	}
	return true;
}

static bool take_global(
	struct reading_of *at, int item, uint32_t value, int32_t with_sign, struct err *err)
{
	switch (item) {
	case ITEM_USAGE_PAGE:
		at->global.page = value;
		return true;
	case ITEM_LOGICAL_MIN:
		at->global.least = with_sign;
		return true;
	case ITEM_REPORT_SIZE:
		at->global.size_bits = value;
		return true;
	case ITEM_REPORT_COUNT:
		at->global.count = value;
		return true;
	case ITEM_REPORT_ID:
		if (value == 0 || value > 255) {
			return refuse(err, "its descriptor has a report id that can't be");
		}
		at->global.id = (uint8_t)value;
		at->has_ids = true;
		return true;
	case ITEM_PUSH:
	case ITEM_POP:
		return take_stack(at, item == ITEM_PUSH, err);
	default:
		return true;
	}
}

static void take_local(struct reading_of *at, int item, uint32_t value)
{
	struct local *local = &at->local;
	if (item == ITEM_USAGE && local->n_usages < USAGES_MAX) {
		local->usages[local->n_usages++] = value;
	} else if (item == ITEM_USAGE_MIN) {
		local->first = value;
		local->has_range = true;
	} else if (item == ITEM_USAGE_MAX) {
		local->last = value;
	}
}

static int32_t sign_of(uint32_t value, size_t bytes)
{
	if (bytes == 1) {
		return (int8_t)value;
	}
	return bytes == 2 ? (int16_t)value : (int32_t)value;
}

/* One short item; bytes it took, 0 after a refusal. */
static size_t take_item(struct reading_of *at, const uint8_t *bytes, size_t len, struct err *err)
{
	static const uint8_t sizes[] = {0, 1, 2, 4};
	size_t size = sizes[bytes[0] & 3];
	int item = bytes[0] & 0xFC;
	if (bytes[0] == ITEM_LONG || size >= len) {
		refuse(err, "its descriptor breaks off");
		return 0;
	}
	uint32_t value = 0;
	for (size_t i = 0; i < size; i++) {
		value |= (uint32_t)bytes[1 + i] << (8 * i);
	}
	bool fine = true;
	switch (item & 0x0C) {
	case 0x00:
		fine = take_main(at, item, value, err);
		break;
	case 0x04:
		fine = take_global(at, item, value, sign_of(value, size), err);
		break;
	case 0x08:
		take_local(at, item, value);
		break;
	default:
		fine = refuse(err, "its descriptor has an item that is none");
	}
	return fine ? 1 + size : 0;
}

bool scale_layout_read(
	const uint8_t *descriptor, size_t len, struct scale_layout *layout, struct err *err)
{
	struct reading_of at = {.n_reports = 0};
	if (len > SCALE_DESCRIPTOR_MAX) {
		return refuse(err, "its descriptor is too long");
	}
	for (size_t done = 0; done < len;) {
		size_t used = take_item(&at, descriptor + done, len - done, err);
		if (used == 0) {
			return false;
		}
		done += used;
	}
	for (int i = 0; i < at.n_reports; i++) {
		struct scale_layout *report = &at.reports[i];
		if (report->weight.there && report->unit.there && report->status.there) {
			*layout = *report;
			layout->has_id = at.has_ids;
			layout->bytes = (at.used_bits[i] + 7) / 8 + at.has_ids;
			return true;
		}
	}
	return refuse(err, "no report of it has a weight with its unit and status");
}
