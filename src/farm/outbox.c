/* SPDX-License-Identifier: Apache-2.0
 *
 * What the cloud is told: events, in the same transaction as the change they tell of, and release
 * calls. Sent in commit order, at least once, with the same id and key each time; a local job's
 * order authority is this floor, so its events are acknowledged by being stored.
 */
#include "farm/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_PROGRESS_MS (10 * SECOND_MS)

/* ---- making events ---- */

static void put_text(json_t *data, const char *key, const char *value)
{
	if (value != NULL && value[0] != '\0') {
		json_object_set_new(data, key, json_string(value));
	}
}

static void put_count(json_t *data, const char *key, int64_t value)
{
	if (value != COUNT_UNKNOWN) {
		json_object_set_new(data, key, json_integer(value));
	}
}

/* The members that docs/order-api.md lists for each event; a reader takes those it knows. */
static json_t *facts_of(const struct job *job, const char *name, const struct receipt *receipt)
{
	json_t *data = json_object();
	if (strcmp(name, "leased") == 0) {
		put_count(data, "revision", job->revision);
		return data;
	}
	put_text(data, "printer", job->printer);
	put_text(data, "media", job->media);
	if (job->attempt_row != 0) {
		put_count(data, "page", job->attempt.page + 1);
		put_count(data, "copies", job->attempt.copies);
	} else {
		put_count(data, "pages", job->n_pages);
	}
	if (job->reason_kind != REASON_NONE && job->reason_kind != REASON_WAIT) {
		put_text(data, "reason", job->reason_code);
		put_text(data, "detail", job->reason);
	}
	if (receipt == NULL) {
		return data;
	}
	put_count(data, "printed", job->delivered);
	put_count(data, "of", job->prints);
	put_text(data, "evidence", evidence_name(receipt->evidence));
	put_text(data, "proof", receipt->text);
	if (job->attempt.before.read && receipt->after.read) {
		put_count(data, "counter_before", job->attempt.before.life_count);
		put_count(data, "counter_after", receipt->after.life_count);
	}
	if (receipt->evidence == EVIDENCE_IMPRESSIONS) {
		put_count(data, "impressions", receipt->completed);
	}
	return data;
}

static void add(
	struct farm *farm, int64_t job_row, struct event_row *event, json_t *data, bool local)
{
	farm_key(farm, event->id);
	clock_stamp(farm_wall_ms(farm), event->time);
	event->data = json_write(data);
#ifdef PLATEN_WEAKEN_EVENT /* a planted fault: docs/simulator.md */
	struct err ignored;
	(void)!store_commit(farm->ports.store, &ignored);
#endif
	store_event_add(farm->ports.store, job_row, event);
	if (local) {
		store_event_acked(farm->ports.store, event->id);
	}
	free(event->data);
	json_decref(data);
	chore_now(farm, CHORE_EVENTS);
}

/* What a person decided; without a receipt nobody had to look in a tray. */
static const char *choice_of(const struct job *job, const struct receipt *receipt)
{
	if (job->stage == AT_RELEASED) {
		return "give_back";
	}
	bool counted_good = receipt != NULL && receipt->verdict == VERDICT_PARTIAL &&
			    receipt->evidence == EVIDENCE_OPERATOR;
	if (receipt == NULL || counted_good) {
		return "go_on";
	}
	if (receipt->verdict == VERDICT_UNKNOWN) {
		return "reprint";
	}
	return receipt->completed > 0 ? "printed" : "not_printed";
}

static void put_signature(struct farm *farm, const struct job *job, json_t *data)
{
	struct death death;
	if (store_death_of(farm->ports.store, job->row, &death)) {
		json_object_set_new(data, "signature",
			json_pack("{ss ss ss sb ss ss ss}", "stage", death.stage, "worker",
				death.worker, "cause", death.cause, "died", death.died, "asset",
				death.sha256, "format", death.format, "engine", death.engine));
	}
}

void outbox_job(
	struct farm *farm, const struct job *job, const char *name, const struct receipt *receipt)
{
	struct event_row event = {.epoch = job->epoch, .attempt = job->attempts};
	text_copy(event.subject, sizeof event.subject, job->id);
	snprintf(event.type, sizeof event.type, "platen.job.%s.v1", name);
	text_copy(event.traceparent, sizeof event.traceparent, job->traceparent);
	json_t *data = facts_of(job, name, receipt);
	if (strcmp(name, "printed") == 0) {
		json_object_set_new(data, "copies", json_integer(job->copies));
		json_object_set_new(data, "sheets", json_integer(job->delivered));
		if (job->doubled > 0) {
			put_count(data, "possible_duplicates", job->doubled);
		}
	}
	if (strcmp(name, "cancelled") == 0) {
		json_object_set_new(data, "printed", json_integer(job->delivered));
		json_object_set_new(data, "of", json_integer(job->prints));
	}
	if (strcmp(name, "quarantined") == 0) {
		put_signature(farm, job, data);
	}
	if (strcmp(name, "resolved") == 0) {
		put_text(data, "choice", choice_of(job, receipt));
	}
	add(farm, job->row, &event, data, job->local || !farm->conf.has_cloud);
}

