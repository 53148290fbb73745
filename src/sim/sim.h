/* SPDX-License-Identifier: Apache-2.0
 *
 * A floor in memory: virtual time, an order service, workers and printers that are made up, and the
 * real farm, store and spool. The same seed gives the same run, line by line. Only one at a time:
 * it takes the log's sink.
 *
 * Time is in milliseconds since the sim was made. Nothing happens outside sim_run and sim_restart;
 * what people do (farm_release and so on, through sim_farm) counts from the next sim_run on.
 */
#pragma once
#include "farm/farm.h"
#include "sim/vfs.h"

#define SIM_PRINTERS_MAX 8

struct sim;

struct sim_conf {
	uint64_t seed;
	bool no_cloud;
	int32_t copies_per_attempt; /* 0: 1 */
	int32_t counter_lag_ms;     /* of the model; 0: its counter is never late */
	int32_t ms_per_print;       /* 0: 8000 */
	int32_t copies_per_hour;    /* the ceiling; 0: 500 */
	int64_t offline_s;          /* permits are held for so long; 0: two hours */
	int32_t printers;           /* 0: 2; P1, P3 … have 4x6 glossy loaded, P2, P4 … 5x7 */
	bool jitter;                /* every delay varies by chance */
	bool second_floor;          /* of the service: prints what lapses or is released */
	bool only_hash;             /* the lines of the trace are not kept */
	int32_t points_permille;    /* how often an active point strikes (base/point.h); 0: never */
	enum signatures signatures;
	bool labels;              /* 4x6-glossy has a border with a label in it */
	bool no_font;             /* of the render server, until somebody tells the floor of one */
	int64_t wall_ms_at_start; /* 0: 2020-01-01 */
	int64_t rasters_bytes;    /* quota of the cache; 0: none */
	bool checks_store;        /* sim_check_store at each start */
	struct routine *routines; /* of maintenance (rules/maintenance.h) */
	int32_t n_routines;
	const char *folder; /* an existing, empty folder for the spool */
};

/* Ends the process with a sentence when the folder is unfit: nothing can be simulated then. */
struct sim *sim_create(const struct sim_conf *conf);
void sim_destroy(struct sim *sim); /* leaves the folder */
void sim_run(struct sim *sim, int64_t ms);
/* kill -9 and a new start: the turn's writes, what was asked and memory are gone; printers, papers
 * and the order service go on. */
void sim_restart(struct sim *sim);
/* The same, and what the store's disk had not been asked to keep may be gone; a new boot. */
void sim_power_cut(struct sim *sim, enum vfs_cut cut);
/* Somebody sets the floor's wall clock. */
void sim_set_wall(struct sim *sim, int64_t wall_ms);
/* V14: SQLite finds nothing wrong with the store. */
void sim_check_store(struct sim *sim);
int64_t sim_now(const struct sim *sim);
int64_t sim_life(const struct sim *sim); /* how many daemons there were */
/* NULL while a broken disk keeps the daemon from starting. */
struct farm *sim_farm(struct sim *sim);
struct store *sim_store(struct sim *sim);
struct vfs *sim_disk(struct sim *sim); /* of the store */
uint64_t sim_chance(struct sim *sim);  /* a stream of its own, for whoever writes the story */

/* What was logged so far: "[     70] J1: fetched"; none with only_hash. */
size_t sim_trace(const struct sim *sim, const char *const **lines);
/* SHA-256 of it; once, at the end. */
void sim_trace_hash(struct sim *sim, char hex[HASH_HEX_MAX]);

