/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the paper lasts: today's due work by printer, the forecast, and how far forecasts were
 * off. Work counts as today's when it is due before midnight here, or has no due time.
 */
#include "farm/stock_own.h"
#include <math.h>
#include <string.h>
#include <time.h>

#define DUE_FRESH_MS (1 * SECOND_MS)
#define NOTE_MS      (5 * MINUTE_MS)

static int64_t midnight_after(int64_t now_ms)
{
	time_t now = (time_t)(now_ms / SECOND_MS);
	struct tm local;
	localtime_r(&now, &local);
	local.tm_mday++;
	local.tm_hour = local.tm_min = local.tm_sec = 0;
	local.tm_isdst = -1;
	return (int64_t)mktime(&local) * SECOND_MS;
}

static bool is_on(const struct printer_stock *at, const struct product *product,
	const struct printer *printer)
{
	for (int32_t i = 0; at->roll.row != 0 && i < product->n_media; i++) {
		if (strcmp(product->media[i], at->roll.media) == 0) {
			return model_makes_on(printer->model, product, at->roll.media);
		}
	}
	return false;
}

/* Not bound to a printer yet: a fair part for each that has the paper. */
static void share_out(const struct farm *farm, const struct job *job, int32_t prints, double *due)
{
	const struct product *product = product_of(farm, job);
	int n = 0;
	for (int pass = 0; product != NULL && pass < 2; pass++) {
		for (size_t i = 0; i < farm->n_printers; i++) {
			const struct printer *printer = &farm->printers[i];
			if (is_on(&farm->stock->printers[i], product, printer)) {
				n += pass == 0;
				due[i] += pass == 1 ? (double)prints / n : 0;
			}
		}
	}
}

static void add_job(const struct farm *farm, const struct job *job, double *due)
{
	int32_t prints = job->prints - job->delivered;
	if (job->stage < AT_QUEUED || job->printer[0] == '\0') {
		share_out(farm, job, prints, due);
		return;
	}
	const struct printer *printer = printer_find(farm, job->printer);
	if (printer != NULL && strcmp(stock_at(farm, printer)->roll.media, job->media) == 0) {
		due[printer - farm->printers] += prints;
	}
}

static double due_of(const struct farm *farm, const struct printer *printer)
{
	struct stock_floor *floor = farm->stock;
	int64_t now_ms = farm_floor_ms(farm);
	if (!floor->due_known || now_ms - floor->due_ms >= DUE_FRESH_MS || now_ms < floor->due_ms) {
		int64_t midnight_ms = midnight_after(now_ms);
		size_t at = 0;
		memset(floor->due, 0, farm->n_printers * sizeof *floor->due);
		for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
			if (fj->job.stage < AT_PRINTED &&
				(fj->job.due_ms == 0 || fj->job.due_ms < midnight_ms)) {
				add_job(farm, &fj->job, floor->due);
			}
		}
		floor->due_ms = now_ms;
		floor->due_known = true;
	}
	return floor->due[printer - farm->printers];
}

struct stock_forecast stock_expect(
	const struct farm *farm, const struct printer *printer, int32_t *due)
{
	const struct printer_stock *at = stock_at(farm, printer);
	struct stock_work work = {.now_ms = farm_floor_ms(farm),
		.prints = (int32_t)lround(due_of(farm, printer)),
		.ms_per_print = printer->model->ms_per_print};
	*due = work.prints;
	return at->believed && !at->other_paper ? stock_forecast(&at->figure, &work)
						: (struct stock_forecast){.runs_out = false};
}

void stock_note_forecast(struct farm *farm, const struct printer *printer)
{
	struct printer_stock *at = stock_at(farm, printer);
	int64_t now_ms = farm_floor_ms(farm);
	int32_t due;
	if (at->roll.empty_ms != 0) {
		return;
	}
	struct stock_forecast forecast = stock_expect(farm, printer, &due);
	if (forecast.runs_out == at->forecast_open && now_ms - at->forecast_ms < NOTE_MS) {
		return;
	}
	at->forecast_ms = now_ms;
	if (forecast.runs_out) {
		store_forecast_add(farm->ports.store, at->roll.row, now_ms, forecast.at_ms);
	} else if (at->forecast_open) {
		store_forecast_void(farm->ports.store, at->roll.row);
	}
	at->forecast_open = forecast.runs_out;
}
