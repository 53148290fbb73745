/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking a WebP's chunks to the end that its head names. The size comes from the extended header
 * where there is one, else from the coded picture; an animation's frames are counted.
 */
#include "render/probe.h"
#include <string.h>

#define CHUNK_BYTES 8
#define PIXEL_BYTES 19 /* of addresses; tried with lossy, lossless and animated ones */

enum { FLAG_ALPHA = 0x10 };

static uint32_t get(const unsigned char *at, size_t bytes)
{
	uint32_t value = 0;
	for (size_t i = bytes; i > 0; i--) {
		value = value << 8 | at[i - 1];
	}
	return value;
}

static bool is(const unsigned char *chunk, const char *mark)
{
	return memcmp(chunk, mark, 4) == 0;
}

static void set_size(struct probe *probe, uint32_t width, uint32_t height)
{
	if (probe->width_px == 0) { /* the extended header comes first and counts */
		probe->width_px = (int32_t)width;
		probe->height_px = (int32_t)height;
	}
}

static bool read_extended(struct bytes part, struct probe *probe, struct err *err)
{
	if (part.len < 10) {
		return probe_damaged(err, PICTURE_WEBP, "bad header");
	}
	set_size(probe, get(part.at + 4, 3) + 1, get(part.at + 7, 3) + 1);
	probe->channels = (part.at[0] & FLAG_ALPHA) != 0 ? 4 : 3;
	return true;
}

static bool read_lossy(struct bytes part, struct probe *probe, struct err *err)
{
	if (part.len < 10 || memcmp(part.at + 3, "\x9D\x01\x2A", 3) != 0) {
		return probe_damaged(err, PICTURE_WEBP, "bad picture");
	}
	set_size(probe, get(part.at + 6, 2) & 0x3FFF, get(part.at + 8, 2) & 0x3FFF);
	return true;
}

static bool read_lossless(struct bytes part, struct probe *probe, struct err *err)
{
	if (part.len < 5 || part.at[0] != 0x2F) {
		return probe_damaged(err, PICTURE_WEBP, "bad picture");
	}
	uint32_t bits = get(part.at + 1, 4);
	set_size(probe, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
	probe->channels = probe->channels == 0 && (bits >> 28 & 1) != 0 ? 4 : probe->channels;
	return true;
}

static void read_exif(struct bytes part, struct probe *probe)
{
	size_t skip = part.len > 6 && memcmp(part.at, "Exif\0", 6) == 0 ? 6 : 0;
	probe_exif((struct bytes){part.at + skip, part.len - skip}, probe);
}

bool probe_webp(struct bytes file, struct probe *probe, struct err *err)
{
	if (file.len < 12 || !is(file.at, "RIFF")) {
		return probe_damaged(err, PICTURE_WEBP, "no container");
	}
	size_t end = (size_t)get(file.at + 4, 4) + 8;
	if (end < 12) {
		return probe_damaged(err, PICTURE_WEBP, "an empty container");
	}
	if (end > file.len) {
		return probe_cut_off(err, PICTURE_WEBP);
	}
	uint32_t frames = 0;
	bool pixels = false;
	for (size_t at = 12; end - at >= CHUNK_BYTES;) {
		const unsigned char *chunk = file.at + at;
		struct bytes part = {chunk + CHUNK_BYTES, get(chunk + 4, 4)};
		if (part.len > end - at - CHUNK_BYTES) {
			return probe_damaged(err, PICTURE_WEBP, "a part reaches past the end");
		}
		bool lossy = is(chunk, "VP8 ");
		bool lossless = is(chunk, "VP8L");
		if ((is(chunk, "VP8X") && !read_extended(part, probe, err)) ||
			(lossy && !read_lossy(part, probe, err)) ||
			(lossless && !read_lossless(part, probe, err))) {
			return false;
		}
		if (is(chunk, "EXIF")) {
			read_exif(part, probe);
		}
		probe->has_profile |= is(chunk, "ICCP");
		frames += is(chunk, "ANMF");
		pixels |= lossy || lossless;
		size_t padded = part.len + (part.len & 1);
		at += padded > end - at - CHUNK_BYTES ? end - at : CHUNK_BYTES + padded;
	}
	probe->channels = probe->channels == 0 ? 3 : probe->channels;
	probe->bits = 8;
	probe->held_256_bytes = 256 * PIXEL_BYTES;
	probe->pictures = probe_count(frames);
	return pixels || frames > 0 || probe_damaged(err, PICTURE_WEBP, "no picture");
}
