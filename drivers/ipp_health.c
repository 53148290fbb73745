/* SPDX-License-Identifier: Apache-2.0
 *
 * What the printer says of its parts: trays and alerts, rows of its MIB as octet strings
 * (PWG 5100.9, 5100.13; some printers write them as text); and what it prints on at all.
 */
#include "drivers/ipp.h"
#include <stdlib.h>
#include <string.h>

static bool is_words(ipp_tag_t tag)
{
	return tag == IPP_TAG_NAME || tag == IPP_TAG_KEYWORD || tag == IPP_TAG_TEXT ||
	       tag == IPP_TAG_NAMELANG || tag == IPP_TAG_TEXTLANG;
}

void ipp_text_at(ipp_attribute_t *attribute, int at, char *out, size_t size)
{
	bool fine = attribute != NULL && is_words(ippGetValueTag(attribute)) &&
		    at < ippGetCount(attribute);
	const char *text = fine ? ippGetString(attribute, at, NULL) : NULL;
	text_escape(out, size, text == NULL ? "" : text);
}

bool ipp_row_at(ipp_attribute_t *attribute, int at, char out[MIB_TEXT_MAX])
{
	char raw[MIB_TEXT_MAX];
	int len = 0;
	const void *bytes = NULL;
	if (attribute == NULL || at >= ippGetCount(attribute)) {
		return false;
	}
	if (ippGetValueTag(attribute) == IPP_TAG_STRING) {
		bytes = ippGetOctetString(attribute, at, &len);
	} else if (is_words(ippGetValueTag(attribute))) {
		bytes = ippGetString(attribute, at, NULL);
		len = bytes == NULL ? 0 : (int)strnlen(bytes, sizeof raw);
	}
	if (bytes == NULL || len < 1 || (size_t)len >= sizeof raw) {
		return false;
	}
	memcpy(raw, bytes, (size_t)len);
	raw[len] = '\0';
	text_escape(out, MIB_TEXT_MAX, raw);
	return true;
}

static void take_trays(ipp_attribute_t *said, bool is_output, struct device_status *status)
{
	char row[MIB_TEXT_MAX];
	int n = said == NULL ? 0 : ippGetCount(said);
	for (int i = 0; i < n && status->n_trays < DEVICE_TRAYS_MAX; i++) {
		struct tray *tray = &status->trays[status->n_trays];
		if (ipp_row_at(said, i, row) && tray_from_text(row, is_output, tray)) {
			status->n_trays++;
		}
	}
}

void ipp_take_trays(ipp_t *answer, struct device_status *status)
{
	take_trays(ipp_find(answer, IPP_TAG_PRINTER, "printer-input-tray"), false, status);
	take_trays(ipp_find(answer, IPP_TAG_PRINTER, "printer-output-tray"), true, status);
}

void ipp_take_alerts(ipp_t *answer, struct device_status *status)
{
	ipp_attribute_t *said = ipp_find(answer, IPP_TAG_PRINTER, "printer-alert");
	ipp_attribute_t *texts = ipp_find(answer, IPP_TAG_PRINTER, "printer-alert-description");
	char row[MIB_TEXT_MAX];
	int n = said == NULL ? 0 : ippGetCount(said);
	for (int i = 0; i < n && status->n_alerts < DEVICE_ALERTS_MAX; i++) {
		struct alert *alert = &status->alerts[status->n_alerts];
		if (ipp_row_at(said, i, row) && alert_from_text(row, alert)) {
			alert_find(alert, status);
			ipp_text_at(texts, i, alert->text, sizeof alert->text);
			status->n_alerts++;
		}
	}
}

/* Sorted, so that a list in another order is the same list. */
static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

void ipp_take_media(ipp_t *answer, struct device_status *status)
{
	ipp_attribute_t *names = ipp_find(answer, IPP_TAG_PRINTER, "media-supported");
	ipp_tag_t tag = names == NULL ? IPP_TAG_ZERO : ippGetValueTag(names);
	if (tag != IPP_TAG_KEYWORD && tag != IPP_TAG_NAME && tag != IPP_TAG_NAMELANG) {
		return;
	}
	status->asked_media = true;
	for (int i = 0; i < ippGetCount(names) && i < DEVICE_MEDIA_MAX; i++) {
		ipp_text_at(names, i, status->media[i], sizeof status->media[i]);
		status->n_media++;
	}
	qsort(status->media, (size_t)status->n_media, sizeof status->media[0], by_name);
}
