/* SPDX-License-Identifier: Apache-2.0
 *
 * The built platen-worker in its device role, caged, spoken to as the daemon does: against a real
 * ippeveprinter and the fake printer.
 */
#include "drivers/host.h"
#include "drivers/rig.h"
#include "base/clock.h"
#include "worker/channel.h"
#include "worker/worker.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct daemon {
	struct rig rig;
	int fd;
	pid_t pid;
	int statuses, connects, keys;
	char tls_key[HASH_PIN_MAX]; /* pinned, as a store would have it */
	bool mute;                  /* doesn't answer CONNECT */
	int32_t poll_ms;

	struct document document;
	char sha256[HASH_HEX_MAX];
	int n;
	char key[ATTEMPT_KEY_MAX];
};

static int connect_to(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	connect(fd, (struct sockaddr *)&to, sizeof to);
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	poll(&wait, 1, 2000);
	return fd;
}

static void tell(struct daemon *daemon, enum frame_type type, json_t *body, int fd)
{
	struct err err;
	assert_true(channel_send(daemon->fd, type, body, &fd, fd >= 0, &err));
	json_decref(body);
}

static json_t *key_body(const struct daemon *daemon)
{
	return json_pack("{s:s}", "key", daemon->key);
}

/* The next frame that is neither a health report nor a wish for a connection. */
static json_t *hear(struct daemon *daemon, enum frame_type type)
{
	for (;;) {
		struct message message;
		struct err err = {.text = ""};
		assert_true(channel_is_readable(daemon->fd, 20000));
		if (!channel_receive(daemon->fd, &message, &err)) {
			fail_msg("waiting for frame %d: %s", (int)type, err.text);
		}
		if (message.type == FRAME_CONNECT && !daemon->mute) {
			int fd = connect_to(daemon->rig.port);
			daemon->connects++;
			tell(daemon, FRAME_CONNECTED, json_object(), fd);
			close(fd);
		} else if (message.type == FRAME_KEY) {
			const char *key =
				json_string_value(json_object_get(message.body, "tls_key"));
			daemon->keys++;
			if (daemon->tls_key[0] == '\0') {
				text_copy(daemon->tls_key, sizeof daemon->tls_key, key);
			}
			tell(daemon, FRAME_PINNED, json_pack("{s:s}", "tls_key", daemon->tls_key),
				-1);
		} else if (message.type == FRAME_STATUS && type != FRAME_STATUS) {
			daemon->statuses++;
		} else if (message.type != FRAME_CONNECT && message.type != FRAME_KEY) {
			json_t *body = json_incref(message.body);
			assert_int_equal(message.type, type);
			message_fini(&message);
			return body;
		}
		message_fini(&message);
	}
}

static void no_err(const json_t *body)
{
	const json_t *fault = json_object_get(body, "err");
	if (fault != NULL) {
		fail_msg("%s", json_string_value(json_object_get(fault, "text")));
	}
}

static void set_up(struct daemon *daemon, const char *uri, const char *driver)
{
	struct device_setup setup = {
		.conf = {.name = "P1", .model = "m", .exclusive = true, .poll_ms = daemon->poll_ms},
		.model = {.name = "m",
			.title = "M",
			.x_dpi = 300,
			.y_dpi = 300,
			.copies_per_attempt = 1,
			.ms_per_print = 100,
			.counter_lag_ms = 5000,
			.counts_impressions = true}};
	strcpy(setup.conf.uri, uri);
	strcpy(setup.model.driver, driver);
	tell(daemon, FRAME_DEVICE_SETUP, device_setup_to_json(&setup), -1);
	json_decref(hear(daemon, FRAME_DEVICE_HELLO));
}

