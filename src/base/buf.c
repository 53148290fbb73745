/* SPDX-License-Identifier: Apache-2.0
 *
 * The growing run of bytes.
 */
#include "base/buf.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_fini(struct buf *buf)
{
	free(buf->bytes);
	*buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	if (buf->bytes != NULL) {
		buf->bytes[0] = '\0';
	}
}

static void make_room(struct buf *buf, size_t more)
{
	size_t want = buf->len + more + 1;
	if (want <= buf->room) {
		return;
	}
	size_t room = buf->room == 0 ? 256 : buf->room;
	while (room < want) {
		room *= 2;
	}
	buf->bytes = mem_resize(buf->bytes, room, 1);
	buf->room = room;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	make_room(buf, len);
	if (len > 0) {
		memcpy(buf->bytes + buf->len, bytes, len);
	}
	buf->len += len;
	buf->bytes[buf->len] = '\0';
}

void buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_print(struct buf *buf, const char *format, ...)
{
	va_list words;
	va_start(words, format);
	va_list again;
	va_copy(again, words);
	int n = vsnprintf(NULL, 0, format, words);
	va_end(words);
	if (n > 0) {
		make_room(buf, (size_t)n);
		vsnprintf(buf->bytes + buf->len, (size_t)n + 1, format, again);
		buf->len += (size_t)n;
	}
	va_end(again);
}

void buf_drop(struct buf *buf, size_t len)
{
	if (len >= buf->len) {
		buf_clear(buf);
		return;
	}
	memmove(buf->bytes, buf->bytes + len, buf->len - len + 1);
	buf->len -= len;
}

const char *buf_get(const struct buf *buf)
{
	return buf->bytes == NULL ? "" : buf->bytes;
}
