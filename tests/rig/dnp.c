/* SPDX-License-Identifier: Apache-2.0
 *
 * The emulated dye-sub's life: what it is made of, what happens to it, what it reports.
 */
#include "tests/rig/dnp_own.h"
#include "base/mem.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void dnp_tick(void *own, int64_t now_ms)
{
	struct dnp_emulator *it = own;
	dnp_engine_run(&it->engine, now_ms);
}

/* ---- its life ---- */

struct argument {
	const char *key;
	char *text;
	size_t size;
	int64_t *number;
};

static bool take_argument(const struct argument *arguments, size_t n, char *word)
{
	char *value = strchr(word, '=');
	if (value == NULL) {
		return false;
	}
	*value++ = '\0';
	for (size_t i = 0; i < n; i++) {
		if (strcmp(arguments[i].key, word) == 0) {
			if (arguments[i].text != NULL) {
				return text_copy(arguments[i].text, arguments[i].size, value);
			}
			*arguments[i].number = atoll(value);
			return true;
		}
	}
	return false;
}

static bool take_arguments(struct dnp_emulator *it, const char *words)
{
	char vid[8] = "1452";
	char pid[8] = "8b01";
	char counts[16] = "prints";
	char usb_serial[8] = "yes";
	int64_t media = 310;
	struct engine *engine = &it->engine;
	const struct argument arguments[] = {{"vid", vid, sizeof vid, NULL},
		{"pid", pid, sizeof pid, NULL}, {"maker", it->maker, sizeof it->maker, NULL},
		{"title", it->title, sizeof it->title, NULL},
		{"serial", it->serial, sizeof it->serial, NULL},
		{"usb_serial", usb_serial, sizeof usb_serial, NULL},
		{"firmware", it->firmware, sizeof it->firmware, NULL},
		{"lot", it->lot, sizeof it->lot, NULL}, {"counts", counts, sizeof counts, NULL},
		{"media", NULL, 0, &media}, {"left", NULL, 0, &engine->left},
		{"life", NULL, 0, &engine->life}, {"print_ms", NULL, 0, &engine->print_ms},
		{"lag_ms", NULL, 0, &engine->lag_ms}, {"start_ms", NULL, 0, &engine->start_ms}};
	char *copy = mem_text(words);
	char *rest = NULL;
	bool fine = true;
	for (char *word = strtok_r(copy, " ", &rest); fine && word != NULL;
		word = strtok_r(NULL, " ", &rest)) {
		fine = take_argument(arguments, sizeof arguments / sizeof arguments[0], word);
	}
	free(copy);
	it->vendor = (unsigned)strtoul(vid, NULL, 16);
	it->product = (unsigned)strtoul(pid, NULL, 16);
	it->usb_serial = strcmp(usb_serial, "yes") == 0;
	engine->counts_sheets = strcmp(counts, "sheets") == 0;
	engine->media = (int)media;
	return fine;
}

static void describe(const struct dnp_emulator *it, struct rig_descriptors *descriptors)
{
	static const uint8_t configuration[] = {9, 2, 32, 0, 1, 1, 0, 0xc0, 1, /* */
		9, 4, 0, 0, 2, 7, 1, 2, 0,                                     /* */
		7, 5, 0x02, 2, 0x00, 0x02, 0,                                  /* bulk OUT */
		7, 5, 0x81, 2, 0x00, 0x02, 0};                                 /* bulk IN */
	const uint8_t device[18] = {18, 1, 0x00, 0x02, 0, 0, 0, 64, (uint8_t)it->vendor,
		(uint8_t)(it->vendor >> 8), (uint8_t)it->product, (uint8_t)(it->product >> 8), 0, 1,
		1, 2, it->usb_serial ? 3 : 0, 1};
	*descriptors = (struct rig_descriptors){
		.configuration = configuration, .n_configuration = sizeof configuration};
	memcpy(descriptors->device, device, sizeof device);
	descriptors->strings[1] = it->maker;
	descriptors->strings[2] = it->title;
	descriptors->strings[3] = it->usb_serial ? it->serial : NULL;
}

static void dnp_destroy(void *own)
{
	struct dnp_emulator *it = own;
	hash_destroy(it->hash);
	free(it);
}

