/* SPDX-License-Identifier: Apache-2.0
 *
 * What must be refused: photos that are cut off, damaged, too large, or not what they are said to
 * be. A photo is printed whole or not at all.
 */
#include "tests/render/fixture.h"
#include <string.h>
#include <unistd.h>

#define CUTS 20

enum kind { KIND_JPEG, KIND_JPEG_ODD, KIND_PNG, KIND_PNG_INTERLACED, KINDS };

static const char *const media_types[] = {"image/jpeg", "image/jpeg", "image/png", "image/png"};

static void make_file(enum kind kind, struct buf *file)
{
	struct pixels photo =
		kind == KIND_JPEG_ODD ? pixels_photo(517, 333) : pixels_photo(160, 120);
	if (kind <= KIND_JPEG_ODD) {
		save_jpeg(&photo, NULL, file);
	} else {
		save_png(&photo, NULL, kind == KIND_PNG_INTERLACED, file);
	}
	pixels_fini(&photo);
}

static void assert_refused(const struct buf *file, const char *media_type, const char *code)
{
	struct render_result result;
	inspect_bytes(file, media_type, &result);
	assert_false(result.fine);
	assert_int_equal(result.err.remedy, REMEDY_REJECT);
	if (code != NULL) {
		assert_string_equal(result.err.code, code);
	}
}

static void whole_photos_pass(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		struct buf file = {0};
		struct render_result result;
		make_file((enum kind)kind, &file);
		inspect_bytes(&file, media_types[kind], &result);
		assert_true(result.fine);
		assert_int_equal(result.facts.channels, 3);
		assert_string_equal(result.facts.format, kind < KIND_PNG ? "jpeg" : "png");
		buf_fini(&file);
	}
}

static void photos_cut_at_any_place_are_refused(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		struct buf file = {0};
		make_file((enum kind)kind, &file);
		for (size_t i = 0; i < CUTS; i++) {
			struct buf part = {0};
			buf_add(&part, file.bytes, file.len * i / CUTS);
			assert_refused(&part, media_types[kind], NULL);
			buf_fini(&part);
		}
		struct buf almost = {0};
		buf_add(&almost, file.bytes, file.len - 1);
		assert_refused(&almost, media_types[kind], "asset-truncated");
		buf_fini(&almost);
		buf_fini(&file);
	}
}

/* Bytes missing with a proper end after them: only decoding every row finds it, down to the last.
 */
static void jpeg_with_a_hole_anywhere_is_refused(void **state)
{
	(void)state;
	for (int kind = KIND_JPEG; kind <= KIND_JPEG_ODD; kind++) {
		struct buf file = {0};
		make_file((enum kind)kind, &file);
		for (size_t missing = 60; missing < file.len - 900; missing += file.len / 40) {
			struct buf holed = {0};
			buf_add(&holed, file.bytes, file.len - missing);
			buf_add(&holed, "\xFF\xD9", 2);
			assert_refused(&holed, "image/jpeg", "asset-damaged");
			buf_fini(&holed);
		}
		buf_fini(&file);
	}
}

static void png_with_any_bit_flipped_is_refused(void **state)
{
	(void)state;
	struct buf file = {0};
	make_file(KIND_PNG, &file);
	for (size_t i = 0; i < 400; i++) {
		size_t at = i < 60 ? i : i < 80 ? file.len - 80 + i : (file.len * i) / 401;
		file.bytes[at] ^= (char)(1 << (i % 8));
		assert_refused(&file, "image/png", NULL);
		file.bytes[at] ^= (char)(1 << (i % 8));
	}
	buf_fini(&file);
}

/* A flipped bit in a JPEG may decode without a trace, so its hash is what finds it; what the
 * decoder does see is refused, and nothing crashes. */
static void jpeg_with_a_flipped_bit_is_refused_by_its_hash(void **state)
{
	(void)state;
	struct buf file = {0};
	struct buf device = {0};
	make_file(KIND_JPEG, &file);
	srgb_device(&device);
	struct recipe recipe = plain_recipe(60, 40);
	hash_hex_of(file.bytes, file.len, recipe.asset_sha256);
	hash_hex_of(device.bytes, device.len, recipe.profile_sha256);
	int seen = 0;
	for (size_t i = 0; i < 300; i++) {
		size_t at = file.len * i / 300;
		file.bytes[at] ^= (char)(1 << (i % 8));
		struct render_task task = {.what = RENDER_RENDER,
			.media_type = "image/jpeg",
			.limits = test_limits,
			.recipe = recipe};
		struct buf nothing = {0};
		struct render_files files = {
			file_of(&file), file_of(&nothing), file_of(&device), NULL};
		struct render_result result;
		render_run(&task, &files, &result);
		assert_false(result.fine);
		assert_string_equal(result.err.code, "asset-hash");
		assert_int_equal(result.err.remedy, REMEDY_REDO);
		inspect_bytes(&file, "image/jpeg", &result);
		seen += !result.fine;
		file.bytes[at] ^= (char)(1 << (i % 8));
		close(files.asset);
		close(files.output);
		close(files.profile);
	}
	assert_true(seen > 0);
	buf_fini(&file);
	buf_fini(&device);
}

