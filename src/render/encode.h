/* SPDX-License-Identifier: Apache-2.0
 *
 * Device pixels to a document: grey, RGB or CMYK, 8 bits, row by row from the top.
 */
#pragma once
#include "render/sink.h"
#include "rules/catalog.h"

struct encode_shape {
	enum document_format format;
	int channels; /* 1, 3, 4 (not in a JPEG) */
	int32_t width_px, height_px, x_dpi, y_dpi;
};

struct encoder;

/* Writes into `sink`, which stays the caller's. */
struct encoder *encoder_create(const struct encode_shape *shape, struct sink *sink);
void encoder_destroy(struct encoder *encoder);
must_use bool encoder_row(struct encoder *encoder, const uint8_t *pixels, struct err *err);
/* After the last row. */
must_use bool encoder_finish(struct encoder *encoder, struct err *err);

/* The heads of PWG 5102.4 and of Apple raster, for one page. */
must_use bool pwg_begin(struct sink *sink, const struct encode_shape *shape, struct err *err);
must_use bool urf_begin(struct sink *sink, const struct encode_shape *shape, struct err *err);
/* One row, `repeats` times (1..256), packed as both of them have it. */
must_use bool packed_row(struct sink *sink, const struct encode_shape *shape, const uint8_t *pixels,
	int repeats, struct err *err);
/* Quality 95, no chroma subsampling, of the whole page in memory. */
must_use bool jpeg_write(struct sink *sink, const struct encode_shape *shape, const uint8_t *pixels,
	struct err *err);
