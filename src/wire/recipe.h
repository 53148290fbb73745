/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that decides the pixels of one page. Its canonical JSON, hashed, names the raster, so
 * that the same recipe and asset are the same file, and a different one can never be mistaken.
 */
#pragma once
#include "wire/json.h"
#include "rules/marking.h"

#define RECIPE_SIDE_PX_MAX   100000 /* of a page: more no render server takes */
#define RECIPE_ENGINE_MAX    257
#define RECIPE_FONT_MAX      129
#define LABEL_SIZE_LEAST_HMM 150
#define LABEL_SIZE_MOST_HMM  1000

struct crop { /* in fractions of the upright picture (after EXIF orientation), 0..1 */
	bool given;
	double x, y, width, height;
};

struct page_options { /* what a lease may ask for a page; counts only where the product allows */
	struct crop crop;
	bool has_fit, has_intent;
	enum fit fit;
	enum intent intent;
	int32_t rotate_degrees; /* clockwise after orientation: 0, 90, 180, 270; -1 = by best match
				 */
};

struct tiles { /* the same picture many times: so many, and from one to the next */
	int32_t across, down, step_x_px, step_y_px;
};

struct cut { /* the finished print: the first of the tiles; marks show where to cut it out */
	int32_t x_px, y_px, width_px, height_px; /* width 0: no marks */
};

struct recipe_label { /* a line of text beside the picture, in the printer's darkest neutral */
	char text[MARKING_TEXT_MAX]; /* "" = there is none, and nothing else here counts */
	int32_t x_px, y_px, width_px, height_px; /* within it, and nothing of the picture */
	bool turned;                             /* it runs from the bottom to the top */
	int32_t size_hmm;                        /* of the type */
	char font[RECIPE_FONT_MAX];              /* "DejaVuSansMono SHA-256 freetype/2.12.1" */
};

struct recipe {
	char asset_sha256[HASH_HEX_MAX];
	char sku[NAME_MAX_LEN];
	int32_t product_version;
	/* the raster: the whole sheet, also where the printer can't reach its edge */
	int32_t width_px, height_px, x_dpi, y_dpi;
	/* where the picture goes within it; the rest is paper white */
	int32_t picture_x_px, picture_y_px, picture_width_px, picture_height_px;
	/* how far the picture box runs past the trim at its left and right (bleed) */
	int32_t bleed_px;
	struct tiles tiles; /* the box above is that of the first, at the top left */
	struct cut cut;
	enum fit fit;
	struct crop crop;
	int32_t rotate_degrees;
	enum intent intent;
	bool black_point;
	int32_t sharpen_percent;
	char profile[NAME_MAX_LEN];
	char profile_sha256[HASH_HEX_MAX];
	enum document_format format;
	char engine[RECIPE_ENGINE_MAX]; /* "platen-render/1 vips/8.14.1 lcms2/2.14 jpeg:75b71ddb …"
					 */
	struct recipe_label label;
};

/* The recipe of a page of a product on a model and media; options as far as the product allows. */
void recipe_make(const struct product *product, const struct media *media,
	const struct model *model, const struct model_media *on, const struct page_options *options,
	const char *asset_sha256, const char *engine, struct recipe *recipe);
/* The geometry alone: raster, picture's box, bleed, tiles, cut marks; by the recipe's fit. */
void recipe_place(const struct product *product, const struct media *media,
	const struct model *model, const struct model_media *on, struct recipe *recipe);
int32_t recipe_tiles(const struct recipe *recipe); /* how many; 1.. */
/* Puts the product's label into a recipe that was made, where it has one; `font` is what sets it.
 * Whether there is room was found out when the catalogue was loaded. */
void recipe_mark(const struct product *product, const struct media *media,
	const struct model_media *on, const struct marking_facts *facts, const char *font,
	struct recipe *recipe);
/* REJECT: the end of a sentence that begins with the label's size. */
must_use bool recipe_label_fits(const struct product *product, const struct media *media,
	const struct model *model, const struct model_media *on, struct err *err);
json_t *recipe_to_json(const struct recipe *recipe);
must_use bool recipe_from_json(const json_t *json, struct recipe *recipe, struct err *err);
/* SHA-256 of the canonical JSON: the raster's name. */
void recipe_name(const struct recipe *recipe, char name[HASH_HEX_MAX]);

json_t *page_options_to_json(const struct page_options *options);
/* `json` may be NULL: all by the product's policy. */
must_use bool page_options_from_json(
	const json_t *json, struct page_options *options, struct err *err);

/* ---- recipe_label.c, for recipe.c ---- */
json_t *recipe_label_to_json(const struct recipe_label *label);
/* The recipe's sizes were read before. */
must_use bool recipe_label_from_json(const json_t *json, const struct recipe *recipe,
	struct recipe_label *label, struct err *err);
