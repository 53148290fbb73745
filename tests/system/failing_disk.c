/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk that fails, for platend alone: preloaded, it stands before the C library's calls that
 * change files below the folders of DISK_UNDER (two paths, a colon between), notes each in
 * DISK_LOG, and fails one of them, or all from that one on.
 *
 * DISK_FAIL is KIND:N:ERROR:HOW. KIND: sync, write, make, move. N: the n-th of that kind, from 1.
 * ERROR: EIO, ENOSPC, EROFS, or short (a write of half the bytes). HOW: once or ever; ever lasts
 * while the file DISK_WHILE exists, and ENOSPC for ever is said to all that need room, EROFS to all
 * but syncs. A line of the log: milliseconds (CLOCK_MONOTONIC), kind, n, call, path, ok or the
 * error.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { SYNC, WRITE, MAKE, MOVE, KINDS };
static const char *const kinds[KINDS] = {"sync", "write", "make", "move"};

static struct {
	char under[2][PATH_MAX];
	const char *gate;
	int log_fd;
	enum kind kind;
	long at;
	int error; /* 0: a short write */
	bool fails, for_ever, struck;
	long passed[KINDS];
} disk = {.log_fd = -1};

static int error_named(const char *name)
{
	static const struct {
		const char *name;
		int error;
	} rows[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}, {"short", 0}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			return rows[i].error;
		}
	}
	abort();
}

static void read_fault(const char *text)
{
	char kind[16], error[16], how[16];
	if (sscanf(text, "%15[a-z]:%ld:%15[A-Za-z]:%15[a-z]", kind, &disk.at, error, how) != 4) {
		abort();
	}
	while (strcmp(kinds[disk.kind], kind) != 0) {
		if (++disk.kind == KINDS) {
			abort();
		}
	}
	disk.error = error_named(error);
	disk.for_ever = strcmp(how, "ever") == 0;
	disk.fails = true;
}

