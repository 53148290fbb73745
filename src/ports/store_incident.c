/* SPDX-License-Identifier: Apache-2.0
 *
 * Incidents: open until a person has looked and said what it was.
 */
#include "ports/store_own.h"
#include <string.h>

bool store_incident_add(struct store *store, struct incident *incident)
{
	int64_t open = 0;
	db_one_int(store->db, &open,
		"SELECT count(*) FROM incident WHERE closed IS NULL AND code=? AND printer=?"
		" AND coalesce(job,0)=?",
		"tti", incident->code, incident->printer, incident->job_row);
	if (open > 0) {
		return false;
	}
	store_put(store,
		"INSERT INTO incident(at, printer, job, attempt, code, text)"
		" VALUES(?,?,nullif(?,0),?,?,?)",
		"itittt", incident->wall_ms, incident->printer, incident->job_row,
		incident->attempt, incident->code, incident->text);
	incident->row = db_last_row(store->db);
	return true;
}

int64_t store_incident_row(struct store *store, const char *printer, const char *code)
{
	int64_t row = 0;
	db_one_int(store->db, &row,
		"SELECT row FROM incident WHERE closed IS NULL AND printer=? AND code=? LIMIT 1",
		"tt", printer, code);
	return row;
}

bool store_incident_is_open(struct store *store, const char *printer, const char *code)
{
	return store_incident_row(store, printer, code) != 0;
}

bool store_incident_get(struct store *store, int64_t row, struct incident *incident)
{
	struct db_row *found = db_query(store->db,
		"SELECT at, printer, job, attempt, code, text FROM incident"
		" WHERE row=? AND closed IS NULL",
		"i", row);
	bool is_open = db_next(found);
	if (is_open) {
		*incident = (struct incident){
			.row = row, .wall_ms = db_int(found, 0), .job_row = db_int(found, 2)};
		text_copy(incident->printer, sizeof incident->printer, db_text(found, 1));
		text_copy(incident->attempt, sizeof incident->attempt, db_text(found, 3));
		text_copy(incident->code, sizeof incident->code, db_text(found, 4));
		text_copy(incident->text, sizeof incident->text, db_text(found, 5));
	}
	return store_read_end(store, found) && is_open;
}

void store_incident_close(
	struct store *store, int64_t row, int64_t wall_ms, const char *who, const char *note)
{
	store_put(store,
		"UPDATE incident SET closed=?, who=?, note=? WHERE row=? AND closed IS NULL",
		"itti", wall_ms, who, note, row);
}
