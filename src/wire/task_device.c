/* SPDX-License-Identifier: Apache-2.0
 *
 * The bodies of a device worker's frames. Outputs are untouched when a reader fails.
 */
#include "wire/task.h"
#include "wire/fields.h"
#include "wire/health.h"
#include "wire/supply.h"
#include <string.h>

#define BIG        INT64_C(1000000000000000)
#define SIDE_MAX   100000  /* pixels of a page's side */
#define LENGTH_MAX 1000000 /* hmm: 10 m */
#define COPIES_MAX 10000
#define DPI_MAX    9600

/* The rules name each enum by a function of its own type; a table wants one type. */
static const char *state_word(int at)
{
	return device_state_name((enum device_state)at);
}

static const char *phase_word(int at)
{
	return phase_name((enum phase)at);
}

static const char *verdict_word(int at)
{
	return verdict_name((enum verdict)at);
}

static const char *evidence_word(int at)
{
	return evidence_name((enum evidence)at);
}

static const char *format_word(int at)
{
	return format_media_type((enum document_format)at);
}

static const char *step_word(int at)
{
	static const char *const words[] = {"opened", "sending", "committed"};
	return words[at];
}

static const struct field conf_fields[] = {
	FIELD_AT_TEXT(printer_conf, name),
	FIELD_AT_TEXT(printer_conf, model),
	FIELD_AT_TEXT(printer_conf, uri),
	FIELD_AT_TEXT(printer_conf, uuid),
	FIELD_AT_TEXT(printer_conf, tls_key),
	FIELD_AT_TEXT(printer_conf, user),
	FIELD_AT_BOOL(printer_conf, exclusive),
	FIELD_AT_INT32(printer_conf, poll_ms, 10, 3600000),
};

static const struct field model_fields[] = {
	FIELD_AT_TEXT(model, name),
	FIELD_AT_TEXT(model, title),
	FIELD_AT_TEXT(model, driver),
	FIELD_AT_INT32(model, x_dpi, 1, DPI_MAX),
	FIELD_AT_INT32(model, y_dpi, 1, DPI_MAX),
	FIELD_AT_INT32(model, copies_per_attempt, 1, COPIES_MAX),
	FIELD_AT_INT32(model, ms_per_print, 0, 3600000),
	FIELD_AT_BOOL(model, counts_impressions),
	FIELD_AT_BOOL(model, has_counters),
	FIELD_AT_INT32(model, counter_lag_ms, 0, 3600000),
	FIELD_AT_BOOL(model, self_resumes),
};

static const struct field model_back_fields[] = {
	FIELD_AT_INT32(model_back, lines, 0, BACK_LINES_MAX),
	FIELD_AT_INT32(model_back, columns, 0, BACK_COLUMNS_MAX),
	FIELD_AT_BOOL(model_back, latin1),
};

static const char *escape_word(int at)
{
	static const char *const words[] = {"none", "xml", "quotes"};
	return words[at];
}

static const struct field model_folder_fields[] = {
	FIELD_AT_TEXT(model_folder, suffix),
	FIELD_AT_WORD(model_folder, escape, TICKET_QUOTES, escape_word),
	FIELD_AT_BOOL(model_folder, ascii),
	FIELD_AT_BOOL(model_folder, crlf),
	FIELD_AT_TEXT(model_folder, done),
	FIELD_AT_TEXT(model_folder, error),
};

static const struct field model_media_fields[] = {
	FIELD_AT_TEXT(model_media, media),
	FIELD_AT_TEXT(model_media, profile),
	FIELD_AT_TEXT(model_media, profile_sha256),
	FIELD_AT_INT32(model_media, margin_hmm, 0, LENGTH_MAX),
	FIELD_AT_BOOL(model_media, cuts),
};

