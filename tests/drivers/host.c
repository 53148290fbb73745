/* SPDX-License-Identifier: Apache-2.0
 *
 * The test's host.
 */
#include "drivers/host.h"
#include "base/clock.h"
#include "drivers/list.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* As the daemon connects: without waiting in connect(2), and without asking it a second time. */
static int connect_here(void *context, struct err *err)
{
	struct host *host = context;
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)host->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int fault = 0;
	socklen_t len = sizeof fault;
	host->connects++;
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS) {
		struct pollfd wait = {.fd = fd, .events = POLLOUT};
		poll(&wait, 1, 2000);
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &len);
		if (fault == 0) {
			return fd;
		}
	}
	close(fd);
	err_set(err, REMEDY_RETRY, "printer-absent", "connecting to port %d: refused", host->port);
	return -1;
}

static bool met_key(void *context, const char *tls_key, struct err *err)
{
	struct host *host = context;
	if (host->tls_key[0] == '\0') {
		text_copy(host->tls_key, sizeof host->tls_key, tls_key);
	}
	if (strcmp(host->tls_key, tls_key) == 0) {
		return true;
	}
	text_copy(host->other_key, sizeof host->other_key, tls_key);
	return err_set(err, REMEDY_ATTEND, "printer-key-changed", "another key: %s", tls_key);
}

static bool must_stop(void *context)
{
	const struct host *host = context;
	return host->stop_after_ms != 0 && clock_boot_ms() >= host->stop_after_ms;
}

static bool pause_for(void *context, int64_t wait_ms)
{
	for (int64_t until = clock_boot_ms() + wait_ms; clock_boot_ms() < until;) {
		if (must_stop(context)) {
			return false;
		}
		usleep(10000);
	}
	return true;
}

void host_device(struct host *host, const char *driver, const char *uri, struct device *device)
{
	*device = (struct device){.driver = driver_find(driver),
		.printer = "P1",
		.uri = uri,
		.uuid = "",
		.exclusive = true,
		.host = host,
		.tls_key = host->tls_key,
		.user = host->user == NULL ? "" : host->user,
		.password = host->password == NULL ? "" : host->password,
		.connect = connect_here,
		.met_key = met_key,
		.must_stop = must_stop,
		.pause = pause_for};
	device->model.counts_impressions = true;
	device->model.ms_per_print = 100;
	device->model.counter_lag_ms = 5000;
	host->report = -1;
	assert_non_null(device->driver);
}

static bool step(struct host *host, enum host_at at, enum phase phase)
{
	if (host->kill_at == at) {
		raise(SIGKILL);
	}
	if (host->stop_at == at) {
		return false;
	}
	host->steps++;
	host->phase = phase;
	if (host->report >= 0) {
		struct host_report report = {phase, host->job_id, ""};
		memcpy(report.job_uuid, host->job_uuid, sizeof report.job_uuid);
		assert_true(write(host->report, &report, sizeof report) == sizeof report);
	}
	return true;
}

static bool opened(void *context, int32_t job_id, const char *job_uuid)
{
	struct host *host = context;
	assert_int_equal(host->steps, 0);
	host->job_id = job_id;
	text_copy(host->job_uuid, sizeof host->job_uuid, job_uuid);
	return step(host, HOST_AT_OPENED, PHASE_OPENED);
}

static bool sending(void *context)
{
	return step(context, HOST_AT_SENDING, PHASE_SENDING);
}

static bool committed(void *context)
{
	struct host *host = context;
	assert_int_equal(host->phase, PHASE_SENDING);
	return step(host, HOST_AT_COMMITTED, PHASE_COMMITTED);
}

void host_hooks(struct host *host, struct send_hooks *hooks)
{
	*hooks = (struct send_hooks){
		.host = host, .opened = opened, .sending = sending, .committed = committed};
}

void host_attempt(struct device *device, const char *key, int copies, struct attempt *attempt)
{
	struct err err = {.text = ""};
	*attempt = (struct attempt){.phase = PHASE_PREPARED, .copies = copies};
	text_copy(attempt->key, sizeof attempt->key, key);
	if (!device->driver->witness(device, &attempt->before, &err)) {
		fail_msg("witness: %s", err.text);
	}
	assert_true(attempt->before.read);
}

void host_confirm(struct device *device, const struct attempt *attempt, int64_t within_ms,
	struct receipt *receipt)
{
	int64_t until_ms = clock_boot_ms() + within_ms;
	struct err err = {.text = ""};
	bool fine;
	do {
		fine = device->driver->confirm(device, attempt, receipt, &err);
		if (fine && receipt->verdict != VERDICT_PENDING) {
			return;
		}
		usleep(50000);
	} while (clock_boot_ms() < until_ms);
	fail_msg("%s: still %s", attempt->key, fine ? receipt->text : err.text);
}

static void put32(unsigned char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++) {
		at[i] = (unsigned char)(value >> (24 - 8 * i));
	}
}

static void put_line(FILE *file, int32_t width_px, uint32_t *seed)
{
	fputc(0, file); /* this line once */
	for (int32_t left = width_px; left > 0;) {
		int32_t n = left < 128 ? left : 128;
		fputc(n == 1 ? 0 : 257 - n, file);
		for (int32_t i = 0; i < n * 3; i++) {
			*seed = *seed * 1664525 + 1013904223;
			fputc((int)(*seed >> 24), file);
		}
		left -= n;
	}
}

void host_document(struct document *document, int32_t width_px, int32_t height_px)
{
	unsigned char head[1800] = "RaS2PwgRaster";
	put32(head + 4 + 372, (uint32_t)width_px);
	put32(head + 4 + 376, (uint32_t)height_px);
	put32(head + 4 + 384, 8);
	put32(head + 4 + 388, 24);
	put32(head + 4 + 392, (uint32_t)width_px * 3);
	int fd = memfd_create("document", MFD_CLOEXEC);
	FILE *file = fdopen(dup(fd), "w");
	fwrite(head, sizeof head, 1, file);
	uint32_t seed = 1;
	for (int32_t y = 0; y < height_px; y++) {
		put_line(file, width_px, &seed);
	}
	fclose(file);
	*document = (struct document){.fd = fd,
		.bytes = lseek(fd, 0, SEEK_END),
		.format = FORMAT_PWG,
		.width_px = width_px,
		.height_px = height_px,
		.x_dpi = 300,
		.y_dpi = 300,
		.media_size = "na_index-4x6_4x6in",
		.media_type = "photographic-glossy",
		.media_width_hmm = 10160,
		.media_height_hmm = 15240};
}
