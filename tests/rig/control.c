/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of commands. All of them name a device first.
 */
#include "tests/rig/control.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1000

struct order {
	struct bus *bus;
	int number;
	const char *words; /* after the number; "" for none */
	int64_t now_ms;
	struct buf *report;
};

static bool number_of(const char *words, const char *what, int64_t *number, struct err *err)
{
	return text_to_int(words, 0, INT32_MAX, number) ||
	       err_set(err, REMEDY_REJECT, "words", "\"%s\" is no number of %s", words, what);
}

static bool do_plug(const struct order *order, struct err *err)
{
	return order->words[0] == '\0'
		       ? bus_plug(order->bus, order->number, order->now_ms, err)
		       : bus_make(order->bus, order->number, order->words, order->now_ms, err);
}

static bool do_unplug(const struct order *order, struct err *err)
{
	return bus_unplug(order->bus, order->number, err);
}

static bool do_port(const struct order *order, struct err *err)
{
	return bus_move(order->bus, order->number, order->words, order->now_ms, err);
}

static bool do_dev(const struct order *order, struct err *err)
{
	struct device *device = bus_device(order->bus, order->number, err);
	if (device == NULL) {
		return false;
	}
	if (device->model->command == NULL ||
		!device->model->command(device->own, order->words, order->now_ms)) {
		return err_set(err, REMEDY_REJECT, "words",
			"the model %s does not understand \"%s\"", device->model->name,
			order->words);
	}
	device_turn(device, order->now_ms);
	return true;
}

static bool do_report(const struct order *order, struct err *err)
{
	const struct device *device = bus_device(order->bus, order->number, err);
	if (device == NULL) {
		return false;
	}
	if (device->model->report == NULL) {
		return err_set(err, REMEDY_REJECT, "words", "the model %s has no report",
			device->model->name);
	}
	int n = device->model->report(device->own, NULL, 0);
	char *text = mem_new((size_t)n + 1, 1);
	device->model->report(device->own, text, (size_t)n + 1);
	buf_text(order->report, text);
	free(text);
	return true;
}

static bool do_cut(const struct order *order, struct err *err)
{
	struct device *device = bus_device(order->bus, order->number, err);
	int64_t bytes;
	if (device == NULL || !number_of(order->words, "bytes", &bytes, err)) {
		return false;
	}
	device_cut(device, bytes);
	return true;
}

static bool do_slow(const struct order *order, struct err *err)
{
	struct device *device = bus_device(order->bus, order->number, err);
	int64_t bytes_per_s;
	if (device == NULL || !number_of(order->words, "bytes a second", &bytes_per_s, err)) {
		return false;
	}
	device_slow(device, bytes_per_s, order->now_ms);
	return true;
}

static const struct {
	const char *word;
	bool (*act)(const struct order *order, struct err *err);
} commands[] = {
	{"plug", do_plug},
	{"unplug", do_unplug},
	{"port", do_port},
	{"dev", do_dev},
	{"report", do_report},
	{"cut", do_cut},
	{"slow", do_slow},
};

/* The next word, with the blank after it skipped; "" at the end. */
static const char *take_word(const char *at, char *word, size_t size)
{
	size_t n = strcspn(at, " ");
	snprintf(word, size, "%.*s", (int)n, at);
	return at + n + strspn(at + n, " ");
}

static bool act(struct order *order, const char *line, struct err *err)
{
	char verb[20], number[20];
	int64_t device = 0;
	const char *rest = take_word(line, verb, sizeof verb);
	order->words = take_word(rest, number, sizeof number);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(commands[i].word, verb) != 0) {
			continue;
		}
		if (!number_of(number, "a device", &device, err)) {
			return false;
		}
		order->number = (int)device;
		return commands[i].act(order, err);
	}
	return err_set(err, REMEDY_REJECT, "words", "\"%s\" is no command of the rig", verb);
}

void control_do(struct bus *bus, const char *line, int64_t now_ms, struct buf *answer)
{
	struct err err;
	struct buf report = {0};
	struct order order = {.bus = bus, .now_ms = now_ms, .report = &report};
	if (!act(&order, line, &err)) {
		buf_print(answer, "no %s", err.text);
	} else {
		buf_text(answer, report.len > 0 ? "ok\n" : "ok");
		buf_text(answer, buf_get(&report));
	}
	buf_fini(&report);
}

/* ---- the socket ---- */

bool control_open(struct control *control, struct bus *bus, struct err *err)
{
	const struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = CONTROL_PATH};
	control->bus = bus;
	control->n_callers = 0;
	control->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return (control->listener >= 0 &&
		       bind(control->listener, (const struct sockaddr *)&at, sizeof at) == 0 &&
		       listen(control->listener, CONTROL_CALLERS) == 0) ||
	       err_set(err, REMEDY_FATAL, "control", "%s: %s", CONTROL_PATH, strerror(errno));
}

void control_close(struct control *control)
{
	fds_close(control->callers, control->n_callers);
	fd_close(control->listener);
}

size_t control_poll(const struct control *control, struct pollfd *polled)
{
	size_t n = 0;
	for (; n < control->n_callers; n++) {
		polled[n] = (struct pollfd){.fd = control->callers[n], .events = POLLIN};
	}
	polled[n++] = (struct pollfd){.fd = control->listener,
		.events = control->n_callers < CONTROL_CALLERS ? POLLIN : 0};
	return n;
}

static void hang_up(struct control *control, int fd)
{
	for (size_t i = 0; i < control->n_callers; i++) {
		if (control->callers[i] == fd) {
			control->callers[i] = control->callers[--control->n_callers];
			break;
		}
	}
	fd_close(fd);
}

static void answer(struct control *control, int fd, int64_t now_ms)
{
	char line[LINE_MAX_BYTES];
	ssize_t n = recv(fd, line, sizeof line - 1, 0);
	if (n <= 0) {
		hang_up(control, fd);
		return;
	}
	struct buf text = {0};
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	control_do(control->bus, line, now_ms, &text);
	if (send(fd, text.bytes, text.len, MSG_NOSIGNAL) < 0) {
		hang_up(control, fd);
	}
	buf_fini(&text);
}

void control_serve(
	struct control *control, const struct pollfd *polled, size_t n_polled, int64_t now_ms)
{
	for (size_t i = 0; i + 1 < n_polled; i++) {
		if (polled[i].revents != 0) {
			answer(control, polled[i].fd, now_ms);
		}
	}
	if (polled[n_polled - 1].revents == 0) {
		return;
	}
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0) {
		control->callers[control->n_callers++] = fd;
	}
}
