/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a rendered page back, for languages that want plain pixels: one page of PWG raster (PWG
 * 5102.4) in 24-bit sRGB, row by row from the top. It was made by our own render process, which had
 * seen hostile bytes: nothing in it is believed before it was checked, and nothing is read or
 * written beyond what its head promised.
 *
 * Failures: REDO "raster-damaged" (not what we render), REDO "raster-unreadable" (the file is cut
 * off or can't be read), REJECT "raster-format" (a sound page, but not of one layer of 8-bit sRGB).
 * The texts don't name the printer: callers put it before them (err_wrap).
 */
#pragma once
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

#define PWG_SIDE_MAX    30000
#define PWG_PIXEL_BYTES 3
#define PWG_HEAD_BYTES  1800 /* with the four of the sync word */

struct pwg_page {
	int32_t width_px, height_px;
	int32_t x_dpi, y_dpi;
};

struct pwg_read;

/* Reads the head. A descriptor stays the caller's, as does its offset; memory must stay as long as
 * the reader. NULL and err on failure. */
struct pwg_read *pwg_read_open(int fd, int64_t n_bytes, struct pwg_page *page, struct err *err);
struct pwg_read *pwg_read_open_memory(
	const void *bytes, size_t n_bytes, struct pwg_page *page, struct err *err);
/* The next row: width_px × 3 bytes, R G B. Only height_px times. */
must_use bool pwg_read_row(struct pwg_read *reader, uint8_t *rgb, struct err *err);
/* After the last row: the page is whole, and nothing follows it. */
must_use bool pwg_read_end(struct pwg_read *reader, struct err *err);
void pwg_read_close(struct pwg_read *reader); /* NULL is none */
