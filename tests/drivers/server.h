/* SPDX-License-Identifier: Apache-2.0
 *
 * rogue.py and front.py as child processes: an IPP printer whose behaviour the path of its address
 * names, and what stands before a printer, encrypted, and asks for a password.
 */
#pragma once
#include <sys/types.h>

/* It notes in `log` what reached it; *port is 0 when it did not start. */
pid_t server_start(const char *log, int *port);
/* It does as `folder`/mode says, and notes in `folder`/seen. */
pid_t front_start(const char *folder, int printer_port, int *port);