void outbox_printer(struct farm *farm, const char *printer, const char *name, json_t *data)
{
	struct event_row event = {0};
	snprintf(event.subject, sizeof event.subject, "printer/%s", printer);
	snprintf(event.type, sizeof event.type, "platen.printer.%s.v1", name);
	add(farm, 0, &event, data, !farm->conf.has_cloud);
}

static void tell_floor(struct farm *farm, const char *name, json_t *data)
{
	struct event_row event = {0};
	snprintf(event.subject, sizeof event.subject, "floor/%s",
		farm->conf.floor[0] != '\0' ? farm->conf.floor : "local");
	snprintf(event.type, sizeof event.type, "platen.floor.%s.v1", name);
	add(farm, 0, &event, data, !farm->conf.has_cloud);
}

void outbox_incident(struct farm *farm, const char *printer, json_t *data)
{
	if (printer[0] != '\0') {
		outbox_printer(farm, printer, "incident", data);
	} else {
		tell_floor(farm, "incident", data);
	}
}

void outbox_stock(struct farm *farm, json_t *data)
{
	tell_floor(farm, "stock", data);
}

void outbox_trail(struct farm *farm)
{
	struct audit_head head;
	char told[24] = "", now[24];
	store_audit_head(farm->ports.store, &head);
	snprintf(now, sizeof now, "%lld", (long long)head.row);
	store_meta_get(farm->ports.store, "audit_told", told, sizeof told);
	if (head.row == 0 || strcmp(told, now) == 0) {
		return;
	}
	store_meta_set(farm->ports.store, "audit_told", now);
	tell_floor(farm, "trail",
		json_pack("{sI ss}", "row", (json_int_t)head.row, "hash", head.hash));
}

/* ---- sending events ---- */

void outbox_send_events(struct farm *farm)
{
	if (!farm->session_open || farm->calls[CHORE_EVENTS].busy) {
		return;
	}
	struct event_row events[EVENTS_MAX];
	size_t n = store_events_pending(farm->ports.store, events, (size_t)farm->batch_events);
	if (n > 0) {
		/* a new key each time: events are told apart by their ids, and the batch may have
		 * grown since an unanswered try */
		farm->calls[CHORE_EVENTS].key[0] = '\0';
		farm->batch_sent = (int32_t)n;
		memcpy(farm->batch_first, events[0].id, sizeof farm->batch_first);
		farm->ports.cloud_ops->events(
			farm->ports.cloud, call_begin(farm, CHORE_EVENTS), events, n);
	} else {
		farm->batch_events = farm->batch_most;
	}
	for (size_t i = 0; i < n; i++) {
		free(events[i].data);
	}
}

static void find_subject(struct farm *farm, const char *event_id, char subject[80])
{
	struct db_row *row = db_query(
		store_db(farm->ports.store), "SELECT subject FROM event WHERE id=?", "t", event_id);
	subject[0] = '\0';
	if (db_next(row)) {
		text_copy(subject, 80, db_text(row, 0));
	}
	struct err ignored;
	if (!db_end(row, &ignored)) {
		subject[0] = '\0';
	}
}

/* True when the cloud is done with it. */
static bool judge_event(struct farm *farm, const struct event_verdict *said)
{
	char subject[80];
	find_subject(farm, said->id, subject);
	switch (said->fate) {
	case EVENT_ACCEPTED:
	case EVENT_DUPLICATE:
	case EVENT_STALE_EPOCH: /* stored there as late evidence */
		store_event_acked(farm->ports.store, said->id);
		break;
	case EVENT_GAP:
		if (batch_follows_dead(farm, subject, said->expected)) {
			store_event_refused(farm->ports.store, said->id, "follows-refused");
			walk_reported(farm, subject);
			return true;
		}
		store_events_unack(farm->ports.store, subject, said->expected);
		break;
	case EVENT_REJECTED:
		log_error("cloud", "refuses an event of %s (%s): kept here, tell support", subject,
			said->code);
		store_event_refused(farm->ports.store, said->id, said->code);
		break;
	}
	walk_reported(farm, subject);
	return said->fate != EVENT_GAP;
}

