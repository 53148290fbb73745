/* SPDX-License-Identifier: Apache-2.0
 *
 * The frames of a render server as JSON and back, and errors, which both kinds of worker send.
 */
#include "wire/task.h"
#include <string.h>

#define SIDE_PX_MAX 10000000
#define BYTES_MAX   (INT64_C(1) << 40)

static const char *const tasks[] = {"inspect", "render"};
static const char *const sources[SOURCE_COUNT] = {
	"embedded", "assumed-srgb", "exif-adobe-rgb", "assumed-cmyk", "heic-display-p3"};
static const char *const formats[FORMAT_COUNT] = {"image/pwg-raster", "image/jpeg", "image/urf"};

/* A text member that must be one of n words. */
static bool need_word(const json_t *json, const char *key, const char *const *words, int n, int *at,
	struct err *err)
{
	char word[33];
	if (!json_need_text(json, key, word, sizeof word, err)) {
		return false;
	}
	for (int i = 0; i < n; i++) {
		if (strcmp(words[i], word) == 0) {
			*at = i;
			return true;
		}
	}
	return err_set(
		err, REMEDY_REJECT, "field", "\"%s\" is \"%s\", which is not known", key, word);
}

static bool need_int32(const json_t *json, const char *key, int32_t least, int32_t most,
	int32_t *out, struct err *err)
{
	int64_t value = 0;
	if (!json_need_int(json, key, least, most, &value, err)) {
		return false;
	}
	*out = (int32_t)value;
	return true;
}

/* ---- errors ---- */

json_t *err_to_json(const struct err *err)
{
	/* texts may quote a library or a device: only clean UTF-8 goes on the wire */
	char text[ERR_TEXT_MAX];
	return json_pack("{s:s,s:s,s:s}", "remedy", remedy_name(err->remedy), "code", err->code,
		"text", text_escape(text, sizeof text, err->text));
}

bool err_from_json(const json_t *json, struct err *out, struct err *err)
{
	struct err read = {0};
	char remedy[17];
	if (!json_need_text(json, "remedy", remedy, sizeof remedy, err) ||
		!json_need_text(json, "code", read.code, sizeof read.code, err) ||
		!json_need_text(json, "text", read.text, sizeof read.text, err)) {
		return err_wrap(err, "error");
	}
	if (!remedy_from_name(remedy, &read.remedy)) {
		return err_set(
			err, REMEDY_REJECT, "field", "\"remedy\" is \"%s\", not known", remedy);
	}
	*out = read;
	return true;
}

/* ---- tasks ---- */

json_t *render_task_to_json(const struct render_task *task)
{
	const struct render_limits *limits = &task->limits;
	json_t *json = json_pack("{s:I,s:s,s:s,s:{s:I,s:I,s:i,s:i,s:I}}", "id",
		(json_int_t)task->id, "do", tasks[task->what], "media_type", task->media_type,
		"limits", "file_bytes", (json_int_t)limits->file_bytes, "pixels",
		(json_int_t)limits->pixels, "side_px", limits->side_px, "cpu_seconds",
		limits->cpu_seconds, "memory_bytes", (json_int_t)limits->memory_bytes);
	if (task->what == RENDER_RENDER) {
		json_object_set_new(json, "recipe", recipe_to_json(&task->recipe));
	}
	return json;
}

static bool limits_from_json(const json_t *json, struct render_limits *limits, struct err *err)
{
	json_t *part;
	return json_need_object(json, "limits", &part, err) &&
	       json_need_int(part, "file_bytes", 1, BYTES_MAX, &limits->file_bytes, err) &&
	       json_need_int(part, "pixels", 1, BYTES_MAX, &limits->pixels, err) &&
	       need_int32(part, "side_px", 1, SIDE_PX_MAX, &limits->side_px, err) &&
	       need_int32(part, "cpu_seconds", 1, 86400, &limits->cpu_seconds, err) &&
	       json_need_int(part, "memory_bytes", 1, BYTES_MAX, &limits->memory_bytes, err);
}

bool render_task_from_json(const json_t *json, struct render_task *task, struct err *err)
{
	struct render_task read = {0};
	int what = 0;
	if (!json_need_int(json, "id", 0, INT64_MAX, &read.id, err) ||
		!need_word(json, "do", tasks, 2, &what, err) ||
		!json_need_text(json, "media_type", read.media_type, sizeof read.media_type, err) ||
		!limits_from_json(json, &read.limits, err)) {
		return err_wrap(err, "render task");
	}
	read.what = (enum render_do)what;
	json_t *recipe;
	if (read.what == RENDER_RENDER && (!json_need_object(json, "recipe", &recipe, err) ||
						  !recipe_from_json(recipe, &read.recipe, err))) {
		return err_wrap(err, "render task");
	}
	*task = read;
	return true;
}

/* ---- results ---- */

json_t *facts_to_json(const struct facts *facts)
{
	return json_pack("{s:s,s:i,s:i,s:i,s:i,s:i,s:i,s:s,s:s,s:b}", "format", facts->format,
		"width_px", facts->width_px, "height_px", facts->height_px, "orientation",
		facts->orientation, "channels", facts->channels, "bits", facts->bits, "pictures",
		facts->pictures, "source", sources[facts->source], "profile_title",
		facts->profile_title, "has_alpha", facts->has_alpha);
}

