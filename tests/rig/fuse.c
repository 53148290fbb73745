/* SPDX-License-Identifier: Apache-2.0
 *
 * FUSE without a library: a message is read whole and written whole.
 */
#include "tests/rig/fuse.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/uio.h>
#include <unistd.h>

bool fuse_mount(struct fuse *fuse, const char *at, struct err *err)
{
	char options[100];
	fuse->fd = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fuse->fd < 0) {
		return err_set(
			err, REMEDY_FATAL, "fuse", "no FUSE here: /dev/fuse: %s", strerror(errno));
	}
	snprintf(options, sizeof options, "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other",
		fuse->fd);
	return mount("usbrig", at, "fuse.usbrig", MS_NOSUID | MS_NOEXEC, options) == 0 ||
	       err_set(err, REMEDY_FATAL, "fuse", "no FUSE file system can be mounted at %s: %s",
		       at, strerror(errno));
}

void fuse_close(struct fuse *fuse)
{
	fd_close(fuse->fd);
}

const struct fuse_in_header *fuse_next(struct fuse *fuse)
{
	ssize_t n = read(fuse->fd, fuse->request, sizeof fuse->request);
	return n < (ssize_t)sizeof(struct fuse_in_header) ? NULL : (const void *)fuse->request;
}

const void *fuse_body(const struct fuse_in_header *request)
{
	return request + 1;
}

/* A request that was given up meanwhile is no fault. */
static void send_message(
	struct fuse *fuse, uint64_t request, int error, const void *bytes, size_t n)
{
	struct fuse_out_header header = {
		.len = (uint32_t)(sizeof header + n), .error = error, .unique = request};
	struct iovec parts[] = {{&header, sizeof header}, {(void *)(uintptr_t)bytes, n}};
	if (writev(fuse->fd, parts, n > 0 ? 2 : 1) < 0 && errno != ENOENT) {
		fprintf(stderr, "usbrig: an answer was not taken: %s\n", strerror(errno));
	}
}

void fuse_answer(struct fuse *fuse, uint64_t request, const void *bytes, size_t n)
{
	send_message(fuse, request, 0, bytes, n);
}

void fuse_refuse(struct fuse *fuse, uint64_t request, int error)
{
	send_message(fuse, request, error, NULL, 0);
}

void fuse_answer_ioctl(struct fuse *fuse, uint64_t request, int result)
{
	const struct fuse_ioctl_out out = {.result = result};
	if (result < 0) {
		fuse_refuse(fuse, request, result);
	} else {
		fuse_answer(fuse, request, &out, sizeof out);
	}
}

void fuse_wake(struct fuse *fuse, uint64_t poll_handle)
{
	const struct fuse_notify_poll_wakeup_out out = {.kh = poll_handle};
	send_message(fuse, 0, FUSE_NOTIFY_POLL, &out, sizeof out);
}

bool caller_read(pid_t thread, uint64_t address, void *bytes, size_t n)
{
	struct iovec here = {bytes, n}, there = {(void *)(uintptr_t)address, n};
	return n == 0 || process_vm_readv(thread, &here, 1, &there, 1, 0) == (ssize_t)n;
}

bool caller_write(pid_t thread, uint64_t address, const void *bytes, size_t n)
{
	struct iovec here = {(void *)(uintptr_t)bytes, n}, there = {(void *)(uintptr_t)address, n};
	return n == 0 || process_vm_writev(thread, &here, 1, &there, 1, 0) == (ssize_t)n;
}
