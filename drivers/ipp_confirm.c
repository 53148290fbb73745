/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of an attempt, from its stored identity alone. Below COMMITTED what is left on the
 * printer is cancelled first, for no complete print can exist. From COMMITTED on, the printer's
 * word on the job proves; then its counter, where nobody else prints; else nothing does, and that
 * is said.
 */
#include "drivers/ipp.h"
#include "drivers/receipt.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct inquiry {
	struct ipp *ipp;
	const struct attempt *attempt;
	struct receipt *receipt;
	struct ipp_job job;
	bool found;
};

static const char *state_words(const struct ipp_job *job)
{
	static const char *const words[] = {
		"pending", "held", "printing", "stopped", "cancelled", "aborted", "completed"};
	return job->state == 0 ? "in no state it says" : words[job->state - IPP_JSTATE_PENDING];
}

/* The job's own count of impressions, where this model's counts are to be trusted. */
static int64_t impressions_of(const struct inquiry *inquiry)
{
	return inquiry->ipp->device->model.counts_impressions ? inquiry->job.impressions
							      : COUNT_UNKNOWN;
}

/* Cancels what is unfinished and looks again. */
static bool cancel_and_look(struct inquiry *inquiry, struct err *err)
{
	return ipp_job_cancel(inquiry->ipp, inquiry->job.id, err) &&
	       ipp_job_ask(inquiry->ipp, inquiry->job.id, &inquiry->job, &inquiry->found, err);
}

/* ---- below COMMITTED ---- */

static bool settle_uncommitted(struct inquiry *inquiry, struct err *err)
{
	if (inquiry->found && !ipp_job_is_over(&inquiry->job) && !cancel_and_look(inquiry, err)) {
		return false;
	}
	struct ipp_job *job = &inquiry->job;
	bool sent = inquiry->attempt->phase >= PHASE_SENDING;
	if (inquiry->found && !ipp_job_is_over(job)) {
		receipt_conclude(inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
			"job %d was cancelled; printer still says %s", job->id, state_words(job));
	} else if (!inquiry->found) {
		receipt_conclude(inquiry->receipt, sent ? VERDICT_SPOILED : VERDICT_NOT_TAKEN,
			EVIDENCE_NONE, 0,
			sent ? "cut off before its last part; the printer has no such job any more"
			     : "no document was sent; the printer has no such job");
	} else if ((!sent && job->impressions <= 0) || impressions_of(inquiry) == 0) {
		receipt_conclude(inquiry->receipt, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0,
			"cut off before its last part; printer says job %d %s, nothing printed",
			job->id, state_words(job));
	} else {
		receipt_conclude(inquiry->receipt, VERDICT_SPOILED, EVIDENCE_NONE, 0,
			"cut off before its last part; printer says job %d %s: an incomplete sheet "
			"may have come out",
			job->id, state_words(job));
	}
	return true;
}

/* ---- by the printer's counter ---- */

/* A job of somebody else on the printer since the attempt began: its prints are in the counter. */
static bool foreign_since(struct inquiry *inquiry, bool *foreign, struct err *err)
{
	struct ipp_job *jobs;
	size_t n;
	if (!ipp_jobs_list(inquiry->ipp, true, &jobs, &n, err)) {
		return false;
	}
	int64_t since_s = inquiry->attempt->before.up_time_s;
	for (size_t i = 0; i < n; i++) {
		bool older = jobs[i].completed_s != COUNT_UNKNOWN && jobs[i].completed_s < since_s;
		*foreign = *foreign || (!older && strcmp(jobs[i].user, IPP_USER) != 0);
	}
	free(jobs);
	return true;
}

struct reading {
	bool idle, proves;
	int64_t moved;
};

/* Its state first: what rests, with an empty list, prints nothing more before the counter is read.
 * A job of ours that it had before the attempt may have come out meanwhile, too. */
static bool read_counter(struct inquiry *inquiry, struct reading *reading, struct err *err)
{
	struct device_status status;
	struct witness *after = &inquiry->receipt->after;
	const struct witness *before = &inquiry->attempt->before;
	if (!ipp_look(inquiry->ipp, &status, err) ||
		!ipp_witness(inquiry->ipp->device, after, err) ||
		!foreign_since(inquiry, &after->foreign, err)) {
		return false;
	}
	reading->idle = status.state == DEVICE_IDLE;
	reading->moved = after->impressions - before->impressions;
	reading->proves = inquiry->ipp->device->exclusive && before->read && !before->foreign &&
			  before->jobs_active == 0 && !after->foreign && before->impressions > 0 &&
			  after->impressions >= 0 && reading->moved >= 0 &&
			  (after->jobs_active == 0 || !reading->idle) &&
			  after->up_time_s >= before->up_time_s;
	return true;
}

