/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk of a job: what is asked at each stage, where it leads, and what every event does to it.
 * Pure: given the job, an event and the time, the next stage and the work to ask for. It mirrors
 * docs/printing.md, and farm/walk.c asks for the works in the same order with the same words.
 */
#pragma once
#include "rules/job.h"
#include "rules/ledger.h"

enum event_kind {
	EV_BEGIN,     /* stored just now, or freed from a wait: ask the stage's work */
	EV_RESTART,   /* the daemon came back and found the job at this stage */
	EV_DONE,      /* the work of this stage is done (all pages) */
	EV_MORE,      /* one page is done, more remain */
	EV_FAILED,    /* event.err says why */
	EV_LATE,      /* no answer within the stage's patience */
	EV_WAKE,      /* the wait that an outcome asked for is over */
	EV_RECEIPT,   /* event.receipt answers DO_CONFIRM */
	EV_LOST,      /* the cloud says the lease is gone, or a newer epoch came */
	EV_CANCEL,    /* the cloud or a person takes the order back */
	EV_REVOKE,    /* the cloud wants the job back for another floor */
	EV_HOLD,      /* a person or a rule wants a decision first; event.err has code and reason */
	EV_RELEASE,   /* a person lets a held job go on */
	EV_GIVE_BACK, /* a person gives the job back to the cloud */
	EV_RESOLVE,   /* a person has looked in the tray: event.receipt, evidence operator */
	EV_COUNT
};

struct event {
	enum event_kind kind;
	const struct err *err;
	const struct receipt *receipt;
	bool shared; /* with a receipt: others printed there since; its counters prove nothing */
};

struct outcome {
	enum work work;       /* to ask once this is stored; at most one */
	int64_t wake_ms;      /* absolute; 0: no wake-up needed */
	bool wake_is_late;    /* the wake-up means EV_LATE (patience), else EV_WAKE */
	bool moved;           /* the stage changed */
	const char *tells[2]; /* event types for the cloud, in order; NULL: none ("printed") */
	enum ledger_change ledger;
	bool concluded;         /* the verdict was drawn without the device: */
	struct receipt receipt; /* this one counts, not the event's */
	bool free_printer;      /* the device has no more to do with the attempt */
	bool close_attempt;     /* nothing is left to be asked about it */
	bool give_back;         /* a release call to the cloud is due, with the job's reason */
	bool fatal;             /* this machine is unfit: stop */
	char note[ERR_TEXT_MAX + 64]; /* for the log: one clause */
};

struct step {
	enum work ask;
	enum stage then;
	enum stage redo_from;
	int64_t patience_ms; /* 0: for ever */
	int32_t tries;       /* 0: without end */
	bool each_page;      /* asked once a page */
	const char *tell;    /* event type told when the stage is *entered* */
};

#define UNSURE_WINDOW_MS  INT64_C(600000) /* how long an unanswered question may stay one */
#define LATE_PROOF_MS     INT64_C(60000)  /* then it is asked again, less and less often, */
#define LATE_PROOF_MAX_MS INT64_C(900000) /* until a person has looked in the tray */
#define SUBMIT_TRIES      5
#define REPRINT_TRIES     2 /* a policy of printing again at once: so often in a row */

/* The row of a stage; stages without work have ask DO_NOTHING. */
const struct step *path_at(enum stage stage);
/* Changes the job and says what follows. `chance`: 64 random bits for jitter. */
struct outcome path_step(
	struct job *job, const struct event *event, int64_t now_ms, uint64_t chance);
