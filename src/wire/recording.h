/* SPDX-License-Identifier: Apache-2.0
 *
 * A recording of what a printer said: lines of JSON. The first names it,
 *   {"platen_recording":1,"printer":"P1","begun":"2026-11-29T10:00:00.000Z"}
 * each other says from when on it said what, in the order of time,
 *   {"at_ms":0,"status":{…}}   or   {"at_ms":61000,"err":{"remedy","code","text"}}
 * and the last that it ended: {"at_ms":86400000,"end":true}. One that was cut off lacks that.
 */
#pragma once
#include "rules/device.h"
#include "wire/json.h"

#define RECORDING_MEMBER    "platen_recording"
#define RECORDING_VERSION   1
#define RECORDING_BYTES_MAX (64 * 1024 * 1024)
#define RECORDING_LINES_MAX 20000 /* a reader holds them all */

struct recording_line {
	int64_t at_ms;
	bool has_status;
	struct device_status status; /* else err, or the end */
	bool is_end;
	struct err err;
};

struct recording {
	char printer[65];
	struct recording_line *lines; /* in the order of time */
	size_t n;
};

/* The same but for its clock. */
bool recording_is_same(const json_t *a, const json_t *b);
/* REJECT "recording": the line and what is wrong with it. The caller's memory; fini in any case. */
must_use bool recording_read(
	const char *text, size_t len, struct recording *recording, struct err *err);
void recording_fini(struct recording *recording);
/* The line that holds so long after its beginning; NULL before the first and after the end. */
const struct recording_line *recording_at(const struct recording *recording, int64_t at_ms);
