/* SPDX-License-Identifier: Apache-2.0
 *
 * What is a minilab's folder only: what lies in it at each step, what a fresh driver makes of it,
 * names that were made to hurt, and shares that are lost, full, shut or exchanged.
 */
#include "drivers/minilab.h"
#include "drivers/host.h"
#include "drivers/list.h"
#include "base/file.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* 64 characters of a job's id, and the longest numbers */
#define LONGEST_KEY                                                                                \
	"0123456789012345678901234567890123456789012345678901234567890123.9223372036854775807."    \
	"2147483647"

struct bench {
	char root[64], share[80];
	char uri[100];
	struct host host;
	struct device device;
	struct document document;
};

static const struct model_folder folder_of_tests = {.n_ticket = 3,
	.ticket = {"File={file}", "Copies={copies}", "Order={order}"},
	.suffix = "txt",
	.error = "error"};

static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void shell(const char *format, ...)
{
	char command[600];
	va_list words;
	va_start(words, format);
	vsnprintf(command, sizeof command, format, words);
	va_end(words);
	if (system(command) != 0) {
		fail_msg("%s", command);
	}
}

/* A driver that knows nothing but what is stored: the folder's mark, as a pinned serial. */
static void open_fresh(struct bench *bench, const char *uuid)
{
	struct err err = {.text = ""};
	bench->host = (struct host){.report = -1};
	host_device(&bench->host, "hotfolder", bench->uri, &bench->device);
	bench->device.model.folder = folder_of_tests;
	bench->device.model.ms_per_print = 1;
	bench->device.uuid = uuid;
	if (!bench->device.driver->open(&bench->device, &err)) {
		fail_msg("%s", err.text);
	}
}

static int begin(void **state)
{
	static struct bench bench;
	memset(&bench, 0, sizeof bench);
	snprintf(bench.root, sizeof bench.root, "/tmp/platen-minilab-XXXXXX");
	assert_non_null(mkdtemp(bench.root));
	snprintf(bench.share, sizeof bench.share, "%s/share", bench.root);
	snprintf(bench.uri, sizeof bench.uri, "hotfolder:%s", bench.share);
	shell("mkdir -p %s/error", bench.share);
	host_document(&bench.document, 100, 150);
	bench.document.format = FORMAT_JPEG;
	open_fresh(&bench, "");
	*state = &bench;
	return 0;
}

static int end(void **state)
{
	struct bench *bench = *state;
	bench->device.driver->close(&bench->device);
	close(bench->document.fd);
	shell("rm -rf %s", bench->root);
	return 0;
}

static bool send_it(struct bench *bench, struct attempt *attempt, struct err *err)
{
	struct send_hooks hooks;
	bench->host.steps = 0;
	bench->host.phase = PHASE_PREPARED;
	host_hooks(&bench->host, &hooks);
	bool fine =
		bench->device.driver->send(&bench->device, attempt, &bench->document, &hooks, err);
	attempt->phase = fine ? PHASE_ACCEPTED : bench->host.phase;
	return fine;
}

/* The names that begin with "platen-", sorted, with blanks between them. */
static const char *listing(const struct bench *bench)
{
	static char names[600];
	char command[200];
	size_t len = 0;
	snprintf(command, sizeof command,
		"cd %s && ls -A | grep ^platen- | LC_ALL=C sort | tr '\\n' ' '", bench->share);
	FILE *list = popen(command, "r");
	assert_non_null(list);
	len = fread(names, 1, sizeof names - 1, list);
	pclose(list);
	names[len] = '\0';
	return names;
}

static void confirm(struct bench *bench, const struct attempt *attempt, struct receipt *receipt)
{
	struct err err = {.text = ""};
	if (!bench->device.driver->confirm(&bench->device, attempt, receipt, &err)) {
		fail_msg("%s", err.text);
	}
}

static void expect(const struct receipt *receipt, enum verdict verdict, const char *words)
{
	if (receipt->verdict != verdict || strstr(receipt->text, words) == NULL) {
		fail_msg("expected %s with \"%s\": %s: %s", verdict_name(verdict), words,
			verdict_name(receipt->verdict), receipt->text);
	}
	assert_int_equal(receipt->evidence, EVIDENCE_NONE);
}

