/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom the IPP driver speaks to, and as whom: keys that are met first, changed, renewed and
 * expired, what goes wrong instead of a handshake, and passwords, before a printer of our own
 * (front.py before rogue.py). What was sent is told by the printer's side alone.
 */
#include "drivers/host.h"
#include "drivers/ipp.h"
#include "drivers/rig.h"
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
	char folder[64], log[80], uri[100];
	pid_t printer, front;
	int printer_port, port;
	struct document document;
	struct host host;
	struct device device;
	char password[129];
	bool open;
} trust;

static void write_file(const char *name, const char *text)
{
	char path[100];
	snprintf(path, sizeof path, "%s/%s", trust.folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Lines of what the front has seen that begin with that. */
static int seen(const char *word)
{
	char path[100];
	char line[300];
	int n = 0;
	snprintf(path, sizeof path, "%s/seen", trust.folder);
	FILE *file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		n += strncmp(line, word, strlen(word)) == 0;
	}
	if (file != NULL) {
		fclose(file);
	}
	return n;
}

static void set_mode(const char *mode)
{
	write_file("mode", mode);
	write_file("seen", "");
}

static int part(void **state)
{
	(void)state;
	if (trust.open) {
		trust.device.driver->close(&trust.device);
	}
	trust.open = false;
	return 0;
}

/* A fresh driver, as a restarted worker has one; what the daemon has pinned stays. */
static void restart(const char *scheme)
{
	struct err err;
	part(NULL);
	snprintf(trust.uri, sizeof trust.uri, "%s://localhost:%d/honest", scheme, trust.port);
	host_device(&trust.host, "ipp", trust.uri, &trust.device);
	assert_true(trust.device.driver->open(&trust.device, &err));
	trust.open = true;
}

static void meet(const char *mode, const char *scheme, const char *password)
{
	set_mode(mode);
	trust.host = (struct host){.port = trust.port};
	if (password[0] != '\0') {
		strcpy(trust.password, password);
		trust.host.user = "lab";
		trust.host.password = trust.password;
	}
	restart(scheme);
}

static bool ask(struct err *err)
{
	struct device_status status;
	*err = (struct err){.text = ""};
	return trust.device.driver->status(&trust.device, &status, err);
}

static void must_ask(void)
{
	struct err err;
	if (!ask(&err)) {
		fail_msg("%s: %s", err.code, err.text);
	}
}

static void expect_refusal(enum remedy remedy, const char *code, const char *words)
{
	struct err err;
	assert_false(ask(&err));
	if (err.remedy != remedy || strcmp(err.code, code) != 0 ||
		strstr(err.text, words) == NULL) {
		fail_msg("expected %s with \"%s\", got %s: %s", code, words, err.code, err.text);
	}
	assert_non_null(strstr(err.text, "P1"));
	assert_null(strstr(err.text, "wrong"));
}

static bool print_it(struct err *err)
{
	struct attempt attempt;
	struct send_hooks hooks;
	trust.host.steps = 0;
	host_attempt(&trust.device, "R1.1.1", 1, &attempt);
	host_hooks(&trust.host, &hooks);
	return trust.device.driver->send(&trust.device, &attempt, &trust.document, &hooks, err);
}

static void must_print(void)
{
	struct err err = {.text = ""};
	if (!print_it(&err)) {
		fail_msg("%s: %s", err.code, err.text);
	}
	assert_int_equal(trust.host.steps, 3);
}

/* ---- keys ---- */

static void the_first_key_is_remembered_before_anything_is_sent(void **state)
{
	(void)state;
	meet("key=a", "ipps", "");
	must_ask();
	char by_openssl[HASH_PIN_MAX];
	char path[100];
	snprintf(path, sizeof path, "%s/a.pin", trust.folder);
	FILE *file = fopen(path, "r");
	assert_non_null(fgets(by_openssl, sizeof by_openssl, file));
	fclose(file);
	assert_string_equal(trust.host.tls_key, by_openssl);
	must_print();
	assert_string_equal(trust.host.other_key, "");
}

static void another_key_gets_no_request_and_no_password(void **state)
{
	(void)state;
	meet("key=a basic", "ipps", "right");
	must_ask();
	set_mode("key=b basic");
	restart("ipps");
	expect_refusal(REMEDY_ATTEND, "printer-key-changed", trust.host.other_key);
	assert_true(hash_is_pin(trust.host.other_key));
	assert_string_not_equal(trust.host.other_key, trust.host.tls_key);
	assert_int_equal(seen("connection"), 1);
	assert_int_equal(seen("request") + seen("basic") + seen("told"), 0);
}

/* In mid-life, too: whatever connection a question or a document goes on. */
static void a_key_that_changes_in_mid_life_stops_the_next_connection(void **state)
{
	(void)state;
	struct err err;
	meet("key=a", "ipps", "");
	must_ask();
	struct attempt attempt;
	struct send_hooks hooks;
	host_attempt(&trust.device, "R1.1.1", 1, &attempt);
	host_hooks(&trust.host, &hooks);
	set_mode("key=b"); /* the kept connection is still that of a */
	assert_false(
		trust.device.driver->send(&trust.device, &attempt, &trust.document, &hooks, &err));
	assert_string_equal(err.code, "printer-key-changed");
	assert_int_equal(trust.host.steps, 0);
	restart("ipps");
	expect_refusal(REMEDY_ATTEND, "printer-key-changed", "");
	set_mode("key=a");
	must_ask(); /* the right one is back */
}

static void a_key_that_a_person_accepted_is_believed_at_once(void **state)
{
	(void)state;
	meet("key=a", "ipps", "");
	must_ask();
	set_mode("key=b");
	restart("ipps");
	expect_refusal(REMEDY_ATTEND, "printer-key-changed", "");
	char old[HASH_PIN_MAX];
	memcpy(old, trust.host.tls_key, sizeof old);
	strcpy(trust.host.tls_key, trust.host.other_key);
	must_ask();
	must_print();
	set_mode("key=a"); /* accepted while a connection of the other is kept */
	restart("ipps");
	strcpy(trust.host.tls_key, old);
	must_ask();
	set_mode("key=b");
	strcpy(trust.host.tls_key, trust.host.other_key);
	must_ask();
	set_mode("key=a");
	restart("ipps");
	expect_refusal(REMEDY_ATTEND, "printer-key-changed", "");
}

static void a_renewed_certificate_of_the_same_key_is_no_news(void **state)
{
	(void)state;
	static const char *const renewals[] = {"key=a-again", "key=a-expired"};
	meet("key=a", "ipps", "");
	must_ask();
	for (size_t i = 0; i < 2; i++) {
		set_mode(renewals[i]);
		restart("ipps");
		must_ask();
		assert_string_equal(trust.host.other_key, "");
	}
}

/* An orderly end could pass for the end of a document. */
static void a_connection_that_is_given_up_is_cut_off(void **state)
{
	(void)state;
	meet("key=a", "ipps", "");
	must_ask();
	must_print();
	part(NULL);
	usleep(200 * 1000); /* for the other side to see it */
	assert_true(seen("connection") > 0);
	assert_int_equal(seen("goodbye"), 0);
}

static void what_is_configured_as_encrypted_never_goes_in_clear(void **state)
{
	(void)state;
	meet("plain", "ipps", "right");
	expect_refusal(REMEDY_RETRY, "printer-tls", "no encrypted connection");
	assert_int_equal(seen("request"), 0);
	assert_string_equal(trust.host.tls_key, "");
}

static void what_comes_instead_of_a_handshake_is_retried_with_a_sentence(void **state)
{
	(void)state;
	static const char *const modes[] = {"garbage", "reset", "closes", "tls=1.1"};
	meet("key=a", "ipps", "");
	must_ask();
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		set_mode(modes[i]);
		restart("ipps");
		expect_refusal(REMEDY_RETRY, "printer-tls", "no encrypted connection");
		assert_int_equal(seen("request"), 0);
	}
	set_mode("key=a");
	must_ask();
}

