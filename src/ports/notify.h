/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling systemd: ready, alive (the watchdog is fed by the loop itself), stopping. Does nothing
 * where libsystemd was not built in or platend was not started by systemd.
 */
#pragma once
#include "ports/loop.h"

struct notify;

struct notify *notify_open(struct loop *loop);
void notify_ready(struct notify *notify);
void notify_stopping(struct notify *notify);
void notify_close(struct notify *notify);
