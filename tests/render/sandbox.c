/* SPDX-License-Identifier: Apache-2.0
 *
 * Canaries: what a photo's process must not be able to do, tried from the inside, each in a process
 * of its own.
 */
#include "worker/sandbox.h"
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants setjmp and stdarg before it */
#include <cmocka.h>

#define GIB (INT64_C(1) << 30)

typedef int attempt(void); /* 0: it was done; else the errno of the refusal */

static int open_file(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0 ? 0 : errno;
}

static int write_file(void)
{
	return open("/tmp/platen-canary", O_WRONLY | O_CREAT, 0600) >= 0 ? 0 : errno;
}

static int make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 0 : errno;
}

static int make_unix_socket(void)
{
	int ends[2];
	return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 ? 0 : errno;
}

static int run_program(void)
{
	char *argv[] = {(char[]){"true"}, NULL};
	execve("/bin/true", argv, argv + 1);
	return errno;
}

static int fork_process(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0 ? 0 : errno;
}

static int trace_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 ? 0 : errno;
}

static int kill_parent(void)
{
	return kill(getppid(), SIGTERM) == 0 ? 0 : errno;
}

static int read_memory_of_parent(void)
{
	return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0) >= 0 ? 0 : errno;
}

static int rename_file(void)
{
	return rename("/tmp/platen-a", "/tmp/platen-b") == 0 ? 0 : errno;
}

static int load_kernel_code(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) >= 0 ? 0 : errno;
}

static int raise_limit(void)
{
	return syscall(SYS_prlimit64, 0, 0, NULL, NULL) == 0 ? 0 : errno;
}

static void *be_thread(void *context)
{
	return context;
}

static int make_thread(void)
{
	pthread_t thread;
	int failed = pthread_create(&thread, NULL, be_thread, NULL);
	return failed != 0 ? failed : pthread_join(thread, NULL);
}

