/* SPDX-License-Identifier: Apache-2.0
 *
 * Incidents: what does not add up. A row that stays open until a person has looked, a line of the
 * audit trail, and an event, all in the transaction of what it was seen by.
 */
#include "farm/own.h"
#include "rules/agree.h"
#include <stdio.h>
#include <string.h>

static void tell(struct farm *farm, const struct incident *incident, const struct job *job)
{
	json_t *data = json_pack("{ss ss sI}", "reason", incident->code, "detail", incident->text,
		"incident", (json_int_t)incident->row);
	if (job != NULL) {
		json_object_set_new(data, "job", json_string(job->id));
	}
	if (incident->attempt[0] != '\0') {
		json_object_set_new(data, "attempt", json_string(incident->attempt));
	}
	outbox_incident(farm, incident->printer, data);
}

void incident_raise(struct farm *farm, const char *printer, const struct job *job, const char *code,
	const char *text)
{
	struct incident incident = {
		.wall_ms = farm_wall_ms(farm), .job_row = job == NULL ? 0 : job->row};
	text_copy(incident.printer, sizeof incident.printer, printer);
	text_copy(incident.code, sizeof incident.code, code);
	text_copy(incident.text, sizeof incident.text, text);
	if (job != NULL && job->attempt_row != 0) {
		memcpy(incident.attempt, job->attempt.key, sizeof incident.attempt);
	}
	if (!store_incident_add(farm->ports.store, &incident)) {
		return; /* the same is open already: a person will look */
	}
	const char *subject = job != NULL ? job->id : printer;
	store_audit(farm->ports.store, incident.wall_ms, "platen", "incident", subject, text);
	log_warn(subject[0] != '\0' ? subject : "farm", "incident %lld: %s",
		(long long)incident.row, text);
	tell(farm, &incident, job);
}

void incident_look(struct farm *farm, const struct job *job, const struct receipt *receipt)
{
	const struct printer *printer = printer_find(farm, job->printer);
	/* once others printed there, its counters speak of them, too */
	if (receipt == NULL || printer == NULL ||
		store_attempt_was_followed(farm->ports.store, job->attempt_row)) {
		return;
	}
	struct agree_past past;
	struct err err;
	struct agree_ask ask = {.printer = job->printer,
		.exclusive = printer->conf->exclusive,
		.counts_impressions = printer->model->counts_impressions,
		.counter_lag_ms = printer->model->counter_lag_ms,
		.copies = job->attempt.copies,
		.before = &job->attempt.before,
		.receipt = receipt};
	if (store_attempt_past(farm->ports.store, job->printer, job->attempt_row, &past)) {
		ask.past = &past;
	}
	if (!agree_between(&ask, &err)) {
		incident_raise(farm, job->printer, job, err.code, err.text);
	}
	if (!agree_within(&ask, &err)) {
		incident_raise(farm, job->printer, job, err.code, err.text);
	}
}

bool incident_doubts_counter(struct farm *farm, const char *printer)
{
	return store_incident_is_open(farm->ports.store, printer, "counter-moved-less") ||
	       store_incident_is_open(farm->ports.store, printer, "counters-differ");
}

bool farm_incident_close(
	struct farm *farm, int64_t row, const char *who, const char *note, struct err *err)
{
	struct incident incident;
	char subject[TEXT_ID_MAX];
	if (!store_incident_get(farm->ports.store, row, &incident)) {
		return err_set(err, REMEDY_REJECT, "unknown-incident",
			"no open incident %lld: see `platenctl incidents`", (long long)row);
	}
	snprintf(subject, sizeof subject, "incident/%lld", (long long)row);
	int64_t now_ms = farm_wall_ms(farm);
	store_audit(farm->ports.store, now_ms, who, "looked at", subject, note);
	store_incident_close(farm->ports.store, row, now_ms, who, note);
	log_info("farm", "incident %lld closed by=%s: %s", (long long)row, who, note);
	return true;
}
