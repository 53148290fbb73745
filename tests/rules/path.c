/* SPDX-License-Identifier: Apache-2.0
 *
 * The step function: tables of stage and event, and what must hold for all of them.
 */
#include "rules/path.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1000000)

static struct job at(enum stage stage)
{
	struct job job = {.row = 1,
		.id = "J1",
		.stage = stage,
		.held_from = AT_LEASED,
		.copies = 2,
		.n_pages = 1,
		.prints = 2,
		.printer = "P1"};
	job.permitted = stage >= AT_PERMITTED && stage <= AT_HELD_UNKNOWN;
	if (stage_is_at_device(stage) || stage == AT_HELD_UNKNOWN) {
		job.attempt_row = 5;
		job.attempt = (struct attempt){.copies = 1, .phase = PHASE_COMMITTED};
	}
	return job;
}

static struct outcome step(struct job *job, enum event_kind kind, enum remedy remedy)
{
	struct err err;
	err_set(&err, remedy, "why", "so it is");
	struct event event = {.kind = kind, .err = &err};
	return path_step(job, &event, NOW, 12345);
}

static struct outcome receive(struct job *job, enum verdict verdict, int32_t completed)
{
	bool done = verdict == VERDICT_DONE;
	struct receipt receipt = {.verdict = verdict,
		.evidence = done || completed > 0 ? EVIDENCE_COUNTER : EVIDENCE_NONE,
		.completed = done ? job->attempt.copies : completed,
		.text = "it says so"};
	struct event event = {.kind = EV_RECEIPT, .receipt = &receipt};
	return path_step(job, &event, NOW, 12345);
}

static void every_stage_with_work_leads_to_its_next(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_PRINTED; stage++) {
		struct job job = at(stage);
		if (stage == AT_ACCEPTED) {
			continue; /* only by a receipt */
		}
		struct outcome out = step(&job, EV_DONE, REMEDY_RETRY);
		assert_string_equal(stage_word(job.stage), stage_word(stage + 1));
		assert_true(out.moved);
		assert_int_equal(out.work, path_at(job.stage)->ask);
	}
}

static void done_alone_never_makes_a_print(void **state)
{
	(void)state;
	struct job job = at(AT_ACCEPTED);
	step(&job, EV_DONE, REMEDY_RETRY);
	assert_int_equal(job.stage, AT_ACCEPTED);
}

static void what_is_over_stays_as_it_is(void **state)
{
	(void)state;
	static const enum stage finals[] = {
		AT_REPORTED, AT_QUARANTINED, AT_RELEASED, AT_CANCELLED, AT_LOST};
	for (size_t i = 0; i < sizeof finals / sizeof finals[0]; i++) {
		for (int kind = EV_BEGIN; kind <= EV_RESOLVE; kind++) {
			struct job job = at(finals[i]);
			struct receipt receipt = {.verdict = VERDICT_DONE};
			struct err err = {.remedy = REMEDY_RETRY};
			struct event event = {
				.kind = (enum event_kind)kind, .err = &err, .receipt = &receipt};
			struct outcome out = path_step(&job, &event, NOW, 1);
			assert_int_equal(job.stage, finals[i]);
			assert_int_equal(out.work, DO_NOTHING);
			assert_false(out.moved);
		}
	}
}

/* From COMMITTED on, nothing but the device's proof or a person leads back to where it is sent. */
static void nothing_but_proof_leads_from_committed_to_sending_again(void **state)
{
	(void)state;
	for (enum stage stage = AT_COMMITTED; stage <= AT_ACCEPTED; stage++) {
		for (int kind = EV_BEGIN; kind <= EV_GIVE_BACK; kind++) {
			for (int remedy = REMEDY_RETRY; remedy <= REMEDY_FATAL; remedy++) {
				struct job job = at(stage);
				if (kind == EV_RECEIPT || kind == EV_DONE) {
					continue;
				}
				struct outcome out =
					step(&job, (enum event_kind)kind, (enum remedy)remedy);
				assert_true(job.stage >= AT_COMMITTED);
				assert_true(out.work != DO_SEND && out.work != DO_PREPARE);
				assert_int_equal(out.ledger, LEDGER_NONE);
			}
		}
	}
}

static void a_failing_hand_over_asks_the_printer_at_every_stage_of_it(void **state)
{
	(void)state;
	for (enum stage stage = AT_PREPARED; stage <= AT_COMMITTED; stage++) {
		for (int remedy = REMEDY_RETRY; remedy < REMEDY_FATAL; remedy++) {
			struct job job = at(stage);
			struct outcome out = step(&job, EV_FAILED, (enum remedy)remedy);
			assert_int_equal(job.stage, stage);
			assert_int_equal(out.work, DO_CONFIRM);
			assert_true(job.asking);
		}
		struct job job = at(stage);
		struct outcome out = step(&job, EV_RESTART, REMEDY_RETRY);
		assert_int_equal(out.work, DO_CONFIRM);
		assert_int_equal(job.stage, stage);
	}
}

