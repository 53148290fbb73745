/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue: the shipped files load and say what they must; each broken file is refused with
 * its name, line and key.
 */
#include "wire/profile.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/units.h"
#include "rules/sheet.h"
#include "wire/media_name.h"
#include "wire/recipe.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static void load_shipped(struct catalog *catalog)
{
	char folder[1024];
	snprintf(folder, sizeof folder, "%s/profiles", getenv("PLATEN_SRC"));
	struct conf_faults faults = {0};
	if (!catalog_load(folder, catalog, &faults)) {
		fail_msg("%zu faults, first: %s", faults.n, faults.text[0]);
	}
}

static void shipped_files_load(void **state)
{
	(void)state;
	struct catalog catalog;
	load_shipped(&catalog);
	const struct product *product = catalog_product(&catalog, "4x6-border-matte");
	assert_non_null(product);
	assert_int_equal(product->width_hmm, 10160);
	assert_int_equal(product->height_hmm, 15240);
	assert_int_equal(product->border_hmm, 300);
	assert_int_equal(product->bleed_hmm, 0);
	assert_true(product->may_crop && product->may_fit && product->may_rotate);
	assert_false(product->may_intent);
	assert_true(product->black_point);
	assert_int_equal(product->fit, FIT_FILL);
	assert_int_equal(product->intent, INTENT_PERCEPTUAL);
	assert_int_equal(product->duplicates, DUPLICATES_HOLD);
	assert_string_equal(product->media[0], "4x6-matte");
	const struct model *model = catalog_model(&catalog, "photo-ipp-jpeg");
	assert_non_null(model);
	assert_int_equal(model->x_dpi, 300);
	assert_int_equal(model->y_dpi, 300);
	assert_int_equal(model->n_formats, 2);
	assert_int_equal(model->formats[0], FORMAT_JPEG);
	assert_int_equal(model->formats[1], FORMAT_PWG);
	assert_true(model->counts_impressions);
	assert_int_equal(model->ms_per_print, 10000);
	assert_int_equal(model->counter_lag_ms, 5000);
	const struct media *media = catalog_media(&catalog, "8x10-lustre");
	assert_non_null(media);
	assert_string_equal(media->size_name, "na_govt-letter_8x10in");
	assert_string_equal(media->type, "photographic-semi-gloss");
	assert_string_equal(catalog_model(&catalog, "virtual-dyesub")->driver, "fake");
	assert_null(catalog.printers);
	catalog_free(&catalog);
}

static void shipped_markings_load(void **state)
{
	(void)state;
	struct catalog catalog;
	load_shipped(&catalog);
	const struct product *proof = catalog_product(&catalog, "6x8-proof-glossy");
	assert_int_equal(proof->label.where, LABEL_BORDER);
	assert_int_equal(proof->label.size_hmm, 300);
	assert_non_null(strstr(proof->label.text, "{order}"));
	assert_int_equal(catalog_product(&catalog, "8x8-trimmed-lustre")->label.where, LABEL_WASTE);
	assert_int_equal(catalog_product(&catalog, "4x6-border-matte")->label.where, LABEL_NONE);
	assert_int_equal(proof->n_back_print, 2);
	assert_string_equal(proof->back_print[1], "{date} {sku}");
	assert_false(proof->back_print_needed);
	const struct model *model = catalog_model(&catalog, "virtual-dyesub");
	assert_int_equal(model->back.lines, 2);
	assert_int_equal(model->back.columns, 40);
	assert_true(model->back.latin1);
	assert_int_equal(catalog_model(&catalog, "photo-ipp")->back.lines, 0);
	catalog_free(&catalog);
}

/* The picture covers the finished print but for its border and the margin; the raster is the sheet;
 * and what goes to the worker as JSON comes out as it was. */
