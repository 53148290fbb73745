/* SPDX-License-Identifier: Apache-2.0
 *
 * What a page is made by: its recipe for the paper and printer that it is rendered for, the
 * manifest of what came of it, and whether that is good enough to print without asking.
 */
#include "farm/own.h"
#include "wire/manifest.h"
#include <stdlib.h>
#include <string.h>

/* The page that the present work is about; a missing row would be our own mistake. */
bool making_page(struct farm *farm, const struct job *job, int32_t at, struct page *page)
{
	if (store_page_get(farm->ports.store, job->row, at, page)) {
		return true;
	}
	struct err err;
	err_set(&err, REMEDY_FATAL, "store", "job %s has no page %d in the store: restore a backup",
		job->id, (int)at + 1);
	farm_stop(farm, &err);
	return false;
}

/* As its printers take it; a test print's as its own printer does. */
static enum document_format format_for(
	struct farm *farm, const struct job *job, const struct model *model)
{
	const struct printer *own = printer_find(farm, job->printer);
	enum document_format format = place_format(model, farm->printers, farm->n_printers);
	if (own == NULL || own->model != model) {
		return format;
	}
	/* bound to one of several that take different formats: as that one does */
	bool is_its = !job->test && (!own->known || own->status.takes[format]);
	return is_its ? format : place_format(model, own, 1);
}

/* For the model and media that the job has already. */
static bool make_recipe(struct farm *farm, const struct job *job, const struct product *product,
	const struct page *page, struct recipe *recipe, struct err *err)
{
	const struct model *model = catalog_model(farm->catalog, job->model);
	const struct media *media = catalog_media(farm->catalog, job->media);
	const struct model_media *on = model == NULL ? NULL : model_on(model, job->media);
	if (media == NULL || on == NULL) {
		return err_set(err, REMEDY_RETRY, "catalog-changed",
			"%s on %s is no longer set up here", job->media, job->model);
	}
	struct page_options options;
	json_t *json = json_loads(page->options_json, 0, NULL);
	bool fine = page_options_from_json(json, &options, err);
	json_decref(json);
	if (fine) {
		recipe_make(product, media, model, on, &options, page->asset.sha256, farm->engine,
			recipe);
		recipe->format = format_for(farm, job, model);
		fine = marking_label(farm, job, product, media, on, recipe, err);
	}
	return fine;
}

/* All pages of a job are made for the same paper. */
static bool choose_target(
	struct farm *farm, struct job *job, const struct product *product, struct err *err)
{
	struct printer *own = job->test ? printer_find(farm, job->printer) : NULL;
	struct placing target =
		place_target(product, farm->catalog, own != NULL ? own : farm->printers,
			own != NULL ? 1 : farm->n_printers, job->refused_by);
	if (target.kind == PLACE_NEVER) {
		*err = target.err;
		return false;
	}
	memcpy(job->model, target.printer->model->name, sizeof job->model);
	memcpy(job->media, target.media->name, sizeof job->media);
	return true;
}

bool making_recipe(struct farm *farm, struct job *job, const struct page *page,
	struct recipe *recipe, struct err *err)
{
	const struct product *product = product_of(farm, job);
	if (product == NULL) {
		return err_set(err, REMEDY_REJECT, "unsupported",
			"%s is not sold on this floor any more", job->sku);
	}
	if (job->page == 0 && !choose_target(farm, job, product, err)) {
		return false;
	}
	bool fine = make_recipe(farm, job, product, page, recipe, err);
	if (!fine && strcmp(err->code, "catalog-changed") == 0) {
		job->page = 0;
	}
	return fine;
}

static bool read_recipe(struct farm *farm, const struct job *job, int32_t at, struct recipe *recipe)
{
	struct err ignored;
	char *text = store_page_manifest(farm->ports.store, job->row, at);
	json_t *manifest = text == NULL ? NULL : json_loads(text, 0, NULL);
	bool fine = manifest != NULL &&
		    recipe_from_json(json_object_get(manifest, "recipe"), recipe, &ignored);
	json_decref(manifest);
	free(text);
	return fine;
}

bool making_agrees(struct farm *farm, const struct job *job, int32_t at, const struct page *page)
{
	struct recipe then, now;
	struct err err;
	char name[HASH_HEX_MAX];
	struct job with = *job;
	const struct product *product = product_of(farm, job);
	with.page = at;
	if (!read_recipe(farm, job, at, &then)) {
		return true; /* nothing to compare with */
	}
	bool made = product != NULL && make_recipe(farm, &with, product, page, &now, &err);
	if (!made && (product == NULL || strcmp(err.code, "label-font") != 0)) {
		return false;
	}
	/* what renders may have changed since: the page is as good as it was */
	memcpy(now.engine, then.engine, sizeof now.engine);
	memcpy(now.label.font, then.label.font, sizeof now.label.font);
	now.format = then.format;
	recipe_name(&now, name);
	return strcmp(name, page->raster_name) == 0;
}

void making_refuse(struct farm *farm, struct floor_job *fj, const struct err *err)
{
	int64_t row = fj->job.row;
	bool stays = fj->job.local || fj->job.permitted;
	walk_simple(farm, row, stays ? EV_HOLD : EV_GIVE_BACK, err);
	if (stays) { /* given back, the hub calls it off */
		farm->ports.crew_ops->render_cancel(farm->ports.crew, row);
	}
}

char *making_manifest(struct farm *farm, const struct job *job, const struct recipe *recipe,
	const struct render_result *result)
{
	json_t *json = manifest_make(recipe, result, product_of(farm, job));
	char *text = json_write(json);
	json_decref(json);
	return text;
}

void making_judge(struct farm *farm, int64_t row)
{
	struct floor_job *fj = farm_find(farm, row);
	const struct product *product = product_of(farm, &fj->job);
	int32_t least = INT32_MAX;
	struct page page;
	for (int32_t i = 0; i < fj->job.n_pages && product != NULL; i++) {
		if (making_page(farm, &fj->job, i, &page) && page.raster.effective_ppi < least) {
			least = page.raster.effective_ppi;
		}
	}
	if (product != NULL && least < product->hold_ppi) {
		struct err err;
		err_set(&err, REMEDY_ATTEND, "low-resolution",
			"only %d pixels an inch for %s (%d wanted): let it go on or give it back",
			(int)least, product->title, (int)product->hold_ppi);
		walk_simple(farm, row, EV_HOLD, &err);
	}
}
