/* SPDX-License-Identifier: Apache-2.0
 *
 * How a document is printed on a dye-sub as it stands: which multicut code, how large an image, how
 * many of it, with which coat. Decided before the first byte goes, and pure, so that a test can ask
 * for every printer, paper and firmware.
 */
#pragma once
#include "drivers/dnp_table.h"
#include "drivers/driver.h"

#define DNP_NOTE_MAX      65   /* as attempt's device_job_uuid */
#define DNP_COUNTS_HALVES (-2) /* sheets_left of a size whose rest is kept for the next */

struct dnp_facts { /* the printer as it is now */
	const struct dnp_model *model;
	int firmware;    /* 102 = 1.02 */
	bool no_rewind;  /* as the letter of its firmware says */
	int media_code;  /* 0: none that it knows */
	int64_t halves;  /* half prints left (RQTY); COUNT_UNKNOWN */
	int coat_before; /* of the last image; -1: not known */
};

struct dnp_plan {
	const struct dnp_cut *cut;
	int code;              /* what MULTICUT says */
	int32_t columns, rows; /* of the image that goes */
	bool twice;            /* two prints on one sheet: the image holds both */
	bool fine_rows;        /* 600 dpi from row to row */
	int coat;              /* OVERCOAT */
	int cutter;            /* CUTTER */
	bool resumes;          /* BUFFCNTRL: it finishes by itself after a jam */
	bool says_speed;       /* PRINTSPEED */
	int32_t sends, count;  /* images to send, prints of each (QTY) */
	int32_t buffers;       /* free ones that the first image needs */
	int32_t buffers_next;  /* and each that follows */
	/* What confirm must know of this and can't see: "" where a sheet is a print. */
	char note[DNP_NOTE_MAX];
};

/* Fills the plan. ATTEND "media-not-loaded", "firmware-old", "printer-unfit"; REJECT
 * "format-refused", "document-size". */
must_use bool dnp_plan_make(const struct device *device, const struct dnp_facts *facts,
	const struct document *document, int32_t copies, struct dnp_plan *plan, struct err *err);
/* The prints of one size that may be asked of it, as media that are ready; doubles and what its
 * firmware can't are left out. Their sheets_left is COUNT_UNKNOWN or DNP_COUNTS_HALVES. How many.
 */
int32_t dnp_plan_ready(const struct dnp_facts *facts, struct ready_media ready[DEVICE_READY_MAX]);

struct dnp_note { /* of an attempt; all as if a sheet were a print where nothing is noted */
	bool twice, rewinds;
	int64_t halves_before;
};

/* False: it is none of ours. */
bool dnp_note_read(const char *text, struct dnp_note *note);
