/* SPDX-License-Identifier: Apache-2.0
 *
 * Shrinking by whole factors, row by row. The raster was made by our own render process, which had
 * seen hostile bytes: so nothing in it is believed before it was checked.
 */
#include "worker/shrink.h"
#include "base/mem.h"
#include "render/decode.h"
#include <stdlib.h>
#include <string.h>

#define SIDE_MAX    30000
#define PIXEL_BYTES 3   /* of the small picture */
#define CODE_CLEAR  128 /* the rest of the row is white */

struct squares {
	int32_t width_px, height_px, factor;
	int32_t rows;   /* taken so far */
	uint32_t *sums; /* of the present row of squares, three for each */
	struct small *small;
};

static bool damaged(struct err *err)
{
	return err_set(err, REMEDY_REDO, "raster-damaged", "the rendered page is damaged");
}

static bool begin(struct squares *squares, int32_t width_px, int32_t height_px, int32_t side_px,
	struct small *small, struct err *err)
{
	if (width_px < 1 || height_px < 1 || width_px > SIDE_MAX || height_px > SIDE_MAX) {
		return damaged(err);
	}
	int32_t longest = width_px > height_px ? width_px : height_px;
	int32_t factor = (longest + side_px - 1) / side_px;
	*small = (struct small){.width_px = width_px / factor, .height_px = height_px / factor};
	small->width_px = small->width_px > 0 ? small->width_px : 1;
	small->height_px = small->height_px > 0 ? small->height_px : 1;
	size_t n = (size_t)small->width_px * (size_t)small->height_px;
	small->rgb = mem_new(n, PIXEL_BYTES);
	*squares = (struct squares){.width_px = width_px,
		.height_px = height_px,
		.factor = factor,
		.sums = mem_new((size_t)small->width_px * PIXEL_BYTES, sizeof(uint32_t)),
		.small = small};
	return true;
}

static void write_row(struct squares *squares, int32_t at, int32_t n_rows)
{
	int32_t columns = squares->factor < squares->width_px ? squares->factor : squares->width_px;
	uint32_t n = (uint32_t)columns * (uint32_t)n_rows;
	size_t width = (size_t)squares->small->width_px * PIXEL_BYTES;
	for (size_t i = 0; i < width; i++) {
		squares->small->rgb[(size_t)at * width + i] = (uint8_t)(squares->sums[i] / n);
	}
	memset(squares->sums, 0, width * sizeof *squares->sums);
}

static void take_row(struct squares *squares, const uint8_t *rgb)
{
	int32_t at = squares->rows / squares->factor;
	if (at < squares->small->height_px) {
		int32_t most = squares->small->width_px * squares->factor;
		most = most < squares->width_px ? most : squares->width_px;
		for (int32_t x = 0; x < most; x++) {
			uint32_t *sum = squares->sums + (size_t)(x / squares->factor) * PIXEL_BYTES;
			for (size_t c = 0; c < PIXEL_BYTES; c++) {
				sum[c] += rgb[(size_t)x * PIXEL_BYTES + c];
			}
		}
	}
	squares->rows++;
	bool is_last = squares->rows == squares->height_px;
	if (at < squares->small->height_px && (squares->rows % squares->factor == 0 || is_last)) {
		write_row(squares, at, (squares->rows - 1) % squares->factor + 1);
	}
}

/* ---- PWG and Apple raster ---- */

struct raster_head {
	const char *mark; /* four bytes */
	size_t width_at, height_at, rows_at;
	size_t bits_at; /* a byte: bits a pixel; PWG's number has its last there */
};

static const struct raster_head heads[] = {
	{"RaS2", 4 + 372, 4 + 376, 4 + 1796, 4 + 388 + 3},
	{"UNIR", 12 + 12, 12 + 16, 12 + 32, 12},
};

