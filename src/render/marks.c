/* SPDX-License-Identifier: Apache-2.0
 *
 * Cut marks. They begin 1 mm outside of the outermost picture, so that the knife never meets one,
 * and end after 4 mm or at the edge of the sheet.
 */
#include "render/marks.h"
#include "base/units.h"
#include <string.h>

#define CLEAR_HMM  100
#define LENGTH_HMM 400
#define THICK_HMM  10

struct band {                         /* the prints in one direction */
	int32_t first, trim, n, step; /* finished prints */
	int32_t from, to;             /* all that the pictures cover */
	int32_t dpi;
};

static struct band band_across(const struct recipe *recipe)
{
	const struct tiles *tiles = &recipe->tiles;
	int32_t n = tiles->across > 1 ? tiles->across : 1;
	int32_t end = recipe->picture_x_px + recipe->picture_width_px + (n - 1) * tiles->step_x_px;
	return (struct band){recipe->cut.x_px, recipe->cut.width_px, n, tiles->step_x_px,
		recipe->picture_x_px, end, recipe->x_dpi};
}

static struct band band_down(const struct recipe *recipe)
{
	const struct tiles *tiles = &recipe->tiles;
	int32_t n = tiles->down > 1 ? tiles->down : 1;
	int32_t end = recipe->picture_y_px + recipe->picture_height_px + (n - 1) * tiles->step_y_px;
	return (struct band){recipe->cut.y_px, recipe->cut.height_px, n, tiles->step_y_px,
		recipe->picture_y_px, end, recipe->y_dpi};
}

/* What of it lies on the sheet. */
static void add(struct marks *marks, struct rect line, const struct recipe *recipe)
{
	int32_t right = line.x + line.width;
	int32_t bottom = line.y + line.height;
	line.x = line.x < 0 ? 0 : line.x;
	line.y = line.y < 0 ? 0 : line.y;
	line.width = (right > recipe->width_px ? recipe->width_px : right) - line.x;
	line.height = (bottom > recipe->height_px ? recipe->height_px : bottom) - line.y;
	if (line.width > 0 && line.height > 0 && marks->n < MARKS_MAX) {
		marks->line[marks->n++] = line;
	}
}

/* Lines that run along `along`, at the edges of the prints in the other direction. */
static void add_all(struct marks *marks, bool stand, const struct band *along,
	const struct band *edges, const struct recipe *recipe)
{
	int32_t thick = units_px(THICK_HMM, edges->dpi);
	int32_t clear = units_px(CLEAR_HMM, along->dpi);
	int32_t length = units_px(LENGTH_HMM, along->dpi);
	int32_t last = along->first + along->trim + (along->n - 1) * along->step;
	int32_t low = along->first < along->from ? along->first : along->from;
	int32_t high = last > along->to ? last : along->to;
	int32_t ends[] = {low - clear - length, high + clear};
	thick = thick < 1 ? 1 : thick;
	for (int32_t edge = 0; edge < 2 * edges->n; edge++) {
		int32_t at = edges->first + edge / 2 * edges->step + edge % 2 * edges->trim;
		at -= thick / 2;
		for (size_t i = 0; i < 2; i++) {
			struct rect upright = {at, ends[i], thick, length};
			struct rect lying = {ends[i], at, length, thick};
			add(marks, stand ? upright : lying, recipe);
		}
	}
}

void marks_init(struct marks *marks, const struct recipe *recipe)
{
	marks->n = 0;
	if (recipe->cut.width_px > 0) {
		struct band across = band_across(recipe);
		struct band down = band_down(recipe);
		add_all(marks, true, &down, &across, recipe);
		add_all(marks, false, &across, &down, recipe);
	}
}

static void draw_black(uint8_t *at, int32_t n, size_t channels)
{
	memset(at, 0, (size_t)n * channels);
	for (int32_t i = 0; channels == 4 && i < n; i++) {
		at[4 * i + 3] = 255;
	}
}

void marks_draw(const struct marks *marks, int32_t y, uint8_t *row, size_t channels)
{
	for (int i = 0; i < marks->n; i++) {
		const struct rect *line = &marks->line[i];
		if (y >= line->y && y < line->y + line->height) {
			draw_black(row + (size_t)line->x * channels, line->width, channels);
		}
	}
}
