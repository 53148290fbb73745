/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking a TIFF's folders. Of the first one, which is printed, every value must lie within the
 * file, its strips or tiles too; the kinds of TIFF taken are those that photo programs write: 8 or
 * 16 bits, grey, RGB or CMYK, packed without loss. Further folders are only counted.
 */
#include "render/probe.h"
#include <stdlib.h>
#include <string.h>

#define ENTRY_BYTES  12
#define FOLDERS_MAX  1000
#define ENTRIES_MAX  1000
#define CHANNELS_MAX 5

enum {
	TAG_SUBFILE = 254,
	TAG_WIDTH = 256,
	TAG_HEIGHT = 257,
	TAG_BITS = 258,
	TAG_COMPRESSION = 259,
	TAG_PHOTOMETRIC = 262,
	TAG_STRIPS = 273,
	TAG_CHANNELS = 277,
	TAG_STRIP_BYTES = 279,
	TAG_INKS = 332,
	TAG_TILES = 324,
	TAG_TILE_BYTES = 325,
	TAG_EXTRA = 338,
	TAG_SAMPLE_FORMAT = 339,
	TAG_PROFILE = 34675,
};

enum {
	WHITE_IS_ZERO = 0,
	BLACK_IS_ZERO = 1,
	RGB = 2,
	SEPARATED = 5,
	INKS_CMYK = 1,
	EXTRA_UNSAID = 0,
	SAMPLES_UNSIGNED = 1,
	REDUCED = 1, /* of TAG_SUBFILE: a small copy of another picture */
};

struct tiff {
	struct bytes file;
	bool little;
};

struct values { /* of one entry, somewhere in the file */
	size_t at, n;
	size_t bytes; /* each */
};

static uint32_t get(const struct tiff *tiff, size_t at, size_t bytes)
{
	uint32_t value = 0;
	for (size_t i = 0; i < bytes; i++) {
		size_t from = tiff->little ? at + bytes - 1 - i : at + i;
		value = value << 8 | tiff->file.at[from];
	}
	return value;
}

/* How many entries the folder at `at` has; 0 when it doesn't lie in the file. */
static size_t count_entries(const struct tiff *tiff, size_t at)
{
	if (at < 8 || at > tiff->file.len - 2) {
		return 0;
	}
	size_t n = get(tiff, at, 2);
	return n <= ENTRIES_MAX && n * ENTRY_BYTES + 4 <= tiff->file.len - at - 2 ? n : 0;
}

