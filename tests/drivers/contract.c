/* SPDX-License-Identifier: Apache-2.0
 *
 * One suite of promises, kept by every driver: against a real ippeveprinter, a cupsd with a raw
 * queue, a PAPPL program, a minilab's computer, and the fake printer. What came out is counted at
 * the printer, never by the driver's word.
 */
#include "drivers/host.h"
#include "drivers/rig.h"
#include "base/clock.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct bench {
	struct rig rig;
	struct host host;
	struct device device;
	struct document document;
	char key[ATTEMPT_KEY_MAX];
	int n;
};

/* PAPPL claims to hold a job, and prints a raster as it comes in. */
static bool claims_to_hold(const struct bench *bench)
{
	return strcmp(bench->rig.kind, "pappl") == 0;
}

/* A minilab with a folder: what came out of it a person counts, so nothing is ever proven but that
 * it never got the ticket. */
static bool is_counted(const struct bench *bench)
{
	return strcmp(bench->rig.kind, "hotfolder") == 0;
}

static bool is_ipp(const struct bench *bench)
{
	return bench->rig.port > 0;
}

static void make_device(struct bench *bench, struct device *device)
{
	static const struct model_folder folder = {.n_ticket = 2,
		.ticket = {"File={file}", "Copies={copies}"},
		.suffix = "txt",
		.error = "error"};
	host_device(&bench->host, bench->rig.driver, bench->rig.uri, device);
	if (is_counted(bench)) {
		device->model.folder = folder;
	}
}

/* Each test gets a driver of its own, as a restarted worker would, and a key of its own. */
static int begin(void **state)
{
	struct bench *bench = *state;
	struct err err = {.text = ""};
	bench->host = (struct host){.port = bench->rig.port};
	make_device(bench, &bench->device);
	snprintf(bench->key, sizeof bench->key, "J%d.1.1", ++bench->n);
	int32_t swept; /* a dead sender's Create-Job may have arrived after it was asked about */
	if (!bench->device.driver->open(&bench->device, &err) ||
		!bench->device.driver->sweep(&bench->device, NULL, 0, &swept, &err)) {
		fail_msg("%s", err.text);
	}
	bench->device.driver->close(&bench->device); /* and its kept connection */
	if (!bench->device.driver->open(&bench->device, &err)) {
		fail_msg("%s", err.text);
	}
	return 0;
}

static int end(void **state)
{
	struct bench *bench = *state;
	bench->device.driver->close(&bench->device);
	return 0;
}

static bool send_it(struct bench *bench, struct attempt *attempt, struct err *err)
{
	struct send_hooks hooks;
	host_hooks(&bench->host, &hooks);
	bool fine =
		bench->device.driver->send(&bench->device, attempt, &bench->document, &hooks, err);
	attempt->phase = fine ? PHASE_ACCEPTED : bench->host.phase;
	return fine;
}

static void print_and_prove(struct bench *bench, const char *key, int copies)
{
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	host_attempt(&bench->device, key, copies, &attempt);
	bench->host.steps = 0;
	if (!send_it(bench, &attempt, &err)) {
		fail_msg("%s: %s", key, err.text);
	}
	assert_int_equal(bench->host.steps, is_ipp(bench) ? 3 : 2);
	host_confirm(&bench->device, &attempt, 20000, &receipt);
	if (is_counted(bench)) {
		assert_string_equal(verdict_name(receipt.verdict), "unknown");
		assert_int_equal(receipt.evidence, EVIDENCE_NONE);
		assert_non_null(strstr(receipt.text, "count"));
		assert_int_equal(rig_prints(&bench->rig, key), copies);
		return;
	}
	assert_string_equal(verdict_name(receipt.verdict), "done");
	assert_int_equal(receipt.completed, copies);
	assert_int_equal(receipt.evidence, is_ipp(bench) ? EVIDENCE_IMPRESSIONS : EVIDENCE_COUNTER);
	assert_true(receipt.text[0] != '\0');
	assert_int_equal(rig_prints(&bench->rig, key), copies);
}

static void expect_err(const struct err *err, enum remedy remedy, const char *code)
{
	if (err->remedy != remedy || strcmp(err->code, code) != 0) {
		fail_msg("expected %s/%s, got %s/%s: %s", remedy_name(remedy), code,
			remedy_name(err->remedy), err->code, err->text);
	}
	assert_true(strlen(err->text) > 20);
	assert_non_null(strstr(err->text, "P1"));
}

