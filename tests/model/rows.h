/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of moves.def as the comparison reads them; path.pml is made of the same file.
 */
#pragma once
#include "machine.h"

#define MOVES "tests/model/moves.def"

struct row {
	const char *kind; /* "MOVE" or "NEVER" */
	int line;
	int from, upto, event, to, asks;
	const char *tells[2], *when;
};

extern const struct row rows[];
extern const size_t n_rows;

/* The guard of the row at that line. */
bool row_lets_in(int line, const struct facts *job);
/* The event under whose name an event stands in the rows. */
int rows_event(int event);
/* The fact that the deed leaves other than the model does, or NULL. */
const char *rows_wrong_fact(const struct deed *deed);
/* The work of a stage; DO_NOTHING where there is none. */
int rows_work(int stage);
bool is_at_device(int stage);
/* At the device or in doubt: the attempt is kept. */
bool is_open(int stage);