static void check_recipe(const struct product *product, const struct model *model,
	const struct media *media, const struct model_media *on)
{
	struct page_options options = {.rotate_degrees = -1};
	struct recipe recipe;
	struct recipe back;
	struct err err;
	char name[HASH_HEX_MAX];
	char again[HASH_HEX_MAX];
	recipe_make(product, media, model, on, &options, on->profile_sha256, "e", &recipe);
	json_t *json = recipe_to_json(&recipe);
	if (!recipe_from_json(json, &back, &err)) {
		fail_msg("%s on %s by %s: %s", product->sku, media->name, model->name, err.text);
	}
	json_decref(json);
	recipe_name(&recipe, name);
	recipe_name(&back, again);
	assert_string_equal(name, again);
	struct sheet sheet = sheet_of(product, media, on);
	int32_t taken_hmm = 2 * (product->border_hmm + on->margin_hmm);
	int32_t width_hmm = sheet.lies ? product->height_hmm : product->width_hmm;
	int32_t height_hmm = sheet.lies ? product->width_hmm : product->height_hmm;
	bool covers =
		recipe.picture_width_px + 2 >= units_px(width_hmm - taken_hmm, model->x_dpi) &&
		recipe.picture_height_px + 2 >= units_px(height_hmm - taken_hmm, model->y_dpi);
	if (!covers || recipe.width_px != units_px(media->width_hmm, model->x_dpi)) {
		fail_msg("%s on %s by %s: a picture of %d x %d on %d x %d", product->sku,
			media->name, model->name, recipe.picture_width_px, recipe.picture_height_px,
			recipe.width_px, recipe.height_px);
	}
}

static int check_product(const struct catalog *catalog, const struct product *product)
{
	int made = 0;
	for (int32_t m = 0; m < catalog->n_models; m++) {
		const struct model *model = &catalog->models[m];
		for (int32_t k = 0; k < product->n_media; k++) {
			const struct model_media *on = model_on(model, product->media[k]);
			if (on != NULL) {
				check_recipe(product, model,
					catalog_media(catalog, product->media[k]), on);
				made++;
			}
		}
	}
	return made;
}

static void every_shipped_product_can_be_made(void **state)
{
	(void)state;
	struct catalog catalog;
	int made = 0;
	load_shipped(&catalog);
	assert_true(catalog.n_products >= 40);
	for (int32_t p = 0; p < catalog.n_products; p++) {
		int by_it = check_product(&catalog, &catalog.products[p]);
		if (by_it == 0) {
			fail_msg("no model prints on any media of %s", catalog.products[p].sku);
		}
		made += by_it;
	}
	assert_true(made >= 80);
	catalog_free(&catalog);
}

static void check_listed(const char *list, const char *kind, const char *name)
{
	char line[128];
	snprintf(line, sizeof line, "\tprofiles/%s/%s.conf", kind, name);
	if (strstr(list, line) == NULL) {
		fail_msg("profiles/room.mk lacks%s", line);
	}
}

static void every_file_is_shipped_and_every_media_is_sold_and_printed_on(void **state)
{
	(void)state;
	struct catalog catalog;
	struct buf list = {0};
	struct err err;
	char path[1024];
	load_shipped(&catalog);
	snprintf(path, sizeof path, "%s/profiles/room.mk", getenv("PLATEN_SRC"));
	assert_true(file_read(path, 1 << 20, &list, &err));
	buf_add(&list, "", 1);
	for (int32_t i = 0; i < catalog.n_products; i++) {
		check_listed(list.bytes, "products", catalog.products[i].sku);
	}
	for (int32_t i = 0; i < catalog.n_models; i++) {
		check_listed(list.bytes, "models", catalog.models[i].name);
	}
	for (int32_t i = 0; i < catalog.n_media; i++) {
		const char *name = catalog.media[i].name;
		int sold = 0;
		int printed_on = 0;
		check_listed(list.bytes, "media", name);
		for (int32_t m = 0; m < catalog.n_models; m++) {
			printed_on += model_on(&catalog.models[m], name) != NULL;
		}
		for (int32_t p = 0; p < catalog.n_products; p++) {
			for (int32_t k = 0; k < catalog.products[p].n_media; k++) {
				sold += strcmp(catalog.products[p].media[k], name) == 0;
			}
		}
		if (sold == 0 || printed_on == 0) {
			fail_msg("media %s: of %d products, of %d models", name, sold, printed_on);
		}
	}
	buf_fini(&list);
	catalog_free(&catalog);
}

