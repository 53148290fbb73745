/* SPDX-License-Identifier: Apache-2.0
 *
 * Marks of sensors, and the rooms of attempts.
 */
#include "ports/store_sensor.h"
#include "ports/store_own.h"

bool store_sensor_get(struct store *store, const char *name, struct sensor_row *out)
{
	struct db_row *row = db_query(
		store->db, "SELECT name, mark, simulated FROM sensor WHERE name=?", "t", name);
	bool found = db_next(row);
	if (found) {
		text_copy(out->name, sizeof out->name, db_text(row, 0));
		found = sensor_mark_from_name(db_text(row, 1), &out->mark);
		out->simulated = db_real(row, 2);
	}
	return store_read_end(store, row) && found;
}

void store_sensor_save(struct store *store, const struct sensor_row *row)
{
	store_put(store,
		"INSERT INTO sensor(name, mark, simulated) VALUES(?,?,?) ON CONFLICT DO UPDATE SET"
		" mark=excluded.mark, simulated=excluded.simulated",
		"ttd", row->name, sensor_mark_name(row->mark), row->simulated);
}

void store_room_add(struct store *store, int64_t attempt_row, const struct room_note *note)
{
	const char *measures = measure_name(note->sensor->measures);
	const char *unit = measure_unit(note->sensor->measures);
	const char *state = reading_state_name(note->state);
	if (note->has_figure) {
		store_put(store,
			"INSERT INTO attempt_room(attempt, sensor, measures, unit, state, figure,"
			" age_ms) VALUES(?,?,?,?,?,?,?)",
			"ittttdi", attempt_row, note->sensor->name, measures, unit, state,
			note->figure, note->age_ms);
	} else {
		store_put(store,
			"INSERT INTO attempt_room(attempt, sensor, measures, unit, state)"
			" VALUES(?,?,?,?,?)",
			"itttt", attempt_row, note->sensor->name, measures, unit, state);
	}
}
