/* SPDX-License-Identifier: Apache-2.0
 *
 * The three fields of EXIF that decide pixels: orientation, colour space, interoperability index.
 */
#include "render/probe.h"
#include <string.h>

enum {
	TAG_ORIENTATION = 0x0112,
	TAG_EXIF = 0x8769,
	TAG_COLOUR_SPACE = 0xA001,
	TAG_INTEROP = 0xA005,
	TAG_INTEROP_INDEX = 0x0001,
	TYPE_SHORT = 3,
	ENTRY_BYTES = 12,
	COLOUR_SPACE_SRGB = 1,
};

struct tiff {
	struct bytes block;
	bool little;
};

static uint32_t get(const struct tiff *tiff, size_t at, size_t bytes)
{
	uint32_t value = 0;
	for (size_t i = 0; i < bytes; i++) {
		size_t from = tiff->little ? at + bytes - 1 - i : at + i;
		value = value << 8 | tiff->block.at[from];
	}
	return value;
}

/* Where the entry of that tag stands in the folder at `at`; 0 when there is none. */
static size_t find_entry(const struct tiff *tiff, size_t at, uint32_t tag)
{
	if (at < 8 || at > tiff->block.len - 2) {
		return 0;
	}
	size_t n = get(tiff, at, 2);
	for (size_t i = 0; i < n; i++) {
		size_t entry = at + 2 + i * ENTRY_BYTES;
		if (entry > tiff->block.len - ENTRY_BYTES) {
			return 0;
		}
		if (get(tiff, entry, 2) == tag) {
			return entry;
		}
	}
	return 0;
}

static uint32_t short_at(const struct tiff *tiff, size_t entry)
{
	return entry != 0 && get(tiff, entry + 2, 2) == TYPE_SHORT ? get(tiff, entry + 8, 2) : 0;
}

static size_t folder_at(const struct tiff *tiff, size_t entry)
{
	return entry == 0 ? 0 : get(tiff, entry + 8, 4);
}

void probe_exif(struct bytes exif, struct probe *probe)
{
	if (exif.len < 8 + 2 + ENTRY_BYTES) {
		return;
	}
	struct tiff tiff = {exif, exif.at[0] == 'I'};
	if (memcmp(exif.at, tiff.little ? "II*\0" : "MM\0*", 4) != 0) {
		return;
	}
	size_t top = get(&tiff, 4, 4);
	uint32_t orientation = short_at(&tiff, find_entry(&tiff, top, TAG_ORIENTATION));
	probe->orientation = orientation >= 1 && orientation <= 8 ? (int32_t)orientation : 1;
	size_t camera = folder_at(&tiff, find_entry(&tiff, top, TAG_EXIF));
	uint32_t space = short_at(&tiff, find_entry(&tiff, camera, TAG_COLOUR_SPACE));
	size_t interop = folder_at(&tiff, find_entry(&tiff, camera, TAG_INTEROP));
	size_t index = find_entry(&tiff, interop, TAG_INTEROP_INDEX);
	probe->adobe_rgb = index != 0 && space != COLOUR_SPACE_SRGB &&
			   memcmp(exif.at + index + 8, "R03", 4) == 0;
}
