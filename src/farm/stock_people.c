/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do with paper: put a roll in, count what is left, say that a source lies, fill and
 * count the store room. Each leaves a row in the audit trail and tells the order service.
 */
#include "farm/stock_own.h"
#include <stdio.h>
#include <string.h>

#define MISTAKE_MS (15 * MINUTE_MS) /* a roll that nothing was printed on may be corrected */
#define SHEETS_MAX 100000
#define ROLLS_MAX  10000

static int64_t life_of(const struct printer *printer)
{
	bool counts = printer->known && printer->model->has_counters;
	return counts ? printer->status.life_count : COUNT_UNKNOWN;
}

/* ---- the store room ---- */

static void move(struct farm *farm, const struct room_move *move)
{
	struct store *store = farm->ports.store;
	store_room_move(store, move, farm_wall_ms(farm));
	outbox_stock(
		farm, json_pack("{ss ss ss si si ss}", "media", move->media, "lot", move->lot,
			      "what", move->what, "more", (int)move->rolls, "rolls",
			      (int)store_room_rolls(store, move->media, NULL), "by", move->who));
}

static bool take_rolls(const struct farm *farm, const struct farm_rolls *rolls, int32_t least,
	struct room_move *move, struct err *err)
{
	if (catalog_media(farm->catalog, rolls->media) == NULL) {
		return err_set(err, REMEDY_REJECT, "unknown-media",
			"no paper %s is known here: its name is that of a file in profiles/media",
			rolls->media);
	}
	if (rolls->rolls < least || rolls->rolls > ROLLS_MAX || rolls->sheets < 0 ||
		rolls->sheets > SHEETS_MAX) {
		return err_set(err, REMEDY_REJECT, "field",
			"rolls must be %d to %d, sheets on each at most %d", (int)least, ROLLS_MAX,
			SHEETS_MAX);
	}
	*move = (struct room_move){.rolls = rolls->rolls, .sheets = rolls->sheets, .printer = ""};
	text_copy(move->media, sizeof move->media, rolls->media);
	text_copy(move->lot, sizeof move->lot, rolls->lot == NULL ? "" : rolls->lot);
	return true;
}

static void note(struct farm *farm, const struct room_move *move, int32_t rolls)
{
	char words[160];
	snprintf(words, sizeof words, "%d %s%s%s", (int)rolls, rolls == 1 ? "roll" : "rolls",
		move->lot[0] != '\0' ? ", lot " : "", move->lot);
	store_audit(farm->ports.store, farm_wall_ms(farm), move->who,
		strcmp(move->what, "add") == 0 ? "stock add" : "stock count", move->media, words);
	log_info("stock", "%s %s %s by=%s", move->what, move->media, words, move->who);
}

bool farm_room_add(
	struct farm *farm, const struct farm_rolls *rolls, const char *who, struct err *err)
{
	struct room_move in;
	if (!take_rolls(farm, rolls, 1, &in, err)) {
		return false;
	}
	in.what = "add";
	in.who = who;
	move(farm, &in);
	note(farm, &in, rolls->rolls);
	return true;
}

bool farm_room_count(
	struct farm *farm, const struct farm_rolls *rolls, const char *who, struct err *err)
{
	struct room_move in;
	if (!take_rolls(farm, rolls, 0, &in, err)) {
		return false;
	}
	in.what = "count";
	in.who = who;
	in.rolls = rolls->rolls - store_room_rolls(farm->ports.store, in.media, rolls->lot);
	move(farm, &in);
	note(farm, &in, rolls->rolls);
	return true;
}

/* A roll of that lot, else one whose lot nobody said. */
static bool take_from_room(struct farm *farm, const struct roll *roll)
{
	struct store *store = farm->ports.store;
	struct room_move out = {
		.rolls = -1, .what = "open", .printer = roll->printer, .who = roll->who};
	memcpy(out.media, roll->media, sizeof out.media);
	const char *lots[] = {roll->lot, ""};
	for (int i = 0; i < 2; i++) {
		if (store_room_rolls(store, roll->media, lots[i]) > 0) {
			text_copy(out.lot, sizeof out.lot, lots[i]);
			move(farm, &out);
			return true;
		}
	}
	return false;
}

static void put_back(struct farm *farm, const struct roll *roll)
{
	struct room_move in = {
		.rolls = 1, .what = "back", .printer = roll->printer, .who = roll->who};
	memcpy(in.media, roll->media, sizeof in.media);
	memcpy(in.lot, roll->lot, sizeof in.lot);
	if (roll->from_room) {
		move(farm, &in);
	}
}

/* ---- a roll is changed ---- */

static bool was_a_mistake(const struct farm *farm, const struct printer_stock *at)
{
	const struct roll_use *use = &at->use;
	return use->delivered + use->spoiled + use->unknown + use->pending == 0 &&
	       farm_wall_ms(farm) - at->roll.opened_wall_ms < MISTAKE_MS;
}

static void close_roll(struct farm *farm, const struct printer *printer, int32_t left)
{
	struct printer_stock *at = stock_at(farm, printer);
	struct store *store = farm->ports.store;
	if (at->roll.row == 0) {
		return;
	}
	if (was_a_mistake(farm, at)) {
		put_back(farm, &at->roll);
		store_roll_drop(store, at->roll.row);
		return;
	}
	struct roll_end end = {.left = left, .left_said = left >= 0, .life = life_of(printer)};
	if (left < 0) {
		end.left = at->roll.empty_ms != 0 ? 0
			   : at->believed         ? at->figure.left
						  : COUNT_UNKNOWN;
	}
	store_roll_save(store, &at->roll);
	store_roll_close(store, &at->roll, &end, farm_wall_ms(farm));
}

