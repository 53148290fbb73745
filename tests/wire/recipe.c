/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipes: the geometry rule in whole pixels, what options may do, names, and the way through JSON.
 */
#include "wire/task.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above */
#include <cmocka.h>

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct media glossy = {.name = "photo-4x6", .width_hmm = 10160, .height_hmm = 15240};
static const struct model printer = {.name = "m",
	.x_dpi = 300,
	.y_dpi = 300,
	.formats = {FORMAT_JPEG, FORMAT_PWG},
	.n_formats = 2};
static const struct model_media on = {.media = "photo-4x6", .profile = "p", .profile_sha256 = SHA};

static struct product plain_product(void)
{
	return (struct product){.sku = "print-4x6",
		.version = 3,
		.width_hmm = 10160,
		.height_hmm = 15240,
		.fit = FIT_FILL,
		.sharpen_percent = 60,
		.black_point = true};
}

static struct recipe make(const struct product *product, const char *options_text)
{
	struct err err;
	json_t *json = json_read(options_text, strlen(options_text), &err);
	struct page_options options;
	assert_true(page_options_from_json(json, &options, &err));
	json_decref(json);
	struct recipe recipe;
	recipe_make(product, &glossy, &printer, &on, &options, SHA, "engine/1", &recipe);
	return recipe;
}

static void assert_box(
	const struct recipe *recipe, int32_t x, int32_t y, int32_t width, int32_t height)
{
	assert_int_equal(recipe->picture_x_px, x);
	assert_int_equal(recipe->picture_y_px, y);
	assert_int_equal(recipe->picture_width_px, width);
	assert_int_equal(recipe->picture_height_px, height);
}

static void four_by_six_at_300_dpi_is_1200_by_1800(void **state)
{
	(void)state;
	struct product product = plain_product();
	struct recipe recipe = make(&product, "{}");
	assert_int_equal(recipe.width_px, 1200);
	assert_int_equal(recipe.height_px, 1800);
	assert_box(&recipe, 0, 0, 1200, 1800);
	assert_int_equal(recipe.format, FORMAT_JPEG);
	assert_int_equal(recipe.rotate_degrees, -1);
}

static void bleed_is_cut_at_the_sheet_and_kept_within_it(void **state)
{
	(void)state;
	struct product product = plain_product();
	product.bleed_hmm = 254; /* 30 px */
	struct recipe recipe = make(&product, "{}");
	assert_box(&recipe, 0, 0, 1200, 1800);
	assert_int_equal(recipe.bleed_px, 0);
	product.width_hmm = 7620; /* 900 px of the 1200 */
	product.height_hmm = 12700;
	recipe = make(&product, "{}");
	assert_box(&recipe, 150 - 30, 150 - 30, 900 + 60, 1500 + 60);
	assert_int_equal(recipe.bleed_px, 30);
}

static void border_insets_the_picture(void **state)
{
	(void)state;
	struct product product = plain_product();
	product.border_hmm = 508;
	product.bleed_hmm = 254;
	struct recipe recipe = make(&product, "{}");
	assert_box(&recipe, 60, 60, 1080, 1680);
	assert_int_equal(recipe.bleed_px, 0);
}

static void margin_of_the_printer_cuts_the_box_not_the_raster(void **state)
{
	(void)state;
	struct product product = plain_product();
	struct model_media edged = on;
	edged.margin_hmm = 254;
	struct page_options options = {.rotate_degrees = -1};
	struct recipe recipe;
	recipe_make(&product, &glossy, &printer, &edged, &options, SHA, "e", &recipe);
	assert_int_equal(recipe.width_px, 1200);
	assert_box(&recipe, 30, 30, 1140, 1740);
}

/* ---- rolls ---- */

static const struct media roll = {
	.name = "roll-24in", .width_hmm = 60960, .height_hmm = 20000, .height_most_hmm = 300000};

