/* SPDX-License-Identifier: Apache-2.0
 *
 * Where pixels go: orientation, turns, fill, fit, none, crop, borders, and the resolution in print.
 */
#include "tests/render/fixture.h"
#include <stdlib.h>
#include <string.h>

#define RED   0
#define GREEN 1
#define BLUE  2
#define WHITE 3
#define BLACK 4

static const uint16_t colours[][3] = {
	{230, 20, 20}, {20, 200, 20}, {20, 20, 220}, {255, 255, 255}, {0, 0, 0}};

static void assert_colour(const struct outcome *outcome, int32_t x, int32_t y, int colour)
{
	const uint8_t *seen = outcome_at(outcome, x, y);
	for (int i = 0; i < 3; i++) {
		assert_in_range(seen[i] + 10, colours[colour][i], colours[colour][i] + 20);
	}
}

static void assert_white(const struct outcome *outcome, int32_t x, int32_t y)
{
	assert_memory_equal(outcome_at(outcome, x, y), "\xFF\xFF\xFF", 3);
}

static void render_png(const struct pixels *pixels, struct recipe *recipe, struct outcome *outcome)
{
	struct buf file = {0};
	struct buf device = {0};
	srgb_device(&device);
	save_png(pixels, NULL, false, &file);
	render_bytes(&file, "image/png", &device, recipe, outcome);
	assert_true(outcome->result.fine);
	buf_fini(&file);
	buf_fini(&device);
}

/* The colour of the upright mark picture: red top left, green top right, blue bottom left, black.
 */
static int mark_at(int32_t x, int32_t y, int32_t width, int32_t height)
{
	bool right = x >= width / 2;
	bool bottom = y >= height / 2;
	return bottom ? (right ? BLACK : BLUE) : (right ? GREEN : RED);
}

enum side { TOP, BOTTOM, LEFT, RIGHT };

/* EXIF's own words: which side of the upright picture row 0 and column 0 of the file are. */
static const struct {
	enum side row, column;
} exif[] = {{TOP, LEFT}, {TOP, LEFT}, {TOP, RIGHT}, {BOTTOM, RIGHT}, {BOTTOM, LEFT}, {LEFT, TOP},
	{RIGHT, TOP}, {RIGHT, BOTTOM}, {LEFT, BOTTOM}};

static void place_along(
	enum side side, int32_t n, int32_t width, int32_t height, int32_t *x, int32_t *y)
{
	switch (side) {
	case TOP:
		*y = n;
		break;
	case BOTTOM:
		*y = height - 1 - n;
		break;
	case LEFT:
		*x = n;
		break;
	case RIGHT:
		*x = width - 1 - n;
		break;
	}
}

static void make_marked(int orientation, int32_t width, int32_t height, struct buf *jpeg)
{
	bool swap = orientation >= 5;
	struct pixels stored = pixels_make(swap ? height : width, swap ? width : height, 3, 8);
	for (int32_t row = 0; row < stored.height; row++) {
		for (int32_t column = 0; column < stored.width; column++) {
			int32_t x = 0;
			int32_t y = 0;
			place_along(exif[orientation].row, row, width, height, &x, &y);
			place_along(exif[orientation].column, column, width, height, &x, &y);
			pixels_set(&stored, column, row, colours[mark_at(x, y, width, height)]);
		}
	}
	save_jpeg(&stored, NULL, jpeg);
	add_exif(jpeg, orientation, false);
	pixels_fini(&stored);
}

static void every_orientation_comes_out_upright(void **state)
{
	(void)state;
	struct buf device = {0};
	srgb_device(&device);
	for (int orientation = 1; orientation <= 8; orientation++) {
		struct buf file = {0};
		struct outcome outcome;
		struct recipe recipe = plain_recipe(320, 200);
		make_marked(orientation, 320, 200, &file);
		render_bytes(&file, "image/jpeg", &device, &recipe, &outcome);
		assert_true(outcome.result.fine);
		assert_int_equal(outcome.result.facts.orientation, orientation);
		assert_int_equal(outcome.result.facts.width_px, 320);
		assert_int_equal(outcome.result.facts.height_px, 200);
		assert_colour(&outcome, 0, 0, RED);
		assert_colour(&outcome, 319, 0, GREEN);
		assert_colour(&outcome, 0, 199, BLUE);
		assert_colour(&outcome, 319, 199, BLACK);
		outcome_fini(&outcome);
		buf_fini(&file);
	}
	buf_fini(&device);
}

