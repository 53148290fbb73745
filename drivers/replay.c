/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver "replay": a device that says again what a real one said, in its times, from a
 * recording (wire/recording.h). It shows a floor, a page, a new release how that printer behaved
 * for a day; it prints nothing.
 */
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "drivers/list.h"
#include "wire/recording.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME "replay:"

struct replay {
	struct recording recording;
	int64_t began_ms; /* of the playing: it begins anew with each worker */
};

/* Read as a whole before the worker is locked in; it opens nothing afterwards. */
static bool replay_open(struct device *device, struct err *err)
{
	const char *path = device->uri + strlen(SCHEME);
	struct buf text = {0};
	if (strncmp(device->uri, SCHEME "/", sizeof SCHEME) != 0) {
		return err_set(err, REMEDY_ATTEND, "printer-uri",
			"printer %s: \"%s\" is not an address as " SCHEME
			"/file; correct it in the "
			"configuration",
			device->printer, device->uri);
	}
	struct replay *replay = mem_new(1, sizeof *replay);
	bool fine = file_read(path, RECORDING_BYTES_MAX, &text, err) &&
		    recording_read(buf_get(&text), text.len, &replay->recording, err);
	buf_fini(&text);
	if (!fine) {
		recording_fini(&replay->recording);
		free(replay);
		err->remedy = REMEDY_ATTEND;
		return err_wrap(err, "printer %s: %.200s", device->printer, path);
	}
	replay->began_ms = clock_boot_ms();
	device->own = replay;
	return true;
}

static void replay_close(struct device *device)
{
	struct replay *replay = device->own;
	recording_fini(&replay->recording);
	free(replay);
	device->own = NULL;
}

static bool replay_status(struct device *device, struct device_status *status, struct err *err)
{
	const struct replay *replay = device->own;
	const struct recording_line *line =
		recording_at(&replay->recording, clock_boot_ms() - replay->began_ms);
	if (line == NULL) {
		return err_set(err, REMEDY_RETRY, "printer-absent",
			"printer %s: its recording is over; restart platend to play it again",
			device->printer);
	}
	if (line->has_status) {
		*status = line->status;
	} else {
		*err = line->err;
	}
	return line->has_status;
}

static bool replay_witness(struct device *device, struct witness *witness, struct err *err)
{
	struct device_status status;
	if (!replay_status(device, &status, err)) {
		return false;
	}
	*witness = (struct witness){.read = true,
		.up_time_s = status.up_time_s,
		.impressions = COUNT_UNKNOWN,
		.life_count = status.life_count,
		.media_left = COUNT_UNKNOWN,
		.jobs_active = status.state == DEVICE_PROCESSING};
	memcpy(witness->uuid, status.uuid, sizeof witness->uuid);
	return true;
}

static bool replay_send(struct device *device, struct attempt *attempt,
	const struct document *document, const struct send_hooks *hooks, struct err *err)
{
	(void)attempt;
	(void)document;
	(void)hooks;
	return err_set(err, REMEDY_ATTEND, "printer-unfit",
		"printer %s: it is a recording and prints nothing; pause it, so that no job goes "
		"there",
		device->printer);
}

static bool replay_confirm(struct device *device, const struct attempt *attempt,
	struct receipt *receipt, struct err *err)
{
	(void)attempt;
	struct receipt result = {.verdict = VERDICT_NOT_TAKEN};
	snprintf(result.text, sizeof result.text, "a recording prints nothing");
	if (!replay_witness(device, &result.after, err)) {
		return false;
	}
	*receipt = result;
	return true;
}

static bool replay_cancel(struct device *device, const struct attempt *attempt, struct err *err)
{
	(void)device;
	(void)attempt;
	(void)err;
	return true;
}

static bool replay_sweep(struct device *device, const char (*known)[ATTEMPT_KEY_MAX],
	size_t n_known, int32_t *swept, struct err *err)
{
	(void)device;
	(void)known;
	(void)n_known;
	(void)err;
	*swept = 0;
	return true;
}

const struct driver driver_replay = {
	.name = "replay",
	.open = replay_open,
	.status = replay_status,
	.witness = replay_witness,
	.send = replay_send,
	.confirm = replay_confirm,
	.cancel = replay_cancel,
	.sweep = replay_sweep,
	.close = replay_close,
};