/* ---- promises ---- */

static void status_says_what_is_loaded(void **state)
{
	struct bench *bench = *state;
	struct device_status status;
	struct err err = {.text = ""};
	if (!bench->device.driver->status(&bench->device, &status, &err)) {
		fail_msg("%s", err.text);
	}
	assert_int_equal(status.state, DEVICE_IDLE);
	assert_true(status.accepting && status.says_ready && status.takes[FORMAT_PWG]);
	assert_true(status.uuid[0] != '\0' && status.title[0] != '\0' && status.up_time_s >= 0);
	assert_int_equal(status.n_ready, !is_ipp(bench) ? 1 : claims_to_hold(bench) ? 2 : 3);
	assert_string_equal(status.ready[0].size_name, "na_index-4x6_4x6in");
	assert_string_equal(status.ready[0].type, "photographic-glossy");
	assert_int_equal(status.ready[0].width_hmm, 10160);
	assert_int_equal(status.ready[0].height_hmm, 15240);
	if (is_ipp(bench)) {
		assert_string_equal(status.ready[1].type, "photographic-lustre");
		assert_string_equal(status.ready[1].source, "tray-2");
		assert_int_equal(status.ready[1].height_hmm, 17780);
		assert_int_equal(status.takes[FORMAT_JPEG], claims_to_hold(bench));
	}
}

static void a_print_is_proven(void **state)
{
	struct bench *bench = *state;
	print_and_prove(bench, bench->key, 1);
}

static void two_copies_are_proven_as_two(void **state)
{
	struct bench *bench = *state;
	print_and_prove(bench, bench->key, 2);
}

/* Copies that a printer ignores are missing, and that is seen. */
static void ignored_copies_are_seen(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	host_attempt(&bench->device, bench->key, 2, &attempt);
	assert_true(send_it(bench, &attempt, &err));
	host_confirm(&bench->device, &attempt, 20000, &receipt);
	assert_string_equal(verdict_name(receipt.verdict), "partial");
	assert_int_equal(receipt.completed, 1);
	assert_int_equal(rig_prints(&bench->rig, bench->key), 1);
}

static void a_small_document_prints_too(void **state)
{
	struct bench *bench = *state;
	struct document large = bench->document;
	host_document(&bench->document, 30, 40);
	bench->document.format = large.format;
	assert_true(bench->document.bytes < 65536);
	print_and_prove(bench, bench->key, 1);
	close(bench->document.fd);
	bench->document = large;
}

static void missing_media_is_named_before_a_byte_goes(void **state)
{
	struct bench *bench = *state;
	struct document document = bench->document;
	struct attempt attempt;
	struct err err = {.text = ""};
	host_attempt(&bench->device, bench->key, 1, &attempt);
	bench->document.media_width_hmm = 20320;
	bench->document.media_height_hmm = 25400;
	strcpy(bench->document.media_size, "na_govt-letter_8x10in");
	assert_false(send_it(bench, &attempt, &err));
	bench->document = document;
	expect_err(&err, REMEDY_ATTEND, "media-not-loaded");
	assert_non_null(strstr(err.text, "loaded is na_index-4x6_4x6in photographic-glossy"));
	assert_non_null(strstr(err.text, "needed is na_govt-letter_8x10in"));
	assert_int_equal(bench->host.steps, 0);
	/* the same size of another type is another paper */
	strcpy(bench->document.media_type, "photographic-lustre");
	assert_false(send_it(bench, &attempt, &err));
	bench->document = document;
	expect_err(&err, REMEDY_ATTEND, "media-not-loaded");
	assert_int_equal(rig_arrived(&bench->rig, bench->key), 0);
}

static void a_refused_format_rejects_the_order(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct err err = {.text = ""};
	if (!is_ipp(bench)) {
		rig_write(&bench->rig, "script", "refuse-format\n");
	}
	host_attempt(&bench->device, bench->key, 1, &attempt);
	bench->document.format = FORMAT_JPEG;
	assert_false(send_it(bench, &attempt, &err));
	bench->document.format = FORMAT_PWG;
	expect_err(&err, REMEDY_REJECT, "format-refused");
	assert_int_equal(rig_arrived(&bench->rig, bench->key), 0);
}