static const struct field status_fields[] = {
	FIELD_AT_WORD(device_status, state, DEVICE_STOPPED, state_word),
	FIELD_AT_BOOL(device_status, accepting),
	FIELD_AT_TEXT(device_status, uuid),
	FIELD_AT_TEXT(device_status, title),
	FIELD_AT_TEXT(device_status, firmware),
	FIELD_AT_TEXT(device_status, message),
	FIELD_AT_BOOL(device_status, says_ready),
	FIELD_AT_BOOL(device_status, can_hold),
	FIELD_AT_INT64(device_status, up_time_s, COUNT_UNKNOWN, BIG),
	FIELD_AT_INT64(device_status, life_count, COUNT_UNKNOWN, BIG),
	FIELD_AT_BOOL(device_status, asked_media),
	FIELD_AT_TEXT(device_status, tables),
	FIELD_AT_INT64(device_status, config_changed_s, COUNT_UNKNOWN, BIG),
};

static const struct field ready_fields[] = {
	FIELD_AT_TEXT(ready_media, size_name),
	FIELD_AT_TEXT(ready_media, type),
	FIELD_AT_TEXT(ready_media, source),
	FIELD_AT_INT32(ready_media, width_hmm, 0, LENGTH_MAX),
	FIELD_AT_INT32(ready_media, height_hmm, 0, LENGTH_MAX),
	FIELD_AT_INT32(ready_media, width_most_hmm, 0, LENGTH_MAX),
	FIELD_AT_INT32(ready_media, height_most_hmm, 0, LENGTH_MAX),
	FIELD_AT_INT32(ready_media, sheets_left, COUNT_UNKNOWN, INT32_MAX),
};

static const struct field witness_fields[] = {
	FIELD_AT_BOOL(witness, read),
	FIELD_AT_TEXT(witness, uuid),
	FIELD_AT_INT64(witness, up_time_s, COUNT_UNKNOWN, BIG),
	FIELD_AT_INT64(witness, impressions, COUNT_UNKNOWN, BIG),
	FIELD_AT_INT64(witness, life_count, COUNT_UNKNOWN, BIG),
	FIELD_AT_INT64(witness, media_left, COUNT_UNKNOWN, BIG),
	FIELD_AT_INT32(witness, jobs_active, COUNT_UNKNOWN, INT32_MAX),
	FIELD_AT_BOOL(witness, foreign),
};

static const struct field attempt_fields[] = {
	FIELD_AT_TEXT(attempt, key),
	FIELD_AT_WORD(attempt, phase, PHASE_ACCEPTED, phase_word),
	FIELD_AT_INT32(attempt, page, 0, 1000),
	FIELD_AT_INT32(attempt, first_copy, 0, COPIES_MAX),
	FIELD_AT_INT32(attempt, copies, 1, COPIES_MAX),
	FIELD_AT_INT32(attempt, device_job, 0, INT32_MAX),
	FIELD_AT_TEXT(attempt, device_job_uuid),
};

static const struct field receipt_fields[] = {
	FIELD_AT_WORD(receipt, verdict, VERDICT_UNKNOWN, verdict_word),
	FIELD_AT_WORD(receipt, evidence, EVIDENCE_COUNTER, evidence_word),
	FIELD_AT_INT32(receipt, completed, 0, COPIES_MAX),
	FIELD_AT_TEXT(receipt, text),
};

static const struct field send_fields[] = {
	FIELD_AT_INT64(device_send, bytes, 1, INT64_C(1) << 32),
	FIELD_AT_TEXT(device_send, sha256),
	FIELD_AT_WORD(device_send, format, FORMAT_COUNT - 1, format_word),
	FIELD_AT_INT32(device_send, width_px, 1, SIDE_MAX),
	FIELD_AT_INT32(device_send, height_px, 1, SIDE_MAX),
	FIELD_AT_INT32(device_send, x_dpi, 1, DPI_MAX),
	FIELD_AT_INT32(device_send, y_dpi, 1, DPI_MAX),
	FIELD_AT_TEXT(device_send, media_size),
	FIELD_AT_TEXT(device_send, media_type),
	FIELD_AT_TEXT(device_send, order),
	FIELD_AT_INT32(device_send, media_width_hmm, 1, LENGTH_MAX),
	FIELD_AT_INT32(device_send, media_height_hmm, 1, LENGTH_MAX),
	FIELD_AT_INT32(device_send, margin_hmm, 0, LENGTH_MAX),
	FIELD_AT_BOOL(device_send, cuts),
};

