/* SPDX-License-Identifier: Apache-2.0
 *
 * The bench of a dye-sub.
 */
#include "drivers/dyesub_bench.h"
#include "base/mem.h"
#include "drivers/list.h"
#include "drivers/page.h"
#include "render/encode.h"
#include "tests/rig/dnp.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAD_BYTES 1088

/* ---- a line that is cut when its worker dies; the printer is not told ---- */

struct mortal {
	struct usb_line line;
	struct usb_line *inner;
	struct bench *bench;
};

static bool is_gone(struct bench *bench, struct err *err)
{
	bench->is_dead = true;
	return err_set(err, REMEDY_DROP, "stopped", "the worker is dead");
}

static bool mortal_out(struct usb_line *line, const void *bytes, size_t n_bytes,
	int64_t patience_ms, size_t *taken_bytes, struct err *err)
{
	struct mortal *mortal = line->own;
	struct bench *bench = mortal->bench;
	*taken_bytes = 0;
	int64_t rest = bench->dies_at_byte < 0 ? INT64_MAX : bench->dies_at_byte - bench->bytes;
	bool dies = (int64_t)n_bytes > rest;
	if (bench->is_dead) {
		return is_gone(bench, err);
	}
	bool fine = mortal->inner->out(
		mortal->inner, bytes, dies ? (size_t)rest : n_bytes, patience_ms, taken_bytes, err);
	bench->bytes += (int64_t)*taken_bytes;
	return dies ? is_gone(bench, err) : fine;
}

static bool mortal_in(struct usb_line *line, void *bytes, size_t room_bytes, int64_t patience_ms,
	size_t *got_bytes, struct err *err)
{
	struct mortal *mortal = line->own;
	struct bench *bench = mortal->bench;
	*got_bytes = 0;
	if (bench->is_dead || bench->answers++ == bench->dies_at_answer) {
		return is_gone(bench, err);
	}
	return mortal->inner->in(mortal->inner, bytes, room_bytes, patience_ms, got_bytes, err);
}

static bool mortal_reset(struct usb_line *line, struct err *err)
{
	struct mortal *mortal = line->own;
	if (mortal->bench->is_dead) {
		return is_gone(mortal->bench, err);
	}
	bool fine = mortal->inner->reset(mortal->inner, err);
	return fine && mortal->bench->reset_fails
		       ? err_set(err, REMEDY_RETRY, "printer-absent", "it came back as another")
		       : fine;
}

static void mortal_close(struct usb_line *line)
{
	struct mortal *mortal = line->own;
	mortal->inner->close(mortal->inner);
	free(mortal);
}

static struct usb_line *(*rig_usb)(void *host, const struct usb_wish *wish, struct err *err);
static struct bench *mortals_bench;

static struct usb_line *mortal_open(void *host, const struct usb_wish *wish, struct err *err)
{
	if (mortals_bench->is_dead) {
		is_gone(mortals_bench, err);
		return NULL;
	}
	struct usb_line *inner = rig_usb(host, wish, err);
	if (inner == NULL) {
		return NULL;
	}
	struct mortal *mortal = mem_new(1, sizeof *mortal);
	*mortal = (struct mortal){.inner = inner,
		.bench = mortals_bench,
		.line = {.own = mortal,
			.identity = inner->identity,
			.out = mortal_out,
			.in = mortal_in,
			.control = inner->control,
			.reset = mortal_reset,
			.close = mortal_close}};
	return &mortal->line;
}

/* ---- workers ---- */

static void start_worker(struct bench *bench)
{
	struct err err;
	const char *uuid = bench->device.uuid == NULL ? "" : bench->device.uuid;
	bench->device = (struct device){.driver = &driver_dyesub,
		.printer = "P1",
		.uri = "usb:dyesub",
		.uuid = uuid,
		.exclusive = true,
		.model = {.counter_lag_ms = 5000}};
	rig_line_serve(bench->rig, &bench->device);
	bench->rig->pinned[0] = '\0'; /* the driver's own check is tried, too */
	rig_usb = bench->device.usb;
	mortals_bench = bench;
	bench->device.usb = mortal_open;
	bench->dies_at_byte = bench->dies_at_answer = bench->dies_in_send = -1;
	bench->is_dead = false;
	bench->bytes = bench->answers = 0;
	assert_true(bench->device.driver->open(&bench->device, &err));
}

void bench_start(struct bench *bench, const char *arguments)
{
	*bench = (struct bench){.document = {.fd = -1}};
	bench->rig = rig_line_create(&rig_dnp, arguments);
	assert_non_null(bench->rig);
	start_worker(bench);
}

