/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands and replies, byte by byte. Whatever a reply says was said by a device: lengths are held
 * against what came, texts are cleaned.
 */
#include "drivers/s2145_frame.h"
#include "base/text.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

#define STATE_BYTES    41
#define MEDIUM_BYTES   10
#define MODEL_AT       8 /* behind maker and product codes */
#define MODEL_BYTES    48
#define UNIQUE_BYTES   24
#define FIRMWARE_BYTES 38
#define VERSION_AT     34

static uint16_t take16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t take32(const uint8_t *at)
{
	return take16(at) | (uint32_t)take16(at + 2) << 16;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

/* ---- commands ---- */

size_t s2145_command(
	enum s2145_code code, const uint8_t *rest, size_t n_rest, uint8_t out[S2145_COMMAND_MAX])
{
	assert(n_rest <= S2145_COMMAND_MAX - 4);
	put16(out, code);
	put16(out + 2, (unsigned)n_rest);
	if (n_rest > 0) {
		memcpy(out + 4, rest, n_rest);
	}
	return 4 + n_rest;
}

size_t s2145_print_command(const struct s2145_job *job, uint8_t out[S2145_COMMAND_MAX])
{
	uint8_t rest[10] = {job->id};
	put16(rest + 1, job->copies);
	put16(rest + 3, job->medium.columns);
	put16(rest + 5, job->medium.rows);
	rest[7] = job->medium.code;
	rest[8] = job->overcoat;
	rest[9] = job->medium.method;
	return s2145_command(S2145_PRINT, rest, sizeof rest, out);
}

/* ---- replies ---- */

bool s2145_take_head(const uint8_t bytes[S2145_HEAD_BYTES], struct s2145_head *head)
{
	enum { RESULT_OK = 1, RESULT_FAIL = 2 };
	*head = (struct s2145_head){.ok = bytes[0] == RESULT_OK,
		.error = bytes[1],
		.major = bytes[2],
		.minor = bytes[3],
		.state = bytes[7],
		.payload_bytes = take16(bytes + 8)};
	return (bytes[0] == RESULT_OK || bytes[0] == RESULT_FAIL) &&
	       head->payload_bytes <= S2145_REPLY_MAX - S2145_HEAD_BYTES;
}

static void take_bank(const uint8_t *at, uint8_t id, struct s2145_bank *bank)
{
	*bank = (struct s2145_bank){.id = id,
		.remaining = take16(at),
		.finished = take16(at + 2),
		.specified = take16(at + 4),
		.state = at[6]};
}

bool s2145_take_state(const struct s2145_head *head, const uint8_t *payload, size_t n_payload,
	struct s2145_state *state)
{
	*state = (struct s2145_state){.head = *head};
	if (n_payload == 0) { /* while it starts, or is broken */
		return true;
	}
	if (n_payload != STATE_BYTES) {
		return false;
	}
	uint32_t *const counters[] = {&state->lifetime, &state->maintenance, &state->paper,
		&state->cutter, &state->print_head, &state->ribbon_left};
	for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
		*counters[i] = take32(payload + 4 * i);
	}
	for (size_t i = 0; i < S2145_BANKS; i++) {
		take_bank(payload + 26 + 7 * i, payload[24 + i], &state->banks[i]);
	}
	state->tone = payload[40];
	state->counts = true;
	return true;
}

bool s2145_take_media(const uint8_t *payload, size_t n_payload, struct s2145_media *media)
{
	*media = (struct s2145_media){.n = 0};
	if (n_payload < 1 || payload[0] > S2145_MEDIA_MAX ||
		n_payload < 1 + (size_t)payload[0] * MEDIUM_BYTES) {
		return false;
	}
	for (size_t i = 0; i < payload[0]; i++) {
		const uint8_t *at = payload + 1 + i * MEDIUM_BYTES;
		struct s2145_medium medium = {.code = at[0],
			.columns = take16(at + 1),
			.rows = take16(at + 3),
			.type = at[5],
			.method = at[6]};
		if (medium.columns > 0 && medium.rows > 0) {
			media->list[media->n++] = medium;
		}
	}
	return true;
}

/* A text of up to so many bytes, without what is no text and the blanks at its end. */
static void take_text(const uint8_t *at, size_t n_bytes, char out[S2145_NAME_MAX])
{
	char raw[S2145_NAME_MAX] = "";
	n_bytes = n_bytes < sizeof raw - 1 ? n_bytes : sizeof raw - 1;
	memcpy(raw, at, n_bytes);
	for (size_t len = strlen(raw); len > 0 && raw[len - 1] == ' ';) {
		raw[--len] = '\0';
	}
	text_escape(out, S2145_NAME_MAX, raw);
}

bool s2145_take_model(const uint8_t *payload, size_t n_payload, char name[S2145_NAME_MAX])
{
	name[0] = '\0';
	if (n_payload != MODEL_BYTES) {
		return false;
	}
	take_text(payload + MODEL_AT, MODEL_BYTES - MODEL_AT, name);
	return true;
}

bool s2145_take_unique(const uint8_t *payload, size_t n_payload, char unique[S2145_NAME_MAX])
{
	unique[0] = '\0';
	if (n_payload > UNIQUE_BYTES) {
		return false;
	}
	if (n_payload > 0) {
		take_text(payload, n_payload, unique);
	}
	return true;
}

bool s2145_take_firmware(const uint8_t *payload, size_t n_payload, char version[S2145_NAME_MAX])
{
	version[0] = '\0';
	if (n_payload != FIRMWARE_BYTES) {
		return false;
	}
	snprintf(
		version, S2145_NAME_MAX, "%02x.%02x", payload[VERSION_AT], payload[VERSION_AT + 1]);
	return true;
}

/* ---- banks ---- */

int s2145_bank_of(const struct s2145_state *state, int32_t id)
{
	int found = -1;
	for (int i = 0; i < S2145_BANKS; i++) {
		const struct s2145_bank *bank = &state->banks[i];
		if (id > 0 && bank->id == id && (found < 0 || s2145_bank_is_used(bank))) {
			found = i;
		}
	}
	return found;
}

bool s2145_bank_is_used(const struct s2145_bank *bank)
{
	return bank->state != S2145_BANK_FREE;
}

int s2145_banks_used(const struct s2145_state *state)
{
	int used = 0;
	for (int i = 0; i < S2145_BANKS; i++) {
		used += s2145_bank_is_used(&state->banks[i]);
	}
	return used;
}
