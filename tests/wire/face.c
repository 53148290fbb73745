/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/face.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static struct face some_face(void)
{
	struct face face = {.known = true,
		.title = "Fotó 1",
		.firmware = "2",
		.tables = "gloss 7",
		.paused = true,
		.knows_media = true,
		.config_changed_s = COUNT_UNKNOWN,
		.up_time_s = COUNT_UNKNOWN,
		.n_media = 2};
	face.takes[FORMAT_URF] = true;
	strcpy(face.media[0], "na_5x7_5x7in");
	strcpy(face.media[1], "roll_max_24x118in");
	return face;
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	struct face face = some_face(), back;
	struct err err;
	json_t *json = face_to_json(&face);
	memset(&back, 0x5A, sizeof back);
	assert_true(face_from_json(json, &back, &err));
	assert_memory_equal(&face, &back, sizeof face);
	json_decref(json);
}

static void what_is_no_face_changes_nothing(void **state)
{
	(void)state;
	static const char *const keys[] = {"known", "title", "firmware", "tables", "paused",
		"stranger", "knows_media", "takes", "media"};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct face face = some_face(), before = face;
		struct err err = {.text = ""};
		json_t *json = face_to_json(&face);
		json_object_del(json, keys[i]);
		assert_false(face_from_json(json, &face, &err));
		assert_true(err.text[0] != '\0');
		json_object_set_new(json, keys[i], json_real(1.5));
		assert_false(face_from_json(json, &face, &err));
		assert_memory_equal(&face, &before, sizeof face);
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(what_is_no_face_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
