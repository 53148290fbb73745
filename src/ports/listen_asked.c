/* SPDX-License-Identifier: Apache-2.0
 *
 * What a handler can ask of a request. Everything is borrowed from the request.
 */
#include "ports/listen_own.h"
#include "base/text.h"
#include <string.h>

uint64_t request_id(const struct request *request)
{
	return request->id;
}

struct request *listen_find(struct listener *listener, uint64_t id)
{
	list_each(link, &listener->requests)
	{
		struct request *request = list_entry(link, struct request, link);
		if (request->id == id &&
			(request->state == REQUEST_ASKED || request->state == REQUEST_STREAMING)) {
			return request;
		}
	}
	return NULL;
}

const char *request_method(const struct request *request)
{
	return request->method;
}

const char *request_path(const struct request *request)
{
	return request->path;
}

size_t request_parts(const struct request *request)
{
	return request->n_parts;
}

const char *request_part(const struct request *request, size_t at)
{
	return at < request->n_parts ? request->parts[at] : "";
}

const char *request_query(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->line->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *request_header(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->line->connection, MHD_HEADER_KIND, name);
}

const char *request_body(const struct request *request, size_t *len)
{
	*len = request->body.len;
	return buf_get(&request->body);
}

int64_t request_body_bytes(const struct request *request)
{
	return request->body_bytes;
}

void request_keep(struct request *request, void *own)
{
	request->own = own;
}

void *request_kept(const struct request *request)
{
	return request->own;
}

void request_take_body(struct request *request, int64_t max_bytes,
	void (*piece)(void *context, struct request *request, const void *bytes, size_t len))
{
	request->body_max_bytes = max_bytes;
	request->piece = piece;
}

enum range request_range(
	const struct request *request, int64_t size, int64_t *offset, int64_t *length)
{
	const char *text = request_header(request, MHD_HTTP_HEADER_RANGE);
	if (text == NULL || strncmp(text, "bytes=", 6) != 0 || strchr(text, ',') != NULL) {
		return RANGE_NONE;
	}
	char first_text[24], last_text[24];
	const char *dash = strchr(text += 6, '-');
	if (dash == NULL || (size_t)(dash - text) >= sizeof first_text ||
		!text_copy(last_text, sizeof last_text, dash + 1)) {
		return RANGE_NONE;
	}
	memcpy(first_text, text, (size_t)(dash - text));
	first_text[dash - text] = '\0';
	int64_t first = 0, last = size - 1, tail = 0;
	bool has_first = text_to_int(first_text, 0, INT64_MAX, &first);
	bool has_last = text_to_int(last_text, 0, INT64_MAX, has_first ? &last : &tail);
	if ((!has_first && (first_text[0] != '\0' || !has_last)) ||
		(!has_last && last_text[0] != '\0')) {
		return RANGE_NONE;
	}
	if (!has_first) {
		first = tail < size ? size - tail : 0;
	}
	last = last < size - 1 ? last : size - 1;
	if (first >= size || last < first || (!has_first && tail == 0)) {
		return RANGE_BAD;
	}
	*offset = first;
	*length = last - first + 1;
	return RANGE_ONE;
}
