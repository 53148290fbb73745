/* SPDX-License-Identifier: Apache-2.0
 *
 * The layout of a recipe in its JSON: many finished prints on a sheet, and their cut marks.
 */
#include "wire/recipe_own.h"

#define TILES_MAX 20 /* in either direction */

int32_t recipe_tiles(const struct recipe *recipe)
{
	int64_t n = (int64_t)recipe->tiles.across * recipe->tiles.down;
	return n < 1 ? 1 : (int32_t)n;
}

/* Only where there are any, so that all others keep their names. */
void layout_add(const struct recipe *recipe, json_t *json)
{
	const struct tiles *tiles = &recipe->tiles;
	const struct cut *cut = &recipe->cut;
	if (recipe_tiles(recipe) > 1) {
		json_object_set_new(json, "tiles",
			json_pack("{s:i,s:i,s:i,s:i}", "across", tiles->across, "down", tiles->down,
				"step_x_px", tiles->step_x_px, "step_y_px", tiles->step_y_px));
	}
	if (cut->width_px > 0) {
		json_object_set_new(json, "cut",
			json_pack("{s:i,s:i,s:i,s:i}", "x_px", cut->x_px, "y_px", cut->y_px,
				"width_px", cut->width_px, "height_px", cut->height_px));
	}
}

bool layout_take(const json_t *json, struct recipe *recipe, struct err *err)
{
	json_t *tiles;
	json_t *cut;
	const struct recipe_number of_tiles[] = {
		{"across", 1, TILES_MAX, &recipe->tiles.across},
		{"down", 1, TILES_MAX, &recipe->tiles.down},
		{"step_x_px", 0, RECIPE_SIDE_PX_MAX, &recipe->tiles.step_x_px},
		{"step_y_px", 0, RECIPE_SIDE_PX_MAX, &recipe->tiles.step_y_px},
	};
	const struct recipe_number of_cut[] = {
		{"x_px", 0, RECIPE_SIDE_PX_MAX, &recipe->cut.x_px},
		{"y_px", 0, RECIPE_SIDE_PX_MAX, &recipe->cut.y_px},
		{"width_px", 1, RECIPE_SIDE_PX_MAX, &recipe->cut.width_px},
		{"height_px", 1, RECIPE_SIDE_PX_MAX, &recipe->cut.height_px},
	};
	return json_take_object(json, "tiles", &tiles, err) &&
	       json_take_object(json, "cut", &cut, err) &&
	       (tiles == NULL || recipe_need_numbers(tiles, of_tiles, COUNT_OF(of_tiles), err)) &&
	       (cut == NULL || recipe_need_numbers(cut, of_cut, COUNT_OF(of_cut), err));
}

/* In one direction: within the raster, and none over the next. */
static bool is_inside(int32_t at, int32_t length, int32_t n, int32_t step, int32_t whole)
{
	int64_t end = (int64_t)at + length + (n > 1 ? (int64_t)(n - 1) * step : 0);
	return end <= whole && (n < 2 || step >= length);
}

bool layout_is_inside(const struct recipe *recipe, struct err *err)
{
	const struct tiles *tiles = &recipe->tiles;
	bool inside = is_inside(recipe->picture_x_px, recipe->picture_width_px, tiles->across,
			      tiles->step_x_px, recipe->width_px) &&
		      is_inside(recipe->picture_y_px, recipe->picture_height_px, tiles->down,
			      tiles->step_y_px, recipe->height_px);
	return inside || err_set(err, REMEDY_REJECT, "field",
				 "the picture's box reaches outside the raster of %d x %d pixels, "
				 "or into the next one",
				 recipe->width_px, recipe->height_px);
}
