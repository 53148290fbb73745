/* SPDX-License-Identifier: Apache-2.0
 *
 * The server's end of a FUSE mount: requests come in, answers go out in any order, and a file that
 * is polled can be woken. And the memory of the thread that asks, which is where usbfs finds what
 * its ioctls point to.
 */
#pragma once
#include "base/err.h"
#include <linux/fuse.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FUSE_REQUEST_MAX (128 * 1024)

struct fuse {
	int fd;
	_Alignas(struct fuse_in_header) char request[FUSE_REQUEST_MAX];
};

/* Mounts at that folder, in the mount namespace of this process. */
must_use bool fuse_mount(struct fuse *fuse, const char *at, struct err *err);
void fuse_close(struct fuse *fuse);
/* The next request, in `request`; NULL when there is none now. `fuse_body` is what follows its
 * header. */
const struct fuse_in_header *fuse_next(struct fuse *fuse);
const void *fuse_body(const struct fuse_in_header *request);
void fuse_answer(struct fuse *fuse, uint64_t request, const void *bytes, size_t n);
void fuse_refuse(struct fuse *fuse, uint64_t request, int error); /* -errno */
void fuse_answer_ioctl(struct fuse *fuse, uint64_t request, int result);
void fuse_wake(struct fuse *fuse, uint64_t poll_handle);

/* Bytes of the caller's memory; false when it has none there. */
must_use bool caller_read(pid_t thread, uint64_t address, void *bytes, size_t n);
must_use bool caller_write(pid_t thread, uint64_t address, const void *bytes, size_t n);
