/* SPDX-License-Identifier: Apache-2.0
 *
 * Labels pixel by pixel: nothing of the picture changes, nothing falls outside the label's box, the
 * colour is the device's own black, and what can't be set says so.
 */
#include "config.h"
#include "tests/render/fixture.h"
#include "base/mem.h"
#include "render/page.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct font *font;
static struct buf srgb;
static struct buf photo;

static int open_all(void **state)
{
	struct err err;
	if (warm_up(state) != 0 || (font = font_open(LABEL_FONT, &err)) == NULL) {
		return -1;
	}
	srgb_device(&srgb);
	struct pixels pixels = pixels_photo(160, 100);
	save_png(&pixels, NULL, false, &photo);
	pixels_fini(&pixels);
	label_font = font;
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	label_font = NULL;
	font_close(font);
	buf_fini(&srgb);
	buf_fini(&photo);
	return 0;
}

/* A sheet of 300 x 400 with a picture of 200 x 240 in it, and room below and beside. */
static struct recipe recipe_of(const char *text, bool turned)
{
	struct recipe recipe = plain_recipe(300, 400);
	recipe.picture_x_px = 40;
	recipe.picture_y_px = 30;
	recipe.picture_width_px = 200;
	recipe.picture_height_px = 240;
	recipe.rotate_degrees = -1;
	recipe.label = (struct recipe_label){
		.x_px = 40, .y_px = 290, .width_px = 200, .height_px = 28, .size_hmm = 200};
	if (turned) {
		recipe.label.x_px = 250;
		recipe.label.y_px = 60;
		recipe.label.width_px = 28;
		recipe.label.height_px = 300;
		recipe.label.turned = true;
	}
	text_copy(recipe.label.text, sizeof recipe.label.text, text);
	text_copy(recipe.label.font, sizeof recipe.label.font, font_identity(font));
	return recipe;
}

static void render(struct recipe *recipe, struct outcome *outcome)
{
	render_bytes(&photo, "image/png", &srgb, recipe, outcome);
	if (!outcome->result.fine) {
		fail_msg("%s", outcome->result.err.text);
	}
}

static bool is_in_label(const struct recipe *recipe, int32_t x, int32_t y)
{
	const struct recipe_label *label = &recipe->label;
	return x >= label->x_px && x < label->x_px + label->width_px && y >= label->y_px &&
	       y < label->y_px + label->height_px;
}

/* All that is not the label's box is as without it; within it, greys on white. Returns how many of
 * its pixels have ink. */
static int compare(struct recipe *recipe)
{
	struct outcome with, without;
	struct recipe plain = *recipe;
	plain.label.text[0] = '\0';
	render(recipe, &with);
	render(&plain, &without);
	int inked = 0;
	for (int32_t y = 0; y < with.height; y++) {
		for (int32_t x = 0; x < with.width; x++) {
			const uint8_t *a = outcome_at(&with, x, y);
			const uint8_t *b = outcome_at(&without, x, y);
			if (!is_in_label(recipe, x, y)) {
				assert_memory_equal(a, b, 3);
				continue;
			}
			assert_true(b[0] == 255 && b[1] == 255 && b[2] == 255);
			assert_true(a[0] == a[1] && a[1] == a[2]);
			inked += a[0] < 128;
		}
	}
	outcome_fini(&with);
	outcome_fini(&without);
	return inked;
}

static void labels_change_no_pixel_of_the_picture(void **state)
{
	(void)state;
	/* also with marks that reach far above and below, and a text that doesn't fit */
	static const char *const texts[] = {"A-1042 1/2", "\xC3\x84\xC3\x85\xC7\x9D|gjpq{}[]_",
		"a\xCC\x88\xCC\x88\xCC\x88\xCC\x88\xCC\x88", "%n%s%s%n{order}",
		"a text that is very much longer than the room there is for it on this page"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		for (int turned = 0; turned < 2; turned++) {
			struct recipe recipe = recipe_of(texts[i], turned != 0);
			assert_true(compare(&recipe) > 100);
		}
	}
}

static void turned_pictures_leave_the_label_where_it_is(void **state)
{
	(void)state;
	for (int32_t degrees = 0; degrees < 360; degrees += 90) {
		struct recipe recipe = recipe_of("A-1042", false);
		recipe.rotate_degrees = degrees;
		assert_true(compare(&recipe) > 100);
	}
}

