/* SPDX-License-Identifier: Apache-2.0
 *
 * A page of an old job as it was made then, and what of it is otherwise now: its recipe and raster
 * from the store, its photo in the spool, the profile's file, the engine, the font, the product.
 *
 * Ways it fails: the page, the photo or the profile is gone; each says what to bring back.
 */
#include "desk/rerender_own.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

void rerender_differs(
	struct rerenders *all, const char *what, const char *then, const char *now, const char *say)
{
	json_array_append_new(all->differs,
		json_pack("{ss ss ss ss}", "what", what, "then", then, "now", now, "say", say));
}

/* ---- then ---- */

static bool read_page(struct rerenders *all, struct ask *ask, json_t **manifest, json_t **raster)
{
	struct err err;
	int64_t page = 0;
	(void)text_to_int(ask->made, 0, PAGES_MAX, &page);
	struct db_row *row = db_query(view_db(&ask->desk->view),
		"SELECT manifest, raster_facts, raster, media_type FROM page JOIN job ON"
		" page.job=job.row WHERE job.id=? AND page.page=? ORDER BY job.epoch DESC LIMIT 1",
		"ti", ask->captures[0], page);
	bool found = db_next(row);
	if (found) {
		*manifest = json_loads(db_text(row, 0), 0, NULL);
		*raster = json_loads(db_text(row, 1), 0, NULL);
		text_copy(all->name, sizeof all->name, db_text(row, 2));
		text_copy(all->task.media_type, sizeof all->task.media_type, db_text(row, 3));
	}
	return db_end(row, &err) && found;
}

bool rerender_find_page(struct rerenders *all, struct ask *ask, struct err *err)
{
	json_t *manifest = NULL, *raster = NULL;
	all->task = (struct render_task){.id = 1, .what = RENDER_RENDER};
	if (!read_page(all, ask, &manifest, &raster)) {
		return err_set(err, REMEDY_REJECT, "unknown-page",
			"there is no such job, or no such page of it");
	}
	bool fine = manifest != NULL && raster != NULL &&
		    recipe_from_json(json_object_get(manifest, "recipe"), &all->task.recipe, err) &&
		    raster_from_json(raster, &all->then, err);
	if (manifest == NULL || raster == NULL) {
		fine = err_set(err, REMEDY_REJECT, "wrong-stage",
			"that page was not rendered here: there is nothing to compare with");
	}
	json_decref(manifest);
	json_decref(raster);
	return fine;
}

bool rerender_find_photo(struct rerenders *all, struct err *err)
{
	const char *sha256 = all->task.recipe.asset_sha256;
	enum picture_format format = PICTURE_JPEG;
	(void)picture_from_type(all->task.media_type, &format);
	all->task.limits = farm_conf_of(all->desk->farm)->formats[format].limits;
	return spool_has(farm_spool(all->desk->farm), SPOOL_ASSETS, sha256, NULL) ||
	       err_set(err, REMEDY_REJECT, "asset-missing",
		       "its photo is not in the spool any more (spool { keep_printed }): bring the "
		       "file with the SHA-256 %s back (PUT /v1/assets, platenctl rerender … "
		       "FILE), then ask again",
		       sha256);
}

/* ---- now ---- */

static int open_profile(const struct rerenders *all, struct err *err)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/icc/%s", all->desk->settings->profiles_folder,
		all->task.recipe.profile);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, REMEDY_REJECT, "profile-missing",
			"the printer's profile %s, by which it was made, is not here any more "
			"(%s): put it back into profiles/icc, then ask again",
			all->task.recipe.profile, strerror(errno));
	}
	return fd;
}

/* The file of now, named in the recipe; said where it is another. */
bool rerender_take_profile(struct rerenders *all, int *fd, struct err *err)
{
	char now[HASH_HEX_MAX];
	*fd = open_profile(all, err);
	if (*fd < 0 || !hash_hex_of_file(*fd, now, err)) {
		return false;
	}
	if (strcmp(now, all->task.recipe.profile_sha256) != 0) {
		char say[200];
		snprintf(say, sizeof say, "the file of the printer's profile %s was replaced",
			all->task.recipe.profile);
		rerender_differs(all, "profile", all->task.recipe.profile_sha256, now, say);
		memcpy(all->task.recipe.profile_sha256, now, sizeof now);
	}
	return true;
}

void rerender_take_engine(struct rerenders *all, const char *engine)
{
	struct recipe *recipe = &all->task.recipe;
	if (strcmp(engine, recipe->engine) != 0) {
		rerender_differs(
			all, "engine", recipe->engine, engine, "the rendering software is another");
		text_copy(recipe->engine, sizeof recipe->engine, engine);
	}
}

/* Of a page with a label: the font of now. */
bool rerender_take_font(struct rerenders *all, const char *font, struct err *err)
{
	struct recipe_label *label = &all->task.recipe.label;
	if (label->text[0] == '\0' || strcmp(font, label->font) == 0) {
		return true;
	}
	if (font[0] == '\0') {
		return err_set(err, REMEDY_REJECT, "label-font",
			"it has a label, and the font for labels is not here: install the package "
			"fonts-dejavu-core, then ask again");
	}
	rerender_differs(all, "font", label->font, font, "the font of its label is another");
	text_copy(label->font, sizeof label->font, font);
	return true;
}

void rerender_take_product(struct rerenders *all)
{
	const struct recipe *recipe = &all->task.recipe;
	const struct product *product = catalog_product(farm_catalog(all->desk->farm), recipe->sku);
	char then[24], now[24] = "";
	snprintf(then, sizeof then, "%d", (int)recipe->product_version);
	if (product == NULL) {
		rerender_differs(
			all, "product", then, now, "the product is not sold here any more");
	} else if (product->version != recipe->product_version) {
		snprintf(now, sizeof now, "%d", (int)product->version);
		rerender_differs(all, "product", then, now,
			"the product has another version now; this was made by that of then");
	}
}
