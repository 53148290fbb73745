/* SPDX-License-Identifier: Apache-2.0
 *
 * The piece of media that a print takes: a sheet as it is, or so much of a roll. On it lies the
 * block: the finished print, or several of them side by side.
 */
#pragma once
#include "rules/catalog.h"

struct sheet {
	int32_t width_hmm, height_hmm; /* as it goes through the printer */
	bool lies;                     /* the block's height runs across the roll, to save paper */
};

/* The finished prints of one sheet, with the gaps between them. */
void product_block(const struct product *product, int32_t *width_hmm, int32_t *height_hmm);
int32_t product_tiles(const struct product *product); /* how many; 1.. */
/* Whether the block has room on a sheet of that media; the printer's margins aside. */
bool media_has_room(const struct media *media, const struct product *product);
/* docs/rendering.md, "Sheets of a roll". */
struct sheet sheet_of(
	const struct product *product, const struct media *media, const struct model_media *on);
/* Whether cut marks are wanted there. */
bool sheet_is_marked(const struct product *product, const struct model_media *on);
