/* SPDX-License-Identifier: Apache-2.0
 *
 * Rolls, the store room, forecasts.
 */
#include "ports/store_stock.h"
#include "ports/store_own.h"
#include <string.h>

/* ---- rolls at printers ---- */

void store_roll_open(struct store *store, struct roll *roll)
{
	roll->first_sheet = 0;
	db_one_int(store->db, &roll->first_sheet, "SELECT coalesce(max(row),0) FROM sheet", "");
	store_put(store,
		"INSERT INTO roll(printer, media, lot, nominal, opened, who, first_sheet, life,"
		" from_room) VALUES(?,?,?,?,?,?,?,nullif(?,-1),?)",
		"tttiitiii", roll->printer, roll->media, roll->lot, (int64_t)roll->nominal,
		roll->opened_wall_ms, roll->who, roll->first_sheet, roll->life,
		(int64_t)roll->from_room);
	roll->row = db_last_row(store->db);
}

bool store_roll_get(struct store *store, const char *printer, struct roll *roll)
{
	struct db_row *row = db_query(store->db,
		"SELECT row, media, lot, nominal, opened, who, first_sheet, coalesce(life,-1),"
		" from_room, empty, empty_used, state, told, told_word, told_recount, "
		"coalesce(empty_left,-1) FROM roll"
		" WHERE printer=? AND closed IS NULL",
		"t", printer);
	bool found = db_next(row);
	if (found) {
		*roll = (struct roll){.row = db_int(row, 0),
			.nominal = (int32_t)db_int(row, 3),
			.opened_wall_ms = db_int(row, 4),
			.first_sheet = db_int(row, 6),
			.life = db_int(row, 7),
			.from_room = db_int(row, 8) != 0,
			.empty_ms = db_int(row, 9),
			.empty_used = (int32_t)db_int(row, 10),
			.empty_left = (int32_t)db_int(row, 15),
			.told = (int32_t)db_int(row, 12),
			.told_recount = db_int(row, 14) != 0};
		text_copy(roll->printer, sizeof roll->printer, printer);
		text_copy(roll->media, sizeof roll->media, db_text(row, 1));
		text_copy(roll->lot, sizeof roll->lot, db_text(row, 2));
		text_copy(roll->who, sizeof roll->who, db_text(row, 5));
		text_copy(roll->state, sizeof roll->state, db_text(row, 11));
		text_copy(roll->told_word, sizeof roll->told_word, db_text(row, 13));
	}
	return store_read_end(store, row) && found;
}

void store_roll_save(struct store *store, const struct roll *roll)
{
	store_put(store,
		"UPDATE roll SET nominal=?, empty=?, empty_used=?, empty_left=nullif(?,-1), "
		"state=?,"
		" told=?, told_word=?, told_recount=? WHERE row=?",
		"iiiititii", (int64_t)roll->nominal, roll->empty_ms, (int64_t)roll->empty_used,
		(int64_t)roll->empty_left, roll->state, (int64_t)roll->told, roll->told_word,
		(int64_t)roll->told_recount, roll->row);
}

/* What the life counter says before the first sheet of the roll, less what it said when the roll
 * was put in: blank sheets of the change itself. */
static int64_t set_up_of(struct store *store, const struct roll *roll)
{
	int64_t first = 0;
	bool known =
		roll->life != COUNT_UNKNOWN &&
		db_one_int(store->db, &first,
			"SELECT nullif(json_extract(before,'$.life_count'),-1) FROM attempt"
			" JOIN attempt_sheet ON attempt=attempt.row WHERE sheet=(SELECT min(row)"
			" FROM sheet WHERE printer=? AND row>?)",
			"ti", roll->printer, roll->first_sheet);
	return known && first >= roll->life ? first - roll->life : COUNT_UNKNOWN;
}

void store_roll_close(
	struct store *store, const struct roll *roll, const struct roll_end *end, int64_t wall_ms)
{
	/* what became of its sheets stands in their rows, also of those still under way */
	store_put(store,
		"UPDATE roll SET closed=?, last_sheet=(SELECT coalesce(max(row),0) FROM sheet),"
		" set_up=nullif(?,-1), left=nullif(?,-1), left_said=?, life_end=nullif(?,-1)"
		" WHERE row=?",
		"iiiiii", wall_ms, set_up_of(store, roll), (int64_t)end->left,
		(int64_t)end->left_said, end->life, roll->row);
}

