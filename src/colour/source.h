/* SPDX-License-Identifier: Apache-2.0
 *
 * The profiles assumed for pictures that bring none of their own, made by Little CMS and written
 * without a date, so that they are the same bytes, with the same hash, everywhere.
 */
#pragma once
#include "base/buf.h"

enum source_space {
	SOURCE_SPACE_SRGB,
	SOURCE_SPACE_ADOBE_RGB,
	SOURCE_SPACE_DISPLAY_P3,
	SOURCE_SPACE_CMYK /* coated offset, by its solids (source_cmyk.c) */
};

/* An ICC profile (version 2) of that space. FATAL when Little CMS can't make it. */
must_use bool source_make(enum source_space space, struct buf *profile, struct err *err);