static void a_handshake_that_stands_still_ends_in_time(void **state)
{
	(void)state;
	meet("stall", "ipps", "");
	int64_t since_ms = clock_boot_ms();
	expect_refusal(REMEDY_RETRY, "printer-silent", "no answer");
	assert_true(clock_boot_ms() - since_ms < 9000);
}

static void a_printer_that_wants_encryption_is_told_how(void **state)
{
	(void)state;
	meet("plain 426", "ipp", "");
	expect_refusal(REMEDY_ATTEND, "printer-elsewhere", "ipps://");
}

/* ---- passwords ---- */

static void a_password_is_told_to_who_asks_for_it(void **state)
{
	(void)state;
	static const struct {
		const char *mode, *scheme, *told;
	} cases[] = {{"key=a basic", "ipps", "basic lab:right"},
		{"key=a digest", "ipps", "digest good"},
		{"key=a digest-sha256", "ipps", "digest good"},
		{"plain digest", "ipp", "digest good"},
		{"plain digest-sha256", "ipp", "digest good"},
		{"plain digest stale", "ipp", "digest good"}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		print_message("# %s\n", cases[i].mode);
		meet(cases[i].mode, cases[i].scheme, "right");
		must_ask();
		must_print();
		assert_true(seen(cases[i].told) > 2);
		assert_int_equal(seen("digest bad"), 0);
	}
}