static struct recipe make_on_roll(const struct product *product, int32_t margin_hmm, int32_t turn)
{
	struct model_media edged = on;
	edged.margin_hmm = margin_hmm;
	struct page_options options = {.rotate_degrees = turn};
	struct recipe recipe;
	recipe_make(product, &roll, &printer, &edged, &options, SHA, "e", &recipe);
	return recipe;
}

static struct product poster(int32_t width_hmm, int32_t height_hmm)
{
	struct product product = plain_product();
	product.width_hmm = width_hmm;
	product.height_hmm = height_hmm;
	product.may_rotate = true;
	return product;
}

static void sheet_of_a_roll_is_as_long_as_the_print(void **state)
{
	(void)state;
	struct product product = poster(60960, 91440); /* 24 x 36 in */
	struct recipe recipe = make_on_roll(&product, 0, -1);
	assert_int_equal(recipe.width_px, 7200);
	assert_int_equal(recipe.height_px, 10800);
	assert_box(&recipe, 0, 0, 7200, 10800);
}

static void margins_of_the_printer_make_the_sheet_longer(void **state)
{
	(void)state;
	struct product product = poster(50800, 76200);          /* 20 x 30 in, 6000 x 9000 px */
	struct recipe recipe = make_on_roll(&product, 508, -1); /* 60 px */
	assert_int_equal(recipe.height_px, 9000 + 120);
	assert_box(&recipe, 600, 60, 6000, 9000);
}

static void bleed_makes_the_sheet_longer_where_somebody_trims_it(void **state)
{
	(void)state;
	struct product product = poster(50800, 76200);
	product.bleed_hmm = 254; /* 30 px */
	struct recipe recipe = make_on_roll(&product, 0, -1);
	assert_int_equal(recipe.height_px, 9000 + 60);
	assert_box(&recipe, 600 - 30, 0, 6060, 9060);
	product = poster(60960, 91440); /* of the roll's width: the printer cuts it off */
	product.bleed_hmm = 254;
	recipe = make_on_roll(&product, 0, -1);
	assert_int_equal(recipe.height_px, 10800);
}

static void print_lies_on_a_roll_where_that_saves_paper(void **state)
{
	(void)state;
	struct product product = poster(30480, 45720); /* 12 x 18 in */
	struct recipe recipe = make_on_roll(&product, 0, -1);
	assert_int_equal(recipe.height_px, 3600);
	assert_box(&recipe, (7200 - 5400) / 2, 0, 5400, 3600);
	assert_int_equal(recipe.rotate_degrees, -1);
	recipe = make_on_roll(&product, 0, 270); /* a turn is asked of the upright print */
	assert_int_equal(recipe.rotate_degrees, 0);
	recipe = make_on_roll(&product, 0, 0);
	assert_int_equal(recipe.rotate_degrees, 90);
}

static void shortest_sheet_of_a_roll_has_the_print_in_its_middle(void **state)
{
	(void)state;
	struct product product = poster(10160, 15240); /* 4 x 6 in; the shortest is 200 mm */
	struct recipe recipe = make_on_roll(&product, 0, -1);
	assert_int_equal(recipe.height_px, 2362);
	assert_box(&recipe, 2700, 581, 1800, 1200);
}

/* ---- many on a sheet ---- */

static struct product strips(int32_t gap_hmm)
{
	struct product product = plain_product();
	product.width_hmm = 5080 - gap_hmm / 2;
	product.across = 2;
	product.gap_hmm = gap_hmm;
	return product;
}

static void two_strips_lie_side_by_side(void **state)
{
	(void)state;
	struct product product = strips(0);
	struct recipe recipe = make(&product, "{}");
	assert_box(&recipe, 0, 0, 600, 1800);
	assert_int_equal(recipe.tiles.across, 2);
	assert_int_equal(recipe.tiles.down, 1);
	assert_int_equal(recipe.tiles.step_x_px, 600);
	assert_int_equal(recipe_tiles(&recipe), 2);
}

