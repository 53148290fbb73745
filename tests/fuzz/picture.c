/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a customer's photo, through our own walk of the file before any decoder. What it
 * accepts is within the limits.
 */
#include "tests/fuzz/fuzz.h"
#include "render/probe.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct render_limits limits = {
		.file_bytes = 100 << 20, .pixels = 200000000, .side_px = 30000};
	struct bytes file = {bytes, len};
	struct picture_kind kind = picture_kind_of(bytes, len);
	static const char *const types[] = {
		"image/jpeg", "image/png", "image/tiff", "image/webp", "image/heic", "image/gif"};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct probe probe = {0};
		struct err err = {.text = ""};
		if (!probe_file(file, types[i], &limits, &probe, &err)) {
			fuzz_must(err.remedy == REMEDY_REJECT && err.text[0] != '\0');
			fuzz_must(strncmp(err.code, "asset-", 6) == 0);
			continue;
		}
		fuzz_must(kind.printed && strcmp(picture_media_type(kind.format), types[i]) == 0);
		fuzz_must(probe.width_px > 0 && probe.width_px <= limits.side_px);
		fuzz_must(probe.height_px > 0 && probe.height_px <= limits.side_px);
		fuzz_must((int64_t)probe.width_px * probe.height_px <= limits.pixels);
		fuzz_must(probe.orientation >= 1 && probe.orientation <= 8);
		fuzz_must(probe.channels >= 1 && probe.channels <= 5);
		fuzz_must(probe.pictures >= 1);
	}
	return 0;
}
