/* SPDX-License-Identifier: Apache-2.0
 *
 * Showing one thing after it was changed or asked for. Both let go of the JSON.
 */
#pragma once
#include "cli/ctl.h"

int printer_show(const struct args *args, json_t *printer);
int printer_show_one(const struct args *args, const char *name);
/* One line of the job's state. */
int job_show_line(const struct args *args, json_t *job);
