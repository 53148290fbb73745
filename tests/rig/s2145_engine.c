/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine: sheets by virtual time, in the order in which their banks were filled.
 */
#include "base/hash.h"
#include "tests/rig/s2145_own.h"
#include <stdlib.h>
#include <string.h>

#define FINISHED_MS 300
#define STARTS_MS   2000

/* Thousandths of a print at which each phase ends. */
static const struct {
	int until;
	uint8_t state;
} phases[] = {
	{40, 0x61},
	{80, 0x62},
	{270, 0x63},
	{300, 0x64},
	{480, 0x65},
	{510, 0x66},
	{690, 0x67},
	{720, 0x68},
	{900, 0x69},
	{930, 0x6C},
	{960, 0x6A},
	{1000, 0x6B},
};

bool s2145_engine_is_stuck(const struct machine *machine)
{
	return machine->major != 0 || machine->panel ||
	       machine->thermal_until_ms > machine->now_ms ||
	       machine->starts_until_ms > machine->now_ms;
}

uint8_t s2145_engine_state(const struct machine *machine)
{
	if (machine->forced_state >= 0) {
		return (uint8_t)machine->forced_state;
	}
	if (machine->starts_until_ms > machine->now_ms) {
		return machine->starts_until_ms - machine->now_ms > STARTS_MS / 2 ? 0x31 : 0x33;
	}
	if (machine->panel) {
		return 0x35;
	}
	if (machine->thermal_until_ms > machine->now_ms) {
		return 0x34;
	}
	if (machine->printing < 0) {
		return machine->finished_until_ms > machine->now_ms ? 0x6D : 0x00;
	}
	int64_t share = machine->into_sheet_ms * 1000 / machine->print_ms;
	size_t at = 0;
	while (phases[at].until < share && at + 1 < sizeof phases / sizeof phases[0]) {
		at++;
	}
	return phases[at].state;
}

void s2145_engine_free(struct machine *machine, struct bank *bank)
{
	struct bank last = {
		.id = bank->id, .finished = bank->finished, .specified = bank->specified};
	free(bank->pixels);
	*bank = machine->forgets ? (struct bank){.id = 0} : last;
}

bool s2145_engine_cancel(struct machine *machine, uint8_t id)
{
	for (int i = 0; i < BANKS; i++) {
		struct bank *bank = &machine->banks[i];
		if (bank->id != id || bank->state == BANK_FREE) {
			continue;
		}
		if (machine->filling == i) {
			machine->filling = -1;
		}
		if (machine->printing == i && !s2145_engine_is_stuck(machine)) {
			bank->drops = true;
			return true;
		}
		if (machine->printing == i) {
			machine->spoiled++;
			machine->printing = -1;
		}
		s2145_engine_free(machine, bank);
		return true;
	}
	return false;
}

void s2145_engine_jam(struct machine *machine)
{
	machine->major = 0x05;
	machine->minor = 0x01;
	if (machine->printing >= 0) { /* the sheet is lost, and is printed anew */
		machine->spoiled++;
		machine->into_sheet_ms = 0;
	}
}

void s2145_engine_power_cycle(struct machine *machine)
{
	if (machine->printing >= 0) {
		machine->spoiled++;
	}
	machine->printing = machine->filling = -1;
	for (int i = 0; i < BANKS; i++) {
		free(machine->banks[i].pixels);
		machine->banks[i] = (struct bank){.id = 0};
	}
	machine->starts_until_ms = machine->now_ms + STARTS_MS;
}

static bool is_supplied(struct machine *machine)
{
	if (machine->ribbon > 0 && machine->paper > 0) {
		return true;
	}
	machine->major = 0x06;
	machine->minor = machine->ribbon == 0 ? 0x03 : 0x06;
	return false;
}

static void begin_sheet(struct machine *machine)
{
	int next = -1;
	for (int i = 0; i < BANKS; i++) {
		const struct bank *bank = &machine->banks[i];
		if (bank->state == BANK_FULL && bank->remaining > 0 &&
			(next < 0 || bank->order < machine->banks[next].order)) {
			next = i;
		}
	}
	if (next >= 0 && is_supplied(machine)) {
		machine->printing = next;
		machine->into_sheet_ms = 0;
	}
}

static void end_sheet(struct machine *machine)
{
	char sha256[HASH_HEX_MAX];
	struct bank *bank = &machine->banks[machine->printing];
	hash_hex_of(bank->pixels, bank->n_bytes, sha256);
	buf_print(&machine->sheets, "sheet %d id %u %ux%u media %u coat %u method %u sha256 %s\n",
		++machine->n_sheets, bank->id, bank->columns, bank->rows, bank->media, bank->coat,
		bank->method, sha256);
	machine->life++;
	machine->cutter += 2;
	machine->ribbon--;
	machine->paper--;
	bank->finished++;
	bank->remaining--;
	machine->printing = -1;
	machine->finished_until_ms = machine->now_ms + FINISHED_MS;
	if (bank->remaining == 0 || bank->drops) {
		s2145_engine_free(machine, bank);
	}
}

/* One millisecond after the other would do; a whole stretch at once is the same. */
void s2145_engine_run(struct machine *machine, int64_t now_ms)
{
	while (machine->now_ms < now_ms) {
		int64_t left_ms = now_ms - machine->now_ms;
		if (s2145_engine_is_stuck(machine)) {
			machine->now_ms += left_ms < 10 ? left_ms : 10;
			continue;
		}
		if (machine->printing < 0) {
			begin_sheet(machine);
		}
		if (machine->printing < 0) {
			machine->waited_ms += machine->n_sheets > 0 ? left_ms : 0;
			machine->now_ms = now_ms;
			continue;
		}
		int64_t to_end_ms = machine->print_ms - machine->into_sheet_ms;
		int64_t step_ms = left_ms < to_end_ms ? left_ms : to_end_ms;
		machine->into_sheet_ms += step_ms;
		machine->now_ms += step_ms;
		if (machine->into_sheet_ms >= machine->print_ms) {
			end_sheet(machine);
		}
	}
	if (machine->printing < 0 && !s2145_engine_is_stuck(machine)) {
		begin_sheet(machine); /* so that it is seen at once */
	}
}
