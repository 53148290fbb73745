/* SPDX-License-Identifier: Apache-2.0
 *
 * A dye-sub's driver at an emulated dye-sub, in virtual time; workers that die at any byte; and the
 * planes of a page, computed once more and plainly.
 */
#pragma once
#include "tests/rig/line.h"

struct bench {
	struct rig_line *rig;
	struct device device;
	struct document document;
	uint8_t *rgb;     /* of the document */
	enum phase phase; /* as a store would have it */
	char note[65];
	/* the worker dies: nothing goes to the printer after so many bytes, or questions */
	int64_t dies_at_byte, dies_at_answer; /* -1: never */
	int64_t bytes, answers;
	int64_t dies_in_send; /* the same as dies_at_byte, from the hand-over on; -1 */
	bool is_dead;
	bool reset_fails; /* a reset helps, and the line is gone all the same */
};

/* A printer with these arguments (tests/rig/dnp.h) and a fresh worker. */
void bench_start(struct bench *bench, const char *arguments);
void bench_stop(struct bench *bench);
/* The worker goes without a word; another comes. Nothing of the first is known to it. */
void bench_fresh_worker(struct bench *bench);
/* A page for that media; the pixels are noise of that seed. y_dpi: 300 or 600. */
void bench_page(struct bench *bench, int32_t width_px, int32_t height_px, int32_t y_dpi,
	int32_t media_width_hmm, int32_t media_height_hmm, const char *type);
/* Reads the witness and hands over; the attempt is then what a store would have. */
bool bench_send(struct bench *bench, int copies, struct attempt *attempt, struct err *err);
/* Asks, once a second, until it is not pending. Fails the test after so many seconds. */
void bench_confirm(
	struct bench *bench, const struct attempt *attempt, int seconds, struct receipt *receipt);
void bench_print_and_prove(struct bench *bench, int copies);
/* Lines of the printer's report that begin with `words`, or have them after the number. */
int bench_count(const struct bench *bench, const char *words);
/* The number after that word in the report. */
int64_t bench_number(const struct bench *bench, const char *word);

struct plain {             /* how an image is said to be, by a test */
	int columns, rows; /* of one print, at the document's resolution */
	bool turned;
	int gap_rows; /* -1: one print */
	bool fine;
};

/* "y=… m=… c=…", the hashes that the report should have. */
void plain_hashes(const struct bench *bench, const struct plain *plain, char text[80]);
