/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests that run inside the rig: its control socket, and an ordinary libusb program's doings.
 */
#pragma once
#include <libusb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define SINK_OUT    0x01
#define SINK_IN     0x82
#define PATIENCE_MS 3000

struct bench {
	int rig; /* control socket */
	libusb_context *usb;
	libusb_hotplug_callback_handle hotplug;
	int n_arrived, n_left; /* told by uevents */
};

struct flight { /* one bulk transfer */
	struct libusb_transfer *transfer;
	int is_over;
};

int bench_open(void **state); /* of a cmocka group */
int bench_close(void **state);
int64_t bench_now_ms(void);
/* Says it to the rig; a refusal fails the test. */
void bench_say(struct bench *bench, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line KEY=VALUE of a device's report. */
void bench_report(struct bench *bench, int device, const char *key, char *value, size_t size);
int64_t bench_number(struct bench *bench, int device, const char *key);
/* The device with that serial; NULL when there is none. To be unreferenced, or closed. */
libusb_device *bench_find(struct bench *bench, const char *serial);
libusb_device_handle *bench_device(struct bench *bench, const char *serial);
/* A new sink N of that serial, opened and its interface 0 claimed. */
libusb_device_handle *bench_sink(struct bench *bench, int number, const char *serial);
/* Out, and until that is told. */
void bench_unplug(struct bench *bench, int number);
/* Its node, opened. */
int bench_node(struct bench *bench, const char *serial);
/* Handles events until it counts so many. False: it never did. */
bool bench_wait_for(struct bench *bench, const int *count, int wanted, int64_t patience_ms);

/* 0, or libusb's error. Without a timeout when that is 0. */
int flight_start(struct flight *flight, libusb_device_handle *device, uint8_t endpoint, void *bytes,
	int n, unsigned timeout_ms);
bool flight_land(struct bench *bench, struct flight *flight); /* until it is over */
void flight_fini(struct flight *flight);
