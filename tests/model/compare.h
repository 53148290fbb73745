/* SPDX-License-Identifier: Apache-2.0
 *
 * The code held against the rows of moves.def, both ways:
 *
 *  - each thing the code does stands in a row whose guard is true of that job;
 *  - each row is something the code does: at all its stages, with every job that its guard lets in.
 */
#pragma once
#include "rows.h"
#include <stdio.h>

/* How many faults there are; each is printed as the line to add, to remove or to narrow. */
int compare(FILE *out, const struct deeds *code, const struct row *table, size_t n);
