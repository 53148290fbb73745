/* SPDX-License-Identifier: Apache-2.0
 *
 * The comparison, and the words of its faults.
 */
#include "compare.h"
#include "base/mem.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- does a row say what a deed does? ---- */

static int own_work(int stage)
{
	return (int)path_at((enum stage)stage)->ask;
}

static bool leads_alike(const struct row *row, const struct deed *deed)
{
	int to = row->to == SELF ? deed->from : row->to;
	int asks = row->asks == OWN ? own_work(to) : row->asks;
	return deed->to == to && deed->asks == asks && strcmp(deed->tells[0], row->tells[0]) == 0 &&
	       strcmp(deed->tells[1], row->tells[1]) == 0;
}

static bool starts_alike(const struct row *row, const struct deed *deed)
{
	return deed->from >= row->from && deed->from <= row->upto &&
	       rows_event(deed->event) == row->event && row_lets_in(row->line, &deed->before);
}

/* A deed that does nothing needs a row only where some row says that something happens. */
static bool is_told(const struct row *table, size_t n, const struct deed *deed)
{
	bool expected = false;
	for (size_t i = 0; i < n; i++) {
		if (starts_alike(&table[i], deed)) {
			expected = true;
			if (leads_alike(&table[i], deed)) {
				return true;
			}
		}
	}
	return deed_is_idle(deed) && !expected;
}

/* ---- the guard that a row wants ---- */

#define GUARD_MAX 160

struct literal { /* a fact that may be part of a guard: its text for each value */
	size_t at;
	const char *is[3], *is_not[3];
};

static const struct literal literals[] = {
	{offsetof(struct facts, permitted), {"!permitted", "permitted"}, {NULL}},
	{offsetof(struct facts, more), {"!more", "more"}, {NULL}},
	{offsetof(struct facts, nothing_out), {"!nothing_out", "nothing_out"}, {NULL}},
	{offsetof(struct facts, asking), {"!asking", "asking"}, {NULL}},
	{offsetof(struct facts, duplicates),
		{"duplicates == DUPLICATES_HOLD", "duplicates == DUPLICATES_RELEASE",
			"duplicates == DUPLICATES_REPRINT"},
		{"duplicates != DUPLICATES_HOLD", "duplicates != DUPLICATES_RELEASE",
			"duplicates != DUPLICATES_REPRINT"}},
	{offsetof(struct facts, cancel_asked), {"!cancel_asked", "cancel_asked"}, {NULL}},
};

static unsigned bit_of(const struct literal *literal, const struct deed *deed)
{
	int value;
	memcpy(&value, (const char *)&deed->before + literal->at, sizeof value);
	return 1u << value;
}

/* What of this fact must hold: `here` are the values with which the code does the deed, `all` those
 * that there are at its stage and event. */
static const char *literal_text(const struct literal *literal, unsigned here, unsigned all)
{
	for (int value = 0; value < 3 && here != all; value++) {
		if (here == 1u << value) {
			return literal->is[value];
		}
		if (here == (all & ~(1u << value))) {
			return literal->is_not[value];
		}
	}
	return NULL;
}

static bool is_same_way(const struct deed *one, const struct deed *other)
{
	return one->from == other->from && rows_event(one->event) == rows_event(other->event);
}

static bool does_same(const struct deed *one, const struct deed *other)
{
	return is_same_way(one, other) && one->to == other->to && one->asks == other->asks &&
	       memcmp(one->tells, other->tells, sizeof one->tells) == 0;
}

/* What is true of every job with which the code does this, and not of all others. */
static void guess_guard(const struct deeds *code, const struct deed *deed, char guard[GUARD_MAX])
{
	size_t length = 0;
	snprintf(guard, GUARD_MAX, "true");
	for (size_t l = 0; l < sizeof literals / sizeof literals[0]; l++) {
		unsigned here = 0, all = 0;
		for (size_t i = 0; i < code->n; i++) {
			const struct deed *other = &code->all[i];
			unsigned bit = bit_of(&literals[l], other);
			here |= does_same(deed, other) ? bit : 0;
			all |= is_same_way(deed, other) ? bit : 0;
		}
		const char *text = literal_text(&literals[l], here, all);
		if (text != NULL) {
			length += (size_t)snprintf(guard + length, GUARD_MAX - length, "%s%s",
				length == 0 ? "" : " && ", text);
		}
	}
	if (deed->event == EV_RELEASE) {
		char text[WORD_MAX];
		snprintf(guard + length, GUARD_MAX - length, "%sheld_from == %s",
			length == 0 ? "" : " && ", stage_text(deed->before.held_from, text));
	}
}

/* ---- what the code does and no row says ---- */

struct missing {
	const struct deed *deed;
	struct row row;
	char guard[GUARD_MAX];
};

