/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver "hotfolder": its row of functions, what can be seen of such a machine, and taking
 * work back. It says nothing of itself, so its health is that of its folder, and its loaded paper
 * is what a person says.
 */
#include "drivers/minilab.h"
#include "drivers/list.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME          "hotfolder:"
#define FREE_LEAST      (INT64_C(32) * 1024 * 1024)
#define PLACE_ANYTHING  (-1)
#define MACHINE_SLOW_MS (5 * MINUTE_MS)

static bool minilab_open(struct device *device, struct err *err)
{
	const char *folder = device->uri + strlen(SCHEME);
	if (strncmp(device->uri, SCHEME "/", sizeof SCHEME) != 0 || folder[1] == '\0') {
		return err_set(err, REMEDY_ATTEND, "printer-uri",
			"printer %s: \"%s\" is not an address as " SCHEME "/folder; correct it in "
			"the configuration",
			device->printer, device->uri);
	}
	struct minilab *lab = mem_new(1, sizeof *lab);
	*lab = (struct minilab){.device = device, .folder = folder, .seen_place = PLACE_ANYTHING};
	text_copy(lab->uuid, sizeof lab->uuid, device->uuid == NULL ? "" : device->uuid);
	/* Before the worker is locked in: it can be locked into no folder that is not there. */
	struct minilab_contents contents;
	if (!minilab_mark(lab, err) || !minilab_count(lab, &contents, err)) {
		free(lab);
		return false;
	}
	device->own = lab;
	return true;
}

static void minilab_close(struct device *device)
{
	free(device->own);
	device->own = NULL;
}

int64_t minilab_seen_ms(struct minilab *lab, const char *key, int32_t place)
{
	int64_t now_ms = clock_boot_ms();
	if (strcmp(lab->seen_key, key) != 0 || lab->seen_place != place) {
		text_copy(lab->seen_key, sizeof lab->seen_key, key);
		lab->seen_place = place;
		lab->seen_since_ms = now_ms;
	}
	return now_ms - lab->seen_since_ms;
}

static void say_message(const struct minilab *lab, const struct minilab_contents *contents,
	struct device_status *status)
{
	int64_t since_ms = clock_boot_ms() - lab->seen_since_ms;
	if (contents->n_refused > 0) {
		snprintf(status->message, sizeof status->message,
			"%d of ours in its folder %s: look why, then remove them",
			(int)contents->n_refused, lab->device->model.folder.error);
	} else if (contents->n_tickets > 0 && lab->seen_key[0] != '\0' &&
		   since_ms > MACHINE_SLOW_MS) {
		snprintf(status->message, sizeof status->message,
			"it has taken nothing for %lld min: is its program running?",
			(long long)(since_ms / MINUTE_MS));
	}
}

void minilab_status_of(const struct minilab *lab, const struct minilab_contents *contents,
	struct device_status *status)
{
	*status = (struct device_status){.accepting = true,
		.state = contents->n_tickets > 0 ? DEVICE_PROCESSING : DEVICE_IDLE,
		.up_time_s = COUNT_UNKNOWN,
		.life_count = COUNT_UNKNOWN};
	text_copy(status->uuid, sizeof status->uuid, lab->uuid);
	text_copy(status->title, sizeof status->title, lab->device->model.title);
	status->takes[FORMAT_JPEG] = true;
	say_message(lab, contents, status);
	int64_t free_bytes = minilab_free_bytes(lab);
	if (free_bytes != COUNT_UNKNOWN && free_bytes < FREE_LEAST) {
		text_copy(status->reasons[status->n_reasons++], sizeof status->reasons[0],
			"spool-area-full");
		snprintf(status->message, sizeof status->message,
			"the disk of its folder has %lld MiB left: make room there",
			(long long)(free_bytes / (1024 * 1024)));
	}
}

static bool minilab_status(struct device *device, struct device_status *status, struct err *err)
{
	struct minilab *lab = device->own;
	struct minilab_contents contents;
	if (!minilab_look(lab, err) || !minilab_count(lab, &contents, err)) {
		return false;
	}
	minilab_status_of(lab, &contents, status);
	return true;
}

static bool minilab_witness(struct device *device, struct witness *witness, struct err *err)
{
	struct minilab *lab = device->own;
	struct minilab_contents contents;
	if (!minilab_look(lab, err) || !minilab_count(lab, &contents, err)) {
		return false;
	}
	*witness = (struct witness){.read = true,
		.up_time_s = COUNT_UNKNOWN,
		.impressions = COUNT_UNKNOWN,
		.life_count = COUNT_UNKNOWN,
		.media_left = COUNT_UNKNOWN,
		.jobs_active = contents.n_tickets};
	text_copy(witness->uuid, sizeof witness->uuid, lab->uuid);
	return true;
}

static bool minilab_cancel(struct device *device, const struct attempt *attempt, struct err *err)
{
	struct minilab *lab = device->own;
	bool had_ticket;
	return minilab_look(lab, err) && minilab_remove_all(lab, attempt->key, &had_ticket, err);
}

/* ---- left-overs ---- */

struct sweeping {
	const char (*known)[ATTEMPT_KEY_MAX];
	size_t n_known;
	char found[ATTEMPT_KEY_MAX]; /* one that nobody waits for */
};

static bool find_stray(void *context, enum minilab_file file, const char *key)
{
	struct sweeping *sweeping = context;
	(void)file;
	for (size_t i = 0; i < sweeping->n_known; i++) {
		if (strcmp(sweeping->known[i], key) == 0) {
			return true;
		}
	}
	text_copy(sweeping->found, sizeof sweeping->found, key);
	return false;
}

/* One at a time, since a listing need not show what changes under it. */
static bool minilab_sweep(struct device *device, const char (*known)[ATTEMPT_KEY_MAX],
	size_t n_known, int32_t *swept, struct err *err)
{
	struct minilab *lab = device->own;
	struct sweeping sweeping = {.known = known, .n_known = n_known};
	if (!minilab_look(lab, err)) {
		return false;
	}
	*swept = 0;
	for (;;) {
		bool had_ticket;
		sweeping.found[0] = '\0';
		if (!minilab_each(lab, "", find_stray, &sweeping, err)) {
			return false;
		}
		if (sweeping.found[0] == '\0') {
			return true;
		}
		if (!minilab_remove_all(lab, sweeping.found, &had_ticket, err)) {
			return false;
		}
		++*swept;
	}
}

const struct driver driver_hotfolder = {
	.name = "hotfolder",
	.in_folder = true,
	.open = minilab_open,
	.status = minilab_status,
	.witness = minilab_witness,
	.send = minilab_send,
	.confirm = minilab_confirm,
	.cancel = minilab_cancel,
	.sweep = minilab_sweep,
	.close = minilab_close,
};
