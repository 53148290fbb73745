/* SPDX-License-Identifier: Apache-2.0
 *
 * Lanczos3, both ways, row by row: a window of a picture to another size. Whole numbers only, with
 * weights of 14 bits between samples of 16, so the same bytes come out everywhere. It works on the
 * samples as encoded (gamma light), as docs/rendering.md says. The finished rows are handed on as
 * soon as their last source row is there; only the rows in between are kept.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct resize_shape {
	int channels;
	int32_t from_width, from_height, to_width, to_height;
};

struct resize;

struct resize *resize_create(const struct resize_shape *shape);
void resize_destroy(struct resize *resize);
/* The next row of the window. Take all finished rows before the next put. */
void resize_put(struct resize *resize, const uint16_t *row);
/* The next finished row; false when more has to be put. */
bool resize_take(struct resize *resize, uint16_t *row);
