/* SPDX-License-Identifier: Apache-2.0
 *
 * The cloud's answers. An answer that is no answer at all fails as a whole; a bad item in a good
 * answer is told apart and never hides the others.
 */
#include "base/mem.h"
#include "wire/member.h"
#include "wire/order.h"
#include <stdlib.h>
#include <string.h>

#define ITEMS_MOST   2000
#define COUNT_MOST   INT64_C(1000000000000000)
#define SPAN_MOST    INT64_C(604800)
#define LINK_MOST    INT64_C(315360000)
#define WORDS(words) words, sizeof(words) / sizeof((words)[0])

typedef bool read_item(const json_t *json, void *item, struct err *err);

static bool is_answer(const json_t *json, struct err *err)
{
	return json_is_object(json) ||
	       err_set(err, REMEDY_REJECT, "field", "the answer must be an object");
}

/* The list `key` as an array of structs; what can't be read is left out. */
static bool read_items(const json_t *json, const char *key, size_t size, read_item *read,
	struct left_out *left_out, void **items, size_t *n, struct err *err)
{
	json_t *list;
	if (!is_answer(json, err) || !json_need_array(json, key, ITEMS_MOST, &list, err)) {
		return false;
	}
	char *out = mem_new(json_array_size(list), size);
	size_t count = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		struct err fault;
		memset(out + count * size, 0, size);
		if (json_is_object(item)
				? read(item, out + count * size, &fault)
				: err_set(&fault, REMEDY_REJECT, "field", "must be an object")) {
			count++;
		} else if (left_out->n++ == 0) {
			err_wrap(&fault, "%s[%zu]", key, i);
			left_out->err = fault;
		}
	}
	*items = out;
	*n = count;
	return true;
}

/* ---- sessions ---- */
static bool read_session_job(const json_t *json, void *item, struct err *err)
{
	static const char *const words[] = {"keep", "drop", "unknown", "resend"};
	struct session_job *job = item;
	int verdict;
	if (!member_need_id(json, "job", job->job, err) ||
		!member_need_word(json, "verdict", WORDS(words), &verdict, err)) {
		return false;
	}
	job->verdict = (enum session_verdict)verdict;
	return job->verdict != SESSION_RESEND ||
	       json_need_int(json, "resend_from", 1, COUNT_MOST, &job->resend_from, err);
}

static bool read_missed_job(const json_t *json, void *item, struct err *err)
{
	static const char *const words[] = {"leased", "permitted", "held"};
	struct missed_job *job = item;
	int state;
	if (!member_need_id(json, "job", job->job, err) ||
		!json_need_int(json, "epoch", 1, COUNT_MOST, &job->epoch, err) ||
		!json_take_int(json, "seq", 0, COUNT_MOST, &job->seq, err) ||
		!member_need_word(json, "state", WORDS(words), &state, err)) {
		return false;
	}
	job->permitted = state > 0;
	return true;
}

/* Only services that know of it say so. */
static bool read_missed(const json_t *json, struct session_answer *answer, struct err *err)
{
	void *missed = NULL;
	const json_t *said = json_object_get(json, "missed");
	if (said != NULL && !json_is_null(said) &&
		!read_items(json, "missed", sizeof *answer->missed, read_missed_job,
			&answer->left_out, &missed, &answer->n_missed, err)) {
		return false;
	}
	answer->missed = missed;
	return true;
}

bool session_answer_from_json(const json_t *json, struct session_answer *answer, struct err *err)
{
	struct session_answer read = {.ttl_s = 120, .heartbeat_s = 30, .batch_events = 100};
	void *jobs = NULL;
	if (!is_answer(json, err) || !member_need_id(json, "session", read.session, err) ||
		!json_need_int(json, "ttl_s", 1, SPAN_MOST, &read.ttl_s, err) ||
		!json_need_int(json, "heartbeat_s", 1, SPAN_MOST, &read.heartbeat_s, err) ||
		!json_take_int(json, "poll_wait_s", 0, 300, &read.poll_wait_s, err) ||
		!json_take_int32(json, "batch_events", 1, 500, &read.batch_events, err) ||
		!read_items(json, "jobs", sizeof *read.jobs, read_session_job, &read.left_out,
			&jobs, &read.n_jobs, err)) {
		return false;
	}
	read.jobs = jobs;
	if (!read_missed(json, &read, err)) {
		session_answer_fini(&read);
		return false;
	}
	*answer = read;
	return true;
}

void session_answer_fini(struct session_answer *answer)
{
	free(answer->jobs);
	free(answer->missed);
	answer->jobs = NULL;
	answer->missed = NULL;
	answer->n_jobs = answer->n_missed = 0;
}

