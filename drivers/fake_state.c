/* SPDX-License-Identifier: Apache-2.0
 *
 * The fake printer's memory: state.json, replaced whole, under a lock that dies with its holder.
 */
#include "drivers/fake.h"
#include "wire/fields.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_BYTES_MAX 16384
#define BIG             INT64_MAX

static const char *halt_word(int at)
{
	static const char *const words[] = {"runs", "jammed", "cover-open", "no-media"};
	return words[at];
}

static const char *format_word(int at)
{
	return format_media_type((enum document_format)at);
}

static const struct field state_fields[] = {
	FIELD_AT_TEXT(fake_state, serial),
	FIELD_AT_TEXT(fake_state, boot),
	FIELD_AT_INT64(fake_state, started_ms, 0, BIG),
	FIELD_AT_INT64(fake_state, life, 0, BIG),
	FIELD_AT_INT64(fake_state, left, 0, BIG),
	FIELD_AT_TEXT(fake_state, size_name),
	FIELD_AT_TEXT(fake_state, type),
	FIELD_AT_INT32(fake_state, width_hmm, 1, 1000000),
	FIELD_AT_INT32(fake_state, height_hmm, 1, 1000000),
	FIELD_AT_WORD(fake_state, halt, FAKE_NO_MEDIA, halt_word),
	FIELD_AT_BOOL(fake_state, resumes),
	FIELD_AT_TEXT(fake_state, cover),
	FIELD_AT_INT64(fake_state, lag_ms, 0, BIG),
	FIELD_AT_INT64(fake_state, lag_from_ms, 0, BIG),
	FIELD_AT_INT64(fake_state, absent_until_ms, 0, BIG),
	FIELD_AT_INT64(fake_state, silent_until_ms, 0, BIG),
	FIELD_AT_INT64(fake_state, planes, 0, BIG),
	FIELD_AT_INT64(fake_state, script_file, 0, BIG),
	FIELD_AT_INT64(fake_state, script_time, 0, BIG),
	FIELD_AT_INT32(fake_state, script_line, 0, INT32_MAX),
	FIELD_AT_INT64(fake_state, armed, COUNT_UNKNOWN, BIG),
};

static const struct field job_fields[] = {
	FIELD_AT_TEXT(fake_job, key),
	FIELD_AT_INT32(fake_job, page, 0, INT32_MAX),
	FIELD_AT_INT32(fake_job, first_copy, 0, INT32_MAX),
	FIELD_AT_INT32(fake_job, copies, 1, INT32_MAX),
	FIELD_AT_INT32(fake_job, done, 0, INT32_MAX),
	FIELD_AT_WORD(fake_job, format, FORMAT_COUNT - 1, format_word),
	FIELD_AT_INT64(fake_job, due_ms, 0, BIG),
	FIELD_AT_INT32(fake_job, ms_per_print, 0, INT32_MAX),
	FIELD_AT_INT64(fake_job, planes, 0, BIG),
};

void fake_path(const struct fake *fake, const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", fake->folder, name);
}

bool fake_fault(const struct fake *fake, const char *what, struct err *err)
{
	return err_set(err, REMEDY_RETRY, "fake-folder", "printer %s: %s/%s: %s",
		fake->device->printer, fake->folder, what, strerror(errno));
}

bool fake_has_file(const struct fake *fake, const char *name)
{
	char path[512];
	struct stat found;
	fake_path(fake, name, path, sizeof path);
	return stat(path, &found) == 0;
}

void fake_remove(const struct fake *fake, const char *name)
{
	char path[512];
	fake_path(fake, name, path, sizeof path);
	unlink(path);
}

