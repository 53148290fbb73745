/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device worker offers a driver, for tests that have no daemon: connects by itself, grants
 * every step, or stops where it is told to; and documents to print.
 */
#pragma once
#include "drivers/driver.h"

enum host_at { HOST_NEVER, HOST_AT_OPENED, HOST_AT_SENDING, HOST_AT_COMMITTED };

struct host {
	int port;              /* of the printer on loopback */
	enum host_at stop_at;  /* refuses that step */
	enum host_at kill_at;  /* dies there by SIGKILL */
	int64_t stop_after_ms; /* must_stop from then on (boot time); 0 = never */
	int report;            /* descriptor: each step is written to it; -1 */
	enum phase phase;      /* as a store would have it */
	int32_t job_id;
	char job_uuid[65];
	int steps;
	int connects;
	char tls_key[HASH_PIN_MAX];   /* pinned, as a store would have it: the first that is met */
	char other_key[HASH_PIN_MAX]; /* met and not believed */
	const char *user, *password;
};

struct host_report { /* what is written to `report` */
	enum phase phase;
	int32_t job_id;
	char job_uuid[65];
};

/* A device over that driver, not yet opened. */
void host_device(struct host *host, const char *driver, const char *uri, struct device *device);
void host_hooks(struct host *host, struct send_hooks *hooks);
/* An attempt of that key, its witness read before. */
void host_attempt(struct device *device, const char *key, int copies, struct attempt *attempt);
/* Asks until it is not pending any more; fails the test after so long. */
void host_confirm(struct device *device, const struct attempt *attempt, int64_t within_ms,
	struct receipt *receipt);
/* A PWG raster of noise on 4x6 glossy, about that many bytes, in an unlinked file. */
void host_document(struct document *document, int32_t width_px, int32_t height_px);
