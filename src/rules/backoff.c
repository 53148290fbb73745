/* SPDX-License-Identifier: Apache-2.0
 *
 * Full jitter.
 */
#include "rules/backoff.h"
#include "base/clock.h"

#define CALL_BASE_MS 500

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

int64_t call_wait_ms(int32_t tries, bool hard, int64_t retry_after_ms, uint64_t chance)
{
	int64_t wait_ms = backoff_ms(tries, CALL_BASE_MS, MINUTE_MS, retry_after_ms, chance);
	bool breaks = tries >= BREAKER_TRIES || hard;
	return breaks && wait_ms < MINUTE_MS / 2 ? MINUTE_MS / 2 + wait_ms : wait_ms;
}
