/* SPDX-License-Identifier: Apache-2.0
 *
 * Rendered pages read back: what our encoder wrote, byte for byte, and nothing else is believed.
 */
#include "drivers/pwg_read.h"
#include "drivers/page.h"
#include "base/mem.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH  301
#define HEIGHT 407

struct sheet { /* a page in memory, to be harmed */
	uint8_t *rgb, *bytes;
	size_t n_bytes;
};

static void sheet_init(struct sheet *sheet, int32_t width_px, int32_t height_px)
{
	struct document document = {.fd = -1};
	sheet->rgb = page_pixels(width_px, height_px, 7);
	page_make(&document, sheet->rgb, width_px, height_px);
	sheet->n_bytes = (size_t)document.bytes;
	sheet->bytes = mem_new(sheet->n_bytes, 1);
	assert_int_equal(pread(document.fd, sheet->bytes, sheet->n_bytes, 0), document.bytes);
	close(document.fd);
}

static void sheet_fini(struct sheet *sheet)
{
	free(sheet->rgb);
	free(sheet->bytes);
}

/* All rows into out, if the page is sound to its end. */
static bool read_all(
	struct pwg_read *reader, const struct pwg_page *page, uint8_t *out, struct err *err)
{
	bool fine = reader != NULL;
	for (int32_t y = 0; fine && y < page->height_px; y++) {
		fine = pwg_read_row(reader, out + (size_t)y * (size_t)page->width_px * 3, err);
	}
	fine = fine && pwg_read_end(reader, err);
	pwg_read_close(reader);
	return fine;
}

static bool read_bytes(const uint8_t *bytes, size_t n_bytes, uint8_t *out, struct err *err)
{
	struct pwg_page page;
	uint8_t *own = mem_new(n_bytes, 1); /* of that length, for the sanitizers */
	memcpy(own, bytes, n_bytes);
	bool fine = read_all(pwg_read_open_memory(own, n_bytes, &page, err), &page, out, err);
	free(own);
	return fine;
}

static void a_page_comes_back_byte_for_byte(void **state)
{
	static const int32_t sizes[][2] = {
		{WIDTH, HEIGHT}, {1, 1}, {1, 700}, {5000, 3}, {128, 256}};
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct err err = {.text = ""};
		struct pwg_page page;
		struct document document = {.fd = -1};
		int32_t width = sizes[i][0], height = sizes[i][1];
		size_t n = (size_t)width * (size_t)height * 3;
		uint8_t *rgb = page_pixels(width, height, 1);
		uint8_t *out = mem_new(n, 1);
		page_make(&document, rgb, width, height);
		off_t where = lseek(document.fd, 0, SEEK_CUR);
		struct pwg_read *reader = pwg_read_open(document.fd, document.bytes, &page, &err);
		assert_true(reader != NULL && page.width_px == width && page.height_px == height);
		assert_true(page.x_dpi == 300 && page.y_dpi == 300);
		if (!read_all(reader, &page, out, &err)) {
			fail_msg("%s", err.text);
		}
		assert_memory_equal(out, rgb, n);
		assert_int_equal(lseek(document.fd, 0, SEEK_CUR), where);
		close(document.fd);
		free(rgb);
		free(out);
	}
}

static void a_white_rest_of_a_row_is_white(void **state)
{
	(void)state;
	struct err err = {.text = ""};
	struct sheet sheet;
	uint8_t out[12];
	sheet_init(&sheet, 2, 2);
	sheet.n_bytes = PWG_HEAD_BYTES;
	sheet.bytes = mem_resize(sheet.bytes, sheet.n_bytes + 6, 1);
	memcpy(sheet.bytes + sheet.n_bytes, "\x01\x00\x01\x02\x03\x80", 6); /* both rows */
	assert_true(read_bytes(sheet.bytes, sheet.n_bytes + 6, out, &err));
	assert_memory_equal(out, "\x01\x02\x03\xff\xff\xff\x01\x02\x03\xff\xff\xff", 12);
	sheet_fini(&sheet);
}

static void expect(const struct err *err, enum remedy remedy, const char *code)
{
	if (err->remedy != remedy || strcmp(err->code, code) != 0) {
		fail_msg("expected %s, got %s: %s", code, err->code, err->text);
	}
	assert_true(strlen(err->text) > 30);
}

static void a_page_of_other_pixels_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} other[] = {{384, 16}, {388, 8}, {396, 1}, {400, 18}, {400, 6}, {420, 4}};
	(void)state;
	struct err err;
	struct sheet sheet;
	struct pwg_page page;
	sheet_init(&sheet, 4, 4);
	for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
		uint8_t *field = sheet.bytes + 4 + other[i].at + 3;
		uint8_t was = *field;
		*field = other[i].value;
		assert_null(pwg_read_open_memory(sheet.bytes, sheet.n_bytes, &page, &err));
		expect(&err, REMEDY_REJECT, "raster-format");
		*field = was;
	}
	sheet_fini(&sheet);
}

