/* SPDX-License-Identifier: Apache-2.0
 *
 * Which colours a photo's numbers mean: its own profile where that can be trusted, else what EXIF
 * or a HEIC's colour box says, else sRGB, or coated offset for CMYK. What was decided is said.
 */
#pragma once
#include "base/buf.h"
#include "render/probe.h"

struct origin {
	enum source_profile source;
	int channels;    /* that the profile speaks of: 1, 3 or 4 */
	struct buf made; /* an assumed profile's bytes */
	struct bytes profile;
	char title[65];
	char note[129]; /* what was assumed against or without the file's word; "" */
};

/* embedded: as the decoder gave it; channels: of the decoded rows. FATAL only. */
must_use bool origin_find(const struct probe *probe, struct bytes embedded, int channels,
	struct origin *origin, struct err *err);
/* Takes the assumption instead, with the note: the profile looked fine and was of no use. */
must_use bool origin_fall_back(struct origin *origin, const char *why, struct err *err);
/* Nothing was found in the file to go by. */
bool origin_is_assumed(const struct origin *origin);
void origin_fini(struct origin *origin);
