/* SPDX-License-Identifier: Apache-2.0
 *
 * Models: what a printer is, what it takes, and with which profile it prints on which media.
 */
#include "wire/profile_own.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include <stdio.h>
#include <string.h>

#define ICC_BYTES_MIN 132 /* the header and an empty tag table */
#define ICC_BYTES_MAX (4 * 1024 * 1024)

static const struct conf_rule rules[] = {
	{NULL, "title", CONF_TEXT, true, 1, 64, NULL, NULL},
	{NULL, "driver", CONF_TEXT, true, 1, NAME_MAX_LEN - 1, NULL, NULL},
	{NULL, "x_dpi", CONF_INT, true, 72, 2400, NULL, NULL},
	{NULL, "y_dpi", CONF_INT, false, 72, 2400, NULL, NULL},
	{NULL, "formats", CONF_LIST, true, 1, FORMAT_COUNT, NULL, NULL},
	{NULL, "copies_per_attempt", CONF_INT, false, 1, 100, "1", NULL},
	{NULL, "print_time", CONF_MS, true, 10, 3600000, NULL, NULL},
	{NULL, "counts_impressions", CONF_BOOL, false, 0, 0, "no", NULL},
	{NULL, "has_counters", CONF_BOOL, false, 0, 0, "no", NULL},
	{NULL, "counter_lag", CONF_MS, false, 10, 60000, "5 s", NULL},
	{NULL, "self_resumes", CONF_BOOL, false, 0, 0, "no", NULL},
	{"back_print!", NULL, CONF_TEXT, false, 0, 0, NULL, NULL},
	{"back_print!", "lines", CONF_INT, true, 1, BACK_LINES_MAX, NULL, NULL},
	{"back_print!", "columns", CONF_INT, true, BACK_COLUMNS_MIN, BACK_COLUMNS_MAX, NULL, NULL},
	{"back_print!", "charset", CONF_CHOICE, false, 0, 0, "ascii", "ascii latin-1"},
	{"folder!", NULL, CONF_TEXT, false, 0, 0, NULL, NULL},
	{"folder!", "ticket", CONF_LIST, true, 1, TICKET_LINES_MAX, NULL, NULL},
	{"folder!", "ticket_suffix", CONF_TEXT, false, 1, 8, "txt", NULL},
	{"folder!", "escape", CONF_CHOICE, false, 0, 0, "none", "none xml quotes"},
	{"folder!", "charset", CONF_CHOICE, false, 0, 0, "utf-8", "utf-8 ascii"},
	{"folder!", "line_end", CONF_CHOICE, false, 0, 0, "crlf", "crlf lf"},
	{"folder!", "done", CONF_TEXT, false, 1, NAME_MAX_LEN - 1, NULL, NULL},
	{"folder!", "error", CONF_TEXT, false, 1, NAME_MAX_LEN - 1, NULL, NULL},
	{"media", NULL, CONF_TEXT, true, 0, 0, NULL, NULL},
	{"media", "profile", CONF_TEXT, true, 1, NAME_MAX_LEN - 1, NULL, NULL},
	{"media", "margin", CONF_HMM, false, 0, 5000, "0", NULL},
	{"media", "cuts", CONF_BOOL, false, 0, 0, "no", NULL},
};

static bool is_for(const struct buf *icc, const char *space)
{
	return memcmp(icc->bytes + 16, space, 4) == 0;
}

/* An output profile for RGB, grey or CMYK, by its header (ICC.1, 7.2). */
static const char *judge_icc(const struct buf *icc)
{
	const unsigned char *bytes = (const unsigned char *)icc->bytes;
	if (icc->len < ICC_BYTES_MIN || memcmp(bytes + 36, "acsp", 4) != 0) {
		return "is not an ICC profile";
	}
	size_t size = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 |
		      (size_t)bytes[3];
	if (size != icc->len) {
		return "is cut off or too long: its header says another size";
	}
	if (memcmp(bytes + 12, "prtr", 4) != 0 ||
		!(is_for(icc, "RGB ") || is_for(icc, "GRAY") || is_for(icc, "CMYK"))) {
		return "is not a printer profile for RGB, grey or CMYK";
	}
	return NULL;
}

static bool makes_jpeg(const struct model *model)
{
	for (int32_t i = 0; i < model->n_formats; i++) {
		if (model->formats[i] == FORMAT_JPEG) {
			return true;
		}
	}
	return false;
}

static void hash_profile(
	struct loading *at, size_t index, const struct model *model, struct model_media *on)
{
	if (!text_is_id(on->profile)) {
		conf_fault(at->conf, at->faults, "media", index, "profile",
			"must be the name of a file in %s/icc", at->folder);
		return;
	}
	char path[PROFILE_PATH_MAX];
	snprintf(path, sizeof path, "%s/icc/%s", at->folder, on->profile);
	struct buf icc = {0};
	struct err err;
	const char *why = NULL;
	if (!file_read(path, ICC_BYTES_MAX, &icc, &err)) {
		conf_fault(at->conf, at->faults, "media", index, "profile", "%s", err.text);
	} else if ((why = judge_icc(&icc)) != NULL) {
		conf_fault(at->conf, at->faults, "media", index, "profile", "%s %s", path, why);
	} else if (is_for(&icc, "CMYK") && makes_jpeg(model)) {
		conf_fault(at->conf, at->faults, "media", index, "profile",
			"is for CMYK, and no printer takes a JPEG of that: leave jpeg out of the "
			"formats");
	} else {
		hash_hex_of(icc.bytes, icc.len, on->profile_sha256);
	}
	buf_fini(&icc);
}

