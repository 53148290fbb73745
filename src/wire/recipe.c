/* SPDX-License-Identifier: Apache-2.0
 *
 * Making, writing, reading and naming recipes. Where the picture goes: recipe_place.c.
 */
#include "wire/recipe_own.h"
#include <stdlib.h>
#include <string.h>

#define DPI_MAX 4800

static const char *const fits[] = {"fill", "fit", "none"};
static const char *const intents[] = {"perceptual", "relative", "saturation", "absolute"};
static const char *const formats[FORMAT_COUNT] = {"image/pwg-raster", "image/jpeg", "image/urf"};
static const char *const *const word_lists[] = {fits, intents, formats};
enum word_list { WORDS_FIT, WORDS_INTENT, WORDS_FORMAT };
static const int word_counts[] = {3, 4, FORMAT_COUNT};

/* The index of a text member in a list of words; absent leaves *at. */
static bool take_word(const json_t *json, const char *key, enum word_list list, int *at,
	bool *found, struct err *err)
{
	char word[33] = "";
	if (!json_take_text(json, key, word, sizeof word, err)) {
		return false;
	}
	*found = word[0] != '\0';
	for (int i = 0; *found && i < word_counts[list]; i++) {
		if (strcmp(word_lists[list][i], word) == 0) {
			*at = i;
			return true;
		}
	}
	return !*found || err_set(err, REMEDY_REJECT, "field",
				  "\"%s\" is \"%.32s\", which is no %s we know", key, word, key);
}

static json_t *crop_to_json(const struct crop *crop)
{
	return json_pack("{s:f,s:f,s:f,s:f}", "x", crop->x, "y", crop->y, "width", crop->width,
		"height", crop->height);
}

static bool crop_from_json(const json_t *json, struct crop *crop, struct err *err)
{
	json_t *box;
	if (!json_take_object(json, "crop", &box, err)) {
		return false;
	}
	if (box == NULL) {
		*crop = (struct crop){0};
		return true;
	}
	*crop = (struct crop){.given = true, .width = 1, .height = 1};
	if (!json_take_real(box, "x", 0, 1, &crop->x, err) ||
		!json_take_real(box, "y", 0, 1, &crop->y, err) ||
		!json_take_real(box, "width", 1e-6, 1, &crop->width, err) ||
		!json_take_real(box, "height", 1e-6, 1, &crop->height, err)) {
		return err_wrap(err, "crop");
	}
	if (crop->x + crop->width > 1 + 1e-6 || crop->y + crop->height > 1 + 1e-6) {
		return err_set(err, REMEDY_REJECT, "field",
			"\"crop\" reaches outside the picture: x + width and y + height must be "
			"at most 1");
	}
	return true;
}

static bool degrees_are_fine(int64_t degrees)
{
	return degrees == -1 || degrees == 0 || degrees == 90 || degrees == 180 || degrees == 270;
}

static bool take_rotation(const json_t *json, int32_t *degrees, struct err *err)
{
	int64_t value = *degrees;
	if (!json_take_int(json, "rotate_degrees", -1, 270, &value, err)) {
		return false;
	}
	if (!degrees_are_fine(value)) {
		return err_set(err, REMEDY_REJECT, "field",
			"\"rotate_degrees\" is %lld, must be 0, 90, 180, 270 or -1 (as fits best)",
			(long long)value);
	}
	*degrees = (int32_t)value;
	return true;
}

json_t *page_options_to_json(const struct page_options *options)
{
	json_t *json = json_object();
	if (options->crop.given) {
		json_object_set_new(json, "crop", crop_to_json(&options->crop));
	}
	if (options->has_fit) {
		json_object_set_new(json, "fit", json_string(fits[options->fit]));
	}
	if (options->has_intent) {
		json_object_set_new(json, "intent", json_string(intents[options->intent]));
	}
	if (options->rotate_degrees != -1) {
		json_object_set_new(json, "rotate_degrees", json_integer(options->rotate_degrees));
	}
	return json;
}