static void profiles_are_known_by_the_hash_of_their_file(void **state)
{
	(void)state;
	struct catalog catalog;
	load_shipped(&catalog);
	for (int32_t m = 0; m < catalog.n_models; m++) {
		for (int32_t i = 0; i < catalog.models[m].n_media; i++) {
			const struct model_media *on = &catalog.models[m].media[i];
			char path[1024];
			snprintf(path, sizeof path, "%s/profiles/icc/%s", getenv("PLATEN_SRC"),
				on->profile);
			int fd = open(path, O_RDONLY);
			assert_true(fd >= 0);
			char hex[HASH_HEX_MAX];
			struct err err;
			assert_true(hash_hex_of_file(fd, hex, &err));
			close(fd);
			assert_string_equal(on->profile_sha256, hex);
		}
	}
	catalog_free(&catalog);
}

/* ---- broken folders ---- */

static const char good_media[] = "title = T width = \"4 in\" height = \"6 in\"\n"
				 "size_name = na_index-4x6_4x6in\ntype = photographic-glossy\n"
				 "finish = glossy\n";
static const char good_model[] = "title = T driver = ipp x_dpi = 300\nformats = pwg\n"
				 "print_time = \"1 s\"\nmedia m { profile = p.icc }\n";
static const char good_product[] = "title = T version = 1 width = \"4 in\" height = \"6 in\"\n"
				   "finish = glossy\nmedia = m\n";

struct broken {
	const char *media, *model, *product; /* NULL: the good one */
	const char *where, *what;
};

static char folder[] = "/tmp/platen-profile-XXXXXX";

static void put(const char *name, const void *bytes, size_t len)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void put_text(const char *name, const char *text, const char *otherwise)
{
	put(name, text == NULL ? otherwise : text, strlen(text == NULL ? otherwise : text));
}

static void put_icc(const char *class, const char *space, size_t len, size_t said)
{
	unsigned char icc[200] = {0};
	for (int i = 0; i < 4; i++) {
		icc[i] = (unsigned char)(said >> (24 - 8 * i));
	}
	memcpy(icc + 12, class, 4);
	memcpy(icc + 16, space, 4);
	memcpy(icc + 36, "acsp", 4);
	put("icc/p.icc", icc, len);
}

static int make_folder(void **state)
{
	(void)state;
	static const char *const folders[] = {"", "/media", "/models", "/products", "/icc"};
	if (mkdtemp(folder) == NULL) {
		return -1;
	}
	for (size_t i = 1; i < 5; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s%s", folder, folders[i]);
		if (mkdir(path, 0700) != 0) {
			return -1;
		}
	}
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	static const char *const names[] = {"/media/m.conf", "/models/x.conf", "/products/p.conf",
		"/icc/p.icc", "/media", "/models", "/products", "/icc", ""};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s%s", folder, names[i]);
		remove(path);
	}
	return 0;
}

static void expect(const struct broken *broken)
{
	put_text("media/m.conf", broken->media, good_media);
	put_text("models/x.conf", broken->model, good_model);
	put_text("products/p.conf", broken->product, good_product);
	struct catalog catalog;
	struct conf_faults faults = {0};
	bool loaded = catalog_load(folder, &catalog, &faults);
	if (broken->where == NULL) {
		if (!loaded) {
			fail_msg("good files refused: %s", faults.text[0]);
		}
		catalog_free(&catalog);
		return;
	}
	assert_false(loaded);
	assert_int_equal(catalog.n_products + catalog.n_media + catalog.n_models, 0);
	assert_null(catalog.models);
	char where[256];
	snprintf(where, sizeof where, "%s/%s", folder, broken->where);
	for (size_t i = 0; i < faults.n; i++) {
		if (strncmp(faults.text[i], where, strlen(where)) == 0 &&
			strstr(faults.text[i], broken->what) != NULL) {
			return;
		}
	}
	fail_msg("want \"%s … %s\", got %zu, first: %s", where, broken->what, faults.n,
		faults.text[0]);
}

#define PRODUCT(line) "title = T version = 1 width = \"4 in\" height = \"6 in\"\n" line
#define FOLDER_MODEL(key, section)                                                                 \
	"title = T driver = hotfolder x_dpi = 300 print_time = \"1 s\"\n"                          \
	"formats = jpeg media m { profile = p.icc } " key "\n" section
#define MODEL(line) "title = T driver = ipp x_dpi = 300 print_time = \"1 s\"\n" line
#define MEDIA(sides, name)                                                                         \
	"title = T " sides "\nsize_name = " name "\ntype = photographic-glossy finish = glossy"

