/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the parts of the emulated S2145: bytes (s2145.c), what it says and obeys (s2145_say.c),
 * what happens to it (s2145_words.c), and what it prints (s2145_engine.c).
 */
#pragma once
#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

#define BANKS       2
#define ANSWERS_MAX 8
#define ANSWER_MAX  2048

#define MACHINE_BAD_PARAMETER 0x01

enum { BANK_FREE, BANK_FILLS, BANK_FULL };

struct bank {
	uint8_t id, state;
	uint16_t remaining, finished, specified;
	uint16_t columns, rows;
	uint8_t media, coat, method;
	uint8_t *pixels;
	size_t n_bytes, got_bytes;
	int64_t order; /* the lower prints first */
	bool drops;    /* cancelled: ends with the sheet that it prints */
};

struct answer {
	uint8_t bytes[ANSWER_MAX];
	int n, given;
	int64_t due_ms;
};

struct machine {
	char serial[32], unique[24], media[8];
	bool forgets;
	int32_t print_ms, slow;
	int64_t now_ms;
	/* engine */
	struct bank banks[BANKS];
	int64_t orders;
	int printing; /* the bank of the sheet under way; -1 */
	int64_t into_sheet_ms;
	int64_t finished_until_ms; /* it says "finished" so long */
	int64_t thermal_until_ms, starts_until_ms;
	uint8_t major, minor; /* what is the matter; 0, 0: nothing */
	bool panel;
	int forced_state; /* -1: none */
	uint32_t life, ribbon, paper, cutter;
	int64_t spoiled, waited_ms; /* between sheets, while one could have been printed */
	struct buf sheets;
	int n_sheets;
	/* talk */
	int filling; /* the bank that waits for pixels; -1 */
	uint8_t command[64];
	int n_command;
	int64_t slow_ms; /* the millisecond whose share `slow_taken` is of */
	int32_t slow_taken;
	struct answer answers[ANSWERS_MAX];
	int n_answers;
	uint32_t full, mute, late_ms;
	int refusals;
	uint8_t refuse_error;
	uint8_t forged[ANSWER_MAX];
	int n_forged; /* -1: none */
};

/* ---- s2145.c ---- */
/* It forgets the picture that it waits for, and what it has said; not what it still works on. */
void machine_reset(struct machine *machine);

/* ---- s2145_say.c ---- */
unsigned machine_get16(const uint8_t *at);
void machine_say(struct machine *machine, uint8_t error, const uint8_t *payload, size_t n);
void machine_say_state(struct machine *machine);
void machine_obey(struct machine *machine, unsigned code, const uint8_t *rest, unsigned n);
/* Another roll and ribbon, good for n prints; false: there is none such. */
bool machine_load(struct machine *machine, const char *media, unsigned n);

/* ---- s2145_words.c ---- */
bool machine_command(struct machine *machine, const char *words, int64_t now_ms);

/* ---- s2145_engine.c ---- */
void s2145_engine_run(struct machine *machine, int64_t now_ms);
uint8_t s2145_engine_state(const struct machine *machine);
bool s2145_engine_is_stuck(const struct machine *machine);
/* The bank's job ends; what it did stays to be seen, unless it forgets. */
void s2145_engine_free(struct machine *machine, struct bank *bank);
/* False: no job of that id. */
bool s2145_engine_cancel(struct machine *machine, uint8_t id);
void s2145_engine_jam(struct machine *machine);
void s2145_engine_power_cycle(struct machine *machine);