static void open_roll(struct farm *farm, const struct printer *printer,
	const struct farm_load *load, const char *who)
{
	struct printer_stock *at = stock_at(farm, printer);
	struct store *store = farm->ports.store;
	struct roll roll = {.opened_wall_ms = farm_wall_ms(farm),
		.life = life_of(printer),
		.empty_left = COUNT_UNKNOWN};
	text_copy(roll.printer, sizeof roll.printer, printer->conf->name);
	text_copy(roll.media, sizeof roll.media, load->media);
	text_copy(roll.lot, sizeof roll.lot, load->lot);
	text_copy(roll.who, sizeof roll.who, who);
	roll.from_room = take_from_room(farm, &roll);
	roll.nominal =
		load->sheets >= 0 ? load->sheets : store_room_sheets(store, roll.media, roll.lot);
	store_roll_open(store, &roll);
	at->roll = roll;
	at->carried = at->use.pending;
	at->use = (struct roll_use){.late = 0};
	at->look = (struct stock_look){.used = 0};
	at->figure = (struct stock_figure){.left = 0};
	at->believed = at->forecast_open = false;
	at->forecast_ms = 0;
	farm->stock->due_known = false;
}

static void close_incident(
	struct farm *farm, const char *printer, const char *who, const char *note)
{
	struct err ignored;
	int64_t row = store_incident_row(farm->ports.store, printer, "stock-recount");
	if (row != 0) {
		(void)!farm_incident_close(farm, row, who, note, &ignored);
	}
}

void stock_loaded(struct farm *farm, const struct printer *printer, const struct farm_load *load,
	const char *who)
{
	close_roll(farm, printer, load->left);
	open_roll(farm, printer, load, who);
	close_incident(farm, printer->conf->name, who, "a roll was put in");
	stock_tell_anew(farm, printer);
}

/* ---- a count ---- */

/* Nobody has said what was put in; what the printer or a person says is loaded is taken for it. */
static bool need_roll(
	struct farm *farm, const struct printer *printer, const char *who, struct err *err)
{
	const char *name = printer->conf->name;
	const struct media *media = printer_media(printer, farm->catalog, printer->loaded);
	if (stock_at(farm, printer)->roll.row != 0) {
		return true;
	}
	if (media == NULL) {
		return err_set(err, REMEDY_REJECT, "wrong-media",
			"nobody knows which paper is in %s: platenctl printer %s load MEDIA "
			"--sheets N",
			name, name);
	}
	struct farm_load load = {.media = media->name,
		.lot = printer->lot,
		.sheets = COUNT_UNKNOWN,
		.left = COUNT_UNKNOWN};
	open_roll(farm, printer, &load, who);
	return true;
}

bool farm_printer_count(
	struct farm *farm, const char *name, int32_t sheets, const char *who, struct err *err)
{
	struct printer *printer;
	char words[64];
	if (!printer_need(farm, name, &printer, err)) {
		return false;
	}
	if (sheets < 0 || sheets > SHEETS_MAX) {
		return err_set(err, REMEDY_REJECT, "field", "sheets must be 0 to %d", SHEETS_MAX);
	}
	if (!need_roll(farm, printer, who, err)) {
		return false;
	}
	struct printer_stock *at = stock_at(farm, printer);
	stock_fill(farm, printer);
	at->roll.nominal = at->roll.nominal > sheets ? at->roll.nominal : sheets;
	at->stock.nominal = at->roll.nominal;
	snprintf(words, sizeof words, "%d sheets, %d by the figure", (int)sheets,
		at->believed ? (int)at->figure.left : COUNT_UNKNOWN);
	stock_count(&at->stock, sheets, &at->look);
	at->believed = true;
	at->roll.empty_ms = 0;
	printer_changed(farm, printer, who, "count", words);
	close_incident(farm, name, who, words);
	stock_tell_anew(farm, printer);
	return true;
}

/* ---- who is believed ---- */

bool farm_printer_trust(struct farm *farm, const char *name, const char *source_name, bool believed,
	const char *who, const char *reason, struct err *err)
{
	struct printer *printer;
	enum stock_source source;
	char words[256];
	if (!printer_need(farm, name, &printer, err)) {
		return false;
	}
	if (!stock_source_from_name(source_name, &source) || source == STOCK_LEDGER) {
		return err_set(err, REMEDY_REJECT, "field",
			"source must be counter, level, weight or life");
	}
	if (!believed && reason[0] == '\0') {
		return err_set(err, REMEDY_REJECT, "field",
			"say with a reason why %s's %s is not to be believed", name, source_name);
	}
	struct store *store = farm->ports.store;
	if (believed) {
		store_source_unmark(store, name, source_name);
	} else {
		store_source_mark(store, name, source_name, who, reason, farm_wall_ms(farm));
	}
	stock_at(farm, printer)->lying[source] = !believed;
	snprintf(words, sizeof words, "%s%s%.180s", source_name, reason[0] != '\0' ? ": " : "",
		reason);
	printer_changed(farm, printer, who, believed ? "trust" : "distrust", words);
	stock_look_at(farm, printer);
	return true;
}