static void write_file(const struct bench *bench, const char *name, const char *text)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", bench->share, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* ---- what lies there ---- */

static void the_picture_is_there_before_its_ticket(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	host_attempt(&bench->device, "J1.1.1", 3, &attempt);
	strcpy(bench->document.order, "A-1042");
	bench->host.stop_at = HOST_AT_COMMITTED;
	assert_false(send_it(bench, &attempt, &err));
	assert_int_equal(err.remedy, REMEDY_DROP);
	assert_string_equal(listing(bench), "platen-J1.1.1.jpg platen-J1.1.1.txt.part ");
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_NOT_TAKEN, "never given");
	assert_string_equal(listing(bench), "");
	bench->host.stop_at = HOST_NEVER;
	assert_true(send_it(bench, &attempt, &err));
	assert_string_equal(listing(bench), "platen-J1.1.1.jpg platen-J1.1.1.txt ");
	char path[120];
	struct buf ticket = {0};
	struct stat picture;
	snprintf(path, sizeof path, "%s/platen-J1.1.1.txt", bench->share);
	assert_true(file_read(path, 4096, &ticket, &err));
	assert_string_equal(buf_get(&ticket), "File=platen-J1.1.1.jpg\nCopies=3\nOrder=A-1042\n");
	buf_fini(&ticket);
	snprintf(path, sizeof path, "%s/platen-J1.1.1.jpg", bench->share);
	assert_int_equal(stat(path, &picture), 0);
	assert_int_equal(picture.st_size, bench->document.bytes);
	assert_int_equal(picture.st_mode & 0777, 0664); /* the machine's user may remove it */
}

/* The one moment that only the folder tells apart: COMMITTED was stored, the ticket not given. */
static void a_ticket_that_was_never_given_is_proven_to_be_so(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	char mark[65];
	host_attempt(&bench->device, "J1.1.1", 1, &attempt);
	bench->host.stop_at = HOST_AT_COMMITTED;
	assert_false(send_it(bench, &attempt, &err));
	attempt.phase = PHASE_COMMITTED;
	strcpy(mark, attempt.before.uuid);
	bench->device.driver->close(&bench->device);
	open_fresh(bench, mark);
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_NOT_TAKEN, "never given");
	assert_string_equal(listing(bench), "");
	confirm(bench, &attempt, &receipt); /* that it was asked before is not remembered */
	expect(&receipt, VERDICT_UNKNOWN, "count");
}

static void what_the_machine_does_is_followed_in_the_folder(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct device_status status;
	struct err err = {.text = ""};
	host_attempt(&bench->device, "J1.1.1", 1, &attempt);
	assert_true(send_it(bench, &attempt, &err));
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_PENDING, "has not taken it yet");
	assert_true(bench->device.driver->status(&bench->device, &status, &err));
	assert_int_equal(status.state, DEVICE_PROCESSING);
	shell("rm %s/*.txt", bench->share);
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_PENDING, "is at it");
	shell("rm %s/*.jpg", bench->share);
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_UNKNOWN, "count");
	assert_int_equal(receipt.after.jobs_active, 0);
}

static void a_machine_that_moves_is_followed_to_where_it_moves(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct device_status status;
	struct err err = {.text = ""};
	strcpy(bench->device.model.folder.done, "done");
	shell("mkdir %s/done", bench->share);
	host_attempt(&bench->device, "J1.1.1", 1, &attempt);
	assert_true(send_it(bench, &attempt, &err));
	shell("mkdir %s/work && mv %s/platen-* %s/work", bench->share, bench->share, bench->share);
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_PENDING, "is at it");
	shell("mv %s/work/* %s/done", bench->share, bench->share);
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_UNKNOWN, "is done with it");
	shell("mv %s/done/* %s/error", bench->share, bench->share);
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_UNKNOWN, "put aside as faulty");
	assert_true(bench->device.driver->status(&bench->device, &status, &err));
	assert_non_null(strstr(status.message, "1 of ours in its folder error"));
}

