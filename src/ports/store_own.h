/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the store share. Included by store*.c only.
 */
#pragma once
#include "ports/store.h"

#define STORE_MARKS_MAX 2

struct store_mark { /* store_mark.c */
	int fd;
	bool failed; /* the last write did */
	char path[300];
};

struct store {
	struct db *db;
	char id[ULID_MAX];
	int64_t generation;
	bool broken; /* a write or read of this turn failed; fault says how */
	struct err fault;
	struct audit_head head; /* the last row of the audit trail */
	char trail_fault[ERR_TEXT_MAX];
	struct store_mark marks[STORE_MARKS_MAX];
	size_t n_marks;
	bool told; /* this turn told an event: the marks are due */
	bool is_old;
	struct err old; /* why */
};

/* store_schema.c */
extern const char *const store_migrations[];
extern const int store_n_migrations;

/* One write of the turn; kinds as db_run's. */
void store_put(struct store *store, const char *sql, const char *kinds, ...);
/* Ends a query; a failure is remembered as a failed write is. */
bool store_read_end(struct store *store, struct db_row *row);

/* store_mark.c: after a commit; at the end */
void store_mark_keep(struct store *store);
void store_mark_close(struct store *store);

/* store_audit.c: finds the head at opening, having chained what an older store brought. */
void audit_open(struct store *store);
void audit_find_head(struct store *store);
