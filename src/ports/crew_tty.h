/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a serial line for a sensor worker, which may not open anything by itself. Included by
 * crew*.c only.
 */
#pragma once
#include "ports/loop.h"

struct tty;

/* The open line, which the hearer closes, or -1 and why. The tty is over then. */
typedef void tty_call(void *context, int fd, const struct err *err);

/* Answers once, in a later turn. `bus` and `path` are copied; `bus` is for the error's text. */
struct tty *tty_open(
	struct loop *loop, const char *bus, const char *path, tty_call *done, void *context);
/* Answers nothing any more. */
void tty_stop(struct tty *tty);
