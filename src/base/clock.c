/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the machine's clocks.
 */
#include "base/clock.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_boot_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}

int64_t clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

void clock_boot_id(char id[CLOCK_BOOT_ID_MAX])
{
	strcpy(id, "unknown");
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (file == NULL) {
		return;
	}
	if (fgets(id, CLOCK_BOOT_ID_MAX, file) == NULL) {
		strcpy(id, "unknown");
	}
	id[strcspn(id, "\n")] = '\0';
	fclose(file);
}

char *clock_stamp(int64_t wall_ms, char stamp[CLOCK_STAMP_MAX])
{
	time_t seconds = wall_ms / 1000;
	struct tm parts;
	gmtime_r(&seconds, &parts);
	size_t n = strftime(stamp, CLOCK_STAMP_MAX, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(stamp + n, CLOCK_STAMP_MAX - n, ".%03dZ", (int)(wall_ms % 1000));
	return stamp;
}

int64_t clock_stamp_ms(const char *stamp)
{
	struct tm utc = {0};
	const char *rest = strptime(stamp, "%Y-%m-%dT%H:%M:%S.", &utc);
	char *end = NULL;
	long ms = rest == NULL ? 0 : strtol(rest, &end, 10);
	bool fine = rest != NULL && end == rest + 3 && strcmp(end, "Z") == 0;
	return fine ? (int64_t)timegm(&utc) * SECOND_MS + ms : 0;
}

char *clock_day(int64_t wall_ms, char day[CLOCK_DAY_MAX])
{
	time_t seconds = (time_t)(wall_ms / SECOND_MS);
	struct tm local;
	localtime_r(&seconds, &local);
	strftime(day, CLOCK_DAY_MAX, "%Y-%m-%d", &local);
	return day;
}
