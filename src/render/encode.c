/* SPDX-License-Identifier: Apache-2.0
 *
 * The two documents a page can become. PWG raster goes out row by row, equal rows as one; a JPEG is
 * made of the whole page.
 */
#include "render/encode.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

#define PWG_REPEATS_MAX 256

struct encoder {
	struct encode_shape shape;
	struct sink *sink;
	size_t row_bytes;
	int32_t rows;
	int repeats;     /* PWG: of the row that waits */
	uint8_t *pixels; /* PWG: the row that waits; JPEG: the page */
};

struct encoder *encoder_create(const struct encode_shape *shape, struct sink *sink)
{
	struct encoder *encoder = mem_new(1, sizeof *encoder);
	*encoder = (struct encoder){
		.shape = *shape, .sink = sink, .row_bytes = (size_t)shape->width_px * 3};
	size_t rows = shape->format == FORMAT_PWG ? 1 : (size_t)shape->height_px;
	encoder->pixels = mem_new(rows, encoder->row_bytes);
	return encoder;
}

void encoder_destroy(struct encoder *encoder)
{
	if (encoder != NULL) {
		free(encoder->pixels);
		free(encoder);
	}
}

static bool flush_row(struct encoder *encoder, struct err *err)
{
	return encoder->repeats == 0 || pwg_row(encoder->sink, encoder->pixels,
						encoder->shape.width_px, encoder->repeats, err);
}

static bool add_pwg_row(struct encoder *encoder, const uint8_t *rgb, struct err *err)
{
	if (encoder->rows == 0 && !pwg_begin(encoder->sink, &encoder->shape, err)) {
		return false;
	}
	if (encoder->repeats > 0 && encoder->repeats < PWG_REPEATS_MAX &&
		memcmp(encoder->pixels, rgb, encoder->row_bytes) == 0) {
		encoder->repeats++;
		return true;
	}
	if (!flush_row(encoder, err)) {
		return false;
	}
	memcpy(encoder->pixels, rgb, encoder->row_bytes);
	encoder->repeats = 1;
	return true;
}

bool encoder_row(struct encoder *encoder, const uint8_t *rgb, struct err *err)
{
	bool fine = true;
	if (encoder->shape.format == FORMAT_PWG) {
		fine = add_pwg_row(encoder, rgb, err);
	} else {
		memcpy(encoder->pixels + (size_t)encoder->rows * encoder->row_bytes, rgb,
			encoder->row_bytes);
	}
	encoder->rows++;
	return fine;
}

bool encoder_finish(struct encoder *encoder, struct err *err)
{
	return encoder->shape.format == FORMAT_PWG
		       ? flush_row(encoder, err)
		       : jpeg_write(encoder->sink, &encoder->shape, encoder->pixels, err);
}
