/* SPDX-License-Identifier: Apache-2.0
 *
 * Holding a document's paper against the trays.
 */
#include "drivers/media.h"
#include <stdio.h>

static bool fits(const struct ready_media *tray, const struct document *document)
{
	return ready_takes(tray, document->media_width_hmm, document->media_height_hmm,
		document->media_height_hmm, document->media_type);
}

static void say_loaded(const struct device_status *status, char *out, size_t size)
{
	size_t len = 0;
	snprintf(out, size, "nothing");
	for (int32_t i = 0; i < status->n_ready && len < size; i++) {
		const struct ready_media *tray = &status->ready[i];
		len += (size_t)snprintf(out + len, size - len, "%s%.40s%s%.30s", i == 0 ? "" : ", ",
			tray->size_name, tray->type[0] == '\0' ? "" : " ", tray->type);
	}
}

bool media_is_loaded(const struct device *device, const struct device_status *status,
	const struct document *document, const struct ready_media **tray, struct err *err)
{
	*tray = NULL;
	for (int32_t i = 0; i < status->n_ready; i++) {
		if (fits(&status->ready[i], document)) {
			*tray = &status->ready[i];
			return true;
		}
	}
	if (!status->says_ready) {
		return true;
	}
	char loaded[150];
	say_loaded(status, loaded, sizeof loaded);
	return err_set(err, REMEDY_ATTEND, "media-not-loaded",
		"printer %s: loaded is %s; needed is %.40s %.30s. Load it, or print elsewhere",
		device->printer, loaded, document->media_size, document->media_type);
}
