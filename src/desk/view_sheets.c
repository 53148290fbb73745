/* SPDX-License-Identifier: Apache-2.0
 *
 * The sheet ledger of a job: each piece of paper that was planned for, what became of it, how that
 * is known, and who decided where somebody had to.
 */
#include "base/log.h"
#include "desk/view.h"

static json_t *count_json(struct db_row *row, int column)
{
	return db_is_null(row, column) ? json_null() : json_integer(db_int(row, column));
}

static json_t *decisions_json(struct view *view, int64_t sheet)
{
	struct err err;
	json_t *decisions = json_array();
	struct db_row *row = db_query(view_db(view),
		"SELECT audit.at, who, what, reason, was, state FROM decision JOIN audit ON"
		" audit=audit.row WHERE sheet=? ORDER BY decision.row",
		"i", sheet);
	while (db_next(row)) {
		json_array_append_new(decisions,
			json_pack("{so so so so ss ss}", "at", view_stamp(db_int(row, 0)), "who",
				view_text(db_text(row, 1)), "what", view_text(db_text(row, 2)),
				"reason", view_text(db_text(row, 3)), "was", db_text(row, 4),
				"state", db_text(row, 5)));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading decisions: %s", err.text);
	}
	return decisions;
}

static json_t *sheet_json(struct view *view, struct db_row *row)
{
	return json_pack("{sI sI sI sI ss ss ss ss ss so so so so so}", "sheet",
		(json_int_t)db_int(row, 0), "attempt", (json_int_t)db_int(row, 1), "page",
		(json_int_t)db_int(row, 2), "copy", (json_int_t)db_int(row, 3), "printer",
		db_text(row, 4), "media", db_text(row, 5), "lot", db_text(row, 6), "state",
		db_text(row, 7), "evidence", db_text(row, 8), "counter_before", count_json(row, 9),
		"counter_after", count_json(row, 10), "at", view_stamp(db_int(row, 11)),
		"decisions", decisions_json(view, db_int(row, 0)), "room",
		view_room_of(view, db_int(row, 12)));
}

json_t *view_sheets_of(struct view *view, int64_t job_row)
{
	struct err err;
	json_t *sheets = json_array();
	struct db_row *row = db_query(view_db(view),
		"SELECT sheet.row, number, print.page, copy, sheet.printer, sheet.media, lot,"
		" sheet.state, sheet.evidence, counter_before, counter_after, sheet.at, attempt.row"
		" FROM attempt JOIN attempt_sheet ON attempt_sheet.attempt=attempt.row"
		" JOIN sheet ON sheet.row=attempt_sheet.sheet"
		" JOIN sheet_print ON sheet_print.sheet=sheet.row"
		" JOIN print ON print.row=sheet_print.print WHERE attempt.job=? ORDER BY sheet.row",
		"i", job_row);
	while (db_next(row)) {
		json_array_append_new(sheets, sheet_json(view, row));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading sheets: %s", err.text);
	}
	return sheets;
}
