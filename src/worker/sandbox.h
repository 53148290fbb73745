/* SPDX-License-Identifier: Apache-2.0
 *
 * What a worker may still do once it touches foreign bytes: one short table of system calls per
 * role, no files but those named, limits on time, memory and output. Landlock adds to seccomp where
 * the kernel has it. There is no way back.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

enum sandbox_answer {
	SANDBOX_ALLOW,
	SANDBOX_REFUSE,        /* EPERM: libraries try it and do without */
	SANDBOX_ABSENT,        /* ENOSYS: libraries then use the older call */
	SANDBOX_UNDER_WAY,     /* EINPROGRESS: connect, on a socket that is connected already */
	SANDBOX_ALLOW_THREADS, /* clone: only to make a thread of this process */
	SANDBOX_ALLOW_USBFS,   /* ioctl: what libusb asks of a device's node; refused on other kinds */
};

struct sandbox_call {     /* a system call that isn't in the role's table kills the process */
	const char *name; /* one that this machine doesn't have is skipped */
	enum sandbox_answer answer;
};

struct sandbox_role {
	const char *name;
	const struct sandbox_call *calls;
	size_t n_calls;
};

struct sandbox_path { /* with all that is below it */
	const char *path;
	bool writable;
};

struct sandbox_limits { /* 0 = no limit of ours */
	int64_t cpu_seconds;
	int64_t memory_bytes; /* address space; not set in builds with sanitizers */
	int64_t file_bytes;   /* the size of any file written */
	int64_t open_files;
};

extern const struct sandbox_role sandbox_render; /* descriptors only: no paths, no network */
/* The device role's table stands in device.c. */

/* From here on only what the role allows. `parent` is the process whose end ends this one, too
 * (0: none). FATAL, "sandbox", when the kernel refuses. */
must_use bool sandbox_enter(const struct sandbox_role *role, const struct sandbox_limits *limits,
	const struct sandbox_path *paths, size_t n_paths, int parent, struct err *err);