static void need_sheet_of_roll(struct document *document, int32_t height_hmm)
{
	document->media_width_hmm = 60960;
	document->media_height_hmm = height_hmm;
	strcpy(document->media_size, "roll_max_24x118in");
	strcpy(document->media_type, "photographic-matte");
}

static void a_roll_gives_any_sheet_within_its_lengths(void **state)
{
	struct bench *bench = *state;
	struct document document = bench->document;
	struct device_status status;
	struct attempt attempt;
	struct err err = {.text = ""};
	assert_true(bench->device.driver->status(&bench->device, &status, &err));
	const struct ready_media *roll = &status.ready[is_ipp(bench) ? 2 : 0];
	if (!is_ipp(bench)) {
		rig_write(&bench->rig, "load",
			"roll_max_24x118in photographic-matte 60960 299720 50\n");
		assert_true(bench->device.driver->status(&bench->device, &status, &err));
	}
	assert_string_equal(roll->size_name, "roll_max_24x118in");
	assert_int_equal(roll->width_hmm, 60960);
	assert_int_equal(roll->height_hmm, is_ipp(bench) ? 20000 : 1);
	assert_int_equal(roll->height_most_hmm, 299720);
	need_sheet_of_roll(&bench->document, 91440);
	print_and_prove(bench, bench->key, 1);
	host_attempt(&bench->device, "LONG.1.1", 1, &attempt);
	need_sheet_of_roll(&bench->document, 300000);
	assert_false(send_it(bench, &attempt, &err));
	expect_err(&err, REMEDY_ATTEND, "media-not-loaded");
	bench->document = document;
	if (!is_ipp(bench)) {
		rig_write(&bench->rig, "load",
			"na_index-4x6_4x6in photographic-glossy 10160 15240 50\n");
	}
}

/* A cancel at each step: nothing complete comes out, and the printer is free for the next. */
static void a_cancelled_hand_over_leaves_no_page(void **state)
{
	struct bench *bench = *state;
	for (int at = is_ipp(bench) ? HOST_AT_OPENED : HOST_AT_SENDING; at <= HOST_AT_COMMITTED;
		at++) {
		struct attempt attempt;
		struct receipt receipt;
		struct err err = {.text = ""};
		char key[ATTEMPT_KEY_MAX + 8];
		snprintf(key, sizeof key, "C%d.1.%d", bench->n, at);
		bench->host = (struct host){.port = bench->rig.port, .report = -1};
		host_attempt(&bench->device, key, 1, &attempt);
		bench->host.stop_at = (enum host_at)at;
		assert_false(send_it(bench, &attempt, &err));
		expect_err(&err, REMEDY_DROP, "stopped");
		bench->host.stop_at = HOST_NEVER;
		host_confirm(&bench->device, &attempt, 20000, &receipt);
		assert_true(
			receipt.verdict == VERDICT_NOT_TAKEN || receipt.verdict == VERDICT_SPOILED);
		assert_int_equal(rig_prints(&bench->rig, key), 0);
	}
	print_and_prove(bench, bench->key, 1);
}

/* The sender runs in a process of its own, which dies; the attempt is what a store would have. */
static pid_t start_sender(
	struct bench *bench, struct attempt *attempt, enum host_at kill_at, int *reports)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct err err;
		struct send_hooks hooks;
		struct device device;
		bench->host.kill_at = kill_at;
		make_device(bench, &device);
		bench->host.report = ends[1];
		host_hooks(&bench->host, &hooks);
		if (device.driver->open(&device, &err)) {
			device.driver->send(&device, attempt, &bench->document, &hooks, &err);
		}
		raise(SIGKILL);
	}
	close(ends[1]);
	*reports = ends[0];
	return pid;
}

static bool hear_step(int reports, struct attempt *attempt)
{
	struct host_report report;
	if (read(reports, &report, sizeof report) != sizeof report) {
		return false;
	}
	attempt->phase = report.phase;
	attempt->device_job = report.job_id;
	memcpy(attempt->device_job_uuid, report.job_uuid, sizeof report.job_uuid);
	return true;
}

