/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine of an emulated dye-sub: two page buffers, one sheet at a time, counters that lag.
 * What it does follows from the times that it is given. It knows nothing of frames.
 */
#pragma once
#include "base/hash.h"
#include <stdbool.h>
#include <stdint.h>

#define ENGINE_BUFFERS    2
#define ENGINE_SHEETS_MAX 512

struct dnp_engine_page { /* settings and planes of one START */
	int code, coat, cutter;
	int64_t count;
	bool resumes; /* BUFFCNTRL */
	char planes[3][HASH_HEX_MAX];
};

struct dnp_engine_job {
	struct dnp_engine_page page;
	int64_t started_ms, done;
};

struct dnp_engine_sheet {
	struct dnp_engine_page page;
	int64_t at_ms;
	int prints, natives; /* what the counters get of it */
	bool is_spoiled;
};

struct engine {
	/* what it is */
	int64_t print_ms, lag_ms, start_ms;
	bool counts_sheets; /* of two prints on a sheet its life counter sees one */
	/* what is in it */
	int media;
	int64_t left, life;
	bool half_waits;
	/* what it does */
	struct dnp_engine_job jobs[ENGINE_BUFFERS];
	int n_jobs;
	bool is_loaded; /* planes without their START */
	bool is_printing;
	int64_t sheet_due_ms, last_end_ms, cool_until_ms;
	int halt;                      /* a status code that wants a person; 0 */
	int halt_at_middle, halt_next; /* comes at the middle of, or before, the next sheet */
	int64_t halt_after;            /* so many sheets before halt_next */
	int refused;                   /* 1500, 1600; 0 */
	/* what it did */
	struct dnp_engine_sheet sheets[ENGINE_SHEETS_MAX];
	int n_sheets;
	int64_t longest_gap_ms; /* between two sheets, while it had been given more */
	int early_starts;       /* a page of another coat while one of the first was there */
	int last_coat;
};

void dnp_engine_run(struct engine *engine, int64_t now_ms);
/* False: both buffers are full, or nothing is loaded. */
bool dnp_engine_start(struct engine *engine, const struct dnp_engine_page *page, int64_t now_ms);
void dnp_engine_cancel(struct engine *engine);
/* A person was there: it goes on, or has forgotten what it had. */
void dnp_engine_clear(struct engine *engine, int64_t now_ms);
int dnp_engine_status(const struct engine *engine, int64_t now_ms);
int64_t dnp_engine_free_buffers(const struct engine *engine);
/* As it shows them, late. */
int64_t dnp_engine_shown_life(const struct engine *engine, int64_t now_ms);
int64_t dnp_engine_shown_left(const struct engine *engine, int64_t now_ms);
int64_t dnp_engine_in_work(const struct engine *engine);
