/* SPDX-License-Identifier: Apache-2.0
 *
 * Cut marks: hairlines on the paper around the finished prints, in line with their edges.
 */
#pragma once
#include "render/plan.h"
#include <stddef.h>

#define MARKS_MAX 160 /* 20 prints × 2 edges × both ends, across and down */

struct marks {
	int n;
	struct rect line[MARKS_MAX];
};

/* None where the recipe has none. */
void marks_init(struct marks *marks, const struct recipe *recipe);
/* What of them is in row `y` of the page: black, in 1, 3 or 4 channels. */
void marks_draw(const struct marks *marks, int32_t y, uint8_t *row, size_t channels);
