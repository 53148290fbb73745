/* SPDX-License-Identifier: Apache-2.0
 *
 * The hold tier: where a printer can hold a job, the whole document goes first and its release is
 * the commit. Against a printer of our own (rogue.py), since ippeveprinter cannot hold.
 */
#include "drivers/host.h"
#include "drivers/server.h"
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

static struct {
	char log[40];
	pid_t pid;
	int port;
	struct document document;
	struct host host;
	struct device device;
	char uri[100];
	struct attempt attempt;
	struct send_hooks hooks;
	bool whole_at_commit; /* the printer had all of it when `committed` was asked */
	int printed_at_commit;
	bool refuse;
} hold;

static int count(const char *word)
{
	char line[200];
	int n = 0;
	FILE *file = fopen(hold.log, "r");
	while (fgets(line, sizeof line, file) != NULL) {
		n += strstr(line, word) != NULL;
	}
	fclose(file);
	return n;
}

static bool committed(void *context)
{
	struct host *host = context;
	usleep(200000); /* long enough for the printer to do what it should not */
	hold.whole_at_commit = count(" document ") == 1;
	hold.printed_at_commit = count(" printed");
	host->phase = hold.refuse ? host->phase : PHASE_COMMITTED;
	return !hold.refuse;
}

static void meet(const char *mode)
{
	struct err err = {.text = ""};
	assert_int_equal(truncate(hold.log, 0), 0);
	hold.refuse = false;
	hold.host = (struct host){.port = hold.port};
	snprintf(hold.uri, sizeof hold.uri, "ipp://localhost:%d/%s", hold.port, mode);
	host_device(&hold.host, "ipp", hold.uri, &hold.device);
	host_hooks(&hold.host, &hold.hooks);
	hold.hooks.committed = committed;
	assert_true(hold.device.driver->open(&hold.device, &err));
	host_attempt(&hold.device, "R1.1.1", 1, &hold.attempt);
}

static bool send_it(struct err *err)
{
	bool fine = hold.device.driver->send(
		&hold.device, &hold.attempt, &hold.document, &hold.hooks, err);
	hold.attempt.phase = fine ? PHASE_ACCEPTED : hold.host.phase;
	return fine;
}

static void expect_verdict(const char *name)
{
	struct receipt receipt;
	host_confirm(&hold.device, &hold.attempt, 15000, &receipt);
	if (strcmp(verdict_name(receipt.verdict), name) != 0) {
		fail_msg("expected %s, got %s: %s", name, verdict_name(receipt.verdict),
			receipt.text);
	}
}

static int part(void **state)
{
	(void)state;
	hold.device.driver->close(&hold.device);
	return 0;
}

static void the_job_waits_for_its_release(void **state)
{
	(void)state;
	struct err err = {.text = ""};
	meet("hold");
	if (!send_it(&err)) {
		fail_msg("%s", err.text);
	}
	assert_false(hold.whole_at_commit);
	assert_int_equal(hold.printed_at_commit, 0);
	assert_int_equal(count(" printed"), 1);
	expect_verdict("done");
}

static void cancelled_before_the_release_nothing_prints(void **state)
{
	(void)state;
	struct err err = {.text = ""};
	meet("hold");
	hold.refuse = true;
	assert_false(send_it(&err));
	assert_int_equal(err.remedy, REMEDY_DROP);
	assert_false(hold.whole_at_commit);
	expect_verdict("not-taken");
	assert_int_equal(count(" printed"), 0);
}

static void a_printer_that_ignores_the_hold_gets_the_tail_last(void **state)
{
	(void)state;
	struct err err = {.text = ""};
	meet("hold-ignored");
	if (!send_it(&err)) {
		fail_msg("%s", err.text);
	}
	assert_false(hold.whole_at_commit);
	assert_int_equal(hold.printed_at_commit, 0);
	assert_int_equal(count(" printed"), 1);
	expect_verdict("done");
}

static void one_that_only_claims_to_hold_prints_nothing_before_the_commit(void **state)
{
	(void)state;
	struct err err = {.text = ""};
	meet("hold-claimed");
	hold.refuse = true;
	assert_false(send_it(&err));
	assert_int_equal(err.remedy, REMEDY_DROP);
	expect_verdict("not-taken");
	assert_int_equal(count(" printed"), 0);
	part(state);
	meet("hold-claimed");
	assert_true(send_it(&err));
	assert_int_equal(hold.printed_at_commit, 0);
	assert_int_equal(count(" printed"), 1);
	expect_verdict("done");
}

static void a_lost_release_is_unsure_and_then_proven_not_taken(void **state)
{
	(void)state;
	struct err err = {.text = ""};
	meet("hold-release-lost");
	assert_false(send_it(&err));
	assert_int_equal(err.remedy, REMEDY_UNSURE);
	expect_verdict("not-taken");
	assert_int_equal(count(" printed"), 0);
}

static int start(void **state)
{
	(void)state;
	strcpy(hold.log, "/tmp/platen-hold-XXXXXX");
	close(mkstemp(hold.log));
	host_document(&hold.document, 300, 450);
	hold.pid = server_start(hold.log, &hold.port);
	return hold.port > 0 ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	kill(hold.pid, SIGKILL);
	waitpid(hold.pid, NULL, 0);
	close(hold.document.fd);
	return unlink(hold.log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_job_waits_for_its_release, part),
		cmocka_unit_test_teardown(cancelled_before_the_release_nothing_prints, part),
		cmocka_unit_test_teardown(a_printer_that_ignores_the_hold_gets_the_tail_last, part),
		cmocka_unit_test_teardown(
			one_that_only_claims_to_hold_prints_nothing_before_the_commit, part),
		cmocka_unit_test_teardown(a_lost_release_is_unsure_and_then_proven_not_taken, part),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
