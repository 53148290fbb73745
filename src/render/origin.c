/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding a photo's colours.
 */
#include "render/origin.h"
#include "colour/convert.h"
#include "colour/gate.h"
#include "colour/source.h"
#include <stdio.h>

struct assumption {
	enum source_space space;
	enum source_profile source;
	int channels;
};

static const struct assumption srgb = {SOURCE_SPACE_SRGB, SOURCE_ASSUMED_SRGB, 3};
static const struct assumption adobe_rgb = {SOURCE_SPACE_ADOBE_RGB, SOURCE_EXIF_ADOBE_RGB, 3};
static const struct assumption display_p3 = {SOURCE_SPACE_DISPLAY_P3, SOURCE_HEIC_DISPLAY_P3, 3};
static const struct assumption coated = {SOURCE_SPACE_CMYK, SOURCE_ASSUMED_CMYK, 4};

static bool assume(struct origin *origin, const struct assumption *assumption, struct err *err)
{
	buf_clear(&origin->made);
	if (!source_make(assumption->space, &origin->made, err)) {
		return false;
	}
	origin->source = assumption->source;
	origin->channels = assumption->channels;
	origin->profile =
		(struct bytes){(const unsigned char *)origin->made.bytes, origin->made.len};
	origin->title[0] = '\0';
	return true;
}

bool origin_is_assumed(const struct origin *origin)
{
	return origin->source == SOURCE_ASSUMED_SRGB || origin->source == SOURCE_ASSUMED_CMYK;
}

/* channels: of the picture */
static bool fall_back(struct origin *origin, int channels, const char *why, struct err *err)
{
	snprintf(origin->note, sizeof origin->note, "embedded profile refused (%.60s): %s assumed",
		why, channels == 4 ? "coated offset" : "sRGB");
	return assume(origin, channels == 4 ? &coated : &srgb, err);
}

bool origin_fall_back(struct origin *origin, const char *why, struct err *err)
{
	return fall_back(origin, origin->channels, why, err);
}

static bool take_embedded(
	struct bytes embedded, int channels, struct origin *origin, struct err *err)
{
	size_t size;
	char why[GATE_WHY_MAX];
	if (!gate_passes(embedded.at, embedded.len, (enum gate_space)channels, &size, why)) {
		return fall_back(origin, channels, why, err);
	}
	struct convert_end end = {embedded.at, size};
	struct err useless;
	if (!convert_try_source(&end, channels, origin->title, sizeof origin->title, &useless)) {
		return fall_back(origin, channels, useless.text, err);
	}
	origin->source = SOURCE_EMBEDDED;
	origin->channels = channels;
	origin->profile = (struct bytes){embedded.at, size};
	return true;
}

bool origin_find(const struct probe *probe, struct bytes embedded, int channels,
	struct origin *origin, struct err *err)
{
	*origin = (struct origin){0};
	if (embedded.len > 0) {
		return take_embedded(embedded, channels, origin, err);
	}
	if (probe->has_profile) { /* the decoder dropped it */
		return fall_back(origin, channels, "unreadable or of another kind", err);
	}
	if (channels == 4) {
		snprintf(origin->note, sizeof origin->note,
			"CMYK without a profile: coated offset assumed");
		return assume(origin, &coated, err);
	}
	if (channels == 3 && (probe->adobe_rgb || probe->display_p3)) {
		return assume(origin, probe->display_p3 ? &display_p3 : &adobe_rgb, err);
	}
	return assume(origin, &srgb, err);
}

void origin_fini(struct origin *origin)
{
	buf_fini(&origin->made);
}
