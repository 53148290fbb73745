/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the store share. Included by store*.c only.
 */
#pragma once
#include "ports/store.h"

struct store {
	struct db *db;
	char id[ULID_MAX];
	int64_t generation;
	bool broken; /* a write or read of this turn failed; fault says how */
	struct err fault;
	struct audit_head head; /* the last row of the audit trail */
	char trail_fault[ERR_TEXT_MAX];
};

/* store_schema.c */
extern const char *const store_migrations[];
extern const int store_n_migrations;

/* One write of the turn; kinds as db_run's. */
void store_put(struct store *store, const char *sql, const char *kinds, ...);
/* Ends a query; a failure is remembered as a failed write is. */
bool store_read_end(struct store *store, struct db_row *row);

/* store_audit.c: finds the head at opening, having chained what an older store brought. */
void audit_open(struct store *store);
void audit_find_head(struct store *store);
