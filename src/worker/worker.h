/* SPDX-License-Identifier: Apache-2.0
 *
 * The roles of platen-worker, all but `device` and `sensor` in platen-render. Each takes over the
 * process and returns its exit code (sysexits.h).
 */
#pragma once
#include <stdint.h>

#define WORKER_CHANNEL_FD 3 /* where the daemon puts a worker's end of the channel */

/* Inspects and renders: one process per task, forked from this warm one. At most `tasks` at once.
 */
int render_main(int channel_fd, int32_t tasks);
/* Serves one printer. */
int device_main(int channel_fd);
/* Reads the sensors of one bus. */
int sensor_main(int channel_fd);
/* Makes small pictures of rendered pages. */
int thumb_main(int channel_fd);
/* `platen-worker render-file …`: one picture, without the floor, by the very same way. */
int render_file_main(int argc, char **argv);