bool page_options_from_json(const json_t *json, struct page_options *options, struct err *err)
{
	struct page_options read = {.rotate_degrees = -1};
	int fit = FIT_FILL;
	int intent = INTENT_PERCEPTUAL;
	if (json != NULL && !json_is_null(json)) {
		if (!json_is_object(json)) {
			return err_set(
				err, REMEDY_REJECT, "field", "\"options\" must be an object");
		}
		if (!crop_from_json(json, &read.crop, err) ||
			!take_word(json, "fit", WORDS_FIT, &fit, &read.has_fit, err) ||
			!take_word(json, "intent", WORDS_INTENT, &intent, &read.has_intent, err) ||
			!take_rotation(json, &read.rotate_degrees, err)) {
			return err_wrap(err, "options");
		}
	}
	read.fit = (enum fit)fit;
	read.intent = (enum intent)intent;
	*options = read;
	return true;
}

void recipe_make(const struct product *product, const struct media *media,
	const struct model *model, const struct model_media *on, const struct page_options *options,
	const char *asset_sha256, const char *engine, struct recipe *recipe)
{
	*recipe = (struct recipe){
		.product_version = product->version,
		.fit = product->may_fit && options->has_fit ? options->fit : product->fit,
		.intent = product->may_intent && options->has_intent ? options->intent
								     : product->intent,
		.rotate_degrees = product->may_rotate ? options->rotate_degrees : -1,
		.black_point = product->black_point,
		.sharpen_percent = product->sharpen_percent,
		.format = model->n_formats > 0 ? model->formats[0] : FORMAT_PWG,
	};
	if (product->may_crop && options->crop.given) {
		recipe->crop = options->crop;
	}
	text_copy(recipe->asset_sha256, sizeof recipe->asset_sha256, asset_sha256);
	text_copy(recipe->sku, sizeof recipe->sku, product->sku);
	text_copy(recipe->profile, sizeof recipe->profile, on->profile);
	text_copy(recipe->profile_sha256, sizeof recipe->profile_sha256, on->profile_sha256);
	text_copy(recipe->engine, sizeof recipe->engine, engine);
	recipe_place(product, media, model, on, recipe);
}

json_t *recipe_to_json(const struct recipe *recipe)
{
	json_t *json = json_pack("{s:s,s:s,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i}",
		"asset_sha256", recipe->asset_sha256, "sku", recipe->sku, "product_version",
		recipe->product_version, "width_px", recipe->width_px, "height_px",
		recipe->height_px, "x_dpi", recipe->x_dpi, "y_dpi", recipe->y_dpi, "picture_x_px",
		recipe->picture_x_px, "picture_y_px", recipe->picture_y_px, "picture_width_px",
		recipe->picture_width_px, "picture_height_px", recipe->picture_height_px,
		"bleed_px", recipe->bleed_px);
	json_t *more = json_pack("{s:s,s:i,s:s,s:b,s:i,s:s,s:s,s:s,s:s}", "fit", fits[recipe->fit],
		"rotate_degrees", recipe->rotate_degrees, "intent", intents[recipe->intent],
		"black_point", recipe->black_point, "sharpen_percent", recipe->sharpen_percent,
		"profile", recipe->profile, "profile_sha256", recipe->profile_sha256, "format",
		formats[recipe->format], "engine", recipe->engine);
	json_object_update(json, more);
	json_decref(more);
	if (recipe->crop.given) {
		json_object_set_new(json, "crop", crop_to_json(&recipe->crop));
	}
	layout_add(recipe, json);
	if (recipe->label.text[0] != '\0') {
		json_object_set_new(json, "label", recipe_label_to_json(&recipe->label));
	}
	return json;
}

bool recipe_need_numbers(
	const json_t *json, const struct recipe_number *numbers, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		int64_t value;
		if (!json_need_int(
			    json, numbers[i].key, numbers[i].least, numbers[i].most, &value, err)) {
			return false;
		}
		*numbers[i].out = (int32_t)value;
	}
	return true;
}

