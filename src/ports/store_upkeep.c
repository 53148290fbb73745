/* SPDX-License-Identifier: Apache-2.0
 *
 * Maintenance: who did what at which printer, and what it has done since. A sign-off notes where
 * the attempts and the events stood, so that what came after them is counted from those tables.
 */
#include "ports/store_own.h"
#include <string.h>

/* A fault: a jam, or the stop of a printer after failures. */
#define FAULTS "type IN ('platen.printer.jam.v1','platen.printer.parked.v1')"

bool store_upkeep_get(
	struct store *store, const char *routine, const char *printer, struct upkeep_row *row)
{
	char subject[NAME_MAX_LEN + 8] = "printer/";
	strncat(subject, printer, NAME_MAX_LEN - 1);
	struct db_row *found = db_query(store->db,
		"SELECT at, who, note, coalesce(life,-1),"
		" (SELECT coalesce(sum(completed),0) FROM attempt"
		"  WHERE attempt.printer=m.printer AND attempt.row>m.attempt),"
		" (SELECT count(*) FROM event WHERE subject=? AND event.row>m.event AND " FAULTS ")"
		" FROM maintenance m WHERE printer=? AND routine=? ORDER BY row DESC LIMIT 1",
		"ttt", subject, printer, routine);
	bool is_known = db_next(found);
	if (is_known) {
		*row = (struct upkeep_row){.at_ms = db_int(found, 0),
			.life = db_int(found, 3),
			.prints = db_int(found, 4),
			.faults = db_int(found, 5)};
		text_copy(row->who, sizeof row->who, db_text(found, 1));
		text_copy(row->note, sizeof row->note, db_text(found, 2));
	}
	return store_read_end(store, found) && is_known;
}

void store_upkeep_add(
	struct store *store, const char *routine, const char *printer, const struct upkeep_row *row)
{
	store_put(store,
		"INSERT INTO maintenance(routine, printer, at, who, note, life, attempt, event)"
		" VALUES(?,?,?,?,?,nullif(?,-1),(SELECT coalesce(max(row),0) FROM attempt),"
		" (SELECT coalesce(max(row),0) FROM event))",
		"ttitti", routine, printer, row->at_ms, row->who, row->note, row->life);
}

void store_notices_each(struct store *store, const char *printer, int32_t most,
	store_each_notice *each, void *context)
{
	struct db_row *row = db_query(store->db,
		"SELECT at, reason FROM (SELECT row, at, reason FROM audit WHERE subject=? AND"
		" what='noticed' ORDER BY row DESC LIMIT ?) ORDER BY row",
		"ti", printer, (int64_t)most);
	while (db_next(row)) {
		each(context, db_int(row, 0), db_text(row, 1));
	}
	store_read_end(store, row);
}
