/* SPDX-License-Identifier: Apache-2.0
 *
 * Full jitter.
 */
#include "rules/backoff.h"

int64_t backoff_ms(
	int32_t tries, int64_t base_ms, int64_t cap_ms, int64_t floor_ms, uint64_t chance)
{
	int64_t most = base_ms;
	for (int32_t i = 1; i < tries && most < cap_ms; i++) {
		most *= 2;
	}
	most = most > cap_ms ? cap_ms : most;
	int64_t wait = (int64_t)(chance % (uint64_t)(most + 1));
	return wait < floor_ms ? floor_ms + wait / 4 : wait;
}
