/* SPDX-License-Identifier: Apache-2.0
 *
 * A planted fault must be caught. This program is built five times, each time with one file of the
 * product that was compiled anew with one rule of the protocol taken out (room.mk); it stands
 * before the library, so it is the one that runs. The same seeds, the same oracle: within 2,000 of
 * them the oracle must say what is wrong, and by which of its rules.
 */
#include "tests/walk/seed.h"
#include <stdio.h>
#include <string.h>

#define SEEDS 2000

/* "at 5 ms: V6: …" → "V6" */
static void rule_of(const char *words, char rule[8])
{
	const char *at = strstr(words, ": V");
	snprintf(rule, 8, "%.*s", at == NULL ? 0 : (int)strcspn(at + 2, ":"),
		at == NULL ? "" : at + 2);
}

int main(void)
{
	struct seed_report report = {.fine = true};
	char rule[8];
	uint64_t seed = 0;
	while (report.fine && seed < SEEDS) {
		seed_run(++seed, &report);
	}
	rule_of(report.words, rule);
	printf("1..1\n# %s: seed %llu: %s\n", WEAKNESS, (unsigned long long)seed, report.words);
	bool caught = !report.fine && rule[0] == 'V';
	printf("%s 1 - %s_is_caught_by_%s_after_%llu_seeds\n", caught ? "ok" : "not ok", WEAKNESS,
		caught ? rule : "nothing", (unsigned long long)seed);
	return caught ? 0 : 1;
}
