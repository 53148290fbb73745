/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs and their pages.
 */
#include "base/mem.h"
#include "ports/store_own.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void store_job_add(struct store *store, struct job *job, const struct lease *lease)
{
	store_put(store,
		"INSERT INTO job(id, epoch, revision, order_id, order_ref, label, traceparent,"
		" local, private, priority, due, sku, duplicates, copies, pages, prints, taken,"
		" stage, held_from, stage_at, signed_by) "
		"VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		"tiittttiiiitiiiiittit", job->id, job->epoch, job->revision, job->order_id,
		job->order_ref, job->label, job->traceparent, (int64_t)job->local,
		(int64_t)job->is_private, (int64_t)job->priority, job->due_ms, job->sku,
		(int64_t)job->duplicates, (int64_t)job->copies, (int64_t)job->n_pages,
		(int64_t)job->prints, job->taken_ms, stage_word(job->stage),
		stage_word(job->held_from), job->stage_wall_ms,
		lease->trust == TRUST_SIGNED ? lease->signed_by : "");
	job->row = db_last_row(store->db);
	for (int32_t page = 0; page < lease->n_pages; page++) {
		const struct asset *asset = &lease->pages[page].asset;
		store_put(store,
			"INSERT INTO page(job, page, asset_id, sha256, bytes, media_type, options)"
			" VALUES(?,?,?,?,?,?,?)",
			"iittitt", job->row, (int64_t)page, asset->id, asset->sha256, asset->bytes,
			asset->media_type, lease->pages[page].options_json);
		store_put(store, /* one statement: an order may be of thousands */
			"WITH RECURSIVE copies(n) AS (SELECT 0 UNION ALL SELECT n+1 FROM copies"
			" WHERE n+1<?4) INSERT INTO print(job, page, copy, state, at)"
			" SELECT ?1, ?2, n, 'planned', ?3 FROM copies",
			"iiii", job->row, (int64_t)page, job->stage_wall_ms, (int64_t)job->copies);
	}
	store_job_save(store, job);
}

void store_job_save(struct store *store, const struct job *job)
{
	store_put(store,
		"UPDATE job SET stage=?, held_from=?, stage_at=?, page=?, tries=?, deaths=?,"
		" permitted=?, cancel_asked=?, model=?, media=?, printer=?, attempts=?,"
		" submit_tries=?, attempt=nullif(?,0), delivered=?, unknown=?, spoiled=?,"
		" doubled=?, redos=?, reason_kind=?, reason_code=?, reason=?, test=?, refused_by=?"
		" WHERE row=?",
		"ttiiiiiitttiiiiiiiiittiti", stage_word(job->stage), stage_word(job->held_from),
		job->stage_wall_ms, (int64_t)job->page, (int64_t)job->tries, (int64_t)job->deaths,
		(int64_t)job->permitted, (int64_t)job->cancel_asked, job->model, job->media,
		job->printer, (int64_t)job->attempts, (int64_t)job->submit_tries, job->attempt_row,
		(int64_t)job->delivered, (int64_t)job->unknown, (int64_t)job->spoiled,
		(int64_t)job->doubled, (int64_t)job->redos, (int64_t)job->reason_kind,
		job->reason_code, job->reason, (int64_t)job->test, job->refused_by, job->row);
}

#define JOB_COLUMNS                                                                                \
	" row, id, epoch, revision, order_id, order_ref, label, traceparent, local, private,"      \
	" priority, due, sku, duplicates, copies, pages, prints, stage, held_from, stage_at, "     \
	"page,"                                                                                    \
	" tries, deaths, permitted, cancel_asked, model, media, printer, attempts, submit_tries,"  \
	" coalesce(attempt,0), delivered, unknown, spoiled, reason_kind, reason_code, reason,"     \
	" doubled, redos, test, refused_by, taken "

static void take_text(struct db_row *row, int column, char *out, size_t size)
{
	text_copy(out, size, db_text(row, column));
}

