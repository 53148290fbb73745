/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver for printers of the USB class, over a line in memory: what it believes, that no
 * complete page can exist before COMMITTED whatever happens at the cable, and that it claims
 * nothing.
 */
#include "drivers/host.h"
#include "drivers/list.h"
#include "drivers/usbprint_id.h"
#include "base/mem.h"
#include "tests/rig/class_printer.h"
#include "tests/rig/line.h"
#include "tests/rig/paper.h"
#include <inttypes.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAIL_BYTES (64 * 1024)

struct bench {
	struct rig_line *rig;
	struct device device;
	struct document document;
	uint64_t hash; /* of the document */
};

static uint64_t hash_of(const struct document *document)
{
	uint8_t *bytes = mem_new((size_t)document->bytes, 1);
	assert_true(pread(document->fd, bytes, (size_t)document->bytes, 0) == document->bytes);
	uint64_t hash = paper_hash(bytes, (size_t)document->bytes);
	free(bytes);
	return hash;
}

static void begin(struct bench *bench, const char *arguments, int32_t height_px)
{
	struct err err;
	*bench = (struct bench){.rig = rig_line_create(&class_printer, arguments)};
	assert_non_null(bench->rig);
	bench->device = (struct device){
		.driver = &driver_usb, .printer = "P1", .uri = "usb://1209:0c1a/AB12", .uuid = ""};
	bench->device.model.formats[0] = FORMAT_PWG;
	bench->device.model.n_formats = 1;
	rig_line_serve(bench->rig, &bench->device);
	assert_true(driver_usb.open(&bench->device, &err));
	host_document(&bench->document, 400, height_px);
	bench->hash = hash_of(&bench->document);
}

static void end(struct bench *bench)
{
	driver_usb.close(&bench->device);
	close(bench->document.fd);
	rig_line_destroy(bench->rig);
}

static int64_t counted(const struct bench *bench, const char *what)
{
	char *report = rig_line_report(bench->rig);
	const char *at = strstr(report, what);
	int64_t n = at == NULL ? -1 : strtoll(at + strlen(what), NULL, 10);
	free(report);
	return n;
}

static bool came_out(const struct bench *bench)
{
	char wanted[40];
	char *report = rig_line_report(bench->rig);
	snprintf(wanted, sizeof wanted, "sheet=%016" PRIx64 "\n", bench->hash);
	bool found = strstr(report, wanted) != NULL;
	free(report);
	return found;
}

static bool print(struct bench *bench, struct attempt *attempt, struct err *err)
{
	struct send_hooks hooks = rig_line_hooks(bench->rig);
	*attempt = (struct attempt){.key = "J1.1.1", .copies = 1};
	if (!driver_usb.witness(&bench->device, &attempt->before, err)) {
		return false;
	}
	bool fine = driver_usb.send(&bench->device, attempt, &bench->document, &hooks, err);
	attempt->phase = fine                            ? PHASE_ACCEPTED
			 : bench->rig->at_committed >= 0 ? PHASE_COMMITTED
			 : bench->rig->at_sending >= 0   ? PHASE_SENDING
							 : PHASE_PREPARED;
	return fine;
}

static void must_print(struct bench *bench)
{
	struct attempt attempt;
	struct err err = {.text = ""};
	if (!print(bench, &attempt, &err)) {
		fail_msg("%s: %s", err.code, err.text);
	}
}

static struct receipt must_confirm(struct bench *bench, const struct attempt *attempt)
{
	struct receipt receipt;
	struct err err = {.text = ""};
	if (!driver_usb.confirm(&bench->device, attempt, &receipt, &err)) {
		fail_msg("%s: %s", err.code, err.text);
	}
	return receipt;
}

static void must_fail(struct bench *bench, enum remedy remedy, const char *code)
{
	struct attempt attempt;
	struct err err = {.text = ""};
	assert_false(print(bench, &attempt, &err));
	assert_string_equal(err.code, code);
	assert_int_equal(err.remedy, remedy);
	assert_non_null(strstr(err.text, "P1"));
}

/* ---- who it is, and how ---- */

static void it_is_told_by_its_own_words(void **state)
{
	(void)state;
	static const char *const arguments[] = {"serial=AB12", "serial=AB12 turned"};
	for (size_t i = 0; i < 2; i++) {
		struct bench bench;
		struct device_status status;
		struct err err;
		begin(&bench, arguments[i], 10);
		assert_true(driver_usb.status(&bench.device, &status, &err));
		assert_string_equal(status.title, "Platen Class Printer");
		assert_string_equal(status.uuid, "AB12");
		assert_string_equal(status.firmware, "1.23");
		assert_int_equal(status.state, DEVICE_IDLE);
		assert_true(status.takes[FORMAT_PWG]);
		assert_false(status.takes[FORMAT_JPEG]);
		assert_false(status.says_ready);
		end(&bench);
	}
}

