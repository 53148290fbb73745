/* SPDX-License-Identifier: Apache-2.0
 *
 * Health, loaded media, capabilities and counters, as the printer says them.
 */
#include "drivers/ipp.h"
#include "base/clock.h"
#include <cups/pwg.h>
#include <stdlib.h>
#include <string.h>

#define TRAYS_LOOKED_AT 64
#define LENGTH_MAX      1000000 /* hmm */

static const char *const wanted[] = {"printer-state", "printer-state-reasons",
	"printer-state-message", "printer-is-accepting-jobs", "printer-uuid",
	"printer-make-and-model", "printer-firmware-string-version", "printer-up-time",
	"printer-impressions-completed", "media-col-ready", "media-ready",
	"document-format-supported", "job-hold-until-supported", "operations-supported",
	"printer-type", "marker-names", "marker-types", "marker-levels", "marker-low-levels",
	"marker-high-levels", "printer-supply", "printer-supply-description", "printer-alert",
	"printer-alert-description", "printer-input-tray", "printer-output-tray",
	"printer-config-change-time",
	"media-supported" /* the last: a long list, asked now and then (ask_for) */};
#define MEDIA_EVERY_MS 8000

static void take_reasons(ipp_attribute_t *attribute, struct device_status *status)
{
	if (attribute == NULL || ippGetValueTag(attribute) != IPP_TAG_KEYWORD) {
		return;
	}
	for (int i = 0; i < ippGetCount(attribute) && status->n_reasons < DEVICE_REASONS_MAX; i++) {
		const char *word = ippGetString(attribute, i, NULL);
		if (word != NULL && word[0] != '\0' && strcmp(word, "none") != 0) {
			text_escape(status->reasons[status->n_reasons], sizeof status->reasons[0],
				word);
			status->n_reasons++;
		}
	}
}

static void add_ready(struct device_status *status, const struct ready_media *tray)
{
	for (int32_t i = 0; i < status->n_ready; i++) { /* with and without margins: one tray */
		const struct ready_media *known = &status->ready[i];
		if (known->width_hmm == tray->width_hmm && known->height_hmm == tray->height_hmm &&
			known->width_most_hmm == tray->width_most_hmm &&
			known->height_most_hmm == tray->height_most_hmm &&
			strcmp(known->type, tray->type) == 0 &&
			strcmp(known->source, tray->source) == 0) {
			return;
		}
	}
	if (status->n_ready < DEVICE_READY_MAX) {
		status->ready[status->n_ready++] = *tray;
	}
}

static ipp_attribute_t *member(ipp_t *collection, const char *name)
{
	return ippFindAttribute(collection, name, IPP_TAG_ZERO);
}

/* One side of a size: a length, or the least and the most of a range. */
static bool take_side(ipp_attribute_t *side, int32_t *least_hmm, int32_t *most_hmm)
{
	int upper = 0;
	*most_hmm = 0;
	if (side == NULL || ippGetValueTag(side) != IPP_TAG_RANGE) {
		return ipp_take_int32(side, 1, LENGTH_MAX, least_hmm);
	}
	int lower = ippGetRange(side, 0, &upper);
	*least_hmm = lower < 1 ? 1 : lower;
	*most_hmm = upper > LENGTH_MAX ? LENGTH_MAX : upper;
	return *least_hmm <= *most_hmm;
}

