/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking the folders, and media. Each kind of file has a table of rules and a reader. Media come
 * first, since the others name them; what goes across files is checked while the file that names is
 * at hand, so that the fault has its line.
 */
#include "wire/profile_own.h"
#include "base/file.h"
#include "base/mem.h"
#include "wire/media_name.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct conf_rule rules[] = {
	{NULL, "title", CONF_TEXT, true, 1, 64, NULL, NULL},
	{NULL, "width", CONF_HMM, true, PROFILE_SIDE, NULL, NULL},
	{NULL, "height", CONF_HMM, false, PROFILE_SIDE, NULL, NULL},
	{NULL, "roll", CONF_BOOL, false, 0, 0, "no", NULL},
	{NULL, "height_min", CONF_HMM, false, PROFILE_SIDE, NULL, NULL},
	{NULL, "height_max", CONF_HMM, false, PROFILE_SIDE, NULL, NULL},
	{NULL, "size_name", CONF_TEXT, true, 1, 64, NULL, NULL},
	{NULL, "type", CONF_TEXT, true, 1, 64, NULL, NULL},
	{NULL, "finish", CONF_TEXT, true, 1, 16, NULL, NULL},
};

void profile_text(const struct loading *at, const char *key, char *to, size_t size)
{
	text_copy(to, size, conf_text(at->conf, NULL, 0, key));
}

int32_t profile_int(const struct loading *at, const char *key)
{
	return (int32_t)conf_int(at->conf, NULL, 0, key);
}

void profile_check_upright(const struct loading *at, int32_t width_hmm, int32_t height_hmm)
{
	if (width_hmm > height_hmm) {
		conf_fault(at->conf, at->faults, NULL, 0, "width",
			"must not be over the height: sizes are written upright");
	}
}

/* ---- media ---- */

/* A sheet has a height; a roll has a least and a most of it. */
static void read_heights(struct loading *at, struct media *media)
{
	static const char *const keys[] = {"height", "height_min", "height_max"};
	bool is_roll = profile_int(at, "roll") != 0;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		bool has = conf_has(at->conf, NULL, 0, keys[i]);
		if (has != (is_roll == (i > 0))) {
			conf_fault(at->conf, at->faults, NULL, 0, has ? keys[i] : NULL, "%s",
				is_roll ? "a roll (roll = yes) has height_min and height_max, and "
					  "no height"
					: "a sheet has a height, and neither height_min nor "
					  "height_max: those are for rolls (roll = yes)");
			return;
		}
	}
	media->height_hmm = profile_int(at, is_roll ? "height_min" : "height");
	media->height_most_hmm = is_roll ? profile_int(at, "height_max") : 0;
	if (is_roll && media->height_most_hmm < media->height_hmm) {
		conf_fault(at->conf, at->faults, NULL, 0, "height_max",
			"must not be below height_min");
	}
	if (!is_roll) {
		profile_check_upright(at, media->width_hmm, media->height_hmm);
	}
}

static void check_size_name(struct loading *at, const struct media *media)
{
	bool is_roll = media->height_most_hmm > 0;
	int32_t height = is_roll ? media->height_most_hmm : media->height_hmm;
	int32_t width_hmm;
	int32_t height_hmm;
	if (!media_name_size(media->size_name, &width_hmm, &height_hmm)) {
		conf_fault(at->conf, at->faults, NULL, 0, "size_name",
			"must be a PWG 5101.1 name, as \"na_index-4x6_4x6in\"");
	} else if (width_hmm != media->width_hmm || height_hmm != height) {
		conf_fault(at->conf, at->faults, NULL, 0, "size_name",
			"says %d.%02d x %d.%02d mm, not the width and height of this file",
			width_hmm / 100, width_hmm % 100, height_hmm / 100, height_hmm % 100);
	} else if ((strncmp(media->size_name, "roll_max_", 9) == 0) != is_roll) {
		conf_fault(at->conf, at->faults, NULL, 0, "size_name",
			"a roll is named by its longest sheet, as \"roll_max_24x118in\", and no "
			"sheet is");
	}
}

static void read_media(struct loading *at, const char *name)
{
	struct catalog *catalog = at->catalog;
	catalog->media =
		mem_resize(catalog->media, (size_t)catalog->n_media + 1, sizeof *catalog->media);
	struct media *media = &catalog->media[catalog->n_media++];
	*media = (struct media){.width_hmm = profile_int(at, "width")};
	text_copy(media->name, sizeof media->name, name);
	profile_text(at, "title", media->title, sizeof media->title);
	profile_text(at, "size_name", media->size_name, sizeof media->size_name);
	profile_text(at, "type", media->type, sizeof media->type);
	profile_text(at, "finish", media->finish, sizeof media->finish);
	read_heights(at, media);
	check_size_name(at, media);
}

/* ---- all ---- */

static const struct profile_kind profile_media = {"media", rules, COUNT_OF(rules), read_media};

static void load_kind(struct loading *at, const struct profile_kind *kind)
{
	char path[PROFILE_PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", at->folder, kind->folder);
	struct names names;
	struct err err;
	if (!folder_names(path, ".conf", &names, &err)) {
		conf_add_fault(at->faults, err.text);
		return;
	}
	for (size_t i = 0; i < names.n; i++) {
		snprintf(path, sizeof path, "%s/%s/%s.conf", at->folder, kind->folder,
			names.name[i]);
		struct conf *conf = conf_read(path, kind->rules, kind->n_rules, at->faults);
		at->conf = conf;
		if (conf == NULL) {
			continue;
		}
		if (!text_is_id(names.name[i]) || strlen(names.name[i]) >= NAME_MAX_LEN) {
			conf_fault(conf, at->faults, NULL, 0, NULL,
				"the file's name must be 1 to %d of A-Z a-z 0-9 . _ : -",
				NAME_MAX_LEN - 1);
		} else {
			kind->read(at, names.name[i]);
		}
		conf_destroy(conf);
	}
	names_fini(&names);
}

bool catalog_load(const char *folder, struct catalog *catalog, struct conf_faults *faults)
{
	*catalog = (struct catalog){0};
	size_t before = faults->n;
	struct loading at = {.folder = folder, .catalog = catalog, .faults = faults};
	const struct profile_kind *const kinds[] = {
		&profile_media, &profile_model, &profile_product};
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		load_kind(&at, kinds[i]);
	}
	if (faults->n > before) {
		catalog_free(catalog);
		return false;
	}
	return true;
}

void catalog_free(struct catalog *catalog)
{
	free(catalog->products);
	free(catalog->media);
	free(catalog->models);
	free(catalog->printers);
	free(catalog->routines);
	free(catalog->buses);
	free(catalog->sensors);
	*catalog = (struct catalog){0};
}
