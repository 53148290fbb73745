/* SPDX-License-Identifier: Apache-2.0
 *
 * The code and the model make the same moves. moves.def, which path.pml is made of, becomes an
 * array here and is held against everything that path_step does, both ways:
 *
 *  - each thing the code does stands in a row whose guard is true of that job;
 *  - each row is something the code does: at all its stages, of every job that its guard lets in.
 *
 * What differs is told as the line of moves.def to add, to remove or to write anew. The second half
 * of this file spoils a copy of the rows and looks whether that is told.
 */
#include "machine.h"
#include "base/mem.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOVES "tests/model/moves.def"

struct row {
	int line;
	int from, upto, event, to, asks;
	const char *tells[2], *when;
};

/* ---- moves.def, read four times ---- */

static const struct row rows[] = {
#define MOVE(from, upto, event, when, to, asks, tell, tell_then)                                   \
	{__LINE__, from, upto, event, to, asks, {#tell, #tell_then}, #when},
#define NEVER(...) MOVE(__VA_ARGS__)
#define STAGE(stage, work)
#define SAME(event, as)
#define FLAG(flag, formula)
#include "moves.def"
#undef MOVE
#undef STAGE
#undef SAME
#undef FLAG
};
#define N_ROWS (sizeof rows / sizeof rows[0])

/* The guard of a row, by its line. */
static bool lets_in(int line, const struct facts *job)
{
	const bool permitted = job->permitted, cancel_asked = job->cancel_asked;
	const bool asking = job->asking, more = job->more, nothing_out = job->nothing_out;
	const int held_from = job->held_from, duplicates = job->duplicates;
	(void)duplicates;
	switch (line) {
#define MOVE(from, upto, event, when, to, asks, tell, tell_then)                                   \
	case __LINE__:                                                                             \
		return when;
#define STAGE(stage, work)
#define SAME(event, as)
#define FLAG(flag, formula)
#include "moves.def"
#undef MOVE
#undef STAGE
#undef SAME
#undef FLAG
	}
	return false;
}

/* The event under whose name an event stands in the rows. */
static int rows_event(int event)
{
	switch (event) {
#define MOVE(from, upto, event, when, to, asks, tell, tell_then)
#define STAGE(stage, work)
#define SAME(event, as)                                                                            \
	case event:                                                                                \
		return as;
#define FLAG(flag, formula)
#include "moves.def"
#undef STAGE
#undef SAME
#undef FLAG
	}
	return event;
}

static bool is_at_device(int stage)
{
	return stage_is_at_device((enum stage)stage);
}

static bool is_open(int stage)
{
	return is_at_device(stage) || stage == AT_HELD_UNKNOWN;
}

/* The flag that the deed leaves other than the model does, or NULL. */
static const char *wrong_flag(const struct deed *deed)
{
	const bool permitted = deed->before.permitted, asking = deed->before.asking;
	const bool cancel_asked = deed->before.cancel_asked;
	const int event = rows_event(deed->event), to = deed->to, asks = deed->asks;
#define STAGE(stage, work)
#define SAME(event, as)
#define FLAG(flag, formula)                                                                        \
	if (deed->after.flag != (formula)) {                                                       \
		return #flag;                                                                      \
	}
#include "moves.def"
#undef MOVE
#undef NEVER
#undef STAGE
#undef SAME
#undef FLAG
	return NULL;
}

static const struct {
	int stage, work;
} works[] = {
#define MOVE(from, upto, event, when, to, asks, tell, tell_then)
#define NEVER(...)
#define STAGE(stage, work) {stage, work},
#define SAME(event, as)
#define FLAG(flag, formula)
#include "moves.def"
#undef MOVE
#undef NEVER
#undef STAGE
#undef SAME
#undef FLAG
};

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
	       rows_event(deed->event) == row->event && lets_in(row->line, &deed->before);
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

/* ---- the words of a fault ---- */

static void print_row(FILE *out, const struct row *row, const char *when)
{
	char from[WORD_MAX], upto[WORD_MAX], to[WORD_MAX], asks[WORD_MAX];
	fprintf(out, "\tMOVE(%s, %s, %s, %s, %s, %s, %s, %s)\n", stage_text(row->from, from),
		stage_text(row->upto, upto), event_text(row->event), when, stage_text(row->to, to),
		work_text(row->asks, asks), row->tells[0], row->tells[1]);
}

#define GUARD_MAX 200

struct literal { /* a fact that may be part of a guard */
	const char *text[3];
	size_t at;
};

static const struct literal literals[] = {
	{{"!permitted", "permitted"}, offsetof(struct facts, permitted)},
	{{"!cancel_asked", "cancel_asked"}, offsetof(struct facts, cancel_asked)},
	{{"!asking", "asking"}, offsetof(struct facts, asking)},
	{{"!more", "more"}, offsetof(struct facts, more)},
	{{"!nothing_out", "nothing_out"}, offsetof(struct facts, nothing_out)},
	{{"duplicates == DUPLICATES_HOLD", "duplicates == DUPLICATES_RELEASE",
		 "duplicates == DUPLICATES_REPRINT"},
		offsetof(struct facts, duplicates)},
};

static int value_of(const struct literal *literal, const struct facts *facts)
{
	int value;
	memcpy(&value, (const char *)facts + literal->at, sizeof value);
	return value;
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
	guard[0] = '\0';
	for (size_t l = 0; l < sizeof literals / sizeof literals[0]; l++) {
		unsigned here = 0, all = 0;
		for (size_t i = 0; i < code->n; i++) {
			const struct deed *other = &code->all[i];
			unsigned bit = 1u << value_of(&literals[l], &other->before);
			here |= does_same(deed, other) ? bit : 0;
			all |= is_same_way(deed, other) ? bit : 0;
		}
		size_t at = strlen(guard);
		int value = value_of(&literals[l], &deed->before);
		if (here == 1u << value && all != here) {
			snprintf(guard + at, GUARD_MAX - at, "%s%s", at == 0 ? "" : " && ",
				literals[l].text[value]);
		}
	}
	if (guard[0] == '\0') {
		snprintf(guard, GUARD_MAX, "true");
	}
}

static void print_missing(FILE *out, const struct deeds *code, const struct deed *deed)
{
	char guard[GUARD_MAX];
	struct row row = {.from = deed->from,
		.upto = deed->from,
		.event = rows_event(deed->event),
		.to = deed->to == deed->from ? SELF : deed->to,
		.asks = deed->asks != DO_NOTHING && deed->asks == own_work(deed->to) ? OWN
										     : deed->asks,
		.tells = {deed->tells[0], deed->tells[1]}};
	guess_guard(code, deed, guard);
	if (deed->from == AT_HELD_OPERATOR && deed->event == EV_RELEASE) {
		char text[WORD_MAX];
		snprintf(guard, sizeof guard, "held_from == %s",
			stage_text(deed->before.held_from, text));
	}
	fprintf(out, "only the code makes this move; add to " MOVES ":\n");
	print_row(out, &row, guard);
}

/* ---- the comparison ---- */

/* What the code does and no row says. */
static int compare_code(FILE *out, const struct deeds *code, const struct row *table, size_t n)
{
	int faults = 0;
	const struct deed **told = mem_new(code->n, sizeof(struct deed *));
	for (size_t i = 0; i < code->n; i++) {
		const struct deed *deed = &code->all[i];
		bool known = is_told(table, n, deed);
		for (int j = 0; j < faults && !known; j++) {
			known = does_same(told[j], deed);
		}
		if (!known) {
			told[faults++] = deed;
			print_missing(out, code, deed);
		}
	}
	free(told);
	return faults;
}

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

/* What a row says and the code does not. */
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

static int compare(FILE *out, const struct deeds *code, const struct row *table, size_t n)
{
	int faults = compare_code(out, code, table, n);
	for (size_t i = 0; i < n; i++) {
		faults += compare_row(out, code, &table[i]);
	}
	return faults;
}

/* ---- the facts ---- */

static struct deeds code;

static int run_machine(void **state)
{
	(void)state;
	machine_run(&code);
	return 0;
}

static int drop_machine(void **state)
{
	(void)state;
	deeds_free(&code);
	return 0;
}

static void the_code_and_the_model_make_the_same_moves(void **state)
{
	(void)state;
	char *said = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&said, &length);
	int faults = compare(out, &code, rows, N_ROWS);
	fclose(out);
	fputs(said, stderr); /* all of it: cmocka cuts a long text */
	free(said);
	assert_int_equal(faults, 0);
}

static void every_stage_has_the_same_work_in_both(void **state)
{
	(void)state;
	size_t n = 0;
	for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
		assert_int_equal(own_work(works[i].stage), works[i].work);
	}
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		n += own_work(stage) != DO_NOTHING;
	}
	assert_int_equal(n, sizeof works / sizeof works[0]);
}