/* ---- closed jobs ---- */
static bool read_closed_job(const json_t *json, void *item, struct err *err)
{
	static const char *const words[] = {"keep", "resend", "release"};
	struct closed_job *job = item;
	int verdict;
	if (!member_need_id(json, "job", job->job, err) ||
		!member_need_word(json, "verdict", WORDS(words), &verdict, err)) {
		return false;
	}
	job->verdict = (enum closed_verdict)verdict;
	return job->verdict == CLOSED_RESEND
		       ? json_need_int(json, "resend_from", 1, COUNT_MOST, &job->resend_from, err)
		       : json_take_int(json, "resend_from", 1, COUNT_MOST, &job->resend_from, err);
}

bool closed_answer_from_json(const json_t *json, struct closed_answer *answer, struct err *err)
{
	struct closed_answer read = {0};
	void *jobs = NULL;
	if (!read_items(json, "jobs", sizeof *read.jobs, read_closed_job, &read.left_out, &jobs,
		    &read.n_jobs, err)) {
		return false;
	}
	read.jobs = jobs;
	*answer = read;
	return true;
}

void closed_answer_fini(struct closed_answer *answer)
{
	free(answer->jobs);
	answer->jobs = NULL;
	answer->n_jobs = 0;
}

/* ---- acquire ---- */
static void note_fault(
	const json_t *json, size_t at, const struct err *err, struct lease_fault *fault)
{
	struct err ignored;
	memset(fault, 0, sizeof *fault);
	fault->err = *err;
	err_wrap(&fault->err, "leases[%zu]", at);
	/* whatever of the two can be read names the lease that is to be given back */
	if (!member_take_id(json, "job", fault->job, &ignored)) {
		fault->job[0] = '\0';
	}
	if (!json_take_int(json, "epoch", 1, COUNT_MOST, &fault->epoch, &ignored)) {
		fault->epoch = 0;
	}
}

bool acquire_answer_from_json(const json_t *json, struct acquire_answer *answer, struct err *err)
{
	json_t *list;
	if (!is_answer(json, err) || !json_need_array(json, "leases", LEASES_MAX, &list, err)) {
		return false;
	}
	memset(answer, 0, sizeof *answer);
	answer->leases = mem_new(json_array_size(list), sizeof *answer->leases);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		struct err fault;
		if (lease_from_json(item, &answer->leases[answer->n_leases], &fault)) {
			answer->n_leases++;
		} else {
			note_fault(item, i, &fault, &answer->faults[answer->n_faults++]);
		}
	}
	return true;
}

void acquire_answer_fini(struct acquire_answer *answer)
{
	for (size_t i = 0; i < answer->n_leases; i++) {
		lease_fini(&answer->leases[i]);
	}
	free(answer->leases);
	answer->leases = NULL;
	answer->n_leases = 0;
}

/* ---- extend ---- */
static bool read_extend_job(const json_t *json, void *item, struct err *err)
{
	static const char *const words[] = {
		"none", "cancel", "revoke", "refresh-links", "hold", "gone"};
	struct extend_job *job = item;
	int action;
	if (!member_need_id(json, "job", job->job, err) ||
		!json_need_int(json, "epoch", 0, COUNT_MOST, &job->epoch, err) ||
		!member_need_word(json, "action", WORDS(words), &action, err)) {
		return false;
	}
	job->action = (enum extend_action)action;
	return job->action == EXTEND_GONE
		       ? json_take_int(json, "ttl_s", 0, SPAN_MOST, &job->ttl_s, err)
		       : json_need_int(json, "ttl_s", 0, SPAN_MOST, &job->ttl_s, err);
}

bool extend_answer_from_json(const json_t *json, struct extend_answer *answer, struct err *err)
{
	struct extend_answer read = {0};
	void *jobs = NULL;
	if (!read_items(json, "jobs", sizeof *read.jobs, read_extend_job, &read.left_out, &jobs,
		    &read.n_jobs, err)) {
		return false;
	}
	read.jobs = jobs;
	*answer = read;
	return true;
}

void extend_answer_fini(struct extend_answer *answer)
{
	free(answer->jobs);
	answer->jobs = NULL;
	answer->n_jobs = 0;
}

/* ---- start ---- */
static bool read_start_job(const json_t *json, void *item, struct err *err)
{
	static const char *const words[] = {
		"granted", "cancelled", "superseded", "revised", "paused"};
	struct start_job *job = item;
	int verdict;
	if (!member_need_id(json, "job", job->job, err) ||
		!json_need_int(json, "epoch", 1, COUNT_MOST, &job->epoch, err) ||
		!member_need_word(json, "verdict", WORDS(words), &verdict, err)) {
		return false;
	}
	job->verdict = (enum start_verdict)verdict;
	return true;
}

