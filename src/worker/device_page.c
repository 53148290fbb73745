/* SPDX-License-Identifier: Apache-2.0
 *
 * The page as it is on the disk: rot, a cut, or another file in its place must never come out of a
 * printer. What was rendered has a hash in the store; the worker compares, since the daemon's loop
 * has no time to read a page.
 */
#include "worker/device.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES (64 * 1024)

void device_page_warm(void)
{
	char hex[HASH_HEX_MAX];
	hash_hex_of("", 0, hex);
}

static bool is_changed(struct err *err, const char *how)
{
	return err_set(err, REMEDY_REDO, "raster-changed",
		"the rendered page is not the one that was made (%s): it is made anew, no whole "
		"print came of it. If this comes again, check the spool's disk",
		how);
}

/* By offset: the descriptor's own is shared with others. */
bool device_page_is_whole(int fd, const struct device_send *send, struct err *err)
{
	char piece[PIECE_BYTES];
	char hex[HASH_HEX_MAX];
	struct hash *hash = hash_create();
	int64_t at = 0;
	ssize_t n;
	while (at <= send->bytes && (n = pread(fd, piece, sizeof piece, at)) != 0) {
		if (n < 0 && errno != EINTR) {
			hash_destroy(hash);
			return is_changed(err, strerror(errno));
		}
		hash_add(hash, piece, n > 0 ? (size_t)n : 0);
		at += n > 0 ? n : 0;
	}
	hash_take_hex(hash, hex);
	hash_destroy(hash);
	if (at != send->bytes) {
		return is_changed(err, at < send->bytes ? "it is shorter" : "it is longer");
	}
	return strcmp(hex, send->sha256) == 0 || is_changed(err, "other bytes");
}
