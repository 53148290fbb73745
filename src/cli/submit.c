/* SPDX-License-Identifier: Apache-2.0
 *
 * New local orders: each file is sent under its hash, then ordered. "-" is one picture from
 * standard input: its hash and its length must be known before it is sent, so it is spooled into a
 * file without a name first.
 */
#include "base/fd.h"
#include "base/hash.h"
#include "cli/change.h"
#include "cli/http.h"
#include "cli/say.h"
#include "cli/show.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PATH_BYTES  400
#define PAGES_MOST  32
#define INPUT_MOST  (INT64_C(2048) * 1024 * 1024) /* no floor takes more of one picture */
#define PIECE_BYTES 65536

/* ---- standard input ---- */

static bool is_input(const char *file)
{
	return strcmp(file, "-") == 0;
}

static const char *name_of(const char *file)
{
	const char *base = strrchr(file, '/');
	return is_input(file) ? "standard input" : base != NULL ? base + 1 : file;
}

static int open_nameless(void)
{
	const char *folder = getenv("TMPDIR");
	char path[PATH_BYTES];
	snprintf(path, sizeof path, "%s/platenctl.XXXXXX", folder != NULL ? folder : "/tmp");
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0) {
		unlink(path);
	} else {
		complain(EX_CANTCREAT, "%s: %s: set TMPDIR to a folder with room", path,
			strerror(errno));
	}
	return fd;
}

static int spool_input(int to)
{
	char piece[PIECE_BYTES];
	int64_t bytes = 0;
	for (ssize_t n; (n = read(STDIN_FILENO, piece, sizeof piece)) != 0;) {
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return complain(EX_IOERR, "reading standard input: %s", strerror(errno));
		}
		bytes += n;
		if (bytes > INPUT_MOST) {
			return complain(EX_DATAERR,
				"more than 2 GiB came on standard input: it is no "
				"picture that a floor takes");
		}
		if (!fd_write(to, piece, (size_t)n)) {
			return complain(EX_CANTCREAT,
				"keeping what comes on standard input: %s: set TMPDIR to a folder "
				"with room",
				strerror(errno));
		}
	}
	return bytes > 0 ? 0
			 : complain(EX_NOINPUT, "nothing came on standard input: pipe a picture "
						"into it, or name a file");
}

/* ---- files and orders ---- */

static int send_order(const struct args *args, json_t *pages, json_t *jobs, const char *file)
{
	json_t *answer = NULL;
	json_t *body = change_body(args);
	json_object_set_new(body, "product", json_string(args->product));
	json_object_set_new(body, "copies", json_integer(args->copies > 0 ? args->copies : 1));
	json_object_set(body, "pages", pages);
	if (args->ref != NULL) {
		json_object_set_new(body, "ref", json_string(args->ref));
	}
	const char *name = args->label != NULL ? args->label : name_of(file);
	json_t *label = json_stringn(name, strnlen(name, 64));
	if (label != NULL) {
		json_object_set_new(body, "label", label);
	}
	int failed = http_post(args, "/v1/orders", body, &answer);
	json_decref(body);
	if (failed != 0) {
		return failed;
	}
	if (!args->json) {
		char line[400];
		snprintf(line, sizeof line, "%s  %s", text_of(answer, "id"),
			is_input(file) ? name_of(file) : file);
		say_line(args, TONE_PLAIN, "", line);
	}
	json_array_append(jobs, json_object_get(answer, "job"));
	json_decref(answer);
	return 0;
}

static int hash_file(const char *file, char hash[HASH_HEX_MAX])
{
	struct err err;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return complain(EX_NOINPUT, "%s: %s", file, strerror(errno));
	}
	bool fine = hash_hex_of_file(fd, hash, &err);
	close(fd);
	return fine ? 0 : complain(EX_NOINPUT, "%s: %s", file, err.text);
}

int send_asset(const struct args *args, const char *file, json_t *pages)
{
	json_t *answer = NULL;
	char hash[HASH_HEX_MAX], path[PATH_BYTES], spooled[40];
	if (is_input(file)) {
		snprintf(spooled, sizeof spooled, "/proc/self/fd/%d", args->input);
		file = spooled;
	}
	int failed = hash_file(file, hash);
	if (failed == 0) {
		snprintf(path, sizeof path, "/v1/assets/%s", hash);
		failed = http_send_file(args, path, file, &answer);
	}
	if (failed == 0) {
		json_array_append_new(pages, json_pack("{ss}", "asset", hash));
		json_decref(answer);
	}
	return failed;
}

static int submit_each(const struct args *args, json_t *jobs)
{
	int status = 0;
	for (int i = 0; i < args->n; i++) {
		json_t *pages = json_array();
		progress_part(args->progress, i + 1, args->n);
		int failed = send_asset(args, args->words[i], pages);
		if (failed == 0) {
			failed = send_order(args, pages, jobs, args->words[i]);
		}
		json_decref(pages);
		status = failed != 0 ? failed : status;
		if (failed != 0 && args->n > 1) {
			complain(failed, "%s: not ordered", args->words[i]);
		}
		if (failed == EX_UNAVAILABLE) {
			break;
		}
	}
	return status;
}

static int submit_together(const struct args *args, json_t *jobs)
{
	int failed = 0;
	json_t *pages = json_array();
	for (int i = 0; i < args->n && failed == 0; i++) {
		progress_part(args->progress, i + 1, args->n);
		failed = send_asset(args, args->words[i], pages);
	}
	if (failed == 0) {
		failed = send_order(args, pages, jobs, args->words[0]);
	}
	json_decref(pages);
	return failed;
}

static int submit(const struct args *args)
{
	json_t *jobs = json_array();
	int status = args->together ? submit_together(args, jobs) : submit_each(args, jobs);
	/* a program reads one document: of nothing taken, the problem stands there already */
	if (args->json && (status == 0 || json_array_size(jobs) > 0)) {
		print_json(json_pack("{sO}", "jobs", jobs));
	}
	json_decref(jobs);
	return status;
}

static int submit_input(const struct args *args)
{
	struct args with = *args;
	if (args->n > 1) {
		return complain(EX_USAGE, "- is one picture from standard input: it stands alone");
	}
	if (isatty(STDIN_FILENO)) {
		return complain(EX_USAGE,
			"- reads a picture from standard input, which is a terminal: "
			"pipe one into it");
	}
	with.input = open_nameless();
	if (with.input < 0) {
		return EX_CANTCREAT;
	}
	int failed = spool_input(with.input);
	failed = failed != 0 ? failed : submit(&with);
	close(with.input);
	return failed;
}

int ctl_submit(const struct args *args)
{
	if (args->product == NULL) {
		return complain(EX_USAGE, "say what to make with --product, such as 4x6-glossy");
	}
	if (args->together && args->n > PAGES_MOST) {
		return complain(EX_USAGE, "a job has at most %d pages", PAGES_MOST);
	}
	for (int i = 0; i < args->n; i++) {
		if (is_input(args->words[i])) {
			return submit_input(args);
		}
	}
	return submit(args);
}
