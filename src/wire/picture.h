/* SPDX-License-Identifier: Apache-2.0
 *
 * The formats that customers' pictures come in, by media type and by first bytes: one table for the
 * daemon, the workers, the order service and the command line.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum picture_format {
	PICTURE_JPEG,
	PICTURE_PNG,
	PICTURE_TIFF,
	PICTURE_WEBP,
	PICTURE_HEIC,
	PICTURE_FORMATS
};

#define PICTURE_HEAD_BYTES 16 /* that many of a file say what it is */
#define PICTURE_TYPES      "image/jpeg image/png image/tiff image/webp image/heic"
#define PICTURE_NAMES      "JPEG, PNG, TIFF, WebP and HEIC"

struct render_limits { /* what a file may be, and what may be spent on it */
	int64_t file_bytes;
	int64_t pixels;
	int32_t side_px;
	int32_t cpu_seconds;
	int64_t memory_bytes;
};

struct picture_policy { /* what a floor takes of one format */
	bool taken;
	struct render_limits limits;
};

/* The largest file and picture of any format that is taken. */
void picture_policy_most(const struct picture_policy policies[PICTURE_FORMATS], int64_t *file_bytes,
	int64_t *pixels);

const char *picture_name(enum picture_format format);       /* "jpeg" */
const char *picture_media_type(enum picture_format format); /* "image/jpeg" */
/* False for what isn't printed. "image/heif" is taken for HEIC, which may be called either. */
bool picture_from_type(const char *media_type, enum picture_format *format);
bool picture_from_name(const char *name, enum picture_format *format);

struct picture_kind {
	const char *what; /* for people: "a JPEG", "a PDF"; NULL: unknown */
	bool printed;
	enum picture_format format; /* where it is printed */
};

/* By content alone. */
struct picture_kind picture_kind_of(const void *bytes, size_t len);
