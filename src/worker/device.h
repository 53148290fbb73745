/* SPDX-License-Identifier: Apache-2.0
 *
 * The device role's cage: its socket, or its folder, and nothing else.
 */
#pragma once
#include "drivers/driver.h"

/* After the driver was opened. `parent` is whose end ends this process, too. */
must_use bool device_sandbox_enter(const struct device *device, int parent, struct err *err);