static void impossible_sizes_are_damage(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} other[] = {{372, 1}, {376, 1}, {372, 0x80}, {376, 0xff}, {276, 1}, {392, 1}};
	(void)state;
	struct err err;
	struct sheet sheet;
	struct pwg_page page;
	sheet_init(&sheet, 4, 4);
	for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
		uint8_t *field = sheet.bytes + 4 + other[i].at; /* its highest byte */
		*field = other[i].value;
		assert_null(pwg_read_open_memory(sheet.bytes, sheet.n_bytes, &page, &err));
		expect(&err, REMEDY_REDO, "raster-damaged");
		*field = 0;
	}
	memcpy(sheet.bytes, "RaS3", 4);
	assert_null(pwg_read_open_memory(sheet.bytes, sheet.n_bytes, &page, &err));
	expect(&err, REMEDY_REDO, "raster-damaged");
	sheet_fini(&sheet);
}

static void a_page_cut_off_anywhere_is_noticed(void **state)
{
	(void)state;
	struct err err;
	struct sheet sheet;
	uint8_t *out = mem_new(40 * 30 * 3, 1);
	sheet_init(&sheet, 40, 30);
	for (size_t n = 0; n < sheet.n_bytes; n++) {
		assert_false(read_bytes(sheet.bytes, n, out, &err));
		expect(&err, REMEDY_REDO, "raster-unreadable");
	}
	sheet.bytes = mem_resize(sheet.bytes, sheet.n_bytes + 1, 1);
	sheet.bytes[sheet.n_bytes] = 0;
	assert_false(read_bytes(sheet.bytes, sheet.n_bytes + 1, out, &err));
	expect(&err, REMEDY_REDO, "raster-damaged");
	free(out);
	sheet_fini(&sheet);
}

static void a_file_that_became_shorter_is_unreadable(void **state)
{
	(void)state;
	struct err err;
	struct pwg_page page;
	struct document document = {.fd = -1};
	uint8_t *rgb = page_pixels(WIDTH, HEIGHT, 3);
	uint8_t *out = mem_new((size_t)WIDTH * HEIGHT, 3);
	page_make(&document, rgb, WIDTH, HEIGHT);
	struct pwg_read *reader = pwg_read_open(document.fd, document.bytes, &page, &err);
	assert_non_null(reader);
	assert_int_equal(ftruncate(document.fd, 70000), 0);
	assert_false(read_all(reader, &page, out, &err));
	expect(&err, REMEDY_REDO, "raster-unreadable");
	close(document.fd);
	assert_null(pwg_read_open(document.fd, document.bytes, &page, &err));
	expect(&err, REMEDY_REDO, "raster-unreadable");
	free(rgb);
	free(out);
}

/* Never more than was promised is written, and what is refused has a reason. */
static void any_damage_stays_within_bounds(void **state)
{
	(void)state;
	struct sheet sheet;
	uint32_t seed = 99;
	int sound = 0;
	uint8_t *out = mem_new(40 * 30 * 3, 1);
	sheet_init(&sheet, 40, 30);
	uint8_t *harmed = mem_new(sheet.n_bytes, 1);
	for (int i = 0; i < 5000; i++) {
		struct err err = {.text = ""};
		memcpy(harmed, sheet.bytes, sheet.n_bytes);
		for (int k = 0; k < 3; k++) {
			seed = seed * 1664525 + 1013904223;
			size_t at = PWG_HEAD_BYTES + (seed >> 8) % (sheet.n_bytes - PWG_HEAD_BYTES);
			harmed[at] ^= (uint8_t)(1 + (seed & 127));
		}
		bool fine = read_bytes(harmed, sheet.n_bytes, out, &err);
		sound += fine;
		assert_true(fine || (err.remedy == REMEDY_REDO && err.text[0] != '\0'));
	}
	assert_in_range(
		sound, 1, 4999); /* a pixel may change unnoticed: the daemon checks hashes */
	free(harmed);
	free(out);
	sheet_fini(&sheet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_comes_back_byte_for_byte),
		cmocka_unit_test(a_white_rest_of_a_row_is_white),
		cmocka_unit_test(a_page_of_other_pixels_is_refused),
		cmocka_unit_test(impossible_sizes_are_damage),
		cmocka_unit_test(a_page_cut_off_anywhere_is_noticed),
		cmocka_unit_test(a_file_that_became_shorter_is_unreadable),
		cmocka_unit_test(any_damage_stays_within_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
