/* SPDX-License-Identifier: Apache-2.0
 *
 * What a sensor worker may still do: speak over the descriptors that it is given. It opens nothing,
 * connects to nothing, and makes no process.
 */
#include "worker/sensor.h"
#include "worker/sandbox.h"

static const struct sandbox_call calls[] = {
	{"read", SANDBOX_ALLOW},
	{"write", SANDBOX_ALLOW},
	{"writev", SANDBOX_ALLOW},
	{"lseek", SANDBOX_ALLOW},
	{"close", SANDBOX_ALLOW},
	{"fstat", SANDBOX_ALLOW},
	{"newfstatat", SANDBOX_REFUSE},
	{"fcntl", SANDBOX_ALLOW},
	{"poll", SANDBOX_ALLOW},
	{"ppoll", SANDBOX_ALLOW},
	{"select", SANDBOX_ALLOW},
	{"pselect6", SANDBOX_ALLOW},
	{"recvfrom", SANDBOX_ALLOW},
	{"recvmsg", SANDBOX_ALLOW},
	{"sendto", SANDBOX_ALLOW},
	{"sendmsg", SANDBOX_ALLOW},
	{"shutdown", SANDBOX_ALLOW},
	{"ioctl", SANDBOX_ALLOW_LINE},
	{"brk", SANDBOX_ALLOW},
	{"mmap", SANDBOX_ALLOW},
	{"munmap", SANDBOX_ALLOW},
	{"mremap", SANDBOX_ALLOW},
	{"mprotect", SANDBOX_ALLOW},
	{"madvise", SANDBOX_ALLOW},
	{"futex", SANDBOX_ALLOW},
	{"rt_sigaction", SANDBOX_ALLOW},
	{"rt_sigprocmask", SANDBOX_ALLOW},
	{"rt_sigreturn", SANDBOX_ALLOW},
	{"sigaltstack", SANDBOX_ALLOW},
	{"exit", SANDBOX_ALLOW},
	{"exit_group", SANDBOX_ALLOW},
	{"getpid", SANDBOX_ALLOW},
	{"gettid", SANDBOX_ALLOW},
	{"getppid", SANDBOX_ALLOW},
	{"getrandom", SANDBOX_ALLOW},
	{"clock_gettime", SANDBOX_ALLOW},
	{"clock_nanosleep", SANDBOX_ALLOW},
	{"gettimeofday", SANDBOX_ALLOW},
	{"restart_syscall", SANDBOX_ALLOW},
	{"sched_yield", SANDBOX_ALLOW},
	{"prctl", SANDBOX_REFUSE},
	{"prlimit64", SANDBOX_REFUSE},
	{"tgkill", SANDBOX_REFUSE},
	{"open", SANDBOX_REFUSE},
	{"openat", SANDBOX_REFUSE},
	{"readlink", SANDBOX_REFUSE},
	{"socket", SANDBOX_REFUSE},
	{"connect", SANDBOX_REFUSE},
	{"clone", SANDBOX_REFUSE},
	{"clone3", SANDBOX_ABSENT},
};

bool sensor_sandbox_enter(int parent, struct err *err)
{
	static const struct sandbox_role role = {"sensor", calls, sizeof calls / sizeof calls[0]};
	static const struct sandbox_limits limits = {
		.memory_bytes = INT64_C(256) * 1024 * 1024, .open_files = 32};
	return sandbox_enter(&role, &limits, NULL, 0, parent, err);
}
