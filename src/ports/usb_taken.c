/* SPDX-License-Identifier: Apache-2.0
 *
 * Who has an interface of a USB device: a driver of the kernel, as the interface's folder says it,
 * or a process that has the node open, as far as /proc lets us see it. Named, with what frees it.
 */
#include "ports/usb_find.h"
#include "base/file.h"
#include "base/text.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_LEN_MAX 512
#define NAME_LEN_MAX 64

/* Programs that take printers, by the name of their process (15 letters at most), and what makes
 * them let go. */
static const struct {
	const char *process, *title, *remedy;
} takers[] = {
	{"ipp-usb", "the IPP-over-USB daemon", "systemctl disable --now ipp-usb"},
	{"usb", "a queue of CUPS", "delete that queue: lpstat -v shows its name, lpadmin -x NAME"},
	{"platen-worker", "another platend", "leave the printer to one of them"},
};

static bool is_taken_by(struct err *err, const char *printer, const char *who, const char *remedy)
{
	return err_set(
		err, REMEDY_ATTEND, "usb-taken", "printer %s: %s has it: %s", printer, who, remedy);
}

/* The last part of what the link points to; "" when there is none. */
static void read_link(const char *path, char *out, size_t size)
{
	char to[PATH_LEN_MAX];
	ssize_t len = readlink(path, to, sizeof to - 1);
	to[len > 0 ? len : 0] = '\0';
	const char *slash = strrchr(to, '/');
	text_copy(out, size, slash == NULL ? to : slash + 1);
}

/* ---- the kernel ---- */

static bool kernel_has(const struct usb_roots *roots, const struct usb_found *found,
	int32_t interface, const char *printer, struct err *err)
{
	char path[PATH_LEN_MAX];
	char driver[NAME_LEN_MAX];
	char who[160];
	char remedy[200];
	/* of the first configuration: printers have one */
	snprintf(path, sizeof path, "%s/%s:1.%d/driver", roots->devices, found->port,
		(int)interface);
	read_link(path, driver, sizeof driver);
	if (driver[0] == '\0' || strcmp(driver, "usbfs") == 0) {
		return false; /* none, or a process */
	}
	snprintf(who, sizeof who, "the kernel's driver %s", driver);
	snprintf(remedy, sizeof remedy,
		"echo blacklist %s > /etc/modprobe.d/platen.conf; modprobe -r %s", driver, driver);
	is_taken_by(err, printer, who, remedy);
	return true;
}

/* ---- processes ---- */

static bool has_open(const struct usb_roots *roots, const char *pid, const char *node)
{
	char path[PATH_LEN_MAX];
	char to[PATH_LEN_MAX];
	bool has = false;
	snprintf(path, sizeof path, "%s/%.20s/fd", roots->processes, pid);
	DIR *folder = opendir(path); /* others' are not always ours to see */
	for (struct dirent *entry; !has && folder != NULL && (entry = readdir(folder)) != NULL;) {
		char link[PATH_LEN_MAX + NAME_LEN_MAX];
		snprintf(link, sizeof link, "%s/%.20s", path, entry->d_name);
		ssize_t len = readlink(link, to, sizeof to - 1);
		to[len > 0 ? len : 0] = '\0';
		has = strcmp(to, node) == 0;
	}
	if (folder != NULL) {
		closedir(folder);
	}
	return has;
}

static void name_of(const struct usb_roots *roots, const char *pid, char *out, size_t size)
{
	char path[PATH_LEN_MAX];
	struct buf bytes = {0};
	struct err err;
	snprintf(path, sizeof path, "%s/%.20s/comm", roots->processes, pid);
	out[0] = '\0';
	if (file_read(path, size - 1, &bytes, &err)) {
		char line[NAME_LEN_MAX] = "";
		size_t len = bytes.len < sizeof line ? bytes.len : sizeof line - 1;
		memcpy(line, bytes.bytes, len);
		line[strcspn(line, "\n")] = '\0';
		text_escape(out, size, line);
	}
	buf_fini(&bytes);
}

static bool is_process(const char *name, int own_worker)
{
	int64_t pid;
	return text_to_int(name, 1, INT32_MAX, &pid) && pid != getpid() && pid != own_worker;
}

static int taker_of(const char *process)
{
	int n = (int)(sizeof takers / sizeof takers[0]);
	for (int i = 0; i < n; i++) {
		if (strcmp(takers[i].process, process) == 0) {
			return i;
		}
	}
	return -1;
}

static bool say_process(const char *printer, const char *pid, const char *process, struct err *err)
{
	char who[160];
	char remedy[64];
	int taker = taker_of(process);
	if (taker >= 0) {
		snprintf(who, sizeof who, "%s (%.20s, process %.20s)", takers[taker].title, process,
			pid);
		return is_taken_by(err, printer, who, takers[taker].remedy);
	}
	snprintf(who, sizeof who, "the program %.64s (process %.20s)", process, pid);
	snprintf(remedy, sizeof remedy, "end it: kill %.20s", pid);
	return is_taken_by(err, printer, who, remedy);
}

/* The first process that has the node open. Where none can be seen to, but the IPP-over-USB daemon
 * runs, which takes every printer it can, that is a guess. */
static bool process_has(const struct usb_roots *roots, const char *node, int own_worker,
	const char *printer, bool *guess, struct err *err)
{
	DIR *folder = opendir(roots->processes);
	bool found = false;
	*guess = false;
	for (struct dirent *entry; !found && folder != NULL && (entry = readdir(folder)) != NULL;) {
		char process[NAME_LEN_MAX];
		if (!is_process(entry->d_name, own_worker)) {
			continue;
		}
		found = has_open(roots, entry->d_name, node);
		name_of(roots, entry->d_name, process, sizeof process);
		if (found) {
			say_process(printer, entry->d_name, process, err);
		}
		*guess = *guess || taker_of(process) == 0;
	}
	if (folder != NULL) {
		closedir(folder);
	}
	return found;
}

bool usb_taken(const struct usb_roots *roots, const struct usb_found *found, int32_t interface,
	int own_worker, const char *printer, struct err *err)
{
	char node[PATH_LEN_MAX];
	char remedy[PATH_LEN_MAX];
	bool guess;
	snprintf(node, sizeof node, "%s/%03d/%03d", roots->nodes, (int)found->bus,
		(int)found->number);
	if (kernel_has(roots, found, interface, printer, err) ||
		process_has(roots, node, own_worker, printer, &guess, err)) {
		return false;
	}
	if (guess) {
		return is_taken_by(
			err, printer, "probably the IPP-over-USB daemon", takers[0].remedy);
	}
	snprintf(remedy, sizeof remedy, "sudo fuser -v %.200s shows which: end it", node);
	return is_taken_by(err, printer, "another program", remedy);
}
