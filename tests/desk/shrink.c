/* SPDX-License-Identifier: Apache-2.0
 *
 * Small pictures of rendered pages: right in the mean, and nothing in a raster is believed.
 */
#include "worker/shrink.h"
#include "base/buf.h"
#include "render/decode.h"
#include "render/encode.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#define WIDTH  120
#define HEIGHT 180
#define SIDE   18

/* Left half red, right half grey with a light and a dark row in turn. */
static void paint(uint8_t *row, int32_t y)
{
	for (int32_t x = 0; x < WIDTH; x++) {
		uint8_t *at = row + x * 3;
		memset(at, y % 2 == 0 ? 60 : 140, 3);
		if (x < WIDTH / 2) {
			memcpy(at, "\xff\x00\x00", 3);
		}
	}
}

static struct bytes make(enum document_format format, struct buf *out)
{
	struct err err;
	struct sink sink;
	char hash[HASH_HEX_MAX];
	int64_t bytes;
	uint8_t row[WIDTH * 3];
	struct encode_shape shape = {format, 3, WIDTH, HEIGHT, 300, 300};
	int fd = memfd_create("page", MFD_CLOEXEC);
	sink_init(&sink, fd);
	struct encoder *encoder = encoder_create(&shape, &sink);
	for (int32_t y = 0; y < HEIGHT; y++) {
		paint(row, y);
		assert_true(encoder_row(encoder, row, &err));
	}
	assert_true(encoder_finish(encoder, &err));
	encoder_destroy(encoder);
	assert_true(sink_finish(&sink, hash, &bytes, &err));
	sink_fini(&sink);
	char *text = malloc((size_t)bytes);
	assert_int_equal(pread(fd, text, (size_t)bytes, 0), bytes);
	buf_add(out, text, (size_t)bytes);
	free(text);
	close(fd);
	return (struct bytes){(const unsigned char *)out->bytes, out->len};
}

static void expect_means(enum document_format format, int slack)
{
	struct err err;
	struct buf out = {0};
	struct small small = {0};
	struct bytes file = make(format, &out);
	assert_true(shrink(file, SIDE, &small, &err));
	assert_int_equal(small.width_px, 12);
	assert_int_equal(small.height_px, 18);
	for (int32_t y = 1; y < 17; y++) {
		const uint8_t *red = small.rgb + (y * 12 + 2) * 3;
		const uint8_t *grey = small.rgb + (y * 12 + 9) * 3;
		assert_true(abs(red[0] - 255) <= slack && red[1] <= slack && red[2] <= slack);
		assert_true(abs(grey[0] - 100) <= slack && abs(grey[2] - 100) <= slack);
	}
	free(small.rgb);
	buf_fini(&out);
}

static void pixels_of_a_pwg_page_are_means_of_squares(void **state)
{
	(void)state;
	expect_means(FORMAT_PWG, 0);
	expect_means(FORMAT_URF, 0);
}

static void pixels_of_a_jpeg_page_are_means_of_squares(void **state)
{
	(void)state;
	expect_means(FORMAT_JPEG, 3);
}

static void a_page_that_is_cut_anywhere_is_refused(void **state)
{
	(void)state;
	struct err err;
	struct buf out = {0};
	struct bytes file = make(FORMAT_PWG, &out);
	for (size_t len = 0; len < file.len; len += len < 1900 ? 61 : 7) {
		struct small small = {0};
		unsigned char *exact = malloc(len + 1);
		memcpy(exact, file.at, len);
		assert_false(shrink((struct bytes){exact, len}, SIDE, &small, &err));
		free(small.rgb);
		free(exact);
	}
	buf_fini(&out);
}

static void damaged_pages_are_refused_or_give_some_picture(void **state)
{
	(void)state;
	struct err err;
	struct buf out = {0};
	make(FORMAT_PWG, &out);
	uint32_t chance = 12345;
	for (int run = 0; run < 3000; run++) {
		unsigned char *copy = malloc(out.len);
		memcpy(copy, out.bytes, out.len);
		for (int i = 0; i < 4; i++) {
			chance = chance * 1664525 + 1013904223;
			size_t at = run % 2 == 0 ? 1800 + (chance >> 8) % (out.len - 1800)
						 : 4 + (chance >> 8) % 420;
			copy[at] = (unsigned char)(chance >> 3);
		}
		struct small small = {0};
		if (shrink((struct bytes){copy, out.len}, SIDE, &small, &err)) {
			assert_true(small.width_px >= 1 && small.width_px <= SIDE);
			assert_true(small.height_px >= 1 && small.height_px <= SIDE);
		}
		free(small.rgb);
		free(copy);
	}
	buf_fini(&out);
}

static void other_bytes_are_no_page(void **state)
{
	(void)state;
	struct err err;
	static const char *const others[] = {
		"", "RaS2", "RaS3xxxxxxxx", "\xff\xd8\xff\xe0", "GIF89a"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct small small = {0};
		assert_false(
			shrink((struct bytes){(const unsigned char *)others[i], strlen(others[i])},
				SIDE, &small, &err));
		assert_null(small.rgb);
	}
}

int main(void)
{
	struct err err;
	if (!decoder_warm("shrink", &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pixels_of_a_pwg_page_are_means_of_squares),
		cmocka_unit_test(pixels_of_a_jpeg_page_are_means_of_squares),
		cmocka_unit_test(a_page_that_is_cut_anywhere_is_refused),
		cmocka_unit_test(damaged_pages_are_refused_or_give_some_picture),
		cmocka_unit_test(other_bytes_are_no_page),
	};
	return cmocka_run_group_tests_name("shrink", tests, NULL, NULL);
}
