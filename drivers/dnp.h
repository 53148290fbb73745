/* SPDX-License-Identifier: Apache-2.0
 *
 * The DNP/Citizen dye-subs' own words: what their files share. docs/dyesub.md says what is
 * supported and how a print is proven.
 */
#pragma once
#include "drivers/dnp_frame.h"
#include "drivers/dnp_plan.h"
#include "drivers/dnp_status.h"

struct dnp {
	struct device *device;
	struct usb_line *line; /* NULL: not open, or broken */
	bool cut_off;          /* it waits for the rest of something: reset it first */
	const struct dnp_model *model;
	char serial[65];
	char title[USB_TEXT_MAX];
	char firmware_text[33];
	int firmware;    /* 102 = 1.02 */
	bool no_rewind;  /* a letter A behind the firmware's number */
	int coat_before; /* of the last image that this process sent; -1 */
};

struct dnp_look { /* one look at it; COUNT_UNKNOWN where it does not say */
	int code;
	const struct dnp_condition *condition;
	int64_t free_buffers;
	int64_t in_work;    /* prints left of the running job */
	int64_t life;       /* prints since it was made */
	int64_t left;       /* native prints left, as it counts them */
	int64_t left_worth; /* the same, less what it keeps back */
	int64_t halves;     /* half prints left, where it rewinds */
	int64_t new_count;  /* of a new set of what is loaded */
	int media_code;     /* 0: none it knows */
};

/* ---- dnp_link.c: one command, one answer ---- */
/* Opens the line, brings both ends to the beginning of a frame, and asks who it is, unless that was
 * done. ATTEND "printer-changed" when it is another one than the pinned. */
must_use bool dnp_enter(struct dnp *dnp, struct err *err);
/* Closes the line: it is opened again at the next need. */
void dnp_drop(struct dnp *dnp);
/* An answer as text, of up to DNP_REPLY_MAX bytes. */
must_use bool dnp_ask(struct dnp *dnp, const char *group, const char *name,
	char text[DNP_REPLY_MAX + 1], struct err *err);
/* What gives no answer; `payload` may be NULL. */
must_use bool dnp_tell(struct dnp *dnp, const char *group, const char *name, const void *payload,
	size_t n_bytes, struct err *err);

/* ---- dnp_query.c ---- */
must_use bool dnp_identify(struct dnp *dnp, struct err *err);
must_use bool dnp_status_code(struct dnp *dnp, int *code, struct err *err);
must_use bool dnp_free_buffers(struct dnp *dnp, int64_t *free_buffers, struct err *err);
must_use bool dnp_look(struct dnp *dnp, struct dnp_look *look, struct err *err);
/* The ribbon's lot; "" where its chip says none. */
must_use bool dnp_lot(struct dnp *dnp, char *lot, size_t size, struct err *err);
void dnp_facts_of(const struct dnp *dnp, const struct dnp_look *look, struct dnp_facts *facts);
void dnp_status_of(
	const struct dnp *dnp, const struct dnp_look *look, struct device_status *status);
void dnp_witness_of(const struct dnp *dnp, const struct dnp_look *look, struct witness *witness);
/* Nothing is in its buffers and nothing under way. */
bool dnp_is_at_rest(const struct dnp_look *look);

/* ---- dnp_job.c, dnp_confirm.c ---- */
bool dnp_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err);
bool dnp_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err);
/* Forgets what it was given and has not begun. */
must_use bool dnp_clear(struct dnp *dnp, struct err *err);
must_use bool dnp_stopped(const struct dnp *dnp, struct err *err); /* false: "told to stop" */
