/* SPDX-License-Identifier: Apache-2.0
 *
 * The picture of a test print, read back byte by byte: what is in it must stand there.
 */
#include "wire/test_sheet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PIXELS_AT (8 + 25 + 81 + 8 + 2) /* magic, IHDR, PLTE, head of IDAT, head of zlib */
#define WIDTH     800
#define HEIGHT    1200

static struct buf sheet_of(const char *label)
{
	struct buf png = {0};
	test_sheet_draw(10160, 15240, label, &png);
	return png;
}

/* By taking the stored blocks apart. */
static void pixels_of(const struct buf *png, unsigned char rows[HEIGHT][WIDTH + 1])
{
	const unsigned char *at = (const unsigned char *)png->bytes + PIXELS_AT;
	size_t have = 0;
	for (bool last = false; !last;) {
		last = at[0] == 1;
		size_t n = at[1] | (size_t)at[2] << 8;
		assert_int_equal(n ^ 0xffff, at[3] | (size_t)at[4] << 8);
		assert_true(have + n <= sizeof(unsigned char[HEIGHT][WIDTH + 1]));
		memcpy((unsigned char *)rows + have, at + 5, n);
		have += n;
		at += 5 + n;
	}
	assert_int_equal(have, sizeof(unsigned char[HEIGHT][WIDTH + 1]));
}

static void same_words_draw_the_same_bytes_and_others_do_not(void **state)
{
	(void)state;
	struct buf a = sheet_of("Test print, P1, 2026-11-25 03:44:00 UTC");
	struct buf b = sheet_of("Test print, P1, 2026-11-25 03:44:00 UTC");
	struct buf c = sheet_of("Test print, P2, 2026-11-25 03:44:00 UTC");
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.bytes, b.bytes, a.len);
	assert_int_equal(a.len, c.len);
	assert_memory_not_equal(a.bytes, c.bytes, a.len);
	buf_fini(&a);
	buf_fini(&b);
	buf_fini(&c);
}

static void every_grey_and_colour_is_on_the_sheet_and_no_other(void **state)
{
	(void)state;
	static unsigned char rows[HEIGHT][WIDTH + 1];
	bool seen[256] = {false};
	struct buf png = sheet_of("Test print, P1, 2026-11-25 03:44:00 UTC");
	pixels_of(&png, rows);
	for (int y = 0; y < HEIGHT; y++) {
		assert_int_equal(rows[y][0], 0); /* the filter "none" */
		for (int x = 1; x <= WIDTH; x++) {
			seen[rows[y][x]] = true;
		}
	}
	for (int i = 0; i < 256; i++) {
		assert_int_equal(seen[i], i < 16 + 7);
	}
	buf_fini(&png);
}

static void sizes_and_labels_that_are_out_of_bounds_are_drawn_within_them(void **state)
{
	(void)state;
	static const int32_t sides_hmm[] = {0, 1, 25, 254, 1000000};
	for (size_t i = 0; i < sizeof sides_hmm / sizeof sides_hmm[0]; i++) {
		struct buf png = {0};
		test_sheet_draw(sides_hmm[i], 300,
			"\xc3\xa4 <>, , a line that is far too long "
			"to stand on any sheet of this width",
			&png);
		assert_true(png.len > 100 && png.len < 1 << 20);
		buf_fini(&png);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_words_draw_the_same_bytes_and_others_do_not),
		cmocka_unit_test(every_grey_and_colour_is_on_the_sheet_and_no_other),
		cmocka_unit_test(sizes_and_labels_that_are_out_of_bounds_are_drawn_within_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
