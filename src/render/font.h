/* SPDX-License-Identifier: Apache-2.0
 *
 * The doorman of FreeType: one line of text as coverage. The font is read before any photo is
 * touched; setting a line opens nothing. Without hinting and in whole numbers, so that the same
 * font and FreeType make the same bytes on every machine.
 */
#pragma once
#include "wire/recipe.h"

struct font;

/* REJECT, "label-font", with what to install. */
struct font *font_open(const char *path, struct err *err);
void font_close(struct font *font);
/* "DejaVuSansMono SHA-256 freetype/2.12.1": what decides the shapes. Part of recipes. */
const char *font_identity(const struct font *font);

struct lettering {      /* a label's box on the page: 0 is paper, 255 ink */
	uint8_t *cover; /* width × height; free it */
	int32_t x, y, width, height;
	bool shortened; /* it did not fit and ends in an ellipsis */
	int32_t boxes;  /* characters that can't be set: each a box */
};

/* RETRY when there is not enough memory. */
must_use bool font_set_label(const struct font *font, const struct recipe *recipe,
	struct lettering *lettering, struct err *err);
