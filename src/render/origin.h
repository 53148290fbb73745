/* SPDX-License-Identifier: Apache-2.0
 *
 * Which colours a photo's numbers mean: its own profile where that can be trusted, else Adobe RGB
 * by EXIF, else sRGB. What was decided is said.
 */
#pragma once
#include "base/buf.h"
#include "render/probe.h"

struct origin {
	enum source_profile source;
	int channels;    /* that the profile speaks of: 1 or 3 */
	struct buf made; /* an assumed profile's bytes */
	struct bytes profile;
	char title[65];
	char note[129]; /* why an embedded profile was refused; "" */
};

/* embedded: as the decoder gave it; channels: of the decoded rows. FATAL only. */
must_use bool origin_find(const struct probe *probe, struct bytes embedded, int channels,
	struct origin *origin, struct err *err);
/* Takes sRGB instead, with the note: the profile looked fine and was of no use. */
must_use bool origin_fall_back(struct origin *origin, const char *why, struct err *err);
void origin_fini(struct origin *origin);
