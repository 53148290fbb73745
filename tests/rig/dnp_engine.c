/* SPDX-License-Identifier: Apache-2.0
 *
 * Sheet by sheet.
 */
#include "tests/rig/dnp_engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REWOUND 400

static bool is_double(int code)
{
	static const int doubles[] = {12, 13, 14, 15, 22, 31, 35, 43};
	for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
		if (doubles[i] == code) {
			return true;
		}
	}
	return false;
}

/* A half that is alone: the other half waits for the next. */
static int take_paper(struct engine *engine, int code)
{
	bool uses_waiting = code >= REWOUND && engine->half_waits;
	engine->half_waits = code >= REWOUND && !engine->half_waits;
	engine->left -= uses_waiting ? 0 : 1;
	return uses_waiting ? 0 : 1;
}

static struct dnp_engine_sheet *add_sheet(struct engine *engine, int64_t at_ms)
{
	if (engine->n_sheets == ENGINE_SHEETS_MAX) {
		fprintf(stderr, "more than %d sheets\n", ENGINE_SHEETS_MAX);
		abort();
	}
	struct dnp_engine_sheet *sheet = &engine->sheets[engine->n_sheets++];
	*sheet = (struct dnp_engine_sheet){.page = engine->jobs[0].page, .at_ms = at_ms};
	sheet->natives = take_paper(engine, sheet->page.code);
	return sheet;
}

static void drop_first_job(struct engine *engine)
{
	engine->jobs[0] = engine->jobs[1];
	engine->n_jobs--;
}

static void end_sheet(struct engine *engine)
{
	struct dnp_engine_sheet *sheet = add_sheet(engine, engine->sheet_due_ms);
	sheet->prints = is_double(sheet->page.code) && !engine->counts_sheets ? 2 : 1;
	engine->life += sheet->prints;
	engine->is_printing = false;
	engine->last_end_ms = engine->sheet_due_ms;
	if (++engine->jobs[0].done == engine->jobs[0].page.count) {
		drop_first_job(engine);
	}
}

static void spoil_sheet(struct engine *engine, int64_t at_ms)
{
	add_sheet(engine, at_ms)->is_spoiled = true;
	engine->is_printing = false;
	engine->halt = engine->halt_at_middle;
	engine->halt_at_middle = 0;
}

/* What stops it before a sheet. */
static bool is_held_up(struct engine *engine)
{
	if (engine->halt_next != 0 && engine->halt_after-- <= 0) {
		engine->halt = engine->halt_next;
		engine->halt_next = 0;
	} else if (engine->left <= 0 && !engine->half_waits) {
		engine->halt = 1100;
	}
	return engine->halt != 0;
}

static bool begin_sheet(struct engine *engine, int64_t now_ms)
{
	int64_t begin_ms = engine->jobs[0].started_ms + engine->start_ms;
	begin_ms = begin_ms < engine->last_end_ms ? engine->last_end_ms : begin_ms;
	int64_t idle_ms = begin_ms - engine->last_end_ms;
	begin_ms = begin_ms < engine->cool_until_ms ? engine->cool_until_ms : begin_ms;
	if (begin_ms > now_ms || is_held_up(engine)) {
		return false;
	}
	if (engine->n_sheets > 0 && idle_ms > engine->longest_gap_ms) {
		engine->longest_gap_ms = idle_ms;
	}
	engine->is_printing = true;
	engine->sheet_due_ms = begin_ms + engine->print_ms;
	return true;
}

static bool go_on(struct engine *engine, int64_t now_ms)
{
	if (engine->halt != 0 || engine->n_jobs == 0) {
		return false;
	}
	if (!engine->is_printing) {
		return begin_sheet(engine, now_ms);
	}
	int64_t middle_ms = engine->sheet_due_ms - engine->print_ms / 2;
	if (engine->halt_at_middle != 0 && now_ms >= middle_ms) {
		spoil_sheet(engine, middle_ms);
		return false;
	}
	if (now_ms < engine->sheet_due_ms) {
		return false;
	}
	end_sheet(engine);
	return true;
}

void dnp_engine_run(struct engine *engine, int64_t now_ms)
{
	while (go_on(engine, now_ms)) {
	}
}

bool dnp_engine_start(struct engine *engine, const struct dnp_engine_page *page, int64_t now_ms)
{
	if (!engine->is_loaded || engine->n_jobs == ENGINE_BUFFERS) {
		return false;
	}
	engine->early_starts += engine->n_jobs > 0 && page->coat != engine->last_coat;
	engine->last_coat = page->coat;
	engine->is_loaded = false;
	engine->jobs[engine->n_jobs++] =
		(struct dnp_engine_job){.page = *page, .started_ms = now_ms};
	return true;
}

/* The sheet that is under way comes out all the same. */
void dnp_engine_cancel(struct engine *engine)
{
	engine->is_loaded = false;
	engine->refused = 0;
	engine->n_jobs = engine->is_printing ? 1 : 0;
	if (engine->is_printing) {
		engine->jobs[0].page.count = engine->jobs[0].done + 1;
	}
}

void dnp_engine_clear(struct engine *engine, int64_t now_ms)
{
	engine->halt = 0;
	if (engine->n_jobs > 0 && !engine->jobs[0].page.resumes) {
		engine->n_jobs = 0;
	}
	engine->last_end_ms = now_ms; /* what stood still was not our fault */
	for (int i = 0; i < engine->n_jobs; i++) {
		engine->jobs[i].started_ms = now_ms - engine->start_ms;
	}
	dnp_engine_run(engine, now_ms);
}

int dnp_engine_status(const struct engine *engine, int64_t now_ms)
{
	if (engine->halt != 0) {
		return engine->halt;
	}
	if (now_ms < engine->cool_until_ms) {
		return 500;
	}
	if (engine->refused != 0) {
		return engine->refused;
	}
	bool is_under_way =
		engine->is_printing ||
		(engine->n_jobs > 0 && now_ms >= engine->jobs[0].started_ms + engine->start_ms);
	return is_under_way ? 1 : 0;
}

int64_t dnp_engine_free_buffers(const struct engine *engine)
{
	int64_t free_buffers = ENGINE_BUFFERS - engine->n_jobs - (engine->is_loaded ? 1 : 0);
	return free_buffers < 0 ? 0 : free_buffers;
}

int64_t dnp_engine_shown_life(const struct engine *engine, int64_t now_ms)
{
	int64_t life = engine->life;
	for (int i = engine->n_sheets - 1; i >= 0; i--) {
		bool is_late = engine->sheets[i].at_ms > now_ms - engine->lag_ms;
		life -= is_late ? engine->sheets[i].prints : 0;
	}
	return life;
}

int64_t dnp_engine_shown_left(const struct engine *engine, int64_t now_ms)
{
	int64_t left = engine->left;
	for (int i = engine->n_sheets - 1; i >= 0; i--) {
		bool is_late = engine->sheets[i].at_ms > now_ms - engine->lag_ms;
		left += is_late ? engine->sheets[i].natives : 0;
	}
	return left;
}

int64_t dnp_engine_in_work(const struct engine *engine)
{
	return engine->n_jobs == 0 ? 0 : engine->jobs[0].page.count - engine->jobs[0].done;
}