/* Where an entry's values are; false when not all of them lie in the file. */
static bool find_values(const struct tiff *tiff, size_t entry, struct values *values)
{
	static const unsigned char sizes[] = {1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
	uint32_t type = get(tiff, entry + 2, 2);
	values->n = get(tiff, entry + 4, 4);
	values->bytes = type < sizeof sizes ? sizes[type] : 1;
	uint64_t len = (uint64_t)values->n * values->bytes;
	values->at = len <= 4 ? entry + 8 : get(tiff, entry + 8, 4);
	return len <= tiff->file.len && values->at <= tiff->file.len - len;
}

/* False when the folder has no such entry. */
static bool find_tag(const struct tiff *tiff, size_t folder, uint32_t tag, struct values *values)
{
	size_t n = count_entries(tiff, folder);
	for (size_t i = 0; i < n; i++) {
		size_t entry = folder + 2 + i * ENTRY_BYTES;
		if (get(tiff, entry, 2) == tag) {
			return find_values(tiff, entry, values) && values->n > 0;
		}
	}
	return false;
}

static uint32_t value_at(const struct tiff *tiff, const struct values *values, size_t i)
{
	size_t bytes = values->bytes > 4 ? 4 : values->bytes;
	return get(tiff, values->at + i * values->bytes, bytes);
}

static uint32_t take(const struct tiff *tiff, size_t folder, uint32_t tag, uint32_t fallback)
{
	struct values values;
	return find_tag(tiff, folder, tag, &values) ? value_at(tiff, &values, 0) : fallback;
}

static bool all_values_are_here(const struct tiff *tiff, size_t folder)
{
	size_t n = count_entries(tiff, folder);
	struct values values;
	for (size_t i = 0; i < n; i++) {
		if (!find_values(tiff, folder + 2 + i * ENTRY_BYTES, &values)) {
			return false;
		}
	}
	return n > 0;
}

/* Every strip or tile lies in the file and has bytes. */
static bool pixels_are_here(const struct tiff *tiff, size_t folder, struct err *err)
{
	struct values at, len;
	bool tiled = find_tag(tiff, folder, TAG_TILES, &at);
	if ((!tiled && !find_tag(tiff, folder, TAG_STRIPS, &at)) ||
		!find_tag(tiff, folder, tiled ? TAG_TILE_BYTES : TAG_STRIP_BYTES, &len) ||
		at.n != len.n) {
		return probe_damaged(err, PICTURE_TIFF, "no pixels");
	}
	for (size_t i = 0; i < at.n; i++) {
		size_t start = value_at(tiff, &at, i);
		size_t bytes = value_at(tiff, &len, i);
		if (start < 8 || bytes == 0) {
			return probe_damaged(err, PICTURE_TIFF, "an empty strip");
		}
		if (start > tiff->file.len || bytes > tiff->file.len - start) {
			return probe_cut_off(err, PICTURE_TIFF);
		}
	}
	return true;
}

static bool not_taken(struct err *err, const char *code, const char *what)
{
	return err_set(err, REMEDY_REJECT, code,
		"the TIFF %s: save it with 8 or 16 bits as RGB, grey or CMYK, with LZW, ZIP or no "
		"compression",
		what);
}

static bool samples_are_taken(
	const struct tiff *tiff, size_t folder, struct probe *probe, struct err *err)
{
	static const uint32_t packings[] = {1, 5, 8, 32773, 32946};
	uint32_t packing = take(tiff, folder, TAG_COMPRESSION, 1);
	bool known = false;
	for (size_t i = 0; i < sizeof packings / sizeof packings[0]; i++) {
		known |= packing == packings[i];
	}
	if (!known) {
		return not_taken(err, "asset-type", "is packed in a way that isn't printed");
	}
	struct values bits;
	bool even = find_tag(tiff, folder, TAG_BITS, &bits) && bits.n <= CHANNELS_MAX;
	for (size_t i = 0; even && i < bits.n; i++) {
		even = value_at(tiff, &bits, i) == value_at(tiff, &bits, 0);
	}
	probe->bits = even ? (int32_t)value_at(tiff, &bits, 0) : 0;
	if ((probe->bits != 8 && probe->bits != 16) ||
		take(tiff, folder, TAG_SAMPLE_FORMAT, SAMPLES_UNSIGNED) != SAMPLES_UNSIGNED) {
		return not_taken(err, "asset-type", "has neither 8 nor 16 bits a channel");
	}
	return true;
}

static bool colours_are_taken(
	const struct tiff *tiff, size_t folder, struct probe *probe, struct err *err)
{
	static const uint32_t colours[] = {
		[WHITE_IS_ZERO] = 1, [BLACK_IS_ZERO] = 1, [RGB] = 3, [SEPARATED] = 4};
	uint32_t kind = take(tiff, folder, TAG_PHOTOMETRIC, UINT32_MAX);
	uint32_t channels = take(tiff, folder, TAG_CHANNELS, 1);
	uint32_t want = kind <= SEPARATED ? colours[kind] : 0;
	probe->cmyk = kind == SEPARATED;
	if (want == 0 || (probe->cmyk && take(tiff, folder, TAG_INKS, INKS_CMYK) != INKS_CMYK)) {
		return not_taken(err, "asset-colour", "is neither grey nor RGB nor CMYK");
	}
	if (channels != want && channels != want + 1) {
		return not_taken(err, "asset-colour", "has channels besides its colours");
	}
	probe->channels = (int32_t)channels;
	probe->drops_last =
		channels > want && take(tiff, folder, TAG_EXTRA, EXTRA_UNSAID) == EXTRA_UNSAID;
	return true;
}

/* Pages; small copies and masks of another picture are none. A link that leads out of the file says
 * that its end is missing. */
static bool count_pages(
	const struct tiff *tiff, size_t folder, struct probe *probe, struct err *err)
{
	uint32_t n = 1;
	for (int i = 0; i < FOLDERS_MAX; i++) {
		size_t link = folder + 2 + count_entries(tiff, folder) * ENTRY_BYTES;
		folder = get(tiff, link, 4);
		if (folder == 0) {
			break;
		}
		if (!all_values_are_here(tiff, folder)) {
			return probe_cut_off(err, PICTURE_TIFF);
		}
		n += (take(tiff, folder, TAG_SUBFILE, 0) & REDUCED) == 0;
	}
	probe->pictures = probe_count(n);
	return true;
}

bool probe_tiff(struct bytes file, struct probe *probe, struct err *err)
{
	struct tiff tiff = {file, file.at[0] == 'I'};
	size_t folder = file.len < 8 ? 0 : get(&tiff, 4, 4);
	if (file.len < 8 || folder > file.len - 2) {
		return probe_cut_off(err, PICTURE_TIFF);
	}
	if (!all_values_are_here(&tiff, folder)) {
		return probe_cut_off(err, PICTURE_TIFF);
	}
	uint32_t width = take(&tiff, folder, TAG_WIDTH, 0);
	uint32_t height = take(&tiff, folder, TAG_HEIGHT, 0);
	if (width > INT32_MAX || height > INT32_MAX) {
		return probe_damaged(err, PICTURE_TIFF, "absurd size");
	}
	probe->width_px = (int32_t)width;
	probe->height_px = (int32_t)height;
	struct values profile;
	probe->has_profile = find_tag(&tiff, folder, TAG_PROFILE, &profile);
	if (!samples_are_taken(&tiff, folder, probe, err) ||
		!colours_are_taken(&tiff, folder, probe, err) ||
		!pixels_are_here(&tiff, folder, err) || !count_pages(&tiff, folder, probe, err)) {
		return false;
	}
	probe_exif(file, probe); /* a TIFF is laid out as an EXIF block is */
	return true;
}
