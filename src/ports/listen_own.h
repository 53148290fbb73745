/* SPDX-License-Identifier: Apache-2.0
 *
 * What the listen*.c files share. Included by them only.
 *
 * A line is one connection; it carries at most one request at a time (HTTP/1.1 pipelines wait in
 * the line's buffer). Requests are freed by libmicrohttpd's completion call and nowhere else.
 */
#pragma once
#include "ports/listen.h"
#include "base/buf.h"
#include "base/list.h"
#include "ports/loop_uv.h"
#include <microhttpd.h>

#define PARTS_MAX        16
#define CLIENT_MAX       65
#define FROM_MAX         48
#define HEAD_BYTES_MAX   (16 * 1024)
#define DRAIN_BYTES_MAX  (64 * 1024)
#define HEADERS_MAX      100
#define STREAM_BYTES_MAX (1024 * 1024)

enum line_state { LINE_IDLE, LINE_HEAD, LINE_BODY, LINE_ASKED };

struct line {
	struct link link;
	struct listener *listener;
	struct MHD_Connection *connection;
	int fd; /* MHD's */
	enum line_state state;
	int64_t since_ms;
	struct request *request; /* NULL between requests */
	char from[FROM_MAX];
	char client[CLIENT_MAX]; /* "" until read, or none */
	bool client_read;
};

enum request_state {
	REQUEST_READING,
	REQUEST_ASKED, /* the handler's */
	REQUEST_ANSWERED,
	REQUEST_STREAMING, /* the handler's */
	REQUEST_ENDED,     /* a stream without more to come */
	REQUEST_DEAD,      /* its client left; MHD is to drop it */
};

struct request {
	struct link link;
	struct line *line;
	uint64_t id;
	enum request_state state;
	bool headed; /* the head was judged */
	bool shown;  /* the handler saw it, so that it must be told of its end */
	bool is_bad_uri;
	bool suspended;
	char *method, *path, *split;
	const char *parts[PARTS_MAX];
	size_t n_parts;
	int64_t body_bytes, body_max_bytes;
	struct buf body;
	void (*piece)(void *context, struct request *request, const void *bytes, size_t len);
	struct MHD_Response *response; /* ours until it was queued */
	int status;
	struct buf stream;
	int64_t beaten_ms; /* when the stream last got bytes */
	void *own;
};

struct listener {
	struct loop *loop;
	struct MHD_Daemon *daemon;
	struct listen_conf conf;
	struct listen_hears hears;
	void *context;
	struct link lines, requests;
	uint64_t last_id;
	int port;
	int socket;                   /* ours only once accepting has stopped */
	char *path, *cert, *key, *ca; /* own copies: the socket's path, the PEM texts */
	uv_poll_t poll;
	uv_timer_t timer, sweep;
	int n_handles;
	bool closing;
	int64_t close_by_ms;
	loop_call *closed;
	void *closed_context;
};

/* listen_request.c */
void *request_begin(void *listener, const char *uri, struct MHD_Connection *connection);
enum MHD_Result request_go_on(void *listener, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *bytes, size_t *n_bytes, void **own);
void request_complete(void *listener, struct MHD_Connection *connection, void **own,
	enum MHD_RequestTerminationCode code);
/* Tells the handler that it is over, once. */
void request_forget(struct request *request);
void request_wake(struct request *request);
/* listen_answer.c */
enum MHD_Result answer_queue(struct request *request);
/* listen.c */
void listener_kick(struct listener *listener);
/* listen_line.c */
void line_notify(void *listener, struct MHD_Connection *connection, void **line,
	enum MHD_ConnectionNotificationCode code);
struct line *line_of(struct MHD_Connection *connection);
void line_enter(struct line *line, enum line_state state);
void line_cut(struct line *line);
void line_sweep(uv_timer_t *timer);
