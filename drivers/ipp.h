/* SPDX-License-Identifier: Apache-2.0
 *
 * The IPP driver's own words, shared by its files only: the printer's address and pinned identity
 * (ipp.c), one request (ipp_call.c; ipp_line.h has the files below it), what answers say, checked
 * (ipp_answer.c, ipp_status.c), its jobs (ipp_jobs.c), handing over (ipp_send.c) and finding out
 * (ipp_confirm.c).
 */
#pragma once
#include "drivers/driver.h"
#include "rules/mib_text.h"
#include <cups/ipp.h>

#define IPP_ANSWER_MAX (1024 * 1024)
#define IPP_TAIL_BYTES (64 * 1024) /* of a document, held back until COMMITTED is stored */
#define IPP_USER       "platen"
#define IPP_ASK_MS     5000 /* how long one question may take */
#define IPP_CREATE_MS  15000

struct ipp_line; /* connections to the printer: curl */

struct ipp_auth {
	long way; /* how it wants to know who we are (curl's word); 0: it has not asked */
	char key[HASH_PIN_MAX]; /* of the machine that has asked */
	int32_t refusals;       /* in a row */
	int64_t wait_until_ms;
	char refused[129];    /* the password that it did not take */
	ipp_op_t refused_for; /* and for what it had asked for one */
};

struct ipp {
	struct device *device;
	char host[128];
	int32_t port;
	char path[192];
	char uri[384]; /* as requests name the printer */
	char url[384]; /* where they go */
	bool encrypts; /* ipps: and never without */
	char uuid[65]; /* pinned */
	struct ipp_auth auth;
	int32_t request_id;
	int64_t media_due_ms; /* when it is asked next what it prints on at all */
	bool spools;   /* a cupsd: it has its counts from a backend, which may fail to give them */
	bool heedless; /* cleaning up: must_stop is not asked */
	struct ipp_line *line;
	struct ipp_line *watch; /* for looking on while an upload is under way */
};

/* ---- ipp.c ---- */
/* Checks the identity against the pin, or pins it. ATTEND "printer-changed". */
must_use bool ipp_identity_fits(struct ipp *ipp, const char *uuid, struct err *err);

/* ---- ipp_line.c ---- */
struct ipp_line *ipp_line_create(void);
void ipp_line_destroy(struct ipp_line *line);

/* ---- ipp_call.c ---- */
/* A request to the printer, with the attributes that all need. */
ipp_t *ipp_request(struct ipp *ipp, ipp_op_t operation, int32_t job_id);
/* Asks for just these attributes. */
void ipp_want(ipp_t *request, const char *const *names, size_t n);
/* One request (which is freed) and its answer, of any IPP status; NULL and err when there was none
 * within that time. `fresh` for what must not be repeated: curl sends a request again by itself
 * when a kept connection turns out to be dead. */
ipp_t *ipp_call(struct ipp *ipp, ipp_t *request, int32_t within_ms, bool fresh, struct err *err);
/* The same, on the second line, while the first is busy. */
ipp_t *ipp_call_beside(struct ipp *ipp, ipp_t *request, int32_t within_ms, struct err *err);

struct ipp_upload {
	const struct document *document;
	int64_t hold_back;              /* bytes that go only after mark said yes; 0: none */
	bool (*mark)(void *context);    /* false: stop */
	void (*stalled)(void *context); /* nothing has moved for some seconds */
	void (*moves)(void *context);   /* told now and then while bytes are taken */
	void *context;
	bool marked; /* mark was asked and said yes */
};
/* Sends the request with the document behind it. No time limit: it ends by must_stop. */
ipp_t *ipp_call_upload(struct ipp *ipp, ipp_t *request, struct ipp_upload *upload, struct err *err);

/* ---- ipp_answer.c: pure ---- */
/* Are these bytes one IPP message that libcups may read: lengths, depth, number of values? */
must_use bool ipp_shape_is_fine(const unsigned char *bytes, size_t len, struct err *err);
/* Parses an answer to that request. */
ipp_t *ipp_answer_read(const char *bytes, size_t len, int32_t request_id, struct err *err);
/* The IPP status as success or as an error with its remedy; `doing` for the text. */
must_use bool ipp_answer_is_fine(
	const struct ipp *ipp, ipp_t *answer, const char *doing, struct err *err);
