/* SPDX-License-Identifier: Apache-2.0
 *
 * The sheet ledger: prints that are wanted, attempts that were made, and what came of them.
 * A print's row never changes once it is delivered or spoiled, but for a person's word that a
 * delivered one is waste; a spoiled one gets a successor.
 */
#include "ports/store_own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool store_prints_next(struct store *store, int64_t job_row, int32_t most, int32_t *page,
	int32_t *first_copy, int32_t *copies)
{
	struct db_row *row = db_query(store->db,
		"SELECT page, copy FROM print WHERE job=? AND state='planned' ORDER BY page, copy",
		"i", job_row);
	int32_t n = 0;
	while (n < most && db_next(row)) {
		int32_t at_page = (int32_t)db_int(row, 0);
		int32_t copy = (int32_t)db_int(row, 1);
		/* one attempt is one page, and its copies are neighbours */
		if (n > 0 && (at_page != *page || copy != *first_copy + n)) {
			break;
		}
		if (n == 0) {
			*page = at_page;
			*first_copy = copy;
		}
		n++;
	}
	*copies = n;
	return store_read_end(store, row) && n > 0;
}

/* The counter that stands in a sheet's row: prints of a dye-sub's life, else impressions. */
static int64_t counter_of(const struct witness *witness)
{
	if (!witness->read) {
		return COUNT_UNKNOWN;
	}
	return witness->life_count != COUNT_UNKNOWN ? witness->life_count : witness->impressions;
}

static char *witness_text(const struct witness *witness)
{
	json_t *json = witness_to_json(witness);
	char *text = json_write(json);
	json_decref(json);
	return text;
}

int64_t store_attempt_open(struct store *store, const struct job *job, int64_t wall_ms)
{
	const struct attempt *attempt = &job->attempt;
	char *before = witness_text(&attempt->before);
	store_put(store,
		"INSERT INTO attempt(key, job, number, page, first_copy, copies, printer, media,"
		" phase, before, begun) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
		"tiiiiitttti", attempt->key, job->row, (int64_t)job->attempts,
		(int64_t)attempt->page, (int64_t)attempt->first_copy, (int64_t)attempt->copies,
		job->printer, job->media, phase_name(attempt->phase), before, wall_ms);
	free(before);
	int64_t attempt_row = db_last_row(store->db);
	for (int32_t i = 0; i < attempt->copies; i++) {
		store_put(store,
			"INSERT INTO sheet(printer, media, lot, state, at, counter_before)"
			" VALUES(?1,?2,coalesce((SELECT lot FROM printer WHERE name=?1),''),"
			"'planned',?3,nullif(?4,-1))",
			"ttii", job->printer, job->media, wall_ms, counter_of(&attempt->before));
		int64_t sheet = db_last_row(store->db);
		store_put(store, "INSERT INTO attempt_sheet VALUES(?,?,?)", "iii", attempt_row,
			(int64_t)i, sheet);
		store_put(store,
			"INSERT INTO sheet_print SELECT ?, row FROM print WHERE job=? AND page=?"
			" AND copy=? AND state='planned'",
			"iiii", sheet, job->row, (int64_t)attempt->page,
			(int64_t)(attempt->first_copy + i));
	}
	return attempt_row;
}

void store_attempt_save(struct store *store, int64_t attempt_row, const struct attempt *attempt)
{
	store_put(store, "UPDATE attempt SET phase=?, device_job=?, device_job_uuid=? WHERE row=?",
		"titi", phase_name(attempt->phase), (int64_t)attempt->device_job,
		attempt->device_job_uuid, attempt_row);
}

/* The print and the sheet at one position of an attempt. */
static void move_at(struct store *store, int64_t attempt_row, int32_t position,
	enum print_state state, const char *evidence, int64_t wall_ms)
{
	const char *name = print_state_name(state);
	store_put(store,
		"UPDATE print SET state=?, evidence=?, at=? WHERE state NOT IN"
		" ('delivered','spoiled') AND row IN (SELECT print FROM sheet_print JOIN"
		" attempt_sheet USING(sheet) WHERE attempt=? AND position=?)",
		"ttiii", name, evidence, wall_ms, attempt_row, (int64_t)position);
	/* paper that was planned and never used is no sheet: its row says so */
	store_put(store,
		"UPDATE sheet SET state=?, evidence=?, at=? WHERE row IN"
		" (SELECT sheet FROM attempt_sheet WHERE attempt=? AND position=?)",
		"ttiii", state == PRINT_PLANNED ? "unused" : name, evidence, wall_ms, attempt_row,
		(int64_t)position);
}

