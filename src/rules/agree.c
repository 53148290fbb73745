/* SPDX-License-Identifier: Apache-2.0
 *
 * The comparison, counter by counter. What is not known, or may be somebody else's, accuses nobody.
 */
#include "rules/agree.h"
#include <stdio.h>
#include <strings.h>

#define COUNTERS 2

struct span { /* one counter over a time */
	const char *name;
	int64_t from, to; /* COUNT_UNKNOWN: not both are known */
};

/* A counter that stands at 0 may be one that never counts. */
static struct span span_of(const char *name, int64_t from, int64_t to)
{
	bool known = from >= 0 && to >= 0 && (from > 0 || to > 0);
	return known ? (struct span){name, from, to}
		     : (struct span){name, COUNT_UNKNOWN, COUNT_UNKNOWN};
}

static bool is_known(const struct span *span)
{
	return span->from != COUNT_UNKNOWN;
}

static void spans_of(const struct agree_ask *ask, const struct witness *from,
	const struct witness *to, struct span spans[COUNTERS])
{
	bool trusted = ask->counts_impressions;
	spans[0] = span_of("life counter", from->life_count, to->life_count);
	spans[1] = span_of("page counter", trusted ? from->impressions : COUNT_UNKNOWN,
		trusted ? to->impressions : COUNT_UNKNOWN);
}

static bool is_same_machine(const char *a, const char *b)
{
	return a[0] == '\0' || b[0] == '\0' || strcasecmp(a, b) == 0;
}

static bool went_on(const struct agree_ask *ask, const struct witness *from,
	const struct witness *to, const struct span spans[COUNTERS], struct err *err)
{
	if (!is_same_machine(from->uuid, to->uuid)) {
		return err_set(err, REMEDY_ATTEND, "machine-exchanged",
			"%s answers as another machine (%s) than before (%s): see which one stands "
			"there, and count the prints of this job in its tray",
			ask->printer, to->uuid, from->uuid);
	}
	for (int i = 0; i < COUNTERS; i++) {
		if (spans[i].to < spans[i].from) {
			return err_set(err, REMEDY_ATTEND, "counter-went-back",
				"%s's %s went back from %lld to %lld: it was reset or a part of it "
				"exchanged; count the prints of this job in its tray",
				ask->printer, spans[i].name, (long long)spans[i].from,
				(long long)spans[i].to);
		}
	}
	return true;
}

/* Only platen's prints, and all of them, are in the counters. */
static bool is_ours_alone(
	const struct agree_ask *ask, const struct witness *from, const struct witness *to)
{
	return ask->exclusive && !from->foreign && !to->foreign && from->jobs_active <= 0 &&
	       to->jobs_active <= 0;
}

struct range {
	int32_t least, most;
};

/* By how much a counter may have moved. A sheet that was cut off or jammed may be counted or not.
 */
static struct range range_of(const struct receipt *receipt, int32_t copies)
{
	switch (receipt->verdict) {
	case VERDICT_DONE:
		return (struct range){copies, copies};
	case VERDICT_PARTIAL:
		return (struct range){receipt->completed, receipt->completed + 1};
	case VERDICT_NOT_TAKEN:
		return (struct range){0, 0};
	case VERDICT_PENDING:
	case VERDICT_SPOILED:
	case VERDICT_UNKNOWN:
		break;
	}
	return (struct range){0, copies};
}

/* The counters themselves were waited for, or are never late. */
static bool is_final(const struct agree_ask *ask, const struct receipt *receipt)
{
	return ask->counter_lag_ms == 0 || receipt->evidence == EVIDENCE_COUNTER;
}

static bool is_short(const struct span *span, struct range range)
{
	return is_known(span) && span->to - span->from < range.least;
}

/* Prints that are said to be out and that a counter does not have. */
static bool has_all(const struct agree_ask *ask, const struct span spans[COUNTERS],
	struct range range, const char *of, struct err *err)
{
	int64_t life = spans[0].to - spans[0].from;
	int64_t pages = spans[1].to - spans[1].from;
	if (is_known(&spans[0]) && is_known(&spans[1]) && life != pages) {
		return err_set(err, REMEDY_ATTEND, "counters-differ",
			"%s's life counter moved by %lld and its page counter by %lld for %s: look "
			"at each of these prints for blank or cut-off ones",
			ask->printer, (long long)life, (long long)pages, of);
	}
	for (int i = 0; i < COUNTERS; i++) {
		if (is_short(&spans[i], range)) {
			return err_set(err, REMEDY_ATTEND, "counter-moved-less",
				"%s's %s moved by %lld, from %lld to %lld, and %d prints of %s are "
				"said to be out: look whether one is missing, blank or cut off",
				ask->printer, spans[i].name,
				(long long)(spans[i].to - spans[i].from), (long long)spans[i].from,
				(long long)spans[i].to, (int)range.least, of);
		}
	}
	return true;
}

