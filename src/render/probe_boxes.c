/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking numbers and boxes.
 */
#include "render/probe_boxes.h"
#include <string.h>

#define HEAD_BYTES 8

static const unsigned char *take(struct reader *reader, size_t bytes)
{
	if (reader->short_of || bytes > reader->left.len) {
		reader->short_of = true;
		return NULL;
	}
	const unsigned char *at = reader->left.at;
	reader->left.at += bytes;
	reader->left.len -= bytes;
	return at;
}

uint64_t take_long(struct reader *reader, size_t bytes)
{
	const unsigned char *at = bytes == 0 ? NULL : take(reader, bytes);
	uint64_t value = 0;
	for (size_t i = 0; at != NULL && i < bytes; i++) {
		value = value << 8 | at[i];
	}
	return value;
}

uint32_t take_number(struct reader *reader, size_t bytes)
{
	return (uint32_t)take_long(reader, bytes);
}

void take_mark(struct reader *reader, char mark[4])
{
	const unsigned char *at = take(reader, 4);
	memset(mark, 0, 4);
	if (at != NULL) {
		memcpy(mark, at, 4);
	}
}

/* A size of 1: the real one follows in 64 bits; of 0: up to the end. */
bool take_box(struct reader *reader, struct box *box)
{
	if (reader->left.len == 0) {
		return false;
	}
	size_t whole = reader->left.len;
	uint64_t size = take_number(reader, 4);
	box->type = take(reader, 4);
	size_t head = size == 1 ? HEAD_BYTES + 8 : HEAD_BYTES;
	size = size == 1 ? take_long(reader, 8) : size == 0 ? whole : size;
	if (reader->short_of || size < head || size > whole) {
		reader->short_of = true;
		return false;
	}
	box->body.len = (size_t)size - head;
	box->body.at = take(reader, box->body.len);
	return true;
}

struct bytes box_within(struct bytes boxes, const char *type)
{
	struct reader reader = {.left = boxes};
	struct box box;
	while (take_box(&reader, &box)) {
		if (memcmp(box.type, type, 4) == 0) {
			return box.body;
		}
	}
	return (struct bytes){NULL, 0};
}
