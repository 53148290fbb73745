/* SPDX-License-Identifier: Apache-2.0
 *
 * The doors of the floor that a test may replace: the cloud, the crew of workers, the hot folder,
 * the clock. The store and the spool are real everywhere.
 *
 * The contract of every door:
 *  1. What is asked is copied; the caller keeps nothing alive. What is answered is a value with the
 *     ids of whatever asked: ids cross time, pointers don't. An answer for something that is gone
 *     is dropped by the hearer.
 *  2. Each ask is answered exactly once: success, failure or cancelled.
 *  3. Never from inside the call that starts it; always in a later turn of the loop.
 *  4. A cancel is allowed at any time and still leads to the answer.
 *  5. Closing a door first answers all its asks, then says it is closed.
 */
#pragma once
#include "base/clock.h"
#include "rules/drop.h"
#include "wire/order.h"
#include "wire/task.h"

/* ---- clock ---- */
struct clock_ops {
	int64_t (*now_ms)(void *self);  /* boot time */
	int64_t (*wall_ms)(void *self); /* for display and ULIDs */
	/* Calls the farm's wake at that time, once; a later call replaces the earlier one. */
	void (*wake_at)(void *self, int64_t at_ms);
	uint64_t (*chance)(void *self); /* 64 random bits: jitter, ULIDs */
	void (*boot_id)(void *self, char id[CLOCK_BOOT_ID_MAX]);
};

/* ---- cloud ----
 * key: the Idempotency-Key, a ULID stored before the call. Failures carry a remedy as
 * docs/order-api.md says of the status: RETRY (429, 503, 5xx, no answer, 401 after a renewal
 * failed), DROP (409 stale-epoch, 410), REJECT (400, 413, 415, 422), FATAL (409 store-rollback,
 * 403 floor-disabled); retry_after_ms is -1 where the server did not say.
 */
struct fetch_ask {
	int64_t job_row;
	int32_t page;
	char sha256[HASH_HEX_MAX]; /* what must arrive; also its name in the spool */
	int64_t bytes;             /* as the lease says; more is cut off, less is an error */
	char url[URL_MAX];
};

struct cloud_ops {
	void (*session)(void *self, const char *key, const struct session_ask *ask);
	/* Names jobs that are closed here. */
	void (*closed)(void *self, const char *key, const struct held_job *jobs, size_t n);
	void (*offer)(void *self, const char *key, const struct offer *offer);
	void (*acquire)(void *self, const char *key, const struct acquire_ask *ask);
	void (*extend)(void *self, const char *key, const struct held_job *jobs, size_t n);
	void (*release)(void *self, const char *key, const struct release_ask *ask);
	void (*start)(void *self, const char *key, const struct start_ask *jobs, size_t n);
	void (*events)(void *self, const char *key, const struct event_row *events, size_t n);
	void (*sign)(void *self, const char *key, int64_t job_row, int32_t page,
		const struct sign_ask *ask);
	/* Streams into spool/incoming, hashes on the way, resumes a partial file, ends with a
	 * synced file in spool/assets. Errors: code "asset-expired" (403/410 of the link: sign
	 * again), "asset-gone" (404), "asset-hash", "asset-size", "asset-forbidden" (host or
	 * address not allowed: REJECT), else RETRY. */
	void (*fetch)(void *self, const struct fetch_ask *ask);
	void (*fetch_cancel)(void *self, int64_t job_row);
};

struct cloud_hears {
	/* err is NULL on success, answer NULL on failure. Answers are borrowed for the call. */
	void (*session)(void *farm, const struct session_answer *answer, const struct err *err,
		int64_t retry_after_ms);
	void (*closed)(void *farm, const struct closed_answer *answer, const struct err *err,
		int64_t retry_after_ms);
	void (*offer)(void *farm, const char *etag, const struct err *err, int64_t retry_after_ms);
	/* No leases (204) is an answer without leases. */
	void (*acquire)(void *farm, const struct acquire_answer *answer, const struct err *err,
		int64_t retry_after_ms);
	void (*extend)(void *farm, const struct extend_answer *answer, const struct err *err,
		int64_t retry_after_ms);
	void (*release)(void *farm, const char *key, const char *job, const struct err *err,
		int64_t retry_after_ms);
	void (*start)(void *farm, const struct start_answer *answer, const struct err *err,
		int64_t retry_after_ms);
	void (*events)(void *farm, const struct events_answer *answer, const struct err *err,
		int64_t retry_after_ms);
	void (*sign)(void *farm, int64_t job_row, int32_t page, const struct sign_answer *answer,
		const struct err *err);
	void (*fetch)(void *farm, int64_t job_row, int32_t page, const struct err *err);
};

