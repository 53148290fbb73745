/* SPDX-License-Identifier: Apache-2.0
 *
 * The store: jobs, pages, the sheet ledger, attempts, the outbox, printers, the audit trail. It is
 * the truth; memory is an index of it, rebuilt at start.
 *
 * Writing: all writes of one turn of the loop are one transaction, begun by the first of them and
 * committed by store_commit in prepare; what they ask for is asked only after it. A write that
 * fails is remembered and makes that commit fail: memory is then wrong, and the process must end.
 * So the writing functions return nothing.
 */
#pragma once
#include "ports/db.h"
#include "rules/agree.h"
#include "rules/job.h"
#include "rules/ledger.h"
#include "wire/order.h"
#include "wire/task.h"

#define OUTCOMES_KEPT 5

struct store;

struct page {               /* one page of a job as stored */
	struct asset asset; /* without its url */
	char options_json[1024];
	bool inspected, rendered;
	struct facts facts;
	char raster_name[HASH_HEX_MAX];
	struct raster raster;
};

struct printer_row { /* what outlives a restart of a printer */
	char name[NAME_MAX_LEN];
	char uuid[65]; /* pinned at first contact where the configuration has none */
	char tls_key[HASH_PIN_MAX], tls_offered[HASH_PIN_MAX]; /* pinned; another it then proved */
	char media[NAME_MAX_LEN], lot[65];                     /* as a person said */
	bool paused, parked;
	char fault[ERR_TEXT_MAX]; /* why it is parked */
	char outcomes[OUTCOMES_KEPT +
		      1]; /* of its last attempts, oldest first: '.' fine, 'x' failed */
};

struct call_row { /* a release that the cloud has not confirmed yet */
	int64_t row;
	char key[ULID_MAX];
	struct release_ask ask;
};

/* Opens or makes `path`; counts the generation up. FATAL errors as db_open's. */
struct store *store_open(const char *path, int64_t wall_ms, struct err *err);
void store_close(struct store *store);
struct db *store_db(struct store *store); /* for reading by the desk */
const char *store_id(const struct store *store);
int64_t store_generation(const struct store *store);

/* The high-water mark at `path`, made where missing: a file outside the store that remembers how
 * far it has come. At most two, before the first commit of the farm. */
void store_mark_open(struct store *store, const char *path);
/* Whether the store stands lower than a mark: an old copy that somebody put back, or another
 * floor's. err says so. Known until store_renew. */
bool store_is_old(const struct store *store, struct err *err);
/* A person has looked: the copy goes on as a store of its own, under a new id. */
void store_renew(struct store *store, const char *id);

/* Whether this turn has written anything yet. */
bool store_is_dirty(const struct store *store);
must_use bool store_commit(struct store *store, struct err *err);
/* Drops the turn's writes (tests of crashes only: the daemon ends instead). */
void store_rollback(struct store *store);

void store_meta_set(struct store *store, const char *key, const char *value);
/* False when there is none. */
bool store_meta_get(struct store *store, const char *key, char *value, size_t size);

/* Inserts the job with its pages and every print (copies × pages) planned; sets job->row. */
void store_job_add(struct store *store, struct job *job, const struct lease *lease);
void store_job_save(struct store *store, const struct job *job);
/* The newest epoch of that id, closed or not. */
bool store_job_find(struct store *store, const char *id, struct job *job);
bool store_job_get(struct store *store, int64_t row, struct job *job);
/* Every job that is not closed, oldest first. */
typedef void store_each_job(void *context, const struct job *job);
void store_jobs_each(struct store *store, store_each_job *each, void *context);
/* Leased jobs that were closed since, in the order of their closing, after that place; up to
 * `most`. The place moves on to behind the last of them. */
struct closed_place {
	int64_t wall_ms, row;
};
size_t store_jobs_closed(
	struct store *store, struct closed_place *after, struct held_job *jobs, size_t most);
/* The job needs nothing more of this floor: it leaves memory, the rows stay. */
void store_job_close(struct store *store, int64_t row, int64_t wall_ms);
/* What came out, or may have, under any epoch of that id. */
void store_job_out(struct store *store, const char *id, int32_t *delivered, int32_t *unknown);
/* Prints of jobs that were taken since then, for the hourly ceiling: of those that were given back
 * or wait for a person because of the ceiling only what came out. */
int64_t store_copies_since(struct store *store, int64_t taken_ms);
/* When the last job was taken; 0: never. */
int64_t store_last_taken(struct store *store);

bool store_page_get(struct store *store, int64_t job_row, int32_t page, struct page *out);
void store_page_inspected(
	struct store *store, int64_t job_row, int32_t page, const struct facts *facts);
