/* SPDX-License-Identifier: Apache-2.0
 *
 * The rig's control socket: what a test says happens at the machines. One message a command, one an
 * answer: "ok", "ok" and a report from the next line, or "no" and why.
 */
#pragma once
#include "tests/rig/bus.h"
#include <poll.h>

#define CONTROL_ENVIRONMENT "PLATEN_USBRIG"
#define CONTROL_PATH        "/run/udev/usbrig" /* of the space's own: nothing is left */
#define CONTROL_CALLERS     16

struct control {
	int listener;
	int callers[CONTROL_CALLERS];
	size_t n_callers;
	struct bus *bus;
};

must_use bool control_open(struct control *control, struct bus *bus, struct err *err);
void control_close(struct control *control);
/* What must be polled, at most CONTROL_CALLERS + 1; how many. */
size_t control_poll(const struct control *control, struct pollfd *polled);
/* What was polled is ready. */
void control_serve(
	struct control *control, const struct pollfd *polled, size_t n_polled, int64_t now_ms);
/* One command; to `answer`. docs/usb-rig.md lists them. */
void control_do(struct bus *bus, const char *line, int64_t now_ms, struct buf *answer);