static uint32_t number_at(struct bytes file, size_t at)
{
	const unsigned char *p = file.at + at;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* One packed row from *at on. White is all light, or, of four inks, none of them. */
static bool unpack(struct bytes file, size_t *at, uint8_t *row, size_t n_pixels, size_t channels)
{
	for (size_t x = 0; x < n_pixels;) {
		if (*at >= file.len) {
			return false;
		}
		unsigned code = file.at[(*at)++];
		if (code == CODE_CLEAR) {
			memset(row + x * channels, channels == 4 ? 0 : 0xff,
				(n_pixels - x) * channels);
			return true;
		}
		size_t n = code < CODE_CLEAR ? code + 1 : 257 - code;
		size_t len = (code < CODE_CLEAR ? 1 : n) * channels;
		if (n > n_pixels - x || len > file.len - *at) {
			return false;
		}
		for (size_t i = 0; i < n; i++) {
			size_t from = code < CODE_CLEAR ? 0 : i;
			memcpy(row + (x + i) * channels, file.at + *at + from * channels, channels);
		}
		*at += len;
		x += n;
	}
	return true;
}

/* Near enough for a small picture on a screen; back to front, since it grows in place. */
static void to_screen(uint8_t *row, size_t n_pixels, size_t channels)
{
	for (size_t x = n_pixels; channels == 1 && x-- > 0;) {
		memset(row + x * PIXEL_BYTES, row[x], PIXEL_BYTES);
	}
	for (size_t x = 0; channels == 4 && x < n_pixels; x++) {
		unsigned light = 255U - row[4 * x + 3];
		for (size_t c = 0; c < PIXEL_BYTES; c++) {
			row[x * PIXEL_BYTES + c] = (uint8_t)((255U - row[4 * x + c]) * light / 255);
		}
	}
}

static bool shrink_raster(struct bytes file, const struct raster_head *head, int32_t side_px,
	struct small *small, struct err *err)
{
	struct squares squares;
	size_t channels = file.len < head->rows_at ? 0 : file.at[head->bits_at] / 8U;
	if ((channels != 1 && channels != 3 && channels != 4) ||
		number_at(file, head->width_at) > SIDE_MAX ||
		number_at(file, head->height_at) > SIDE_MAX ||
		!begin(&squares, (int32_t)number_at(file, head->width_at),
			(int32_t)number_at(file, head->height_at), side_px, small, err)) {
		return damaged(err);
	}
	size_t width = (size_t)squares.width_px;
	uint8_t *row = mem_new(width, 4);
	uint8_t *shown = mem_new(width, 4);
	bool fine = true;
	for (size_t at = head->rows_at; fine && squares.rows < squares.height_px;) {
		int repeats = at < file.len ? file.at[at++] + 1 : 0;
		fine = repeats > 0 && unpack(file, &at, row, width, channels);
		memcpy(shown, row, width * channels);
		to_screen(shown, width, channels);
		while (fine && repeats-- > 0 && squares.rows < squares.height_px) {
			take_row(&squares, shown);
		}
	}
	free(row);
	free(shown);
	free(squares.sums);
	return fine || damaged(err);
}

/* ---- JPEG ---- */

static void to_rgb(const uint16_t *from, int channels, int32_t n_pixels, uint8_t *rgb)
{
	for (int32_t x = 0; x < n_pixels; x++) {
		for (int c = 0; c < PIXEL_BYTES; c++) {
			rgb[x * PIXEL_BYTES + c] =
				(uint8_t)(from[x * channels + (channels == 1 ? 0 : c)] >> 8);
		}
	}
}

static bool shrink_jpeg(struct bytes file, int32_t side_px, struct small *small, struct err *err)
{
	static const struct render_limits limits = {.file_bytes = INT64_C(1) << 28,
		.pixels = INT64_C(400) * 1000 * 1000,
		.side_px = SIDE_MAX};
	struct probe probe;
	if (!probe_file(file, "image/jpeg", &limits, &probe, err)) {
		return false;
	}
	struct decoder *decoder = decoder_open(file, &probe, err);
	struct squares squares;
	if (decoder == NULL) {
		return false;
	}
	if (!begin(&squares, probe.width_px, probe.height_px, side_px, small, err)) {
		decoder_close(decoder);
		return false;
	}
	int channels = decoder_channels(decoder);
	uint16_t *samples = mem_new((size_t)probe.width_px * (size_t)channels, sizeof *samples);
	uint8_t *row = mem_new((size_t)probe.width_px, PIXEL_BYTES);
	bool fine = true;
	while (fine && squares.rows < squares.height_px) {
		fine = decoder_row(decoder, samples, err);
		if (fine) {
			to_rgb(samples, channels, probe.width_px, row);
			take_row(&squares, row);
		}
	}
	free(samples);
	free(row);
	free(squares.sums);
	decoder_close(decoder);
	return fine;
}

bool shrink(struct bytes file, int32_t side_px, struct small *small, struct err *err)
{
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		if (file.len > 4 && memcmp(file.at, heads[i].mark, 4) == 0) {
			return shrink_raster(file, &heads[i], side_px, small, err);
		}
	}
	return shrink_jpeg(file, side_px, small, err);
}
