/* SPDX-License-Identifier: Apache-2.0
 *
 * The fake printer's driver: its row of functions, and how it answers a question.
 */
#include "drivers/fake.h"
#include "drivers/list.h"
#include "base/mem.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOW_MEDIA 20

static bool make_folder(const struct fake *fake, const char *name, struct err *err)
{
	char path[512];
	fake_path(fake, name, path, sizeof path);
	if (mkdir(path, 0755) == 0 || errno == EEXIST) {
		return true;
	}
	fake_fault(fake, name, err);
	err->remedy = REMEDY_ATTEND;
	return false;
}

static bool fake_open(struct device *device, struct err *err)
{
	const char *folder = device->uri + strlen("fake:");
	if (strncmp(device->uri, "fake:/", 6) != 0 ||
		strlen(folder) >= sizeof((struct fake *)0)->folder) {
		return err_set(err, REMEDY_ATTEND, "printer-uri",
			"printer %s: \"%s\" is not an address as fake:/folder; correct it in the "
			"configuration",
			device->printer, device->uri);
	}
	struct fake *fake = mem_new(1, sizeof *fake);
	fake->device = device;
	fake->lock = -1;
	text_copy(fake->folder, sizeof fake->folder, folder);
	text_copy(fake->uuid, sizeof fake->uuid, device->uuid == NULL ? "" : device->uuid);
	/* Entered once, so that all a new printer needs is there before the worker is locked in. */
	if (!make_folder(fake, "", err) || !make_folder(fake, "out", err) ||
		(device->model.back.lines > 0 && !make_folder(fake, "back", err)) ||
		!fake_enter(fake, err)) {
		free(fake);
		return false;
	}
	fake_leave(fake);
	device->own = fake;
	return true;
}

static void fake_close(struct device *device)
{
	free(device->own);
	device->own = NULL;
}

static bool stopped(const struct fake *fake, struct err *err)
{
	return err_set(
		err, REMEDY_DROP, "stopped", "printer %s: told to stop", fake->device->printer);
}

static bool is_who_it_was(struct fake *fake, struct err *err)
{
	const char *serial = fake->state.serial;
	if (fake->uuid[0] == '\0') {
		text_copy(fake->uuid, sizeof fake->uuid, serial);
	}
	return strcmp(fake->uuid, serial) == 0 ||
	       err_set(err, REMEDY_ATTEND, "printer-changed",
		       "printer %s: another printer answers at %s (serial %s, expected %s); "
		       "nothing was sent. If it was exchanged on purpose, enter the new serial",
		       fake->device->printer, fake->device->uri, serial, fake->uuid);
}

static bool enter_and_run(struct fake *fake, struct err *err)
{
	if (!fake_enter(fake, err)) {
		return false;
	}
	if (!fake_run(fake, err)) {
		fake_leave(fake);
		return false;
	}
	return true;
}

bool fake_look(struct fake *fake, struct err *err)
{
	struct device *device = fake->device;
	if (!enter_and_run(fake, err)) {
		return false;
	}
	int64_t now_ms = clock_boot_ms();
	if (fake->state.absent_until_ms > now_ms) {
		fake_leave(fake);
		return err_set(err, REMEDY_RETRY, "printer-absent",
			"printer %s: nothing answers at %s; is it switched on?", device->printer,
			device->uri);
	}
	int64_t silent_ms = fake->state.silent_until_ms - now_ms;
	if (silent_ms > 0) {
		fake_leave(fake);
		if (!device->pause(
			    device->host, silent_ms < FAKE_ASK_MS ? silent_ms : FAKE_ASK_MS)) {
			return stopped(fake, err);
		}
		if (silent_ms > FAKE_ASK_MS) {
			return err_set(err, REMEDY_RETRY, "printer-silent",
				"printer %s: no answer from %s within %d s; is it responding?",
				device->printer, device->uri, FAKE_ASK_MS / 1000);
		}
		if (!enter_and_run(fake, err)) {
			return false;
		}
	}
	if (!is_who_it_was(fake, err)) {
		fake_leave(fake);
		return false;
	}
	return true;
}

static void add_reason(struct device_status *status, const char *reason)
{
	text_copy(status->reasons[status->n_reasons++], sizeof status->reasons[0], reason);
}

