/* SPDX-License-Identifier: Apache-2.0
 *
 * The local API as a caller sees it: one request, one answer, over the Unix socket. A doorman of
 * libcurl.
 */
#pragma once
#include "cli/ctl.h"

/* All return an exit code; 0 exactly when *answer is a new JSON value, the caller's. Whatever fails
 * was said on stderr. `path` is everything after the host, parts escaped (path_make). */
int http_get(const struct args *args, const char *path, json_t **answer);
/* `http_post_long`: for what may take minutes. */
int http_post(const struct args *args, const char *path, const json_t *body, json_t **answer);
int http_post_long(const struct args *args, const char *path, const json_t *body, json_t **answer);
/* PUTs the file as it is; shows progress on a terminal. */
int http_send_file(const struct args *args, const char *path, const char *file, json_t **answer);

/* Reads an event stream until the server ends it (0), or `told` returns false (0). */
typedef bool http_told(void *context, const char *event, const char *data);
int http_stream(const struct args *args, const char *path, http_told *told, void *context);

/* "/v1/jobs/" + escaped id + tail, in `path`; false when it does not fit. */
bool path_make(char *path, size_t size, const char *base, const char *id, const char *tail);
