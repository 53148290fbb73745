/* SPDX-License-Identifier: Apache-2.0
 *
 * The strict reader of rendered pages. A row is kept packed once and given as often as it repeats.
 */
#include "drivers/pwg_read.h"
#include "base/mem.h"
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES 65536
#define CODE_CLEAR  128 /* the rest of the row is white */
#define DPI_MAX     4800

struct pwg_read {
	int fd;             /* -1: from memory */
	int64_t n_bytes;    /* of the whole document */
	int64_t read_bytes; /* fetched from it so far */
	const uint8_t *at, *end;
	struct pwg_page page;
	int32_t rows;    /* given so far */
	int32_t repeats; /* how often the row that is kept comes once more */
	uint8_t *row;
	uint8_t chunk[CHUNK_BYTES];
};

/* ---- bytes ---- */

static bool unreadable(const struct pwg_read *reader, const char *why, struct err *err)
{
	return err_set(err, REMEDY_REDO, "raster-unreadable",
		"the rendered page can't be read at byte %" PRId64 " of %" PRId64
		": %s; it is rendered anew",
		reader->read_bytes, reader->n_bytes, why);
}

static bool damaged(const struct pwg_read *reader, const char *why, struct err *err)
{
	return err_set(err, REMEDY_REDO, "raster-damaged",
		"the rendered page is damaged in row %d of %d: %s; it is rendered anew",
		(int)reader->rows + 1, (int)reader->page.height_px, why);
}

static bool fetch(struct pwg_read *reader, struct err *err)
{
	int64_t left = reader->n_bytes - reader->read_bytes;
	size_t want = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
	if (want == 0) {
		return unreadable(reader, "it ends too early", err);
	}
	ssize_t n;
	do {
		n = pread(reader->fd, reader->chunk, want, (off_t)reader->read_bytes);
	} while (n < 0 && errno == EINTR);
	if (n <= 0) {
		return unreadable(
			reader, n < 0 ? strerror(errno) : "it is shorter than it was", err);
	}
	reader->read_bytes += n;
	reader->at = reader->chunk;
	reader->end = reader->chunk + n;
	return true;
}

static bool take(struct pwg_read *reader, uint8_t *to, size_t n, struct err *err)
{
	while (n > 0) {
		if (reader->at == reader->end && !fetch(reader, err)) {
			return false;
		}
		size_t here = (size_t)(reader->end - reader->at);
		here = here < n ? here : n;
		memcpy(to, reader->at, here);
		reader->at += here;
		to += here;
		n -= here;
	}
	return true;
}

/* ---- the head ---- */

enum head_field { /* offsets behind the sync word */
	AT_RESOLUTION = 276,
	AT_WIDTH = 372,
	AT_HEIGHT = 376,
	AT_BYTES_PER_LINE = 392,
};

/* What says that the pixels are what they are taken for. */
static const struct {
	size_t at;
	uint32_t value;
	const char *what;
} shape[] = {
	{384, 8, "bits per colour"},
	{388, 24, "bits per pixel"},
	{396, 0, "colour order"},
	{400, 19, "colour space (19 is sRGB)"},
	{420, 3, "number of colours"},
};

