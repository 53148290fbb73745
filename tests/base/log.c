/* SPDX-License-Identifier: Apache-2.0
 *
 * Log lines: levels, the sink, and nothing that could forge one.
 */
#include "base/log.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct heard {
	int n;
	enum log_level level;
	char subject[64], text[2048];
};

static void hear(void *context, enum log_level level, const char *subject, const char *text)
{
	struct heard *heard = context;
	heard->n++;
	heard->level = level;
	snprintf(heard->subject, sizeof heard->subject, "%s", subject);
	snprintf(heard->text, sizeof heard->text, "%s", text);
}

static void the_sink_hears_what_is_grave_enough(void **state)
{
	(void)state;
	struct heard heard = {0};
	log_set_sink(hear, &heard, LOG_LEVEL_WARN);
	log_info("job 7", "leased");
	log_debug("job 7", "x=%d", 1);
	assert_int_equal(heard.n, 0);
	log_warn("job 7", "late after_ms=%d", 900);
	assert_int_equal(heard.n, 1);
	assert_int_equal(heard.level, LOG_LEVEL_WARN);
	assert_string_equal(heard.subject, "job 7");
	assert_string_equal(heard.text, "late after_ms=900");
	log_error("store", "full");
	assert_int_equal(heard.n, 2);
	log_set_sink(NULL, NULL, LOG_LEVEL_INFO);
}

static void control_bytes_are_escaped(void **state)
{
	(void)state;
	struct heard heard = {0};
	log_set_sink(hear, &heard, LOG_LEVEL_DEBUG);
	log_info("job 7", "label=%s", "x\n<3>job 8: printed\x1b[2J");
	assert_string_equal(heard.text, "label=x\\x0a<3>job 8: printed\\x1b[2J");
	log_set_sink(NULL, NULL, LOG_LEVEL_INFO);
}

static void long_lines_are_cut_not_overrun(void **state)
{
	(void)state;
	struct heard heard = {0};
	log_set_sink(hear, &heard, LOG_LEVEL_DEBUG);
	char words[5000];
	memset(words, '\n', sizeof words - 1);
	words[sizeof words - 1] = '\0';
	log_info("s", "%s", words);
	assert_int_equal(heard.n, 1);
	assert_true(strlen(heard.text) > 1000);
	log_set_sink(NULL, NULL, LOG_LEVEL_INFO);
}

static void without_a_sink_lines_go_to_stderr_with_their_level(void **state)
{
	(void)state;
	FILE *file = tmpfile();
	assert_non_null(file);
	fflush(stderr);
	int kept = dup(STDERR_FILENO);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	log_info("job 7", "printed sheets=%d", 2);
	log_debug("job 7", "not by default");
	log_error("store", "full");
	fflush(stderr);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	char text[256] = "";
	rewind(file);
	size_t len = fread(text, 1, sizeof text - 1, file);
	text[len] = '\0';
	fclose(file);
	assert_string_equal(text, "<6>job 7: printed sheets=2\n<3>store: full\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sink_hears_what_is_grave_enough),
		cmocka_unit_test(control_bytes_are_escaped),
		cmocka_unit_test(long_lines_are_cut_not_overrun),
		cmocka_unit_test(without_a_sink_lines_go_to_stderr_with_their_level),
	};
	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
