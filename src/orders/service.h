/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of platen-orders share: the service, and a call on its way through it.
 *
 * A call is one transaction: the gate (gate.c) begins it, the handler reads and writes and leaves
 * an answer or a refusal, the gate commits and only then answers. A refusal rolls back, so that it
 * has changed nothing. The store is the truth; memory holds only polls that wait.
 */
#pragma once
#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/text.h"
#include "orders/setup.h"
#include "ports/db.h"
#include "ports/listen.h"
#include "ports/loop.h"
#include "wire/order.h"

#define EVENTS_MAX       500
#define EVENTS_BYTES_MAX (512 * 1024)
#define EVENT_DATA_MAX   (16 * 1024)
#define HELD_MAX         2000
#define CLOSED_MAX       1000
#define MISSED_MAX       300 /* with all that is answered of 2,000 jobs within a body */
#define WAIT_MAX_S       25
#define KEY_DAYS         30
#define TOKEN_S          3600
#define ORDER_JOBS_MAX   100
#define REMAKES_MAX      20
#define COPIES_MOST      9999
#define UPLOAD_BYTES_MAX (INT64_C(100) * 1024 * 1024)
#define REFUSED          0 /* of call->status: none yet */
#define ADMIN_NAME       "admin"

struct service {
	struct loop *loop;
	struct db *db;
	struct listener *listener;
	struct setup setup;
	struct signer *signer;           /* NULL: leases are not signed */
	char public_url[SETUP_TEXT_MAX]; /* "https://host:port", begins asset links */
	char link_key[HASH_HEX_MAX];
	int assets; /* descriptors of the folders */
	int incoming;
	struct link polls; /* of struct poll, polls.c */
	struct loop_timer *wake, *tick, *prune;
	int64_t ticked_boot_ms; /* of the latest polls_tick */
	int64_t regrant_minute; /* the brake on lapsed leases: this minute, and how many in it */
	int32_t regrants;
	bool broken; /* a statement of this call failed; fault says how */
	struct err fault;
	bool closing;
};

struct call;
typedef void call_handler(struct call *call);

enum who { WHO_ANY, WHO_FLOOR, WHO_ADMIN };

struct route {
	const char *method, *path; /* "{id}" stands for an id, at one place */
	enum who who;
	unsigned needs; /* NEED_* */
	call_handler *handle;
	const char *about; /* for `platen-orders calls` */
};

#define NEED_KEY     1u /* Idempotency-Key, and the answer is kept */
#define NEED_SESSION 2u
#define NEED_BODY    4u  /* a JSON object */
#define NEED_ENABLED 8u  /* refused to a disabled floor */
#define NEED_BATCH   16u /* a JSON list of CloudEvents */

struct call {
	struct service *service;
	struct request *request;
	const struct route *route;
	char client[TEXT_ID_MAX]; /* common name: the floor's id, or "admin" */
	char id[TEXT_ID_MAX];     /* of the path */
	char key[TEXT_ID_MAX];
	char request_hash[HASH_HEX_MAX]; /* method, path, query, body */
	char traceparent[65];
	json_t *body;
	/* what comes of it */
	int status; /* 2xx, or REFUSED with the problem, or with parked */
	json_t *answer;
	char etag[HASH_HEX_MAX + 2];
	bool parked; /* a poll waits; answered later */
	bool renews; /* the link key was changed in memory: back to the stored one on a refusal */
	bool wakes;  /* jobs may have become free: look at the waiting polls after the commit */
	struct problem problem;
};

/* ---- problem.c ---- */
/* All return false. A later refusal of the same call is ignored: the first is the cause. */
bool refuse(struct call *call, int status, const char *code, const char *format, ...) formats(4, 5);
bool refuse_bad(struct call *call, const struct err *err); /* 400 with err's code and text */
/* Answers a request outside any call with a problem document. */
void problem_answer(struct request *request, const struct problem *problem);
const char *status_title(int status);

/* ---- base of the store: a failure breaks the call (503 store) ---- */
void put(struct service *service, const char *sql, const char *kinds, ...);
bool read_end(struct service *service, struct db_row *row);
int64_t one_int(struct service *service, int64_t fallback, const char *sql, const char *kinds, ...);
/* The text of the first column of one row into out; false when there is none. */
bool one_text(
	struct service *service, char *out, size_t size, const char *sql, const char *kinds, ...);

/* ---- gate.c ---- */
extern const struct listen_hears gate_hears;
void call_finish(struct call *call); /* commit or roll back, answer, free what the call owns */
void call_init(struct call *call, struct service *service, struct request *request);

/* Reads a body and forgets it (request_take_body). */
void piece_drop(void *context, struct request *request, const void *bytes, size_t len);

/* ---- keys.c ---- */
/* False when the call needs no handler: it was replayed or refused. */
bool key_is_new(struct call *call);
void key_keep(struct call *call, const char *text);
void keys_prune(struct service *service);

/* ---- leases.c ---- */
/* True when the call has its answer: leases or a refusal. */
bool leases_try(struct call *call, int32_t *wait_s);

/* ---- polls.c ---- */
bool poll_is_waiting(const struct service *service, const char *client, const char *key);
void polls_try(void *service);
void polls_tick(struct service *service);                   /* each second */
void polls_end(struct service *service, const char *floor); /* NULL: all; with 204 */
void poll_gone(struct service *service, struct request *request);

/* ---- assets.c ---- */
void asset_serve(struct service *service, struct request *request);
/* A link good for the setup's link_s. */
void asset_link(const struct service *service, const char *asset, char url[URL_MAX]);
bool link_key_load(struct service *service);
void link_key_renew(struct service *service);

/* ---- upload.c ---- */
void upload_head(struct service *service, struct request *request);
bool upload_is(struct request *request); /* the request's body went through upload_head */
void upload_gone(struct request *request);

/* ---- handlers, one a route ---- */
call_handler meta_get, token_post, session_post, closed_post, offer_put, acquire_post, extend_post,
	release_post, start_post, sign_post, events_post, remakes_post, upload_post, orders_post,
	orders_get, order_get, job_get, events_get, job_cancel, job_revoke, job_pause, job_resume,
	job_retry, job_revise, job_free, floors_get, floor_disable, floor_enable, links_rotate;

bool token_is_good(const struct service *service, const char *client, const char *token);