static void verdicts_lead_where_they_must(void **state)
{
	(void)state;
	static const struct {
		enum verdict verdict;
		enum stage stage;
		enum ledger_change ledger;
		bool over;
	} rows[] = {
		{VERDICT_PENDING, AT_ACCEPTED, LEDGER_NONE, false},
		{VERDICT_DONE, AT_PERMITTED, LEDGER_SETTLE, true},
		{VERDICT_NOT_TAKEN, AT_PERMITTED, LEDGER_SETTLE, true},
		{VERDICT_PARTIAL, AT_HELD_OPERATOR, LEDGER_SETTLE, true},
		{VERDICT_SPOILED, AT_PERMITTED, LEDGER_SETTLE, true},
		{VERDICT_UNKNOWN, AT_HELD_UNKNOWN, LEDGER_SETTLE, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool part = rows[i].verdict == VERDICT_PARTIAL;
		struct job job = at(rows[i].verdict == VERDICT_SPOILED ? AT_SENDING : AT_ACCEPTED);
		job.attempt.copies = part ? 2 : 1;
		struct outcome out = receive(&job, rows[i].verdict, part);
		assert_string_equal(stage_word(job.stage), stage_word(rows[i].stage));
		assert_int_equal(out.ledger, rows[i].ledger);
		assert_int_equal(out.free_printer, rows[i].over);
		/* what is in doubt can still be asked about */
		bool closed = rows[i].over && rows[i].verdict != VERDICT_UNKNOWN;
		assert_int_equal(out.close_attempt, closed);
	}
	struct job job = at(AT_ACCEPTED);
	job.delivered = 1; /* the last one */
	receive(&job, VERDICT_DONE, 1);
	assert_int_equal(job.stage, AT_PRINTED);
}

static void five_hand_overs_not_taken_try_another_printer_and_five_more_ask_a_person(void **state)
{
	(void)state;
	struct job job = at(AT_ACCEPTED);
	strcpy(job.printer, "P1");
	for (int i = 1; i < 2 * SUBMIT_TRIES; i++) {
		assert_string_equal(job.refused_by, i > SUBMIT_TRIES ? "P1" : "");
		struct outcome out = receive(&job, VERDICT_NOT_TAKEN, 0);
		assert_int_equal(job.stage, AT_PERMITTED);
		assert_string_equal(out.tells[0], "retry");
		assert_true(out.wake_ms > NOW);
		job.stage = AT_ACCEPTED;
	}
	receive(&job, VERDICT_NOT_TAKEN, 0);
	assert_int_equal(job.stage, AT_HELD_OPERATOR);
	step(&job, EV_RELEASE, REMEDY_RETRY);
	assert_int_equal(job.stage, AT_PERMITTED);
	assert_int_equal(job.submit_tries, 0);
	assert_string_equal(job.refused_by, "");
}

/* Ten minutes of failing questions at a stage. */
static struct outcome be_silent(struct job *job)
{
	struct err err;
	err_set(&err, REMEDY_RETRY, "printer-absent", "no answer");
	struct event event = {.kind = EV_FAILED, .err = &err};
	job->asking = true;
	struct outcome out = path_step(job, &event, NOW, 1);
	assert_true(out.wake_ms > NOW && !out.concluded);
	out = path_step(job, &event, NOW + UNSURE_WINDOW_MS - 1, 1);
	assert_false(out.concluded);
	return path_step(job, &event, NOW + UNSURE_WINDOW_MS, 1);
}

static void ten_silent_minutes_end_by_what_is_true_without_the_printer(void **state)
{
	(void)state;
	static const struct {
		enum stage stage, then;
		enum verdict verdict;
	} rows[] = {
		{AT_PREPARED, AT_PERMITTED, VERDICT_NOT_TAKEN},
		{AT_OPENED, AT_PERMITTED, VERDICT_NOT_TAKEN},
		{AT_SENDING, AT_PERMITTED, VERDICT_SPOILED},
		{AT_COMMITTED, AT_HELD_UNKNOWN, VERDICT_UNKNOWN},
		{AT_ACCEPTED, AT_HELD_UNKNOWN, VERDICT_UNKNOWN},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct job job = at(rows[i].stage);
		struct outcome out = be_silent(&job);
		assert_string_equal(stage_word(job.stage), stage_word(rows[i].then));
		assert_true(out.concluded);
		assert_int_equal(out.receipt.verdict, rows[i].verdict);
		assert_int_equal(out.ledger, LEDGER_SETTLE);
		assert_int_equal(job.doubt_since_ms, 0);
	}
}

static void a_doubt_ends_with_any_answer(void **state)
{
	(void)state;
	for (int verdict = VERDICT_PENDING; verdict <= VERDICT_UNKNOWN; verdict++) {
		struct job job = at(AT_ACCEPTED);
		job.doubt_since_ms = 1;
		job.asking = true;
		receive(&job, (enum verdict)verdict, 0);
		assert_int_equal(job.doubt_since_ms, 0);
		assert_false(job.asking);
	}
}

static void fetching_is_tried_eight_times_and_rendering_twice(void **state)
{
	(void)state;
	static const struct {
		enum stage stage, then;
		int tries;
	} rows[] = {
		{AT_LEASED, AT_RELEASED, 8},
		{AT_FETCHED, AT_QUARANTINED, 2},
		{AT_INSPECTED, AT_QUARANTINED, 2},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct job job = at(rows[i].stage);
		struct outcome out = {.work = DO_NOTHING};
		for (int tries = 1; tries <= rows[i].tries; tries++) {
			assert_int_equal(job.stage, rows[i].stage);
			out = step(&job, EV_FAILED, REMEDY_RETRY);
		}
		assert_int_equal(job.stage, rows[i].then);
		assert_true(out.give_back);
	}
}

static void a_full_disk_is_waited_out_and_spends_no_try(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_INSPECTED; stage++) {
		struct job job = at(stage);
		for (int look = 0; look < 100; look++) {
			struct err err;
			err_set(&err, REMEDY_RETRY, "disk-full", "0 MiB free");
			struct event event = {.kind = EV_FAILED, .err = &err};
			struct outcome out = path_step(&job, &event, NOW, 12345);
			assert_int_equal(job.stage, stage);
			assert_int_equal(job.tries, 0);
			assert_int_equal(out.work, DO_NOTHING);
			assert_string_equal(job.reason_code, "disk-full");
		}
		assert_true(step(&job, EV_DONE, REMEDY_RETRY).moved);
	}
}

