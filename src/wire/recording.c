/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading recordings. A file of a stranger: all of it is bounded and checked before it is played.
 */
#include "wire/recording.h"
#include "base/mem.h"
#include "wire/task.h"
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES_MAX (256 * 1024)
#define AT_MAX_MS      (INT64_C(400) * 24 * 3600 * 1000)

bool recording_is_same(const json_t *a, const json_t *b)
{
	json_t *copies[2] = {json_deep_copy(a), json_deep_copy(b)};
	for (int i = 0; i < 2; i++) {
		json_object_del(copies[i], "at_ms");
		json_object_del(json_object_get(copies[i], "status"), "up_time_s");
	}
	bool same = json_equal(copies[0], copies[1]) == 1;
	json_decref(copies[0]);
	json_decref(copies[1]);
	return same;
}

static bool read_head(const json_t *json, struct recording *recording, struct err *err)
{
	int64_t version;
	return json_need_int(json, RECORDING_MEMBER, RECORDING_VERSION, RECORDING_VERSION, &version,
		       err) &&
	       json_need_text(json, "printer", recording->printer, sizeof recording->printer, err);
}

static bool read_line(
	const json_t *json, int64_t since_ms, struct recording_line *line, struct err *err)
{
	json_t *status = NULL;
	json_t *fault = NULL;
	*line = (struct recording_line){0};
	if (!json_need_int(json, "at_ms", since_ms, AT_MAX_MS, &line->at_ms, err) ||
		!json_take_bool(json, "end", &line->is_end, err) ||
		!json_take_object(json, "status", &status, err) ||
		!json_take_object(json, "err", &fault, err)) {
		return false;
	}
	if ((status != NULL) + (fault != NULL) + line->is_end != 1) {
		return err_set(
			err, REMEDY_REJECT, "field", "says not exactly one of status, err, end");
	}
	line->has_status = status != NULL;
	return (status == NULL || device_status_from_json(status, &line->status, err)) &&
	       (fault == NULL || err_from_json(fault, &line->err, err));
}

static bool add_line(
	struct recording *recording, const char *text, size_t len, size_t number, struct err *err)
{
	json_t *json = len > LINE_BYTES_MAX ? NULL : json_read(text, len, err);
	if (len > LINE_BYTES_MAX) {
		err_set(err, REMEDY_REJECT, "field", "is too long");
	}
	bool fine = json != NULL;
	if (fine && number == 1) {
		fine = read_head(json, recording, err);
	} else if (fine) {
		size_t n = recording->n;
		recording->lines = mem_resize(recording->lines, n + 1, sizeof *recording->lines);
		fine = read_line(json, n == 0 ? 0 : recording->lines[n - 1].at_ms,
			&recording->lines[n], err);
		recording->n += fine;
	}
	json_decref(json);
	err->remedy = fine ? err->remedy : REMEDY_REJECT;
	return fine || err_wrap(err, "line %zu", number);
}

static bool is_over(const struct recording *recording)
{
	return recording->n > 0 && recording->lines[recording->n - 1].is_end;
}

bool recording_read(const char *text, size_t len, struct recording *recording, struct err *err)
{
	*recording = (struct recording){.n = 0};
	size_t number = 0;
	for (size_t at = 0; at < len && !is_over(recording);) {
		const char *end = memchr(text + at, '\n', len - at);
		if (end == NULL) {
			break; /* cut off in the middle of a line: what came before is whole */
		}
		size_t n = (size_t)(end - (text + at));
		if (++number > RECORDING_LINES_MAX) {
			return err_set(err, REMEDY_REJECT, "recording", "it has more than %d lines",
				RECORDING_LINES_MAX);
		}
		if (!add_line(recording, text + at, n, number, err)) {
			return false;
		}
		at += n + 1;
	}
	return recording->n > 0 ||
	       err_set(err, REMEDY_REJECT, "recording",
		       "it says nothing: is it a recording of platenctl printer NAME record?");
}

void recording_fini(struct recording *recording)
{
	free(recording->lines);
	*recording = (struct recording){.n = 0};
}

const struct recording_line *recording_at(const struct recording *recording, int64_t at_ms)
{
	const struct recording_line *found = NULL;
	for (size_t i = 0; i < recording->n && recording->lines[i].at_ms <= at_ms; i++) {
		found = &recording->lines[i];
	}
	return found != NULL && found->is_end ? NULL : found;
}
