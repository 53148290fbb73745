/* SPDX-License-Identifier: Apache-2.0
 *
 * The resizer. Down first, over a ring of source rows, then across. Samples are kept as int16
 * (their 16 bits less 32768): int16 × int16 into int32 is what vector units do best, and Σ|weight|
 * of Lanczos3 stays under 2, so 32 bits hold any sum.
 */
#include "render/resize.h"
#include "base/mem.h"
#include "render/hot.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOBES       3
#define WEIGHT_BITS 14
#define WEIGHT_ONE  (1 << WEIGHT_BITS)
#define LANES       16   /* weights come in multiples of it, the rest zero */
#define BLOCK       1024 /* samples resized down at once: their sums stay in the nearest cache */

struct taps {             /* the weights of each place of one direction */
	int32_t n;        /* places */
	int32_t most;     /* of them at one place */
	size_t stride;    /* of weights: most, rounded up to LANES */
	int32_t *first;   /* [n]: the first source place */
	int32_t *count;   /* [n] */
	int16_t *weights; /* [n × stride] */
};

struct resize {
	struct resize_shape shape;
	struct taps down, across;
	size_t row_samples; /* of the window */
	int16_t *ring;      /* down.most rows */
	int32_t put, taken;
	int16_t *between; /* one window row, resized down */
	int16_t *planes;  /* the same, channel by channel, each with LANES to spare */
	size_t plane;     /* samples from one to the next */
};

static double lanczos(double x)
{
	if (x == 0) {
		return 1;
	}
	if (x <= -LOBES || x >= LOBES) {
		return 0;
	}
	double angle = M_PI * x;
	return LOBES * sin(angle) * sin(angle / LOBES) / (angle * angle);
}

/* One place's weights, rounded so that they add up to exactly one: a flat field stays as it is.
 * What would reach past the edge counts for the edge itself. */
static void weigh(struct taps *taps, int32_t place, double scale, int32_t from)
{
	double reach = scale > 1 ? LOBES * scale : LOBES;
	double middle = (place + 0.5) * scale - 0.5;
	int32_t low = (int32_t)ceil(middle - reach);
	int32_t high = (int32_t)floor(middle + reach);
	int32_t first = low < 0 ? 0 : low;
	int32_t last = high > from - 1 ? from - 1 : high;
	double sum = 0;
	double *exact = mem_new((size_t)(last - first + 1), sizeof *exact);
	for (int32_t i = low; i <= high; i++) {
		double weight = lanczos((i - middle) / (scale > 1 ? scale : 1));
		int32_t at = i < first ? first : i > last ? last : i;
		exact[at - first] += weight;
		sum += weight;
	}
	int16_t *weights = taps->weights + (size_t)place * taps->stride;
	int32_t total = 0;
	int32_t peak = 0;
	for (int32_t i = 0; i <= last - first; i++) {
		weights[i] = (int16_t)lround(exact[i] / sum * WEIGHT_ONE);
		total += weights[i];
		peak = weights[i] > weights[peak] ? i : peak;
	}
	weights[peak] = (int16_t)(weights[peak] + WEIGHT_ONE - total);
	taps->first[place] = first;
	taps->count[place] = last - first + 1;
	free(exact);
}

static void taps_init(struct taps *taps, int32_t from, int32_t to)
{
	double scale = (double)from / to;
	int32_t most = 2 * (int32_t)ceil(LOBES * (scale > 1 ? scale : 1)) + 1;
	taps->n = to;
	taps->most = most > from ? from : most;
	taps->stride = ((size_t)taps->most + LANES - 1) / LANES * LANES;
	taps->first = mem_new((size_t)to, sizeof *taps->first);
	taps->count = mem_new((size_t)to, sizeof *taps->count);
	taps->weights = mem_new((size_t)to * taps->stride, sizeof *taps->weights);
	for (int32_t i = 0; i < to; i++) {
		weigh(taps, i, scale, from);
	}
}

static void taps_fini(struct taps *taps)
{
	free(taps->first);
	free(taps->count);
	free(taps->weights);
}

struct resize *resize_create(const struct resize_shape *shape)
{
	struct resize *resize = mem_new(1, sizeof *resize);
	resize->shape = *shape;
	taps_init(&resize->down, shape->from_height, shape->to_height);
	taps_init(&resize->across, shape->from_width, shape->to_width);
	resize->row_samples = (size_t)shape->from_width * (size_t)shape->channels;
	resize->ring =
		mem_new(resize->row_samples * (size_t)resize->down.most, sizeof *resize->ring);
	resize->between = mem_new(resize->row_samples, sizeof *resize->between);
	resize->plane = (size_t)shape->from_width + LANES;
	resize->planes = mem_new(resize->plane * (size_t)shape->channels, sizeof *resize->planes);
	return resize;
}

