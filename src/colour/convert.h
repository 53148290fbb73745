/* SPDX-License-Identifier: Apache-2.0
 *
 * From a picture's colours to a printer's: one transform of Little CMS, 16 bits in and out, with
 * its own context and no global state. Set up once per picture.
 */
#pragma once
#include "base/err.h"
#include "rules/catalog.h"
#include <stddef.h>
#include <stdint.h>

struct convert_end { /* one profile; for the source already through the gate */
	const void *bytes;
	size_t len;
};

struct convert_policy {
	enum intent intent;
	bool black_point;
};

struct convert;

/* channels: 1, 3 or 4 (CMYK), of the source. REJECT, "colour-source": the source profile is of no
 * use (the caller then assumes sRGB); ATTEND, "colour-device": the printer's profile isn't. */
struct convert *convert_create(const struct convert_end *source, int channels,
	const struct convert_end *device, const struct convert_policy *policy, struct err *err);
void convert_destroy(struct convert *convert);
/* Of the printer's colours: 1, 3 or 4, as its profile says. */
int convert_device_channels(const struct convert *convert);
/* n pixels of the picture's channels to n pixels of the printer's. */
void convert_row(const struct convert *convert, const uint16_t *from, uint16_t *to, size_t n);
/* The source profile alone: opens, keeps greys in order. `title` gets its description, escaped. */
must_use bool convert_try_source(const struct convert_end *source, int channels, char *title,
	size_t title_size, struct err *err);
/* "lcms2/2.14" of the library at hand. */
void convert_version(char *text, size_t size);
