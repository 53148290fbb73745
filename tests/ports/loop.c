/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop: the order of a turn, timers that are replaced, stopped and destroyed in their own call,
 * signals; and a hand whose program is missing.
 */
#include "ports/hand.h"
#include "ports/loop.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <string.h>

struct desk {
	struct loop *loop;
	struct loop_timer *timer, *other, *end;
	char said[32]; /* one letter for each thing that happened */
};

static void say(struct desk *desk, char letter)
{
	size_t len = strlen(desk->said);
	if (len + 1 < sizeof desk->said) {
		desk->said[len] = letter;
	}
}

static void on_end(void *context)
{
	struct desk *desk = context;
	loop_stop(desk->loop);
}

static void on_timer(void *context)
{
	say(context, 't');
}

static void on_other(void *context)
{
	struct desk *desk = context;
	say(desk, 'o');
	loop_timer_destroy(desk->other);
	desk->other = NULL;
}

static void on_first(void *context)
{
	struct desk *desk = context;
	if (strchr(desk->said, 't') != NULL && strchr(desk->said, '1') == NULL) {
		say(desk, '1');
	}
}

static void on_second(void *context)
{
	struct desk *desk = context;
	if (strchr(desk->said, '1') != NULL && strchr(desk->said, '2') == NULL) {
		say(desk, '2');
	}
}

static void on_signal(void *context)
{
	say(context, 's');
}

static void begin(struct desk *desk, int64_t ms)
{
	struct err err;
	*desk = (struct desk){.loop = loop_create(&err)};
	assert_non_null(desk->loop);
	desk->timer = loop_timer_create(desk->loop, on_timer, desk);
	desk->other = loop_timer_create(desk->loop, on_other, desk);
	desk->end = loop_timer_create(desk->loop, on_end, desk);
	loop_timer_start(desk->end, ms);
}

static void end(struct desk *desk)
{
	loop_timer_destroy(desk->timer);
	loop_timer_destroy(desk->other);
	loop_timer_destroy(desk->end);
	loop_destroy(desk->loop);
}

static void prepare_hooks_run_after_the_timers_in_their_order(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk, 50);
	loop_on_prepare(desk.loop, on_first, &desk);
	loop_on_prepare(desk.loop, on_second, &desk);
	loop_timer_start(desk.timer, 0);
	loop_run(desk.loop);
	assert_string_equal(desk.said, "t12");
	end(&desk);
}

static void timer_is_replaced_stopped_and_destroyed_in_its_own_call(void **state)
{
	(void)state;
	struct desk desk;
	begin(&desk, 80);
	loop_timer_start(desk.timer, 10);
	loop_timer_start(desk.timer, 20); /* once, not twice */
	loop_timer_start(desk.other, 40);
	loop_run(desk.loop);
	assert_string_equal(desk.said, "to");
	loop_timer_start(desk.timer, 5);
	loop_timer_stop(desk.timer);
	loop_timer_start(desk.end, 30);
	loop_run(desk.loop);
	assert_string_equal(desk.said, "to");
	end(&desk);
}

static void signal_is_heard_in_the_loop(void **state)
{
	(void)state;
	struct desk desk;
	struct err err;
	begin(&desk, 50);
	assert_true(loop_on_signal(desk.loop, SIGUSR1, on_signal, &desk, &err));
	raise(SIGUSR1);
	loop_run(desk.loop);
	assert_string_equal(desk.said, "s");
	end(&desk);
}

static void on_frame(void *context, uint16_t type, const json_t *json)
{
	(void)type;
	(void)json;
	say(context, 'f');
}

static void on_ended(void *context, const char *how)
{
	struct desk *desk = context;
	say(desk, 'e');
	assert_non_null(how);
	loop_stop(desk->loop);
}

static const struct hand_hears hears = {.frame = on_frame, .ended = on_ended};

static void program_that_is_missing_is_named(void **state)
{
	(void)state;
	struct desk desk;
	struct err err;
	begin(&desk, 10);
	const char *argv[] = {"/no/such/program", NULL};
	assert_null(hand_start(desk.loop, argv, &hears, &desk, &err));
	assert_int_equal(err.remedy, REMEDY_FATAL);
	assert_non_null(strstr(err.text, "/no/such/program"));
	loop_run(desk.loop);
	assert_string_equal(desk.said, "");
	end(&desk);
}

static void process_that_ends_or_is_killed_ends_its_hand_once(void **state)
{
	(void)state;
	for (int killed = 0; killed < 2; killed++) {
		struct desk desk;
		struct err err;
		begin(&desk, 5000);
		const char *argv[] = {"/bin/sleep", killed ? "60" : "0", NULL};
		struct hand *hand = hand_start(desk.loop, argv, &hears, &desk, &err);
		assert_non_null(hand);
		hand_send(hand, 1, NULL, NULL, 0); /* nobody reads it */
		if (killed) {
			hand_kill(hand);
			hand_kill(hand);
		}
		loop_run(desk.loop);
		assert_string_equal(desk.said, "e");
		end(&desk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prepare_hooks_run_after_the_timers_in_their_order),
		cmocka_unit_test(timer_is_replaced_stopped_and_destroyed_in_its_own_call),
		cmocka_unit_test(signal_is_heard_in_the_loop),
		cmocka_unit_test(program_that_is_missing_is_named),
		cmocka_unit_test(process_that_ends_or_is_killed_ends_its_hand_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
