/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk of a job until its rasters are on the disk: fetch, inspect, render, page by page. As in
 * walk.c each work has its ask_ and its on_, and all return to the hub.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdlib.h>
#include <string.h>

#define RENDER_MS  (4 * MINUTE_MS)
#define LINK_TRIES 2

static void tell_failed(struct farm *farm, int64_t row, const struct err *err)
{
	walk_simple(farm, row, EV_FAILED, err);
}

/* One page is through the present work. */
static void tell_page_done(struct farm *farm, const struct job *job)
{
	bool more = job->page + 1 < job->n_pages;
	walk_simple(farm, job->row, more ? EV_MORE : EV_DONE, NULL);
}

/* The row of the page that is to be worked on; false when there is nothing to do any more: the
 * floor stops, or the page's format isn't taken and the job went its way. */
static bool begin_page(struct farm *farm, struct floor_job *fj, struct page *page)
{
	struct err err;
	if (!making_page(farm, &fj->job, fj->job.page, page)) {
		return false;
	}
	if (!formats_take(farm, page->asset.media_type, &err)) {
		making_refuse(farm, fj, &err);
		return false;
	}
	return true;
}

/* ---- fetch ---- */

static void fetch(struct farm *farm, struct floor_job *fj, const struct page *page)
{
	struct fetch_ask ask = {
		.job_row = fj->job.row, .page = fj->job.page, .bytes = page->asset.bytes};
	memcpy(ask.sha256, page->asset.sha256, sizeof ask.sha256);
	text_copy(ask.url, sizeof ask.url, fj->urls[fj->job.page]);
	farm->ports.cloud_ops->fetch(farm->ports.cloud, &ask);
}

/* Without a session the answer would be no, and cost the job a try. */
static void wait_for_session(struct farm *farm, struct floor_job *fj)
{
	struct err err;
	err_set(&err, REMEDY_RETRY, "cloud-absent",
		"its files are fetched as soon as the order service answers");
	fj->in_line = DO_FETCH;
	walk_reason(farm, fj, &err);
}

static void sign(struct farm *farm, struct floor_job *fj, const struct page *page)
{
	struct sign_ask ask = {.epoch = fj->job.epoch};
	char key[ULID_MAX];
	farm_key(farm, key);
	memcpy(ask.asset, page->asset.id, sizeof ask.asset);
	memcpy(ask.job, fj->job.id, sizeof ask.job);
	farm->ports.cloud_ops->sign(farm->ports.cloud, key, fj->job.row, fj->job.page, &ask);
}

void make_ask_fetch(struct farm *farm, struct floor_job *fj)
{
	struct job *job = &fj->job;
	struct page page;
	if (!begin_page(farm, fj, &page)) {
		return;
	}
	if (spool_has(farm->ports.spool, SPOOL_ASSETS, page.asset.sha256, NULL)) {
		tell_page_done(farm, job);
		return;
	}
	if (job->test) {
		test_print_fetch(farm, fj, &page);
		return;
	}
	struct err err;
	if (!job->local && !farm->conf.has_cloud) {
		err_set(&err, REMEDY_RETRY, "no-cloud",
			"this floor has no order service configured any more");
		tell_failed(farm, job->row, &err);
		return;
	}
	if (job->local) {
		err_set(&err, REMEDY_REJECT, "asset-missing",
			"the file of page %d is no longer in the spool: submit it again",
			(int)job->page + 1);
		tell_failed(farm, job->row, &err);
		return;
	}
	if (!spool_has_room(farm->ports.spool, page.asset.bytes, &err)) {
		tell_failed(farm, job->row, &err);
		return;
	}
	if (fj->urls[job->page] == NULL && !farm->session_open) {
		wait_for_session(farm, fj);
	} else if (fj->urls[job->page] == NULL) {
		sign(farm, fj, &page);
	} else {
		fetch(farm, fj, &page);
	}
}

void make_on_sign(void *context, int64_t row, int32_t page, const struct sign_answer *answer,
	const struct err *err)
{
	struct farm *farm = context;
	struct floor_job *fj = farm->open ? farm_find(farm, row) : NULL;
	if (fj == NULL || fj->job.stage != AT_LEASED || fj->job.page != page) {
		return;
	}
	if (err != NULL) {
		struct err told = *err;
		if (strcmp(err->code, "asset-gone") == 0 ||
			strcmp(err->code, "unknown-asset") == 0) {
			told.remedy = REMEDY_REJECT; /* the job is ours, its file is nowhere */
		}
		tell_failed(farm, row, &told);
		return;
	}
	free(fj->urls[page]);
	fj->urls[page] = mem_text(answer->url);
	make_ask_fetch(farm, fj);
}

