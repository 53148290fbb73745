/* SPDX-License-Identifier: Apache-2.0
 *
 * The sockets that servers listen on. Included in ports/ only.
 */
#pragma once
#include "ports/listen.h"

/* A bound, listening, non-blocking socket, or -1. A Unix socket that nobody answers is replaced. */
int socket_listen(const struct listen_conf *conf, int *port, struct err *err);
/* Takes a Unix socket's name away; NULL is fine. */
void socket_remove(const char *path);
