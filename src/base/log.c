/* SPDX-License-Identifier: Apache-2.0
 *
 * One line a call, escaped, to stderr or to the sink that was set.
 */
#include "base/log.h"
#include "base/text.h"
#include <stdio.h>
#include <unistd.h>

static struct {
	log_sink *sink;
	void *context;
	enum log_level least;
} target = {NULL, NULL, LOG_LEVEL_INFO};

void log_set_sink(log_sink *sink, void *context, enum log_level least)
{
	target.sink = sink;
	target.context = context;
	target.least = least;
}

/* The level in front is for the journal; at a terminal a person reads. */
static void put_line(enum log_level level, const char *subject, const char *text)
{
	if (isatty(STDERR_FILENO)) {
		fprintf(stderr, "%s: %s\n", subject, text);
	} else {
		fprintf(stderr, "<%d>%s: %s\n", level, subject, text);
	}
}

void log_put(enum log_level level, const char *subject, const char *format, ...)
{
	if (level > target.least) {
		return;
	}
	char text[1024];
	char safe[2048];
	va_list words;
	va_start(words, format);
	vsnprintf(text, sizeof text, format, words);
	va_end(words);
	text_escape(safe, sizeof safe, text);
	if (target.sink != NULL) {
		target.sink(target.context, level, subject, safe);
		return;
	}
	put_line(level, subject, safe);
}