static void launch(struct daemon *daemon)
{
	int ends[2];
	char path[300];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	snprintf(path, sizeof path, "%s/platen-worker", getenv("PLATEN_BUILD"));
	daemon->pid = fork();
	if (daemon->pid == 0) {
		dup2(ends[1], WORKER_CHANNEL_FD);
		if (ends[1] == WORKER_CHANNEL_FD) {
			fcntl(ends[1], F_SETFD, 0);
		}
		setenv("ASAN_OPTIONS", "detect_leaks=0",
			1); /* which needs calls that the cage denies */
		execl(path, path, "device", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	daemon->fd = ends[0];
}

static int begin(void **state)
{
	struct daemon *daemon = *state;
	snprintf(daemon->key, sizeof daemon->key, "W%d.1.1", ++daemon->n);
	daemon->statuses = daemon->connects = daemon->keys = 0;
	daemon->tls_key[0] = '\0';
	daemon->mute = false;
	daemon->poll_ms = 200;
	launch(daemon);
	set_up(daemon, daemon->rig.uri, daemon->rig.driver);
	return 0;
}

/* The end of the channel ends the worker, soon and in order. */
static int end(void **state)
{
	struct daemon *daemon = *state;
	int how = -1;
	close(daemon->fd);
	for (int i = 0; i < 100; i++) {
		if (waitpid(daemon->pid, &how, WNOHANG) == daemon->pid) {
			return WIFEXITED(how) && WEXITSTATUS(how) == 0 ? 0 : -1;
		}
		usleep(100000);
	}
	kill(daemon->pid, SIGKILL);
	waitpid(daemon->pid, &how, 0);
	return -1;
}

/* ---- the daemon's questions ---- */

static void ask_witness(struct daemon *daemon, struct attempt *attempt)
{
	struct err err = {.text = ""};
	*attempt = (struct attempt){.copies = 1};
	strcpy(attempt->key, daemon->key);
	tell(daemon, FRAME_WITNESS_ASK, key_body(daemon), -1);
	json_t *body = hear(daemon, FRAME_WITNESS);
	no_err(body);
	assert_string_equal(json_string_value(json_object_get(body, "key")), daemon->key);
	assert_true(witness_from_json(json_object_get(body, "witness"), &attempt->before, &err));
	json_decref(body);
}

static void ask_send(struct daemon *daemon, const struct attempt *attempt)
{
	const struct document *document = &daemon->document;
	struct device_send send = {.attempt = *attempt,
		.bytes = document->bytes,
		.format = document->format,
		.width_px = document->width_px,
		.height_px = document->height_px,
		.x_dpi = 300,
		.y_dpi = 300,
		.media_width_hmm = document->media_width_hmm,
		.media_height_hmm = document->media_height_hmm};
	memcpy(send.sha256, daemon->sha256, sizeof send.sha256);
	memcpy(send.media_size, document->media_size, sizeof send.media_size);
	memcpy(send.media_type, document->media_type, sizeof send.media_type);
	tell(daemon, FRAME_SEND, device_send_to_json(&send), document->fd);
}

static void hear_step(struct daemon *daemon, enum device_step which, struct attempt *attempt)
{
	struct device_step_message step;
	struct err err = {.text = ""};
	json_t *body = hear(daemon, FRAME_STEP);
	assert_true(device_step_from_json(body, &step, &err));
	json_decref(body);
	assert_int_equal(step.step, which);
	assert_string_equal(step.key, daemon->key);
	if (which == STEP_OPENED) {
		attempt->device_job = step.job_id;
		memcpy(attempt->device_job_uuid, step.job_uuid, sizeof step.job_uuid);
		assert_true(step.job_id > 0 && step.job_uuid[0] != '\0');
	}
	attempt->phase = (enum phase)(PHASE_OPENED + (which - STEP_OPENED));
}

static void go(struct daemon *daemon)
{
	tell(daemon, FRAME_GO, key_body(daemon), -1);
}

static void ask_receipt(
	struct daemon *daemon, const struct attempt *attempt, struct receipt *receipt)
{
	struct err err = {.text = ""};
	for (int i = 0; i < 200; i++) {
		tell(daemon, FRAME_CONFIRM, attempt_to_json(attempt), -1);
		json_t *body = hear(daemon, FRAME_RECEIPT);
		no_err(body);
		assert_true(receipt_from_json(json_object_get(body, "receipt"), receipt, &err));
		json_decref(body);
		if (receipt->verdict != VERDICT_PENDING) {
			return;
		}
		usleep(50000);
	}
	fail_msg("still pending: %s", receipt->text);
}

static void run_to(struct daemon *daemon, enum device_step last, struct attempt *attempt)
{
	ask_send(daemon, attempt);
	enum device_step first = daemon->rig.port > 0 ? STEP_OPENED : STEP_SENDING;
	for (int at = (int)first; at <= (int)last; at++) {
		if (at > (int)first) {
			go(daemon);
		}
		hear_step(daemon, (enum device_step)at, attempt);
	}
}

/* ---- facts ---- */

static void health_is_told_unasked(void **state)
{
	struct daemon *daemon = *state;
	struct device_status status;
	struct err err = {.text = ""};
	for (int i = 0; i < 3; i++) {
		json_t *body = hear(daemon, FRAME_STATUS);
		no_err(body);
		assert_true(
			device_status_from_json(json_object_get(body, "status"), &status, &err));
		json_decref(body);
		assert_int_equal(status.state, DEVICE_IDLE);
	}
	if (daemon->rig.port > 0) {
		assert_true(daemon->connects <= 2); /* the connection is kept */
	}
}

static void it_holds_no_imaging_library(void **state)
{
	struct daemon *daemon = *state;
	char path[64];
	char line[4096];
	bool maps_vips = false;
	json_decref(hear(daemon, FRAME_STATUS));
	snprintf(path, sizeof path, "/proc/%d/maps", (int)daemon->pid);
	FILE *maps = fopen(path, "re");
	assert_non_null(maps);
	while (fgets(line, sizeof line, maps) != NULL) {
		maps_vips = maps_vips || strstr(line, "libvips") != NULL;
	}
	fclose(maps);
	assert_false(maps_vips);
}

static void each_step_waits_for_its_go_and_the_print_is_proven(void **state)
{
	struct daemon *daemon = *state;
	struct attempt attempt;
	struct receipt receipt;
	ask_witness(daemon, &attempt);
	run_to(daemon, STEP_COMMITTED, &attempt);
	usleep(300000); /* without the last GO nothing complete comes out */
	assert_int_equal(rig_prints(&daemon->rig, daemon->key), 0);
	assert_false(channel_is_readable(daemon->fd, 0) && daemon->rig.port == 0);
	go(daemon);
	json_t *body = hear(daemon, FRAME_SENT);
	no_err(body);
	json_decref(body);
	attempt.phase = PHASE_ACCEPTED;
	ask_receipt(daemon, &attempt, &receipt);
	assert_string_equal(verdict_name(receipt.verdict), "done");
	assert_int_equal(rig_prints(&daemon->rig, daemon->key), 1);
}

static void flip_a_bit(const struct document *document)
{
	char byte;
	assert_int_equal(pread(document->fd, &byte, 1, document->bytes / 2), 1);
	byte ^= 1;
	assert_int_equal(pwrite(document->fd, &byte, 1, document->bytes / 2), 1);
}

static void hear_that_it_changed(struct daemon *daemon)
{
	json_t *body = hear(daemon, FRAME_SENT);
	const json_t *fault = json_object_get(body, "err");
	assert_string_equal(json_string_value(json_object_get(fault, "code")), "raster-changed");
	assert_string_equal(json_string_value(json_object_get(fault, "remedy")), "redo");
	json_decref(body);
}

/* Rot, a cut, a longer file: seen before the printer hears of it. */
static void a_page_that_changed_on_the_disk_is_not_begun(void **state)
{
	struct daemon *daemon = *state;
	const struct document *document = &daemon->document;
	struct attempt attempt;
	ask_witness(daemon, &attempt);
	flip_a_bit(document);
	ask_send(daemon, &attempt);
	hear_that_it_changed(daemon);
	flip_a_bit(document);
	assert_int_equal(ftruncate(document->fd, document->bytes + 1), 0);
	ask_send(daemon, &attempt);
	hear_that_it_changed(daemon);
	assert_int_equal(ftruncate(document->fd, document->bytes), 0);
	assert_int_equal(rig_prints(&daemon->rig, daemon->key), 0);
}

static void a_page_that_changes_while_it_is_sent_does_not_come_out(void **state)
{
	struct daemon *daemon = *state;
	struct attempt attempt;
	struct receipt receipt;
	ask_witness(daemon, &attempt);
	run_to(daemon, STEP_SENDING, &attempt);
	flip_a_bit(&daemon->document);
	go(daemon);
	hear_that_it_changed(daemon);
	flip_a_bit(&daemon->document);
	ask_receipt(daemon, &attempt, &receipt);
	assert_true(receipt.verdict == VERDICT_NOT_TAKEN || receipt.verdict == VERDICT_SPOILED);
	assert_int_equal(rig_prints(&daemon->rig, daemon->key), 0);
}

static void a_cancel_at_any_step_stops_it(void **state)
{
	struct daemon *daemon = *state;
	enum device_step first = daemon->rig.port > 0 ? STEP_OPENED : STEP_SENDING;
	for (int at = (int)first; at <= STEP_COMMITTED; at++) {
		struct attempt attempt;
		struct receipt receipt;
		snprintf(daemon->key, sizeof daemon->key, "X%d.%d.1", daemon->n, at);
		ask_witness(daemon, &attempt);
		run_to(daemon, (enum device_step)at, &attempt);
		if (at == STEP_COMMITTED) {
			attempt.phase = PHASE_SENDING; /* never stored, as it was cancelled */
		}
		tell(daemon, FRAME_CANCEL, attempt_to_json(&attempt), -1);
		json_t *body = hear(daemon, FRAME_SENT);
		const json_t *fault = json_object_get(body, "err");
		assert_string_equal(json_string_value(json_object_get(fault, "remedy")), "drop");
		json_decref(body);
		body = hear(daemon, FRAME_CANCELLED);
		no_err(body);
		json_decref(body);
		ask_receipt(daemon, &attempt, &receipt);
		assert_true(
			receipt.verdict == VERDICT_NOT_TAKEN || receipt.verdict == VERDICT_SPOILED);
		assert_int_equal(rig_prints(&daemon->rig, daemon->key), 0);
	}
}

static void the_end_of_the_channel_stops_a_hand_over(void **state)
{
	struct daemon *daemon = *state;
	struct attempt attempt;
	struct receipt receipt;
	ask_witness(daemon, &attempt);
	run_to(daemon, STEP_COMMITTED, &attempt);
	attempt.phase = PHASE_SENDING;
	assert_int_equal(end(state), 0);
	launch(daemon);
	set_up(daemon, daemon->rig.uri, daemon->rig.driver);
	ask_receipt(daemon, &attempt, &receipt);
	assert_true(receipt.verdict == VERDICT_NOT_TAKEN || receipt.verdict == VERDICT_SPOILED);
	assert_int_equal(rig_prints(&daemon->rig, daemon->key), 0);
}

static void a_sweep_is_answered(void **state)
{
	struct daemon *daemon = *state;
	tell(daemon, FRAME_SWEEP, json_pack("{s:[s]}", "known", daemon->key), -1);
	json_t *body = hear(daemon, FRAME_SWEPT);
	no_err(body);
	assert_int_equal(json_integer_value(json_object_get(body, "swept")), 0);
	json_decref(body);
}

static void a_bad_question_is_refused_by_its_own_answer(void **state)
{
	struct daemon *daemon = *state;
	tell(daemon, FRAME_CONFIRM, key_body(daemon), -1);
	json_t *body = hear(daemon, FRAME_RECEIPT);
	assert_string_equal(json_string_value(json_object_get(body, "key")), daemon->key);
	assert_non_null(json_object_get(body, "err"));
	json_decref(body);
	tell(daemon, FRAME_SEND, key_body(daemon), -1);
	body = hear(daemon, FRAME_SENT);
	assert_non_null(json_object_get(body, "err"));
	json_decref(body);
	tell(daemon, FRAME_SWEEP, json_pack("{s:[i]}", "known", 7), -1);
	body = hear(daemon, FRAME_SWEPT);
	assert_non_null(json_object_get(body, "err"));
	json_decref(body);
}

static void a_wrong_address_is_told_as_health(void **state)
{
	struct daemon *daemon = *state;
	assert_int_equal(end(state), 0);
	launch(daemon);
	set_up(daemon, "ipp:/nowhere", "ipp");
	json_t *body = hear(daemon, FRAME_STATUS);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(body, "err"), "code")),
		"printer-uri");
	json_decref(body);
	assert_int_equal(end(state), 0);
	launch(daemon);
	set_up(daemon, daemon->rig.uri, "steam");
	body = hear(daemon, FRAME_STATUS);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(body, "err"), "code")), "driver");
	json_decref(body);
}