static void a_printer_without_a_serial_is_named_by_its_port(void **state)
{
	(void)state;
	struct bench bench;
	struct device_status status;
	struct err err;
	begin(&bench, "", 10);
	assert_true(driver_usb.status(&bench.device, &status, &err));
	assert_string_equal(status.uuid, "usb-1209-0c1a-at-1-2");
	end(&bench);
}

static void its_troubles_have_words_and_stop_it(void **state)
{
	(void)state;
	static const struct {
		const char *command, *code;
	} rows[] = {{"paper 0", "media-empty"}, {"error on", "printer-stopped"},
		{"offline on", "paused"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct bench bench;
		begin(&bench, "serial=AB12", 10);
		rig_line_do(bench.rig, rows[i].command);
		must_fail(&bench, REMEDY_ATTEND, rows[i].code);
		assert_int_equal(bench.rig->out_bytes, 0);
		assert_int_equal(bench.rig->at_sending, -1);
		end(&bench);
	}
}

static void nonsense_in_a_device_id_is_left_out(void **state)
{
	(void)state;
	static const char *const ids[] = {"", "\0", "\377\377MFG:a", "\0\004MFG:a;MDL:b;",
		"\0\020MFG:;MDL;;;:x;SN", "\0\016:::::::::::;", "MFG:a;MDL:b;MFG:\033[31m;SN:\n;"};
	static const size_t lengths[] = {0, 1, 7, 14, 16, 14, 30};
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		struct printer_id id;
		uint8_t *exact = mem_new(lengths[i], 1); /* so that a step beyond is seen */
		memcpy(exact, ids[i], lengths[i]);
		printer_id_read(exact, lengths[i], &id);
		assert_null(strchr(id.title, '\033'));
		free(exact);
	}
}

static void a_printer_that_does_not_know_the_question_is_believed_to_be_well(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, "serial=AB12 mute", 10);
	must_print(&bench);
	assert_true(came_out(&bench));
	end(&bench);
}

/* ---- handing over ---- */

static void the_tail_waits_for_the_mark(void **state)
{
	(void)state;
	static const char *const arguments[] = {"serial=AB12", "serial=AB12 protocol=1"};
	for (size_t i = 0; i < 2; i++) {
		struct bench bench;
		begin(&bench, arguments[i], 600);
		assert_true(bench.document.bytes > 3 * TAIL_BYTES);
		must_print(&bench);
		assert_int_equal(bench.rig->at_opened, -1);
		assert_int_equal(bench.rig->at_sending, 0);
		assert_int_equal(bench.rig->at_committed, bench.document.bytes - TAIL_BYTES);
		assert_int_equal(bench.rig->out_bytes, bench.document.bytes);
		assert_true(came_out(&bench));
		assert_int_equal(counted(&bench, "sheets="), 1);
		end(&bench);
	}
}

static void what_was_cut_off_is_forgotten_before_the_next_page(void **state)
{
	(void)state;
	static const char *const arguments[] = {"serial=AB12", "serial=AB12 first"};
	for (size_t i = 0; i < 2; i++) {
		struct bench bench;
		struct attempt attempt;
		struct err err;
		begin(&bench, arguments[i], 600);
		bench.rig->refuse_committed = true;
		assert_false(print(&bench, &attempt, &err));
		assert_int_equal(err.remedy, REMEDY_DROP);
		assert_int_equal(attempt.phase, PHASE_COMMITTED); /* asked, but never stored */
		attempt.phase = PHASE_SENDING;
		struct receipt receipt = must_confirm(&bench, &attempt);
		assert_int_equal(receipt.verdict, VERDICT_SPOILED);
		bench.rig->refuse_committed = false;
		must_print(&bench);
		assert_true(came_out(&bench));
		assert_int_equal(counted(&bench, "sheets="), 1);
		assert_int_equal(counted(&bench, "spoiled="), 1);
		end(&bench);
	}
}

