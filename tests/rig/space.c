/* SPDX-License-Identifier: Apache-2.0
 *
 * Namespaces, and what must lie where in them.
 *
 * A host without USB lacks /dev/bus/usb, and a rig that made it there would leave it behind. So the
 * folder above is replaced, in this namespace only, by one in memory that has the same entries,
 * each bound to the host's own.
 */
#include "tests/rig/space.h"
#include "base/fd.h"
#include "tests/rig/usbfs.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define UDEV_FOLDER  "/run/udev"
#define UDEV_CONTROL UDEV_FOLDER "/control" /* libudev listens only where udevd seems to run */
#define COPY         "/sys/bus/copy"
#define PATH_SIZE    600

static bool fails(struct err *err, const char *what)
{
	return err_set(err, REMEDY_FATAL, "space", "%s: %s", what, strerror(errno));
}

static bool cover(const char *folder, struct err *err)
{
	return mount("usbrig", folder, "tmpfs", 0, "mode=0755") == 0 || fails(err, folder);
}

/* ---- a folder in memory with the same entries ---- */

static bool bind_entry(const char *from, const char *to, const struct stat *stat)
{
	char target[PATH_SIZE];
	if (S_ISLNK(stat->st_mode)) {
		ssize_t n = readlink(from, target, sizeof target - 1);
		target[n < 0 ? 0 : n] = '\0';
		return n >= 0 && symlink(target, to) == 0;
	}
	int fd = -1;
	bool is_made = S_ISDIR(stat->st_mode)
			       ? mkdir(to, 0755) == 0
			       : (fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) >= 0;
	fd_close(fd);
	return is_made && mount(from, to, NULL, MS_BIND | MS_REC, NULL) == 0;
}

static bool bind_entries(const char *folder, struct err *err)
{
	DIR *entries = opendir(folder);
	const struct dirent *entry;
	bool fine = entries != NULL || fails(err, folder);
	while (fine && (entry = readdir(entries)) != NULL) {
		char from[PATH_SIZE], to[PATH_SIZE];
		struct stat stat;
		snprintf(from, sizeof from, "%s/%s", folder, entry->d_name);
		snprintf(to, sizeof to, COPY "/%s", entry->d_name);
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
			lstat(from, &stat) != 0) {
			continue; /* or gone meanwhile */
		}
		fine = bind_entry(from, to, &stat) || fails(err, from);
	}
	if (entries != NULL) {
		closedir(entries);
	}
	return fine;
}

static bool replace(const char *folder, struct err *err)
{
	struct stat stat;
	bool fine = (lstat(folder, &stat) == 0 && mkdir(COPY, 0755) == 0) || fails(err, folder);
	fine = fine && cover(COPY, err) && bind_entries(folder, err);
	fine = fine && ((chmod(COPY, stat.st_mode & 07777) == 0 &&
				mount(COPY, folder, NULL, MS_MOVE, NULL) == 0) ||
			       fails(err, folder));
	rmdir(COPY);
	return fine;
}

/* The folder is there, and nothing of it on the host. */
static bool need_folder(const char *path, struct err *err)
{
	char above[PATH_SIZE];
	struct stat stat;
	if (lstat(path, &stat) == 0) {
		return true;
	}
	snprintf(above, sizeof above, "%s", path);
	do {
		*strrchr(above, '/') = '\0';
	} while (lstat(above, &stat) != 0);
	if (!replace(above, err)) {
		return false;
	}
	for (size_t at = strlen(above) + 1; at <= strlen(path); at++) {
		if (path[at] == '/' || path[at] == '\0') {
			snprintf(above, sizeof above, "%.*s", (int)at, path);
			mkdir(above, 0755);
		}
	}
	return lstat(path, &stat) == 0 || fails(err, path);
}

/* ---- entering ---- */

static bool raise_loopback(struct err *err)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool fine = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &loopback) == 0;
	if (!fine) {
		fails(err, "no loopback");
	}
	fd_close(fd);
	return fine;
}

static bool fill_udev(struct err *err)
{
	int fd = open(UDEV_CONTROL, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	fd_close(fd);
	return fd >= 0 || fails(err, UDEV_CONTROL);
}

bool space_enter(struct err *err)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0) {
		return fails(err, "no namespaces here");
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		return fails(err, "no mounts of our own");
	}
	return raise_loopback(err) && cover("/sys/bus", err) &&
	       cover("/sys/devices/platform", err) && need_folder(UDEV_FOLDER, err) &&
	       cover(UDEV_FOLDER, err) && fill_udev(err) && need_folder(USBFS_FOLDER, err);
}

/* ---- the command ---- */

static const int passed_on[] = {SIGTERM, SIGHUP};

static void heard_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++) {
		sigaddset(set, passed_on[i]);
	}
}

static void run_command(char *const command[])
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(command[0], command);
	fprintf(stderr, "usbrig: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

/* The first process of a namespace: buries everybody's dead, and ends with the command. */
static void watch(pid_t command)
{
	sigset_t heard;
	heard_signals(&heard);
	for (;;) {
		int status, signal = sigwaitinfo(&heard, NULL);
		pid_t dead = 0;
		if (signal > 0 && signal != SIGCHLD) {
			kill(command, signal);
		}
		while (signal == SIGCHLD && (dead = waitpid(-1, &status, WNOHANG)) > 0) {
			if (dead == command) {
				_exit(WIFEXITED(status) ? WEXITSTATUS(status)
							: 128 + WTERMSIG(status));
			}
		}
	}
}

static void be_first(char *const command[], const int *ours, size_t n_ours)
{
	sigset_t heard;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fds_close(ours, n_ours);
	heard_signals(&heard);
	sigprocmask(SIG_BLOCK, &heard, NULL);
	/* its own view of /proc; the rig's stays as it is */
	if (unshare(CLONE_NEWNS) != 0 || mount("proc", "/proc", "proc", 0, NULL) != 0) {
		fprintf(stderr, "usbrig: /proc: %s\n", strerror(errno));
		_exit(127);
	}
	pid_t pid = fork();
	if (pid == 0) {
		run_command(command);
	}
	if (pid < 0) {
		fprintf(stderr, "usbrig: no process: %s\n", strerror(errno));
		_exit(127);
	}
	watch(pid);
}

pid_t space_run(char *const command[], const int *ours, size_t n_ours, struct err *err)
{
	if (unshare(CLONE_NEWPID) != 0) {
		fails(err, "no process namespace here");
		return -1;
	}
	pid_t pid = fork();
	if (pid == 0) {
		be_first(command, ours, n_ours);
	}
	if (pid < 0) {
		fails(err, "no process");
	}
	return pid;
}