/* The job itself proves nothing; `said` is what it says. A counter that began at 0 may be one that
 * starts anew with every restart, so it proves nothing either. */
static bool settle_by_counter(struct inquiry *inquiry, const char *said, struct err *err)
{
	struct reading reading;
	int32_t copies = inquiry->attempt->copies;
	struct device *device = inquiry->ipp->device;
	if (!read_counter(inquiry, &reading, err)) {
		return false;
	}
	if (reading.proves && reading.idle && reading.moved < copies) { /* it may lag */
		if (!device->pause(device->host, device->model.counter_lag_ms)) {
			return err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop",
				device->printer);
		}
		int64_t first = reading.moved;
		if (!read_counter(inquiry, &reading, err)) {
			return false;
		}
		reading.proves = reading.proves && reading.moved == first;
	}
	if (!reading.proves || reading.moved > copies) {
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"%s, and its counter can't tell: look in the tray", said);
	} else if (!reading.idle) {
		receipt_conclude(inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
			"%s, but it is not at rest: its counter tells later", said);
	} else if (reading.moved == copies) {
		receipt_conclude(inquiry->receipt, VERDICT_DONE, EVIDENCE_COUNTER, copies,
			"%s; its counter rose by %d of %d", said, (int)reading.moved, (int)copies);
	} else if (reading.moved == 0) {
		receipt_conclude(inquiry->receipt, VERDICT_NOT_TAKEN, EVIDENCE_COUNTER, 0,
			"%s; its counter did not move in %d s", said,
			(int)(device->model.counter_lag_ms / 1000));
	} else {
		receipt_conclude(inquiry->receipt, VERDICT_PARTIAL, EVIDENCE_COUNTER, reading.moved,
			"%s; its counter rose by %d of %d", said, (int)reading.moved, (int)copies);
	}
	return true;
}

/* ---- from COMMITTED on ---- */

static bool settle_completed(struct inquiry *inquiry, struct err *err)
{
	int64_t done = impressions_of(inquiry);
	int32_t copies = inquiry->attempt->copies;
	int32_t id = inquiry->job.id;
	char said[100];
	if (done == copies) {
		receipt_conclude(inquiry->receipt, VERDICT_DONE, EVIDENCE_IMPRESSIONS, copies,
			"printer says job %d completed, %d of %d impressions", id, (int)done,
			(int)copies);
		return true;
	}
	if (done > copies) {
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"printer says job %d completed with %lld impressions for %d copies: look "
			"for duplicates in the tray",
			id, (long long)done, (int)copies);
		return true;
	}
	if (done == COUNT_UNKNOWN) {
		snprintf(said, sizeof said, "printer says job %d completed, without a count", id);
	} else {
		snprintf(said, sizeof said,
			"printer says job %d completed, but %d of %d impressions", id, (int)done,
			(int)copies);
	}
	return settle_by_counter(inquiry, said, err);
}

static bool settle_ended(struct inquiry *inquiry, struct err *err)
{
	const struct ipp_job *job = &inquiry->job;
	int64_t done = impressions_of(inquiry);
	int32_t copies = inquiry->attempt->copies;
	const char *words = state_words(&inquiry->job);
	int32_t id = inquiry->job.id;
	if (done == COUNT_UNKNOWN) {
		char said[100];
		snprintf(said, sizeof said, "printer says job %d %s, without a count", id, words);
		return settle_by_counter(inquiry, said, err);
	}
	if (done > copies) {
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"printer says job %d %s with %lld impressions for %d copies: look in the "
			"tray",
			id, words, (long long)done, (int)copies);
		return true;
	}
	if (done < copies && inquiry->ipp->spools && job->began) {
		char said[100];
		snprintf(said, sizeof said,
			"cupsd says job %d %s, %d of %d impressions, but its backend had it", id,
			words, (int)done, (int)copies);
		return settle_by_counter(inquiry, said, err);
	}
	enum verdict verdict = done == 0       ? VERDICT_NOT_TAKEN
			       : done < copies ? VERDICT_PARTIAL
					       : VERDICT_DONE;
	receipt_conclude(inquiry->receipt, verdict, EVIDENCE_IMPRESSIONS, done,
		"printer says job %d %s, %d of %d impressions", id, words, (int)done, (int)copies);
	return true;
}