static void nothing_is_sent_when_the_first_step_is_refused(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct err err;
	begin(&bench, "serial=AB12", 100);
	bench.rig->refuse_sending = true;
	assert_false(print(&bench, &attempt, &err));
	assert_int_equal(err.remedy, REMEDY_DROP);
	assert_int_equal(bench.rig->out_bytes, 0);
	attempt.phase = PHASE_PREPARED;
	assert_int_equal(must_confirm(&bench, &attempt).verdict, VERDICT_NOT_TAKEN);
	assert_int_equal(counted(&bench, "resets="), 0);
	end(&bench);
}

static void copies_are_refused(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt = {.key = "J1.1.1", .copies = 2};
	struct err err;
	begin(&bench, "serial=AB12", 10);
	struct send_hooks hooks = rig_line_hooks(bench.rig);
	assert_false(driver_usb.send(&bench.device, &attempt, &bench.document, &hooks, &err));
	assert_string_equal(err.code, "copies-refused");
	end(&bench);
}

/* Whatever happens where: below the mark no whole page exists and a reprint is right, above it the
 * driver is unsure, and it never claims a print. */
static void judge(struct bench *bench, bool fine, struct attempt *attempt, const struct err *err)
{
	bool refused = !fine && err->remedy == REMEDY_DROP;
	bool committed = bench->rig->at_committed >= 0 && !refused;
	if (refused && bench->rig->at_committed >= 0) { /* asked, and told to stop */
		assert_int_equal(bench->rig->out_bytes, bench->rig->at_committed);
		attempt->phase = PHASE_SENDING;
	}
	bench->rig->n_plans = 0;
	if (!fine) {
		assert_int_equal(came_out(bench) && !committed, false);
		assert_int_equal(err->remedy == REMEDY_UNSURE, committed);
	}
	rig_line_do(bench->rig, "plug");
	rig_line_do(bench->rig, "go");
	struct receipt receipt;
	struct err unheard;
	if (!driver_usb.confirm(&bench->device, attempt, &receipt, &unheard)) {
		assert_true(driver_usb.confirm(&bench->device, attempt, &receipt, &unheard));
	}
	assert_int_equal(receipt.evidence, EVIDENCE_NONE);
	assert_int_equal(receipt.verdict, committed                         ? VERDICT_UNKNOWN
					  : attempt->phase == PHASE_SENDING ? VERDICT_SPOILED
									    : VERDICT_NOT_TAKEN);
	if (!committed) {
		must_print(bench);
		assert_int_equal(counted(bench, "sheets="), 1);
		assert_true(came_out(bench));
	}
}

static void unplugged_at_any_byte_it_never_lies(void **state)
{
	(void)state;
	static const char *const words[] = {"unplug", "stop", "stall"};
	struct bench bench;
	begin(&bench, "serial=AB12", 300);
	int64_t bytes = bench.document.bytes;
	end(&bench);
	for (size_t w = 0; w < 3; w++) {
		for (int64_t at = 1; at < bytes; at += bytes / 23) {
			struct attempt attempt;
			struct err err = {.text = ""};
			begin(&bench, "serial=AB12", 300);
			rig_line_plan(bench.rig, RIG_AT_OUT_BYTE, at, words[w]);
			bool fine = print(&bench, &attempt, &err);
			judge(&bench, fine, &attempt, &err);
			end(&bench);
		}
	}
}

static void unplugged_at_any_call_it_never_lies(void **state)
{
	(void)state;
	int64_t calls = 1;
	for (int64_t at = 1; at <= calls; at++) {
		struct bench bench;
		struct attempt attempt;
		struct err err = {.text = ""};
		begin(&bench, "serial=AB12", 300);
		rig_line_plan(bench.rig, RIG_AT_CALL, at, "unplug");
		bool fine = print(&bench, &attempt, &err);
		calls = fine ? calls : at + 1;
		judge(&bench, fine, &attempt, &err);
		end(&bench);
	}
	assert_true(calls > 5);
}

/* ---- waiting ---- */

static void out_of_paper_in_the_middle_it_waits_and_says_so(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, "serial=AB12", 600);
	rig_line_plan(bench.rig, RIG_AT_OUT_BYTE, 200000, "paper 0");
	rig_line_plan(bench.rig, RIG_AT_MS, bench.rig->now_ms + 1800000, "paper 5");
	must_print(&bench);
	assert_true(came_out(&bench));
	assert_true(bench.rig->now_ms >= 1000000 + 1800000);
	assert_true(bench.rig->saw_any);
	assert_string_equal(bench.rig->saw.reasons[0], "media-empty");
	end(&bench);
}