static void margin_takes_the_same_of_every_strip(void **state)
{
	(void)state;
	struct product product = strips(0);
	struct model_media edged = on;
	edged.margin_hmm = 254;
	struct page_options options = {.rotate_degrees = -1};
	struct recipe recipe;
	recipe_make(&product, &glossy, &printer, &edged, &options, SHA, "e", &recipe);
	assert_box(&recipe, 30, 30, 540, 1740);
	assert_int_equal(recipe.tiles.step_x_px, 600);
}

static void bleed_of_strips_ends_in_the_middle_of_the_gap(void **state)
{
	(void)state;
	struct product product = strips(508); /* 60 px */
	product.width_hmm = 4064;             /* 480 px: 60 px are left at the sides */
	product.bleed_hmm = 254;
	struct recipe recipe = make(&product, "{}");
	assert_box(&recipe, 90 - 30, 0, 540, 1800);
	assert_int_equal(recipe.tiles.step_x_px, 540);
}

static void cut_marks_are_there_only_with_paper_around(void **state)
{
	(void)state;
	struct product product = plain_product();
	product.cut_marks = true;
	struct recipe recipe = make(&product, "{}");
	assert_int_equal(recipe.cut.width_px, 0);
	product.width_hmm = 7620;
	recipe = make(&product, "{}");
	assert_int_equal(recipe.cut.x_px, 150);
	assert_int_equal(recipe.cut.width_px, 900);
	struct model_media cutter = on;
	cutter.cuts = true;
	struct page_options options = {.rotate_degrees = -1};
	recipe_make(&product, &glossy, &printer, &cutter, &options, SHA, "e", &recipe);
	assert_int_equal(recipe.cut.width_px, 0);
}

/* Rasters are known by it: what is on a disk must be found again. */
static void name_of_a_plain_recipe_stays_what_it_was(void **state)
{
	(void)state;
	struct product product = plain_product();
	struct recipe recipe = make(&product, "{}");
	char name[HASH_HEX_MAX];
	recipe_name(&recipe, name);
	assert_string_equal(
		name, "e4d6553badf289438382177653233c54e71d2d7f29deb35359465402a17099c1");
}

static void layout_survives_json(void **state)
{
	(void)state;
	struct product product = strips(0);
	product.height_hmm = 10160;
	product.cut_marks = true;
	struct recipe recipe = make(&product, "{}");
	json_t *json = recipe_to_json(&recipe);
	struct recipe back;
	struct err err;
	assert_true(recipe_from_json(json, &back, &err));
	assert_memory_equal(&back.tiles, &recipe.tiles, sizeof back.tiles);
	assert_memory_equal(&back.cut, &recipe.cut, sizeof back.cut);
	assert_int_equal(back.cut.height_px, 1200);
	json_decref(json);
}

static void options_count_only_where_the_product_allows(void **state)
{
	(void)state;
	const char *wishes = "{\"crop\":{\"x\":0.25,\"y\":0,\"width\":0.5,\"height\":1},"
			     "\"fit\":\"none\",\"rotate_degrees\":180,\"intent\":\"relative\"}";
	struct product product = plain_product();
	struct recipe recipe = make(&product, wishes);
	assert_false(recipe.crop.given);
	assert_int_equal(recipe.fit, FIT_FILL);
	assert_int_equal(recipe.rotate_degrees, -1);
	assert_int_equal(recipe.intent, INTENT_PERCEPTUAL);
	product.may_crop = product.may_fit = product.may_rotate = product.may_intent = true;
	recipe = make(&product, wishes);
	assert_true(recipe.crop.given);
	assert_true(recipe.crop.x == 0.25 && recipe.crop.width == 0.5);
	assert_int_equal(recipe.fit, FIT_NONE);
	assert_int_equal(recipe.rotate_degrees, 180);
	assert_int_equal(recipe.intent, INTENT_RELATIVE);
}

