/* SPDX-License-Identifier: Apache-2.0
 *
 * A fuzz target: one function that is given bytes and must survive them. What must hold besides is
 * said with fuzz_must. The same function runs under libFuzzer (`make fuzz`) and, over the committed
 * seeds and many small changes to each, as a plain test (replay.c).
 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define fuzz_must(true_thing)                                                                      \
	do {                                                                                       \
		if (!(true_thing)) {                                                               \
			fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__,              \
				#true_thing);                                                      \
			abort();                                                                   \
		}                                                                                  \
	} while (0)
