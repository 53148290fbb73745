/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"
#include <errno.h>
#include <unistd.h>

bool fd_write(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;
	while (len > 0) {
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno != EINTR) {
			return false;
		}
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return true;
}

void fd_close(int fd)
{
	int error = errno;
	if (fd >= 0) {
		close(fd);
	}
	errno = error;
}

void fds_close(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fd_close(fds[i]);
	}
}
