/* SPDX-License-Identifier: Apache-2.0
 *
 * Points: nothing strikes unless armed; a text arms strikes at the n-th pass.
 */
#include "base/point.h"
#include "base/log.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void drop_line(void *context, enum log_level level, const char *subject, const char *text)
{
	(void)context;
	(void)level;
	(void)subject;
	(void)text;
}

static int disarm(void **state)
{
	(void)state;
	point_arm(NULL, NULL);
	return 0;
}

static void nothing_strikes_by_default(void **state)
{
	(void)state;
	assert_false(point_strikes("stored", "sending"));
}

static bool hear(void *context, const char *place, const char *detail)
{
	strcat(strcat(strcat(context, place), "/"), detail);
	return true;
}

static void a_judge_hears_place_and_detail_and_decides(void **state)
{
	(void)state;
	char heard[64] = "";
	point_arm(hear, heard);
	assert_true(point_strikes("stored", "leased"));
	assert_string_equal(heard, "stored/leased");
}

static void a_text_strikes_once_at_the_nth_pass(void **state)
{
	(void)state;
	struct err err;
	assert_true(point_arm_text("stored/sending:3:fail answering:1:fail", &err));
	assert_false(point_strikes("stored", "sending"));
	assert_false(point_strikes("stored", "leased"));
	assert_false(point_strikes("stored", "sending"));
	assert_true(point_strikes("stored", "sending"));
	assert_false(point_strikes("stored", "sending"));
	assert_true(point_strikes("answering", ""));
}

static void a_kill_ends_the_process_at_once(void **state)
{
	(void)state;
	struct err err;
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		bool fine = point_arm_text("stored/sending:2:kill", &err);
		point_strikes("stored", "sending");
		point_strikes("stored", "sending");
		_exit(fine ? 1 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void what_cannot_be_read_is_named(void **state)
{
	static const char *const bad[] = {"stored", "stored:kill", "stored:0:kill", "stored:x:fail",
		":1:kill", "stored:1:maim", "stored/sending:-2:kill", "sored/sending:1:kill"};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err err = {0};
		assert_false(point_arm_text(bad[i], &err));
		assert_non_null(strstr(err.text, bad[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing_strikes_by_default, disarm),
		cmocka_unit_test_teardown(a_judge_hears_place_and_detail_and_decides, disarm),
		cmocka_unit_test_teardown(a_text_strikes_once_at_the_nth_pass, disarm),
		cmocka_unit_test_teardown(a_kill_ends_the_process_at_once, disarm),
		cmocka_unit_test_teardown(what_cannot_be_read_is_named, disarm),
	};
	log_set_sink(drop_line, NULL, LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
