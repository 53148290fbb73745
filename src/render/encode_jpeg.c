/* SPDX-License-Identifier: Apache-2.0
 *
 * JPEG by libvips, from the page in memory. No profile goes in: the pixels are the device's own.
 */
#include "render/encode.h"
#include <vips/vips.h>

#define QUALITY     95
#define MM_PER_INCH 25.4

struct outlet { /* libvips only hears that it failed; the reason is kept here */
	struct sink *sink;
	struct err err;
};

static gint64 on_write(VipsTargetCustom *target, const void *bytes, gint64 len, void *context)
{
	struct outlet *outlet = context;
	(void)target;
	return sink_add(outlet->sink, bytes, (size_t)len, &outlet->err) ? len : -1;
}

bool jpeg_write(
	struct sink *sink, const struct encode_shape *shape, const uint8_t *pixels, struct err *err)
{
	struct outlet outlet = {.sink = sink};
	err_set(&outlet.err, REMEDY_RETRY, "output", "the rendered page can't be written as JPEG");
	int bands = shape->channels;
	size_t bytes = (size_t)shape->width_px * (size_t)shape->height_px * (size_t)bands;
	VipsImage *page = vips_image_new_from_memory(
		pixels, bytes, shape->width_px, shape->height_px, bands, VIPS_FORMAT_UCHAR);
	VipsTargetCustom *target = vips_target_custom_new();
	g_signal_connect(target, "write", G_CALLBACK(on_write), &outlet);
	bool fine = page != NULL;
	if (fine) {
		vips_image_init_fields(page, shape->width_px, shape->height_px, bands,
			VIPS_FORMAT_UCHAR, VIPS_CODING_NONE,
			bands == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB,
			shape->x_dpi / MM_PER_INCH, shape->y_dpi / MM_PER_INCH);
		fine = vips_jpegsave_target(page, VIPS_TARGET(target), "Q", QUALITY,
			       "subsample_mode", VIPS_FOREIGN_SUBSAMPLE_OFF, "strip", TRUE,
			       NULL) == 0;
	}
	g_object_unref(target);
	g_clear_object(&page);
	if (!fine) {
		vips_error_clear();
		*err = outlet.err;
	}
	return fine;
}
