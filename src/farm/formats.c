/* SPDX-License-Identifier: Apache-2.0
 *
 * Which formats of pictures the floor takes. A person can drop one at any moment (a decoder was
 * found to be unsafe, say): from then on no byte of that format reaches a decoder. What is rendered
 * already is ours and goes on.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdlib.h>
#include <string.h>

const struct render_limits *formats_limits(const struct farm *farm, const char *media_type)
{
	enum picture_format format = PICTURE_JPEG; /* others are refused by their name, whatever */
	(void)picture_from_type(media_type, &format);
	return &farm->conf.formats[format].limits;
}

bool formats_take(const struct farm *farm, const char *media_type, struct err *err)
{
	enum picture_format format;
	if (!picture_from_type(media_type, &format) || farm->conf.formats[format].taken) {
		return true;
	}
	return err_set(err, REMEDY_REJECT, "format-disabled",
		"%s pictures are switched off on this floor: send another format, or take it "
		"again in platen.conf and reload",
		picture_name(format));
}

/* One of its pages may still have to be decoded, and is in a format that isn't taken. */
static bool is_hit(struct farm *farm, const struct job *job, struct err *err)
{
	struct page page;
	for (int32_t i = 0; job->stage <= AT_INSPECTED && i < job->n_pages; i++) {
		if (making_page(farm, job, i, &page) &&
			!formats_take(farm, page.asset.media_type, err)) {
			return true;
		}
	}
	return false;
}

static void refuse_all(struct farm *farm)
{
	size_t n = 0, room = 0, at = 0;
	struct floor_job *fj;
	while ((fj = table_next(&farm->jobs, &at)) != NULL) {
		room++;
	}
	/* a job that ends leaves the table: so the rows first */
	int64_t *rows = mem_new(room, sizeof *rows);
	at = 0;
	while ((fj = table_next(&farm->jobs, &at)) != NULL) {
		rows[n++] = fj->job.row;
	}
	for (size_t i = 0; i < n; i++) {
		struct err err;
		fj = farm_find(farm, rows[i]);
		if (fj != NULL && is_hit(farm, &fj->job, &err)) {
			making_refuse(farm, fj, &err);
		}
	}
	free(rows);
}

void farm_set_formats(struct farm *farm, const struct picture_policy formats[PICTURE_FORMATS])
{
	bool dropped = false;
	for (int i = 0; i < PICTURE_FORMATS; i++) {
		const char *name = picture_name((enum picture_format)i);
		if (farm->conf.formats[i].taken != formats[i].taken) {
			const char *what = formats[i].taken ? "take format" : "drop format";
			dropped |= !formats[i].taken;
			log_info("farm", "%s %s", what, name);
			store_audit(farm->ports.store, farm_wall_ms(farm), "platen.conf", what,
				name, "");
		}
	}
	memcpy(farm->conf.formats, formats, sizeof farm->conf.formats);
	offer_changed(farm);
	if (dropped) {
		refuse_all(farm);
	}
}
