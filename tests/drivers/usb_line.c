/* SPDX-License-Identifier: Apache-2.0
 *
 * The line over libusb, in the USB rig (docs/usb-rig.md): that all arrives, that what a device has
 * swallowed is told to the byte, that nothing waits for ever, and what each failure is called. With
 * scatter-gather and without.
 */
#include "base/clock.h"
#include "drivers/usb_line.h"
#include "tests/rig/bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICE   4
#define PORT     "1-4"
#define DOCUMENT (3 * 1024 * 1024 + 4321)

static const struct usb_wish sink = {0xFF, -1, true};

struct test { /* a device, and a line to it */
	struct bench *bench;
	struct usb_bus *bus;
	struct usb_line *line;
	int64_t stop_at_ms; /* 0: never */
	uint8_t *document;
};

static bool must_stop(void *host)
{
	const struct test *test = host;
	return test->stop_at_ms != 0 && clock_boot_ms() >= test->stop_at_ms;
}

static struct usb_line *open_line(
	struct test *test, const struct usb_wish *wish, int *taken, struct err *err)
{
	const struct usb_node node = {.fd = bench_node(test->bench, "LINE"),
		.port = PORT,
		.printer = "P1",
		.must_stop = must_stop,
		.host = test};
	assert_true(node.fd >= 0);
	return usb_line_open(test->bus, &node, wish, taken, err);
}

static void plug(struct test *test, struct bench *bench)
{
	struct err err = {.text = ""};
	int wanted = bench->n_arrived + 1;
	*test = (struct test){.bench = bench, .bus = usb_bus_open(&err)};
	assert_non_null(test->bus);
	bench_say(bench, "plug %d sink serial=LINE", DEVICE);
	assert_true(bench_wait_for(bench, &bench->n_arrived, wanted, PATIENCE_MS));
	test->document = malloc(DOCUMENT);
	assert_non_null(test->document);
	for (size_t i = 0; i < DOCUMENT; i++) {
		test->document[i] = (uint8_t)(i * 7 + (i >> 8));
	}
}

static void begin(struct test *test, void **state)
{
	struct err err = {.text = ""};
	int taken;
	plug(test, *state);
	test->line = open_line(test, &sink, &taken, &err);
	if (test->line == NULL) {
		fail_msg("%s: %s", err.code, err.text);
	}
}

static void end(struct test *test)
{
	if (test->line != NULL) {
		test->line->close(test->line);
	}
	usb_bus_close(test->bus);
	bench_say(test->bench, "unplug %d", DEVICE);
	free(test->document);
}

static bool out(struct test *test, size_t from, size_t n, int64_t patience_ms, size_t *taken,
	struct err *err)
{
	*err = (struct err){.text = ""};
	return test->line->out(test->line, test->document + from, n, patience_ms, taken, err);
}

static void must_arrive(struct test *test)
{
	char hash[16];
	char wanted[16];
	uint32_t sum = UINT32_C(2166136261);
	for (size_t i = 0; i < DOCUMENT; i++) {
		sum = (sum ^ test->document[i]) * UINT32_C(16777619);
	}
	snprintf(wanted, sizeof wanted, "%08x", sum);
	bench_report(test->bench, DEVICE, "hash", hash, sizeof hash);
	assert_string_equal(hash, wanted);
}

/* ---- bytes out ---- */

static void a_document_arrives_whole_and_the_device_says_who_it_is(void **state)
{
	struct test test;
	struct err err;
	size_t taken;
	begin(&test, state);
	const struct usb_identity *identity = &test.line->identity;
	assert_int_equal(identity->vendor, 0x1209);
	assert_int_equal(identity->product, 1);
	assert_string_equal(identity->manufacturer, "Platen");
	assert_string_equal(identity->title, "Rig sink \xC2\xB5");
	assert_string_equal(identity->serial, "LINE");
	assert_string_equal(identity->port, PORT);
	assert_int_equal(identity->interface_class, 0xFF);
	assert_true(out(&test, 0, DOCUMENT, PATIENCE_MS, &taken, &err));
	assert_int_equal(taken, DOCUMENT);
	must_arrive(&test);
	end(&test);
}

static void what_a_stalled_device_took_is_told_to_the_byte_and_goes_on_from_there(void **state)
{
	struct test test;
	struct err err;
	size_t taken;
	size_t more;
	begin(&test, state);
	bench_say(test.bench, "dev %d take 700001", DEVICE);
	assert_false(out(&test, 0, DOCUMENT, 300, &taken, &err));
	assert_string_equal(err.code, "printer-stalled");
	assert_int_equal(err.remedy, REMEDY_RETRY);
	assert_int_equal(taken, 700001);
	assert_int_equal(bench_number(test.bench, DEVICE, "bytes"), 700001);
	bench_say(test.bench, "dev %d take-all", DEVICE);
	assert_true(out(&test, taken, DOCUMENT - taken, 300, &more, &err));
	must_arrive(&test);
	end(&test);
}

