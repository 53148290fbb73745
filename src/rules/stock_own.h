/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files about the figure share. Included by rules/stock*.c only. Gauges are those of
 * enum stock_source; readings and noises (variances) are in sheets.
 */
#pragma once
#include "rules/stock.h"

/* A share of a full roll, in sheets. */
double stock_share(const struct stock *stock, double share);
/* The figure is set anew, and what the gauges read too much is unknown again. */
void stock_set(struct stock *stock, double left, double deviation);
/* What was used since the last look, and the time that passed. */
void stock_predict(struct stock *stock, const struct stock_look *look);
/* Such a reading is no surprise. */
bool stock_fits(const struct stock *stock, int gauge, double read, double noise);
void stock_correct(struct stock *stock, int gauge, double read, double noise);
/* From reading to reading. */
double stock_noise(const struct stock *stock, int gauge);
