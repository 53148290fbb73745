/* SPDX-License-Identifier: Apache-2.0
 *
 * An emulated S2145 with a driver at it, a page to print, and an attempt as a store would have it.
 */
#pragma once
#include "drivers/s2145.h"
#include "tests/rig/line.h"

struct bench {
	struct rig_line *rig;
	struct device device;
	struct document document;
	uint8_t *rgb; /* of the upright page */
	struct attempt stored;
	struct send_hooks rig_hooks;
};

struct bench_size { /* what is rendered, and what it is called at the machine */
	const char *media;
	int32_t width_px, height_px;
	int32_t width_hmm, height_hmm;
};
extern const struct bench_size bench_4x6, bench_5x7, bench_6x8, bench_pair;

/* arguments: of the emulator. */
void bench_open(struct bench *bench, const char *arguments);
void bench_close(struct bench *bench);
/* The worker has died; another one begins. Nothing but `stored` is left of the attempt. */
void bench_fresh(struct bench *bench);
void bench_page(struct bench *bench, const struct bench_size *size, uint32_t seed);
/* The hash of its pixels as the printer must get them, made in another way than the driver's. */
void bench_expect_hash(const struct bench *bench, bool lies, char sha256[HASH_HEX_MAX]);
/* A new attempt: its witness is read. */
void bench_prepare(struct bench *bench, const char *key, int copies);
/* Sends; what a store would know is in `stored`. */
bool bench_send(struct bench *bench, struct err *err);
/* Asks until it is settled, while time passes. */
void bench_settle(struct bench *bench, struct receipt *receipt);
void bench_print(struct bench *bench, const char *key, int copies); /* and it is proven */
/* Sheets that came out in all. */
int bench_sheets(const struct bench *bench);
bool bench_report_says(const struct bench *bench, const char *text);
int64_t bench_report_number(const struct bench *bench, const char *name);
