/* SPDX-License-Identifier: Apache-2.0
 *
 * One seed of the campaign: ten orders, two printers of some kind, whatever can go wrong by chance
 * (mishap.c), then everything is repaired and people say what they see. The same seed gives the
 * same run, line by line.
 */
#pragma once
#include "sim/sim.h"

#define SEED_JOBS 10

struct seed_report {
	uint64_t seed;
	bool fine;
	char words[512]; /* what the oracle says */
	char hash[HASH_HEX_MAX];
	struct sim_tally tally;
};

void seed_run(uint64_t seed, struct seed_report *report);
/* A seed that nobody has run before. */
uint64_t seed_fresh(void);

/* mishap.c */
uint32_t dice(struct sim *sim, uint32_t sides);
const char *seed_job(uint32_t at);
/* Two printers as the chance wants them; each has a kind, and what it says of itself is enough to
 * prove something, or it is known to be nothing. */
void mishap_equip(struct sim *sim);
/* One thing goes wrong. */
void mishap(struct sim *sim);