static void a_printer_that_takes_nothing_and_says_nothing_is_given_up(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, "serial=AB12", 600);
	rig_line_plan(bench.rig, RIG_AT_OUT_BYTE, 100000, "silent on");
	must_fail(&bench, REMEDY_RETRY, "printer-stalled");
	assert_in_range(bench.rig->now_ms, 1000000 + 120000, 1000000 + 180000);
	end(&bench);
}

static void a_slow_printer_is_no_stalled_one(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, "serial=AB12 rate=1000", 300);
	must_print(&bench);
	assert_true(came_out(&bench));
	assert_true(bench.rig->now_ms > 1000000 + 300000); /* 5 minutes */
	end(&bench);
}

static void told_to_stop_it_does(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, "serial=AB12", 600);
	rig_line_plan(bench.rig, RIG_AT_OUT_BYTE, 100000, "paper 0");
	rig_line_plan(bench.rig, RIG_AT_MS, bench.rig->now_ms + 60000, "stop");
	must_fail(&bench, REMEDY_DROP, "stopped");
	assert_in_range(bench.rig->now_ms, 1000000 + 60000, 1000000 + 60200);
	end(&bench);
}

/* ---- what became of it ---- */

static void it_claims_no_print(void **state)
{
	(void)state;
	struct bench bench;
	struct attempt attempt;
	struct err err;
	begin(&bench, "serial=AB12 sheets=1", 100);
	bench.device.model.ms_per_print = 3600000;
	assert_true(print(&bench, &attempt, &err));
	assert_int_equal(must_confirm(&bench, &attempt).verdict, VERDICT_PENDING);
	bench.device.model.ms_per_print = 0;
	struct receipt receipt = must_confirm(&bench, &attempt); /* that was its last sheet */
	assert_int_equal(receipt.verdict, VERDICT_PENDING);
	assert_non_null(strstr(receipt.text, "media-empty"));
	rig_line_do(bench.rig, "paper 5");
	receipt = must_confirm(&bench, &attempt);
	assert_int_equal(receipt.verdict, VERDICT_UNKNOWN);
	assert_int_equal(receipt.evidence, EVIDENCE_NONE);
	assert_non_null(strstr(receipt.text, "look in the tray"));
	end(&bench);
}

static void one_that_came_back_is_spoken_to_over_a_new_line(void **state)
{
	(void)state;
	struct bench bench;
	struct device_status status;
	struct err err;
	begin(&bench, "serial=AB12", 10);
	assert_true(driver_usb.status(&bench.device, &status, &err));
	rig_line_do(bench.rig, "unplug");
	assert_false(driver_usb.status(&bench.device, &status, &err));
	assert_string_equal(err.code, "printer-absent");
	assert_int_equal(err.remedy, REMEDY_RETRY);
	rig_line_do(bench.rig, "plug");
	assert_true(driver_usb.status(&bench.device, &status, &err));
	assert_int_equal(bench.rig->opens, 2);
	end(&bench);
}

static void another_one_in_its_place_gets_nothing(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, "serial=CD34", 10);
	bench.device.uuid = "AB12";
	rig_line_serve(bench.rig, &bench.device);
	must_fail(&bench, REMEDY_ATTEND, "usb-serial");
	assert_int_equal(bench.rig->out_bytes, 0);
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_by_its_own_words),
		cmocka_unit_test(a_printer_without_a_serial_is_named_by_its_port),
		cmocka_unit_test(its_troubles_have_words_and_stop_it),
		cmocka_unit_test(nonsense_in_a_device_id_is_left_out),
		cmocka_unit_test(a_printer_that_does_not_know_the_question_is_believed_to_be_well),
		cmocka_unit_test(the_tail_waits_for_the_mark),
		cmocka_unit_test(what_was_cut_off_is_forgotten_before_the_next_page),
		cmocka_unit_test(nothing_is_sent_when_the_first_step_is_refused),
		cmocka_unit_test(copies_are_refused),
		cmocka_unit_test(unplugged_at_any_byte_it_never_lies),
		cmocka_unit_test(unplugged_at_any_call_it_never_lies),
		cmocka_unit_test(out_of_paper_in_the_middle_it_waits_and_says_so),
		cmocka_unit_test(a_printer_that_takes_nothing_and_says_nothing_is_given_up),
		cmocka_unit_test(a_slow_printer_is_no_stalled_one),
		cmocka_unit_test(told_to_stop_it_does),
		cmocka_unit_test(it_claims_no_print),
		cmocka_unit_test(one_that_came_back_is_spoken_to_over_a_new_line),
		cmocka_unit_test(another_one_in_its_place_gets_nothing),
	};
	return cmocka_run_group_tests_name("drivers/usbprint", tests, NULL, NULL);
}