static void print_row(FILE *out, const struct row *row, const char *when)
{
	char from[WORD_MAX], upto[WORD_MAX], to[WORD_MAX], asks[WORD_MAX];
	fprintf(out, "\t%s(%s, %s, %s, %s, %s, %s, %s, %s)\n", row->kind,
		stage_text(row->from, from), stage_text(row->upto, upto), event_text(row->event),
		when, stage_text(row->to, to), work_text(row->asks, asks), row->tells[0],
		row->tells[1]);
}

static struct missing make_missing(const struct deeds *code, const struct deed *deed)
{
	bool own = deed->asks != DO_NOTHING && deed->asks == own_work(deed->to);
	struct missing missing = {.deed = deed,
		.row = {.kind = "MOVE",
			.from = deed->from,
			.upto = deed->from,
			.event = rows_event(deed->event),
			.to = deed->to == deed->from ? SELF : deed->to,
			.asks = own ? OWN : deed->asks,
			.tells = {deed->tells[0], deed->tells[1]}}};
	guess_guard(code, deed, missing.guard);
	return missing;
}

/* The same of the next stage: one row for both. */
static bool goes_on(const struct missing *one, const struct missing *next)
{
	return one->row.upto + 1 == next->row.from && one->row.event == next->row.event &&
	       one->row.to == next->row.to && one->row.asks == next->row.asks &&
	       memcmp(one->deed->tells, next->deed->tells, sizeof next->deed->tells) == 0 &&
	       strcmp(one->guard, next->guard) == 0;
}

static void add_missing(struct missing *all, size_t *n, const struct missing *one)
{
	for (size_t i = 0; i < *n; i++) {
		if (goes_on(&all[i], one)) {
			all[i].row.upto = one->row.upto;
			return;
		}
	}
	all[(*n)++] = *one;
}

static int compare_code(FILE *out, const struct deeds *code, const struct row *table, size_t n)
{
	struct missing *all = mem_new(code->n, sizeof *all);
	const struct deed **seen = mem_new(code->n, sizeof(struct deed *));
	size_t n_all = 0, n_seen = 0;
	for (size_t i = 0; i < code->n; i++) {
		const struct deed *deed = &code->all[i];
		bool known = is_told(table, n, deed);
		for (size_t j = 0; j < n_seen && !known; j++) {
			known = does_same(seen[j], deed);
		}
		if (!known) {
			struct missing one = make_missing(code, deed);
			seen[n_seen++] = deed;
			add_missing(all, &n_all, &one);
		}
	}
	for (size_t i = 0; i < n_all; i++) {
		fprintf(out, "only the code makes this move; add to " MOVES ":\n");
		print_row(out, &all[i].row, all[i].guard);
	}
	free(all);
	free(seen);
	return (int)n_all;
}

/* ---- what a row says and the code does not ---- */

static bool is_same_case(const struct deed *one, const struct deed *other)
{
	return is_same_way(one, other) &&
	       memcmp(&one->before, &other->before, sizeof one->before) == 0;
}

/* Of the jobs that the row lets in at this stage: with how many does the code do what it says, and
 * one with which it does not. */
static const struct deed *find_other(
	const struct deeds *code, const struct row *row, int stage, size_t *n_done)
{
	const struct deed *other = NULL;
	*n_done = 0;
	for (size_t i = 0, next; i < code->n; i = next) {
		const struct deed *first = &code->all[i];
		bool done = false;
		for (next = i; next < code->n && is_same_case(first, &code->all[next]); next++) {
			done = done || leads_alike(row, &code->all[next]);
		}
		if (first->from != stage || !starts_alike(row, first) ||
			first->event != row->event) {
			continue;
		}
		*n_done += done;
		other = done ? other : first;
	}
	return other;
}

static int compare_row(FILE *out, const struct deeds *code, const struct row *row)
{
	size_t n_done, n_all = 0;
	int last = row->from, wrong_at = -1;
	const struct deed *wrong = NULL;
	for (int stage = row->from; stage <= row->upto; stage++) {
		const struct deed *other = find_other(code, row, stage, &n_done);
		n_all += n_done;
		last = n_done > 0 ? stage : last;
		if (wrong_at < 0 && (other != NULL || n_done == 0)) {
			wrong = other;
			wrong_at = stage;
		}
	}
	if (wrong_at < 0) {
		return 0;
	}
	char stage[WORD_MAX];
	if (n_all == 0) {
		fprintf(out, MOVES ":%d: only the model makes this move; remove the line\n",
			row->line);
	} else {
		fprintf(out, MOVES ":%d: not at %s%s: narrow the line\n", row->line,
			stage_text(wrong_at, stage),
			wrong == NULL ? "" : " with every job that it lets in");
	}
	print_row(out, row, row->when);
	return 1;
}

int compare(FILE *out, const struct deeds *code, const struct row *table, size_t n)
{
	int faults = compare_code(out, code, table, n);
	for (size_t i = 0; i < n; i++) {
		faults += compare_row(out, code, &table[i]);
	}
	return faults;
}
