/* SPDX-License-Identifier: Apache-2.0
 *
 * The circuit breaker of a host: after ten failures in a row it is left alone for half a minute,
 * then tried by one; so a dead host does not hold the places that others need.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define BREAKER_FAILURES 10
#define BREAKER_REST_MS  INT64_C(30000)

struct breaker {
	int32_t failures;      /* in a row */
	int64_t rest_until_ms; /* with enough of them */
};

/* Whether one more may be tried now; that one is then the only one for a while. */
bool breaker_begin(struct breaker *breaker, int64_t now_ms);
void breaker_end(struct breaker *breaker, bool fine, int64_t now_ms);
