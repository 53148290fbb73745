/* SPDX-License-Identifier: Apache-2.0
 *
 * The code and the model make the same moves. moves.def, which path.pml is made of, is held against
 * everything that path_step does. The second half of this file spoils a copy of the rows and looks
 * whether that is told.
 */
#include "compare.h"
#include "base/mem.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
	int faults = compare(out, &code, rows, n_rows);
	fclose(out);
	fputs(said, stderr); /* all of it: cmocka cuts a long text */
	free(said);
	assert_int_equal(faults, 0);
}

static void every_stage_has_the_same_work_in_both(void **state)
{
	(void)state;
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		int work = (int)path_at((enum stage)stage)->ask;
		if (rows_work(stage) != work) {
			char is[WORD_MAX], asks[WORD_MAX];
			fail_msg(MOVES ": STAGE(%s, %s) is what the code asks there",
				stage_text(stage, is), work_text(work, asks));
		}
	}
}

static void every_move_leaves_the_same_facts_in_both(void **state)
{
	(void)state;
	for (size_t i = 0; i < code.n; i++) {
		const struct deed *deed = &code.all[i];
		const char *fact = rows_wrong_fact(deed);
		if (fact != NULL) {
			char from[WORD_MAX], to[WORD_MAX];
			fail_msg("%s -> %s by %s: the code leaves another %s than FACT in " MOVES,
				stage_text(deed->from, from), stage_text(deed->to, to),
				event_text(deed->event), fact);
		}
	}
}

static void no_step_leads_to_a_job_that_is_not_tried(void **state)
{
	(void)state;
	for (size_t i = 0; i < code.n; i++) {
		const struct deed *deed = &code.all[i];
		bool over = stage_is_final((enum stage)deed->to);
		bool held = deed->to == AT_HELD_OPERATOR;
		assert_true(!deed->after.asking || is_at_device(deed->to));
		assert_true(!deed->after.cancel_asked || is_open(deed->to) || over ||
			    deed->to == AT_PRINTED || deed->from == AT_PRINTED);
		assert_true(deed->after.permitted || deed->to < AT_PERMITTED || held || over);
	}
}

/* ---- can it fail? ---- */

/* The row by which an event leads from that stage to the other. */
static size_t find_row(int from, int event, int to)
{
	for (size_t i = 0; i < n_rows; i++) {
		bool starts = from >= rows[i].from && from <= rows[i].upto;
		if (starts && rows[i].event == event && rows[i].to == to) {
			return i;
		}
	}
	fail_msg("the row that this fact spoils is gone: choose another");
	return 0;
}

/* A copy of the rows to spoil; expect_told frees it. */
static struct row *copy_rows(void)
{
	struct row *copy = mem_new(n_rows, sizeof *copy);
	memcpy(copy, rows, n_rows * sizeof *copy);
	return copy;
}

static void expect_told(struct row *copy, size_t n, const char *wanted)
{
	char *said = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&said, &length);
	int faults = compare(out, &code, copy, n);
	fclose(out);
	bool told = faults > 0 && strstr(said, wanted) != NULL;
	if (!told) {
		fprintf(stderr, "it should have said: %sbut said:\n%s", wanted, said);
	}
	free(said);
	free(copy);
	assert_true(told);
}

/* As expect_told, of the fault at a line. */
static void expect_told_at(struct row *copy, int line, const char *words)
{
	char wanted[160];
	snprintf(wanted, sizeof wanted, MOVES ":%d: %s", line, words);
	expect_told(copy, n_rows, wanted);
}

static void a_move_that_only_the_code_makes_is_told_as_a_line_to_add(void **state)
{
	(void)state;
	struct row *copy = copy_rows();
	copy[find_row(AT_QUEUED, EV_DONE, AT_PERMITTED)] = copy[n_rows - 1];
	expect_told(copy, n_rows - 1,
		"only the code makes this move; add to " MOVES ":\n"
		"\tMOVE(AT_QUEUED, AT_QUEUED, EV_DONE, true, AT_PERMITTED, OWN, none, none)\n");
	copy = copy_rows();
	copy[find_row(AT_HELD_UNKNOWN, EV_RESOLVE, AT_PRINTED)] = copy[n_rows - 1];
	expect_told(copy, n_rows - 1,
		"\tMOVE(AT_HELD_UNKNOWN, AT_HELD_UNKNOWN, EV_RESOLVE, !more, AT_PRINTED, OWN, "
		"resolved, printed)\n");
	copy = copy_rows();
	copy[find_row(AT_SENDING, SAYS_UNKNOWN, AT_HELD_UNKNOWN)] = copy[n_rows - 1];
	expect_told(copy, n_rows - 1,
		"\tMOVE(AT_SENDING, AT_ACCEPTED, SAYS_UNKNOWN, duplicates != DUPLICATES_RELEASE, "
		"AT_HELD_UNKNOWN, WAIT, may_have_printed, none)\n");
}

static void a_move_that_only_the_model_makes_is_told_as_a_line_to_remove(void **state)
{
	(void)state;
	struct row *copy = copy_rows();
	struct row *row = &copy[find_row(AT_SENDING, EV_DONE, AT_COMMITTED)];
	row->to = AT_ACCEPTED;
	expect_told_at(copy, row->line,
		"only the model makes this move; remove the line\n"
		"\tMOVE(AT_SENDING, AT_SENDING, EV_DONE, true, AT_ACCEPTED, OWN, none, none)\n");
}

static void a_row_of_too_many_stages_is_told(void **state)
{
	(void)state;
	struct row *copy = copy_rows();
	struct row *row = &copy[find_row(AT_COMMITTED, SAYS_SPOILED, AT_HELD_UNKNOWN)];
	row->from = AT_SENDING;
	expect_told_at(copy, row->line, "not at AT_SENDING");
}

static void a_guard_that_lets_in_too_much_is_told(void **state)
{
	(void)state;
	struct row *copy = copy_rows();
	struct row *row = &copy[find_row(AT_LEASED, EV_LOST, AT_LOST)];
	row->line = rows[find_row(AT_LEASED, EV_DONE, AT_FETCHED)].line; /* "true" */
	expect_told_at(copy, row->line, "not at AT_LEASED with every job that it lets in");
}

static void another_work_and_another_event_for_the_cloud_are_told(void **state)
{
	(void)state;
	struct row *copy = copy_rows();
	copy[find_row(AT_SENDING, EV_CANCEL, SELF)].asks = DO_CONFIRM;
	expect_told(copy, n_rows, "SELF, DO_CANCEL, none, none)\n");
	copy = copy_rows();
	copy[find_row(AT_OPENED, EV_DONE, AT_SENDING)].tells[0] = "none";
	expect_told(copy, n_rows, "AT_SENDING, OWN, started, none)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_code_and_the_model_make_the_same_moves),
		cmocka_unit_test(every_stage_has_the_same_work_in_both),
		cmocka_unit_test(every_move_leaves_the_same_facts_in_both),
		cmocka_unit_test(no_step_leads_to_a_job_that_is_not_tried),
		cmocka_unit_test(a_move_that_only_the_code_makes_is_told_as_a_line_to_add),
		cmocka_unit_test(a_move_that_only_the_model_makes_is_told_as_a_line_to_remove),
		cmocka_unit_test(a_row_of_too_many_stages_is_told),
		cmocka_unit_test(a_guard_that_lets_in_too_much_is_told),
		cmocka_unit_test(another_work_and_another_event_for_the_cloud_are_told),
	};
	return cmocka_run_group_tests(tests, run_machine, drop_machine);
}
