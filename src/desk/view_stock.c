/* SPDX-License-Identifier: Apache-2.0
 *
 * Paper: what is left at the printers and whether it lasts, the store room, the ledger of rolls.
 */
#include "base/log.h"
#include "desk/view.h"
#include "farm/stock.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- at a printer ---- */

/* Floor time as the clock on the wall shows it: "14:20", and the day where it is another. */
static const char *clock_of(const struct view *view, int64_t floor_ms, char out[32])
{
	int64_t now_ms = farm_wall_ms(view->farm);
	time_t now = (time_t)(now_ms / SECOND_MS);
	time_t at = (time_t)((floor_ms - farm_floor_ms(view->farm) + now_ms) / SECOND_MS);
	struct tm today, then;
	localtime_r(&now, &today);
	localtime_r(&at, &then);
	bool same = today.tm_yday == then.tm_yday && today.tm_year == then.tm_year;
	strftime(out, 32, same ? "%H:%M" : "%d %b %H:%M", &then);
	return out;
}

static json_t *say_forecast(const struct view *view, const struct farm_stock *stock)
{
	char at[32];
	const struct stock_forecast *forecast = &stock->forecast;
	if (!forecast->runs_out) {
		return stock->due > 0 ? json_sprintf("lasts for the %d prints that are due today",
						(int)stock->due)
				      : json_string("");
	}
	const char *prints = forecast->short_by == 1 ? "print" : "prints";
	if (stock->figure.left == 0) {
		return json_sprintf("has run out, %d %s short of today's due work",
			(int)forecast->short_by, prints);
	}
	return json_sprintf("runs out %s, %d %s short of today's due work",
		clock_of(view, forecast->at_ms, at), (int)forecast->short_by, prints);
}

static json_t *forecast_json(const struct view *view, const struct farm_stock *stock)
{
	const struct stock_forecast *forecast = &stock->forecast;
	int64_t wall_ms = forecast->at_ms - farm_floor_ms(view->farm) + farm_wall_ms(view->farm);
	wall_ms -= wall_ms % MINUTE_MS; /* by whole minutes: it moves with the clock */
	return json_pack("{si so si si so}", "due", (int)stock->due, "runs_out",
		forecast->runs_out ? view_stamp(wall_ms) : json_null(), "short_by",
		(int)forecast->short_by, "least_short", (int)forecast->least_short, "say",
		say_forecast(view, stock));
}

static json_t *lying_json(const struct farm_stock *stock)
{
	json_t *list = json_array();
	for (int source = 0; source < STOCK_SOURCES; source++) {
		if (stock->lying[source]) {
			json_array_append_new(
				list, json_string(stock_source_name((enum stock_source)source)));
		}
	}
	return list;
}

/* As each source says it, in whole units of its own, whatever is thought of it. */
static json_t *read_json(const struct farm_stock *stock)
{
	json_t *json = json_object();
	for (int source = 0; source < STOCK_READ; source++) {
		const struct stock_reading *said = &stock->look.said[source];
		json_object_set_new(json, stock_source_name((enum stock_source)source),
			said->trust != STOCK_ABSENT ? json_integer((json_int_t)said->value)
						    : json_null());
	}
	return json;
}

static json_t *say_left(const struct farm_stock *stock)
{
	const struct stock_figure *figure = &stock->figure;
	if (!stock->has_figure) {
		return json_string(stock->fault);
	}
	if (strcmp(stock->word, "empty") == 0) {
		return json_sprintf("empty%s", figure->recount ? ": count the paper" : "");
	}
	return json_sprintf("%d ± %d of %d sheets left%s", (int)figure->left,
		(int)figure->plus_minus, (int)stock->roll.nominal,
		figure->recount ? ": count the paper" : "");
}

static json_t *stock_json(const struct view *view, const struct farm_stock *stock)
{
	if (!stock->has_roll) {
		return json_null();
	}
	const struct stock_figure *figure = &stock->figure;
	const struct roll_use *use = &stock->use;
	bool has = stock->has_figure;
	json_t *json = json_pack("{ss ss sI so ss si ss sb so so}", "media", stock->roll.media,
		"lot", stock->roll.lot, "roll", (json_int_t)stock->roll.row, "opened",
		view_stamp(stock->roll.opened_wall_ms), "by", stock->roll.who, "of",
		(int)stock->roll.nominal, "state", stock->word, "recount", has && figure->recount,
		"sheets_left", has ? json_integer(figure->left) : json_null(), "plus_minus",
		has ? json_integer(figure->plus_minus) : json_null());
	json_object_set_new(json, "share", has ? json_real(figure->share) : json_null());
	json_object_set_new(json, "say", say_left(stock));
	json_object_set_new(json, "why", view_text(has ? figure->why : ""));
	json_object_set_new(json, "used",
		json_pack("{si si si si}", "prints", (int)use->delivered, "spoiled",
			(int)use->spoiled, "may_have_printed", (int)use->unknown, "under_way",
			(int)use->pending));
	json_object_set_new(json, "lying", lying_json(stock));
	json_object_set_new(json, "read", read_json(stock));
	json_object_set_new(json, "forecast", has ? forecast_json(view, stock) : json_null());
	return json;
}

json_t *view_stock_at(const struct view *view, const char *printer)
{
	struct farm_stock stock;
	farm_stock_of(view->farm, printer, &stock);
	return stock_json(view, &stock);
}

