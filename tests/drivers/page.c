/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of known pixels.
 */
#include "drivers/page.h"
#include "base/mem.h"
#include "render/encode.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>

/* Rows come in tens: seven of noise, the last two of them alike, three of one colour. */
static void paint_row(uint8_t *row, int32_t width_px, int32_t y, uint32_t *seed)
{
	for (int32_t x = 0; x < width_px; x++) {
		if (y % 10 < 6 || x == 0) {
			*seed = *seed * 1664525 + 1013904223;
		}
		bool flat = y % 10 > 6 || (x / 16) % 3 == 1;
		row[x * 3] = (uint8_t)(flat ? (uint32_t)y : *seed >> 24);
		row[x * 3 + 1] = (uint8_t)(flat ? 128 : *seed >> 16);
		row[x * 3 + 2] = (uint8_t)(flat ? 255 : *seed >> 8);
	}
}

uint8_t *page_pixels(int32_t width_px, int32_t height_px, uint32_t seed)
{
	size_t row_bytes = (size_t)width_px * 3;
	uint8_t *rgb = mem_new((size_t)height_px, row_bytes);
	for (int32_t y = 0; y < height_px; y++) {
		uint8_t *row = rgb + (size_t)y * row_bytes;
		paint_row(row, width_px, y, &seed);
		if (y % 10 == 6) {
			memcpy(row, row - row_bytes, row_bytes);
		}
	}
	return rgb;
}

void page_make(struct document *document, const uint8_t *rgb, int32_t width_px, int32_t height_px)
{
	struct err err;
	struct sink sink;
	char sha256[HASH_HEX_MAX];
	struct encode_shape shape = {FORMAT_PWG, 3, width_px, height_px, 300, 300};
	document->fd = memfd_create("page", MFD_CLOEXEC);
	sink_init(&sink, document->fd);
	struct encoder *encoder = encoder_create(&shape, &sink);
	for (int32_t y = 0; y < height_px; y++) {
		assert_true(encoder_row(encoder, rgb + (size_t)y * (size_t)width_px * 3, &err));
	}
	assert_true(encoder_finish(encoder, &err));
	assert_true(sink_finish(&sink, sha256, &document->bytes, &err));
	encoder_destroy(encoder);
	sink_fini(&sink);
	document->format = FORMAT_PWG;
	document->width_px = width_px;
	document->height_px = height_px;
	document->x_dpi = document->y_dpi = 300;
}
