/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's clocks. Durations and deadlines use boot time, which goes on during suspend and
 * never jumps; the wall clock is for display, TLS and signed links only. The rules read neither:
 * they are given the time.
 */
#pragma once
#include <stdint.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)

int64_t clock_boot_ms(void);
int64_t clock_wall_ms(void);
#define CLOCK_BOOT_ID_MAX 40
/* The kernel's id of this boot; "unknown" where there is none. */
void clock_boot_id(char id[CLOCK_BOOT_ID_MAX]);
#define CLOCK_STAMP_MAX 32
/* RFC 3339 in UTC with milliseconds, for people and logs. Returns `stamp`. */
char *clock_stamp(int64_t wall_ms, char stamp[CLOCK_STAMP_MAX]);
/* Back again; 0 where it is none. */
int64_t clock_stamp_ms(const char *stamp);
#define CLOCK_DAY_MAX 16
/* The day at this place, "2026-11-29". Returns `day`. */
char *clock_day(int64_t wall_ms, char day[CLOCK_DAY_MAX]);