/* For each asked turn the colours clockwise from the top left corner of the page. */
static void turns_are_clockwise_in_every_orientation(void **state)
{
	(void)state;
	static const struct {
		int32_t degrees;
		int corners[4];
	} turns[] = {
		{0, {RED, GREEN, BLACK, BLUE}},
		{90, {BLUE, RED, GREEN, BLACK}},
		{180, {BLACK, BLUE, RED, GREEN}},
		{270, {GREEN, BLACK, BLUE, RED}},
	};
	struct buf device = {0};
	srgb_device(&device);
	for (int orientation = 1; orientation <= 8; orientation++) {
		struct buf file = {0};
		make_marked(orientation, 160, 120, &file);
		for (int i = 0; i < 4; i++) {
			bool lies = turns[i].degrees % 180 == 0;
			struct recipe recipe = plain_recipe(lies ? 160 : 120, lies ? 120 : 160);
			recipe.rotate_degrees = turns[i].degrees;
			struct outcome outcome;
			render_bytes(&file, "image/jpeg", &device, &recipe, &outcome);
			int32_t right = recipe.width_px - 3;
			int32_t bottom = recipe.height_px - 3;
			assert_colour(&outcome, 2, 2, turns[i].corners[0]);
			assert_colour(&outcome, right, 2, turns[i].corners[1]);
			assert_colour(&outcome, right, bottom, turns[i].corners[2]);
			assert_colour(&outcome, 2, bottom, turns[i].corners[3]);
			outcome_fini(&outcome);
		}
		buf_fini(&file);
	}
	buf_fini(&device);
}

static void lying_photo_turns_onto_a_standing_sheet_by_itself(void **state)
{
	(void)state;
	struct pixels lying = pixels_make(300, 200, 3, 8);
	pixels_fill(&lying, 0, 0, 150, 200, colours[RED]);
	pixels_fill(&lying, 150, 0, 150, 200, colours[BLUE]);
	struct recipe recipe = plain_recipe(200, 300);
	recipe.rotate_degrees = -1;
	struct outcome outcome;
	render_png(&lying, &recipe, &outcome);
	assert_colour(&outcome, 100, 5, RED);
	assert_colour(&outcome, 100, 295, BLUE);
	outcome_fini(&outcome);
	recipe = plain_recipe(300, 200); /* a lying box: as it is */
	recipe.rotate_degrees = -1;
	render_png(&lying, &recipe, &outcome);
	assert_colour(&outcome, 5, 100, RED);
	outcome_fini(&outcome);
	pixels_fini(&lying);
}

/* Four columns of 100 pixels: red, green, green, blue. */
static struct pixels four_columns(void)
{
	struct pixels pixels = pixels_make(400, 200, 3, 8);
	pixels_fill(&pixels, 0, 0, 100, 200, colours[RED]);
	pixels_fill(&pixels, 100, 0, 200, 200, colours[GREEN]);
	pixels_fill(&pixels, 300, 0, 100, 200, colours[BLUE]);
	return pixels;
}

static void fill_crops_the_longer_side_about_the_centre(void **state)
{
	(void)state;
	struct pixels pixels = four_columns();
	struct recipe recipe = plain_recipe(200, 200);
	struct outcome outcome;
	render_png(&pixels, &recipe, &outcome);
	assert_colour(&outcome, 0, 0, GREEN);
	assert_colour(&outcome, 199, 199, GREEN);
	assert_int_equal(outcome.result.raster.effective_ppi, 300);
	outcome_fini(&outcome);
	recipe = plain_recipe(100, 50);
	render_png(&pixels, &recipe, &outcome);
	assert_colour(&outcome, 10, 25, RED);
	assert_colour(&outcome, 90, 25, BLUE);
	assert_int_equal(outcome.result.raster.effective_ppi, 1200);
	outcome_fini(&outcome);
	pixels_fini(&pixels);
}

static void crop_comes_before_fill(void **state)
{
	(void)state;
	struct pixels pixels = four_columns();
	struct recipe recipe = plain_recipe(200, 200);
	recipe.crop = (struct crop){true, 0, 0, 0.5, 1};
	struct outcome outcome;
	render_png(&pixels, &recipe, &outcome);
	assert_colour(&outcome, 90, 100, RED);
	assert_colour(&outcome, 110, 100, GREEN);
	outcome_fini(&outcome);
	recipe.crop = (struct crop){true, 0.75, 0.5, 0.25, 0.5};
	render_png(&pixels, &recipe, &outcome);
	assert_colour(&outcome, 0, 0, BLUE);
	assert_colour(&outcome, 199, 199, BLUE);
	assert_int_equal(outcome.result.raster.effective_ppi, 150);
	outcome_fini(&outcome);
	pixels_fini(&pixels);
}