static const struct field step_fields[] = {
	FIELD_AT_TEXT(device_step_message, key),
	FIELD_AT_WORD(device_step_message, step, STEP_COMMITTED, step_word),
	FIELD_AT_INT32(device_step_message, job_id, 0, INT32_MAX),
	FIELD_AT_TEXT(device_step_message, job_uuid),
};

static json_t *put_all(const struct field *table, size_t n, const void *from)
{
	json_t *object = json_object();
	fields_put(object, table, n, from);
	return object;
}

/* ---- setup ---- */

static json_t *formats_to_json(const enum document_format *formats, int32_t n)
{
	json_t *list = json_array();
	for (int32_t i = 0; i < n; i++) {
		json_array_append_new(list, json_string(format_media_type(formats[i])));
	}
	return list;
}

static bool format_from_json(const json_t *json, enum document_format *format, struct err *err)
{
	for (int at = 0; json_is_string(json) && at < FORMAT_COUNT; at++) {
		if (strcmp(json_string_value(json), format_word(at)) == 0) {
			*format = (enum document_format)at;
			return true;
		}
	}
	return err_set(err, REMEDY_REJECT, "field", "\"formats\" has an unknown document format");
}

static json_t *folder_to_json(const struct model_folder *folder)
{
	json_t *object = put_all(FIELDS(model_folder_fields), folder);
	json_t *lines = json_array();
	for (int32_t i = 0; i < folder->n_ticket; i++) {
		json_array_append_new(lines, json_string(folder->ticket[i]));
	}
	json_object_set_new(object, "ticket", lines);
	return object;
}

static bool folder_from_json(const json_t *json, struct model_folder *folder, struct err *err)
{
	json_t *lines;
	if (!fields_need(json, FIELDS(model_folder_fields), folder, err) ||
		!json_need_array(json, "ticket", TICKET_LINES_MAX, &lines, err)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const char *line = json_string_value(json_array_get(lines, i));
		if (line == NULL || !text_copy(folder->ticket[i], TICKET_LINE_MAX, line)) {
			return err_set(err, REMEDY_REJECT, "field",
				"\"ticket\" must be lines of up to %d bytes", TICKET_LINE_MAX - 1);
		}
	}
	folder->n_ticket = (int32_t)json_array_size(lines);
	return true;
}

static json_t *model_to_json(const struct model *model)
{
	json_t *object = put_all(FIELDS(model_fields), model);
	json_object_set_new(object, "formats", formats_to_json(model->formats, model->n_formats));
	json_object_set_new(object, "back", put_all(FIELDS(model_back_fields), &model->back));
	json_object_set_new(object, "folder", folder_to_json(&model->folder));
	json_t *media = json_array();
	for (int32_t i = 0; i < model->n_media; i++) {
		json_array_append_new(media, put_all(FIELDS(model_media_fields), &model->media[i]));
	}
	json_object_set_new(object, "media", media);
	return object;
}

static bool model_from_json(const json_t *json, struct model *model, struct err *err)
{
	json_t *formats;
	json_t *media;
	if (!fields_need(json, FIELDS(model_fields), model, err) ||
		!fields_need(json_object_get(json, "back"), FIELDS(model_back_fields), &model->back,
			err) ||
		!folder_from_json(json_object_get(json, "folder"), &model->folder, err) ||
		!json_need_array(json, "formats", FORMAT_COUNT, &formats, err) ||
		!json_need_array(json, "media", CATALOG_LIST_MAX, &media, err)) {
		return false;
	}
	model->n_formats = (int32_t)json_array_size(formats);
	for (int32_t i = 0; i < model->n_formats; i++) {
		if (!format_from_json(
			    json_array_get(formats, (size_t)i), &model->formats[i], err)) {
			return false;
		}
	}
	model->n_media = (int32_t)json_array_size(media);
	for (int32_t i = 0; i < model->n_media; i++) {
		if (!fields_need(json_array_get(media, (size_t)i), FIELDS(model_media_fields),
			    &model->media[i], err)) {
			return false;
		}
	}
	return true;
}