/* ---- faults ---- */
enum sim_call { /* points that can be told to go wrong */
	SIM_SESSION,
	SIM_CLOSED,
	SIM_OFFER,
	SIM_ACQUIRE,
	SIM_EXTEND,
	SIM_RELEASE,
	SIM_START,
	SIM_EVENTS,
	SIM_SIGN,
	SIM_FETCH,
	SIM_INSPECT,
	SIM_RENDER,
	SIM_WITNESS,
	SIM_OPENED,    /* a hand-over, before the printer gave it an identity */
	SIM_SENDING,   /* before its first byte */
	SIM_COMMITTED, /* before its tail */
	SIM_RELEASING, /* after its tail, before Release-Job where there is one */
	SIM_SENT,      /* after that, before it is said */
	SIM_CONFIRM,
	SIM_CANCEL,
	SIM_SWEEP,
	SIM_CALLS
};

enum sim_how {
	SIM_FAILS,       /* nothing was done */
	SIM_ANSWER_LOST, /* it was done there, but the answer is a failure */
	SIM_NEVER,       /* no answer, until the crew ends it where that is its duty */
	SIM_LATE,        /* answered `late_ms` later than usual */
	SIM_DIES,        /* the worker died, or the service that was asked */
	SIM_TWICE,       /* answered, and `late_ms` later once more; a call arrives there twice */
};

struct sim_fault {
	enum sim_call call;
	int32_t nth;   /* from now on; 0 and 1: the next */
	int32_t times; /* in a row; 0: once */
	enum sim_how how;
	enum remedy remedy;
	const char *code; /* NULL: "made-up" */
	int64_t late_ms;
};

void sim_fault(struct sim *sim, const struct sim_fault *fault);

/* ---- the order service ---- */
/* A file that kills the process that reads it. */
enum sim_poison { SIM_SOUND, SIM_KILLS_INSPECTION, SIM_KILLS_RENDERING };

struct sim_order {
	const char *job;
	const char *sku;         /* NULL: "4x6-glossy" */
	int32_t copies, n_pages; /* 0: 1 */
	int32_t priority;        /* 0: 50 */
	bool bad_bytes;          /* its files are not what the order says */
	int32_t ppi;             /* effective resolution; 0: 300 */
	const char *media_type;  /* of its files; NULL: "image/jpeg" */
	enum duplicates duplicates;
	int32_t due_in_s; /* 0: none */
	enum trust trust;
	enum sim_poison poison;
};

void sim_order(struct sim *sim, const struct sim_order *order);
/* Processes that the job's files killed. */
int32_t sim_deaths(const struct sim *sim, const char *job);
void sim_cloud_cancel(struct sim *sim, const char *job);
void sim_cloud_revoke(struct sim *sim, const char *job);
void sim_cloud_pause(struct sim *sim, const char *job, bool paused);
/* Gives the job to another floor. */
void sim_cloud_take(struct sim *sim, const char *job);
/* Offers it again: under the next epoch, or (old) under one that is over. */
void sim_cloud_again(struct sim *sim, const char *job, bool old);
/* It has cleared the job to print, as far as it knows. */
void sim_cloud_permit(struct sim *sim, const char *job);
void sim_cloud_outage(struct sim *sim, bool outage);
/* It comes back from a backup that lacks the last n events of the job, and all sessions. */
void sim_cloud_forget(struct sim *sim, const char *job, int32_t n);
/* What it knows of the job: the words of its events, in order, between spaces. */
void sim_cloud_events(const struct sim *sim, const char *subject, char *words, size_t size);
/* "waiting" "leased" "started" "printed" "held" "released" "quarantined" "cancelled" "elsewhere" */
const char *sim_cloud_state(const struct sim *sim, const char *job);

/* In the offer that the floor sent last: how many products that printer makes, and how many sheets
 * it has left; -1: not known. */
int32_t sim_offered(const struct sim *sim, const char *printer);
int32_t sim_offered_sheets(const struct sim *sim, const char *printer);

/* ---- the printers, "P1", "P2" … ---- */
enum sim_kind {
	SIM_DIRECT, /* speaks IPP; a document that is complete is printed */
	SIM_HOLDS,  /* the same, and jobs wait there for Release-Job */
	SIM_DYE,    /* no list of jobs: two buffers and a life counter */
};

