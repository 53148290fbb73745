/* SPDX-License-Identifier: Apache-2.0
 *
 * Every sheet of paper that came out, wherever it did: the world that the ledger is compared with.
 */
#include "sim/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "JOB.EPOCH.ATTEMPT" → JOB and EPOCH; ids may hold dots themselves. */
int64_t attempt_job(const char *key, char id[TEXT_ID_MAX])
{
	const char *dot = strrchr(key, '.');
	id[0] = '\0';
	if (dot == NULL) {
		return 0;
	}
	while (dot > key && dot[-1] != '.') {
		dot--;
	}
	int len = dot > key ? (int)(dot - 1 - key) : 0;
	snprintf(id, TEXT_ID_MAX, "%.*s", len, key);
	return strtoll(dot, NULL, 10);
}

void sheet_add(struct sim *sim, const struct sheet *sheet)
{
	if (sim->n_sheets == sim->room_sheets) {
		sim->room_sheets = sim->room_sheets == 0 ? 64 : 2 * sim->room_sheets;
		sim->sheets = mem_resize(sim->sheets, sim->room_sheets, sizeof *sim->sheets);
	}
	struct sheet *added = &sim->sheets[sim->n_sheets++];
	*added = *sheet;
	added->at_ms = sim->now_ms;
	added->before = 0;
	index_get(&sim->sheets_by_job, added->job, &added->before);
	index_put(&sim->sheets_by_job, added->job, sim->n_sheets);
}

const struct sheet *sheet_next(const struct sim *sim, const char *job, const struct sheet *sheet)
{
	size_t at = 0;
	if (sheet != NULL) {
		at = sheet->before;
	} else {
		index_get(&sim->sheets_by_job, job, &at);
	}
	return at == 0 ? NULL : &sim->sheets[at - 1];
}

int32_t sim_sheets(const struct sim *sim, const char *job, int32_t page, int32_t copy)
{
	int32_t n = 0;
	const struct sheet *sheet = NULL;
	while ((sheet = sheet_next(sim, job, sheet)) != NULL) {
		n += !sheet->spoiled && sheet->at != ELSEWHERE &&
		     (page < 0 || sheet->page == page) && (copy < 0 || sheet->copy == copy);
	}
	return n;
}

int32_t sim_spoiled(const struct sim *sim, const char *job)
{
	int32_t n = 0;
	const struct sheet *sheet = NULL;
	while ((sheet = sheet_next(sim, job, sheet)) != NULL) {
		n += sheet->spoiled;
	}
	return n;
}