bool start_answer_from_json(const json_t *json, struct start_answer *answer, struct err *err)
{
	struct start_answer read = {0};
	void *jobs = NULL;
	if (!read_items(json, "jobs", sizeof *read.jobs, read_start_job, &read.left_out, &jobs,
		    &read.n_jobs, err)) {
		return false;
	}
	read.jobs = jobs;
	*answer = read;
	return true;
}

void start_answer_fini(struct start_answer *answer)
{
	free(answer->jobs);
	answer->jobs = NULL;
	answer->n_jobs = 0;
}

/* ---- events ---- */
static bool read_event_verdict(const json_t *json, void *item, struct err *err)
{
	static const char *const words[] = {
		"accepted", "duplicate", "stale_epoch", "gap", "rejected"};
	struct event_verdict *event = item;
	int fate;
	if (!json_need_text(json, "id", event->id, sizeof event->id, err) ||
		!member_need_word(json, "fate", WORDS(words), &fate, err) ||
		!json_take_text(json, "code", event->code, sizeof event->code, err)) {
		return false;
	}
	event->fate = (enum event_fate)fate;
	return event->fate != EVENT_GAP ||
	       json_need_int(json, "expected", 1, COUNT_MOST, &event->expected, err);
}

bool events_answer_from_json(const json_t *json, struct events_answer *answer, struct err *err)
{
	struct events_answer read = {0};
	void *events = NULL;
	if (!read_items(json, "events", sizeof *read.events, read_event_verdict, &read.left_out,
		    &events, &read.n_events, err)) {
		return false;
	}
	read.events = events;
	*answer = read;
	return true;
}

void events_answer_fini(struct events_answer *answer)
{
	free(answer->events);
	answer->events = NULL;
	answer->n_events = 0;
}

/* ---- the small ones ---- */
bool release_verdict_from_json(
	const json_t *json, const char *job, enum release_verdict *verdict, struct err *err)
{
	static const char *const words[] = {"ok", "stale"};
	json_t *list;
	if (!is_answer(json, err) || !json_need_array(json, "jobs", ITEMS_MOST, &list, err)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *named = json_string_value(json_object_get(item, "job"));
		if (named == NULL || strcmp(named, job) != 0) {
			continue;
		}
		int word;
		if (!member_need_word(item, "verdict", WORDS(words), &word, err)) {
			return err_wrap(err, "jobs[%zu]", i);
		}
		*verdict = (enum release_verdict)word;
		return true;
	}
	return err_set(err, REMEDY_REJECT, "field", "\"jobs\" does not speak of job %s", job);
}

bool sign_answer_from_json(const json_t *json, struct sign_answer *answer, struct err *err)
{
	struct sign_answer read = {0};
	if (!is_answer(json, err) || !json_need_text(json, "url", read.url, sizeof read.url, err) ||
		!json_need_int(json, "expires_in_s", 0, LINK_MOST, &read.expires_in_s, err)) {
		return false;
	}
	if (!member_is_link(read.url)) {
		return err_set(err, REMEDY_REJECT, "field", "\"url\" must be an https link");
	}
	*answer = read;
	return true;
}

bool token_from_json(const json_t *json, struct token *token, struct err *err)
{
	struct token read = {0};
	if (!is_answer(json, err) ||
		!json_need_text(json, "token", read.text, sizeof read.text, err) ||
		!json_need_int(json, "expires_in_s", 0, SPAN_MOST, &read.expires_in_s, err)) {
		return false;
	}
	/* it goes into a header: RFC 6750's characters and nothing that could end the line */
	for (const char *at = read.text; *at != '\0'; at++) {
		if (*at <= ' ' || *at >= 0x7F) {
			return err_set(
				err, REMEDY_REJECT, "field", "\"token\" must be printing ASCII");
		}
	}
	if (read.text[0] == '\0') {
		return err_set(err, REMEDY_REJECT, "field", "\"token\" is empty");
	}
	*token = read;
	return true;
}

void problem_from_json(const json_t *json, int32_t status, struct problem *problem)
{
	struct err ignored;
	memset(problem, 0, sizeof *problem);
	problem->status = status;
	problem->retry_after_s = -1;
	if (!json_take_text(json, "code", problem->code, sizeof problem->code, &ignored)) {
		problem->code[0] = '\0';
	}
	const char *detail = json_string_value(json_object_get(json, "detail"));
	text_copy(problem->detail, sizeof problem->detail, detail == NULL ? "" : detail);
	if (!json_take_bool(json, "retryable", &problem->retryable, &ignored)) {
		problem->retryable = false;
	}
	if (!json_take_int(
		    json, "retry_after_s", 0, SPAN_MOST, &problem->retry_after_s, &ignored)) {
		problem->retry_after_s = -1;
	}
}