static void read_model_media(struct loading *at, struct model *model)
{
	size_t n = conf_count(at->conf, "media");
	if (n > CATALOG_LIST_MAX) {
		conf_fault(at->conf, at->faults, "media", CATALOG_LIST_MAX, NULL,
			"a model can have %d media", CATALOG_LIST_MAX);
		n = CATALOG_LIST_MAX;
	}
	for (size_t i = 0; i < n; i++) {
		struct model_media *on = &model->media[model->n_media++];
		const char *name = conf_title(at->conf, "media", i);
		on->margin_hmm = (int32_t)conf_int(at->conf, "media", i, "margin");
		on->cuts = conf_int(at->conf, "media", i, "cuts") != 0;
		text_copy(on->profile, sizeof on->profile,
			conf_text(at->conf, "media", i, "profile"));
		const struct media *media = catalog_media(at->catalog, name);
		if (media == NULL || !text_copy(on->media, sizeof on->media, name)) {
			conf_fault(at->conf, at->faults, "media", i, NULL,
				"there is no %s/media/%s.conf (or it has a fault)", at->folder,
				name);
		} else if (2 * on->margin_hmm >= media->width_hmm) {
			conf_fault(at->conf, at->faults, "media", i, "margin",
				"leaves nothing of the sheet to print on");
		}
		hash_profile(at, i, model, on);
	}
}

static void read_formats(struct loading *at, struct model *model)
{
	for (size_t i = 0; i < conf_list_count(at->conf, NULL, 0, "formats"); i++) {
		const char *word = conf_list_at(at->conf, NULL, 0, "formats", i);
		int format = 0;
		while (format < FORMAT_COUNT &&
			strcmp(format_name((enum document_format)format), word) != 0) {
			format++;
		}
		bool twice = false;
		for (int32_t k = 0; k < model->n_formats; k++) {
			twice |= (int)model->formats[k] == format;
		}
		if (format == FORMAT_COUNT || twice) {
			conf_fault(at->conf, at->faults, NULL, 0, "formats", "%s: %s", word,
				twice ? "stands here twice" : "known are pwg, jpeg and urf");
			continue;
		}
		if (format == FORMAT_URF && model->x_dpi != model->y_dpi) {
			conf_fault(at->conf, at->faults, NULL, 0, "formats",
				"urf knows one resolution for both directions");
		}
		model->formats[model->n_formats++] = (enum document_format)format;
	}
}

/* The device languages that have words for it; drivers say the same of themselves. */
static const char *const back_printing[] = {"fake"};

bool catalog_driver_prints_backs(const char *driver)
{
	for (size_t i = 0; i < COUNT_OF(back_printing); i++) {
		if (strcmp(back_printing[i], driver) == 0) {
			return true;
		}
	}
	return false;
}

static void read_back(struct loading *at, struct model *model)
{
	if (conf_count(at->conf, "back_print") == 0) {
		return;
	}
	model->back = (struct model_back){
		.lines = (int32_t)conf_int(at->conf, "back_print", 0, "lines"),
		.columns = (int32_t)conf_int(at->conf, "back_print", 0, "columns"),
		.latin1 = conf_int(at->conf, "back_print", 0, "charset") == 1,
	};
	if (!catalog_driver_prints_backs(model->driver)) {
		conf_fault(at->conf, at->faults, "back_print", 0, NULL,
			"driver %s can't print on the back: its language has no words for it",
			model->driver);
	}
}

static void read_model(struct loading *at, const char *name)
{
	struct catalog *catalog = at->catalog;
	catalog->models =
		mem_resize(catalog->models, (size_t)catalog->n_models + 1, sizeof *catalog->models);
	struct model *model = &catalog->models[catalog->n_models++];
	*model = (struct model){
		.x_dpi = profile_int(at, "x_dpi"),
		.y_dpi = profile_int(at, conf_has(at->conf, NULL, 0, "y_dpi") ? "y_dpi" : "x_dpi"),
		.copies_per_attempt = profile_int(at, "copies_per_attempt"),
		.ms_per_print = profile_int(at, "print_time"),
		.counts_impressions = profile_int(at, "counts_impressions") != 0,
		.has_counters = profile_int(at, "has_counters") != 0,
		.counter_lag_ms = profile_int(at, "counter_lag"),
		.self_resumes = profile_int(at, "self_resumes") != 0,
	};
	text_copy(model->name, sizeof model->name, name);
	profile_text(at, "title", model->title, sizeof model->title);
	profile_text(at, "driver", model->driver, sizeof model->driver);
	read_formats(at, model);
	read_back(at, model);
	profile_read_folder(at, model);
	read_model_media(at, model);
}

const struct profile_kind profile_model = {"models", rules, COUNT_OF(rules), read_model};
