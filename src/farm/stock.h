/* SPDX-License-Identifier: Apache-2.0
 *
 * Paper: what is left at each printer and how sure that is, whether it lasts for today's work, the
 * ledger of rolls, and the unopened ones in the store room. docs/stock.md says how.
 *
 * A roll is opened by a person (farm_printer_load). From then on every print that is settled and
 * every status of the printer is looked at; what changes goes upstream in the same transaction.
 */
#pragma once
#include "farm/farm.h"
#include "ports/store_stock.h"

/* ---- for the desk ---- */
struct farm_stock {
	bool has_roll; /* somebody said what was loaded; else nothing below is known */
	bool has_figure;
	struct roll roll;
	struct roll_use use;
	struct stock_figure figure;
	const char *word;         /* "fine" "low" "empty"; "unknown" without a figure */
	char fault[ERR_TEXT_MAX]; /* why there is no figure; "" */
	int32_t due;              /* prints of today's work on this paper here */
	struct stock_forecast forecast;
	bool lying[STOCK_SOURCES]; /* marked by a person */
	struct stock_look look;    /* what there was to read last */
};
void farm_stock_of(const struct farm *farm, const char *printer, struct farm_stock *out);

/* ---- what people do ---- */
/* So many are left on the roll that is in it. */
must_use bool farm_printer_count(
	struct farm *farm, const char *printer, int32_t sheets, const char *who, struct err *err);
/* A source is believed, or not; without believing it a reason is needed. */
must_use bool farm_printer_trust(struct farm *farm, const char *printer, const char *source,
	bool believed, const char *who, const char *reason, struct err *err);

struct farm_rolls { /* unopened, in the store room */
	const char *media;
	const char *lot; /* NULL: none was said */
	int32_t rolls;
	int32_t sheets; /* on each; 0: nobody said */
};
must_use bool farm_room_add(
	struct farm *farm, const struct farm_rolls *rolls, const char *who, struct err *err);
/* So many there are. Without a lot: of all lots together, and what differs is of no known lot. */
must_use bool farm_room_count(
	struct farm *farm, const struct farm_rolls *rolls, const char *who, struct err *err);

/* ---- what sensors say ---- */
/* The roll of that printer was weighed; sizes that are 0 are those of its paper. */
void farm_printer_weighed(struct farm *farm, const char *printer, enum stock_trust trust,
	const struct stock_weight *weight);

/* ---- inside the farm ---- */
void stock_start(struct farm *farm);
void stock_free(struct farm *farm);
/* Its sheets have changed, or it has said something. */
void stock_moved(struct farm *farm, const char *printer);
/* After each status of it. */
void stock_look_at(struct farm *farm, const struct printer *printer);
/* A person has said what was put in. */
void stock_loaded(struct farm *farm, const struct printer *printer, const struct farm_load *load,
	const char *who);
/* The roll of that paper in it is known to be used up. */
bool stock_is_empty(const struct farm *farm, const struct printer *printer, const char *media);
/* Sheets left, as the order service was told last; COUNT_UNKNOWN. */
int32_t stock_told(const struct farm *farm, const struct printer *printer);