void fake_status_of(const struct fake *fake, struct device_status *status)
{
	static const char *const halts[] = {"", "media-jam", "cover-open", "media-empty"};
	const struct fake_state *state = &fake->state;
	*status = (struct device_status){.accepting = true, .says_ready = true, .n_ready = 1};
	status->state = state->halt != FAKE_RUNS ? DEVICE_STOPPED
			: state->n_jobs > 0      ? DEVICE_PROCESSING
						 : DEVICE_IDLE;
	text_copy(status->uuid, sizeof status->uuid, state->serial);
	text_copy(status->title, sizeof status->title, "platen fake dye-sub");
	text_copy(status->firmware, sizeof status->firmware, "1");
	if (state->halt != FAKE_RUNS) {
		add_reason(status, halts[state->halt]);
	}
	if (state->left == 0 && state->halt != FAKE_NO_MEDIA) {
		add_reason(status, "media-empty");
	} else if (state->left > 0 && state->left <= LOW_MEDIA) {
		add_reason(status, "media-low");
	}
	struct ready_media *ready = &status->ready[0];
	text_copy(ready->size_name, sizeof ready->size_name, state->size_name);
	text_copy(ready->type, sizeof ready->type, state->type);
	text_copy(ready->source, sizeof ready->source, "main-roll");
	ready->width_hmm = state->width_hmm;
	ready->height_hmm = state->height_hmm;
	if (strncmp(state->size_name, "roll_", 5) == 0) { /* any length of it, up to that one */
		ready->height_hmm = 1;
		ready->height_most_hmm = state->height_hmm;
	}
	ready->sheets_left = state->left > INT32_MAX ? INT32_MAX : (int32_t)state->left;
	for (int at = 0; at < FORMAT_COUNT; at++) {
		status->takes[at] = true;
	}
	status->up_time_s = (clock_boot_ms() - state->started_ms) / SECOND_MS;
	status->life_count = fake_shown_life(fake);
}

static bool fake_status(struct device *device, struct device_status *status, struct err *err)
{
	struct fake *fake = device->own;
	if (!fake_look(fake, err)) {
		return false;
	}
	fake_status_of(fake, status);
	fake_leave(fake);
	return true;
}

void fake_witness_of(const struct fake *fake, struct witness *witness)
{
	const struct fake_state *state = &fake->state;
	*witness = (struct witness){.read = true,
		.up_time_s = (clock_boot_ms() - state->started_ms) / SECOND_MS,
		.impressions = COUNT_UNKNOWN,
		.life_count = fake_shown_life(fake),
		.media_left = state->left,
		.jobs_active = state->n_jobs};
	text_copy(witness->uuid, sizeof witness->uuid, state->serial);
}

static bool fake_witness(struct device *device, struct witness *witness, struct err *err)
{
	struct fake *fake = device->own;
	if (!fake_look(fake, err)) {
		return false;
	}
	fake_witness_of(fake, witness);
	fake_leave(fake);
	return true;
}

static bool is_known(const char *key, const char (*known)[ATTEMPT_KEY_MAX], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(known[i], key) == 0) {
			return true;
		}
	}
	return false;
}

/* Drops what is in the buffer: only that attempt, or (NULL) all that are not known. */
static bool drop(struct fake *fake, const char *key, const char (*known)[ATTEMPT_KEY_MAX],
	size_t n_known, int32_t *dropped, struct err *err)
{
	if (!fake_look(fake, err)) {
		return false;
	}
	struct fake_state before = fake->state;
	struct fake_state *state = &fake->state;
	state->n_jobs = 0;
	for (int32_t i = 0; i < before.n_jobs; i++) {
		const struct fake_job *job = &before.jobs[i];
		if (key == NULL ? is_known(job->key, known, n_known) : strcmp(job->key, key) != 0) {
			state->jobs[state->n_jobs++] = *job;
		}
	}
	int32_t gone = before.n_jobs - state->n_jobs;
	bool fine = gone == 0 || fake_save(fake, err);
	if (fine) {
		fake_sweep_planes(fake, &before);
		*dropped = gone;
	}
	fake_leave(fake);
	return fine;
}

static bool fake_cancel(struct device *device, const struct attempt *attempt, struct err *err)
{
	int32_t dropped;
	return drop(device->own, attempt->key, NULL, 0, &dropped, err);
}

static bool fake_sweep(struct device *device, const char (*known)[ATTEMPT_KEY_MAX], size_t n_known,
	int32_t *swept, struct err *err)
{
	return drop(device->own, NULL, known, n_known, swept, err);
}

const struct driver driver_fake = {
	.name = "fake",
	.prints_backs = true,
	.open = fake_open,
	.status = fake_status,
	.witness = fake_witness,
	.send = fake_send,
	.confirm = fake_confirm,
	.cancel = fake_cancel,
	.sweep = fake_sweep,
	.close = fake_close,
};