void store_attempt_prints(struct store *store, int64_t attempt_row, enum print_state state)
{
	int64_t copies = 0;
	int64_t begun = 0;
	db_one_int(store->db, &copies, "SELECT copies FROM attempt WHERE row=?", "i", attempt_row);
	db_one_int(store->db, &begun, "SELECT begun FROM attempt WHERE row=?", "i", attempt_row);
	for (int32_t i = 0; i < copies; i++) {
		move_at(store, attempt_row, i, state, "none", begun);
	}
}

static void plan_successor(struct store *store, int64_t print_row, int64_t wall_ms)
{
	store_put(store,
		"INSERT INTO print(job, page, copy, state, successor_of, at)"
		" SELECT job, page, copy, 'planned', row, ? FROM print WHERE row=?",
		"ii", wall_ms, print_row);
}

static void plan_successor_at(
	struct store *store, int64_t attempt_row, int32_t position, int64_t wall_ms)
{
	int64_t print_row = 0;
	if (db_one_int(store->db, &print_row,
		    "SELECT print FROM sheet_print JOIN attempt_sheet USING(sheet)"
		    " WHERE attempt=? AND position=?",
		    "ii", attempt_row, (int64_t)position)) {
		plan_successor(store, print_row, wall_ms);
	}
}

static int32_t count(struct store *store, const char *sql, int64_t job_row)
{
	int64_t n = 0;
	db_one_int(store->db, &n, sql, "i", job_row);
	return (int32_t)n;
}

#define IS_REPLACED " AND row IN (SELECT successor_of FROM print WHERE job=?1)"
#define NOT_REPLACED                                                                               \
	" AND row NOT IN (SELECT successor_of FROM print WHERE job=?1 AND successor_of NOT NULL)"

void store_job_recount(struct store *store, struct job *job)
{
	job->delivered = count(
		store, "SELECT count(*) FROM print WHERE job=? AND state='delivered'", job->row);
	job->spoiled = count(
		store, "SELECT count(*) FROM print WHERE job=? AND state='spoiled'", job->row);
	job->unknown = count(store,
		"SELECT count(*) FROM print WHERE job=?1 AND state='unknown'" NOT_REPLACED,
		job->row);
	job->doubled = count(store,
		"SELECT count(*) FROM print WHERE job=?1 AND state='unknown'" IS_REPLACED,
		job->row);
}

void store_attempt_settle(struct store *store, struct job *job, const struct receipt *receipt,
	bool again, int64_t wall_ms)
{
	for (int32_t i = 0; i < job->attempt.copies; i++) {
		struct print_fate fate = ledger_settle(receipt, i);
		bool out = fate.state == PRINT_DELIVERED;
		move_at(store, job->attempt_row, i, fate.state,
			evidence_name(out ? receipt->evidence : EVIDENCE_NONE), wall_ms);
		if (fate.successor || (again && fate.state == PRINT_UNKNOWN)) {
			plan_successor_at(store, job->attempt_row, i, wall_ms);
		}
	}
	char *after = witness_text(&receipt->after);
	store_put(store,
		"UPDATE attempt SET after=?, verdict=?, completed=?, evidence=?, words=?, ended=?"
		" WHERE row=?",
		"ttittii", after, verdict_name(receipt->verdict), (int64_t)receipt->completed,
		evidence_name(receipt->evidence), receipt->text, wall_ms, job->attempt_row);
	free(after);
	store_put(store,
		"UPDATE sheet SET counter_after=nullif(?,-1) WHERE row IN"
		" (SELECT sheet FROM attempt_sheet WHERE attempt=?)",
		"ii", counter_of(&receipt->after), job->attempt_row);
	store_job_recount(store, job);
}

bool store_attempt_was_followed(struct store *store, int64_t attempt_row)
{
	int64_t row = 0;
	return db_one_int(store->db, &row,
		"SELECT row FROM attempt WHERE printer=(SELECT printer FROM attempt WHERE row=?1)"
		" AND row>?1 LIMIT 1",
		"i", attempt_row);
}

