/* SPDX-License-Identifier: Apache-2.0
 *
 * Which printer a job goes to: one that has the right paper loaded and can print now, the least
 * loaded of them. When there is none, the one plain reason why, which clears itself.
 */
#pragma once
#include "rules/job.h"

struct printer { /* a printer of the floor as the rules see it */
	const struct printer_conf *conf;
	const struct model *model;
	bool known;                     /* its device has answered since it was last lost */
	struct device_status status;    /* valid when known */
	char fault[ERR_TEXT_MAX];       /* why it is not known, or was parked; "" */
	char fault_code[ERR_CODE_MAX];  /* not known, and that needs hands: of what kind; "" */
	char tls_key[HASH_PIN_MAX];     /* pinned; "" = none was met */
	char tls_offered[HASH_PIN_MAX]; /* another that it proved: stopped until a person decides */
	bool paused;                    /* by a person */
	bool parked;                    /* by the circuit breaker */
	char overdue[ERR_TEXT_MAX];     /* why: its maintenance is due and blocks it; "" */
	char loaded[NAME_MAX_LEN];      /* what a person said is loaded; "" = as the device says */
	char lot[65];
	char room[ERR_TEXT_MAX]; /* which sensor near it says that it begins no sheet; "" */
	int64_t busy_job_row;    /* the job whose attempt has the printer; 0 = free */
	int64_t queue_ms;        /* work bound to it */
};

/* Whether that media is loaded, as the device says it or a person said it; of a roll, whether the
 * sheet that the product takes comes out of it (NULL: any). */
bool printer_has(
	const struct printer *printer, const struct media *media, const struct product *product);
/* The first of its model's document formats that it takes; false when it takes none of them. */
bool printer_takes(const struct printer *printer, enum document_format *format);
/* What is rendered for a model: the first of its formats that all of its printers take that have
 * answered; where they have none in common, one that the first of them takes. */
enum document_format place_format(
	const struct model *model, const struct printer *printers, size_t n);
/* The media of the catalogue that is loaded, as the device says it or, where it does not say, as a
 * person said it; NULL when nothing known is. A printer with several trays: `wanted` is preferred.
 */
const struct media *printer_media(
	const struct printer *printer, const struct catalog *catalog, const char *wanted);
/* Able to take a sheet now, paper aside. Otherwise err says why in the floor's words: ATTEND, or
 * RETRY for what ends by itself (it warms up). */
bool printer_is_ready(const struct printer *printer, struct err *err);
/* The same, but for the circuit breaker: able to take a test print. */
bool printer_can_test(const struct printer *printer, struct err *err);

enum placing_kind {
	PLACE_HERE,
	PLACE_WAIT,  /* err says what for */
	PLACE_OTHER, /* printable now, but on another model or paper: it must be rendered for that
		      */
	PLACE_NEVER, /* no printer of the floor can make it */
};

struct placing {
	enum placing_kind kind;
	const struct printer *printer;
	const struct media *media;
	struct err err;
};

/* What to render for: the best printer for the product among those that are ready and loaded, else
 * among all that could be loaded; not the one that refused the job ("": none did). PLACE_HERE or
 * PLACE_NEVER. */
struct placing place_target(const struct product *product, const struct catalog *catalog,
	const struct printer *printers, size_t n, const char *refused_by);
/* Where a job that was rendered for model and media goes. A busy printer can be picked: its line
 * grows; `free_only` leaves those out. A test print goes to its own printer alone; the printer that
 * refused a job again and again is left out, and when no other can make it, a person is asked
 * (PLACE_NEVER). */
struct placing place_pick(const struct job *job, const struct product *product,
	const struct catalog *catalog, const struct printer *printers, size_t n, bool free_only);