static void every_kind_of_file_is_refused_by_its_name(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		const char *name;
	} files[] = {
		{"GIF89a\1\0\1\0\0\0\0;", 14, "GIF"},
		{"RIFF\4\0\0\0WEBPVP8 ", 16, "WebP"},
		{"II*\0\10\0\0\0", 8, "TIFF"},
		{"MM\0*\0\0\0\10", 8, "TIFF"},
		{"\0\0\0\30ftypheic\0\0\0\0", 16, "HEIC"},
		{"%PDF-1.7\n", 9, "PDF"},
		{"<svg xmlns='http://www.w3.org/2000/svg'/>", 41, "SVG"},
		{"<?xml version='1.0'?><svg/>", 27, "SVG"},
		{"BM\0\0\0\0", 6, "BMP"},
		{"PK\3\4\0\0", 6, "ZIP"},
		{"<!DOCTYPE html>", 15, "web page"},
		{"hello", 5, "no picture we know"},
	};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct buf file = {0};
		struct render_result result;
		buf_add(&file, files[i].bytes, files[i].len);
		assert_refused(&file, "image/jpeg", "asset-type");
		inspect_bytes(&file, "image/jpeg", &result);
		assert_non_null(strstr(result.err.text, files[i].name));
		buf_fini(&file);
	}
	struct buf empty = {0};
	assert_refused(&empty, "image/jpeg", "asset-truncated");
}

static void mislabelled_photo_is_refused(void **state)
{
	(void)state;
	struct buf file = {0};
	make_file(KIND_PNG, &file);
	assert_refused(&file, "image/jpeg", "asset-type");
	assert_refused(&file, "image/gif", "asset-type");
	assert_refused(&file, "", "asset-type");
	buf_fini(&file);
}

static void put32(char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++) {
		at[i] = (char)(value >> (24 - 8 * i));
	}
}

static uint32_t crc(const char *bytes, size_t len)
{
	uint32_t sum = UINT32_MAX;
	for (size_t i = 0; i < len; i++) {
		sum ^= (unsigned char)bytes[i];
		for (int bit = 0; bit < 8; bit++) {
			sum = (sum >> 1) ^ (0xEDB88320U & (0 - (sum & 1)));
		}
	}
	return ~sum;
}

/* A small file that says it is huge is refused before anything is decoded. */
static void bombs_are_refused_by_their_header(void **state)
{
	(void)state;
	static const struct {
		uint32_t width, height;
	} sizes[] = {{30001, 10}, {10, 30001}, {20000, 20000}, {0x7FFFFFFF, 0x7FFFFFFF},
		{0xFFFFFFFF, 1}, {0, 5}};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct buf file = {0};
		make_file(KIND_PNG, &file);
		put32(file.bytes + 16, sizes[i].width);
		put32(file.bytes + 20, sizes[i].height);
		put32(file.bytes + 29, crc(file.bytes + 12, 17));
		assert_refused(&file, "image/png", i < 4 ? "asset-limits" : "asset-damaged");
		buf_fini(&file);
	}
	struct buf file = {0};
	make_file(KIND_JPEG, &file);
	char *frame = memmem(file.bytes, file.len, "\xFF\xC0", 2);
	frame[5] = (char)0xFF;
	frame[7] = (char)0xFF;
	assert_refused(&file, "image/jpeg", "asset-limits");
	buf_fini(&file);
}

static void too_many_bytes_are_refused(void **state)
{
	(void)state;
	struct buf file = {0};
	struct render_result result;
	make_file(KIND_JPEG, &file);
	struct render_task task = {
		.what = RENDER_INSPECT, .media_type = "image/jpeg", .limits = test_limits};
	task.limits.file_bytes = (int64_t)file.len - 1;
	struct render_files files = {.asset = file_of(&file), .output = -1, .profile = -1};
	render_run(&task, &files, &result);
	assert_string_equal(result.err.code, "asset-limits");
	task.limits.file_bytes++;
	task.limits.pixels = 160 * 120 - 1;
	render_run(&task, &files, &result);
	assert_string_equal(result.err.code, "asset-limits");
	task.limits.pixels++;
	render_run(&task, &files, &result);
	assert_true(result.fine);
	close(files.asset);
	buf_fini(&file);
}

static void jpeg_of_two_channels_is_refused_with_advice(void **state)
{
	(void)state;
	struct buf file = {0};
	make_file(KIND_JPEG, &file);
	char *frame = memmem(file.bytes, file.len, "\xFF\xC0", 2);
	frame[9] = 2;
	assert_refused(&file, "image/jpeg", "asset-colour");
	buf_fini(&file);
}

static void bytes_after_the_end_do_no_harm(void **state)
{
	(void)state;
	struct buf file = {0};
	struct render_result result;
	make_file(KIND_JPEG, &file);
	buf_text(&file, "a motion photo's video stands here");
	inspect_bytes(&file, "image/jpeg", &result);
	assert_true(result.fine);
	buf_fini(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_photos_pass),
		cmocka_unit_test(photos_cut_at_any_place_are_refused),
		cmocka_unit_test(jpeg_with_a_hole_anywhere_is_refused),
		cmocka_unit_test(png_with_any_bit_flipped_is_refused),
		cmocka_unit_test(jpeg_with_a_flipped_bit_is_refused_by_its_hash),
		cmocka_unit_test(every_kind_of_file_is_refused_by_its_name),
		cmocka_unit_test(mislabelled_photo_is_refused),
		cmocka_unit_test(bombs_are_refused_by_their_header),
		cmocka_unit_test(too_many_bytes_are_refused),
		cmocka_unit_test(jpeg_of_two_channels_is_refused_with_advice),
		cmocka_unit_test(bytes_after_the_end_do_no_harm),
	};
	return cmocka_run_group_tests_name("render/damage", tests, warm_up, NULL);
}
