/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files about paper share. Included by farm/stock*.c only.
 */
#pragma once
#include "farm/own.h"
#include "farm/stock.h"

struct printer_stock {    /* beside each struct printer */
	struct roll roll; /* row 0: none is open */
	struct roll_use use;
	bool use_due; /* the ledger has moved since that was read */
	struct stock stock;
	bool believed;    /* stock is filled */
	int32_t carried;  /* sheets under way of the roll before when it was changed */
	bool other_paper; /* the printer says that another paper is in it */
	bool lying[STOCK_SOURCES];
	struct stock_reading weight; /* in sheets */
	int64_t weighed_ms;
	struct stock_look look;
	struct stock_figure figure;
	int32_t reckoned_left; /* whatever the printer says of its end */
	int32_t saved_left;
	int64_t forecast_ms; /* when one was noted last */
	bool forecast_open;  /* and waits for the end of the roll */
};

struct stock_floor {
	struct printer_stock *printers;
	double *due; /* prints of today's work, by printer */
	int64_t due_ms;
	bool due_known;
};

/* stock.c */
struct printer_stock *stock_at(const struct farm *farm, const struct printer *printer);
/* Only gathers what there is to know now. */
void stock_fill(struct farm *farm, const struct printer *printer);
/* After a person's word: it is told whatever it was before. */
void stock_tell_anew(struct farm *farm, const struct printer *printer);
/* stock_gauges.c: what the printer and the scale read, and how far that is to be believed. */
void stock_read(const struct farm *farm, const struct printer *printer, struct stock_look *look);
/* The tray with that paper, empty or not; NULL: none has it. */
const struct ready_media *stock_tray(
	const struct farm *farm, const struct printer *printer, const char *media);
bool stock_says_empty(const struct farm *farm, const struct printer *printer);
/* stock_due.c */
struct stock_forecast stock_expect(
	const struct farm *farm, const struct printer *printer, int32_t *due);
/* Keeps a forecast now and then, to be compared with what came. */
void stock_note_forecast(struct farm *farm, const struct printer *printer);
