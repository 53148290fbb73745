/* SPDX-License-Identifier: Apache-2.0
 *
 * The colour transform. 49 grid points (CMYK: 23): under 0.5 dE from the exact chain at its worst,
 * and fast.
 * No cache inside: the same bytes for any order of rows.
 */
#include "colour/convert.h"
#include "base/mem.h"
#include "base/text.h"
#include "colour/gate.h"
#include <lcms2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GREYS 17

struct convert {
	cmsContext context;
	cmsHTRANSFORM transform;
	int device_channels;
};

static cmsHPROFILE open_profile(cmsContext context, const struct convert_end *end)
{
	return cmsOpenProfileFromMemTHR(context, end->bytes, (cmsUInt32Number)end->len);
}

static cmsUInt32Number samples_of(int channels)
{
	return channels == 1 ? TYPE_GRAY_16 : channels == 3 ? TYPE_RGB_16 : TYPE_CMYK_16;
}

static bool source_is_useless(struct err *err, const char *why)
{
	return err_set(err, REMEDY_REJECT, "colour-source", "%s", why);
}

static bool device_is_useless(struct err *err, const char *why)
{
	return err_set(err, REMEDY_ATTEND, "colour-device",
		"the printer's profile can't be used (%s): put a good one into profiles/icc", why);
}

/* A profile that maps a darker grey to a lighter one would turn faces into negatives. */
static bool greys_rise(cmsContext context, cmsHPROFILE source, int channels)
{
	cmsHPROFILE lab = cmsCreateLab4ProfileTHR(context, NULL);
	cmsHTRANSFORM look = lab == NULL
				     ? NULL
				     : cmsCreateTransformTHR(context, source, samples_of(channels),
					       lab, TYPE_Lab_DBL, INTENT_RELATIVE_COLORIMETRIC,
					       cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE);
	bool rise = look != NULL;
	double darkest = -1;
	double lightest = -1;
	for (int i = 0; rise && i < GREYS; i++) {
		uint16_t level = (uint16_t)(i * 65535 / (GREYS - 1));
		uint16_t pixel[4] = {level, level, level, 0};
		if (channels == 4) { /* paper less black ink */
			memset(pixel, 0, sizeof pixel);
			pixel[3] = (uint16_t)(65535 - level);
		}
		cmsCIELab seen = {0, 0, 0};
		cmsDoTransform(look, pixel, &seen, 1);
		rise = seen.L >= lightest - 0.5; /* false for NaN, too */
		lightest = seen.L;
		darkest = i == 0 ? seen.L : darkest;
	}
	if (look != NULL) {
		cmsDeleteTransform(look);
	}
	if (lab != NULL) {
		cmsCloseProfile(lab);
	}
	return rise && lightest - darkest > 20;
}

bool convert_try_source(const struct convert_end *source, int channels, char *title,
	size_t title_size, struct err *err)
{
	cmsContext context = cmsCreateContext(NULL, NULL);
	cmsHPROFILE profile = context == NULL ? NULL : open_profile(context, source);
	bool fine = true;
	if (profile == NULL) {
		fine = source_is_useless(err, "unreadable");
	} else if (!greys_rise(context, profile, channels)) {
		fine = source_is_useless(err, "greys out of order");
	} else {
		char words[129] = "";
		cmsGetProfileInfoASCII(
			profile, cmsInfoDescription, "en", "US", words, sizeof words);
		text_escape(title, title_size, words);
	}
	if (profile != NULL) {
		cmsCloseProfile(profile);
	}
	if (context != NULL) {
		cmsDeleteContext(context);
	}
	return fine;
}

static bool link_profiles(struct convert *convert, const struct convert_end *ends, int channels,
	const struct convert_policy *policy, struct err *err)
{
	cmsHPROFILE source = open_profile(convert->context, &ends[0]);
	if (source == NULL) {
		return source_is_useless(err, "unreadable");
	}
	cmsHPROFILE device = open_profile(convert->context, &ends[1]);
	if (device == NULL) {
		cmsCloseProfile(source);
		return device_is_useless(err, "unreadable");
	}
	/* four dimensions have so many nodes that 49 would take seconds to fill */
	cmsUInt32Number grid = channels == 4 ? 23 : 49;
	cmsUInt32Number flags = cmsFLAGS_NOCACHE | cmsFLAGS_GRIDPOINTS(grid) |
				(policy->black_point ? cmsFLAGS_BLACKPOINTCOMPENSATION : 0);
	/* enum intent is numbered as ICC numbers the intents */
	convert->transform = cmsCreateTransformTHR(convert->context, source, samples_of(channels),
		device, samples_of(convert->device_channels), (cmsUInt32Number)policy->intent,
		flags);
	cmsCloseProfile(source);
	cmsCloseProfile(device);
	return convert->transform != NULL ||
	       source_is_useless(err, "no way from it to the printer's profile");
}

struct convert *convert_create(const struct convert_end *source, int channels,
	const struct convert_end *device, const struct convert_policy *policy, struct err *err)
{
	size_t size;
	char why[GATE_WHY_MAX] = "neither grey nor RGB nor CMYK";
	enum gate_space space;
	if (!gate_find_space(device->bytes, device->len, &space) ||
		!gate_passes(device->bytes, device->len, space, &size, why)) {
		device_is_useless(err, why);
		return NULL;
	}
	struct convert *convert = mem_new(1, sizeof *convert);
	convert->context = cmsCreateContext(NULL, NULL);
	convert->device_channels = (int)space;
	struct convert_end ends[] = {*source, {device->bytes, size}};
	if (convert->context == NULL || !link_profiles(convert, ends, channels, policy, err)) {
		convert_destroy(convert);
		return NULL;
	}
	return convert;
}

void convert_destroy(struct convert *convert)
{
	if (convert == NULL) {
		return;
	}
	if (convert->transform != NULL) {
		cmsDeleteTransform(convert->transform);
	}
	if (convert->context != NULL) {
		cmsDeleteContext(convert->context);
	}
	free(convert);
}

int convert_device_channels(const struct convert *convert)
{
	return convert->device_channels;
}

void convert_row(const struct convert *convert, const uint16_t *from, uint16_t *to, size_t n)
{
	cmsDoTransform(convert->transform, from, to, (cmsUInt32Number)n);
}

void convert_version(char *text, size_t size)
{
	int number = cmsGetEncodedCMMversion();
	snprintf(text, size, "lcms2/%d.%d", number / 1000, number % 1000 / 10);
}
