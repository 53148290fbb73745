/* SPDX-License-Identifier: Apache-2.0
 *
 * The S2145's bench.
 */
#include "drivers/s2145_bench.h"
#include "drivers/list.h"
#include "drivers/page.h"
#include "base/mem.h"
#include "tests/rig/s2145.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct bench_size bench_4x6 = {"4x6", 1240, 1844, 10499, 15613};
const struct bench_size bench_5x7 = {"5x7", 1548, 2140, 13106, 18119};
const struct bench_size bench_6x8 = {"6x8", 1844, 2434, 15613, 20608};
const struct bench_size bench_pair = {"6x8", 1844, 2492, 15613, 21099};

static void begin_driver(struct bench *bench)
{
	struct err err = {.text = ""};
	bench->device = (struct device){.driver = &driver_s2145,
		.printer = "P1",
		.uri = "usb://10ce:000e/S1",
		.uuid = "",
		.exclusive = true};
	bench->device.model.counter_lag_ms = 2000;
	bench->device.model.ms_per_print = 8000;
	rig_line_serve(bench->rig, &bench->device);
	if (!bench->device.driver->open(&bench->device, &err)) {
		fail_msg("%s", err.text);
	}
}

void bench_open(struct bench *bench, const char *arguments)
{
	*bench = (struct bench){.rig = rig_line_create(&rig_s2145, arguments)};
	assert_non_null(bench->rig);
	begin_driver(bench);
	bench_page(bench, &bench_4x6, 1);
}

void bench_close(struct bench *bench)
{
	bench->device.driver->close(&bench->device);
	rig_line_destroy(bench->rig);
	close(bench->document.fd);
	free(bench->rgb);
}

void bench_fresh(struct bench *bench)
{
	bench->device.driver->close(&bench->device);
	begin_driver(bench);
}

void bench_page(struct bench *bench, const struct bench_size *size, uint32_t seed)
{
	if (bench->rgb != NULL) {
		close(bench->document.fd);
		free(bench->rgb);
	}
	bench->rgb = page_pixels(size->width_px, size->height_px, seed);
	bench->document = (struct document){.media_type = "photographic-glossy",
		.media_width_hmm = size->width_hmm,
		.media_height_hmm = size->height_hmm};
	snprintf(bench->document.media_size, sizeof bench->document.media_size, "custom_s2145-%s",
		size->media);
	page_make(&bench->document, bench->rgb, size->width_px, size->height_px);
}

void bench_expect_hash(const struct bench *bench, bool lies, char sha256[HASH_HEX_MAX])
{
	int32_t width = bench->document.width_px;
	int32_t height = bench->document.height_px;
	uint8_t *sent = mem_new((size_t)width * (size_t)height, 3);
	uint8_t *to = sent;
	int32_t columns = lies ? height : width;
	int32_t rows = lies ? width : height;
	for (int32_t row = 0; row < rows; row++) {
		for (int32_t column = 0; column < columns; column++) {
			int32_t x = lies ? row : column;
			int32_t y = lies ? height - 1 - column : row;
			const uint8_t *from =
				bench->rgb + 3 * ((size_t)y * (size_t)width + (size_t)x);
			*to++ = from[0];
			*to++ = from[1];
			*to++ = from[2];
		}
	}
	hash_hex_of(sent, (size_t)(to - sent), sha256);
	free(sent);
}

void bench_prepare(struct bench *bench, const char *key, int copies)
{
	struct err err = {.text = ""};
	bench->stored = (struct attempt){.phase = PHASE_PREPARED, .copies = copies};
	text_copy(bench->stored.key, sizeof bench->stored.key, key);
	if (!bench->device.driver->witness(&bench->device, &bench->stored.before, &err)) {
		fail_msg("witness: %s", err.text);
	}
}

/* ---- hooks that store ---- */

static bool on_opened(void *host, int32_t job_id, const char *job_uuid)
{
	struct bench *bench = host;
	assert_int_equal(bench->stored.phase, PHASE_PREPARED);
	assert_in_range(job_id, 1, 127);
	if (!bench->rig_hooks.opened(bench->rig, job_id, job_uuid)) {
		return false;
	}
	bench->stored.device_job = job_id;
	bench->stored.phase = PHASE_OPENED;
	return true;
}

static bool on_sending(void *host)
{
	struct bench *bench = host;
	assert_int_equal(bench->stored.phase, PHASE_OPENED);
	if (!bench->rig_hooks.sending(bench->rig)) {
		return false;
	}
	bench->stored.phase = PHASE_SENDING;
	return true;
}

static bool on_committed(void *host)
{
	struct bench *bench = host;
	assert_int_equal(bench->stored.phase, PHASE_SENDING);
	if (!bench->rig_hooks.committed(bench->rig)) {
		return false;
	}
	bench->stored.phase = PHASE_COMMITTED;
	return true;
}

bool bench_send(struct bench *bench, struct err *err)
{
	struct attempt attempt = bench->stored; /* what the driver writes in it is no store */
	struct send_hooks hooks = {.host = bench,
		.opened = on_opened,
		.sending = on_sending,
		.committed = on_committed};
	bench->rig_hooks = rig_line_hooks(bench->rig);
	*err = (struct err){.text = ""};
	bool fine =
		bench->device.driver->send(&bench->device, &attempt, &bench->document, &hooks, err);
	if (fine) {
		assert_int_equal(bench->stored.phase, PHASE_COMMITTED);
		bench->stored.phase = PHASE_ACCEPTED;
	} else {
		assert_true(strstr(err->text, "P1") != NULL && strlen(err->text) > 20);
		assert_true(
			(err->remedy == REMEDY_UNSURE) == (bench->stored.phase == PHASE_COMMITTED));
	}
	return fine;
}

void bench_settle(struct bench *bench, struct receipt *receipt)
{
	struct err err = {.text = ""};
	bool fine = false;
	for (int i = 0; i < 400; i++) {
		fine = bench->device.driver->confirm(&bench->device, &bench->stored, receipt, &err);
		if (fine && receipt->verdict != VERDICT_PENDING) {
			assert_true(receipt->text[0] != '\0');
			return;
		}
		rig_line_pass(bench->rig, 500);
	}
	fail_msg("%s: still %s", bench->stored.key, fine ? receipt->text : err.text);
}

void bench_print(struct bench *bench, const char *key, int copies)
{
	struct err err;
	struct receipt receipt;
	int before = bench_sheets(bench);
	bench_prepare(bench, key, copies);
	if (!bench_send(bench, &err)) {
		fail_msg("%s: %s", key, err.text);
	}
	bench_settle(bench, &receipt);
	if (receipt.verdict != VERDICT_DONE) {
		fail_msg("%s: %s: %s", key, verdict_name(receipt.verdict), receipt.text);
	}
	assert_int_equal(receipt.completed, copies);
	assert_int_equal(receipt.evidence, EVIDENCE_COUNTER);
	assert_int_equal(bench_sheets(bench) - before, copies);
}

/* ---- what came out ---- */

int bench_sheets(const struct bench *bench)
{
	return (int)bench_report_number(bench, "sheets");
}

bool bench_report_says(const struct bench *bench, const char *text)
{
	char *report = rig_line_report(bench->rig);
	bool says = strstr(report, text) != NULL;
	free(report);
	return says;
}

int64_t bench_report_number(const struct bench *bench, const char *name)
{
	char line[40];
	char *report = rig_line_report(bench->rig);
	snprintf(line, sizeof line, "%s=", name);
	const char *at = strstr(report, line);
	assert_non_null(at);
	int64_t number = atoll(at + strlen(line));
	free(report);
	return number;
}
