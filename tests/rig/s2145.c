/* SPDX-License-Identifier: Apache-2.0
 *
 * What the emulated S2145 takes and says.
 */
#include "tests/rig/s2145.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/rig/s2145_own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_ENDPOINT 0x02
#define IN_ENDPOINT  0x81

enum { ERROR_PARAMETER = 0x01, ERROR_WRONG_TIME = 0x05, ERROR_PRINTER = 0x11, ERROR_FULL = 0x21 };

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

static const uint8_t device_descriptor[18] = {
	18, 1, 0, 2, 0, 0, 0, 64, 0xCE, 0x10, 0x0E, 0x00, 0x00, 0x01, 1, 2, 3, 1};
static const uint8_t configuration[] = {9, 2, 32, 0, 1, 1, 0, 0xC0, 0, /* interface */ 9, 4, 0, 0,
	2, 0xFF, 0, 0, 0, /* endpoints */ 7, 5, OUT_ENDPOINT, 2, 0, 2, 0, 7, 5, IN_ENDPOINT, 2, 0,
	2, 0};

/* ---- bytes ---- */

static unsigned get16(const uint8_t *at)
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

static void say(struct machine *machine, uint8_t error, const uint8_t *payload, size_t n)
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
	answer->bytes[7] = engine_state(machine);
	put(answer->bytes + 8, (uint32_t)n, 2);
	if (n > 0) {
		memcpy(answer->bytes + 10, payload, n);
	}
	answer->n = 10 + (int)n;
}

