/* SPDX-License-Identifier: Apache-2.0
 *
 * PWG raster (PWG 5102.4): the sync word, a header of 1796 bytes, rows packed by equal and unequal
 * pixels, which Apple raster has from it. Copies are IPP's affair: the header leaves them to the
 * job.
 */
#include "render/encode.h"
#include <string.h>

#define HEADER_BYTES    1796
#define RUN_MAX         128
#define QUALITY_HIGH    5
#define POINTS_PER_INCH 72

enum header_field { /* offsets */
	AT_RESOLUTION = 276,
	AT_PAGE_SIZE = 352,
	AT_WIDTH = 372,
	AT_HEIGHT = 376,
	AT_BITS_PER_COLOUR = 384,
	AT_BITS_PER_PIXEL = 388,
	AT_BYTES_PER_LINE = 392,
	AT_COLOUR_SPACE = 400,
	AT_COLOURS = 420,
	AT_PAGES = 452,
	AT_ACROSS_TRANSFORM = 456,
	AT_FEED_TRANSFORM = 460,
	AT_ALTERNATE_PRIMARY = 480,
	AT_QUALITY = 484,
};

/* The colours that printers take the pixels for; they are the device's own all the same. */
static uint32_t colour_space(int channels)
{
	enum { SGRAY = 18, SRGB = 19, CMYK = 6 };
	return channels == 1 ? SGRAY : channels == 3 ? SRGB : CMYK;
}

static void put32(unsigned char *header, size_t at, uint32_t value)
{
	for (int i = 0; i < 4; i++) {
		header[at + (size_t)i] = (unsigned char)(value >> (24 - 8 * i));
	}
}

static uint32_t points(int32_t px, int32_t dpi)
{
	return (uint32_t)(((int64_t)px * POINTS_PER_INCH + dpi / 2) / dpi);
}

bool pwg_begin(struct sink *sink, const struct encode_shape *shape, struct err *err)
{
	unsigned char header[HEADER_BYTES] = "PwgRaster";
	uint32_t channels = (uint32_t)shape->channels;
	put32(header, AT_RESOLUTION, (uint32_t)shape->x_dpi);
	put32(header, AT_RESOLUTION + 4, (uint32_t)shape->y_dpi);
	put32(header, AT_PAGE_SIZE, points(shape->width_px, shape->x_dpi));
	put32(header, AT_PAGE_SIZE + 4, points(shape->height_px, shape->y_dpi));
	put32(header, AT_WIDTH, (uint32_t)shape->width_px);
	put32(header, AT_HEIGHT, (uint32_t)shape->height_px);
	put32(header, AT_BITS_PER_COLOUR, 8);
	put32(header, AT_BITS_PER_PIXEL, 8 * channels);
	put32(header, AT_BYTES_PER_LINE, (uint32_t)shape->width_px * channels);
	put32(header, AT_COLOUR_SPACE, colour_space(shape->channels));
	put32(header, AT_COLOURS, channels);
	put32(header, AT_PAGES, 1);
	put32(header, AT_ACROSS_TRANSFORM, 1);
	put32(header, AT_FEED_TRANSFORM, 1);
	put32(header, AT_ALTERNATE_PRIMARY, 0xFFFFFF);
	put32(header, AT_QUALITY, QUALITY_HIGH);
	return sink_add(sink, "RaS2", 4, err) && sink_add(sink, header, sizeof header, err);
}

static inline bool same(const uint8_t *a, const uint8_t *b, size_t bytes)
{
	return a[0] == b[0] &&
	       (bytes == 1 || (a[1] == b[1] && a[2] == b[2] && (bytes == 3 || a[3] == b[3])));
}

/* How many pixels from here on are equal (at most RUN_MAX). */
static int32_t equal_run(const uint8_t *at, int32_t left, size_t bytes)
{
	int32_t n = 1;
	while (n < left && n < RUN_MAX && same(at, at + bytes * (size_t)n, bytes)) {
		n++;
	}
	return n;
}

/* How many pixels differ each from the next: literal ones. */
static int32_t unequal_run(const uint8_t *at, int32_t left, size_t bytes)
{
	int32_t n = 1;
	while (n < left && n < RUN_MAX) {
		const uint8_t *pixel = at + bytes * (size_t)n;
		if (n + 1 < left && same(pixel, pixel + bytes, bytes)) {
			break;
		}
		n++;
	}
	return n;
}

bool packed_row(struct sink *sink, const struct encode_shape *shape, const uint8_t *pixels,
	int repeats, struct err *err)
{
	size_t bytes = (size_t)shape->channels;
	unsigned char code = (unsigned char)(repeats - 1);
	bool fine = sink_add(sink, &code, 1, err);
	for (int32_t left = shape->width_px; fine && left > 0;) {
		int32_t equal = equal_run(pixels, left, bytes);
		int32_t n = equal > 1 ? equal : unequal_run(pixels, left, bytes);
		/* 0..127: the next pixel, n + 1 times; 129..255: 257 − n pixels as they are */
		code = (unsigned char)(equal > 1 || n == 1 ? n - 1 : 257 - n);
		fine = sink_add(sink, &code, 1, err) &&
		       sink_add(sink, pixels, (size_t)(code < RUN_MAX ? 1 : n) * bytes, err);
		pixels += (size_t)n * bytes;
		left -= n;
	}
	return fine;
}