static void run_sender(
	struct bench *bench, struct attempt *attempt, enum host_at kill_at, int64_t kill_after_us)
{
	int reports;
	pid_t pid = start_sender(bench, attempt, kill_at, &reports);
	while (hear_step(reports, attempt)) {
		if (attempt->phase == PHASE_COMMITTED) {
			usleep((useconds_t)kill_after_us);
			kill(pid, SIGKILL);
		}
	}
	close(reports);
	waitpid(pid, NULL, 0);
}

static void a_sender_killed_before_commit_leaves_no_page(void **state)
{
	struct bench *bench = *state;
	for (int at = is_ipp(bench) ? HOST_AT_OPENED : HOST_AT_SENDING; at <= HOST_AT_COMMITTED;
		at++) {
		struct attempt attempt;
		struct receipt receipt;
		char key[ATTEMPT_KEY_MAX + 8];
		snprintf(key, sizeof key, "K%d.1.%d", bench->n, at);
		host_attempt(&bench->device, key, 1, &attempt);
		run_sender(bench, &attempt, (enum host_at)at, 0);
		assert_true(attempt.phase < PHASE_COMMITTED);
		host_confirm(&bench->device, &attempt, 20000, &receipt);
		if (receipt.verdict != VERDICT_NOT_TAKEN && receipt.verdict != VERDICT_SPOILED) {
			fail_msg("%s: %s: %s", key, verdict_name(receipt.verdict), receipt.text);
		}
		assert_int_equal(rig_prints(&bench->rig, key), 0);
	}
	print_and_prove(bench, bench->key, 1);
}

/* Whatever is said then is true, and there are never two. */
static void a_sender_killed_after_commit_is_told_truly(void **state)
{
	struct bench *bench = *state;
	int done = 0;
	for (int i = 0; i < 8; i++) {
		struct attempt attempt;
		struct receipt receipt;
		char key[ATTEMPT_KEY_MAX + 8];
		snprintf(key, sizeof key, "A%d.1.%d", bench->n, i);
		host_attempt(&bench->device, key, 1, &attempt);
		run_sender(bench, &attempt, HOST_NEVER,
			i * i * i * (bench->host.tls_key[0] == '\0' ? 60 : 1200));
		assert_int_equal(attempt.phase, PHASE_COMMITTED);
		host_confirm(&bench->device, &attempt, 20000, &receipt);
		int prints = rig_prints(&bench->rig, key);
		switch (receipt.verdict) {
		case VERDICT_DONE:
			assert_int_equal(prints, 1);
			done++;
			break;
		case VERDICT_NOT_TAKEN:
			assert_int_equal(prints, 0);
			break;
		case VERDICT_UNKNOWN:
			if (is_counted(bench)) { /* the machine has it, and had it once */
				assert_int_equal(prints, 1);
				done++;
				break;
			}
			if (claims_to_hold(bench)) {
				break;
			} /* fall through */
		default:
			fail_msg("%s: %s: %s", key, verdict_name(receipt.verdict), receipt.text);
		}
	}
	assert_true(done > 0 || claims_to_hold(bench));
}

static useconds_t chance_us(const struct bench *bench, unsigned *seed)
{
	unsigned span = is_counted(bench)                ? 60000
			: !is_ipp(bench)                 ? 8000
			: bench->host.tls_key[0] == '\0' ? 90000
							 : 400000;
	return (useconds_t)((unsigned)rand_r(seed) % span);
}

