/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests, from their first line to their end.
 *
 *  1. request_begin: the request line is there.
 *  2. request_go_on, first call: the head is there; it is judged, and `head` told.
 *  3. request_go_on with bytes: the body, into memory or to `piece`.
 *  4. request_go_on without: all is there; `request` told. Unanswered: the connection is suspended;
 *     the answer resumes it, and this is called once more to queue it.
 *  5. request_complete: answered, or the client left, or the server stops.
 *
 * Ways it fails: a head that is too long or says two things about its length, a body over the limit
 * or of unknown length. Those are answered here, and the handler never sees them.
 */
#include "ports/listen_own.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct listener *listener_of(const struct request *request)
{
	return request->line->listener;
}

/* An encoded slash or NUL would make the path mean something else after decoding. */
static bool uri_is_bad(const char *uri)
{
	for (const char *at = uri; *at != '\0' && *at != '?'; at++) {
		if ((unsigned char)*at < 0x21 || *at == 0x7f) {
			return true;
		}
		if (strncmp(at, "%00", 3) == 0 || strncasecmp(at, "%2f", 3) == 0) {
			return true;
		}
	}
	return uri[0] != '/';
}

void *request_begin(void *own, const char *uri, struct MHD_Connection *connection)
{
	struct listener *listener = own;
	struct line *line = line_of(connection);
	struct request *request = mem_new(1, sizeof *request);
	request->line = line;
	request->id = ++listener->last_id;
	request->is_bad_uri = uri_is_bad(uri);
	request->body_max_bytes = listener->conf.body_max_bytes;
	list_append(&listener->requests, &request->link);
	line->request = request;
	line_enter(line, LINE_HEAD);
	return request;
}

static bool split_path(struct request *request, const char *url)
{
	request->path = mem_text(url);
	request->split = mem_text(url);
	char *rest = request->split;
	for (char *part = strsep(&rest, "/"); part != NULL; part = strsep(&rest, "/")) {
		if (part[0] == '\0') {
			continue;
		}
		if (request->n_parts == PARTS_MAX) {
			return false;
		}
		request->parts[request->n_parts++] = part;
	}
	return true;
}

struct head {
	int n, n_lengths, n_encodings;
	const char *length;
};

static enum MHD_Result count_header(
	void *own, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct head *head = own;
	(void)kind;
	head->n++;
	if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
		head->n_lengths++;
		head->length = value;
	} else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
		head->n_encodings++;
	}
	return MHD_YES;
}

static void refuse(struct request *request, int status, const char *code, const char *detail)
{
	char body[256];
	int len = snprintf(body, sizeof body,
		"{\"code\":\"%s\",\"detail\":\"%s\",\"retryable\":false,\"status\":%d}\n", code,
		detail, status);
	listen_answer(request, status, "application/problem+json", body, (size_t)len, NULL, 0);
}

/* Judges the head; a fault is answered. */
static void judge_head(struct request *request, struct MHD_Connection *connection)
{
	struct head head = {0};
	MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header, &head);
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	if (request->is_bad_uri) {
		refuse(request, 400, "uri", "the request's path has bytes that no path may have");
	} else if (head.n > HEADERS_MAX || (info != NULL && info->header_size > HEAD_BYTES_MAX)) {
		refuse(request, 431, "head-too-large",
			"the request's head is over 16 KiB or 100 lines");
	} else if (head.n_lengths > 1 || (head.n_lengths > 0 && head.n_encodings > 0)) {
		refuse(request, 400, "body-length", "the request says two things of its length");
	} else if (head.n_encodings > 0) {
		refuse(request, 411, "length-required", "say Content-Length: no chunked bodies");
	} else if (head.length != NULL &&
		   !text_to_int(head.length, 0, INT64_MAX, &request->body_bytes)) {
		refuse(request, 400, "body-length", "Content-Length is not a number");
	}
}