static void say_state(struct machine *machine)
{
	uint8_t payload[41];
	uint8_t *at = payload;
	const uint32_t counters[] = {machine->life, machine->life % 1000, machine->life % 700,
		machine->cutter, machine->life, machine->ribbon};
	if (machine->starts_until_ms > machine->now_ms) {
		say(machine, 0, NULL, 0);
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
	say(machine, 0, payload, sizeof payload);
}

static void say_media(struct machine *machine)
{
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
	say(machine, 0, payload, sizeof payload);
}

static void say_model(struct machine *machine)
{
	uint8_t payload[48] = "\xCE\x10\0\0\x0E\0\0\0"
			      "CHC-S2145";
	memset(payload + 17, ' ', sizeof payload - 17);
	say(machine, 0, payload, sizeof payload);
}

static void say_firmware(struct machine *machine)
{
	uint8_t payload[38] = "MAIN APP";
	put(payload + 34, 0x0501, 2); /* 01.05 */
	say(machine, 0, payload, sizeof payload);
}

/* 3 curves of 256 values of 16 bits, each in its own transfer after the head. */
static void say_tone(struct machine *machine)
{
	uint8_t payload[2];
	put(payload, 3 * 256 * 2, 2);
	say(machine, 0, payload, sizeof payload);
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
	if ((engine_state(machine) & 0xF0) == 0x30) {
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
		say(machine, ERROR_PARAMETER, NULL, 0);
		return;
	}
	struct bank job = {.id = rest[0],
		.state = BANK_FILLS,
		.specified = (uint16_t)get16(rest + 1),
		.columns = (uint16_t)get16(rest + 3),
		.rows = (uint16_t)get16(rest + 5),
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
	say(machine, error, NULL, 0);
}

static void obey(struct machine *machine, unsigned code, const uint8_t *rest, unsigned n)
{
	if (machine->refusals > 0) {
		machine->refusals--;
		say(machine, machine->refuse_error, NULL, 0);
		return;
	}
	switch (code) {
	case 0x0001:
		say_state(machine);
		return;
	case 0x0002:
		say_media(machine);
		return;
	case 0x0003:
		say_model(machine);
		return;
	case 0x4001:
		on_print(machine, rest, n);
		return;
	case 0x4002:
		say(machine, n == 1 && engine_cancel(machine, rest[0]) ? 0 : ERROR_PARAMETER, NULL,
			0);
		return;
	case 0x4005:
		say_tone(machine);
		return;
	case 0x8003:
		say(machine, 0, (const uint8_t *)machine->unique, strlen(machine->unique));
		return;
	case 0xC003:
		say_firmware(machine);
		return;
	default:
		say(machine, ERROR_WRONG_TIME, NULL, 0);
	}
}

static int take_command(struct machine *machine, const uint8_t *bytes, int n)
{
	int room = (int)sizeof machine->command - machine->n_command;
	int whole = machine->n_command < 4 ? 4 : 4 + (int)get16(machine->command + 2);
	int take = whole - machine->n_command;
	take = take < n ? take : n;
	if (take > room) { /* no command is so long: it starts anew */
		machine->n_command = 0;
		say(machine, ERROR_PARAMETER, NULL, 0);
		return n;
	}
	memcpy(machine->command + machine->n_command, bytes, (size_t)take);
	machine->n_command += take;
	if (machine->n_command >= 4 && machine->n_command == 4 + (int)get16(machine->command + 2)) {
		machine->n_command = 0;
		if (machine->mute > 0) {
			machine->mute--;
		} else {
			obey(machine, get16(machine->command), machine->command + 4,
				get16(machine->command + 2));
		}
	}
	return take;
}

static int take_pixels(struct machine *machine, const uint8_t *bytes, int n)
{
	struct bank *bank = &machine->banks[machine->filling];
	size_t left = bank->n_bytes - bank->got_bytes;
	int take = (size_t)n < left ? n : (int)left;
	if (machine->slow > 0) {
		if (machine->slow_ms != machine->now_ms) {
			machine->slow_ms = machine->now_ms;
			machine->slow_taken = 0;
		}
		int share = machine->slow - machine->slow_taken;
		take = take < share ? take : share;
		machine->slow_taken += take;
		if (take == 0) {
			return RIG_NAK;
		}
	}
	memcpy(bank->pixels + bank->got_bytes, bytes, (size_t)take);
	bank->got_bytes += (size_t)take;
	if (bank->got_bytes == bank->n_bytes) {
		bank->state = BANK_FULL;
		bank->order = machine->orders++;
		machine->filling = -1;
		engine_run(machine, machine->now_ms);
	}
	return take;
}

static int model_out(void *own, uint8_t endpoint, const uint8_t *bytes, int n, int64_t now_ms)
{
	struct machine *machine = own;
	engine_run(machine, now_ms);
	if (endpoint != OUT_ENDPOINT) {
		return RIG_STALL;
	}
	if (n == 0) {
		return 0;
	}
	return machine->filling >= 0 ? take_pixels(machine, bytes, n)
				     : take_command(machine, bytes, n);
}

static int model_in(void *own, uint8_t endpoint, uint8_t *bytes, int room, int64_t now_ms)
{
	struct machine *machine = own;
	struct answer *answer = &machine->answers[0];
	engine_run(machine, now_ms);
	if (endpoint != IN_ENDPOINT) {
		return RIG_STALL;
	}
	if (machine->n_answers == 0 || answer->due_ms > now_ms) {
		return RIG_NAK;
	}
	int left = answer->n - answer->given;
	int n = left < room ? left : room;
	memcpy(bytes, answer->bytes + answer->given, (size_t)n);
	answer->given += n;
	if (answer->given == answer->n) {
		machine->n_answers--;
		memmove(answer, answer + 1, (size_t)machine->n_answers * sizeof *answer);
	}
	return n;
}

static int model_control(void *own, const uint8_t setup[8], uint8_t *bytes, int n, int64_t now_ms)
{
	(void)own;
	(void)setup;
	(void)bytes;
	(void)n;
	(void)now_ms;
	return RIG_STALL;
}

/* It forgets the picture that it waits for, and what it has said; not what it still works on. */
static void model_reset(void *own, int64_t now_ms)
{
	struct machine *machine = own;
	engine_run(machine, now_ms);
	if (machine->filling >= 0) {
		engine_free(machine, &machine->banks[machine->filling]);
		machine->filling = -1;
	}
	machine->n_command = 0;
	int kept = 0;
	for (int i = 0; i < machine->n_answers; i++) {
		if (machine->answers[i].due_ms > now_ms) {
			machine->answers[kept++] = machine->answers[i];
		}
	}
	machine->n_answers = kept;
}

static void model_tick(void *own, int64_t now_ms)
{
	engine_run(own, now_ms);
}

/* ---- what happens at the machine ---- */

static bool load(struct machine *machine, const char *media, unsigned n)
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

static void stand(struct machine *machine, unsigned major, unsigned minor)
{
	machine->major = (uint8_t)major;
	machine->minor = (uint8_t)minor;
}

static bool forge(struct machine *machine, const char *hex)
{
	machine->n_forged = 0;
	unsigned byte;
	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
		machine->forged[machine->n_forged++] = (uint8_t)byte;
	}
	return *hex == '\0';
}

/* Words alone. */
static bool do_plain(struct machine *machine, const char *words)
{
	static const struct {
		const char *words;
		uint8_t major, minor;
	} faults[] = {{"cover open", 0x06, 0x01}, {"cover close", 0, 0}, {"fix", 0, 0},
		{"wrong-ribbon", 0x06, 0x02}};
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		if (strcmp(faults[i].words, words) == 0) {
			stand(machine, faults[i].major, faults[i].minor);
			return true;
		}
	}
	if (strcmp(words, "jam") == 0) {
		engine_jam(machine);
	} else if (strcmp(words, "power-cycle") == 0) {
		model_reset(machine, machine->now_ms);
		engine_power_cycle(machine);
	} else if (strcmp(words, "stale") == 0) {
		say_state(machine);
	} else if (strcmp(words, "state -") == 0) {
		machine->forced_state = -1;
	} else if (strcmp(words, "panel on") == 0 || strcmp(words, "panel off") == 0) {
		machine->panel = words[7] == 'n';
	} else {
		return false;
	}
	return true;
}