static void a_lost_lease_ends_only_what_is_not_cleared_to_print(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_HELD_OPERATOR; stage++) {
		struct job job = at(stage);
		bool open = stage < AT_PERMITTED || stage == AT_HELD_OPERATOR;
		step(&job, EV_LOST, REMEDY_DROP);
		bool over = stage == AT_REPORTED;
		assert_int_equal(job.stage, open && !over ? AT_LOST : stage);
	}
	struct job job = at(AT_INSPECTED);
	job.permitted = true; /* on its way round again */
	step(&job, EV_LOST, REMEDY_DROP);
	assert_int_equal(job.stage, AT_INSPECTED);
}

static void a_cancel_ends_stops_or_is_too_late(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_HELD_OPERATOR; stage++) {
		struct job job = at(stage);
		struct outcome out = step(&job, EV_CANCEL, REMEDY_DROP);
		if (stage <= AT_PERMITTED || stage == AT_HELD_OPERATOR) {
			assert_int_equal(job.stage, AT_CANCELLED);
		} else {
			assert_int_equal(job.stage, stage);
		}
		bool stops = stage >= AT_PREPARED && stage < AT_COMMITTED;
		assert_int_equal(out.work, stops ? DO_CANCEL : DO_NOTHING);
		bool late = stage == AT_COMMITTED || stage == AT_ACCEPTED;
		assert_int_equal(out.tells[0] != NULL && late,
			late && strcmp(out.tells[0], "cancel_too_late") == 0);
		out = step(&job, EV_CANCEL, REMEDY_DROP); /* said again at each heartbeat */
		assert_int_equal(out.work, DO_NOTHING);
	}
}

static void a_cancel_does_not_disturb_a_question(void **state)
{
	(void)state;
	for (enum stage stage = AT_PREPARED; stage <= AT_ACCEPTED; stage++) {
		struct job job = at(stage);
		job.asking = true;
		struct outcome out = step(&job, EV_CANCEL, REMEDY_DROP);
		assert_int_equal(out.work, DO_NOTHING);
		assert_int_equal(out.wake_ms, 0);
		assert_true(job.cancel_asked);
	}
}

static void what_was_cancelled_prints_nothing_more(void **state)
{
	(void)state;
	static const enum verdict verdicts[] = {
		VERDICT_DONE, VERDICT_NOT_TAKEN, VERDICT_PARTIAL, VERDICT_SPOILED};
	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
		bool spoiled = verdicts[i] == VERDICT_SPOILED;
		struct job job = at(spoiled ? AT_SENDING : AT_ACCEPTED);
		job.attempt.copies = 2;
		job.prints = 3;
		job.cancel_asked = true;
		receive(&job, verdicts[i], verdicts[i] == VERDICT_PARTIAL);
		assert_int_equal(job.stage, AT_CANCELLED);
	}
	struct job job = at(AT_HELD_UNKNOWN);
	job.unknown = 1;
	step(&job, EV_CANCEL, REMEDY_DROP);
	struct receipt receipt = {.verdict = VERDICT_DONE, .completed = 0};
	struct event event = {.kind = EV_RESOLVE, .receipt = &receipt};
	struct outcome out = path_step(&job, &event, NOW, 1);
	assert_int_equal(job.stage, AT_CANCELLED);
	assert_int_equal(out.ledger, LEDGER_RESOLVE);
	assert_string_equal(out.tells[0], "resolved");
	assert_string_equal(out.tells[1], "cancelled");
}

static void a_cancel_leaves_a_question_that_is_under_way(void **state)
{
	(void)state;
	struct job job = at(AT_SENDING);
	job.asking = true;
	struct outcome out = step(&job, EV_CANCEL, REMEDY_DROP);
	assert_int_equal(out.work, DO_NOTHING); /* its wake-up would be lost with it */
	assert_int_equal(out.wake_ms, 0);
	assert_true(job.cancel_asked);
}

