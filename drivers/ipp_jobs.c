/* SPDX-License-Identifier: Apache-2.0
 *
 * The jobs on a printer: found again by the identity that was stored, or by the name that was
 * stored before the job existed. A job-id alone proves nothing: printers give ids out again after a
 * restart.
 */
#include "drivers/ipp.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

static const char *const wanted[] = {"job-id", "job-uuid", "job-name", "job-state",
	"job-state-reasons", "job-state-message", "job-impressions-completed",
	"job-originating-user-name", "job-hold-until", "time-at-creation", "time-at-processing",
	"time-at-completed"};

static void take_id(ipp_attribute_t *from, struct ipp_job *job)
{
	ipp_take_int32(from, 1, INT32_MAX, &job->id);
}

static void take_uuid(ipp_attribute_t *from, struct ipp_job *job)
{
	ipp_take_text(from, job->uuid, sizeof job->uuid);
}

static void take_name(ipp_attribute_t *from, struct ipp_job *job)
{
	ipp_take_text(from, job->name, sizeof job->name);
}

static void take_user(ipp_attribute_t *from, struct ipp_job *job)
{
	ipp_take_text(from, job->user, sizeof job->user);
}

static void take_state(ipp_attribute_t *from, struct ipp_job *job)
{
	ipp_take_int32(from, IPP_JSTATE_PENDING, IPP_JSTATE_COMPLETED, &job->state);
}

static void take_reasons(ipp_attribute_t *from, struct ipp_job *job)
{
	job->lacks_data =
		ipp_has_word(from, "job-data-insufficient") || ipp_has_word(from, "job-incoming");
}

static void take_hold(ipp_attribute_t *from, struct ipp_job *job)
{
	job->held = ipp_has_word(from, "indefinite");
}

static void take_message(ipp_attribute_t *from, struct ipp_job *job)
{
	ipp_take_text(from, job->message, sizeof job->message);
}

static void take_impressions(ipp_attribute_t *from, struct ipp_job *job)
{
	ipp_take_int(from, 0, INT32_MAX, &job->impressions);
}

static void take_created(ipp_attribute_t *from, struct ipp_job *job)
{
	ipp_take_int(from, 0, INT32_MAX, &job->created_s);
}

static void take_began(ipp_attribute_t *from, struct ipp_job *job)
{
	int64_t began_s;
	job->began = ipp_take_int(from, 0, INT32_MAX, &began_s);
}

static void take_completed(ipp_attribute_t *from, struct ipp_job *job)
{
	ipp_take_int(from, 0, INT32_MAX, &job->completed_s);
}

static const struct {
	const char *name;
	void (*take)(ipp_attribute_t *from, struct ipp_job *job);
} takers[] = {
	{"job-id", take_id},
	{"job-uuid", take_uuid},
	{"job-name", take_name},
	{"job-originating-user-name", take_user},
	{"job-state", take_state},
	{"job-state-reasons", take_reasons},
	{"job-hold-until", take_hold},
	{"job-state-message", take_message},
	{"job-impressions-completed", take_impressions},
	{"time-at-creation", take_created},
	{"time-at-processing", take_began},
	{"time-at-completed", take_completed},
};

static void take(ipp_attribute_t *attribute, struct ipp_job *job)
{
	for (size_t i = 0; i < sizeof takers / sizeof takers[0]; i++) {
		if (strcmp(takers[i].name, ippGetName(attribute)) == 0) {
			takers[i].take(attribute, job);
			return;
		}
	}
}

static const struct ipp_job no_job = {
	.impressions = COUNT_UNKNOWN, .created_s = COUNT_UNKNOWN, .completed_s = COUNT_UNKNOWN};

size_t ipp_jobs_of(ipp_t *answer, struct ipp_job **jobs)
{
	struct ipp_job *list = NULL;
	size_t n = 0;
	size_t room = 0;
	bool within = false;
	for (ipp_attribute_t *at = ippFirstAttribute(answer); at != NULL;
		at = ippNextAttribute(answer)) {
		if (ippGetGroupTag(at) != IPP_TAG_JOB || ippGetName(at) == NULL) {
			within = false; /* a separator, or another group */
			continue;
		}
		if (!within) {
			if (n == room) {
				room = room == 0 ? 16 : room * 2;
				list = mem_resize(list, room, sizeof *list);
			}
			list[n++] = no_job;
			within = true;
		}
		take(at, &list[n - 1]);
	}
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) { /* one without an id can't be spoken of */
		if (list[i].id > 0) {
			list[kept++] = list[i];
		}
	}
	*jobs = list;
	return kept;
}

bool ipp_jobs_list(
	struct ipp *ipp, bool finished, struct ipp_job **jobs, size_t *n, struct err *err)
{
	ipp_t *request = ipp_request(ipp, IPP_OP_GET_JOBS, 0);
	ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "which-jobs", NULL,
		finished ? "completed" : "not-completed");
	ipp_want(request, wanted, sizeof wanted / sizeof wanted[0]);
	ipp_t *answer = ipp_call(ipp, request, IPP_ASK_MS, false, err);
	if (answer == NULL) {
		return false;
	}
	bool fine = ippGetStatusCode(answer) == IPP_STATUS_ERROR_NOT_FOUND ||
		    ipp_answer_is_fine(ipp, answer, "list its jobs", err);
	if (fine) {
		*n = ipp_jobs_of(answer, jobs);
	}
	ippDelete(answer);
	return fine;
}