static void every_move_leaves_the_same_flags_in_both(void **state)
{
	(void)state;
	for (size_t i = 0; i < code.n; i++) {
		const struct deed *deed = &code.all[i];
		const char *flag = wrong_flag(deed);
		if (flag != NULL) {
			char from[WORD_MAX], to[WORD_MAX];
			fail_msg("%s -> %s by %s: the code leaves another %s than FLAG in " MOVES,
				stage_text(deed->from, from), stage_text(deed->to, to),
				event_text(deed->event), flag);
		}
	}
}

static void a_hold_remembers_where_it_came_from(void **state)
{
	(void)state;
	for (size_t i = 0; i < code.n; i++) {
		const struct deed *deed = &code.all[i];
		if (deed->to == AT_HELD_OPERATOR && deed->from != AT_HELD_OPERATOR &&
			deed->from != AT_PRINTED) {
			int back = is_open(deed->from) ? AT_PERMITTED : deed->from;
			assert_int_equal(deed->after.held_from, back);
		}
	}
}

/* ---- can it fail? ---- */

struct spoilt {
	struct row rows[N_ROWS];
	size_t n;
	char *said;
};

static size_t find_row(int from, int event, int to)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (rows[i].from == from && rows[i].event == event && rows[i].to == to) {
			return i;
		}
	}
	fail_msg("the row that this fact spoils is gone: choose another");
	return 0;
}

