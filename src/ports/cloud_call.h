/* SPDX-License-Identifier: Apache-2.0
 *
 * One HTTPS call that blocks until it is answered: for command line programs, never for a daemon.
 */
#pragma once
#include "base/buf.h"

struct cloud_call {
	const char *url;             /* "https://host:port", no path */
	const char *ca, *cert, *key; /* PEM files: the private CA, who we are */
	const char *method, *path;   /* "POST", "/v1/…" with its query */
	const char *content_type;    /* of the body; NULL: no body */
	const char *body;            /* a text … */
	const char *file;            /* … or the path of a file, read as it is sent */
	const char *idempotency_key; /* NULL: none */
	const char *agent;
};

/* False (RETRY, code "unreachable") when no answer came; any answer is a success here. */
must_use bool cloud_call(
	const struct cloud_call *call, long *status, struct buf *answer, struct err *err);
