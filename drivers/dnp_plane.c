/* SPDX-License-Identifier: Apache-2.0
 *
 * Turning, mirroring and splitting a page. The printer's first column is the picture's last: rows
 * are mirrored. A print whose height runs along the columns is first turned a quarter clockwise;
 * both together make a picture's row one column of the plane, in the same order. Around the picture
 * the image goes on as its edge does: that part falls beside the paper, but where exactly the paper
 * ends is not the same for any two prints.
 */
#include "drivers/dnp_plane.h"
#include "base/mem.h"
#include "drivers/pwg_read.h"
#include <stdlib.h>
#include <string.h>

#define PER_METRE_300 11808
#define PER_METRE_600 23615
#define PALETTE_AT    54
#define PALETTE       256

struct canvas { /* one print within the image; rows of the picture come in from the top */
	const struct dnp_plan *plan;
	uint8_t *pixels[DNP_PLANES];
	int32_t columns, rows;           /* of the canvas */
	int32_t first_column, first_row; /* where the picture begins */
	int32_t across, down;            /* its size there */
};

const char *dnp_plane_name(int plane)
{
	static const char *const names[DNP_PLANES] = {"YPLANE", "MPLANE", "CPLANE"};
	return names[plane];
}

static void put(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++) {
		at[i] = (uint8_t)(value >> (8 * i));
	}
}

static void write_head(uint8_t *head, const struct dnp_plan *plan)
{
	uint32_t pixels = (uint32_t)plan->columns * (uint32_t)plan->rows;
	memset(head, 0, DNP_HEAD_BYTES);
	head[0] = 'B';
	head[1] = 'M';
	put(head + 2, pixels + DNP_HEAD_BYTES);
	put(head + 10, DNP_HEAD_BYTES);
	put(head + 14, 40);
	put(head + 18, (uint32_t)plan->columns);
	put(head + 22, (uint32_t)plan->rows);
	head[26] = 1; /* plane */
	head[28] = 8; /* bits */
	put(head + 38, PER_METRE_300);
	put(head + 42, plan->fine_rows ? PER_METRE_600 : PER_METRE_300);
	put(head + 46, PALETTE);
	for (int i = 0; i < PALETTE; i++) {
		memset(head + PALETTE_AT + 4 * i, 255 - i, 3);
	}
}

/* The picture's rows as rows, from the last column to the first. */
static void add_row(const struct canvas *canvas, int32_t y, const uint8_t *rgb)
{
	size_t row = (size_t)(canvas->first_row + y) * (size_t)canvas->columns;
	for (int plane = 0; plane < DNP_PLANES; plane++) {
		uint8_t *to = canvas->pixels[plane] + row + canvas->first_column;
		const uint8_t *from = rgb + (canvas->across - 1) * PWG_PIXEL_BYTES + 2 - plane;
		for (int32_t x = 0; x < canvas->across; x++) {
			to[x] = *from;
			from -= PWG_PIXEL_BYTES;
		}
	}
}

/* The picture's rows as columns. */
static void add_column(const struct canvas *canvas, int32_t y, const uint8_t *rgb)
{
	for (int plane = 0; plane < DNP_PLANES; plane++) {
		uint8_t *to = canvas->pixels[plane] +
			      (size_t)canvas->first_row * (size_t)canvas->columns +
			      canvas->first_column + y;
		for (int32_t x = 0; x < canvas->down; x++) {
			*to = rgb[x * PWG_PIXEL_BYTES + 2 - plane];
			to += canvas->columns;
		}
	}
}

/* The edges go on to the image's. */
static void extend(const struct canvas *canvas, uint8_t *pixels)
{
	size_t columns = (size_t)canvas->columns;
	int32_t end = canvas->first_column + canvas->across;
	int32_t last_row = canvas->first_row + canvas->down - 1;
	for (int32_t y = canvas->first_row; y <= last_row; y++) {
		uint8_t *row = pixels + (size_t)y * columns;
		memset(row, row[canvas->first_column], (size_t)canvas->first_column);
		memset(row + end, row[end - 1], columns - (size_t)end);
	}
	for (int32_t y = 0; y < canvas->first_row; y++) {
		memcpy(pixels + (size_t)y * columns, pixels + (size_t)canvas->first_row * columns,
			columns);
	}
	for (int32_t y = last_row + 1; y < canvas->rows; y++) {
		memcpy(pixels + (size_t)y * columns, pixels + (size_t)last_row * columns, columns);
	}
}

