/* SPDX-License-Identifier: Apache-2.0
 *
 * Locking a worker down, in the order that works: limits, death with the parent, no new privileges,
 * Landlock (it opens the paths it names), and last seccomp, after which none of this is possible.
 */
#include "config.h"
#include "worker/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/usbdevice_fs.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a warm libvips with lcms2 needs to turn one descriptor into another, tried under gcc, clang
 * and their sanitizers. */
static const struct sandbox_call render_calls[] = {
	{"read", SANDBOX_ALLOW},
	{"write", SANDBOX_ALLOW},
	{"writev", SANDBOX_ALLOW},
	{"pread64", SANDBOX_ALLOW},
	{"lseek", SANDBOX_ALLOW},
	{"close", SANDBOX_ALLOW},
	{"dup", SANDBOX_ALLOW},
	{"fstat", SANDBOX_ALLOW},
	{"newfstatat", SANDBOX_ALLOW},
	{"brk", SANDBOX_ALLOW},
	{"mmap", SANDBOX_ALLOW},
	{"munmap", SANDBOX_ALLOW},
	{"mremap", SANDBOX_ALLOW},
	{"mprotect", SANDBOX_ALLOW},
	{"madvise", SANDBOX_ALLOW},
	{"futex", SANDBOX_ALLOW},
	{"clone", SANDBOX_ALLOW_THREADS},
	{"clone3", SANDBOX_ABSENT},
	{"set_robust_list", SANDBOX_ALLOW},
	{"rseq", SANDBOX_ALLOW},
	{"rt_sigaction", SANDBOX_ALLOW},
	{"rt_sigprocmask", SANDBOX_ALLOW},
	{"rt_sigreturn", SANDBOX_ALLOW},
	{"sigaltstack", SANDBOX_ALLOW},
	{"exit", SANDBOX_ALLOW},
	{"exit_group", SANDBOX_ALLOW},
	{"getpid", SANDBOX_ALLOW},
	{"gettid", SANDBOX_ALLOW},
	{"sched_getaffinity", SANDBOX_ALLOW},
	{"sched_yield", SANDBOX_ALLOW},
	{"getrandom", SANDBOX_ALLOW},
	{"clock_gettime", SANDBOX_ALLOW},
	{"clock_nanosleep", SANDBOX_ALLOW},
	{"gettimeofday", SANDBOX_ALLOW},
	{"sysinfo", SANDBOX_ALLOW},
	{"getrusage", SANDBOX_ALLOW},
	{"restart_syscall", SANDBOX_ALLOW},
	{"prctl", SANDBOX_REFUSE},
	{"prlimit64", SANDBOX_REFUSE},
	{"get_mempolicy", SANDBOX_REFUSE},
	{"set_mempolicy", SANDBOX_REFUSE},
	{"tgkill", SANDBOX_REFUSE},
	{"openat", SANDBOX_REFUSE},
	{"open", SANDBOX_REFUSE},
	{"access", SANDBOX_REFUSE},
	{"faccessat", SANDBOX_REFUSE},
	{"faccessat2", SANDBOX_REFUSE},
	{"ioctl", SANDBOX_REFUSE},
	{"unlink", SANDBOX_REFUSE},
	{"readlink", SANDBOX_REFUSE},
	{"readlinkat", SANDBOX_REFUSE},
	{"getpeername", SANDBOX_REFUSE},
	{"umask", SANDBOX_REFUSE},
	{"fcntl", SANDBOX_REFUSE},
	{"statx", SANDBOX_REFUSE},
	{"getcwd", SANDBOX_REFUSE},
	{"uname", SANDBOX_REFUSE},
};

const struct sandbox_role sandbox_render = {
	.name = "render",
	.calls = render_calls,
	.n_calls = sizeof render_calls / sizeof render_calls[0],
};

static bool refused(struct err *err, const char *what, int number)
{
	return err_set(err, REMEDY_FATAL, "sandbox",
		"sandbox: %s: %s; workers don't run unprotected", what, strerror(number));
}

static bool limit_one(int resource, int64_t most, const char *what, struct err *err)
{
	/* one second more until SIGKILL, so that SIGXCPU can tell why */
	rlim_t hard = (rlim_t)most + (resource == RLIMIT_CPU ? 1 : 0);
	struct rlimit limit = {.rlim_cur = (rlim_t)most, .rlim_max = hard};
	return setrlimit((__rlimit_resource_t)resource, &limit) == 0 || refused(err, what, errno);
}

