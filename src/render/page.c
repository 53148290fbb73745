/* SPDX-License-Identifier: Apache-2.0
 *
 * Placing and turning. A picture that goes on the page from the top down is passed through row by
 * row; one that is turned or upside down is collected first, in 8 bits and at its reduced size.
 */
#include "render/page.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

#define WHITE 255

struct page {
	struct encoder *encoder;
	struct hash *hash;
	int32_t width, height;
	struct rect place;
	struct turn turn;
	int32_t reduced_width;
	bool collects;
	int32_t rows;     /* of the picture, so far */
	uint8_t *row;     /* one page row: white, but where the picture is */
	uint8_t *picture; /* place.width × place.height, when it collects */
};

static bool put_row(struct page *page, struct err *err)
{
	hash_add(page->hash, page->row, (size_t)page->width * 3);
	return encoder_row(page->encoder, page->row, err);
}

static bool put_white(struct page *page, int32_t n, struct err *err)
{
	memset(page->row, WHITE, (size_t)page->width * 3);
	for (int32_t i = 0; i < n; i++) {
		if (!put_row(page, err)) {
			return false;
		}
	}
	return true;
}

struct page *page_create(
	const struct recipe *recipe, const struct plan *plan, struct encoder *encoder)
{
	struct page *page = mem_new(1, sizeof *page);
	*page = (struct page){
		.encoder = encoder,
		.hash = hash_create(),
		.width = recipe->width_px,
		.height = recipe->height_px,
		.place = plan->place,
		.turn = plan->turn,
		.reduced_width = plan->reduced_width,
		.collects = plan->turn.swap || plan->turn.flip_y,
	};
	page->row = mem_new((size_t)page->width, 3);
	if (page->collects) {
		page->picture = mem_new((size_t)page->place.width * (size_t)page->place.height, 3);
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

static void copy_pixel(uint8_t *to, const uint8_t *from)
{
	to[0] = from[0];
	to[1] = from[1];
	to[2] = from[2];
}

static void copy_row(uint8_t *to, const uint8_t *from, int32_t n, bool backwards)
{
	if (!backwards) {
		memcpy(to, from, (size_t)n * 3);
		return;
	}
	for (int32_t x = 0; x < n; x++) {
		copy_pixel(to + (size_t)3 * (size_t)(n - 1 - x), from + (size_t)3 * (size_t)x);
	}
}

/* A row of the reduced picture, `y`, into its places of the turned one. */
static void collect(struct page *page, const uint8_t *rgb, int32_t y)
{
	size_t width = (size_t)page->place.width;
	if (!page->turn.swap) {
		int32_t to = page->turn.flip_y ? page->place.height - 1 - y : y;
		copy_row(page->picture + (size_t)to * width * 3, rgb, page->place.width,
			page->turn.flip_x);
		return;
	}
	/* swapped: the picture's row is a column of the page, its x walks down */
	size_t column = (size_t)(page->turn.flip_y ? page->place.width - 1 - y : y);
	for (int32_t x = 0; x < page->reduced_width; x++) {
		int32_t row = page->turn.flip_x ? page->reduced_width - 1 - x : x;
		copy_pixel(page->picture + ((size_t)row * width + column) * 3,
			rgb + (size_t)3 * (size_t)x);
	}
}

bool page_row(struct page *page, const uint8_t *rgb, struct err *err)
{
	int32_t y = page->rows++;
	if (page->collects) {
		collect(page, rgb, y);
		return true;
	}
	if (y == 0 && !put_white(page, page->place.y, err)) {
		return false;
	}
	copy_row(page->row + (size_t)page->place.x * 3, rgb, page->place.width, page->turn.flip_x);
	return put_row(page, err);
}

static bool put_collected(struct page *page, struct err *err)
{
	size_t row_bytes = (size_t)page->place.width * 3;
	if (!put_white(page, page->place.y, err)) {
		return false;
	}
	for (int32_t y = 0; y < page->place.height; y++) {
		memcpy(page->row + (size_t)page->place.x * 3, page->picture + (size_t)y * row_bytes,
			row_bytes);
		if (!put_row(page, err)) {
			return false;
		}
	}
	return true;
}

bool page_finish(struct page *page, char sha256[HASH_HEX_MAX], struct err *err)
{
	if ((page->collects && !put_collected(page, err)) ||
		!put_white(page, page->height - page->place.y - page->place.height, err) ||
		!encoder_finish(page->encoder, err)) {
		return false;
	}
	hash_take_hex(page->hash, sha256);
	return true;
}