/* ---- crew ---- */
struct render_ask {
	int64_t job_row;
	int32_t page;
	struct render_task task; /* id is filled by the crew */
	char asset_sha256[HASH_HEX_MAX];
	char raster_name[HASH_HEX_MAX]; /* RENDER_RENDER: where the result goes in spool/rasters */
	int64_t deadline_ms;            /* how long it may take; then killed, answered with RETRY */
};

struct print_ask {
	char printer[NAME_MAX_LEN];
	char raster_name[HASH_HEX_MAX];
	struct device_send send;
};

struct crew_ops {
	void (*render)(void *self, const struct render_ask *ask);
	void (*render_cancel)(void *self, int64_t job_row);
	/* Devices are started with the crew, one worker each, restarted with a growing wait. The
	 * uuid that is pinned in the store: from its next start the worker refuses any other. */
	void (*pin)(void *self, const char *printer, const char *uuid);
	/* The key that the printer must prove over TLS, as it is stored now. */
	void (*key)(void *self, const char *printer, const char *tls_key);
	void (*witness)(void *self, const char *printer, const char *attempt_key);
	void (*print)(void *self, const struct print_ask *ask);
	void (*go)(void *self, const char *printer, const char *attempt_key);
	void (*confirm)(void *self, const char *printer, const struct attempt *attempt);
	void (*cancel)(void *self, const char *printer, const struct attempt *attempt);
	void (*sweep)(void *self, const char *printer, const char (*known)[ATTEMPT_KEY_MAX],
		size_t n_known);
};

struct crew_hears {
	/* The render server is warm; the engine goes into recipes, and the font into those with a
	 * label ("": there is none). Said again after a restart. */
	void (*engine)(void *farm, const char *engine, const char *font);
	/* raster_name: as it was asked for. */
	void (*rendered)(void *farm, int64_t job_row, int32_t page, enum render_do what,
		const char *raster_name, const struct render_result *result);
	/* Health, unasked. err: no answer or the worker died; status is then NULL. */
	void (*status)(void *farm, const char *printer, const struct device_status *status,
		const struct err *err);
	/* The printer proved a key that its worker does not know. Its worker waits, with the
	 * connection made and nothing sent, until it is told (ops->key) which one is stored. */
	void (*key)(void *farm, const char *printer, const char *tls_key);
	void (*witness)(void *farm, const char *printer, const char *attempt_key,
		const struct witness *witness, const struct err *err);
	void (*step)(void *farm, const char *printer, const struct device_step_message *step);
	void (*sent)(
		void *farm, const char *printer, const char *attempt_key, const struct err *err);
	void (*receipt)(void *farm, const char *printer, const char *attempt_key,
		const struct receipt *receipt, const struct err *err);
	void (*cancelled)(
		void *farm, const char *printer, const char *attempt_key, const struct err *err);
	void (*swept)(void *farm, const char *printer, int32_t swept, const struct err *err);
	/* The registers of a sensor, unasked, at the pace of its bus; n_words 0: err says why there
	 * are none. */
	void (*measured)(void *farm, const char *sensor, const uint16_t *words, int32_t n_words,
		const struct err *err);
};

/* ---- hot folder: where people drop what shall be printed ----
 * All asks are carried out one after another, beside the loop, in the order in which they were
 * asked. `id` is the caller's. An error of RETRY: as it lies there it can't be used, it may change;
 * REJECT: it never can.
 */
