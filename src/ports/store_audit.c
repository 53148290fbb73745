/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail: append-only, each row's hash covers the row before. What people decided is tied
 * to its sheets here, too.
 *
 *  1. Opening takes over the rows of an older store, or finds the last row.
 *  2. store_audit links a new row to it and notes the new head in the table meta, so that a trail
 *     whose end was cut off is known by it.
 *
 * Ways it fails: as every write does. A trail that was edited stops nothing: it is said.
 */
#include "ports/store_own.h"
#include "wire/audit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_TEXT_MAX (HASH_HEX_MAX + 24)

static void append(struct store *store, int64_t at, const char *who, const char *what,
	const char *subject, const char *reason)
{
	struct audit_head *head = &store->head;
	struct db_row *text =
		db_query(store->db, "SELECT " AUDIT_TEXT("?1", "?2", "?3", "?4", "?5", "?6"),
			"iitttt", head->row + 1, at, who, what, subject, reason);
	if (db_next(text)) {
		audit_link(head->hash, db_text(text, 0), head->hash);
		head->row++;
	}
	store_read_end(store, text);
	store_put(store, "INSERT INTO audit VALUES(?,?,?,?,?,?,?)", "iittttt", head->row, at, who,
		what, subject, reason, head->hash);
}

static void note_head(struct store *store)
{
	char text[HEAD_TEXT_MAX];
	snprintf(text, sizeof text, "%lld %s", (long long)store->head.row, store->head.hash);
	store_meta_set(store, "audit_head", text);
}

int64_t store_audit(struct store *store, int64_t wall_ms, const char *who, const char *what,
	const char *subject, const char *reason)
{
	append(store, wall_ms, who, what, subject, reason);
	note_head(store);
	return store->head.row;
}

void store_audit_head(const struct store *store, struct audit_head *head)
{
	*head = store->head;
}

const char *store_audit_fault(const struct store *store)
{
	return store->trail_fault;
}

/* ---- opening ---- */

void audit_find_head(struct store *store)
{
	struct audit_head *head = &store->head;
	head->row = 0;
	text_copy(head->hash, sizeof head->hash, store->id);
	struct db_row *row =
		db_query(store->db, "SELECT row, hash FROM audit ORDER BY row DESC LIMIT 1", "");
	if (db_next(row)) {
		head->row = db_int(row, 0);
		text_copy(head->hash, sizeof head->hash, db_text(row, 1));
	}
	store_read_end(store, row);
}

static bool has_older_rows(struct store *store)
{
	int64_t n = 0;
	db_one_int(
		store->db, &n, "SELECT count(*) FROM sqlite_schema WHERE name='audit_before'", "");
	return n > 0;
}

/* Rows from before there was a chain; in the transaction of the opening, so all or none. */
static void take_over(struct store *store)
{
	struct db_row *row = db_query(store->db,
		"SELECT at, who, what, subject, reason FROM audit_before ORDER BY row", "");
	while (db_next(row)) {
		append(store, db_int(row, 0), db_text(row, 1), db_text(row, 2), db_text(row, 3),
			db_text(row, 4));
	}
	store_read_end(store, row);
	store_put(store, "DROP TABLE audit_before", "");
	if (store->head.row > 0) {
		note_head(store);
	}
}

/* The end of the trail against what was noted when its last row was written. */
static void check_end(struct store *store)
{
	char noted[HEAD_TEXT_MAX] = "", found[HEAD_TEXT_MAX];
	const struct audit_head *head = &store->head;
	snprintf(found, sizeof found, "%lld %s", (long long)head->row, head->hash);
	bool was_noted = store_meta_get(store, "audit_head", noted, sizeof noted);
	if (was_noted ? strcmp(noted, found) != 0 : head->row != 0) {
		snprintf(store->trail_fault, sizeof store->trail_fault,
			"the audit trail ends at row %lld, but its end was noted as row %.*s: rows "
			"were cut off or changed outside platen; see `platenctl audit verify`",
			(long long)head->row, (int)strcspn(noted, " "), was_noted ? noted : "0");
	}
}

void audit_open(struct store *store)
{
	audit_find_head(store);
	if (has_older_rows(store)) {
		take_over(store);
	} else {
		check_end(store);
	}
}

/* ---- decisions ---- */

void store_decision_begin(struct store *store, int64_t audit_row, int64_t job_row)
{
	store_put(store,
		"INSERT INTO decision(audit, sheet, was, state) SELECT ?1, sheet.row, sheet.state,"
		" sheet.state FROM attempt JOIN attempt_sheet ON attempt=attempt.row JOIN sheet ON"
		" sheet.row=sheet WHERE job=?2 AND (state='unknown' OR attempt.row=(SELECT row FROM"
		" attempt WHERE job=?2 AND verdict='partial' AND row=(SELECT max(row) FROM attempt"
		" WHERE job=?2)))",
		"ii", audit_row, job_row);
}

void store_decision_end(struct store *store, int64_t audit_row)
{
	store_put(store,
		"UPDATE decision SET state=(SELECT state FROM sheet WHERE row=sheet) WHERE audit=?",
		"i", audit_row);
}
