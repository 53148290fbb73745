/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing one picture over. It prints when all of its pixels are in a bank and not before, so the
 * last quarter of them is the commit point: it is held back until COMMITTED is stored. A quarter
 * and not a few rows, so that no print that lacks it could pass for a whole one. The job's id is
 * ours to choose, and is stored as its identity before the printer hears of it.
 */
#include "drivers/s2145.h"
#include "drivers/media.h"
#include "rules/condition.h"
#include <stdlib.h>

#define BANK_WAIT_MS 120000 /* for a bank to become free; then it is for the daemon to say */
#define LOOK_MS      500
#define PIECES       8 /* in which the first part goes, with a word on its health between */

struct handing { /* one hand-over under way */
	struct s2145 *s;
	struct attempt *attempt;
	const struct send_hooks *hooks;
	struct s2145_job job;
	struct s2145_page page;
	struct device_status seen; /* last */
};

static bool told_to_stop(const struct handing *handing, struct err *err)
{
	return err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop before %s had gone",
		handing->s->device->printer, handing->attempt->key);
}

static void say_seen(const struct handing *handing)
{
	const struct device *device = handing->s->device;
	if (device->saw != NULL) {
		device->saw(device->host, &handing->seen);
	}
}

/* Waits until LOOK_MS have passed since the last look, or, *left_ms being used up, no more. */
static bool wait_for_bank(struct handing *handing, int64_t *left_ms, struct err *err)
{
	const struct device *device = handing->s->device;
	say_seen(handing);
	if (*left_ms <= 0) {
		return err_set(err, REMEDY_RETRY, "printer-busy",
			"printer %s: both of its buffers have been full for %d s", device->printer,
			BANK_WAIT_MS / 1000);
	}
	*left_ms -= LOOK_MS;
	return device->pause(device->host, LOOK_MS) || told_to_stop(handing, err);
}

/* ---- before anything goes ---- */

static bool look(struct handing *handing, struct s2145_state *state, struct s2145_media *media,
	struct err *err)
{
	struct s2145 *s = handing->s;
	if (!s2145_look(s, state, err) || !s2145_loaded(s, media, err)) {
		return false;
	}
	s2145_status_of(s, state, media, &handing->seen);
	return condition_lets_print(s->device->printer, &handing->seen, err);
}

static bool fits(struct handing *handing, const struct document *document, struct err *err)
{
	const struct device *device = handing->s->device;
	const struct ready_media *tray;
	if (document->format != FORMAT_PWG) {
		return err_set(err, REMEDY_REJECT, "format-refused",
			"printer %s: it does not take %s", device->printer,
			format_media_type(document->format));
	}
	return media_is_loaded(device, &handing->seen, document, &tray, err);
}

/* An id that no bank shows, not even of a job that is over: what a bank says of it is of this one.
 */
static uint8_t choose_id(struct s2145 *s, const struct s2145_state *state)
{
	int32_t id = s->last_id > 0 ? s->last_id : (int32_t)(state->lifetime % S2145_ID_MAX);
	do {
		id = id % S2145_ID_MAX + 1;
	} while (s2145_bank_of(state, id) >= 0);
	s->last_id = id;
	return (uint8_t)id;
}

static bool prepare(struct handing *handing, const struct document *document,
	const struct s2145_state *state, const struct s2145_media *media, struct err *err)
{
	if (!s2145_page_read(handing->s, document, media, &handing->page, err)) {
		return false;
	}
	handing->job = (struct s2145_job){.id = choose_id(handing->s, state),
		.copies = (uint16_t)handing->attempt->copies,
		.medium = handing->page.medium,
		.overcoat = s2145_coat_of(document->media_type)};
	return true;
}

/* Looks until a bank is free; at the paper, too, each time. */
static bool get_ready(struct handing *handing, const struct document *document, struct err *err)
{
	struct s2145_state state;
	struct s2145_media media;
	struct witness unused;
	int64_t left_ms = BANK_WAIT_MS;
	while (look(handing, &state, &media, err) &&
		s2145_witness_of(handing->s, &state, &unused, err) &&
		fits(handing, document, err)) {
		if (s2145_banks_used(&state) < S2145_BANKS) {
			return prepare(handing, document, &state, &media, err);
		}
		if (!wait_for_bank(handing, &left_ms, err)) {
			return false;
		}
	}
	return false;
}

/* ---- the picture ---- */

/* It may have no room after all (another job of ours in its last moments): it is asked again. */
static bool announce(struct handing *handing, struct err *err)
{
	struct s2145_head head;
	int64_t left_ms = BANK_WAIT_MS;
	while (s2145_announce(handing->s, &handing->job, &head, err)) {
		if (head.ok) {
			return true;
		}
		if (head.error != S2145_ERROR_FULL || s2145_is_broken(&head)) {
			return s2145_refused(handing->s, &head, "print", err);
		}
		if (!wait_for_bank(handing, &left_ms, err)) {
			return false;
		}
	}
	return false;
}

static bool pour_first(struct handing *handing, size_t n_bytes, struct err *err)
{
	const uint8_t *at = handing->page.pixels;
	size_t piece = n_bytes / PIECES + 1;
	while (n_bytes > 0) {
		piece = piece < n_bytes ? piece : n_bytes;
		if (!s2145_pour(handing->s, at, piece, false, err)) {
			return false;
		}
		at += piece;
		n_bytes -= piece;
		say_seen(handing);
	}
	return true;
}

static bool hand_over(struct handing *handing, struct err *err)
{
	const struct send_hooks *hooks = handing->hooks;
	const struct s2145_page *page = &handing->page;
	size_t first = page->n_bytes - page->n_bytes / 4;
	handing->attempt->device_job = handing->job.id;
	handing->attempt->device_job_uuid[0] = '\0';
	if (!hooks->opened(hooks->host, handing->job.id, "") || !hooks->sending(hooks->host)) {
		return told_to_stop(handing, err);
	}
	if (!announce(handing, err) || !pour_first(handing, first, err)) {
		return false;
	}
	if (!hooks->committed(hooks->host)) {
		return told_to_stop(handing, err);
	}
	if (!s2145_pour(handing->s, page->pixels + first, page->n_bytes - first, true, err)) {
		char why[ERR_TEXT_MAX];
		text_copy(why, sizeof why, err->text);
		return err_set(err, REMEDY_UNSURE, "unsure",
			"after the last part of %s had begun to go: %.240s", handing->attempt->key,
			why);
	}
	return true;
}

bool s2145_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err)
{
	struct handing handing = {.s = device->own, .attempt = attempt, .hooks = hooks};
	bool fine = get_ready(&handing, document, err) && hand_over(&handing, err);
	free(handing.page.pixels);
	return fine;
}