static bool model_command(void *own, const char *words, int64_t now_ms)
{
	struct machine *machine = own;
	char media[8];
	unsigned a;
	unsigned b;
	engine_run(machine, now_ms);
	if (do_plain(machine, words)) {
		return true;
	}
	if (strncmp(words, "forge ", 6) == 0) {
		return forge(machine, words + 6);
	}
	if (sscanf(words, "media %7s %u", media, &a) == 2) {
		return load(machine, media, a);
	}
	if (sscanf(words, "fault %x %x", &a, &b) == 2) {
		stand(machine, a, b);
	} else if (sscanf(words, "refuse %x %u", &a, &b) == 2) {
		machine->refuse_error = (uint8_t)a;
		machine->refusals = (int)b;
	} else if (sscanf(words, "ribbon %u", &a) == 1) {
		machine->ribbon = a;
	} else if (sscanf(words, "paper %u", &a) == 1) {
		machine->paper = a;
	} else if (sscanf(words, "thermal %u", &a) == 1) {
		machine->thermal_until_ms = now_ms + a;
	} else if (sscanf(words, "state %x", &a) == 1) {
		machine->forced_state = (int)a;
	} else if (sscanf(words, "full %u", &a) == 1) {
		machine->full = (int)a;
	} else if (sscanf(words, "mute %u", &a) == 1) {
		machine->mute = (int)a;
	} else if (sscanf(words, "late %u", &a) == 1) {
		machine->late_ms = a;
	} else {
		return false;
	}
	return true;
}

static int model_report(void *own, char *text, size_t size)
{
	struct machine *machine = own;
	int used = 0;
	for (int i = 0; i < BANKS; i++) {
		used += machine->banks[i].state != BANK_FREE;
	}
	return snprintf(text, size,
		"%ssheets=%d\nlife=%u\nspoiled=%lld\nwaited_ms=%lld\nbanks_used=%d\n",
		buf_get(&machine->sheets), machine->n_sheets, machine->life,
		(long long)machine->spoiled, (long long)machine->waited_ms, used);
}

/* ---- its life ---- */

static bool take_argument(struct machine *machine, const char *word)
{
	char media[8];
	unsigned n;
	if (strcmp(word, "forgets") == 0) {
		machine->forgets = true;
	} else if (strncmp(word, "serial=", 7) == 0) {
		return text_copy(machine->serial, sizeof machine->serial, word + 7);
	} else if (strncmp(word, "unique=", 7) == 0) {
		return text_copy(machine->unique, sizeof machine->unique, word + 7);
	} else if (sscanf(word, "media=%7s", media) == 1) {
		return load(machine, media, machine->ribbon);
	} else if (sscanf(word, "ribbon=%u", &n) == 1) {
		machine->ribbon = n;
	} else if (sscanf(word, "paper=%u", &n) == 1) {
		machine->paper = n;
	} else if (sscanf(word, "life=%u", &n) == 1) {
		machine->life = n;
	} else if (sscanf(word, "print_ms=%u", &n) == 1 && n > 0) {
		machine->print_ms = (int32_t)n;
	} else if (sscanf(word, "slow=%u", &n) == 1) {
		machine->slow = (int32_t)n;
	} else {
		return false;
	}
	return true;
}

static void model_destroy(void *own)
{
	struct machine *machine = own;
	for (int i = 0; i < BANKS; i++) {
		free(machine->banks[i].pixels);
	}
	buf_fini(&machine->sheets);
	free(machine);
}

static void *model_create(const char *arguments, struct rig_descriptors *descriptors)
{
	struct machine *machine = mem_new(1, sizeof *machine);
	machine->printing = machine->filling = machine->forced_state = machine->n_forged = -1;
	machine->print_ms = 8000;
	machine->ribbon = machine->paper = 700;
	load(machine, "4x6", 700);
	char *words = mem_text(arguments);
	char *rest = words;
	bool fine = true;
	for (char *word; fine && (word = strtok_r(rest, " ", &rest)) != NULL;) {
		fine = take_argument(machine, word);
	}
	free(words);
	if (!fine) {
		model_destroy(machine);
		return NULL;
	}
	*descriptors = (struct rig_descriptors){.configuration = configuration,
		.n_configuration = sizeof configuration,
		.strings = {NULL, "SINFONIA TECHNOLOGY", "CHC-S2145", machine->serial}};
	memcpy(descriptors->device, device_descriptor, sizeof device_descriptor);
	if (machine->serial[0] == '\0') {
		descriptors->device[16] = 0;
	}
	return machine;
}

const struct rig_model rig_s2145 = {
	.name = "s2145",
	.create = model_create,
	.destroy = model_destroy,
	.out = model_out,
	.in = model_in,
	.control = model_control,
	.reset = model_reset,
	.tick = model_tick,
	.command = model_command,
	.report = model_report,
};
