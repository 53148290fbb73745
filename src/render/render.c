/* SPDX-License-Identifier: Apache-2.0
 *
 * The line of stages. Each stage takes a row and gives rows when it can; `line_row` at the bottom
 * is where to read it.
 */
#include "render/render.h"
#include "base/mem.h"
#include "colour/convert.h"
#include "render/decode.h"
#include "render/encode.h"
#include "render/hot.h"
#include "render/origin.h"
#include "render/page.h"
#include "render/plan.h"
#include "render/resize.h"
#include "render/sharpen.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define CHANNELS_MAX 4 /* of a picture, of a printer */

struct file {
	struct bytes bytes;
	void *map; /* NULL for an empty file */
};

struct line {
	const struct recipe *recipe;
	struct plan plan;
	int channels; /* of the rows until they are converted */
	struct resize *resize;
	struct sharpen *sharpen;
	const struct convert *convert;
	struct page *page;
	uint16_t *window; /* one row each */
	uint16_t *reduced;
	uint16_t *sharp;
	uint16_t *device;
	uint8_t *device_8;
};

bool render_warm(const char *program, struct err *err)
{
	return decoder_warm(program, err);
}

static bool file_open(struct file *file, int fd, const char *what, struct err *err)
{
	struct stat state;
	*file = (struct file){0};
	if (fstat(fd, &state) != 0 || !S_ISREG(state.st_mode)) {
		return err_set(
			err, REMEDY_REDO, "asset-unreadable", "%s is no readable file", what);
	}
	if (state.st_size == 0) {
		return true;
	}
	void *map = mmap(NULL, (size_t)state.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED) {
		return err_set(err, REMEDY_RETRY, "asset-unreadable", "%s can't be mapped: %s",
			what, strerror(errno));
	}
	file->map = map;
	file->bytes = (struct bytes){map, (size_t)state.st_size};
	return true;
}

static void file_close(struct file *file)
{
	if (file->map != NULL) {
		munmap(file->map, file->bytes.len);
	}
}

/* What comes is what the recipe names, or it isn't used. */
static bool hash_agrees(
	struct bytes bytes, const char *sha256, const char *code, const char *what, struct err *err)
{
	char hex[HASH_HEX_MAX];
	hash_hex_of(bytes.at, bytes.len, hex);
	return strcmp(hex, sha256) == 0 ||
	       err_set(err, REMEDY_REDO, code, "%s is not the one the recipe names", what);
}

/* A raster is named by its recipe; another engine's pixels under that name would be a lie. */
static bool engine_agrees(const struct recipe *recipe, struct err *err)
{
	char engine[RECIPE_ENGINE_MAX];
	render_engine(engine);
	return strcmp(engine, recipe->engine) == 0 ||
	       err_set(err, REMEDY_REDO, "engine-changed",
		       "the recipe is for \"%s\", this is \"%s\": make the recipe anew",
		       recipe->engine, engine);
}

static bool font_agrees(const struct recipe *recipe, const struct font *font, struct err *err)
{
	const char *have = font == NULL ? "none" : font_identity(font);
	return recipe->label.text[0] == '\0' || strcmp(have, recipe->label.font) == 0 ||
	       err_set(err, REMEDY_REDO, "engine-changed",
		       "the label is set in \"%.100s\", here is \"%.100s\": make the recipe anew",
		       recipe->label.font, have);
}

static void state_facts(const struct probe *probe, const struct decoder *decoder,
	const struct origin *origin, struct facts *facts)
{
	bool swap = turn_of_orientation(probe->orientation).swap;
	*facts = (struct facts){
		.width_px = swap ? probe->height_px : probe->width_px,
		.height_px = swap ? probe->width_px : probe->height_px,
		.orientation = probe->orientation,
		.channels = probe->channels,
		.bits = probe->bits,
		.pictures = probe->pictures,
		.source = origin->source,
		.has_alpha = decoder_has_alpha(decoder),
	};
	text_copy(facts->format, sizeof facts->format, picture_name(probe->format));
	text_copy(facts->profile_title, sizeof facts->profile_title, origin->title);
}

/* Every row is decoded, also where nothing is made of it: damage shows only so. */
static bool decode_all(struct decoder *decoder, const struct probe *probe, struct err *err)
{
	uint16_t *row = mem_new((size_t)probe->width_px * CHANNELS_MAX, sizeof *row);
	bool fine = true;
	for (int32_t y = 0; fine && y < probe->height_px; y++) {
		fine = decoder_row(decoder, row, err);
	}
	free(row);
	return fine;
}

/* Grey without a profile of its own is sRGB grey: three equal channels. Back to front, in place. */
static void spread_grey(uint16_t *row, int32_t n)
{
	for (int32_t x = n - 1; x >= 0; x--) {
		row[3 * x] = row[3 * x + 1] = row[3 * x + 2] = row[x];
	}
}

hot static void to_8_bits(const uint16_t *from, uint8_t *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i] = (uint8_t)((from[i] * UINT32_C(65281) + 8388608) >> 24);
	}
}

