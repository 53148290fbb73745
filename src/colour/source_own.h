/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the files that make the assumed profiles.
 */
#pragma once
#include "colour/source.h"
#include <lcms2.h>

void source_describe(cmsContext context, cmsHPROFILE profile, const char *title);
/* NULL when Little CMS can't. */
cmsHPROFILE source_make_cmyk(cmsContext context);
