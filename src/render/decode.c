/* SPDX-License-Identifier: Apache-2.0
 *
 * Decoding by libvips, in strips, through a region on the calling thread: vips_region_prepare makes
 * no threads, which a process that forks must not have.
 */
#include "render/decode.h"
#include "base/mem.h"
#include "render/hot.h"
#include "render/tiny.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

#define STRIP_ROWS 16

struct decoder {
	VipsSource *source;
	VipsImage *image;
	VipsRegion *region;
	int32_t width_px, height_px;
	int32_t next;           /* the row to give next */
	int32_t strip, strip_n; /* the rows at hand */
	int bands, channels;
	bool has_alpha;
	bool wide; /* 16 bits a sample */
};

void decoder_version(char *text, size_t size)
{
	snprintf(text, size, "vips/%d.%d.%d", vips_version(0), vips_version(1), vips_version(2));
}

/* What libvips says goes into our error's text; the first line is enough. */
static bool refuse(struct err *err, const char *where)
{
	char words[129];
	text_copy(words, sizeof words, vips_error_buffer());
	words[strcspn(words, "\n")] = '\0';
	vips_error_clear();
	char clean[161];
	text_escape(clean, sizeof clean, words);
	if (strcasestr(words, "memory") != NULL) {
		return err_set(err, REMEDY_RETRY, "render-memory",
			"the picture needs more memory than a photo may have (%s)", clean);
	}
	return err_set(err, REMEDY_REJECT, "asset-damaged",
		"the picture can't be decoded%s (%s): send it again", where, clean);
}

/* A warning of the JPEG reader is damage; those of the TIFF reader are of tags it doesn't know. */
static VipsImage *load(VipsSource *source, enum picture_format format)
{
	static const struct {
		int (*open)(VipsSource *source, VipsImage **out, ...);
		VipsFailOn fail_on;
	} readers[PICTURE_FORMATS] = {
		[PICTURE_JPEG] = {vips_jpegload_source, VIPS_FAIL_ON_WARNING},
		[PICTURE_PNG] = {vips_pngload_source, VIPS_FAIL_ON_ERROR},
		[PICTURE_TIFF] = {vips_tiffload_source, VIPS_FAIL_ON_ERROR},
		[PICTURE_WEBP] = {vips_webpload_source, VIPS_FAIL_ON_ERROR},
		[PICTURE_HEIC] = {vips_heifload_source, VIPS_FAIL_ON_ERROR},
	};
	VipsImage *image = NULL;
	int failed = readers[format].open(source, &image, "access", VIPS_ACCESS_SEQUENTIAL,
		"fail_on", readers[format].fail_on, NULL);
	return failed ? NULL : image;
}

static bool shape_is_fine(struct decoder *decoder, const struct probe *probe, struct err *err)
{
	VipsImage *image = decoder->image;
	VipsBandFormat samples = vips_image_get_format(image);
	decoder->width_px = vips_image_get_width(image);
	decoder->height_px = vips_image_get_height(image);
	decoder->bands = vips_image_get_bands(image);
	decoder->channels = probe->cmyk ? 4 : decoder->bands <= 2 ? 1 : 3;
	decoder->has_alpha = decoder->bands > decoder->channels && !probe->drops_last;
	decoder->wide = samples == VIPS_FORMAT_USHORT;
	int more = decoder->bands - decoder->channels;
	if (decoder->width_px != probe->width_px || decoder->height_px != probe->height_px ||
		more < 0 || more > 1 ||
		(samples != VIPS_FORMAT_UCHAR && samples != VIPS_FORMAT_USHORT)) {
		return err_set(err, REMEDY_REJECT, "asset-damaged",
			"the picture decodes to another shape than its header says");
	}
	return true;
}

struct decoder *decoder_open(struct bytes file, const struct probe *probe, struct err *err)
{
	struct decoder *decoder = mem_new(1, sizeof *decoder);
	decoder->source = vips_source_new_from_memory(file.at, file.len);
	decoder->image = decoder->source == NULL ? NULL : load(decoder->source, probe->format);
	bool fine = decoder->image != NULL ? shape_is_fine(decoder, probe, err) : refuse(err, "");
	if (fine) {
		decoder->region = vips_region_new(decoder->image);
		fine = decoder->region != NULL || refuse(err, "");
		/* an odd profile made libvips complain; ours is judged by colour's gate */
		vips_error_clear();
	}
	if (!fine) {
		decoder_close(decoder);
		return NULL;
	}
	return decoder;
}

void decoder_close(struct decoder *decoder)
{
	if (decoder == NULL) {
		return;
	}
	g_clear_object(&decoder->region);
	g_clear_object(&decoder->image);
	g_clear_object(&decoder->source);
	free(decoder);
}

int decoder_channels(const struct decoder *decoder)
{
	return decoder->channels;
}

bool decoder_has_alpha(const struct decoder *decoder)
{
	return decoder->has_alpha;
}

struct bytes decoder_profile(const struct decoder *decoder)
{
	const void *bytes;
	size_t len;
	if (vips_image_get_typeof(decoder->image, VIPS_META_ICC_NAME) == 0 ||
		vips_image_get_blob(decoder->image, VIPS_META_ICC_NAME, &bytes, &len) != 0) {
		return (struct bytes){NULL, 0};
	}
	return (struct bytes){bytes, len};
}

