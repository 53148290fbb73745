/* SPDX-License-Identifier: Apache-2.0
 *
 * The documents a page can become. PWG and Apple raster go out row by row, equal rows as one; a
 * JPEG is made of the whole page.
 */
#include "render/encode.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

#define REPEATS_MAX 256

struct encoder {
	struct encode_shape shape;
	struct sink *sink;
	size_t row_bytes;
	int32_t rows;
	int repeats;     /* rasters: of the row that waits */
	uint8_t *pixels; /* rasters: the row that waits; JPEG: the page */
};

struct encoder *encoder_create(const struct encode_shape *shape, struct sink *sink)
{
	struct encoder *encoder = mem_new(1, sizeof *encoder);
	*encoder = (struct encoder){.shape = *shape,
		.sink = sink,
		.row_bytes = (size_t)shape->width_px * (size_t)shape->channels};
	size_t rows = shape->format == FORMAT_JPEG ? (size_t)shape->height_px : 1;
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
	return encoder->repeats == 0 ||
	       packed_row(encoder->sink, &encoder->shape, encoder->pixels, encoder->repeats, err);
}

static bool begin(struct encoder *encoder, struct err *err)
{
	return (encoder->shape.format == FORMAT_URF ? urf_begin : pwg_begin)(
		encoder->sink, &encoder->shape, err);
}

static bool add_raster_row(struct encoder *encoder, const uint8_t *pixels, struct err *err)
{
	if (encoder->rows == 0 && !begin(encoder, err)) {
		return false;
	}
	if (encoder->repeats > 0 && encoder->repeats < REPEATS_MAX &&
		memcmp(encoder->pixels, pixels, encoder->row_bytes) == 0) {
		encoder->repeats++;
		return true;
	}
	if (!flush_row(encoder, err)) {
		return false;
	}
	memcpy(encoder->pixels, pixels, encoder->row_bytes);
	encoder->repeats = 1;
	return true;
}

bool encoder_row(struct encoder *encoder, const uint8_t *pixels, struct err *err)
{
	bool fine = true;
	if (encoder->shape.format == FORMAT_JPEG) {
		memcpy(encoder->pixels + (size_t)encoder->rows * encoder->row_bytes, pixels,
			encoder->row_bytes);
	} else {
		fine = add_raster_row(encoder, pixels, err);
	}
	encoder->rows++;
	return fine;
}

bool encoder_finish(struct encoder *encoder, struct err *err)
{
	return encoder->shape.format == FORMAT_JPEG
		       ? jpeg_write(encoder->sink, &encoder->shape, encoder->pixels, err)
		       : flush_row(encoder, err);
}