static void broken_files_are_told_with_file_line_and_key(void **state)
{
	(void)state;
	static const struct broken cases[] = {
		{0},
		{.media = MEDIA("width = \"6 in\" height = \"4 in\"", "na_index-4x6_4x6in"),
			.where = "media/m.conf:1: width: ",
			.what = "upright"},
		{.media = MEDIA("width = \"4 in\" height = \"6 in\"", "na_5x7_5x7in"),
			.where = "media/m.conf:2: size_name: ",
			.what = "127.00 x 177.80 mm"},
		{.media = MEDIA("width = \"4 in\" height = \"6 in\"", "4x6"),
			.where = "media/m.conf:2: size_name: ",
			.what = "PWG 5101.1"},
		{.media = "title = T", .where = "media/m.conf:1: finish: ", .what = "required"},
		{.media = MEDIA("width = \"4 in\"", "na_index-4x6_4x6in"),
			.where = "media/m.conf:",
			.what = "a sheet has a height"},
		{.media = MEDIA("roll = yes width = \"4 in\" height = \"6 in\"", "roll_max_4x6in"),
			.where = "media/m.conf:1: height: ",
			.what = "height_min and height_max"},
		{.media = MEDIA("width = \"4 in\" height = \"6 in\" height_max = \"7 in\"",
			 "na_index-4x6_4x6in"),
			.where = "media/m.conf:1: height_max: ",
			.what = "a sheet has a height"},
		{.media = MEDIA(
			 "roll = yes width = \"4 in\" height_min = \"6 in\" height_max = \"5 in\"",
			 "roll_max_4x5in"),
			.where = "media/m.conf:1: height_max: ",
			.what = "below height_min"},
		{.media = MEDIA(
			 "roll = yes width = \"4 in\" height_min = \"3 in\" height_max = \"6 in\"",
			 "na_index-4x6_4x6in"),
			.where = "media/m.conf:2: size_name: ",
			.what = "by its longest sheet"},
		{.media = MEDIA("width = \"4 in\" height = \"6 in\"", "roll_max_4x6in"),
			.where = "media/m.conf:2: size_name: ",
			.what = "no sheet is"},
		{.media = "title = T",
			.where = "models/x.conf:4: media m: ",
			.what = "there is no"},
		{.media = "title = T",
			.where = "products/p.conf:3: media: ",
			.what = "there is no"},
		{.media = MEDIA("width = \"1 cm\" height = \"6 in\"", "oe_x_1x6in"),
			.where = "media/m.conf:1: width: ",
			.what = "2 cm to 500 cm"},
		{.model = MODEL("formats = pwg"),
			.where = "models/x.conf:1: ",
			.what = "section \"media\""},
		{.model = MODEL("formats = pwg\nmedia q { profile = p.icc }"),
			.where = "models/x.conf:3: media q: ",
			.what = "there is no"},
		{.model = MODEL("formats = pwg\nmedia m { profile = no.icc }"),
			.where = "models/x.conf:3: media m, profile: ",
			.what = "No such file"},
		{.model = MODEL("formats = pwg\nmedia m { profile = \"../media/m.conf\" }"),
			.where = "models/x.conf:3: media m, profile: ",
			.what = "name of a file"},
		{.model = MODEL("formats = pwg\nmedia m { profile = p.icc margin = \"5.08 cm\" }"),
			.where = "models/x.conf:3: media m, margin: ",
			.what = "0 mm to 5 cm"},
		{.model = MODEL("formats = { pwg, pdf }\nmedia m { profile = p.icc }"),
			.where = "models/x.conf:2: formats: ",
			.what = "pdf: known are"},
		{.model = MODEL("y_dpi = 600 formats = { urf, pwg }\nmedia m { profile = p.icc }"),
			.where = "models/x.conf:2: formats: ",
			.what = "urf knows one resolution"},
		{.model = MODEL("formats = { pwg, pwg }\nmedia m { profile = p.icc }"),
			.where = "models/x.conf:2: formats: ",
			.what = "twice"},
		{.model = MODEL("formats = { }\nmedia m { profile = p.icc }"),
			.where = "models/x.conf:2: formats: ",
			.what = "1 to 3 items"},
		{.model = MODEL("formats = pwg y_dpi = 50\nmedia m { profile = p.icc }"),
			.where = "models/x.conf:2: y_dpi: ",
			.what = "72 to 2400"},
		{.product = PRODUCT("finish = glossy\nmedia = { m, n }"),
			.where = "products/p.conf:3: media: ",
			.what = "media/n.conf"},
		{.product = PRODUCT("finish = glossy\nmedia = { m, m }"),
			.where = "products/p.conf:3: media: ",
			.what = "twice"},
		{.product = PRODUCT("finish = matte\nmedia = m"),
			.where = "products/p.conf:3: media: ",
			.what = "m is glossy"},
		{.product = "title = T version = 1 width = \"4 in\" height = \"6.01 in\"\n"
			    "finish = glossy\nmedia = m",
			.where = "products/p.conf:3: media: ",
			.what = "larger than a sheet"},
		{.media = MEDIA("width = \"110 cm\" height = \"120 cm\"", "om_big_1100x1200mm"),
			.model = "title = T driver = ipp x_dpi = 2400 print_time = \"1 s\"\n"
				 "formats = pwg\nmedia m { profile = p.icc }",
			.product = "title = T version = 1 width = \"110 cm\" height = \"120 cm\"\n"
				   "finish = glossy\nmedia = m",
			.where = "products/p.conf:3: media: ",
			.what = "a page of 103937 x 113386 pixels"},
		{.product = PRODUCT("finish = glossy\nacross = 2\nmedia = m"),
			.where = "products/p.conf:4: media: ",
			.what = "larger than a sheet"},
		{.product = PRODUCT("finish = glossy\ngap = \"2 mm\"\nmedia = m"),
			.where = "products/p.conf:3: gap: ",
			.what = "no gap"},
		{.product = "title = T version = 1 width = \"4 cm\" height = \"6 cm\"\n"
			    "across = 2 gap = \"2 mm\"\nbleed = \"1.1 mm\"\nfinish = glossy media "
			    "= m",
			.where = "products/p.conf:3: bleed: ",
			.what = "half of the gap"},
		{.product = PRODUCT("finish = glossy\nacross = 21\nmedia = m"),
			.where = "products/p.conf:3: across: ",
			.what = "1 to 20"},
		{.product = PRODUCT(
			 "finish = glossy border = \"3 mm\"\nbleed = \"1 mm\" media = m"),
			.where = "products/p.conf:3: bleed: ",
			.what = "has no bleed"},
		{.product = "title = T version = 1 width = \"4 cm\" height = \"6 cm\"\n"
			    "border = \"2 cm\"\nfinish = glossy media = m",
			.where = "products/p.conf:2: border: ",
			.what = "no room"},
		{.product = PRODUCT("finish = glossy\nhold_ppi = 200\nmedia = m"),
			.where = "products/p.conf:3: hold_ppi: ",
			.what = "warn_ppi (180)"},
		{.product = PRODUCT("finish = glossy\nallow = { crop, zoom }\nmedia = m"),
			.where = "products/p.conf:3: allow: ",
			.what = "zoom: known are"},
		{.product = PRODUCT("finish = glossy\nduplicates = often\nmedia = m"),
			.where = "products/p.conf:3: duplicates: ",
			.what = "hold release reprint"},
		{.product = PRODUCT("finish = glossy\ncopies_max = 0\nmedia = m"),
			.where = "products/p.conf:3: copies_max: ",
			.what = "1 to 100000"},
		{.product = PRODUCT("finish = glossy media = m\nlabel { where = border text = x }"),
			.where = "products/p.conf:3: label, where: ",
			.what = "has no border"},
		{.product = "title = T version = 1 width = \"2 in\" height = \"6 in\"\n"
			    "finish = glossy media = m border = \"5 mm\" across = 2\n"
			    "label { where = border text = x }",
			.where = "products/p.conf:3: label, where: ",
			.what = "only the waste"},
		{.product = PRODUCT("finish = glossy media = m\nlabel { where = waste text = x }"),
			.where = "products/p.conf:3: label, size: ",
			.what = "no room on m by x: a line of this size is 2.40 mm high, and the "
				"waste has 0.00 mm"},
		{.product = PRODUCT("finish = glossy media = m border = \"3 mm\"\n"
				    "label { where = border text = x }"),
			.where = "products/p.conf:3: label, size: ",
			.what = "the border has 1.44 mm for it"},
		{.product = PRODUCT("finish = glossy media = m border = \"5 mm\"\n"
				    "label { where = border\ntext = \"{orders}\" }"),
			.where = "products/p.conf:4: label, text: ",
			.what = "{orders}: known are"},
		{.product = PRODUCT("finish = glossy media = m border = \"5 mm\"\n"
				    "label { where = border text = \"{copy}\" }"),
			.where = "products/p.conf:3: label, text: ",
			.what = "{copies} says how many"},
		{.product = PRODUCT("finish = glossy media = m border = \"5 mm\"\n"
				    "label { where = border }"),
			.where = "products/p.conf:3: label",
			.what = "required"},
		{.product = PRODUCT("finish = glossy media = m border = \"5 mm\"\n"
				    "label { where = border text = x size = \"1 mm\" }"),
			.where = "products/p.conf:3: label, size: ",
			.what = "1.50 mm to 1 cm"},
		{.model = "title = T driver = ipp x_dpi = 72 print_time = \"1 s\"\n"
			  "formats = pwg media m { profile = p.icc }",
			.product = PRODUCT("finish = glossy media = m border = \"5 mm\"\n"
					   "label { where = border text = x }"),
			.where = "products/p.conf:3: label, size: ",
			.what = "can't be read at 72 x 72 dpi (x)"},
		{.model = MODEL("formats = pwg\nmedia m { profile = p.icc margin = \"4 mm\" }"),
			.product = PRODUCT("finish = glossy media = m border = \"5 mm\"\n"
					   "label { where = border text = x }"),
			.where = "products/p.conf:3: label, size: ",
			.what = "no room on m by x"},
		{.product = PRODUCT("finish = glossy media = m\nback_print = { \"{jobs}\" }"),
			.where = "products/p.conf:3: back_print: ",
			.what = "{jobs}: known are"},
		{.product = PRODUCT("finish = glossy media = m\nback_print = { a, b, c, d, e }"),
			.where = "products/p.conf:3: back_print: ",
			.what = "1 to 4 items"},
		{.product = PRODUCT("finish = glossy media = m\nback_print_needed = yes"),
			.where = "products/p.conf:3: back_print_needed: ",
			.what = "no back_print to be needed"},
		{.product = PRODUCT("finish = glossy media = m back_print = x\n"
				    "back_print_needed = yes"),
			.where = "products/p.conf:3: back_print_needed: ",
			.what = "no model that prints on its media"},
		{.model = MODEL("formats = pwg media m { profile = p.icc }\n"
				"back_print { lines = 2 columns = 40 }"),
			.where = "models/x.conf:3: back_print: ",
			.what = "driver ipp can't print on the back"},
		{.model = "title = T driver = fake x_dpi = 300 print_time = \"1 s\"\n"
			  "formats = pwg media m { profile = p.icc }\n"
			  "back_print { lines = 5 columns = 4 charset = utf-8 }",
			.where = "models/x.conf:3: back_print, lines: ",
			.what = "1 to 4"},
		{.model = MODEL("formats = jpeg media m { profile = p.icc }\n"
				"folder { ticket = x }"),
			.where = "models/x.conf:3: folder: ",
			.what = "for the driver hotfolder only"},
		{.model = FOLDER_MODEL("", ""),
			.where = "models/x.conf:1: driver: ",
			.what = "needs a section folder"},
		{.model = FOLDER_MODEL("", "folder { ticket = { \"{file}\", \"{copy}\" } }"),
			.where = "models/x.conf:3: folder, ticket: ",
			.what = "{copy}: known are"},
		{.model = FOLDER_MODEL("", "folder { ticket = x ticket_suffix = \"a/b\" }"),
			.where = "models/x.conf:3: folder, ticket_suffix: ",
			.what = "letters and digits"},
		{.model = FOLDER_MODEL("", "folder { ticket = x ticket_suffix = jpg }"),
			.where = "models/x.conf:3: folder, ticket_suffix: ",
			.what = "not jpg"},
		{.model = FOLDER_MODEL("", "folder { ticket = x done = \"../up\" }"),
			.where = "models/x.conf:3: folder, done: ",
			.what = "name of a folder inside"},
		{.model = FOLDER_MODEL("has_counters = yes", "folder { ticket = x }"),
			.where = "models/x.conf:2: has_counters: ",
			.what = "a person counts"},
		{.product = "title = T\nfloor", .where = "products/p.conf:2: ", .what = "\"=\""},
	};
	put_icc("prtr", "RGB ", 200, 200);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		expect(&cases[i]);
	}
}