__attribute__((constructor)) static void begin(void)
{
	const char *under = getenv("DISK_UNDER");
	const char *log = getenv("DISK_LOG");
	const char *fault = getenv("DISK_FAIL");
	if (strcmp(program_invocation_short_name, "platend") != 0 || under == NULL || log == NULL) {
		return;
	}
	const char *colon = strchr(under, ':');
	snprintf(disk.under[0], PATH_MAX, "%.*s", (int)(colon - under), under);
	snprintf(disk.under[1], PATH_MAX, "%s", colon + 1);
	unsetenv("LD_PRELOAD"); /* the workers, and their sandboxes, are as always */
	disk.gate = getenv("DISK_WHILE");
	if (fault != NULL) {
		read_fault(fault);
	}
	disk.log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* ---- which calls count ---- */

static bool is_under(const char *path)
{
	for (int i = 0; i < 2; i++) {
		size_t len = strlen(disk.under[i]);
		if (strncmp(path, disk.under[i], len) == 0 &&
			(path[len] == '/' || path[len] == '\0')) {
			return true;
		}
	}
	return false;
}

static bool path_of(int fd, char path[PATH_MAX])
{
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = disk.log_fd < 0 ? -1 : readlink(link, path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
	return n > 0 && is_under(path);
}

static bool path_at(int folder, const char *name, char path[PATH_MAX])
{
	if (disk.log_fd < 0) {
		return false;
	}
	if (name[0] == '/') {
		snprintf(path, PATH_MAX, "%s", name);
		return is_under(path);
	}
	if (folder == AT_FDCWD || !path_of(folder, path)) {
		return false;
	}
	size_t len = strlen(path);
	snprintf(path + len, PATH_MAX - len, "/%s", name);
	return true;
}

/* ---- the fault ---- */

/* Of a fault that lasts: which calls it meets. */
static bool takes_part(enum kind kind)
{
	return disk.error == ENOSPC  ? kind == WRITE || kind == MAKE
	       : disk.error == EROFS ? kind != SYNC
				     : true;
}

static bool is_hit(enum kind kind, long n)
{
	if (!disk.struck || !disk.for_ever) {
		return disk.fails && kind == disk.kind && n == disk.at;
	}
	return takes_part(kind) && access(disk.gate, F_OK) == 0;
}

static void note(enum kind kind, long n, const char *call, const char *path, const char *end)
{
	char line[PATH_MAX + 200];
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	int len = snprintf(line, sizeof line, "%lld %s %ld %s %s %s\n",
		(long long)now.tv_sec * 1000 + now.tv_nsec / 1000000, kinds[kind], n, call, path,
		end);
	syscall(SYS_write, disk.log_fd, line, (size_t)len);
}

/* True: the call fails, errno is set. A short write halves *bytes instead. */
static bool fails(enum kind kind, const char *call, const char *path, size_t *bytes)
{
	long n = __atomic_add_fetch(&disk.passed[kind], 1, __ATOMIC_SEQ_CST);
	bool hit = is_hit(kind, n);
	if (hit && disk.error == 0) {
		hit = bytes != NULL && *bytes > 1;
		*bytes = hit ? *bytes / 2 : *bytes;
	}
	disk.struck = disk.struck || hit;
	note(kind, n, call, path,
		!hit              ? "ok"
		: disk.error == 0 ? "short"
				  : strerrorname_np(disk.error));
	if (hit && disk.error != 0) {
		errno = disk.error;
		return true;
	}
	return false;
}

static bool fails_fd(enum kind kind, const char *call, int fd, size_t *bytes)
{
	char path[PATH_MAX];
	return path_of(fd, path) && fails(kind, call, path, bytes);
}

static bool fails_at(enum kind kind, const char *call, int folder, const char *name)
{
	char path[PATH_MAX];
	return path_at(folder, name, path) && fails(kind, call, path, NULL);
}

/* ---- the calls: those that platend and its libraries make ---- */

int fsync(int fd)
{
	return fails_fd(SYNC, "fsync", fd, NULL) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fails_fd(SYNC, "fdatasync", fd, NULL) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	return fails_fd(WRITE, "write", fd, &n) ? -1 : syscall(SYS_write, fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return fails_fd(WRITE, "pwrite", fd, &n) ? -1 : syscall(SYS_pwrite64, fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	return pwrite(fd, bytes, n, at);
}

ssize_t writev(int fd, const struct iovec *pieces, int n)
{
	return fails_fd(WRITE, "writev", fd, NULL) ? -1 : syscall(SYS_writev, fd, pieces, n);
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
	return fails_fd(WRITE, "fallocate", fd, NULL)
		       ? -1
		       : (int)syscall(SYS_fallocate, fd, mode, at, n);
}

int fallocate64(int fd, int mode, off64_t at, off64_t n)
{
	return fallocate(fd, mode, at, n);
}

int ftruncate(int fd, off_t n)
{
	return fails_fd(MOVE, "ftruncate", fd, NULL) ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}

int ftruncate64(int fd, off64_t n)
{
	return ftruncate(fd, n);
}

static int open_at(int folder, const char *name, int flags, mode_t mode)
{
	if ((flags & O_CREAT) != 0 && fails_at(MAKE, "open", folder, name)) {
		return -1;
	}
	return (int)syscall(SYS_openat, folder, name, flags, mode);
}

static mode_t mode_in(int flags, va_list rest)
{
	return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

int open(const char *name, int flags, ...)
{
	va_list rest;
	va_start(rest, flags);
	mode_t mode = mode_in(flags, rest);
	va_end(rest);
	return open_at(AT_FDCWD, name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
	va_list rest;
	va_start(rest, flags);
	mode_t mode = mode_in(flags, rest);
	va_end(rest);
	return open_at(AT_FDCWD, name, flags, mode);
}

int openat(int folder, const char *name, int flags, ...)
{
	va_list rest;
	va_start(rest, flags);
	mode_t mode = mode_in(flags, rest);
	va_end(rest);
	return open_at(folder, name, flags, mode);
}

int openat64(int folder, const char *name, int flags, ...)
{
	va_list rest;
	va_start(rest, flags);
	mode_t mode = mode_in(flags, rest);
	va_end(rest);
	return open_at(folder, name, flags, mode);
}

int mkdirat(int folder, const char *name, mode_t mode)
{
	return fails_at(MAKE, "mkdir", folder, name)
		       ? -1
		       : (int)syscall(SYS_mkdirat, folder, name, mode);
}

int mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}

int renameat(int from, const char *name, int to, const char *new_name)
{
	return fails_at(MOVE, "rename", from, name)
		       ? -1
		       : (int)syscall(SYS_renameat2, from, name, to, new_name, 0);
}

int rename(const char *name, const char *new_name)
{
	return renameat(AT_FDCWD, name, AT_FDCWD, new_name);
}

int unlinkat(int folder, const char *name, int flags)
{
	return fails_at(MOVE, "unlink", folder, name)
		       ? -1
		       : (int)syscall(SYS_unlinkat, folder, name, flags);
}

int unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}