static void take_job(struct db_row *row, struct job *job)
{
	*job = (struct job){.row = db_int(row, 0), .epoch = db_int(row, 2)};
	job->revision = db_int(row, 3);
	take_text(row, 1, job->id, sizeof job->id);
	take_text(row, 4, job->order_id, sizeof job->order_id);
	take_text(row, 5, job->order_ref, sizeof job->order_ref);
	take_text(row, 6, job->label, sizeof job->label);
	take_text(row, 7, job->traceparent, sizeof job->traceparent);
	job->local = db_int(row, 8) != 0;
	job->is_private = db_int(row, 9) != 0;
	job->priority = (int32_t)db_int(row, 10);
	job->due_ms = db_int(row, 11);
	take_text(row, 12, job->sku, sizeof job->sku);
	job->duplicates = (enum duplicates)db_int(row, 13);
	job->copies = (int32_t)db_int(row, 14);
	job->n_pages = (int32_t)db_int(row, 15);
	job->prints = (int32_t)db_int(row, 16);
	bool known = stage_from_word(db_text(row, 17), &job->stage) &&
		     stage_from_word(db_text(row, 18), &job->held_from);
	assert(known && "the store has a stage that this release does not know");
	(void)known;
	job->stage_wall_ms = db_int(row, 19);
	job->page = (int32_t)db_int(row, 20);
	job->tries = (int32_t)db_int(row, 21);
	job->deaths = (int32_t)db_int(row, 22);
	job->permitted = db_int(row, 23) != 0;
	job->cancel_asked = db_int(row, 24) != 0;
	take_text(row, 25, job->model, sizeof job->model);
	take_text(row, 26, job->media, sizeof job->media);
	take_text(row, 27, job->printer, sizeof job->printer);
	job->attempts = (int32_t)db_int(row, 28);
	job->submit_tries = (int32_t)db_int(row, 29);
	job->attempt_row = db_int(row, 30);
	job->delivered = (int32_t)db_int(row, 31);
	job->unknown = (int32_t)db_int(row, 32);
	job->spoiled = (int32_t)db_int(row, 33);
	job->reason_kind = (enum reason_kind)db_int(row, 34);
	take_text(row, 35, job->reason_code, sizeof job->reason_code);
	take_text(row, 36, job->reason, sizeof job->reason);
	job->doubled = (int32_t)db_int(row, 37);
	job->redos = (int32_t)db_int(row, 38);
	job->test = db_int(row, 39) != 0;
	take_text(row, 40, job->refused_by, sizeof job->refused_by);
	job->taken_ms = db_int(row, 41);
}

static void take_attempt(struct store *store, struct job *job)
{
	if (job->attempt_row == 0) {
		return;
	}
	struct db_row *row = db_query(store->db,
		"SELECT key, phase, page, first_copy, copies, device_job, device_job_uuid, before"
		" FROM attempt WHERE row=?",
		"i", job->attempt_row);
	struct attempt *attempt = &job->attempt;
	if (db_next(row)) {
		take_text(row, 0, attempt->key, sizeof attempt->key);
		bool known = phase_from_name(db_text(row, 1), &attempt->phase);
		assert(known);
		(void)known;
		attempt->page = (int32_t)db_int(row, 2);
		attempt->first_copy = (int32_t)db_int(row, 3);
		attempt->copies = (int32_t)db_int(row, 4);
		attempt->device_job = (int32_t)db_int(row, 5);
		take_text(row, 6, attempt->device_job_uuid, sizeof attempt->device_job_uuid);
		struct err ignored;
		json_t *before = json_loads(db_text(row, 7), 0, NULL);
		if (!witness_from_json(before, &attempt->before, &ignored)) {
			attempt->before = (struct witness){0};
		}
		json_decref(before);
	}
	store_read_end(store, row);
}

bool store_job_find(struct store *store, const char *id, struct job *job)
{
	struct db_row *row = db_query(store->db,
		"SELECT" JOB_COLUMNS "FROM job WHERE id=? ORDER BY epoch DESC LIMIT 1", "t", id);
	bool found = db_next(row);
	if (found) {
		take_job(row, job);
	}
	bool fine = store_read_end(store, row);
	if (found && fine) {
		take_attempt(store, job);
	}
	return found && fine;
}

bool store_job_get(struct store *store, int64_t job_row, struct job *job)
{
	struct db_row *row =
		db_query(store->db, "SELECT" JOB_COLUMNS "FROM job WHERE row=?", "i", job_row);
	bool found = db_next(row);
	if (found) {
		take_job(row, job);
	}
	bool fine = store_read_end(store, row);
	if (found && fine) {
		take_attempt(store, job);
	}
	return found && fine;
}

void store_jobs_each(struct store *store, store_each_job *each, void *context)
{
	struct db_row *row = db_query(
		store->db, "SELECT" JOB_COLUMNS "FROM job WHERE closed IS NULL ORDER BY row", "");
	while (db_next(row)) {
		struct job job;
		take_job(row, &job);
		take_attempt(store, &job);
		each(context, &job);
	}
	store_read_end(store, row);
}

size_t store_jobs_closed(
	struct store *store, struct closed_place *after, struct held_job *jobs, size_t most)
{
	struct db_row *row = db_query(store->db,
		"SELECT row, closed, id, epoch, stage, delivered, (SELECT coalesce(max(sequence),0)"
		" FROM event WHERE subject=job.id) FROM job WHERE closed>=?1 AND (closed>?1 OR"
		" row>?2) AND local=0 ORDER BY closed, row LIMIT ?3",
		"iii", after->wall_ms, after->row, (int64_t)most);
	size_t n = 0;
	while (n < most && db_next(row)) {
		struct held_job *job = &jobs[n++];
		*job = (struct held_job){.epoch = db_int(row, 3),
			.printed = (int32_t)db_int(row, 5),
			.seq = db_int(row, 6)};
		*after = (struct closed_place){.wall_ms = db_int(row, 1), .row = db_int(row, 0)};
		take_text(row, 2, job->job, sizeof job->job);
		take_text(row, 4, job->state, sizeof job->state);
	}
	store_read_end(store, row);
	return n;
}

