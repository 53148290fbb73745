/* SPDX-License-Identifier: Apache-2.0
 *
 * rogue.py as a child process: an IPP printer whose behaviour the path of its address names.
 */
#pragma once
#include <sys/types.h>

/* It notes in `log` what reached it; *port is 0 when it did not start. */
pid_t server_start(const char *log, int *port);
