/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of 16-bit samples out of a picture, top row as stored first: what libvips is used for. Alpha
 * is laid on paper white. Nothing is turned, resized or converted here; only a HEIC's turns, which
 * are part of its coding, are done by its decoder.
 */
#pragma once
#include "render/probe.h"

struct decoder;

/* Starts libvips with only the readers of our formats and opens a tiny picture of each, so that a
 * forked child finds everything in place. The process stays at one thread: WebP and HEIC, whose
 * decoders start some, are opened only. */
must_use bool decoder_warm(const char *program, struct err *err);
/* "vips/8.14.1" of the library at hand. */
void decoder_version(char *text, size_t size);

/* `file` must stay; NULL and REJECT when it can't be read as the probe says. */
struct decoder *decoder_open(struct bytes file, const struct probe *probe, struct err *err);
void decoder_close(struct decoder *decoder);
int decoder_channels(const struct decoder *decoder); /* of the rows: 1, 3, 4 (CMYK) */
bool decoder_has_alpha(const struct decoder *decoder);
/* The embedded profile, borrowed; len 0 when there is none. */
struct bytes decoder_profile(const struct decoder *decoder);
/* The next row; width × channels samples. REJECT, "asset-damaged", where the file is damaged. */
must_use bool decoder_row(struct decoder *decoder, uint16_t *row, struct err *err);
