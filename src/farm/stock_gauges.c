/* SPDX-License-Identifier: Apache-2.0
 *
 * What there is to read about the paper of one printer: its tray's count, the level of its ribbon
 * or paper, its life counter, the scale under its roll.
 */
#include "farm/stock_own.h"
#include <string.h>

#define WEIGHT_FRESH_MS (5 * MINUTE_MS)

const struct ready_media *stock_tray(
	const struct farm *farm, const struct printer *printer, const char *name)
{
	const struct device_status *status = &printer->status;
	const struct media *media = catalog_media(farm->catalog, name);
	for (int32_t i = 0; media != NULL && i < status->n_ready; i++) {
		int32_t most_hmm =
			media->height_most_hmm > 0 ? media->height_most_hmm : media->height_hmm;
		if (ready_takes(&status->ready[i], media->width_hmm, media->height_hmm, most_hmm,
			    media->type)) {
			return &status->ready[i];
		}
	}
	return NULL;
}

bool stock_says_empty(const struct farm *farm, const struct printer *printer)
{
	const struct ready_media *tray =
		stock_tray(farm, printer, stock_at(farm, printer)->roll.media);
	return printer->known && (device_has_reason(&printer->status, "media-empty") ||
					 (tray != NULL && tray->sheets_left == 0));
}

/* Paper and ribbon of a dye-sub are used up together, a sheet each. Ink says nothing of paper. */
static int32_t level_of(const struct device_status *status)
{
	for (int32_t i = 0; i < status->n_supplies; i++) {
		const struct supply *supply = &status->supplies[i];
		if (!supply->is_waste && strstr(supply->type, "ribbon") != NULL &&
			supply->left_percent >= 0) {
			return supply->left_percent;
		}
	}
	return COUNT_UNKNOWN;
}

static struct stock_reading read_one(const struct printer_stock *at, enum stock_source source,
	enum stock_trust trust, double value)
{
	bool absent = trust == STOCK_ABSENT || value < 0;
	return (struct stock_reading){absent              ? STOCK_ABSENT
				      : at->lying[source] ? STOCK_LYING
							  : trust,
		value};
}

void stock_read(const struct farm *farm, const struct printer *printer, struct stock_look *look)
{
	const struct printer_stock *at = stock_at(farm, printer);
	const struct device_status *status = &printer->status;
	const struct ready_media *tray = stock_tray(farm, printer, at->roll.media);
	/* what a printer said before it was lost is not what it would say now */
	enum stock_trust said = printer->known ? STOCK_FRESH : STOCK_STALE;
	bool old = farm_floor_ms(farm) - at->weighed_ms > WEIGHT_FRESH_MS;
	enum stock_trust weighed =
		at->weight.trust == STOCK_FRESH && old ? STOCK_STALE : at->weight.trust;
	look->said[STOCK_COUNTER] =
		read_one(at, STOCK_COUNTER, said, tray == NULL ? COUNT_UNKNOWN : tray->sheets_left);
	look->said[STOCK_LEVEL] = read_one(at, STOCK_LEVEL, said, level_of(status));
	look->said[STOCK_WEIGHT] = read_one(at, STOCK_WEIGHT, weighed, at->weight.value);
	look->said[STOCK_LIFE] = read_one(at, STOCK_LIFE,
		printer->model->has_counters ? said : STOCK_ABSENT, (double)status->life_count);
}

void farm_printer_weighed(struct farm *farm, const char *name, enum stock_trust trust,
	const struct stock_weight *weight)
{
	const struct printer *printer = printer_find(farm, name);
	struct stock_weight whole = *weight;
	if (printer == NULL || !farm->open) {
		return;
	}
	struct printer_stock *at = stock_at(farm, printer);
	const struct media *media = catalog_media(farm->catalog, at->roll.media);
	if (media != NULL && whole.width_hmm == 0) {
		whole.width_hmm = media->width_hmm;
		whole.height_hmm = media->height_hmm;
	}
	at->weight = (struct stock_reading){trust, stock_of_weight(&whole)};
	at->weighed_ms = farm_floor_ms(farm);
	stock_look_at(farm, printer);
}
