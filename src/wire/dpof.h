/* SPDX-License-Identifier: Apache-2.0
 *
 * A card's print order: MISC/AUTPRINT.MRK, as cameras and kiosks write it (Digital Print Order
 * Format 1.00 and 1.10). Of each [JOB] the type, the quantity and the pictures count; the paper is
 * the product's, and what else a camera notes is left aside.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

#define DPOF_BYTES_MAX 262144
#define DPOF_JOBS_MAX  999 /* a PRT PID has three digits */
#define DPOF_PATH_MAX  256

struct dpof_print {
	char path[DPOF_PATH_MAX]; /* within the card: "DCIM/100ABCDE/IMG_0001.JPG" */
	int32_t copies;
};

struct dpof {
	struct dpof_print *prints; /* owned: dpof_fini */
	size_t n;
};

/* RETRY, code "dpof": it can't be read; perhaps it is not whole yet. REJECT says what it asks for
 * that isn't made here: index prints, too many, pictures outside of the card. */
must_use bool dpof_read(const char *text, size_t len, struct dpof *dpof, struct err *err);
void dpof_fini(struct dpof *dpof);
