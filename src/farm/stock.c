/* SPDX-License-Identifier: Apache-2.0
 *
 * The paper in each printer: looked at whenever its sheets or what it says have changed; stored and
 * told upstream when that matters. What the figure is made of: rules/stock.c.
 */
#include "farm/stock_own.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

#define LOW_PERCENT  10 /* of a roll; below it is "low" */
#define FINE_PERCENT 12 /* and no more above this */
#define TELL_SHARE   20 /* a change by one such part of a roll is told */
#define SAVE_SHARE   100
#define POLLS_LATE   2 /* a status may be so many polls old */

struct printer_stock *stock_at(const struct farm *farm, const struct printer *printer)
{
	return &farm->stock->printers[printer - farm->printers];
}

/* ---- used ---- */

static void read_use(struct farm *farm, const struct printer *printer)
{
	struct printer_stock *at = stock_at(farm, printer);
	int64_t late_ms = printer->model->counter_lag_ms + POLLS_LATE * printer->conf->poll_ms;
	store_roll_use(farm->ports.store, &at->roll, farm_wall_ms(farm) - late_ms, &at->use);
	at->use_due = false;
}

void stock_fill(struct farm *farm, const struct printer *printer)
{
	struct printer_stock *at = stock_at(farm, printer);
	if (at->use_due || at->use.late > 0) {
		read_use(farm, printer);
	}
	at->look = (struct stock_look){.now_ms = farm_floor_ms(farm),
		.used = at->use.delivered + at->use.spoiled + at->use.unknown,
		.doubtful = at->use.unknown,
		.pending = at->use.pending,
		.late = at->use.late,
		.shared = !printer->conf->exclusive};
	stock_read(farm, printer, &at->look);
}

/* ---- what is told ---- */

static const char *word_of(
	const struct farm *farm, const struct printer *printer, const struct printer_stock *at)
{
	const struct stock_figure *figure = &at->figure;
	bool was_low = at->roll.told_word[0] != '\0' && strcmp(at->roll.told_word, "fine") != 0;
	if (stock_says_empty(farm, printer) || (figure->left == 0 && !figure->recount)) {
		return "empty";
	}
	int64_t percent = was_low ? FINE_PERCENT : LOW_PERCENT;
	return (int64_t)figure->left * 100 <= at->roll.nominal * percent ? "low" : "fine";
}

static json_t *facts_of(const struct printer_stock *at, const char *word)
{
	const struct stock_figure *figure = &at->figure;
	return json_pack("{ss ss sI ss si si si sf sb ss}", "media", at->roll.media, "lot",
		at->roll.lot, "roll", (json_int_t)at->roll.row, "state", word, "sheets_left",
		(int)figure->left, "plus_minus", (int)figure->plus_minus, "of",
		(int)at->roll.nominal, "share", figure->share, "recount", figure->recount, "why",
		figure->why);
}

static void tell(struct farm *farm, const struct printer *printer, const char *word)
{
	struct printer_stock *at = stock_at(farm, printer);
	const char *name = printer->conf->name;
	bool sinks = strcmp(word, "fine") != 0 && strcmp(word, at->roll.told_word) != 0;
	outbox_printer(farm, name, "stock_changed", facts_of(at, word));
	if (sinks) {
		outbox_printer(farm, name, "stock_low", facts_of(at, word));
		log_info(name, "paper is %s: %d of %d sheets left, lot=%s", word,
			(int)at->figure.left, (int)at->roll.nominal, at->roll.lot);
	}
	at->roll.told = at->figure.left;
	at->roll.told_recount = at->figure.recount;
	text_copy(at->roll.told_word, sizeof at->roll.told_word, word);
	offer_changed(farm);
}

static bool is_news(const struct printer_stock *at, const char *word)
{
	int32_t step = at->roll.nominal / TELL_SHARE;
	return strcmp(word, at->roll.told_word) != 0 ||
	       at->roll.told_recount != at->figure.recount ||
	       abs(at->figure.left - at->roll.told) >= (step > 0 ? step : 1);
}

static void ask_for_count(struct farm *farm, const struct printer *printer)
{
	struct err err;
	const struct printer_stock *at = stock_at(farm, printer);
	const char *name = printer->conf->name;
	err_set(&err, REMEDY_ATTEND, "stock-recount",
		"%s: count the sheets left on its roll, then platenctl printer %s count N; by the "
		"figures it is %d. %s",
		name, name, (int)at->figure.left, at->figure.why);
	incident_raise(farm, name, NULL, err.code, err.text);
}

