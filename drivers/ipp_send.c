/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing one document over. The document's tail is held back until COMMITTED is stored, so that a
 * sender that dies before that mark can have caused at most an incomplete sheet. Where the printer
 * can hold a job it is held, too, and released at the end: one that a sender left behind then waits
 * instead of printing. The hold alone is no commit point: PAPPL says that it holds a job and prints
 * a raster while it receives it.
 */
#include "drivers/ipp.h"
#include "drivers/media.h"
#include "rules/condition.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct handing { /* one hand-over under way */
	struct ipp *ipp;
	struct attempt *attempt;
	const struct document *document;
	const struct send_hooks *hooks;
	const struct ready_media *tray; /* NULL: the printer does not say what is loaded */
	bool holds;                     /* hold tier */
	struct device_status seen;      /* last */
};

static bool takes_format(
	const struct handing *handing, const struct device_status *status, struct err *err)
{
	const struct document *document = handing->document;
	return status->takes[document->format] ||
	       err_set(err, REMEDY_REJECT, "format-refused", "printer %s: it does not take %s",
		       handing->ipp->device->printer, format_media_type(document->format));
}

/* As the printer says it, which rounds in its own way; as the document has it where the printer
 * says a range or nothing. */
static ipp_t *media_size(const struct document *document, const struct ready_media *tray)
{
	bool says_width = tray != NULL && tray->width_most_hmm == 0;
	bool says_height = tray != NULL && tray->height_most_hmm == 0;
	ipp_t *size = ippNew();
	ippAddInteger(size, IPP_TAG_ZERO, IPP_TAG_INTEGER, "x-dimension",
		says_width ? tray->width_hmm : document->media_width_hmm);
	ippAddInteger(size, IPP_TAG_ZERO, IPP_TAG_INTEGER, "y-dimension",
		says_height ? tray->height_hmm : document->media_height_hmm);
	return size;
}

static ipp_t *media_col(const struct handing *handing)
{
	static const char *const sides[] = {"media-bottom-margin", "media-left-margin",
		"media-right-margin", "media-top-margin"};
	const struct document *document = handing->document;
	const struct ready_media *tray = handing->tray;
	ipp_t *size = media_size(document, tray);
	ipp_t *col = ippNew();
	ippAddCollection(col, IPP_TAG_ZERO, "media-size", size);
	for (size_t i = 0; i < 4; i++) {
		ippAddInteger(col, IPP_TAG_ZERO, IPP_TAG_INTEGER, sides[i], document->margin_hmm);
	}
	if (tray != NULL && tray->source[0] != '\0') {
		ippAddString(
			col, IPP_TAG_ZERO, IPP_TAG_KEYWORD, "media-source", NULL, tray->source);
	}
	const char *type =
		tray != NULL && tray->type[0] != '\0' ? tray->type : document->media_type;
	if (type[0] != '\0') {
		ippAddString(col, IPP_TAG_ZERO, IPP_TAG_KEYWORD, "media-type", NULL, type);
	}
	ippDelete(size);
	return col;
}

static void add_wishes(const struct handing *handing, ipp_t *request)
{
	static const struct {
		const char *name;
		const char *value;
	} words[] = {
		{"print-color-mode", "color"}, {"print-scaling", "none"}, {"sides", "one-sided"}};
	ippAddInteger(request, IPP_TAG_JOB, IPP_TAG_INTEGER, "copies", handing->attempt->copies);
	ipp_t *col = media_col(handing);
	ippAddCollection(request, IPP_TAG_JOB, "media-col", col);
	ippDelete(col);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		ippAddString(
			request, IPP_TAG_JOB, IPP_TAG_KEYWORD, words[i].name, NULL, words[i].value);
	}
	if (handing->holds) {
		ippAddString(request, IPP_TAG_JOB, IPP_TAG_KEYWORD, "job-hold-until", NULL,
			"indefinite");
	}
}

/* The printer's number and uuid of the new job; asks again where the answer lacks the uuid. */
static bool take_identity(struct handing *handing, ipp_t *answer, struct err *err)
{
	struct ipp_job *jobs;
	size_t n = ipp_jobs_of(answer, &jobs);
	struct attempt *attempt = handing->attempt;
	struct ipp_job job = {0};
	if (n == 1) {
		job = jobs[0];
	}
	free(jobs);
	if (job.id == 0) {
		return err_set(err, REMEDY_RETRY, "printer-answer",
			"printer %s: it made a job without saying its number",
			handing->ipp->device->printer);
	}
	attempt->device_job = job.id;
	bool found = true;
	if (job.uuid[0] == '\0' && !ipp_job_ask(handing->ipp, job.id, &job, &found, err)) {
		return false;
	}
	memcpy(attempt->device_job_uuid, job.uuid, sizeof job.uuid);
	return true;
}

static bool create(struct handing *handing, struct err *err)
{
	struct ipp *ipp = handing->ipp;
	ipp_t *request = ipp_request(ipp, IPP_OP_CREATE_JOB, 0);
	ippAddString(
		request, IPP_TAG_OPERATION, IPP_TAG_NAME, "job-name", NULL, handing->attempt->key);
	add_wishes(handing, request);
	ipp_t *answer = ipp_call(ipp, request, IPP_CREATE_MS, true, err);
	if (answer == NULL) {
		return false;
	}
	bool fine = ipp_answer_is_fine(ipp, answer, "make a job", err) &&
		    take_identity(handing, answer, err);
	if (fine && handing->attempt->copies > 1 &&
		ipp_find(answer, IPP_TAG_UNSUPPORTED_GROUP, "copies") != NULL) {
		fine = err_set(err, REMEDY_ATTEND, "copies-refused",
			"printer %s: it does not print copies by itself; set copies_per_attempt to "
			"1 in its model",
			ipp->device->printer);
	}
	if (ipp_find(answer, IPP_TAG_UNSUPPORTED_GROUP, "job-hold-until") != NULL) {
		handing->holds = false; /* then there is nothing to release */
	}
	ippDelete(answer);
	return fine;
}

