/* SPDX-License-Identifier: Apache-2.0
 *
 * Products: what is sold, and the floor's own policy for it.
 */
#include "wire/profile_own.h"
#include "base/mem.h"
#include "base/units.h"
#include "rules/sheet.h"
#include "wire/recipe.h"
#include <string.h>

static const struct conf_rule rules[] = {
	{NULL, "title", CONF_TEXT, true, 1, 64, NULL, NULL},
	{NULL, "version", CONF_INT, true, 1, 1000000, NULL, NULL},
	{NULL, "width", CONF_HMM, true, PROFILE_SIDE, NULL, NULL},
	{NULL, "height", CONF_HMM, true, PROFILE_SIDE, NULL, NULL},
	{NULL, "border", CONF_HMM, false, 0, 5000, "0", NULL},
	{NULL, "bleed", CONF_HMM, false, 0, 1000, "0", NULL},
	{NULL, "across", CONF_INT, false, 1, 20, "1", NULL},
	{NULL, "down", CONF_INT, false, 1, 20, "1", NULL},
	{NULL, "gap", CONF_HMM, false, 0, 5000, "0", NULL},
	{NULL, "cut_marks", CONF_BOOL, false, 0, 0, "no", NULL},
	{NULL, "finish", CONF_TEXT, true, 1, 16, NULL, NULL},
	{NULL, "fit", CONF_CHOICE, false, 0, 0, "fill", "fill fit none"},
	{NULL, "intent", CONF_CHOICE, false, 0, 0, "perceptual",
		"perceptual relative saturation absolute"},
	{NULL, "black_point", CONF_BOOL, false, 0, 0, "yes", NULL},
	{NULL, "sharpen_percent", CONF_INT, false, 0, 200, "50", NULL},
	{NULL, "warn_ppi", CONF_INT, false, 0, 1200, "180", NULL},
	{NULL, "hold_ppi", CONF_INT, false, 0, 1200, "90", NULL},
	{NULL, "copies_max", CONF_INT, false, 1, 100000, "200", NULL},
	{NULL, "duplicates", CONF_CHOICE, false, 0, 0, "hold", "hold release reprint"},
	{NULL, "allow", CONF_LIST, false, 0, 4, "crop fit rotate", NULL},
	{NULL, "media", CONF_LIST, true, 1, CATALOG_LIST_MAX, NULL, NULL},
	{NULL, "back_print", CONF_LIST, false, 1, BACK_LINES_MAX, NULL, NULL},
	{NULL, "back_print_needed", CONF_BOOL, false, 0, 0, "no", NULL},
	{"label!", NULL, CONF_TEXT, false, 0, 0, NULL, NULL},
	{"label!", "where", CONF_CHOICE, true, 0, 0, NULL, "border waste"},
	{"label!", "text", CONF_TEXT, true, 1, MARKING_TEMPLATE_MAX - 1, NULL, NULL},
	{"label!", "size", CONF_HMM, false, LABEL_SIZE_LEAST_HMM, LABEL_SIZE_MOST_HMM, "2 mm",
		NULL},
};

static bool list_has(const struct loading *at, const char *key, const char *word)
{
	for (size_t i = 0; i < conf_list_count(at->conf, NULL, 0, key); i++) {
		if (strcmp(conf_list_at(at->conf, NULL, 0, key, i), word) == 0) {
			return true;
		}
	}
	return false;
}

static void check_product_media(struct loading *at, const struct product *product, const char *name)
{
	const struct media *media = catalog_media(at->catalog, name);
	if (media == NULL) {
		conf_fault(at->conf, at->faults, NULL, 0, "media",
			"there is no %s/media/%s.conf (or it has a fault)", at->folder, name);
	} else if (!media_has_room(media, product)) {
		conf_fault(at->conf, at->faults, NULL, 0, "media",
			"what this product prints on a sheet is larger than a sheet of %s", name);
	} else if (strcmp(product->finish, media->finish) != 0) {
		conf_fault(at->conf, at->faults, NULL, 0, "media", "%s is %s, this product is %s",
			name, media->finish, product->finish);
	}
}

