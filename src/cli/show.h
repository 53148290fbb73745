/* SPDX-License-Identifier: Apache-2.0
 *
 * Showing one thing after it was changed or asked for. Both let go of the JSON.
 */
#pragma once
#include "cli/ctl.h"
#include "cli/table.h"

int printer_show(const struct args *args, json_t *printer);
int printer_show_one(const struct args *args, const char *name);
/* One line of the job's state. */
int job_show_line(const struct args *args, json_t *job);
/* A table of jobs, one row each. */
struct table *job_table(const struct args *args);
void job_row(struct table *table, const json_t *job);
/* GETs /v1/jobs/ID + tail of the first word; an exit code as http_get. */
int job_get(const struct args *args, const char *tail, json_t **answer);
