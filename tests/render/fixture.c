/* SPDX-License-Identifier: Apache-2.0
 *
 * The fixture. Pictures are saved by libvips, EXIF and profiles are put in by hand, and documents
 * are read back by libcups, so that our own reader and writer never vouch for each other.
 */
#include "tests/render/fixture.h"
#include "base/mem.h"
#include "colour/source.h"
#include <cups/raster.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vips/vips.h>

const struct render_limits test_limits = {
	.file_bytes = 100 * 1000 * 1000,
	.pixels = 200 * 1000 * 1000,
	.side_px = 30000,
	.cpu_seconds = 30,
	.memory_bytes = INT64_C(3) << 29,
};

int warm_up(void **state)
{
	struct err err;
	(void)state;
	return render_warm("test", &err) ? 0 : -1;
}

struct pixels pixels_make(int32_t width, int32_t height, int bands, int bits)
{
	struct pixels pixels = {width, height, bands, bits, NULL};
	pixels.bytes = mem_new((size_t)width * (size_t)height, (size_t)(bands * bits / 8));
	return pixels;
}

void pixels_fini(struct pixels *pixels)
{
	free(pixels->bytes);
}

void pixels_set(struct pixels *pixels, int32_t x, int32_t y, const uint16_t *samples)
{
	size_t at = ((size_t)y * (size_t)pixels->width + (size_t)x) * (size_t)pixels->bands;
	for (int i = 0; i < pixels->bands; i++, at++) {
		if (pixels->bits == 8) {
			pixels->bytes[at] = (unsigned char)samples[i];
		} else {
			memcpy(pixels->bytes + 2 * at, &samples[i], 2);
		}
	}
}

void pixels_fill(struct pixels *pixels, int32_t x, int32_t y, int32_t width, int32_t height,
	const uint16_t *samples)
{
	for (int32_t row = y; row < y + height; row++) {
		for (int32_t column = x; column < x + width; column++) {
			pixels_set(pixels, column, row, samples);
		}
	}
}

struct pixels pixels_photo(int32_t width, int32_t height)
{
	struct pixels pixels = pixels_make(width, height, 3, 8);
	uint32_t noise = 1;
	for (int32_t y = 0; y < height; y++) {
		for (int32_t x = 0; x < width; x++) {
			noise = noise * 1664525 + 1013904223;
			uint16_t rough = (uint16_t)(noise >> 29);
			uint16_t wave = (uint16_t)((x * y / 64) & 127);
			uint16_t rgb[3] = {(uint16_t)(rough + (x * 180 / width)),
				(uint16_t)(rough + wave),
				(uint16_t)(rough + ((x / 16 + y / 16) % 2) * 90 + 40)};
			pixels_set(&pixels, x, y, rgb);
		}
	}
	return pixels;
}

static VipsImage *image_of(const struct pixels *pixels, const struct buf *profile)
{
	size_t bytes = (size_t)pixels->width * (size_t)pixels->height *
		       (size_t)(pixels->bands * pixels->bits / 8);
	VipsImage *image =
		vips_image_new_from_memory(pixels->bytes, bytes, pixels->width, pixels->height,
			pixels->bands, pixels->bits == 8 ? VIPS_FORMAT_UCHAR : VIPS_FORMAT_USHORT);
	VipsImage *copy;
	VipsInterpretation grey =
		pixels->bits == 8 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_GREY16;
	VipsInterpretation rgb =
		pixels->bits == 8 ? VIPS_INTERPRETATION_sRGB : VIPS_INTERPRETATION_RGB16;
	assert_int_equal(
		vips_copy(image, &copy, "interpretation", pixels->bands < 3 ? grey : rgb, NULL), 0);
	g_object_unref(image);
	if (profile != NULL) {
		vips_image_set_blob_copy(copy, VIPS_META_ICC_NAME, profile->bytes, profile->len);
	}
	return copy;
}

void save_jpeg(const struct pixels *pixels, const struct buf *profile, struct buf *file)
{
	void *bytes;
	size_t len;
	VipsImage *image = image_of(pixels, profile);
	assert_int_equal(vips_jpegsave_buffer(image, &bytes, &len, "Q", 95, "subsample_mode",
				 VIPS_FOREIGN_SUBSAMPLE_OFF, NULL),
		0);
	buf_add(file, bytes, len);
	g_free(bytes);
	g_object_unref(image);
}

void save_png(
	const struct pixels *pixels, const struct buf *profile, bool interlaced, struct buf *file)
{
	void *bytes;
	size_t len;
	VipsImage *image = image_of(pixels, profile);
	assert_int_equal(vips_pngsave_buffer(image, &bytes, &len, "interlace", interlaced,
				 "compression", 1, NULL),
		0);
	buf_add(file, bytes, len);
	g_free(bytes);
	g_object_unref(image);
}

static void insert(struct buf *jpeg, const void *segment, size_t len)
{
	struct buf made = {0};
	buf_add(&made, jpeg->bytes, 2);
	buf_add(&made, segment, len);
	buf_add(&made, jpeg->bytes + 2, jpeg->len - 2);
	buf_fini(jpeg);
	*jpeg = made;
}

void add_profile(struct buf *jpeg, const struct buf *profile)
{
	struct buf segment = {0};
	size_t len = 2 + 14 + profile->len;
	unsigned char head[] = {0xFF, 0xE2, (unsigned char)(len >> 8), (unsigned char)len};
	buf_add(&segment, head, sizeof head);
	buf_add(&segment, "ICC_PROFILE\0\1\1", 14);
	buf_add(&segment, profile->bytes, profile->len);
	insert(jpeg, segment.bytes, segment.len);
	buf_fini(&segment);
}