static void only_what_has_not_come_out_is_given_to_another_floor(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_HELD_OPERATOR; stage++) {
		struct job job = at(stage);
		bool free = stage <= AT_PERMITTED || stage == AT_HELD_OPERATOR;
		job.delivered = 0;
		struct outcome out = step(&job, EV_REVOKE, REMEDY_DROP);
		assert_int_equal(job.stage, free ? AT_RELEASED : stage);
		assert_int_equal(out.give_back, free);
		assert_int_equal(out.work, DO_NOTHING);
		for (int out_here = 0; out_here < 3; out_here++) {
			job = at(stage);
			job.delivered = out_here == 0;
			job.unknown = out_here == 1;
			job.doubled = out_here == 2;
			out = step(&job, EV_REVOKE, REMEDY_DROP);
			assert_int_equal(job.stage, stage);
			bool over = stage == AT_PRINTED || stage == AT_REPORTED;
			assert_int_equal(out.tells[0] != NULL, !over);
		}
	}
}

static void what_a_driver_says_counts_as_much_as_its_evidence(void **state)
{
	(void)state;
	static const struct {
		enum stage stage;
		struct receipt receipt;
		enum stage then;
	} rows[] = {
		{AT_ACCEPTED, {.verdict = VERDICT_DONE, .completed = 2}, AT_HELD_UNKNOWN},
		{AT_ACCEPTED,
			{.verdict = VERDICT_DONE, .evidence = EVIDENCE_COUNTER, .completed = 1},
			AT_HELD_UNKNOWN},
		{AT_ACCEPTED, {.verdict = VERDICT_PARTIAL, .completed = 1}, AT_HELD_UNKNOWN},
		{AT_ACCEPTED,
			{.verdict = VERDICT_PARTIAL, .evidence = EVIDENCE_COUNTER, .completed = 2},
			AT_PRINTED},
		{AT_COMMITTED, {.verdict = VERDICT_SPOILED}, AT_HELD_UNKNOWN},
		{AT_SENDING, {.verdict = VERDICT_SPOILED}, AT_PERMITTED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct job job = at(rows[i].stage);
		job.prints = job.attempt.copies = 2;
		job.delivered = 0;
		struct event event = {.kind = EV_RECEIPT, .receipt = &rows[i].receipt};
		struct outcome out = path_step(&job, &event, NOW, 1);
		assert_string_equal(stage_word(job.stage), stage_word(rows[i].then));
		assert_true(out.free_printer);
		assert_true(!out.concluded || out.receipt.verdict != rows[i].receipt.verdict);
	}
}

static void the_end_of_the_render_server_is_not_held_against_a_job(void **state)
{
	(void)state;
	struct job job = at(AT_INSPECTED);
	struct err err;
	err_set(&err, REMEDY_RETRY, "render-server", "the render server ended");
	struct event event = {.kind = EV_FAILED, .err = &err};
	for (int i = 0; i < 10; i++) {
		struct outcome out = path_step(&job, &event, NOW, 1);
		assert_int_equal(job.stage, AT_INSPECTED);
		assert_true(out.wake_ms >= NOW);
	}
}

static void a_host_that_is_left_alone_is_not_asked_again_soon(void **state)
{
	(void)state;
	static const struct {
		const char *code;
		int64_t longest_ms;
	} rows[] = {{"asset-host", 5 * MINUTE_MS}, {"http", 500}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct err err;
		err_set(&err, REMEDY_RETRY, rows[i].code, "no answer");
		struct event event = {.kind = EV_FAILED, .err = &err};
		struct job job = at(AT_LEASED);
		struct outcome out = path_step(&job, &event, NOW, 200 * SECOND_MS);
		assert_in_range(out.wake_ms, NOW, NOW + rows[i].longest_ms);
		assert_int_equal(out.wake_ms - NOW > 500, i == 0);
		assert_int_equal(job.tries, 1);
	}
}

static void a_hold_comes_back_to_where_it_was(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_PERMITTED; stage++) {
		struct job job = at(stage);
		step(&job, EV_HOLD, REMEDY_ATTEND);
		assert_int_equal(job.stage, AT_HELD_OPERATOR);
		assert_int_equal(job.reason_kind, REASON_HOLD);
		step(&job, EV_RESTART, REMEDY_RETRY);
		assert_int_equal(job.stage, AT_HELD_OPERATOR);
		struct outcome out = step(&job, EV_RELEASE, REMEDY_RETRY);
		assert_int_equal(job.stage, stage);
		assert_int_equal(job.reason_kind, REASON_NONE);
		assert_int_equal(out.work, path_at(stage)->ask);
	}
}

static void waits_without_an_end_always_have_a_reason(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_ACCEPTED; stage++) {
		struct job job = at(stage);
		job.asking = stage_is_at_device(stage);
		struct outcome out = step(&job, EV_FAILED, REMEDY_RETRY);
		assert_true(out.wake_ms > NOW || out.wake_ms == NOW);
		assert_int_equal(job.reason_kind, REASON_WAIT);
		assert_string_equal(job.reason, "so it is");
	}
}

static void a_redo_goes_back(void **state)
{
	(void)state;
	struct job job = at(AT_LEASED);
	struct outcome out = step(&job, EV_FAILED, REMEDY_REDO);
	assert_int_equal(job.stage, AT_LEASED);
	assert_int_equal(out.work, DO_FETCH);
	assert_null(out.tells[0]); /* it was leased all the time */
	job = at(AT_RENDERED);
	step(&job, EV_FAILED, REMEDY_REDO);
	assert_int_equal(job.stage, AT_INSPECTED);
	job = at(AT_INSPECTED);
	step(&job, EV_FAILED, REMEDY_REDO);
	assert_int_equal(job.stage, AT_LEASED);
}