static void one_in_trouble_is_looked_at_sooner_than_its_poll_says(void **state)
{
	struct daemon *daemon = *state;
	if (strcmp(daemon->rig.driver, "fake") != 0) {
		return; /* once is enough: it takes five seconds */
	}
	assert_int_equal(end(state), 0);
	launch(daemon);
	daemon->poll_ms = 3600000;
	set_up(daemon, daemon->rig.uri, "steam");
	int64_t since_ms = clock_boot_ms();
	json_decref(hear(daemon, FRAME_STATUS));
	json_decref(hear(daemon, FRAME_STATUS));
	assert_in_range(clock_boot_ms() - since_ms, 4900, 6500);
}

/* It asks once, believes what it is told, and sends nothing to another key. */
static void a_key_is_believed_on_the_word_of_the_daemon_alone(void **state)
{
	struct daemon *daemon = *state;
	if (strncmp(daemon->rig.uri, "ipps", 4) != 0) {
		skip();
	}
	for (int i = 0; i < 3; i++) {
		json_decref(hear(daemon, FRAME_STATUS));
	}
	assert_int_equal(daemon->keys, 1);
	char right[HASH_PIN_MAX];
	memcpy(right, daemon->tls_key, sizeof right);
	strcpy(daemon->tls_key, "sha256//ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
	tell(daemon, FRAME_PINNED, json_pack("{s:s}", "tls_key", daemon->tls_key), -1);
	const char *code = NULL;
	json_t *body = NULL;
	for (int i = 0; i < 3 && code == NULL; i++) {
		json_decref(body);
		body = hear(daemon, FRAME_STATUS);
		code = json_string_value(json_object_get(json_object_get(body, "err"), "code"));
	}
	assert_string_equal(code, "printer-key-changed");
	const char *text = json_string_value(json_object_get(json_object_get(body, "err"), "text"));
	assert_non_null(strstr(text, right));
	assert_non_null(strstr(text, daemon->tls_key));
	json_decref(body);
	memcpy(daemon->tls_key, right, sizeof right); /* as if a person had accepted it */
	body = hear(daemon, FRAME_STATUS);
	no_err(body);
	json_decref(body);
}

static void the_cage_is_shut(void **state)
{
	struct daemon *daemon = *state;
	char path[64];
	char line[128];
	int seccomp = -1;
	json_decref(hear(daemon, FRAME_STATUS));
	snprintf(path, sizeof path, "/proc/%d/status", (int)daemon->pid);
	FILE *file = fopen(path, "r");
	while (fgets(line, sizeof line, file) != NULL) {
		sscanf(line, "Seccomp: %d", &seccomp);
	}
	fclose(file);
	assert_int_equal(seccomp, 2);
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, begin, end)

static struct daemon daemon_of_test;

static int start(void **state, const char *driver)
{
	struct err err;
	memset(&daemon_of_test, 0, sizeof daemon_of_test);
	if (!rig_start(&daemon_of_test.rig, driver)) {
		return -1;
	}
	host_document(&daemon_of_test.document, 300, 450);
	lseek(daemon_of_test.document.fd, 0, SEEK_SET);
	if (!hash_hex_of_file(daemon_of_test.document.fd, daemon_of_test.sha256, &err)) {
		return -1;
	}
	lseek(daemon_of_test.document.fd, 0, SEEK_SET);
	*state = &daemon_of_test;
	return 0;
}

static int start_ipp(void **state)
{
	return start(state, "ipp");
}

static int start_ipps(void **state)
{
	int failed = start(state, "ipp");
	if (failed == 0) {
		rig_encrypt(&daemon_of_test.rig);
	}
	return failed;
}

static int start_fake(void **state)
{
	return start(state, "fake");
}

static int stop(void **state)
{
	(void)state;
	close(daemon_of_test.document.fd);
	rig_stop(&daemon_of_test.rig);
	return 0;
}

/* device_worker ipp | ipps | fake */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		FACT(health_is_told_unasked),
		FACT(each_step_waits_for_its_go_and_the_print_is_proven),
		FACT(a_page_that_changed_on_the_disk_is_not_begun),
		FACT(a_page_that_changes_while_it_is_sent_does_not_come_out),
		FACT(a_cancel_at_any_step_stops_it),
		FACT(the_end_of_the_channel_stops_a_hand_over),
		FACT(a_sweep_is_answered),
		FACT(a_bad_question_is_refused_by_its_own_answer),
		FACT(a_wrong_address_is_told_as_health),
		FACT(one_in_trouble_is_looked_at_sooner_than_its_poll_says),
		FACT(it_holds_no_imaging_library),
		FACT(a_key_is_believed_on_the_word_of_the_daemon_alone),
		FACT(the_cage_is_shut),
	};
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && strcmp(argv[1], "fake") == 0) {
		return cmocka_run_group_tests_name("fake", tests, start_fake, stop);
	}
	if (access("/usr/sbin/ippeveprinter", X_OK) != 0 &&
		access("/usr/bin/ippeveprinter", X_OK) != 0) {
		printf("1..0 # SKIP ippeveprinter is not installed (package cups-ipp-utils)\n");
		return 77;
	}
	if (argc == 2 && strcmp(argv[1], "ipps") == 0) {
		return cmocka_run_group_tests_name("ipps", tests, start_ipps, stop);
	}
	return cmocka_run_group_tests_name("ipp", tests, start_ipp, stop);
}
