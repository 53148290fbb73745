/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device language must do. All calls block and run inside a device worker, one process per
 * printer. A driver never retries on its own, never logs job decisions, never exits: it returns an
 * error with a remedy. It sees its printer and nothing else.
 */
#pragma once
#include "base/err.h"
#include "drivers/usb.h"
#include "rules/device.h"

struct device {
	const struct driver *driver;
	void *own;           /* the driver's own state, made by open, freed by close */
	const char *printer; /* its name on this floor, for texts */
	const char *uri;
	const char *uuid;    /* pinned printer-uuid or serial; "" = whoever answers first */
	const char *tls_key; /* pinned name of its public key (base/hash.h); "" = not met yet */
	const char *user;    /* who we are there; "" = nobody was given */
	const char *password;
	struct model model;
	bool exclusive;
	/* What the worker offers a driver. */
	void *host;
	/* A connected stream socket to the printer, made by the daemon (the worker itself can't
	 * connect); owned by the driver from then on. -1 and err on failure. */
	int (*connect)(void *host, struct err *err);
	/* Opens and claims that interface of the printer's USB device, the one that the uri and the
	 * pinned serial say: the daemon finds it and passes its node, the worker can open nothing.
	 * Owned by the driver from then on; the host may be asked again after a failure. NULL and
	 * err: RETRY "printer-absent" (not plugged in), ATTEND "usb-taken" (another program has the
	 * interface; says which and how to free it), ATTEND "usb-serial" (another one is plugged
	 * in). */
	struct usb_line *(*usb)(void *host, const struct usb_wish *wish, struct err *err);
	/* Over TLS it proved another key than `tls_key`. The daemon is asked: true when that key is
	 * the pinned one now, be it that none was pinned before (it is stored then), or that a
	 * person has accepted it. Else ATTEND "printer-key-changed", and nothing may be sent to it.
	 */
	bool (*met_key)(void *host, const char *tls_key, struct err *err);
	/* True when the attempt was cancelled or the daemon is gone: stop at the next safe point.
	 */
	bool (*must_stop)(void *host);
	/* Waits, watching for must_stop; false when it is time to stop. */
	bool (*pause)(void *host, int64_t wait_ms);
	/* Health seen while a call is under way: an upload that an empty tray has stopped, say. May
	 * be NULL. */
	void (*saw)(void *host, const struct device_status *status);
};

struct document { /* one rendered page, device-ready */
	int fd;   /* read-only, at offset 0 */
	int64_t bytes;
	enum document_format format;
	int32_t width_px, height_px, x_dpi, y_dpi;
	char media_size[65]; /* PWG name, what must be loaded */
	char media_type[65];
	int32_t media_width_hmm, media_height_hmm;
	int32_t margin_hmm; /* 0: borderless */
	bool cuts;          /* into the finished prints, as its model says */
	char order[65];     /* what people call the order, for a job ticket; a hostile text */
	/* For the back of each copy, as the model says: never more lines, columns or other
	 * characters (in UTF-8) than those. */
	char back_print[BACK_LINES_MAX][BACK_LINE_MAX];
	int32_t n_back_print;
};

/* The three points at which `send` calls back. Each returns once the daemon has stored it, or
 * false: the attempt is cancelled or the daemon is gone, so send must stop and return REMEDY_DROP.
 */
struct send_hooks {
	void *host;
	/* The device gave the attempt an identity, or the driver notes in its place how it hands
	 * over what confirm can't see. A driver with neither skips it. */
	bool (*opened)(void *host, int32_t job_id, const char *job_uuid);
	/* The first byte of the document is about to go. */
	bool (*sending)(void *host);
	/* The tail (or Release-Job, or START) is about to go: after this a complete print may
	 * exist; before it none can. */
	bool (*committed)(void *host);
};

struct driver {
	const char *name; /* as models say it */
	/* It works with files of a folder: a fresh worker is needed for one that was mounted since.
	 */
	bool in_folder;
	bool prints_backs; /* its models may say back_print; wire/profile_model.c knows the same */
	/* Prepares; may but need not reach the device. */
	bool (*open)(struct device *device, struct err *err);
	/* Health, loaded media and capabilities, as of now. RETRY when the device does not answer.
	 */
	bool (*status)(struct device *device, struct device_status *status, struct err *err);
	/* Evidence before or after an attempt; status must be readable, else RETRY. */
	bool (*witness)(struct device *device, struct witness *witness, struct err *err);
	/* Checks loaded media, then hands the document over. Returns when the device has taken all
	 * of it. Failing before `committed` was called: ATTEND (media, cover), RETRY, REJECT
	 * (the device refuses the document), DROP (told to stop); no complete print can exist.
	 * Failing after it: UNSURE. */
	bool (*send)(struct device *device, struct attempt *attempt,
		const struct document *document, const struct send_hooks *hooks, struct err *err);
	/* Asks once what became of an attempt; works from the stored attempt alone, also in a fresh
	 * process. Below COMMITTED it first cancels what is left on the device. RETRY when the
	 * device does not answer: that proves nothing. */
	bool (*confirm)(struct device *device, const struct attempt *attempt,
		struct receipt *receipt, struct err *err);
	/* Asks the device to stop the attempt; what came out is then found by confirm. */
	bool (*cancel)(struct device *device, const struct attempt *attempt, struct err *err);
	/* On connect: cancels unfinished jobs of ours that are not in `known` (attempt keys), since
	 * an orphan blocks a one-job printer for ever. Says how many in *swept. */
	bool (*sweep)(struct device *device, const char (*known)[ATTEMPT_KEY_MAX], size_t n_known,
		int32_t *swept, struct err *err);
	void (*close)(struct device *device);
};

/* NULL when no driver of that name was built in. */
const struct driver *driver_find(const char *name);
