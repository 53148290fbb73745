/* SPDX-License-Identifier: Apache-2.0
 *
 * When maintenance is due.
 */
#include "rules/maintenance.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_MS     INT64_C(60000)
#define DAY_MINUTES   1440
#define TENTHS_AT_DUE 10
#define TENTHS_SOON   9

struct share { /* of an interval */
	int64_t used, of;
};

static enum due due_of(struct share share)
{
	return share.of <= 0                                          ? DUE_NOT
	       : share.used >= share.of                               ? DUE_NOW
	       : share.used * TENTHS_AT_DUE >= share.of * TENTHS_SOON ? DUE_SOON
								      : DUE_NOT;
}

/* The one of which more is used, without dividing. */
static bool is_nearer(struct share a, struct share b)
{
	return a.of > 0 && (b.of <= 0 || a.used * b.of > b.used * a.of);
}

static const char *plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static void say_days(struct share share, char words[UPKEEP_WORDS_MAX])
{
	int64_t left = share.of - share.used;
	int64_t days = (left < 0 ? -left : left + DAY_MINUTES - 1) / DAY_MINUTES;
	if (left <= 0 && days == 0) {
		snprintf(words, UPKEEP_WORDS_MAX, "due since today");
	} else if (left <= 0) {
		snprintf(words, UPKEEP_WORDS_MAX, "due for %" PRId64 " day%s", days, plural(days));
	} else {
		snprintf(words, UPKEEP_WORDS_MAX, "due in %" PRId64 " day%s", days, plural(days));
	}
}

static void say_count(struct share share, const char *what, char words[UPKEEP_WORDS_MAX])
{
	int64_t left = share.of - share.used;
	if (left <= 0) {
		snprintf(words, UPKEEP_WORDS_MAX,
			"due: %" PRId64 " %s%s since it was done, every %" PRId64, share.used, what,
			plural(share.used), share.of);
	} else {
		snprintf(words, UPKEEP_WORDS_MAX, "due in %" PRId64 " %s%s", left, what,
			plural(left));
	}
}

enum due upkeep_due(const struct routine *routine, const struct upkeep *upkeep, int64_t now_ms,
	char words[UPKEEP_WORDS_MAX])
{
	int64_t used_ms = now_ms > upkeep->since_ms ? now_ms - upkeep->since_ms : 0;
	struct share days = {used_ms / MINUTE_MS, (int64_t)routine->every_days * DAY_MINUTES};
	struct share prints = {upkeep->prints, routine->every_prints};
	struct share faults = {upkeep->faults, routine->every_faults};
	enum due due = due_of(days);
	due = due_of(prints) > due ? due_of(prints) : due;
	due = due_of(faults) > due ? due_of(faults) : due;
	bool within_a_day = routine->every_days > 1 && days.of - days.used <= DAY_MINUTES;
	due = due == DUE_NOT && within_a_day ? DUE_SOON : due;
	if (is_nearer(prints, days) && is_nearer(prints, faults)) {
		say_count(prints, "print", words);
	} else if (is_nearer(faults, days)) {
		say_count(faults, "fault", words);
	} else {
		say_days(days, words);
	}
	return due;
}

bool routine_is_of(const struct routine *routine, const struct printer_conf *printer)
{
	return routine->printer[0] != '\0' ? strcmp(routine->printer, printer->name) == 0
					   : strcmp(routine->model, printer->model) == 0;
}

const char *due_name(enum due due)
{
	static const char *const names[] = {"ok", "soon", "due"};
	return names[due];
}

bool upkeep_forbids(
	const struct routine *routine, const char *printer, const char *words, struct err *err)
{
	return err_set(err, REMEDY_ATTEND, "maintenance-due",
		"%s prints nothing until this was done: %s (%s). Do it, then: platenctl "
		"maintenance done %s %s --by WHO",
		printer, routine->what, words, routine->name, printer);
}
