/* SPDX-License-Identifier: Apache-2.0
 *
 * What the emulated S2145 answers, and the commands it obeys.
 */
#include "base/mem.h"
#include "base/text.h"
#include "tests/rig/s2145_own.h"
#include <string.h>

enum {
	ERROR_PARAMETER = MACHINE_BAD_PARAMETER,
	ERROR_WRONG_TIME = 0x05,
	ERROR_PRINTER = 0x11,
	ERROR_FULL = 0x21
};

/* What each roll and ribbon gives. */
static const struct {
	const char *media;
	uint8_t code;
	uint16_t columns, rows;
	uint8_t method;
} sizes[] = {
	{"4x6", 0, 1844, 1240, 4},
	{"4x6", 0, 1844, 1240, 0},
	{"4x6", 7, 1844, 634, 0},
	{"5x7", 3, 1548, 2140, 0},
	{"5x7", 1, 1548, 1088, 0},
	{"6x8", 6, 1844, 2434, 0},
	{"6x8", 0, 1844, 1240, 0},
	{"6x8", 6, 1844, 2492, 2},
	{"6x9", 5, 1844, 2740, 0},
};

/* ---- bytes ---- */

unsigned machine_get16(const uint8_t *at)
{
	return at[0] | (unsigned)at[1] << 8;
}

static uint8_t *put(uint8_t *at, uint32_t value, int n)
{
	for (int i = 0; i < n; i++) {
		*at++ = (uint8_t)(value >> (8 * i));
	}
	return at;
}

/* ---- answers ---- */

static struct answer *add_answer(struct machine *machine)
{
	if (machine->n_answers == ANSWERS_MAX) {
		machine->n_answers--;
	}
	struct answer *answer = &machine->answers[machine->n_answers++];
	*answer = (struct answer){.due_ms = machine->now_ms + machine->late_ms};
	machine->late_ms = 0;
	return answer;
}

void machine_say(struct machine *machine, uint8_t error, const uint8_t *payload, size_t n)
{
	struct answer *answer = add_answer(machine);
	bool stuck = machine->major != 0;
	if (machine->n_forged >= 0) {
		memcpy(answer->bytes, machine->forged, (size_t)machine->n_forged);
		answer->n = machine->n_forged;
		machine->n_forged = -1;
		return;
	}
	answer->bytes[0] = error == 0 ? 1 : 2;
	answer->bytes[1] = error != 0 ? error : stuck ? ERROR_PRINTER : 0;
	answer->bytes[2] = machine->major;
	answer->bytes[3] = machine->minor;
	answer->bytes[7] = s2145_engine_state(machine);
	put(answer->bytes + 8, (uint32_t)n, 2);
	if (n > 0) {
		memcpy(answer->bytes + 10, payload, n);
	}
	answer->n = 10 + (int)n;
}

void machine_say_state(struct machine *machine)
{
	uint8_t payload[41];
	uint8_t *at = payload;
	const uint32_t counters[] = {machine->life, machine->life % 1000, machine->life % 700,
		machine->cutter, machine->life, machine->ribbon};
	if (machine->starts_until_ms > machine->now_ms) {
		machine_say(machine, 0, NULL, 0);
		return;
	}
	for (int i = 0; i < 6; i++) {
		at = put(at, counters[i], 4);
	}
	at = put(put(at, machine->banks[0].id, 1), machine->banks[1].id, 1);
	for (int i = 0; i < BANKS; i++) {
		const struct bank *bank = &machine->banks[i];
		at = put(at, bank->remaining, 2);
		at = put(at, bank->finished, 2);
		at = put(at, bank->specified, 2);
		at = put(at, bank->state, 1);
	}
	put(at, 0, 1);
	machine_say(machine, 0, payload, sizeof payload);
}

static void on_media(struct machine *machine, const uint8_t *rest, unsigned n)
{
	(void)rest, (void)n;
	uint8_t payload[101] = {0};
	uint8_t *at = payload + 1;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		if (strcmp(sizes[i].media, machine->media) == 0) {
			payload[0]++;
			at = put(at, sizes[i].code, 1);
			at = put(at, sizes[i].columns, 2);
			at = put(at, sizes[i].rows, 2);
			at = put(at, 1, 1);
			at = put(at, sizes[i].method, 1) + 3;
		}
	}
	machine_say(machine, 0, payload, sizeof payload);
}

static void on_model(struct machine *machine, const uint8_t *rest, unsigned n)
{
	(void)rest, (void)n;
	uint8_t payload[48] = "\xCE\x10\0\0\x0E\0\0\0"
			      "CHC-S2145";
	memset(payload + 17, ' ', sizeof payload - 17);
	machine_say(machine, 0, payload, sizeof payload);
}

static void on_firmware(struct machine *machine, const uint8_t *rest, unsigned n)
{
	(void)rest, (void)n;
	uint8_t payload[38] = "MAIN APP";
	put(payload + 34, 0x0501, 2); /* 01.05 */
	machine_say(machine, 0, payload, sizeof payload);
}

