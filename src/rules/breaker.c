/* SPDX-License-Identifier: Apache-2.0
 *
 * Closed, open, half open: three states told by two numbers.
 */
#include "rules/breaker.h"

bool breaker_begin(struct breaker *breaker, int64_t now_ms)
{
	if (breaker->failures < BREAKER_FAILURES) {
		return true;
	}
	if (now_ms < breaker->rest_until_ms) {
		return false;
	}
	breaker->rest_until_ms = now_ms + BREAKER_REST_MS; /* the others wait for this one */
	return true;
}

void breaker_end(struct breaker *breaker, bool fine, int64_t now_ms)
{
	breaker->failures = fine ? 0 : breaker->failures + 1;
	breaker->rest_until_ms = now_ms + BREAKER_REST_MS;
}