static void recipe_survives_json_and_keeps_its_name(void **state)
{
	(void)state;
	struct product product = plain_product();
	product.may_crop = true;
	struct recipe recipe =
		make(&product, "{\"crop\":{\"x\":0.1,\"y\":0.2,\"width\":0.3,\"height\":0.7}}");
	json_t *json = recipe_to_json(&recipe);
	struct recipe back;
	struct err err;
	assert_true(recipe_from_json(json, &back, &err));
	json_decref(json);
	char name[HASH_HEX_MAX];
	char again[HASH_HEX_MAX];
	recipe_name(&recipe, name);
	recipe_name(&back, again);
	assert_string_equal(name, again);
	back.sharpen_percent++;
	recipe_name(&back, again);
	assert_string_not_equal(name, again);
}

/* Each row: a recipe's member and a value that must be refused. */
static void bad_recipes_are_refused_and_named(void **state)
{
	(void)state;
	static const struct {
		const char *key, *value;
	} bad[] = {
		{"asset_sha256", "\"xyz\""},
		{"profile_sha256", "\"\""},
		{"width_px", "0"},
		{"width_px", "1e9"},
		{"height_px", "\"1800\""},
		{"picture_width_px", "1201"},
		{"picture_x_px", "1"},
		{"picture_y_px", "-1"},
		{"fit", "\"stretch\""},
		{"intent", "7"},
		{"format", "\"image/gif\""},
		{"rotate_degrees", "45"},
		{"sharpen_percent", "201"},
		{"bleed_px", "-1"},
		{"crop", "[]"},
		{"crop", "{\"x\":0.6,\"width\":0.6}"},
		{"crop", "{\"x\":-0.1}"},
		{"crop", "{\"width\":0}"},
		{"tiles", "{\"across\":2,\"down\":1,\"step_x_px\":600,\"step_y_px\":0}"},
		{"tiles", "{\"across\":2,\"down\":1,\"step_x_px\":1200,\"step_y_px\":0}"},
		{"tiles", "{\"across\":0,\"down\":1,\"step_x_px\":600,\"step_y_px\":0}"},
		{"tiles", "{\"across\":1}"},
		{"cut", "{\"x_px\":0,\"y_px\":0,\"width_px\":0,\"height_px\":5}"},
	};
	struct product product = plain_product();
	struct recipe recipe = make(&product, "{}");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		json_t *json = recipe_to_json(&recipe);
		json_object_set_new(
			json, bad[i].key, json_loads(bad[i].value, JSON_DECODE_ANY, NULL));
		struct recipe back = {.sku = "untouched"};
		struct err err = {0};
		assert_false(recipe_from_json(json, &back, &err));
		assert_string_equal(back.sku, "untouched");
		assert_non_null(strstr(err.text, "recipe: "));
		assert_int_equal(err.remedy, REMEDY_REJECT);
		json_decref(json);
	}
}

static void options_survive_json(void **state)
{
	(void)state;
	struct page_options options = {.crop = {true, 0.5, 0.25, 0.5, 0.5},
		.has_fit = true,
		.fit = FIT_FIT,
		.has_intent = true,
		.intent = INTENT_SATURATION,
		.rotate_degrees = 90};
	json_t *json = page_options_to_json(&options);
	struct page_options back;
	struct err err;
	assert_true(page_options_from_json(json, &back, &err));
	json_decref(json);
	assert_true(back.crop.given && back.crop.y == 0.25 && back.has_fit && back.has_intent);
	assert_int_equal(back.fit, FIT_FIT);
	assert_int_equal(back.intent, INTENT_SATURATION);
	assert_int_equal(back.rotate_degrees, 90);
	assert_true(page_options_from_json(NULL, &back, &err));
	assert_int_equal(back.rotate_degrees, -1);
	assert_false(back.has_fit);
}