/* 3 curves of 256 values of 16 bits, each in its own transfer after the head. */
static void on_tone(struct machine *machine, const uint8_t *rest, unsigned n)
{
	(void)rest, (void)n;
	uint8_t payload[2];
	put(payload, 3 * 256 * 2, 2);
	machine_say(machine, 0, payload, sizeof payload);
	struct answer *curves = add_answer(machine);
	for (int i = 0; i < 3 * 256; i++) {
		put(curves->bytes + 2 * i, (uint32_t)(i % 256) * 8, 2);
	}
	curves->n = 3 * 256 * 2;
}

/* ---- commands ---- */

static bool is_loaded(const struct machine *machine, const struct bank *job)
{
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		if (strcmp(sizes[i].media, machine->media) == 0 && sizes[i].code == job->media &&
			sizes[i].columns == job->columns && sizes[i].rows == job->rows &&
			sizes[i].method == job->method) {
			return true;
		}
	}
	return false;
}

static int free_bank(const struct machine *machine)
{
	for (int i = 0; i < BANKS; i++) {
		if (machine->banks[i].state == BANK_FREE) {
			return i;
		}
	}
	return -1;
}

static bool has_id(const struct machine *machine, uint8_t id)
{
	for (int i = 0; i < BANKS; i++) {
		if (machine->banks[i].id == id && machine->banks[i].state != BANK_FREE) {
			return true;
		}
	}
	return false;
}

static uint8_t judge_print(struct machine *machine, const struct bank *job)
{
	if (machine->full > 0) {
		machine->full--;
		return ERROR_FULL;
	}
	if (machine->major != 0) {
		return ERROR_PRINTER;
	}
	if ((s2145_engine_state(machine) & 0xF0) == 0x30) {
		return ERROR_WRONG_TIME;
	}
	if (free_bank(machine) < 0) {
		return ERROR_FULL;
	}
	bool sound = job->id >= 1 && job->id <= 127 && !has_id(machine, job->id) &&
		     job->specified > 0 && job->coat >= 1 && job->coat <= 7 &&
		     is_loaded(machine, job);
	return sound ? 0 : ERROR_PARAMETER;
}

static void on_print(struct machine *machine, const uint8_t *rest, unsigned n)
{
	if (n != 10) {
		machine_say(machine, ERROR_PARAMETER, NULL, 0);
		return;
	}
	struct bank job = {.id = rest[0],
		.state = BANK_FILLS,
		.specified = (uint16_t)machine_get16(rest + 1),
		.columns = (uint16_t)machine_get16(rest + 3),
		.rows = (uint16_t)machine_get16(rest + 5),
		.media = rest[7],
		.coat = rest[8],
		.method = rest[9]};
	uint8_t error = judge_print(machine, &job);
	if (error == 0) {
		machine->filling = free_bank(machine);
		job.remaining = job.specified;
		job.n_bytes = (size_t)job.columns * job.rows * 3;
		job.pixels = mem_new(job.n_bytes, 1);
		machine->banks[machine->filling] = job;
	}
	machine_say(machine, error, NULL, 0);
}

static void on_state(struct machine *machine, const uint8_t *rest, unsigned n)
{
	(void)rest, (void)n;
	machine_say_state(machine);
}

static void on_cancel(struct machine *machine, const uint8_t *rest, unsigned n)
{
	bool fine = n == 1 && s2145_engine_cancel(machine, rest[0]);
	machine_say(machine, fine ? 0 : ERROR_PARAMETER, NULL, 0);
}

static void on_unique(struct machine *machine, const uint8_t *rest, unsigned n)
{
	(void)rest, (void)n;
	machine_say(machine, 0, (const uint8_t *)machine->unique, strlen(machine->unique));
}

static const struct {
	unsigned code;
	void (*obey)(struct machine *machine, const uint8_t *rest, unsigned n);
} commands[] = {
	{0x0001, on_state},
	{0x0002, on_media},
	{0x0003, on_model},
	{0x4001, on_print},
	{0x4002, on_cancel},
	{0x4005, on_tone},
	{0x8003, on_unique},
	{0xC003, on_firmware},
};

void machine_obey(struct machine *machine, unsigned code, const uint8_t *rest, unsigned n)
{
	if (machine->refusals > 0) {
		machine->refusals--;
		machine_say(machine, machine->refuse_error, NULL, 0);
		return;
	}
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (commands[i].code == code) {
			commands[i].obey(machine, rest, n);
			return;
		}
	}
	machine_say(machine, ERROR_WRONG_TIME, NULL, 0);
}

bool machine_load(struct machine *machine, const char *media, unsigned n)
{
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		if (strcmp(sizes[i].media, media) == 0) {
			text_copy(machine->media, sizeof machine->media, media);
			machine->ribbon = machine->paper = n;
			return true;
		}
	}
	return false;
}