static void hear_head(struct request *request)
{
	struct listener *listener = listener_of(request);
	if (request->state != REQUEST_READING || request->body_bytes == 0) {
		return;
	}
	if (listener->hears.head != NULL) {
		request->shown = true;
		listener->hears.head(listener->context, request);
	}
	if (request->state == REQUEST_READING && request->body_bytes > request->body_max_bytes) {
		request_forget(request);
		char detail[80];
		snprintf(detail, sizeof detail, "the body is over %lld bytes",
			(long long)request->body_max_bytes);
		refuse(request, 413, "body-too-large", detail);
	}
}

static void take_bytes(struct request *request, const char *bytes, size_t len)
{
	struct listener *listener = listener_of(request);
	if (request->state != REQUEST_READING) {
		return; /* answered: what is still to come is read and dropped */
	}
	if (request->piece != NULL) {
		request->piece(listener->context, request, bytes, len);
		return;
	}
	buf_add(&request->body, bytes, len);
}

static void hear_whole(struct request *request)
{
	struct listener *listener = listener_of(request);
	if (request->state != REQUEST_READING) {
		return;
	}
	if (listener->closing) {
		request_forget(request);
		refuse(request, 503, "closing", "the server is stopping");
		return;
	}
	line_enter(request->line, LINE_ASKED);
	request->state = REQUEST_ASKED;
	request->shown = true;
	listener->hears.request(listener->context, request);
}

static enum MHD_Result settle(struct request *request)
{
	switch (request->state) {
	case REQUEST_DEAD:
		return MHD_NO;
	case REQUEST_ASKED:
		MHD_suspend_connection(request->line->connection);
		request->suspended = true;
		return MHD_YES;
	default:
		line_enter(request->line, LINE_ASKED);
		return answer_queue(request);
	}
}

/* A small body is read though its head was answered: closing on a client that still sends would
 * lose it the answer. */
static bool is_worth_reading(const struct request *request, struct MHD_Connection *connection)
{
	return request->body_bytes > 0 && request->body_bytes <= DRAIN_BYTES_MAX &&
	       MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_EXPECT) ==
		       NULL;
}

static enum MHD_Result first_call(struct request *request, struct MHD_Connection *connection,
	const char *url, const char *method)
{
	request->headed = true;
	request->method = mem_text(method);
	line_enter(request->line, LINE_BODY);
	if (split_path(request, url)) {
		judge_head(request, connection);
	} else {
		refuse(request, 414, "uri", "the request's path has more than 16 parts");
	}
	hear_head(request);
	return request->state == REQUEST_READING || is_worth_reading(request, connection)
		       ? MHD_YES
		       : settle(request);
}

enum MHD_Result request_go_on(void *own, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *bytes, size_t *n_bytes, void **at)
{
	struct request *request = *at;
	enum MHD_Result result = MHD_YES;
	(void)own;
	(void)version;
	if (!request->headed) {
		result = first_call(request, connection, url, method);
	} else if (*n_bytes > 0) {
		take_bytes(request, bytes, *n_bytes);
		*n_bytes = 0;
	} else {
		hear_whole(request);
		result = settle(request);
	}
	return result;
}

void request_forget(struct request *request)
{
	struct listener *listener = listener_of(request);
	bool was_theirs = request->shown &&
			  (request->state == REQUEST_READING || request->state == REQUEST_ASKED ||
				  request->state == REQUEST_STREAMING);
	request->shown = false;
	if (was_theirs && listener->hears.gone != NULL) {
		listener->hears.gone(listener->context, request);
	}
}

void request_wake(struct request *request)
{
	if (request->suspended) {
		request->suspended = false;
		MHD_resume_connection(request->line->connection);
		listener_kick(listener_of(request));
	}
}

void request_complete(void *own, struct MHD_Connection *connection, void **at,
	enum MHD_RequestTerminationCode code)
{
	struct request *request = *at;
	(void)own;
	(void)connection;
	(void)code;
	if (request == NULL) {
		return;
	}
	request_forget(request);
	request->line->request = NULL;
	line_enter(request->line, LINE_IDLE);
	list_remove(&request->link);
	if (request->response != NULL) {
		MHD_destroy_response(request->response);
	}
	buf_fini(&request->body);
	buf_fini(&request->stream);
	free(request->method);
	free(request->path);
	free(request->split);
	free(request);
	*at = NULL;
}
