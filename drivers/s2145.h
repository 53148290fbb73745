/* SPDX-License-Identifier: Apache-2.0
 *
 * The S2145 driver's own words. A printer with two buffers ("banks"): a picture goes into a free
 * one under a job id of ours and is printed when all of it is there. Until then the printer takes
 * whatever comes for pixels, also commands: a hand-over that broke is ended by a reset of its port
 * before anything else is said (s2145_talk.c). What came out is proven by its lifetime counter and
 * by what a bank says of its last job.
 */
#pragma once
#include "drivers/driver.h"
#include "drivers/s2145_table.h"

#define S2145_VENDOR        0x10CE
#define S2145_PRODUCT       0x000E
#define S2145_PRODUCT_OLMEC 0x0011

struct s2145 {
	struct device *device;
	struct usb_line *line; /* NULL: not open */
	bool fills;            /* it was promised a picture and has not had all of it */
	bool answered;         /* on this line: silence is news */
	char uuid[65];         /* pinned: its serial, or the id that it was given */
	char title[129], firmware[16];
	int32_t last_id; /* of the newest job; 0: none yet */
};

struct s2145_reply {
	struct s2145_head head;
	uint8_t payload[S2145_REPLY_MAX]; /* as many bytes as the head says */
};

/* ---- s2145_talk.c ---- */
/* Opens the line where it is not open, ends a broken hand-over, asks, and takes the reply in; that
 * may be a refusal (head.ok). RETRY "printer-silent" when nothing comes, also after a reset;
 * "printer-answer" when it is no reply. ATTEND: the line can't be had, another printer is there. */
must_use bool s2145_ask(struct s2145 *s, const uint8_t *command, size_t n_command,
	struct s2145_reply *reply, struct err *err);
must_use bool s2145_query(
	struct s2145 *s, enum s2145_code code, struct s2145_reply *reply, struct err *err);
/* Promises a picture. head->ok: it waits for all of its pixels now, and for nothing else. Asked
 * once only: a failure leaves open whether it does. */
must_use bool s2145_announce(
	struct s2145 *s, const struct s2145_job *job, struct s2145_head *head, struct err *err);
/* Pixels of the picture that was promised. */
must_use bool s2145_pour(
	struct s2145 *s, const uint8_t *pixels, size_t n_bytes, bool ends, struct err *err);
/* After a failure that the line may not outlive: the next question opens another. */
void s2145_hang_up(struct s2145 *s);
/* Why it did not do what it was told. */
bool s2145_refused(
	const struct s2145 *s, const struct s2145_head *head, const char *to, struct err *err);

/* ---- s2145_status.c ---- */
must_use bool s2145_look(struct s2145 *s, struct s2145_state *state, struct err *err);
/* What the loaded ribbon and paper give; nothing while it can't say. */
must_use bool s2145_loaded(struct s2145 *s, struct s2145_media *media, struct err *err);
void s2145_status_of(const struct s2145 *s, const struct s2145_state *state,
	const struct s2145_media *media, struct device_status *status);
/* RETRY "printer-answer" while it does not say its counters. */
must_use bool s2145_witness_of(const struct s2145 *s, const struct s2145_state *state,
	struct witness *witness, struct err *err);
bool s2145_status(struct device *device, struct device_status *status, struct err *err);
bool s2145_witness(struct device *device, struct witness *witness, struct err *err);
/* The coat for a document's media type; 0: it has none such. */
uint8_t s2145_coat_of(const char *media_type);

/* ---- s2145_page.c ---- */
struct s2145_page {
	struct s2145_medium medium;
	uint8_t *pixels; /* columns × rows × 3, as they go; the caller's to free */
	size_t n_bytes;
};
/* The whole page, turned where the printer has it lying: right by right (clockwise). */
must_use bool s2145_page_read(const struct s2145 *s, const struct document *document,
	const struct s2145_media *media, struct s2145_page *page, struct err *err);

/* ---- s2145_send.c, s2145_confirm.c ---- */
bool s2145_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err);
bool s2145_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err);
/* Tells it to drop that job. No job of that id there any more is fine. */
must_use bool s2145_drop(struct s2145 *s, uint8_t id, struct err *err);