static void read_product_media(struct loading *at, struct product *product)
{
	for (size_t i = 0; i < conf_list_count(at->conf, NULL, 0, "media"); i++) {
		const char *name = conf_list_at(at->conf, NULL, 0, "media", i);
		for (int32_t k = 0; k < product->n_media; k++) {
			if (strcmp(product->media[k], name) == 0) {
				conf_fault(at->conf, at->faults, NULL, 0, "media",
					"%s stands here twice", name);
			}
		}
		check_product_media(at, product, name);
		char *to = product->media[product->n_media++];
		text_copy(to, sizeof product->media[0], name);
	}
}

static void check_product(struct loading *at, const struct product *product)
{
	profile_check_upright(at, product->width_hmm, product->height_hmm);
	if (2 * product->border_hmm >= product->width_hmm) {
		conf_fault(at->conf, at->faults, NULL, 0, "border", "leaves no room for a picture");
	}
	if (product->border_hmm > 0 && product->bleed_hmm > 0) {
		conf_fault(at->conf, at->faults, NULL, 0, "bleed",
			"a print with a border has no bleed: leave one of them out");
	}
	if (product_tiles(product) == 1 && product->gap_hmm > 0) {
		conf_fault(at->conf, at->faults, NULL, 0, "gap",
			"one print on a sheet has no gap: say how many, by across and down");
	}
	if (product_tiles(product) > 1 && 2 * product->bleed_hmm > product->gap_hmm) {
		conf_fault(at->conf, at->faults, NULL, 0, "bleed",
			"runs into the next print: it can be half of the gap at most");
	}
	if (product->hold_ppi > product->warn_ppi) {
		conf_fault(at->conf, at->faults, NULL, 0, "hold_ppi",
			"must not be over warn_ppi (%d)", product->warn_ppi);
	}
	static const char *const known[] = {"crop", "fit", "rotate", "intent"};
	for (size_t i = 0; i < conf_list_count(at->conf, NULL, 0, "allow"); i++) {
		const char *word = conf_list_at(at->conf, NULL, 0, "allow", i);
		size_t k = 0;
		while (k < COUNT_OF(known) && strcmp(known[k], word) != 0) {
			k++;
		}
		if (k == COUNT_OF(known)) {
			conf_fault(at->conf, at->faults, NULL, 0, "allow",
				"%s: known are crop, fit, rotate and intent", word);
		}
	}
}

/* ---- what is written on it ---- */

/* One way to print the product: on a media of its own, by a model of this folder. False when it was
 * found fault with. */
typedef bool check_way(struct loading *at, const struct product *product, const struct media *media,
	const struct model *model, const struct model_media *on);

/* Until the first fault, which is told once. */
static void check_ways(struct loading *at, const struct product *product, check_way *check)
{
	const struct catalog *catalog = at->catalog;
	for (int32_t m = 0; m < product->n_media; m++) {
		const struct media *media = catalog_media(catalog, product->media[m]);
		for (int32_t i = 0; media != NULL && i < catalog->n_models; i++) {
			const struct model *model = &catalog->models[i];
			const struct model_media *on = model_on(model, media->name);
			if (on != NULL && !check(at, product, media, model, on)) {
				return;
			}
		}
	}
}

/* Room for the label, in a type that can be read. */
static bool check_label_room(struct loading *at, const struct product *product,
	const struct media *media, const struct model *model, const struct model_media *on)
{
	struct err err;
	bool fits = recipe_label_fits(product, media, model, on, &err);
	if (!fits) {
		conf_fault(at->conf, at->faults, "label", 0, "size", "%s", err.text);
	}
	return fits;
}

static bool check_page_size(struct loading *at, const struct product *product,
	const struct media *media, const struct model *model, const struct model_media *on)
{
	struct sheet sheet = sheet_of(product, media, on);
	int32_t width_px = units_px(sheet.width_hmm, model->x_dpi);
	int32_t height_px = units_px(sheet.height_hmm, model->y_dpi);
	bool fits = width_px <= RECIPE_SIDE_PX_MAX && height_px <= RECIPE_SIDE_PX_MAX;
	if (!fits) {
		conf_fault(at->conf, at->faults, NULL, 0, "media",
			"a page of %d x %d pixels, by %s, is larger than can be rendered: %d a "
			"side at most",
			(int)width_px, (int)height_px, model->name, RECIPE_SIDE_PX_MAX);
	}
	return fits;
}

