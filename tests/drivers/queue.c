/* SPDX-License-Identifier: Apache-2.0
 *
 * What is of cupsd alone: backends that die, fail or do not count, a cupsd that ends in the middle
 * and prints again by itself, a queue that an operator stopped. What came out is counted by the
 * backend (tray.sh), never by the driver's word: no proof that is none, no second print unasked.
 */
#include "drivers/host.h"
#include "drivers/rig.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct queue {
	struct rig rig;
	struct host host;
	struct device device;
	struct document document;
	struct attempt attempt;
	char key[ATTEMPT_KEY_MAX];
	int n;
	bool cancel_at_opened;
} queue;

static int begin(void **state)
{
	struct err err = {.text = ""};
	(void)state;
	rig_write(&queue.rig, "mishap", "none");
	queue.host = (struct host){.port = queue.rig.port};
	host_device(&queue.host, "ipp", queue.rig.uri, &queue.device);
	snprintf(queue.key, sizeof queue.key, "Q%d.1.1", ++queue.n);
	if (!queue.device.driver->open(&queue.device, &err)) {
		fail_msg("%s", err.text);
	}
	host_attempt(&queue.device, queue.key, 1, &queue.attempt);
	return 0;
}

static int end(void **state)
{
	(void)state;
	queue.device.driver->close(&queue.device);
	return 0;
}

static bool (*then)(void *host, int32_t job_id, const char *job_uuid);

/* Somebody cancels the job before its document has come. */
static bool opened_and_cancelled(void *host, int32_t job_id, const char *job_uuid)
{
	rig_shell("cancel -h localhost:%d tray-%d", queue.rig.port, (int)job_id);
	return then(host, job_id, job_uuid);
}

static bool send_it(struct err *err)
{
	struct send_hooks hooks;
	host_hooks(&queue.host, &hooks);
	then = hooks.opened;
	hooks.opened = queue.cancel_at_opened ? opened_and_cancelled : hooks.opened;
	bool fine = queue.device.driver->send(
		&queue.device, &queue.attempt, &queue.document, &hooks, err);
	queue.attempt.phase = fine ? PHASE_ACCEPTED : queue.host.phase;
	return fine;
}

static void must_send(void)
{
	struct err err = {.text = ""};
	if (!send_it(&err)) {
		fail_msg("%s", err.text);
	}
}

static void expect_verdict(const char *name, int prints)
{
	struct receipt receipt;
	host_confirm(&queue.device, &queue.attempt, 15000, &receipt);
	if (strcmp(verdict_name(receipt.verdict), name) != 0) {
		fail_msg("%s: expected %s, got %s: %s", queue.key, name,
			verdict_name(receipt.verdict), receipt.text);
	}
	if (receipt.verdict == VERDICT_UNKNOWN) {
		assert_int_equal(receipt.evidence, EVIDENCE_NONE);
		assert_non_null(strstr(receipt.text, "tray"));
	}
	assert_int_equal(rig_prints(&queue.rig, queue.key), prints);
}

static void wait_for_prints(int prints)
{
	for (int tries = 0; tries < 200; tries++) {
		if (rig_prints(&queue.rig, queue.key) >= prints) {
			return;
		}
		usleep(50000);
	}
	fail_msg("%s: not %d prints", queue.key, prints);
}

static void a_queue_says_nothing_of_its_paper(void **state)
{
	(void)state;
	struct device_status status;
	struct err err = {.text = ""};
	assert_true(queue.device.driver->status(&queue.device, &status, &err));
	assert_false(status.says_ready);
	assert_int_equal(status.n_ready, 0);
	assert_true(status.can_hold && status.takes[FORMAT_PWG] && status.uuid[0] != '\0');
}

/* Each mishap of the backend: what may be said, and what lies in the tray. */
static void no_mishap_is_called_printed_or_printed_again(void **state)
{
	static const struct {
		const char *mishap;
		const char *verdict;
		int prints;
	} cases[] = {
		{"killed", "unknown", 0}, /* cupsd says: completed, 0 impressions */
		{"killed-late", "unknown", 1}, {"uncounted", "unknown", 1},
		{"refused", "unknown", 0}, /* cupsd says: aborted, 0 impressions */
		{"failed", "unknown", 1},  /* and the same here */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		end(state);
		begin(state);
		rig_write(&queue.rig, "mishap", cases[i].mishap);
		print_message("# %s\n", cases[i].mishap);
		must_send();
		expect_verdict(cases[i].verdict, cases[i].prints);
	}
}

/* A backend that asks for a hold, a stop, a cancel or another try may have printed before it did.
 */
