/* SPDX-License-Identifier: Apache-2.0
 *
 * The device role: its cage (its socket, or its folder, and nothing else), and its look at the page
 * that it hands over.
 */
#pragma once
#include "wire/task.h"
#include "drivers/driver.h"

/* After the driver was opened. `parent` is whose end ends this process, too. */
must_use bool device_sandbox_enter(const struct device *device, int parent, struct err *err);

/* ---- device_page.c ---- */
/* Makes the hash ready; before the cage is shut. */
void device_page_warm(void);
/* Whether the file, as it is on the disk now, is the page that was rendered: REDO,
 * "raster-changed", where it is not. Also REDO where it can't be read. */
must_use bool device_page_is_whole(int fd, const struct device_send *send, struct err *err);