/* It may have read the ticket before it was taken back: nobody can prove that it had not. */
static void what_is_taken_back_is_in_doubt(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	host_attempt(&bench->device, "J1.1.1", 1, &attempt);
	assert_true(send_it(bench, &attempt, &err));
	assert_true(bench->device.driver->cancel(&bench->device, &attempt, &err));
	assert_string_equal(listing(bench), "");
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_UNKNOWN, "count");
}

static void what_the_rest_of_a_hand_over_is_is_swept(void **state)
{
	struct bench *bench = *state;
	struct err err = {.text = ""};
	int32_t swept;
	static const char *const names[] = {"platen-A.1.1.jpg.part", "platen-B.1.1.jpg",
		"platen-B.1.1.txt.part", "platen-C=x.1.1.jpg", "platen-C=x.1.1.txt", "holiday.jpg",
		"platen-.jpg", "platen-a:b.1.1.jpg", "platen-K.1.1.jpg", "platen-notes.doc"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		write_file(bench, names[i], "x");
	}
	static const char known[1][ATTEMPT_KEY_MAX] = {"K.1.1"};
	assert_true(bench->device.driver->sweep(&bench->device, known, 1, &swept, &err));
	assert_int_equal(swept, 3);
	assert_string_equal(listing(bench),
		"platen-.jpg platen-K.1.1.jpg platen-a:b.1.1.jpg platen-notes.doc ");
	shell("test -e %s/holiday.jpg", bench->share);
}

/* ---- names ---- */

static void every_key_makes_a_name_and_comes_back_from_it(void **state)
{
	struct bench *bench = *state;
	static const char *const keys[] = {
		"CON.1.1", "a:b:c.2.3", "..1.1", "-rf.1.1", "jpg.1.1", "x.txt.1.1", LONGEST_KEY};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		for (int file = 0; file < FILE_COUNT; file++) {
			char name[MINILAB_NAME_MAX];
			char key[ATTEMPT_KEY_MAX];
			enum minilab_file kind;
			minilab_name(bench->device.own, keys[i], (enum minilab_file)file, name);
			assert_null(strpbrk(name, "/\\:*?\"<>|"));
			assert_int_equal(strncmp(name, "platen-", 7), 0);
			assert_true(minilab_key_of(bench->device.own, name, &kind, key));
			assert_string_equal(key, keys[i]);
			assert_int_equal(kind, file);
		}
	}
}

/* A file that stands there already is never written over, be it somebody else's. */
static void nothing_is_written_over(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct err err = {.text = ""};
	host_attempt(&bench->device, "J1.1.1", 1, &attempt);
	shell("ln -s %s/victim %s/platen-J1.1.1.jpg.part", bench->root, bench->share);
	assert_false(send_it(bench, &attempt, &err));
	assert_int_equal(attempt.phase, PHASE_SENDING);
	shell("test ! -e %s/victim", bench->root);
}

/* ---- shares that fail ---- */