static void line_init(struct line *line, const struct probe *probe, struct decoder *decoder,
	const struct recipe *recipe)
{
	line->recipe = recipe;
	line->channels = decoder_channels(decoder);
	plan_make(recipe, probe->width_px, probe->height_px, probe->orientation, &line->plan);
	const struct plan *plan = &line->plan;
	struct resize_shape shape = {line->channels, plan->window.width, plan->window.height,
		plan->reduced_width, plan->reduced_height};
	line->resize = resize_create(&shape);
	line->sharpen = sharpen_create(
		plan->reduced_width, plan->reduced_height, line->channels, recipe->sharpen_percent);
	size_t out = (size_t)plan->reduced_width * CHANNELS_MAX;
	line->window = mem_new((size_t)probe->width_px * CHANNELS_MAX, sizeof *line->window);
	line->reduced = mem_new((size_t)plan->reduced_width * CHANNELS_MAX, sizeof *line->reduced);
	line->sharp = mem_new(out, sizeof *line->sharp);
	line->device = mem_new(out, sizeof *line->device);
	line->device_8 = mem_new(out, sizeof *line->device_8);
}

static void line_fini(struct line *line)
{
	resize_destroy(line->resize);
	sharpen_destroy(line->sharpen);
	free(line->window);
	free(line->reduced);
	free(line->sharp);
	free(line->device);
	free(line->device_8);
}

/* sharpen → colour → 8 bits → page */
static bool line_finish_row(struct line *line, const struct origin *origin, struct err *err)
{
	size_t width = (size_t)line->plan.reduced_width;
	size_t channels = (size_t)convert_device_channels(line->convert);
	while (sharpen_take(line->sharpen, line->sharp)) {
		if (line->channels < origin->channels) {
			spread_grey(line->sharp, line->plan.reduced_width);
		}
		convert_row(line->convert, line->sharp, line->device, width);
		to_8_bits(line->device, line->device_8, width * channels);
		if (!page_row(line->page, line->device_8, err)) {
			return false;
		}
	}
	return true;
}

/* window → resize → the rest */
static bool line_row(struct line *line, const struct origin *origin, struct err *err)
{
	size_t skip = (size_t)line->plan.window.x * (size_t)line->channels;
	resize_put(line->resize, line->window + skip);
	while (resize_take(line->resize, line->reduced)) {
		sharpen_put(line->sharpen, line->reduced);
		if (!line_finish_row(line, origin, err)) {
			return false;
		}
	}
	return true;
}

static bool line_run(struct line *line, struct decoder *decoder, const struct probe *probe,
	const struct origin *origin, struct err *err)
{
	const struct rect *window = &line->plan.window;
	for (int32_t y = 0; y < probe->height_px; y++) {
		if (!decoder_row(decoder, line->window, err)) {
			return false;
		}
		bool inside = y >= window->y && y < window->y + window->height;
		if (inside && !line_row(line, origin, err)) {
			return false;
		}
	}
	return true;
}

/* The transform; a source profile that turns out useless gives way to the assumption, once. */
static struct convert *find_convert(
	const struct recipe *recipe, struct bytes device, struct origin *origin, struct err *err)
{
	struct convert_policy policy = {recipe->intent, recipe->black_point};
	struct convert_end to = {device.at, device.len};
	struct convert_end from = {origin->profile.at, origin->profile.len};
	struct convert *convert = convert_create(&from, origin->channels, &to, &policy, err);
	if (convert != NULL || origin_is_assumed(origin) ||
		strcmp(err->code, "colour-source") != 0) {
		return convert;
	}
	char why[65];
	text_copy(why, sizeof why, err->text);
	if (!origin_fall_back(origin, why, err)) {
		return NULL;
	}
	from = (struct convert_end){origin->profile.at, origin->profile.len};
	return convert_create(&from, origin->channels, &to, &policy, err);
}

static void add_note(struct raster *raster, const char *note)
{
	size_t len = strlen(raster->note);
	snprintf(raster->note + len, sizeof raster->note - len, "%s%s",
		len > 0 && note[0] != '\0' ? "; " : "", note);
}

/* What a person should know of how it was made. */
static void note(const struct origin *origin, const struct probe *probe, struct raster *raster)
{
	char first[65] = "";
	if (probe->pictures > 1) {
		snprintf(first, sizeof first, "the first of %d pictures in the file is printed",
			(int)probe->pictures);
	}
	add_note(raster, origin->note);
	add_note(raster, first);
}

static void note_label(const struct lettering *label, struct raster *raster)
{
	char boxes[65];
	if (label->shortened) {
		add_note(raster, "the label is shortened");
	}
	if (label->boxes > 0) {
		snprintf(boxes, sizeof boxes, "characters of the label drawn as boxes: %d",
			(int)label->boxes);
		add_note(raster, boxes);
	}
}

