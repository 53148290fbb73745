/* SPDX-License-Identifier: Apache-2.0
 *
 * Making the assumed source profiles from their published primaries and curves.
 */
#include "colour/source_own.h"
#include <string.h>

#define DATE_AT    24
#define DATE_BYTES 12

struct space {
	const char *title;
	cmsCIExyYTRIPLE primaries;
	cmsInt32Number curve; /* of lcms2: 4 = the sRGB formula, 1 = a plain power */
	cmsFloat64Number numbers[5];
};

#define SRGB_CURVE                                                                                 \
	4,                                                                                         \
	{                                                                                          \
		2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045                                  \
	}

static const struct space spaces[] = {
	[SOURCE_SPACE_SRGB] = {"sRGB", {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}},
		SRGB_CURVE},
	[SOURCE_SPACE_ADOBE_RGB] = {"Adobe RGB (1998) compatible",
		{{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}}, 1, {2.19921875}},
	[SOURCE_SPACE_DISPLAY_P3] = {"Display P3 compatible",
		{{0.68, 0.32, 1}, {0.265, 0.69, 1}, {0.15, 0.06, 1}}, SRGB_CURVE},
};

void source_describe(cmsContext context, cmsHPROFILE profile, const char *title)
{
	cmsMLU *text = cmsMLUalloc(context, 1);
	if (text != NULL) {
		cmsMLUsetASCII(text, "en", "US", title);
		cmsWriteTag(profile, cmsSigProfileDescriptionTag, text);
		cmsMLUfree(text);
	}
}

static cmsHPROFILE make(cmsContext context, const struct space *space)
{
	cmsCIExyY white = {0.3127, 0.3290, 1};
	cmsToneCurve *curve = cmsBuildParametricToneCurve(context, space->curve, space->numbers);
	if (curve == NULL) {
		return NULL;
	}
	cmsToneCurve *curves[] = {curve, curve, curve};
	cmsHPROFILE profile = cmsCreateRGBProfileTHR(context, &white, &space->primaries, curves);
	cmsFreeToneCurve(curve);
	if (profile != NULL) {
		cmsSetProfileVersion(profile, 2.1);
		source_describe(context, profile, space->title);
	}
	return profile;
}

static bool save(cmsHPROFILE profile, struct buf *to)
{
	cmsUInt32Number size = 0;
	if (!cmsSaveProfileToMem(profile, NULL, &size)) {
		return false;
	}
	size_t before = to->len;
	for (cmsUInt32Number i = 0; i < size; i++) {
		buf_add(to, "", 1);
	}
	if (!cmsSaveProfileToMem(profile, to->bytes + before, &size)) {
		return false;
	}
	memset(to->bytes + before + DATE_AT, 0, DATE_BYTES);
	return true;
}

bool source_make(enum source_space space, struct buf *to, struct err *err)
{
	cmsContext context = cmsCreateContext(NULL, NULL);
	const char *title = space == SOURCE_SPACE_CMYK ? "CMYK" : spaces[space].title;
	cmsHPROFILE profile = NULL;
	if (context != NULL) {
		profile = space == SOURCE_SPACE_CMYK ? source_make_cmyk(context)
						     : make(context, &spaces[space]);
	}
	bool fine = profile != NULL && save(profile, to);
	if (profile != NULL) {
		cmsCloseProfile(profile);
	}
	if (context != NULL) {
		cmsDeleteContext(context);
	}
	return fine ||
	       err_set(err, REMEDY_FATAL, "colour", "Little CMS can't make the %s profile", title);
}