hot static void widen_8(const unsigned char *from, uint16_t *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i] = (uint16_t)(from[i] * 257);
	}
}

static uint32_t sample_at(const struct decoder *decoder, const unsigned char *pixel, int band)
{
	uint16_t wide;
	if (!decoder->wide) {
		return pixel[band] * 257U;
	}
	memcpy(&wide, pixel + 2 * band, sizeof wide);
	return wide;
}

/* Colour × alpha + white × (1 − alpha), in the picture's own encoding. White is no ink in CMYK. */
static void flatten(const struct decoder *decoder, const unsigned char *from, uint16_t *to)
{
	size_t pixel_bytes = (size_t)decoder->bands * (decoder->wide ? 2 : 1);
	uint32_t white = decoder->channels == 4 ? 0 : 65535;
	for (int32_t x = 0; x < decoder->width_px; x++, from += pixel_bytes) {
		uint32_t alpha = sample_at(decoder, from, decoder->channels);
		for (int i = 0; i < decoder->channels; i++) {
			uint32_t away = white ^ sample_at(decoder, from, i); /* from white */
			*to++ = (uint16_t)(white ^ ((away * alpha + 32767) / 65535));
		}
	}
}

static void drop_last(const struct decoder *decoder, const unsigned char *from, uint16_t *to)
{
	size_t pixel_bytes = (size_t)decoder->bands * (decoder->wide ? 2 : 1);
	for (int32_t x = 0; x < decoder->width_px; x++, from += pixel_bytes) {
		for (int i = 0; i < decoder->channels; i++) {
			*to++ = (uint16_t)sample_at(decoder, from, i);
		}
	}
}

static bool prepare_strip(struct decoder *decoder, struct err *err)
{
	int32_t left = decoder->height_px - decoder->next;
	VipsRect strip = {.left = 0,
		.top = decoder->next,
		.width = decoder->width_px,
		.height = left < STRIP_ROWS ? left : STRIP_ROWS};
	/* libvips may paint a strip it can't read and go on: what it complained of counts, too */
	if (vips_region_prepare(decoder->region, &strip) != 0 || *vips_error_buffer() != '\0') {
		char where[33];
		snprintf(where, sizeof where, " below row %d", decoder->next);
		return refuse(err, where);
	}
	decoder->strip = decoder->next;
	decoder->strip_n = strip.height;
	return true;
}

bool decoder_row(struct decoder *decoder, uint16_t *row, struct err *err)
{
	if (decoder->next >= decoder->strip + decoder->strip_n && !prepare_strip(decoder, err)) {
		return false;
	}
	const unsigned char *from = VIPS_REGION_ADDR(decoder->region, 0, decoder->next);
	size_t samples = (size_t)decoder->width_px * (size_t)decoder->channels;
	if (decoder_has_alpha(decoder)) {
		flatten(decoder, from, row);
	} else if (decoder->bands > decoder->channels) {
		drop_last(decoder, from, row);
	} else if (decoder->wide) {
		memcpy(row, from, samples * sizeof *row);
	} else {
		widen_8(from, row, samples);
	}
	decoder->next++;
	return true;
}

static bool warm_one(const struct tiny *tiny, struct err *err)
{
	struct render_limits limits = {.file_bytes = 4096, .pixels = 4096, .side_px = 64};
	struct bytes file = {tiny->bytes, tiny->len};
	struct probe probe;
	if (!probe_file(file, picture_media_type(tiny->format), &limits, &probe, err)) {
		return false;
	}
	struct decoder *decoder = decoder_open(file, &probe, err);
	if (decoder == NULL) {
		return false;
	}
	uint16_t row[64 * 4];
	bool fine = true;
	for (int32_t y = 0; fine && tiny->decode && y < probe.height_px; y++) {
		fine = decoder_row(decoder, row, err);
	}
	decoder_close(decoder);
	return fine;
}

/* What libvips has to say of a photo comes back as an error; it writes no log of its own. */
static void say_nothing(const char *domain, GLogLevelFlags level, const char *text, void *context)
{
	(void)domain;
	(void)level;
	(void)text;
	(void)context;
}

bool decoder_warm(const char *program, struct err *err)
{
	/* What can't be read row by row (WebP, interlaced PNG) libvips would put into a file where
	 * it is larger than this. There are no files where photos are read, only memory. */
	setenv("VIPS_DISC_THRESHOLD", "1000g", 1);
	/* A decoder's threads would reserve 128 MiB of addresses each, which a photo's limit
	 * counts. */
	mallopt(M_ARENA_MAX, 1);
	if (vips_init(program) != 0) {
		return err_set(
			err, REMEDY_FATAL, "vips", "libvips can't start: %s", vips_error_buffer());
	}
	g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, say_nothing, NULL);
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	vips_block_untrusted_set(TRUE);
	vips_operation_block_set("VipsForeignLoad", TRUE);
	static const char *const readers[] = {"VipsForeignLoadJpegSource",
		"VipsForeignLoadPngSource", "VipsForeignLoadTiffSource",
		"VipsForeignLoadWebpSource", "VipsForeignLoadHeifSource"};
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
		vips_operation_block_set(readers[i], FALSE);
	}
	bool fine = true;
	for (const struct tiny *tiny = tiny_pictures; fine && tiny->bytes != NULL; tiny++) {
		fine = warm_one(tiny, err);
	}
	return fine || err_wrap(err, "warming the decoders");
}