void store_roll_drop(struct store *store, int64_t row)
{
	store_put(store, "DELETE FROM forecast WHERE roll=?", "i", row);
	store_put(store, "DELETE FROM roll WHERE row=?", "i", row);
}

void store_roll_use(
	struct store *store, const struct roll *roll, int64_t late_since_ms, struct roll_use *use)
{
	struct db_row *row = db_query(store->db,
		"SELECT state, count(*), sum(at>=?3) FROM sheet WHERE printer=?1 AND row>?2"
		" GROUP BY state",
		"tii", roll->printer, roll->first_sheet, late_since_ms);
	*use = (struct roll_use){.late = 0};
	while (db_next(row)) {
		const char *state = db_text(row, 0);
		int32_t n = (int32_t)db_int(row, 1);
		if (strcmp(state, "delivered") == 0) {
			use->delivered = n;
			use->late += (int32_t)db_int(row, 2);
		} else if (strcmp(state, "spoiled") == 0) {
			use->spoiled = n;
			use->late += (int32_t)db_int(row, 2);
		} else if (strcmp(state, "unknown") == 0) {
			use->unknown = n;
		} else if (strcmp(state, "sent") == 0 || strcmp(state, "accepted") == 0) {
			use->pending += n;
		}
	}
	(void)store_read_end(store, row);
}

/* ---- the store room ---- */

void store_room_move(struct store *store, const struct room_move *move, int64_t wall_ms)
{
	store_put(store,
		"INSERT INTO room(at, who, what, media, lot, rolls, sheets, printer)"
		" VALUES(?,?,?,?,?,?,?,?)",
		"ittttiit", wall_ms, move->who, move->what, move->media, move->lot,
		(int64_t)move->rolls, (int64_t)move->sheets, move->printer);
}

int32_t store_room_rolls(struct store *store, const char *media, const char *lot)
{
	int64_t n = 0;
	db_one_int(store->db, &n,
		"SELECT coalesce(sum(rolls),0) FROM room WHERE media=?1 AND (?2 IS NULL OR lot=?2)",
		"tt", media, lot);
	return (int32_t)n;
}

int32_t store_room_sheets(struct store *store, const char *media, const char *lot)
{
	int64_t n = 0;
	db_one_int(store->db, &n,
		"SELECT sheets FROM room WHERE media=?1 AND sheets>0 ORDER BY lot=?2 DESC, row DESC"
		" LIMIT 1",
		"tt", media, lot);
	return (int32_t)n;
}

/* ---- forecasts ---- */

void store_forecast_add(struct store *store, int64_t roll_row, int64_t at_ms, int64_t runs_out_ms)
{
	store_put(store, "INSERT INTO forecast(roll, at, runs_out) VALUES(?,?,?)", "iii", roll_row,
		at_ms, runs_out_ms);
}

void store_forecast_end(struct store *store, int64_t roll_row, int64_t at_ms)
{
	store_put(store, "UPDATE forecast SET off_ms=?-runs_out WHERE roll=? AND off_ms IS NULL",
		"ii", at_ms, roll_row);
}

void store_forecast_void(struct store *store, int64_t roll_row)
{
	store_put(store, "DELETE FROM forecast WHERE roll=? AND off_ms IS NULL", "i", roll_row);
}

/* ---- sources that a person does not believe ---- */

void store_source_mark(struct store *store, const char *printer, const char *source,
	const char *who, const char *reason, int64_t wall_ms)
{
	store_put(store,
		"INSERT OR REPLACE INTO lying(printer, source, at, who, reason) VALUES(?,?,?,?,?)",
		"ttitt", printer, source, wall_ms, who, reason);
}

void store_source_unmark(struct store *store, const char *printer, const char *source)
{
	store_put(store, "DELETE FROM lying WHERE printer=? AND source=?", "tt", printer, source);
}

bool store_source_is_marked(struct store *store, const char *printer, const char *source)
{
	int64_t at = 0;
	return db_one_int(store->db, &at, "SELECT at FROM lying WHERE printer=? AND source=?", "tt",
		printer, source);
}
