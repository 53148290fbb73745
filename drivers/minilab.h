/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver "hotfolder": a minilab that is run by its own computer and takes its work out of a
 * shared folder (docs/minilab.md). A hand-over is two files, the picture and its job ticket, named
 * after the attempt's key; the machine begins with a ticket and never without one. All that a fresh
 * worker knows of an attempt it knows from its key and from what lies in the folder.
 */
#pragma once
#include "drivers/driver.h"

#define MINILAB_NAME_MAX (ATTEMPT_KEY_MAX + 32)
#define MINILAB_PATH_MAX 512
/* The folder is known by this file in it, as a printer by its serial: a share that is not mounted
 * does not have it. */
#define MINILAB_MARK ".platen-folder"

enum minilab_file { FILE_PICTURE, FILE_TICKET, FILE_PICTURE_PART, FILE_TICKET_PART, FILE_COUNT };

struct minilab {
	struct device *device;
	const char *folder; /* within the uri */
	char uuid[65];      /* the pinned mark */
	/* since when this worker sees one attempt in one place, to say how long it lasts */
	char seen_key[ATTEMPT_KEY_MAX];
	int32_t seen_place;
	int64_t seen_since_ms;
};

struct minilab_contents { /* of the folder: files of ours only */
	int32_t n_tickets, n_pictures;
	int32_t n_refused; /* in its error folder */
};

/* ---- minilab_mark.c ---- */
/* Makes a new folder's mark, where none is pinned. */
must_use bool minilab_mark(struct minilab *lab, struct err *err);
/* Is the folder there, and the one that it was? RETRY "printer-absent", ATTEND "printer-changed";
 * what the system says (minilab_fault). */
must_use bool minilab_look(struct minilab *lab, struct err *err);

/* ---- minilab_folder.c ---- */
/* False, with what errno means for the folder, and what to do. */
bool minilab_fault(const struct minilab *lab, const char *doing, int number, struct err *err);
void minilab_name(const struct minilab *lab, const char *key, enum minilab_file file,
	char name[MINILAB_NAME_MAX]);
void minilab_path(const struct minilab *lab, const char *name, char path[MINILAB_PATH_MAX]);
/* Reads the key out of a file's name; false when it is not one of ours. */
bool minilab_key_of(
	const struct minilab *lab, const char *name, enum minilab_file *file, char *key);
/* Does the machine's folder, or that folder in it (""), hold the file? */
must_use bool minilab_has(const struct minilab *lab, const char *sub, const char *key,
	enum minilab_file file, bool *has, struct err *err);
/* Takes the file away; *was says whether it was there. */
must_use bool minilab_remove(const struct minilab *lab, const char *key, enum minilab_file file,
	bool *was, struct err *err);
/* The ticket first: without it the machine begins nothing. *had_ticket: it lay there for the
 * machine to take. */
must_use bool minilab_remove_all(
	const struct minilab *lab, const char *key, bool *had_ticket, struct err *err);
must_use bool minilab_rename(const struct minilab *lab, const char *key, enum minilab_file from,
	enum minilab_file to, struct err *err);
/* The folder's own entry, to the disk. */
must_use bool minilab_sync(const struct minilab *lab, struct err *err);
/* Calls for each file of ours in the folder; stops at false. */
must_use bool minilab_each(const struct minilab *lab, const char *sub,
	bool (*call)(void *context, enum minilab_file file, const char *key), void *context,
	struct err *err);
must_use bool minilab_count(
	const struct minilab *lab, struct minilab_contents *contents, struct err *err);
/* Bytes that still fit; COUNT_UNKNOWN where the share does not say. */
int64_t minilab_free_bytes(const struct minilab *lab);

/* ---- minilab.c ---- */
void minilab_status_of(const struct minilab *lab, const struct minilab_contents *contents,
	struct device_status *status);
/* For how long this worker has seen that attempt in that place, one of its own choosing. */
int64_t minilab_seen_ms(struct minilab *lab, const char *key, int32_t place);

/* ---- minilab_send.c, minilab_confirm.c ---- */
bool minilab_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err);
bool minilab_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err);