/* The same once more below, after some white. */
static void double_it(const struct canvas *canvas, uint8_t *pixels)
{
	size_t one = (size_t)canvas->rows * (size_t)canvas->columns;
	size_t gap = (size_t)(canvas->plan->rows - 2 * canvas->rows) * (size_t)canvas->columns;
	memset(pixels + one, DNP_WHITE, gap);
	memcpy(pixels + one + gap, pixels, one);
}

static bool draw(const struct canvas *canvas, struct pwg_read *page, const struct pwg_page *size,
	struct err *err)
{
	uint8_t *rgb = mem_new((size_t)size->width_px, PWG_PIXEL_BYTES);
	bool fine = true;
	for (int32_t y = 0; fine && y < size->height_px; y++) {
		fine = pwg_read_row(page, rgb, err);
		if (fine && canvas->plan->cut->turned) {
			add_column(canvas, y, rgb);
		} else if (fine) {
			add_row(canvas, y, rgb);
		}
	}
	free(rgb);
	return fine && pwg_read_end(page, err);
}

static struct canvas canvas_of(const struct dnp_plan *plan, const struct pwg_page *size)
{
	bool turned = plan->cut->turned;
	struct canvas canvas = {.plan = plan,
		.columns = plan->columns,
		.rows = plan->cut->rows * (plan->fine_rows ? 2 : 1),
		.across = turned ? size->height_px : size->width_px,
		.down = turned ? size->width_px : size->height_px};
	/* the middle, seen from the picture's own left */
	canvas.first_column = canvas.columns - canvas.across - (canvas.columns - canvas.across) / 2;
	canvas.first_row = (canvas.rows - canvas.down) / 2;
	return canvas;
}

/* The plan was made for the size that the daemon said: the page itself has to agree. */
static bool sizes_agree(
	const struct document *document, const struct pwg_page *size, struct err *err)
{
	bool fine = size->width_px == document->width_px &&
		    size->height_px == document->height_px && size->x_dpi == document->x_dpi &&
		    size->y_dpi == document->y_dpi;
	return fine || err_set(err, REMEDY_REDO, "raster-damaged",
			       "the rendered page says %d x %d pixels, its record %d x %d: it is "
			       "made anew",
			       (int)size->width_px, (int)size->height_px, (int)document->width_px,
			       (int)document->height_px);
}

static void allocate(const struct dnp_plan *plan, struct canvas *canvas, struct dnp_image *image)
{
	image->plane_bytes = (size_t)plan->columns * (size_t)plan->rows + DNP_HEAD_BYTES;
	for (int plane = 0; plane < DNP_PLANES; plane++) {
		image->planes[plane] = mem_new(image->plane_bytes, 1);
		write_head(image->planes[plane], plan);
		canvas->pixels[plane] = image->planes[plane] + DNP_HEAD_BYTES;
	}
}

bool dnp_image_make(const struct dnp_plan *plan, const struct document *document,
	struct dnp_image *image, struct err *err)
{
	struct pwg_page size;
	*image = (struct dnp_image){0};
	struct pwg_read *page = pwg_read_open(document->fd, document->bytes, &size, err);
	if (page == NULL) {
		return false;
	}
	bool fine = sizes_agree(document, &size, err);
	if (fine) {
		struct canvas canvas = canvas_of(plan, &size);
		allocate(plan, &canvas, image);
		fine = draw(&canvas, page, &size, err);
		for (int plane = 0; fine && plane < DNP_PLANES; plane++) {
			extend(&canvas, canvas.pixels[plane]);
			if (plan->twice) {
				double_it(&canvas, canvas.pixels[plane]);
			}
		}
	}
	pwg_read_close(page);
	if (!fine) {
		dnp_image_fini(image);
	}
	return fine;
}

void dnp_image_fini(struct dnp_image *image)
{
	for (int plane = 0; plane < DNP_PLANES; plane++) {
		free(image->planes[plane]);
	}
	*image = (struct dnp_image){0};
}
