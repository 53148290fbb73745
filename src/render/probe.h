/* SPDX-License-Identifier: Apache-2.0
 *
 * What a picture file says of itself, read by our own bounded walk before any decoder sees a byte:
 * what it is, how large, whether it is whole, which way up. Nothing else of its metadata is read.
 */
#pragma once
#include "base/err.h"
#include "wire/task.h"
#include <stddef.h>

struct bytes { /* borrowed */
	const unsigned char *at;
	size_t len;
};

enum picture_format { PICTURE_JPEG, PICTURE_PNG };

struct probe {
	enum picture_format format;
	int32_t width_px, height_px; /* as stored */
	int32_t channels, bits;      /* of the file: JPEG 1, 3, 4; PNG 1..4 */
	int32_t orientation;         /* EXIF 1..8; 1 where absent or absurd */
	bool has_profile;            /* an ICC profile is embedded, good or bad */
	bool adobe_rgb;              /* by EXIF (interoperability R03) */
};

/* REJECT with "asset-type" (not a picture we print, or not what it was said to be),
 * "asset-truncated", "asset-damaged", "asset-limits", "asset-colour". */
must_use bool probe_file(struct bytes file, const char *media_type,
	const struct render_limits *limits, struct probe *probe, struct err *err);
/* "image/jpeg" … by content alone; NULL when it is nothing we print. */
const char *probe_media_type(struct bytes file);
const char *picture_format_name(enum picture_format format);

/* The parts, one a file. `file` starts with the format's magic. */
must_use bool probe_jpeg(struct bytes file, struct probe *probe, struct err *err);
must_use bool probe_png(struct bytes file, struct probe *probe, struct err *err);
/* An EXIF block from its byte order mark on; what makes no sense is passed over. */
void probe_exif(struct bytes exif, struct probe *probe);