bool facts_from_json(const json_t *json, struct facts *facts, struct err *err)
{
	struct facts read = {.pictures = 1}; /* older ones don't say */
	int source = 0;
	if (!json_need_text(json, "format", read.format, sizeof read.format, err) ||
		!need_int32(json, "width_px", 1, SIDE_PX_MAX, &read.width_px, err) ||
		!need_int32(json, "height_px", 1, SIDE_PX_MAX, &read.height_px, err) ||
		!need_int32(json, "orientation", 1, 8, &read.orientation, err) ||
		!need_int32(json, "channels", 1, 5, &read.channels, err) ||
		!json_take_int32(json, "pictures", 1, INT32_MAX, &read.pictures, err) ||
		!need_int32(json, "bits", 1, 32, &read.bits, err) ||
		!need_word(json, "source", sources, SOURCE_COUNT, &source, err) ||
		!json_need_text(json, "profile_title", read.profile_title,
			sizeof read.profile_title, err) ||
		!json_take_bool(json, "has_alpha", &read.has_alpha, err)) {
		return err_wrap(err, "facts");
	}
	read.source = (enum source_profile)source;
	*facts = read;
	return true;
}

json_t *raster_to_json(const struct raster *raster)
{
	return json_pack("{s:s,s:I,s:i,s:i,s:i,s:i,s:s,s:i,s:s,s:s,s:s,s:s}", "sha256",
		raster->sha256, "bytes", (json_int_t)raster->bytes, "width_px", raster->width_px,
		"height_px", raster->height_px, "x_dpi", raster->x_dpi, "y_dpi", raster->y_dpi,
		"format", formats[raster->format], "effective_ppi", raster->effective_ppi,
		"pixels_sha256", raster->pixels_sha256, "source_profile_sha256",
		raster->source_profile_sha256, "source", sources[raster->source], "note",
		raster->note);
}

static bool raster_size_from_json(const json_t *json, struct raster *raster, struct err *err)
{
	return json_need_int(json, "bytes", 1, BYTES_MAX, &raster->bytes, err) &&
	       need_int32(json, "width_px", 1, SIDE_PX_MAX, &raster->width_px, err) &&
	       need_int32(json, "height_px", 1, SIDE_PX_MAX, &raster->height_px, err) &&
	       need_int32(json, "x_dpi", 1, 100000, &raster->x_dpi, err) &&
	       need_int32(json, "y_dpi", 1, 100000, &raster->y_dpi, err) &&
	       need_int32(json, "effective_ppi", 0, SIDE_PX_MAX, &raster->effective_ppi, err);
}

bool raster_from_json(const json_t *json, struct raster *raster, struct err *err)
{
	struct raster read = {0};
	int format = 0;
	int source = 0;
	if (!raster_size_from_json(json, &read, err) ||
		!json_need_text(json, "sha256", read.sha256, sizeof read.sha256, err) ||
		!need_word(json, "format", formats, FORMAT_COUNT, &format, err) ||
		!json_need_text(json, "pixels_sha256", read.pixels_sha256,
			sizeof read.pixels_sha256, err) ||
		!json_need_text(json, "source_profile_sha256", read.source_profile_sha256,
			sizeof read.source_profile_sha256, err) ||
		!need_word(json, "source", sources, SOURCE_COUNT, &source, err) ||
		!json_take_text(json, "note", read.note, sizeof read.note, err)) {
		return err_wrap(err, "raster");
	}
	if (!hash_is_hex(read.sha256) || !hash_is_hex(read.pixels_sha256) ||
		!hash_is_hex(read.source_profile_sha256)) {
		return err_set(err, REMEDY_REJECT, "field",
			"raster: each hash must be 64 hexadecimal digits");
	}
	read.format = (enum document_format)format;
	read.source = (enum source_profile)source;
	*raster = read;
	return true;
}

json_t *render_result_to_json(const struct render_result *result)
{
	json_t *json = json_pack("{s:I,s:b,s:b}", "id", (json_int_t)result->id, "fine",
		result->fine, "died", result->died);
	if (result->cause[0] != '\0') {
		json_object_set_new(json, "cause", json_string(result->cause));
	}
	if (!result->fine) {
		json_object_set_new(json, "err", err_to_json(&result->err));
	}
	if (result->facts.format[0] != '\0') {
		json_object_set_new(json, "facts", facts_to_json(&result->facts));
	}
	if (result->raster.sha256[0] != '\0') {
		json_object_set_new(json, "raster", raster_to_json(&result->raster));
	}
	return json;
}

static bool parts_from_json(const json_t *json, struct render_result *result, struct err *err)
{
	json_t *facts;
	json_t *raster;
	return json_take_object(json, "facts", &facts, err) &&
	       (facts == NULL || facts_from_json(facts, &result->facts, err)) &&
	       json_take_object(json, "raster", &raster, err) &&
	       (raster == NULL || raster_from_json(raster, &result->raster, err));
}

bool render_result_from_json(const json_t *json, struct render_result *result, struct err *err)
{
	struct render_result read = {0};
	if (!json_need_int(json, "id", 0, INT64_MAX, &read.id, err) ||
		!json_take_bool(json, "fine", &read.fine, err) ||
		!json_take_bool(json, "died", &read.died, err) ||
		!json_take_text(json, "cause", read.cause, sizeof read.cause, err) ||
		!parts_from_json(json, &read, err)) {
		return err_wrap(err, "render result");
	}
	json_t *part;
	if (!read.fine && (!json_need_object(json, "err", &part, err) ||
				  !err_from_json(part, &read.err, err))) {
		return err_wrap(err, "render result");
	}
	if (read.fine && read.facts.format[0] == '\0') {
		return err_set(err, REMEDY_REJECT, "field",
			"render result: says it is fine and has no facts");
	}
	*result = read;
	return true;
}