json_t *device_setup_to_json(const struct device_setup *setup)
{
	json_t *object = json_object();
	json_object_set_new(object, "conf", put_all(FIELDS(conf_fields), &setup->conf));
	json_object_set_new(object, "password", json_string(setup->password));
	json_object_set_new(object, "model", model_to_json(&setup->model));
	return object;
}

bool device_setup_from_json(const json_t *json, struct device_setup *setup, struct err *err)
{
	struct device_setup read = {0};
	if (!fields_need(json_object_get(json, "conf"), FIELDS(conf_fields), &read.conf, err) ||
		!json_need_text(json, "password", read.password, sizeof read.password, err) ||
		!model_from_json(json_object_get(json, "model"), &read.model, err)) {
		explicit_bzero(read.password, sizeof read.password);
		return err_wrap(err, "device setup");
	}
	*setup = read;
	explicit_bzero(read.password, sizeof read.password);
	return true;
}

/* ---- status ---- */

static json_t *reasons_to_json(const struct device_status *status)
{
	json_t *list = json_array();
	for (int32_t i = 0; i < status->n_reasons; i++) {
		json_array_append_new(list, json_string(status->reasons[i]));
	}
	return list;
}

json_t *device_status_to_json(const struct device_status *status)
{
	json_t *object = put_all(FIELDS(status_fields), status);
	json_object_set_new(object, "reasons", reasons_to_json(status));
	json_object_set_new(object, "supplies", supplies_to_json(status));
	health_to_json(status, object);
	json_t *ready = json_array();
	for (int32_t i = 0; i < status->n_ready; i++) {
		json_array_append_new(ready, put_all(FIELDS(ready_fields), &status->ready[i]));
	}
	json_object_set_new(object, "ready", ready);
	json_t *takes = json_array();
	for (int at = 0; at < FORMAT_COUNT; at++) {
		if (status->takes[at]) {
			json_array_append_new(takes, json_string(format_word(at)));
		}
	}
	json_object_set_new(object, "takes", takes);
	return object;
}

static bool reasons_from_json(const json_t *json, struct device_status *status, struct err *err)
{
	json_t *list;
	if (!json_need_array(json, "reasons", DEVICE_REASONS_MAX, &list, err)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));
		if (word == NULL ||
			!text_copy(status->reasons[i], sizeof status->reasons[i], word)) {
			return err_set(err, REMEDY_REJECT, "field",
				"\"reasons\" must be words of up to 64 bytes");
		}
	}
	status->n_reasons = (int32_t)json_array_size(list);
	return true;
}

static bool takes_from_json(const json_t *json, struct device_status *status, struct err *err)
{
	json_t *list;
	if (!json_need_array(json, "takes", FORMAT_COUNT, &list, err)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		enum document_format format;
		if (!format_from_json(json_array_get(list, i), &format, err)) {
			return false;
		}
		status->takes[format] = true;
	}
	return true;
}

bool device_status_from_json(const json_t *json, struct device_status *status, struct err *err)
{
	struct device_status read = {0};
	json_t *ready;
	if (!fields_need(json, FIELDS(status_fields), &read, err) ||
		!reasons_from_json(json, &read, err) || !takes_from_json(json, &read, err) ||
		!supplies_from_json(json, &read, err) || !health_from_json(json, &read, err) ||
		!json_need_array(json, "ready", DEVICE_READY_MAX, &ready, err)) {
		return err_wrap(err, "device status");
	}
	for (size_t i = 0; i < json_array_size(ready); i++) {
		if (!fields_need(
			    json_array_get(ready, i), FIELDS(ready_fields), &read.ready[i], err)) {
			return err_wrap(err, "device status: ready media %zu", i);
		}
	}
	read.n_ready = (int32_t)json_array_size(ready);
	*status = read;
	return true;
}

/* ---- witness, attempt, receipt ---- */

