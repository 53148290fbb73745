/* SPDX-License-Identifier: Apache-2.0
 *
 * Putting and getting frames.
 */
#include "wire/frame.h"

static void put16(unsigned char *at, uint32_t value)
{
	at[0] = (unsigned char)value;
	at[1] = (unsigned char)(value >> 8);
}

static uint32_t get16(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

void frame_put(struct buf *out, uint16_t type, const char *body, size_t len)
{
	unsigned char head[FRAME_HEAD_BYTES];
	put16(head, (uint32_t)len & 0xFFFF);
	put16(head + 2, (uint32_t)(len >> 16));
	put16(head + 4, type);
	put16(head + 6, FRAME_VERSION);
	buf_add(out, head, sizeof head);
	buf_add(out, body, len);
}

enum frame_found frame_get(const char *bytes, size_t len, struct buf *body, struct frame *frame,
	size_t *used, struct err *err)
{
	if (len < FRAME_HEAD_BYTES) {
		return FRAME_MORE;
	}
	const unsigned char *head = (const unsigned char *)bytes;
	size_t size = get16(head) | (size_t)get16(head + 2) << 16;
	if (get16(head + 6) != FRAME_VERSION || size > FRAME_BODY_MAX) {
		err_set(err, REMEDY_FATAL, "frame",
			"worker channel: frame of version %u and %zu bytes; this program speaks "
			"version %d, up to %d bytes: are all of platen's programs of one release?",
			get16(head + 6), size, FRAME_VERSION, FRAME_BODY_MAX);
		return FRAME_BAD;
	}
	if (len - FRAME_HEAD_BYTES < size) {
		return FRAME_MORE;
	}
	buf_clear(body);
	buf_add(body, bytes + FRAME_HEAD_BYTES, size);
	*frame = (struct frame){
		.type = (uint16_t)get16(head + 4), .body = buf_get(body), .len = size};
	*used = FRAME_HEAD_BYTES + size;
	return FRAME_ONE;
}
