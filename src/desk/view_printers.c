/* SPDX-License-Identifier: Apache-2.0
 *
 * Printers as they are now, and everything that needs a person or waits.
 */
#include "base/log.h"
#include "desk/view.h"
#include "desk/words.h"
#include "rules/condition.h"
#include "rules/hold.h"
#include <string.h>

#define HOLDS_MOST 200

/* The machine's word for a printer's state. A printer that is stopped by a person or by its
 * failures is that before anything else; one that prints, prints, whatever it warns of. */
const char *view_printer_kind(const struct printer *printer)
{
	struct err why;
	if (printer->tls_offered[0] != '\0') {
		return "needs_you";
	}
	if (printer->paused) {
		return "paused";
	}
	if (printer->parked) {
		return "stopped";
	}
	if (!printer->known) {
		return printer->fault_code[0] != '\0' ? "needs_you"
		       : printer->fault[0] != '\0'    ? "offline"
						      : "unknown";
	}
	if (!printer_is_ready(printer, &why)) {
		return why.remedy == REMEDY_RETRY ? "waiting" : "needs_you";
	}
	return printer->busy_job_row != 0 || printer->status.state == DEVICE_PROCESSING ? "printing"
											: "idle";
}

static json_t *loaded_json(const struct view *view, const struct printer *printer)
{
	const struct media *media =
		printer_media(printer, farm_catalog(view->farm), printer->loaded);
	if (media == NULL) {
		return json_null();
	}
	return json_pack(
		"{ss ss ss}", "media", media->name, "title", media->title, "lot", printer->lot);
}

/* All that lies in its trays, of what its model prints on. */
static json_t *papers_json(const struct view *view, const struct printer *printer)
{
	const struct catalog *catalog = farm_catalog(view->farm);
	json_t *papers = json_array();
	for (int32_t i = 0; i < printer->model->n_media; i++) {
		const char *name = printer->model->media[i].media;
		const struct media *media = printer_media(printer, catalog, name);
		if (media != NULL && strcmp(media->name, name) == 0) {
			json_array_append_new(papers, json_string(name));
		}
	}
	return papers;
}

/* By all sources, where somebody has said which roll is in it. */
static json_t *sheets_left_json(const json_t *stock, const struct printer *printer)
{
	json_t *left = json_object_get(stock, "sheets_left");
	if (json_is_integer(left)) {
		return json_incref(left);
	}
	for (int32_t i = 0; printer->known && i < printer->status.n_ready; i++) {
		if (printer->status.ready[i].sheets_left != COUNT_UNKNOWN) {
			return json_integer(printer->status.ready[i].sheets_left);
		}
	}
	return json_null();
}

static json_t *reasons_json(const struct printer *printer)
{
	json_t *reasons = json_array();
	for (int32_t i = 0; printer->known && i < printer->status.n_reasons; i++) {
		json_array_append_new(reasons, json_string(printer->status.reasons[i]));
	}
	return reasons;
}

/* The same, in words. */
static json_t *conditions_json(const struct printer *printer)
{
	json_t *conditions = json_array();
	for (int32_t i = 0; printer->known && i < printer->status.n_reasons; i++) {
		struct condition condition;
		condition_of(printer->status.reasons[i], &condition);
		json_array_append_new(
			conditions, json_pack("{ss ss ss ss}", "keyword", condition.keyword,
					    "effect", effect_name(condition.effect), "say",
					    condition.says, "action", condition.action));
	}
	return conditions;
}

static json_t *supplies_json(const struct printer *printer)
{
	json_t *supplies = json_array();
	for (int32_t i = 0; printer->known && i < printer->status.n_supplies; i++) {
		const struct supply *supply = &printer->status.supplies[i];
		json_array_append_new(supplies,
			json_pack("{ss ss sb so sb ss}", "name", supply->name, "type", supply->type,
				"waste", supply->is_waste, "left_percent",
				supply->left_percent >= 0 ? json_integer(supply->left_percent)
							  : json_null(),
				"low", supply->is_low, "say", words_supply(supply)));
	}
	return supplies;
}

static json_t *job_at(struct view *view, const struct printer *printer)
{
	struct job job;
	struct err err;
	if (printer->busy_job_row == 0 ||
		!store_job_get(farm_store(view->farm), printer->busy_job_row, &job)) {
		return json_null();
	}
	json_t *brief = view_job_brief(view, job.id, &err);
	return brief != NULL ? brief : json_null();
}

static int64_t line_of(const struct view *view, const char *printer)
{
	int64_t n = 0;
	db_one_int(view_db(view), &n,
		"SELECT count(*) FROM job WHERE closed IS NULL AND printer=? AND"
		" stage IN ('queued','permitted')",
		"t", printer);
	return n;
}