static bool set_limits(const struct sandbox_limits *limits, struct err *err)
{
	bool fine = limit_one(RLIMIT_CORE, 0, "limit on core files", err);
	if (fine && limits->cpu_seconds > 0) {
		fine = limit_one(RLIMIT_CPU, limits->cpu_seconds, "limit on time", err);
	}
#ifndef PLATEN_SANITIZED
	if (fine && limits->memory_bytes > 0) {
		fine = limit_one(RLIMIT_AS, limits->memory_bytes, "limit on memory", err);
	}
#endif
	if (fine && limits->file_bytes > 0) {
		fine = limit_one(RLIMIT_FSIZE, limits->file_bytes, "limit on file size", err);
	}
	if (fine && limits->open_files > 0) {
		fine = limit_one(RLIMIT_NOFILE, limits->open_files, "limit on files", err);
	}
	return fine;
}

/* Without a parent to look at, a worker could outlive the daemon and go on printing. */
static bool die_with(int parent, struct err *err)
{
	if (parent == 0) {
		return true;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
		return refused(err, "death with the parent", errno);
	}
	return getppid() == parent || refused(err, "the parent is already gone", ESRCH);
}

/* Rights to files as of Landlock ABI 1; later ABIs add one bit each. */
#define RIGHTS_READ                                                                                \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE)
#define RIGHTS_ABI_1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define RIGHT_REFER  (RIGHTS_ABI_1 + 1)
#define RIGHT_TRUNC  (RIGHT_REFER << 1)
#define RIGHTS_FILE  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)

static bool allow_path(
	int rules, const struct sandbox_path *path, uint64_t handled, struct err *err)
{
	int fd = open(path->path, O_PATH | O_CLOEXEC);
	if (fd < 0) {
		return refused(err, path->path, errno);
	}
	uint64_t rights = path->writable ? handled : (RIGHTS_READ & ~LANDLOCK_ACCESS_FS_EXECUTE);
	struct landlock_path_beneath_attr below = {
		.allowed_access = rights & ~LANDLOCK_ACCESS_FS_EXECUTE, .parent_fd = fd};
	long done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	if (done != 0 && errno == EINVAL) { /* a plain file or a device node, not a folder */
		below.allowed_access &= RIGHTS_FILE;
		done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	}
	int number = errno;
	close(fd);
	return done == 0 || refused(err, path->path, number);
}

static bool lock_files(const struct sandbox_path *paths, size_t n, struct err *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1) {
		return true; /* not in this kernel: seccomp alone */
	}
	uint64_t handled =
		RIGHTS_ABI_1 | (abi >= 2 ? RIGHT_REFER : 0) | (abi >= 3 ? RIGHT_TRUNC : 0);
	struct landlock_ruleset_attr all = {.handled_access_fs = handled};
	int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
	if (rules < 0) {
		return refused(err, "Landlock", errno);
	}
	bool fine = true;
	for (size_t i = 0; fine && i < n; i++) {
		fine = allow_path(rules, &paths[i], handled, err);
	}
	if (fine && syscall(SYS_landlock_restrict_self, rules, 0) != 0) {
		fine = refused(err, "Landlock", errno);
	}
	close(rules);
	return fine;
}

/* What libusb needs of an open node: no driver of the kernel can be sent away with it. */
static const unsigned long usbfs_requests[] = {USBDEVFS_CONNECTINFO, USBDEVFS_GET_CAPABILITIES,
	USBDEVFS_GET_SPEED, USBDEVFS_CONTROL, USBDEVFS_GETDRIVER, USBDEVFS_CLAIMINTERFACE,
	USBDEVFS_RELEASEINTERFACE, USBDEVFS_SETINTERFACE, USBDEVFS_SUBMITURB,
	USBDEVFS_REAPURBNDELAY, USBDEVFS_DISCARDURB, USBDEVFS_CLEAR_HALT, USBDEVFS_RESET};

#define USBFS_NUMBERS 64 /* more than there are */

static bool usbfs_allows(unsigned long number)
{
	for (size_t i = 0; i < sizeof usbfs_requests / sizeof usbfs_requests[0]; i++) {
		if (_IOC_NR(usbfs_requests[i]) == number) {
			return true;
		}
	}
	return false;
}