static void each_fault_has_its_remedy_and_a_next_step(void **state)
{
	struct bench *bench = *state;
	static const struct {
		int number;
		enum remedy remedy;
		const char *code, *words;
	} rows[] = {
		{ENOENT, REMEDY_RETRY, "printer-absent", "is the share mounted?"},
		{ESTALE, REMEDY_RETRY, "printer-absent", "mounted anew"},
		{EIO, REMEDY_RETRY, "printer-silent", "minilab's computer"},
		{ENOSPC, REMEDY_ATTEND, "folder-full", "make room"},
		{EACCES, REMEDY_ATTEND, "folder-denied", "platen's user"},
		{EROFS, REMEDY_ATTEND, "folder-denied", "reading only"},
		{EBUSY, REMEDY_RETRY, "folder", "look at the folder"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct err err;
		assert_false(minilab_fault(bench->device.own, "writing", rows[i].number, &err));
		assert_int_equal(err.remedy, rows[i].remedy);
		assert_string_equal(err.code, rows[i].code);
		assert_non_null(strstr(err.text, rows[i].words));
		assert_non_null(strstr(err.text, "P1"));
	}
}

static void a_share_that_is_gone_is_retried_and_one_that_is_back_goes_on(void **state)
{
	struct bench *bench = *state;
	struct device_status status;
	struct receipt receipt;
	struct attempt attempt;
	struct err err = {.text = ""};
	host_attempt(&bench->device, "J1.1.1", 1, &attempt);
	assert_true(send_it(bench, &attempt, &err));
	shell("mv %s %s.away", bench->share, bench->share);
	assert_false(bench->device.driver->status(&bench->device, &status, &err));
	assert_string_equal(err.code, "printer-absent");
	assert_int_equal(err.remedy, REMEDY_RETRY);
	/* a place to mount at, without the share: what is missing there was taken by nobody */
	shell("mkdir %s", bench->share);
	assert_false(bench->device.driver->confirm(&bench->device, &attempt, &receipt, &err));
	assert_string_equal(err.code, "printer-absent");
	assert_false(send_it(bench, &attempt, &err));
	assert_string_equal(err.code, "printer-absent");
	assert_string_equal(listing(bench), "");
	shell("rmdir %s && mv %s.away %s", bench->share, bench->share, bench->share);
	attempt.phase = PHASE_ACCEPTED;
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_PENDING, "has not taken it yet");
}

static void another_folder_gets_nothing(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct err err = {.text = ""};
	host_attempt(&bench->device, "J1.1.1", 1, &attempt);
	write_file(bench, MINILAB_MARK, "minilab-another\n");
	assert_false(send_it(bench, &attempt, &err));
	assert_string_equal(err.code, "printer-changed");
	assert_int_equal(err.remedy, REMEDY_ATTEND);
	write_file(bench, MINILAB_MARK, "no \x1b name\n");
	assert_false(send_it(bench, &attempt, &err));
	assert_string_equal(err.code, "printer-changed");
	assert_string_equal(listing(bench), "");
	/* its name, as the sentence says, makes it the right one */
	write_file(bench, MINILAB_MARK, attempt.before.uuid);
	assert_true(send_it(bench, &attempt, &err));
}

static void a_picture_that_does_not_fit_leaves_no_ticket(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	struct rlimit before;
	host_attempt(&bench->device, "J1.1.1", 1, &attempt);
	assert_true(bench->document.bytes > 8192);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){.rlim_cur = 8192, .rlim_max = before.rlim_max});
	bool sent = send_it(bench, &attempt, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_false(sent);
	assert_string_equal(err.code, "folder-full");
	assert_string_equal(listing(bench), "platen-J1.1.1.jpg.part ");
	confirm(bench, &attempt, &receipt);
	expect(&receipt, VERDICT_NOT_TAKEN, "never given");
	assert_string_equal(listing(bench), "");
}

static void only_jpeg_is_given(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct err err = {.text = ""};
	host_attempt(&bench->device, "J1.1.1", 1, &attempt);
	bench->document.format = FORMAT_PWG;
	assert_false(send_it(bench, &attempt, &err));
	assert_string_equal(err.code, "format-refused");
	assert_int_equal(err.remedy, REMEDY_REJECT);
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(the_picture_is_there_before_its_ticket),
		FACT(a_ticket_that_was_never_given_is_proven_to_be_so),
		FACT(what_the_machine_does_is_followed_in_the_folder),
		FACT(a_machine_that_moves_is_followed_to_where_it_moves),
		FACT(what_is_taken_back_is_in_doubt),
		FACT(what_the_rest_of_a_hand_over_is_is_swept),
		FACT(every_key_makes_a_name_and_comes_back_from_it),
		FACT(nothing_is_written_over),
		FACT(each_fault_has_its_remedy_and_a_next_step),
		FACT(a_share_that_is_gone_is_retried_and_one_that_is_back_goes_on),
		FACT(another_folder_gets_nothing),
		FACT(a_picture_that_does_not_fit_leaves_no_ticket),
		FACT(only_jpeg_is_given),
	};
	return cmocka_run_group_tests_name("drivers/minilab", tests, NULL, NULL);
}