static void *dnp_create(const char *arguments, struct rig_descriptors *descriptors)
{
	struct dnp_emulator *it = mem_new(1, sizeof *it);
	*it = (struct dnp_emulator){.maker = "Dai",
		.title = "DS620",
		.serial = "DS6A000001",
		.firmware = "1.52",
		.lot = "AB12",
		.engine = {.print_ms = 8000,
			.lag_ms = 3000,
			.start_ms = 300,
			.left = 200,
			.life = 1000,
			.last_coat = -1}};
	it->hash = hash_create();
	if (!take_arguments(it, arguments)) {
		dnp_destroy(it);
		return NULL;
	}
	describe(it, descriptors);
	return it;
}

/* ---- what happens at the machine ---- */

static bool command_engine(struct engine *engine, const char *words, int64_t now_ms)
{
	int code;
	int64_t number;
	if (strcmp(words, "jam") == 0) {
		engine->halt_at_middle = 1300;
	} else if (strcmp(words, "clear") == 0) {
		dnp_engine_clear(engine, now_ms);
	} else if (sscanf(words, "halt %d %" SCNd64, &code, &number) == 2) {
		engine->halt_next = code;
		engine->halt_after = number;
	} else if (sscanf(words, "now %d", &code) == 1) {
		engine->halt = code;
	} else if (sscanf(words, "media %d %" SCNd64, &code, &number) == 2) {
		engine->media = code;
		engine->left = number;
		engine->half_waits = false;
		dnp_engine_clear(engine, now_ms);
	} else if (sscanf(words, "cool %" SCNd64, &number) == 1) {
		engine->cool_until_ms = now_ms + number;
	} else {
		return false;
	}
	return true;
}

static bool dnp_command(void *own, const char *words, int64_t now_ms)
{
	static const char *const kinds[] = {"none", "length", "long", "text"};
	struct dnp_emulator *it = own;
	if (strcmp(words, "power-cycle") == 0) {
		dnp_port_reset(it, now_ms);
		it->engine.n_jobs = it->engine.halt = it->engine.refused = 0;
		it->engine.is_printing = false;
	} else if (strcmp(words, "forget-start") == 0) {
		it->forgets_start = true;
	} else if (strcmp(words, "mute") == 0 || strcmp(words, "unmute") == 0) {
		it->is_mute = words[0] == 'm';
	} else if (strncmp(words, "lot", 3) == 0) {
		text_copy(it->lot, sizeof it->lot, words[3] == '\0' ? "" : words + 4);
	} else if (strncmp(words, "firmware ", 9) == 0) {
		text_copy(it->firmware, sizeof it->firmware, words + 9);
	} else if (strncmp(words, "serial ", 7) == 0) {
		text_copy(it->serial, sizeof it->serial, words + 7);
	} else if (strncmp(words, "rubbish ", 8) == 0) {
		for (int i = 0; i < 4; i++) {
			it->rubbish =
				strcmp(kinds[i], words + 8) == 0 ? (enum rubbish)i : it->rubbish;
		}
	} else {
		return command_engine(&it->engine, words, now_ms);
	}
	return true;
}

static int dnp_report(void *own, char *text, size_t size)
{
	const struct dnp_emulator *it = own;
	const struct engine *engine = &it->engine;
	int len = 0;
	for (int i = 0; i <= engine->n_sheets; i++) {
		const struct dnp_engine_sheet *sheet = &engine->sheets[i];
		char *at = text == NULL ? NULL : text + len;
		size_t room = text == NULL ? 0 : size - (size_t)len;
		if (i < engine->n_sheets) {
			len += snprintf(at, room,
				"sheet %d %s code %d coat %d cutter %d y=%.16s m=%.16s c=%.16s\n",
				i + 1, sheet->is_spoiled ? "spoiled" : "done", sheet->page.code,
				sheet->page.coat, sheet->page.cutter, sheet->page.planes[0],
				sheet->page.planes[1], sheet->page.planes[2]);
			continue;
		}
		len += snprintf(at, room,
			"life=%" PRId64 "\nleft=%" PRId64 "\ngap=%" PRId64 "\nearly=%d\n"
			"swallowed=%" PRId64 "\n",
			engine->life, engine->left, engine->longest_gap_ms, engine->early_starts,
			it->swallowed_frames);
	}
	return len;
}

const struct rig_model rig_dnp = {
	.name = "dnp",
	.create = dnp_create,
	.destroy = dnp_destroy,
	.out = dnp_port_out,
	.in = dnp_port_in,
	.control = dnp_port_control,
	.reset = dnp_port_reset,
	.tick = dnp_tick,
	.command = dnp_command,
	.report = dnp_report,
};
