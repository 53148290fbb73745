/* SPDX-License-Identifier: Apache-2.0
 *
 * Unsharp masking of the luma, row by row, two rows behind. All channels move by the same step, and
 * inks by the same factor, so colours keep their hue.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct sharpen;

/* percent 0 hands rows on as they are. channels: 1, 3, 4 (CMYK). */
struct sharpen *sharpen_create(int32_t width, int32_t height, int channels, int32_t percent);
void sharpen_destroy(struct sharpen *sharpen);
void sharpen_put(struct sharpen *sharpen, const uint16_t *row);
/* The next finished row; false when more has to be put. */
bool sharpen_take(struct sharpen *sharpen, uint16_t *row);