void add_exif(struct buf *jpeg, int orientation, bool adobe_rgb)
{
	/* big endian: IFD0 at 8 {orientation, EXIF folder at 38}, there {colour space 65535,
	 * interoperability folder at 68}, there {index "R03"} */
	static const unsigned char block[] = {0xFF, 0xE1, 0, 8 + 86, 'E', 'x', 'i', 'f', 0, 0,
		/*  0 */ 'M', 'M', 0, 42, 0, 0, 0, 8,
		/*  8 */ 0, 2, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0,
		/* 22 */ 0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38, 0, 0, 0, 0,
		/* 38 */ 0, 2, 0xA0, 0x01, 0, 3, 0, 0, 0, 1, 0xFF, 0xFF, 0, 0,
		/* 52 */ 0xA0, 0x05, 0, 4, 0, 0, 0, 1, 0, 0, 0, 68, 0, 0, 0, 0,
		/* 68 */ 0, 1, 0, 1, 0, 2, 0, 0, 0, 4, 'R', '0', '3', 0, 0, 0, 0, 0};
	unsigned char own[sizeof block];
	memcpy(own, block, sizeof block);
	own[10 + 8 + 2 + 9] = (unsigned char)orientation;
	if (!adobe_rgb) {
		own[10 + 78 + 2] = '9';
	}
	insert(jpeg, own, sizeof own);
}

void srgb_device(struct buf *profile)
{
	struct err err;
	assert_true(source_make(SOURCE_SPACE_SRGB, profile, &err));
}

int file_of(const struct buf *bytes)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	assert_true(fd >= 0);
	if (bytes->len > 0) {
		assert_int_equal(write(fd, bytes->bytes, bytes->len), (ssize_t)bytes->len);
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

struct recipe plain_recipe(int32_t width_px, int32_t height_px)
{
	struct recipe recipe = {.sku = "test",
		.width_px = width_px,
		.height_px = height_px,
		.x_dpi = 300,
		.y_dpi = 300,
		.picture_width_px = width_px,
		.picture_height_px = height_px,
		.rotate_degrees = 0,
		.intent = INTENT_RELATIVE,
		.black_point = true,
		.profile = "test.icc",
		.format = FORMAT_PWG};
	render_engine(recipe.engine);
	return recipe;
}

static void read_document(struct outcome *outcome)
{
	int fd = file_of(&outcome->document);
	cups_raster_t *raster = cupsRasterOpen(fd, CUPS_RASTER_READ);
	cups_page_header2_t header;
	assert_non_null(raster);
	assert_true(cupsRasterReadHeader2(raster, &header));
	assert_int_equal(header.cupsBytesPerLine, header.cupsWidth * 3);
	outcome->width = (int32_t)header.cupsWidth;
	outcome->height = (int32_t)header.cupsHeight;
	outcome->pixels = mem_new(header.cupsBytesPerLine, header.cupsHeight);
	for (unsigned y = 0; y < header.cupsHeight; y++) {
		assert_int_equal(cupsRasterReadPixels(raster,
					 outcome->pixels + (size_t)y * header.cupsBytesPerLine,
					 header.cupsBytesPerLine),
			header.cupsBytesPerLine);
	}
	assert_false(cupsRasterReadHeader2(raster, &header));
	cupsRasterClose(raster);
	close(fd);
}

static void read_back(int fd, struct buf *bytes)
{
	char piece[65536];
	lseek(fd, 0, SEEK_SET);
	for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;) {
		buf_add(bytes, piece, (size_t)n);
	}
}

const struct font *label_font;

void render_bytes(const struct buf *asset, const char *media_type, const struct buf *device,
	struct recipe *recipe, struct outcome *outcome)
{
	struct buf nothing = {0};
	*outcome = (struct outcome){0};
	hash_hex_of(asset->bytes, asset->len, recipe->asset_sha256);
	hash_hex_of(device->bytes, device->len, recipe->profile_sha256);
	struct render_task task = {
		.id = 1, .what = RENDER_RENDER, .limits = test_limits, .recipe = *recipe};
	text_copy(task.media_type, sizeof task.media_type, media_type);
	struct render_files files = {
		file_of(asset), file_of(&nothing), file_of(device), label_font};
	render_run(&task, &files, &outcome->result);
	if (outcome->result.fine) {
		read_back(files.output, &outcome->document);
	}
	if (outcome->result.fine && recipe->format != FORMAT_JPEG) {
		read_document(outcome);
	}
	close(files.asset);
	close(files.output);
	close(files.profile);
}

void inspect_bytes(const struct buf *asset, const char *media_type, struct render_result *result)
{
	struct render_task task = {.id = 1, .what = RENDER_INSPECT, .limits = test_limits};
	text_copy(task.media_type, sizeof task.media_type, media_type);
	struct render_files files = {.asset = file_of(asset), .output = -1, .profile = -1};
	render_run(&task, &files, result);
	close(files.asset);
}

void outcome_fini(struct outcome *outcome)
{
	buf_fini(&outcome->document);
	free(outcome->pixels);
}

const uint8_t *outcome_at(const struct outcome *outcome, int32_t x, int32_t y)
{
	return outcome->pixels + ((size_t)y * (size_t)outcome->width + (size_t)x) * 3;
}
