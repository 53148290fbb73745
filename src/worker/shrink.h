/* SPDX-License-Identifier: Apache-2.0
 *
 * A rendered page, PWG or Apple raster or JPEG, as a small picture: each pixel the mean of a
 * square.
 */
#pragma once
#include "render/probe.h"

struct small {
	int32_t width_px, height_px;
	uint8_t *rgb; /* the caller's to free */
};

/* No side longer than side_px. REDO, "raster-damaged", when the file is not what we render. */
must_use bool shrink(struct bytes file, int32_t side_px, struct small *small, struct err *err);
