/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs: the list and one in full, straight from the tables (also those that left memory).
 */
#include "base/log.h"
#include "desk/view.h"
#include "desk/words.h"
#include "rules/hold.h"
#include <string.h>

enum column {
	COLUMN_ROW,
	COLUMN_ID,
	COLUMN_STAGE,
	COLUMN_STAGE_AT,
	COLUMN_SKU,
	COLUMN_LABEL,
	COLUMN_ORDER_ID,
	COLUMN_ORDER_REF,
	COLUMN_COPIES,
	COLUMN_PAGES,
	COLUMN_PRINTS,
	COLUMN_DELIVERED,
	COLUMN_SPOILED,
	COLUMN_UNKNOWN,
	COLUMN_PRINTER,
	COLUMN_MEDIA,
	COLUMN_DUE,
	COLUMN_LOCAL,
	COLUMN_PRIVATE,
	COLUMN_REASON_KIND,
	COLUMN_REASON_CODE,
	COLUMN_REASON,
	COLUMN_RASTER,
	COLUMN_EPOCH,
	COLUMN_PRIORITY,
};

/* The columns above, in order. */
#define JOB_COLUMNS                                                                                \
	"SELECT row, id, stage, stage_at, sku, label, order_id, order_ref, copies, pages,"         \
	" prints, delivered, spoiled, unknown, printer, media, due, local, private,"               \
	" reason_kind, reason_code, reason,"                                                       \
	" (SELECT raster FROM page WHERE page.job=job.row AND page=0), epoch, priority FROM job"

/* The same sorting as words.c's kind_of, for the store. */
static const char *const of_kind[KIND_COUNT] = {
#define WAITS "reason_kind=1 AND reason_code<>'printer-busy'"
#define LINE  "stage IN ('queued','permitted')"
#define MAKES "stage IN ('leased','fetched','inspected','rendered')"
#define QUERY(condition)                                                                           \
	JOB_COLUMNS " WHERE " condition " AND (?1 IS NULL OR stage=?1) AND (?2 IS NULL OR"         \
		    " order_ref=?2 OR (local AND order_ref='' AND label=?2)) ORDER BY row DESC "   \
		    "LIMIT ?3"
	[KIND_PREPARING] = QUERY(MAKES " AND NOT (" WAITS ")"),
	[KIND_READY] = QUERY(LINE " AND NOT (" WAITS ")"),
	[KIND_WAITING] = QUERY("(" LINE " OR " MAKES ") AND " WAITS),
	[KIND_PRINTING] = QUERY("stage IN ('prepared','opened','sending','committed','accepted')"),
	[KIND_NEEDS_YOU] = QUERY("stage IN ('held-unknown','held-operator')"),
	[KIND_DONE] = QUERY("stage IN ('printed','reported')"),
	[KIND_ENDED] = QUERY("stage IN ('quarantined','released','cancelled','lost')"),
};

static const char of_any_kind[] = QUERY("1");
static const char of_id[] = JOB_COLUMNS " WHERE id=? ORDER BY epoch DESC LIMIT 1";

static json_t *reason_json(struct db_row *row)
{
	enum reason_kind kind = (enum reason_kind)db_int(row, COLUMN_REASON_KIND);
	const char *code = db_text(row, COLUMN_REASON_CODE);
	if (kind == REASON_NONE) {
		return json_null();
	}
	struct hold_words words = hold_words_of(kind, code);
	return json_pack("{ss ss so so}", "code", code, "title", words.title, "text",
		view_text(db_text(row, COLUMN_REASON)), "action",
		words_action(words.action, db_text(row, COLUMN_ID), db_text(row, COLUMN_PRINTER),
			db_int(row, COLUMN_LOCAL) != 0));
}

/* Only where the page's raster is still there: files are not kept for ever, rows are. */
static json_t *thumb_json(
	const struct view *view, const char *raster, bool is_private, const char *id, int page)
{
	bool shown = !is_private && hash_is_hex(raster) &&
		     spool_has(farm_spool(view->farm), SPOOL_RASTERS, raster, NULL);
	return shown ? json_sprintf("/v1/thumbs/%s/%d", id, page) : json_null();
}

/* Floor time, as people's clocks show it now. */
static json_t *due_json(const struct farm *farm, int64_t due_ms)
{
	return due_ms == 0 ? json_null()
			   : view_stamp(due_ms + farm_wall_ms(farm) - farm_floor_ms(farm));
}

