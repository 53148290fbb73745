/* SPDX-License-Identifier: Apache-2.0
 *
 * What a file is, by its first bytes, and whether it is within the limits.
 */
#include "render/probe.h"
#include <stdio.h>
#include <string.h>

struct magic {
	size_t at;
	const char *bytes;
	size_t len;
	const char *what;       /* for people */
	const char *media_type; /* what we print; NULL: refused by name */
};

static const struct magic magics[] = {
	{0, "\xFF\xD8\xFF", 3, "a JPEG", "image/jpeg"},
	{0, "\x89PNG\r\n\x1A\n", 8, "a PNG", "image/png"},
	{0, "GIF8", 4, "a GIF", NULL},
	{8, "WEBP", 4, "a WebP", NULL},
	{0, "II*\0", 4, "a TIFF", NULL},
	{0, "MM\0*", 4, "a TIFF", NULL},
	{0, "BM", 2, "a BMP", NULL},
	{4, "ftypheic", 8, "a HEIC", NULL},
	{4, "ftypmif1", 8, "a HEIF", NULL},
	{4, "ftypavif", 8, "an AVIF", NULL},
	{4, "ftyp", 4, "a video", NULL},
	{0, "%PDF", 4, "a PDF", NULL},
	{0, "8BPS", 4, "a Photoshop file", NULL},
	{0, "%!PS", 4, "PostScript", NULL},
	{0, "PK\3\4", 4, "a ZIP archive", NULL},
	{0, "<?xml", 5, "XML (SVG?)", NULL},
	{0, "<svg", 4, "an SVG", NULL},
	{0, "<!DOCTYPE", 9, "a web page", NULL},
	{0, "<html", 5, "a web page", NULL},
	{0, "\0\0\0\x0CjP  ", 8, "a JPEG 2000", NULL},
	{0, "\xFF\x0A", 2, "a JPEG XL", NULL},
	{0, "\0\0\1\0", 4, "an icon", NULL},
};

static const struct magic *find_magic(struct bytes file)
{
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
		const struct magic *magic = &magics[i];
		if (file.len >= magic->at + magic->len &&
			memcmp(file.at + magic->at, magic->bytes, magic->len) == 0) {
			return magic;
		}
	}
	return NULL;
}

const char *probe_media_type(struct bytes file)
{
	const struct magic *magic = find_magic(file);
	return magic == NULL ? NULL : magic->media_type;
}

const char *picture_format_name(enum picture_format format)
{
	static const char *const names[] = {"jpeg", "png"};
	return names[format];
}

static bool type_agrees(struct bytes file, const char *media_type, struct err *err)
{
	const struct magic *magic = find_magic(file);
	if (magic == NULL) {
		return err_set(err, REMEDY_REJECT, "asset-type",
			"the file is no picture we know; JPEG and PNG are printed");
	}
	if (magic->media_type == NULL) {
		return err_set(err, REMEDY_REJECT, "asset-type",
			"the file is %s; JPEG and PNG are printed", magic->what);
	}
	if (strcmp(magic->media_type, media_type) != 0) {
		return err_set(err, REMEDY_REJECT, "asset-type",
			"the file is %s, the order says %.32s: which photo is meant?", magic->what,
			media_type);
	}
	return true;
}

static bool within_limits(
	const struct probe *probe, const struct render_limits *limits, struct err *err)
{
	int64_t pixels = (int64_t)probe->width_px * probe->height_px;
	if (probe->width_px > limits->side_px || probe->height_px > limits->side_px) {
		return err_set(err, REMEDY_REJECT, "asset-limits",
			"the picture is %d x %d pixels; a side may have %d", probe->width_px,
			probe->height_px, limits->side_px);
	}
	if (pixels > limits->pixels) {
		return err_set(err, REMEDY_REJECT, "asset-limits",
			"the picture has %lld pixels, at most %lld are taken", (long long)pixels,
			(long long)limits->pixels);
	}
	return true;
}

bool probe_file(struct bytes file, const char *media_type, const struct render_limits *limits,
	struct probe *probe, struct err *err)
{
	if (file.len == 0) {
		return err_set(err, REMEDY_REJECT, "asset-truncated", "the file is empty");
	}
	if ((int64_t)file.len > limits->file_bytes) {
		return err_set(err, REMEDY_REJECT, "asset-limits",
			"the file has %zu bytes, at most %lld are taken", file.len,
			(long long)limits->file_bytes);
	}
	if (!type_agrees(file, media_type, err)) {
		return false;
	}
	struct probe found = {.orientation = 1};
	bool jpeg = file.at[0] == 0xFF;
	if (!(jpeg ? probe_jpeg : probe_png)(file, &found, err)) {
		return false;
	}
	if (found.width_px < 1 || found.height_px < 1) {
		return err_set(err, REMEDY_REJECT, "asset-damaged", "the picture has no pixels");
	}
	if (!within_limits(&found, limits, err)) {
		return false;
	}
	*probe = found;
	return true;
}
