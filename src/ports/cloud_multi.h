/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl's multi interface on the loop: it says which sockets and which time-out it waits for, the
 * loop waits, and what has ended is told in a turn of its own.
 */
#pragma once
#include "ports/loop_uv.h"
#include <curl/curl.h>

struct transfer { /* stands first in whatever is transferred */
	CURL *easy;
	char fault[CURL_ERROR_SIZE];
	/* The transfer is out of the multi handle already; easy is still there to be asked. */
	void (*done)(struct transfer *transfer, CURLcode code);
};

struct multi {
	CURLM *curl;
	uv_loop_t *uv;
	uv_timer_t timer;
	int n_handles; /* of the loop, not closed yet */
	loop_call *closed;
	void *context;
};

must_use bool multi_init(struct multi *multi, struct loop *loop, struct err *err);
/* All transfers must be out. `closed` is called when nothing of it is in the loop any more. */
void multi_fini(struct multi *multi, loop_call *closed, void *context);
/* A new easy handle with what all of ours have in common: https only, nothing followed, no proxy.
 */
must_use bool transfer_init(struct transfer *transfer, const char *url, struct err *err);
/* Takes it out, if it is in, and frees the handle. */
void transfer_fini(struct transfer *transfer, struct multi *multi);
must_use bool multi_add(struct multi *multi, struct transfer *transfer, struct err *err);
/* Sorts the end of a transfer that brought no status: a sentence, always RETRY. */
void transfer_fault(
	const struct transfer *transfer, CURLcode code, const char *who, struct err *err);
