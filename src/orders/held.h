/* SPDX-License-Identifier: Apache-2.0
 *
 * What a floor says of a job it holds: {job, epoch, state, seq, printed}, in sessions and extends.
 */
#pragma once
#include "orders/job.h"

must_use bool held_from_json(const json_t *json, struct held_job *held, struct err *err);
/* What of a job goes to a floor that says it has it, or had it: the events that are missing here.
 */
int64_t held_resend_from(struct call *call, const char *store_id, const struct held_job *held);
/* Items of the list named `key` of the body, or a refusal and NULL. */
json_t *items_of(struct call *call, const char *key, size_t most);
must_use bool job_and_epoch(
	const json_t *json, char job[TEXT_ID_MAX], int64_t *epoch, struct err *err);
/* Extends a job that is the floor's, with what the floor says of it. */
void held_note(struct service *service, const struct job *job, const struct held_job *held);
