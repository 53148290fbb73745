/* SPDX-License-Identifier: Apache-2.0
 *
 * What changes about a printer behind our back: it is noticed by the next health poll, told once in
 * the log, on the printer's card and in the audit trail, and remembered over restarts. Nothing is
 * stopped by it: what stops a line has its own reason.
 */
#include "farm/own.h"
#include "wire/face.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACE_TEXT_MAX (DEVICE_MEDIA_MAX * 80 + 1024)
#define KEY_MAX       (NAME_MAX_LEN + 8)

static void save(struct farm *farm, const struct printer *printer)
{
	char key[KEY_MAX];
	json_t *json = face_to_json(&printer_beside(farm, printer)->face);
	char *text = json_dumps(json, JSON_COMPACT);
	snprintf(key, sizeof key, "face %s", printer->conf->name);
	if (text != NULL) {
		store_meta_set(farm->ports.store, key, text);
	}
	free(text);
	json_decref(json);
}

static void keep(void *context, int64_t wall_ms, const char *text)
{
	struct floor_printer *beside = context;
	size_t n = beside->n_notices < NOTICES_KEPT ? beside->n_notices : NOTICES_KEPT - 1;
	memmove(beside->notices + 1, beside->notices, n * sizeof beside->notices[0]);
	beside->notices[0].wall_ms = wall_ms;
	text_copy(beside->notices[0].text, sizeof beside->notices[0].text, text);
	beside->n_notices = n + 1;
}

void notice_open(struct farm *farm, const struct printer *printer)
{
	char key[KEY_MAX];
	char text[FACE_TEXT_MAX];
	struct err err;
	snprintf(key, sizeof key, "face %s", printer->conf->name);
	if (store_meta_get(farm->ports.store, key, text, sizeof text)) {
		json_t *json = json_read(text, strlen(text), &err);
		if (json == NULL ||
			!face_from_json(json, &printer_beside(farm, printer)->face, &err)) {
			log_warn(printer->conf->name, "met anew: %s", err.text);
		}
		json_decref(json);
	}
	store_notices_each(farm->ports.store, printer->conf->name, NOTICES_KEPT, keep,
		printer_beside(farm, printer));
}

static void tell(struct farm *farm, const struct printer *printer, const char *words)
{
	const char *name = printer->conf->name;
	int64_t wall_ms = farm_wall_ms(farm);
	log_warn(name, "%s", words);
	store_audit(farm->ports.store, wall_ms, "platen", "noticed", name, words);
	keep(printer_beside(farm, printer), wall_ms, words);
}

void notice_look(struct farm *farm, const struct printer *printer)
{
	struct face *face = &printer_beside(farm, printer)->face;
	struct face_news news[FACE_NEWS_MAX];
	size_t n = face_news(face, &printer->status, news);
	for (size_t i = 0; i < n; i++) {
		tell(farm, printer, news[i].words);
	}
	if (face_take(face, &printer->status)) {
		save(farm, printer);
	}
}

void notice_fault(struct farm *farm, const struct printer *printer, const struct err *err)
{
	struct face *face = &printer_beside(farm, printer)->face;
	if (face->stranger || strcmp(err->code, "printer-changed") != 0) {
		return;
	}
	face->stranger = true;
	tell(farm, printer,
		"is another machine than before (its uuid differs), and nothing is sent to it: if "
		"it was exchanged on purpose, set its new uuid in platen.conf");
	save(farm, printer);
}

const struct notice *farm_notices(const struct farm *farm, const struct printer *printer, size_t *n)
{
	const struct floor_printer *beside = printer_beside(farm, printer);
	*n = beside->n_notices;
	return beside->notices;
}
