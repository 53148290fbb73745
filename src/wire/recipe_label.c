/* SPDX-License-Identifier: Apache-2.0
 *
 * The label of a page: where there is room for it beside the picture, and the way through JSON.
 * docs/rendering.md tells where it stands.
 */
#include "base/units.h"
#include "rules/sheet.h"
#include "wire/recipe.h"
#include <assert.h>
#include <string.h>

#define GAP_HMM 50  /* to the picture */
#define CUT_HMM 100 /* to where the print is cut */
#define SHEET_HMM                                                                                  \
	300 /* to the sheet's edge: who prints without margins prints a little beyond it */
#define MARKS_HMM   500 /* cut marks, from the picture to their ends */
#define LETTERS_MIN 8   /* a strip for fewer of them is none */
#define EM_PX_MIN   12  /* smaller type can't be read */

struct strip { /* paper white, beside the picture */
	int32_t x, y, width, height;
	bool turned;
};

static int32_t larger(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static int32_t smaller(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

/* One direction of the sheet. */
struct way {
	int32_t sheet, dpi;
	int32_t edge;                 /* that the printer doesn't reach */
	int32_t cut;                  /* where the finished prints end, all of them */
	int32_t picture, picture_end; /* of the first, of the last */
	int32_t marks;                /* paper that cut marks need */
};

static struct way way_of(const struct product *product, const struct model_media *on,
	const struct recipe *recipe, bool is_height, bool lies)
{
	const struct tiles *tiles = &recipe->tiles;
	int32_t trim_hmm = is_height != lies ? product->height_hmm : product->width_hmm;
	int32_t n = is_height ? tiles->down : tiles->across;
	int32_t steps = n > 1 ? (n - 1) * (is_height ? tiles->step_y_px : tiles->step_x_px) : 0;
	struct way way = {
		.sheet = is_height ? recipe->height_px : recipe->width_px,
		.dpi = is_height ? recipe->y_dpi : recipe->x_dpi,
		.picture = is_height ? recipe->picture_y_px : recipe->picture_x_px,
	};
	int32_t block = units_px(trim_hmm, way.dpi) + steps;
	way.edge = units_px(on->margin_hmm, way.dpi);
	way.cut = (way.sheet - block) / 2 + block;
	way.picture_end = way.picture + steps +
			  (is_height ? recipe->picture_height_px : recipe->picture_width_px);
	way.marks = recipe->cut.width_px > 0 ? units_px(MARKS_HMM, way.dpi) : 0;
	return way;
}

/* Below the picture, in the border; it never reaches the cut. */
static struct strip border_strip(const struct way *x, const struct way *y)
{
	int32_t cut = y->cut - units_px(CUT_HMM, y->dpi);
	int32_t top = y->picture_end + units_px(GAP_HMM, y->dpi);
	return (struct strip){x->picture, top, x->picture_end - x->picture,
		smaller(cut, y->sheet - y->edge) - top, false};
}

/* Along the sheet's end in the direction of `deep`, beyond the finished prints, their bleed and
 * their cut marks. */
static struct strip waste_strip(const struct way *along, const struct way *deep, bool turned)
{
	int32_t side = larger(along->edge, units_px(SHEET_HMM, along->dpi));
	int32_t end = larger(deep->edge, units_px(SHEET_HMM, deep->dpi));
	int32_t from =
		larger(deep->cut, deep->picture_end) + deep->marks + units_px(GAP_HMM, deep->dpi);
	int32_t depth = deep->sheet - end - from;
	int32_t length = along->sheet - 2 * side;
	return turned ? (struct strip){from, side, depth, length, true}
		      : (struct strip){side, from, length, depth, false};
}

/* A line is a fifth higher than its type: accents stand on capitals. */
static int32_t line_px(int32_t size_hmm, int32_t dpi)
{
	return units_px(size_hmm * 6 / 5, dpi);
}

/* In the middle of the strip's depth, along the whole of it. */
static bool stand_in(const struct strip *strip, int32_t size_hmm, const struct recipe *recipe,
	struct recipe_label *label)
{
	int32_t dpi = strip->turned ? recipe->x_dpi : recipe->y_dpi;
	int32_t along_dpi = strip->turned ? recipe->y_dpi : recipe->x_dpi;
	int32_t depth = strip->turned ? strip->width : strip->height;
	int32_t length = strip->turned ? strip->height : strip->width;
	int32_t line = line_px(size_hmm, dpi);
	if (depth < line || length < LETTERS_MIN * units_px(size_hmm, along_dpi)) {
		return false;
	}
	*label = (struct recipe_label){.x_px = strip->x,
		.y_px = strip->y,
		.width_px = strip->width,
		.height_px = strip->height,
		.turned = strip->turned,
		.size_hmm = size_hmm};
	int32_t spare = (depth - line) / 2;
	*(strip->turned ? &label->x_px : &label->y_px) += spare;
	*(strip->turned ? &label->width_px : &label->height_px) = line;
	return true;
}

static bool find_room(const struct product *product, const struct media *media,
	const struct model_media *on, const struct recipe *recipe, struct recipe_label *label,
	int32_t *depth_hmm)
{
	bool lies = sheet_of(product, media, on).lies;
	struct way x = way_of(product, on, recipe, false, lies);
	struct way y = way_of(product, on, recipe, true, lies);
	struct strip strips[2] = {border_strip(&x, &y)};
	int n = 1;
	if (product->label.where == LABEL_WASTE) {
		strips[0] = waste_strip(&x, &y, false);
		strips[n++] = waste_strip(&y, &x, true);
	}
	*depth_hmm = 0;
	for (int i = 0; i < n; i++) {
		if (stand_in(&strips[i], product->label.size_hmm, recipe, label)) {
			return true;
		}
		int32_t depth = strips[i].turned ? units_hmm(strips[i].width, recipe->x_dpi)
						 : units_hmm(strips[i].height, recipe->y_dpi);
		*depth_hmm = larger(*depth_hmm, depth);
	}
	return false;
}

bool recipe_label_fits(const struct product *product, const struct media *media,
	const struct model *model, const struct model_media *on, struct err *err)
{
	struct recipe recipe = {.fit = FIT_FILL}; /* with the bleed: the least room there can be */
	struct recipe_label label;
	int32_t has_hmm;
	recipe_place(product, media, model, on, &recipe);
	int32_t size_hmm = product->label.size_hmm;
	if (smaller(units_px(size_hmm, recipe.x_dpi), units_px(size_hmm, recipe.y_dpi)) <
		EM_PX_MIN) {
		return err_set(err, REMEDY_REJECT, "label",
			"can't be read at %d x %d dpi (%s): type is at least %d pixels high",
			(int)recipe.x_dpi, (int)recipe.y_dpi, model->name, EM_PX_MIN);
	}
	if (find_room(product, media, on, &recipe, &label, &has_hmm)) {
		return true;
	}
	int32_t wants_hmm = size_hmm * 6 / 5;
	return err_set(err, REMEDY_REJECT, "label",
		"no room on %s by %s: a line of this size is %d.%02d mm high, and the %s has "
		"%d.%02d mm for it, %s",
		media->name, model->name, (int)wants_hmm / 100, (int)wants_hmm % 100,
		product->label.where == LABEL_BORDER ? "border" : "waste", (int)has_hmm / 100,
		(int)has_hmm % 100,
		product->label.where == LABEL_BORDER
			? "0.5 mm from the picture and 1 mm from the cut"
			: "0.5 mm from the print and 3 mm from the edge of the sheet");
}

void recipe_mark(const struct product *product, const struct media *media,
	const struct model_media *on, const struct marking_facts *facts, const char *font,
	struct recipe *recipe)
{
	struct recipe_label label = {0};
	int32_t depth_hmm;
	char text[MARKING_TEXT_MAX];
	recipe->label = label;
	if (product->label.where == LABEL_NONE) {
		return;
	}
	marking_fill(product->label.text, facts, text);
	if (text[strspn(text, " ")] == '\0') {
		return;
	}
	bool fits = find_room(product, media, on, recipe, &label, &depth_hmm);
	assert(fits && "the catalogue was loaded with a label that has no room");
	if (fits) {
		text_copy(label.text, sizeof label.text, text);
		text_copy(label.font, sizeof label.font, font);
		recipe->label = label;
	}
}

/* ---- JSON ---- */

json_t *recipe_label_to_json(const struct recipe_label *label)
{
	return json_pack("{s:s,s:i,s:i,s:i,s:i,s:b,s:i,s:s}", "text", label->text, "x_px",
		label->x_px, "y_px", label->y_px, "width_px", label->width_px, "height_px",
		label->height_px, "turned", label->turned, "size_hmm", label->size_hmm, "font",
		label->font);
}

static bool is_beside_picture(const struct recipe_label *label, const struct recipe *recipe)
{
	const struct tiles *tiles = &recipe->tiles;
	int32_t right = recipe->picture_x_px + recipe->picture_width_px +
			(tiles->across > 1 ? (tiles->across - 1) * tiles->step_x_px : 0);
	int32_t bottom = recipe->picture_y_px + recipe->picture_height_px +
			 (tiles->down > 1 ? (tiles->down - 1) * tiles->step_y_px : 0);
	return label->x_px + label->width_px <= recipe->picture_x_px || right <= label->x_px ||
	       label->y_px + label->height_px <= recipe->picture_y_px || bottom <= label->y_px;
}

bool recipe_label_from_json(const json_t *json, const struct recipe *recipe,
	struct recipe_label *label, struct err *err)
{
	struct recipe_label read = {0};
	char clean[MARKING_TEXT_MAX];
	if (!json_need_text(json, "text", read.text, sizeof read.text, err) ||
		!json_need_text(json, "font", read.font, sizeof read.font, err) ||
		!json_take_int32(json, "x_px", 0, recipe->width_px, &read.x_px, err) ||
		!json_take_int32(json, "y_px", 0, recipe->height_px, &read.y_px, err) ||
		!json_take_int32(json, "width_px", 1, recipe->width_px, &read.width_px, err) ||
		!json_take_int32(json, "height_px", 1, recipe->height_px, &read.height_px, err) ||
		!json_take_bool(json, "turned", &read.turned, err) ||
		!json_take_int32(json, "size_hmm", 1, LABEL_SIZE_MOST_HMM, &read.size_hmm, err)) {
		return err_wrap(err, "label");
	}
	if (!text_for_paper(clean, sizeof clean, read.text) || strcmp(clean, read.text) != 0) {
		return err_set(err, REMEDY_REJECT, "field",
			"label: \"text\" must be one line of characters that can be seen");
	}
	if (read.width_px < 1 || read.height_px < 1 || read.size_hmm < 1 ||
		read.x_px + read.width_px > recipe->width_px ||
		read.y_px + read.height_px > recipe->height_px ||
		!is_beside_picture(&read, recipe)) {
		return err_set(err, REMEDY_REJECT, "field",
			"label: its box must lie within the raster and beside the picture's");
	}
	*label = read;
	return true;
}
