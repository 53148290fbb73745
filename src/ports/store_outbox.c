/* SPDX-License-Identifier: Apache-2.0
 *
 * The outbox: events in the same transaction as the change they tell of, numbered 1, 2, 3 … for
 * each subject, and release calls that the cloud has not confirmed.
 */
#include "ports/store_own.h"
#include "base/mem.h"

void store_event_add(struct store *store, int64_t job_row, const struct event_row *event)
{
	store_put(store,
		"INSERT INTO event(subject, sequence, id, job, type, epoch, attempt, time,"
		" traceparent, data) VALUES(?1,(SELECT coalesce(max(sequence),0)+1 FROM event"
		" WHERE subject=?1),?2,nullif(?3,0),?4,?5,?6,?7,?8,?9)",
		"ttitiittt", event->subject, event->id, job_row, event->type, event->epoch,
		event->attempt, event->time, event->traceparent, event->data);
	store->told = true;
}

size_t store_events_pending(struct store *store, struct event_row *events, size_t most)
{
	struct db_row *row = db_query(store->db,
		"SELECT row, subject, sequence, id, type, epoch, attempt, time, traceparent, data"
		" FROM event WHERE acked=0 AND refused IS NULL ORDER BY row LIMIT ?",
		"i", (int64_t)most);
	size_t n = 0;
	while (n < most && db_next(row)) {
		struct event_row *event = &events[n++];
		*event = (struct event_row){.row = db_int(row, 0), .sequence = db_int(row, 2)};
		text_copy(event->subject, sizeof event->subject, db_text(row, 1));
		text_copy(event->id, sizeof event->id, db_text(row, 3));
		text_copy(event->type, sizeof event->type, db_text(row, 4));
		event->epoch = db_int(row, 5);
		event->attempt = db_int(row, 6);
		text_copy(event->time, sizeof event->time, db_text(row, 7));
		text_copy(event->traceparent, sizeof event->traceparent, db_text(row, 8));
		event->data = mem_text(db_text(row, 9));
	}
	store_read_end(store, row);
	return n;
}

void store_event_acked(struct store *store, const char *id)
{
	store_put(store, "UPDATE event SET acked=1 WHERE id=?", "t", id);
}

void store_events_unack(struct store *store, const char *subject, int64_t from)
{
	store_put(store, "UPDATE event SET acked=0, refused=NULL WHERE subject=? AND sequence>=?",
		"ti", subject, from);
}

void store_event_refused(struct store *store, const char *id, const char *code)
{
	store_put(store, "UPDATE event SET refused=? WHERE id=?", "tt", code, id);
}

bool store_event_is_refused(struct store *store, const char *subject, int64_t sequence)
{
	int64_t n = 0;
	return db_one_int(store->db, &n,
		"SELECT 1 FROM event WHERE subject=? AND sequence=? AND refused NOT NULL", "ti",
		subject, sequence);
}

int64_t store_events_last(struct store *store, const char *subject)
{
	int64_t last = 0;
	db_one_int(
		store->db, &last, "SELECT max(sequence) FROM event WHERE subject=?", "t", subject);
	return last;
}

int64_t store_events_count(struct store *store, const char *subject, bool only_pending)
{
	int64_t n = 0;
	db_one_int(store->db, &n,
		"SELECT count(*) FROM event WHERE subject=? AND (?=0 OR (acked=0 AND refused IS "
		"NULL))",
		"ti", subject, (int64_t)only_pending);
	return n;
}

void store_call_add(struct store *store, const char *key, const struct release_ask *ask)
{
	store_put(store,
		"INSERT INTO call(key, job, epoch, reason, detail, retry, later_s)"
		" VALUES(?,?,?,?,?,?,?)",
		"ttittii", key, ask->job, ask->epoch, ask->reason, ask->detail, (int64_t)ask->retry,
		ask->later_s);
}

bool store_call_next(struct store *store, struct call_row *call)
{
	struct db_row *row = db_query(store->db,
		"SELECT row, key, job, epoch, reason, detail, retry, later_s FROM call"
		" ORDER BY row LIMIT 1",
		"");
	bool found = db_next(row);
	if (found) {
		*call = (struct call_row){.row = db_int(row, 0)};
		text_copy(call->key, sizeof call->key, db_text(row, 1));
		text_copy(call->ask.job, sizeof call->ask.job, db_text(row, 2));
		call->ask.epoch = db_int(row, 3);
		text_copy(call->ask.reason, sizeof call->ask.reason, db_text(row, 4));
		text_copy(call->ask.detail, sizeof call->ask.detail, db_text(row, 5));
		call->ask.retry = (enum release_retry)db_int(row, 6);
		call->ask.later_s = db_int(row, 7);
	}
	return store_read_end(store, row) && found;
}

void store_call_done(struct store *store, const char *key)
{
	store_put(store, "DELETE FROM call WHERE key=?", "t", key);
}

bool store_call_has(struct store *store, const char *job, int64_t epoch)
{
	int64_t n = 0;
	return db_one_int(store->db, &n, "SELECT 1 FROM call WHERE job=? AND epoch=? LIMIT 1", "ti",
		job, epoch);
}
