/* SPDX-License-Identifier: Apache-2.0
 *
 * The growing run of bytes.
 */
#include "base/buf.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void an_empty_buffer_reads_as_empty_text(void **state)
{
	(void)state;
	struct buf buf = {0};
	assert_string_equal(buf_get(&buf), "");
	buf_clear(&buf);
	buf_drop(&buf, 0);
	buf_drop(&buf, 7);
	assert_int_equal(buf.len, 0);
	buf_add(&buf, NULL, 0);
	assert_string_equal(buf_get(&buf), "");
	buf_fini(&buf);
	assert_null(buf.bytes);
}

static void growing_keeps_every_byte_and_the_nul(void **state)
{
	(void)state;
	struct buf buf = {0};
	for (int i = 0; i < 10000; i++) {
		char c = (char)i;
		buf_add(&buf, &c, 1);
		assert_int_equal(buf.bytes[buf.len], 0);
	}
	assert_int_equal(buf.len, 10000);
	for (int i = 0; i < 10000; i++) {
		assert_true(buf.bytes[i] == (char)i);
	}
	buf_fini(&buf);
}

static void prints_of_any_length_fit(void **state)
{
	(void)state;
	struct buf buf = {0};
	buf_text(&buf, "a");
	for (int i = 0; i < 100; i++) {
		buf_print(&buf, "%*d|", i, i);
	}
	assert_memory_equal(buf_get(&buf), "a0|1| 2|  3|", 12);
	buf_print(&buf, "%s", "");
	size_t len = buf.len;
	buf_print(&buf, "%1000s", "x");
	assert_int_equal(buf.len, len + 1000);
	assert_int_equal(buf.len, strlen(buf_get(&buf)));
	buf_fini(&buf);
}

static void dropping_takes_from_the_front(void **state)
{
	(void)state;
	struct buf buf = {0};
	buf_text(&buf, "frameREST");
	buf_drop(&buf, 5);
	assert_string_equal(buf_get(&buf), "REST");
	buf_text(&buf, "!");
	assert_string_equal(buf_get(&buf), "REST!");
	buf_drop(&buf, 5);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf_get(&buf), "");
	buf_text(&buf, "again");
	buf_clear(&buf);
	assert_string_equal(buf_get(&buf), "");
	assert_true(buf.room > 0);
	buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_reads_as_empty_text),
		cmocka_unit_test(growing_keeps_every_byte_and_the_nul),
		cmocka_unit_test(prints_of_any_length_fit),
		cmocka_unit_test(dropping_takes_from_the_front),
	};
	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
