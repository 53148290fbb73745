/* SPDX-License-Identifier: Apache-2.0
 *
 * The crew: the render server and one device worker for each printer, as processes. Implements the
 * crew's door of ports.h.
 */
#pragma once
#include "ports/ports.h"
#include "ports/spool.h"
#include "ports/loop.h"

struct crew;

struct crew_conf {
	const char *program;         /* path of platen-worker */
	const char *profiles_folder; /* icc/NAME.icc are read from here */
	int32_t render_tasks;        /* at once */
	int32_t silence_ms; /* after which a device worker that says nothing is killed; 0: a minute
			     */
};

extern const struct crew_ops crew_processes;

/* Starts the render server and the device workers of the catalogue's printers. `catalog` and
 * `conf`'s texts must outlive the crew. NULL with FATAL when platen-worker can't be started. */
struct crew *crew_create(struct loop *loop, struct spool *spool, const struct catalog *catalog,
	const struct crew_conf *conf, const struct crew_hears *hears, void *farm, struct err *err);
/* Ends all workers, answers nothing more, and frees the crew; then `done`. */
void crew_close(struct crew *crew, loop_call *done, void *context);