static void implausible_profiles_are_refused(void **state)
{
	(void)state;
	struct broken broken = {.where = "models/x.conf:4: media m, profile: "};
	put_icc("prtr", "RGB ", 131, 131);
	broken.what = "is not an ICC profile";
	expect(&broken);
	put("icc/p.icc", good_media, sizeof good_media);
	expect(&broken);
	put_icc("prtr", "RGB ", 199, 200);
	broken.what = "cut off";
	expect(&broken);
	put_icc("mntr", "RGB ", 200, 200);
	broken.what = "not a printer profile for RGB, grey or CMYK";
	expect(&broken);
	put_icc("prtr", "Lab ", 200, 200);
	expect(&broken);
	broken.model = MODEL("formats = { pwg, jpeg }\nmedia m { profile = p.icc }");
	broken.where = "models/x.conf:3: media m, profile: ";
	broken.what = "is for CMYK";
	put_icc("prtr", "CMYK", 200, 200);
	expect(&broken);
	broken.model = NULL;
	broken.where = NULL;
	expect(&broken);
	put_icc("prtr", "GRAY", 200, 200);
	expect(&broken);
	put_icc("prtr", "RGB ", 200, 200);
	expect(&broken);
}

static void a_missing_folder_is_told(void **state)
{
	(void)state;
	struct catalog catalog;
	struct conf_faults faults = {0};
	assert_false(catalog_load("/nonexistent/profiles", &catalog, &faults));
	assert_int_equal(faults.n, 3);
	assert_non_null(strstr(faults.text[0], "/nonexistent/profiles/media: can't be read"));
}