void resize_destroy(struct resize *resize)
{
	if (resize == NULL) {
		return;
	}
	taps_fini(&resize->down);
	taps_fini(&resize->across);
	free(resize->ring);
	free(resize->between);
	free(resize->planes);
	free(resize);
}

static int16_t *ring_row(const struct resize *resize, int32_t y)
{
	return resize->ring + (size_t)(y % resize->down.most) * resize->row_samples;
}

hot static void shift(const uint16_t *restrict from, int16_t *restrict to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i] = (int16_t)(from[i] ^ 0x8000);
	}
}

void resize_put(struct resize *resize, const uint16_t *row)
{
	shift(row, ring_row(resize, resize->put++), resize->row_samples);
}

static inline int16_t round_sum(int32_t sum)
{
	int32_t value = (sum + WEIGHT_ONE / 2) >> WEIGHT_BITS;
	value = value < INT16_MIN ? INT16_MIN : value;
	return (int16_t)(value > INT16_MAX ? INT16_MAX : value);
}

/* Two rows at a time: half the passes over the sums. */
hot static void add_rows(int32_t *restrict sums, const int16_t *restrict upper,
	const int16_t *restrict lower, const int16_t weights[2], size_t n)
{
	int16_t first = weights[0];
	int16_t second = weights[1];
	for (size_t i = 0; i < n; i++) {
		sums[i] += upper[i] * first + lower[i] * second;
	}
}

hot static void round_sums(const int32_t *restrict sums, int16_t *restrict to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i] = round_sum(sums[i]);
	}
}

static void resize_down(struct resize *resize, int32_t place)
{
	const struct taps *taps = &resize->down;
	const int16_t *weights = taps->weights + (size_t)place * taps->stride;
	int32_t first = taps->first[place];
	int32_t n = taps->count[place];
	for (size_t at = 0; at < resize->row_samples; at += BLOCK) {
		int32_t sums[BLOCK] = {0};
		size_t left = resize->row_samples - at;
		size_t samples = left < BLOCK ? left : BLOCK;
		for (int32_t i = 0; i < n; i += 2) {
			/* an odd one's partner has the weight zero: weights are padded */
			int32_t partner = i + 1 < n ? i + 1 : i;
			add_rows(sums, ring_row(resize, first + i) + at,
				ring_row(resize, first + partner) + at, weights + i, samples);
		}
		round_sums(sums, resize->between + at, samples);
	}
}

hot static void split_4(const int16_t *restrict from, int16_t *restrict to, size_t plane, int32_t n)
{
	for (int32_t x = 0; x < n; x++) {
		for (int32_t i = 0; i < 4; i++) {
			to[(size_t)i * plane + (size_t)x] = from[4 * x + i];
		}
	}
}

hot static void split_3(const int16_t *restrict from, int16_t *restrict to, size_t plane, int32_t n)
{
	for (int32_t x = 0; x < n; x++) {
		to[x] = from[3 * x];
		to[plane + (size_t)x] = from[3 * x + 1];
		to[2 * plane + (size_t)x] = from[3 * x + 2];
	}
}

/* Whole vectors of weights; those past the last tap are zero, and there is a sample to each. */
hot static void across(const struct taps *restrict taps, const int16_t *restrict plane,
	uint16_t *restrict to, size_t step)
{
	for (int32_t x = 0; x < taps->n; x++) {
		const int16_t *from = plane + taps->first[x];
		const int16_t *weights = taps->weights + (size_t)x * taps->stride;
		size_t n = ((size_t)taps->count[x] + LANES - 1) / LANES * LANES;
		int32_t sum = 0;
		for (size_t i = 0; i < n; i += LANES) {
			for (size_t lane = 0; lane < LANES; lane++) {
				sum += from[i + lane] * weights[i + lane];
			}
		}
		to[(size_t)x * step] = (uint16_t)(round_sum(sum) ^ 0x8000);
	}
}

static void resize_across(const struct resize *resize, uint16_t *row)
{
	size_t channels = (size_t)resize->shape.channels;
	if (channels == 1) {
		memcpy(resize->planes, resize->between,
			resize->row_samples * sizeof *resize->between);
	} else {
		(channels == 3 ? split_3 : split_4)(
			resize->between, resize->planes, resize->plane, resize->shape.from_width);
	}
	for (size_t i = 0; i < channels; i++) {
		across(&resize->across, resize->planes + i * resize->plane, row + i, channels);
	}
}

bool resize_take(struct resize *resize, uint16_t *row)
{
	const struct taps *taps = &resize->down;
	int32_t place = resize->taken;
	if (place >= taps->n || resize->put < taps->first[place] + taps->count[place]) {
		return false;
	}
	resize_down(resize, place);
	resize_across(resize, row);
	resize->taken++;
	return true;
}
