/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking a PNG's chunks, every check sum held against its bytes, to the end chunk.
 */
#include "render/probe.h"
#include <string.h>

#define CHUNK_BYTES  12 /* length, type, check sum */
#define HEADER_BYTES 13

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
	return true;
}

bool probe_png(struct bytes file, struct probe *probe, struct err *err)
{
	uint32_t table[256];
	make_table(table);
	bool first = true;
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
		if (memcmp(chunk + 4, "IEND", 4) == 0) {
			return pixels || probe_damaged(err, PICTURE_PNG, "no pixels");
		}
		at += CHUNK_BYTES + len;
	}
	return probe_cut_off(err, PICTURE_PNG);
}