static void every_fit_and_resolution_keeps_clear_of_the_picture(void **state)
{
	(void)state;
	static const enum fit fits[] = {FIT_FILL, FIT_FIT, FIT_NONE};
	for (size_t i = 0; i < 3; i++) {
		struct recipe recipe = recipe_of("A-1042", i % 2 == 1);
		recipe.fit = fits[i];
		recipe.y_dpi = i == 2 ? 600 : 300;
		assert_true(compare(&recipe) > 100);
	}
}

/* A turned label is the upright one, with its first letter at the bottom. */
static void turned_letters_run_upwards(void **state)
{
	(void)state;
	struct recipe upright = recipe_of("L.", false);
	struct recipe turned = recipe_of("L.", true);
	upright.label.width_px = turned.label.height_px = 200;
	struct lettering a, b;
	struct err err;
	assert_true(font_set_label(font, &upright, &a, &err));
	assert_true(font_set_label(font, &turned, &b, &err));
	for (int32_t y = 0; y < 28; y++) {
		for (int32_t x = 0; x < 200; x++) {
			assert_int_equal(a.cover[y * 200 + x], b.cover[(199 - x) * 28 + y]);
		}
	}
	free(a.cover);
	free(b.cover);
}

static void long_labels_are_shortened_and_strange_letters_are_boxes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool shortened;
		int32_t boxes;
		const char *note;
	} cases[] = {
		{"A-1042", false, 0, ""},
		{"\xC3\x84\xC3\xB6\xE2\x82\xAC\xC5\x81\xCE\xA9\xD0\x96", false, 0, ""},
		{"Mu\xCC\x88ller", false, 0, ""}, /* put together */
		{"q\xCC\x88", false, 1, "characters of the label drawn as boxes: 1"},
		{"A-1042 and some more words", true, 0, "the label is shortened"},
		{"\xD7\xA9\xD7\x9C", false, 2, "characters of the label drawn as boxes: 2"},
		{"\xE6\xBC\xA2", false, 1, "characters of the label drawn as boxes: 1"},
		{"\xEF\xBF\xBD", false, 0, ""}, /* what is no character has a sign of its own */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct recipe recipe = recipe_of(cases[i].text, false);
		struct lettering lettering;
		struct outcome outcome;
		struct err err;
		assert_true(font_set_label(font, &recipe, &lettering, &err));
		assert_int_equal(lettering.shortened, cases[i].shortened);
		assert_int_equal(lettering.boxes, cases[i].boxes);
		free(lettering.cover);
		render(&recipe, &outcome);
		assert_string_equal(outcome.result.raster.note, cases[i].note);
		outcome_fini(&outcome);
	}
}

static void the_same_label_is_the_same_bytes(void **state)
{
	(void)state;
	struct recipe recipe = recipe_of("A-1042 \xC3\x84g", true);
	struct outcome first, second;
	render(&recipe, &first);
	render(&recipe, &second);
	assert_string_equal(first.result.raster.pixels_sha256, second.result.raster.pixels_sha256);
	assert_string_equal(first.result.raster.sha256, second.result.raster.sha256);
	outcome_fini(&first);
	outcome_fini(&second);
}

static void another_font_is_not_taken_for_the_recipes(void **state)
{
	(void)state;
	struct recipe recipe = recipe_of("A-1042", false);
	struct outcome outcome;
	recipe.label.font[20] ^= 1;
	render_bytes(&photo, "image/png", &srgb, &recipe, &outcome);
	assert_false(outcome.result.fine);
	assert_string_equal(outcome.result.err.code, "engine-changed");
	assert_int_equal(outcome.result.err.remedy, REMEDY_REDO);
	outcome_fini(&outcome);
	recipe.label.font[20] ^= 1;
	label_font = NULL;
	render_bytes(&photo, "image/png", &srgb, &recipe, &outcome);
	label_font = font;
	assert_false(outcome.result.fine);
	assert_string_equal(outcome.result.err.code, "engine-changed");
	outcome_fini(&outcome);
}