/* Its manifest's text, the caller's; NULL: it was never rendered. */
char *store_page_manifest(struct store *store, int64_t job_row, int32_t page);
/* `manifest`: canonical JSON text. */
void store_page_rendered(struct store *store, int64_t job_row, int32_t page,
	const char *raster_name, const struct raster *raster, const char *manifest);
struct death { /* what a file did to its reader: the signature */
	char sha256[HASH_HEX_MAX];
	char format[33];
	char stage[STAGE_WORD_MAX]; /* of the job: "fetched" while it is inspected */
	char worker[17];            /* "inspect" "render" */
	char cause[33];             /* "signal 11"; of a refusal its code */
	bool died;                  /* else it was refused */
	char engine[RECIPE_ENGINE_MAX];
	char job[TEXT_ID_MAX]; /* when read: in which it was seen first */
};

/* How many of that cause the job has had from that worker, with this one. */
int64_t store_death_add(
	struct store *store, int64_t job_row, const struct death *death, int64_t wall_ms);
/* The job's latest; false when it has none. */
bool store_death_of(struct store *store, int64_t job_row, struct death *death);
/* The file is known under that engine to have killed two readers in the same way, or was refused
 * when it was looked at. */
bool store_death_known(
	struct store *store, const char *sha256, const char *engine, struct death *death);
/* A person lets the file be tried once more, by the next job that has it; and that job's claim. */
void store_pardon(struct store *store, const char *sha256);
bool store_pardon_claim(struct store *store, const char *sha256, int64_t job_row);

/* ---- the derivative cache: rasters in the spool, by the name of their recipe ---- */
struct raster_row {
	char name[HASH_HEX_MAX];
	int64_t bytes, used_ms;
};

struct cache_counts { /* pages that needed rendering, and what was removed for want of room */
	int64_t hits, misses, saved_bytes, evicted, freed_bytes;
};

/* What was made, new or anew. Returns by how much the sum of all bytes grew. */
int64_t store_raster_add(struct store *store, const char *name, const struct facts *facts,
	const struct raster *raster, int64_t wall_ms);
/* False when there is none of that name. */
bool store_raster_get(
	struct store *store, const char *name, struct facts *facts, struct raster *raster);
/* It saved a rendering; it was handed over (to the hour: for the order of use). */
void store_raster_hit(struct store *store, const char *name, int64_t wall_ms);
void store_raster_used(struct store *store, const char *name, int64_t wall_ms);
bool store_knows_raster(struct store *store, const char *name);
/* How many bytes it had. */
int64_t store_raster_drop(struct store *store, const char *name);
int64_t store_rasters_bytes(struct store *store);
/* The one that was used least recently after *row, which begins zeroed; false: no more. */
bool store_raster_next(struct store *store, struct raster_row *row);
void store_cache_count(struct store *store, int64_t wall_ms, const struct cache_counts *more);
/* Of the hours since then; 0: of all time. */
void store_cache_sum(struct store *store, int64_t since_ms, struct cache_counts *sum);

/* Whether any job that is not closed still needs the file. */
bool store_needs_asset(struct store *store, const char *sha256);
bool store_needs_raster(struct store *store, const char *name);

/* The next prints to make: up to `most` planned copies of the first page that has any. False when
 * nothing is planned. */
bool store_prints_next(struct store *store, int64_t job_row, int32_t most, int32_t *page,
	int32_t *first_copy, int32_t *copies);
/* Opens an attempt over those prints (attempt.page, first_copy, copies): the attempt, its sheets,
 * and which print is on which. Returns its row. */
int64_t store_attempt_open(struct store *store, const struct job *job, int64_t wall_ms);
void store_attempt_save(struct store *store, int64_t attempt_row, const struct attempt *attempt);
/* All its prints to that state. */
void store_attempt_prints(struct store *store, int64_t attempt_row, enum print_state state);
/* Ends the attempt by its receipt: every print by ledger_settle, successors planned, the job's
 * counts brought up to date. `again`: what stays in doubt gets a successor, too. A later receipt
 * may end it anew as long as its prints are in doubt. */
void store_attempt_settle(struct store *store, struct job *job, const struct receipt *receipt,
	bool again, int64_t wall_ms);
/* delivered, unknown (without a successor), doubled (with one), spoiled. */
void store_job_recount(struct store *store, struct job *job);
/* Another attempt was made at its printer after that one. */
bool store_attempt_was_followed(struct store *store, int64_t attempt_row);
/* The attempt at that printer before this one; false where there was none or it is not over. */
bool store_attempt_past(
	struct store *store, const char *printer, int64_t attempt_row, struct agree_past *past);
struct partial { /* the job's last attempt, which stopped part-way */
	int64_t attempt_row;
	int32_t copies, claimed; /* handed over; out, as the printer says */
};
/* False: its last attempt did not end so. */
bool store_partial_get(struct store *store, int64_t job_row, struct partial *partial);
/* A person's word over it: every print by ledger_recount, successors planned, the job's counts
 * brought up to date. */
