/* SPDX-License-Identifier: Apache-2.0
 *
 * The order API as C values (docs/order-api.md says it in JSON; member names are the same). What is
 * decoded is bounded and checked field by field; a bad lease in a good answer is told apart from a
 * bad answer, so that one wrong job never hides the others.
 */
#pragma once
#include "base/sign.h"
#include "rules/catalog.h"
#include "wire/json.h"
#include "wire/picture.h"
#include "wire/recipe.h"

#define PAGES_MAX      32
#define LEASES_MAX     50
#define OFFER_SKUS_MAX 256
#define URL_MAX        2048
#define STAGE_WORD_MAX 24

struct asset {
	char id[TEXT_ID_MAX];
	char sha256[HASH_HEX_MAX];
	int64_t bytes;
	char media_type[33];
	char url[URL_MAX];    /* short-lived, signed: never stored, never logged; "" when unknown */
	int64_t expires_in_s; /* of the url */
};

struct lease_page {
	struct asset asset;
	struct page_options options;
	char options_json[1024]; /* canonical text of `options`, as stored */
};

/* What becomes of a lease without a good signature. */
enum signatures { SIGNATURES_OFF, SIGNATURES_WARN, SIGNATURES_BLOCK };

/* What a lease's signature is worth; said by the door that has the keys. */
enum trust {
	TRUST_NONE,   /* it has none */
	TRUST_SIGNED, /* by a key of the ring */
	TRUST_BAD,    /* trust_fault says why */
};

struct lease {
	char job[TEXT_ID_MAX];
	int64_t epoch, revision;
	int64_t ttl_s;
	int32_t priority; /* 0..100, higher first; 50 where absent */
	int64_t due_in_s; /* -1: none */
	char sku[NAME_MAX_LEN];
	/* assertions about the product; 0 or "" where absent */
	int32_t asserted_width_hmm, asserted_height_hmm,
		asserted_border_hmm; /* border: -1 absent */
	char asserted_finish[17];
	int32_t copies; /* 1.. */
	bool has_duplicates;
	enum duplicates duplicates;
	int32_t n_pages;
	struct lease_page *pages; /* owned by the lease: lease_fini */
	char label[65];
	char parent[TEXT_ID_MAX]; /* the job that this one is a remake of; "" */
	char order_id[TEXT_ID_MAX], order_ref[65];
	int32_t jobs_total, jobs_elsewhere;
	int64_t leave_by_in_s; /* -1: none */
	char handover[17];     /* "ship" "pickup" "counter", "" */
	bool is_private;
	char traceparent[65];
	char signed_by[SIGN_NAME_MAX], signature[SIGN_HEX_MAX]; /* "" */
	char *signed_form; /* the text that was signed, owned; NULL without a signature */
	enum trust trust;
	struct err trust_fault;
};

struct lease_fault { /* a lease that could not be read; job is "" when not even that was there */
	char job[TEXT_ID_MAX];
	int64_t epoch;
	struct err err;
};

struct left_out { /* items of an answer that could not be read, and why the first of them */
	size_t n;
	struct err err;
};

struct acquire_answer {
	struct lease *leases; /* owned: acquire_answer_fini */
	size_t n_leases;
	struct lease_fault faults[LEASES_MAX];
	size_t n_faults;
};

struct acquire_ask {
	int32_t max_jobs;
	int64_t max_bytes;
	int32_t wait_s;
	char offer_etag[65];
};

struct held_job { /* what the floor says it has: sessions and extends */
	char job[TEXT_ID_MAX];
	int64_t epoch;
	char state[STAGE_WORD_MAX]; /* stage word: "leased" … "printed" */
	int64_t seq;                /* highest event sequence of the job that the floor has made */
	int32_t printed;            /* sheets that came out so far */
};

struct session_ask {
	char floor[TEXT_ID_MAX];
	char store_id[ULID_MAX];
	int64_t store_generation;
	char boot_id[40];
	char agent[65];
	const struct held_job *jobs; /* borrowed for the call */
	size_t n_jobs;
};

enum session_verdict { SESSION_KEEP, SESSION_DROP, SESSION_UNKNOWN, SESSION_RESEND };