void bench_fresh_worker(struct bench *bench)
{
	bench->device.driver->close(&bench->device);
	start_worker(bench);
}

static void forget_page(struct bench *bench)
{
	if (bench->document.fd >= 0) {
		close(bench->document.fd);
	}
	free(bench->rgb);
	bench->rgb = NULL;
}

void bench_stop(struct bench *bench)
{
	bench->device.driver->close(&bench->device);
	rig_line_destroy(bench->rig);
	forget_page(bench);
}

/* ---- pages ---- */

static void encode(struct bench *bench, int32_t width_px, int32_t height_px, int32_t y_dpi)
{
	struct err err;
	struct sink sink;
	char sha256[HASH_HEX_MAX];
	struct document *document = &bench->document;
	struct encode_shape shape = {FORMAT_PWG, 3, width_px, height_px, 300, y_dpi};
	document->fd = memfd_create("page", MFD_CLOEXEC);
	sink_init(&sink, document->fd);
	struct encoder *encoder = encoder_create(&shape, &sink);
	for (int32_t y = 0; y < height_px; y++) {
		assert_true(
			encoder_row(encoder, bench->rgb + (size_t)y * (size_t)width_px * 3, &err));
	}
	assert_true(encoder_finish(encoder, &err));
	assert_true(sink_finish(&sink, sha256, &document->bytes, &err));
	encoder_destroy(encoder);
	sink_fini(&sink);
}

void bench_page(struct bench *bench, int32_t width_px, int32_t height_px, int32_t y_dpi,
	int32_t media_width_hmm, int32_t media_height_hmm, const char *type)
{
	forget_page(bench);
	bench->document = (struct document){.format = FORMAT_PWG,
		.width_px = width_px,
		.height_px = height_px,
		.x_dpi = 300,
		.y_dpi = y_dpi,
		.media_size = "a size",
		.media_width_hmm = media_width_hmm,
		.media_height_hmm = media_height_hmm};
	text_copy(bench->document.media_type, sizeof bench->document.media_type, type);
	bench->rgb = page_pixels(width_px, height_px, 7);
	encode(bench, width_px, height_px, y_dpi);
}

/* ---- attempts ---- */

static bool on_opened(void *host, int32_t job_id, const char *job_uuid)
{
	struct bench *bench = host;
	assert_int_equal(job_id, 0);
	assert_int_equal(bench->phase, PHASE_PREPARED);
	text_copy(bench->note, sizeof bench->note, job_uuid);
	bench->phase = PHASE_OPENED;
	return !bench->rig->must_stop;
}

static bool on_sending(void *host)
{
	struct bench *bench = host;
	assert_true(bench->phase < PHASE_SENDING);
	bench->rig->at_sending = bench->rig->out_bytes;
	if (bench->rig->refuse_sending) {
		return false;
	}
	bench->phase = PHASE_SENDING;
	return true;
}

static bool on_committed(void *host)
{
	struct bench *bench = host;
	assert_int_equal(bench->phase, PHASE_SENDING);
	bench->rig->at_committed = bench->rig->out_bytes;
	if (bench->rig->refuse_committed) {
		return false;
	}
	bench->phase = PHASE_COMMITTED;
	return true;
}

bool bench_send(struct bench *bench, int copies, struct attempt *attempt, struct err *err)
{
	struct send_hooks hooks = {.host = bench,
		.opened = on_opened,
		.sending = on_sending,
		.committed = on_committed};
	*attempt = (struct attempt){.key = "J1.1.1", .copies = copies};
	bench->phase = PHASE_PREPARED;
	bench->note[0] = '\0';
	bench->rig->at_sending = bench->rig->at_committed = -1;
	if (!bench->device.driver->witness(&bench->device, &attempt->before, err)) {
		return false;
	}
	bench->bytes = 0;
	bench->dies_at_byte = bench->dies_in_send;
	bool fine =
		bench->device.driver->send(&bench->device, attempt, &bench->document, &hooks, err);
	attempt->phase = fine ? PHASE_ACCEPTED : bench->phase;
	text_copy(attempt->device_job_uuid, sizeof attempt->device_job_uuid, bench->note);
	return fine;
}

void bench_confirm(
	struct bench *bench, const struct attempt *attempt, int seconds, struct receipt *receipt)
{
	struct err err = {.text = "pending"};
	for (int i = 0; i < seconds; i++) {
		bool fine = bench->device.driver->confirm(&bench->device, attempt, receipt, &err);
		if (fine && receipt->verdict != VERDICT_PENDING) {
			assert_true(receipt->text[0] != '\0' && receipt->after.read);
			return;
		}
		if (fine) {
			text_copy(err.text, sizeof err.text, receipt->text);
		}
		rig_line_pass(bench->rig, 1000);
	}
	fail_msg("still: %s", err.text);
}

