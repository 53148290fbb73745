/* SPDX-License-Identifier: Apache-2.0
 *
 * A rendered page as a dye-sub takes it: three planes, one for each dye, each with a head in the
 * way of BMP. Pure but for the page's descriptor, which is read.
 */
#pragma once
#include "drivers/dnp_plan.h"

#define DNP_PLANES     3 /* yellow, magenta, cyan: in the order in which they are sent */
#define DNP_HEAD_BYTES 1088

struct dnp_image {
	uint8_t *planes[DNP_PLANES]; /* each with its head */
	size_t plane_bytes;
};

/* Memory of about three bytes a pixel, freed by dnp_image_fini. REDO or REJECT as pwg_read.h says.
 */
must_use bool dnp_image_make(const struct dnp_plan *plan, const struct document *document,
	struct dnp_image *image, struct err *err);
void dnp_image_fini(struct dnp_image *image);
/* The plane's name in the language: "YPLANE", "MPLANE", "CPLANE". */
const char *dnp_plane_name(int plane);
