/* SPDX-License-Identifier: Apache-2.0
 *
 * Placing and turning. A picture that goes on the page from the top down is passed through row by
 * row; one that is turned or upside down, or that stands several times below each other, is
 * collected first, in 8 bits and at its reduced size.
 */
#include "render/page.h"
#include "base/mem.h"
#include "render/marks.h"
#include <stdlib.h>
#include <string.h>

struct page {
	struct encoder *encoder;
	struct hash *hash;
	const struct lettering *label; /* NULL: none */
	int32_t width, height;
	size_t channels;
	int white;         /* each byte of the paper: no ink in CMYK, all light else */
	struct rect place; /* of the first tile */
	int32_t across, down, step_x, step_y;
	struct marks marks;
	int32_t y; /* of the next row of the page */
	struct turn turn;
	int32_t reduced_width;
	bool collects;
	int32_t rows;     /* of the picture, so far */
	uint8_t *row;     /* one page row: white, but where the picture is */
	uint8_t *picture; /* place.width × place.height, when it collects */
};

/* In the darkest neutral that needs no profile: no light at all, or black ink alone. */
static void draw_label(const struct page *page)
{
	const struct lettering *label = page->label;
	if (label == NULL || page->y < label->y || page->y >= label->y + label->height) {
		return;
	}
	const uint8_t *cover = label->cover + (size_t)(page->y - label->y) * (size_t)label->width;
	uint8_t *to = page->row + (size_t)label->x * page->channels;
	for (int32_t x = 0; x < label->width; x++, to += page->channels) {
		if (page->channels == 4) {
			to[3] = cover[x];
		} else {
			memset(to, 255 - cover[x], page->channels);
		}
	}
}

static bool put_row(struct page *page, struct err *err)
{
	draw_label(page);
	marks_draw(&page->marks, page->y++, page->row, page->channels);
	hash_add(page->hash, page->row, (size_t)page->width * page->channels);
	return encoder_row(page->encoder, page->row, err);
}

static void clear_row(struct page *page)
{
	memset(page->row, page->white, (size_t)page->width * page->channels);
}

static bool put_white(struct page *page, int32_t n, struct err *err)
{
	for (int32_t i = 0; i < n; i++) {
		clear_row(page);
		if (!put_row(page, err)) {
			return false;
		}
	}
	return true;
}

struct page *page_create(const struct recipe *recipe, const struct plan *plan, int channels,
	const struct lettering *label, struct encoder *encoder)
{
	struct page *page = mem_new(1, sizeof *page);
	*page = (struct page){
		.encoder = encoder,
		.hash = hash_create(),
		.label = label,
		.width = recipe->width_px,
		.height = recipe->height_px,
		.channels = (size_t)channels,
		.white = channels == 4 ? 0 : 255,
		.place = plan->place,
		.turn = plan->turn,
		.reduced_width = plan->reduced_width,
		.across = recipe->tiles.across > 1 ? recipe->tiles.across : 1,
		.down = recipe->tiles.down > 1 ? recipe->tiles.down : 1,
		.step_x = recipe->tiles.step_x_px,
		.step_y = recipe->tiles.step_y_px,
		.collects = plan->turn.swap || plan->turn.flip_y || recipe->tiles.down > 1,
	};
	marks_init(&page->marks, recipe);
	page->row = mem_new((size_t)page->width, page->channels);
	clear_row(page);
	if (page->collects) {
		page->picture = mem_new(
			(size_t)page->place.width * (size_t)page->place.height, page->channels);
	}
	return page;
}

void page_destroy(struct page *page)
{
	if (page == NULL) {
		return;
	}
	hash_destroy(page->hash);
	free(page->row);
	free(page->picture);
	free(page);
}

static inline void copy_pixel(uint8_t *to, const uint8_t *from, size_t channels)
{
	to[0] = from[0];
	if (channels > 1) {
		to[1] = from[1];
		to[2] = from[2];
	}
	if (channels > 3) {
		to[3] = from[3];
	}
}

static void copy_row(uint8_t *to, const uint8_t *from, int32_t n, size_t channels, bool backwards)
{
	if (!backwards) {
		memcpy(to, from, (size_t)n * channels);
		return;
	}
	for (int32_t x = 0; x < n; x++) {
		copy_pixel(
			to + channels * (size_t)(n - 1 - x), from + channels * (size_t)x, channels);
	}
}

/* A row of the reduced picture, `y`, into its places of the turned one. */
static void collect(struct page *page, const uint8_t *pixels, int32_t y)
{
	size_t width = (size_t)page->place.width;
	if (!page->turn.swap) {
		int32_t to = page->turn.flip_y ? page->place.height - 1 - y : y;
		copy_row(page->picture + (size_t)to * width * page->channels, pixels,
			page->place.width, page->channels, page->turn.flip_x);
		return;
	}
	/* swapped: the picture's row is a column of the page, its x walks down */
	size_t column = (size_t)(page->turn.flip_y ? page->place.width - 1 - y : y);
	for (int32_t x = 0; x < page->reduced_width; x++) {
		int32_t row = page->turn.flip_x ? page->reduced_width - 1 - x : x;
		copy_pixel(page->picture + ((size_t)row * width + column) * page->channels,
			pixels + page->channels * (size_t)x, page->channels);
	}
}

/* The row of the page that this row of the picture gives: beside each other as often as wanted. */
static bool put_picture_row(
	struct page *page, const uint8_t *pixels, bool backwards, struct err *err)
{
	/* else it is white beside the pictures, from row to row */
	if (page->marks.n > 0 || page->label != NULL) {
		clear_row(page);
	}
	uint8_t *first = page->row + (size_t)page->place.x * page->channels;
	copy_row(first, pixels, page->place.width, page->channels, backwards);
	for (int32_t i = 1; i < page->across; i++) {
		memcpy(first + (size_t)i * (size_t)page->step_x * page->channels, first,
			(size_t)page->place.width * page->channels);
	}
	return put_row(page, err);
}

bool page_row(struct page *page, const uint8_t *pixels, struct err *err)
{
	int32_t y = page->rows++;
	if (page->collects) {
		collect(page, pixels, y);
		return true;
	}
	if (y == 0 && !put_white(page, page->place.y, err)) {
		return false;
	}
	return put_picture_row(page, pixels, page->turn.flip_x, err);
}

static bool put_collected(struct page *page, struct err *err)
{
	size_t row_bytes = (size_t)page->place.width * page->channels;
	for (int32_t tile = 0; tile < page->down; tile++) {
		if (!put_white(page, page->place.y + tile * page->step_y - page->y, err)) {
			return false;
		}
		for (int32_t y = 0; y < page->place.height; y++) {
			if (!put_picture_row(
				    page, page->picture + (size_t)y * row_bytes, false, err)) {
				return false;
			}
		}
	}
	return true;
}

bool page_finish(struct page *page, char sha256[HASH_HEX_MAX], struct err *err)
{
	if ((page->collects && !put_collected(page, err)) ||
		!put_white(page, page->height - page->y, err) ||
		!encoder_finish(page->encoder, err)) {
		return false;
	}
	hash_take_hex(page->hash, sha256);
	return true;
}