static void task_and_result_survive_json(void **state)
{
	(void)state;
	struct product product = plain_product();
	struct render_task task = {.id = 7,
		.what = RENDER_RENDER,
		.media_type = "image/jpeg",
		.limits = {100, 200, 300, 4, 500},
		.recipe = make(&product, "{}")};
	json_t *json = render_task_to_json(&task);
	struct render_task task_back;
	struct err err;
	assert_true(render_task_from_json(json, &task_back, &err));
	json_decref(json);
	assert_int_equal(task_back.limits.memory_bytes, 500);
	assert_int_equal(task_back.recipe.width_px, 1200);

	struct render_result result = {.id = 9,
		.fine = true,
		.facts = {"png", 4, 5, 6, 3, 16, 2, SOURCE_EMBEDDED, "Display P3", true},
		.raster = {SHA, 77, 1200, 1800, 300, 300, FORMAT_PWG, 312, SHA, SHA,
			SOURCE_ASSUMED_SRGB, "a note"}};
	json = render_result_to_json(&result);
	struct render_result back;
	assert_true(render_result_from_json(json, &back, &err));
	json_decref(json);
	assert_memory_equal(&back.raster, &result.raster, sizeof back.raster);
	assert_string_equal(back.facts.profile_title, "Display P3");
	assert_int_equal(back.facts.orientation, 6);

	struct render_result failed = {.id = 9, .died = true, .cause = "signal 11"};
	err_set(&failed.err, REMEDY_RETRY, "render-died", "bytes \x01\xff from outside");
	json = render_result_to_json(&failed);
	assert_true(render_result_from_json(json, &back, &err));
	json_decref(json);
	assert_true(back.died && !back.fine);
	assert_string_equal(back.cause, "signal 11");
	assert_int_equal(back.err.remedy, REMEDY_RETRY);
	assert_string_equal(back.err.code, "render-died");
	assert_non_null(strstr(back.err.text, "\\x01\\xff"));
}

static void fine_result_without_facts_is_refused(void **state)
{
	(void)state;
	json_t *json = json_pack("{s:i,s:b}", "id", 1, "fine", 1);
	struct render_result back;
	struct err err;
	assert_false(render_result_from_json(json, &back, &err));
	json_decref(json);
}

/* ---- labels ---- */

static const struct marking_facts facts = {.order = "A-1042",
	.job = "j",
	.label = "Anna",
	.sku = "s",
	.product = "p",
	.floor = "f",
	.date = "2026-11-29",
	.page = 1,
	.pages = 2,
	.copies = 3};

static struct product labelled_product(enum label_where where)
{
	struct product product = plain_product();
	product.label = (struct product_label){where, "{order} {page}/{pages}", 200};
	return product;
}

static void assert_label(
	const struct recipe *recipe, int32_t x, int32_t y, int32_t width, int32_t height)
{
	assert_int_equal(recipe->label.x_px, x);
	assert_int_equal(recipe->label.y_px, y);
	assert_int_equal(recipe->label.width_px, width);
	assert_int_equal(recipe->label.height_px, height);
}

static void a_recipe_without_a_label_says_nothing_of_labels(void **state)
{
	(void)state;
	struct product product = plain_product();
	struct recipe recipe = make(&product, "{}");
	char name[HASH_HEX_MAX];
	char again[HASH_HEX_MAX];
	recipe_name(&recipe, name);
	recipe_mark(&product, &glossy, &on, &facts, "font", &recipe);
	recipe_name(&recipe, again);
	assert_string_equal(name, again);
	json_t *json = recipe_to_json(&recipe);
	assert_null(json_object_get(json, "label"));
	json_decref(json);
}

static void a_label_in_the_border_stands_below_the_picture(void **state)
{
	(void)state;
	struct product product = labelled_product(LABEL_BORDER);
	struct err err;
	product.border_hmm = 508; /* 60 px; 6 to the picture, 12 to the cut, 28 the line */
	assert_true(recipe_label_fits(&product, &glossy, &printer, &on, &err));
	struct recipe recipe = make(&product, "{}");
	recipe_mark(&product, &glossy, &on, &facts, "font", &recipe);
	assert_string_equal(recipe.label.text, "A-1042 1/2");
	assert_false(recipe.label.turned);
	assert_label(&recipe, 60, 1740 + 6 + (60 - 18 - 28) / 2, 1080, 28);
}