static bool take_geometry(const json_t *json, struct recipe *recipe, struct err *err)
{
	const struct recipe_number numbers[] = {
		{"width_px", 1, RECIPE_SIDE_PX_MAX, &recipe->width_px},
		{"height_px", 1, RECIPE_SIDE_PX_MAX, &recipe->height_px},
		{"x_dpi", 1, DPI_MAX, &recipe->x_dpi},
		{"y_dpi", 1, DPI_MAX, &recipe->y_dpi},
		{"picture_x_px", 0, RECIPE_SIDE_PX_MAX, &recipe->picture_x_px},
		{"picture_y_px", 0, RECIPE_SIDE_PX_MAX, &recipe->picture_y_px},
		{"picture_width_px", 1, RECIPE_SIDE_PX_MAX, &recipe->picture_width_px},
		{"picture_height_px", 1, RECIPE_SIDE_PX_MAX, &recipe->picture_height_px},
	};
	if (!recipe_need_numbers(json, numbers, COUNT_OF(numbers), err) ||
		!layout_take(json, recipe, err)) {
		return false;
	}
	return layout_is_inside(recipe, err);
}

static bool take_names(const json_t *json, struct recipe *recipe, struct err *err)
{
	bool fine = json_need_text(json, "asset_sha256", recipe->asset_sha256,
			    sizeof recipe->asset_sha256, err) &&
		    json_need_text(json, "sku", recipe->sku, sizeof recipe->sku, err) &&
		    json_need_text(json, "profile", recipe->profile, sizeof recipe->profile, err) &&
		    json_need_text(json, "profile_sha256", recipe->profile_sha256,
			    sizeof recipe->profile_sha256, err) &&
		    json_need_text(json, "engine", recipe->engine, sizeof recipe->engine, err);
	if (fine && (!hash_is_hex(recipe->asset_sha256) || !hash_is_hex(recipe->profile_sha256))) {
		fine = err_set(err, REMEDY_REJECT, "field",
			"\"asset_sha256\" and \"profile_sha256\" must be 64 hexadecimal digits");
	}
	return fine;
}

static bool take_policy(const json_t *json, struct recipe *recipe, struct err *err)
{
	int fit = FIT_FILL;
	int intent = INTENT_PERCEPTUAL;
	int format = FORMAT_PWG;
	bool found[3];
	if (!take_word(json, "fit", WORDS_FIT, &fit, &found[0], err) ||
		!take_word(json, "intent", WORDS_INTENT, &intent, &found[1], err) ||
		!take_word(json, "format", WORDS_FORMAT, &format, &found[2], err)) {
		return false;
	}
	if (!found[0] || !found[1] || !found[2]) {
		return err_set(err, REMEDY_REJECT, "field",
			"\"fit\", \"intent\" and \"format\" must be given");
	}
	recipe->fit = (enum fit)fit;
	recipe->intent = (enum intent)intent;
	recipe->format = (enum document_format)format;
	return take_rotation(json, &recipe->rotate_degrees, err) &&
	       json_take_bool(json, "black_point", &recipe->black_point, err) &&
	       json_take_int32(json, "sharpen_percent", 0, 200, &recipe->sharpen_percent, err) &&
	       json_take_int32(
		       json, "product_version", 0, INT32_MAX, &recipe->product_version, err) &&
	       json_take_int32(json, "bleed_px", 0, RECIPE_SIDE_PX_MAX, &recipe->bleed_px, err);
}

bool recipe_from_json(const json_t *json, struct recipe *recipe, struct err *err)
{
	struct recipe read = {.rotate_degrees = -1};
	json_t *label;
	if (!take_names(json, &read, err) || !take_geometry(json, &read, err) ||
		!take_policy(json, &read, err) || !crop_from_json(json, &read.crop, err) ||
		!json_take_object(json, "label", &label, err) ||
		(label != NULL && !recipe_label_from_json(label, &read, &read.label, err))) {
		return err_wrap(err, "recipe");
	}
	*recipe = read;
	return true;
}

void recipe_name(const struct recipe *recipe, char name[HASH_HEX_MAX])
{
	json_t *json = recipe_to_json(recipe);
	char *text = json_write(json);
	hash_hex_of(text, strlen(text), name);
	free(text);
	json_decref(json);
}