static int take_much_memory(void)
{
	void *at = mmap(NULL, 8 * (size_t)GIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return at != MAP_FAILED ? 0 : errno;
}

static int compute_for_ever(void)
{
	for (volatile unsigned i = 0;; i++) {
	}
	return 0;
}

static int write_much(void)
{
	char piece[4096] = "";
	for (int i = 0; i < 100; i++) {
		if (write(9, piece, sizeof piece) < 0) {
			return errno;
		}
	}
	return 0;
}

static int status_of(
	attempt *try, const struct sandbox_role *role, const struct sandbox_path *paths, size_t n)
{
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		struct sandbox_limits limits = {.cpu_seconds = 1,
			.memory_bytes = 2 * GIB,
			.file_bytes = 65536,
			.open_files = 32};
		struct err err;
		int output = memfd_create("canary", 0);
		dup2(output, 9);
		if (!sandbox_enter(role, &limits, paths, n, parent, &err)) {
			fprintf(stderr, "%s\n", err.text);
			_exit(199);
		}
		_exit(try());
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void assert_dies(attempt *try, int number)
{
	int status = status_of(try, &sandbox_render, NULL, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
}

static void assert_ends(attempt *try, int code)
{
	int status = status_of(try, &sandbox_render, NULL, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

static void files_cannot_be_opened(void **state)
{
	(void)state;
	assert_ends(open_file, EPERM);
	assert_ends(write_file, EPERM);
}

static void sockets_kill(void **state)
{
	(void)state;
	assert_dies(make_socket, SIGSYS);
	assert_dies(make_unix_socket, SIGSYS);
}

static void programs_and_processes_kill(void **state)
{
	(void)state;
	assert_dies(run_program, SIGSYS);
	assert_dies(fork_process, SIGSYS);
}

static void touching_other_processes_kills(void **state)
{
	(void)state;
	assert_dies(trace_parent, SIGSYS);
	assert_dies(kill_parent, SIGSYS);
	assert_dies(read_memory_of_parent, SIGSYS);
}

static void renaming_and_kernel_code_kill(void **state)
{
	(void)state;
	assert_dies(rename_file, SIGSYS);
	assert_dies(load_kernel_code, SIGSYS);
}

static void limits_cannot_be_raised(void **state)
{
	(void)state;
	assert_ends(raise_limit, EPERM);
}

static void threads_of_its_own_are_allowed(void **state)
{
	(void)state;
	assert_ends(make_thread, 0);
}

static void memory_is_limited(void **state)
{
	(void)state;
#ifdef PLATEN_SANITIZED
	skip();
#endif
	assert_ends(take_much_memory, ENOMEM);
}

static void computing_time_is_limited(void **state)
{
	(void)state;
	assert_dies(compute_for_ever, SIGXCPU);
}

static void output_is_limited(void **state)
{
	(void)state;
	assert_dies(write_much, SIGXFSZ);
}

/* A role that may open files, held to its folder by Landlock alone. */
static const struct sandbox_call opening[] = {{"openat", SANDBOX_ALLOW}, {"open", SANDBOX_ALLOW},
	{"exit_group", SANDBOX_ALLOW}, {"close", SANDBOX_ALLOW}, {"write", SANDBOX_ALLOW},
	/* the rest is the sanitizers' */
	{"mmap", SANDBOX_ALLOW}, {"munmap", SANDBOX_ALLOW}, {"madvise", SANDBOX_ALLOW},
	{"futex", SANDBOX_ALLOW}, {"sigaltstack", SANDBOX_ALLOW}, {"getpid", SANDBOX_ALLOW},
	{"rt_sigprocmask", SANDBOX_ALLOW}, {"rt_sigaction", SANDBOX_ALLOW}};
static const struct sandbox_role opener = {"opener", opening, sizeof opening / sizeof opening[0]};

static int read_below(void)
{
	return open("/proc/self/status", O_RDONLY) >= 0 ? 0 : errno;
}

static int write_below(void)
{
	return open("/proc/self/comm", O_WRONLY) >= 0 ? 0 : errno;
}

static void landlock_holds_a_role_to_its_folders(void **state)
{
	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1) {
		skip(); /* this kernel has none */
	}
	const struct sandbox_path paths[] = {{"/proc", false}};
	int status = status_of(read_below, &opener, paths, 1);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	status = status_of(write_below, &opener, paths, 1);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EACCES);
	status = status_of(open_file, &opener, paths, 1);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EACCES);
	const struct sandbox_path writable[] = {{"/proc", true}};
	status = status_of(write_below, &opener, writable, 1);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void missing_folder_is_an_error(void **state)
{
	(void)state;
	const struct sandbox_path paths[] = {{"/nowhere/at/all", false}};
	int status = status_of(open_file, &opener, paths, 1);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status),
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1
			? 0
			: 199);
}

#define NOBODY 65534

/* The user that a process's files in /proc belong to, as one of its own would see it: root's, as
 * soon as it is none that may be looked into. */
static void enter_as_nobody(int ready)
{
	struct sandbox_limits limits = {.cpu_seconds = 1, .open_files = 32};
	struct err err;
	/* a change of user makes it undumpable by itself */
	bool fine = setuid(NOBODY) == 0 && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 &&
		    sandbox_enter(&sandbox_render, &limits, NULL, 0, 0, &err) &&
		    write(ready, "", 1) == 1;
	for (char end; fine && read(ready, &end, 1) > 0;) {
	}
	_exit(fine ? 0 : 199);
}

static void another_process_of_its_user_can_not_look_into_it(void **state)
{
	int ends[2];
	char path[64], byte;
	struct stat about;
	(void)state;
#ifdef PLATEN_SANITIZED
	skip();
#endif
	if (geteuid() != 0) {
		skip(); /* only root can become somebody else */
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		enter_as_nobody(ends[1]);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_uid, 0);
	close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_process_of_its_user_can_not_look_into_it),
		cmocka_unit_test(files_cannot_be_opened),
		cmocka_unit_test(sockets_kill),
		cmocka_unit_test(programs_and_processes_kill),
		cmocka_unit_test(touching_other_processes_kills),
		cmocka_unit_test(renaming_and_kernel_code_kill),
		cmocka_unit_test(limits_cannot_be_raised),
		cmocka_unit_test(threads_of_its_own_are_allowed),
		cmocka_unit_test(memory_is_limited),
		cmocka_unit_test(computing_time_is_limited),
		cmocka_unit_test(output_is_limited),
		cmocka_unit_test(landlock_holds_a_role_to_its_folders),
		cmocka_unit_test(missing_folder_is_an_error),
	};
	return cmocka_run_group_tests_name("render/sandbox", tests, NULL, NULL);
}
