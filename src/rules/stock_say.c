/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said of a roll: the figure, how sure it is, the sources it rests on; the forecast.
 */
#include "rules/stock.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define RIGHT_SHARE 0.02 /* "right" is within that share of a roll */
#define SURE_MOST   0.5  /* while somebody should count */

static const char *const names[STOCK_SOURCES] = {
	[STOCK_COUNTER] = "counter",
	[STOCK_LEVEL] = "level",
	[STOCK_WEIGHT] = "weight",
	[STOCK_LIFE] = "life",
	[STOCK_LEDGER] = "ledger",
};

static const char *const words[STOCK_SOURCES] = {
	[STOCK_COUNTER] = "the printer's count of sheets left",
	[STOCK_LEVEL] = "the level it gives",
	[STOCK_WEIGHT] = "the weight",
	[STOCK_LIFE] = "its counter of all prints",
	[STOCK_LEDGER] = "platen's ledger",
};

const char *stock_source_name(enum stock_source source)
{
	return names[source];
}

bool stock_source_from_name(const char *name, enum stock_source *source)
{
	for (int i = 0; i < STOCK_SOURCES; i++) {
		if (strcmp(names[i], name) == 0) {
			*source = (enum stock_source)i;
			return true;
		}
	}
	return false;
}

/* ---- the reason in words ---- */

struct line { /* grows; what does not fit is cut */
	char *text;
	size_t len;
};

static void add(struct line *line, const char *format, ...) formats(2, 3);
static void add(struct line *line, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int n = vsnprintf(line->text + line->len, ERR_TEXT_MAX - line->len, format, arguments);
	va_end(arguments);
	line->len += n > 0 ? (size_t)n : 0;
	line->len = line->len < ERR_TEXT_MAX ? line->len : ERR_TEXT_MAX - 1;
}

static const char *why_left_out(
	const struct stock *stock, const struct stock_look *look, int source)
{
	switch (look->said[source].trust) {
	case STOCK_STALE:
		return "has said nothing for too long";
	case STOCK_LYING:
		return "marked as lying";
	case STOCK_ABSENT:
	case STOCK_FRESH:
		break;
	}
	if (source < STOCK_GAUGES && look->said[source].trust == STOCK_FRESH) {
		return stock->gauges[source].cast_out        ? "was far off at the last count"
		       : stock->gauges[source].apart_at >= 0 ? "does not fit"
							     : NULL;
	}
	return NULL;
}

static void add_used(struct line *line, const struct stock *stock, const struct stock_look *look)
{
	add(line, "From %s", words[STOCK_LEDGER]);
	for (int source = 0; source < STOCK_READ; source++) {
		if (look->said[source].trust == STOCK_FRESH &&
			why_left_out(stock, look, source) == NULL) {
			add(line, ", %s", words[source]);
		}
	}
	if (stock->others >= 1) {
		add(line, " (%.0f sheets more than platen printed)", stock->others);
	}
}

static void add_left_out(
	struct line *line, const struct stock *stock, const struct stock_look *look)
{
	const char *before = "; left out: ";
	for (int source = 0; source < STOCK_READ; source++) {
		const char *why = why_left_out(stock, look, source);
		if (why != NULL) {
			add(line, "%s%s (%s)", before, words[source], why);
			before = ", ";
		}
	}
}

static double said_sheets(const struct stock *stock, const struct stock_look *look, int gauge)
{
	double value = look->said[gauge].value;
	return gauge == STOCK_LEVEL ? value * stock->nominal / 100 : value;
}

/* Who says what, so that a person knows where to look. */
static void add_dispute(struct line *line, const struct stock *stock, const struct stock_look *look)
{
	if (stock->followed) {
		add(line, "; the paper changed at one stroke and nobody said what was loaded");
	}
	for (int gauge = 0; gauge < STOCK_GAUGES; gauge++) {
		if (look->said[gauge].trust == STOCK_FRESH && stock->gauges[gauge].apart_at >= 0) {
			add(line, "; %s says %.0f", words[gauge], said_sheets(stock, look, gauge));
		}
	}
	if (stock->ledger_apart_at >= 0) {
		add(line, "; %s says %.0f", words[STOCK_LEDGER], stock->reckoned);
	}
}

void stock_say(
	const struct stock *stock, const struct stock_look *look, struct stock_figure *figure)
{
	double deviation = sqrt(stock->cov[0][0] > 0.01 ? stock->cov[0][0] : 0.01);
	double share = erf(RIGHT_SHARE * stock->nominal / (deviation * sqrt(2)));
	*figure = (struct stock_figure){.recount = stock->recount};
	figure->left = stock->mean[0] > 0 ? (int32_t)lround(stock->mean[0]) : 0;
	figure->plus_minus = (int32_t)ceil(2 * deviation);
	share = stock->recount && share > SURE_MOST ? SURE_MOST : share;
	figure->share = floor(share * 100) / 100; /* by hundredths: it moves with every look */
	struct line line = {.text = figure->why};
	add_used(&line, stock, look);
	add_left_out(&line, stock, look);
	if (stock->recount) {
		add_dispute(&line, stock, look);
	}
}

/* ---- weight ---- */

double stock_of_weight(const struct stock_weight *weight)
{
	double hmm_per_m = 100000;
	double sheet_g = weight->grammage_g_m2 * (weight->width_hmm / hmm_per_m) *
			 (weight->height_hmm / hmm_per_m);
	double paper_g = weight->gross_g - weight->tare_g - weight->core_g;
	if (sheet_g <= 0 || weight->tare_g < 0 || weight->core_g < 0) {
		return -1;
	}
	/* an empty core may weigh a little less than its label says */
	return paper_g >= 0 ? paper_g / sheet_g : paper_g > -weight->core_g / 10 ? 0 : -1;
}

/* ---- the forecast ---- */

struct stock_forecast stock_forecast(
	const struct stock_figure *figure, const struct stock_work *work)
{
	int32_t short_by = work->prints - figure->left;
	struct stock_forecast forecast = {.runs_out = short_by > 0};
	if (forecast.runs_out) {
		forecast.short_by = short_by;
		forecast.least_short =
			short_by > figure->plus_minus ? short_by - figure->plus_minus : 0;
		forecast.at_ms = work->now_ms + (int64_t)figure->left * (int64_t)work->ms_per_print;
	}
	return forecast;
}
