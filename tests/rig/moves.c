/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes, and devices that come and go, for a libusb program inside the rig; with scatter-gather and
 * without.
 */
#include "tests/rig/bench.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void fill(uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	}
}

static uint32_t hash_of(const uint8_t *bytes, size_t n)
{
	uint32_t hash = UINT32_C(2166136261);
	for (size_t i = 0; i < n; i++) {
		hash = (hash ^ bytes[i]) * UINT32_C(16777619);
	}
	return hash;
}

/* ---- bytes ---- */

static void what_is_sent_arrives_and_comes_back(void **state)
{
	struct bench *bench = *state;
	static uint8_t sent[1 << 20], got[200000];
	char hash[16], wanted[16];
	int moved;
	libusb_device_handle *handle = bench_sink(bench, 3, "MOVES");
	fill(sent, sizeof sent);
	assert_int_equal(
		libusb_bulk_transfer(handle, SINK_OUT, sent, sizeof sent, &moved, PATIENCE_MS), 0);
	assert_int_equal(moved, sizeof sent);
	bench_report(bench, 3, "hash", hash, sizeof hash);
	snprintf(wanted, sizeof wanted, "%08x", hash_of(sent, sizeof sent));
	assert_string_equal(hash, wanted);
	bench_say(bench, "dev 3 echo");
	assert_int_equal(
		libusb_bulk_transfer(handle, SINK_OUT, sent, 20000, &moved, PATIENCE_MS), 0);
	/* more room than there is: it ends short, however it was cut into URBs */
	assert_int_equal(
		libusb_bulk_transfer(handle, SINK_IN, got, sizeof got, &moved, PATIENCE_MS), 0);
	assert_int_equal(moved, 20000);
	assert_memory_equal(got, sent, 20000);
	assert_int_equal(libusb_bulk_transfer(handle, SINK_OUT, sent, 100, &moved, PATIENCE_MS), 0);
	assert_int_equal(
		libusb_bulk_transfer(handle, SINK_IN, got, sizeof got, &moved, PATIENCE_MS), 0);
	assert_int_equal(moved, 100);
	libusb_close(handle);
	bench_unplug(bench, 3);
}

static void a_cancelled_transfer_says_how_much_went(void **state)
{
	struct bench *bench = *state;
	static uint8_t bytes[100000];
	struct flight flight;
	libusb_device_handle *handle = bench_sink(bench, 3, "CANCEL");
	bench_say(bench, "dev 3 take 70001");
	assert_int_equal(flight_start(&flight, handle, SINK_OUT, bytes, sizeof bytes, 0), 0);
	assert_false(bench_wait_for(bench, &flight.is_over, 1, 50));
	assert_int_equal(libusb_cancel_transfer(flight.transfer), 0);
	assert_true(flight_land(bench, &flight));
	assert_int_equal(flight.transfer->status, LIBUSB_TRANSFER_CANCELLED);
	assert_int_equal(flight.transfer->actual_length, 70001);
	assert_int_equal(bench_number(bench, 3, "bytes"), 70001);
	flight_fini(&flight);
	assert_int_equal(flight_start(&flight, handle, SINK_IN, bytes, sizeof bytes, 100), 0);
	assert_true(flight_land(bench, &flight));
	assert_int_equal(flight.transfer->status, LIBUSB_TRANSFER_TIMED_OUT);
	flight_fini(&flight);
	libusb_close(handle);
	bench_unplug(bench, 3);
}

static void a_stalled_endpoint_halts_until_it_is_cleared(void **state)
{
	struct bench *bench = *state;
	int moved;
	libusb_device_handle *handle = bench_sink(bench, 3, "STALL");
	bench_say(bench, "dev 3 stall");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(libusb_bulk_transfer(
					 handle, SINK_OUT, (void *)"no", 2, &moved, PATIENCE_MS),
			LIBUSB_ERROR_PIPE);
	}
	assert_int_equal(libusb_clear_halt(handle, SINK_OUT), 0);
	assert_int_equal(
		libusb_bulk_transfer(handle, SINK_OUT, (void *)"yes", 3, &moved, PATIENCE_MS), 0);
	assert_int_equal(
		libusb_control_transfer(handle, 0xC0, 77, 0, 0, NULL, 0, 1000), LIBUSB_ERROR_PIPE);
	libusb_close(handle);
	bench_unplug(bench, 3);
}

static void sixteen_mebibytes_are_all_there_is(void **state)
{
	struct bench *bench = *state;
	static uint8_t bytes[1 << 20];
	struct flight flights[16];
	int n = 0, refused = 0;
	libusb_device_handle *handle = bench_sink(bench, 3, "MEMORY");
	bench_say(bench, "dev 3 take 0");
	while (n < 16 && refused == 0) {
		refused = flight_start(&flights[n++], handle, SINK_OUT, bytes, sizeof bytes, 0);
	}
	assert_int_equal(n, 16);
	bench_say(bench, "dev 3 take-all");
	for (int i = 0; i < n; i++) {
		if (i < n - 1) {
			assert_true(flight_land(bench, &flights[i]));
			assert_int_equal(flights[i].transfer->actual_length, sizeof bytes);
		} else if (refused == 0) {
			/* without scatter-gather a part of it had begun before it was refused */
			assert_true(flight_land(bench, &flights[i]));
			assert_int_equal(flights[i].transfer->status, LIBUSB_TRANSFER_ERROR);
		} else {
			assert_int_equal(refused, LIBUSB_ERROR_NO_MEM);
		}
		flight_fini(&flights[i]);
	}
	libusb_close(handle);
	bench_unplug(bench, 3);
}

