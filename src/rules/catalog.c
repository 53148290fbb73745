/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking names up in the catalogue. The lists are short; a walk is enough.
 */
#include "rules/catalog.h"
#include <string.h>

const struct product *catalog_product(const struct catalog *catalog, const char *sku)
{
	for (int32_t i = 0; i < catalog->n_products; i++) {
		if (strcmp(catalog->products[i].sku, sku) == 0) {
			return &catalog->products[i];
		}
	}
	return NULL;
}

const struct media *catalog_media(const struct catalog *catalog, const char *name)
{
	for (int32_t i = 0; i < catalog->n_media; i++) {
		if (strcmp(catalog->media[i].name, name) == 0) {
			return &catalog->media[i];
		}
	}
	return NULL;
}

const struct model *catalog_model(const struct catalog *catalog, const char *name)
{
	for (int32_t i = 0; i < catalog->n_models; i++) {
		if (strcmp(catalog->models[i].name, name) == 0) {
			return &catalog->models[i];
		}
	}
	return NULL;
}

const struct printer_conf *catalog_printer(const struct catalog *catalog, const char *name)
{
	for (int32_t i = 0; i < catalog->n_printers; i++) {
		if (strcmp(catalog->printers[i].name, name) == 0) {
			return &catalog->printers[i];
		}
	}
	return NULL;
}

const struct model_media *model_on(const struct model *model, const char *media)
{
	for (int32_t i = 0; i < model->n_media; i++) {
		if (strcmp(model->media[i].media, media) == 0) {
			return &model->media[i];
		}
	}
	return NULL;
}

bool model_is_counted_by_hand(const struct model *model)
{
	return model->folder.n_ticket > 0;
}

bool model_can_make(const struct model *model, const struct product *product)
{
	bool back = !product->back_print_needed || model->back.lines > 0;
	/* where every print is in doubt until it was counted, "again" would mean all of them */
	bool asks = !model_is_counted_by_hand(model) || product->duplicates == DUPLICATES_HOLD;
	return back && asks;
}

bool model_makes_on(const struct model *model, const struct product *product, const char *media)
{
	return model_on(model, media) != NULL && model_can_make(model, product);
}

const char *fit_name(enum fit fit)
{
	static const char *const names[] = {"fill", "fit", "none"};
	return names[fit];
}

const char *intent_name(enum intent intent)
{
	static const char *const names[] = {"perceptual", "relative", "saturation", "absolute"};
	return names[intent];
}

const char *duplicates_name(enum duplicates duplicates)
{
	static const char *const names[] = {"hold", "release", "reprint"};
	return names[duplicates];
}

const char *format_name(enum document_format format)
{
	static const char *const names[FORMAT_COUNT] = {"pwg", "jpeg", "urf"};
	return names[format];
}

const char *format_media_type(enum document_format format)
{
	static const char *const names[FORMAT_COUNT] = {
		"image/pwg-raster", "image/jpeg", "image/urf"};
	return names[format];
}
