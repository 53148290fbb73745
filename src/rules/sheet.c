/* SPDX-License-Identifier: Apache-2.0
 *
 * How much media a print takes, and which way it lies on a roll.
 */
#include "rules/sheet.h"

#define MARKS_HMM 600 /* paper that cut marks want beyond the print */

static int32_t tiles_of(int32_t said)
{
	return said < 1 ? 1 : said;
}

static int32_t span(int32_t length_hmm, int32_t n, int32_t gap_hmm)
{
	return tiles_of(n) * (length_hmm + gap_hmm) - gap_hmm;
}

static int32_t most(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static int32_t least(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

void product_block(const struct product *product, int32_t *width_hmm, int32_t *height_hmm)
{
	*width_hmm = span(product->width_hmm, product->across, product->gap_hmm);
	*height_hmm = span(product->height_hmm, product->down, product->gap_hmm);
}

int32_t product_tiles(const struct product *product)
{
	return tiles_of(product->across) * tiles_of(product->down);
}

bool media_has_room(const struct media *media, const struct product *product)
{
	int32_t width;
	int32_t height;
	product_block(product, &width, &height);
	if (media->height_most_hmm == 0) {
		return width <= media->width_hmm && height <= media->height_hmm;
	}
	return (width <= media->width_hmm && height <= media->height_most_hmm) ||
	       (height <= media->width_hmm && width <= media->height_most_hmm);
}

bool sheet_is_marked(const struct product *product, const struct model_media *on)
{
	return product->cut_marks && !on->cuts;
}

/* Where somebody cuts at the sides, the bleed and the marks are wanted at the ends, too; a print of
 * the roll's own width is done when the printer has cut it off. */
static int32_t end_of(const struct product *product, const struct media *media,
	const struct model_media *on, int32_t across_hmm)
{
	if (across_hmm >= media->width_hmm) {
		return on->margin_hmm;
	}
	int32_t trimmed = most(product->bleed_hmm, sheet_is_marked(product, on) ? MARKS_HMM : 0);
	return most(on->margin_hmm, trimmed);
}

struct sheet sheet_of(
	const struct product *product, const struct media *media, const struct model_media *on)
{
	if (media->height_most_hmm == 0) {
		return (struct sheet){media->width_hmm, media->height_hmm, false};
	}
	int32_t width;
	int32_t height;
	product_block(product, &width, &height);
	int32_t reach = media->width_hmm - 2 * on->margin_hmm;
	if (least(width, height) > reach) {
		reach = media->width_hmm; /* the margin cuts it either way */
	}
	bool stands = width <= reach && height <= media->height_most_hmm;
	bool lies = height <= reach && width <= media->height_most_hmm;
	if (!stands && !lies) { /* only where the margin cuts it */
		stands = width <= media->width_hmm && height <= media->height_most_hmm;
		lies = height <= media->width_hmm && width <= media->height_most_hmm;
	}
	lies = lies && (!stands || width < height);
	int32_t across = lies ? height : width;
	int32_t along = lies ? width : height;
	int32_t length = along + 2 * end_of(product, media, on, across);
	length = least(most(length, media->height_hmm), media->height_most_hmm);
	return (struct sheet){media->width_hmm, length, lies};
}
