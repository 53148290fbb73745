/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/jobs:start and /v1/assets:sign. A permit is given for one epoch and revision and stays
 * given: no clock ends it, and asking again, under any key, gives the same verdict.
 */
#include "orders/held.h"
#include <string.h>

static const char *const verdicts[] = {
	[START_GRANTED] = "granted",
	[START_CANCELLED] = "cancelled",
	[START_SUPERSEDED] = "superseded",
	[START_REVISED] = "revised",
	[START_PAUSED] = "paused",
};

static bool start_from_json(const json_t *json, struct start_ask *ask, struct err *err)
{
	*ask = (struct start_ask){.epoch = 0};
	return job_and_epoch(json, ask->job, &ask->epoch, err) &&
	       json_need_int(json, "revision", 1, INT64_MAX, &ask->revision, err) &&
	       json_need_text(json, "printer", ask->printer, sizeof ask->printer, err);
}

/* Of a job that this floor had under that epoch, but has no more: what it was told then. */
static enum start_verdict judge_past(
	const struct job *job, const struct start_ask *ask, const char *floor)
{
	bool was_ours = job->epoch == ask->epoch && strcmp(job->floor, floor) == 0;
	if (was_ours && job->state == JOB_CANCELLED) {
		return START_CANCELLED;
	}
	if (was_ours && job->state == JOB_PRINTED && job->revision == ask->revision) {
		return START_GRANTED;
	}
	bool is_revised = job->epoch == ask->epoch && job->state == JOB_WAITING &&
			  job->revision != ask->revision;
	return is_revised ? START_REVISED : START_SUPERSEDED;
}

static enum start_verdict judge(
	const struct job *job, const struct start_ask *ask, const char *floor)
{
	if (!job_is_with(job, floor, ask->epoch)) {
		return judge_past(job, ask, floor);
	}
	if (job->state != JOB_LEASED) {
		return job->revision == ask->revision ? START_GRANTED : START_SUPERSEDED;
	}
	if (strcmp(job->wish, "cancel") == 0) {
		return START_CANCELLED;
	}
	if (job->wish[0] != '\0') {
		return START_SUPERSEDED;
	}
	if (job->revision != ask->revision) {
		return START_REVISED;
	}
	return job->paused ? START_PAUSED : START_GRANTED;
}

static void permit(struct call *call, struct job *job, const char *printer)
{
	bool is_new = job->state == JOB_LEASED;
	if (is_new) {
		job_set(call->service, job, JOB_PERMITTED);
		job_note(call->service, job, "permitted",
			json_pack("{s:s, s:s}", "floor", call->client, "printer", printer));
	}
	put(call->service, "UPDATE job SET printer=? WHERE row=?", "ti", printer, job->row);
}

static json_t *start_one(struct call *call, const struct start_ask *ask)
{
	struct service *service = call->service;
	struct job job;
	enum start_verdict verdict = START_SUPERSEDED;
	if (job_load(service, ask->job, &job)) {
		verdict = judge(&job, ask, call->client);
		bool is_held = job_is_with(&job, call->client, ask->epoch);
		if (is_held && verdict == START_GRANTED) {
			permit(call, &job, ask->printer);
		} else if (is_held && verdict == START_CANCELLED) {
			job_set(service, &job, JOB_CANCELLED);
		} else if (is_held && job.state == JOB_LEASED && verdict != START_PAUSED) {
			job_set(service, &job, JOB_WAITING); /* revised, or asked back */
			call->wakes = true;
		}
	}
	return json_pack("{s:s, s:I, s:s}", "job", ask->job, "epoch", (json_int_t)ask->epoch,
		"verdict", verdicts[verdict]);
}

void start_post(struct call *call)
{
	json_t *items = items_of(call, "jobs", LEASES_MAX);
	json_t *answers = json_array();
	for (size_t i = 0; i < json_array_size(items); i++) {
		struct start_ask ask;
		struct err err;
		if (!start_from_json(json_array_get(items, i), &ask, &err)) {
			err_wrap(&err, "jobs[%zu]", i);
			refuse_bad(call, &err);
			break;
		}
		json_array_append_new(answers, start_one(call, &ask));
	}
	call->status = 200;
	call->answer = json_pack("{s:o}", "jobs", answers);
}

void sign_post(struct call *call)
{
	struct service *service = call->service;
	struct job job;
	struct err err;
	char asset[TEXT_ID_MAX], id[TEXT_ID_MAX], url[URL_MAX];
	int64_t epoch;
	if (!job_and_epoch(call->body, id, &epoch, &err) ||
		!json_need_text(call->body, "asset", asset, sizeof asset, &err)) {
		refuse_bad(call, &err);
	} else if (!job_load(service, id, &job)) {
		refuse(call, 404, "unknown-job", "there is no job %s", id);
	} else if (!job_is_with(&job, call->client, epoch)) {
		refuse(call, 409, "stale-epoch", "job %s is not yours under epoch %lld: drop it",
			id, (long long)epoch);
	} else if (one_int(service, 0, "SELECT 1 FROM page WHERE job_row=? AND asset=?", "it",
			   job.row, asset) == 0) {
		refuse(call, 404, "unknown-asset", "job %s has no such asset", id);
	} else {
		asset_link(service, asset, url);
		call->status = 200;
		call->answer = json_pack("{s:s, s:I}", "url", url, "expires_in_s",
			(json_int_t)service->setup.link_s);
	}
}
