/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages as our own render process writes them, of pixels that a test knows.
 */
#pragma once
#include "drivers/driver.h"

/* Pixels of a photo's kind: noise, flat parts, equal rows. The caller's to free. */
uint8_t *page_pixels(int32_t width_px, int32_t height_px, uint32_t seed);
/* These pixels as PWG raster at 300 dpi, in an unlinked file: fd, bytes, format and sizes are
 * filled in, the media stays as it was. */
void page_make(struct document *document, const uint8_t *rgb, int32_t width_px, int32_t height_px);
