/* SPDX-License-Identifier: Apache-2.0
 *
 * What the gauges read of a roll, what to do with one that does not fit, and when somebody should
 * count. Numbers are shares of a full roll where the name ends in _SHARE.
 */
#include "rules/stock_own.h"
#include <math.h>

#define OPEN_SHARE     0.005 /* how exactly a maker fills a roll */
#define COUNT_SHEETS   1.0   /* how exactly a person counts */
#define LIMIT_SHARE    0.035 /* a source that is further off disagrees */
#define GRANULE_SHARE  0.10  /* coarser than that no gauge is believed to be */
#define CAST_OUT_SHARE 0.10  /* a gauge that is further off when somebody counts is no use */
#define RECOUNT_SHEETS 10    /* so long apart, or … */
#define RECOUNT_MS     600000
#define FOLLOW_SHEETS  3 /* so long apart after one stroke, and … */
#define FOLLOW_MS      60000
#define REST_MS        60000 /* between two looks at a gauge while nothing is printed */

static double square(double value)
{
	return value * value;
}

/* ---- what a gauge reads ---- */

static int32_t common_divisor(int32_t a, int32_t b)
{
	while (b != 0) {
		int32_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

static double unit_of(const struct stock *stock, int gauge)
{
	return gauge == STOCK_LEVEL ? stock->nominal / 100 : 1;
}

/* The step in which it counts, in sheets. A count is believed to be by ones until it has moved. */
static double granule_of(const struct stock *stock, int gauge)
{
	const struct stock_gauge *it = &stock->gauges[gauge];
	double most = stock_share(stock, GRANULE_SHARE);
	if (gauge == STOCK_WEIGHT) {
		return 0;
	}
	if (gauge == STOCK_COUNTER && it->moves == 0) {
		return 1;
	}
	double granule = it->granule * unit_of(stock, gauge);
	return granule < most ? granule : most;
}

static void learn_granule(struct stock_gauge *gauge, double value)
{
	int32_t whole = (int32_t)value;
	gauge->moves += gauge->last >= 0 && value != gauge->last; /* NOLINT: as it was read */
	gauge->granule = gauge->granule == 0 ? whole : common_divisor(gauge->granule, whole);
}

/* In sheets, less what it is known to read too much. A count that lags shows up to `late` too many;
 * of what is under way it may show all as used. */
static double sheets_of(const struct stock *stock, const struct stock_look *look, int gauge)
{
	double late = gauge == STOCK_WEIGHT ? 0 : look->late;
	return look->said[gauge].value * unit_of(stock, gauge) - (late - look->pending) / 2 -
	       stock->gauges[gauge].mended;
}

static double noise_of(const struct stock *stock, const struct stock_look *look, int gauge)
{
	double late = gauge == STOCK_WEIGHT ? 0 : look->late;
	return stock_noise(stock, gauge) +
	       (square(granule_of(stock, gauge)) + square(late + look->pending)) / 12;
}

static bool is_heard(const struct stock *stock, const struct stock_look *look, int gauge)
{
	return look->said[gauge].trust == STOCK_FRESH && !stock->gauges[gauge].cast_out;
}

static double allowed(const struct stock *stock, const struct stock_look *look, int gauge)
{
	double late = gauge == STOCK_WEIGHT ? 0 : look->late;
	return stock_share(stock, LIMIT_SHARE) + granule_of(stock, gauge) / 2 +
	       (late + look->pending) / 2;
}

static bool is_far(const struct stock *stock, const struct stock_look *look, int gauge, double from)
{
	return fabs(sheets_of(stock, look, gauge) - from) > allowed(stock, look, gauge);
}

/* From the figure, or from what the ledger reckons: the figure may lie half-way between. */
static bool is_apart(const struct stock *stock, const struct stock_look *look, int gauge)
{
	return is_far(stock, look, gauge, stock->mean[0]) ||
	       is_far(stock, look, gauge, stock->reckoned);
}

static void note_apart(struct stock *stock, const struct stock_look *look, int gauge, bool stroke)
{
	struct stock_gauge *it = &stock->gauges[gauge];
	if (!is_apart(stock, look, gauge)) {
		it->apart_at = -1;
		it->jumped = false;
	} else if (it->apart_at < 0) {
		it->apart_at = stock->used;
		it->apart_ms = look->now_ms;
		it->jumped = stroke;
	} else {
		it->jumped = it->jumped || stroke;
	}
}

/* It moved by more than what was used since its last reading, at one stroke. Keeps the reading. */
static bool has_jumped(struct stock *stock, const struct stock_look *look, int gauge)
{
	struct stock_gauge *it = &stock->gauges[gauge];
	double value = look->said[gauge].value;
	double moved = (value - it->last) * unit_of(stock, gauge) + stock->used - it->used_at;
	bool jumped = it->last >= 0 && fabs(moved) > allowed(stock, look, gauge);
	learn_granule(it, value);
	it->last = value;
	it->used_at = stock->used;
	it->seen_ms = look->now_ms;
	return jumped;
}

static void take_gauge(struct stock *stock, const struct stock_look *look, int gauge)
{
	bool jumped = has_jumped(stock, look, gauge);
	double read = sheets_of(stock, look, gauge);
	double noise = noise_of(stock, look, gauge);
	if (stock_fits(stock, gauge, read, noise)) {
		stock_correct(stock, gauge, read, noise);
	}
	note_apart(stock, look, gauge, jumped);
}

static bool has_news(const struct stock *stock, const struct stock_look *look, int gauge)
{
	const struct stock_gauge *it = &stock->gauges[gauge];
	return it->last < 0 || stock->used != it->used_at || look->said[gauge].value != it->last ||
	       look->now_ms - it->seen_ms >= REST_MS;
}

/* ---- disagreement ---- */

static bool stands(const struct stock *stock, const struct stock_look *look, double at, int64_t ms)
{
	return at >= 0 && (stock->used - at >= RECOUNT_SHEETS || look->now_ms - ms >= RECOUNT_MS);
}

static bool is_leaving(const struct stock *stock, const struct stock_look *look, int gauge)
{
	const struct stock_gauge *it = &stock->gauges[gauge];
	return is_heard(stock, look, gauge) && it->apart_at >= 0 && it->jumped &&
	       ((stock->used - it->apart_at >= FOLLOW_SHEETS &&
			look->now_ms - it->apart_ms >= FOLLOW_MS) ||
		       look->now_ms - it->apart_ms >= RECOUNT_MS);
}

/* Paper neither grows nor vanishes at one stroke: somebody has changed it and said nothing. Where
 * no gauge still agrees with the figure, it goes with those that jumped. */
static void follow_jump(struct stock *stock, const struct stock_look *look)
{
	bool leaving[STOCK_GAUGES];
	bool any = false;
	for (int gauge = 0; gauge < STOCK_GAUGES; gauge++) {
		leaving[gauge] = is_leaving(stock, look, gauge);
		any = any || leaving[gauge];
		if (is_heard(stock, look, gauge) && !is_far(stock, look, gauge, stock->mean[0])) {
			return;
		}
	}
	if (!any) {
		return;
	}
	stock_set(stock, stock->mean[0], stock->nominal);
	for (int gauge = 0; gauge < STOCK_GAUGES; gauge++) {
		if (leaving[gauge]) {
			stock_correct(stock, gauge, sheets_of(stock, look, gauge),
				noise_of(stock, look, gauge));
		}
	}
	stock->reckoned = stock->mean[0];
	for (int gauge = 0; gauge < STOCK_GAUGES; gauge++) {
		if (is_heard(stock, look, gauge)) {
			note_apart(stock, look, gauge, false);
		}
	}
	stock->recount = stock->followed = true;
}

static void judge(struct stock *stock, const struct stock_look *look)
{
	bool ledger_off = fabs(stock->reckoned - stock->mean[0]) >
			  stock_share(stock, LIMIT_SHARE) + look->pending;
	if (!ledger_off) {
		stock->ledger_apart_at = -1;
	} else if (stock->ledger_apart_at < 0) {
		stock->ledger_apart_at = stock->used;
		stock->ledger_apart_ms = look->now_ms;
	}
	stock->recount = stock->recount ||
			 stands(stock, look, stock->ledger_apart_at, stock->ledger_apart_ms);
	for (int gauge = 0; gauge < STOCK_GAUGES; gauge++) {
		const struct stock_gauge *it = &stock->gauges[gauge];
		stock->recount =
			stock->recount || (is_heard(stock, look, gauge) &&
						  stands(stock, look, it->apart_at, it->apart_ms));
	}
	/* it printed on when it should have been empty */
	stock->recount = stock->recount || stock->mean[0] < -stock_share(stock, OPEN_SHARE) - 1;
}

void stock_see(struct stock *stock, const struct stock_look *look)
{
	stock_predict(stock, look);
	for (int gauge = 0; gauge < STOCK_GAUGES; gauge++) {
		if (!is_heard(stock, look, gauge)) {
			stock->gauges[gauge].apart_at = -1;
			/* how much it says is not believed; that it changed may be true */
			stock->recount =
				stock->recount || (look->said[gauge].trust == STOCK_FRESH &&
							  has_jumped(stock, look, gauge));
		} else if (has_news(stock, look, gauge)) {
			take_gauge(stock, look, gauge);
		}
	}
	follow_jump(stock, look);
	judge(stock, look);
}

void stock_refilled(struct stock *stock)
{
	stock->recount = stock->followed = true;
}

/* ---- from the start ---- */

static void begin(struct stock *stock, double left, double deviation, const struct stock_look *look)
{
	stock->used = look->used;
	stock->others = 0;
	stock->knows_life = false;
	stock->doubtful = look->doubtful;
	stock->reckoned = left;
	stock->at_ms = look->now_ms;
	stock->ledger_apart_at = -1;
	stock->recount = stock->followed = false;
	stock_set(stock, left, deviation);
	for (int gauge = 0; gauge < STOCK_GAUGES; gauge++) {
		struct stock_gauge *it = &stock->gauges[gauge];
		int32_t granule = it->granule, moves = it->moves;
		*it = (struct stock_gauge){
			.last = -1, .apart_at = -1, .granule = granule, .moves = moves};
	}
}

void stock_open(struct stock *stock, int32_t nominal, const struct stock_look *look)
{
	stock->nominal = nominal > 1 ? nominal : 1;
	begin(stock, nominal, stock_share(stock, OPEN_SHARE), look);
	stock_see(stock, look);
}

void stock_count(struct stock *stock, int32_t sheets, const struct stock_look *look)
{
	stock->nominal = stock->nominal >= sheets ? stock->nominal : sheets;
	stock->nominal = stock->nominal > 1 ? stock->nominal : 1;
	begin(stock, sheets, COUNT_SHEETS, look);
	for (int gauge = 0; gauge < STOCK_GAUGES; gauge++) {
		struct stock_gauge *it = &stock->gauges[gauge];
		if (look->said[gauge].trust != STOCK_FRESH) {
			continue;
		}
		double off = sheets_of(stock, look, gauge) - sheets;
		it->cast_out = fabs(off) > stock_share(stock, CAST_OUT_SHARE);
		/* what is within its step is no error */
		it->mended = fabs(off) > granule_of(stock, gauge) ? off : 0;
	}
	stock_see(stock, look);
}
