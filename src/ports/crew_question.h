/* SPDX-License-Identifier: Apache-2.0
 *
 * A printer's bench and the questions that the farm asks of its worker. Included by crew_device.c,
 * crew_question.c and crew_trust.c only.
 */
#pragma once
#include "ports/crew_dial.h"
#include "ports/crew_own.h"
#include "ports/crew_usb.h"

enum question { ASK_WITNESS, ASK_SEND, ASK_CONFIRM, ASK_CANCEL, ASK_SWEEP, QUESTIONS };

struct pending { /* a question of the farm, at most one of each kind at a time */
	bool asked, sent;
	char key[ATTEMPT_KEY_MAX];
	json_t *body; /* until sent */
	int fd;       /* of a document, until sent; -1 */
	bool failed;  /* before it could be sent: err says why, told in a later turn */
	struct err err;
};

struct device_bench {
	struct crew *crew;
	const struct printer_conf *conf;
	const struct model *model;
	char uuid[65]; /* pinned */
	struct hand *hand;
	bool ready;
	int64_t heard_ms;
	struct restart restart;
	struct loop_timer *soon, *watch;
	struct pending pending[QUESTIONS];
	struct dial *dial; /* a connection being made */
	struct usb_side usb;
};

/* ---- crew_trust.c ---- */
/* "" where none was given or it can't be read. */
void trust_password(const struct device_bench *bench, char password[PASSWORD_MAX]);
/* The printer refused it: the worker gets what stands in the file now. */
void trust_renew(struct device_bench *bench);
void trust_met(struct device_bench *bench, const json_t *json);

/* ---- crew_question.c ---- */
/* NULL when the catalogue has no printer of that name. */
struct device_bench *device_bench_of(struct crew *crew, const char *printer);
/* Answers the farm, once: by what the worker said, or by why there is no answer. */
void question_tell(struct device_bench *bench, enum question question, const json_t *json,
	const struct err *err);
/* Frees what was not sent. */
void question_drop(struct pending *pending);
/* Sends what waits for the worker, and tells what failed before it could be sent. */
void questions_send(void *bench);