static void state_raster(const struct recipe *recipe, const struct plan *plan,
	const struct origin *origin, const struct probe *probe, struct raster *raster)
{
	raster->width_px = recipe->width_px;
	raster->height_px = recipe->height_px;
	raster->x_dpi = recipe->x_dpi;
	raster->y_dpi = recipe->y_dpi;
	raster->format = recipe->format;
	raster->effective_ppi = plan->effective_ppi;
	raster->source = origin->source;
	hash_hex_of(origin->profile.at, origin->profile.len, raster->source_profile_sha256);
	note(origin, probe, raster);
}

static bool encode_page(struct line *line, struct decoder *decoder, const struct probe *probe,
	const struct origin *origin, const struct lettering *label, int output,
	struct raster *raster, struct err *err)
{
	const struct recipe *recipe = line->recipe;
	int channels = convert_device_channels(line->convert);
	struct encode_shape shape = {recipe->format, channels, recipe->width_px, recipe->height_px,
		recipe->x_dpi, recipe->y_dpi};
	if (recipe->format == FORMAT_JPEG && channels == 4) {
		return err_set(err, REMEDY_ATTEND, "colour-device",
			"the printer's profile is CMYK, and no printer takes a JPEG of that: put "
			"pwg or urf first in the model's formats");
	}
	struct sink sink;
	sink_init(&sink, output);
	struct encoder *encoder = encoder_create(&shape, &sink);
	line->page = page_create(recipe, &line->plan, channels, label, encoder);
	bool fine = line_run(line, decoder, probe, origin, err) &&
		    page_finish(line->page, raster->pixels_sha256, err) &&
		    sink_finish(&sink, raster->sha256, &raster->bytes, err);
	page_destroy(line->page);
	encoder_destroy(encoder);
	sink_fini(&sink);
	return fine;
}

static bool make_page(struct line *line, struct decoder *decoder, const struct probe *probe,
	const struct origin *origin, const struct render_files *files, struct raster *raster,
	struct err *err)
{
	const struct recipe *recipe = line->recipe;
	struct lettering label = {0};
	if (recipe->label.text[0] == '\0') {
		return encode_page(line, decoder, probe, origin, NULL, files->output, raster, err);
	}
	bool fine = font_set_label(files->font, recipe, &label, err) &&
		    encode_page(line, decoder, probe, origin, &label, files->output, raster, err);
	note_label(&label, raster);
	free(label.cover);
	return fine;
}

static bool render_picture(const struct recipe *recipe, const struct render_files *files,
	struct decoder *decoder, const struct probe *probe, struct origin *origin,
	struct render_result *result)
{
	struct file device;
	struct err *err = &result->err;
	if (!file_open(&device, files->profile, "the printer's profile", err)) {
		return false;
	}
	struct convert *convert = NULL;
	bool fine = hash_agrees(
		device.bytes, recipe->profile_sha256, "profile-hash", "the printer's profile", err);
	if (fine) {
		convert = find_convert(recipe, device.bytes, origin, err);
		fine = convert != NULL;
	}
	if (fine) {
		struct line line = {.convert = convert};
		struct raster raster = {0};
		line_init(&line, probe, decoder, recipe);
		state_raster(recipe, &line.plan, origin, probe, &raster);
		fine = make_page(&line, decoder, probe, origin, files, &raster, err);
		line_fini(&line);
		result->raster = fine ? raster : (struct raster){0};
	}
	convert_destroy(convert);
	file_close(&device);
	return fine;
}

static bool run_decoded(const struct render_task *task, const struct render_files *files,
	struct decoder *decoder, const struct probe *probe, struct render_result *result)
{
	struct origin origin;
	if (!origin_find(probe, decoder_profile(decoder), decoder_channels(decoder), &origin,
		    &result->err)) {
		return false;
	}
	bool fine = task->what == RENDER_INSPECT
			    ? decode_all(decoder, probe, &result->err)
			    : render_picture(&task->recipe, files, decoder, probe, &origin, result);
	state_facts(probe, decoder, &origin, &result->facts);
	origin_fini(&origin);
	return fine;
}

static bool run_file(const struct render_task *task, const struct render_files *files,
	struct bytes asset, struct render_result *result)
{
	struct probe probe;
	struct err *err = &result->err;
	if (task->what == RENDER_RENDER && (!engine_agrees(&task->recipe, err) ||
						   !font_agrees(&task->recipe, files->font, err) ||
						   !hash_agrees(asset, task->recipe.asset_sha256,
							   "asset-hash", "the photo", err))) {
		return false;
	}
	if (!probe_file(asset, task->media_type, &task->limits, &probe, err)) {
		return false;
	}
	struct decoder *decoder = decoder_open(asset, &probe, err);
	if (decoder == NULL) {
		return false;
	}
	bool fine = run_decoded(task, files, decoder, &probe, result);
	decoder_close(decoder);
	return fine;
}

void render_run(const struct render_task *task, const struct render_files *files,
	struct render_result *result)
{
	*result = (struct render_result){.id = task->id};
	struct file asset;
	if (!file_open(&asset, files->asset, "the photo", &result->err)) {
		return;
	}
	result->fine = run_file(task, files, asset.bytes, result);
	file_close(&asset);
}
