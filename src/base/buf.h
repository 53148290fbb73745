/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing run of bytes. Always NUL-terminated after `len`, so that text can be read in place.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct buf {
	char *bytes; /* NULL until something was added */
	size_t len;
	size_t room;
};

void buf_fini(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory */
void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_text(struct buf *buf, const char *text);
void buf_print(struct buf *buf, const char *format, ...) formats(2, 3);
/* Drops the first len bytes. */
void buf_drop(struct buf *buf, size_t len);
/* The text so far, never NULL. */
const char *buf_get(const struct buf *buf);
