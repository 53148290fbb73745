/* SPDX-License-Identifier: Apache-2.0
 *
 * How the daemon and its workers talk over a Unix stream socket: frames of a fixed head and a JSON
 * body, with file descriptors beside some of them (SCM_RIGHTS, sent with the frame's first byte).
 * Both sides treat the other as hostile: sizes and types are checked before anything is read.
 *
 *   offset 0  uint32 little endian: length of the body, at most FRAME_BODY_MAX
 *   offset 4  uint16 little endian: type (enum frame_type of wire/task.h)
 *   offset 6  uint16 little endian: FRAME_VERSION
 *   offset 8  the body
 */
#pragma once
#include "base/buf.h"
#include <stdint.h>

#define FRAME_VERSION    1
#define FRAME_HEAD_BYTES 8
#define FRAME_BODY_MAX   (256 * 1024)

struct frame {
	uint16_t type;
	const char *body; /* JSON text, NUL-terminated; borrowed from the reader's buffer */
	size_t len;
};

/* Appends one frame to `out`. */
void frame_put(struct buf *out, uint16_t type, const char *body, size_t len);

enum frame_found { FRAME_MORE, FRAME_ONE, FRAME_BAD };
/* Looks at the bytes so far. FRAME_ONE: *frame is filled, *used says how many bytes it took (the
 * body is a copy in `body`, valid until the next call). FRAME_BAD: err says why; end the channel.
 */
enum frame_found frame_get(const char *bytes, size_t len, struct buf *body, struct frame *frame,
	size_t *used, struct err *err);