void make_on_fetch(void *context, int64_t row, int32_t page, const struct err *err)
{
	struct farm *farm = context;
	struct floor_job *fj = farm->open ? farm_find(farm, row) : NULL;
	if (fj == NULL || fj->job.stage != AT_LEASED || fj->job.page != page) {
		return;
	}
	if (err == NULL) {
		fj->link_tries = 0;
		free(fj->urls[page]);
		fj->urls[page] = NULL;
		tell_page_done(farm, &fj->job);
		return;
	}
	if (strcmp(err->code, "asset-expired") == 0 && ++fj->link_tries < LINK_TRIES) {
		free(fj->urls[page]); /* a fresh link, once, before it counts as a failure */
		fj->urls[page] = NULL;
		make_ask_fetch(farm, fj);
		return;
	}
	struct err judged = *err;
	if (strcmp(err->code, "asset-hash") == 0 && fj->job.tries >= 2) {
		judged.remedy =
			REMEDY_REJECT; /* three times the wrong bytes: they are the cloud's */
	}
	free(fj->urls[page]);
	fj->urls[page] = NULL; /* the next try signs again */
	err_wrap(&judged, "page %d", (int)page + 1);
	tell_failed(farm, row, &judged);
}

/* ---- inspect and render ---- */

static void ask_worker(
	struct farm *farm, struct floor_job *fj, const struct page *page, struct render_ask *ask)
{
	ask->job_row = fj->job.row;
	ask->page = fj->job.page;
	ask->task.limits = *formats_limits(farm, page->asset.media_type);
	memcpy(ask->asset_sha256, page->asset.sha256, sizeof ask->asset_sha256);
	memcpy(ask->task.media_type, page->asset.media_type, sizeof ask->task.media_type);
	farm->ports.crew_ops->render(farm->ports.crew, ask);
}

/* Which engine reads a file counts for the file and for its recipe: until it has said so, the job
 * waits for it. */
static bool is_warm(struct farm *farm, struct floor_job *fj, enum work work)
{
	struct err err;
	if (farm->engine[0] != '\0') {
		return true;
	}
	err_set(&err, REMEDY_RETRY, "render-server", "the render server is starting");
	fj->in_line = work; /* asked again when it is warm */
	walk_reason(farm, fj, &err);
	return false;
}

void make_ask_inspect(struct farm *farm, struct floor_job *fj)
{
	struct page page;
	if (!begin_page(farm, fj, &page)) {
		return;
	}
	struct err err;
	if (!is_warm(farm, fj, DO_INSPECT)) {
		return;
	}
	if (poison_is_known(farm, &fj->job, &page, &err)) {
		err_wrap(&err, "page %d", (int)fj->job.page + 1);
		tell_failed(farm, fj->job.row, &err);
		return;
	}
	struct render_ask ask = {.deadline_ms = INSPECT_MS, .task = {.what = RENDER_INSPECT}};
	ask_worker(farm, fj, &page, &ask);
}

/* The present page has its raster, made for it or found. */
static void page_is_rendered(
	struct farm *farm, struct floor_job *fj, const struct render_result *result)
{
	char name[HASH_HEX_MAX];
	int64_t row = fj->job.row;
	bool last = fj->job.page + 1 == fj->job.n_pages;
	recipe_name(&fj->recipe, name);
	char *manifest = making_manifest(farm, &fj->job, &fj->recipe, result);
	store_page_rendered(farm->ports.store, row, fj->job.page, name, &result->raster, manifest);
	free(manifest);
	tell_page_done(farm, &fj->job);
	if (last) {
		making_judge(farm, row);
	}
}

/* cache_ended asks it again. */
static void wait_for_twin(struct farm *farm, struct floor_job *fj)
{
	struct err err;
	err_set(&err, REMEDY_RETRY, "rendered-elsewhere",
		"another job has the same picture: it is being rendered, for both");
	fj->in_line = DO_RENDER;
	walk_reason(farm, fj, &err);
}

