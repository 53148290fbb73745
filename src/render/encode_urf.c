/* SPDX-License-Identifier: Apache-2.0
 *
 * Apple raster ("URF"), the one raster of many photo printers: a mark, the number of pages, 32
 * bytes of head, rows packed as in PWG raster. As CUPS reads and writes it.
 */
#include "render/encode.h"

#define HEAD_BYTES   32
#define ONE_SIDED    1
#define QUALITY_HIGH 5

enum head_field { /* offsets */
	AT_BITS = 0,
	AT_COLOUR_SPACE = 1,
	AT_SIDES = 2,
	AT_QUALITY = 3,
	AT_WIDTH = 12,
	AT_HEIGHT = 16,
	AT_RESOLUTION = 20,
};

static void put32(unsigned char *at, int32_t value)
{
	for (int i = 0; i < 4; i++) {
		at[i] = (unsigned char)((uint32_t)value >> (24 - 8 * i));
	}
}

static unsigned char colour_space(int channels)
{
	enum { SGRAY = 0, SRGB = 1, CMYK = 6 };
	return channels == 1 ? SGRAY : channels == 3 ? SRGB : CMYK;
}

bool urf_begin(struct sink *sink, const struct encode_shape *shape, struct err *err)
{
	static const unsigned char mark[] = {'U', 'N', 'I', 'R', 'A', 'S', 'T', 0, 0, 0, 0, 1};
	unsigned char head[HEAD_BYTES] = {0};
	if (shape->x_dpi != shape->y_dpi) {
		return err_set(err, REMEDY_ATTEND, "model",
			"%d x %d dpi can't be said in URF: put pwg first in the model's formats",
			(int)shape->x_dpi, (int)shape->y_dpi);
	}
	head[AT_BITS] = (unsigned char)(8 * shape->channels);
	head[AT_COLOUR_SPACE] = colour_space(shape->channels);
	head[AT_SIDES] = ONE_SIDED;
	head[AT_QUALITY] = QUALITY_HIGH;
	put32(head + AT_WIDTH, shape->width_px);
	put32(head + AT_HEIGHT, shape->height_px);
	put32(head + AT_RESOLUTION, shape->x_dpi);
	return sink_add(sink, mark, sizeof mark, err) && sink_add(sink, head, sizeof head, err);
}
