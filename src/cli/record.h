/* SPDX-License-Identifier: Apache-2.0
 *
 * Recording what a printer says.
 */
#pragma once
#include "cli/ctl.h"

/* NAME record FILE [--for …]; an exit code. */
int printer_record(const struct args *args);