/* KILLS times (12): at a moment by chance, of a seed that is told. Counted at the printer. */
static void a_sender_killed_at_any_moment_is_told_truly(void **state)
{
	struct bench *bench = *state;
	const char *kills = getenv("KILLS");
	int verdicts[VERDICT_UNKNOWN + 1] = {0};
	unsigned seed = (unsigned)clock_boot_ms();
	print_message("# seed %u\n", seed);
	for (int i = 0, n = kills == NULL ? 12 : atoi(kills); i < n; i++) {
		struct attempt attempt;
		struct receipt receipt;
		char key[ATTEMPT_KEY_MAX + 8];
		int reports;
		snprintf(key, sizeof key, "R%d.1.%d", bench->n, i);
		host_attempt(&bench->device, key, 1, &attempt);
		pid_t pid = start_sender(bench, &attempt, HOST_NEVER, &reports);
		usleep(chance_us(bench, &seed));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		while (hear_step(reports, &attempt)) {
		}
		close(reports);
		host_confirm(&bench->device, &attempt, 20000, &receipt);
		verdicts[receipt.verdict]++;
		int prints = rig_prints(&bench->rig, key);
		bool told = receipt.verdict == VERDICT_DONE
				    ? prints == 1
				    : prints == 0 && (receipt.verdict == VERDICT_NOT_TAKEN ||
							     receipt.verdict == VERDICT_SPOILED);
		told = told || (receipt.verdict == VERDICT_UNKNOWN && claims_to_hold(bench));
		told = told ||
		       (receipt.verdict == VERDICT_UNKNOWN && is_counted(bench) && prints == 1);
		if (!told) {
			fail_msg("%s (%s): %s, %d prints: %s", key, phase_name(attempt.phase),
				verdict_name(receipt.verdict), prints, receipt.text);
		}
	}
	print_message("# done %d, not taken %d, spoiled %d, unknown %d\n", verdicts[VERDICT_DONE],
		verdicts[VERDICT_NOT_TAKEN], verdicts[VERDICT_SPOILED], verdicts[VERDICT_UNKNOWN]);
}

static void another_printer_gets_no_byte(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct device_status status;
	struct receipt receipt;
	struct err err = {.text = ""};
	int32_t swept;
	host_attempt(&bench->device, bench->key, 1, &attempt);
	bench->device.driver->close(&bench->device);
	bench->device.uuid = "urn:uuid:00000000-0000-0000-0000-000000000001";
	const struct driver *driver = bench->device.driver;
	struct device *device = &bench->device;
	assert_true(driver->open(device, &err));
	assert_false(driver->status(device, &status, &err));
	expect_err(&err, REMEDY_ATTEND, "printer-changed");
	assert_false(send_it(bench, &attempt, &err));
	expect_err(&err, REMEDY_ATTEND, "printer-changed");
	assert_false(driver->confirm(device, &attempt, &receipt, &err));
	expect_err(&err, REMEDY_ATTEND, "printer-changed");
	assert_false(driver->cancel(device, &attempt, &err));
	expect_err(&err, REMEDY_ATTEND, "printer-changed");
	assert_false(driver->sweep(device, NULL, 0, &swept, &err));
	expect_err(&err, REMEDY_ATTEND, "printer-changed");
	assert_int_equal(bench->host.steps, 0);
	assert_int_equal(rig_arrived(&bench->rig, bench->key), 0);
}

static void an_orphan_is_swept_and_a_known_job_is_not(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct err err = {.text = ""};
	int32_t swept = -1;
	char known[1][ATTEMPT_KEY_MAX];
	strcpy(known[0], bench->key);
	host_attempt(&bench->device, bench->key, 2, &attempt);
	if (is_ipp(bench)) { /* an empty job, as a worker that died leaves it */
		run_sender(bench, &attempt, HOST_AT_SENDING, 0);
		assert_int_equal(attempt.phase, PHASE_OPENED);
	} else if (is_counted(bench)) { /* its machine is switched off */
		kill(bench->rig.pid, SIGSTOP);
		assert_true(send_it(bench, &attempt, &err));
	} else {
		bench->device.model.ms_per_print = 60000;
		assert_true(send_it(bench, &attempt, &err));
		bench->device.model.ms_per_print = 100;
	}
	assert_true(bench->device.driver->sweep(
		&bench->device, (const char(*)[ATTEMPT_KEY_MAX])known, 1, &swept, &err));
	assert_int_equal(swept, 0);
	assert_true(bench->device.driver->sweep(&bench->device, NULL, 0, &swept, &err));
	assert_int_equal(swept, 1);
	if (is_counted(bench)) {
		kill(bench->rig.pid, SIGCONT);
		usleep(100000);
	}
	assert_int_equal(rig_prints(&bench->rig, bench->key), 0);
	char again[ATTEMPT_KEY_MAX + 8];
	snprintf(again, sizeof again, "%s-again", bench->key);
	print_and_prove(bench, again, 1);
}

