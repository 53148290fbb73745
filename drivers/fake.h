/* SPDX-License-Identifier: Apache-2.0
 *
 * The fake printer's own words: a dye-sub-like printer that is a folder. docs/fake-printer.md says
 * what lies in the folder and how to make it misbehave. What the machine does (fake_run.c) follows
 * from times stored in the folder, so it prints on when the worker that drives it is killed:
 * whoever looks next finds it where a real printer would be. What the driver believes
 * (fake_confirm.c) rests on the counter it shows, as with a real dye-sub.
 */
#pragma once
#include "base/clock.h"
#include "drivers/driver.h"

#define FAKE_JOBS_MAX   4
#define FAKE_BUFFERS    2 /* of the machine: when both are full it takes no other document */
#define FAKE_RECENT_MAX 16
#define FAKE_ASK_MS     5000 /* how long a silent machine is waited for */
#define FAKE_KEY_MAX    ATTEMPT_KEY_MAX

enum fake_halt { FAKE_RUNS, FAKE_JAMMED, FAKE_COVER, FAKE_NO_MEDIA };

struct fake_job { /* in the machine's buffer, after START */
	char key[FAKE_KEY_MAX];
	int32_t page, first_copy, copies, done;
	enum document_format format;
	int64_t due_ms; /* when the next print falls out */
	int32_t ms_per_print;
	int64_t planes; /* number of its file */
};

struct fake_state {
	char serial[65];
	char boot[CLOCK_BOOT_ID_MAX]; /* the boot that the times belong to */
	int64_t started_ms;
	int64_t life; /* prints since it was built */
	int64_t left; /* prints that the media is good for */
	char size_name[65], type[65];
	int32_t width_hmm, height_hmm;
	enum fake_halt halt;
	bool resumes;        /* after the jam the rest is printed */
	char cover[65];      /* the cover is open as long as this file is there */
	int64_t lag_ms;      /* how late the counter shows a print… */
	int64_t lag_from_ms; /* …that fell out after this */
	int64_t absent_until_ms, silent_until_ms;
	int64_t planes;                   /* number of the newest document */
	int64_t script_file, script_time; /* which script `script_line` counts in */
	int32_t script_line;              /* lines that have happened */
	int64_t armed; /* prints until the next mishap; COUNT_UNKNOWN: not counting */
	int64_t recent_ms[FAKE_RECENT_MAX]; /* when the last prints fell out, newest first */
	struct fake_job jobs[FAKE_JOBS_MAX];
	int32_t n_jobs;
};

struct fake {
	struct device *device;
	char folder[256];
	int lock;                   /* descriptor of the lock file; -1 while not held */
	struct fake_state state;    /* valid while locked */
	char uuid[65];              /* pinned serial */
	bool took_load, took_clear; /* files to remove once the state is saved */
};

/* ---- fake_state.c ---- */
/* Locks and loads (a new folder is a new printer). */
must_use bool fake_enter(struct fake *fake, struct err *err);
must_use bool fake_save(struct fake *fake, struct err *err);
void fake_leave(struct fake *fake);
void fake_path(const struct fake *fake, const char *name, char *out, size_t size);
bool fake_has_file(const struct fake *fake, const char *name);
/* Reads a small file as text; false when there is none. */
bool fake_read(const struct fake *fake, const char *name, char *out, size_t size);
void fake_remove(const struct fake *fake, const char *name);
bool fake_fault(const struct fake *fake, const char *what, struct err *err); /* errno's words */

/* ---- fake_script.c ---- */
enum mishap_when { MISHAP_NONE, MISHAP_AT_ONCE, MISHAP_AFTER_PRINTS, MISHAP_AT_SEND };
struct mishap {
	enum mishap_when when;
	const char *verb;
	int64_t number;
	char word[65];
};
/* The line of the script that is next. ATTEND "fake-script" when it can't be read. */
must_use bool mishap_next(struct fake *fake, struct mishap *mishap, struct err *err);
void mishap_done(struct fake *fake);
/* Is the next line this one, at a send? Then it is used up. */
must_use bool mishap_at_send(struct fake *fake, const char *verb, bool *now, struct err *err);

/* ---- fake_run.c ---- */
/* Lets the machine run up to now. */
must_use bool fake_run(struct fake *fake, struct err *err);
/* The counter as the machine shows it, which may lag. */
int64_t fake_shown_life(const struct fake *fake);
/* Removes the documents of jobs that were in the buffer before and are not any more. */
void fake_sweep_planes(const struct fake *fake, const struct fake_state *before);

/* ---- fake.c ---- */
/* Lock, run, and answer as the machine would: RETRY while it is silent or gone, ATTEND when its
 * serial is not the pinned one. Left locked on success. */
must_use bool fake_look(struct fake *fake, struct err *err);
void fake_status_of(const struct fake *fake, struct device_status *status);
void fake_witness_of(const struct fake *fake, struct witness *witness);

/* ---- fake_send.c, fake_confirm.c ---- */
bool fake_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err);
bool fake_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err);
