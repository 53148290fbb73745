/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking a PNG's chunks, every check sum held against its bytes, to the end chunk.
 */
#include "render/probe.h"
#include <string.h>

#define CHUNK_BYTES  12 /* length, type, check sum */
#define HEADER_BYTES 13

/* Remarks are unpacked by libpng though nobody reads them, a thousandfold at most; so is what
 * follows the last pixel. */
#define PACKED_TEXT_MAX (1024 * 1024)
#define PIXELS_SLACK    (64 * 1024)

static uint32_t get32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void make_table(uint32_t table[256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t sum = i;
		for (int bit = 0; bit < 8; bit++) {
			sum = (sum >> 1) ^ (UINT32_C(0xEDB88320) & (0 - (sum & 1)));
		}
		table[i] = sum;
	}
}

static uint32_t sum_of(const uint32_t table[256], const unsigned char *bytes, size_t len)
{
	uint32_t sum = UINT32_MAX;
	for (size_t i = 0; i < len; i++) {
		sum = table[(sum ^ bytes[i]) & 0xFF] ^ (sum >> 8);
	}
	return ~sum;
}

static bool read_header(struct bytes part, struct probe *probe, struct err *err)
{
	static const int channels[] = {1, 0, 3, 3, 2, 0, 4}; /* by colour type; 3: a palette */
	if (part.len != HEADER_BYTES || part.at[9] > 6 || channels[part.at[9]] == 0) {
		return probe_damaged(err, PICTURE_PNG, "bad header");
	}
	if (get32(part.at) > INT32_MAX || get32(part.at + 4) > INT32_MAX) {
		return probe_damaged(err, PICTURE_PNG, "absurd size");
	}
	probe->width_px = (int32_t)get32(part.at);
	probe->height_px = (int32_t)get32(part.at + 4);
	probe->bits = part.at[9] == 3 ? 8 : part.at[8];
	probe->channels = channels[part.at[9]];
	if (part.at[12] != 0) { /* interlaced */
		int32_t pixel_bytes = (probe->channels + (part.at[9] == 3)) * (part.at[8] / 9 + 1);
		probe->held_256_bytes = 256 * pixel_bytes;
	}
	return true;
}

struct sums {
	size_t pixels, text; /* packed */
};

/* zTXt always is; iTXt where the byte after its keyword says so. */
static bool is_packed_text(const unsigned char *chunk, size_t len)
{
	const unsigned char *body = chunk + 8;
	const unsigned char *end = memchr(body, 0, len);
	bool international = memcmp(chunk + 4, "iTXt", 4) == 0 && end != NULL &&
			     end + 1 < body + len && end[1] != 0;
	return international || memcmp(chunk + 4, "zTXt", 4) == 0;
}

static void add_up(struct sums *sums, const unsigned char *chunk, size_t len)
{
	sums->pixels += memcmp(chunk + 4, "IDAT", 4) == 0 ? len : 0;
	sums->text += is_packed_text(chunk, len) ? len : 0;
}

/* Packing makes nothing noticeably longer: what is longer than its pixels holds something else. */
static bool sums_are_sane(const struct sums *sums, const unsigned char *header,
	const struct probe *probe, struct err *err)
{
	static const unsigned char samples[] = {1, 0, 3, 1, 2, 0, 4};
	uint64_t row = (uint64_t)probe->width_px * samples[header[9]] * header[8] / 8 + 2;
	uint64_t pixels = row * (uint64_t)probe->height_px;
	if (sums->pixels > pixels + pixels / 8 + PIXELS_SLACK) {
		return probe_damaged(err, PICTURE_PNG, "more data than pixels");
	}
	return sums->text <= PACKED_TEXT_MAX ||
	       err_set(err, REMEDY_REJECT, "asset-limits",
		       "the PNG has more than a megabyte of packed remarks: save it without them");
}

bool probe_png(struct bytes file, struct probe *probe, struct err *err)
{
	uint32_t table[256];
	make_table(table);
	bool first = true;
	struct sums sums = {0};
	bool pixels = false;
	for (size_t at = 8; file.len - at >= CHUNK_BYTES; first = false) {
		const unsigned char *chunk = file.at + at;
		size_t len = get32(chunk);
		if (len > file.len - at - CHUNK_BYTES) {
			break;
		}
		if (sum_of(table, chunk + 4, len + 4) != get32(chunk + 8 + len)) {
			return probe_damaged(err, PICTURE_PNG, "a check sum is wrong");
		}
		struct bytes part = {chunk + 8, len};
		if (first != (memcmp(chunk + 4, "IHDR", 4) == 0)) {
			return probe_damaged(err, PICTURE_PNG, "header out of place");
		}
		if (first && !read_header(part, probe, err)) {
			return false;
		}
		if (memcmp(chunk + 4, "eXIf", 4) == 0) {
			probe_exif(part, probe);
		}
		if (memcmp(chunk + 4, "acTL", 4) == 0 && len >= 8) { /* animated */
			probe->pictures = probe_count(get32(part.at));
		}
		probe->has_profile |= memcmp(chunk + 4, "iCCP", 4) == 0;
		pixels |= memcmp(chunk + 4, "IDAT", 4) == 0;
		add_up(&sums, chunk, len);
		if (memcmp(chunk + 4, "IEND", 4) == 0) {
			return pixels ? sums_are_sane(&sums, file.at + 16, probe, err)
				      : probe_damaged(err, PICTURE_PNG, "no pixels");
		}
		at += CHUNK_BYTES + len;
	}
	return probe_cut_off(err, PICTURE_PNG);
}
