/* SPDX-License-Identifier: Apache-2.0
 *
 * Where every pixel goes, worked out before any is read: docs/rendering.md's geometry rule in whole
 * numbers. Pure.
 */
#pragma once
#include "wire/recipe.h"

struct turn {                /* where a turned picture's pixel comes from */
	bool swap;           /* its x walks the source's rows */
	bool flip_x, flip_y; /* the source's columns, rows are walked backwards */
};

struct rect {
	int32_t x, y, width, height;
};

struct plan {
	struct rect window;                    /* of the stored picture: what is printed */
	int32_t reduced_width, reduced_height; /* the window after resizing, not turned yet */
	struct turn turn;                      /* from there to the page */
	struct rect place;                     /* on the page */
	int32_t effective_ppi;
};

/* stored: the picture's size in the file; orientation as in EXIF. */
void plan_make(const struct recipe *recipe, int32_t stored_width, int32_t stored_height,
	int32_t orientation, struct plan *plan);
/* EXIF's turn, and whether it exchanges width and height. */
struct turn turn_of_orientation(int32_t orientation);
