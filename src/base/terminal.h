/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be written to a terminal besides text, and one line there that says how far long work
 * is.
 */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

/* A terminal that is not dumb, and nobody has said NO_COLOR (no-color.org). */
bool terminal_has_colours(int fd);
/* A terminal whose cursor moves: a line there can be written anew. */
bool terminal_moves(int fd);

struct progress { /* the caller's memory; {0} shows nothing */
	bool shown;
	int part, parts; /* told before the text when there are several */
	int64_t begin_ms, last_ms;
};

/* Shows on stderr, and only if that is such a terminal and `wanted`. */
void progress_init(struct progress *progress, bool wanted);
/* What goes on is this part of several. */
void progress_part(struct progress *progress, int part, int parts);
/* May be called as often as one likes: nothing is shown in the first half second, nor more often
 * than ten times a second. `progress` may be NULL. */
void progress_say(struct progress *progress, const char *format, ...) formats(2, 3);
/* Takes the line away for other text, whoever has written it. */
void progress_hide(void);
/* Takes the line away for good. Also done when the process is interrupted (SIGINT, SIGTERM,
 * SIGHUP). */
void progress_fini(struct progress *progress);