static void crop_is_of_the_upright_picture(void **state)
{
	(void)state;
	struct buf device = {0};
	srgb_device(&device);
	for (int orientation = 1; orientation <= 8; orientation++) {
		struct buf file = {0};
		struct outcome outcome;
		struct recipe recipe = plain_recipe(160, 100);
		recipe.crop = (struct crop){true, 0.5, 0, 0.5, 0.5};
		make_marked(orientation, 320, 200, &file);
		render_bytes(&file, "image/jpeg", &device, &recipe, &outcome);
		assert_colour(&outcome, 3, 3, GREEN);
		assert_colour(&outcome, 156, 96, GREEN);
		outcome_fini(&outcome);
		buf_fini(&file);
	}
	buf_fini(&device);
}

static void fit_shows_all_on_paper_white(void **state)
{
	(void)state;
	struct pixels pixels = four_columns();
	struct recipe recipe = plain_recipe(200, 200);
	recipe.fit = FIT_FIT;
	struct outcome outcome;
	render_png(&pixels, &recipe, &outcome);
	assert_white(&outcome, 100, 0);
	assert_white(&outcome, 100, 49);
	assert_colour(&outcome, 3, 52, RED);
	assert_colour(&outcome, 196, 147, BLUE);
	assert_white(&outcome, 100, 150);
	assert_white(&outcome, 100, 199);
	assert_int_equal(outcome.result.raster.effective_ppi, 600);
	outcome_fini(&outcome);
	pixels_fini(&pixels);
}

static void none_keeps_pixels_as_they_are(void **state)
{
	(void)state;
	struct pixels pixels = pixels_photo(60, 40);
	struct recipe recipe = plain_recipe(200, 100);
	recipe.fit = FIT_NONE;
	struct outcome outcome;
	render_png(&pixels, &recipe, &outcome);
	for (int32_t y = 0; y < 40; y++) {
		for (int32_t x = 0; x < 60; x++) {
			const uint8_t *seen = outcome_at(&outcome, 70 + x, 30 + y);
			const unsigned char *was = pixels.bytes + 3 * (y * 60 + x);
			for (int i = 0; i < 3; i++) {
				assert_true(abs(seen[i] - was[i]) <= 1);
			}
		}
	}
	assert_white(&outcome, 69, 50);
	assert_white(&outcome, 130, 50);
	assert_white(&outcome, 100, 29);
	assert_white(&outcome, 100, 70);
	assert_int_equal(outcome.result.raster.effective_ppi, 300);
	outcome_fini(&outcome);
	pixels_fini(&pixels);

	pixels = four_columns(); /* larger than its box: cut about the centre */
	recipe = plain_recipe(220, 100);
	recipe.fit = FIT_NONE;
	render_png(&pixels, &recipe, &outcome);
	assert_colour(&outcome, 5, 50, RED);
	assert_colour(&outcome, 12, 50, GREEN);
	assert_colour(&outcome, 215, 50, BLUE);
	outcome_fini(&outcome);
	pixels_fini(&pixels);
}

static void border_stays_white(void **state)
{
	(void)state;
	struct pixels pixels = four_columns();
	struct recipe recipe = plain_recipe(240, 140);
	recipe.picture_x_px = 20;
	recipe.picture_y_px = 20;
	recipe.picture_width_px = 200;
	recipe.picture_height_px = 100;
	struct outcome outcome;
	render_png(&pixels, &recipe, &outcome);
	assert_white(&outcome, 19, 70);
	assert_white(&outcome, 220, 70);
	assert_white(&outcome, 120, 19);
	assert_white(&outcome, 120, 120);
	assert_colour(&outcome, 21, 21, RED);
	assert_colour(&outcome, 218, 118, BLUE);
	outcome_fini(&outcome);
	pixels_fini(&pixels);
}

/* 300 × 600 dpi: a square of paper is not a square of pixels. */
static void unequal_resolutions_keep_the_shape(void **state)
{
	(void)state;
	struct pixels pixels = four_columns();
	struct recipe recipe = plain_recipe(200, 400);
	recipe.y_dpi = 600;
	recipe.fit = FIT_FIT;
	struct outcome outcome;
	render_png(&pixels, &recipe, &outcome);
	assert_white(&outcome, 100, 99);
	assert_colour(&outcome, 100, 103, GREEN);
	assert_colour(&outcome, 100, 297, GREEN);
	assert_white(&outcome, 100, 300);
	outcome_fini(&outcome);
	recipe.fit = FIT_FILL;
	render_png(&pixels, &recipe, &outcome);
	assert_colour(&outcome, 2, 2, GREEN);
	assert_colour(&outcome, 197, 397, GREEN);
	outcome_fini(&outcome);
	pixels_fini(&pixels);
}

