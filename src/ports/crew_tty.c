/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a serial line.
 *
 *  1. tty_open asks libuv's pool: an adapter's driver may take its time.
 *  2. The descriptor goes to the hearer; is nobody there any more, it is closed.
 *
 * Ways it fails: the adapter is unplugged, the line is not platend's to open, somebody else has it:
 * "sensor-line", RETRY, with what to do.
 */
#include "ports/crew_tty.h"
#include "base/mem.h"
#include "ports/loop_uv.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tty {
	uv_fs_t fs;
	tty_call *done; /* NULL once nobody waits for it */
	void *context;
	char bus[64], path[160];
};

static const char *advice(int status)
{
	switch (status) {
	case UV_ENOENT:
	case UV_ENXIO:
	case UV_ENODEV:
		return "is the adapter plugged in?";
	case UV_EACCES:
	case UV_EPERM:
		return "platend's user must be in the group that may use it (dialout)";
	case UV_EBUSY:
		return "another program has it open: end that";
	default:
		return "check the adapter";
	}
}

static void on_open(uv_fs_t *fs)
{
	struct tty *tty = fs->data;
	int status = (int)fs->result;
	struct err err;
	uv_fs_req_cleanup(fs);
	if (tty->done == NULL && status >= 0) {
		close(status);
	} else if (tty->done != NULL && status < 0) {
		err_set(&err, REMEDY_RETRY, "sensor-line", "bus %s: opening %s: %s: %s", tty->bus,
			tty->path, uv_strerror(status), advice(status));
		tty->done(tty->context, -1, &err);
	} else if (tty->done != NULL) {
		tty->done(tty->context, status, NULL);
	}
	free(tty);
}

struct tty *tty_open(
	struct loop *loop, const char *bus, const char *path, tty_call *done, void *context)
{
	struct tty *tty = mem_new(1, sizeof *tty);
	tty->done = done;
	tty->context = context;
	snprintf(tty->bus, sizeof tty->bus, "%s", bus);
	snprintf(tty->path, sizeof tty->path, "%s", path);
	tty->fs.data = tty;
	/* without waiting for a carrier, and never as our controlling terminal */
	uv_fs_open(loop_uv(loop), &tty->fs, tty->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
		0, on_open);
	return tty;
}

void tty_stop(struct tty *tty)
{
	tty->done = NULL;
}