/* Before the mark: leaves nothing behind that could block the printer. Best effort: whatever
 * stays is found by its name when it is asked about, or by the sweep. */
static bool abandon(struct handing *handing)
{
	struct err unheard;
	if (handing->attempt->device_job > 0) {
		handing->ipp->heedless = true;
		if (!ipp_job_cancel(handing->ipp, handing->attempt->device_job, &unheard)) {
			handing->ipp->heedless = false;
			return false;
		}
		handing->ipp->heedless = false;
	}
	return false;
}

static bool mark(void *context)
{
	struct handing *handing = context;
	return handing->hooks->committed(handing->hooks->host);
}

static void look_meanwhile(void *context)
{
	struct handing *handing = context;
	struct device *device = handing->ipp->device;
	struct device_status status;
	struct err err;
	if (device->saw != NULL && ipp_look_beside(handing->ipp, &status, &err)) {
		handing->seen = status;
		device->saw(device->host, &status);
	}
}

/* A printer that takes bytes is well, even if it can't be asked meanwhile: it is as it was last
 * seen. Without a word for too long this worker would be taken for dead. */
static void look_moving(void *context)
{
	struct handing *handing = context;
	struct device *device = handing->ipp->device;
	if (device->saw != NULL) {
		device->saw(device->host, &handing->seen);
	}
}

static int64_t tail_of(int64_t bytes)
{
	return bytes > IPP_TAIL_BYTES ? IPP_TAIL_BYTES : (bytes + 1) / 2;
}

static bool unsure(const struct handing *handing, struct err *err)
{
	char why[ERR_TEXT_MAX];
	text_copy(why, sizeof why, err->text);
	return err_set(err, REMEDY_UNSURE, "unsure", "after the last part of %s had gone: %.240s",
		handing->attempt->key, why);
}

/* *passed: COMMITTED is stored. */
static bool upload(struct handing *handing, bool *passed, struct err *err)
{
	struct ipp *ipp = handing->ipp;
	ipp_t *request = ipp_request(ipp, IPP_OP_SEND_DOCUMENT, handing->attempt->device_job);
	ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_MIMETYPE, "document-format", NULL,
		format_media_type(handing->document->format));
	ippAddBoolean(request, IPP_TAG_OPERATION, "last-document", 1);
	struct ipp_upload upload = {.document = handing->document,
		.hold_back = tail_of(handing->document->bytes),
		.mark = mark,
		.stalled = look_meanwhile,
		.moves = look_moving,
		.context = handing};
	ipp_t *answer = ipp_call_upload(ipp, request, &upload, err);
	*passed = upload.marked;
	if (answer == NULL) {
		return false;
	}
	bool fine = ipp_answer_is_fine(ipp, answer, "send the document", err);
	if (fine && !upload.marked) {
		fine = err_set(err, REMEDY_RETRY, "printer-answer",
			"printer %s: it said yes to a document that it did not have yet",
			ipp->device->printer);
	}
	ippDelete(answer);
	return fine;
}

static bool release(struct handing *handing, struct err *err)
{
	struct ipp *ipp = handing->ipp;
	ipp_t *answer =
		ipp_call(ipp, ipp_request(ipp, IPP_OP_RELEASE_JOB, handing->attempt->device_job),
			IPP_CREATE_MS, true, err);
	if (answer == NULL) {
		return false;
	}
	/* "Not possible": it is not held any more; what became of it is for confirm to find. */
	bool fine = ippGetStatusCode(answer) == IPP_STATUS_ERROR_NOT_POSSIBLE ||
		    ipp_answer_is_fine(ipp, answer, "release the job", err);
	ippDelete(answer);
	return fine;
}

static bool told_to_stop(const struct handing *handing, struct err *err)
{
	return err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop before %s had gone",
		handing->ipp->device->printer, handing->attempt->key);
}

static bool hand_over(struct handing *handing, struct err *err)
{
	const struct send_hooks *hooks = handing->hooks;
	struct attempt *attempt = handing->attempt;
	if (!create(handing, err)) {
		return abandon(handing);
	}
	if (!hooks->opened(hooks->host, attempt->device_job, attempt->device_job_uuid) ||
		!hooks->sending(hooks->host)) {
		told_to_stop(handing, err);
		return abandon(handing);
	}
	bool passed = false;
	bool fine = upload(handing, &passed, err);
	if (!fine && !passed) {
		return abandon(handing);
	}
	fine = fine && (!handing->holds || release(handing, err));
	return fine || unsure(handing, err);
}

bool ipp_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err)
{
	struct ipp *ipp = device->own;
	struct handing handing = {
		.ipp = ipp, .attempt = attempt, .document = document, .hooks = hooks};
	struct device_status status;
	if (!ipp_look(ipp, &status, err) || !takes_format(&handing, &status, err) ||
		!condition_lets_print(ipp->device->printer, &status, err) ||
		!media_is_loaded(device, &status, document, &handing.tray, err)) {
		return false;
	}
	handing.holds = status.can_hold;
	handing.seen = status;
	return hand_over(&handing, err);
}
