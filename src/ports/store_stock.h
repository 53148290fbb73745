/* SPDX-License-Identifier: Apache-2.0
 *
 * What the store keeps of paper: rolls that were opened at printers and what became of them, rolls
 * in the store room, forecasts and how far they were off, sources that a person has marked as
 * lying. docs/stock.md lists the columns.
 */
#pragma once
#include "ports/store.h"
#include "rules/stock.h"

struct roll {
	int64_t row;
	char printer[NAME_MAX_LEN], media[NAME_MAX_LEN], lot[65];
	int32_t nominal; /* sheets when it was new; 0: nobody said */
	int64_t opened_wall_ms;
	char who[64];
	int64_t first_sheet; /* the last row of table sheet before it */
	int64_t life;        /* the printer's life counter then; COUNT_UNKNOWN */
	bool from_room;      /* it was taken from the store room */
	int64_t empty_ms;   /* floor time at which the printer said it was out of paper; 0: never */
	int32_t empty_used; /* sheets used then */
	int32_t empty_left; /* and left by the figure: how far that was off */
	char state[STOCK_TEXT_MAX]; /* struct stock; "": nothing is believed of it yet */
	int32_t told;               /* sheets left, as the order service was told last */
	char told_word[9];          /* and with it: "fine" "low" "empty"; "": nothing */
	bool told_recount;
};

struct roll_use { /* sheets of it, by the ledger */
	int32_t delivered, spoiled, unknown, pending;
	int32_t late; /* of delivered and spoiled, since the time that was asked for */
};

struct roll_end {
	int32_t left;   /* sheets that were still on it */
	bool left_said; /* by a person; else as the figure says */
	int64_t life;   /* COUNT_UNKNOWN */
};

/* Sets roll->row and first_sheet. */
void store_roll_open(struct store *store, struct roll *roll);
/* The one that is open at that printer; false: none is. */
bool store_roll_get(struct store *store, const char *printer, struct roll *roll);
/* What changes while it is open: nominal, state, empty, told. */
void store_roll_save(struct store *store, const struct roll *roll);
void store_roll_close(
	struct store *store, const struct roll *roll, const struct roll_end *end, int64_t wall_ms);
/* It was opened by mistake: nothing of it was used. */
void store_roll_drop(struct store *store, int64_t row);
void store_roll_use(
	struct store *store, const struct roll *roll, int64_t late_since_ms, struct roll_use *use);

struct room_move {
	char media[NAME_MAX_LEN], lot[65];
	int32_t rolls;       /* more, or (negative) fewer */
	int32_t sheets;      /* on each; 0: nobody said */
	const char *what;    /* "add" "count" "open" "back" */
	const char *printer; /* "": none */
	const char *who;
};

void store_room_move(struct store *store, const struct room_move *move, int64_t wall_ms);
/* Unopened rolls; lot NULL: of all lots. */
int32_t store_room_rolls(struct store *store, const char *media, const char *lot);
/* Sheets on a roll of that lot, else of that media, as somebody said last; 0: nobody did. */
int32_t store_room_sheets(struct store *store, const char *media, const char *lot);

void store_forecast_add(struct store *store, int64_t roll_row, int64_t at_ms, int64_t runs_out_ms);
/* It has run out: all forecasts of it that are open are compared with that. */
void store_forecast_end(struct store *store, int64_t roll_row, int64_t at_ms);
/* It won't run out any more: those that are open mean nothing. */
void store_forecast_void(struct store *store, int64_t roll_row);

void store_source_mark(struct store *store, const char *printer, const char *source,
	const char *who, const char *reason, int64_t wall_ms);
void store_source_unmark(struct store *store, const char *printer, const char *source);
bool store_source_is_marked(struct store *store, const char *printer, const char *source);
