/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats by name and by magic.
 */
#include "wire/picture.h"
#include <string.h>

static const struct {
	const char *name, *media_type;
} formats[PICTURE_FORMATS] = {
	[PICTURE_JPEG] = {"jpeg", "image/jpeg"},
	[PICTURE_PNG] = {"png", "image/png"},
	[PICTURE_TIFF] = {"tiff", "image/tiff"},
	[PICTURE_WEBP] = {"webp", "image/webp"},
	[PICTURE_HEIC] = {"heic", "image/heic"},
};

#define NOT_PRINTED PICTURE_FORMATS

/* The first that fits counts. */
static const struct magic {
	size_t at;
	const char *bytes;
	size_t len;
	const char *what;
	enum picture_format format;
} magics[] = {
	{0, "\xFF\xD8\xFF", 3, "a JPEG", PICTURE_JPEG},
	{0, "\x89PNG\r\n\x1A\n", 8, "a PNG", PICTURE_PNG},
	{0, "II*\0", 4, "a TIFF", PICTURE_TIFF},
	{0, "MM\0*", 4, "a TIFF", PICTURE_TIFF},
	{8, "WEBP", 4, "a WebP", PICTURE_WEBP},
	{4, "ftypheic", 8, "a HEIC", PICTURE_HEIC},
	{4, "ftypheix", 8, "a HEIC", PICTURE_HEIC},
	{4, "ftypheim", 8, "a HEIC", PICTURE_HEIC},
	{4, "ftyphevc", 8, "a HEIC", PICTURE_HEIC},
	{4, "ftypmif1", 8, "a HEIF", PICTURE_HEIC},
	{4, "ftypmsf1", 8, "a HEIF", PICTURE_HEIC},
	{4, "ftypavif", 8, "an AVIF", NOT_PRINTED},
	{4, "ftypavis", 8, "an AVIF", NOT_PRINTED},
	{4, "ftypcrx ", 8, "a camera's raw file", NOT_PRINTED},
	{4, "ftyp", 4, "a video", NOT_PRINTED},
	{0, "II+\0", 4, "a BigTIFF", NOT_PRINTED},
	{0, "MM\0+", 4, "a BigTIFF", NOT_PRINTED},
	{0, "GIF8", 4, "a GIF", NOT_PRINTED},
	{0, "BM", 2, "a BMP", NOT_PRINTED},
	{0, "%PDF", 4, "a PDF", NOT_PRINTED},
	{0, "8BPS", 4, "a Photoshop file", NOT_PRINTED},
	{0, "%!PS", 4, "PostScript", NOT_PRINTED},
	{0, "PK\3\4", 4, "a ZIP archive", NOT_PRINTED},
	{0, "<?xml", 5, "XML (SVG?)", NOT_PRINTED},
	{0, "<svg", 4, "an SVG", NOT_PRINTED},
	{0, "<!DOCTYPE", 9, "a web page", NOT_PRINTED},
	{0, "<html", 5, "a web page", NOT_PRINTED},
	{0, "\0\0\0\x0CjP  ", 8, "a JPEG 2000", NOT_PRINTED},
	{0, "\xFF\x0A", 2, "a JPEG XL", NOT_PRINTED},
	{0, "\0\0\1\0", 4, "an icon", NOT_PRINTED},
};

void picture_policy_most(
	const struct picture_policy policies[PICTURE_FORMATS], int64_t *file_bytes, int64_t *pixels)
{
	*file_bytes = 0;
	*pixels = 0;
	for (int i = 0; i < PICTURE_FORMATS; i++) {
		const struct render_limits *limits = &policies[i].limits;
		if (policies[i].taken) {
			*file_bytes =
				*file_bytes > limits->file_bytes ? *file_bytes : limits->file_bytes;
			*pixels = *pixels > limits->pixels ? *pixels : limits->pixels;
		}
	}
}

const char *picture_name(enum picture_format format)
{
	return formats[format].name;
}

const char *picture_media_type(enum picture_format format)
{
	return formats[format].media_type;
}

bool picture_from_type(const char *media_type, enum picture_format *format)
{
	const char *type = strcmp(media_type, "image/heif") == 0 ? "image/heic" : media_type;
	for (int i = 0; i < PICTURE_FORMATS; i++) {
		if (strcmp(formats[i].media_type, type) == 0) {
			*format = (enum picture_format)i;
			return true;
		}
	}
	return false;
}

bool picture_from_name(const char *name, enum picture_format *format)
{
	for (int i = 0; i < PICTURE_FORMATS; i++) {
		if (strcmp(formats[i].name, name) == 0) {
			*format = (enum picture_format)i;
			return true;
		}
	}
	return false;
}

struct picture_kind picture_kind_of(const void *bytes, size_t len)
{
	const unsigned char *head = bytes;
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
		const struct magic *magic = &magics[i];
		if (len >= magic->at + magic->len &&
			memcmp(head + magic->at, magic->bytes, magic->len) == 0) {
			return (struct picture_kind){
				magic->what, magic->format != NOT_PRINTED, magic->format};
		}
	}
	return (struct picture_kind){NULL, false, NOT_PRINTED};
}
