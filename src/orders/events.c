/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/events: batches of CloudEvents, stored in sequence only, and what they mean for a job.
 *
 * The whole batch is read first (events_read): one unreadable event refuses it all. Then each is
 * judged in order (judge), stored, and applied through the table of effects.
 */
#include "orders/event.h"
#include "orders/job.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fates[] = {
	[EVENT_ACCEPTED] = "accepted",
	[EVENT_DUPLICATE] = "duplicate",
	[EVENT_STALE_EPOCH] = "stale_epoch",
	[EVENT_GAP] = "gap",
	[EVENT_REJECTED] = "rejected",
};

struct effect {
	const char *name; /* of platen.job.NAME.v1 */
	enum job_state then;
	bool is_risk;   /* late evidence of it: the job may have been printed twice */
	bool only_held; /* a floor also lets go on what it held before the permit: no permit, that
			 */
};

static const struct effect effects[] = {
	{"started", JOB_PERMITTED, false, false},
	{"accepted", JOB_PERMITTED, false, false},
	{"retry", JOB_PERMITTED, false, false},
	{"resolved", JOB_PERMITTED, false, true},
	{"printed", JOB_PRINTED, true, false},
	{"interrupted", JOB_HELD, true, false},
	{"may_have_printed", JOB_HELD, true, false},
	{"cancelled", JOB_CANCELLED, false, false},
};

struct judged {
	enum event_fate fate;
	int64_t expected;
	const char *code;
	struct job job;
	bool has_job;
	int64_t order_row; /* 0: none */
};

static const struct effect *effect_of(const struct incoming *event)
{
	for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
		char type[65];
		snprintf(type, sizeof type, "platen.job.%s.v1", effects[i].name);
		if (strcmp(event->type, type) == 0) {
			return &effects[i];
		}
	}
	return NULL;
}

static int64_t stored_last(struct call *call, const struct incoming *event)
{
	return one_int(call->service, 0,
		"SELECT max(sequence) FROM event WHERE floor=? AND store_id=? AND subject=?", "ttt",
		call->client, event->store_id, event->subject);
}

/* Place in the sequence first: what is not the next one is not looked at any further. */
static bool is_next(struct call *call, const struct incoming *event, struct judged *judged)
{
	if (one_int(call->service, 0, "SELECT 1 FROM event WHERE floor=? AND store_id=? AND id=?",
		    "ttt", call->client, event->store_id, event->id) != 0) {
		judged->fate = EVENT_DUPLICATE;
		return false;
	}
	int64_t next = stored_last(call, event) + 1;
	if (event->sequence > next) {
		judged->fate = EVENT_GAP;
		judged->expected = next;
	} else if (event->sequence < next) {
		judged->fate = EVENT_REJECTED;
		judged->code = "sequence-reused";
	}
	return event->sequence == next;
}

static void judge_job(struct call *call, const struct incoming *event, struct judged *judged)
{
	struct service *service = call->service;
	judged->has_job = job_load(service, event->subject, &judged->job);
	if (!judged->has_job) {
		judged->fate = EVENT_REJECTED;
		judged->code = "unknown-job";
		return;
	}
	judged->order_row = judged->job.order_row;
	if (!job_was_with(service, &judged->job, call->client)) {
		judged->fate = EVENT_REJECTED;
		judged->code = "wrong-floor";
	} else if (event->epoch != judged->job.epoch) {
		judged->fate = EVENT_STALE_EPOCH;
	}
}

static void judge_order(struct call *call, const struct incoming *event, struct judged *judged)
{
	judged->order_row = one_int(call->service, 0, "SELECT row FROM orders WHERE id=?", "t",
		event->subject + strlen("order/"));
	if (judged->order_row == 0) {
		judged->fate = EVENT_REJECTED;
		judged->code = "unknown-job";
	}
}

static void judge(struct call *call, const struct incoming *event, struct judged *judged)
{
	*judged = (struct judged){.fate = EVENT_ACCEPTED, .code = ""};
	if (!is_next(call, event, judged)) {
		return;
	}
	if (strncmp(event->subject, "order/", 6) == 0) {
		judge_order(call, event, judged);
	} else if (strchr(event->subject, '/') == NULL) {
		judge_job(call, event, judged);
	}
}

static void store(struct call *call, const struct incoming *event, const struct judged *judged)
{
	char *body = json_write(event->json);
	/* 0 stands for no row: bound as a text that is null */
	char job_row[24], order_row[24];
	snprintf(job_row, sizeof job_row, "%lld", (long long)judged->job.row);
	snprintf(order_row, sizeof order_row, "%lld", (long long)judged->order_row);
	put(call->service,
		"INSERT INTO event (floor, store_id, subject, sequence, id, body, fate, code, "
		"received_wall_ms, job_row, order_row) VALUES (?,?,?,?,?,?,?,?,?,"
		"CAST(? AS INTEGER), CAST(? AS INTEGER))",
		"tttittttitt", call->client, event->store_id, event->subject, event->sequence,
		event->id, body, fates[judged->fate], judged->code, clock_wall_ms(),
		judged->has_job ? job_row : NULL, judged->order_row != 0 ? order_row : NULL);
	free(body);
}