static void redos_of_all_stages_have_one_limit(void **state)
{
	(void)state;
	struct job job = at(AT_QUEUED);
	for (int i = 0; i < 5; i++) {
		step(&job, EV_FAILED, REMEDY_REDO);
		assert_int_equal(job.stage, AT_INSPECTED);
		step(&job, EV_DONE, REMEDY_REDO);
		step(&job, EV_DONE, REMEDY_REDO);
		assert_int_equal(job.stage, AT_QUEUED);
	}
	step(&job, EV_FAILED, REMEDY_REDO);
	assert_int_equal(job.stage, AT_HELD_OPERATOR);
	step(&job, EV_RELEASE, REMEDY_REDO); /* a person may try it all again */
	step(&job, EV_FAILED, REMEDY_REDO);
	assert_int_equal(job.stage, AT_INSPECTED);
}

static void what_cannot_be_printed_goes_back_or_is_kept_apart(void **state)
{
	(void)state;
	static const enum stage then[] = {[AT_LEASED] = AT_RELEASED,
		[AT_FETCHED] = AT_QUARANTINED,
		[AT_INSPECTED] = AT_QUARANTINED,
		[AT_RENDERED] = AT_RELEASED,
		[AT_QUEUED] = AT_RELEASED};
	for (enum stage stage = AT_LEASED; stage <= AT_QUEUED; stage++) {
		struct job job = at(stage);
		struct outcome out = step(&job, EV_FAILED, REMEDY_REJECT);
		assert_string_equal(stage_word(job.stage), stage_word(then[stage]));
		assert_true(out.give_back);
		job = at(stage);
		job.permitted = true; /* on its way round again: only a person may end it */
		out = step(&job, EV_FAILED, REMEDY_REJECT);
		assert_int_equal(job.stage, AT_HELD_OPERATOR);
		assert_false(out.give_back);
	}
}

static void what_is_no_longer_ours_ends_quietly_unless_cleared_to_print(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_PERMITTED; stage++) {
		struct job job = at(stage);
		struct outcome out = step(&job, EV_FAILED, REMEDY_DROP);
		bool permitted = stage == AT_PERMITTED;
		assert_int_equal(job.stage, permitted ? AT_HELD_OPERATOR : AT_LOST);
		assert_null(out.tells[0]);
	}
}

static void a_person_gives_back_all_that_is_not_at_a_printer(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_HELD_OPERATOR; stage++) {
		struct job job = at(stage);
		struct outcome out = step(&job, EV_GIVE_BACK, REMEDY_DROP);
		bool doubt = stage == AT_HELD_UNKNOWN;
		bool goes = stage <= AT_PERMITTED || doubt || stage == AT_HELD_OPERATOR;
		assert_int_equal(job.stage, goes ? AT_RELEASED : stage);
		assert_int_equal(out.give_back, goes);
		assert_int_equal(out.tells[0] != NULL, goes);
		assert_true(!doubt || strcmp(out.tells[0], "resolved") == 0);
	}
}

static void a_person_who_has_looked_decides_what_remains(void **state)
{
	(void)state;
	for (int32_t printed = 0; printed <= 2; printed++) {
		struct job job = at(AT_HELD_UNKNOWN);
		job.unknown = 2;
		struct receipt receipt = {.completed = printed, .evidence = EVIDENCE_OPERATOR};
		struct event event = {.kind = EV_RESOLVE, .receipt = &receipt};
		struct outcome out = path_step(&job, &event, NOW, 1);
		assert_int_equal(job.stage, printed == 2 ? AT_PRINTED : AT_PERMITTED);
		assert_int_equal(out.ledger, LEDGER_RESOLVE);
		assert_string_equal(out.tells[0], "resolved");
		job = at(AT_HELD_UNKNOWN);
		job.cancel_asked = true;
		path_step(&job, &event, NOW, 1);
		assert_int_equal(job.stage, printed == 2 ? AT_PRINTED : AT_CANCELLED);
		job = at(AT_ACCEPTED); /* where nothing is in doubt, nobody's word counts */
		out = path_step(&job, &event, NOW, 1);
		assert_int_equal(job.stage, AT_ACCEPTED);
		assert_int_equal(out.ledger, LEDGER_NONE);
	}
}

static void nothing_moves_what_waits_for_a_person_but_a_person(void **state)
{
	(void)state;
	static const enum event_kind kinds[] = {EV_DONE, EV_FAILED, EV_WAKE, EV_RECEIPT, EV_HOLD};
	struct receipt receipt = {.verdict = VERDICT_DONE, .evidence = EVIDENCE_COUNTER};
	struct err err = {.remedy = REMEDY_REJECT};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct job job = at(AT_HELD_OPERATOR);
		struct event event = {.kind = kinds[i], .err = &err, .receipt = &receipt};
		struct outcome out = path_step(&job, &event, NOW, 1);
		assert_int_equal(job.stage, AT_HELD_OPERATOR);
		assert_int_equal(out.work, DO_NOTHING);
		assert_false(out.moved);
	}
}

