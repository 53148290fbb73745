/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers: whole ones, files, and event streams. An answer that is given inside MHD's call is
 * queued at its end; a later one resumes the connection, and MHD calls again.
 */
#include "ports/listen_own.h"
#include "base/clock.h"
#include "base/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STREAM_BLOCK_BYTES 16384

static void add_headers(struct MHD_Response *response, const char *content_type,
	const struct answer_header *headers, size_t n)
{
	if (content_type != NULL) {
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
	}
	for (size_t i = 0; i < n; i++) {
		MHD_add_response_header(response, headers[i].name, headers[i].value);
	}
}

static void answer(struct request *request, int status, struct MHD_Response *response)
{
	assert(response != NULL);
	assert(request->state == REQUEST_READING || request->state == REQUEST_ASKED);
	request->status = status;
	request->response = response;
	request->state = REQUEST_ANSWERED;
	request_wake(request);
}

enum MHD_Result answer_queue(struct request *request)
{
	if (request->response == NULL) {
		return MHD_NO;
	}
	enum MHD_Result result = MHD_queue_response(
		request->line->connection, (unsigned)request->status, request->response);
	MHD_destroy_response(request->response);
	request->response = NULL;
	return result;
}

void listen_answer(struct request *request, int status, const char *content_type, const void *body,
	size_t len, const struct answer_header *headers, size_t n)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		len, (void *)(uintptr_t)(len > 0 ? body : ""), MHD_RESPMEM_MUST_COPY);
	add_headers(response, content_type, headers, n);
	answer(request, status, response);
}

void listen_answer_file(struct request *request, int status, const char *content_type, int fd,
	int64_t offset, int64_t length, const struct answer_header *headers, size_t n)
{
	struct MHD_Response *response =
		MHD_create_response_from_fd_at_offset64((uint64_t)length, fd, (uint64_t)offset);
	add_headers(response, content_type, headers, n);
	answer(request, status, response);
}

/* ---- event streams ---- */

static ssize_t read_stream(void *own, uint64_t offset, char *bytes, size_t max)
{
	struct request *request = own;
	(void)offset;
	if (request->stream.len > 0 && request->state != REQUEST_DEAD) {
		size_t len = request->stream.len < max ? request->stream.len : max;
		memcpy(bytes, request->stream.bytes, len);
		buf_drop(&request->stream, len);
		return (ssize_t)len;
	}
	if (request->state == REQUEST_ENDED) {
		return MHD_CONTENT_READER_END_OF_STREAM;
	}
	if (request->state != REQUEST_STREAMING) {
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	MHD_suspend_connection(request->line->connection);
	request->suspended = true;
	return 0;
}

void listen_stream_start(struct request *request, const struct answer_header *headers, size_t n)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream, request, NULL);
	add_headers(response, "text/event-stream", headers, n);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	/* a quiet stream is not a stalled one */
	MHD_set_connection_option(request->line->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
	answer(request, MHD_HTTP_OK, response);
	request->state = REQUEST_STREAMING;
	request->beaten_ms = clock_boot_ms();
}

void listen_stream_send(struct request *request, const void *bytes, size_t len)
{
	if (request->state != REQUEST_STREAMING) {
		return;
	}
	if (request->stream.len + len > STREAM_BYTES_MAX) {
		/* MHD finds the cut and completes the request, which tells the handler */
		line_cut(request->line);
		return;
	}
	buf_add(&request->stream, bytes, len);
	request->beaten_ms = clock_boot_ms();
	request_wake(request);
}

void listen_stream_end(struct request *request)
{
	request->state = REQUEST_ENDED;
	request_wake(request);
}