void bench_print_and_prove(struct bench *bench, int copies)
{
	struct attempt attempt;
	struct receipt receipt;
	struct err err = {.text = ""};
	if (!bench_send(bench, copies, &attempt, &err)) {
		fail_msg("%s", err.text);
	}
	bench_confirm(bench, &attempt, 60 + copies * 20, &receipt);
	assert_string_equal(verdict_name(receipt.verdict), "done");
	assert_int_equal(receipt.evidence, EVIDENCE_COUNTER);
	assert_int_equal(receipt.completed, copies);
}

/* ---- the printer's report ---- */

int bench_count(const struct bench *bench, const char *words)
{
	char *report = rig_line_report(bench->rig);
	int n = 0;
	for (const char *at = report; (at = strstr(at, words)) != NULL; at += strlen(words)) {
		n++;
	}
	free(report);
	return n;
}

int64_t bench_number(const struct bench *bench, const char *word)
{
	char line[32];
	char *report = rig_line_report(bench->rig);
	snprintf(line, sizeof line, "\n%s=", word);
	const char *at = strstr(report, line);
	int64_t number = at == NULL ? -1 : atoll(at + strlen(line));
	if (at == NULL && strncmp(report, line + 1, strlen(line + 1)) == 0) {
		number = atoll(report + strlen(line + 1));
	}
	free(report);
	return number;
}

/* ---- planes, pixel by pixel ---- */

static int clamp(int value, int most)
{
	return value < 0 ? 0 : value > most ? most : value;
}

/* The picture at that place of one print's image, before it is mirrored. */
static uint8_t pixel(
	const struct bench *bench, const struct plain *plain, int column, int row, int channel)
{
	int width = bench->document.width_px;
	int height = bench->document.height_px;
	int across = plain->turned ? height : width;
	int down = plain->turned ? width : height;
	int x = clamp(column - (plain->columns - across) / 2, across - 1);
	int y = clamp(row - (plain->rows - down) / 2, down - 1);
	int from_x = plain->turned ? y : x;
	int from_y = plain->turned ? height - 1 - x : y; /* a quarter clockwise */
	return bench->rgb[((size_t)from_y * (size_t)width + (size_t)from_x) * 3 + (size_t)channel];
}

static void add32(uint8_t **at, uint32_t value)
{
	for (int i = 0; i < 4; i++) {
		*(*at)++ = (uint8_t)(value >> (8 * i));
	}
}

static void plain_head(const struct plain *plain, int rows, uint8_t head[HEAD_BYTES])
{
	uint8_t *at = head;
	memset(head, 0, HEAD_BYTES);
	*at++ = 'B';
	*at++ = 'M';
	add32(&at, (uint32_t)(plain->columns * rows + HEAD_BYTES));
	add32(&at, 0);
	add32(&at, HEAD_BYTES);
	add32(&at, 40);
	add32(&at, (uint32_t)plain->columns);
	add32(&at, (uint32_t)rows);
	add32(&at, 1 | 8 << 16);
	add32(&at, 0);
	add32(&at, 0);
	add32(&at, 11808);
	add32(&at, plain->fine ? 23615 : 11808);
	add32(&at, 256);
	add32(&at, 0);
	for (uint32_t grey = 256; grey-- > 0;) {
		add32(&at, grey | grey << 8 | grey << 16);
	}
}

void plain_hashes(const struct bench *bench, const struct plain *plain, char text[80])
{
	static const char names[] = "ymc";
	int rows = plain->gap_rows < 0 ? plain->rows : 2 * plain->rows + plain->gap_rows;
	uint8_t *row = mem_new((size_t)plain->columns, 1);
	int len = 0;
	for (int plane = 0; plane < 3; plane++) {
		uint8_t head[HEAD_BYTES];
		char hex[HASH_HEX_MAX];
		struct hash *hash = hash_create();
		plain_head(plain, rows, head);
		hash_add(hash, head, HEAD_BYTES);
		for (int y = 0; y < rows; y++) {
			int second = y - plain->rows - plain->gap_rows;
			int from = y < plain->rows ? y : second;
			for (int x = 0; x < plain->columns; x++) {
				row[plain->columns - 1 - x] =
					from < 0 ? 255 : pixel(bench, plain, x, from, 2 - plane);
			}
			hash_add(hash, row, (size_t)plain->columns);
		}
		hash_take_hex(hash, hex);
		hash_destroy(hash);
		len += snprintf(text + len, 80 - (size_t)len, "%s%c=%.16s", plane == 0 ? "" : " ",
			names[plane], hex);
	}
	free(row);
}
