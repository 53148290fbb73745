/* SPDX-License-Identifier: Apache-2.0
 *
 * A rendered page as the printer wants it: rows of R G B across its paper. The page stands upright;
 * sizes that the printer cuts from the long side of its paper (4×6 in, 3.5×5 in) lie there, so the
 * page is turned to the right by a quarter.
 */
#include "drivers/s2145.h"
#include "drivers/pwg_read.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_size(const struct s2145_medium *medium, int32_t width_px, int32_t height_px)
{
	return medium->columns == width_px && medium->rows == height_px;
}

/* The same size may stand there whole and to be cut: the page's model says which is meant. */
static const struct s2145_medium *find_medium(
	const struct s2145_media *media, const struct document *document)
{
	for (size_t i = 0; i < media->n; i++) {
		const struct s2145_medium *medium = &media->list[i];
		if ((medium->method != S2145_WHOLE) == document->cuts &&
			(is_size(medium, document->width_px, document->height_px) ||
				is_size(medium, document->height_px, document->width_px))) {
			return medium;
		}
	}
	return NULL;
}

static bool no_such_size(const struct s2145 *s, const struct document *document,
	const struct s2145_media *media, struct err *err)
{
	char sizes[120] = "nothing";
	size_t len = 0;
	for (size_t i = 0; i < media->n && len < sizeof sizes; i++) {
		len += (size_t)snprintf(sizes + len, sizeof sizes - len, "%s%ux%u%s",
			i == 0 ? "" : ", ", media->list[i].columns, media->list[i].rows,
			media->list[i].method == S2145_WHOLE ? "" : " cut");
	}
	return err_set(err, REMEDY_ATTEND, "page-size",
		"printer %s: the page has %dx%d pixels%s; with what is loaded it takes %s. Correct "
		"the media's file, or what its model says of it",
		s->device->printer, (int)document->width_px, (int)document->height_px,
		document->cuts ? ", to be cut" : "", sizes);
}

/* Row y of the upright page becomes the column that is as far from the right edge. */
static void lay_row(const uint8_t *row, int32_t y, const struct pwg_page *upright, uint8_t *pixels)
{
	size_t columns = (size_t)upright->height_px;
	size_t column = columns - 1 - (size_t)y;
	for (int32_t x = 0; x < upright->width_px; x++) {
		memcpy(pixels + ((size_t)x * columns + column) * S2145_PIXEL_BYTES,
			row + (size_t)x * PWG_PIXEL_BYTES, S2145_PIXEL_BYTES);
	}
}

static bool read_rows(struct pwg_read *reader, const struct pwg_page *upright, bool lies,
	uint8_t *pixels, struct err *err)
{
	size_t row_bytes = (size_t)upright->width_px * PWG_PIXEL_BYTES;
	uint8_t *row = mem_new(row_bytes, 1);
	bool fine = true;
	for (int32_t y = 0; fine && y < upright->height_px; y++) {
		uint8_t *to = lies ? row : pixels + (size_t)y * row_bytes;
		fine = pwg_read_row(reader, to, err);
		if (fine && lies) {
			lay_row(row, y, upright, pixels);
		}
	}
	free(row);
	return fine && pwg_read_end(reader, err);
}

bool s2145_page_read(const struct s2145 *s, const struct document *document,
	const struct s2145_media *media, struct s2145_page *page, struct err *err)
{
	struct pwg_page upright;
	const struct s2145_medium *medium = find_medium(media, document);
	*page = (struct s2145_page){.pixels = NULL};
	if (medium == NULL) {
		return no_such_size(s, document, media, err);
	}
	struct pwg_read *reader = pwg_read_open(document->fd, document->bytes, &upright, err);
	if (reader == NULL) {
		return err_wrap(err, "printer %s", s->device->printer);
	}
	bool fine = (upright.width_px == document->width_px &&
			    upright.height_px == document->height_px) ||
		    err_set(err, REMEDY_REDO, "raster-damaged",
			    "the rendered page has other sides than it was made with; it is "
			    "rendered anew");
	if (fine) {
		page->medium = *medium;
		page->n_bytes = (size_t)medium->columns * medium->rows * S2145_PIXEL_BYTES;
		page->pixels = mem_new(page->n_bytes, 1);
		fine = read_rows(
			reader, &upright, medium->columns != upright.width_px, page->pixels, err);
	}
	pwg_read_close(reader);
	if (!fine) {
		free(page->pixels);
		page->pixels = NULL;
		err_wrap(err, "printer %s", s->device->printer);
	}
	return fine;
}
