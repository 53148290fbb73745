/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the picture goes: docs/rendering.md's one rule, in whole pixels.
 */
#include "base/units.h"
#include "rules/sheet.h"
#include "wire/recipe.h"
#include <stdlib.h>

#define MARK_ROOM_HMM 200 /* paper at a side on which cut marks are of use */

struct way { /* one direction of the sheet, in pixels */
	int32_t sheet, margin;
	int32_t n, step; /* finished prints, from one to the next */
	int32_t first, trim;
	int32_t grow; /* from the finished print to the picture, at both ends */
};

static struct way way_of(const struct product *product, bool is_height, int32_t sheet_hmm,
	int32_t grow_hmm, int32_t margin_hmm, int32_t dpi)
{
	int32_t trim_hmm = is_height ? product->height_hmm : product->width_hmm;
	int32_t n = is_height ? product->down : product->across;
	struct way way = {.sheet = units_px(sheet_hmm, dpi),
		.margin = units_px(margin_hmm, dpi),
		.n = n < 1 ? 1 : n,
		.step = units_px(trim_hmm + product->gap_hmm, dpi),
		.trim = units_px(trim_hmm, dpi),
		.grow = units_px(abs(grow_hmm), dpi) * (grow_hmm < 0 ? -1 : 1)};
	int32_t into_gap = (way.step - way.trim) / 2;
	way.grow = way.n > 1 && way.grow > into_gap ? into_gap : way.grow;
	way.first = (way.sheet - (way.n - 1) * way.step - way.trim) / 2;
	return way;
}

/* The picture's box in the first finished print. What the sheet's edge or the margin takes of the
 * outermost is taken of all, so that they are alike. */
static void place(const struct way *way, int32_t *at, int32_t *length)
{
	int32_t most = way->sheet - way->margin - (way->n - 1) * way->step;
	int32_t start = way->first - way->grow;
	int32_t end = way->first + way->trim + way->grow;
	start = start < way->margin ? way->margin : start;
	end = end > most ? most : end;
	*at = start;
	*length = end > start ? end - start : 1;
}

static void place_tiles(const struct way *x, const struct way *y, struct recipe *recipe)
{
	if (x->n * y->n > 1) {
		recipe->tiles =
			(struct tiles){x->n, y->n, x->n > 1 ? x->step : 0, y->n > 1 ? y->step : 0};
	}
}

static void place_marks(const struct way *x, const struct way *y, struct recipe *recipe)
{
	bool room_x = x->first >= units_px(MARK_ROOM_HMM, recipe->x_dpi);
	bool room_y = y->first >= units_px(MARK_ROOM_HMM, recipe->y_dpi);
	if (room_x || room_y) {
		recipe->cut = (struct cut){
			x->first < 0 ? 0 : x->first, y->first < 0 ? 0 : y->first, x->trim, y->trim};
	}
}

void recipe_place(const struct product *product, const struct media *media,
	const struct model *model, const struct model_media *on, struct recipe *recipe)
{
	struct sheet sheet = sheet_of(product, media, on);
	bool bleeds = product->border_hmm == 0 && recipe->fit == FIT_FILL;
	int32_t grow_hmm = bleeds ? product->bleed_hmm : -product->border_hmm;
	struct way x = way_of(
		product, sheet.lies, sheet.width_hmm, grow_hmm, on->margin_hmm, model->x_dpi);
	struct way y = way_of(
		product, !sheet.lies, sheet.height_hmm, grow_hmm, on->margin_hmm, model->y_dpi);
	recipe->x_dpi = model->x_dpi;
	recipe->y_dpi = model->y_dpi;
	recipe->width_px = x.sheet;
	recipe->height_px = y.sheet;
	place(&x, &recipe->picture_x_px, &recipe->picture_width_px);
	place(&y, &recipe->picture_y_px, &recipe->picture_height_px);
	int32_t over = (recipe->picture_width_px - x.trim) / 2;
	recipe->bleed_px = bleeds && over > 0 ? over : 0;
	place_tiles(&x, &y, recipe);
	if (sheet_is_marked(product, on)) {
		place_marks(&x, &y, recipe);
	}
	if (sheet.lies && recipe->rotate_degrees != -1) { /* a turn is asked of the upright print */
		recipe->rotate_degrees = (recipe->rotate_degrees + 90) % 360;
	}
}