/* Facts that people look for first. */
static void take_facts(struct service *service, const struct incoming *event, const struct job *job)
{
	char text[ERR_TEXT_MAX] = "";
	int64_t number = -1;
	struct err ignored;
	if (json_take_text(event->data, "printer", text, NAME_MAX_LEN, &ignored) &&
		text[0] != '\0') {
		put(service, "UPDATE job SET printer=? WHERE row=?", "ti", text, job->row);
	}
	text[0] = '\0';
	if (json_take_text(event->data, "reason", text, ERR_CODE_MAX, &ignored) &&
		text[0] != '\0') {
		put(service, "UPDATE job SET reason=? WHERE row=?", "ti", text, job->row);
	}
	text[0] = '\0';
	if (json_take_text(event->data, "detail", text, sizeof text, &ignored) && text[0] != '\0') {
		put(service, "UPDATE job SET detail=? WHERE row=?", "ti", text, job->row);
	}
	if (json_take_int(event->data, "printed", 0, INT32_MAX, &number, &ignored) && number >= 0) {
		put(service, "UPDATE job SET printed=? WHERE row=?", "ii", number, job->row);
	}
}

static void apply(struct call *call, const struct incoming *event, struct job *job)
{
	struct service *service = call->service;
	const struct effect *effect = effect_of(event);
	take_facts(service, event, job);
	if (strcmp(event->type, "platen.job.cancel_too_late.v1") == 0) {
		put(service, "UPDATE job SET wish='' WHERE row=?", "i", job->row);
	}
	if (effect == NULL || !job_is_with(job, call->client, event->epoch)) {
		return;
	}
	bool had_permit = job->state != JOB_LEASED;
	if (effect->only_held && job->state != JOB_HELD) {
		return;
	}
	job_set(service, job, effect->then);
	if (effect->then == JOB_PRINTED) {
		put(service,
			"UPDATE job SET wish='', reason='', detail='', printed=copies*"
			"(SELECT count(*) FROM page WHERE job_row=job.row) WHERE row=?",
			"i", job->row);
	}
	if (!had_permit && effect->is_risk) { /* a floor that prints without asking */
		put(service, "UPDATE job SET duplicate_risk=1 WHERE row=?", "i", job->row);
		job_note(service, job, "printed_without_permit", NULL);
	}
}

static void take_one(struct call *call, const struct incoming *event, struct judged *judged)
{
	judge(call, event, judged);
	bool stored =
		judged->fate == EVENT_ACCEPTED || judged->fate == EVENT_STALE_EPOCH ||
		(judged->fate == EVENT_REJECTED && strcmp(judged->code, "sequence-reused") != 0);
	if (stored) {
		store(call, event, judged);
	}
	if (judged->fate == EVENT_ACCEPTED && judged->has_job) {
		apply(call, event, &judged->job);
	}
	const struct effect *effect = effect_of(event);
	if (judged->fate == EVENT_STALE_EPOCH && effect != NULL && effect->is_risk) {
		put(call->service, "UPDATE job SET duplicate_risk=1 WHERE row=?", "i",
			judged->job.row);
	}
}

static json_t *verdict_to_json(const struct incoming *event, const struct judged *judged)
{
	json_t *json = json_pack("{s:s, s:s}", "id", event->id, "fate", fates[judged->fate]);
	if (judged->fate == EVENT_GAP) {
		json_object_set_new(json, "expected", json_integer(judged->expected));
	}
	if (judged->fate == EVENT_REJECTED) {
		json_object_set_new(json, "code", json_string(judged->code));
	}
	return json;
}

static void events_take(struct call *call, const struct incoming *events, size_t n)
{
	json_t *verdicts = json_array();
	json_t *subjects = json_object();
	for (size_t i = 0; i < n; i++) {
		struct judged judged;
		take_one(call, &events[i], &judged);
		json_array_append_new(verdicts, verdict_to_json(&events[i], &judged));
		json_object_set_new(
			subjects, events[i].subject, json_integer(stored_last(call, &events[i])));
	}
	json_t *acked = json_array();
	const char *subject;
	json_t *sequence;
	json_object_foreach(subjects, subject, sequence)
	{
		json_array_append_new(
			acked, json_pack("{s:s, s:O}", "subject", subject, "sequence", sequence));
	}
	json_decref(subjects);
	call->status = 200;
	call->answer = json_pack("{s:o, s:o}", "events", verdicts, "acked", acked);
}

void events_post(struct call *call)
{
	size_t n = 0;
	struct incoming *events = events_read(call, &n);
	if (events != NULL) {
		events_take(call, events, n);
		free(events);
	}
}
