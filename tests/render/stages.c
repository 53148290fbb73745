/* SPDX-License-Identifier: Apache-2.0
 *
 * The stages alone: the resizer against Lanczos3 in floating point, the sharpener's promises.
 */
#include "base/mem.h"
#include "render/resize.h"
#include "render/sharpen.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above */
#include <cmocka.h>

static double lanczos(double x)
{
	return x == 0         ? 1
	       : fabs(x) >= 3 ? 0
			      : 3 * sin(M_PI * x) * sin(M_PI * x / 3) / (M_PI * M_PI * x * x);
}

/* One direction: n lines of `from` values, `step` apart, to `to` values. */
static void resize_line(const double *in, double *out, int from, int to, int step)
{
	double scale = (double)from / to;
	double wide = scale > 1 ? scale : 1;
	for (int j = 0; j < to; j++) {
		double middle = (j + 0.5) * scale - 0.5;
		double sum = 0;
		double weights = 0;
		for (int i = (int)ceil(middle - 3 * wide); i <= (int)floor(middle + 3 * wide);
			i++) {
			int at = i < 0 ? 0 : i >= from ? from - 1 : i;
			double weight = lanczos((i - middle) / wide);
			sum += weight * in[at * step];
			weights += weight;
		}
		out[j * step] = sum / weights;
	}
}

static double clamp(double v)
{
	return v < 0 ? 0 : v > 65535 ? 65535 : v;
}

static double psnr_of(int from_width, int from_height, int to_width, int to_height)
{
	size_t rows = (size_t)(from_height > to_height ? from_height : to_height);
	double *exact = mem_new((size_t)from_width * rows, sizeof *exact);
	double *down = mem_new((size_t)from_width * rows, sizeof *down);
	uint16_t *row = mem_new((size_t)from_width, sizeof *row);
	uint16_t *out = mem_new((size_t)to_width, sizeof *out);
	double *want = mem_new((size_t)to_width, sizeof *want);
	struct resize_shape shape = {1, from_width, from_height, to_width, to_height};
	struct resize *resize = resize_create(&shape);
	double squares = 0;
	int done = 0;
	/* a zone plate: every frequency there is */
	for (int y = 0; y < from_height; y++) {
		for (int x = 0; x < from_width; x++) {
			double r2 = (double)x * x + (double)y * y;
			exact[y * from_width + x] =
				round(32767 + 20000 * cos(r2 * M_PI / 2 / from_width));
		}
	}
	for (int x = 0; x < from_width; x++) {
		resize_line(exact + x, down + x, from_height, to_height, from_width);
	}
	for (int y = 0; y < from_height; y++) {
		for (int x = 0; x < from_width; x++) {
			row[x] = (uint16_t)exact[y * from_width + x];
		}
		resize_put(resize, row);
		while (resize_take(resize, out)) {
			resize_line(down + (size_t)done * (size_t)from_width, want, from_width,
				to_width, 1);
			for (int x = 0; x < to_width; x++) {
				double off = clamp(want[x]) - out[x];
				squares += off * off;
			}
			done++;
		}
	}
	assert_int_equal(done, to_height);
	resize_destroy(resize);
	free(exact);
	free(down);
	free(row);
	free(out);
	free(want);
	double mean = squares / ((double)to_width * to_height);
	return 20 * log10(65535 / sqrt(mean + 1e-9));
}

static void resizer_is_lanczos3(void **state)
{
	(void)state;
	static const int sizes[][4] = {{400, 300, 180, 120}, {400, 300, 399, 299},
		{100, 80, 333, 200}, {1000, 60, 31, 59}, {64, 64, 64, 64}, {500, 400, 33, 700}};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		double psnr = psnr_of(sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
		assert_true(psnr > 75);
	}
}

static void assert_flat(int channels)
{
	enum { FROM = 97, TO = 31, MOST = 4 };
	struct resize_shape shape = {channels, FROM, 53, TO, 77};
	struct resize *resize = resize_create(&shape);
	struct sharpen *sharpen = sharpen_create(TO, 77, channels, 200);
	uint16_t row[FROM * MOST];
	uint16_t out[TO * MOST];
	uint16_t sharp[TO * MOST];
	size_t bytes = (size_t)(TO * channels) * sizeof *out;
	int done = 0;
	for (int i = 0; i < FROM * channels; i++) {
		row[i] = (uint16_t[]){65535, 0, 12345, 7000}[i % channels];
	}
	for (int y = 0; y < 53; y++) {
		resize_put(resize, row);
		while (resize_take(resize, out)) {
			assert_memory_equal(out, row, bytes);
			sharpen_put(sharpen, out);
			while (sharpen_take(sharpen, sharp)) {
				assert_memory_equal(sharp, row, bytes);
				done++;
			}
		}
	}
	assert_int_equal(done, 77);
	resize_destroy(resize);
	sharpen_destroy(sharpen);
}

static void flat_colour_stays_flat(void **state)
{
	(void)state;
	assert_flat(1);
	assert_flat(3);
	assert_flat(4);
}

/* An edge of black ink alone, as of text: it grows, and no other ink comes of it. */
static void inks_are_sharpened_each_by_itself(void **state)
{
	(void)state;
	struct sharpen *sharpen = sharpen_create(16, 9, 4, 100);
	uint16_t row[16 * 4] = {0};
	uint16_t out[16 * 4];
	int done = 0;
	for (int x = 0; x < 16; x++) {
		row[4 * x + 3] = x < 8 ? 20000 : 40000;
	}
	for (int y = 0; y < 9; y++) {
		sharpen_put(sharpen, row);
		while (sharpen_take(sharpen, out)) {
			for (int i = 0; i < 16 * 4; i++) {
				assert_true(i % 4 == 3 || out[i] == 0);
			}
			int contrast = out[4 * 8 + 3] - out[4 * 7 + 3];
			assert_true(abs(contrast - (20000 + 2 * 6250)) <= 2);
			done++;
		}
	}
	assert_int_equal(done, 9);
	sharpen_destroy(sharpen);
}

/* Rows of 8 dark and 8 light pixels through the sharpener; the contrast at the edge. */
static int edge_contrast(int percent)
{
	struct sharpen *sharpen = sharpen_create(16, 9, 1, percent);
	uint16_t row[16];
	uint16_t out[16];
	int contrast = 0;
	int done = 0;
	for (int x = 0; x < 16; x++) {
		row[x] = x < 8 ? 20000 : 40000;
	}
	for (int y = 0; y < 9; y++) {
		sharpen_put(sharpen, row);
		while (sharpen_take(sharpen, out)) {
			assert_int_equal(out[0], 20000);
			assert_int_equal(out[15], 40000);
			contrast = out[8] - out[7];
			done++;
		}
	}
	assert_int_equal(done, 9);
	sharpen_destroy(sharpen);
	return contrast;
}

static void sharpening_grows_with_the_policy(void **state)
{
	(void)state;
	assert_int_equal(edge_contrast(0), 20000);
	/* blurred edge: 5/16 and 11/16 of the step; detail 5/16 × 20000 on either side */
	assert_int_equal(edge_contrast(100), 20000 + 2 * 6250);
	assert_true(edge_contrast(50) > 20000 && edge_contrast(50) < edge_contrast(100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resizer_is_lanczos3),
		cmocka_unit_test(flat_colour_stays_flat),
		cmocka_unit_test(inks_are_sharpened_each_by_itself),
		cmocka_unit_test(sharpening_grows_with_the_policy),
	};
	return cmocka_run_group_tests_name("render/stages", tests, NULL, NULL);
}
