/* SPDX-License-Identifier: Apache-2.0
 *
 * platenctl printer NAME record FILE: what a printer's device says, as its driver reads it, one
 * line of JSON whenever it changes. The driver "replay" says it again (docs/minilab.md has the
 * form). No password is in it; why it did not answer may name its address.
 */
#include "cli/record.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/text.h"
#include "cli/http.h"
#include "wire/recording.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#define LOOK_MS     1000
#define DURATION_MS (24 * HOUR_MS)

struct recorder {
	const struct args *args;
	int file, stop; /* stop: readable when somebody wants it to end */
	int64_t began_ms, end_ms;
	json_t *last; /* what stands in the last line; NULL: none yet */
	long long lines;
};

/* "90s", "30m", "24h", "3d". */
static bool take_duration(const char *text, int64_t *duration_ms)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {{'s', SECOND_MS}, {'m', MINUTE_MS}, {'h', HOUR_MS}, {'d', 24 * HOUR_MS}};
	char digits[8] = "";
	size_t len = strlen(text);
	int64_t n;
	for (size_t i = 0; len > 1 && len <= sizeof digits && i < 4; i++) {
		if (text[len - 1] == units[i].unit) {
			memcpy(digits, text, len - 1);
			*duration_ms = text_to_int(digits, 1, 100000, &n) ? n * units[i].ms : 0;
			return *duration_ms > 0;
		}
	}
	return false;
}

static int write_line(struct recorder *recorder, const json_t *value)
{
	char *text = json_write(value);
	size_t len = strlen(text);
	text[len] = '\n'; /* in the place of the NUL */
	bool fine = fd_write(recorder->file, text, len + 1);
	free(text);
	recorder->lines++;
	return fine ? 0 : complain(EX_IOERR, "%s: %s", recorder->args->words[2], strerror(errno));
}

static int begin_file(struct recorder *recorder)
{
	const char *path = recorder->args->words[2];
	recorder->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
	if (recorder->file < 0) {
		return complain(EX_CANTCREAT, "%s: %s", path,
			errno == EEXIST ? "is there already: name another file" : strerror(errno));
	}
	char stamp[CLOCK_STAMP_MAX];
	json_t *head = json_pack("{si ss ss}", RECORDING_MEMBER, RECORDING_VERSION, "printer",
		recorder->args->words[0], "begun", clock_stamp(clock_wall_ms(), stamp));
	int failed = write_line(recorder, head);
	json_decref(head);
	return failed;
}

/* What it said now, unless it is what it said before but for its clock. */
static int keep(struct recorder *recorder, json_t *said)
{
	if (recorder->last != NULL && recording_is_same(recorder->last, said)) {
		return 0;
	}
	json_decref(recorder->last);
	recorder->last = json_deep_copy(said);
	json_object_set_new(said, "at_ms", json_integer(clock_boot_ms() - recorder->began_ms));
	return write_line(recorder, said);
}

static int look(struct recorder *recorder, const char *path)
{
	json_t *said = NULL;
	int failed = http_get(recorder->args, path, &said);
	if (failed == 0) {
		failed = keep(recorder, said);
		json_decref(said);
		progress_say(recorder->args->progress, "recording %s: %lld changes, %lld min",
			recorder->args->words[0], recorder->lines - 2,
			(long long)((clock_boot_ms() - recorder->began_ms) / MINUTE_MS));
	}
	return failed;
}

/* False when it is time to end. */
static bool wait_a_moment(const struct recorder *recorder)
{
	int64_t left_ms = recorder->end_ms - clock_boot_ms();
	struct pollfd stop = {.fd = recorder->stop, .events = POLLIN};
	int wait_ms = left_ms < LOOK_MS ? (int)(left_ms < 0 ? 0 : left_ms) : LOOK_MS;
	return poll(&stop, 1, wait_ms) == 0 && clock_boot_ms() < recorder->end_ms;
}

static int end_file(struct recorder *recorder, int failed)
{
	json_t *tail = json_pack("{sI sb}", "at_ms",
		(json_int_t)(clock_boot_ms() - recorder->began_ms), "end", true);
	failed = failed != 0 ? failed : write_line(recorder, tail);
	json_decref(tail);
	if (fsync(recorder->file) != 0 && failed == 0) {
		failed = complain(EX_IOERR, "%s: %s", recorder->args->words[2], strerror(errno));
	}
	close(recorder->file);
	return failed;
}

/* A day of it must not be lost to one missed answer: a floor that is started anew is waited for. */
static int follow(struct recorder *recorder, const char *path)
{
	int failed = look(recorder, path);
	while (failed == 0 || failed == EX_UNAVAILABLE || failed == EX_TEMPFAIL) {
		if (recorder->lines >= RECORDING_LINES_MAX - 1) {
			return complain(0, "that is as long as a recording may be: it ends here");
		}
		if (!wait_a_moment(recorder)) {
			return 0;
		}
		failed = look(recorder, path);
	}
	return failed;
}

/* Ctrl-C ends it in order: the file is then as whole as after its time. */
static int open_stop(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

int printer_record(const struct args *args)
{
	char path[400];
	int64_t duration_ms = DURATION_MS;
	struct recorder recorder = {.args = args, .file = -1};
	if (args->span != NULL && !take_duration(args->span, &duration_ms)) {
		return complain(
			EX_USAGE, "--for %s: say how long, as 90s, 30m, 24h or 3d", args->span);
	}
	if (!path_make(path, sizeof path, "/v1/printers/", args->words[0], "/said")) {
		return complain(EX_NOINPUT, "%s: there is none of that name", args->words[0]);
	}
	json_t *first = NULL;
	int failed = http_get(args, path, &first); /* before a file is made */
	json_decref(first);
	if (failed != 0 || (failed = begin_file(&recorder)) != 0) {
		return failed;
	}
	recorder.stop = open_stop();
	recorder.began_ms = clock_boot_ms();
	recorder.end_ms = recorder.began_ms + duration_ms;
	failed = end_file(&recorder, follow(&recorder, path));
	json_decref(recorder.last);
	close(recorder.stop);
	if (failed == 0 && !args->json) {
		progress_hide();
		printf("%s: %lld lines; to play it: uri = \"replay:…\" (docs/minilab.md)\n",
			args->words[2], recorder.lines);
	}
	return failed;
}
