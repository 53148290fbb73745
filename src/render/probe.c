/* SPDX-License-Identifier: Apache-2.0
 *
 * What a file is, by its first bytes, and whether it is within the limits.
 */
#include "render/probe.h"
#include <string.h>

static const char *const shown[PICTURE_FORMATS] = {"JPEG", "PNG", "TIFF", "WebP", "HEIC"};

bool probe_cut_off(struct err *err, enum picture_format format)
{
	return err_set(err, REMEDY_REJECT, "asset-truncated",
		"the %s is cut off: its end is missing; send the picture again", shown[format]);
}

bool probe_damaged(struct err *err, enum picture_format format, const char *why)
{
	return err_set(err, REMEDY_REJECT, "asset-damaged",
		"the %s is damaged (%s): send the picture again", shown[format], why);
}

int32_t probe_count(uint32_t says)
{
	return says < 1 ? 1 : says > 999999 ? 999999 : (int32_t)says;
}

static bool type_agrees(
	struct bytes file, const char *media_type, enum picture_format *format, struct err *err)
{
	struct picture_kind kind = picture_kind_of(file.at, file.len);
	enum picture_format said;
	*format = kind.format;
	if (kind.what == NULL) {
		return err_set(err, REMEDY_REJECT, "asset-type",
			"the file is no picture we know; " PICTURE_NAMES " are printed");
	}
	if (!kind.printed) {
		return err_set(err, REMEDY_REJECT, "asset-type",
			"the file is %s; " PICTURE_NAMES " are printed", kind.what);
	}
	if (!picture_from_type(media_type, &said) || said != kind.format) {
		return err_set(err, REMEDY_REJECT, "asset-type",
			"the file is %s, the order says %.32s: which photo is meant?", kind.what,
			media_type);
	}
	return true;
}

/* What the process has before any photo, and what else rendering takes. */
#define OWN_BYTES (INT64_C(224) << 20)

/* Said before it is tried: an allocation that fails says nothing of which picture would do. */
static bool fits_memory(
	const struct probe *probe, const struct render_limits *limits, struct err *err)
{
	int64_t pixels = (int64_t)probe->width_px * probe->height_px;
	int64_t need = pixels * probe->held_256_bytes / 256 + OWN_BYTES;
	return probe->held_256_bytes == 0 || limits->memory_bytes == 0 ||
	       need <= limits->memory_bytes ||
	       err_set(err, REMEDY_REJECT, "asset-limits",
		       "a %s like this of %d x %d pixels needs %lld MiB of memory, a photo may "
		       "have %lld: send it smaller, or as a baseline JPEG",
		       shown[probe->format], probe->width_px, probe->height_px,
		       (long long)(need >> 20), (long long)(limits->memory_bytes >> 20));
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
	return fits_memory(probe, limits, err);
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
	static bool (*const walks[PICTURE_FORMATS])(struct bytes, struct probe *, struct err *) = {
		probe_jpeg, probe_png, probe_tiff, probe_webp, probe_heic};
	enum picture_format format;
	if (!type_agrees(file, media_type, &format, err)) {
		return false;
	}
	struct probe found = {.format = format, .orientation = 1, .pictures = 1};
	if (!walks[format](file, &found, err)) {
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
