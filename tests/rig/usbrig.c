/* SPDX-License-Identifier: Apache-2.0
 *
 * usbrig [--plug "MODEL ARGUMENTS"]... [--no-sg] -- COMMAND [ARGUMENT]...
 *
 * Runs a command where emulated USB devices are plugged in (docs/usb-rig.md). Exits as the command
 * does; 77, with a line that says why in TAP, where FUSE or namespaces are missing; 99 when it was
 * called wrongly.
 *
 * One thread waits for requests of FUSE, commands of tests and the end of the command.
 */
#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "tests/rig/control.h"
#include "tests/rig/space.h"
#include "tests/rig/usbfs.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_SKIPPED 77
#define EXIT_WRONG   99
/* Models say nothing of their own accord: those that somebody waits for are asked so often. */
#define BUSY_MS 2
#define REST_MS 25

struct rig {
	struct bus bus;
	struct usbfs usbfs;
	struct control control;
	int signals;
	pid_t command; /* the first process of its namespace */
};

struct wishes {
	const char *plugs[BUS_DEVICES];
	int n_plugs;
	bool no_scatter_gather;
	char **command;
};

static bool read_wishes(int n_words, char **words, struct wishes *wishes)
{
	int i = 1;
	for (; i < n_words && strncmp(words[i], "--", 3) != 0; i++) {
		bool is_plug = strcmp(words[i], "--plug") == 0;
		if (is_plug && i + 1 < n_words && wishes->n_plugs < BUS_DEVICES) {
			wishes->plugs[wishes->n_plugs++] = words[++i];
		} else if (strcmp(words[i], "--no-sg") == 0) {
			wishes->no_scatter_gather = true;
		} else {
			return false;
		}
	}
	wishes->command = words + i + 1;
	return i + 1 < n_words;
}

/* ---- the life of the rig ---- */

static bool open_signals(struct rig *rig, struct err *err)
{
	sigset_t heard;
	sigemptyset(&heard);
	sigaddset(&heard, SIGCHLD);
	sigaddset(&heard, SIGTERM);
	sigaddset(&heard, SIGHUP);
	sigaddset(&heard, SIGINT); /* a terminal sends it to the command, too */
	sigprocmask(SIG_BLOCK, &heard, NULL);
	rig->signals = signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK);
	return rig->signals >= 0 ||
	       err_set(err, REMEDY_FATAL, "signals", "no signals: %s", strerror(errno));
}

static bool open_rig(struct rig *rig, struct err *err)
{
	rig->bus.on_gone = usbfs_gone;
	rig->bus.host = &rig->usbfs;
	return space_enter(err) && bus_open(&rig->bus, err) &&
	       usbfs_open(&rig->usbfs, &rig->bus, err) &&
	       control_open(&rig->control, &rig->bus, err) && open_signals(rig, err);
}

static bool plug_all(struct rig *rig, const struct wishes *wishes, struct err *err)
{
	for (int i = 0; i < wishes->n_plugs; i++) {
		if (!bus_make(&rig->bus, i + 1, wishes->plugs[i], clock_boot_ms(), err)) {
			return false;
		}
	}
	return true;
}

static bool start_command(struct rig *rig, const struct wishes *wishes, struct err *err)
{
	const int ours[] = {
		rig->usbfs.fuse.fd, rig->control.listener, rig->signals, rig->bus.uevents.socket};
	setenv(CONTROL_ENVIRONMENT, CONTROL_PATH, 1);
	setenv("SYSTEMD_DEVICE_VERIFY_SYSFS", "0", 1); /* libudev: a tmpfs is fine, too */
	rig->command = space_run(wishes->command, ours, sizeof ours / sizeof ours[0], err);
	return rig->command > 0;
}

/* True when the command has ended. */
static bool on_signals(struct rig *rig, int *status)
{
	struct signalfd_siginfo got;
	while (read(rig->signals, &got, sizeof got) == (ssize_t)sizeof got) {
		if (got.ssi_signo == SIGTERM || got.ssi_signo == SIGHUP) {
			kill(rig->command, (int)got.ssi_signo);
		}
	}
	return waitpid(rig->command, status, WNOHANG) == rig->command;
}

static int serve(struct rig *rig)
{
	struct pollfd polled[2 + CONTROL_CALLERS + 1];
	int status = 0;
	do {
		polled[0] = (struct pollfd){.fd = rig->usbfs.fuse.fd, .events = POLLIN};
		polled[1] = (struct pollfd){.fd = rig->signals, .events = POLLIN};
		size_t n = control_poll(&rig->control, polled + 2);
		poll(polled, n + 2, bus_is_busy(&rig->bus) ? BUSY_MS : REST_MS);
		int64_t now_ms = clock_boot_ms();
		usbfs_serve(&rig->usbfs, now_ms);
		control_serve(&rig->control, polled + 2, n, now_ms);
		bus_turn(&rig->bus, now_ms);
		usbfs_turn(&rig->usbfs, now_ms);
	} while (!on_signals(rig, &status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void close_rig(struct rig *rig)
{
	control_close(&rig->control);
	usbfs_close(&rig->usbfs);
	bus_close(&rig->bus);
	fd_close(rig->signals);
}

static int run(struct rig *rig, const struct wishes *wishes)
{
	struct err err;
	if (!open_rig(rig, &err)) {
		printf("1..0 # SKIP no emulated USB here: %s\n", err.text);
		return EXIT_SKIPPED;
	}
	rig->usbfs.no_scatter_gather = wishes->no_scatter_gather;
	if (!plug_all(rig, wishes, &err) || !start_command(rig, wishes, &err)) {
		fprintf(stderr, "usbrig: %s\n", err.text);
		return EXIT_WRONG;
	}
	return serve(rig);
}

int main(int n_words, char **words)
{
	struct wishes wishes = {.n_plugs = 0};
	if (!read_wishes(n_words, words, &wishes)) {
		fprintf(stderr, "usbrig [--plug \"MODEL ARGUMENTS\"]... [--no-sg] -- COMMAND "
				"[ARGUMENT]...\n");
		return EXIT_WRONG;
	}
	struct rig *rig = mem_new(1, sizeof *rig);
	rig->usbfs.fuse.fd = rig->control.listener = rig->signals = rig->bus.uevents.socket = -1;
	list_init(&rig->usbfs.files);
	int status = run(rig, &wishes);
	close_rig(rig);
	free(rig);
	return status;
}
