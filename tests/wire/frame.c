/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames between processes.
 */
#include "wire/frame.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void frames_come_out_as_they_went_in(void **state)
{
	(void)state;
	struct buf out = {0};
	frame_put(&out, 7, "{\"a\":1}", 7);
	frame_put(&out, 65535, "", 0);
	assert_int_equal(out.len, 2 * FRAME_HEAD_BYTES + 7);
	struct buf body = {0};
	struct frame frame;
	size_t used;
	struct err err;
	assert_int_equal(frame_get(out.bytes, out.len, &body, &frame, &used, &err), FRAME_ONE);
	assert_int_equal(frame.type, 7);
	assert_int_equal(frame.len, 7);
	assert_string_equal(frame.body, "{\"a\":1}");
	assert_int_equal(used, FRAME_HEAD_BYTES + 7);
	buf_drop(&out, used);
	assert_int_equal(frame_get(out.bytes, out.len, &body, &frame, &used, &err), FRAME_ONE);
	assert_int_equal(frame.type, 65535);
	assert_string_equal(frame.body, "");
	buf_drop(&out, used);
	assert_int_equal(frame_get(buf_get(&out), out.len, &body, &frame, &used, &err), FRAME_MORE);
	buf_fini(&out);
	buf_fini(&body);
}

static void every_cut_asks_for_more(void **state)
{
	(void)state;
	struct buf out = {0};
	frame_put(&out, 3, "0123456789", 10);
	struct buf body = {0};
	for (size_t len = 0; len < out.len; len++) {
		char *exact = malloc(len > 0 ? len : 1);
		assert_non_null(exact);
		memcpy(exact, out.bytes, len);
		struct frame frame = {.type = 99};
		size_t used = 77;
		struct err err;
		assert_int_equal(frame_get(exact, len, &body, &frame, &used, &err), FRAME_MORE);
		assert_int_equal(frame.type, 99);
		assert_int_equal(used, 77);
		free(exact);
	}
	buf_fini(&out);
	buf_fini(&body);
}

static enum frame_found get_head(const unsigned char head[FRAME_HEAD_BYTES], struct err *err)
{
	struct buf body = {0};
	struct frame frame;
	size_t used;
	enum frame_found found =
		frame_get((const char *)head, FRAME_HEAD_BYTES, &body, &frame, &used, err);
	buf_fini(&body);
	return found;
}

static void the_head_is_as_documented(void **state)
{
	(void)state;
	struct buf out = {0};
	char body[300] = {0};
	frame_put(&out, 0x0102, body, sizeof body);
	static const unsigned char head[] = {0x2c, 0x01, 0, 0, 0x02, 0x01, FRAME_VERSION, 0};
	assert_memory_equal(out.bytes, head, sizeof head);
	buf_fini(&out);
}

static void other_versions_and_sizes_end_the_channel(void **state)
{
	(void)state;
	struct err err;
	unsigned char most[] = {0, 0, 4, 0, 1, 0, FRAME_VERSION, 0}; /* 256 KiB exactly */
	assert_int_equal(get_head(most, &err), FRAME_MORE);
	unsigned char over[] = {1, 0, 4, 0, 1, 0, FRAME_VERSION, 0};
	assert_int_equal(get_head(over, &err), FRAME_BAD);
	assert_string_equal(err.code, "frame");
	unsigned char huge[] = {255, 255, 255, 255, 1, 0, FRAME_VERSION, 0};
	assert_int_equal(get_head(huge, &err), FRAME_BAD);
	unsigned char newer[] = {0, 0, 0, 0, 1, 0, FRAME_VERSION + 1, 0};
	assert_int_equal(get_head(newer, &err), FRAME_BAD);
	assert_non_null(strstr(err.text, "version 2"));
	unsigned char high[] = {0, 0, 0, 0, 1, 0, FRAME_VERSION, 1};
	assert_int_equal(get_head(high, &err), FRAME_BAD);
}

static void bytes_that_come_one_by_one_make_the_same_frames(void **state)
{
	(void)state;
	struct buf wire = {0};
	for (uint16_t i = 0; i < 50; i++) {
		char text[64];
		memset(text, 'a' + i % 26, sizeof text);
		frame_put(&wire, i, text, i);
	}
	struct buf in = {0};
	struct buf body = {0};
	uint16_t seen = 0;
	for (size_t i = 0; i < wire.len; i++) {
		buf_add(&in, wire.bytes + i, 1);
		struct frame frame;
		size_t used;
		struct err err;
		while (frame_get(in.bytes, in.len, &body, &frame, &used, &err) == FRAME_ONE) {
			assert_int_equal(frame.type, seen);
			assert_int_equal(frame.len, seen);
			assert_int_equal(strlen(frame.body), seen);
			buf_drop(&in, used);
			seen++;
		}
	}
	assert_int_equal(seen, 50);
	assert_int_equal(in.len, 0);
	buf_fini(&wire);
	buf_fini(&in);
	buf_fini(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_out_as_they_went_in),
		cmocka_unit_test(every_cut_asks_for_more),
		cmocka_unit_test(the_head_is_as_documented),
		cmocka_unit_test(other_versions_and_sizes_end_the_channel),
		cmocka_unit_test(bytes_that_come_one_by_one_make_the_same_frames),
	};
	return cmocka_run_group_tests_name("wire/frame", tests, NULL, NULL);
}
