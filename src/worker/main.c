/* SPDX-License-Identifier: Apache-2.0
 *
 * platen-worker: what may block, crash or be attacked, outside the daemon. Started by platend with
 * its end of a channel, except for render-file, which people start.
 *
 * The device and sensor roles are here; the roles that touch pictures are in platen-render, which
 * lies beside this program and takes its place. So a worker that drives a printer starts in a
 * quarter of the time, and has none of the imaging libraries in its memory.
 */
#include "config.h"
#include "worker/worker.h"
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#define RENDER_PROGRAM "platen-render"
#define RENDER_NICE    5

/* The program beside this one; false when there is no room for its path. */
static bool find_beside(const char *name, char *path, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", path, size);
	while (len > 0 && path[len - 1] != '/') {
		len--;
	}
	if (len <= 0 || (size_t)len + strlen(name) >= size) {
		return false;
	}
	strcpy(path + len, name);
	return true;
}

/* It dies with the daemon, also while it still loads its libraries, and gives way to the daemon and
 * to whoever is at a printer. */
static void serve_the_daemon(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpriority(PRIO_PROCESS, 0, RENDER_NICE);
}

/* It goes on under our name: who looks at the processes sees `platen-worker render`. */
static int become_render(char **argv)
{
	char path[4096];
	if (strcmp(argv[1], "render-file") != 0) {
		serve_the_daemon();
	}
	if (!find_beside(RENDER_PROGRAM, path, sizeof path)) {
		fprintf(stderr, "platen-worker: its own folder is not known: is /proc mounted?\n");
		return EX_OSFILE;
	}
	execv(path, argv);
	fprintf(stderr, "platen-worker: starting %s: %s: is platen installed whole?\n", path,
		strerror(errno));
	return EX_OSFILE;
}

int main(int argc, char **argv)
{
	static const char *const pictures[] = {"render", "thumb", "render-file"};
	if (argc > 1 && strcmp(argv[1], "device") == 0) {
		return device_main(WORKER_CHANNEL_FD);
	}
#ifdef HAVE_MODBUS
	if (argc > 1 && strcmp(argv[1], "sensor") == 0) {
		return sensor_main(WORKER_CHANNEL_FD);
	}
#endif
	for (size_t i = 0; argc > 1 && i < sizeof pictures / sizeof pictures[0]; i++) {
		if (strcmp(argv[1], pictures[i]) == 0) {
			return become_render(argv);
		}
	}
	fprintf(stderr,
		"platen-worker is started by platend. By hand: platen-worker render-file --help\n");
	return EX_USAGE;
}
