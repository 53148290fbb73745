/* SPDX-License-Identifier: Apache-2.0
 *
 * The rig's nodes, by ioctl and poll: what libusb does not show, or hides.
 */
#include "tests/rig/bench.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* A new sink 3 and its node, claimed; closed by `leave`. */
static int enter(struct bench *bench, const char *serial)
{
	unsigned interface = 0;
	libusb_close(bench_sink(bench, 3, serial));
	int node = bench_node(bench, serial);
	assert_true(node >= 0);
	assert_int_equal(ioctl(node, USBDEVFS_CLAIMINTERFACE, &interface), 0);
	return node;
}

static void leave(struct bench *bench, int node, bool is_plugged)
{
	close(node);
	if (is_plugged) {
		bench_unplug(bench, 3);
	}
}

static int bulk(int node, uint8_t endpoint, void *bytes, unsigned n, unsigned timeout_ms)
{
	struct usbdevfs_bulktransfer asked = {
		.ep = endpoint, .len = n, .timeout = timeout_ms, .data = bytes};
	return ioctl(node, USBDEVFS_BULK, &asked);
}

static void fill_urb(struct usbdevfs_urb *urb, uint8_t endpoint, unsigned flags, void *bytes, int n)
{
	memset(urb, 0, sizeof *urb);
	urb->type = USBDEVFS_URB_TYPE_BULK;
	urb->endpoint = endpoint;
	urb->flags = flags;
	urb->buffer = bytes;
	urb->buffer_length = n;
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void alarm_in(int ms)
{
	const struct sigaction action = {.sa_handler = on_alarm}; /* without SA_RESTART */
	const struct itimerval timer = {.it_value.tv_usec = ms * 1000};
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* Another process says it to the rig after a while. */
static pid_t say_in(struct bench *bench, int ms, const char *words)
{
	pid_t pid = fork();
	if (pid == 0) {
		usleep((useconds_t)ms * 1000);
		bench_say(bench, "%s", words);
		_exit(0);
	}
	return pid;
}

static void a_signal_ends_a_call_that_waits(void **state)
{
	uint8_t byte;
	int node = enter(*state, "SIGNAL");
	alarm_in(50);
	assert_int_equal(bulk(node, SINK_IN, &byte, 1, 0), -1);
	assert_int_equal(errno, EINTR);
	void *reaped;
	alarm_in(50);
	assert_int_equal(ioctl(node, USBDEVFS_REAPURB, &reaped), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(bulk(node, SINK_OUT, &byte, 1, 1000), 1);
	leave(*state, node, true);
}

static void a_call_that_waits_too_long_times_out(void **state)
{
	uint8_t byte;
	int node = enter(*state, "LATE");
	int64_t from_ms = bench_now_ms();
	assert_int_equal(bulk(node, SINK_IN, &byte, 1, 100), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_in_range(bench_now_ms() - from_ms, 100, 1000);
	leave(*state, node, true);
}

static void a_killed_process_does_not_hang_in_a_call(void **state)
{
	int status, node = enter(*state, "HANG");
	pid_t pid = fork();
	if (pid == 0) {
		uint8_t byte;
		bulk(node, SINK_IN, &byte, 1, 0);
		_exit(1);
	}
	usleep(50000);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	leave(*state, node, true);
}

static void an_urb_in_flight_is_reaped_after_the_device_has_gone(void **state)
{
	uint8_t bytes[8];
	void *reaped = NULL;
	struct usbdevfs_urb urb;
	int node = enter(*state, "GONE");
	fill_urb(&urb, SINK_IN, 0, bytes, sizeof bytes);
	assert_int_equal(ioctl(node, USBDEVFS_SUBMITURB, &urb), 0);
	assert_int_equal(ioctl(node, USBDEVFS_REAPURBNDELAY, &reaped), -1);
	assert_int_equal(errno, EAGAIN);
	pid_t other = say_in(*state, 50, "unplug 3");
	assert_int_equal(ioctl(node, USBDEVFS_REAPURB, &reaped), 0);
	waitpid(other, NULL, 0);
	assert_ptr_equal(reaped, &urb);
	assert_int_equal(urb.status, -ESHUTDOWN);
	assert_int_equal(ioctl(node, USBDEVFS_REAPURB, &reaped), -1);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(ioctl(node, USBDEVFS_SUBMITURB, &urb), -1);
	assert_int_equal(errno, ENODEV);
	leave(*state, node, false);
}

static void a_thread_that_waits_to_reap_is_told_that_the_device_has_gone(void **state)
{
	void *reaped;
	int node = enter(*state, "WAIT");
	pid_t other = say_in(*state, 50, "unplug 3");
	assert_int_equal(ioctl(node, USBDEVFS_REAPURB, &reaped), -1);
	assert_int_equal(errno, ENODEV);
	waitpid(other, NULL, 0);
	leave(*state, node, false);
}

static void poll_tells_of_urbs_and_of_the_end(void **state)
{
	uint8_t bytes[8] = {0};
	void *reaped;
	struct usbdevfs_urb urb;
	int node = enter(*state, "POLL");
	fill_urb(&urb, SINK_OUT, 0, bytes, sizeof bytes);
	struct pollfd polled = {.fd = node, .events = POLLOUT};
	assert_int_equal(poll(&polled, 1, 0), 0);
	bench_say(*state, "dev 3 take 0");
	assert_int_equal(ioctl(node, USBDEVFS_SUBMITURB, &urb), 0);
	assert_int_equal(poll(&polled, 1, 0), 0);
	pid_t other = say_in(*state, 50, "dev 3 take-all");
	assert_int_equal(poll(&polled, 1, PATIENCE_MS), 1);
	assert_int_equal(polled.revents, POLLOUT);
	waitpid(other, NULL, 0);
	assert_int_equal(ioctl(node, USBDEVFS_REAPURB, &reaped), 0);
	assert_int_equal(urb.actual_length, sizeof bytes);
	other = say_in(*state, 50, "unplug 3");
	assert_int_equal(poll(&polled, 1, PATIENCE_MS), 1);
	assert_int_equal(polled.revents, POLLERR | POLLHUP);
	waitpid(other, NULL, 0);
	leave(*state, node, false);
}

static void a_short_piece_ends_the_pieces_behind_it(void **state)
{
	uint8_t bytes[3][512];
	struct usbdevfs_urb urbs[3], *reaped;
	int node = enter(*state, "CHAIN");
	for (int i = 0; i < 3; i++) {
		unsigned flags = (i > 0 ? USBDEVFS_URB_BULK_CONTINUATION : 0) |
				 (i < 2 ? USBDEVFS_URB_SHORT_NOT_OK : 0);
		fill_urb(&urbs[i], SINK_IN, flags, bytes[i], sizeof bytes[i]);
		assert_int_equal(ioctl(node, USBDEVFS_SUBMITURB, &urbs[i]), 0);
	}
	bench_say(*state, "dev 3 echo");
	assert_int_equal(bulk(node, SINK_OUT, (void *)"short", 5, 1000), 5);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ioctl(node, USBDEVFS_REAPURB, &reaped), 0);
		assert_ptr_equal(reaped, &urbs[i]);
		assert_int_equal(urbs[i].status, i == 0 ? -EREMOTEIO : -ECONNRESET);
	}
	assert_int_equal(urbs[0].actual_length, 5);
	assert_int_equal(ioctl(node, USBDEVFS_SUBMITURB, &urbs[1]), -1);
	assert_int_equal(errno, EREMOTEIO);
	leave(*state, node, true);
}

static void a_node_opened_for_reading_shows_descriptors_only(void **state)
{
	uint8_t bytes[100];
	char path[40], target[64] = "";
	uint32_t able;
	int node = enter(*state, "READ");
	snprintf(path, sizeof path, "/proc/self/fd/%d", node);
	assert_true(readlink(path, target, sizeof target - 1) > 0);
	int reader = open(target, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(reader, bytes, sizeof bytes), 18 + 48);
	assert_int_equal(lseek(reader, 0, SEEK_SET), 0);
	assert_int_equal(read(reader, bytes, 18), 18);
	assert_int_equal(ioctl(reader, USBDEVFS_GET_CAPABILITIES, &able), -1);
	assert_int_equal(errno, EPERM);
	close(reader);
	leave(*state, node, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_ends_a_call_that_waits),
		cmocka_unit_test(a_call_that_waits_too_long_times_out),
		cmocka_unit_test(a_killed_process_does_not_hang_in_a_call),
		cmocka_unit_test(an_urb_in_flight_is_reaped_after_the_device_has_gone),
		cmocka_unit_test(a_thread_that_waits_to_reap_is_told_that_the_device_has_gone),
		cmocka_unit_test(poll_tells_of_urbs_and_of_the_end),
		cmocka_unit_test(a_short_piece_ends_the_pieces_behind_it),
		cmocka_unit_test(a_node_opened_for_reading_shows_descriptors_only),
	};
	return cmocka_run_group_tests_name("node", tests, bench_open, bench_close);
}
