/* SPDX-License-Identifier: Apache-2.0
 *
 * A printer to test against: a real ippeveprinter, a private cupsd, a PAPPL program, a
 * minilab's own computer, or a fake printer's folder. It tells by itself, not by the driver's word,
 * how many complete prints of an attempt came out.
 */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

struct rig {
	const char *kind;   /* "ipp", "cups", "pappl", "hotfolder", "fake" */
	const char *driver; /* "ipp", "hotfolder", "fake" */
	char folder[128];
	char uri[200];
	int port;
	pid_t pid;
};

/* Are the programs for it there? *why names what is missing. */
bool rig_is_possible(const char *kind, char *why, size_t size);
/* False when the program for it is absent. */
bool rig_start(struct rig *rig, const char *kind);
/* From here on it is spoken to over TLS, on the same port. */
void rig_encrypt(struct rig *rig);
void rig_stop(struct rig *rig);
/* Not the fake printer: killed and started anew, as after a power cut. */
void rig_restart(struct rig *rig);
/* Killed by that signal, and stays away until rig_restart. */
void rig_end(struct rig *rig, int signal_number);
/* A shell command that must succeed. */
void rig_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
int rig_prints(const struct rig *rig, const char *key);
/* Documents that arrived under that key, complete or not. */
int rig_arrived(const struct rig *rig, const char *key);
/* A file of the folder, written whole and renamed into place. */
void rig_write(const struct rig *rig, const char *name, const char *text);
/* ippeveprinter only: sets how full the first tray is, at its web page. */
void rig_fill_tray(const struct rig *rig, int sheets);