/* All leave *out alone when the attribute is absent, of another type or out of range, and say so.
 * Text is cut to fit; control bytes and bad UTF-8 come out escaped. */
bool ipp_take_text(ipp_attribute_t *attribute, char *out, size_t size);
bool ipp_take_int(ipp_attribute_t *attribute, int64_t least, int64_t most, int64_t *out);
bool ipp_take_int32(ipp_attribute_t *attribute, int32_t least, int32_t most, int32_t *out);
void ipp_take_supplies(ipp_t *answer, struct device_status *status);
/* Alerts after supplies and trays: they are found among those. */
void ipp_take_trays(ipp_t *answer, struct device_status *status);
void ipp_take_alerts(ipp_t *answer, struct device_status *status);
void ipp_take_media(ipp_t *answer, struct device_status *status);
/* One value as text, escaped and cut to fit; "" where there is none. */
void ipp_text_at(ipp_attribute_t *attribute, int at, char *out, size_t size);
/* One value that is a row of the MIB (rules/mib_text.h), escaped. False: none, or too long. */
bool ipp_row_at(ipp_attribute_t *attribute, int at, char out[MIB_TEXT_MAX]);
bool ipp_take_bool(ipp_attribute_t *attribute, bool *out);
bool ipp_has_word(ipp_attribute_t *attribute, const char *word);
bool ipp_has_number(ipp_attribute_t *attribute, int number);
/* The first of that name in that group; some printers say an attribute twice. */
ipp_attribute_t *ipp_find(ipp_t *answer, ipp_tag_t group, const char *name);

/* ---- ipp_status.c ---- */
must_use bool ipp_status_of(ipp_t *answer, struct device_status *status, struct err *err);
/* Asks and checks the identity. */
must_use bool ipp_look(struct ipp *ipp, struct device_status *status, struct err *err);
/* The same while an upload is under way. */
must_use bool ipp_look_beside(struct ipp *ipp, struct device_status *status, struct err *err);
bool ipp_status(struct device *device, struct device_status *status, struct err *err);
bool ipp_witness(struct device *device, struct witness *witness, struct err *err);

/* ---- ipp_jobs.c ---- */
struct ipp_job {
	int32_t id;
	char uuid[65];
	char name[ATTEMPT_KEY_MAX];
	char user[65];
	int32_t state;                  /* ipp_jstate_t, 0 = not said */
	int64_t impressions;            /* COUNT_UNKNOWN */
	bool began;                     /* it says when it started on it */
	int64_t created_s, completed_s; /* on the printer's up-time; COUNT_UNKNOWN */
	bool lacks_data;                /* waits for a document, or for the rest of it */
	bool held;                      /* until it is released */
	char message[129];
};
/* The jobs of an answer; the caller frees the list. */
size_t ipp_jobs_of(ipp_t *answer, struct ipp_job **jobs);
must_use bool ipp_jobs_list(
	struct ipp *ipp, bool finished, struct ipp_job **jobs, size_t *n, struct err *err);
/* By its stored id if its uuid fits, else by name among all. *found says whether. */
must_use bool ipp_job_find(struct ipp *ipp, const struct attempt *attempt, struct ipp_job *job,
	bool *found, struct err *err);
must_use bool ipp_job_ask(
	struct ipp *ipp, int32_t id, struct ipp_job *job, bool *found, struct err *err);
must_use bool ipp_job_cancel(struct ipp *ipp, int32_t id, struct err *err);
bool ipp_job_is_over(const struct ipp_job *job);
bool ipp_cancel(struct device *device, const struct attempt *attempt, struct err *err);
bool ipp_sweep(struct device *device, const char (*known)[ATTEMPT_KEY_MAX], size_t n_known,
	int32_t *swept, struct err *err);

/* ---- ipp_send.c, ipp_confirm.c ---- */
bool ipp_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err);
bool ipp_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err);