/* The lines for the floor at a glance: what runs out, what somebody should count. */
json_t *view_paper(struct view *view)
{
	size_t n;
	const struct printer *printers = farm_printers(view->farm, &n);
	json_t *lines = json_array();
	for (size_t i = 0; i < n; i++) {
		struct farm_stock stock;
		const char *name = printers[i].conf->name;
		farm_stock_of(view->farm, name, &stock);
		if (stock.has_figure && stock.forecast.runs_out) {
			json_t *say = say_forecast(view, &stock);
			json_array_append_new(
				lines, json_sprintf("%s %s", name, json_string_value(say)));
			json_decref(say);
		}
		if (stock.has_figure && stock.figure.recount) {
			json_array_append_new(lines,
				json_sprintf("%s: count the sheets that are left, then platenctl "
					     "printer %s count N",
					name, name));
		}
	}
	return lines;
}

/* ---- the store room and the ledger ---- */

static json_t *title_of(const struct view *view, const char *media)
{
	const struct media *found = catalog_media(farm_catalog(view->farm), media);
	return json_string(found != NULL ? found->title : media);
}

static void end_reading(struct db_row *row)
{
	struct err err;
	if (!db_end(row, &err)) {
		log_error("desk", "reading the stock: %s", err.text);
	}
}

static json_t *room_json(const struct view *view)
{
	json_t *list = json_array();
	struct db_row *row = db_query(view_db(view),
		"SELECT media, lot, sum(rolls), max(sheets) FROM room GROUP BY media, lot"
		" HAVING sum(rolls)<>0 ORDER BY media, lot",
		"");
	while (db_next(row)) {
		json_array_append_new(list,
			json_pack("{ss so ss sI so}", "media", db_text(row, 0), "title",
				title_of(view, db_text(row, 0)), "lot", db_text(row, 1), "rolls",
				(json_int_t)db_int(row, 2), "sheets",
				db_int(row, 3) > 0 ? json_integer(db_int(row, 3)) : json_null()));
	}
	end_reading(row);
	return list;
}

static json_t *number(struct db_row *row, int column)
{
	return db_is_null(row, column) ? json_null() : json_integer(db_int(row, column));
}

/* What a full roll, less what is left, should have been used for; what it was; and the rest. */
static json_t *roll_json(struct db_row *row)
{
	json_t *json = json_pack("{sI ss ss ss so ss so sI}", "roll", (json_int_t)db_int(row, 0),
		"printer", db_text(row, 1), "media", db_text(row, 2), "lot", db_text(row, 3),
		"opened", view_stamp(db_int(row, 4)), "by", db_text(row, 5), "closed",
		view_stamp(db_int(row, 6)), "of", (json_int_t)db_int(row, 7));
	static const char *const keys[] = {"prints", "spoiled", "may_have_printed", "set_up",
		"left", "left_said", "figure_off", "life"};
	for (int i = 0; i < (int)(sizeof keys / sizeof *keys); i++) {
		json_object_set_new(json, keys[i], number(row, 8 + i));
	}
	bool known = !db_is_null(row, 12) && db_int(row, 7) > 0;
	int64_t used = db_int(row, 8) + db_int(row, 9) + db_int(row, 10);
	int64_t expected = db_int(row, 7) - db_int(row, 12);
	json_object_set_new(json, "used", json_integer(used));
	json_object_set_new(json, "expected", known ? json_integer(expected) : json_null());
	json_object_set_new(json, "unexplained",
		known ? json_integer(expected - used - db_int(row, 11)) : json_null());
	return json;
}

/* Of the roll, in those states. */
#define SHEETS(states)                                                                             \
	"(SELECT count(*) FROM sheet WHERE sheet.printer=roll.printer AND sheet.row>first_sheet"   \
	" AND sheet.row<=last_sheet AND sheet.state" states ")"

static json_t *rolls_json(const struct view *view, int32_t limit)
{
	json_t *list = json_array();
	struct db_row *row = db_query(view_db(view),
		"SELECT row, printer, media, lot, opened, who, closed, "
		"nominal," SHEETS("='delivered'") "," SHEETS("='spoiled'") "," SHEETS(
			" IN "
			"('unknown','sent','"
			"accepted')") ", set_up, "
				      "left, "
				      "left_said, "
				      "empty_left,"
				      " life_end-"
				      "life FROM "
				      "roll"
				      " WHERE "
				      "closed NOT "
				      "NULL ORDER "
				      "BY row "
				      "DESC LIMIT "
				      "?",
		"i", (int64_t)limit);
	while (db_next(row)) {
		json_array_append_new(list, roll_json(row));
	}
	end_reading(row);
	return list;
}

/* How far off forecasts were whose roll has run out since, the last two hundred of them. */
static json_t *errors_json(const struct view *view)
{
	json_t *json = json_null();
	struct db_row *row = db_query(view_db(view),
		"SELECT count(*), avg(abs(off_ms))/1000.0, avg(abs(off_ms)*1.0/max(runs_out+off_ms-"
		"at,1)) FROM (SELECT * FROM forecast WHERE off_ms NOT NULL ORDER BY row DESC LIMIT"
		" 200)",
		"");
	if (db_next(row) && db_int(row, 0) > 0) {
		json = json_pack("{sI sf sf}", "n", (json_int_t)db_int(row, 0), "mean_off_s",
			db_real(row, 1), "mean_share", db_real(row, 2));
	}
	end_reading(row);
	return json;
}

json_t *view_stock(struct view *view, int32_t limit)
{
	size_t n;
	const struct printer *printers = farm_printers(view->farm, &n);
	json_t *at = json_array();
	for (size_t i = 0; i < n; i++) {
		const char *name = printers[i].conf->name;
		struct farm_stock stock;
		farm_stock_of(view->farm, name, &stock);
		json_array_append_new(at, json_pack("{ss so ss}", "name", name, "stock",
						  stock_json(view, &stock), "fault", stock.fault));
	}
	return json_pack("{so so so so}", "printers", at, "room", room_json(view), "rolls",
		rolls_json(view, limit), "forecasts", errors_json(view));
}