static void media_names_say_their_size(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int32_t width_hmm, height_hmm; /* 0: refused */
	} cases[] = {
		{"na_index-4x6_4x6in", 10160, 15240},
		{"oe_photo-l_3.5x5in", 8890, 12700},
		{"iso_a4_210x297mm", 21000, 29700},
		{"om_small-photo_100x150mm", 10000, 15000},
		{"custom_x_101.6x152.4mm", 10160, 15240},
		{"roll_max_44x120in", 111760, 304800},
		{"na_letter", 0, 0},
		{"na_4x6in", 0, 0},
		{"xx_index_4x6in", 0, 0},
		{"na_index_4x6", 0, 0},
		{"na_index_4x6cm", 0, 0},
		{"na_index_4x", 0, 0},
		{"na_index_x6in", 0, 0},
		{"na_index_4.x6in", 0, 0},
		{"na_index_4..5x6in", 0, 0},
		{"na_index_0x6in", 0, 0},
		{"NA_INDEX_4x6in", 0, 0},
		{"", 0, 0},
		{"na_index_9999999999x6in", 0, 0},
		{"na_index_4.0625x6in", 0, 0},
		{"na_index_-4x6in", 0, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int32_t width_hmm = 0;
		int32_t height_hmm = 0;
		bool fine = media_name_size(cases[i].name, &width_hmm, &height_hmm);
		if (fine != (cases[i].width_hmm > 0) || width_hmm != cases[i].width_hmm ||
			height_hmm != cases[i].height_hmm) {
			fail_msg("%s: %d x %d", cases[i].name, width_hmm, height_hmm);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_files_load),
		cmocka_unit_test(shipped_markings_load),
		cmocka_unit_test(every_shipped_product_can_be_made),
		cmocka_unit_test(every_file_is_shipped_and_every_media_is_sold_and_printed_on),
		cmocka_unit_test(profiles_are_known_by_the_hash_of_their_file),
		cmocka_unit_test(broken_files_are_told_with_file_line_and_key),
		cmocka_unit_test(implausible_profiles_are_refused),
		cmocka_unit_test(a_missing_folder_is_told),
		cmocka_unit_test(media_names_say_their_size),
	};
	return cmocka_run_group_tests_name("wire/profile", tests, make_folder, remove_folder);
}
