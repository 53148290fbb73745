/* SPDX-License-Identifier: Apache-2.0
 *
 * Health, loaded sizes and counters.
 */
#include "drivers/s2145.h"
#include "base/units.h"
#include <stdio.h>
#include <string.h>

#define DPI 300

/* A coat is chosen by the print: one ribbon makes both. */
static const struct {
	const char *type;
	uint8_t coat;
} coats[] = {
	{"photographic-glossy", S2145_COAT_GLOSS},
	{"photographic-matte", S2145_COAT_MATTE},
};

uint8_t s2145_coat_of(const char *media_type)
{
	for (size_t i = 0; i < sizeof coats / sizeof coats[0]; i++) {
		if (strcmp(coats[i].type, media_type) == 0) {
			return coats[i].coat;
		}
	}
	return media_type[0] == '\0' ? S2145_COAT_DEFAULT : 0;
}

bool s2145_look(struct s2145 *s, struct s2145_state *state, struct err *err)
{
	struct s2145_reply reply;
	if (!s2145_query(s, S2145_STATUS, &reply, err)) {
		return false;
	}
	if (s2145_take_state(&reply.head, reply.payload, reply.head.payload_bytes, state)) {
		return true;
	}
	s2145_hang_up(s); /* out of step: the next line begins by reading away */
	return err_set(err, REMEDY_RETRY, "printer-answer",
		"printer %s: what it says of its state has %zu bytes, which is none; it is asked "
		"again",
		s->device->printer, reply.head.payload_bytes);
}

bool s2145_loaded(struct s2145 *s, struct s2145_media *media, struct err *err)
{
	struct s2145_reply reply;
	*media = (struct s2145_media){.n = 0};
	if (!s2145_query(s, S2145_MEDIA, &reply, err)) {
		return false;
	}
	if (!reply.head.ok || s2145_take_media(reply.payload, reply.head.payload_bytes, media)) {
		return true;
	}
	s2145_hang_up(s);
	return err_set(err, REMEDY_RETRY, "printer-answer",
		"printer %s: its list of sizes is not sound; it is asked again",
		s->device->printer);
}

/* ---- health ---- */

static void add_reason(struct device_status *status, const char *keyword)
{
	if (keyword != NULL) {
		text_copy(status->reasons[status->n_reasons++], sizeof status->reasons[0], keyword);
	}
}

static void say_health(const struct s2145_state *state, struct device_status *status)
{
	const struct s2145_head *head = &state->head;
	if (s2145_is_broken(head)) {
		const struct s2145_fault *fault = s2145_fault_of(head->major, head->minor);
		status->state = DEVICE_STOPPED;
		add_reason(status, fault->keyword);
		snprintf(status->message, sizeof status->message, "%s (%02X-%02X)", fault->says,
			head->major, head->minor);
		return;
	}
	const struct s2145_doing *doing = s2145_doing_of(head->state);
	bool busy = doing->state == DEVICE_IDLE && s2145_banks_used(state) > 0;
	status->state = busy ? DEVICE_PROCESSING : doing->state;
	add_reason(status, doing->keyword);
	if (doing->state != DEVICE_IDLE) {
		text_copy(status->message, sizeof status->message, doing->says);
	}
	if (!head->ok) { /* it answers that it can't answer */
		const struct s2145_refusal *why = s2145_refusal_of(head->error);
		status->accepting = false;
		text_copy(status->message, sizeof status->message, why->says);
	}
}

/* ---- paper ---- */

static void add_ready(struct device_status *status, const struct s2145_medium *medium,
	const char *type, int32_t left)
{
	int32_t across = units_hmm(medium->columns, DPI);
	int32_t along = units_hmm(medium->rows, DPI);
	struct ready_media ready = {.width_hmm = across < along ? across : along,
		.height_hmm = across < along ? along : across,
		.sheets_left = left};
	for (int32_t i = 0; i < status->n_ready; i++) {
		const struct ready_media *known = &status->ready[i];
		if (known->width_hmm == ready.width_hmm && known->height_hmm == ready.height_hmm &&
			strcmp(known->type, type) == 0) {
			return;
		}
	}
	snprintf(ready.size_name, sizeof ready.size_name, "custom_s2145-%ux%u_%d.%02dx%d.%02dmm",
		medium->columns, medium->rows, (int)ready.width_hmm / 100,
		(int)ready.width_hmm % 100, (int)ready.height_hmm / 100,
		(int)ready.height_hmm % 100);
	text_copy(ready.type, sizeof ready.type, type);
	text_copy(ready.source, sizeof ready.source, "main-roll");
	if (status->n_ready < DEVICE_READY_MAX) {
		status->ready[status->n_ready++] = ready;
	}
}

static void say_media(const struct s2145_state *state, const struct s2145_media *media,
	struct device_status *status)
{
	int32_t left = !state->counts                   ? COUNT_UNKNOWN
		       : state->ribbon_left > INT32_MAX ? INT32_MAX
							: (int32_t)state->ribbon_left;
	status->says_ready = true;
	for (size_t i = 0; i < media->n; i++) {
		for (size_t k = 0; k < sizeof coats / sizeof coats[0]; k++) {
			add_ready(status, &media->list[i], coats[k].type, left);
		}
	}
}

void s2145_status_of(const struct s2145 *s, const struct s2145_state *state,
	const struct s2145_media *media, struct device_status *status)
{
	static const char *const tones[] = {"as built", "user's", "loaded"};
	*status = (struct device_status){.accepting = true,
		.up_time_s = COUNT_UNKNOWN,
		.life_count = state->counts ? (int64_t)state->lifetime : COUNT_UNKNOWN};
	text_copy(status->uuid, sizeof status->uuid, s->uuid);
	text_copy(status->title, sizeof status->title, s->title);
	snprintf(status->firmware, sizeof status->firmware, "%s, tone curve %s", s->firmware,
		state->tone < 3 ? tones[state->tone] : "unknown");
	status->takes[FORMAT_PWG] = true;
	say_health(state, status);
	say_media(state, media, status);
}

bool s2145_status(struct device *device, struct device_status *status, struct err *err)
{
	struct s2145_state state;
	struct s2145_media media;
	if (!s2145_look(device->own, &state, err) || !s2145_loaded(device->own, &media, err)) {
		return false;
	}
	s2145_status_of(device->own, &state, &media, status);
	return true;
}

/* ---- evidence ---- */

bool s2145_witness_of(const struct s2145 *s, const struct s2145_state *state,
	struct witness *witness, struct err *err)
{
	if (!state->counts) {
		return err_set(err, REMEDY_RETRY, "printer-answer",
			"printer %s: it does not say its counters at the moment (it is %s)",
			s->device->printer, s2145_doing_of(state->head.state)->says);
	}
	*witness = (struct witness){.read = true,
		.up_time_s = COUNT_UNKNOWN,
		.impressions = COUNT_UNKNOWN,
		.life_count = state->lifetime,
		.media_left = state->ribbon_left,
		.jobs_active = s2145_banks_used(state)};
	text_copy(witness->uuid, sizeof witness->uuid, s->uuid);
	return true;
}

bool s2145_witness(struct device *device, struct witness *witness, struct err *err)
{
	struct s2145_state state;
	return s2145_look(device->own, &state, err) &&
	       s2145_witness_of(device->own, &state, witness, err);
}
