/* SPDX-License-Identifier: Apache-2.0
 *
 * The page: finished device rows of the picture, in the order they come, become whole rows of the
 * page from the top, turned, with paper white around and the label on that.
 */
#pragma once
#include "render/encode.h"
#include "render/font.h"
#include "render/plan.h"

struct page;

/* `label` (NULL: none) is borrowed; it stands on paper white, beside the picture's box. */
struct page *page_create(const struct recipe *recipe, const struct plan *plan, int channels,
	const struct lettering *label, struct encoder *encoder);
void page_destroy(struct page *page);
/* The next row of the reduced picture: `channels` samples of 8 bits for each pixel. */
must_use bool page_row(struct page *page, const uint8_t *pixels, struct err *err);
/* After the last row. `sha256` is of the page's pixels, before encoding. */
must_use bool page_finish(struct page *page, char sha256[HASH_HEX_MAX], struct err *err);