bool fake_read(const struct fake *fake, const char *name, char *out, size_t size)
{
	char path[512];
	fake_path(fake, name, path, sizeof path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	size_t len = 0;
	ssize_t n;
	while (len < size - 1 && (n = read(fd, out + len, size - 1 - len)) > 0) {
		len += (size_t)n;
	}
	out[len] = '\0';
	close(fd);
	return true;
}

static void make_new(struct fake *fake)
{
	struct fake_state *state = &fake->state;
	unsigned char chance[6];
	random_bytes(chance, sizeof chance);
	*state = (struct fake_state){.started_ms = clock_boot_ms(),
		.left = 700,
		.size_name = "na_index-4x6_4x6in",
		.type = "photographic-glossy",
		.width_hmm = 10160,
		.height_hmm = 15240,
		.armed = COUNT_UNKNOWN};
	snprintf(state->serial, sizeof state->serial, "fake-%02x%02x%02x%02x%02x%02x", chance[0],
		chance[1], chance[2], chance[3], chance[4], chance[5]);
	clock_boot_id(state->boot);
}

static bool jobs_from_json(const json_t *json, struct fake_state *state, struct err *err)
{
	json_t *jobs;
	json_t *recent;
	if (!json_need_array(json, "jobs", FAKE_JOBS_MAX, &jobs, err) ||
		!json_need_array(json, "recent_ms", FAKE_RECENT_MAX, &recent, err)) {
		return false;
	}
	state->n_jobs = (int32_t)json_array_size(jobs);
	for (int32_t i = 0; i < state->n_jobs; i++) {
		if (!fields_need(json_array_get(jobs, (size_t)i), FIELDS(job_fields),
			    &state->jobs[i], err)) {
			return false;
		}
	}
	for (size_t i = 0; i < json_array_size(recent); i++) {
		state->recent_ms[i] = json_integer_value(json_array_get(recent, i));
	}
	return true;
}

static bool load(struct fake *fake, struct err *err)
{
	char text[STATE_BYTES_MAX];
	if (!fake_read(fake, "state.json", text, sizeof text)) {
		make_new(fake);
		return fake_save(fake, err);
	}
	struct fake_state state = {0};
	json_t *json = json_read(text, strlen(text), err);
	bool fine = json != NULL && fields_need(json, FIELDS(state_fields), &state, err) &&
		    jobs_from_json(json, &state, err);
	json_decref(json);
	if (!fine) {
		err->remedy = REMEDY_ATTEND;
		return err_wrap(
			err, "printer %s: %s/state.json", fake->device->printer, fake->folder);
	}
	char boot[CLOCK_BOOT_ID_MAX];
	clock_boot_id(boot);
	if (strcmp(boot, state.boot) != 0) { /* its times mean nothing any more: all is due */
		memcpy(state.boot, boot, sizeof state.boot);
		memset(state.recent_ms, 0, sizeof state.recent_ms);
		state.started_ms = clock_boot_ms();
		state.absent_until_ms = state.silent_until_ms = 0;
		for (int32_t i = 0; i < state.n_jobs; i++) {
			state.jobs[i].due_ms = 0;
		}
	}
	fake->state = state;
	return true;
}

bool fake_enter(struct fake *fake, struct err *err)
{
	char path[512];
	fake_path(fake, "lock", path, sizeof path);
	fake->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fake->lock < 0 || flock(fake->lock, LOCK_EX) != 0) {
		fake_fault(fake, "lock", err);
		fake_leave(fake);
		return false;
	}
	if (!load(fake, err)) {
		fake_leave(fake);
		return false;
	}
	return true;
}

void fake_leave(struct fake *fake)
{
	if (fake->lock >= 0) {
		close(fake->lock);
		fake->lock = -1;
	}
}

static json_t *state_to_json(const struct fake_state *state)
{
	json_t *json = json_object();
	fields_put(json, FIELDS(state_fields), state);
	json_t *jobs = json_array();
	for (int32_t i = 0; i < state->n_jobs; i++) {
		json_t *job = json_object();
		fields_put(job, FIELDS(job_fields), &state->jobs[i]);
		json_array_append_new(jobs, job);
	}
	json_object_set_new(json, "jobs", jobs);
	json_t *recent = json_array();
	for (int i = 0; i < FAKE_RECENT_MAX; i++) {
		json_array_append_new(recent, json_integer(state->recent_ms[i]));
	}
	json_object_set_new(json, "recent_ms", recent);
	return json;
}

bool fake_save(struct fake *fake, struct err *err)
{
	char temp[512];
	char path[512];
	fake_path(fake, ".state", temp, sizeof temp);
	fake_path(fake, "state.json", path, sizeof path);
	json_t *json = state_to_json(&fake->state);
	char *text = json_write(json);
	json_decref(json);
	size_t len = strlen(text);
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool fine = fd >= 0 && write(fd, text, len) == (ssize_t)len;
	if (fd >= 0) {
		fine = close(fd) == 0 && fine;
	}
	free(text);
	return (fine && rename(temp, path) == 0) || fake_fault(fake, "state.json", err);
}
