/* SPDX-License-Identifier: Apache-2.0
 *
 * An ordinary libusb program's doings.
 */
#include "tests/rig/bench.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/rig/control.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX 4000

int64_t bench_now_ms(void)
{
	return clock_boot_ms();
}

static void read_serial(libusb_device *device, char *serial, size_t size)
{
	struct libusb_device_descriptor told;
	libusb_device_handle *handle;
	serial[0] = '\0';
	libusb_get_device_descriptor(device, &told);
	if (told.bDeviceClass != LIBUSB_CLASS_HUB && libusb_open(device, &handle) == 0) {
		libusb_get_string_descriptor_ascii(
			handle, told.iSerialNumber, (unsigned char *)serial, (int)size);
		libusb_close(handle);
	}
}

/* It may not talk to the device: only count. */
static int on_hotplug(
	libusb_context *usb, libusb_device *device, libusb_hotplug_event event, void *own)
{
	struct bench *bench = own;
	(void)usb;
	(void)device;
	if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED) {
		bench->n_arrived++;
	} else {
		bench->n_left++;
	}
	return 0;
}

int bench_open(void **state)
{
	const char *path = getenv(CONTROL_ENVIRONMENT);
	struct bench *bench = mem_new(1, sizeof *bench);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	if (path == NULL) {
		fprintf(stderr, "this runs in the rig: usbrig -- PROGRAM\n");
		return -1;
	}
	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	bench->rig = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	*state = bench;
	return connect(bench->rig, (struct sockaddr *)&at, sizeof at) == 0 &&
			       libusb_init(&bench->usb) == 0 &&
			       libusb_hotplug_register_callback(bench->usb,
				       LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED |
					       LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
				       0, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
				       LIBUSB_HOTPLUG_MATCH_ANY, on_hotplug, bench,
				       &bench->hotplug) == 0
		       ? 0
		       : -1;
}

int bench_close(void **state)
{
	struct bench *bench = *state;
	libusb_exit(bench->usb);
	close(bench->rig);
	free(bench);
	return 0;
}

static void ask(struct bench *bench, const char *line, char *answer, size_t size)
{
	assert_int_equal(send(bench->rig, line, strlen(line), MSG_NOSIGNAL), strlen(line));
	ssize_t n = recv(bench->rig, answer, size - 1, 0);
	assert_true(n > 0);
	answer[n] = '\0';
}

void bench_say(struct bench *bench, const char *format, ...)
{
	char line[200], answer[ANSWER_MAX];
	va_list words;
	va_start(words, format);
	vsnprintf(line, sizeof line, format, words);
	va_end(words);
	ask(bench, line, answer, sizeof answer);
	if (strncmp(answer, "ok", 2) != 0) {
		fail_msg("%s: %s", line, answer);
	}
}

void bench_report(struct bench *bench, int device, const char *key, char *value, size_t size)
{
	char line[40], answer[ANSWER_MAX], wanted[40];
	snprintf(line, sizeof line, "report %d", device);
	ask(bench, line, answer, sizeof answer);
	snprintf(wanted, sizeof wanted, "\n%s=", key);
	const char *at = strstr(answer, wanted);
	assert_non_null(at);
	at += strlen(wanted);
	snprintf(value, size, "%.*s", (int)strcspn(at, "\n"), at);
}

int64_t bench_number(struct bench *bench, int device, const char *key)
{
	char value[40];
	bench_report(bench, device, key, value, sizeof value);
	return strtoll(value, NULL, 10);
}

libusb_device *bench_find(struct bench *bench, const char *serial)
{
	libusb_device **devices, *found = NULL;
	ssize_t n = libusb_get_device_list(bench->usb, &devices);
	for (ssize_t i = 0; i < n && found == NULL; i++) {
		char own[64];
		read_serial(devices[i], own, sizeof own);
		found = strcmp(own, serial) == 0 ? libusb_ref_device(devices[i]) : NULL;
	}
	libusb_free_device_list(devices, 1);
	return found;
}

libusb_device_handle *bench_device(struct bench *bench, const char *serial)
{
	libusb_device *device = bench_find(bench, serial);
	libusb_device_handle *handle = NULL;
	if (device != NULL) {
		assert_int_equal(libusb_open(device, &handle), 0);
		libusb_unref_device(device);
	}
	return handle;
}

libusb_device_handle *bench_sink(struct bench *bench, int number, const char *serial)
{
	int wanted = bench->n_arrived + 1;
	bench_say(bench, "plug %d sink serial=%s", number, serial);
	assert_true(bench_wait_for(bench, &bench->n_arrived, wanted, PATIENCE_MS));
	libusb_device_handle *handle = bench_device(bench, serial);
	assert_non_null(handle);
	assert_int_equal(libusb_claim_interface(handle, 0), 0);
	return handle;
}

void bench_unplug(struct bench *bench, int number)
{
	int wanted = bench->n_left + 1;
	bench_say(bench, "unplug %d", number);
	assert_true(bench_wait_for(bench, &bench->n_left, wanted, PATIENCE_MS));
}

bool bench_wait_for(struct bench *bench, const int *count, int wanted, int64_t patience_ms)
{
	int64_t end_ms = bench_now_ms() + patience_ms;
	while (*count < wanted && bench_now_ms() < end_ms) {
		struct timeval a_moment = {.tv_usec = 10000};
		libusb_handle_events_timeout(bench->usb, &a_moment);
	}
	return *count >= wanted;
}

static void LIBUSB_CALL on_over(struct libusb_transfer *transfer)
{
	struct flight *flight = transfer->user_data;
	flight->is_over = 1;
}

int flight_start(struct flight *flight, libusb_device_handle *device, uint8_t endpoint, void *bytes,
	int n, unsigned timeout_ms)
{
	*flight = (struct flight){.transfer = libusb_alloc_transfer(0)};
	libusb_fill_bulk_transfer(
		flight->transfer, device, endpoint, bytes, n, on_over, flight, timeout_ms);
	return libusb_submit_transfer(flight->transfer);
}

bool flight_land(struct bench *bench, struct flight *flight)
{
	return bench_wait_for(bench, &flight->is_over, 1, PATIENCE_MS);
}

void flight_fini(struct flight *flight)
{
	libusb_free_transfer(flight->transfer);
	flight->transfer = NULL;
}

int bench_node(struct bench *bench, const char *serial)
{
	char path[64];
	libusb_device *device = bench_find(bench, serial);
	assert_non_null(device);
	snprintf(path, sizeof path, "/dev/bus/usb/%03d/%03d", libusb_get_bus_number(device),
		libusb_get_device_address(device));
	libusb_unref_device(device);
	return open(path, O_RDWR | O_CLOEXEC);
}