static void trouble_is_reported_and_nothing_is_sent(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct device_status status;
	struct err err = {.text = ""};
	if (is_ipp(bench)) {
		rig_fill_tray(&bench->rig, 0);
	} else {
		rig_write(&bench->rig, "hand", "");
		rig_write(&bench->rig, "script", "cover-open hand\n");
	}
	const char *reason = is_ipp(bench) ? "media-empty" : "cover-open";
	host_attempt(&bench->device, bench->key, 1, &attempt);
	assert_true(bench->device.driver->status(&bench->device, &status, &err));
	assert_true(device_has_reason(&status, reason));
	assert_false(send_it(bench, &attempt, &err));
	expect_err(&err, REMEDY_ATTEND, reason);
	assert_int_equal(rig_arrived(&bench->rig, bench->key), 0);
	if (is_ipp(bench)) {
		rig_fill_tray(&bench->rig, 100);
	} else {
		char path[200];
		snprintf(path, sizeof path, "%s/hand", bench->rig.folder);
		unlink(path);
	}
	print_and_prove(bench, bench->key, 1);
}

static void a_silent_printer_is_retried_within_its_time(void **state)
{
	struct bench *bench = *state;
	struct device_status status;
	struct err err = {.text = ""};
	if (is_ipp(bench)) {
		kill(bench->rig.pid, SIGSTOP);
	} else {
		rig_write(&bench->rig, "script", "hang 7000\n");
	}
	int64_t since_ms = clock_boot_ms();
	assert_false(bench->device.driver->status(&bench->device, &status, &err));
	int64_t took_ms = clock_boot_ms() - since_ms;
	if (is_ipp(bench)) {
		kill(bench->rig.pid, SIGCONT);
	}
	expect_err(&err, REMEDY_RETRY, "printer-silent");
	assert_true(took_ms >= 4900 && took_ms < 6500);
}

/* ---- of one driver only ---- */

static void a_restarted_printer_proves_nothing(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	host_attempt(&bench->device, bench->key, 1, &attempt);
	attempt.before.up_time_s += 100; /* it had been up for longer */
	assert_true(send_it(bench, &attempt, &err));
	rig_restart(&bench->rig);
	host_confirm(&bench->device, &attempt, 20000, &receipt);
	assert_string_equal(verdict_name(receipt.verdict), "unknown");
	assert_non_null(strstr(receipt.text, "restarted"));
	/* job numbers start anew: another job under the old number is not taken for ours */
	char other[ATTEMPT_KEY_MAX + 8];
	snprintf(other, sizeof other, "%s-other", bench->key);
	bench->host = (struct host){.port = bench->rig.port, .report = -1};
	print_and_prove(bench, other, 1);
	attempt.device_job = 1;
	host_confirm(&bench->device, &attempt, 20000, &receipt);
	assert_string_equal(verdict_name(receipt.verdict), "unknown");
}

static void an_absent_printer_is_retried(void **state)
{
	struct bench *bench = *state;
	struct device_status status;
	struct err err = {.text = ""};
	if (is_ipp(bench)) {
		bench->host.port = 1;
	} else {
		rig_write(&bench->rig, "script", "vanish 300\n");
	}
	assert_false(bench->device.driver->status(&bench->device, &status, &err));
	expect_err(&err, REMEDY_RETRY, "printer-absent");
	usleep(350000);
}

static void unsure_is_said_when_nothing_counts(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench->device.model.counts_impressions = false;
	host_attempt(&bench->device, bench->key, 1, &attempt);
	assert_true(send_it(bench, &attempt, &err));
	host_confirm(&bench->device, &attempt, 20000, &receipt);
	assert_string_equal(verdict_name(receipt.verdict), "unknown");
	assert_int_equal(receipt.evidence, EVIDENCE_NONE);
	assert_int_equal(rig_prints(&bench->rig, bench->key), 1);
}

static void a_counter_proves_where_the_job_does_not(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	bench->device.model.counts_impressions = false;
	host_attempt(&bench->device, bench->key, 1, &attempt);
	assert_true(attempt.before.impressions > 0);
	assert_true(send_it(bench, &attempt, &err));
	host_confirm(&bench->device, &attempt, 20000, &receipt);
	print_message("# %s\n", receipt.text);
	assert_int_equal(rig_prints(&bench->rig, bench->key), 1);
	assert_string_equal(verdict_name(receipt.verdict), "done");
	assert_int_equal(receipt.evidence, EVIDENCE_COUNTER);
}

