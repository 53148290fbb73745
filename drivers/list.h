/* SPDX-License-Identifier: Apache-2.0
 *
 * Every driver there is; list.c says which were built in.
 */
#pragma once
#include "drivers/driver.h"

extern const struct driver driver_ipp;
extern const struct driver driver_usb;
extern const struct driver driver_s2145;
extern const struct driver driver_dyesub;
extern const struct driver driver_fake;
extern const struct driver driver_hotfolder;
extern const struct driver driver_replay;
