/* SPDX-License-Identifier: Apache-2.0
 *
 * The printers of the floor in memory: what their devices say, which uuid is pinned, the sweep of
 * our own orphans when one appears, and what people do to them. The circuit breaker is in
 * breaker.c.
 */
#include "base/mem.h"
#include "farm/own.h"
#include "farm/stock.h"
#include <string.h>

struct printer *printer_find(const struct farm *farm, const char *name)
{
	for (size_t i = 0; i < farm->n_printers; i++) {
		if (strcmp(farm->printers[i].conf->name, name) == 0) {
			return &farm->printers[i];
		}
	}
	return NULL;
}

struct floor_printer *printer_beside(const struct farm *farm, const struct printer *printer)
{
	return &farm->beside[printer - farm->printers];
}

const struct product *product_of(const struct farm *farm, const struct job *job)
{
	return catalog_product(farm->catalog, job->sku);
}

int64_t work_ms(const struct job *job, const struct model *model)
{
	int32_t left = job->prints - job->delivered;
	return (int64_t)(left > 0 ? left : 0) * model->ms_per_print;
}

void printer_save(struct farm *farm, const struct printer *printer)
{
	struct printer_row row = {.paused = printer->paused, .parked = printer->parked};
	text_copy(row.name, sizeof row.name, printer->conf->name);
	text_copy(row.uuid, sizeof row.uuid, printer_beside(farm, printer)->pinned);
	memcpy(row.tls_key, printer->tls_key, sizeof row.tls_key);
	memcpy(row.tls_offered, printer->tls_offered, sizeof row.tls_offered);
	text_copy(row.media, sizeof row.media, printer->loaded);
	text_copy(row.lot, sizeof row.lot, printer->lot);
	memcpy(row.outcomes, printer_beside(farm, printer)->outcomes, sizeof row.outcomes);
	if (printer->parked) {
		text_copy(row.fault, sizeof row.fault, printer->fault);
	}
	store_printer_save(farm->ports.store, &row);
}

void printers_open(struct farm *farm)
{
	farm->n_printers = (size_t)farm->catalog->n_printers;
	farm->printers = mem_new(farm->n_printers, sizeof *farm->printers);
	farm->beside = mem_new(farm->n_printers, sizeof *farm->beside);
	for (size_t i = 0; i < farm->n_printers; i++) {
		struct printer *printer = &farm->printers[i];
		printer->conf = &farm->catalog->printers[i];
		printer->model = catalog_model(farm->catalog, printer->conf->model);
		text_copy(
			farm->beside[i].pinned, sizeof farm->beside[i].pinned, printer->conf->uuid);
		struct printer_row row;
		if (store_printer_get(farm->ports.store, printer->conf->name, &row)) {
			if (farm->beside[i].pinned[0] == '\0') {
				memcpy(farm->beside[i].pinned, row.uuid, sizeof row.uuid);
			}
			memcpy(printer->loaded, row.media, sizeof row.media);
			memcpy(printer->lot, row.lot, sizeof row.lot);
			memcpy(printer->fault, row.fault, sizeof row.fault);
			memcpy(farm->beside[i].outcomes, row.outcomes, sizeof row.outcomes);
			memcpy(printer->tls_key, row.tls_key, sizeof row.tls_key);
			memcpy(printer->tls_offered, row.tls_offered, sizeof row.tls_offered);
			printer->paused = row.paused;
			printer->parked = row.parked;
		}
		printer_key_open(printer);
		notice_open(farm, printer);
		if (farm->beside[i].pinned[0] != '\0') {
			farm->ports.crew_ops->pin(
				farm->ports.crew, printer->conf->name, farm->beside[i].pinned);
		}
	}
}

