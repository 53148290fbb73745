/* SPDX-License-Identifier: Apache-2.0
 *
 * A USB device as a model: what it answers, in its own time. Models are written once and used by
 * both front ends: the line in memory (tests/rig/line.c: no USB, for the languages' own tests) and
 * the usbfs on FUSE (tests/rig/usbfs.c: the whole unmodified daemon). A front end calls in from one
 * thread only, and gives the time; a model never sleeps and reads no clock.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RIG_STALL (-1) /* a protocol stall; for bulk, the endpoint halts until it is cleared */
#define RIG_NAK   (-2) /* not now: ask again after `tick` or another call */

struct rig_descriptors {
	uint8_t device[18];
	const uint8_t *configuration; /* whole: with interfaces and endpoints */
	size_t n_configuration;
	const char *strings[8]; /* by index, from 1; NULL: none */
};

struct rig_model {
	const char *name; /* "dnp", "printer-class" */
	/* A new device in `own` memory of the model; arguments are the test's, "serial=AB12
	 * media=310". */
	void *(*create)(const char *arguments, struct rig_descriptors *descriptors);
	void (*destroy)(void *own);
	/* So many of the bytes are taken now (0 to n), or RIG_*. */
	int (*out)(void *own, uint8_t endpoint, const uint8_t *bytes, int n, int64_t now_ms);
	/* So many bytes are given, the end of a transfer (a short one, too), or RIG_*. */
	int (*in)(void *own, uint8_t endpoint, uint8_t *bytes, int room, int64_t now_ms);
	/* Class and vendor requests; the standard ones are the front end's. `bytes` holds or takes
	 * up to n; the count that is given, or RIG_STALL. */
	int (*control)(void *own, const uint8_t setup[8], uint8_t *bytes, int n, int64_t now_ms);
	void (*reset)(void *own, int64_t now_ms);
	/* Time has passed. */
	void (*tick)(void *own, int64_t now_ms);
	/* A test says what happens at the machine: "jam", "media 310 400", "cover open". False when
	 * it does not understand. */
	bool (*command)(void *own, const char *words, int64_t now_ms);
	/* What it did, one fact a line, for the test's oracle: sheets with their hash, counters.
	 * The length of the whole text, as snprintf says it. */
	int (*report)(void *own, char *text, size_t size);
	/* False once it has left the bus by itself, as a scale does that switches off; NULL: it
	 * never does. Plugging it in again (after `reset`) brings it back. */
	bool (*present)(void *own, int64_t now_ms);
};
