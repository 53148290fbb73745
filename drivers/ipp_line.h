/* SPDX-License-Identifier: Apache-2.0
 *
 * One exchange on a line to the printer, as the files see it that make one up (ipp_call.c) and that
 * carry it (ipp_line.c). Nobody else includes this.
 */
#pragma once
#include "base/buf.h"
#include "drivers/ipp.h"
#include <curl/curl.h>

struct ipp_line {
	CURLM *multi;
	CURL *curl;
};

struct exchange {
	struct ipp *ipp;
	CURL *curl;
	ipp_op_t operation;
	struct buf request;
	size_t request_at;
	struct buf answer;
	size_t head_bytes;
	struct ipp_upload *upload; /* NULL: none */
	int64_t document_at;
	int64_t mark_ms;     /* when the mark was reached */
	bool at_mark;        /* all that may go without the mark has gone */
	int64_t moved_ms;    /* when the last bytes were taken */
	int64_t said_ms;     /* when it was last said that bytes move */
	int64_t said_at;     /* and how many had gone then */
	int64_t deadline_ms; /* 0: none */
	int32_t within_ms;
	bool fresh;    /* not on a kept connection */
	bool named;    /* it was asked who we are, and told */
	bool shaken;   /* connected, the key is right: the request may go */
	bool outdated; /* a kept connection, from before another key was accepted */
	bool broken;   /* the document could not be read */
	bool too_long;
	struct err refusal; /* by the host or the key, before a byte went; code "": none */
};

/* Why an exchange ended before curl said so. */
enum cut { CUT_NOT, CUT_STOP, CUT_LATE, CUT_EARLY };

/* ---- ipp_line.c ---- */
/* Sends the request and takes the answer in, as far as both go. */
CURLcode ipp_line_carry(struct ipp_line *line, struct exchange *x, enum cut *cut);

/* ---- ipp_tls.c ---- */
/* OpenSSL reads its configuration at its first use: before the worker is locked in. */
void ipp_tls_warm(void);
void ipp_tls_set_up(const struct ipp *ipp, CURL *curl);
/* Called with the connection that is about to carry a request, each time; else x->refusal says why
 * not, or x->outdated that it is to be another connection. */
must_use bool ipp_tls_key_fits(struct exchange *x);

/* ---- ipp_auth.c ---- */
/* False while a refused password waits: asking again and again would lock the account. */
must_use bool ipp_auth_may_ask(struct ipp *ipp, struct err *err);
/* What a machine with another key has asked for, this one has not. */
void ipp_auth_set_up(struct ipp *ipp, CURL *curl);
/* The printer wants to know who we are. True: the same once more, with a name. */
must_use bool ipp_auth_answer(struct exchange *x, struct err *err);
/* It wants no name any more and took the empty request that goes before one for a bad one. True:
 * the same once more, without. */
bool ipp_auth_unlearn(struct exchange *x, long status);
void ipp_auth_was_fine(const struct exchange *x);