void printer_told(struct farm *farm, const struct printer *printer, const char *type,
	const char *code, const char *reason)
{
	json_t *data = json_object();
	if (code != NULL) {
		json_object_set_new(data, "reason", json_string(code));
	}
	if (reason != NULL && reason[0] != '\0') {
		json_object_set_new(data, "detail", json_string(reason));
	}
	if (printer->loaded[0] != '\0') {
		json_object_set_new(data, "media", json_string(printer->loaded));
	}
	if (strcmp(type, "jam") == 0 || strcmp(type, "parked") == 0) {
		maintenance_count(farm, printer, 0, 1);
	}
	outbox_printer(farm, printer->conf->name, type, data);
}

/* ---- health ---- */

/* Event types of the order API by how the code ends of the reason that the rules give. */
static const char *event_of(const char *code)
{
	static const struct {
		const char *end, *event;
	} rows[] = {
		{"-jam", "jam"},
		{"media-empty", "media_empty"},
		{"media-path-input-empty", "media_empty"},
		{"media-needed", "media_empty"},
		{"-open", "cover_open"},
		{"printer-absent", "offline"},
		{"printer-parked", "parked"},
	};
	size_t len = strlen(code);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t tail = strlen(rows[i].end);
		if (len >= tail && strcmp(code + len - tail, rows[i].end) == 0) {
			return rows[i].event;
		}
	}
	return "stopped";
}

static bool pin(struct farm *farm, struct printer *printer, struct err *err)
{
	struct floor_printer *beside = printer_beside(farm, printer);
	const char *uuid = printer->status.uuid;
	if (beside->pinned[0] == '\0') {
		text_copy(beside->pinned, sizeof beside->pinned, uuid);
		log_info(printer->conf->name, "pinned uuid=%s title=\"%s\"", uuid,
			printer->status.title);
		farm->ports.crew_ops->pin(farm->ports.crew, printer->conf->name, uuid);
		printer_save(farm, printer);
		return true;
	}
	if (strcmp(beside->pinned, uuid) == 0) {
		return true;
	}
	return err_set(err, REMEDY_ATTEND, "printer-changed",
		"printer %s: another printer answers at its address (%s, expected %s)",
		printer->conf->name, uuid, beside->pinned);
}

static void sweep(struct farm *farm, struct printer *printer)
{
	struct floor_printer *beside = printer_beside(farm, printer);
	char known[1][ATTEMPT_KEY_MAX] = {""};
	size_t n = 0;
	struct floor_job *fj = farm_find(farm, printer->busy_job_row);
	if (fj != NULL && fj->job.attempt_row != 0) {
		memcpy(known[0], fj->job.attempt.key, sizeof known[0]);
		n = 1;
	}
	beside->sweeping = true;
	farm->ports.crew_ops->sweep(
		farm->ports.crew, printer->conf->name, (const char(*)[ATTEMPT_KEY_MAX])known, n);
}

struct standing printer_standing(const struct printer *printer)
{
	struct standing standing = {.why = {.text = ""}};
	standing.is_ready = printer_is_ready(printer, &standing.why);
	standing.needs_hands = !standing.is_ready && standing.why.remedy != REMEDY_RETRY;
	return standing;
}

static void tell_trouble(
	struct farm *farm, const struct printer *printer, const struct standing *now, bool is_new)
{
	const char *name = printer->conf->name;
	if (!now->needs_hands) {
		log_info(name, "%s", now->why.text);
		return;
	}
	if (is_new) {
		log_warn(name, "%s", now->why.text);
	} else {
		log_info(name, "%s", now->why.text);
	}
	printer_told(farm, printer, event_of(now->why.code), now->why.code, now->why.text);
}

void printer_tell_change(
	struct farm *farm, const struct printer *printer, const struct standing *before)
{
	struct standing now = printer_standing(printer);
	bool differs = strcmp(before->why.code, now.why.code) != 0;
	if (before->is_ready == now.is_ready && (now.is_ready || !differs)) {
		return;
	}
	if (!now.is_ready) {
		tell_trouble(farm, printer, &now, before->is_ready);
	} else {
		log_info(printer->conf->name, "can print again");
	}
	if (before->needs_hands && !now.needs_hands) {
		printer_told(farm, printer,
			strcmp(before->why.code, "printer-absent") == 0 ? "online" : "recovered",
			before->why.code, NULL);
	}
	offer_changed(farm);
}