static void a_device_that_creeps_is_not_stalled(void **state)
{
	struct test test;
	struct err err;
	size_t taken;
	begin(&test, state);
	bench_say(test.bench, "slow %d 50000", DEVICE);
	int64_t since_ms = clock_boot_ms();
	assert_true(out(&test, 0, 60000, 300, &taken, &err)); /* one piece, longer than that */
	assert_true(clock_boot_ms() - since_ms > 600);
	assert_int_equal(taken, 60000);
	assert_int_equal(bench_number(test.bench, DEVICE, "bytes"), 60000);
	end(&test);
}

static void told_to_stop_it_does_within_a_moment(void **state)
{
	struct test test;
	struct err err;
	size_t taken;
	begin(&test, state);
	bench_say(test.bench, "dev %d take 100000", DEVICE);
	test.stop_at_ms = clock_boot_ms() + 300;
	assert_false(out(&test, 0, DOCUMENT, 60000, &taken, &err));
	assert_int_equal(err.remedy, REMEDY_DROP);
	assert_in_range(clock_boot_ms() - test.stop_at_ms, 0, 1000);
	assert_int_equal(taken, 100000);
	test.stop_at_ms = 0;
	end(&test);
}

static void unplugged_the_count_is_honest_and_all_else_absent(void **state)
{
	struct test test;
	struct err err;
	size_t taken;
	uint8_t byte;
	begin(&test, state);
	bench_say(test.bench, "cut %d 1234567", DEVICE);
	assert_false(out(&test, 0, DOCUMENT, PATIENCE_MS, &taken, &err));
	assert_string_equal(err.code, "printer-absent");
	assert_int_equal(err.remedy, REMEDY_RETRY);
	assert_int_equal(taken, 1234567);
	assert_int_equal(bench_number(test.bench, DEVICE, "bytes"), 1234567);
	assert_false(out(&test, 0, 10, PATIENCE_MS, &taken, &err));
	assert_string_equal(err.code, "printer-absent");
	assert_false(test.line->in(test.line, &byte, 1, PATIENCE_MS, &taken, &err));
	assert_string_equal(err.code, "printer-absent");
	assert_false(test.line->reset(test.line, &err));
	assert_string_equal(err.code, "printer-absent");
	test.line->close(test.line);
	test.line = NULL;
	bench_say(test.bench, "plug %d", DEVICE);
	end(&test);
}

static void a_refusal_is_cleared_and_the_next_call_goes(void **state)
{
	struct test test;
	struct err err;
	size_t taken;
	begin(&test, state);
	bench_say(test.bench, "dev %d stall", DEVICE);
	assert_false(out(&test, 0, DOCUMENT, PATIENCE_MS, &taken, &err));
	assert_string_equal(err.code, "usb");
	assert_int_equal(taken, bench_number(test.bench, DEVICE, "bytes"));
	if (!out(&test, 0, 1000, PATIENCE_MS, &taken, &err)) {
		fail_msg("%s: %s", err.code, err.text);
	}
	end(&test);
}

/* Others have the 16 MiB that the kernel has for all of USB. */
static void no_memory_in_the_kernel_is_waited_for(void **state)
{
	enum { PIECE = 64 * 1024, PIECES = 16 * 16 };
	static uint8_t piece[PIECE];
	static struct flight flights[PIECES];
	struct test test;
	struct err err;
	size_t taken;
	int n = 0;
	begin(&test, state);
	libusb_device_handle *other = bench_sink(test.bench, 5, "OTHER");
	bench_say(test.bench, "dev 5 take 0");
	while (n < PIECES &&
		flight_start(&flights[n], other, SINK_OUT, piece, sizeof piece, 0) == 0) {
		n++;
	}
	flight_fini(&flights[n < PIECES ? n : 0]);
	assert_true(n < PIECES); /* no more than that, with what each costs besides */
	test.stop_at_ms = clock_boot_ms() + 700;
	assert_false(out(&test, 0, 200000, 200, &taken, &err));
	assert_int_equal(err.remedy, REMEDY_DROP); /* not stalled: it waited until it was told */
	assert_int_equal(taken, bench_number(test.bench, DEVICE, "bytes"));
	test.stop_at_ms = 0;
	while (n-- > 0) {
		libusb_cancel_transfer(flights[n].transfer);
		assert_true(flight_land(test.bench, &flights[n]));
		flight_fini(&flights[n]);
	}
	libusb_close(other);
	bench_unplug(test.bench, 5);
	assert_true(out(&test, 0, 200000, 1000, &taken, &err));
	end(&test);
}

/* ---- bytes in, and requests ---- */