static void a_font_that_is_not_there_says_what_to_do(void **state)
{
	(void)state;
	struct err err;
	assert_null(font_open("/nowhere/font.ttf", &err));
	assert_string_equal(err.code, "label-font");
	assert_non_null(strstr(err.text, "/nowhere/font.ttf"));
	assert_null(font_open("/etc/passwd", &err));
	assert_non_null(strstr(err.text, "no outline font"));
}

/* ---- encodings: the row that carries the label, by the page alone ---- */

/* The page's samples in the middle of a black box, by device channels. */
static void darkest(int channels, uint8_t *samples)
{
	struct recipe recipe = recipe_of("x", false);
	recipe.format = FORMAT_PWG;
	uint8_t *cover = mem_new(200 * 28, 1);
	memset(cover, 255, 200 * 28);
	struct lettering label = {.cover = cover, .x = 40, .y = 290, .width = 200, .height = 28};
	struct plan plan;
	plan_make(&recipe, 200, 240, 1, &plan);
	struct buf nothing = {0};
	struct sink sink;
	struct err err;
	struct encode_shape shape = {FORMAT_URF, channels, 300, 400, 300, 300};
	int fd = file_of(&nothing);
	sink_init(&sink, fd);
	struct encoder *encoder = encoder_create(&shape, &sink);
	struct page *page = page_create(&recipe, &plan, channels, &label, encoder);
	uint8_t row[200 * 4];
	memset(row, 0x55, sizeof row);
	for (int i = 0; i < 240; i++) {
		assert_true(page_row(page, row, &err));
	}
	char hex[HASH_HEX_MAX];
	int64_t bytes = 0;
	assert_true(page_finish(page, hex, &err) && sink_finish(&sink, hex, &bytes, &err));
	/* the last white rows, then from the end: the label's 28 equal rows, one packed row */
	uint8_t tail[64];
	assert_int_equal(pread(fd, tail, sizeof tail, bytes - (off_t)sizeof tail), sizeof tail);
	size_t white = 1 + 3 * (size_t)(1 + channels); /* 128 + 128 + 44 pixels */
	size_t line = 1 + 4 * (size_t)(1 + channels);  /* 40, 128 + 72, 60 */
	const uint8_t *at = tail + sizeof tail - white - line;
	assert_int_equal(at[0], 27);
	assert_int_equal(at[1], 39);
	memcpy(samples, at + 1 + 1 + channels + 1, (size_t)channels);
	page_destroy(page);
	encoder_destroy(encoder);
	sink_fini(&sink);
	close(fd);
	free(cover);
}

static void ink_is_no_light_or_black_alone(void **state)
{
	(void)state;
	uint8_t samples[4];
	darkest(1, samples);
	assert_int_equal(samples[0], 0);
	darkest(3, samples);
	assert_memory_equal(samples, ((uint8_t[]){0, 0, 0}), 3);
	darkest(4, samples);
	assert_memory_equal(samples, ((uint8_t[]){0, 0, 0, 255}), 4);
}

static void jpeg_and_apple_raster_carry_it_too(void **state)
{
	(void)state;
	static const enum document_format formats[] = {FORMAT_URF, FORMAT_JPEG};
	for (size_t i = 0; i < 2; i++) {
		struct recipe recipe = recipe_of("A-1042", false);
		struct outcome pwg, other;
		render(&recipe, &pwg);
		recipe.format = formats[i];
		render(&recipe, &other);
		assert_string_equal(
			pwg.result.raster.pixels_sha256, other.result.raster.pixels_sha256);
		outcome_fini(&pwg);
		outcome_fini(&other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_change_no_pixel_of_the_picture),
		cmocka_unit_test(turned_pictures_leave_the_label_where_it_is),
		cmocka_unit_test(every_fit_and_resolution_keeps_clear_of_the_picture),
		cmocka_unit_test(turned_letters_run_upwards),
		cmocka_unit_test(long_labels_are_shortened_and_strange_letters_are_boxes),
		cmocka_unit_test(the_same_label_is_the_same_bytes),
		cmocka_unit_test(another_font_is_not_taken_for_the_recipes),
		cmocka_unit_test(a_font_that_is_not_there_says_what_to_do),
		cmocka_unit_test(ink_is_no_light_or_black_alone),
		cmocka_unit_test(jpeg_and_apple_raster_carry_it_too),
	};
	return cmocka_run_group_tests_name("render/label", tests, open_all, close_all);
}