static json_t *printer_json(struct view *view, const struct printer *printer)
{
	const struct device_status *status = &printer->status;
	const char *kind = view_printer_kind(printer);
	const char *title =
		printer->known && status->title[0] != '\0' ? status->title : printer->model->title;
	struct err why = {.text = ""};
	bool is_ready = printer_is_ready(printer, &why);
	json_t *json = json_pack("{ss ss ss ss ss so so sb so}", "name", printer->conf->name,
		"model", printer->conf->model, "title", title, "state", kind, "say",
		words_printer(kind), "reasons", reasons_json(printer), "message",
		view_text(printer->known ? status->message : ""), "paused", printer->paused,
		"fault", view_text(is_ready ? "" : why.text));
	json_object_set_new(json, "conditions", conditions_json(printer));
	json_object_set_new(json, "supplies", supplies_json(printer));
	view_health(view, printer, json);
	json_object_set_new(json, "loaded", loaded_json(view, printer));
	json_object_set_new(json, "papers", papers_json(view, printer));
	json_t *stock = view_stock_at(view, printer->conf->name);
	json_object_set_new(json, "sheets_left", sheets_left_json(stock, printer));
	json_object_set_new(json, "stock", stock);
	json_object_set_new(json, "job", job_at(view, printer));
	json_object_set_new(json, "queue", json_integer(line_of(view, printer->conf->name)));
	json_object_set_new(json, "today",
		json_pack("{sI sI}", "came_out",
			(json_int_t)view_sheets(view, printer->conf->name, "delivered"), "spoiled",
			(json_int_t)view_sheets(view, printer->conf->name, "spoiled")));
	bool counts = printer->known && status->life_count != COUNT_UNKNOWN;
	json_object_set_new(
		json, "counter", counts ? json_integer(status->life_count) : json_null());
	json_object_set_new(json, "to_count", view_run(view, printer));
	json_object_set_new(json, "uuid", json_string(printer->known ? status->uuid : ""));
	json_object_set_new(json, "tls_key", json_string(printer->tls_key));
	json_object_set_new(json, "tls_offered", json_string(printer->tls_offered));
	json_object_set_new(json, "firmware", json_string(printer->known ? status->firmware : ""));
	return json;
}

json_t *view_printers(struct view *view)
{
	size_t n;
	const struct printer *printers = farm_printers(view->farm, &n);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(list, printer_json(view, &printers[i]));
	}
	return json_pack("{so}", "printers", list);
}

json_t *view_printer(struct view *view, const char *name, struct err *err)
{
	size_t n;
	const struct printer *printers = farm_printers(view->farm, &n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(printers[i].conf->name, name) == 0) {
			return printer_json(view, &printers[i]);
		}
	}
	err_set(err, REMEDY_REJECT, "unknown-printer",
		"no printer %.48s on this floor: see `platenctl printers`", name);
	return NULL;
}

/* ---- what needs somebody ---- */

static json_t *choices_of(const json_t *job)
{
	const char *stage = json_string_value(json_object_get(job, "stage"));
	if (strcmp(stage, "held-unknown") == 0) {
		return json_pack("[ss]", "resolve", "give_back");
	}
	if (strcmp(stage, "held-operator") == 0) {
		bool is_local = json_is_true(json_object_get(job, "local"));
		return is_local ? json_pack("[ss]", "release", "cancel")
				: json_pack("[sss]", "release", "give_back", "cancel");
	}
	return json_pack("[ss]", "hold", "cancel");
}

/* What was sent last: for prints that may have come out. */
static json_t *sent_json(const struct view *view, const char *job_id)
{
	struct err err;
	json_t *sent = NULL;
	struct db_row *row = db_query(view_db(view),
		"SELECT attempt.printer, attempt.copies, attempt.begun FROM attempt JOIN job ON"
		" attempt.job=job.row WHERE job.id=? AND job.unknown>0 ORDER BY attempt.row DESC"
		" LIMIT 1",
		"t", job_id);
	if (db_next(row)) {
		sent = json_pack("{ss sI so}", "printer", db_text(row, 0), "copies",
			(json_int_t)db_int(row, 1), "at", view_stamp(db_int(row, 2)));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading attempts: %s", err.text);
	}
	return sent != NULL ? sent : json_null();
}

