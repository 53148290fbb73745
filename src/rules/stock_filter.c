/* SPDX-License-Identifier: Apache-2.0
 *
 * The Kalman filter over the sheets left and the error of each gauge: prediction by what was used,
 * correction by what is read. docs/stock.md has it as formulas.
 */
#include "rules/stock_own.h"
#include <math.h>

#define HOUR_MS 3600000.0

#define SHEET_VARIANCE 0.01   /* one sheet in a hundred is used, or not, without the ledger */
#define DOUBT_VARIANCE 0.25   /* came out or not, one as likely as the other */
#define LEAK_SHARE     0.0005 /* an hour, by nobody knows whom */
#define SHARED_SHARE   0.01   /* an hour, where others print and no life counter tells */
#define GATE           4.0    /* standard deviations; beyond, a reading corrects nothing */

static const struct { /* of each gauge, in shares of a roll */
	double prior; /* how wrong it may be from the start */
	double walk;  /* how much more in an hour */
	double noise; /* from reading to reading */
} traits[STOCK_GAUGES] = {
	[STOCK_COUNTER] = {0.005, 0.0002, 0.0005},
	[STOCK_LEVEL] = {0.01, 0.0005, 0.001},
	[STOCK_WEIGHT] = {0.015, 0.004, 0.003},
};

static double square(double value)
{
	return value * value;
}

double stock_share(const struct stock *stock, double share)
{
	return share * stock->nominal;
}

/* ---- the filter ---- */

static void forget_bias(struct stock *stock, int gauge)
{
	int at = 1 + gauge;
	for (int i = 0; i < STOCK_STATES; i++) {
		stock->cov[at][i] = stock->cov[i][at] = 0;
	}
	stock->mean[at] = 0;
	stock->cov[at][at] = square(stock_share(stock, traits[gauge].prior));
}

void stock_set(struct stock *stock, double left, double deviation)
{
	stock->mean[0] = left;
	for (int i = 0; i < STOCK_STATES; i++) {
		stock->cov[0][i] = stock->cov[i][0] = 0;
	}
	stock->cov[0][0] = square(deviation);
	for (int gauge = 0; gauge < STOCK_GAUGES; gauge++) {
		forget_bias(stock, gauge);
	}
}

static double variance_of(const struct stock *stock, int gauge, double noise)
{
	int at = 1 + gauge;
	return stock->cov[0][0] + 2 * stock->cov[0][at] + stock->cov[at][at] + noise;
}

static double surprise_of(const struct stock *stock, int gauge, double read)
{
	return read - stock->mean[0] - stock->mean[1 + gauge];
}

bool stock_fits(const struct stock *stock, int gauge, double read, double noise)
{
	return square(surprise_of(stock, gauge, read)) <=
	       square(GATE) * variance_of(stock, gauge, noise);
}

double stock_noise(const struct stock *stock, int gauge)
{
	return square(stock_share(stock, traits[gauge].noise));
}

/* read = left + bias + noise */
void stock_correct(struct stock *stock, int gauge, double read, double noise)
{
	double gain[STOCK_STATES], seen[STOCK_STATES];
	double variance = variance_of(stock, gauge, noise);
	double surprise = surprise_of(stock, gauge, read);
	for (int i = 0; i < STOCK_STATES; i++) {
		seen[i] = stock->cov[0][i] + stock->cov[1 + gauge][i];
		gain[i] = seen[i] / variance;
		stock->mean[i] += gain[i] * surprise;
	}
	for (int i = 0; i < STOCK_STATES; i++) {
		for (int k = 0; k < STOCK_STATES; k++) {
			stock->cov[i][k] -= gain[i] * seen[k];
		}
	}
}

/* ---- what was used ---- */

static void learn_life(struct stock *stock, const struct stock_look *look)
{
	const struct stock_reading *life = &look->said[STOCK_LIFE];
	if (life->trust != STOCK_FRESH) {
		return;
	}
	double ahead = life->value - stock->life_zero - (look->used + look->pending);
	/* it went back, or by more than a roll: another machine, or an exchanged part */
	bool is_other = ahead < -stock->nominal || ahead > stock->others + stock->nominal;
	if (!stock->knows_life || is_other) {
		stock->life_zero = life->value + look->late - look->used - stock->others;
		stock->knows_life = true;
		return;
	}
	if (ahead > stock->others) {
		stock->others = ahead; /* somebody else's, or blank sheets after a change */
	}
}

void stock_predict(struct stock *stock, const struct stock_look *look)
{
	double hours = (double)(look->now_ms - stock->at_ms) / HOUR_MS;
	hours = hours > 0 ? hours : 0;
	learn_life(stock, look);
	double used = look->used + stock->others;
	double moved = used - stock->used;
	double doubts = look->doubtful - stock->doubtful;
	bool untold = look->shared && look->said[STOCK_LIFE].trust != STOCK_FRESH;
	stock->mean[0] -= moved;
	stock->reckoned -= moved;
	stock->cov[0][0] += fabs(moved) * SHEET_VARIANCE +
			    (doubts > 0 ? doubts : 0) * DOUBT_VARIANCE +
			    hours * square(stock_share(stock, untold ? SHARED_SHARE : LEAK_SHARE));
	for (int gauge = 0; gauge < STOCK_GAUGES; gauge++) {
		stock->cov[1 + gauge][1 + gauge] +=
			hours * square(stock_share(stock, traits[gauge].walk));
	}
	stock->used = used;
	stock->doubtful = look->doubtful;
	stock->at_ms = look->now_ms;
}
