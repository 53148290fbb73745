/* SPDX-License-Identifier: Apache-2.0
 *
 * base/fd.h: all of it is written, however little a write takes; closing spoils no errno.
 */
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { MANY = 300000 }; /* more than a pipe holds */

static void on_signal(int signal)
{
	(void)signal;
}

/* Reads in small bites, with a signal to the writer at each. */
static void disturb(int in, pid_t writer)
{
	char piece[4096];
	ssize_t total = 0;
	for (ssize_t n; (n = read(in, piece, sizeof piece)) > 0; total += n) {
		kill(writer, SIGUSR1);
		usleep(100);
		for (ssize_t i = 0; i < n; i++) {
			if (piece[i] != 'x') {
				_exit(1);
			}
		}
	}
	_exit(total == MANY ? 0 : 2);
}

static void what_is_written_is_written_whole_through_signals(void **state)
{
	(void)state;
	struct sigaction action = {.sa_handler = on_signal};
	int ends[2];
	assert_return_code(sigaction(SIGUSR1, &action, NULL), errno);
	assert_return_code(pipe(ends), errno);
	pid_t writer = getpid(), reader = fork();
	if (reader == 0) {
		close(ends[1]);
		disturb(ends[0], writer);
	}
	close(ends[0]);
	char *bytes = malloc(MANY);
	assert_non_null(bytes);
	memset(bytes, 'x', MANY);
	assert_true(fd_write(ends[1], bytes, MANY));
	free(bytes);
	fd_close(ends[1]);
	int status;
	while (waitpid(reader, &status, 0) < 0) {
		assert_int_equal(errno, EINTR);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void what_cannot_be_written_is_told(void **state)
{
	(void)state;
	int full = open("/dev/full", O_WRONLY);
	assert_true(full >= 0);
	assert_false(fd_write(full, "x", 1));
	assert_int_equal(errno, ENOSPC);
	assert_true(fd_write(full, NULL, 0));
	fd_close(full);
	assert_false(fd_write(-1, "x", 1));
	assert_int_equal(errno, EBADF);
}

static void closing_takes_those_that_are_open_and_leaves_errno(void **state)
{
	(void)state;
	int fds[] = {-1, dup(0), -1, dup(0)};
	errno = ENOTUNIQ;
	fds_close(fds, 4);
	assert_int_equal(errno, ENOTUNIQ);
	assert_int_equal(fcntl(fds[1], F_GETFD), -1);
	assert_int_equal(fcntl(fds[3], F_GETFD), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_written_whole_through_signals),
		cmocka_unit_test(what_cannot_be_written_is_told),
		cmocka_unit_test(closing_takes_those_that_are_open_and_leaves_errno),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