/* A document is sent once: what it costs to be asked is told by an empty request. */
static void no_document_is_sent_twice_for_a_password(void **state)
{
	(void)state;
	meet("plain digest", "ipp", "right");
	must_ask();
	must_print();
	char path[100];
	char line[300];
	int documents = 0;
	snprintf(path, sizeof path, "%s/seen", trust.folder);
	FILE *file = fopen(path, "r");
	while (fgets(line, sizeof line, file) != NULL) {
		documents +=
			strncmp(line, "request ", 8) == 0 && atol(line + 8) > trust.document.bytes;
	}
	fclose(file);
	assert_int_equal(documents, 1);
}

/* It may have made the job: then curl must not ask for another one by itself. */
static void a_job_is_asked_for_once_also_where_a_password_is(void **state)
{
	(void)state;
	static const char *const modes[][2] = {{"plain digest swallow=5", "ipp"},
		{"key=a digest swallow=5", "ipps"}, {"key=a basic swallow=5", "ipps"},
		{"key=a swallow=5", "ipps"}};
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		struct err err = {.text = ""};
		print_message("# %s\n", modes[i][0]);
		meet(modes[i][0], modes[i][1], "right");
		must_ask();
		assert_false(print_it(&err));
		assert_int_equal(err.remedy, REMEDY_RETRY);
		assert_int_equal(trust.host.steps, 0);
		assert_int_equal(seen("swallowed"), 1);
	}
}

static void nobody_is_told_a_password_unasked(void **state)
{
	(void)state;
	meet("key=a", "ipps", "right");
	must_ask();
	must_print();
	assert_int_equal(seen("basic") + seen("digest") + seen("told"), 0);
}

static void the_password_never_goes_in_clear(void **state)
{
	(void)state;
	meet("plain basic", "ipp", "right");
	expect_refusal(REMEDY_ATTEND, "printer-auth", "ipps://");
	assert_int_equal(seen("basic") + seen("told"), 0);
}

static void who_has_no_password_is_told_what_to_give(void **state)
{
	(void)state;
	meet("key=a digest", "ipps", "");
	expect_refusal(REMEDY_ATTEND, "printer-auth", "password_file");
}

static void another_machine_is_told_no_password_unasked(void **state)
{
	(void)state;
	meet("key=a basic", "ipps", "right");
	must_ask();
	set_mode("key=b digest");
	expect_refusal(REMEDY_ATTEND, "printer-key-changed", "");
	strcpy(trust.host.tls_key, trust.host.other_key); /* a person has accepted it */
	must_ask();
	must_print();
	assert_int_equal(seen("told") + seen("basic"), 0);
	assert_true(seen("digest good") > 2);
}

/* Its file is gone or open to others: that is no password to try. */
static void an_empty_password_is_told_to_nobody(void **state)
{
	(void)state;
	meet("key=a basic", "ipps", "right");
	trust.password[0] = '\0';
	expect_refusal(REMEDY_ATTEND, "printer-auth", "readable password_file");
	assert_int_equal(seen("basic"), 0);
	strcpy(trust.password, "right");
	must_ask();
}

static void a_wrong_password_is_not_tried_again_and_again(void **state)
{
	(void)state;
	static const char *const modes[] = {"key=a basic", "key=a digest"};
	for (size_t i = 0; i < 2; i++) {
		meet(modes[i], "ipps", "wrong");
		for (int n = 0; n < 4; n++) {
			expect_refusal(REMEDY_ATTEND, "printer-auth", "user lab");
		}
		assert_int_equal(seen(i == 0 ? "basic lab:wrong" : "digest bad"), 1);
		strcpy(trust.password, "right"); /* somebody has corrected the file */
		must_ask();
	}
}