/* All that a waiting job may have waited for; clocks and counters are no news. */
static bool says_the_same(const struct device_status *a, const struct device_status *b)
{
	bool same = a->state == b->state && a->accepting == b->accepting &&
		    a->n_reasons == b->n_reasons && a->n_ready == b->n_ready &&
		    a->says_ready == b->says_ready && strcmp(a->message, b->message) == 0 &&
		    memcmp(a->takes, b->takes, sizeof a->takes) == 0;
	for (int32_t i = 0; same && i < a->n_reasons; i++) {
		same = strcmp(a->reasons[i], b->reasons[i]) == 0;
	}
	for (int32_t i = 0; same && i < a->n_ready; i++) {
		const struct ready_media *x = &a->ready[i];
		const struct ready_media *y = &b->ready[i];
		same = x->width_hmm == y->width_hmm && x->height_hmm == y->height_hmm &&
		       x->width_most_hmm == y->width_most_hmm &&
		       x->height_most_hmm == y->height_most_hmm &&
		       (x->sheets_left == 0) == (y->sheets_left == 0) &&
		       strcmp(x->type, y->type) == 0;
	}
	return same;
}

void printers_on_status(
	void *context, const char *name, const struct device_status *status, const struct err *err)
{
	struct farm *farm = context;
	struct printer *printer = printer_find(farm, name);
	if (printer == NULL || !farm->open) {
		return;
	}
	struct floor_printer *beside = printer_beside(farm, printer);
	struct err fault;
	struct standing before = printer_standing(printer);
	bool fresh = false;
	struct device_status old = printer->status;
	if (status != NULL) {
		fresh = !printer->known;
		printer->status = *status;
		printer->known = pin(farm, printer, &fault);
		err = printer->known ? NULL : &fault;
		if (memcmp(old.ready, status->ready, sizeof old.ready) != 0) {
			offer_changed(farm);
		}
	}
	beside->said = err == NULL ? (struct err){.code = ""} : *err;
	if (err != NULL) {
		notice_fault(farm, printer, err);
		printer->known = false;
		text_copy(printer->fault_code, sizeof printer->fault_code,
			err->remedy == REMEDY_ATTEND ? err->code : "");
		beside->swept = false;
		if (!printer->parked) {
			text_copy(printer->fault, sizeof printer->fault, err->text);
		}
	} else if (!printer->parked) {
		printer->fault[0] = '\0';
	}
	if (printer->known && fresh) {
		sweep(farm, printer);
	}
	printer_tell_change(farm, printer, &before);
	maintenance_look(farm);
	if (printer->known) {
		notice_look(farm, printer);
		breaker_look(farm, printer);
	}
	stock_look_at(farm, printer);
	if (fresh || err != NULL || !says_the_same(&old, &printer->status)) {
		farm->line_due = farm->line_all = true;
	}
}

/* It is back. What it may have printed is asked before anything else is begun there: its counters
 * prove nothing afterwards. */
static void ask_about_doubts(struct farm *farm, const struct printer *printer)
{
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (fj->job.stage == AT_HELD_UNKNOWN &&
			strcmp(fj->job.printer, printer->conf->name) == 0) {
			walk_simple(farm, fj->job.row, EV_WAKE, NULL);
		}
	}
}

void printers_on_swept(void *context, const char *name, int32_t swept, const struct err *err)
{
	struct farm *farm = context;
	struct printer *printer = printer_find(farm, name);
	if (printer == NULL || !farm->open) {
		return;
	}
	struct floor_printer *beside = printer_beside(farm, printer);
	beside->sweeping = false;
	if (err != NULL) {
		/* the next status finds it unknown, and sweeps again */
		printer->known = false;
		text_copy(printer->fault, sizeof printer->fault, err->text);
		return;
	}
	beside->swept = true;
	if (swept > 0) {
		log_info(name, "cancelled %d left-over jobs of ours", (int)swept);
	}
	ask_about_doubts(farm, printer);
	farm->line_due = farm->line_all = true;
}