bool ipp_job_ask(struct ipp *ipp, int32_t id, struct ipp_job *job, bool *found, struct err *err)
{
	ipp_t *request = ipp_request(ipp, IPP_OP_GET_JOB_ATTRIBUTES, id);
	ipp_want(request, wanted, sizeof wanted / sizeof wanted[0]);
	ipp_t *answer = ipp_call(ipp, request, IPP_ASK_MS, false, err);
	if (answer == NULL) {
		return false;
	}
	ipp_status_t status = ippGetStatusCode(answer);
	*found = false;
	bool gone = status == IPP_STATUS_ERROR_NOT_FOUND || status == IPP_STATUS_ERROR_GONE;
	bool fine = gone || ipp_answer_is_fine(ipp, answer, "ask about a job", err);
	if (fine && !gone) {
		struct ipp_job *jobs;
		size_t n = ipp_jobs_of(answer, &jobs);
		*found = n == 1 && jobs[0].id == id;
		if (*found) {
			*job = jobs[0];
		}
		free(jobs);
	}
	ippDelete(answer);
	return fine;
}

/* Is this the job the attempt made? By uuid where both are known, else by the name we gave it. */
static bool is_of(const struct ipp_job *job, const struct attempt *attempt)
{
	if (attempt->device_job_uuid[0] != '\0' && job->uuid[0] != '\0') {
		return strcmp(job->uuid, attempt->device_job_uuid) == 0;
	}
	return strcmp(job->name, attempt->key) == 0;
}

bool ipp_job_find(struct ipp *ipp, const struct attempt *attempt, struct ipp_job *job, bool *found,
	struct err *err)
{
	if (attempt->device_job > 0) {
		if (!ipp_job_ask(ipp, attempt->device_job, job, found, err)) {
			return false;
		}
		if (*found && is_of(job, attempt)) {
			return true;
		}
	}
	*found = false;
	/* Unfinished ones first: a job that ends in between is then seen in the second list. */
	for (int finished = 0; finished < 2 && !*found; finished++) {
		struct ipp_job *jobs;
		size_t n;
		if (!ipp_jobs_list(ipp, finished != 0, &jobs, &n, err)) {
			return false;
		}
		for (size_t i = 0; i < n && !*found; i++) {
			*found = is_of(&jobs[i], attempt);
			*job = *found ? jobs[i] : *job;
		}
		free(jobs);
	}
	return true;
}

bool ipp_job_is_over(const struct ipp_job *job)
{
	return job->state >= IPP_JSTATE_CANCELED;
}

bool ipp_job_cancel(struct ipp *ipp, int32_t id, struct err *err)
{
	ipp_t *answer =
		ipp_call(ipp, ipp_request(ipp, IPP_OP_CANCEL_JOB, id), IPP_ASK_MS, false, err);
	if (answer == NULL) {
		return false;
	}
	ipp_status_t status = ippGetStatusCode(answer);
	bool over = status == IPP_STATUS_ERROR_NOT_POSSIBLE ||
		    status == IPP_STATUS_ERROR_NOT_FOUND || status == IPP_STATUS_ERROR_GONE;
	bool fine = over || ipp_answer_is_fine(ipp, answer, "cancel a job", err);
	ippDelete(answer);
	return fine;
}

bool ipp_cancel(struct device *device, const struct attempt *attempt, struct err *err)
{
	struct ipp *ipp = device->own;
	struct device_status status;
	struct ipp_job job = no_job;
	bool found = false;
	if (!ipp_look(ipp, &status, err) || !ipp_job_find(ipp, attempt, &job, &found, err)) {
		return false;
	}
	return !found || ipp_job_is_over(&job) || ipp_job_cancel(ipp, job.id, err);
}

static bool is_known(const char *name, const char (*known)[ATTEMPT_KEY_MAX], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(known[i], name) == 0) {
			return true;
		}
	}
	return false;
}

bool ipp_sweep(struct device *device, const char (*known)[ATTEMPT_KEY_MAX], size_t n_known,
	int32_t *swept, struct err *err)
{
	struct ipp *ipp = device->own;
	struct device_status status;
	struct ipp_job *jobs;
	size_t n;
	if (!ipp_look(ipp, &status, err) || !ipp_jobs_list(ipp, false, &jobs, &n, err)) {
		return false;
	}
	int32_t gone = 0;
	bool fine = true;
	for (size_t i = 0; i < n && fine; i++) {
		if (strcmp(jobs[i].user, IPP_USER) != 0 || ipp_job_is_over(&jobs[i]) ||
			is_known(jobs[i].name, known, n_known)) {
			continue;
		}
		fine = ipp_job_cancel(ipp, jobs[i].id, err);
		gone += fine;
	}
	free(jobs);
	if (fine) {
		*swept = gone;
	}
	return fine;
}
