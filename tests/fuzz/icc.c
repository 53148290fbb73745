/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the profile embedded in a photo, through the gate before Little CMS.
 */
#include "tests/fuzz/fuzz.h"
#include "colour/gate.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const enum gate_space spaces[] = {GATE_GREY, GATE_RGB};
	bool passed[2] = {false, false};
	for (size_t i = 0; i < 2; i++) {
		char why[GATE_WHY_MAX] = "";
		size_t size = 0;
		passed[i] = gate_passes(bytes, len, spaces[i], &size, why);
		if (!passed[i]) {
			fuzz_must(why[0] != '\0' && strlen(why) < GATE_WHY_MAX);
			continue;
		}
		fuzz_must(size >= 132 && size <= len && size <= GATE_BYTES_MAX);
		size_t again = 0;
		fuzz_must(gate_passes(bytes, size, spaces[i], &again, why) && again == size);
	}
	fuzz_must(!(passed[0] && passed[1]));
	return 0;
}