static void smallest_picture_fills_a_sheet(void **state)
{
	(void)state;
	struct pixels pixels = pixels_make(1, 1, 3, 8);
	pixels_set(&pixels, 0, 0, colours[BLUE]);
	struct recipe recipe = plain_recipe(120, 180);
	recipe.sharpen_percent = 100;
	struct outcome outcome;
	render_png(&pixels, &recipe, &outcome);
	assert_colour(&outcome, 0, 0, BLUE);
	assert_colour(&outcome, 119, 179, BLUE);
	assert_int_equal(outcome.result.raster.effective_ppi, 1);
	outcome_fini(&outcome);
	pixels_fini(&pixels);
}

static void assert_same_tile(const struct outcome *outcome, const struct recipe *recipe, int32_t x,
	int32_t y, size_t row_bytes)
{
	for (int32_t row = 0; row < recipe->picture_height_px; row++) {
		assert_memory_equal(outcome_at(outcome, recipe->picture_x_px + x,
					    recipe->picture_y_px + y + row),
			outcome_at(outcome, recipe->picture_x_px, recipe->picture_y_px + row),
			row_bytes);
	}
}

/* Three across and two down, also turned and upside down: every pixel of all six is the same. */
static void tiles_are_copies_to_the_bit(void **state)
{
	(void)state;
	struct pixels pixels = pixels_photo(150, 90);
	for (int32_t degrees = 0; degrees < 360; degrees += 90) {
		struct recipe recipe = plain_recipe(200, 220);
		recipe.rotate_degrees = degrees;
		recipe.picture_x_px = 7;
		recipe.picture_y_px = 5;
		recipe.picture_width_px = 60;
		recipe.picture_height_px = 100;
		recipe.tiles = (struct tiles){3, 2, 63, 110};
		struct outcome outcome;
		render_png(&pixels, &recipe, &outcome);
		for (int32_t i = 1; i < 6; i++) {
			assert_same_tile(&outcome, &recipe, i % 3 * 63, i / 3 * 110, 180);
		}
		assert_white(&outcome, 6, 50);
		assert_white(&outcome, 68, 50); /* between them */
		assert_white(&outcome, 30, 108);
		assert_white(&outcome, 30, 216);
		assert_white(&outcome, 194, 50);
		outcome_fini(&outcome);
	}
	pixels_fini(&pixels);
}

static void assert_black(const struct outcome *outcome, int32_t x, int32_t y)
{
	const uint8_t *seen = outcome_at(outcome, x, y);
	if (seen[0] + seen[1] + seen[2] != 0) {
		fail_msg("at %d, %d: %d %d %d", x, y, seen[0], seen[1], seen[2]);
	}
}

/* 1 mm (12 px) clear of the picture, 4 mm (47 px) long, in line with the finished print. */
static void cut_marks_are_in_line_with_the_finished_print(void **state)
{
	(void)state;
	struct pixels pixels = four_columns();
	struct recipe recipe = plain_recipe(400, 300);
	recipe.picture_x_px = 90;
	recipe.picture_y_px = 90;
	recipe.picture_width_px = 220;
	recipe.picture_height_px = 120;
	recipe.bleed_px = 10;
	recipe.cut = (struct cut){100, 100, 200, 100};
	struct outcome outcome;
	render_png(&pixels, &recipe, &outcome);
	assert_black(&outcome, 100, 77);
	assert_black(&outcome, 300, 31);
	assert_white(&outcome, 100, 78);
	assert_white(&outcome, 100, 30);
	assert_white(&outcome, 99, 77);
	assert_white(&outcome, 101, 77);
	assert_black(&outcome, 100, 222);
	assert_black(&outcome, 300, 268);
	assert_black(&outcome, 77, 100);
	assert_black(&outcome, 322, 200);
	assert_white(&outcome, 78, 100);
	assert_white(&outcome, 77, 101);
	assert_colour(&outcome, 92, 100, RED);
	outcome_fini(&outcome);
	pixels_fini(&pixels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_orientation_comes_out_upright),
		cmocka_unit_test(turns_are_clockwise_in_every_orientation),
		cmocka_unit_test(lying_photo_turns_onto_a_standing_sheet_by_itself),
		cmocka_unit_test(fill_crops_the_longer_side_about_the_centre),
		cmocka_unit_test(crop_comes_before_fill),
		cmocka_unit_test(crop_is_of_the_upright_picture),
		cmocka_unit_test(fit_shows_all_on_paper_white),
		cmocka_unit_test(none_keeps_pixels_as_they_are),
		cmocka_unit_test(border_stays_white),
		cmocka_unit_test(tiles_are_copies_to_the_bit),
		cmocka_unit_test(cut_marks_are_in_line_with_the_finished_print),
		cmocka_unit_test(unequal_resolutions_keep_the_shape),
		cmocka_unit_test(smallest_picture_fills_a_sheet),
	};
	return cmocka_run_group_tests_name("render/geometry", tests, warm_up, NULL);
}
