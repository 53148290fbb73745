/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding a photo's colours.
 */
#include "render/origin.h"
#include "colour/convert.h"
#include "colour/gate.h"
#include "colour/source.h"
#include <stdio.h>

static bool assume(
	struct origin *origin, enum source_space space, enum source_profile source, struct err *err)
{
	buf_clear(&origin->made);
	if (!source_make(space, &origin->made, err)) {
		return false;
	}
	origin->source = source;
	origin->channels = 3;
	origin->profile =
		(struct bytes){(const unsigned char *)origin->made.bytes, origin->made.len};
	origin->title[0] = '\0';
	return true;
}

bool origin_fall_back(struct origin *origin, const char *why, struct err *err)
{
	snprintf(origin->note, sizeof origin->note,
		"embedded profile refused (%.60s): sRGB assumed", why);
	return assume(origin, SOURCE_SPACE_SRGB, SOURCE_ASSUMED_SRGB, err);
}

static bool take_embedded(
	struct bytes embedded, int channels, struct origin *origin, struct err *err)
{
	size_t size;
	char why[GATE_WHY_MAX];
	if (!gate_passes(
		    embedded.at, embedded.len, channels == 1 ? GATE_GREY : GATE_RGB, &size, why)) {
		return origin_fall_back(origin, why, err);
	}
	struct convert_end end = {embedded.at, size};
	struct err useless;
	if (!convert_try_source(&end, channels, origin->title, sizeof origin->title, &useless)) {
		return origin_fall_back(origin, useless.text, err);
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
		return origin_fall_back(origin, "unreadable or of another kind", err);
	}
	return probe->adobe_rgb && channels == 3
		       ? assume(origin, SOURCE_SPACE_ADOBE_RGB, SOURCE_EXIF_ADOBE_RGB, err)
		       : assume(origin, SOURCE_SPACE_SRGB, SOURCE_ASSUMED_SRGB, err);
}

void origin_fini(struct origin *origin)
{
	buf_fini(&origin->made);
}
