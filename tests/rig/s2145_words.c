/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens at the emulated S2145, in a test's words.
 */
#include "tests/rig/s2145_own.h"
#include <stdio.h>
#include <string.h>

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
		s2145_engine_jam(machine);
	} else if (strcmp(words, "power-cycle") == 0) {
		machine_reset(machine);
		s2145_engine_power_cycle(machine);
	} else if (strcmp(words, "stale") == 0) {
		machine_say_state(machine);
	} else if (strcmp(words, "state -") == 0) {
		machine->forced_state = -1;
	} else if (strcmp(words, "panel on") == 0 || strcmp(words, "panel off") == 0) {
		machine->panel = words[7] == 'n';
	} else {
		return false;
	}
	return true;
}

/* Words with a number. */
static bool do_counted(struct machine *machine, const char *words, int64_t now_ms)
{
	uint32_t n;
	char word[16];
	if (sscanf(words, "%15s %u", word, &n) != 2) {
		return false;
	}
	const struct {
		const char *word;
		uint32_t *figure;
	} figures[] = {{"ribbon", &machine->ribbon}, {"paper", &machine->paper},
		{"full", &machine->full}, {"mute", &machine->mute}, {"late", &machine->late_ms}};
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
		if (strcmp(figures[i].word, word) == 0) {
			*figures[i].figure = n;
			return true;
		}
	}
	if (strcmp(word, "thermal") == 0) {
		machine->thermal_until_ms = now_ms + n;
		return true;
	}
	return false;
}

/* Words with the codes of its language. */
static bool do_coded(struct machine *machine, const char *words)
{
	unsigned a;
	unsigned b;
	if (sscanf(words, "fault %x %x", &a, &b) == 2) {
		stand(machine, a, b);
	} else if (sscanf(words, "refuse %x %u", &a, &b) == 2) {
		machine->refuse_error = (uint8_t)a;
		machine->refusals = (int)b;
	} else if (sscanf(words, "state %x", &a) == 1) {
		machine->forced_state = (int)a;
	} else {
		return false;
	}
	return true;
}

bool machine_command(struct machine *machine, const char *words, int64_t now_ms)
{
	char media[8];
	unsigned n;
	s2145_engine_run(machine, now_ms);
	if (strncmp(words, "forge ", 6) == 0) {
		return forge(machine, words + 6);
	}
	if (sscanf(words, "media %7s %u", media, &n) == 2) {
		return machine_load(machine, media, n);
	}
	return do_plain(machine, words) || do_coded(machine, words) ||
	       do_counted(machine, words, now_ms);
}
