/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the picture goes: docs/rendering.md's one rule, in whole pixels.
 */
#include "base/units.h"
#include "wire/recipe.h"
#include <stdlib.h>

/* One direction of the picture's box: the finished length grown by `grow` on both sides, centred on
 * the sheet and cut to what the printer can reach. */
static void place(
	int32_t sheet, int32_t trim, int32_t grow, int32_t margin, int32_t *at, int32_t *length)
{
	int32_t start = (sheet - trim) / 2 - grow;
	int32_t end = (sheet - trim) / 2 + trim + grow;
	start = start < margin ? margin : start;
	end = end > sheet - margin ? sheet - margin : end;
	*at = start;
	*length = end > start ? end - start : 1;
}

void recipe_place(const struct product *product, const struct media *media,
	const struct model *model, const struct model_media *on, struct recipe *recipe)
{
	recipe->x_dpi = model->x_dpi;
	recipe->y_dpi = model->y_dpi;
	recipe->width_px = units_px(media->width_hmm, model->x_dpi);
	recipe->height_px = units_px(media->height_hmm, model->y_dpi);
	bool bleeds = product->border_hmm == 0 && recipe->fit == FIT_FILL;
	int32_t grow_hmm = bleeds ? product->bleed_hmm : -product->border_hmm;
	int32_t grow_x = units_px(abs(grow_hmm), model->x_dpi) * (grow_hmm < 0 ? -1 : 1);
	int32_t grow_y = units_px(abs(grow_hmm), model->y_dpi) * (grow_hmm < 0 ? -1 : 1);
	int32_t trim_width = units_px(product->width_hmm, model->x_dpi);
	int32_t trim_height = units_px(product->height_hmm, model->y_dpi);
	place(recipe->width_px, trim_width, grow_x, units_px(on->margin_hmm, model->x_dpi),
		&recipe->picture_x_px, &recipe->picture_width_px);
	place(recipe->height_px, trim_height, grow_y, units_px(on->margin_hmm, model->y_dpi),
		&recipe->picture_y_px, &recipe->picture_height_px);
	int32_t over = (recipe->picture_width_px - trim_width) / 2;
	recipe->bleed_px = bleeds && over > 0 ? over : 0;
}
