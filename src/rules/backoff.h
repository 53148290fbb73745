/* SPDX-License-Identifier: Apache-2.0
 *
 * How long to wait before trying again: exponential with full jitter, so that what failed together
 * does not come back together.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The wait after `tries` failures (1..): between 0 and base × 2^(tries-1), at most cap, and never
 * less than `floor_ms` (Retry-After; -1 or 0 = none said). `chance` is 64 random bits. */
int64_t backoff_ms(
	int32_t tries, int64_t base_ms, int64_t cap_ms, int64_t floor_ms, uint64_t chance);

/* Of a call to the order service: from BREAKER_TRIES failures on, or when a person must act there
 * (hard), never before half a minute. */
#define BREAKER_TRIES 10
int64_t call_wait_ms(int32_t tries, bool hard, int64_t retry_after_ms, uint64_t chance);
