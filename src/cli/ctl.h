/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of platenctl share: what was typed, and one function for each command. A command
 * returns the exit code (sysexits.h) and has said on stderr what went wrong.
 */
#pragma once
#include "base/terminal.h"
#include "wire/json.h"

#define SOCKET_DEFAULT "/run/platen/platend.sock"

struct args { /* what was typed; texts are NULL where absent */
	const char *socket;
	bool json;
	bool colour; /* of stdout */
	struct progress *progress;
	int n;
	char **words; /* after the command */
	const char *reason, *lot, *product, *ref, *label, *printer, *output, *stage, *kind, *order;
	const char *config, *note, *by, *job, *since, *head, *span;
	int64_t printed, good, copies, limit, after, page; /* -1 where absent */
	int64_t sheets, left;                              /* the same */
	bool not_printed, give_back, follow, together, all;
	int input; /* of submit -: what came on standard input */
};

int ctl_status(const struct args *args);
int ctl_jobs(const struct args *args);
int ctl_job(const struct args *args);
int ctl_why(const struct args *args);
int ctl_printers(const struct args *args);
int ctl_discover(const struct args *args);
int ctl_printer(const struct args *args);
int ctl_sensors(const struct args *args);
int ctl_sensor(const struct args *args);
int ctl_holds(const struct args *args);
int ctl_resolve(const struct args *args);
int ctl_incidents(const struct args *args);
int ctl_maintenance(const struct args *args);
int ctl_audit(const struct args *args);
int ctl_release(const struct args *args);
int ctl_hold(const struct args *args);
int ctl_cancel(const struct args *args);
int ctl_accept_store(const struct args *args);
int ctl_submit(const struct args *args);
int ctl_render(const struct args *args);
int ctl_rerender(const struct args *args);
int ctl_events(const struct args *args);
int ctl_stock(const struct args *args);
int ctl_doctor(const struct args *args);

/* "platenctl: …" on stderr; returns `status`. */
int complain(int status, const char *format, ...) formats(2, 3);