/* Each mishap of the fake printer, what the driver concludes, and what really lies in the tray. */
static void every_mishap_is_told_truly(void **state)
{
	static const struct {
		const char *script;
		int copies;
		bool sent;
		const char *verdict;
		int completed, prints;
		bool clear;
	} cases[] = {
		{"jam 1\n", 3, true, "partial", 1, 1, true},
		{"jam 0\n", 2, true, "not-taken", 0, 0, true},
		{"jam-resume 1\n", 3, true, "done", 3, 3, true},
		{"abort 2\n", 3, true, "partial", 2, 2, false},
		{"lose-start\n", 1, true, "not-taken", 0, 0, false},
		{"lose-answer\n", 2, false, "done", 2, 2, false},
		{"answer-twice\n", 1, true, "unknown", 0, 2, false},
		{"lag 1500\n", 2, true, "done", 2, 2, false},
		{"refuse\n", 1, false, "not-taken", 0, 0, false},
	};
	struct bench *bench = *state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct attempt attempt;
		struct receipt receipt;
		struct err err = {.text = ""};
		char key[40];
		snprintf(key, sizeof key, "M%zu.1.1", i);
		bench->host.steps = 0;
		host_attempt(&bench->device, key, cases[i].copies, &attempt);
		rig_write(&bench->rig, "script", cases[i].script);
		bool sent = send_it(bench, &attempt, &err);
		assert_int_equal(sent, cases[i].sent);
		if (!sent && attempt.phase == PHASE_COMMITTED) {
			assert_int_equal(err.remedy, REMEDY_UNSURE);
		}
		if (cases[i].clear) {
			usleep(450000);
			rig_write(&bench->rig, "clear", "");
		}
		host_confirm(&bench->device, &attempt, 20000, &receipt);
		if (strcmp(verdict_name(receipt.verdict), cases[i].verdict) != 0 ||
			receipt.completed != cases[i].completed) {
			fail_msg("%s: %s %d: %s", cases[i].script, verdict_name(receipt.verdict),
				(int)receipt.completed, receipt.text);
		}
		assert_int_equal(rig_prints(&bench->rig, key), cases[i].prints);
		rig_write(&bench->rig, "script", "lag 0\n");
	}
}

static void media_end_goes_on_after_loading(void **state)
{
	struct bench *bench = *state;
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	rig_write(&bench->rig, "script", "media-end 1\n");
	host_attempt(&bench->device, bench->key, 2, &attempt);
	assert_true(send_it(bench, &attempt, &err));
	usleep(400000);
	assert_true(bench->device.driver->confirm(&bench->device, &attempt, &receipt, &err));
	assert_int_equal(receipt.verdict, VERDICT_PENDING);
	assert_non_null(strstr(receipt.text, "out of media"));
	rig_write(&bench->rig, "load", "na_index-4x6_4x6in photographic-glossy 10160 15240 300\n");
	host_confirm(&bench->device, &attempt, 20000, &receipt);
	assert_string_equal(verdict_name(receipt.verdict), "done");
	assert_int_equal(rig_prints(&bench->rig, bench->key), 2);
}

static void a_wrong_script_is_named(void **state)
{
	struct bench *bench = *state;
	struct device_status status;
	struct err err = {.text = ""};
	rig_write(&bench->rig, "script", "# first\n\njam many\n");
	assert_false(bench->device.driver->status(&bench->device, &status, &err));
	expect_err(&err, REMEDY_ATTEND, "fake-script");
	assert_non_null(strstr(err.text, "\"jam many\""));
	rig_write(&bench->rig, "script", "");
}

#define PROMISE(name) cmocka_unit_test_setup_teardown(name, begin, end)
/* what every printer can show */
#define PROMISES                                                                                   \
	PROMISE(a_print_is_proven), PROMISE(a_small_document_prints_too),                          \
		PROMISE(a_cancelled_hand_over_leaves_no_page),                                     \
		PROMISE(a_sender_killed_before_commit_leaves_no_page),                             \
		PROMISE(a_sender_killed_after_commit_is_told_truly),                               \
		PROMISE(a_sender_killed_at_any_moment_is_told_truly),                              \
		PROMISE(another_printer_gets_no_byte),                                             \
		PROMISE(an_orphan_is_swept_and_a_known_job_is_not),                                \
		PROMISE(a_silent_printer_is_retried_within_its_time),                              \
		PROMISE(an_absent_printer_is_retried)