/* ---- a look ---- */

/* What the printer says of its own end comes before what was reckoned. */
static void say(const struct farm *farm, const struct printer *printer)
{
	struct printer_stock *at = stock_at(farm, printer);
	if (!at->believed) {
		return;
	}
	stock_say(&at->stock, &at->look, &at->figure);
	at->reckoned_left = at->figure.left;
	if (stock_says_empty(farm, printer)) {
		struct err err;
		err_set(&err, REMEDY_ATTEND, "empty", "It says that it is out of paper. %s",
			at->figure.why);
		memcpy(at->figure.why, err.text, sizeof at->figure.why);
		at->figure.left = at->figure.plus_minus = 0;
	}
}

/* The printer says that it is out of paper: the end of the roll, whatever was reckoned. */
static void note_empty(struct farm *farm, const struct printer *printer)
{
	struct printer_stock *at = stock_at(farm, printer);
	bool says = stock_says_empty(farm, printer);
	if (says && at->roll.empty_ms == 0) {
		at->roll.empty_ms = farm_floor_ms(farm);
		at->roll.empty_used = at->look.used;
		/* what is under way has its paper already */
		int32_t left = at->reckoned_left - at->look.pending;
		at->roll.empty_left = !at->believed ? COUNT_UNKNOWN : left > 0 ? left : 0;
		store_forecast_end(farm->ports.store, at->roll.row, at->roll.empty_ms);
		at->forecast_open = false;
		at->saved_left = COUNT_UNKNOWN;
	} else if (!says && at->roll.empty_ms != 0 && at->look.used > at->roll.empty_used) {
		/* it was filled, and prints, and nobody has said with what */
		at->roll.empty_ms = 0;
		stock_refilled(&at->stock);
		say(farm, printer);
	}
}

static void save(struct farm *farm, struct printer_stock *at)
{
	if (at->believed) {
		stock_to_text(&at->stock, at->roll.state);
	}
	at->saved_left = at->figure.left;
	store_roll_save(farm->ports.store, &at->roll);
}

/* Without anybody's word of how many there are the printer's own is taken. */
static void believe(struct printer_stock *at)
{
	const struct stock_reading *counter = &at->look.said[STOCK_COUNTER];
	at->look.late += at->carried; /* the life counter will show them */
	if (at->roll.nominal > 0) {
		stock_open(&at->stock, at->roll.nominal, &at->look);
	} else if (counter->trust == STOCK_FRESH && counter->value >= 1) {
		at->roll.nominal = (int32_t)counter->value + at->look.used;
		at->stock = (struct stock){.nominal = at->roll.nominal};
		stock_count(&at->stock, (int32_t)counter->value, &at->look);
	} else {
		return;
	}
	at->believed = true;
	at->saved_left = COUNT_UNKNOWN;
}

/* A status comes every second: only what matters is written. */
static void tell_and_save(struct farm *farm, const struct printer *printer, int32_t used_before)
{
	struct printer_stock *at = stock_at(farm, printer);
	const char *word = word_of(farm, printer, at);
	bool news = is_news(at, word);
	if (at->figure.recount && !at->roll.told_recount) {
		ask_for_count(farm, printer);
	}
	if (news) {
		tell(farm, printer, word);
	}
	if (news || at->look.used != used_before || at->saved_left == COUNT_UNKNOWN ||
		abs(at->figure.left - at->saved_left) > at->roll.nominal / SAVE_SHARE) {
		save(farm, at);
	}
}

void stock_look_at(struct farm *farm, const struct printer *printer)
{
	struct printer_stock *at = stock_at(farm, printer);
	if (at->roll.row == 0) {
		return;
	}
	int32_t used_before = at->look.used;
	stock_fill(farm, printer);
	at->other_paper = printer->known && printer->status.says_ready &&
			  printer->status.n_ready > 0 &&
			  stock_tray(farm, printer, at->roll.media) == NULL;
	if (at->other_paper) {
		return;
	}
	if (!at->believed) {
		believe(at);
	} else {
		stock_see(&at->stock, &at->look);
	}
	say(farm, printer);
	note_empty(farm, printer);
	if (!at->believed) {
		return;
	}
	if (at->look.used != used_before) {
		stock_note_forecast(farm, printer);
	}
	tell_and_save(farm, printer, used_before);
}