/* ---- taken and free ---- */

void printer_release(struct farm *farm, struct printer *printer)
{
	const struct floor_printer *beside = printer_beside(farm, printer);
	printer->busy_job_row = 0;
	farm->line_due = true;
	if (printer->known && !beside->swept && !beside->sweeping) {
		sweep(farm, printer);
	}
}

void printer_clear(struct farm *farm, const char *name)
{
	struct printer *printer = printer_find(farm, name);
	if (printer == NULL) {
		return;
	}
	printer_beside(farm, printer)->swept = false;
	if (printer->busy_job_row == 0) {
		printer_release(farm, printer);
	}
}

bool printer_is_open(const struct farm *farm, const struct printer *printer)
{
	struct err ignored;
	return printer_is_ready(printer, &ignored) ||
	       (printer_beside(farm, printer)->test_row != 0 &&
		       printer_can_test(printer, &ignored));
}

struct printer *printer_free(struct farm *farm, const char *name, int64_t job_row)
{
	struct printer *printer = printer_find(farm, name);
	if (printer == NULL || printer->busy_job_row != job_row) {
		return NULL;
	}
	printer_release(farm, printer);
	return printer;
}

/* ---- people ---- */

bool printer_need(
	const struct farm *farm, const char *name, struct printer **printer, struct err *err)
{
	*printer = printer_find(farm, name);
	return *printer != NULL ||
	       err_set(err, REMEDY_REJECT, "unknown-printer",
		       "no printer %s on this floor: see `platenctl printers`", name);
}

void printer_changed(struct farm *farm, struct printer *printer, const char *who, const char *what,
	const char *detail)
{
	printer_save(farm, printer);
	store_audit(farm->ports.store, farm_wall_ms(farm), who, what, printer->conf->name, detail);
	log_info(printer->conf->name, "%s %s by=%s", what, detail, who);
	offer_changed(farm);
	farm->line_due = farm->line_all = true;
}

bool farm_printer_load(struct farm *farm, const char *name, const struct farm_load *load,
	const char *who, struct err *err)
{
	struct printer *printer;
	const char *media = load->media;
	if (!printer_need(farm, name, &printer, err)) {
		return false;
	}
	const struct media *found = catalog_media(farm->catalog, media);
	if (found == NULL) {
		return err_set(err, REMEDY_REJECT, "unknown-media",
			"no paper %s is known here: its name is that of a file in profiles/media",
			media);
	}
	if (model_on(printer->model, media) == NULL) {
		return err_set(err, REMEDY_REJECT, "wrong-media", "%s (%s) does not take %s", name,
			printer->model->title, found->title);
	}
	text_copy(printer->loaded, sizeof printer->loaded, media);
	text_copy(printer->lot, sizeof printer->lot, load->lot);
	printer_changed(farm, printer, who, "load", media);
	printer_told(farm, printer, "loaded", NULL, found->title);
	stock_loaded(farm, printer, load, who);
	return true;
}

bool farm_printer_pause(struct farm *farm, const char *name, const char *who, struct err *err)
{
	struct printer *printer;
	if (!printer_need(farm, name, &printer, err)) {
		return false;
	}
	printer->paused = true;
	printer_changed(farm, printer, who, "pause", "");
	return true;
}

bool farm_printer_resume(
	struct farm *farm, const char *name, const char *who, const char *reason, struct err *err)
{
	struct printer *printer;
	if (!printer_need(farm, name, &printer, err)) {
		return false;
	}
	if (printer->parked && reason[0] == '\0') {
		return err_set(err, REMEDY_REJECT, "field",
			"%s was stopped after failures: print a test sheet (platenctl printer %s "
			"test), or say with --reason why it may go on without one",
			name, name);
	}
	printer->paused = false;
	if (printer->parked) {
		breaker_reset(farm, printer);
	}
	printer_changed(farm, printer, who, "resume", reason);
	return true;
}