void outbox_on_events(void *context, const struct events_answer *answer, const struct err *err,
	int64_t retry_after_ms)
{
	struct farm *farm = context;
	call_answered(farm, CHORE_EVENTS, err, retry_after_ms);
	if (err != NULL) {
		batch_refused(farm, err);
		return;
	}
	size_t done = 0;
	farm->letters = 0;
	for (size_t i = 0; i < answer->n_events; i++) {
		done += judge_event(farm, &answer->events[i]);
	}
	/* until nothing is pending; a service that takes none of them is not asked at full speed */
	chore_at(farm, CHORE_EVENTS, farm_now(farm) + (done > 0 ? 0 : NO_PROGRESS_MS));
}

/* ---- release calls ---- */

static void give_back(struct farm *farm, const struct release_ask *ask)
{
	char key[ULID_MAX];
	farm_key(farm, key);
	store_call_add(farm->ports.store, key, ask);
	chore_now(farm, CHORE_RELEASE);
}

/* How the cloud should go on with a job that was given back for that reason. Whatever is not listed
 * needs a person there; above all "in-print", a job granted again while it may be inside a printer
 * here: handed to another floor, it would come out twice. */
static enum release_retry retry_of(const char *code)
{
	static const char *const elsewhere[] = {
		"unsupported", "declined", "revoked", "format-disabled"};
	static const char *const later[] = {"late", "disk-full", "asset-network"};
	for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
		if (strcmp(elsewhere[i], code) == 0) {
			return RELEASE_ELSEWHERE;
		}
	}
	for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
		if (strcmp(later[i], code) == 0) {
			return RELEASE_LATER;
		}
	}
	return RELEASE_NEVER;
}

void outbox_release(struct farm *farm, const struct job *job)
{
	if (job->local || !farm->conf.has_cloud) {
		return; /* there is nobody to give it back to: it ends here, with its reason */
	}
	struct release_ask ask = {.epoch = job->epoch, .retry = retry_of(job->reason_code)};
	if (job->delivered > 0 || job->unknown > 0 || job->doubled > 0) {
		ask.retry = RELEASE_NEVER; /* another floor would print what lies in our tray */
	}
	text_copy(ask.job, sizeof ask.job, job->id);
	text_copy(ask.reason, sizeof ask.reason, job->reason_code);
	text_copy(ask.detail, sizeof ask.detail, job->reason);
	ask.later_s = ask.retry == RELEASE_LATER ? 300 : 0;
	give_back(farm, &ask);
}

void outbox_refuse(struct farm *farm, const char *job, int64_t epoch, const struct err *err)
{
	struct release_ask ask = {.epoch = epoch, .retry = RELEASE_NEVER};
	text_copy(ask.job, sizeof ask.job, job);
	text_copy(ask.reason, sizeof ask.reason, "unreadable");
	text_copy(ask.detail, sizeof ask.detail, err->text);
	give_back(farm, &ask);
}

void outbox_disown(struct farm *farm, const char *job, int64_t epoch)
{
	struct release_ask ask = {.epoch = epoch, .retry = RELEASE_LATER};
	text_copy(ask.job, sizeof ask.job, job);
	text_copy(ask.reason, sizeof ask.reason, "not-here");
	text_copy(ask.detail, sizeof ask.detail, "this floor does not have it");
	give_back(farm, &ask);
}

void outbox_send_release(struct farm *farm)
{
	struct call_row call;
	if (!farm->session_open || farm->calls[CHORE_RELEASE].busy ||
		!store_call_next(farm->ports.store, &call)) {
		return;
	}
	struct call *busy = &farm->calls[CHORE_RELEASE];
	memcpy(busy->key, call.key, sizeof busy->key); /* stored before it is sent */
	farm->ports.cloud_ops->release(
		farm->ports.cloud, call_begin(farm, CHORE_RELEASE), &call.ask);
}

void outbox_on_release(void *context, const char *key, const char *job, const struct err *err,
	int64_t retry_after_ms)
{
	struct farm *farm = context;
	/* what it does not have any more is given back, too: no failure that the next one waits for
	 */
	bool done = err == NULL || err->remedy == REMEDY_DROP;
	if (err != NULL && done) {
		log_info(job, "%s", err->text);
	}
	call_answered(farm, CHORE_RELEASE, done ? NULL : err, retry_after_ms);
	if (done) {
		store_call_done(farm->ports.store, key);
	} else if (err->remedy == REMEDY_REJECT) {
		log_error(
			"cloud", "refuses a job given back (%s): kept in the log only", err->text);
		store_call_done(farm->ports.store, key);
	}
	if (done || err->remedy == REMEDY_REJECT) {
		chore_now(farm, CHORE_RELEASE); /* the next one; else after the wait */
	}
}