static void an_answer_is_given_in_pieces_as_large_as_the_room(void **state)
{
	struct test test;
	struct err err;
	uint8_t got[2000];
	size_t n;
	begin(&test, state);
	assert_false(test.line->in(test.line, got, sizeof got, 100, &n, &err));
	assert_string_equal(err.code, "printer-stalled");
	bench_say(test.bench, "dev %d echo", DEVICE);
	assert_true(out(&test, 0, 700, PATIENCE_MS, &n, &err));
	assert_true(test.line->in(test.line, got, 8, PATIENCE_MS, &n, &err));
	assert_int_equal(n, 8);
	size_t all = n;
	while (all < 700) {
		assert_true(test.line->in(
			test.line, got + all, sizeof got - all, PATIENCE_MS, &n, &err));
		all += n;
	}
	assert_int_equal(all, 700);
	assert_memory_equal(got, test.document, 700);
	test.stop_at_ms = clock_boot_ms() + 100;
	assert_false(test.line->in(test.line, got, sizeof got, 60000, &n, &err));
	assert_int_equal(err.remedy, REMEDY_DROP);
	test.stop_at_ms = 0;
	end(&test);
}

static void requests_go_both_ways_and_an_unknown_one_is_told(void **state)
{
	struct test test;
	struct err err;
	char note[8] = "a note";
	size_t n = 6;
	const struct usb_setup keep = {0x40, 1, 0, 0};
	const struct usb_setup give = {0xC0, 1, 0, 0};
	const struct usb_setup unknown = {0xC0, 99, 0, 0};
	begin(&test, state);
	assert_true(test.line->control(test.line, &keep, note, &n, PATIENCE_MS, &err));
	memset(note, 0, sizeof note);
	n = sizeof note;
	assert_true(test.line->control(test.line, &give, note, &n, PATIENCE_MS, &err));
	assert_int_equal(n, 6);
	assert_string_equal(note, "a note");
	n = sizeof note;
	assert_false(test.line->control(test.line, &unknown, note, &n, PATIENCE_MS, &err));
	assert_string_equal(err.code, "usb-stall");
	assert_int_equal(err.remedy, REMEDY_REJECT);
	assert_true(test.line->reset(test.line, &err));
	assert_true(bench_number(test.bench, DEVICE, "resets") > 0);
	assert_true(out(&test, 0, 1000, PATIENCE_MS, &n, &err));
	end(&test);
}

/* ---- whose it is ---- */

static void a_taken_interface_is_told_with_its_number(void **state)
{
	struct test test;
	struct err err;
	int taken;
	plug(&test, *state);
	libusb_device_handle *other = bench_device(test.bench, "LINE");
	assert_int_equal(libusb_claim_interface(other, 0), 0);
	assert_null(open_line(&test, &sink, &taken, &err));
	assert_string_equal(err.code, "usb-taken");
	assert_int_equal(err.remedy, REMEDY_ATTEND);
	assert_int_equal(taken, 0);
	libusb_close(other);
	test.line = open_line(&test, &sink, &taken, &err);
	assert_non_null(test.line);
	end(&test);
}

static void the_wish_picks_the_interface(void **state)
{
	struct test test;
	struct err err;
	int taken;
	size_t n;
	uint8_t byte;
	const struct usb_wish printer = {7, 1, false};
	const struct usb_wish two_way = {7, -1, true};
	plug(&test, *state);
	assert_null(open_line(&test, &two_way, &taken, &err));
	assert_string_equal(err.code, "usb-interface");
	test.line = open_line(&test, &printer, &taken, &err);
	assert_non_null(test.line);
	assert_int_equal(test.line->identity.interface, 1);
	assert_int_equal(test.line->identity.interface_protocol, 1);
	assert_false(test.line->in(test.line, &byte, 1, PATIENCE_MS, &n, &err));
	assert_string_equal(err.code, "usb");
	end(&test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_arrives_whole_and_the_device_says_who_it_is),
		cmocka_unit_test(
			what_a_stalled_device_took_is_told_to_the_byte_and_goes_on_from_there),
		cmocka_unit_test(a_device_that_creeps_is_not_stalled),
		cmocka_unit_test(told_to_stop_it_does_within_a_moment),
		cmocka_unit_test(unplugged_the_count_is_honest_and_all_else_absent),
		cmocka_unit_test(a_refusal_is_cleared_and_the_next_call_goes),
		cmocka_unit_test(no_memory_in_the_kernel_is_waited_for),
		cmocka_unit_test(an_answer_is_given_in_pieces_as_large_as_the_room),
		cmocka_unit_test(requests_go_both_ways_and_an_unknown_one_is_told),
		cmocka_unit_test(a_taken_interface_is_told_with_its_number),
		cmocka_unit_test(the_wish_picks_the_interface),
	};
	return cmocka_run_group_tests_name("drivers/usb_line", tests, bench_open, bench_close);
}