bool store_partial_get(struct store *store, int64_t job_row, struct partial *partial)
{
	struct db_row *row = db_query(store->db,
		"SELECT row, copies, completed, verdict FROM attempt WHERE job=?"
		" ORDER BY row DESC LIMIT 1",
		"i", job_row);
	bool is_partial = db_next(row) && strcmp(db_text(row, 3), "partial") == 0;
	if (is_partial) {
		*partial = (struct partial){
			db_int(row, 0), (int32_t)db_int(row, 1), (int32_t)db_int(row, 2)};
	}
	return store_read_end(store, row) && is_partial;
}

static void recount_at(struct store *store, const struct partial *partial, int32_t at,
	struct print_fate fate, int64_t wall_ms)
{
	const char *name = print_state_name(fate.state);
	const char *evidence = fate.state == PRINT_DELIVERED ? "operator" : "none";
	store_put(store,
		"UPDATE print SET state=?, evidence=?, at=? WHERE state<>?1 AND row IN (SELECT "
		"print"
		" FROM sheet_print JOIN attempt_sheet USING(sheet) WHERE attempt=? AND position=?)",
		"ttiii", name, evidence, wall_ms, partial->attempt_row, (int64_t)at);
	store_put(store,
		"UPDATE sheet SET state=?, evidence=?, at=? WHERE state<>?1 AND row IN"
		" (SELECT sheet FROM attempt_sheet WHERE attempt=? AND position=?)",
		"ttiii", name, evidence, wall_ms, partial->attempt_row, (int64_t)at);
	if (fate.successor) {
		plan_successor_at(store, partial->attempt_row, at, wall_ms);
	}
}

void store_partial_recount(struct store *store, struct job *job, const struct partial *partial,
	int32_t good, int64_t wall_ms)
{
	for (int32_t at = 0; at < partial->copies; at++) {
		struct print_fate fate = ledger_recount(partial->claimed, good, at);
		if (fate.state != PRINT_PLANNED) { /* that it is, and its sheet unused */
			recount_at(store, partial, at, fate, wall_ms);
		}
	}
	store_job_recount(store, job);
}

static bool read_witness(const char *text, struct witness *witness)
{
	struct err ignored;
	json_t *json = json_read(text, strlen(text), &ignored);
	bool fine = json != NULL && witness_from_json(json, witness, &ignored);
	json_decref(json);
	return fine;
}

bool store_attempt_past(
	struct store *store, const char *printer, int64_t attempt_row, struct agree_past *past)
{
	struct db_row *row = db_query(store->db,
		"SELECT key, copies, before, after, verdict, evidence, completed FROM attempt"
		" WHERE printer=? AND row<? ORDER BY row DESC LIMIT 1",
		"ti", printer, attempt_row);
	*past = (struct agree_past){.copies = 0};
	bool is_over = db_next(row) && !db_is_null(row, 3);
	if (is_over) {
		struct receipt *receipt = &past->receipt;
		text_copy(past->key, sizeof past->key, db_text(row, 0));
		past->copies = (int32_t)db_int(row, 1);
		receipt->completed = (int32_t)db_int(row, 6);
		is_over = read_witness(db_text(row, 2), &past->before) &&
			  read_witness(db_text(row, 3), &receipt->after) &&
			  verdict_from_name(db_text(row, 4), &receipt->verdict) &&
			  evidence_from_name(db_text(row, 5), &receipt->evidence);
	}
	return store_read_end(store, row) && is_over;
}

void store_prints_resolve(struct store *store, struct job *job, int32_t printed, int64_t wall_ms)
{
	for (int32_t i = 0;; i++) {
		int64_t print_row = 0;
		if (!db_one_int(store->db, &print_row,
			    "SELECT row FROM print WHERE job=?1 AND state='unknown'" NOT_REPLACED
			    " ORDER BY page, copy LIMIT 1",
			    "i", job->row)) {
			break;
		}
		bool out = i < printed;
		/* what did not come out is no waste either: it is wanted as before */
		store_put(store, "UPDATE print SET state=?, evidence=?, at=? WHERE row=?", "ttii",
			out ? "delivered" : "planned", out ? "operator" : "none", wall_ms,
			print_row);
		store_put(store,
			"UPDATE sheet SET state=?, evidence=?, at=? WHERE state='unknown' AND row"
			" IN (SELECT sheet FROM sheet_print WHERE print=?)",
			"ttii", out ? "delivered" : "unused", out ? "operator" : "none", wall_ms,
			print_row);
		if (store->broken) {
			break;
		}
	}
	store_job_recount(store, job);
}
