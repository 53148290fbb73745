/* SPDX-License-Identifier: Apache-2.0
 *
 * The resizer. Down first, over a ring of source rows, then across. Samples are kept as int16
 * (their 16 bits less 32768): int16 × int16 into int32 is what vector units do best, and Σ|weight|
 * of Lanczos3 stays under 2, so 32 bits hold any sum.
 */
#include "render/resize.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOBES       3
#define WEIGHT_BITS 14
#define WEIGHT_ONE  (1 << WEIGHT_BITS)

struct taps {             /* the weights of each place of one direction */
	int32_t n;        /* places */
	int32_t most;     /* the stride of weights */
	int32_t *first;   /* [n]: the first source place */
	int32_t *count;   /* [n] */
	int16_t *weights; /* [n × most] */
};

struct resize {
	struct resize_shape shape;
	struct taps down, across;
	size_t row_samples; /* of the window */
	int16_t *ring;      /* down.most rows */
	int32_t put, taken;
	int32_t *sums;    /* one window row */
	int16_t *between; /* one window row, resized down */
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
	int16_t *weights = taps->weights + (size_t)place * (size_t)taps->most;
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
	taps->first = mem_new((size_t)to, sizeof *taps->first);
	taps->count = mem_new((size_t)to, sizeof *taps->count);
	taps->weights = mem_new((size_t)to * (size_t)taps->most, sizeof *taps->weights);
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
	resize->sums = mem_new(resize->row_samples, sizeof *resize->sums);
	resize->between = mem_new(resize->row_samples, sizeof *resize->between);
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
	free(resize->sums);
	free(resize->between);
	free(resize);
}

static int16_t *ring_row(const struct resize *resize, int32_t y)
{
	return resize->ring + (size_t)(y % resize->down.most) * resize->row_samples;
}

void resize_put(struct resize *resize, const uint16_t *row)
{
	int16_t *to = ring_row(resize, resize->put++);
	for (size_t i = 0; i < resize->row_samples; i++) {
		to[i] = (int16_t)(row[i] ^ 0x8000);
	}
}

static int16_t round_sum(int32_t sum)
{
	int32_t value = (sum + WEIGHT_ONE / 2) >> WEIGHT_BITS;
	value = value < INT16_MIN ? INT16_MIN : value;
	return (int16_t)(value > INT16_MAX ? INT16_MAX : value);
}

static void add_row(int32_t *restrict sums, const int16_t *restrict row, int16_t weight, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sums[i] += row[i] * weight;
	}
}

/* Two rows at a time: half the passes over the sums. */
static void add_rows(int32_t *restrict sums, const int16_t *restrict upper,
	const int16_t *restrict lower, const int16_t weights[2], size_t n)
{
	int16_t first = weights[0];
	int16_t second = weights[1];
	for (size_t i = 0; i < n; i++) {
		sums[i] += upper[i] * first + lower[i] * second;
	}
}

static void resize_down(struct resize *resize, int32_t place)
{
	const struct taps *taps = &resize->down;
	const int16_t *weights = taps->weights + (size_t)place * (size_t)taps->most;
	int32_t first = taps->first[place];
	int32_t n = taps->count[place];
	size_t samples = resize->row_samples;
	memset(resize->sums, 0, samples * sizeof *resize->sums);
	int32_t i = 0;
	for (; i + 1 < n; i += 2) {
		add_rows(resize->sums, ring_row(resize, first + i), ring_row(resize, first + i + 1),
			weights + i, samples);
	}
	if (i < n) {
		add_row(resize->sums, ring_row(resize, first + i), weights[i], samples);
	}
	for (size_t at = 0; at < samples; at++) {
		resize->between[at] = round_sum(resize->sums[at]);
	}
}

static void across_grey(const struct resize *resize, uint16_t *row)
{
	const struct taps *taps = &resize->across;
	for (int32_t x = 0; x < taps->n; x++) {
		const int16_t *from = resize->between + taps->first[x];
		const int16_t *weights = taps->weights + (size_t)x * (size_t)taps->most;
		int32_t sum = 0;
		for (int32_t i = 0; i < taps->count[x]; i++) {
			sum += from[i] * weights[i];
		}
		row[x] = (uint16_t)(round_sum(sum) ^ 0x8000);
	}
}

static void across_rgb(const struct resize *resize, uint16_t *row)
{
	const struct taps *taps = &resize->across;
	for (int32_t x = 0; x < taps->n; x++, row += 3) {
		const int16_t *from = resize->between + (size_t)taps->first[x] * 3;
		const int16_t *weights = taps->weights + (size_t)x * (size_t)taps->most;
		int32_t red = 0;
		int32_t green = 0;
		int32_t blue = 0;
		for (int32_t i = 0; i < taps->count[x]; i++, from += 3) {
			red += from[0] * weights[i];
			green += from[1] * weights[i];
			blue += from[2] * weights[i];
		}
		row[0] = (uint16_t)(round_sum(red) ^ 0x8000);
		row[1] = (uint16_t)(round_sum(green) ^ 0x8000);
		row[2] = (uint16_t)(round_sum(blue) ^ 0x8000);
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
	(resize->shape.channels == 1 ? across_grey : across_rgb)(resize, row);
	resize->taken++;
	return true;
}
