/* SPDX-License-Identifier: Apache-2.0
 *
 * The emulated S2145 as a model: bytes in, bytes out, what it is made of.
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

static const uint8_t device_descriptor[18] = {
	18, 1, 0, 2, 0, 0, 0, 64, 0xCE, 0x10, 0x0E, 0x00, 0x00, 0x01, 1, 2, 3, 1};
static const uint8_t configuration[] = {9, 2, 32, 0, 1, 1, 0, 0xC0, 0, /* interface */ 9, 4, 0, 0,
	2, 0xFF, 0, 0, 0, /* endpoints */ 7, 5, OUT_ENDPOINT, 2, 0, 2, 0, 7, 5, IN_ENDPOINT, 2, 0,
	2, 0};

static int take_command(struct machine *machine, const uint8_t *bytes, int n)
{
	int room = (int)sizeof machine->command - machine->n_command;
	int whole = machine->n_command < 4 ? 4 : 4 + (int)machine_get16(machine->command + 2);
	int take = whole - machine->n_command;
	take = take < n ? take : n;
	if (take > room) { /* no command is so long: it starts anew */
		machine->n_command = 0;
		machine_say(machine, MACHINE_BAD_PARAMETER, NULL, 0);
		return n;
	}
	memcpy(machine->command + machine->n_command, bytes, (size_t)take);
	machine->n_command += take;
	if (machine->n_command >= 4 &&
		machine->n_command == 4 + (int)machine_get16(machine->command + 2)) {
		machine->n_command = 0;
		if (machine->mute > 0) {
			machine->mute--;
		} else {
			machine_obey(machine, machine_get16(machine->command), machine->command + 4,
				machine_get16(machine->command + 2));
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
		s2145_engine_run(machine, machine->now_ms);
	}
	return take;
}

static int model_out(void *own, uint8_t endpoint, const uint8_t *bytes, int n, int64_t now_ms)
{
	struct machine *machine = own;
	s2145_engine_run(machine, now_ms);
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
	s2145_engine_run(machine, now_ms);
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

void machine_reset(struct machine *machine)
{
	if (machine->filling >= 0) {
		s2145_engine_free(machine, &machine->banks[machine->filling]);
		machine->filling = -1;
	}
	machine->n_command = 0;
	int kept = 0;
	for (int i = 0; i < machine->n_answers; i++) {
		if (machine->answers[i].due_ms > machine->now_ms) {
			machine->answers[kept++] = machine->answers[i];
		}
	}
	machine->n_answers = kept;
}

static void model_reset(void *own, int64_t now_ms)
{
	s2145_engine_run(own, now_ms);
	machine_reset(own);
}

static bool model_command(void *own, const char *words, int64_t now_ms)
{
	return machine_command(own, words, now_ms);
}

static void model_tick(void *own, int64_t now_ms)
{
	s2145_engine_run(own, now_ms);
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
		return machine_load(machine, media, machine->ribbon);
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
	machine_load(machine, "4x6", 700);
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
