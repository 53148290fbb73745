/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device worker may still do. A worker of a network printer opens nothing and connects to
 * nothing: its sockets come from the daemon. (curl 7.88 calls connect on such a socket all the
 * same; it is told that this is under way, and nothing happens.) One of a USB printer gets the open
 * node of its device from the daemon, too. The fake printer's may use the
 * files of its folder, that of a machine with a shared folder the files of that.
 */
#include "worker/device.h"
#include "worker/sandbox.h"
#include "wire/usb_address.h"
#include <string.h>

#define CALLS_OF_ALL                                                                               \
	{"read", SANDBOX_ALLOW}, {"readv", SANDBOX_ALLOW}, {"write", SANDBOX_ALLOW},               \
		{"writev", SANDBOX_ALLOW}, {"pread64", SANDBOX_ALLOW}, {"lseek", SANDBOX_ALLOW},   \
		{"close", SANDBOX_ALLOW}, {"fstat", SANDBOX_ALLOW}, {"fcntl", SANDBOX_ALLOW},      \
		{"poll", SANDBOX_ALLOW}, {"ppoll", SANDBOX_ALLOW}, {"recvfrom", SANDBOX_ALLOW},    \
		{"recvmsg", SANDBOX_ALLOW}, {"sendto", SANDBOX_ALLOW}, {"sendmsg", SANDBOX_ALLOW}, \
		{"shutdown", SANDBOX_ALLOW}, {"brk", SANDBOX_ALLOW}, {"mmap", SANDBOX_ALLOW},      \
		{"munmap", SANDBOX_ALLOW}, {"mremap", SANDBOX_ALLOW}, {"mprotect", SANDBOX_ALLOW}, \
		{"madvise", SANDBOX_ALLOW}, {"futex", SANDBOX_ALLOW},                              \
		{"rt_sigaction", SANDBOX_ALLOW}, {"rt_sigprocmask", SANDBOX_ALLOW},                \
		{"rt_sigreturn", SANDBOX_ALLOW}, {"sigaltstack", SANDBOX_ALLOW},                   \
		{"exit", SANDBOX_ALLOW}, {"exit_group", SANDBOX_ALLOW}, {"getpid", SANDBOX_ALLOW}, \
		{"gettid", SANDBOX_ALLOW}, {"getppid", SANDBOX_ALLOW}, {"getuid", SANDBOX_ALLOW},  \
		{"geteuid", SANDBOX_ALLOW}, {"getgid", SANDBOX_ALLOW}, {"getegid", SANDBOX_ALLOW}, \
		{"uname", SANDBOX_ALLOW}, {"getrandom", SANDBOX_ALLOW},                            \
		{"clock_gettime", SANDBOX_ALLOW}, {"clock_nanosleep", SANDBOX_ALLOW},              \
		{"gettimeofday", SANDBOX_ALLOW}, {"restart_syscall", SANDBOX_ALLOW},               \
		{"sched_yield", SANDBOX_ALLOW}, {"prctl", SANDBOX_REFUSE},                         \
		{"prlimit64", SANDBOX_REFUSE}, {"tgkill", SANDBOX_REFUSE},                         \
		{"access", SANDBOX_REFUSE}, {"readlink", SANDBOX_REFUSE},                          \
		{"clone", SANDBOX_REFUSE}, {"clone3", SANDBOX_ABSENT}, {"socket", SANDBOX_REFUSE}, \
		{"socketpair", SANDBOX_REFUSE}, {"connect", SANDBOX_UNDER_WAY},                    \
	{                                                                                          \
		"sched_getaffinity", SANDBOX_REFUSE                                                \
	}

static const struct sandbox_call network_calls[] = {
	CALLS_OF_ALL,
	{"ioctl", SANDBOX_REFUSE},
	{"setsockopt", SANDBOX_ALLOW},
	{"getsockopt", SANDBOX_ALLOW},
	{"getpeername", SANDBOX_ALLOW},
	{"getsockname", SANDBOX_ALLOW},
	{"open", SANDBOX_REFUSE},
	{"openat", SANDBOX_REFUSE},
	{"newfstatat", SANDBOX_REFUSE},
	{"stat", SANDBOX_REFUSE},
	{"lstat", SANDBOX_REFUSE},
};

/* libusb has made its timer and its event descriptor before; the device's node comes open. */
static const struct sandbox_call usb_calls[] = {
	CALLS_OF_ALL,
	{"ioctl", SANDBOX_ALLOW_USBFS},
	{"timerfd_settime", SANDBOX_ALLOW},
	{"open", SANDBOX_REFUSE},
	{"openat", SANDBOX_REFUSE},
	{"newfstatat", SANDBOX_REFUSE},
	{"stat", SANDBOX_REFUSE},
	{"lstat", SANDBOX_REFUSE},
};

static const struct sandbox_call folder_calls[] = {
	CALLS_OF_ALL,
	{"ioctl", SANDBOX_REFUSE},
	{"open", SANDBOX_ALLOW},
	{"openat", SANDBOX_ALLOW},
	{"stat", SANDBOX_ALLOW},
	{"newfstatat", SANDBOX_ALLOW},
	{"unlink", SANDBOX_ALLOW},
	{"rename", SANDBOX_ALLOW},
	{"flock", SANDBOX_ALLOW},
};

static const struct sandbox_call share_calls[] = {
	CALLS_OF_ALL,
	{"open", SANDBOX_ALLOW},
	{"openat", SANDBOX_ALLOW},
	{"stat", SANDBOX_ALLOW},
	{"newfstatat", SANDBOX_ALLOW},
	{"statfs", SANDBOX_ALLOW},
	{"getdents64", SANDBOX_ALLOW},
	{"unlink", SANDBOX_ALLOW},
	{"rename", SANDBOX_ALLOW},
	{"fsync", SANDBOX_ALLOW},
	{"fchmod", SANDBOX_ALLOW},
};

static const struct sandbox_role network_role = {
	"device", network_calls, sizeof network_calls / sizeof network_calls[0]};
static const struct sandbox_role usb_role = {
	"device", usb_calls, sizeof usb_calls / sizeof usb_calls[0]};
static const struct sandbox_role folder_role = {
	"device", folder_calls, sizeof folder_calls / sizeof folder_calls[0]};
static const struct sandbox_role share_role = {
	"device", share_calls, sizeof share_calls / sizeof share_calls[0]};
static const struct sandbox_limits limits = {
	.memory_bytes = INT64_C(512) * 1024 * 1024, .open_files = 64};

static const char share_scheme[] = "hotfolder:";

bool device_sandbox_enter(const struct device *device, int parent, struct err *err)
{
	if (usb_address_is(device->uri)) {
		return sandbox_enter(&usb_role, &limits, NULL, 0, parent, err);
	}
	if (device->own != NULL && strncmp(device->uri, share_scheme, strlen(share_scheme)) == 0) {
		struct sandbox_path share = {device->uri + strlen(share_scheme), true};
		return sandbox_enter(&share_role, &limits, &share, 1, parent, err);
	}
	if (device->own == NULL || strncmp(device->uri, "fake:/", 6) != 0) {
		return sandbox_enter(&network_role, &limits, NULL, 0, parent, err);
	}
	/* the boot id says whether the folder's times still mean anything */
	struct sandbox_path paths[] = {
		{device->uri + strlen("fake:"), true}, {"/proc/sys/kernel/random/boot_id", false}};
	return sandbox_enter(&folder_role, &limits, paths, 2, parent, err);
}
