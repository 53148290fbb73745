/* SPDX-License-Identifier: Apache-2.0
 *
 * What a picture file says of itself, read by our own bounded walk before any decoder sees a byte:
 * what it is, how large, whether it is whole, which way up. Nothing else of its metadata is read.
 */
#pragma once
#include "base/err.h"
#include "wire/picture.h"
#include "wire/task.h"
#include <stddef.h>

struct bytes { /* borrowed */
	const unsigned char *at;
	size_t len;
};

struct probe {
	enum picture_format format;
	int32_t width_px, height_px; /* as the decoder gives them: a HEIC's are turned already */
	int32_t channels, bits;      /* of the file, alpha among them */
	int32_t orientation;         /* EXIF 1..8; 1 where absent or absurd */
	int32_t pictures;            /* pages or frames; the first is printed */
	int32_t held_256_bytes;      /* of 256 pixels, by a decoder that can't go row by row */
	bool cmyk;
	bool drops_last;  /* the last channel is neither colour nor alpha: passed over */
	bool has_profile; /* an ICC profile is embedded, good or bad */
	bool adobe_rgb;   /* by EXIF (interoperability R03) */
	bool display_p3;  /* by a HEIC's colour box, which has no profile */
};

/* REJECT with "asset-type" (not a picture we print, or not what it was said to be),
 * "asset-truncated", "asset-damaged", "asset-limits", "asset-colour". */
must_use bool probe_file(struct bytes file, const char *media_type,
	const struct render_limits *limits, struct probe *probe, struct err *err);

/* The parts, one a file. `file` starts with the format's magic. */
must_use bool probe_jpeg(struct bytes file, struct probe *probe, struct err *err);
must_use bool probe_png(struct bytes file, struct probe *probe, struct err *err);
must_use bool probe_tiff(struct bytes file, struct probe *probe, struct err *err);
must_use bool probe_webp(struct bytes file, struct probe *probe, struct err *err);
must_use bool probe_heic(struct bytes file, struct probe *probe, struct err *err);
/* An EXIF block from its byte order mark on; what makes no sense is passed over. */
void probe_exif(struct bytes exif, struct probe *probe);

/* What all parts say of a file that ends too early, or that makes no sense: "the WebP …". */
bool probe_cut_off(struct err *err, enum picture_format format);
bool probe_damaged(struct err *err, enum picture_format format, const char *why);
/* A file's own count of its pictures, made sane. */
int32_t probe_count(uint32_t says);
