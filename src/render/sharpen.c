/* SPDX-License-Identifier: Apache-2.0
 *
 * The sharpener: luma less its blur (binomial, five by five, about 1 pixel wide), times the
 * policy's strength, added to every channel. Of inks the luma is what they cover, and they are
 * scaled to what they should.
 */
#include "render/sharpen.h"
#include "base/mem.h"
#include "render/hot.h"
#include <stdlib.h>
#include <string.h>

#define REACH 2
#define ROWS  (2 * REACH + 1)
#define BLUR  16 /* 1 4 6 4 1, either way */

struct sharpen {
	int32_t width, height;
	int channels;
	int32_t percent;
	int32_t put, taken;
	uint16_t *rows; /* ROWS rows as they came */
	uint16_t *luma; /* ROWS rows */
	int32_t *blur;  /* ROWS rows, blurred across, × BLUR */
};

struct sharpen *sharpen_create(int32_t width, int32_t height, int channels, int32_t percent)
{
	struct sharpen *sharpen = mem_new(1, sizeof *sharpen);
	*sharpen = (struct sharpen){
		.width = width, .height = height, .channels = channels, .percent = percent};
	size_t samples = (size_t)width * ROWS;
	sharpen->rows = mem_new(samples * (size_t)channels, sizeof *sharpen->rows);
	sharpen->luma = mem_new(samples, sizeof *sharpen->luma);
	sharpen->blur = mem_new(samples, sizeof *sharpen->blur);
	return sharpen;
}

void sharpen_destroy(struct sharpen *sharpen)
{
	if (sharpen == NULL) {
		return;
	}
	free(sharpen->rows);
	free(sharpen->luma);
	free(sharpen->blur);
	free(sharpen);
}

/* Inks' darkness: what the three cover, and what black covers of the rest. */
static void find_darkness(const uint16_t *row, uint16_t *luma, int32_t n)
{
	for (int32_t x = 0; x < n; x++, row += 4) {
		uint32_t light = 65535 - ((row[0] * UINT32_C(13933) + row[1] * UINT32_C(46871) +
						  row[2] * UINT32_C(4732)) >>
						 16);
		luma[x] = (uint16_t)(65535 - light * (65535U - row[3]) / 65535);
	}
}

/* Rec. 709's weights in 16 bits; they add up to 65536. */
hot static void find_luma(const uint16_t *row, uint16_t *luma, int32_t n, int channels)
{
	if (channels == 1) {
		memcpy(luma, row, (size_t)n * sizeof *luma);
		return;
	}
	if (channels == 4) {
		find_darkness(row, luma, n);
		return;
	}
	for (int32_t x = 0; x < n; x++, row += 3) {
		luma[x] = (uint16_t)((row[0] * UINT32_C(13933) + row[1] * UINT32_C(46871) +
					     row[2] * UINT32_C(4732)) >>
				     16);
	}
}

static int32_t luma_at(const uint16_t *luma, int32_t n, int32_t x)
{
	return luma[x < 0 ? 0 : x >= n ? n - 1 : x];
}

static int32_t blur_edge(const uint16_t *luma, int32_t n, int32_t x)
{
	return luma_at(luma, n, x - 2) + luma_at(luma, n, x + 2) +
	       4 * (luma_at(luma, n, x - 1) + luma_at(luma, n, x + 1)) + 6 * luma[x];
}

hot static void blur_across(const uint16_t *luma, int32_t *blur, int32_t n)
{
	for (int32_t x = 0; x < n && x < REACH; x++) {
		blur[x] = blur_edge(luma, n, x);
	}
	for (int32_t x = REACH; x < n - REACH; x++) {
		blur[x] = luma[x - 2] + luma[x + 2] + 4 * (luma[x - 1] + luma[x + 1]) + 6 * luma[x];
	}
	for (int32_t x = n - REACH < REACH ? REACH : n - REACH; x < n; x++) {
		blur[x] = blur_edge(luma, n, x);
	}
}

void sharpen_put(struct sharpen *sharpen, const uint16_t *row)
{
	size_t slot = (size_t)(sharpen->put++ % ROWS);
	size_t width = (size_t)sharpen->width;
	size_t samples = width * (size_t)sharpen->channels;
	memcpy(sharpen->rows + slot * samples, row, samples * sizeof *row);
	if (sharpen->percent > 0) {
		uint16_t *luma = sharpen->luma + slot * width;
		find_luma(row, luma, sharpen->width, sharpen->channels);
		blur_across(luma, sharpen->blur + slot * width, sharpen->width);
	}
}

static uint16_t clamp(int32_t value)
{
	return (uint16_t)(value < 0 ? 0 : value > 65535 ? 65535 : value);
}

static const int32_t *blur_row(const struct sharpen *sharpen, int32_t y)
{
	int32_t inside = y < 0 ? 0 : y >= sharpen->height ? sharpen->height - 1 : y;
	return sharpen->blur + (size_t)(inside % ROWS) * (size_t)sharpen->width;
}

/* detail × percent / 100, where detail is 256 times luma − blur */
static int32_t step_of(int32_t luma, int32_t blur, int32_t percent)
{
	int64_t detail = (int64_t)luma * BLUR * BLUR - blur;
	return (int32_t)(detail * percent / (BLUR * BLUR * 100));
}

/* All inks by the same factor: the colour keeps its hue, and none appears where there was none. */
static void scale_inks(const uint16_t *from, uint16_t *to, int32_t luma, int32_t step)
{
	int64_t wanted = luma + step < 0 ? 0 : luma + step;
	for (int i = 0; i < 4; i++) {
		int64_t ink = luma == 0 ? from[i] : from[i] * wanted / luma;
		to[i] = ink > 65535 ? 65535 : (uint16_t)ink;
	}
}

static void sharpen_row(const struct sharpen *sharpen, const uint16_t *from, uint16_t *to)
{
	int32_t y = sharpen->taken;
	const int32_t *far_up = blur_row(sharpen, y - 2);
	const int32_t *up = blur_row(sharpen, y - 1);
	const int32_t *here = blur_row(sharpen, y);
	const int32_t *down = blur_row(sharpen, y + 1);
	const int32_t *far_down = blur_row(sharpen, y + 2);
	const uint16_t *luma = sharpen->luma + (size_t)(y % ROWS) * (size_t)sharpen->width;
	for (int32_t x = 0; x < sharpen->width; x++) {
		int32_t blur = far_up[x] + far_down[x] + 4 * (up[x] + down[x]) + 6 * here[x];
		int32_t step = step_of(luma[x], blur, sharpen->percent);
		if (sharpen->channels == 4) {
			scale_inks(from, to, luma[x], step);
			from += 4;
			to += 4;
			continue;
		}
		for (int i = 0; i < sharpen->channels; i++) {
			*to++ = clamp(*from++ + step);
		}
	}
}

bool sharpen_take(struct sharpen *sharpen, uint16_t *row)
{
	int32_t y = sharpen->taken;
	int32_t need = sharpen->percent == 0 ? y : y + REACH;
	need = need > sharpen->height - 1 ? sharpen->height - 1 : need;
	if (y >= sharpen->height || sharpen->put <= need) {
		return false;
	}
	size_t samples = (size_t)sharpen->width * (size_t)sharpen->channels;
	const uint16_t *from = sharpen->rows + (size_t)(y % ROWS) * samples;
	if (sharpen->percent == 0) {
		memcpy(row, from, samples * sizeof *row);
	} else {
		sharpen_row(sharpen, from, row);
	}
	sharpen->taken++;
	return true;
}