static void a_label_in_the_waste_stands_outside_the_print_and_its_bleed(void **state)
{
	(void)state;
	struct product product = labelled_product(LABEL_WASTE);
	product.height_hmm = 12700; /* 1500 px of the 1800 */
	product.width_hmm = 10160;
	product.bleed_hmm = 254; /* 30 px */
	struct recipe recipe = make(&product, "{}");
	recipe_mark(&product, &glossy, &on, &facts, "font", &recipe);
	/* from 1650 + 30 + 6 to 1800 - 35 */
	assert_label(&recipe, 35, 1686 + (1765 - 1686 - 28) / 2, 1200 - 2 * 35, 28);
	assert_false(recipe.label.turned);
	product.height_hmm = 15240;
	product.width_hmm = 7620; /* 900 px of the 1200: the waste is at the sides */
	recipe = make(&product, "{}");
	recipe_mark(&product, &glossy, &on, &facts, "font", &recipe);
	assert_true(recipe.label.turned);
	assert_label(&recipe, 1086 + (1165 - 1086 - 28) / 2, 35, 28, 1800 - 2 * 35);
}

static void a_label_stands_below_all_prints_of_a_sheet_and_their_cut_marks(void **state)
{
	(void)state;
	struct product product = labelled_product(LABEL_WASTE);
	product.width_hmm = 5080; /* two of 600 px fill the sheet's width */
	product.height_hmm = 6350;
	product.across = 2;
	product.down = 2; /* 1500 px of the 1800 */
	struct recipe recipe = make(&product, "{}");
	recipe_mark(&product, &glossy, &on, &facts, "font", &recipe);
	assert_label(&recipe, 35, 1656 + (1765 - 1656 - 28) / 2, 1200 - 2 * 35, 28);
	product.cut_marks = true; /* 5 mm, 59 px */
	recipe = make(&product, "{}");
	recipe_mark(&product, &glossy, &on, &facts, "font", &recipe);
	assert_label(&recipe, 35, 1715 + (1765 - 1715 - 28) / 2, 1200 - 2 * 35, 28);
	/* and a box between them is refused */
	json_t *json = recipe_to_json(&recipe);
	json_object_set_new(json_object_get(json, "label"), "y_px", json_integer(1000));
	struct recipe back;
	struct err err;
	assert_false(recipe_from_json(json, &back, &err));
	json_decref(json);
}

static void the_margin_of_the_printer_takes_room_from_labels(void **state)
{
	(void)state;
	struct product product = labelled_product(LABEL_BORDER);
	struct model_media edged = on;
	struct err err;
	product.border_hmm = 508;
	edged.margin_hmm = 200;
	assert_true(recipe_label_fits(&product, &glossy, &printer, &edged, &err));
	edged.margin_hmm = 250;
	assert_false(recipe_label_fits(&product, &glossy, &printer, &edged, &err));
	product.label.size_hmm = 150;
	assert_true(recipe_label_fits(&product, &glossy, &printer, &edged, &err));
}

static void whose_print_it_is_makes_another_raster(void **state)
{
	(void)state;
	struct product product = labelled_product(LABEL_BORDER);
	struct marking_facts other = facts;
	char names[4][HASH_HEX_MAX];
	product.border_hmm = 508;
	for (int i = 0; i < 4; i++) {
		struct recipe recipe = make(&product, "{}");
		other.order = i == 1 ? "A-1043" : "A-1042";
		other.copies = i == 2 ? 7 : 3; /* not in this template */
		recipe_mark(
			&product, &glossy, &on, &other, i == 3 ? "other font" : "font", &recipe);
		recipe_name(&recipe, names[i]);
	}
	assert_string_not_equal(names[0], names[1]);
	assert_string_equal(names[0], names[2]);
	assert_string_not_equal(names[0], names[3]);
}

static void an_empty_label_is_none(void **state)
{
	(void)state;
	struct product product = labelled_product(LABEL_BORDER);
	struct marking_facts nobody = facts;
	product.border_hmm = 508;
	nobody.label = "";
	text_copy(product.label.text, sizeof product.label.text, " {label} ");
	struct recipe recipe = make(&product, "{}");
	recipe_mark(&product, &glossy, &on, &nobody, "font", &recipe);
	assert_string_equal(recipe.label.text, "");
}

