/* SPDX-License-Identifier: Apache-2.0
 *
 * Small data files and folders of them, read whole. What grows or is written goes through ports.
 */
#pragma once
#include "base/buf.h"

/* Appends a regular file's bytes to `buf`; over `most` bytes is an error. The error names the path.
 */
must_use bool file_read(const char *path, size_t most, struct buf *buf, struct err *err);

/* That it is a regular file which this program may read; a secret must not be open to others, nor
 * be writable by its group. */
must_use bool file_check(const char *path, bool secret, struct err *err);

/* The one line of such a secret file, without its end; UTF-8, as whatever goes into a message. */
must_use bool file_secret(const char *path, char *out, size_t size, struct err *err);

struct names {
	char **name;
	size_t n;
};

/* The names of a folder's entries that end in `suffix`, without it, sorted; hidden ones left out.
 */
must_use bool folder_names(
	const char *folder, const char *suffix, struct names *names, struct err *err);
void names_fini(struct names *names);
