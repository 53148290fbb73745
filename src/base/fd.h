/* SPDX-License-Identifier: Apache-2.0
 *
 * Open descriptors: written to whole, and closed where there may be none.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

/* All of it, to a descriptor that blocks; false with errno. */
must_use bool fd_write(int fd, const void *bytes, size_t len);
/* -1 is none. errno stays what it was, so that a failure can be told after the tidying up. */
void fd_close(int fd);
void fds_close(const int *fds, size_t n);
