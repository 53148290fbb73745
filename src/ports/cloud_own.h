/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the cloud's door share. Nobody else includes it.
 *
 *   cloud.c        set-up, closing, what is told in a later turn
 *   cloud_ask.c    the calls: an ask_x beside its on_x
 *   cloud_request.c   one call: headers, bounded answer, status, token
 *   cloud_fetch.c  assets: queue, who waits for what
 *   cloud_file.c   one asset on its way into the spool
 *   cloud_guard.c  where assets may come from
 *   cloud_multi.c  libcurl on the loop
 */
#pragma once
#include "base/buf.h"
#include "base/list.h"
#include "ports/cloud.h"
#include "ports/cloud_multi.h"
#include "rules/breaker.h"

#define ANSWER_BYTES_MAX JSON_BYTES_MAX
#define FETCHES_AT_ONCE  4

struct cloud;
struct call;

/* ---- one call ---- */
struct call_kind {
	const char *method, *path;
	const char *media_type;
	/* answer is NULL on failure, and for a 204; err NULL on success. May fail the answer. */
	void (*hear)(struct call *call, const json_t *answer, const struct err *err,
		int64_t retry_after_ms);
};

struct call {
	struct transfer transfer; /* first */
	struct link link;         /* in cloud->calls */
	struct cloud *cloud;
	struct multi *multi;
	const struct call_kind *kind;
	char key[TEXT_ID_MAX];
	char if_match[65];
	int32_t wait_s; /* acquire */
	char *body;
	struct curl_slist *headers;
	struct buf answer;
	bool too_big, renewed;
	char etag[65]; /* of the answer */
	/* what the hearer is told beside the answer */
	int64_t job_row;
	int32_t page;
	char job[TEXT_ID_MAX];
};

struct call *call_create(struct cloud *cloud, const struct call_kind *kind, const char *key);
/* Takes the body over and sends. */
void call_send(struct call *call, json_t *body);
/* Answers with err and frees. */
void call_end(
	struct call *call, const json_t *answer, const struct err *err, int64_t retry_after_ms);
/* The error of an answer that came, but is not what the contract says. */
void call_garbled(const struct call *call, struct err *err);

/* ---- fetches ---- */
enum fetch_state { FETCH_QUEUED, FETCH_RUNNING, FETCH_KEEPING };

struct part {             /* what has arrived of an asset, and its running hash */
	struct link link; /* in cloud->parts while nobody fetches it */
	char sha256[HASH_HEX_MAX];
	int fd;
	int64_t have_bytes;
	struct hash *hash;
};

struct fetch {                    /* one asset; several pages may wait for it */
	struct transfer transfer; /* first */
	struct link link;         /* in cloud->fetches */
	struct cloud *cloud;
	enum fetch_state state;
	struct link waiters;
	int64_t job_row; /* of the first waiter, for a fair turn */
	char sha256[HASH_HEX_MAX];
	int64_t bytes;
	char url[URL_MAX];
	const struct asset_host *host;
	struct part *part;
	int64_t deadline_ms; /* boot time */
	int32_t cuts;
	/* of the transfer under way */
	int64_t began_bytes; /* what was there before */
	bool judged;         /* head of the answer was looked at */
	bool whole;          /* no Range: it is to begin at the start */
	bool dialled;        /* an address that is allowed */
	char refused[64];    /* an address that is not */
	bool failed;         /* by us, with err */
	struct err err;
};

void fetch_destroy(struct fetch *fetch);
/* The end of a running fetch: tells all who wait, frees, and starts the next. */
void fetch_end(struct fetch *fetch, const struct err *err);
/* Whether its host answers. */
void fetch_host_told(struct fetch *fetch, bool answers);
/* The bytes are there and right: into assets. */
void fetch_keep(struct fetch *fetch);
/* False with err when it cannot even begin. */
must_use bool file_start(struct fetch *fetch, struct err *err);
/* Stops a running transfer; what has arrived is set aside for another try. */
void file_stop(struct fetch *fetch);
void part_destroy(struct cloud *cloud, struct part *part, bool keep_file);

struct cloud {
	struct loop *loop;
	struct spool *spool;
	struct cloud_conf conf;
	struct breaker breakers[CLOUD_HOSTS_MAX]; /* beside each of conf.hosts */
	struct key_ring *ring;                    /* NULL: signatures are not looked at */
	const struct cloud_hears *hears;
	void *farm;
	struct multi api, poll, assets; /* the long poll has connections of its own */
	char session[TEXT_ID_MAX];
	char store_id[ULID_MAX]; /* of the latest session asked for: the source of events */
	char token[sizeof((struct token *)0)->text]; /* "": none in use */
	bool reachable;
	struct link calls;    /* in flight */
	struct link renewing; /* calls that wait for a token */
	struct call *token_call;
	struct link fetches, parts;
	int32_t n_parts, n_keeping;
	struct link answers; /* of fetches, for a later turn */
	uv_timer_t timer;
	bool closing;
	int32_t n_open; /* multis and the timer */
	loop_call *closed;
	void *closed_context;
};

/* In a later turn; err NULL on success. */
void cloud_tell_fetch(struct cloud *cloud, int64_t job_row, int32_t page, const struct err *err);
/* The door's timer, as soon as may be: tells, and ends what is asked while closing. */
void cloud_wake(struct cloud *cloud);
/* Something in flight has ended: closing goes on, in a later turn (libcurl may be among the
 * callers, and its handles must not go from under it). */
void cloud_ended(struct cloud *cloud);

/* The operations, in cloud_ask.c and cloud_fetch.c. */
void cloud_fetch(void *self, const struct fetch_ask *ask);
void cloud_fetch_cancel(void *self, int64_t job_row);
void cloud_end_fetches(struct cloud *cloud, const struct err *err);