struct drop {                     /* a picture, with its sidecar where it has one, or a card */
	char sku[NAME_MAX_LEN];   /* in whose folder it was dropped */
	char name[DROP_NAME_MAX]; /* what bytes it has, perhaps no UTF-8 */
	char key[ULID_MAX]; /* it is taken, under that key; "": it lies where it was dropped */
	bool is_card;
	char sidecar_name[DROP_NAME_MAX]; /* "": none */
	struct drop_print print, sidecar; /* as they were when it was found, or read */
};

struct drop_found {
	struct drop drop;
	int32_t fails; /* how often it was looked into in vain */
	bool given_up; /* it was not whole for too long, or can never be: why says it */
	char why[ERR_TEXT_MAX];
	char *ticket; /* of a taken one, its text; else NULL */
};

struct drop_why { /* something lies there and is not taken */
	char name[DROP_NAME_MAX + NAME_MAX_LEN];
	char text[ERR_TEXT_MAX];
};

#define HOT_FOUND_MAX 4
#define HOT_WHYS_MAX  8

struct hot_sight { /* one look */
	struct drop_found found[HOT_FOUND_MAX];
	size_t n_found;
	int32_t n_waiting; /* lie there and are not in hand */
	struct drop_why
		whys[HOT_WHYS_MAX]; /* of the first of them; not of what has only just come */
	size_t n_whys;
	bool fit; /* false: the folder can't be used, and fault says why */
	struct err fault;
	int64_t took_ms;
};

struct hot_file { /* a file as it was copied into the spool's assets */
	char sha256[HASH_HEX_MAX];
	int64_t bytes;
	unsigned char head[PICTURE_HEAD_BYTES];
	size_t head_len;
	bool was_there; /* the spool had it before: nothing new was kept */
	struct drop_print print;
};

struct hot_ops {
	/* What is ripe, up to `want` things that are then in the caller's hand until they are left,
	 * finished or refused. After a start, what was taken before comes first. */
	void (*look)(void *self, int32_t want);
	/* The text of its sidecar, or of the card's print order. */
	void (*words)(void *self, int64_t id, const struct drop *drop);
	/* Copies it (`path`: that file of the card), hashing, into the spool's assets for good.
	 * RETRY, codes "changed", "being-written", "disk-full", "hot-place" (its
	 * disk or network), "hot-folder" (the thing itself); REJECT "asset-limits". */
	void (*read)(void *self, int64_t id, const struct drop *drop, const char *path,
		int64_t most_bytes);
	/* Out of everybody's way into the working folder, with its ticket, for good, as long as it
	 * is what it was. */
	void (*take)(void *self, int64_t id, const struct drop *drop, const char *ticket);
	/* Its order stands in the store: to done. `note` (may be NULL): what of it was not ordered,
	 * for whoever looks there. */
	void (*finish)(void *self, int64_t id, const struct drop *drop, const char *note);
	/* To refused, with a text beside it; where it can't be moved there, it is put off. */
	void (*refuse)(void *self, int64_t id, const struct drop *drop, const char *why);
	/* Out of hand; `why` (may be NULL): it can't be used as it is; or, where that may pass, it
	 * is put off for a while. Not answered. */
	void (*leave)(void *self, const struct drop *drop, const char *why, bool may_pass);
};

struct hot_hears {
	void (*looked)(void *farm, const struct hot_sight *sight); /* borrowed */
	void (*words)(void *farm, int64_t id, const char *text, size_t len, const struct err *err);
	void (*read)(void *farm, int64_t id, const struct hot_file *file, const struct err *err);
	/* changed: it is taken, and it is not what it was: it must be read anew. */
	void (*taken)(void *farm, int64_t id, bool changed, const struct err *err);
	/* changed: somebody has written into it after it was read. */
	void (*finished)(void *farm, int64_t id, bool changed, const struct err *err);
	void (*refused)(void *farm, int64_t id, const struct err *err);
};

struct ports {
	const struct clock_ops *clock_ops;
	void *clock;
	const struct cloud_ops *cloud_ops;
	void *cloud;
	const struct crew_ops *crew_ops;
	void *crew;
	const struct hot_ops *hot_ops; /* NULL: this floor has no hot folder */
	void *hot;
	struct store *store;
	struct spool *spool;
};
