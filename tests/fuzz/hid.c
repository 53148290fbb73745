/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a scale's report descriptor and its reports (the first two bytes are the
 * descriptor's length): a layout stays within its report, and what is a weight is a finite one.
 */
#include "tests/fuzz/fuzz.h"
#include "wire/hid_scale.h"
#include <math.h>

static void must_fit(const struct scale_layout *layout, const struct scale_field *field)
{
	int32_t bits = (layout->bytes - layout->has_id) * 8;
	fuzz_must(!field->there || (field->at_bits >= 0 && field->bits <= 32 &&
					   field->at_bits + field->bits <= bits));
}

static void try_report(const struct scale_layout *layout, const uint8_t *bytes, size_t len)
{
	struct scale_report report;
	struct err err = {.text = ""};
	if (scale_report_read(layout, bytes, len, &report, &err)) {
		fuzz_must(isfinite(report.grams) && fabs(report.grams) <= 1e6);
		fuzz_must(report.status >= SCALE_FAULT && report.status <= SCALE_REZERO);
	} else {
		fuzz_must(err.text[0] != '\0');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct scale_layout layout;
	struct err err = {.text = ""};
	if (len < 2) {
		return 0;
	}
	size_t split = (size_t)bytes[0] | (size_t)bytes[1] << 8;
	split = split < len - 2 ? split : len - 2;
	if (!scale_layout_read(bytes + 2, split, &layout, &err)) {
		fuzz_must(err.text[0] != '\0');
		return 0;
	}
	fuzz_must(layout.bytes >= 0 && layout.bytes <= SCALE_REPORT_MAX + 1);
	must_fit(&layout, &layout.weight);
	must_fit(&layout, &layout.exponent);
	must_fit(&layout, &layout.unit);
	must_fit(&layout, &layout.status);
	for (size_t at = 2 + split; at < len; at++) {
		try_report(&layout, bytes + at, len - at);
	}
	return 0;
}