/* of one that says what is loaded */
#define TRAY_PROMISES                                                                              \
	PROMISE(status_says_what_is_loaded), PROMISE(missing_media_is_named_before_a_byte_goes),   \
		PROMISE(trouble_is_reported_and_nothing_is_sent)

static struct bench bench;

static bool encrypted;

static int start_bench(void **state, const char *kind)
{
	memset(&bench, 0, sizeof bench);
	if (!rig_start(&bench.rig, kind)) {
		return -1;
	}
	if (encrypted) {
		rig_encrypt(&bench.rig);
	}
	host_document(&bench.document, 300, 450);
	*state = &bench;
	return 0;
}

static int start_ipp(void **state)
{
	return start_bench(state, "ipp");
}

static int start_cups(void **state)
{
	return start_bench(state, "cups");
}

static int start_pappl(void **state)
{
	return start_bench(state, "pappl");
}

static int start_hotfolder(void **state)
{
	int failed = start_bench(state, "hotfolder");
	bench.document.format = FORMAT_JPEG;
	return failed;
}

static int start_fake(void **state)
{
	return start_bench(state, "fake");
}

static int stop_bench(void **state)
{
	(void)state;
	close(bench.document.fd);
	rig_stop(&bench.rig);
	return 0;
}

/* contract ipp | cups | pappl | hotfolder | fake [tls] */
int main(int argc, char **argv)
{
	const struct CMUnitTest of_ipp[] = {PROMISE(a_roll_gives_any_sheet_within_its_lengths),
		PROMISES, TRAY_PROMISES, PROMISE(two_copies_are_proven_as_two),
		PROMISE(a_refused_format_rejects_the_order),
		PROMISE(unsure_is_said_when_nothing_counts),
		PROMISE(a_restarted_printer_proves_nothing)};
	const struct CMUnitTest of_cups[] = {PROMISES, PROMISE(two_copies_are_proven_as_two),
		PROMISE(unsure_is_said_when_nothing_counts)};
	const struct CMUnitTest of_pappl[] = {PROMISES, TRAY_PROMISES,
		PROMISE(a_restarted_printer_proves_nothing), PROMISE(ignored_copies_are_seen),
		PROMISE(a_counter_proves_where_the_job_does_not)};
	const struct CMUnitTest of_fake[] = {PROMISES, TRAY_PROMISES,
		PROMISE(two_copies_are_proven_as_two), PROMISE(a_refused_format_rejects_the_order),
		PROMISE(a_roll_gives_any_sheet_within_its_lengths),
		PROMISE(every_mishap_is_told_truly), PROMISE(media_end_goes_on_after_loading),
		PROMISE(a_wrong_script_is_named)};
	const struct CMUnitTest of_hotfolder[] = {PROMISE(a_print_is_proven),
		PROMISE(two_copies_are_proven_as_two), PROMISE(a_small_document_prints_too),
		PROMISE(a_cancelled_hand_over_leaves_no_page),
		PROMISE(a_sender_killed_before_commit_leaves_no_page),
		PROMISE(a_sender_killed_after_commit_is_told_truly),
		PROMISE(a_sender_killed_at_any_moment_is_told_truly),
		PROMISE(another_printer_gets_no_byte),
		PROMISE(an_orphan_is_swept_and_a_known_job_is_not)};
	const char *kind = argc > 1 ? argv[1] : "ipp";
	encrypted = argc > 2 && strcmp(argv[2], "tls") == 0;
	char why[100];
	if (!rig_is_possible(kind, why, sizeof why)) {
		printf("1..0 # SKIP %s\n", why);
		return 77;
	}
	if (strcmp(kind, "fake") == 0) {
		return cmocka_run_group_tests_name("fake", of_fake, start_fake, stop_bench);
	}
	if (strcmp(kind, "hotfolder") == 0) {
		return cmocka_run_group_tests_name(
			"hotfolder", of_hotfolder, start_hotfolder, stop_bench);
	}
	if (strcmp(kind, "cups") == 0) {
		return cmocka_run_group_tests_name("cups", of_cups, start_cups, stop_bench);
	}
	if (strcmp(kind, "pappl") == 0) {
		return cmocka_run_group_tests_name("pappl", of_pappl, start_pappl, stop_bench);
	}
	return cmocka_run_group_tests_name("ipp", of_ipp, start_ipp, stop_bench);
}