static void read_label(struct loading *at, struct product *product)
{
	struct err err;
	if (conf_count(at->conf, "label") == 0) {
		return;
	}
	struct product_label *label = &product->label;
	label->where = conf_int(at->conf, "label", 0, "where") == 0 ? LABEL_BORDER : LABEL_WASTE;
	label->size_hmm = (int32_t)conf_int(at->conf, "label", 0, "size");
	text_copy(label->text, sizeof label->text, conf_text(at->conf, "label", 0, "text"));
	if (!marking_check(label->text, &err)) {
		conf_fault(at->conf, at->faults, "label", 0, "text", "%s", err.text);
	}
	if (label->where == LABEL_BORDER && product->border_hmm == 0) {
		conf_fault(at->conf, at->faults, "label", 0, "where", "this product has no border");
		return;
	}
	if (label->where == LABEL_BORDER && product_tiles(product) > 1) {
		conf_fault(at->conf, at->faults, "label", 0, "where",
			"of several prints on a sheet only the waste can have a label");
		return;
	}
	check_ways(at, product, check_label_room);
}

static bool some_model_writes_backs(const struct loading *at, const struct product *product)
{
	for (int32_t i = 0; i < at->catalog->n_models; i++) {
		const struct model *model = &at->catalog->models[i];
		for (int32_t m = 0; m < product->n_media; m++) {
			if (model_makes_on(model, product, product->media[m])) {
				return true;
			}
		}
	}
	return false;
}

static void read_back_print(struct loading *at, struct product *product)
{
	product->back_print_needed = profile_int(at, "back_print_needed") != 0;
	for (size_t i = 0; i < conf_list_count(at->conf, NULL, 0, "back_print"); i++) {
		const char *line = conf_list_at(at->conf, NULL, 0, "back_print", i);
		char *to = product->back_print[product->n_back_print++];
		struct err err;
		if (!marking_check(line, &err)) {
			conf_fault(at->conf, at->faults, NULL, 0, "back_print", "%s", err.text);
		}
		text_copy(to, sizeof product->back_print[0], line);
	}
	if (product->back_print_needed && product->n_back_print == 0) {
		conf_fault(at->conf, at->faults, NULL, 0, "back_print_needed",
			"there is no back_print to be needed");
	} else if (product->back_print_needed && !some_model_writes_backs(at, product)) {
		conf_fault(at->conf, at->faults, NULL, 0, "back_print_needed",
			"no model that prints on its media prints on the back");
	}
}

static void read_product(struct loading *at, const char *name)
{
	struct catalog *catalog = at->catalog;
	catalog->products = mem_resize(
		catalog->products, (size_t)catalog->n_products + 1, sizeof *catalog->products);
	struct product *product = &catalog->products[catalog->n_products++];
	*product = (struct product){
		.version = profile_int(at, "version"),
		.width_hmm = profile_int(at, "width"),
		.height_hmm = profile_int(at, "height"),
		.border_hmm = profile_int(at, "border"),
		.bleed_hmm = profile_int(at, "bleed"),
		.across = profile_int(at, "across"),
		.down = profile_int(at, "down"),
		.gap_hmm = profile_int(at, "gap"),
		.cut_marks = profile_int(at, "cut_marks") != 0,
		.fit = (enum fit)profile_int(at, "fit"),
		.intent = (enum intent)profile_int(at, "intent"),
		.black_point = profile_int(at, "black_point") != 0,
		.sharpen_percent = profile_int(at, "sharpen_percent"),
		.warn_ppi = profile_int(at, "warn_ppi"),
		.hold_ppi = profile_int(at, "hold_ppi"),
		.copies_max = profile_int(at, "copies_max"),
		.duplicates = (enum duplicates)profile_int(at, "duplicates"),
		.may_crop = list_has(at, "allow", "crop"),
		.may_fit = list_has(at, "allow", "fit"),
		.may_rotate = list_has(at, "allow", "rotate"),
		.may_intent = list_has(at, "allow", "intent"),
	};
	text_copy(product->sku, sizeof product->sku, name);
	profile_text(at, "title", product->title, sizeof product->title);
	profile_text(at, "finish", product->finish, sizeof product->finish);
	check_product(at, product);
	read_product_media(at, product);
	check_ways(at, product, check_page_size);
	read_label(at, product);
	read_back_print(at, product);
}

const struct profile_kind profile_product = {"products", rules, COUNT_OF(rules), read_product};
