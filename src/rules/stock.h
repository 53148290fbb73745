/* SPDX-License-Identifier: Apache-2.0
 *
 * How much paper is left of a roll: one figure of all that speaks of it, how sure it is, and
 * whether somebody should count. docs/stock.md has the formulas.
 *
 * Gauges say what is left (the printer's own count, its level, a weight); each may be wrong by an
 * amount that changes slowly. The ledger and the printer's life counter say what was used. A
 * Kalman filter over the sheets left and the error of each gauge brings them together; what it
 * can't bring together is a disagreement, and after a few sheets somebody is asked to count.
 */
#pragma once
#include "base/err.h"
#include <stdint.h>

enum stock_source {
	STOCK_COUNTER, /* sheets left, as the printer counts them down */
	STOCK_LEVEL,   /* percent left, as the printer says of paper or ribbon */
	STOCK_WEIGHT,  /* sheets left by weight */
	STOCK_GAUGES,
	STOCK_LIFE = STOCK_GAUGES, /* prints that the printer ever made */
	STOCK_READ,
	STOCK_LEDGER = STOCK_READ, /* what platen handed over and saw come out */
	STOCK_SOURCES
};

enum stock_trust { STOCK_ABSENT, STOCK_FRESH, STOCK_STALE, STOCK_LYING };

struct stock_reading {
	enum stock_trust trust;
	double value; /* in the unit of its source */
};

struct stock_look { /* all there is to know at one time */
	int64_t now_ms;
	int32_t used;     /* of the roll, as the ledger has it */
	int32_t doubtful; /* of these: whether they came out, nobody knows */
	int32_t pending;  /* handed over besides: out or not */
	int32_t late;     /* of those used: a counter that lags may not show them yet */
	bool shared;      /* others print there, too */
	struct stock_reading said[STOCK_READ];
};

struct stock_gauge {
	double last;      /* its last reading; negative: none yet */
	double used_at;   /* sheets used when it was last made use of */
	int64_t seen_ms;  /* and the time */
	double mended;    /* what it read too much when somebody counted */
	double apart_at;  /* sheets used when it came apart; negative: it agrees */
	int64_t apart_ms; /* and the time */
	int32_t granule;  /* greatest common divisor of its readings */
	int32_t moves;    /* how often it changed */
	bool jumped;      /* it came apart at one stroke */
	bool cast_out;    /* it was far off when somebody counted */
};

#define STOCK_STATES (1 + STOCK_GAUGES)
struct stock {                     /* what is believed of one roll */
	double mean[STOCK_STATES]; /* sheets left; how much each gauge reads too much */
	double cov[STOCK_STATES][STOCK_STATES]; /* their covariance */
	double nominal;                         /* sheets of a full roll */
	double reckoned;  /* what somebody counted last, less what was used since */
	double used;      /* by the ledger and others together */
	double others;    /* of these: what the life counter has and the ledger has not */
	double life_zero; /* the life counter when nothing was used */
	double doubtful;
	double ledger_apart_at; /* as a gauge's */
	int64_t ledger_apart_ms, at_ms;
	struct stock_gauge gauges[STOCK_GAUGES];
	bool knows_life;
	bool recount;  /* somebody should count */
	bool followed; /* the gauges changed at one stroke, and the figure went with them */
};

struct stock_figure {
	int32_t left;       /* sheets; at least 0 */
	int32_t plus_minus; /* two standard deviations */
	double share;       /* how likely it is right within 2 % of a roll: 0..1 */
	bool recount;
	char why[ERR_TEXT_MAX]; /* which sources it rests on, and which were left out */
};

/* A roll of `nominal` sheets was put in. */
void stock_open(struct stock *stock, int32_t nominal, const struct stock_look *look);
/* A person has counted: that is the truth, and what gauges read besides is their error. */
void stock_count(struct stock *stock, int32_t sheets, const struct stock_look *look);
void stock_see(struct stock *stock, const struct stock_look *look);
/* It was out of paper and prints again, and nobody has said with what. */
void stock_refilled(struct stock *stock);
void stock_say(
	const struct stock *stock, const struct stock_look *look, struct stock_figure *figure);

/* "counter" "level" "weight" "life" "ledger" */
const char *stock_source_name(enum stock_source source);
bool stock_source_from_name(const char *name, enum stock_source *source);

/* For the store: all of it in one line of numbers. False when the text is none of these. */
#define STOCK_TEXT_MAX 1400
void stock_to_text(const struct stock *stock, char text[STOCK_TEXT_MAX]);
bool stock_from_text(const char *text, struct stock *stock);

struct stock_weight {
	double gross_g, tare_g, core_g; /* as weighed; of the holder; of the empty core */
	double grammage_g_m2;
	int32_t width_hmm, height_hmm; /* of a sheet */
};
/* Sheets of a roll by its weight; negative where the figures can't be true. */
double stock_of_weight(const struct stock_weight *weight);

struct stock_work { /* what a printer has to make today */
	int64_t now_ms;
	int32_t prints, ms_per_print;
};
struct stock_forecast {
	bool runs_out;       /* before today's work is done */
	int64_t at_ms;       /* when, printing without a pause */
	int32_t short_by;    /* prints of today's work that it lacks */
	int32_t least_short; /* the same if there is as much as there may be */
};
struct stock_forecast stock_forecast(
	const struct stock_figure *figure, const struct stock_work *work);