static uint32_t number_at(const uint8_t *head, size_t at)
{
	const uint8_t *p = head + 4 + at;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool within(const uint8_t *head, size_t at, uint32_t max, int32_t *value)
{
	uint32_t said = number_at(head, at);
	*value = said <= max ? (int32_t)said : 0;
	return *value > 0;
}

static bool is_srgb(const uint8_t *head, struct err *err)
{
	for (size_t i = 0; i < sizeof shape / sizeof shape[0]; i++) {
		uint32_t said = number_at(head, shape[i].at);
		if (said != shape[i].value) {
			return err_set(err, REMEDY_REJECT, "raster-format",
				"the rendered page has %s %" PRIu32 " and must have %" PRIu32
				": give its media an RGB profile in the model's file",
				shape[i].what, said, shape[i].value);
		}
	}
	return true;
}

static bool read_head(struct pwg_read *reader, struct err *err)
{
	uint8_t head[PWG_HEAD_BYTES];
	struct pwg_page *page = &reader->page;
	if (!take(reader, head, sizeof head, err)) {
		return false;
	}
	if (memcmp(head, "RaS2PwgRaster", 14) != 0) { /* with the NUL of the name */
		return err_set(err, REMEDY_REDO, "raster-damaged",
			"the rendered page is no PWG raster; it is rendered anew");
	}
	if (!is_srgb(head, err)) {
		return false;
	}
	if (!within(head, AT_WIDTH, PWG_SIDE_MAX, &page->width_px) ||
		!within(head, AT_HEIGHT, PWG_SIDE_MAX, &page->height_px) ||
		!within(head, AT_RESOLUTION, DPI_MAX, &page->x_dpi) ||
		!within(head, AT_RESOLUTION + 4, DPI_MAX, &page->y_dpi) ||
		number_at(head, AT_BYTES_PER_LINE) != (uint32_t)page->width_px * PWG_PIXEL_BYTES) {
		return damaged(reader, "its head says impossible sizes", err);
	}
	reader->row = mem_new((size_t)page->width_px, PWG_PIXEL_BYTES);
	return true;
}

static struct pwg_read *begin(struct pwg_read *reader, struct pwg_page *page, struct err *err)
{
	if (!read_head(reader, err)) {
		pwg_read_close(reader);
		return NULL;
	}
	*page = reader->page;
	return reader;
}

struct pwg_read *pwg_read_open(int fd, int64_t n_bytes, struct pwg_page *page, struct err *err)
{
	struct pwg_read *reader = mem_new(1, sizeof *reader);
	reader->fd = fd;
	reader->n_bytes = n_bytes > 0 ? n_bytes : 0;
	return begin(reader, page, err);
}

struct pwg_read *pwg_read_open_memory(
	const void *bytes, size_t n_bytes, struct pwg_page *page, struct err *err)
{
	struct pwg_read *reader = mem_new(1, sizeof *reader);
	reader->fd = -1;
	reader->n_bytes = reader->read_bytes = (int64_t)n_bytes;
	reader->at = bytes;
	reader->end = reader->at + n_bytes;
	return begin(reader, page, err);
}

void pwg_read_close(struct pwg_read *reader)
{
	if (reader != NULL) {
		free(reader->row);
		free(reader);
	}
}

/* ---- rows ---- */

static void repeat_pixel(uint8_t *pixels, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		memcpy(pixels + i * PWG_PIXEL_BYTES, pixels, PWG_PIXEL_BYTES);
	}
}

/* 0..127: the next pixel, n + 1 times; 129..255: 257 − n pixels as they are. */
static bool unpack(struct pwg_read *reader, struct err *err)
{
	size_t width = (size_t)reader->page.width_px;
	for (size_t x = 0; x < width;) {
		uint8_t code;
		uint8_t *pixels = reader->row + x * PWG_PIXEL_BYTES;
		if (!take(reader, &code, 1, err)) {
			return false;
		}
		if (code == CODE_CLEAR) {
			memset(pixels, 0xff, (width - x) * PWG_PIXEL_BYTES);
			return true;
		}
		bool repeats = code < CODE_CLEAR;
		size_t n = repeats ? code + 1U : 257U - code;
		if (n > width - x) {
			return damaged(reader, "it has more pixels than the page is wide", err);
		}
		if (!take(reader, pixels, (repeats ? 1 : n) * PWG_PIXEL_BYTES, err)) {
			return false;
		}
		if (repeats) {
			repeat_pixel(pixels, n);
		}
		x += n;
	}
	return true;
}

static bool next_row(struct pwg_read *reader, struct err *err)
{
	uint8_t code;
	if (!take(reader, &code, 1, err)) {
		return false;
	}
	reader->repeats = code + 1;
	return reader->repeats <= reader->page.height_px - reader->rows
		       ? unpack(reader, err)
		       : damaged(reader, "it comes more often than there are rows left", err);
}

bool pwg_read_row(struct pwg_read *reader, uint8_t *rgb, struct err *err)
{
	assert(reader->rows < reader->page.height_px);
	if (reader->repeats == 0 && !next_row(reader, err)) {
		reader->repeats = 0;
		return false;
	}
	memcpy(rgb, reader->row, (size_t)reader->page.width_px * PWG_PIXEL_BYTES);
	reader->repeats--;
	reader->rows++;
	return true;
}

bool pwg_read_end(struct pwg_read *reader, struct err *err)
{
	assert(reader->rows == reader->page.height_px);
	return (reader->at == reader->end && reader->read_bytes == reader->n_bytes) ||
	       err_set(err, REMEDY_REDO, "raster-damaged",
		       "the rendered page goes on after its last row; it is rendered anew");
}
