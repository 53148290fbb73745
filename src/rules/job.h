/* SPDX-License-Identifier: Apache-2.0
 *
 * A job as the rules see it, and the stages it walks. The daemon keeps one of these in memory for
 * every job that is not closed; the store's row is the truth.
 */
#pragma once
#include "rules/device.h"

/* Order matters: later stages are greater. Their words stand in job.c. */
enum stage {
	AT_LEASED,
	AT_FETCHED,
	AT_INSPECTED,
	AT_RENDERED,
	AT_QUEUED,
	AT_PERMITTED,
	AT_PREPARED,
	AT_OPENED,
	AT_SENDING,
	AT_COMMITTED,
	AT_ACCEPTED,
	AT_PRINTED,
	AT_REPORTED,
	AT_HELD_UNKNOWN,
	AT_HELD_OPERATOR,
	AT_QUARANTINED,
	AT_RELEASED,
	AT_CANCELLED,
	AT_LOST,
	STAGE_COUNT
};

enum work {
	DO_NOTHING,
	DO_FETCH,   /* bring one page's asset */
	DO_INSPECT, /* have a worker say what it is */
	DO_RENDER,  /* have a worker make the raster */
	DO_PLACE,   /* find a printer that has the right paper */
	DO_PERMIT,  /* ask the cloud for the right to start */
	DO_PREPARE, /* take the printer, read the witness before */
	DO_SEND,    /* hand one page over; answered by its three steps and its end */
	DO_GO,      /* the step is stored: let the worker go on */
	DO_CONFIRM, /* ask the printer what became of the attempt */
	DO_CANCEL,  /* ask the printer to stop the attempt */
	DO_REPORT,  /* wait until the cloud has acknowledged every event */
	WORK_COUNT
};

enum reason_kind { REASON_NONE, REASON_WAIT, REASON_HOLD, REASON_END };

struct job {
	int64_t row; /* in the store */
	char id[TEXT_ID_MAX];
	int64_t epoch, revision;
	char order_id[TEXT_ID_MAX], order_ref[65], label[65], traceparent[65];
	bool local;      /* its order authority is this floor */
	bool is_private; /* no thumbnails */
	int32_t priority;
	int64_t taken_ms, due_ms; /* floor time (farm.h); 0: none */
	char sku[NAME_MAX_LEN];
	enum duplicates duplicates;
	int32_t copies, n_pages;

	enum stage stage;
	enum stage held_from; /* HELD_OPERATOR: where a release goes back to */
	int64_t stage_wall_ms;
	int32_t page;   /* page-wise work: which page is next */
	int32_t tries;  /* of the present work that failed */
	int32_t deaths; /* of render workers on this job */
	int32_t redos;  /* how often it was sent back to an earlier stage */
	bool permitted;
	bool cancel_asked;
	bool asking;            /* DO_CONFIRM was asked because of a failure or a restart */
	int64_t doubt_since_ms; /* first unanswered question about the attempt; 0 = none */

	char model[NAME_MAX_LEN], media[NAME_MAX_LEN]; /* what it is rendered for */
	char printer[NAME_MAX_LEN];
	int32_t attempts;              /* made so far; the present one's number */
	int32_t submit_tries;          /* attempts in a row that were not taken */
	char refused_by[NAME_MAX_LEN]; /* did not take it SUBMIT_TRIES times: another may; "" */
	bool test;              /* a test print: tried once, at its printer alone, parked or not */
	int64_t attempt_row;    /* at the device or in doubt; 0: none */
	struct attempt attempt; /* valid when attempt_row is not 0 */

	int32_t prints, delivered, unknown, spoiled; /* of the ledger */
	int32_t doubled; /* in doubt and made again by policy: possible duplicates */

	enum reason_kind reason_kind;
	char reason_code[ERR_CODE_MAX];
	char reason[ERR_TEXT_MAX]; /* the plain reason on every screen */
};

const char *stage_word(enum stage stage);
bool stage_from_word(const char *word, enum stage *stage);
const char *work_name(enum work work);
/* No further work on this floor, whatever happens: PRINTED may still report. */
bool stage_is_final(enum stage stage);
/* An attempt may be at the device: PREPARED..ACCEPTED. */
bool stage_is_at_device(enum stage stage);
/* Below PERMITTED: may be lost without harm. */
bool stage_is_before_permit(enum stage stage);
/* The attempt phase that belongs to a stage of PREPARED..ACCEPTED. */
enum phase stage_phase(enum stage stage);
