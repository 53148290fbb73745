/* SPDX-License-Identifier: Apache-2.0
 *
 * A space of its own for a bus that is not there: mount, network and process namespaces. All that
 * is made in it is gone with its processes, however they end; the host's folders stay as they are.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>
#include <sys/types.h>

/* From here on this process has mounts and a network (loopback) of its own; /sys/bus,
 * /sys/devices/platform and /run/udev are empty, and there is a folder for usbfs. */
must_use bool space_enter(struct err *err);
/* Runs the command as the first of a process namespace, which ends with it, and all of it when this
 * process dies. The command's end is that of the returned process: its exit status, or 128 + the
 * signal. SIGTERM and SIGHUP to it are passed on. `ours` are closed there. */
pid_t space_run(char *const command[], const int *ours, size_t n_ours, struct err *err);
