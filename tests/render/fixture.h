/* SPDX-License-Identifier: Apache-2.0
 *
 * Photos made on the spot and the engine run on them: what the render tests share.
 */
#pragma once
#include "base/buf.h"
#include "render/render.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct pixels { /* RGB or grey, 8 or 16 bits, with or without alpha */
	int32_t width, height;
	int bands, bits;
	unsigned char *bytes;
};

struct pixels pixels_make(int32_t width, int32_t height, int bands, int bits);
void pixels_fini(struct pixels *pixels);
void pixels_set(struct pixels *pixels, int32_t x, int32_t y, const uint16_t *samples);
void pixels_fill(struct pixels *pixels, int32_t x, int32_t y, int32_t width, int32_t height,
	const uint16_t *samples);
/* Something like a photo: waves and edges of many sizes. */
struct pixels pixels_photo(int32_t width, int32_t height);

/* Files of them, without any metadata but the profile given (may be NULL). */
void save_jpeg(const struct pixels *pixels, const struct buf *profile, struct buf *file);
void save_png(
	const struct pixels *pixels, const struct buf *profile, bool interlaced, struct buf *file);
/* Puts an EXIF segment of our own into a JPEG: orientation, and R03 with an uncalibrated colour
 * space if asked. */
void add_exif(struct buf *jpeg, int orientation, bool adobe_rgb);

/* Puts an ICC segment into a JPEG by hand: libvips would not write a bad one. */
void add_profile(struct buf *jpeg, const struct buf *profile);

/* A printer's profile whose device is sRGB itself: what goes in should come out. */
void srgb_device(struct buf *profile);

struct outcome {
	struct render_result result;
	struct buf document;
	int32_t width, height; /* of the document, read back by libcups */
	uint8_t *pixels;
};

/* A 300 dpi recipe of a borderless sheet of that size, for that asset and device profile. */
struct recipe plain_recipe(int32_t width_px, int32_t height_px);
/* Renders in this process and reads the PWG or Apple raster back. The hashes are filled in. */
void render_bytes(const struct buf *asset, const char *media_type, const struct buf *device,
	struct recipe *recipe, struct outcome *outcome);
/* What labels are set in; NULL until a test opens it. */
extern const struct font *label_font;
void inspect_bytes(const struct buf *asset, const char *media_type, struct render_result *result);
void outcome_fini(struct outcome *outcome);
const uint8_t *outcome_at(const struct outcome *outcome, int32_t x, int32_t y);

/* A descriptor of an unnamed file with these bytes. */
int file_of(const struct buf *bytes);
extern const struct render_limits test_limits;
int warm_up(void **state); /* cmocka's group setup */