/* ---- between ---- */

static bool has_no_more(const struct agree_ask *ask, struct err *err)
{
	const struct agree_past *past = ask->past;
	struct range range = range_of(&past->receipt, past->copies);
	struct span since[COUNTERS];
	struct span whole[COUNTERS];
	spans_of(ask, &past->receipt.after, ask->before, since);
	spans_of(ask, &past->before, ask->before, whole);
	for (int i = 0; i < COUNTERS; i++) {
		/* what comes late of the attempt before is its own */
		bool may_be_late = is_known(&whole[i]) && !is_final(ask, &past->receipt);
		bool is_its_own = may_be_late && whole[i].to - whole[i].from <= range.most;
		if (since[i].to > since[i].from && !is_its_own) {
			return err_set(err, REMEDY_ATTEND, "counter-moved-between",
				"%s's %s moved from %lld to %lld while nothing of platen's was at "
				"it: somebody else printed there, or a print came late; look for "
				"prints too many in its tray",
				ask->printer, since[i].name, (long long)since[i].from,
				(long long)since[i].to);
		}
	}
	return true;
}

/* The lag is over, by the printer's own clock. */
static bool has_caught_up(const struct agree_ask *ask)
{
	int64_t from_s = ask->past->receipt.after.up_time_s;
	int64_t to_s = ask->before->up_time_s;
	return from_s >= 0 && (to_s - from_s) * 1000 > ask->counter_lag_ms;
}

bool agree_between(const struct agree_ask *ask, struct err *err)
{
	const struct agree_past *past = ask->past;
	struct span spans[COUNTERS];
	if (past == NULL || !past->receipt.after.read || !ask->before->read) {
		return true;
	}
	spans_of(ask, &past->receipt.after, ask->before, spans);
	if (!went_on(ask, &past->receipt.after, ask->before, spans, err)) {
		return false;
	}
	if (!is_ours_alone(ask, &past->receipt.after, ask->before)) {
		return true;
	}
	if (!has_no_more(ask, err)) {
		return false;
	}
	spans_of(ask, &past->before, ask->before, spans);
	bool is_due = past->before.read && is_ours_alone(ask, &past->before, ask->before) &&
		      !is_final(ask, &past->receipt) && has_caught_up(ask);
	return !is_due ||
	       has_all(ask, spans, range_of(&past->receipt, past->copies), past->key, err);
}

/* ---- within ---- */

/* Of ribbon and paper a print takes one, or half a one where two fit on it. */
static bool took_its_ribbon(const struct agree_ask *ask, struct err *err)
{
	int64_t from = ask->before->media_left;
	int64_t to = ask->receipt->after.media_left;
	int64_t used = from - to;
	bool known = from >= 0 && to >= 0 && used >= 0; /* more than before: it was loaded */
	if (!known || ask->receipt->verdict != VERDICT_DONE ||
		(used <= ask->copies && 2 * used >= ask->copies)) {
		return true;
	}
	return err_set(err, REMEDY_ATTEND, "ribbon-differs",
		"%s used ribbon for %lld prints and made %d: look at each of them for blank or "
		"cut-off ones",
		ask->printer, (long long)used, (int)ask->copies);
}

bool agree_within(const struct agree_ask *ask, struct err *err)
{
	const struct witness *from = ask->before;
	const struct witness *to = &ask->receipt->after;
	struct range range = range_of(ask->receipt, ask->copies);
	struct span spans[COUNTERS];
	if (!from->read || !to->read) {
		return true;
	}
	spans_of(ask, from, to, spans);
	if (!went_on(ask, from, to, spans, err)) {
		return false;
	}
	if (!is_ours_alone(ask, from, to)) {
		return true;
	}
	for (int i = 0; i < COUNTERS; i++) {
		int64_t moved = spans[i].to - spans[i].from;
		if (is_known(&spans[i]) && moved > range.most) {
			return err_set(err, REMEDY_ATTEND, "counter-moved-more",
				"%s's %s moved by %lld, from %lld to %lld, and platen knows of %d: "
				"somebody else printed there, or a print came out twice; look for "
				"prints too many",
				ask->printer, spans[i].name, (long long)moved,
				(long long)spans[i].from, (long long)spans[i].to, (int)range.most);
		}
	}
	return !is_final(ask, ask->receipt) ||
	       (has_all(ask, spans, range, "this job", err) && took_its_ribbon(ask, err));
}