static void an_unfit_machine_stops_and_leaves_the_job_as_it_is(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_HELD_UNKNOWN; stage++) {
		struct job job = at(stage);
		struct outcome out = step(&job, EV_FAILED, REMEDY_FATAL);
		assert_int_equal(out.fatal, stage != AT_REPORTED);
		assert_int_equal(job.stage, stage);
		assert_int_equal(out.work, DO_NOTHING);
	}
}

static void a_fetch_that_takes_too_long_is_a_failed_one(void **state)
{
	(void)state;
	struct job job = at(AT_LEASED);
	struct outcome out = step(&job, EV_LATE, REMEDY_RETRY);
	assert_int_equal(job.tries, 1);
	assert_string_equal(job.reason_code, "late");
	assert_non_null(strstr(job.reason, "1800 s"));
	assert_true(out.wake_ms >= NOW);
}

static void a_wait_ends_with_the_same_work_or_the_same_question(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_ACCEPTED; stage++) {
		struct job job = at(stage);
		assert_int_equal(step(&job, EV_WAKE, REMEDY_RETRY).work, path_at(stage)->ask);
		job.asking = stage_is_at_device(stage);
		struct outcome out = step(&job, EV_WAKE, REMEDY_RETRY);
		assert_int_equal(out.work, job.asking ? DO_CONFIRM : path_at(stage)->ask);
	}
}

static void a_printer_that_has_it_all_has_accepted_it(void **state)
{
	(void)state;
	struct job job = at(AT_COMMITTED);
	job.asking = true; /* the answer to the hand-over was lost */
	struct outcome out = receive(&job, VERDICT_PENDING, 0);
	assert_int_equal(job.stage, AT_ACCEPTED);
	assert_int_equal(out.ledger, LEDGER_ACCEPT);
	assert_string_equal(out.tells[0], "accepted");
	job = at(AT_SENDING); /* below, it only has not let go of it yet */
	job.asking = true;
	out = receive(&job, VERDICT_PENDING, 0);
	assert_int_equal(job.stage, AT_SENDING);
	assert_true(job.asking && out.wake_ms == NOW + 1000);
}

static void a_test_print_is_tried_once(void **state)
{
	(void)state;
	struct job job = at(AT_ACCEPTED);
	job.test = true;
	receive(&job, VERDICT_NOT_TAKEN, 0);
	assert_int_equal(job.stage, AT_CANCELLED);
}

/* ---- what may have printed ---- */