struct session_job {
	char job[TEXT_ID_MAX];
	enum session_verdict verdict;
	int64_t resend_from; /* SESSION_RESEND: first sequence wanted */
};

struct missed_job { /* the service believes that the floor has it, but it was not listed */
	char job[TEXT_ID_MAX];
	int64_t epoch;
	int64_t seq;    /* the highest that the service has of this store */
	bool permitted; /* cleared to print, so maybe printed */
};

struct session_answer {
	char session[TEXT_ID_MAX];
	int64_t ttl_s, heartbeat_s, poll_wait_s;
	int32_t batch_events;
	struct session_job *jobs; /* owned: session_answer_fini */
	size_t n_jobs;
	struct missed_job *missed; /* owned, too; none from a service that does not say so */
	size_t n_missed;
	struct left_out left_out;
};

enum closed_verdict { CLOSED_KEEP, CLOSED_RESEND, CLOSED_RELEASE };

struct closed_job {
	char job[TEXT_ID_MAX];
	enum closed_verdict verdict;
	int64_t resend_from; /* first sequence wanted; 0: none */
};

struct closed_answer {
	struct closed_job *jobs; /* owned: closed_answer_fini */
	size_t n_jobs;
	struct left_out left_out;
};

enum extend_action {
	EXTEND_NONE,
	EXTEND_CANCEL,
	EXTEND_REVOKE,
	EXTEND_REFRESH_LINKS,
	EXTEND_HOLD,
	EXTEND_GONE /* the job is not ours any more, or "unknown" */
};

struct extend_job {
	char job[TEXT_ID_MAX];
	int64_t epoch, ttl_s;
	enum extend_action action;
};

struct extend_answer {
	struct extend_job *jobs; /* owned: extend_answer_fini */
	size_t n_jobs;
	struct left_out left_out;
};

struct start_ask {
	char job[TEXT_ID_MAX];
	int64_t epoch, revision;
	char printer[NAME_MAX_LEN];
};

enum start_verdict {
	START_GRANTED,
	START_CANCELLED,
	START_SUPERSEDED,
	START_REVISED,
	START_PAUSED
};

struct start_job {
	char job[TEXT_ID_MAX];
	int64_t epoch;
	enum start_verdict verdict;
};

struct start_answer {
	struct start_job *jobs; /* owned: start_answer_fini */
	size_t n_jobs;
	struct left_out left_out;
};

enum release_retry { RELEASE_NEVER, RELEASE_ELSEWHERE, RELEASE_LATER };

struct release_ask {
	char job[TEXT_ID_MAX];
	int64_t epoch;
	char reason[ERR_CODE_MAX]; /* machine word: "unsupported", "poison", "asset-hash" … */
	char detail[ERR_TEXT_MAX]; /* the sentence */
	enum release_retry retry;
	int64_t later_s;
};

enum release_verdict { RELEASE_OK, RELEASE_STALE /* it was not ours: nothing changed */ };

struct sign_ask {
	char asset[TEXT_ID_MAX];
	char job[TEXT_ID_MAX];
	int64_t epoch;
};

struct sign_answer {
	char url[URL_MAX];
	int64_t expires_in_s;
};

struct offer_printer {
	char id[NAME_MAX_LEN];
	char model[NAME_MAX_LEN];
	char state[17]; /* "idle" "printing" "needs-you" "paused" "offline" */
	char media[NAME_MAX_LEN];
	char skus[OFFER_SKUS_MAX][NAME_MAX_LEN]; /* makeable with what is loaded now */
	int32_t n_skus;
	int32_t ms_per_print;
	int64_t queue_s; /* seconds of work before it */
	bool knows_sheets;
	int32_t sheets_left; /* where it is known */
};

struct offer {
	const struct offer_printer *printers; /* borrowed */
	size_t n_printers;
	int64_t max_pixels, max_bytes;
	int32_t want_jobs;
	int64_t want_s;                       /* seconds of work; 0 = backpressure */
	int64_t offline_s;                    /* of work that is kept cleared against an outage */
	const char *formats[PICTURE_FORMATS]; /* accepted media types; NULL ends */
	char etag[65];                        /* of the offer the cloud has, "" = none: If-Match */
};