static void name_tray(struct ready_media *tray)
{
	bool is_roll = tray->height_most_hmm > 0;
	const pwg_media_t *known =
		is_roll ? NULL : pwgMediaForSize(tray->width_hmm, tray->height_hmm);
	if (known != NULL) {
		text_copy(tray->size_name, sizeof tray->size_name, known->pwg);
	} else if (is_roll) {
		pwgFormatSizeName(tray->size_name, sizeof tray->size_name, "roll", "max",
			tray->width_hmm, tray->height_most_hmm, NULL);
	}
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* Rolls and sizes of one's own have two names, of the least and of the most (PWG 5101.1): the
 * latter counts. */
static bool range_of_name(const char *name, struct ready_media *tray)
{
	bool is_custom = begins(name, "custom_max_");
	if (is_custom || begins(name, "roll_")) {
		tray->height_most_hmm = tray->height_hmm;
		tray->height_hmm = 1;
	}
	if (is_custom) {
		tray->width_most_hmm = tray->width_hmm;
		tray->width_hmm = 1;
	}
	return !begins(name, "roll_min_") && !begins(name, "custom_min_");
}

static void take_col(ipp_t *col, struct device_status *status)
{
	ipp_attribute_t *size = member(col, "media-size");
	if (size == NULL || ippGetValueTag(size) != IPP_TAG_BEGIN_COLLECTION) {
		return;
	}
	ipp_t *sides = ippGetCollection(size, 0);
	struct ready_media tray = {.sheets_left = COUNT_UNKNOWN};
	if (!take_side(member(sides, "x-dimension"), &tray.width_hmm, &tray.width_most_hmm) ||
		!take_side(member(sides, "y-dimension"), &tray.height_hmm, &tray.height_most_hmm)) {
		return;
	}
	ipp_take_text(member(col, "media-type"), tray.type, sizeof tray.type);
	ipp_take_text(member(col, "media-source"), tray.source, sizeof tray.source);
	if (!ipp_take_text(member(col, "media-size-name"), tray.size_name, sizeof tray.size_name)) {
		name_tray(&tray);
	}
	bool ranged = tray.width_most_hmm > 0 || tray.height_most_hmm > 0;
	if (ranged || range_of_name(tray.size_name, &tray)) {
		add_ready(status, &tray);
	}
}

/* A printer that names its media without their dimensions. */
static void take_names(ipp_attribute_t *names, struct device_status *status)
{
	ipp_tag_t tag = names == NULL ? IPP_TAG_ZERO : ippGetValueTag(names);
	if (tag != IPP_TAG_KEYWORD && tag != IPP_TAG_NAME) {
		return;
	}
	status->says_ready = true;
	for (int i = 0; i < ippGetCount(names) && i < TRAYS_LOOKED_AT; i++) {
		const char *name = ippGetString(names, i, NULL);
		const pwg_media_t *known = name == NULL ? NULL : pwgMediaForPWG(name);
		if (known == NULL || known->width < 1 || known->width > LENGTH_MAX ||
			known->length < 1 || known->length > LENGTH_MAX) {
			continue;
		}
		struct ready_media tray = {.width_hmm = known->width,
			.height_hmm = known->length,
			.sheets_left = COUNT_UNKNOWN};
		text_escape(tray.size_name, sizeof tray.size_name, name);
		if (range_of_name(name, &tray)) {
			add_ready(status, &tray);
		}
	}
}

static void take_ready(ipp_t *answer, struct device_status *status)
{
	ipp_attribute_t *cols = ipp_find(answer, IPP_TAG_PRINTER, "media-col-ready");
	if (cols == NULL || ippGetValueTag(cols) != IPP_TAG_BEGIN_COLLECTION) {
		take_names(ipp_find(answer, IPP_TAG_PRINTER, "media-ready"), status);
		return;
	}
	status->says_ready = true;
	for (int i = 0; i < ippGetCount(cols) && i < TRAYS_LOOKED_AT; i++) {
		take_col(ippGetCollection(cols, i), status);
	}
}

static enum device_state state_of(int64_t said)
{
	static const enum device_state states[] = {DEVICE_IDLE, DEVICE_PROCESSING, DEVICE_STOPPED};
	return states[said - IPP_PSTATE_IDLE];
}

/* By an attribute of its own. */
static bool is_cupsd(ipp_t *answer)
{
	return ipp_find(answer, IPP_TAG_PRINTER, "printer-type") != NULL;
}

bool ipp_status_of(ipp_t *answer, struct device_status *status, struct err *err)
{
	struct device_status read = {.accepting = true,
		.up_time_s = COUNT_UNKNOWN,
		.life_count = COUNT_UNKNOWN,
		.config_changed_s = COUNT_UNKNOWN};
	int64_t state;
	if (!ipp_take_int(ipp_find(answer, IPP_TAG_PRINTER, "printer-state"), IPP_PSTATE_IDLE,
		    IPP_PSTATE_STOPPED, &state)) {
		return err_set(err, REMEDY_RETRY, "printer-answer",
			"the printer's answer is not sound IPP: it does not say its state");
	}
	read.state = state_of(state);
	const struct {
		const char *name;
		char *out;
		size_t size;
	} texts[] = {
		{"printer-uuid", read.uuid, sizeof read.uuid},
		{"printer-make-and-model", read.title, sizeof read.title},
		{"printer-firmware-string-version", read.firmware, sizeof read.firmware},
		{"printer-state-message", read.message, sizeof read.message},
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		ipp_take_text(ipp_find(answer, IPP_TAG_PRINTER, texts[i].name), texts[i].out,
			texts[i].size);
	}
	ipp_take_bool(
		ipp_find(answer, IPP_TAG_PRINTER, "printer-is-accepting-jobs"), &read.accepting);
	ipp_take_int(ipp_find(answer, IPP_TAG_PRINTER, "printer-up-time"), 0, INT32_MAX,
		&read.up_time_s);
	ipp_take_int(ipp_find(answer, IPP_TAG_PRINTER, "printer-impressions-completed"), 0,
		INT32_MAX, &read.life_count);
	if (!is_cupsd(answer)) { /* which sets it at each start of its own */
		ipp_take_int(ipp_find(answer, IPP_TAG_PRINTER, "printer-config-change-time"), 0,
			INT32_MAX, &read.config_changed_s);
	}
	if (read.message[0] == '\0') { /* PWG 5100.9: what its alerts are, in words */
		ipp_take_text(ipp_find(answer, IPP_TAG_PRINTER, "printer-alert-description"),
			read.message, sizeof read.message);
	}
	ipp_take_supplies(answer, &read);
	ipp_take_trays(answer, &read);
	ipp_take_alerts(answer, &read);
	take_reasons(ipp_find(answer, IPP_TAG_PRINTER, "printer-state-reasons"), &read);
	take_ready(answer, &read);
	ipp_take_media(answer, &read);
	ipp_attribute_t *formats = ipp_find(answer, IPP_TAG_PRINTER, "document-format-supported");
	for (int at = 0; at < FORMAT_COUNT; at++) {
		read.takes[at] = ipp_has_word(formats, format_media_type((enum document_format)at));
	}
	read.can_hold = ipp_has_word(ipp_find(answer, IPP_TAG_PRINTER, "job-hold-until-supported"),
				"indefinite") &&
			ipp_has_number(ipp_find(answer, IPP_TAG_PRINTER, "operations-supported"),
				IPP_OP_RELEASE_JOB);
	*status = read;
	return true;
}

static bool judge(struct ipp *ipp, ipp_t *answer, struct device_status *status, struct err *err)
{
	if (answer == NULL) {
		return false;
	}
	struct device_status read;
	bool fine = ipp_answer_is_fine(ipp, answer, "ask its state", err);
	if (fine && !ipp_status_of(answer, &read, err)) {
		fine = err_wrap(err, "printer %s", ipp->device->printer);
	}
	fine = fine && ipp_identity_fits(ipp, read.uuid, err);
	if (fine) {
		*status = read;
		ipp->spools = is_cupsd(answer);
	}
	ippDelete(answer);
	return fine;
}

static ipp_t *ask_for(struct ipp *ipp, bool media)
{
	ipp_t *request = ipp_request(ipp, IPP_OP_GET_PRINTER_ATTRIBUTES, 0);
	ipp_want(request, wanted, sizeof wanted / sizeof wanted[0] - !media);
	return request;
}

bool ipp_look(struct ipp *ipp, struct device_status *status, struct err *err)
{
	return judge(ipp, ipp_call(ipp, ask_for(ipp, false), IPP_ASK_MS, false, err), status, err);
}

bool ipp_look_beside(struct ipp *ipp, struct device_status *status, struct err *err)
{
	return judge(ipp, ipp_call_beside(ipp, ask_for(ipp, false), IPP_ASK_MS, err), status, err);
}

bool ipp_status(struct device *device, struct device_status *status, struct err *err)
{
	struct ipp *ipp = device->own;
	bool media = clock_boot_ms() >= ipp->media_due_ms;
	ipp_t *request = ask_for(ipp, media);
	if (!judge(ipp, ipp_call(ipp, request, IPP_ASK_MS, false, err), status, err)) {
		return false;
	}
	if (media) {
		ipp->media_due_ms = clock_boot_ms() + MEDIA_EVERY_MS;
	}
	return true;
}

bool ipp_witness(struct device *device, struct witness *witness, struct err *err)
{
	struct ipp *ipp = device->own;
	struct device_status status;
	struct ipp_job *jobs;
	size_t n;
	if (!ipp_look(ipp, &status, err) || !ipp_jobs_list(ipp, false, &jobs, &n, err)) {
		return false;
	}
	struct witness seen = {.read = true,
		.up_time_s = status.up_time_s,
		.impressions = status.life_count,
		.life_count = COUNT_UNKNOWN,
		.media_left = COUNT_UNKNOWN,
		.jobs_active = (int32_t)n};
	memcpy(seen.uuid, status.uuid, sizeof seen.uuid);
	for (size_t i = 0; i < n; i++) {
		seen.foreign = seen.foreign || strcmp(jobs[i].user, IPP_USER) != 0;
	}
	free(jobs);
	if (n == 0 && status.state == DEVICE_PROCESSING) {
		seen.jobs_active = 1; /* a sheet of a job that its list does not show any more */
	}
	*witness = seen;
	return true;
}