static void no_exit_code_of_a_backend_is_called_printed_or_printed_again(void **state)
{
	static const struct {
		const char *mishap;
		const char *verdict; /* or pending: it waits there for a person or for cupsd */
		int prints;
	} cases[] = {
		{"printed-3", "unknown", 1},                           /* held */
		{"exit-3", "unknown", 0}, {"printed-5", "unknown", 1}, /* cancelled */
		{"exit-5", "unknown", 0},
		{"printed-2", "pending", 1}, /* held for a name and a password */
		{"printed-6", "pending", 1}, /* tried again later, by itself */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		end(state);
		begin(state);
		rig_write(&queue.rig, "mishap", cases[i].mishap);
		print_message("# %s\n", cases[i].mishap);
		must_send();
		if (strcmp(cases[i].verdict, "pending") != 0) {
			expect_verdict(cases[i].verdict, cases[i].prints);
			continue;
		}
		wait_for_prints(cases[i].prints);
		usleep(500000);
		struct receipt receipt;
		struct err err = {.text = ""};
		assert_true(queue.device.driver->confirm(
			&queue.device, &queue.attempt, &receipt, &err));
		print_message("# %s\n", receipt.text);
		assert_string_equal(verdict_name(receipt.verdict), "pending");
		rig_shell("cancel -h localhost:%d -a tray", queue.rig.port);
	}
}

/* Exit code 4 stops the queue with the job in it: its health says so, the job is still its own. */
static void a_backend_that_stops_its_queue_needs_hands(void **state)
{
	(void)state;
	struct device_status status;
	struct receipt receipt;
	struct err err = {.text = ""};
	rig_write(&queue.rig, "mishap", "exit-4");
	must_send();
	for (int tries = 0; tries < 100; tries++) {
		assert_true(queue.device.driver->status(&queue.device, &status, &err));
		if (status.state == DEVICE_STOPPED) {
			break;
		}
		usleep(50000);
	}
	assert_int_equal(status.state, DEVICE_STOPPED);
	assert_true(queue.device.driver->confirm(&queue.device, &queue.attempt, &receipt, &err));
	assert_string_equal(verdict_name(receipt.verdict), "pending");
	rig_write(&queue.rig, "mishap", "none");
	rig_shell("cupsenable -h localhost:%d tray", queue.rig.port);
	expect_verdict("done", 1);
}

/* With its default of half a minute cupsd forgets what it accepted, and gives the number out again:
 * the other's job is not taken for ours. */
static void a_number_that_is_given_out_again_is_not_ours(void **state)
{
	(void)state;
	struct rig forgets;
	struct receipt receipt;
	struct err err = {.text = ""};
	setenv("RIG_CUPS_DIRTY", "30", 1);
	assert_true(rig_start(&forgets, "cups"));
	rig_end(&forgets, SIGTERM); /* the queue itself is an old one, and stored */
	rig_restart(&forgets);
	end(state);
	queue.host = (struct host){.port = forgets.port};
	host_device(&queue.host, "ipp", forgets.uri, &queue.device);
	assert_true(queue.device.driver->open(&queue.device, &err));
	host_attempt(&queue.device, queue.key, 1, &queue.attempt);
	must_send();
	for (int tries = 0; tries < 100 && rig_prints(&forgets, queue.key) < 1; tries++) {
		usleep(50000);
	}
	rig_restart(&forgets);
	unsetenv("RIG_CUPS_DIRTY");
	rig_shell("echo other | lp -h localhost:%d -d tray -o raw >/dev/null", forgets.port);
	host_confirm(&queue.device, &queue.attempt, 15000, &receipt);
	assert_string_equal(verdict_name(receipt.verdict), "unknown");
	assert_int_equal(rig_prints(&forgets, queue.key), 1);
	rig_stop(&forgets);
}

/* cupsd answers "successful" to a document for a job that is over, and prints nothing. */
static void a_document_for_a_job_that_is_over_is_not_called_printed(void **state)
{
	(void)state;
	struct err err = {.text = ""};
	queue.cancel_at_opened = true;
	send_it(&err);
	queue.cancel_at_opened = false;
	struct receipt receipt;
	host_confirm(&queue.device, &queue.attempt, 15000, &receipt);
	print_message("# %s: %s\n", verdict_name(receipt.verdict), receipt.text);
	assert_int_not_equal(receipt.verdict, VERDICT_DONE);
	assert_int_equal(rig_prints(&queue.rig, queue.key), 0);
}

