/* SPDX-License-Identifier: Apache-2.0
 *
 * A bench for the cloud's door: the peer (cloud_peer.py), a real loop and spool, and a hearer that
 * writes down what it is told.
 */
#pragma once
#include "ports/cloud.h"
#include <stdbool.h>

enum heard {
	HEARD_SESSION,
	HEARD_OFFER,
	HEARD_ACQUIRE,
	HEARD_EXTEND,
	HEARD_RELEASE,
	HEARD_START,
	HEARD_EVENTS,
	HEARD_SIGN,
	HEARD_FETCH,
	HEARD_KINDS
};

struct bench_lease { /* of the first lease of the latest acquire */
	char job[TEXT_ID_MAX];
	int64_t epoch;
	struct asset asset; /* of its first page */
};

struct bench {
	char dir[64];
	int peer, peer_in;
	int port_api, port_assets, port_wrong_name, port_foreign;
	struct loop *loop;
	struct spool *spool;
	struct cloud_conf conf;
	struct cloud *cloud;
	/* what was heard */
	int n[HEARD_KINDS];
	int all, wanted; /* the loop stops when `all` reaches `wanted` */
	bool closed;
	bool late;      /* the watchdog came first */
	struct err err; /* of the latest answer; code "" on success */
	int64_t retry_after_ms;
	int64_t job_row;
	int32_t page;
	int64_t rows[64]; /* whose fetches were answered, in that order */
	char text[128];   /* something of the latest answer */
	int64_t number;   /* the same */
	struct bench_lease lease;
	char url[URL_MAX]; /* of the latest signing */
};

/* Of a group: starts and stops the peer. */
int bench_begin(void **state);
int bench_begin_with(void **state, const char *script);
int bench_end(void **state);
/* Of a test: loop, spool, door. */
int bench_open(void **state);
int bench_close(void **state);
/* Turns the loop until n more answers came; fails after 20 s. */
void bench_wait(struct bench *bench, int n);
/* Turns the loop for so long. */
void bench_turn(struct bench *bench, int ms);
/* Closes the door and opens it anew with bench->conf. */
void bench_reopen(struct bench *bench);
void bench_close_door(struct bench *bench);
void bench_path(const struct bench *bench, const char *name, char *path);
/* The peer's log as one text; the caller frees. */
char *bench_log(struct bench *bench);
void bench_forget_log(struct bench *bench);
/* What the peer serves as an asset of n bytes, and its name. */
void bench_asset(size_t n, char sha256[HASH_HEX_MAX]);
/* Asks for an asset of n bytes at https://HOST:PORT/PATH. */
void bench_fetch(struct bench *bench, int64_t job_row, size_t n, const char *host, int port,
	const char *path);
bool bench_has(struct bench *bench, enum spool_folder folder, size_t n);