static json_t *job_json(struct view *view, struct db_row *row)
{
	enum stage stage = AT_LOST;
	stage_from_word(db_text(row, COLUMN_STAGE), &stage);
	enum reason_kind reason = (enum reason_kind)db_int(row, COLUMN_REASON_KIND);
	const char *code = db_text(row, COLUMN_REASON_CODE);
	const char *sku = db_text(row, COLUMN_SKU);
	const char *id = db_text(row, COLUMN_ID);
	const struct product *product = catalog_product(farm_catalog(view->farm), sku);
	json_t *job = json_pack("{ss ss ss ss so ss ss ss s{ss ss}}", "id", id, "kind",
		kind_name(kind_of(stage, reason, code)), "stage", db_text(row, COLUMN_STAGE), "say",
		words_job(stage, reason, code), "since", view_stamp(db_int(row, COLUMN_STAGE_AT)),
		"product", sku, "title", product != NULL ? product->title : sku, "label",
		db_text(row, COLUMN_LABEL), "order", "id", db_text(row, COLUMN_ORDER_ID), "ref",
		db_text(row, COLUMN_ORDER_REF));
	static const struct {
		const char *key;
		enum column column;
	} numbers[] = {{"copies", COLUMN_COPIES}, {"pages", COLUMN_PAGES},
		{"prints", COLUMN_PRINTS}, {"delivered", COLUMN_DELIVERED},
		{"spoiled", COLUMN_SPOILED}, {"unknown", COLUMN_UNKNOWN}, {"epoch", COLUMN_EPOCH},
		{"priority", COLUMN_PRIORITY}};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		json_object_set_new(
			job, numbers[i].key, json_integer(db_int(row, numbers[i].column)));
	}
	int32_t coming =
		stage_is_at_device(stage) ? farm_progress(view->farm, db_int(row, COLUMN_ROW)) : 0;
	json_object_set_new(job, "coming", json_integer(coming));
	json_object_set_new(job, "printer", json_string(db_text(row, COLUMN_PRINTER)));
	json_object_set_new(job, "media", json_string(db_text(row, COLUMN_MEDIA)));
	json_object_set_new(job, "due", due_json(view->farm, db_int(row, COLUMN_DUE)));
	json_object_set_new(job, "local", json_boolean(db_int(row, COLUMN_LOCAL)));
	json_object_set_new(job, "private", json_boolean(db_int(row, COLUMN_PRIVATE)));
	json_object_set_new(job, "reason", reason_json(row));
	json_object_set_new(job, "thumb",
		thumb_json(view, db_text(row, COLUMN_RASTER), db_int(row, COLUMN_PRIVATE) != 0, id,
			0));
	return job;
}

json_t *view_jobs(struct view *view, const struct job_query *query, struct err *err)
{
	const char *sql = of_any_kind;
	enum job_kind kind;
	if (query->kind != NULL) {
		if (!kind_from_name(query->kind, &kind)) {
			err_set(err, REMEDY_REJECT, "field",
				"kind %.40s: must be one of preparing, ready, printing, waiting, "
				"needs_you, done, ended",
				query->kind);
			return NULL;
		}
		sql = of_kind[kind];
	}
	json_t *jobs = json_array();
	bool more = false;
	struct db_row *row = db_query(
		view_db(view), sql, "tti", query->stage, query->order, (int64_t)query->limit + 1);
	while (db_next(row)) {
		if (json_array_size(jobs) == (size_t)query->limit) {
			more = true;
			break;
		}
		json_array_append_new(jobs, job_json(view, row));
	}
	if (!db_end(row, err)) {
		json_decref(jobs);
		return NULL;
	}
	return json_pack("{so sb}", "jobs", jobs, "more", more);
}

/* The job, and its row in the store. */
static json_t *find_job(struct view *view, const char *id, int64_t *job_row, struct err *err)
{
	json_t *job = NULL;
	struct db_row *row = db_query(view_db(view), of_id, "t", id);
	if (db_next(row)) {
		*job_row = db_int(row, COLUMN_ROW);
		job = job_json(view, row);
	}
	if (!db_end(row, err)) {
		json_decref(job);
		return NULL;
	}
	if (job == NULL) {
		err_set(err, REMEDY_REJECT, "unknown-job",
			"no job %.64s on this floor: see `platenctl jobs`", id);
	}
	return job;
}

json_t *view_job_brief(struct view *view, const char *id, struct err *err)
{
	int64_t job_row;
	return find_job(view, id, &job_row, err);
}

