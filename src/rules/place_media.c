/* SPDX-License-Identifier: Apache-2.0
 *
 * What a printer has loaded and which documents it takes, held against the catalogue.
 */
#include "rules/place.h"
#include "rules/sheet.h"
#include <string.h>

/* The heights of sheets that are asked for: of the media, or of what the product takes of it. */
static void heights_of(const struct printer *printer, const struct media *media,
	const struct product *product, int32_t *least_hmm, int32_t *most_hmm)
{
	const struct model_media *on = model_on(printer->model, media->name);
	*least_hmm = media->height_hmm;
	*most_hmm = media->height_most_hmm > 0 ? media->height_most_hmm : media->height_hmm;
	if (product != NULL && on != NULL) {
		*least_hmm = *most_hmm = sheet_of(product, media, on).height_hmm;
	}
}

bool printer_has(
	const struct printer *printer, const struct media *media, const struct product *product)
{
	const struct device_status *status = &printer->status;
	int32_t least_hmm;
	int32_t most_hmm;
	if (!status->says_ready) {
		return strcmp(printer->loaded, media->name) == 0;
	}
	heights_of(printer, media, product, &least_hmm, &most_hmm);
	for (int32_t i = 0; i < status->n_ready; i++) {
		if (status->ready[i].sheets_left != 0 &&
			ready_takes(&status->ready[i], media->width_hmm, least_hmm, most_hmm,
				media->type)) {
			return true;
		}
	}
	return false;
}

const struct media *printer_media(
	const struct printer *printer, const struct catalog *catalog, const char *wanted)
{
	const struct media *media = wanted == NULL ? NULL : catalog_media(catalog, wanted);
	if (media != NULL && printer_has(printer, media, NULL)) {
		return media;
	}
	for (int32_t i = 0; i < printer->model->n_media; i++) {
		media = catalog_media(catalog, printer->model->media[i].media);
		if (media != NULL && printer_has(printer, media, NULL)) {
			return media;
		}
	}
	return NULL;
}

/* ---- documents ---- */

bool printer_takes(const struct printer *printer, enum document_format *format)
{
	for (int32_t i = 0; i < printer->model->n_formats; i++) {
		if (printer->status.takes[printer->model->formats[i]]) {
			*format = printer->model->formats[i];
			return true;
		}
	}
	return false;
}

static bool all_take(const struct model *model, enum document_format format,
	const struct printer *printers, size_t n)
{
	enum document_format any;
	for (size_t p = 0; p < n; p++) {
		bool counts = printers[p].known && printers[p].model == model &&
			      printer_takes(&printers[p], &any);
		if (counts && !printers[p].status.takes[format]) {
			return false;
		}
	}
	return true;
}

enum document_format place_format(
	const struct model *model, const struct printer *printers, size_t n)
{
	enum document_format format = model->n_formats > 0 ? model->formats[0] : FORMAT_PWG;
	for (int32_t i = 0; i < model->n_formats; i++) {
		if (all_take(model, model->formats[i], printers, n)) {
			return model->formats[i];
		}
	}
	for (size_t p = 0; p < n; p++) {
		if (printers[p].known && printers[p].model == model &&
			printer_takes(&printers[p], &format)) {
			break;
		}
	}
	return format;
}
