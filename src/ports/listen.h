/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP/1.1 servers on the loop: a Unix socket or a TCP address, with or without TLS and client
 * certificates; any number of listeners in one process. The only user of libmicrohttpd and GnuTLS.
 *
 * A handler gets a whole request and answers it at once or in any later turn; so an answer can wait
 * for the store's commit. Until answered, a request belongs to the handler; `listen_answer` or
 * `listen_stream_end` hands it back, and so does `gone`: after any of these the pointer is dead.
 * What outlives a turn should keep the request's id and look it up again.
 */
#pragma once
#include "ports/loop.h"
#include <stddef.h>
#include <sys/types.h>

struct listener;
struct request;

enum client_cert { CLIENT_CERT_NONE, CLIENT_CERT_OPTIONAL, CLIENT_CERT_REQUIRED };

struct listen_hears {
	/* A whole request is there (its body is within the limit). */
	void (*request)(void *context, struct request *request);
	/* The client left, or the listener closes, before the request was answered or its stream
	 * was ended. May be NULL. */
	void (*gone)(void *context, struct request *request);
	/* The head is there, the body is still to come. May answer (the body is then not read), or
	 * call request_take_body. May be NULL. Not called for requests without a body. */
	void (*head)(void *context, struct request *request);
};

/* 0 and NULL mean the default in brackets. Texts are copied. */
struct listen_conf {
	const char *path;                /* a Unix socket; a stale one is replaced. NULL: TCP */
	unsigned mode;                   /* of the Unix socket [0660] */
	const char *host;                /* TCP: a numeric address [127.0.0.1] */
	int port;                        /* TCP: 0 = any free one, see listen_port */
	const char *cert, *key, *ca;     /* PEM files; cert NULL: plain HTTP */
	enum client_cert client_cert;    /* judged during the handshake, against ca */
	int64_t body_max_bytes;          /* above: 413 [1 MiB] */
	int connections_max;             /* in all [512] */
	int connections_per_address_max; /* TCP [128] */
	int64_t head_ms;                 /* for the head of a request, from its first byte [10 s] */
	int64_t idle_ms;                 /* between requests of a connection [10 s] */
	int64_t body_ms;                 /* for the body [120 s] */
	int64_t beat_ms;                 /* a comment line in idle event streams [15 s] */
};

/* NULL when the address is taken, the socket's folder is missing, a file is unreadable, … */
struct listener *listen_open(struct loop *loop, const struct listen_conf *conf,
	const struct listen_hears *hears, void *context, struct err *err);
/* The TCP port that was taken; 0 for a Unix socket. */
int listen_port(const struct listener *listener);
/* Stops accepting, tells `gone` for what is unanswered, lets answers under way finish (at most
 * 500 ms), then calls `done` in a later turn; only then may `context` of the listener go. */
void listen_close(struct listener *listener, loop_call *done, void *context);

/* ---- what was asked; all borrowed until the request is answered or gone ---- */
uint64_t request_id(const struct request *request); /* never used again in this listener */
/* NULL when it was answered or is gone. */
struct request *listen_find(struct listener *listener, uint64_t id);
const char *request_method(const struct request *request); /* "GET" "HEAD" "POST" "PUT" … */
const char *request_path(const struct request *request);   /* decoded, without the query */
/* The path's parts between slashes, "" beyond the last. "/v1/jobs/7:hold" has 3. */
size_t request_parts(const struct request *request);
const char *request_part(const struct request *request, size_t at);
/* NULL when absent. Names of headers are case-insensitive. */
const char *request_query(const struct request *request, const char *name);
const char *request_header(const struct request *request, const char *name);
const char *request_body(const struct request *request, size_t *len); /* NUL-terminated */
int64_t request_body_bytes(const struct request *request); /* Content-Length as announced */
/* The common name of the verified client certificate; "" when there is none. */
const char *request_client(const struct request *request);
/* Who is at the other end of a Unix socket; false on TCP. */
bool request_peer(const struct request *request, uid_t *uid, gid_t *gid, pid_t *pid);
/* "unix" or the numeric address of the client. */
const char *request_from(const struct request *request);
/* One pointer of the handler's own. */
void request_keep(struct request *request, void *own);
void *request_kept(const struct request *request);

/* Only inside `head`: pieces of the body go to `piece` instead of memory, up to max_bytes
 * (announced longer: 413 at once). A piece may answer; the rest is then read and dropped. */
void request_take_body(struct request *request, int64_t max_bytes,
	void (*piece)(void *context, struct request *request, const void *bytes, size_t len));

/* ---- answers ---- */
struct answer_header {
	const char *name, *value;
};

/* body may be NULL when len is 0; it is copied. */
void listen_answer(struct request *request, int status, const char *content_type, const void *body,
	size_t len, const struct answer_header *headers, size_t n);
/* `length` bytes of the file from `offset`; owns fd from now on. The caller read the Range header
 * (request_range) and chose the status and Content-Range. */
void listen_answer_file(struct request *request, int status, const char *content_type, int fd,
	int64_t offset, int64_t length, const struct answer_header *headers, size_t n);
/* Starts text/event-stream (status 200). Then any number of sends, then one end (or gone). A client
 * that falls more than 1 MiB behind is dropped. */
void listen_stream_start(struct request *request, const struct answer_header *headers, size_t n);
void listen_stream_send(struct request *request, const void *bytes, size_t len);
void listen_stream_end(struct request *request);

enum range { RANGE_NONE, RANGE_ONE, RANGE_BAD };
/* What the Range header wants of a file of `size` bytes: RANGE_NONE (absent, of another unit, or of
 * several parts: send it whole), RANGE_ONE (206), RANGE_BAD (416). */
enum range request_range(
	const struct request *request, int64_t size, int64_t *offset, int64_t *length);