static json_t *page_json(const struct view *view, struct db_row *row, const json_t *job)
{
	json_t *page = json_pack("{sI s{ss sI ss} so so so so}", "page", (json_int_t)db_int(row, 0),
		"asset", "sha256", db_text(row, 1), "bytes", (json_int_t)db_int(row, 2),
		"media_type", db_text(row, 3), "options", view_stored(db_text(row, 4)), "facts",
		view_stored(db_text(row, 5)), "raster", view_stored(db_text(row, 7)), "manifest",
		view_stored(db_text(row, 8)));
	json_object_set_new(page, "thumb",
		thumb_json(view, db_text(row, 6), json_is_true(json_object_get(job, "private")),
			json_string_value(json_object_get(job, "id")), (int)db_int(row, 0)));
	return page;
}

static json_t *pages_json(struct view *view, int64_t job_row, const json_t *job, struct err *err)
{
	json_t *pages = json_array();
	struct db_row *row = db_query(view_db(view),
		"SELECT page, sha256, bytes, media_type, options, facts, raster, raster_facts,"
		" manifest FROM page WHERE job=? ORDER BY page",
		"i", job_row);
	while (db_next(row)) {
		json_array_append_new(pages, page_json(view, row, job));
	}
	if (!db_end(row, err)) {
		log_error("desk", "reading pages: %s", err->text);
	}
	return pages;
}

static json_t *ledger_json(struct view *view, int64_t job_row, struct err *err)
{
	json_t *ledger = json_array();
	struct db_row *row = db_query(view_db(view),
		"SELECT page, copy, state, evidence, successor_of, at FROM print WHERE job=?"
		" ORDER BY page, copy, row",
		"i", job_row);
	while (db_next(row)) {
		enum print_state state = PRINT_PLANNED;
		print_state_from_name(db_text(row, 2), &state);
		json_array_append_new(ledger,
			json_pack("{sI sI ss ss ss sb so}", "page", (json_int_t)db_int(row, 0),
				"copy", (json_int_t)db_int(row, 1), "state", db_text(row, 2), "say",
				words_print(state), "evidence", db_text(row, 3), "again",
				!db_is_null(row, 4), "at", view_stamp(db_int(row, 5))));
	}
	if (!db_end(row, err)) {
		log_error("desk", "reading the ledger: %s", err->text);
	}
	return ledger;
}

static json_t *attempts_json(struct view *view, int64_t job_row, struct err *err)
{
	json_t *attempts = json_array();
	struct db_row *row = db_query(view_db(view),
		"SELECT number, page, first_copy, copies, printer, media, phase, device_job,"
		" before, after, verdict, completed, evidence, words, begun, ended FROM attempt"
		" WHERE job=? ORDER BY row",
		"i", job_row);
	while (db_next(row)) {
		json_array_append_new(attempts,
			json_pack("{sI sI sI sI ss ss ss sI so so ss sI ss ss so so}", "number",
				(json_int_t)db_int(row, 0), "page", (json_int_t)db_int(row, 1),
				"first_copy", (json_int_t)db_int(row, 2), "copies",
				(json_int_t)db_int(row, 3), "printer", db_text(row, 4), "media",
				db_text(row, 5), "phase", db_text(row, 6), "device_job",
				(json_int_t)db_int(row, 7), "before", view_stored(db_text(row, 8)),
				"after", view_stored(db_text(row, 9)), "verdict", db_text(row, 10),
				"completed", (json_int_t)db_int(row, 11), "evidence",
				db_text(row, 12), "words", db_text(row, 13), "begun",
				view_stamp(db_int(row, 14)), "ended", view_stamp(db_int(row, 15))));
	}
	if (!db_end(row, err)) {
		log_error("desk", "reading attempts: %s", err->text);
	}
	return attempts;
}

json_t *view_job(struct view *view, const char *id, struct err *err)
{
	int64_t job_row;
	json_t *job = find_job(view, id, &job_row, err);
	if (job == NULL) {
		return NULL;
	}
	json_t *events = view_events(view, id, 0, 1000);
	json_object_set_new(job, "page_list", pages_json(view, job_row, job, err));
	json_object_set_new(job, "ledger", ledger_json(view, job_row, err));
	json_object_set_new(job, "sheets", view_sheets_of(view, job_row));
	json_object_set_new(job, "attempts", attempts_json(view, job_row, err));
	json_object_set(job, "events", json_object_get(events, "events"));
	json_decref(events);
	return job;
}
