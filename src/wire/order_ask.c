/* SPDX-License-Identifier: Apache-2.0
 *
 * The bodies of the floor's requests.
 */
#include "wire/fields.h"
#include "wire/order.h"
#include <stdlib.h>

static const char *retry_word(int at)
{
	static const char *const words[] = {"never", "elsewhere", "later"};
	return words[at];
}

static const struct field held_fields[] = {
	FIELD_AT_TEXT(held_job, job),
	FIELD_AT_INT64(held_job, epoch, 0, 0),
	FIELD_AT_TEXT(held_job, state),
	FIELD_AT_INT64(held_job, seq, 0, 0),
	FIELD_AT_INT32(held_job, printed, 0, 0),
};

static const struct field session_fields[] = {
	FIELD_AT_TEXT(session_ask, floor),
	FIELD_AT_TEXT(session_ask, store_id),
	FIELD_AT_INT64(session_ask, store_generation, 0, 0),
	FIELD_AT_TEXT(session_ask, boot_id),
	FIELD_AT_TEXT(session_ask, agent),
};

static const struct field release_fields[] = {
	FIELD_AT_TEXT(release_ask, job),
	FIELD_AT_INT64(release_ask, epoch, 0, 0),
	FIELD_AT_TEXT(release_ask, reason),
	FIELD_AT_TEXT(release_ask, detail),
	FIELD_AT_WORD(release_ask, retry, RELEASE_LATER, retry_word),
	FIELD_AT_INT64(release_ask, later_s, 0, 0),
};

static const struct field start_fields[] = {
	FIELD_AT_TEXT(start_ask, job),
	FIELD_AT_INT64(start_ask, epoch, 0, 0),
	FIELD_AT_INT64(start_ask, revision, 0, 0),
	FIELD_AT_TEXT(start_ask, printer),
};

static const struct field sign_fields[] = {
	FIELD_AT_TEXT(sign_ask, asset),
	FIELD_AT_TEXT(sign_ask, job),
	FIELD_AT_INT64(sign_ask, epoch, 0, 0),
};

static const struct field acquire_fields[] = {
	FIELD_AT_INT32(acquire_ask, max_jobs, 0, 0),
	FIELD_AT_INT64(acquire_ask, max_bytes, 0, 0),
	FIELD_AT_TEXT(acquire_ask, offer_etag),
};

static const struct field offer_fields[] = {
	FIELD_AT_INT64(offer, max_pixels, 0, 0),
	FIELD_AT_INT64(offer, max_bytes, 0, 0),
	FIELD_AT_INT32(offer, want_jobs, 0, 0),
	FIELD_AT_INT64(offer, want_s, 0, 0),
	FIELD_AT_INT64(offer, offline_s, 0, 0),
};

static const struct field printer_fields[] = {
	FIELD_AT_TEXT(offer_printer, id),
	FIELD_AT_TEXT(offer_printer, model),
	FIELD_AT_TEXT(offer_printer, state),
	FIELD_AT_TEXT(offer_printer, media),
	FIELD_AT_INT32(offer_printer, ms_per_print, 0, 0),
	FIELD_AT_INT64(offer_printer, queue_s, 0, 0),
};

static json_t *object_of(const struct field *table, size_t n, const void *from)
{
	json_t *object = json_object();
	fields_put(object, table, n, from);
	return object;
}

static json_t *held_jobs(const struct held_job *jobs, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(list, object_of(FIELDS(held_fields), &jobs[i]));
	}
	return list;
}

json_t *session_ask_to_json(const struct session_ask *ask)
{
	json_t *json = object_of(FIELDS(session_fields), ask);
	json_object_set_new(json, "jobs", held_jobs(ask->jobs, ask->n_jobs));
	return json;
}

json_t *extend_ask_to_json(const struct held_job *jobs, size_t n)
{
	return json_pack("{s:o}", "jobs", held_jobs(jobs, n));
}

static json_t *offer_printer_to_json(const struct offer_printer *printer)
{
	json_t *json = object_of(FIELDS(printer_fields), printer);
	json_t *skus = json_array();
	for (int32_t i = 0; i < printer->n_skus; i++) {
		json_array_append_new(skus, json_string(printer->skus[i]));
	}
	json_object_set_new(json, "skus", skus);
	if (printer->knows_sheets) {
		json_object_set_new(json, "sheets_left", json_integer(printer->sheets_left));
	}
	return json;
}

json_t *offer_to_json(const struct offer *offer)
{
	json_t *json = object_of(FIELDS(offer_fields), offer);
	json_t *printers = json_array();
	for (size_t i = 0; i < offer->n_printers; i++) {
		json_array_append_new(printers, offer_printer_to_json(&offer->printers[i]));
	}
	json_t *formats = json_array();
	for (size_t i = 0; i < PICTURE_FORMATS && offer->formats[i] != NULL; i++) {
		json_array_append_new(formats, json_string(offer->formats[i]));
	}
	json_object_set_new(json, "printers", printers);
	json_object_set_new(json, "formats", formats);
	return json;
}

json_t *acquire_ask_to_json(const struct acquire_ask *ask)
{
	return object_of(FIELDS(acquire_fields), ask); /* wait_s stands in the path */
}

json_t *release_ask_to_json(const struct release_ask *jobs, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(list, object_of(FIELDS(release_fields), &jobs[i]));
	}
	return json_pack("{s:o}", "jobs", list);
}

json_t *start_ask_to_json(const struct start_ask *jobs, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(list, object_of(FIELDS(start_fields), &jobs[i]));
	}
	return json_pack("{s:o}", "jobs", list);
}

json_t *sign_ask_to_json(const struct sign_ask *ask)
{
	return object_of(FIELDS(sign_fields), ask);
}