json_t *witness_to_json(const struct witness *witness)
{
	return put_all(FIELDS(witness_fields), witness);
}

bool witness_from_json(const json_t *json, struct witness *witness, struct err *err)
{
	struct witness read = {0};
	if (!fields_need(json, FIELDS(witness_fields), &read, err)) {
		return err_wrap(err, "witness");
	}
	*witness = read;
	return true;
}

json_t *attempt_to_json(const struct attempt *attempt)
{
	json_t *object = put_all(FIELDS(attempt_fields), attempt);
	json_object_set_new(object, "before", witness_to_json(&attempt->before));
	return object;
}

bool attempt_from_json(const json_t *json, struct attempt *attempt, struct err *err)
{
	struct attempt read = {0};
	if (!fields_need(json, FIELDS(attempt_fields), &read, err) ||
		!witness_from_json(json_object_get(json, "before"), &read.before, err)) {
		return err_wrap(err, "attempt");
	}
	if (read.key[0] == '\0') {
		return err_set(err, REMEDY_REJECT, "field", "attempt: \"key\" is empty");
	}
	*attempt = read;
	return true;
}

json_t *receipt_to_json(const struct receipt *receipt)
{
	json_t *object = put_all(FIELDS(receipt_fields), receipt);
	json_object_set_new(object, "after", witness_to_json(&receipt->after));
	return object;
}

bool receipt_from_json(const json_t *json, struct receipt *receipt, struct err *err)
{
	struct receipt read = {0};
	if (!fields_need(json, FIELDS(receipt_fields), &read, err) ||
		!witness_from_json(json_object_get(json, "after"), &read.after, err)) {
		return err_wrap(err, "receipt");
	}
	*receipt = read;
	return true;
}

/* ---- send, step ---- */

static json_t *back_to_json(const struct device_send *send)
{
	json_t *lines = json_array();
	for (int32_t i = 0; i < send->n_back_print; i++) {
		json_array_append_new(lines, json_string(send->back_print[i]));
	}
	return lines;
}

static bool back_from_json(const json_t *json, struct device_send *send, struct err *err)
{
	json_t *lines;
	if (!json_need_array(json, "back_print", BACK_LINES_MAX, &lines, err)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const char *line = json_string_value(json_array_get(lines, i));
		char clean[BACK_LINE_MAX];
		if (line == NULL || !text_for_paper(clean, sizeof clean, line) ||
			strcmp(clean, line) != 0) {
			return err_set(err, REMEDY_REJECT, "field",
				"\"back_print\" must be lines of at most %d bytes of characters "
				"that can be seen",
				BACK_LINE_MAX - 1);
		}
		text_copy(send->back_print[send->n_back_print++], sizeof clean, clean);
	}
	return true;
}

json_t *device_send_to_json(const struct device_send *send)
{
	json_t *object = put_all(FIELDS(send_fields), send);
	json_object_set_new(object, "back_print", back_to_json(send));
	json_object_set_new(object, "attempt", attempt_to_json(&send->attempt));
	return object;
}

bool device_send_from_json(const json_t *json, struct device_send *send, struct err *err)
{
	struct device_send read = {0};
	if (!fields_need(json, FIELDS(send_fields), &read, err) ||
		!back_from_json(json, &read, err) ||
		!attempt_from_json(json_object_get(json, "attempt"), &read.attempt, err)) {
		return err_wrap(err, "send");
	}
	if (!hash_is_hex(read.sha256)) {
		return err_set(err, REMEDY_REJECT, "field",
			"send: \"sha256\" must be 64 hexadecimal digits");
	}
	*send = read;
	return true;
}

json_t *device_step_to_json(const struct device_step_message *step)
{
	return put_all(FIELDS(step_fields), step);
}

bool device_step_from_json(const json_t *json, struct device_step_message *step, struct err *err)
{
	struct device_step_message read = {0};
	if (!fields_need(json, FIELDS(step_fields), &read, err)) {
		return err_wrap(err, "step");
	}
	*step = read;
	return true;
}
