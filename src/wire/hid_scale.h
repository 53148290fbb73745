/* SPDX-License-Identifier: Apache-2.0
 *
 * USB scales (HID usage page 0x8D): where in a report their figures stand, what a report says, and
 * when it is a weight. Nothing is guessed from a report's length: the report descriptor says
 * whether there is an id byte and where each field is. Usages: "HID Point of Sale Usage Tables".
 *
 * A weight counts once two equal stable reports have come one after the other; the first report
 * after a silence may still be the last weighing's and is dropped.
 */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCALE_REPORT_MAX     64
#define SCALE_DESCRIPTOR_MAX 4096

struct scale_field {
	bool there;
	int32_t at_bits, bits; /* in the report, after its id byte */
	bool is_signed;
	bool is_list;        /* its value picks one usage of a range */
	int32_t least;       /* of its value; with is_list: that of first_usage */
	int32_t first_usage; /* with is_list, or the one usage */
	int32_t last_usage;
};

struct scale_layout { /* of the report that carries the weight */
	bool has_id;
	uint8_t id;
	int32_t bytes; /* with the id byte */
	struct scale_field weight, exponent, unit, status;
	bool tenths; /* a quirk of the model: tenths with an exponent of 0 */
};

/* REJECT, "scale-descriptor", where it has no report with a weight, its unit and a status. */
must_use bool scale_layout_read(
	const uint8_t *descriptor, size_t len, struct scale_layout *layout, struct err *err);
/* Sets what is known to differ of that model. */
void scale_layout_quirks(struct scale_layout *layout, uint16_t vendor, uint16_t product);

enum scale_status { /* usage 0x70 + n */
	SCALE_FAULT = 1,
	SCALE_ZERO,
	SCALE_MOVING,
	SCALE_STABLE,
	SCALE_UNDER_ZERO,
	SCALE_OVER_LIMIT,
	SCALE_UNCALIBRATED,
	SCALE_REZERO
};

struct scale_report {
	enum scale_status status;
	double grams; /* of ZERO, MOVING and STABLE; else 0 */
};

/* False: it is another report of the device (DROP, "scale-other"), or it can't be understood
 * (REJECT, "scale-report", with a sentence). */
must_use bool scale_report_read(const struct scale_layout *layout, const uint8_t *bytes, size_t len,
	struct scale_report *report, struct err *err);

struct scale_judge { /* begins zeroed */
	int64_t heard_ms;
	bool heard; /* a report, at all */
	bool has_last;
	double last_grams;
};

enum scale_verdict {
	SCALE_WAIT,   /* not yet: it moves, or one more equal report is needed */
	SCALE_WEIGHS, /* *grams */
	SCALE_HELP    /* err: ATTEND, for a person */
};

/* idle_ms: of silence after which a report may be an old one (some scales report only every few
 * seconds). */
enum scale_verdict scale_judge_report(struct scale_judge *judge, const struct scale_report *report,
	int64_t now_ms, int64_t idle_ms, double *grams, struct err *err);