void store_partial_recount(struct store *store, struct job *job, const struct partial *partial,
	int32_t good, int64_t wall_ms);
/* A person's word over the job's unknown prints: the first `printed` came out, the others did not
 * and are planned anew. */
void store_prints_resolve(struct store *store, struct job *job, int32_t printed, int64_t wall_ms);

/* Appends an event with the next sequence of its subject; data is JSON text. */
void store_event_add(struct store *store, int64_t job_row, const struct event_row *event);
/* Unacknowledged events, in commit order, up to `most`; the caller frees each .data. */
size_t store_events_pending(struct store *store, struct event_row *events, size_t most);
void store_event_acked(struct store *store, const char *id);
/* The cloud asks to have them again from this sequence on, also what it had refused. */
void store_events_unack(struct store *store, const char *subject, int64_t from);
/* Refused for good: kept, marked, never sent again; an alarm is the caller's. */
void store_event_refused(struct store *store, const char *id, const char *code);
bool store_event_is_refused(struct store *store, const char *subject, int64_t sequence);
/* The highest sequence of the subject; 0: none. */
int64_t store_events_last(struct store *store, const char *subject);
int64_t store_events_count(struct store *store, const char *subject, bool only_pending);

void store_call_add(struct store *store, const char *key, const struct release_ask *ask);
bool store_call_next(struct store *store, struct call_row *call);
void store_call_done(struct store *store, const char *key);
/* A release of that job and epoch is under way. */
bool store_call_has(struct store *store, const char *job, int64_t epoch);

bool store_printer_get(struct store *store, const char *name, struct printer_row *row);
void store_printer_save(struct store *store, const struct printer_row *row);

/* ---- the audit trail: docs/audit.md ---- */
struct audit_head {
	int64_t row; /* 0: the trail is empty */
	char hash[HASH_HEX_MAX];
};

/* Who did what to which subject, and why; appended for every decision of a person and every act of
 * the floor itself. Returns its row. */
int64_t store_audit(struct store *store, int64_t wall_ms, const char *who, const char *what,
	const char *subject, const char *reason);
void store_audit_head(const struct store *store, struct audit_head *head);
/* What is wrong with the end of the trail since this store was closed last, as a sentence; "" where
 * nothing is. (The whole trail is checked by `platenctl audit verify`.) */
const char *store_audit_fault(const struct store *store);
/* Ties a person's decision to the sheets it is about: those of the job that nobody knows of, and
 * those of an attempt that stopped part-way. The second call, once it was carried out, notes what
 * became of them. */
void store_decision_begin(struct store *store, int64_t audit_row, int64_t job_row);
void store_decision_end(struct store *store, int64_t audit_row);

/* ---- incidents: what does not add up, until a person has looked ---- */
struct incident {
	int64_t row, wall_ms;
	char printer[NAME_MAX_LEN];    /* "" where it is of none */
	int64_t job_row;               /* 0: of none */
	char attempt[ATTEMPT_KEY_MAX]; /* "": of none */
	char code[ERR_CODE_MAX];
	char text[ERR_TEXT_MAX];
};
/* False: the same (code, printer, job) is open already, and nothing was added. */
bool store_incident_add(struct store *store, struct incident *incident);
/* The open incident of that code about that printer; 0: none. */
int64_t store_incident_row(struct store *store, const char *printer, const char *code);
bool store_incident_is_open(struct store *store, const char *printer, const char *code);
/* False: there is no such open incident. */
bool store_incident_get(struct store *store, int64_t row, struct incident *incident);
void store_incident_close(
	struct store *store, int64_t row, int64_t wall_ms, const char *who, const char *note);

/* ---- store_upkeep.c: maintenance of printers, and what was noticed about them ---- */
struct upkeep_row {    /* a routine at a printer: when it was done last */
	int64_t at_ms; /* floor time */
	char who[65];  /* "": never; counted from when the floor met it */
	char note[129];
	int64_t life;           /* of the device's counter then; COUNT_UNKNOWN */
	int64_t prints, faults; /* of that printer since */
};
/* False: this floor has never met it. */
bool store_upkeep_get(
	struct store *store, const char *routine, const char *printer, struct upkeep_row *row);
/* From now on it counts anew: done by somebody, or (`who` "") just met. */
void store_upkeep_add(struct store *store, const char *routine, const char *printer,
	const struct upkeep_row *row);
/* What was noticed about a printer, oldest first of the newest `most`. */
typedef void store_each_notice(void *context, int64_t wall_ms, const char *text);
void store_notices_each(struct store *store, const char *printer, int32_t most,
	store_each_notice *each, void *context);
