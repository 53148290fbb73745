/* SPDX-License-Identifier: Apache-2.0
 *
 * The sink: large writes, whatever the encoder's rows are.
 */
#include "render/sink.h"
#include "base/fd.h"
#include <errno.h>
#include <string.h>

#define WRITE_BYTES (256 * 1024)

void sink_init(struct sink *sink, int fd)
{
	*sink = (struct sink){.fd = fd, .hash = hash_create()};
}

void sink_fini(struct sink *sink)
{
	buf_fini(&sink->waiting);
	hash_destroy(sink->hash);
	*sink = (struct sink){.fd = -1};
}

static bool flush(struct sink *sink, struct err *err)
{
	if (!fd_write(sink->fd, sink->waiting.bytes, sink->waiting.len)) {
		return err_set(err, REMEDY_RETRY, errno == ENOSPC ? "disk-full" : "output",
			"the rendered page can't be written: %s", strerror(errno));
	}
	hash_add(sink->hash, sink->waiting.bytes, sink->waiting.len);
	sink->bytes += (int64_t)sink->waiting.len;
	buf_clear(&sink->waiting);
	return true;
}

bool sink_add(struct sink *sink, const void *bytes, size_t len, struct err *err)
{
	buf_add(&sink->waiting, bytes, len);
	return sink->waiting.len < WRITE_BYTES || flush(sink, err);
}

bool sink_finish(struct sink *sink, char sha256[HASH_HEX_MAX], int64_t *bytes, struct err *err)
{
	if (!flush(sink, err)) {
		return false;
	}
	hash_take_hex(sink->hash, sha256);
	*bytes = sink->bytes;
	return true;
}