/* cupsd ends while the backend prints; started again it prints the job once more by itself. */
static void a_job_that_cupsd_prints_again_is_not_called_one_print(void **state)
{
	(void)state;
	rig_write(&queue.rig, "mishap", "slow");
	must_send();
	wait_for_prints(1);
	usleep(500000); /* its PAGE line is read */
	rig_write(&queue.rig, "mishap", "none");
	rig_restart(&queue.rig);
	wait_for_prints(2);
	expect_verdict("unknown", 2);
}

/* The sender stops at the mark; the held job survives the end of cupsd and prints nothing. */
static void a_held_job_outlives_cupsd_and_is_cancelled(void **state)
{
	(void)state;
	struct err err = {.text = ""};
	queue.host.stop_at = HOST_AT_COMMITTED;
	assert_false(send_it(&err));
	rig_restart(&queue.rig);
	expect_verdict("not-taken", 0);
}

static void a_stopped_queue_needs_hands(void **state)
{
	(void)state;
	struct err err = {.text = ""};
	rig_shell("cupsdisable -h localhost:%d tray", queue.rig.port);
	assert_false(send_it(&err));
	assert_int_equal(err.remedy, REMEDY_ATTEND);
	assert_int_equal(queue.host.steps, 0);
	rig_shell("cupsenable -h localhost:%d tray", queue.rig.port);
	must_send();
	expect_verdict("done", 1);
}

/* The sheet was out and counted when the cancel came. */
static void a_cancel_while_it_prints_is_told_truly(void **state)
{
	(void)state;
	struct err err = {.text = ""};
	struct receipt receipt;
	rig_write(&queue.rig, "mishap", "slow");
	must_send();
	wait_for_prints(1);
	usleep(500000); /* its PAGE line is read */
	assert_true(queue.device.driver->confirm(&queue.device, &queue.attempt, &receipt, &err));
	assert_int_equal(receipt.verdict, VERDICT_PENDING);
	assert_true(queue.device.driver->cancel(&queue.device, &queue.attempt, &err));
	expect_verdict("done", 1);
}

/* cupsd in front of a real ippeveprinter, a queue as "lpadmin -m everywhere" makes it. */
static void a_queue_before_an_ipp_printer_proves_what_that_counted(void **state)
{
	struct rig printer;
	char uri[200];
	struct device_status status;
	struct err err = {.text = ""};
	if (!rig_start(&printer, "ipp")) {
		skip(); /* it has a package of its own */
	}
	rig_shell("lpadmin -h localhost:%d -p front -v %s -m everywhere -E", queue.rig.port,
		printer.uri);
	snprintf(uri, sizeof uri, "ipp://localhost:%d/printers/front", queue.rig.port);
	end(state);
	host_device(&queue.host, "ipp", uri, &queue.device);
	assert_true(queue.device.driver->open(&queue.device, &err));
	assert_true(queue.device.driver->status(&queue.device, &status, &err));
	assert_false(status.says_ready);
	host_attempt(&queue.device, queue.key, 1, &queue.attempt);
	must_send();
	struct receipt receipt;
	host_confirm(&queue.device, &queue.attempt, 15000, &receipt);
	assert_string_equal(verdict_name(receipt.verdict), "done");
	assert_int_equal(receipt.evidence, EVIDENCE_IMPRESSIONS);
	assert_int_equal(rig_prints(&printer, queue.key), 1);
	rig_stop(&printer);
}

static int start(void **state)
{
	(void)state;
	host_document(&queue.document, 300, 450);
	return rig_start(&queue.rig, "cups") ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	close(queue.document.fd);
	rig_stop(&queue.rig);
	return 0;
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(a_queue_says_nothing_of_its_paper),
		FACT(no_mishap_is_called_printed_or_printed_again),
		FACT(no_exit_code_of_a_backend_is_called_printed_or_printed_again),
		FACT(a_backend_that_stops_its_queue_needs_hands),
		FACT(a_number_that_is_given_out_again_is_not_ours),
		FACT(a_document_for_a_job_that_is_over_is_not_called_printed),
		FACT(a_job_that_cupsd_prints_again_is_not_called_one_print),
		FACT(a_held_job_outlives_cupsd_and_is_cancelled),
		FACT(a_stopped_queue_needs_hands),
		FACT(a_cancel_while_it_prints_is_told_truly),
		FACT(a_queue_before_an_ipp_printer_proves_what_that_counted),
	};
	char why[100];
	if (!rig_is_possible("cups", why, sizeof why)) {
		printf("1..0 # SKIP %s\n", why);
		return 77;
	}
	return cmocka_run_group_tests(tests, start, stop);
}