void stock_moved(struct farm *farm, const char *name)
{
	const struct printer *printer = printer_find(farm, name);
	if (printer != NULL && stock_at(farm, printer)->roll.row != 0) {
		farm->stock->due_known = false;
		stock_at(farm, printer)->use_due = true;
		stock_look_at(farm, printer);
	}
}

/* ---- life ---- */

void stock_start(struct farm *farm)
{
	struct store *store = farm->ports.store;
	farm->stock = mem_new(1, sizeof *farm->stock);
	farm->stock->printers = mem_new(farm->n_printers, sizeof *farm->stock->printers);
	farm->stock->due = mem_new(farm->n_printers, sizeof *farm->stock->due);
	for (size_t i = 0; i < farm->n_printers; i++) {
		const struct printer *printer = &farm->printers[i];
		struct printer_stock *at = &farm->stock->printers[i];
		at->saved_left = COUNT_UNKNOWN;
		for (int source = 0; source < STOCK_SOURCES; source++) {
			at->lying[source] = store_source_is_marked(store, printer->conf->name,
				stock_source_name((enum stock_source)source));
		}
		if (!store_roll_get(store, printer->conf->name, &at->roll)) {
			continue;
		}
		at->use_due = true;
		stock_fill(farm, printer);
		at->believed = stock_from_text(at->roll.state, &at->stock);
		if (at->believed) {
			say(farm, printer);
			at->saved_left = at->figure.left;
		}
	}
}

void stock_free(struct farm *farm)
{
	if (farm->stock != NULL) {
		free(farm->stock->printers);
		free(farm->stock->due);
		free(farm->stock);
		farm->stock = NULL;
	}
}

/* ---- for the offer and the desk ---- */

bool stock_is_empty(const struct farm *farm, const struct printer *printer, const char *media)
{
	const struct printer_stock *at = stock_at(farm, printer);
	return at->roll.row != 0 && at->believed && !at->other_paper &&
	       strcmp(at->roll.media, media) == 0 && strcmp(at->roll.told_word, "empty") == 0;
}

int32_t stock_told(const struct farm *farm, const struct printer *printer)
{
	const struct printer_stock *at = stock_at(farm, printer);
	bool known = at->roll.row != 0 && at->believed && !at->other_paper;
	return known ? at->roll.told : COUNT_UNKNOWN;
}

void stock_tell_anew(struct farm *farm, const struct printer *printer)
{
	struct printer_stock *at = stock_at(farm, printer);
	at->roll.told_word[0] = '\0';
	at->roll.told_recount = false;
	at->saved_left = COUNT_UNKNOWN;
	stock_look_at(farm, printer);
}

static void put_fault(const struct printer_stock *at, const char *name, struct farm_stock *out)
{
	struct err err = {.text = ""};
	if (at->roll.row == 0) {
		err_set(&err, REMEDY_ATTEND, "no-roll",
			"nobody has said which roll is in it: platenctl printer %s load MEDIA "
			"--lot L --sheets N",
			name);
	} else if (at->other_paper) {
		err_set(&err, REMEDY_ATTEND, "other-paper",
			"the printer says that other paper is in it than %s: say what was loaded",
			at->roll.media);
	} else if (!at->believed) {
		err_set(&err, REMEDY_ATTEND, "no-count",
			"nobody has said how many sheets it had: platenctl printer %s count N",
			name);
	}
	memcpy(out->fault, err.text, sizeof out->fault);
}

void farm_stock_of(const struct farm *farm, const char *name, struct farm_stock *out)
{
	const struct printer *printer = printer_find(farm, name);
	*out = (struct farm_stock){.word = "unknown"};
	if (printer == NULL) {
		return;
	}
	const struct printer_stock *at = stock_at(farm, printer);
	out->has_roll = at->roll.row != 0;
	out->has_figure = out->has_roll && at->believed && !at->other_paper;
	out->roll = at->roll;
	out->use = at->use;
	out->look = at->look;
	memcpy(out->lying, at->lying, sizeof out->lying);
	put_fault(at, name, out);
	if (out->has_figure) {
		out->figure = at->figure;
		out->word = word_of(farm, printer, at);
		out->forecast = stock_expect(farm, printer, &out->due);
	}
}