static void begin_spoilt(struct spoilt *spoilt)
{
	memcpy(spoilt->rows, rows, sizeof rows);
	spoilt->n = N_ROWS;
}

static void expect_said(struct spoilt *spoilt, const char *wanted)
{
	size_t length = 0;
	FILE *out = open_memstream(&spoilt->said, &length);
	int faults = compare(out, &code, spoilt->rows, spoilt->n);
	fclose(out);
	assert_true(faults > 0);
	if (strstr(spoilt->said, wanted) == NULL) {
		print_error("said:\n%s", spoilt->said);
		free(spoilt->said);
		fail_msg("it should have said: %s", wanted);
	}
	free(spoilt->said);
}

static void a_move_that_only_the_code_makes_is_told_as_a_line_to_add(void **state)
{
	(void)state;
	struct spoilt spoilt;
	begin_spoilt(&spoilt);
	spoilt.rows[find_row(AT_QUEUED, EV_DONE, AT_PERMITTED)] = spoilt.rows[--spoilt.n];
	expect_said(&spoilt, "only the code makes this move; add to " MOVES ":\n"
			     "\tMOVE(AT_QUEUED, AT_QUEUED, EV_DONE, true, AT_PERMITTED, OWN, "
			     "none, none)\n");
	begin_spoilt(&spoilt);
	spoilt.rows[find_row(AT_HELD_UNKNOWN, EV_RESOLVE, AT_PRINTED)] = spoilt.rows[--spoilt.n];
	expect_said(&spoilt, "\tMOVE(AT_HELD_UNKNOWN, AT_HELD_UNKNOWN, EV_RESOLVE, !more, "
			     "AT_PRINTED, OWN, resolved, printed)\n");
}

static void a_move_that_only_the_model_makes_is_told_as_a_line_to_remove(void **state)
{
	(void)state;
	struct spoilt spoilt;
	begin_spoilt(&spoilt);
	struct row *row = &spoilt.rows[find_row(AT_SENDING, EV_DONE, AT_COMMITTED)];
	row->to = AT_ACCEPTED;
	char wanted[160];
	snprintf(wanted, sizeof wanted,
		MOVES ":%d: only the model makes this move; remove the line\n"
		      "\tMOVE(AT_SENDING, AT_SENDING, EV_DONE, true, AT_ACCEPTED, OWN, none, "
		      "none)\n",
		row->line);
	expect_said(&spoilt, wanted);
}

static void a_row_of_too_many_stages_is_told(void **state)
{
	(void)state;
	struct spoilt spoilt;
	begin_spoilt(&spoilt);
	struct row *row = &spoilt.rows[find_row(AT_COMMITTED, SAYS_SPOILED, AT_HELD_UNKNOWN)];
	row->from = AT_SENDING;
	char wanted[80];
	snprintf(wanted, sizeof wanted, MOVES ":%d: not at AT_SENDING", row->line);
	expect_said(&spoilt, wanted);
}

static void a_guard_that_lets_in_too_much_is_told(void **state)
{
	(void)state;
	struct spoilt spoilt;
	begin_spoilt(&spoilt);
	struct row *row = &spoilt.rows[find_row(AT_LEASED, EV_LOST, AT_LOST)];
	row->line = rows[find_row(AT_LEASED, EV_DONE, AT_FETCHED)].line; /* "true" */
	char wanted[120];
	snprintf(wanted, sizeof wanted, MOVES ":%d: not at AT_LEASED with every job", row->line);
	expect_said(&spoilt, wanted);
}

static void another_work_and_another_event_for_the_cloud_are_told(void **state)
{
	(void)state;
	struct spoilt spoilt;
	begin_spoilt(&spoilt);
	spoilt.rows[find_row(AT_PREPARED, EV_CANCEL, SELF)].asks = DO_CONFIRM;
	expect_said(&spoilt, "SELF, DO_CANCEL, none, none)");
	begin_spoilt(&spoilt);
	spoilt.rows[find_row(AT_OPENED, EV_DONE, AT_SENDING)].tells[0] = "none";
	expect_said(&spoilt, "AT_SENDING, OWN, started, none)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_code_and_the_model_make_the_same_moves),
		cmocka_unit_test(every_stage_has_the_same_work_in_both),
		cmocka_unit_test(every_move_leaves_the_same_flags_in_both),
		cmocka_unit_test(a_hold_remembers_where_it_came_from),
		cmocka_unit_test(a_move_that_only_the_code_makes_is_told_as_a_line_to_add),
		cmocka_unit_test(a_move_that_only_the_model_makes_is_told_as_a_line_to_remove),
		cmocka_unit_test(a_row_of_too_many_stages_is_told),
		cmocka_unit_test(a_guard_that_lets_in_too_much_is_told),
		cmocka_unit_test(another_work_and_another_event_for_the_cloud_are_told),
	};
	return cmocka_run_group_tests(tests, run_machine, drop_machine);
}
