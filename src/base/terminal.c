/* SPDX-License-Identifier: Apache-2.0
 *
 * The line stands there until it is written anew or taken away. Its one flag outside of the
 * caller's memory is for the signal that ends the process in the middle: the shell's prompt then
 * stands on a line of its own.
 */
#include "base/terminal.h"
#include "base/clock.h"
#include "base/text.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PATIENCE_MS   500
#define BETWEEN_MS    100
#define COLUMNS       80
#define LINE_MAX_TEXT 400

static const char clear_line[] = "\r\033[K";
static volatile sig_atomic_t line_stands;

static bool is_smart(int fd)
{
	const char *kind = getenv("TERM");
	return isatty(fd) && kind != NULL && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
}

bool terminal_has_colours(int fd)
{
	const char *none = getenv("NO_COLOR");
	return is_smart(fd) && (none == NULL || none[0] == '\0');
}

bool terminal_moves(int fd)
{
	return is_smart(fd);
}

static void on_end(int number)
{
	if (line_stands) {
		ssize_t written = write(STDERR_FILENO, clear_line, sizeof clear_line - 1);
		(void)written;
	}
	raise(number); /* it acts once this handler is left, in the default way */
}

/* Not where somebody has asked for the signal, or for it to be ignored (nohup). */
static void take_line_away_at(int number)
{
	struct sigaction now;
	struct sigaction ours = {.sa_handler = on_end, .sa_flags = (int)SA_RESETHAND};
	if (sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_DFL) {
		sigaction(number, &ours, NULL);
	}
}

void progress_init(struct progress *progress, bool wanted)
{
	*progress = (struct progress){.shown = wanted && terminal_moves(STDERR_FILENO)};
	progress->begin_ms = clock_boot_ms();
	if (progress->shown) {
		take_line_away_at(SIGINT);
		take_line_away_at(SIGTERM);
		take_line_away_at(SIGHUP);
	}
}

void progress_part(struct progress *progress, int part, int parts)
{
	progress->part = part;
	progress->parts = parts;
}

/* Cuts within the line, so that it can be taken away as one. */
static void cut(char *text)
{
	struct winsize size;
	int room = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col
										   : COLUMNS;
	for (char *at = text; *at != '\0'; at++) {
		if (((unsigned char)*at & 0xc0) != 0x80 && --room <= 0) {
			*at = '\0';
			return;
		}
	}
}

void progress_say(struct progress *progress, const char *format, ...)
{
	int64_t now_ms = clock_boot_ms();
	if (progress == NULL || !progress->shown || now_ms - progress->begin_ms < PATIENCE_MS ||
		now_ms - progress->last_ms < BETWEEN_MS) {
		return;
	}
	char text[LINE_MAX_TEXT], safe[LINE_MAX_TEXT], part[40] = "";
	va_list words;
	va_start(words, format);
	vsnprintf(text, sizeof text, format, words);
	va_end(words);
	if (progress->parts > 1) {
		snprintf(part, sizeof part, "%d of %d: ", progress->part, progress->parts);
	}
	char line[LINE_MAX_TEXT + sizeof part];
	snprintf(line, sizeof line, "%s%s", part, text_escape(safe, sizeof safe, text));
	cut(line);
	progress->last_ms = now_ms;
	line_stands = 1;
	fprintf(stderr, "%s%s", clear_line, line);
	fflush(stderr);
}

void progress_hide(void)
{
	if (line_stands) {
		fputs(clear_line, stderr);
		fflush(stderr);
		line_stands = 0;
	}
}

void progress_fini(struct progress *progress)
{
	progress_hide();
	progress->shown = false;
}
