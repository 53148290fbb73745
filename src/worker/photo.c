/* SPDX-License-Identifier: Apache-2.0
 *
 * Both sides of a photo's process.
 */
#include "worker/photo.h"
#include "base/clock.h"
#include "base/fd.h"
#include "worker/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_BYTES_MAX (64 * 1024)
#define OUTPUT_BYTES_MAX (INT64_C(2) << 30)
#define OPEN_FILES_MAX   32
#define END_LOOKS        500
#define END_LOOK_MS      1
#define LATE_GRACE_MS    (10 * SECOND_MS)

/* ---- the child ---- */

/* What a result is sent over; the channel and other tasks' pipes are closed before. */
static void write_answer(int fd, const struct render_result *result)
{
	json_t *json = render_result_to_json(result);
	char *text = json_write(json);
	size_t len = strlen(text);
	(void)!fd_write(fd, text, len); /* who waits for it sees that it is not whole */
}

/* Moves the four descriptors to 3..6 and closes every other. */
static void keep_only(struct render_files *files, int *answer_fd)
{
	int *const keep[] = {&files->asset, &files->output, &files->profile, answer_fd};
	enum { FIRST = 3, N = 4, HIGH = 100 };
	for (int i = 0; i < N; i++) {
		*keep[i] = *keep[i] < 0 ? -1 : dup2(*keep[i], HIGH + i);
	}
	for (int i = 0; i < N; i++) {
		close(FIRST + i);
		*keep[i] = *keep[i] < 0 ? -1 : dup2(*keep[i], FIRST + i);
	}
	close_range(FIRST + N, ~0U, 0);
}

static void be_child(
	const struct render_task *task, struct render_files files, int answer_fd, pid_t parent)
{
	struct sandbox_limits limits = {.cpu_seconds = task->limits.cpu_seconds,
		.memory_bytes = task->limits.memory_bytes,
		.file_bytes = OUTPUT_BYTES_MAX,
		.open_files = OPEN_FILES_MAX};
	struct render_result result = {.id = task->id};
	keep_only(&files, &answer_fd);
	if (sandbox_enter(&sandbox_render, &limits, NULL, 0, parent, &result.err)) {
		render_run(task, &files, &result);
	}
	write_answer(answer_fd, &result);
	_exit(0);
}

/* ---- the parent ---- */

/* A fork takes only the calling thread along; another's locks would stay locked in the child. */
static bool is_alone(struct err *err)
{
	char text[4096];
	FILE *status = fopen("/proc/self/status", "re");
	size_t len = status == NULL ? 0 : fread(text, 1, sizeof text - 1, status);
	if (status != NULL) {
		fclose(status);
	}
	text[len] = '\0';
	return strstr(text, "\nThreads:\t1\n") != NULL ||
	       err_set(err, REMEDY_FATAL, "threads",
		       "the render server has more than one thread and must not fork");
}

bool photo_start(struct photo *photo, const struct render_task *task,
	const struct render_files *files, struct err *err)
{
	int ends[2];
	if (!is_alone(err)) {
		return false;
	}
	if (pipe2(ends, O_CLOEXEC) != 0) {
		return err_set(err, REMEDY_RETRY, "fork", "no pipe for a photo's process: %s",
			strerror(errno));
	}
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0); /* a decoder's threads among them */
		be_child(task, *files, ends[1], parent);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return err_set(
			err, REMEDY_RETRY, "fork", "no process for a photo: %s", strerror(errno));
	}
	int64_t now_ms = clock_boot_ms();
	*photo = (struct photo){.task = *task,
		.pid = pid,
		.answer_fd = ends[0],
		.begun_ms = now_ms,
		.late_ms = now_ms + 4 * task->limits.cpu_seconds * SECOND_MS + LATE_GRACE_MS};
	return true;
}

bool photo_read(struct photo *photo)
{
	char piece[4096];
	ssize_t n = read(photo->answer_fd, piece, sizeof piece);
	if (n < 0) {
		return errno != EINTR && errno != EAGAIN;
	}
	if (n > 0 && photo->answer.len + (size_t)n <= ANSWER_BYTES_MAX) {
		buf_add(&photo->answer, piece, (size_t)n);
	}
	return n == 0;
}

void photo_step_back(struct photo *photo, int nice)
{
	if (!photo->is_long) {
		photo->is_long = true;
		setpriority(PRIO_PGRP, (id_t)photo->pid, nice);
	}
}

void photo_kill(struct photo *photo)
{
	kill(photo->pid, SIGKILL);
}

static const char *signal_words(int number)
{
	static const struct {
		int number;
		const char *words;
	} known[] = {
		{SIGXCPU, "it took more computing time than a photo may"},
		{SIGXFSZ, "its page grew larger than a file may"},
		{SIGSYS, "it asked the system for something photos don't need"},
		{SIGKILL, "it was killed"},
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].number == number) {
			return known[i].words;
		}
	}
	return "it crashed";
}

/* The same each time that a file kills its reader in the same way: signal, not address. */
static void name_cause(const struct photo *photo, int status, char *cause, size_t size)
{
	if (photo->cancelled || photo->late) { /* the daemon cancels what takes too long */
		snprintf(cause, size, "late");
	} else if (WIFSIGNALED(status)) {
		snprintf(cause, size, "signal %d", WTERMSIG(status));
	} else {
		snprintf(cause, size, "exit %d", WEXITSTATUS(status));
	}
}

static void say_death(const struct photo *photo, int status, struct err *err)
{
	if (photo->cancelled) {
		err_set(err, REMEDY_RETRY, "render-cancelled", "stopped before it was done");
	} else if (photo->late) {
		err_set(err, REMEDY_RETRY, "render-late",
			"the photo's process was stopped: it did not end in time");
	} else if (WIFSIGNALED(status)) {
		int number = WTERMSIG(status);
		err_set(err, REMEDY_RETRY, "render-died",
			"the photo's process ended by signal %d (%s): %s", number,
			strsignal(number), signal_words(number));
	} else {
		err_set(err, REMEDY_RETRY, "render-died",
			"the photo's process ended with %d and without an answer",
			WEXITSTATUS(status));
	}
}

/* The answer's end comes just before the process's own. One that ends its answer and stays, which
 * none of ours does, is not waited for. */
static int wait_for_end(struct photo *photo)
{
	int status = 0;
	for (int i = 0; i < END_LOOKS; i++) {
		pid_t pid = waitpid(photo->pid, &status, WNOHANG);
		if (pid == photo->pid || (pid < 0 && errno != EINTR)) {
			return status;
		}
		poll(NULL, 0, END_LOOK_MS);
	}
	photo_kill(photo);
	while (waitpid(photo->pid, &status, 0) < 0 && errno == EINTR) {
	}
	return status;
}

void photo_finish(struct photo *photo, struct render_result *result)
{
	close(photo->answer_fd);
	int status = wait_for_end(photo);
	struct err err;
	json_t *json = json_read(buf_get(&photo->answer), photo->answer.len, &err);
	bool ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!ended || json == NULL || !render_result_from_json(json, result, &err)) {
		*result = (struct render_result){.died = true};
		name_cause(photo, status, result->cause, sizeof result->cause);
		say_death(photo, status, &result->err);
	}
	result->id = photo->task.id; /* whatever the process thinks */
	json_decref(json);
	buf_fini(&photo->answer);
}
