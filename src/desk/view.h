/* SPDX-License-Identifier: Apache-2.0
 *
 * What there is, as JSON of docs/local-api.md: read from the store's tables and the farm's memory,
 * said in the floor's words. All return new JSON.
 */
#pragma once
#include "farm/farm.h"

struct view {
	struct farm *farm;
	int64_t started_wall_ms;
	int64_t midnight_wall_ms; /* for "today"; brought up to date by each use */
	int64_t first_sheet;      /* the first row of today's sheets */
};

struct job_query {
	const char *kind, *stage, *order; /* NULL: any */
	const char *id;                   /* the newest epoch of one */
	bool only_open;
	int32_t limit;
};

struct trail_query {
	int64_t after;         /* rows after that one */
	int64_t since_wall_ms; /* and not older */
	const char *subject;   /* a job, a printer …; NULL: any */
	int32_t limit;
};

json_t *view_status(struct view *view);
json_t *view_jobs(struct view *view, const struct job_query *query, struct err *err);
/* NULL with code "unknown-job" when there is none. */
json_t *view_job_brief(struct view *view, const char *id, struct err *err);
json_t *view_job(struct view *view, const char *id, struct err *err);
json_t *view_why(struct view *view, const char *id, struct err *err);
json_t *view_printers(struct view *view);
json_t *view_printer(struct view *view, const char *name, struct err *err);
json_t *view_holds(struct view *view);
/* Adds trays, alerts, notices and maintenance to a printer's JSON. */
void view_health(const struct view *view, const struct printer *printer, json_t *json);
json_t *view_maintenance(const struct view *view);
json_t *view_maintenance_counts(const struct view *view);
json_t *view_upkeep(
	const struct view *view, const char *routine, const char *printer, struct err *err);
/* after < 0: the newest ones. */
json_t *view_events(struct view *view, const char *subject, int64_t after, int32_t limit);
json_t *view_doctor(struct view *view);
/* Paper: at the printers, in the store room, and what became of the last rolls. */
json_t *view_stock(struct view *view, int32_t limit);
json_t *view_stock_at(const struct view *view, const char *printer); /* null: no roll is known */
json_t *view_paper(struct view *view); /* lines: what runs out, what to count */
json_t *view_sensors(struct view *view);
json_t *view_sensor(struct view *view, const char *name, struct err *err);
json_t *view_hot_folder(const struct view *view); /* null where there is none */
/* Newest first; those that are open, or all. */
json_t *view_incidents(struct view *view, bool all, int32_t limit);
json_t *view_incident(struct view *view, int64_t number, struct err *err);
/* In row order, with what is needed to check the chain (docs/audit.md). */
json_t *view_trail(struct view *view, const struct trail_query *query);

/* ---- shared by the view_*.c files ---- */
struct db *view_db(const struct view *view);
json_t *view_stamp(int64_t wall_ms); /* null for 0 */
void view_today(struct view *view);  /* brings midnight and first_sheet up to date */
json_t *view_text(const char *text); /* escaped where it is no UTF-8 */
/* null where the text is no JSON ("" or null in the store) */
json_t *view_stored(const char *text);
/* Sheets of today in that state; printer NULL: of all. */
int64_t view_sheets(struct view *view, const char *printer, const char *state);
json_t *view_sheets_of(struct view *view, int64_t job_row);
json_t *view_room_of(struct view *view, int64_t attempt_row); /* an array: view_sensors.c */
/* What there is to know of a job, as lines for people; `job` as view_job gives it. */
json_t *view_facts(struct view *view, const json_t *job);
/* The sentences of a job's life, in order; `job` as view_job gives it. */
json_t *view_story(struct view *view, const json_t *job, const json_t *incidents);
json_t *view_incidents_of(struct view *view, const char *job_id); /* an array, oldest first */
int64_t view_incidents_open(const struct view *view);
/* What the printer's device said last, as its driver read it, or why it said nothing. */
json_t *view_said(struct view *view, const char *name, struct err *err);
/* What it was given since the last count, or null: it is not counted by hand, or nothing is. */
json_t *view_run(const struct view *view, const struct printer *printer);
/* One question for all of a run, instead of one a job. */
void view_add_runs(const struct view *view, json_t *holds);
bool view_is_of_run(const struct view *view, const json_t *job);
const char *view_printer_kind(const struct printer *printer);
