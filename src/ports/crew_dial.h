/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection to the host and port of a printer's address, made for its worker, which may not
 * connect by itself. Included by crew*.c only.
 */
#pragma once
#include "ports/loop.h"

struct dial;

/* A connected socket, which the hearer closes, or -1 and why. The dial is over then. */
typedef void dial_call(void *context, int fd, const struct err *err);

/* uri: scheme://host[:port]/…, [v6] in brackets, 631 where no port is given. Answers once, in a
 * later turn, within 10 seconds. */
struct dial *dial_start(struct loop *loop, const char *uri, dial_call *done, void *context);
/* Answers nothing any more. */
void dial_stop(struct dial *dial);
