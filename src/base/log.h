/* SPDX-License-Identifier: Apache-2.0
 *
 * Log lines: the subject first, then one verb and key=value. Lines go to stderr with the syslog
 * level that systemd's journal reads ("<6>"); control bytes are escaped, so that nothing from
 * outside can forge a line. info = something a person would tell another; debug = all else.
 */
#pragma once
#include "base/err.h"

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

typedef void log_sink(void *context, enum log_level level, const char *subject, const char *text);

/* The sink is the one mutable global of the program. NULL puts the stderr sink back. */
void log_set_sink(log_sink *sink, void *context, enum log_level least);
void log_put(enum log_level level, const char *subject, const char *format, ...) formats(3, 4);

#define log_error(subject, ...) log_put(LOG_LEVEL_ERROR, subject, __VA_ARGS__)
#define log_warn(subject, ...)  log_put(LOG_LEVEL_WARN, subject, __VA_ARGS__)
#define log_info(subject, ...)  log_put(LOG_LEVEL_INFO, subject, __VA_ARGS__)
#define log_debug(subject, ...) log_put(LOG_LEVEL_DEBUG, subject, __VA_ARGS__)