struct sim_machine { /* what can be changed at any time */
	enum sim_kind kind;
	bool absent;        /* nothing answers; what it has is printed nevertheless */
	bool starts_early;  /* a hand-over that is cut off has spoiled a sheet */
	bool aborts_on_jam; /* else the job waits for the jam to be cleared, and goes on by itself
			     */
	bool no_counter, no_impressions, no_history;
	bool counter_stuck;
	bool shared; /* somebody else prints on it, too */
	bool jammed;
	const char *says;    /* one more keyword of printer-state-reasons; NULL: none */
	bool done_early;     /* says that a job is completed as soon as it has it */
	bool skips_copy;     /* prints one copy less than told, of more than one, and says so */
	int32_t keeps;       /* finished jobs that it remembers; 0: all */
	int32_t jam_after;   /* sheets until it jams; -1: never */
	int32_t cools_after; /* sheets in a row, then it pauses for cool_ms; 0: never */
	int64_t cool_ms;
	int64_t lag_ms;      /* so late its counter shows a sheet */
	int64_t stall_ms;    /* so long the next upload stands still */
	int32_t mute_times;  /* questions for its status that fail */
	enum remedy refuses; /* with refuse_times */
	int32_t refuse_times;
	char media[NAME_MAX_LEN]; /* loaded; "" = empty */
};

struct sim_machine *sim_printer(struct sim *sim, const char *name);
/* The last is taken out of the configuration; call it just before a restart. */
void sim_printer_remove(struct sim *sim);
/* After a change of the above by hand: the machine goes on. */
void sim_printer_go_on(struct sim *sim, const char *name);
/* Somebody has changed what that product is. */
void sim_raise_version(struct sim *sim, const char *sku);
/* No printer takes that paper any more: somebody has changed the models. */
void sim_forget_media(struct sim *sim, const char *name);
/* Loses its jobs, done and undone; a sheet under way still comes out. */
void sim_printer_forget(struct sim *sim, const char *name);
/* Off and on: the same, its up-time begins anew and it counts its jobs from 1 again. */
void sim_printer_restart(struct sim *sim, const char *name);
/* Somebody else prints on it. */
void sim_printer_foreign(struct sim *sim, const char *name, int32_t copies);

/* Whole sheets that came out of that page and copy (0..); -1: of all. Spoilt ones are not in it. */
int32_t sim_sheets(const struct sim *sim, const char *job, int32_t page, int32_t copy);
int32_t sim_spoiled(const struct sim *sim, const char *job);
/* Sheets of the job that came out and are not in the ledger: what a person finds in the tray. */
int32_t sim_tray(struct sim *sim, const char *job);
/* farm_resolve; what the person denies though it lies there may come out again, and is not held
 * against the floor. */
must_use bool sim_resolve(struct sim *sim, const char *job, int32_t printed, struct err *err);
/* A person wants the job once more (the release of one that was printed before). */
void sim_authorise(struct sim *sim, const char *job);

/* ---- figures ---- */
enum sim_witness {    /* what a printer can prove with */
	SIM_COUNTS,   /* a counter that works */
	SIM_IPP_ONLY, /* its jobs, with impressions that are right */
	SIM_NO_WITNESS,
	SIM_WITNESSES
};

struct sim_settled { /* ambiguous hand-overs: the tail went, and nobody heard an answer */
	int64_t n, by_counter, by_impressions, by_its_word, by_person;
	int64_t wrongly;   /* of those without a person */
	int64_t by_policy; /* of the order, which wants no one to look; not in n */
};

struct sim_tally {
	int64_t virtual_ms, sheets, spoiled, elsewhere, crashes;
	struct sim_settled settled[SIM_WITNESSES];
};

void sim_tally(struct sim *sim, struct sim_tally *tally);

/* ---- the oracle ---- */
/* Judges the run so far by the invariants of docs/printing.md; false says the first fault. `ended`:
 * nothing may be open any more. */
bool sim_judge(struct sim *sim, bool ended, char *words, size_t size);