static void who_asks_no_more_is_told_no_more(void **state)
{
	(void)state;
	meet("key=a digest", "ipps", "right");
	must_ask();
	must_print();
	set_mode("key=a"); /* switched off at the printer */
	must_ask();
	must_print();
	assert_int_equal(seen("digest") + seen("told"), 0);
	set_mode("key=a digest"); /* and on again */
	must_ask();
	must_print();
}

static void who_changes_his_mind_about_the_way_is_told_once(void **state)
{
	(void)state;
	meet("key=a turns", "ipps", "right");
	for (int n = 0; n < 4; n++) {
		expect_refusal(REMEDY_ATTEND, "printer-auth", "user lab");
	}
	assert_in_range(seen("asked"), 2, 4);
}

/* A question that it answers to anybody does not make the password right. */
static void a_password_refused_for_a_job_waits_though_questions_are_answered(void **state)
{
	(void)state;
	struct err err;
	meet("key=a basic only=5", "ipps", "wrong");
	struct ipp *ipp = trust.device.own;
	for (int n = 1; n < 3; n++) {
		char wait[16];
		must_ask();
		assert_false(print_it(&err));
		assert_string_equal(err.code, "printer-auth");
		snprintf(wait, sizeof wait, "in %d min", n);
		assert_non_null(strstr(err.text, wait));
		assert_int_equal(seen("basic lab:wrong"), n);
		ipp->auth.wait_until_ms = 0; /* it has passed */
	}
	strcpy(trust.password, "right");
	must_print();
	strcpy(trust.password, "wrong"); /* and then somebody changes it */
	assert_false(print_it(&err));
	assert_non_null(strstr(err.text, "in 1 min"));
}

static int start(void **state)
{
	(void)state;
	strcpy(trust.folder, "/tmp/platen-trust-XXXXXX");
	assert_non_null(mkdtemp(trust.folder));
	snprintf(trust.log, sizeof trust.log, "%s/log", trust.folder);
	rig_shell(
		"python3 -B %s/tests/drivers/front.py make %s", getenv("PLATEN_SRC"), trust.folder);
	rig_shell("cd %s && echo \"sha256//$(openssl x509 -in a.pem -pubkey -noout | openssl pkey "
		  "-pubin -outform der | openssl dgst -sha256 -binary | base64)\" >a.pin",
		trust.folder);
	host_document(&trust.document, 300, 450);
	trust.printer = server_start(trust.log, &trust.printer_port);
	trust.front = front_start(trust.folder, trust.printer_port, &trust.port);
	return trust.port > 0 ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	kill(trust.front, SIGKILL);
	kill(trust.printer, SIGKILL);
	waitpid(trust.front, NULL, 0);
	waitpid(trust.printer, NULL, 0);
	close(trust.document.fd);
	rig_shell("rm -rf %s", trust.folder);
	return 0;
}

#define FACT(name) cmocka_unit_test_teardown(name, part)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(the_first_key_is_remembered_before_anything_is_sent),
		FACT(another_key_gets_no_request_and_no_password),
		FACT(a_key_that_changes_in_mid_life_stops_the_next_connection),
		FACT(a_key_that_a_person_accepted_is_believed_at_once),
		FACT(a_renewed_certificate_of_the_same_key_is_no_news),
		FACT(a_connection_that_is_given_up_is_cut_off),
		FACT(what_is_configured_as_encrypted_never_goes_in_clear),
		FACT(what_comes_instead_of_a_handshake_is_retried_with_a_sentence),
		FACT(a_handshake_that_stands_still_ends_in_time),
		FACT(a_printer_that_wants_encryption_is_told_how),
		FACT(a_password_is_told_to_who_asks_for_it),
		FACT(no_document_is_sent_twice_for_a_password),
		FACT(a_job_is_asked_for_once_also_where_a_password_is),
		FACT(nobody_is_told_a_password_unasked),
		FACT(the_password_never_goes_in_clear),
		FACT(who_has_no_password_is_told_what_to_give),
		FACT(another_machine_is_told_no_password_unasked),
		FACT(an_empty_password_is_told_to_nobody),
		FACT(a_wrong_password_is_not_tried_again_and_again),
		FACT(who_asks_no_more_is_told_no_more),
		FACT(who_changes_his_mind_about_the_way_is_told_once),
		FACT(a_password_refused_for_a_job_waits_though_questions_are_answered),
	};
	signal(SIGPIPE, SIG_IGN); /* as the worker does */
	return cmocka_run_group_tests(tests, start, stop);
}