static void a_slow_line_takes_its_time(void **state)
{
	struct bench *bench = *state;
	static uint8_t bytes[20000];
	int moved;
	libusb_device_handle *handle = bench_sink(bench, 3, "SLOW");
	bench_say(bench, "slow 3 100000");
	int64_t from_ms = bench_now_ms();
	assert_int_equal(
		libusb_bulk_transfer(handle, SINK_OUT, bytes, sizeof bytes, &moved, PATIENCE_MS),
		0);
	int64_t took_ms = bench_now_ms() - from_ms;
	assert_in_range(took_ms, 150, 1000);
	libusb_close(handle);
	bench_unplug(bench, 3);
}

/* ---- coming and going ---- */

static void a_device_cut_off_fails_what_is_in_flight(void **state)
{
	struct bench *bench = *state;
	static uint8_t bytes[200000], got[64];
	struct flight out, in;
	libusb_device_handle *handle = bench_sink(bench, 3, "CUT");
	int wanted = bench->n_left + 1;
	bench_say(bench, "cut 3 123456");
	assert_int_equal(flight_start(&in, handle, SINK_IN, got, sizeof got, 0), 0);
	assert_int_equal(flight_start(&out, handle, SINK_OUT, bytes, sizeof bytes, 0), 0);
	assert_true(flight_land(bench, &out) && flight_land(bench, &in));
	assert_int_equal(out.transfer->status, LIBUSB_TRANSFER_NO_DEVICE);
	assert_int_equal(in.transfer->status, LIBUSB_TRANSFER_NO_DEVICE);
	assert_true(bench_wait_for(bench, &bench->n_left, wanted, PATIENCE_MS));
	assert_int_equal(bench_number(bench, 3, "bytes"), 123456);
	assert_int_equal(libusb_control_transfer(handle, 0xC0, 1, 0, 0, got, 1, 1000),
		LIBUSB_ERROR_NO_DEVICE);
	flight_fini(&in);
	flight_fini(&out);
	libusb_close(handle);
}

static void a_device_keeps_its_serial_at_another_port(void **state)
{
	struct bench *bench = *state;
	int wanted = bench->n_arrived + 1, left = bench->n_left + 1;
	libusb_close(bench_sink(bench, 3, "MOVED"));
	wanted++;
	libusb_device *before = bench_find(bench, "MOVED");
	bench_say(bench, "port 3 1-9");
	assert_true(bench_wait_for(bench, &bench->n_arrived, wanted, PATIENCE_MS));
	assert_true(bench_wait_for(bench, &bench->n_left, left, PATIENCE_MS));
	libusb_device *after = bench_find(bench, "MOVED");
	assert_non_null(after);
	assert_int_equal(libusb_get_port_number(before), 3);
	assert_int_equal(libusb_get_port_number(after), 9);
	assert_int_not_equal(libusb_get_device_address(before), libusb_get_device_address(after));
	assert_int_equal(access("/sys/bus/usb/devices/1-3", F_OK), -1);
	libusb_unref_device(before);
	libusb_unref_device(after);
	bench_unplug(bench, 3);
}

static void twenty_times_in_and_out_are_all_told(void **state)
{
	struct bench *bench = *state;
	libusb_close(bench_sink(bench, 3, "OFTEN"));
	int arrived = bench->n_arrived;
	for (int i = 1; i <= 20; i++) {
		bench_unplug(bench, 3);
		bench_say(bench, "plug 3");
		assert_true(bench_wait_for(bench, &bench->n_arrived, arrived + i, PATIENCE_MS));
	}
	libusb_device_handle *handle = bench_device(bench, "OFTEN");
	assert_non_null(handle);
	libusb_close(handle);
	bench_unplug(bench, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_arrives_and_comes_back),
		cmocka_unit_test(a_cancelled_transfer_says_how_much_went),
		cmocka_unit_test(a_stalled_endpoint_halts_until_it_is_cleared),
		cmocka_unit_test(sixteen_mebibytes_are_all_there_is),
		cmocka_unit_test(a_slow_line_takes_its_time),
		cmocka_unit_test(a_device_cut_off_fails_what_is_in_flight),
		cmocka_unit_test(a_device_keeps_its_serial_at_another_port),
		cmocka_unit_test(twenty_times_in_and_out_are_all_told),
	};
	return cmocka_run_group_tests_name("moves", tests, bench_open, bench_close);
}