static void late_proof_ends_the_doubt_without_a_person(void **state)
{
	(void)state;
	static const struct {
		enum verdict verdict;
		int32_t completed, copies, prints;
		enum stage then;
		enum ledger_change ledger;
		const char *tells[2];
	} rows[] = {
		{VERDICT_DONE, 1, 1, 1, AT_PRINTED, LEDGER_SETTLE, {"resolved", "printed"}},
		{VERDICT_DONE, 1, 1, 2, AT_PERMITTED, LEDGER_SETTLE, {"resolved", NULL}},
		{VERDICT_NOT_TAKEN, 0, 1, 2, AT_PERMITTED, LEDGER_SETTLE, {"resolved", "retry"}},
		{VERDICT_PARTIAL, 1, 2, 2, AT_HELD_OPERATOR, LEDGER_SETTLE,
			{"resolved", "interrupted"}},
		{VERDICT_PENDING, 0, 1, 2, AT_ACCEPTED, LEDGER_ACCEPT, {"accepted", NULL}},
		{VERDICT_UNKNOWN, 0, 1, 2, AT_HELD_UNKNOWN, LEDGER_NONE, {NULL, NULL}},
		{VERDICT_SPOILED, 0, 1, 2, AT_HELD_UNKNOWN, LEDGER_NONE, {NULL, NULL}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct job job = at(AT_HELD_UNKNOWN);
		job.prints = rows[i].prints;
		job.attempt.copies = rows[i].copies;
		struct outcome out = receive(&job, rows[i].verdict, rows[i].completed);
		assert_string_equal(stage_word(job.stage), stage_word(rows[i].then));
		assert_int_equal(out.ledger, rows[i].ledger);
		for (int tell = 0; tell < 2; tell++) {
			const char *wanted = rows[i].tells[tell];
			assert_int_equal(out.tells[tell] == NULL, wanted == NULL);
			assert_true(wanted == NULL || strcmp(out.tells[tell], wanted) == 0);
		}
		bool kept = job.stage == AT_HELD_UNKNOWN || job.stage == AT_ACCEPTED;
		assert_int_equal(out.close_attempt, !kept);
	}
}

static void nothing_is_in_doubt_before_a_byte_was_sent(void **state)
{
	(void)state;
	for (enum stage stage = AT_PREPARED; stage <= AT_SENDING; stage++) {
		struct job job = at(stage);
		struct outcome out = receive(&job, VERDICT_UNKNOWN, 0);
		bool sent = stage == AT_SENDING;
		assert_int_equal(job.stage, sent ? AT_HELD_UNKNOWN : AT_PERMITTED);
		assert_int_equal(out.concluded, !sent);
	}
}

static void doubt_is_asked_about_again_and_again(void **state)
{
	(void)state;
	struct job job = at(AT_ACCEPTED);
	struct outcome out = receive(&job, VERDICT_UNKNOWN, 0);
	assert_int_equal(job.stage, AT_HELD_UNKNOWN);
	for (int i = 0; i < 50; i++) {
		assert_in_range(out.wake_ms, NOW + LATE_PROOF_MS / 2, NOW + LATE_PROOF_MAX_MS);
		assert_false(out.wake_is_late);
		out = step(&job, EV_WAKE, REMEDY_RETRY);
		assert_int_equal(out.work, DO_CONFIRM);
		out = step(&job, EV_FAILED, REMEDY_RETRY); /* it does not answer */
		assert_int_equal(job.stage, AT_HELD_UNKNOWN);
		assert_int_equal(job.reason_kind, REASON_HOLD);
	}
	out = step(&job, EV_RESTART, REMEDY_RETRY);
	assert_int_equal(out.work, DO_CONFIRM);
}

static void a_counter_proves_nothing_once_others_printed(void **state)
{
	(void)state;
	static const struct {
		bool before, after, shared;
		enum evidence evidence;
		enum stage then;
	} rows[] = {
		{false, false, false, EVIDENCE_COUNTER, AT_PRINTED},
		{true, false, false, EVIDENCE_COUNTER, AT_HELD_UNKNOWN},
		{false, true, false, EVIDENCE_COUNTER, AT_HELD_UNKNOWN},
		{false, false, true, EVIDENCE_COUNTER, AT_HELD_UNKNOWN},
		/* its own record of the job is another matter */
		{true, true, true, EVIDENCE_IMPRESSIONS, AT_PRINTED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (int32_t completed = 1; completed <= 2; completed++) {
			struct job job = at(AT_HELD_UNKNOWN);
			job.prints = job.attempt.copies = 2;
			job.attempt.before.foreign = rows[i].before;
			bool done = completed == 2;
			struct receipt receipt = {.completed = completed,
				.verdict = done ? VERDICT_DONE : VERDICT_PARTIAL,
				.evidence = rows[i].evidence,
				.after = {.foreign = rows[i].after}};
			struct event event = {
				.kind = EV_RECEIPT, .receipt = &receipt, .shared = rows[i].shared};
			path_step(&job, &event, NOW, 1);
			bool proven = rows[i].then == AT_PRINTED;
			assert_int_equal(
				job.stage, proven && !done ? AT_HELD_OPERATOR : rows[i].then);
		}
	}
}

static void a_counter_that_stood_still_while_others_printed_is_broken(void **state)
{
	(void)state;
	for (int shared = 0; shared <= 1; shared++) {
		struct job job = at(AT_ACCEPTED);
		struct receipt receipt = {
			.verdict = VERDICT_NOT_TAKEN, .evidence = EVIDENCE_COUNTER};
		struct event event = {
			.kind = EV_RECEIPT, .receipt = &receipt, .shared = shared != 0};
		path_step(&job, &event, NOW, 1);
		assert_int_equal(job.stage, shared ? AT_HELD_UNKNOWN : AT_PERMITTED);
	}
}

static void what_a_product_prefers_decides_about_duplicates(void **state)
{
	(void)state;
	struct job job = at(AT_ACCEPTED);
	job.duplicates = DUPLICATES_RELEASE;
	struct outcome out = receive(&job, VERDICT_UNKNOWN, 0);
	assert_int_equal(job.stage, AT_RELEASED);
	assert_true(out.give_back);
	assert_string_equal(out.tells[0], "may_have_printed");
	assert_string_equal(out.tells[1], "released");

	job = at(AT_ACCEPTED);
	job.duplicates = DUPLICATES_REPRINT;
	for (int i = 0; i < REPRINT_TRIES; i++) {
		job.stage = AT_ACCEPTED;
		out = receive(&job, VERDICT_UNKNOWN, 0);
		assert_int_equal(job.stage, AT_PERMITTED);
		assert_int_equal(out.ledger, LEDGER_REPRINT);
		assert_string_equal(out.tells[0], "may_have_printed");
		assert_string_equal(out.tells[1], "resolved");
		assert_true(out.close_attempt);
	}
	job.stage = AT_ACCEPTED; /* a printer that keeps nobody informed is looked at */
	out = receive(&job, VERDICT_UNKNOWN, 0);
	assert_int_equal(job.stage, AT_HELD_UNKNOWN);
	assert_int_equal(out.ledger, LEDGER_SETTLE);
}

static void what_is_cancelled_is_not_printed_again_by_policy(void **state)
{
	(void)state;
	struct job job = at(AT_ACCEPTED);
	job.duplicates = DUPLICATES_REPRINT;
	job.cancel_asked = true;
	receive(&job, VERDICT_UNKNOWN, 0);
	assert_int_equal(job.stage, AT_HELD_UNKNOWN);
}

static void a_person_who_counts_more_than_the_printer_ends_the_job(void **state)
{
	(void)state;
	struct job job = at(AT_HELD_OPERATOR);
	job.held_from = AT_PERMITTED;
	job.delivered = job.prints;
	struct outcome out = step(&job, EV_RELEASE, REMEDY_DROP);
	assert_int_equal(job.stage, AT_PRINTED);
	assert_string_equal(out.tells[0], "resolved");
	assert_string_equal(out.tells[1], "printed");
}

static void what_is_late_is_asked_about(void **state)
{
	(void)state;
	for (enum stage stage = AT_LEASED; stage <= AT_ACCEPTED; stage++) {
		struct job job = at(stage);
		struct outcome out = step(&job, EV_BEGIN, REMEDY_RETRY);
		int64_t patience_ms = path_at(stage)->patience_ms;
		assert_int_equal(out.wake_ms, patience_ms == 0 ? 0 : NOW + patience_ms);
		assert_int_equal(out.wake_is_late, patience_ms != 0);
		/* paper may run out in the middle of an upload: nobody counts the time */
		bool upload = stage == AT_SENDING || stage == AT_COMMITTED;
		assert_true(!upload || patience_ms == 0);
	}
	struct job job = at(AT_COMMITTED);
	assert_int_equal(step(&job, EV_LATE, REMEDY_RETRY).work, DO_CONFIRM);
}

static void stages_and_words_match_both_ways(void **state)
{
	(void)state;
	for (int i = 0; i < STAGE_COUNT; i++) {
		enum stage found;
		assert_true(stage_from_word(stage_word((enum stage)i), &found));
		assert_int_equal(found, i);
	}
	enum stage untouched = AT_SENDING;
	assert_false(stage_from_word("closed", &untouched));
	assert_int_equal(untouched, AT_SENDING);
}

static void the_phase_of_an_attempt_is_that_of_its_stage(void **state)
{
	(void)state;
	for (enum stage stage = AT_PREPARED; stage <= AT_ACCEPTED; stage++) {
		assert_string_equal(phase_name(stage_phase(stage)), stage_word(stage));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stage_with_work_leads_to_its_next),
		cmocka_unit_test(done_alone_never_makes_a_print),
		cmocka_unit_test(what_is_over_stays_as_it_is),
		cmocka_unit_test(nothing_but_proof_leads_from_committed_to_sending_again),
		cmocka_unit_test(a_failing_hand_over_asks_the_printer_at_every_stage_of_it),
		cmocka_unit_test(verdicts_lead_where_they_must),
		cmocka_unit_test(
			five_hand_overs_not_taken_try_another_printer_and_five_more_ask_a_person),
		cmocka_unit_test(ten_silent_minutes_end_by_what_is_true_without_the_printer),
		cmocka_unit_test(a_doubt_ends_with_any_answer),
		cmocka_unit_test(fetching_is_tried_eight_times_and_rendering_twice),
		cmocka_unit_test(a_full_disk_is_waited_out_and_spends_no_try),
		cmocka_unit_test(a_lost_lease_ends_only_what_is_not_cleared_to_print),
		cmocka_unit_test(a_cancel_ends_stops_or_is_too_late),
		cmocka_unit_test(a_cancel_does_not_disturb_a_question),
		cmocka_unit_test(what_was_cancelled_prints_nothing_more),
		cmocka_unit_test(a_cancel_leaves_a_question_that_is_under_way),
		cmocka_unit_test(only_what_has_not_come_out_is_given_to_another_floor),
		cmocka_unit_test(what_a_driver_says_counts_as_much_as_its_evidence),
		cmocka_unit_test(the_end_of_the_render_server_is_not_held_against_a_job),
		cmocka_unit_test(a_host_that_is_left_alone_is_not_asked_again_soon),
		cmocka_unit_test(a_hold_comes_back_to_where_it_was),
		cmocka_unit_test(waits_without_an_end_always_have_a_reason),
		cmocka_unit_test(a_redo_goes_back),
		cmocka_unit_test(redos_of_all_stages_have_one_limit),
		cmocka_unit_test(what_cannot_be_printed_goes_back_or_is_kept_apart),
		cmocka_unit_test(what_is_no_longer_ours_ends_quietly_unless_cleared_to_print),
		cmocka_unit_test(a_person_gives_back_all_that_is_not_at_a_printer),
		cmocka_unit_test(a_person_who_has_looked_decides_what_remains),
		cmocka_unit_test(nothing_moves_what_waits_for_a_person_but_a_person),
		cmocka_unit_test(an_unfit_machine_stops_and_leaves_the_job_as_it_is),
		cmocka_unit_test(a_fetch_that_takes_too_long_is_a_failed_one),
		cmocka_unit_test(a_wait_ends_with_the_same_work_or_the_same_question),
		cmocka_unit_test(a_printer_that_has_it_all_has_accepted_it),
		cmocka_unit_test(a_test_print_is_tried_once),
		cmocka_unit_test(late_proof_ends_the_doubt_without_a_person),
		cmocka_unit_test(nothing_is_in_doubt_before_a_byte_was_sent),
		cmocka_unit_test(doubt_is_asked_about_again_and_again),
		cmocka_unit_test(a_counter_proves_nothing_once_others_printed),
		cmocka_unit_test(a_counter_that_stood_still_while_others_printed_is_broken),
		cmocka_unit_test(what_a_product_prefers_decides_about_duplicates),
		cmocka_unit_test(what_is_cancelled_is_not_printed_again_by_policy),
		cmocka_unit_test(a_person_who_counts_more_than_the_printer_ends_the_job),
		cmocka_unit_test(what_is_late_is_asked_about),
		cmocka_unit_test(stages_and_words_match_both_ways),
		cmocka_unit_test(the_phase_of_an_attempt_is_that_of_its_stage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
