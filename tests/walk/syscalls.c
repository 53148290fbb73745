/* SPDX-License-Identifier: Apache-2.0
 *
 * Each wrapper counts, and then fails or makes the call.
 */
#include "tests/walk/syscalls.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
	bool on;
	struct syscalls_fault fault;
	int64_t n, struck;
	int64_t (*life)(void);
	int64_t failed_sync_life; /* -1: none */
	bool sync_was_retried;
} state;

void syscalls_count(const struct syscalls_fault *fault, int64_t (*life)(void))
{
	state.on = true;
	state.fault = *fault;
	state.n = state.struck = 0;
	state.life = life;
	state.failed_sync_life = -1;
	state.sync_was_retried = false;
}

void syscalls_off(void)
{
	state.on = false;
}

int64_t syscalls_counted(void)
{
	return state.n;
}

int64_t syscalls_struck(void)
{
	return state.struck;
}

void syscalls_mend(void)
{
	state.fault.nth = 0;
}

bool syscalls_sync_was_retried(void)
{
	return state.sync_was_retried;
}

static bool strikes(void)
{
	if (!state.on) {
		return false;
	}
	state.n++;
	const struct syscalls_fault *fault = &state.fault;
	bool now =
		fault->nth > 0 && (fault->for_ever ? state.n >= fault->nth : state.n == fault->nth);
	if (now) {
		state.struck++;
		errno = fault->error;
	}
	return now;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	bool is_ours = state.on && fd > STDERR_FILENO;
	return is_ours && strikes() ? -1 : syscall(SYS_write, fd, bytes, n);
}

int fsync(int fd)
{
	if (state.on && state.failed_sync_life == state.life()) {
		state.sync_was_retried = true;
	}
	if (strikes()) {
		state.failed_sync_life = state.life();
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

int renameat(int from, const char *old, int to, const char *new)
{
	return strikes() ? -1 : (int)syscall(SYS_renameat2, from, old, to, new, 0);
}

int unlinkat(int fd, const char *name, int flags)
{
	return strikes() ? -1 : (int)syscall(SYS_unlinkat, fd, name, flags);
}

int mkdirat(int fd, const char *name, mode_t mode)
{
	return strikes() ? -1 : (int)syscall(SYS_mkdirat, fd, name, mode);
}

int fallocate(int fd, int mode, off_t offset, off_t n)
{
	return strikes() ? -1 : (int)syscall(SYS_fallocate, fd, mode, offset, n);
}

int openat(int fd, const char *name, int flags, ...)
{
	mode_t mode = 0;
	if ((flags & O_CREAT) != 0) {
		va_list more;
		va_start(more, flags);
		mode = va_arg(more, mode_t);
		va_end(more);
		if (strikes()) {
			return -1;
		}
	}
	return (int)syscall(SYS_openat, fd, name, flags, mode);
}