void make_ask_render(struct farm *farm, struct floor_job *fj)
{
	struct page page;
	struct err err;
	if (!begin_page(farm, fj, &page)) {
		return;
	}
	if (!is_warm(farm, fj, DO_RENDER)) {
		return;
	}
	struct render_ask ask = {.deadline_ms = RENDER_MS, .task = {.what = RENDER_RENDER}};
	if (!making_recipe(farm, &fj->job, &page, &ask.task.recipe, &err)) {
		if (strcmp(err.code, "label-font") == 0) {
			fj->in_line = DO_RENDER; /* asked again when a render server has it */
			walk_reason(farm, fj, &err);
			return;
		}
		if (strcmp(err.code, "unsupported") == 0) { /* the file is not to blame */
			making_refuse(farm, fj, &err);
			return;
		}
		tell_failed(farm, fj->job.row, &err);
		return;
	}
	fj->recipe = ask.task.recipe;
	recipe_name(&fj->recipe, ask.raster_name);
	bool same = page.rendered && strcmp(page.raster_name, ask.raster_name) == 0;
	struct render_result here = {0};
	if (same && spool_has(farm->ports.spool, SPOOL_RASTERS, ask.raster_name, NULL)) {
		tell_page_done(farm, &fj->job);
	} else if (cache_get(farm, ask.raster_name, &here)) {
		page_is_rendered(farm, fj, &here);
	} else if (cache_waits(farm, ask.raster_name)) {
		wait_for_twin(farm, fj);
	} else {
		cache_begin(farm, ask.raster_name);
		ask_worker(farm, fj, &page, &ask);
	}
}

static bool is_waited_for(const struct floor_job *fj, int32_t page, enum render_do what)
{
	enum stage stage = what == RENDER_INSPECT ? AT_FETCHED : AT_INSPECTED;
	return fj != NULL && fj->job.stage == stage && fj->job.page == page;
}

/* An answer to an earlier ask, by another recipe, is of no use to it. */
static bool is_of_recipe(const struct floor_job *fj, const char *raster_name)
{
	char name[HASH_HEX_MAX];
	recipe_name(&fj->recipe, name);
	return strcmp(name, raster_name) == 0;
}

void make_on_rendered(void *context, int64_t row, int32_t page_at, enum render_do what,
	const char *raster_name, const struct render_result *result)
{
	struct farm *farm = context;
	if (row < 0) {
		hot_on_inspected(farm, -row, result);
		return;
	}
	struct floor_job *fj = farm_find(farm, row);
	if (what == RENDER_RENDER && farm->open) {
		cache_ended(farm, raster_name, result);
	}
	if (!is_waited_for(fj, page_at, what) ||
		(what == RENDER_RENDER && !is_of_recipe(fj, raster_name))) {
		return;
	}
	if (!result->fine) {
		struct err err = result->err;
		struct page page;
		struct err ignored;
		if (strcmp(err.code, "asset-hash") == 0 &&
			making_page(farm, &fj->job, page_at, &page)) {
			/* it changed on our disk: fetched anew, not blamed */
			(void)!spool_remove(
				farm->ports.spool, SPOOL_ASSETS, page.asset.sha256, &ignored);
		}
		poison_judge(farm, &fj->job, page_at, what, result, &err);
		err_wrap(&err, "page %d", (int)page_at + 1);
		tell_failed(farm, row, &err);
		return;
	}
	store_page_inspected(farm->ports.store, row, page_at, &result->facts);
	if (what == RENDER_INSPECT) {
		tell_page_done(farm, &fj->job);
		return;
	}
	page_is_rendered(farm, fj, result);
}

/* What waited for a door that is open now. */
static void go_on_with(struct farm *farm, enum work work)
{
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (fj->in_line == work) {
			fj->in_line = DO_NOTHING;
			farm_due(farm, fj, work);
		}
	}
}

void make_on_session(struct farm *farm)
{
	go_on_with(farm, DO_FETCH);
}

void make_on_engine(void *context, const char *engine, const char *font)
{
	struct farm *farm = context;
	text_copy(farm->engine, sizeof farm->engine, engine);
	text_copy(farm->font, sizeof farm->font, font);
	go_on_with(farm, DO_INSPECT);
	go_on_with(farm, DO_RENDER);
}
