/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes on their way into the output descriptor, hashed as they go.
 */
#pragma once
#include "base/buf.h"
#include "base/hash.h"

struct sink {
	int fd; /* borrowed */
	struct buf waiting;
	struct hash *hash;
	int64_t bytes;
};

void sink_init(struct sink *sink, int fd);
void sink_fini(struct sink *sink);
/* RETRY: "disk-full", or "output" when the limit on its size is reached or it can't be written. */
must_use bool sink_add(struct sink *sink, const void *bytes, size_t len, struct err *err);
/* Writes what waits and says what was written in all. */
must_use bool sink_finish(
	struct sink *sink, char sha256[HASH_HEX_MAX], int64_t *bytes, struct err *err);
