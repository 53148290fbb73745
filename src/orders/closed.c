/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/jobs:closed: what a floor is done with. A service that came back from a backup learns
 * here what it lost: it asks for the events again, has a job given back once more, and takes a
 * floor's word for a job that it believes nobody had yet.
 */
#include "orders/held.h"
#include <string.h>

static json_t *compare(struct call *call, const char *store_id, const struct held_job *held)
{
	struct service *service = call->service;
	struct job job;
	bool was_given_back =
		strcmp(held->state, "released") == 0 || strcmp(held->state, "quarantined") == 0;
	bool known = job_load(service, held->job, &job);
	int64_t resend_from = known ? held_resend_from(call, store_id, held) : 0;
	/* of a job that the floor lost only the events are compared: it holds nothing of it */
	bool was_lost = strcmp(held->state, "lost") == 0;
	if (known && !was_lost && job_is_ahead(&job, call->client, held->epoch)) {
		job_adopt(service, &job, call->client, held->epoch,
			was_given_back ? JOB_LEASED : JOB_PERMITTED);
	}
	bool to_release = known && was_given_back && job_is_with(&job, call->client, held->epoch);
	json_t *answer = json_pack("{s:s, s:s}", "job", held->job, "verdict",
		to_release        ? "release"
		: resend_from > 0 ? "resend"
				  : "keep");
	if (resend_from > 0) {
		json_object_set_new(answer, "resend_from", json_integer(resend_from));
	}
	return answer;
}

void closed_post(struct call *call)
{
	char store_id[TEXT_ID_MAX] = "";
	json_t *items = items_of(call, "jobs", CLOSED_MAX);
	json_t *answers = json_array();
	one_text(call->service, store_id, sizeof store_id, "SELECT store_id FROM floor WHERE id=?",
		"t", call->client);
	for (size_t i = 0; i < json_array_size(items) && call->problem.status == 0; i++) {
		struct held_job held;
		struct err err;
		if (!held_from_json(json_array_get(items, i), &held, &err)) {
			err_wrap(&err, "jobs[%zu]", i);
			refuse_bad(call, &err);
			break;
		}
		json_array_append_new(answers, compare(call, store_id, &held));
	}
	call->status = 200;
	call->answer = json_pack("{s:o}", "jobs", answers);
}
