/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/leases:extend and /v1/leases:release: jobs that a floor holds, kept and given back.
 */
#include "orders/held.h"
#include <string.h>

static bool need_id(const json_t *json, const char *key, char id[TEXT_ID_MAX], struct err *err)
{
	char text[TEXT_ID_MAX];
	if (!json_need_text(json, key, text, sizeof text, err)) {
		return false;
	}
	if (!text_is_id(text)) {
		return err_set(err, REMEDY_REJECT, "field",
			"\"%s\" must be 1 to 64 of A-Z a-z 0-9 . _ : -", key);
	}
	text_copy(id, TEXT_ID_MAX, text);
	return true;
}

bool job_and_epoch(const json_t *json, char job[TEXT_ID_MAX], int64_t *epoch, struct err *err)
{
	if (!json_is_object(json)) {
		return err_set(err, REMEDY_REJECT, "field", "each item must be an object");
	}
	return need_id(json, "job", job, err) &&
	       json_need_int(json, "epoch", 0, INT64_MAX, epoch, err);
}

bool held_from_json(const json_t *json, struct held_job *held, struct err *err)
{
	*held = (struct held_job){.epoch = 0};
	return job_and_epoch(json, held->job, &held->epoch, err) &&
	       json_take_text(json, "state", held->state, sizeof held->state, err) &&
	       json_take_int(json, "seq", 0, INT64_MAX, &held->seq, err) &&
	       json_take_int32(json, "printed", 0, INT32_MAX, &held->printed, err);
}

json_t *items_of(struct call *call, const char *key, size_t most)
{
	struct err err;
	json_t *items = NULL;
	if (!json_need_array(call->body, key, most, &items, &err)) {
		refuse_bad(call, &err);
		return NULL;
	}
	return items;
}

void held_note(struct service *service, const struct job *job, const struct held_job *held)
{
	put(service, "UPDATE job SET deadline_boot_ms=?, floor_state=?, printed=? WHERE row=?",
		"itii", clock_boot_ms() + service->setup.ttl_s * SECOND_MS, held->state,
		(int64_t)held->printed, job->row);
}

static const char *action_of(struct service *service, const struct job *job)
{
	if (job->wish[0] != '\0') {
		return job->wish;
	}
	if (job->paused) {
		return "hold";
	}
	if (job->refresh) {
		put(service, "UPDATE job SET refresh=0 WHERE row=?", "i", job->row);
		return "refresh-links";
	}
	return "none";
}

static json_t *extend_one(struct call *call, const struct held_job *held)
{
	struct service *service = call->service;
	struct job job;
	const char *action = "gone";
	bool known = job_load(service, held->job, &job);
	if (known && job_is_with(&job, call->client, held->epoch)) {
		held_note(service, &job, held);
		action = action_of(service, &job);
	} else if (known && job.state == JOB_PRINTED && job.epoch == held->epoch &&
		   strcmp(job.floor, call->client) == 0) {
		action = "none"; /* done; the floor has not heard it yet */
	}
	bool gone = strcmp(action, "gone") == 0;
	return json_pack("{s:s, s:I, s:I, s:s}", "job", held->job, "epoch", (json_int_t)held->epoch,
		"ttl_s", (json_int_t)(gone ? 0 : service->setup.ttl_s), "action", action);
}

void extend_post(struct call *call)
{
	json_t *items = items_of(call, "jobs", HELD_MAX);
	json_t *answers = json_array();
	for (size_t i = 0; i < json_array_size(items); i++) {
		struct held_job held;
		struct err err;
		if (!held_from_json(json_array_get(items, i), &held, &err)) {
			err_wrap(&err, "jobs[%zu]", i);
			refuse_bad(call, &err);
			break;
		}
		json_array_append_new(answers, extend_one(call, &held));
	}
	put(call->service, "UPDATE floor SET seen_wall_ms=? WHERE id=?", "it", clock_wall_ms(),
		call->client);
	call->status = 200;
	call->answer = json_pack("{s:o}", "jobs", answers);
}

/* ---- release ---- */

static const char *const retries[] = {
	[RELEASE_NEVER] = "never", [RELEASE_ELSEWHERE] = "elsewhere", [RELEASE_LATER] = "later"};

static bool release_from_json(const json_t *json, struct release_ask *ask, struct err *err)
{
	char retry[16] = "";
	*ask = (struct release_ask){.epoch = 0};
	if (!job_and_epoch(json, ask->job, &ask->epoch, err) ||
		!json_need_text(json, "reason", ask->reason, sizeof ask->reason, err) ||
		!json_take_text(json, "detail", ask->detail, sizeof ask->detail, err) ||
		!json_need_text(json, "retry", retry, sizeof retry, err) ||
		!json_take_int(json, "later_s", 0, 30 * 86400, &ask->later_s, err)) {
		return false;
	}
	for (int i = RELEASE_NEVER; i <= RELEASE_LATER; i++) {
		if (strcmp(retries[i], retry) == 0) {
			ask->retry = (enum release_retry)i;
			return true;
		}
	}
	return err_set(err, REMEDY_REJECT, "field",
		"\"retry\" must be never, elsewhere or later, not \"%s\"", retry);
}

static void release_to(
	struct service *service, struct job *job, const struct release_ask *ask, const char *floor)
{
	bool nowhere = ask->retry == RELEASE_ELSEWHERE && strcmp(job->only_floor, floor) == 0;
	if (strcmp(job->wish, "cancel") == 0) {
		job_set(service, job, JOB_CANCELLED);
	} else if (ask->retry == RELEASE_NEVER || nowhere) {
		job_set(service, job, JOB_ERROR);
	} else {
		job_set(service, job, JOB_WAITING);
	}
	if (ask->retry == RELEASE_ELSEWHERE) {
		put(service, "INSERT OR IGNORE INTO not_at (job_row, floor) VALUES (?,?)", "it",
			job->row, floor);
	}
	if (ask->retry == RELEASE_LATER) {
		put(service, "UPDATE job SET later_floor=?, later_boot_ms=? WHERE row=?", "tii",
			floor, clock_boot_ms() + ask->later_s * SECOND_MS, job->row);
	}
}

static json_t *release_one(struct call *call, const struct release_ask *ask)
{
	struct service *service = call->service;
	struct job job;
	bool fine =
		job_load(service, ask->job, &job) && job_is_with(&job, call->client, ask->epoch);
	if (fine) {
		put(service, "UPDATE job SET reason=?, detail=? WHERE row=?", "tti", ask->reason,
			ask->detail, job.row);
		release_to(service, &job, ask, call->client);
		job_note(service, &job, "released",
			json_pack("{s:s, s:s, s:s, s:s}", "floor", call->client, "reason",
				ask->reason, "detail", ask->detail, "retry", retries[ask->retry]));
		call->wakes = true;
	}
	return json_pack("{s:s, s:I, s:s}", "job", ask->job, "epoch", (json_int_t)ask->epoch,
		"verdict", fine ? "ok" : "stale");
}

void release_post(struct call *call)
{
	json_t *items = items_of(call, "jobs", LEASES_MAX);
	json_t *answers = json_array();
	for (size_t i = 0; i < json_array_size(items); i++) {
		struct release_ask ask;
		struct err err;
		if (!release_from_json(json_array_get(items, i), &ask, &err)) {
			err_wrap(&err, "jobs[%zu]", i);
			refuse_bad(call, &err);
			break;
		}
		json_array_append_new(answers, release_one(call, &ask));
	}
	call->status = 200;
	call->answer = json_pack("{s:o}", "jobs", answers);
}