/* The mark was stored, but the tail or the release never arrived: it waits for ever, and blocks a
 * one-job printer. Cancelled while it was held, it has printed nothing. */
static bool settle_held(struct inquiry *inquiry, struct err *err)
{
	if (!cancel_and_look(inquiry, err)) {
		return false;
	}
	int32_t state = inquiry->found ? inquiry->job.state : IPP_JSTATE_CANCELED;
	if (state == IPP_JSTATE_CANCELED || state == IPP_JSTATE_ABORTED) {
		receipt_conclude(inquiry->receipt, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0,
			"the printer was still waiting for the rest or the release of it; "
			"cancelled there, nothing printed");
	} else {
		receipt_conclude(inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
			"job %d was held; printer now says %s", inquiry->job.id,
			state_words(&inquiry->job));
	}
	return true;
}

static bool settle_missing(struct inquiry *inquiry, struct err *err)
{
	const struct witness *before = &inquiry->attempt->before;
	if (before->read && before->up_time_s != COUNT_UNKNOWN &&
		inquiry->receipt->after.up_time_s < before->up_time_s) {
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"the printer has restarted since and knows nothing of it: look in the "
			"tray");
		return true;
	}
	return settle_by_counter(inquiry, "the printer does not list the job any more", err);
}

/* It was released and begun, and then its backend asked cupsd to hold it. That backend may have
 * printed: nothing is concluded from the hold, but it must not print once more by itself. */
static bool settle_held_again(struct inquiry *inquiry, struct err *err)
{
	if (!cancel_and_look(inquiry, err)) {
		return false;
	}
	if (!inquiry->found) {
		return settle_missing(inquiry, err);
	}
	if (!ipp_job_is_over(&inquiry->job)) {
		receipt_conclude(inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
			"job %d was held by its queue and is being cancelled", inquiry->job.id);
		return true;
	}
	inquiry->job.began = true; /* cupsd forgets that with the cancel */
	return settle_ended(inquiry, err);
}

static bool settle_committed(struct inquiry *inquiry, struct err *err)
{
	const struct ipp_job *job = &inquiry->job;
	if (!inquiry->found) {
		return settle_missing(inquiry, err);
	}
	if (job->state == IPP_JSTATE_COMPLETED && job->held &&
		inquiry->attempt->phase < PHASE_ACCEPTED) {
		/* PAPPL prints a raster it claims to hold while receiving it, and calls one that
		 * was cut off completed with a page. */
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"printer printed job %d without waiting for its release and may have had "
			"only a part of it: look in the tray",
			job->id);
		return true;
	}
	if (job->state == IPP_JSTATE_COMPLETED) {
		return settle_completed(inquiry, err);
	}
	if (ipp_job_is_over(job)) {
		return settle_ended(inquiry, err);
	}
	if (job->state == IPP_JSTATE_HELD && job->held && inquiry->ipp->spools && job->began) {
		return settle_held_again(inquiry, err);
	}
	if (job->state == IPP_JSTATE_HELD && (job->lacks_data || job->held)) {
		return settle_held(inquiry, err);
	}
	receipt_conclude(inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
		"printer says job %d %s%s%s", job->id, state_words(job),
		job->message[0] == '\0' ? "" : ": ", job->message);
	return true;
}

static const char *bare(const char *uuid)
{
	return strncasecmp(uuid, "urn:uuid:", 9) == 0 ? uuid + 9 : uuid;
}

bool ipp_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err)
{
	struct ipp *ipp = device->own;
	struct receipt result = {.completed = 0};
	struct inquiry inquiry = {.ipp = ipp, .attempt = attempt, .receipt = &result};
	if (!ipp_witness(device, &result.after, err)) {
		return false;
	}
	const char *then = attempt->before.uuid;
	bool fine = true;
	if (then[0] != '\0' && strcasecmp(bare(then), bare(result.after.uuid)) != 0) {
		receipt_conclude(inquiry.receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"it was sent to another printer (uuid %s) than answers now", then);
	} else {
		fine = ipp_job_find(ipp, attempt, &inquiry.job, &inquiry.found, err) &&
		       (attempt->phase < PHASE_COMMITTED ? settle_uncommitted(&inquiry, err)
							 : settle_committed(&inquiry, err));
	}
	if (fine) {
		*receipt = result;
	}
	return fine;
}