static void a_label_survives_json_and_is_refused_where_it_may_not_be(void **state)
{
	(void)state;
	static const struct {
		const char *key, *value;
	} bad[] = {
		{"text", "\"a\\nb\""},
		{"text", "\"\\u202Eab\""},
		{"text", "7"},
		{"font", "null"},
		{"y_px", "1739"}, /* on the picture */
		{"y_px", "1790"}, /* out of the raster */
		{"x_px", "-1"},
		{"x_px", "500"},
		{"width_px", "0"},
		{"height_px", "2000"},
		{"size_hmm", "100000"},
		{"turned", "\"yes\""},
	};
	struct product product = labelled_product(LABEL_BORDER);
	product.border_hmm = 508;
	struct recipe recipe = make(&product, "{}");
	recipe_mark(&product, &glossy, &on, &facts, "font", &recipe);
	char name[HASH_HEX_MAX];
	char again[HASH_HEX_MAX];
	json_t *json = recipe_to_json(&recipe);
	struct recipe back;
	struct err err;
	assert_true(recipe_from_json(json, &back, &err));
	recipe_name(&recipe, name);
	recipe_name(&back, again);
	assert_string_equal(name, again);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		json_t *spoilt = json_deep_copy(json);
		json_object_set_new(json_object_get(spoilt, "label"), bad[i].key,
			json_loads(bad[i].value, JSON_DECODE_ANY, NULL));
		if (recipe_from_json(spoilt, &back, &err)) {
			fail_msg("label.%s = %s was taken", bad[i].key, bad[i].value);
		}
		json_decref(spoilt);
	}
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_by_six_at_300_dpi_is_1200_by_1800),
		cmocka_unit_test(bleed_is_cut_at_the_sheet_and_kept_within_it),
		cmocka_unit_test(border_insets_the_picture),
		cmocka_unit_test(margin_of_the_printer_cuts_the_box_not_the_raster),
		cmocka_unit_test(sheet_of_a_roll_is_as_long_as_the_print),
		cmocka_unit_test(margins_of_the_printer_make_the_sheet_longer),
		cmocka_unit_test(bleed_makes_the_sheet_longer_where_somebody_trims_it),
		cmocka_unit_test(print_lies_on_a_roll_where_that_saves_paper),
		cmocka_unit_test(shortest_sheet_of_a_roll_has_the_print_in_its_middle),
		cmocka_unit_test(two_strips_lie_side_by_side),
		cmocka_unit_test(margin_takes_the_same_of_every_strip),
		cmocka_unit_test(bleed_of_strips_ends_in_the_middle_of_the_gap),
		cmocka_unit_test(cut_marks_are_there_only_with_paper_around),
		cmocka_unit_test(layout_survives_json),
		cmocka_unit_test(name_of_a_plain_recipe_stays_what_it_was),
		cmocka_unit_test(options_count_only_where_the_product_allows),
		cmocka_unit_test(recipe_survives_json_and_keeps_its_name),
		cmocka_unit_test(bad_recipes_are_refused_and_named),
		cmocka_unit_test(options_survive_json),
		cmocka_unit_test(task_and_result_survive_json),
		cmocka_unit_test(fine_result_without_facts_is_refused),
		cmocka_unit_test(a_recipe_without_a_label_says_nothing_of_labels),
		cmocka_unit_test(a_label_in_the_border_stands_below_the_picture),
		cmocka_unit_test(a_label_in_the_waste_stands_outside_the_print_and_its_bleed),
		cmocka_unit_test(a_label_stands_below_all_prints_of_a_sheet_and_their_cut_marks),
		cmocka_unit_test(the_margin_of_the_printer_takes_room_from_labels),
		cmocka_unit_test(whose_print_it_is_makes_another_raster),
		cmocka_unit_test(an_empty_label_is_none),
		cmocka_unit_test(a_label_survives_json_and_is_refused_where_it_may_not_be),
	};
	return cmocka_run_group_tests_name("wire/recipe", tests, NULL, NULL);
}