static void add_jobs(struct view *view, const char *kind, json_t *holds)
{
	struct err err;
	struct job_query query = {.kind = kind, .limit = HOLDS_MOST};
	json_t *answer = view_jobs(view, &query, &err), *job;
	size_t at;
	json_array_foreach(json_object_get(answer, "jobs"), at, job)
	{
		const json_t *reason = json_object_get(job, "reason");
		if (view_is_of_run(view, job)) {
			continue;
		}
		json_array_append_new(holds,
			json_pack("{ss sO sn sO? sO? sO? so sO so}", "kind", kind, "job", job,
				"printer", "title", json_object_get(reason, "title"), "text",
				json_object_get(reason, "text"), "action",
				json_object_get(reason, "action"), "choices", choices_of(job),
				"since", json_object_get(job, "since"), "sent",
				sent_json(view, json_string_value(json_object_get(job, "id")))));
	}
	json_decref(answer);
}

static json_t *action_of(const struct printer *printer)
{
	if (printer->tls_offered[0] != '\0') {
		return json_sprintf("Find out why it proves another key. If its certificate was "
				    "renewed: platenctl printer %s accept-key %s",
			printer->conf->name, printer->tls_offered);
	}
	struct err why = {.code = ""};
	if (!printer_is_ready(printer, &why) && strcmp(why.code, "maintenance-due") == 0) {
		return json_string(hold_words_of(REASON_HOLD, why.code).action);
	}
	const char *of_any = hold_words_of(REASON_HOLD, "").action;
	const char *of_this = hold_words_of(REASON_HOLD, printer->fault_code).action;
	if (!printer->known && strcmp(of_this, of_any) != 0) {
		return json_string(of_this); /* what ails it has a next step of its own */
	}
	return printer->parked ? json_sprintf("Look at the printer, then: platenctl printer %s "
					      "test. Once that came out it goes on by itself",
					 printer->conf->name)
			       : json_string("Go to the printer; it goes on by itself afterwards");
}

static json_t *choices_at(const struct printer *printer)
{
	return printer->tls_offered[0] != '\0' ? json_pack("[s]", "accept_key")
	       : printer->parked               ? json_pack("[s]", "test")
					       : json_array();
}

static void add_printers(struct view *view, json_t *holds)
{
	size_t n;
	const struct printer *printers = farm_printers(view->farm, &n);
	for (size_t i = 0; i < n; i++) {
		const char *kind = view_printer_kind(&printers[i]);
		struct err why = {.text = ""};
		bool needs = strcmp(kind, "needs_you") == 0 || strcmp(kind, "stopped") == 0 ||
			     strcmp(kind, "offline") == 0;
		if (!needs || printer_is_ready(&printers[i], &why)) {
			continue;
		}
		json_array_append_new(holds,
			json_pack("{ss sn ss so so so so sn sn}", "kind", "needs_you", "job",
				"printer", printers[i].conf->name, "title",
				json_sprintf("%s: %s", printers[i].conf->name, words_printer(kind)),
				"text", view_text(why.text), "action", action_of(&printers[i]),
				"choices", choices_at(&printers[i]), "since", "sent"));
	}
}

static void add_store(struct view *view, json_t *holds)
{
	struct farm_state state;
	farm_state(view->farm, &state);
	if (state.store_fault[0] != '\0') {
		struct hold_words words = hold_words_of(REASON_HOLD, "store-rollback");
		json_array_append_new(
			holds, json_pack("{ss sn sn ss so ss s[s] sn sn}", "kind", "needs_you",
				       "job", "printer", "title", words.title, "text",
				       view_text(state.store_fault), "action", words.action,
				       "choices", "accept", "since", "sent"));
	}
}

static void add_incidents(struct view *view, json_t *holds)
{
	json_t *answer = view_incidents(view, false, HOLDS_MOST), *incident;
	size_t at;
	json_array_foreach(json_object_get(answer, "incidents"), at, incident)
	{
		struct err err;
		const char *job_id = json_string_value(json_object_get(incident, "job"));
		const char *action = json_string_value(json_object_get(incident, "action"));
		json_t *job = job_id != NULL ? view_job_brief(view, job_id, &err) : NULL;
		const json_t *number = json_object_get(incident, "incident");
		json_array_append_new(holds,
			json_pack("{ss so sO sO sO so so sO sn sO}", "kind", "needs_you", "job",
				job != NULL ? job : json_null(), "printer",
				json_object_get(incident, "printer"), "title",
				json_object_get(incident, "title"), "text",
				json_object_get(incident, "text"), "action",
				json_sprintf("%s: incidents ack %lld --note …", action,
					(long long)json_integer_value(number)),
				"choices", json_pack("[s]", "close"), "since",
				json_object_get(incident, "at"), "sent", "incident", number));
	}
	json_decref(answer);
}

json_t *view_holds(struct view *view)
{
	json_t *holds = json_array();
	add_store(view, holds);
	add_jobs(view, "needs_you", holds);
	add_printers(view, holds);
	view_add_runs(view, holds);
	add_incidents(view, holds);
	add_jobs(view, "waiting", holds);
	return json_pack("{so}", "holds", holds);
}