void store_job_close(struct store *store, int64_t row, int64_t wall_ms)
{
	store_put(store, "UPDATE job SET closed=? WHERE row=?", "ii", wall_ms, row);
}

int64_t store_copies_since(struct store *store, int64_t taken_ms)
{
	int64_t copies = 0;
	db_one_int(store->db, &copies,
		"SELECT sum(CASE WHEN stage IN ('released','lost','cancelled','quarantined')"
		" OR (stage='held-operator' AND reason_code='ceiling')"
		" THEN delivered+unknown ELSE prints END) FROM job WHERE taken>=?",
		"i", taken_ms);
	return copies;
}

int64_t store_last_taken(struct store *store)
{
	int64_t taken_ms = 0;
	db_one_int(store->db, &taken_ms, "SELECT max(taken) FROM job", "");
	return taken_ms;
}

void store_job_out(struct store *store, const char *id, int32_t *delivered, int32_t *unknown)
{
	struct db_row *row = db_query(store->db,
		"SELECT sum(delivered), sum(unknown+doubled) FROM job WHERE id=?", "t", id);
	*delivered = *unknown = 0;
	if (db_next(row)) {
		*delivered = (int32_t)db_int(row, 0);
		*unknown = (int32_t)db_int(row, 1);
	}
	store_read_end(store, row);
}

/* ---- pages ---- */

static json_t *column_json(struct db_row *row, int column)
{
	return db_is_null(row, column) ? NULL : json_loads(db_text(row, column), 0, NULL);
}

bool store_page_get(struct store *store, int64_t job_row, int32_t page, struct page *out)
{
	struct db_row *row = db_query(store->db,
		"SELECT asset_id, sha256, bytes, media_type, options, facts, raster, raster_facts"
		" FROM page WHERE job=? AND page=?",
		"ii", job_row, (int64_t)page);
	bool found = db_next(row);
	if (found) {
		*out = (struct page){.asset = {.bytes = db_int(row, 2)}};
		take_text(row, 0, out->asset.id, sizeof out->asset.id);
		take_text(row, 1, out->asset.sha256, sizeof out->asset.sha256);
		take_text(row, 3, out->asset.media_type, sizeof out->asset.media_type);
		take_text(row, 4, out->options_json, sizeof out->options_json);
		take_text(row, 6, out->raster_name, sizeof out->raster_name);
		struct err ignored;
		json_t *facts = column_json(row, 5);
		json_t *raster = column_json(row, 7);
		out->inspected = facts != NULL && facts_from_json(facts, &out->facts, &ignored);
		out->rendered = raster != NULL && raster_from_json(raster, &out->raster, &ignored);
		json_decref(facts);
		json_decref(raster);
	}
	return store_read_end(store, row) && found;
}

void store_page_inspected(
	struct store *store, int64_t job_row, int32_t page, const struct facts *facts)
{
	json_t *json = facts_to_json(facts);
	char *text = json_write(json);
	store_put(store, "UPDATE page SET facts=? WHERE job=? AND page=?", "tii", text, job_row,
		(int64_t)page);
	free(text);
	json_decref(json);
}

char *store_page_manifest(struct store *store, int64_t job_row, int32_t page)
{
	char *text = NULL;
	struct db_row *row = db_query(store->db, "SELECT manifest FROM page WHERE job=? AND page=?",
		"ii", job_row, (int64_t)page);
	if (db_next(row) && db_text(row, 0)[0] != '\0') {
		text = mem_text(db_text(row, 0));
	}
	store_read_end(store, row);
	return text;
}

void store_page_rendered(struct store *store, int64_t job_row, int32_t page,
	const char *raster_name, const struct raster *raster, const char *manifest)
{
	json_t *json = raster_to_json(raster);
	char *text = json_write(json);
	store_put(store,
		"UPDATE page SET raster=?, raster_facts=?, manifest=? WHERE job=? AND page=?",
		"tttii", raster_name, text, manifest, job_row, (int64_t)page);
	free(text);
	json_decref(json);
}

bool store_needs_asset(struct store *store, const char *sha256)
{
	int64_t n = 0;
	return db_one_int(store->db, &n,
		"SELECT 1 FROM page JOIN job ON job.row=page.job"
		" WHERE page.sha256=? AND job.closed IS NULL LIMIT 1",
		"t", sha256);
}

bool store_needs_raster(struct store *store, const char *name)
{
	int64_t n = 0;
	return db_one_int(store->db, &n,
		"SELECT 1 FROM page JOIN job ON job.row=page.job"
		" WHERE page.raster=? AND job.closed IS NULL LIMIT 1",
		"t", name);
}