struct event_row { /* one CloudEvent as stored in the outbox */
	int64_t row;
	char subject[80]; /* job id, or "printer/NAME" */
	int64_t sequence;
	char id[ULID_MAX];
	char type[65];          /* "platen.job.printed.v1" */
	int64_t epoch, attempt; /* 0 where not of a job */
	char time[32];          /* RFC 3339, display only */
	char traceparent[65];
	char *data; /* canonical JSON object; owned by whoever holds the row */
};

enum event_fate { EVENT_ACCEPTED, EVENT_DUPLICATE, EVENT_STALE_EPOCH, EVENT_GAP, EVENT_REJECTED };

struct event_verdict {
	char id[ULID_MAX];
	enum event_fate fate;
	int64_t expected; /* EVENT_GAP: the sequence wanted */
	char code[ERR_CODE_MAX];
};

struct events_answer {
	struct event_verdict *events; /* owned: events_answer_fini */
	size_t n_events;
	struct left_out left_out;
};

struct token { /* of POST /v1/token */
	char text[2049];
	int64_t expires_in_s;
};

struct problem { /* application/problem+json */
	int32_t status;
	char code[ERR_CODE_MAX];
	char detail[ERR_TEXT_MAX];
	bool retryable;
	int64_t retry_after_s; /* -1: not said */
};

/* Bodies of requests: new JSON, the caller's. */
json_t *session_ask_to_json(const struct session_ask *ask);
json_t *offer_to_json(const struct offer *offer);
json_t *acquire_ask_to_json(const struct acquire_ask *ask);
/* Also of the call that names closed jobs. */
json_t *extend_ask_to_json(const struct held_job *jobs, size_t n);
json_t *release_ask_to_json(const struct release_ask *jobs, size_t n);
json_t *start_ask_to_json(const struct start_ask *jobs, size_t n);
json_t *sign_ask_to_json(const struct sign_ask *ask);

/* Answers. On failure nothing is owned by *answer. An item that can't be read, as by an unknown
 * enum value, is an error of that item alone: acquire lists it as a fault, the others leave it out.
 */
must_use bool session_answer_from_json(
	const json_t *json, struct session_answer *answer, struct err *err);
must_use bool closed_answer_from_json(
	const json_t *json, struct closed_answer *answer, struct err *err);
must_use bool acquire_answer_from_json(
	const json_t *json, struct acquire_answer *answer, struct err *err);
must_use bool extend_answer_from_json(
	const json_t *json, struct extend_answer *answer, struct err *err);
must_use bool start_answer_from_json(
	const json_t *json, struct start_answer *answer, struct err *err);
must_use bool sign_answer_from_json(
	const json_t *json, struct sign_answer *answer, struct err *err);
must_use bool events_answer_from_json(
	const json_t *json, struct events_answer *answer, struct err *err);
/* What became of that one job. */
must_use bool release_verdict_from_json(
	const json_t *json, const char *job, enum release_verdict *verdict, struct err *err);
must_use bool token_from_json(const json_t *json, struct token *token, struct err *err);
/* Never fails: what is missing or wrong stays at its plain default (status from the caller). */
void problem_from_json(const json_t *json, int32_t status, struct problem *problem);

void lease_fini(struct lease *lease);
void acquire_answer_fini(struct acquire_answer *answer);
void session_answer_fini(struct session_answer *answer);
void closed_answer_fini(struct closed_answer *answer);
void extend_answer_fini(struct extend_answer *answer);
void start_answer_fini(struct start_answer *answer);
void events_answer_fini(struct events_answer *answer);

/* One lease object; used by acquire and by tests. */
must_use bool lease_from_json(const json_t *json, struct lease *lease, struct err *err);
json_t *lease_to_json(const struct lease *lease);

/* wire/event.c: an application/cloudevents-batch+json body. source: /floors/F/stores/S. */
json_t *event_batch_to_json(
	const struct event_row *events, size_t n, const char *floor, const char *store_id);
must_use bool event_from_json(const json_t *json, struct event_row *event, struct err *err);