static int refuse_ioctl(
	scmp_filter_ctx filter, int call, int error, unsigned long mask, unsigned long same)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)error), call, 1,
		SCMP_A1(SCMP_CMP_MASKED_EQ, mask, same));
}

/* After a reset libusb 1.0.26 claims again by sending away whoever came between. It is told that
 * this kernel does not know that, then that nobody is there, and so claims as it did at first. */
static int usbfs_refusal(unsigned long number)
{
	return number == _IOC_NR(USBDEVFS_DISCONNECT_CLAIM) ? ENOTTY
	       : number == _IOC_NR(USBDEVFS_IOCTL)          ? ENODATA
							    : EPERM;
}

/* A request's kind stands in its second byte, its number in the first. Those of another kind differ
 * in at least one bit; of usbfs' own, all numbers that are not in the table are refused. */
static int add_usbfs(scmp_filter_ctx filter, int call)
{
	unsigned long kind = (unsigned long)_IOC_TYPE(USBDEVFS_CLAIMINTERFACE) << _IOC_TYPESHIFT;
	unsigned long kind_mask = (unsigned long)_IOC_TYPEMASK << _IOC_TYPESHIFT;
	int status = 0;
	for (size_t i = 0; status == 0 && i < sizeof usbfs_requests / sizeof usbfs_requests[0];
		i++) {
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, usbfs_requests[i]));
	}
	for (int bit = 0; status == 0 && bit < _IOC_TYPEBITS; bit++) {
		unsigned long mask = 1UL << (bit + _IOC_TYPESHIFT);
		status = refuse_ioctl(filter, call, EPERM, mask, ~kind & mask);
	}
	for (unsigned long number = 0; status == 0 && number < USBFS_NUMBERS; number++) {
		if (!usbfs_allows(number)) {
			status = refuse_ioctl(filter, call, usbfs_refusal(number),
				kind_mask | _IOC_NRMASK, kind | number);
		}
	}
	return status;
}

/* Settings and flushing of a terminal line; above all not TIOCSTI, which types for others. */
static int allow_line(scmp_filter_ctx filter, int number)
{
	static const unsigned requests[] = {TCGETS, TCSETS, TCFLSH, TIOCEXCL};
	int status = 0;
	for (size_t i = 0; status == 0 && i < sizeof requests / sizeof requests[0]; i++) {
		status = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, number, 1, SCMP_A1(SCMP_CMP_EQ, requests[i], 0));
	}
	return status;
}

static int add_call(scmp_filter_ctx filter, const struct sandbox_call *call)
{
	int number = seccomp_syscall_resolve_name(call->name);
	if (number < 0) {
		return 0;
	}
	switch (call->answer) {
	case SANDBOX_ALLOW:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	case SANDBOX_REFUSE:
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);
	case SANDBOX_ABSENT:
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);
	case SANDBOX_UNDER_WAY:
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINPROGRESS), number, 0);
	case SANDBOX_ALLOW_THREADS:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	case SANDBOX_ALLOW_USBFS:
		return add_usbfs(filter, number);
	case SANDBOX_ALLOW_LINE:
		return allow_line(filter, number);
	}
	return -EINVAL;
}

static bool lock_calls(const struct sandbox_role *role, struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int status = filter == NULL ? -ENOMEM : 0;
	for (size_t i = 0; status == 0 && i < role->n_calls; i++) {
		status = add_call(filter, &role->calls[i]);
	}
	if (status == 0) {
		status = seccomp_load(filter);
	}
	seccomp_release(filter);
	return status == 0 || refused(err, "seccomp", -status);
}

bool sandbox_enter(const struct sandbox_role *role, const struct sandbox_limits *limits,
	const struct sandbox_path *paths, size_t n_paths, int parent, struct err *err)
{
	bool fine = set_limits(limits, err) && die_with(parent, err);
	if (fine && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		fine = refused(err, "no new privileges", errno);
	}
#ifndef PLATEN_SANITIZED /* whose leak checker traces its own process */
	/* no other process of our user reads its memory, or takes a descriptor out of it */
	if (fine && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		fine = refused(err, "no dumps", errno);
	}
#endif
	fine = fine && lock_files(paths, n_paths, err) && lock_calls(role, err);
	return fine || err_wrap(err, "%s worker", role->name);
}
